"""Joins and leaves in one line, so that a crowd that comes does not push the texts away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from hubbub.domain.events import Event, Joined, Left

FOLDED_FROM = 3  # joins and leaves in a row; fewer have a line each
NAMED = 4  # people who are all named; of more, one is named and the others are counted


class Happened(NamedTuple):
    """What some people did: ``names`` are named, and the number of ``others`` is added."""

    names: Sequence[str]
    others: int
    did: str

    def words(self) -> str:
        """``ada, ben and eve joined``, ``ada and 198 others joined``."""
        return f"{listed(self.names, self.others)} {self.did}"


def is_coming(event: Event | None) -> bool:
    """Whether an event is a join or a leave."""
    return isinstance(event, (Joined, Left))


def folded(events: Sequence[Event]) -> list[Happened]:
    """The outcome for each person: one who has joined and then left "joined and left".

    A person who has joined and taken another name has joined by the new name.
    """
    first: dict[str, Event] = {}
    last: dict[str, Event] = {}
    former: dict[
        str, tuple[str, str]
    ] = {}  # renames of people who were there before, by the new key: old name, new name
    for event in events:
        key = event.by.casefold()
        if isinstance(event, Left) and event.now is not None:
            continue  # counted with the join of the new name
        if isinstance(event, Joined) and event.was is not None:
            was = event.was.casefold()
            if was not in first:
                former[key] = (former.pop(was, (event.was, ""))[0], event.by)
                continue
            first.setdefault(key, first.pop(was))
            del last[was]
        first.setdefault(key, event)
        last[key] = event
    # Not "came back": it may be another person with that name.
    names: dict[str, list[str]] = {
        did: [] for did in ("joined", "left", "left and joined", "joined and left")
    }
    reasons: list[Happened] = []  # of those who have left and said why
    for key, event in last.items():
        came, stays = isinstance(first[key], Joined), isinstance(event, Joined)
        if came:
            names["joined" if stays else "joined and left"].append(event.by)
        else:
            names["left and joined" if stays else "left"].append(event.by)
            if isinstance(event, Left) and event.reason is not None:
                reasons.append(Happened((event.by,), 0, f"left: {event.reason}"))
    if len(names["left"]) > NAMED:
        reasons = []
    told = {name for one in reasons for name in one.names}
    names["left"] = [name for name in names["left"] if name not in told]
    outcomes = [_happened(people, did) for did, people in names.items() if people] + reasons
    if len(former) > NAMED:
        return [Happened((f"{len(former):,} people",), 0, "have new names"), *outcomes]
    return [*(Happened((was,), 0, _renamed(was, now)) for was, now in former.values()), *outcomes]


def listed(names: Sequence[str], others: int = 0) -> str:
    """Names as people say them: ``ada, ben and eve``, ``ada and 198 others``."""
    parts = [*names, *([f"{others:,} others"] if others else [])]
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def _renamed(was: str, now: str) -> str:
    return "has the old name again" if was == now else f"is now {now}"


def _happened(people: list[str], did: str) -> Happened:
    shown = people if len(people) <= NAMED else people[:1]
    return Happened(shown, len(people) - len(shown), did)
