"""Uploads: bytes come in any number of requests, are looked at when all are there, and are stored.

An upload that is whole becomes a file that its owner may say; see docs/files.md for what holds at
each moment of it.
"""

from __future__ import annotations

import asyncio
import logging
import math
import secrets
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from weakref import WeakValueDictionary

from msgspec import Struct

from hubbub.domain.errors import (
    BadMessage,
    ChatError,
    InternalError,
    LogUnavailable,
    RateLimited,
    TooMany,
)
from hubbub.domain.filenames import over_quota, parse_file_name, spoken_size, too_large
from hubbub.domain.files import File
from hubbub.domain.ids import UserId
from hubbub.hub.fairqueue import to_its_end
from hubbub.hub.fileports import Begun, Blobs, Examine, Examined, Uploads, thumbnail_of
from hubbub.hub.limits import spoken
from hubbub.hub.ports import FileRecord, ForgetFiles, KeepFile
from hubbub.hub.rate import DAY_SECONDS, Buckets, take_token

if TYPE_CHECKING:
    from hubbub.hub.services import Services
    from hubbub.hub.session import User

DAY_MS = 86_400_000
EXPIRES_MS = DAY_MS  # an upload that is not whole by then, or not said, is deleted
MOST_OPEN = 20  # uploads of one user at a time: two messages full of files
MOST_OPEN_IN_ALL = 1000
RECEIVED_AT_ONCE = 10  # requests of one client that bring bytes: more than a browser opens
RECEIVED_IN_ALL = 128  # each has some 300 KiB in memory at most
EXAMINED_AT_ONCE = 2  # each is a process that may take a processor
MOST_ENDED = 500  # uploads that have failed, of which it is known why
STILL_SECONDS = 60.0  # without a byte: then an upload keeps no room, and gives way to others
HAND_OVER_SECONDS = 5.0  # in which a request lets go of an upload that another one goes on with
TOO_LARGE = "content-too-large"  # as HTTP calls it
NO_SHARE = 2**60  # bytes of one owner: more than there are
ID_BYTES = 16  # 128 bits: not to be guessed

_logger = logging.getLogger(__name__)

State = Literal["receiving", "examining", "ready", "failed"]


class FilePorts(Struct, frozen=True):
    """What files need of the world."""

    blobs: Blobs
    uploads: Uploads
    examine: Examine


class NoSuchFile(Exception):
    """There is no such file, or upload, for who asks."""


class WrongOffset(Exception):
    """Somebody wants to go on where an upload is not."""


class TooLarge(Exception):
    """More bytes have come than an upload has, or than may be."""


@dataclass(eq=False)
class Upload:
    """One upload. ``offset``: so many bytes are on the disk.

    ``writing``: what ends the request that brings bytes now, when another one goes on with it.
    ``moved``: when something of it came, by the hub's monotonic clock. ``done``: it is a file, or
    has failed with ``error``.
    """

    begun: Begun
    offset: int = 0
    state: State = "receiving"
    error: ChatError | None = None
    file: FileRecord | None = None
    writing: asyncio.Timeout | None = None
    moved: float = -math.inf
    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def expires(self) -> int:
        """When it is deleted, unless it is said by then; in ms."""
        return self.begun.at + EXPIRES_MS


class Uploading:
    """All uploads of this server."""

    def __init__(self, hub: Services, ports: FilePorts) -> None:
        self._hub = hub
        self.blobs, self._uploads, self._examine = ports.blobs, ports.uploads, ports.examine
        self._open: dict[str, Upload] = {}
        self._ended: OrderedDict[str, Upload] = OrderedDict()
        self._receiving: Counter[str] = Counter()
        self._examining = asyncio.Semaphore(EXAMINED_AT_ONCE)
        self._turns: WeakValueDictionary[UserId, asyncio.Lock] = WeakValueDictionary()
        self._guests: Buckets[str] = Buckets()
        self._in_all: int | None = None
        self.spare: Callable[[], None] = _nobody
        """Is told that there may be a blob now which no file has: the same was there already."""

    @property
    def open(self) -> int:
        """How many are under way."""
        return len(self._open)

    @property
    def most_bytes(self) -> int:
        """Of one file; 0: none are taken."""
        return self._hub.settings.file_bytes

    async def load(self) -> None:
        """Goes on with what was there when the server stopped. Raises `LogUnavailable`."""
        for begun, offset in await self._uploads.load():
            upload = self._open[begun.id] = Upload(begun, offset)
            if offset == begun.size:
                self._look_at(upload)

    # Begin

    async def begin(self, user: User, name: str, size: int | None, client: str) -> Upload:
        """A new upload of ``user``, who asks from ``client`` (its key).

        Raises `TooMany`, `RateLimited`, `BadMessage`, `LogUnavailable`, `TooLarge`.
        """
        with self._counting():
            return await self._begin(user, name, size, client)

    async def _begin(self, user: User, name: str, size: int | None, client: str) -> Upload:
        hub, id = self._hub, user.id
        if not self.most_bytes:
            raise BadMessage("No files are taken here.")
        if size is not None and size > self.most_bytes:
            raise TooLarge(too_large(size, self.most_bytes))
        if id is None:
            raise BadMessage("Files are taken only of who has a name here.")
        self._take_token(id)
        hub.disk.check()
        taken = await hub.log.file_bytes(id)
        free, in_all = await self._uploads.free(), await self._bytes_in_all()
        # From here on nothing is waited for, so that two cannot have the same room.
        bytes_of = self.most_bytes if size is None else size
        gives_way = self._check_open(id)
        self._check_room(id, taken, bytes_of, in_all, free)
        if not user.account:
            self._take_of_guests(client, bytes_of)
        begun = Begun(
            secrets.token_urlsafe(ID_BYTES), id, parse_file_name(name), size, hub.clock(), client
        )
        upload = self._open[begun.id] = Upload(begun, moved=hub.monotonic())
        try:
            if gives_way is not None:
                await self._drop(gives_way)
            await to_its_end(self._uploads.begin(begun))
        except BaseException:
            self._open.pop(begun.id, None)
            raise
        return upload

    @contextmanager
    def _counting(self) -> Iterator[None]:
        """Counts what is refused."""
        try:
            yield
        except (ChatError, TooLarge) as error:
            code = error.code if isinstance(error, ChatError) else TOO_LARGE
            self._hub.measures.uploads_refused[code] += 1
            raise

    def _take_token(self, id: UserId) -> None:
        hub, now = self._hub, self._hub.monotonic()
        settings = hub.settings
        bucket, wait = take_token(
            hub.errand_rates.of(id), settings.rate_limit, settings.rate_burst, now
        )
        if wait > 0:
            raise RateLimited(
                f"You are too fast. Nothing was uploaded; try again in {spoken(wait)}.",
                retry_after=round(wait + 0.001, 3),
            )
        hub.errand_rates.keep(id, bucket, now)

    def _check_open(self, id: UserId) -> Upload | None:
        """The upload that gives way to one more of ``id``, if there are as many as may be.

        It is one that stands still: who never heard of it, as the answer was lost, cannot cancel
        it. When all together have too many, it is one of whose address has most. Raises
        `RateLimited` if none stands still.
        """
        mine = list(self._of(id))
        if len(mine) >= MOST_OPEN:
            crowd = mine
        elif len(self._open) >= MOST_OPEN_IN_ALL:
            crowd = list(self._open.values())
        else:
            return None
        of_client = Counter(one.begun.client for one in crowd)
        still = filter(self._stands_still, crowd)
        found = min(still, key=lambda one: (-of_client[one.begun.client], one.moved), default=None)
        if found is None:
            raise RateLimited(
                "There are as many uploads under way as may be. Wait until one is done, or cancel "
                "one.",
                retry_after=1.0,
            )
        return found

    def _stands_still(self, upload: Upload) -> bool:
        idle = upload.state == "receiving" and upload.writing is None
        return idle and self._hub.monotonic() - upload.moved >= STILL_SECONDS

    def _check_room(self, id: UserId, taken: int, size: int, in_all: int, free: int | None) -> None:
        settings = self._hub.settings
        mine = taken + sum(self._claim(one) for one in self._of(id))
        most = settings.files_per_user_bytes
        if most and mine + size > most:
            raise over_quota(mine, size, most)
        coming = sum(map(self._claim, self._open.values()))
        if settings.files_in_all_bytes and in_all + coming + size > settings.files_in_all_bytes:
            raise TooMany(
                "The files of all people here take as much as they may, so no more are taken until "
                "some are deleted. Tell who keeps this server."
            )
        rest = sum(self._claim(one) - one.offset for one in self._open.values())
        if free is not None and free - rest - size < settings.free_disk_bytes:
            raise LogUnavailable(
                "The disk of this server has no room for this file until its keeper makes some.",
                retry_after=60.0,
            )

    def _of(self, id: UserId) -> Iterator[Upload]:
        return (one for one in self._open.values() if one.begun.owner == id)

    def _weight(self, upload: Upload) -> int:
        return self.most_bytes if upload.begun.size is None else upload.begun.size

    def _claim(self, upload: Upload) -> int:
        """The bytes of the quotas and of the disk that are kept for it.

        All that it may have; but nobody keeps room from others by announcing what does not come.
        """
        return upload.offset if self._stands_still(upload) else self._weight(upload)

    def _take_of_guests(self, client: str, size: int) -> None:
        """Who has no account could be somebody new for each file, so their address counts."""
        most, now = self._hub.settings.files_per_user_bytes, self._hub.monotonic()
        if not most:
            return
        bucket, wait = take_token(self._guests.of(client), most / DAY_SECONDS, most, now, cost=size)
        if wait > 0:
            raise RateLimited(
                f"The files of guests at your address take {spoken_size(most)} within a day, as "
                f"much as may be. Make an account, or come back in {spoken(wait)}.",
                retry_after=round(wait + 0.001, 3),
            )
        self._guests.keep(client, bucket, now)

    async def _bytes_in_all(self) -> int:
        if self._in_all is None:
            self._in_all = await self._hub.log.file_bytes()
        return self._in_all

    def count_anew(self) -> None:
        """What all files take is looked up again: others may have changed it."""
        self._in_all = None

    # Bytes

    @contextmanager
    def receiving(self, client: str) -> Iterator[None]:
        """A request of ``client`` brings bytes; raises `RateLimited` when too many do."""
        key = client if self._hub.settings.by_client else ""
        most = RECEIVED_AT_ONCE if key else RECEIVED_IN_ALL
        with self._counting():
            if self._receiving[key] >= most or self._receiving.total() >= RECEIVED_IN_ALL:
                raise RateLimited(
                    "So many files are being uploaded that this one has to wait. Try again in a "
                    "second.",
                    retry_after=1.0,
                )
        self._receiving[key] += 1
        try:
            yield
        finally:
            self._receiving[key] -= 1
            if not self._receiving[key]:
                del self._receiving[key]

    async def append(self, upload: Upload, offset: int, pieces: AsyncIterator[bytes]) -> None:
        """Puts ``pieces`` behind the first ``offset`` bytes. What came before an error stays.

        Who comes later goes on with it, as the connection of who came before may be lost, and
        nobody know that yet. Raises `WrongOffset`, `TooLarge`, `LogUnavailable`.
        """
        if upload.offset != offset:
            raise WrongOffset  # it does not know where the upload is, and so disturbs nobody
        await self._take_over(upload)
        if upload.state != "receiving" or upload.offset != offset:
            raise WrongOffset
        upload.let_go.clear()
        try:
            async with asyncio.timeout(None) as upload.writing:
                async for piece in pieces:
                    with self._counting():
                        await self._append(upload, piece)
        except TimeoutError:
            raise WrongOffset from None
        finally:
            upload.writing = None
            upload.let_go.set()
        if upload.offset == upload.begun.size:
            self._look_at(upload)

    async def _take_over(self, upload: Upload) -> None:
        """Ends the request that brings bytes of it now."""
        with suppress(TimeoutError):
            async with asyncio.timeout(HAND_OVER_SECONDS):
                while upload.writing is not None:
                    if not upload.writing.expired():
                        upload.writing.reschedule(asyncio.get_running_loop().time())
                    await upload.let_go.wait()
        if upload.writing is not None:
            raise WrongOffset

    async def _append(self, upload: Upload, piece: bytes) -> None:
        most = self._weight(upload)
        if upload.offset + len(piece) > most:
            raise TooLarge(f"More than the {spoken_size(most)} have come that were announced.")
        self._hub.disk.check()
        await to_its_end(self._write(upload, piece))

    async def _write(self, upload: Upload, piece: bytes) -> None:
        await self._uploads.append(upload.begun.id, upload.offset, piece)
        upload.offset += len(piece)
        upload.moved = self._hub.monotonic()

    def whole(self, upload: Upload) -> None:
        """All bytes have come of an upload of which nobody knew how many there would be."""
        if upload.state == "receiving" and upload.begun.size is None:
            self._look_at(upload)

    async def bring(self, file: Begun, pieces: AsyncIterator[bytes]) -> FileRecord:
        """A file that nobody uploads: who keeps the server brings it, with what ``pieces`` hold.

        No share and no limit of uploads hold for it. Twice is once: the id of ``file`` tells.
        Raises `ChatError`, and what ``pieces`` raise.
        """
        hub, id, offset = self._hub, file.id, 0
        for known in await hub.log.files([id]):
            return known
        await self._uploads.spool(id)
        try:
            async for piece in pieces:
                hub.disk.check()
                await self._uploads.append(id, offset, piece)
                offset += len(piece)
            async with self._examining:
                return await self._kept(file, NO_SHARE)
        finally:
            await self._uploads.drop(id)

    # A file

    def _look_at(self, upload: Upload) -> None:
        upload.state = "examining"
        self._hub.spawn(self._become_file(upload))

    def try_again(self) -> None:
        """What could not be stored, as the disk was full, say, is stored now."""
        for upload in list(self._open.values()):
            if upload.state == "examining" and upload.error is not None:
                upload.error = None
                upload.done.clear()
                self._look_at(upload)

    async def _become_file(self, upload: Upload) -> None:
        """Looks at it, stores it, has the log know of it; then nothing is left of the upload."""
        try:
            async with self._turn(upload), self._examining:
                most = self._hub.settings.files_per_user_bytes or NO_SHARE
                upload.file = await self._kept(upload.begun, most)
            upload.state = "ready"
        except LogUnavailable as error:
            upload.error = error  # and it is tried again
            return
        except ChatError as error:
            upload.state, upload.error = "failed", error
            self._hub.measures.uploads_refused[error.code] += 1
        except Exception:
            _logger.exception("A file could not be looked at, or stored")
            upload.state = "failed"
            upload.error = InternalError("The server has failed at this file: tell its keeper.")
        finally:
            upload.done.set()
        self._open.pop(upload.begun.id, None)
        self._ended[upload.begun.id] = upload
        if len(self._ended) > MOST_ENDED:
            self._ended.popitem(last=False)
        await self._uploads.drop(upload.begun.id)

    def _turn(self, upload: Upload) -> asyncio.Lock:
        """One look at a time for each owner, so that nobody waits behind all files of another."""
        turn = self._turns.get(upload.begun.owner) or asyncio.Lock()
        self._turns[upload.begun.owner] = turn
        return turn

    async def _kept(self, begun: Begun, most: int) -> FileRecord:
        """The file, of an owner who may have ``most`` bytes."""
        hub = self._hub
        for known in await hub.log.files([begun.id]):
            return known  # the server was killed right after that
        path = self._uploads.path(begun.id)
        examined = await self._examined(path, begun.name)
        made = [one for one in (examined.cleaned, examined.thumbnail) if one is not None]
        try:
            served = examined.cleaned or path
            hashed, size = await self._uploads.measured(served)
            blob = f"{hashed}-{secrets.token_hex(4)}"
            thumbnail_size = 0
            if examined.thumbnail is not None:
                _, thumbnail_size = await self._uploads.measured(examined.thumbnail)
                await self.blobs.put(examined.thumbnail, thumbnail_of(blob))
            await self.blobs.put(served, blob)
        finally:
            await self._uploads.delete(*made)
        file = FileRecord(
            *(begun.id, begun.owner, begun.name, size, examined.type, hub.clock(), blob),
            *(thumbnail_size, examined.width, examined.height, examined.animated),
        )
        outcome = await hub.outcome(partial(KeepFile, file, most))
        if outcome.error is not None:
            if not isinstance(outcome.error, LogUnavailable):
                await self.blobs.delete(blob)
            raise outcome.error
        if self._in_all is not None:
            self._in_all += file.takes
        self.spare()
        return file

    async def _examined(self, path: Path, name: str) -> Examined:
        measures, began = self._hub.measures, self._hub.monotonic()
        outcome = "failed"
        try:
            examined = await self._examine(path, name)
            outcome = "unchanged" if examined.cleaned is None else "cleaned"
        except ChatError:
            outcome = "refused"
            raise
        except OSError as error:
            raise LogUnavailable("The server cannot look at files just now.") from error
        finally:
            measures.looked_at(outcome, self._hub.monotonic() - began)
        return examined

    # What becomes of it

    async def find(self, user: User, id: str) -> Upload:
        """The upload of ``user``, also one that is a file by now; raises `NoSuchFile`."""
        upload = self._open.get(id) or self._ended.get(id)
        if upload is not None and upload.file is None and upload.begun.owner == user.id:
            return upload
        for file in await self._hub.log.files([id]):
            if file.owner == user.id and file.seq is None:
                begun = Begun(file.id, file.owner, file.name, file.size, file.at)
                known = Upload(begun, file.size, "ready", file=file)
                known.done.set()
                return known
        raise NoSuchFile

    async def cancel(self, user: User, id: str) -> None:
        """Nothing is left of the upload; raises `NoSuchFile`, `WrongOffset`, `LogUnavailable`."""
        assert user.id is not None
        await self._cancel(await self.find(user, id), user.id)

    async def forget(self, owner: UserId) -> None:
        """Cancels the uploads of ``owner``, whose account is closed."""
        for upload in list(self._of(owner)):
            with suppress(WrongOffset, LogUnavailable):  # it is deleted when it has expired
                await self._cancel(upload, owner)

    async def _cancel(self, upload: Upload, owner: UserId) -> None:
        if upload.state == "examining":
            await upload.done.wait()
        if upload.state in ("receiving", "examining"):
            await self._take_over(upload)
            await self._drop(upload)
        elif upload.file is not None:
            ids = (upload.file.id,)
            outcome = await self._hub.outcome(partial(ForgetFiles, ids, owner))
            if outcome.error is not None:
                raise outcome.error

    async def expire(self) -> None:
        """Deletes what has not become whole for a day."""
        now = self._hub.clock()
        for upload in list(self._open.values()):
            if upload.expires <= now and upload.writing is None and upload.state == "receiving":
                await self._drop(upload)

    async def _drop(self, upload: Upload) -> None:
        if self._open.pop(upload.begun.id, None) is not None:
            upload.state = "failed"  # for who has waited to go on with it
            await self._uploads.drop(upload.begun.id)


def _nobody() -> None:
    """Before somebody listens."""


def file_of(record: FileRecord, alt: str | None = None) -> File:
    """What people are told of a file."""
    return File(
        record.id,
        record.name,
        record.size,
        record.type,
        alt,
        record.width,
        record.height,
        record.animated,
        record.thumbnail_size > 0,
    )
