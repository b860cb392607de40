"""A file with a program's state, kept up to date so that the program may be killed at any moment.

An event is processed when the program asks for the next update. The file is consistent: it has the
cursors of the processed events, and the lines that were sent since. The next run gets the events
after them again; a line that it sends again with the same nonce is logged once.

Usually the file is written as a whole. If the only change is one more unsaved line, that line is
appended, so that each of many lines costs no more than the first.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec.structs import replace

from hubbub import private
from hubbub.client.line import Line, LineState, Unsent
from hubbub.client.protocol import Protocol
from hubbub.client.resume import Resume
from hubbub.client.rooms import room_key
from hubbub.client.taken import Taken
from hubbub.client.updates import Entered, Happened, Update

SAVE_SECONDS = 1.0  # of processed events may come again after a kill; lines are written before

log = logging.getLogger("hubbub.client")

Later = Callable[[float, Callable[[], None]], object]
"""Calls a function in so many seconds: `asyncio.loop.call_later`."""


@contextmanager
def in_use(path: Path) -> Iterator[Resume]:
    """Locks the file, and gives the state of the last run, which is empty if there was none.

    Raises `OSError` if the file cannot be read and written, and `ValueError` if it is no state, or
    is in use by another chat.
    """
    # Imported where it is needed: most programs keep no state.
    from filelock import FileLock, Timeout

    private.make_folder(path.absolute().parent)
    beside = path.with_name(f"{path.name}.lock")  # the file itself is replaced with each writing
    lock = FileLock(
        beside, mode=0o600, thread_local=False, fallback_to_soft=False, preserve_lock_file=True
    )
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise ValueError(
            f"{path} is in use: another program that runs keeps its state there. Give this one a "
            "file of its own, or end the other one."
        ) from None
    except NotImplementedError as error:
        raise OSError(str(error)) from error
    try:
        yield load(path)
    finally:
        lock.release()


def load(path: Path) -> Resume:
    """The state of the last run; raises as `in_use`."""
    try:
        kept = path.read_bytes()
    except FileNotFoundError:
        private.write(path, msgspec.json.encode(Resume()))  # if that fails, it does so at once
        return Resume()
    whole, *said = kept.split(b"\n")
    said = said[:-1]  # the last part was cut off by a kill, before its line was sent
    try:
        resume = msgspec.json.decode(whole, type=Resume)
        lines = [msgspec.json.decode(one, type=Unsent) for one in said]
    except msgspec.DecodeError as error:
        raise ValueError(
            f"{path} is no state of a chat ({error}). Move it away, and this program begins anew."
        ) from None
    resume = replace(resume, unsent=[*resume.unsent, *lines])
    # If that run was killed, it may have sent these lines already.
    unsent = [
        one
        if one.sent_as is not None
        else replace(one, sent_as=resume.user, sent_by=resume.user_id)
        for one in resume.unsent
    ]
    return replace(resume, unsent=unsent)


class StateFile:
    """The state of one chat: its cursors, and the lines that were sent since.

    ``later`` calls a function after so many seconds.
    """

    def __init__(self, path: Path, resume: Resume, protocol: Protocol, later: Later) -> None:
        self._path = path
        self._protocol = protocol
        self._later = later
        self._done = Taken(resume)
        self._doing: Update | None = None
        self._before = {line.nonce: line for line in protocol.queue}  # of the run before
        self._since: dict[str, Line] = {}  # sent since the last processed event
        self._heads: dict[str, int] = {}  # of rooms whose history is being shown for the first time
        self._due = False
        self._failed = False
        self._waiting: int | None = None  # unsaved lines in the file; None: it is out of date

    def taking(self) -> None:
        """The program asks for the next update: the one before is processed."""
        if self._doing is not None:
            self._note(self._doing)
            self._doing = None
            self._soon()
        if self._since:
            self._since = {
                nonce: line
                for nonce, line in self._since.items()
                if line.state is LineState.WAITING
            }

    def took(self, update: Update) -> None:
        """The program has taken ``update``, and processes it now."""
        self._doing = update

    def find(self, nonce: str) -> Line | None:
        """The line with that nonce, if it was sent since the last processed event."""
        line = self._since.get(nonce) or self._before.get(nonce)
        return None if line is None or line.state is LineState.FAILED else line

    def said(self, line: Line) -> None:
        """Writes down a line before it is sent."""
        self._since[line.nonce] = line
        if self._waiting is not None and len(self._protocol.queue) == self._waiting + 1:
            self._append(line)
        else:
            self.save()

    def save(self) -> None:
        """Writes the file; an error is logged once, until it could be written again."""
        kept = self._done.resume(self._protocol.resume(), self._protocol.rooms.by_key)
        lines = {one.nonce: self._as_sent(one) for one in kept.unsent}
        kept = replace(kept, unsent=[*self._saved_since(), *lines.values()])
        try:
            private.write(self._path, msgspec.json.encode(kept) + b"\n")
        except OSError as error:
            self._could_not(error)
        else:
            self._failed = False
            self._waiting = len(self._protocol.queue)

    def _append(self, line: Line) -> None:
        """Appends one line to the file."""
        kept = msgspec.json.encode(self._as_sent(line.to_keep())) + b"\n"
        try:
            file = os.open(self._path, os.O_WRONLY | os.O_APPEND)
            try:
                if os.write(file, kept) != len(kept):
                    raise OSError("The disk is full.")
            finally:
                os.close(file)
        except OSError:
            self.save()
        else:
            self._waiting = len(self._protocol.queue)
            self._soon()

    def _could_not(self, error: OSError) -> None:
        self._waiting = None
        if not self._failed:
            log.warning("The state cannot be kept in %s: %s", self._path, error)
        self._failed = True

    def _note(self, update: Update) -> None:
        """Notes a processed update. History counts as a whole, when its last event is processed:
        otherwise the rest of it would come again as new events.
        """
        self._waiting = None
        if isinstance(update, Entered) and not update.again and update.after < update.head:
            self._heads[room_key(update.room)] = update.head
        elif isinstance(update, Happened) and update.history:
            key = room_key(update.room)
            if update.event.seq >= self._heads.get(key, 0):
                self._heads.pop(key, None)
                self._done.note(update)
        else:
            self._done.note(update)

    def _saved_since(self) -> list[Unsent]:
        """Saved lines that the program would send again if it were killed now."""
        return [
            replace(line.to_keep(), after=line.ack.seq - 1)
            for line in [*self._before.values(), *self._since.values()]
            if line.ack is not None and not self._done.is_beyond(line.room, line.ack.seq)
        ]

    def _as_sent(self, one: Unsent) -> Unsent:
        """The line as it is a moment later, when it is sent: after all known events of its room."""
        room = self._protocol.rooms.get(one.room)
        if one.sent_as is not None or room is None:
            return one
        me = self._protocol.me
        return replace(one, sent_as=me.name, sent_by=me.id, after=room.head)

    def _soon(self) -> None:
        if not self._due:
            self._due = True
            self._later(SAVE_SECONDS, self._save_now)

    def _save_now(self) -> None:
        self._due = False
        self.save()
