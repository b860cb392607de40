"""Ignored users, and the alert level of each room; saved for each server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, cast

from msgspec.structs import replace

from hubbub.domain.names import UserName
from hubbub.terminal.full.model.rooms import key_of
from hubbub.terminal.full.preferences import Here, Preferences

Level = Literal["all", "mentions", "off"]
USUAL: Level = "mentions"


class Quiet:
    """The settings for the server ``where``; changes are passed to ``keep``."""

    def __init__(self, where: str, preferences: Preferences, keep: Callable[[Here], None]) -> None:
        self._here = preferences.servers.get(where, Here())
        self._keep = keep

    # People

    @property
    def ignored(self) -> list[str]:
        """The names of those who are ignored."""
        return sorted(self._here.ignored)

    @property
    def keys(self) -> frozenset[str]:
        """The keys of those names."""
        return frozenset(UserName.recall(name).key for name in self._here.ignored)

    def ignore(self, name: str) -> bool:
        """Hides what ``name`` writes; False if it is hidden already."""
        if UserName.recall(name).key in self.keys:
            return False
        self._change(replace(self._here, ignored=[*self._here.ignored, name]))
        return True

    def unignore(self, name: str) -> bool:
        """Shows it again; False if it is not hidden."""
        key = UserName.recall(name).key
        rest = [one for one in self._here.ignored if UserName.recall(one).key != key]
        if len(rest) == len(self._here.ignored):
            return False
        self._change(replace(self._here, ignored=rest))
        return True

    # Rooms

    def level(self, room: str) -> Level:
        """What alerts in a room: all texts, mentions, or nothing."""
        return self._here.alerts.get(key_of(room), USUAL)

    def set_level(self, room: str, level: str) -> None:
        """Changes that; ``level`` is a `Level`."""
        alerts = {**self._here.alerts, key_of(room): cast(Level, level)}
        if level == USUAL:
            del alerts[key_of(room)]
        self._change(replace(self._here, alerts=alerts))

    def _change(self, here: Here) -> None:
        self._here = here
        self._keep(here)
