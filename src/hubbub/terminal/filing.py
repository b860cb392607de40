"""Uploads the files that a script sends, and shows a person at the terminal how far that is."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from hubbub.client import Address, Chat
from hubbub.client.files import Told, Uploader
from hubbub.client.trust import Trust
from hubbub.domain.filenames import spoken_size
from hubbub.terminal.safe import safe
from hubbub.terminal.script import Failure

CLEAR = "\r\x1b[K"  # the line, from its beginning


async def upload_all(
    chat: Chat,
    address: Address,
    files: Sequence[Path],
    patience: float,
    trust: Trust | None,
) -> list[str]:
    """The ids of all of them, in order, to be said. Raises `Failure`, and what `Uploader` does."""
    if not files:
        return []
    me = chat.resume()
    if me.token is None or me.user is None:
        raise Failure("The server has given no token, so no files can be uploaded.")
    guest = None if me.account else me.user
    uploader = Uploader(address, me.token, guest=guest, trust=trust, patience=patience)
    ids = []
    for file in files:
        try:
            found = await uploader.upload(file, told=_progress(file.name))
        except OSError as error:
            if isinstance(error, ConnectionError):
                raise
            raise Failure(f"{file} cannot be read: {error.strerror or error}.") from error
        finally:
            _show("")
        ids.append(found.id)
    return ids


def _progress(name: str) -> Told:
    shown = -1

    def told(done: int, size: int) -> None:
        nonlocal shown
        percent = 100 * done // max(size, 1)
        if percent != shown:
            shown = percent
            _show(f"{safe(name)}: {percent} % of {spoken_size(size)}")

    return told


def _show(line: str) -> None:
    """Shows ``line`` in place of the one before, to a person; scripts get nothing."""
    if sys.stderr is not None and sys.stderr.isatty():
        sys.stderr.write(CLEAR + line)
        sys.stderr.flush()
