"""Events of Hubbub's own export as they are in the log that they are moved to.

Numbers are others where the export does not begin with the first event; people are others where
the operator says so, and have other names where somebody here has theirs.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from typing import Any

from msgspec.structs import replace

from hubbub.domain.events import (
    FORMER_MEMBER,
    UNSEQUENCED,
    AnyEvent,
    DirectBegun,
    Invited,
    Joined,
    Left,
    Redacted,
    Said,
    TicketMade,
)
from hubbub.domain.ids import UserId
from hubbub.domain.names import UserName
from hubbub.moving.planning import Author, Plan

MAX_GUESTS = 10_000  # whose names are remembered: for others it is asked again


class Numbers:
    """Which ``seq`` of the export is which in the new log: a shift, another one behind a gap."""

    def __init__(self, before: int) -> None:
        """``before``: so many events are in the new log before the first of the export."""
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._shifts: list[int] = []
        self._last = 0
        self.tickets: set[str] = set()
        """Those that were made so far, by their ids."""
        self.next = before + 1

    def take(self, seq: int) -> int:
        """The number of the next event of the export."""
        if seq != self._last + 1 or not self._starts:
            self._starts.append(seq)
            self._ends.append(seq)
            self._shifts.append(self.next - seq)
        self._ends[-1] = self._last = seq
        self.next += 1
        return self.next - 1

    def of(self, seq: int | None) -> int | None:
        """What ``seq`` of the export is here; None if it is not among what is moved."""
        place = -1 if seq is None else bisect_right(self._starts, seq) - 1
        if seq is None or place < 0 or seq > self._ends[place]:
            return None
        return seq + self._shifts[place]


class Relations:
    """Who is who."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._others = {
            author.person.id_here: author
            for author in plan.authors.values()
            if author.id != author.person.id_here or str(author.name) != author.person.name
        }
        self._guests: OrderedDict[tuple[str, UserId], str] = OrderedDict()

    def id(self, id: UserId | None) -> UserId | None:
        """The id here of who has ``id`` in the export."""
        other = self._others.get(id)
        return id if other is None else other.id

    def name(self, name: str, id: UserId | None) -> str:
        """The name here of who is called ``name`` at that place of the export."""
        if id is None or name == FORMER_MEMBER:
            return name
        author = self._plan.authors.get(id)
        if author is None:
            return self._guest(name, id)
        return self._renamed(author, name) if id in self._others else name

    def message(self, event: Said, reply_to: int | None) -> Said:
        """A text as it is to be written."""
        by, by_id = self.name(event.by, event.by_id), self.id(event.by_id)
        return Said(
            UNSEQUENCED,
            event.at,
            by,
            event.text,
            reply_to,
            moved=event.moved,
            by_id=by_id,
            notice=event.notice,
            tags=event.tags,
        )

    def event(self, event: AnyEvent, numbers: Numbers) -> AnyEvent:
        """An event of a new room as it is to be written."""
        if isinstance(event, Said):
            return self.message(event, numbers.of(event.reply_to))
        changes: dict[str, Any] = {
            "seq": UNSEQUENCED,
            "by": self.name(event.by, event.by_id),
            "by_id": self.id(event.by_id),
        }
        about = getattr(event, "user_id", None)
        if about is not None and isinstance(user := getattr(event, "user", None), str):
            changes |= {"user": self.name(user, about), "user_id": self.id(about)}
        match event:
            case Redacted(author=str(author), author_id=author_id):
                changes["author"] = self.name(author, author_id)
                changes["author_id"] = self.id(author_id)
            case Joined(was=was, since=since, was_id=was_id):
                changes |= {"was": was and self.name(was, was_id or event.by_id)}
                changes |= {"was_id": self.id(was_id), "since": numbers.of(since)}
            case Left(now=now):
                changes["now"] = now and self.name(now, event.by_id)
            case DirectBegun(users=users, ids=ids):
                names = zip(users, ids, strict=False)
                changes["users"] = tuple(self.name(user, id) for user, id in names)
                changes["ids"] = tuple(self.id(id) or id for id in ids)
            case TicketMade(ticket=ticket):
                numbers.tickets.add(ticket)
            case Invited(ticket=ticket) if ticket not in numbers.tickets:
                changes["ticket"] = None  # it was made before the export begins
        for field in ("ban", "target"):
            if hasattr(event, field):
                changes[field] = numbers.of(getattr(event, field)) or 0
        return replace(event, **changes)

    def amendment(self, event: AnyEvent, target: int) -> AnyEvent:
        """What amends a message, as it is to be written behind what is here: about ``target``."""
        by, by_id = self.name(event.by, event.by_id), self.id(event.by_id)
        changes: dict[str, Any] = {"seq": UNSEQUENCED, "by": by, "by_id": by_id, "target": target}
        if isinstance(event, Redacted) and event.author is not None:
            changes["author"] = self.name(event.author, event.author_id)
            changes["author_id"] = self.id(event.author_id)
        return replace(event, **changes)

    def _renamed(self, author: Author, name: str) -> str:
        was, now = UserName.recall(author.person.name), author.name
        return str(now) if UserName.recall(name).key == was.key else name

    def _guest(self, name: str, id: UserId) -> str:
        """Who has no account keeps the name, unless it is somebody else's here."""
        known = self._guests.get((name, id))
        if known is None:
            known = name
            if self._plan.is_taken(UserName.recall(name), id):
                known = str(self._plan.names.give(name, id))
            self._guests[name, id] = known
            if len(self._guests) > MAX_GUESTS:
                self._guests.popitem(last=False)
        return known
