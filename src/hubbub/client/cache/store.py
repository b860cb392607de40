"""All that is in one database, on disk or in memory, and what belongs together in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from hubbub.client.cache import database, kept
from hubbub.client.cache.alive import Locks
from hubbub.client.cache.bounds import Bounds
from hubbub.client.cache.checkpoints import Checkpoints
from hubbub.client.cache.database import transaction
from hubbub.client.cache.drafts import Drafts
from hubbub.client.cache.history import History
from hubbub.client.cache.identity import Identity, user_key
from hubbub.client.cache.marks import Marks
from hubbub.client.cache.place import make_private
from hubbub.client.cache.runs import Runs
from hubbub.client.line import Unsent
from hubbub.client.resume import Mark, Resume
from hubbub.client.segment import Segment
from hubbub.domain.events import Event


class Store:
    """A cache that may fail: its calls raise `sqlite3.Error`, `OSError`, `msgspec.DecodeError`.

    ``path`` is None in memory. ``log`` is the id of the log that we believe in.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path | None, bounds: Bounds) -> None:
        """Use `on_disk` or `in_memory`."""
        self.path = path
        self.bounds = bounds
        self.identity = Identity(connection, bounds.tokens)
        self._checkpoints = Checkpoints(path) if path else None
        gone = self._checkpoints.clean if self._checkpoints else _nothing
        self.history = History(connection, bounds, gone)
        self.drafts = Drafts(connection)
        self.marks = Marks(connection)
        self.runs = Runs(connection, Locks(path) if path else None, bounds.runs)
        self._connection = connection
        self.history.log = self.identity.log

    @classmethod
    def on_disk(cls, path: Path, bounds: Bounds) -> Store:
        """The file at ``path``; one beside it, if that is of a later version of this program."""
        make_private(path)
        try:
            connection = database.open_file(path, kept.KINDS)
        except database.Newer:
            path = path.with_name(f"{path.stem}.v{database.SCHEMA_VERSION}{path.suffix}")
            make_private(path)
            connection = database.open_file(path, kept.KINDS)
        try:
            store = cls(connection, path, bounds)
            store.history.read_by(kept.KINDS)
        except BaseException:
            connection.close()
            raise
        return store

    @classmethod
    def in_memory(cls, bounds: Bounds) -> Store:
        """An empty one that is gone when it is closed."""
        return cls(database.open_memory(kept.KINDS), None, bounds)

    # Who, and where we were

    @property
    def log(self) -> str | None:
        return self.history.log

    def believe(self, log: str | None) -> None:
        """The server has this log. What came from another one goes; lines stay: they are ours."""
        if log == self.history.log:
            return
        with transaction(self._connection):
            others = self.identity.log
            if others != log:
                if others is not None:
                    self._forget_everything()
                self.identity.log = log
        self.history.log = log
        self.runs.forget_rooms(everywhere=False)
        self.identity.forget_tokens(everywhere=False)

    def resume(self, user: str | None) -> Resume | None:
        user = user or self.identity.last_user
        self.runs.adopt(user_key(user) if user else None)
        user = self.runs.user or user
        id, account = self.identity.who(user) if user else (None, False)
        self.history.owner = id
        token = self.identity.token(user) if user else None
        marks = self.marks_of(user) if user else {}
        if token is None and not marks and not self.runs.exist:
            return None
        cursors, stamps = dict(self.runs.rooms), dict(self.runs.stamps)
        for room in cursors:
            newest = self.history.page(room, None, None, 1)
            if not newest.empty:
                cursors[room] = newest.last
                stamps.pop(room, None)
                stamps.update((room, one.at) for one in newest.events if one.seq == newest.last)
        return Resume(
            user=user,
            user_id=id,
            account=account,
            token=token,
            log=self.log,
            cursors=cursors,
            stamps=stamps,
            unsent=self.runs.lines,
            marks=marks,
            opened=[one for one in cursors if self.history.is_open(one)] if cursors else None,
        )

    def marks_of(self, user: str) -> Mapping[str, Mark]:
        """How far rooms were read, with the times of events that are here."""
        found = self.marks.of(user_key(user))
        for room, mark in list(found.items()):
            if mark.at is None:
                events = self.history.page(room, mark.seq + 1, None, 1).events
                if events and events[0].seq == mark.seq:
                    found[room] = Mark(mark.seq, events[0].at)
        return found

    def keep_resume(self, resume: Resume) -> None:
        if resume.log is not None:
            self.believe(resume.log)
        if resume.user is not None:
            self.identity.keep_last_user(resume.user)
            if resume.user_id is not None:
                self.identity.keep_who(resume.user, resume.user_id, account=resume.account)
                self.history.owner = resume.user_id
            if resume.token is not None:
                self.identity.keep_token(resume.user, resume.token)
        key = user_key(resume.user) if resume.user else None
        self.runs.keep(resume.user, key, resume.cursors, resume.stamps, resume.unsent)
        if key is not None:
            self.marks.keep(key, resume.marks)

    def keep_lines(self, unsent: Sequence[Unsent]) -> None:
        self.runs.keep_lines(unsent)

    # Rooms

    def add(self, room: str, events: Sequence[Event]) -> None:
        self._wrote(self.history.add(room, events))

    def add_older(self, room: str, page: Segment) -> None:
        self._wrote(self.history.add_older(room, page))

    def _wrote(self, size: int) -> None:
        if size and self._checkpoints is not None:
            self._checkpoints.wrote(size)

    def forget(self, room: str) -> None:
        self.history.forget(room)

    def rename_room(self, was: str, name: str) -> None:
        self.history.move(was, name)
        with transaction(self._connection):
            self.marks.rename_room(was, name)
            self.drafts.rename_room(was, name)

    def rename_user(self, was: str, user: str) -> None:
        with transaction(self._connection):
            self.identity.renamed(was, user)
            self.marks.rename_user(user_key(was), user_key(user))
            self.drafts.rename_user(user_key(was), user_key(user))

    def reset(self, room: str) -> None:
        self.history.forget(room)
        with transaction(self._connection):
            self.marks.forget(room)

    def clear(self) -> None:
        with transaction(self._connection):
            if self.identity.log == self.log:  # otherwise another client was quicker
                self._forget_everything()
        self.runs.forget_rooms(everywhere=False)
        self.identity.forget_tokens(everywhere=False)

    # The end

    def take_over(self, failed: Store) -> None:
        """Knows what ``failed``, which cannot be read any more, knew of us."""
        self.believe(failed.log)
        self.identity.take_over(failed.identity)
        self.history.take_over(failed.history)
        self.marks.take_over(failed.marks)
        runs = failed.runs
        self.runs.keep(runs.user, runs.key, runs.rooms, runs.stamps, runs.lines)

    def save_late(self, latest: Store) -> None:
        """Tries the file again after all, so that lines that are saved by now are not sent again.

        ``latest`` has them, in memory.
        """
        assert self.path is not None
        connection = database.open_file(self.path, kept.KINDS)
        try:
            runs = self.runs.on(connection)
            known = latest.runs
            runs.keep(known.user, known.key, known.rooms, known.stamps, known.lines)
            runs.end()
            Marks(connection).take_over(latest.marks)
            drafts = Drafts(connection)
            for user_key, texts in latest.drafts.all().items():
                drafts.keep(user_key, texts)
        finally:
            connection.close()

    def close(self) -> None:
        """Ends our run, if that can be written down."""
        with suppress(sqlite3.Error):
            self.runs.end()
        self.abandon()

    def abandon(self) -> None:
        """Closes the file, and leaves our run as it is: nobody may go on from it yet."""
        if self._checkpoints is not None:
            self._checkpoints.end()
        with suppress(sqlite3.Error):
            self._connection.close()

    def _forget_everything(self) -> None:
        self.history.clear()
        self.identity.forget_tokens(everywhere=True)
        self.marks.clear()
        self.runs.forget_rooms(everywhere=True)


def _nothing() -> None:
    """In memory there is nothing to take off a disk."""
