"""Alerts beyond the screen: the terminal's title, its bell, and notifications on the desktop."""

from __future__ import annotations

from collections.abc import Callable

from hubbub.terminal.full.model.rooms import Rooms, news_in
from hubbub.terminal.full.notify import notification
from hubbub.terminal.full.preferences import Preferences
from hubbub.terminal.full.quiet import Quiet
from hubbub.terminal.full.windowtitle import WindowTitle, words


class Alerts:
    """``write`` writes control sequences to the terminal; ``preferences`` gives the present ones.

    ``quiet`` knows which rooms may alert.
    """

    def __init__(
        self, write: Callable[[str], None], preferences: Callable[[], Preferences], quiet: Quiet
    ) -> None:
        self._write = write
        self._preferences = preferences
        self._quiet = quiet
        self._title = WindowTitle(write)

    def show_title(self, rooms: Rooms) -> None:
        """Shows in the terminal's title how much is unread."""
        if self._preferences().title:
            loud = () if self._quiet.silent else rooms
            news = news_in(room for room in loud if self._quiet.level(room.name) != "off")
            name = rooms.current.label if rooms.current else None
            self._title.show(words(name, news.texts, news.mentions))

    def restore_title(self) -> None:
        """Gives the terminal the title that it had before."""
        self._title.end()

    def mention(self, room: str, by: str, text: str) -> None:
        """``by`` has mentioned us in a room that nobody looks at."""
        if self._quiet.level(room) != "off":
            self._alert(_where(by, room), text)

    def text(self, room: str, by: str, text: str) -> None:
        """``by`` has said something else in a room that nobody looks at."""
        if self._quiet.level(room) == "all":
            self._alert(_where(by, room), text)

    def _alert(self, title: str, text: str) -> None:
        if self._quiet.silent:
            return
        self._write(notification(self._preferences().notify, title, text))


def _where(by: str, room: str) -> str:
    """Who speaks, and where, unless it is to us alone."""
    return by if room.startswith("@") else f"{by} in {room}"
