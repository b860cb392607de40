"""Who is ignored, and what alerts: by room, and by how the person wants to be seen.

People are ignored by name, which is saved here for each server; accounts that the user's own
account has blocked are known to the server, and ignored whatever they are called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, cast

from msgspec.structs import replace

from hubbub.domain.names import UserName
from hubbub.domain.rules import Profile, Status
from hubbub.terminal.full.model.ignored import Ignored
from hubbub.terminal.full.model.rooms import key_of
from hubbub.terminal.full.preferences import Here, Preferences

Level = Literal["all", "mentions", "off"]
USUAL: Level = "mentions"


class Quiet:
    """The settings for the server ``where``; changes are passed to ``keep``."""

    def __init__(self, where: str, preferences: Preferences, keep: Callable[[Here], None]) -> None:
        self._here = preferences.servers.get(where, Here())
        self._keep = keep
        self._profile = Profile()

    # People

    @property
    def ignored(self) -> list[str]:
        """The names of those who are ignored."""
        return sorted({*self._here.ignored, *self._profile.blocked.values()})

    @property
    def hidden(self) -> Ignored:
        """The same, to be recognised by."""
        blocked = self._profile.blocked
        return Ignored(_keys(self._here.ignored), frozenset(blocked), _keys(blocked.values()))

    @property
    def blocks(self) -> bool:
        """Whether our account has blocked anybody."""
        return bool(self._profile.blocked)

    def take(self, profile: Profile) -> bool:
        """Takes the profile of our account; whether others are ignored by that."""
        before, self._profile = self._profile, profile
        return before.blocked != profile.blocked

    def ignore(self, name: str) -> bool:
        """Hides what ``name`` writes; False if it is hidden already."""
        if UserName.recall(name).key in _keys(self._here.ignored):
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

    def moved(self, room: str, name: str) -> None:
        """The ``room`` is called ``name`` now: its level stays."""
        was, now = key_of(room), key_of(name)
        if was in self._here.alerts and was != now:
            alerts = dict(self._here.alerts)
            alerts[now] = alerts.pop(was)
            self._change(replace(self._here, alerts=alerts))

    @property
    def silent(self) -> bool:
        """Whether nothing alerts: the person is busy, on whichever device they have said so."""
        return self._profile.status is Status.BUSY

    def _change(self, here: Here) -> None:
        self._here = here
        self._keep(here)


def _keys(names: Iterable[str]) -> frozenset[str]:
    return frozenset(UserName.recall(name).key for name in names)
