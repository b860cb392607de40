"""What guests say of themselves, for as long as they are connected: whether they are here or away.

Of accounts the directory tells it. Of guests it is in memory; the servers on one log tell each
other of theirs, as a whole when it changes, and again and again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec import Struct

from hubbub.domain.ids import UserId
from hubbub.domain.rules import Profile
from hubbub.hub.ports import GuestSays

Source = tuple[str, int]
"""Which server tells it, and in which part of all that it tells."""


class _Said(Struct, frozen=True, gc=False):
    key: str
    profile: Profile
    source: Source | None  # None: this server


class Heard(NamedTuple):
    """What a guest at another server, whose name has that ``key``, says now."""

    id: UserId
    key: str
    before: Profile
    now: Profile


class Guests:
    """Who of the guests is not simply here, at any server."""

    def __init__(self) -> None:
        self._said: dict[UserId, _Said] = {}
        self._ids: dict[str, UserId] = {}  # of those at other servers, by the keys of their names
        self.changed = False
        """Whether other servers are to be told something new."""

    def profile_of(self, id: UserId) -> Profile | None:
        """What the guest ``id`` says; None if they do not."""
        said = self._said.get(id)
        return None if said is None else said.profile

    def id_of(self, key: str) -> UserId | None:
        """Who at another server has the name with that key, if they say something."""
        return self._ids.get(key)

    def say(self, id: UserId, key: str, profile: Profile) -> None:
        """The guest ``id``, who is here and has the name with that key, says this."""
        if profile == Profile():
            self.drop(id)
        else:
            self._said[id] = _Said(key, profile, None)
            self.changed = True

    def drop(self, id: UserId | None) -> bool:
        """The guest ``id`` is not here any more, or simply here; returns whether that is new."""
        said = None if id is None else self._said.get(id)
        if id is None or said is None or said.source is not None:
            return False
        del self._said[id]
        self.changed = True
        return True

    def becomes(self, id: UserId | None, now: UserId | None, key: str) -> None:
        """The guest ``id`` has the name with that key from now on; or is somebody else, ``now``."""
        profile = None if id is None else self.profile_of(id)
        if self.drop(id) and id is not None and id == now and profile is not None:
            self.say(id, key, profile)

    def here(self) -> Iterator[GuestSays]:
        """What is told to other servers."""
        for id, said in self._said.items():
            if said.source is None:
                profile = said.profile
                yield GuestSays(id, said.key, profile.status, profile.note, profile.labels)

    def heard(self, source: Source, guests: Sequence[GuestSays]) -> list[Heard]:
        """By ``source`` those say this and no others; returns who is seen otherwise."""
        told = {one.id: one for one in guests}
        changed = []
        for id, said in list(self._said.items()):
            if said.source == source and id not in told:
                del self._said[id]
                self._ids.pop(said.key, None)
                changed.append(Heard(id, said.key, said.profile, Profile()))
        for id, one in told.items():
            profile = Profile(status=one.status, note=one.note, labels=one.labels)
            before = self._said.get(id)
            if before is not None and before.source is None:
                continue  # they are here, too
            if before is not None and before.key != one.key:
                self._ids.pop(before.key, None)
            self._said[id] = _Said(one.key, profile, source)
            self._ids[one.key] = id
            said_before = Profile() if before is None else before.profile
            if said_before != profile:
                changed.append(Heard(id, one.key, said_before, profile))
        return changed
