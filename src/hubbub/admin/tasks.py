"""A task of an administrator: what it takes and gives, who may have it done, and what does it.

All tasks are in `hubbub.admin.table`; they are done by `hubbub.admin.running`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

from msgspec import Struct

from hubbub.admin.questions import Progress
from hubbub.config import Settings
from hubbub.domain.commands import Command
from hubbub.domain.errors import ChatError
from hubbub.domain.replies import Refused, Reply
from hubbub.domain.rules import Role
from hubbub.hub.errands import ask_as_operator
from hubbub.hub.hub import Hub
from hubbub.hub.operating import Operator
from hubbub.hub.session import User
from hubbub.storage.backup.daily import Daily


class Arguments(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of what tasks take."""


class Result(Struct, frozen=True, kw_only=True):
    """Base of what tasks give: all fields are always there."""


class Asker(Protocol):
    """Who has a task done.

    ``at_hand``: on the server's own computer, as somebody who may open its data folder. Only they
    may name files and folders.
    """

    @property
    def user(self) -> User: ...
    @property
    def at_hand(self) -> bool: ...

    async def ask(self, command: Command) -> Reply:
        """The answer to a command of theirs; it may be a `Refused`."""
        ...


class AtHand:
    """Who keeps the server."""

    at_hand = True

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self.user: User = Operator()

    async def ask(self, command: Command) -> Reply:
        """See `Asker`."""
        return await ask_as_operator(self._hub, command)


class WithToken:
    """An account that administers the server, from a browser. ``client``: the address and port."""

    at_hand = False

    def __init__(self, hub: Hub, user: User, token: str, client: str) -> None:
        self.user = user
        self._hub = hub
        self._token = token
        self._client = client

    async def ask(self, command: Command) -> Reply:
        """See `Asker`."""
        return await self._hub.ask(self._token, command, self._client)


class Desk:
    """What tasks are done with.

    ``folder``: where the data is; None for a log in memory. ``url``: of the server's page, as far
    as it is known. ``serving``: it takes connections, and was not only opened for a task.
    ``daily``: what makes its daily backups. ``certificate_ends``: the time (ms), if there is one.
    """

    def __init__(
        self,
        hub: Hub,
        settings: Settings,
        *,
        folder: Path | None,
        url: Callable[[], str],
        serving: bool,
        daily: Daily | None = None,
        certificate_ends: Callable[[], int | None] = lambda: None,
    ) -> None:
        self.hub = hub
        self.settings = settings
        self.folder = folder
        self.url = url
        self.serving = serving
        self.daily = daily
        self.certificate_ends = certificate_ends
        self.started = hub.clock()


class Call:
    """One task that is asked for. ``tell`` is called with its progress."""

    def __init__(self, desk: Desk, by: Asker, tell: Callable[[Progress], None]) -> None:
        self.desk = desk
        self.hub = desk.hub
        self.by = by
        self.tell = tell

    async def ask(self, command: Command) -> Reply:
        """The answer to a command of whoever asks; raises `TaskRefused` for a refusal."""
        reply = await self.by.ask(command)
        if isinstance(reply, Refused):
            raise TaskRefused(reply)
        return reply


class TaskRefused(ChatError):
    """The hub has refused a command of a task."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(
            refused.message, suggestion=refused.suggestion, retry_after=refused.retry_after
        )
        self.code = refused.code  # type: ignore[misc]  # of the error that was told


class CannotBeDone(ChatError):
    """A task that has failed outside of the chat: a disk, a file, a place for backups."""

    code = "failed"


class Task(Struct, frozen=True):
    """A row of the table.

    ``least``: what somebody has to be on the whole server, to have it done from a browser.
    ``does``: what it does, for people, as a sentence. ``alone``: two of these are not done at a
    time. ``of_disk``: what it tells may name places on the server's disk.
    """

    name: str
    does: str
    arguments: type[Arguments]
    result: type[Struct]
    least: Role
    run: Callable[[Call, Any], Awaitable[Struct]]
    alone: bool = False
    of_disk: bool = False
