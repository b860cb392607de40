"""What is known of somebody, in words."""

from __future__ import annotations

from hubbub.domain.replies import Person
from hubbub.domain.rules import Role, Status
from hubbub.terminal.full.model import clock
from hubbub.terminal.full.model.display import cut, shown

MOST_CELLS = 240  # of what somebody says about themselves: a server may send a book

_SEEN_AS = {
    Status.HERE: "here",
    Status.AWAY: "away",
    Status.BUSY: "busy, and does not want to be disturbed",
}
_ROLES = {
    Role.VOICE: "Has a voice on this server.",
    Role.MODERATOR: "Administers this server.",
    Role.OWNER: "Owns this server.",
}


def card(person: Person, now: float) -> list[str]:
    """A line for each thing that is known; ``now`` is in seconds."""
    lines = [_presence(person, now)]
    if person.about:
        lines.append(_brief(person.about))
    if not person.account:
        lines.append("A guest, without an account.")
    elif person.registered:
        lines.append(f"Has an account since {clock.day(person.registered)}.")
    else:
        lines.append("Has an account.")
    if person.role in _ROLES:
        lines.append(_ROLES[person.role])
    return lines


def _presence(person: Person, now: float) -> str:
    note = f": {_brief(person.note)}" if person.note else "."
    if person.here:
        return f"Is {_SEEN_AS[person.status]}{note}"
    words = "Is not here"
    if person.status is not Status.HERE:
        words += f", and has said to be {_SEEN_AS[person.status]}"
    elif person.seen is not None:
        words += f", and was here last {clock.ago(person.seen, now)}"
    return f"{words}{note}"


def _brief(text: str) -> str:
    return cut(shown(text[: 2 * MOST_CELLS]), MOST_CELLS)
