"""The local cache of one server: what was seen there, and what was said and is not saved yet.

With it, a client shows the last history at once and offline, and its next run goes on where this
one ended, even if it was killed. Calls are quick enough for an event loop: mostly below 0.1 ms.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self, TypeVar

from msgspec import DecodeError

from hubbub.client.address import Address
from hubbub.client.cache import place
from hubbub.client.cache.bounds import Bounds
from hubbub.client.cache.identity import user_key
from hubbub.client.cache.store import Store
from hubbub.client.folder import default_folder
from hubbub.client.line import Unsent
from hubbub.client.resume import Mark, Resume
from hubbub.client.segment import Segment
from hubbub.domain.events import Event

log = logging.getLogger("hubbub.client")

T = TypeVar("T")

FAILURES = (sqlite3.DatabaseError, DecodeError, OSError)
"""What a disk can do to us: full, gone, read-only, broken, or kept busy by somebody."""

DEFECTS = (sqlite3.ProgrammingError, sqlite3.NotSupportedError)
"""What only a mistake of ours can do: to use it when it is closed, say."""


class Cache:
    """Made by `open`; to be used from one thread. Several programs may use the same file at once.

    No call fails because of the disk: when the file cannot be used, or no longer, the cache is in
    memory only from then on. That is logged once, as a warning, and ``problem`` says it.
    """

    def __init__(self, store: Store, problem: str | None = None) -> None:
        """Use `open`."""
        self.problem = problem
        self._store = store
        self._given_up: Store | None = None
        self._closed = False

    @classmethod
    def open(
        cls,
        address: Address,
        folder: Path | None = None,
        *,
        bounds: Bounds = Bounds(),  # noqa: B008  # frozen
    ) -> Self:
        """The cache of the server at ``address``.

        It lies in ``folder``; if that is None, in the one that ``$HUBBUB_CACHE`` names, otherwise
        where this user's data goes.
        """
        path = Path(f"{place.file_name(address)}.db")
        try:
            path = (folder or default_folder()) / path
            return cls(Store.on_disk(path, bounds))
        except DEFECTS:
            raise
        except (*FAILURES, RuntimeError) as error:  # RuntimeError: there is no home folder
            problem = _say(path, error)
            return cls(Store.in_memory(bounds), problem)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @property
    def path(self) -> Path | None:
        """The file; None when all is in memory only."""
        return self._store.path

    # Who we are

    @property
    def log(self) -> str | None:
        """Id of the server's database that all rooms here come from.

        To be set when the server says which one it has (`Connected`): if it is another one, what
        came from the first is forgotten. Lines are not, nor is the last user.
        """
        return self._store.log

    @log.setter
    def log(self, log: str | None) -> None:
        self._do(lambda store: store.believe(log))

    @property
    def last_user(self) -> str | None:
        """The name that was used last, to be offered again."""
        return self._store.identity.last_user

    @last_user.setter
    def last_user(self, user: str | None) -> None:
        self._do(lambda store: store.identity.keep_last_user(user))

    def token(self, user: str) -> str | None:
        """The newest proof that we are ``user``, from whichever client here."""
        return self._do(lambda store: store.identity.token(user))

    def keep_token(self, user: str, token: str) -> None:
        """Keeps a proof; `keep_resume` does so, too."""
        self._do(lambda store: store.identity.keep_token(user, token))

    # Where we were

    def resume(self, user: str | None = None) -> Resume | None:
        """Where the last run of ``user`` ended (None: of the last user); None if it never began.

        To be called once at the start. The run becomes ours: another client that starts now gets
        the name and its proof, and neither our rooms nor our lines. ``cursors`` fit to what
        `page` gives: the newest event here of each room we were in.
        """
        return self._do(lambda store: store.resume(user))

    def keep_resume(self, resume: Resume) -> None:
        """Keeps where we are, the lines included; to be called when that has changed."""
        self._do(lambda store: store.keep_resume(resume))

    def keep_lines(self, unsent: Sequence[Unsent]) -> None:
        """Keeps the queue as it is now. It survives kill -9; a power cut may take its newest."""
        self._do(lambda store: store.keep_lines(unsent))

    def keep_drafts(self, user: str, drafts: Mapping[str, str]) -> None:
        """Keeps what ``user`` has half written, by the name of the room."""
        self._do(lambda store: store.drafts.keep(user_key(user), drafts))

    def take_drafts(self, user: str) -> dict[str, str]:
        """Gives them back, once: whoever takes them keeps them again, if they are not sent."""
        return self._do(lambda store: store.drafts.take(user_key(user)))

    def keep_mark(self, user: str, room: str, mark: Mark) -> None:
        """Keeps how far ``user`` has read a room, so that it is known next day; it never goes back.

        `keep_resume` keeps all that it tells of, too.
        """
        self._do(lambda store: store.marks.keep(user_key(user), {room: mark}))

    def marks(self, user: str) -> Mapping[str, Mark]:
        """How far ``user`` has read each room, as any client here has kept it."""
        return self._do(lambda store: store.marks_of(user))

    def last_room(self, user: str) -> str | None:
        """The room that ``user`` was shown last here."""
        return self._do(lambda store: store.marks.last_room(user_key(user)))

    def keep_last_room(self, user: str, room: str) -> None:
        """Keeps which room ``user`` is shown."""
        self._do(lambda store: store.marks.keep_last_room(user_key(user), room))

    # Rooms

    def add(self, room: str, events: Sequence[Event]) -> None:
        """Takes events that are new: what is known is left out.

        When events are missing between what is known and these, the older ones are forgotten.
        """
        self._do(lambda store: store.add(room, events))

    def add_older(self, room: str, page: Segment) -> None:
        """Takes a page of older history: of it, what joins the known segment."""
        self._do(lambda store: store.add_older(room, page))

    def page(
        self, room: str, *, before: int | None = None, after: int | None = None, limit: int
    ) -> Segment:
        """The newest ``limit`` events, or those before the ``seq`` ``before``, or the oldest ones
        behind ``after``; at most one of both is given.

        Fewer or none when no more are known. An event of a kind that this version does not know
        is a plain `Event`.
        """
        return self._do(lambda store: store.history.page(room, before, after, limit))

    def span(self, room: str) -> tuple[int, int] | None:
        """The first and the last number of the known segment of a room."""
        return self._do(lambda store: store.history.span(room))

    def rooms(self) -> list[str]:
        """The rooms of which events are known; where something happened last comes first."""
        return self._do(lambda store: store.history.rooms())

    def set_private(self, room: str, *, private: bool) -> None:
        """Whether only members may read a room (`hubbub.domain.rules.KEEPS_MEMBERS`).

        To be told whenever that is known, before the room's events. What is cached of such a room
        is found again only by the same user, by the id in `keep_resume`.
        """
        self._do(lambda store: store.history.set_private(room, private=private))

    def is_private(self, room: str) -> bool:
        """Whether it was told that only members may read a room, in this run or an earlier one."""
        return self._do(lambda store: store.history.is_private(room))

    def forget_private(self) -> None:
        """Forgets all such rooms of our user: this device was logged out."""
        self._do(lambda store: store.history.forget_private())

    def rename_room(self, was: str, name: str) -> None:
        """The room ``was`` is called ``name`` now: its events, markers and drafts stay."""
        self._do(lambda store: store.rename_room(was, name))

    def rename_user(self, was: str, user: str) -> None:
        """Our account ``was`` is called ``user`` now: token, markers and drafts go with it."""
        self._do(lambda store: store.rename_user(was, user))

    def forget(self, room: str) -> None:
        """Forgets the events of a room: it was left."""
        self._do(lambda store: store.forget(room))

    def reset(self, room: str) -> None:
        """Forgets the events of a room, and how far it was read: its log is another one now."""
        self._do(lambda store: store.reset(room))

    def clear(self) -> None:
        """Forgets all that came from the server. Lines stay: `keep_lines` is for them."""
        self._do(lambda store: store.clear())

    # The end

    def close(self) -> None:
        """Leaves the file to others. What was kept last is where the next run goes on.

        ``problem`` says then whether it is kept: the file is tried once more.
        """
        if self._closed:
            return
        self._closed = True
        if self._given_up is not None:
            with suppress(*FAILURES):
                self._given_up.save_late(self._store)
                self.problem = None
        self._store.close()

    def _do(self, work: Callable[[Store], T]) -> T:
        try:
            return work(self._store)
        except DEFECTS:
            raise
        except FAILURES as error:
            if self._store.path is None:
                raise
            self._give_up(error)
            return work(self._store)

    def _give_up(self, error: Exception) -> None:
        """Goes on in memory, with what we know by heart."""
        failed = self._store
        assert failed.path is not None
        self.problem = _say(failed.path, error)
        self._store = Store.in_memory(failed.bounds)
        self._store.take_over(failed)
        failed.abandon()
        self._given_up = failed


def _say(path: Path, error: Exception) -> str:
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    problem = f"Nothing is kept on this computer for now: {path} cannot be used ({reason})."
    if type(error) is sqlite3.DatabaseError or isinstance(error, DecodeError):
        problem += " Delete it, and the next start makes a new one."
    log.warning("%s", problem)
    return problem
