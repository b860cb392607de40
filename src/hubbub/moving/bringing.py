"""Files of messages that are imported: read out of Hubbub's own export, and kept by the server.

Each is looked at as an uploaded one is. No share of people holds, as the operator brings them.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable, Sequence
from hashlib import sha256

from msgspec.structs import replace

from hubbub.domain.errors import ChatError, LogUnavailable
from hubbub.domain.events import Said
from hubbub.domain.filenames import parse_file_name
from hubbub.domain.files import MAX_ALT_CHARS, MAX_FILES, File
from hubbub.domain.ids import UserId
from hubbub.domain.text import parse_text
from hubbub.hub.fileports import Begun
from hubbub.hub.ports import FileRecord, Row, SayFiles
from hubbub.hub.uploading import ID_BYTES, file_of
from hubbub.moving.batches import stopped
from hubbub.moving.errors import BadFile
from hubbub.moving.ports import Server
from hubbub.moving.slices import slices
from hubbub.moving.stream import Copy

NOT_BESIDE = "files of texts that are not beside the export"
NOT_KEPT = "files of texts, as they cannot be kept here"
ALT_LINES = 20


class Bringing:
    """Brings files. ``skip`` is told why one is left out."""

    def __init__(self, server: Server, skip: Callable[[str], None]) -> None:
        self._server = server
        self._skip = skip
        self.brought = 0

    async def with_files(
        self, said: Said, files: Sequence[File], copies: Sequence[Copy | None], known: str
    ) -> tuple[Said, tuple[Row, ...]]:
        """``said`` with its ``files``, of which ``copies`` are there; and what is saved with it.

        ``known``: by what the log knows the message again. Raises
        `hubbub.moving.errors.MovingError`.
        """
        owner = said.by_id
        kept = []
        for number, file in enumerate(files[:MAX_FILES]):
            copy = copies[number] if number < len(copies) else None
            if copy is None:
                self._skip(NOT_BESIDE)
            elif owner is None or not self._server.has_files:
                self._skip(NOT_KEPT)
            else:
                record = await self._bring(file, copy, owner, _id(known, owner, number))
                if record is not None:
                    kept.append(file_of(record, _alt(file)))
        if owner is not None and kept:
            self.brought += len(kept)
            ids = tuple(one.id for one in kept)
            return replace(said, files=tuple(kept)), (SayFiles(owner, ids),)
        if files and not said.text:  # else there would be nothing to see
            names = ", ".join(parse_file_name(file.name) for file in files)
            said = replace(said, text=f"\N{PAPERCLIP} {names}")
        return said, ()

    async def _bring(self, file: File, copy: Copy, owner: UserId, id: str) -> FileRecord | None:
        name = parse_file_name(file.name)
        begun = Begun(id, owner, name, copy.size, self._server.clock())
        try:
            record = await self._server.bring_file(begun, _checked(copy))
        except LogUnavailable as error:
            raise stopped(error) from None
        except ChatError:
            record = None
        if record is None or record.seq is not None:
            self._skip(NOT_KEPT)
            return None
        return record


async def _checked(copy: Copy) -> AsyncIterator[bytes]:
    """Its bytes; raises `BadFile` unless they are those that were exported."""
    hashed = sha256()
    async for chunks in slices(copy.chunks(), 1):
        for chunk in chunks:
            hashed.update(chunk)
            yield chunk
    if hashed.hexdigest() != copy.sha256:
        raise BadFile(copy.name, 0, "It is not what was exported: it was changed, or is damaged.")


def _alt(file: File) -> str | None:
    alt = (file.alt or "")[:MAX_ALT_CHARS]
    try:
        return parse_text(alt, MAX_ALT_CHARS, ALT_LINES) if alt else None
    except ChatError:
        return None


def _id(known: str, owner: UserId, number: int) -> str:
    """The id of that file of a message: always the same, and not to be guessed without it."""
    digest = sha256(f"file {known} {owner} {number}".encode()).digest()
    return urlsafe_b64encode(digest[:ID_BYTES]).rstrip(b"=").decode()
