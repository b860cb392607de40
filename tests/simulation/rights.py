"""Rights by the log: a fold of its own, written without a look at the one that decides."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hubbub.domain import events as kinds
from hubbub.domain.events import AnyEvent
from hubbub.domain.names import UserName

RANKS = {"member": 0, "voice": 1, "moderator": 2, "owner": 3}
PRIVATE = ("locked", "members", "direct")


@dataclass
class Somebody:
    """Who asks: by id and name, and whether with an account."""

    id: str | None
    name: str
    account: bool
    rank: int = 0
    """On the whole server."""
    apart: frozenset[str] = frozenset()
    """Whom they have blocked, and who has blocked them."""


@dataclass
class RightsByLog:
    """What the events of one room say, at the time of the last one."""

    access: str = "open"
    speak: str = "all"
    guests: bool = True
    archived: bool = False
    roles: dict[str, int] = field(default_factory=dict)
    passing: set[str] = field(default_factory=set)
    muted: dict[str, int | None] = field(default_factory=dict)
    bans: dict[int, kinds.Banned] = field(default_factory=dict)
    exempt: dict[tuple[bool, str], kinds.Exempted] = field(default_factory=dict)
    members: dict[str, str | None] = field(default_factory=dict)
    talk: frozenset[str] = frozenset()
    blocked: dict[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, events: Iterable[AnyEvent], *, directory: bool = False) -> RightsByLog:
        """What ``events``, the first ones of a room, add up to."""
        rights = cls()
        for event in events:
            rights._take(event, directory)
        return rights

    def _take(self, event: Any, directory: bool) -> None:
        name = type(event).__name__
        if name in ("Joined", "Registered"):
            self.members[_key(event.by)] = event.by_id
            if getattr(event, "role", None) is not None and event.seq == 1:
                self._give(event.by_id, RANKS[event.role.value], passing=event.passing)
            if (was := getattr(event, "was_id", None)) in self.passing:
                rank = self.roles.get(was, 0)
                self._give(was, 0)
                if event.by_id not in self.roles:
                    self._give(event.by_id, rank, passing=True)
        elif name in ("Left", "AccountClosed"):
            self.members.pop(_key(event.by), None)
            if name == "Left" and event.now is None and event.by_id in self.passing:
                self._give(event.by_id, 0)
            if name == "AccountClosed":
                self._give(event.by_id, 0)
                self.blocked.pop(event.by_id, None)
        elif name == "ProfileSet":
            self.blocked[event.by_id] = frozenset(event.profile.blocked)
        elif name == "Renamed":
            del self.members[_key(event.by)]
            self.members[_key(event.now)] = event.by_id
        elif name == "DirectBegun":
            self.access, self.talk = "direct", frozenset(event.ids)
            self.members.update(zip(map(_key, event.users), event.ids, strict=True))
        elif name == "RulesSet":
            for rule in ("access", "speak", "guests", "archived"):
                value = getattr(event, rule)
                if value is not None:
                    setattr(self, rule, getattr(value, "value", value))
        elif name == "RoleGiven":
            self._give(event.user_id, RANKS[event.role.value], passing=event.passing)
        elif name == "Muted":
            self.muted[event.user_id] = event.until
        elif name == "Unmuted":
            self.muted.pop(event.user_id, None)
        elif name == "Kicked" and not directory:
            self.members.pop(_key(event.user), None)
            if event.user_id in self.passing:
                self._give(event.user_id, 0)
        elif name == "Banned":
            self.bans[event.seq] = event
            self._give(event.user_id, 0)
            if not event.pattern and not directory:
                self.members.pop(_key(event.user), None)
        elif name == "Exempted" and event.of.value == "bans":
            self.exempt.pop((event.pattern, event.user_id or event.user), None)
            if event.on:
                self.exempt[event.pattern, event.user_id or event.user] = event
        elif name == "Unbanned":
            whom = self.bans[event.ban]
            self.bans = {
                seq: ban
                for seq, ban in self.bans.items()
                if (ban.pattern, ban.user_id or ban.user)
                != (whom.pattern, whom.user_id or whom.user)
            }

    def _give(self, id: str, rank: int, *, passing: bool = False) -> None:
        """That is what the user is from now on; ``passing``: until they leave."""
        self.roles.pop(id, None)
        self.passing.discard(id)
        if rank:
            self.roles[id] = rank
        if rank and passing:
            self.passing.add(id)

    def apart(self, id: str | None) -> frozenset[str]:
        """In the directory: whom ``id`` has blocked, and who has blocked them."""
        theirs = {one for one, blocked in self.blocked.items() if id in blocked}
        return self.blocked.get(id or "", frozenset()) | theirs

    def banned(self, who: Somebody, now: int) -> bool:
        """Whether a ban keeps them out: of several about the same, the last one counts."""
        if any(_is_about(one, who) for one in self.exempt.values()):
            return False
        last = {(ban.pattern, ban.user_id or ban.user): ban for ban in self.bans.values()}
        return any(_hits(ban, who) for ban in last.values() if ban.until is None or ban.until > now)

    def reads(self, who: Somebody, now: int) -> bool:
        """Whether they may read the room."""
        if self.banned(who, now):
            return False
        if self.access in PRIVATE and who.id not in self.members.values():
            return False
        return self.guests or who.account

    def rank(self, who: Somebody) -> int:
        """What they are in it, if they may read it."""
        own = self.roles.get(who.id or "", 0)
        return 3 if who.rank >= RANKS["moderator"] and self.access != "direct" else own

    def speaks(self, who: Somebody, now: int) -> bool:
        """Whether they may say something."""
        muted = who.id in self.muted and (self.muted[who.id] is None or self.muted[who.id] > now)  # type: ignore[operator]
        if muted or self.archived or not self.reads(who, now):
            return False
        if len(self.talk) == 2 and self.talk & who.apart:
            return False
        if self.speak == "voices":
            return self.rank(who) > 0
        return self.speak == "all" or who.account or self.rank(who) > 0

    def may(self, who: Somebody, now: int) -> dict[str, bool]:
        """What they may do in the room."""
        reads, talk = self.reads(who, now), self.access == "direct"
        rank = self.rank(who)
        return {
            "read": reads,
            "speak": self.speaks(who, now),
            "kick": reads and not talk and rank >= 2 and not self.archived,
            "ban": reads and not talk and rank >= 2,
            "rules": reads and not talk and rank >= 3,
            "invite": reads and not talk and (who.account or rank > 0) and not self.archived,
        }


def _is_about(one: kinds.Exempted, who: Somebody) -> bool:
    if not one.pattern:
        return one.user_id == who.id
    return not who.account and fnmatch.fnmatchcase(_key(who.name), one.user)


def _hits(ban: kinds.Banned, who: Somebody) -> bool:
    if ban.user_id is not None and ban.user_id == who.id:
        return True
    if who.account:
        return False
    if ban.pattern:
        return fnmatch.fnmatchcase(_key(who.name), ban.user)
    return _key(ban.user) == _key(who.name)


def _key(name: str) -> str:
    return UserName.recall(name).key


def at_head(events: Sequence[AnyEvent], head: int, *, directory: bool = False) -> RightsByLog:
    """What the first ``head`` events say."""
    return RightsByLog.of(events[:head], directory=directory)
