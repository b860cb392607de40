"""Has files looked at, each by a process of its own, a few at once."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from pathlib import Path
from typing import NamedTuple

import msgspec

import hubbub
from hubbub.pictures.answer import MAX_ANSWER_BYTES, Answer, cleaned_of, thumbnail_of, written_of
from hubbub.pictures.kinds import KINDS

AT_ONCE = 2  # each may take a gigabyte for a moment, and a processor
DEADLINE_SECONDS = 60.0  # by the clock: on a busy machine there is little time for it


class Examined(NamedTuple):
    """What a file is. ``type``: one of `hubbub.pictures.kinds.KINDS`, told by its content.

    ``width``, ``height``: of a picture, in pixels, as it is shown. ``cleaned``: what is to be
    served instead of the file; None if that is the file itself. ``thumbnail``: a small picture, in
    WebP, of each picture. Both are new files beside the one that was looked at, and belong to the
    caller.
    """

    type: str
    width: int | None = None
    height: int | None = None
    animated: bool = False
    cleaned: Path | None = None
    thumbnail: Path | None = None


class Examiner:
    """`examine` says what a file is. ``at_once``: how many processes there are at most."""

    def __init__(self, at_once: int = AT_ONCE, deadline: float = DEADLINE_SECONDS) -> None:
        self._turns = asyncio.Semaphore(at_once)
        self._deadline = deadline

    async def examine(self, path: Path, name: str = "") -> Examined:
        """Looks at the file, whatever its owner calls it (``name``): its content alone tells.

        A file that is broken, or that its process dies of, is a plain file. Raises `OSError` when
        no process can be started: then it may be tried again.
        """
        kept: set[Path] = set()
        for file in written_of(path):  # of an earlier look, which ended with its server
            file.unlink(missing_ok=True)
        try:
            async with self._turns:
                said = await _ask(path, self._deadline)
            answer = _last(said)
            if answer.cleaned and _is_there(cleaned_of(path)):
                kept.add(cleaned_of(path))
            if answer.thumbnail and _is_there(thumbnail_of(path)):
                kept.add(thumbnail_of(path))
        finally:
            for file in written_of(path):
                if file not in kept:
                    file.unlink(missing_ok=True)
        return Examined(
            answer.type,
            answer.width,
            answer.height,
            answer.animated,
            cleaned_of(path) if cleaned_of(path) in kept else None,
            thumbnail_of(path) if thumbnail_of(path) in kept else None,
        )


async def _ask(path: Path, deadline: float) -> bytes:
    """What a new process says of the file, until it ends, or is ended at its deadline."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "hubbub.pictures", str(path)),
        stdin=asyncio.subprocess.PIPE,  # open for as long as it is to run
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=_environment(),
        start_new_session=True,  # Ctrl+C is for the server, which ends it when it is time
    )
    assert process.stdin is not None
    assert process.stdout is not None
    said = bytearray()
    try:
        with contextlib.suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(deadline):
                while piece := await process.stdout.read(MAX_ANSWER_BYTES):
                    said += piece
                    if len(said) > MAX_ANSWER_BYTES:
                        break
                else:
                    await process.wait()
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await asyncio.shield(process.wait())
        process.stdin.close()
    return bytes(said)


def _environment() -> dict[str, str]:
    """Nothing of what the server was told in its own, secrets for example."""
    kept = {"SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR", "TEMP", "TMP"}
    root = str(Path(hubbub.__file__).resolve().parent.parent)
    found = {name: value for name, value in os.environ.items() if name.upper() in kept}
    return {**found, "PYTHONPATH": root, "PYTHONDONTWRITEBYTECODE": "1"}


def _last(said: bytes) -> Answer:
    """The last whole answer; that nothing is known, if there is none.

    It comes from a process that has read what strangers sent, so nothing of it is believed that
    cannot be so.
    """
    for line in reversed(said.split(b"\n")[:-1]):
        try:
            answer = msgspec.json.decode(line, type=Answer)
        except msgspec.MsgspecError:
            continue
        if answer.type in KINDS:
            return answer
    return Answer()


def _is_there(file: Path) -> bool:
    return file.is_file() and not file.is_symlink() and file.stat().st_size > 0
