"""What the parts of a conversation share: the rooms, the connection, the user and the cache."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from hubbub.client.line import Line
from hubbub.client.me import Me
from hubbub.client.resume import Resume
from hubbub.domain.names import UserName
from hubbub.domain.rights import Action
from hubbub.domain.rules import Profile
from hubbub.terminal.full.attending import Attendance
from hubbub.terminal.full.attention import Attention
from hubbub.terminal.full.model.ignored import Ignored
from hubbub.terminal.full.model.lines import Notice
from hubbub.terminal.full.model.members import seen_as
from hubbub.terminal.full.model.room import Room
from hubbub.terminal.full.model.rooms import Rooms, key_of
from hubbub.terminal.full.model.rows import Role
from hubbub.terminal.full.model.status import Status
from hubbub.terminal.full.model.typed import Typed
from hubbub.terminal.full.ports import CachePort, ChatPort, Listener
from hubbub.terminal.full.tasks import Tasks


class LastRun(NamedTuple):
    """Where the user's last run ended. ``drafts`` are unsent inputs by room name, of the rooms
    that were not shown yet in this run.
    """

    resume: Resume
    drafts: dict[str, str]

    def read_up_to(self, room: str) -> int | None:
        """``seq`` of the last event of the room that was read by then; None if unknown."""
        marks = {key_of(name): mark.seq for name, mark in self.resume.marks.items()}
        return marks.get(key_of(room))


class State:
    """Changes are reported to ``listener``; ``ignored``: see `Rooms`; ``clock`` gives seconds.

    ``offline`` is set while there is no connection. ``profile``: of our account. ``typed``: what
    the input brings back.
    """

    def __init__(
        self,
        cache: CachePort,
        listener: Listener,
        *,
        ignored: Callable[[], Ignored],
        clock: Callable[[], float],
    ) -> None:
        self.cache = cache
        self.typed = Typed()
        self.listener = listener
        self.clock = clock
        self.tasks = Tasks(listener.failed)
        self.attention = Attention(clock())
        self.rooms = Rooms(ignored)
        self.attendance = Attendance(lambda: self.chat, self.tasks, listener.changed)
        self.status = Status()
        self.profile = Profile()
        self.offline = asyncio.Event()
        self.last_run = LastRun(Resume(), {})
        self._ignored = ignored
        self._chat: ChatPort | None = None
        self._name: UserName | None = None
        self._problem_shown: str | None = None

    @property
    def chat(self) -> ChatPort:
        """The chat; there is one as soon as a name was given."""
        assert self._chat is not None
        return self._chat

    @property
    def user(self) -> str | None:
        """Our name: as the server writes it, or as it was given until the server has answered."""
        return (self._chat and self._chat.user) or self._name

    def called(self, name: str) -> None:
        """Our account has another name now."""
        self._name = UserName.recall(name)

    @property
    def seen_as(self) -> str:
        """Our name, and how we want to be seen."""
        seen = seen_as(self.profile.status)
        return f"{self.user or ''} ({seen})" if seen else self.user or ""

    @property
    def me(self) -> Me:
        """Who we are: tells which events are our own."""
        return self._chat.me if self._chat and self._chat.user else Me(self._name)

    @property
    def unsent(self) -> Sequence[Line]:
        """Our lines that are not saved yet."""
        return self._chat.unsent if self._chat is not None else ()

    @property
    def drafts(self) -> dict[str, str]:
        """Unsent inputs by room name, those of the last run included."""
        current = {room.name: room.written for room in self.rooms if room.written}
        return {**self.last_run.drafts, **current}

    def why_silent(self, room: Room) -> str:
        """Why nothing can be said in a room now; "" if something can."""
        if room.shut:
            return room.shut
        if self._chat is None or not (self._chat.online and room.inside):
            return ""  # what is written is sent later
        refused = self._chat.why_not(Action.SPEAK, room.name)
        return refused.message if refused is not None else ""

    # Notices that only this person sees

    def note(self, room: Room, text: str, role: Role = Role.NOTICE) -> None:
        """Shows a notice in one room."""
        room.timeline.note(Notice(text, role))
        self.listener.changed()

    def note_everywhere(self, text: str, role: Role = Role.NOTICE) -> None:
        """Shows a notice in all rooms."""
        for room in self.rooms:
            self.note(room, text, role)

    # What is kept on disk

    def keep(self, *, rooms: bool = True) -> None:
        """Saves who we are and, if ``rooms``, which rooms the next run is to join again."""
        resume = self.chat.resume()
        self.cache.keep_resume(resume if rooms else replace(resume, cursors={}))
        self.warn_of_cache()

    def keep_lines(self) -> None:
        """Saves the lines that the server has not saved yet."""
        self.cache.keep_lines(self.chat.resume().unsent)
        self.warn_of_cache()

    def keep_drafts(self) -> None:
        """Saves the unsent inputs."""
        if self._name is not None:
            self.cache.keep_drafts(self._name, self.drafts)

    def warn_of_cache(self) -> None:
        """Shows once why nothing can be saved on this computer, before the person relies on it."""
        problem = self.cache.problem
        if problem is not None and problem != self._problem_shown and len(self.rooms):
            self._problem_shown = problem
            self.note_everywhere(problem, Role.WARNING)
