"""What the screens call on the app, beside what every Textual app has."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol

from hubbub.domain.errors import ChatError
from hubbub.terminal.full.conversation import Conversation
from hubbub.terminal.full.finding import Finding
from hubbub.terminal.full.loading import Loading
from hubbub.terminal.full.model.ahead import Ahead
from hubbub.terminal.full.model.helping import Section
from hubbub.terminal.full.model.switching import RoomChoice
from hubbub.terminal.full.orders import Orders
from hubbub.terminal.full.preferences import Preferences
from hubbub.terminal.full.quiet import Quiet


class AppPort(Protocol):
    """The app as screens see it: `hubbub.terminal.full.app.FullScreen`."""

    where: str
    """The address of the server, as it is shown."""
    preferences: Preferences
    quiet: Quiet
    finding: Finding
    loading: Loading
    orders: Orders
    ahead: Ahead
    """Keys that were pressed before the form that they are meant for was there."""

    @property
    def short_times(self) -> bool: ...
    def run_soon(self, work: Coroutine[Any, Any, None]) -> None: ...
    async def enter(self, name: str, *, made: bool, typed: Callable[[], str]) -> None: ...
    def switch(self) -> None: ...
    def logged_out(self, user: str, error: ChatError) -> None: ...
    def ask_room(
        self,
        conversation: Conversation,
        then: Callable[[RoomChoice], Coroutine[Any, Any, None]],
        *,
        title: str,
        typed: str,
    ) -> None: ...
    def known_rooms(self) -> list[str]: ...
    def told(self, text: str, *, bad: bool = False) -> None: ...
    def show_title(self) -> None: ...
    def show_help(self, about: Sequence[Section] | None = None) -> None: ...
    def show_links(self, links: list[tuple[str, str]]) -> None: ...
    def open_link(self, url: str) -> None: ...
    def copy_link(self, room: str) -> None: ...
    def catch_mouse(self, ours: bool) -> None: ...
    def prefer(self, **changes: object) -> None: ...
    def set_theme(self, name: str | None) -> None: ...
    def end(self, *, leave_rooms: bool) -> None: ...
