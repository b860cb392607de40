"""Whose names are whose at which server: what claims in a row come to. No SQL."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from hubbub.domain.errors import NameTaken
from hubbub.domain.ids import number_of
from hubbub.domain.lookalikes import keys_like
from hubbub.hub.ports import ClaimName, ForgetGuest, FreeName, Guest, KeepGuest, Row, Settled
from hubbub.storage.room_rows import taken_by_now

ANOTHER_HAS_IT = "The name is in use, or kept for somebody who lost the connection."
FORGOTTEN_GUEST = "The name is not kept any more."

Naming = ClaimName | FreeName
At = tuple[str, str]
"""The key of a name, and the node where somebody has it."""


class StagedNames:
    """Decides one after another; `dropped` and `added` are what has changed of the claims then.

    ``accounts``: which of the names, and of those that they look like, are accounts'. ``guests``:
    whose the others are, by their keys. ``claims``: who has them where, by number and name; and
    what else these people have.
    """

    def __init__(
        self,
        accounts: Collection[str],
        guests: Mapping[str, int],
        claims: Mapping[At, tuple[int, str]],
    ) -> None:
        self._accounts = accounts
        self._guests = dict(guests)
        self._before = claims
        self._now = dict(claims)
        self._of: dict[int, set[At]] = {}
        self._at: dict[str, set[At]] = {}
        for at, (user, _) in claims.items():
            self._note(at, user)
        self.rows: list[Row] = []
        """What follows for the guests, in order."""

    def take(self, entry: Naming) -> Settled:
        """The outcome of ``entry``."""
        if isinstance(entry, FreeName):
            return self._free(entry)
        try:
            self._claim(entry)
        except NameTaken as error:
            return Settled(entry, error=error)
        return Settled(entry)

    @property
    def dropped(self) -> list[At]:
        """The claims that are gone, or another's by now."""
        return [at for at, was in self._before.items() if self._now.get(at) != was]

    @property
    def added(self) -> list[tuple[object, ...]]:
        """The rows of those that are new."""
        changed = ((at, now) for at, now in self._now.items() if self._before.get(at) != now)
        return [(*at, *now) for at, now in changed]

    def _claim(self, entry: ClaimName) -> None:
        key, user = entry.name.key, number_of(entry.id)
        for like in keys_like(key):
            if like in self._accounts:
                raise NameTaken(taken_by_now(entry.name, like))
        for at in self._at.get(key, ()):
            if self._now[at][0] != user and at[1] != entry.node:
                raise NameTaken(ANOTHER_HAS_IT)
        if entry.known is not None and self._guests.get(entry.known.key) != user:
            raise NameTaken(FORGOTTEN_GUEST)
        self._drop((key, entry.node))
        self._now[key, entry.node] = user, str(entry.name)
        self._note((key, entry.node), user)
        if entry.guest is not None:
            self._guests[key] = user
            self.rows.append(KeepGuest(entry.guest))

    def _free(self, entry: FreeName) -> Settled:
        key, user = entry.name.key, number_of(entry.id)
        mine = self._of.get(user, set())
        if (key, entry.node) in mine:
            self._drop((key, entry.node))
        if all(at[0] != key for at in mine):
            if self._guests.get(key) == user:
                del self._guests[key]
            self.rows.append(ForgetGuest(Guest(entry.id, entry.name, b"")))
        return Settled(entry, more=bool(mine))

    def _drop(self, at: At) -> None:
        former = self._now.pop(at, None)
        if former is not None:
            self._of[former[0]].discard(at)
            self._at[at[0]].discard(at)

    def _note(self, at: At, user: int) -> None:
        self._of.setdefault(user, set()).add(at)
        self._at.setdefault(at[0], set()).add(at)


def people_of(part: Iterable[Naming]) -> list[tuple[str, int]]:
    """The keys of names and the numbers of users that ``part`` is about."""
    people = {(entry.name.key, number_of(entry.id)) for entry in part}
    for entry in part:
        if isinstance(entry, ClaimName) and entry.known is not None:
            people.add((entry.known.key, number_of(entry.id)))
    return sorted(people)
