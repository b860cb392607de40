"""Modes of rooms and what they are here: one table, both ways. docs/irc.md has it, too.

https://modern.ircdocs.horse/#channel-modes
"""

from __future__ import annotations

from typing import Any, Protocol

from msgspec import Struct

from hubbub.domain.rules import Role, RoomAccess, Speakers, Topics

# Roles

PREFIXES = {"q": "~", "a": "&", "o": "@", "h": "%", "v": "+"}
"""What stands before the nickname of who has a mode, the highest first."""

ROLES = {
    "q": Role.OWNER,
    "a": Role.OWNER,
    "o": Role.OWNER,
    "h": Role.MODERATOR,
    "v": Role.VOICE,
}
"""What a mode makes of somebody. An operator of IRC sets modes and makes operators, as an owner
does; who puts people out and bans them, and does not set modes, is half an operator.
"""

LETTERS = {Role.OWNER: "o", Role.MODERATOR: "h", Role.VOICE: "v"}
"""The mode as which a role is shown."""

_HELD = {Role.MEMBER: "", Role.OWNER: "ov", Role.MODERATOR: "hv", Role.VOICE: "v"}
"""All modes that are shown of a role: whoever has one is heard in a room with ``m``."""


def prefix(role: Role, *, all_of_them: bool) -> str:
    """What stands before the nickname of who has that role."""
    held = _HELD[role]
    return "".join(PREFIXES[letter] for letter in (held if all_of_them else held[:1]))


def role_changes(before: Role | None, after: Role) -> str:
    """The letters, with signs, that make a role of another one; "" if it is the same.

    ``before`` is None where it is not known: then all others are taken away.
    """
    if before is after:
        return ""
    was = "ohv" if before is None else _HELD[before]
    gone = "".join(letter for letter in was if letter not in _HELD[after])
    return (f"-{gone}" if gone else "") + (f"+{LETTERS[after]}" if after in LETTERS else "")


# Rules


class Rules(Protocol):
    """What holds in a room: `RoomFacts`, or a `Standing`."""

    @property
    def access(self) -> RoomAccess: ...
    @property
    def speak(self) -> Speakers: ...
    @property
    def guests(self) -> bool: ...
    @property
    def topics(self) -> Topics: ...
    @property
    def outside(self) -> bool: ...
    @property
    def most(self) -> int: ...
    @property
    def signals(self) -> bool: ...


class Rule(Struct, frozen=True):
    """A rule of rooms, by its field, and the modes that say it.

    ``modes``: its values by their letters, the strictest first: a room has one of them. ``off``:
    without any of them.
    """

    field: str
    modes: dict[str, Any]
    off: Any


RULES = (
    Rule(
        "access",
        {"i": RoomAccess.MEMBERS, "k": RoomAccess.LOCKED, "s": RoomAccess.UNLISTED},
        RoomAccess.OPEN,
    ),
    Rule("speak", {"m": Speakers.VOICES, "M": Speakers.MEMBERS}, Speakers.ALL),
    Rule("topics", {"t": Topics.MODERATORS}, Topics.ALL),
    Rule("outside", {"n": False}, True),
    Rule("guests", {"R": False}, True),
    Rule("signals", {"C": False}, True),
)
"""All but the limit, whose value is a number."""

LIMIT = "l"
KEY = "k"
LISTS = "Ibe"
"""Who needs no invitation, who is banned, and for whom bans do not hold."""

HIDDEN_KEY = "*"  # what is shown as the key: only its hash is known
BY_LETTER = {letter: rule for rule in RULES for letter in rule.modes}
FLAGS = "".join(sorted(letter for letter in BY_LETTER if letter != KEY))

CHANMODES = f"{LISTS},{KEY},{LIMIT},{FLAGS}"
"""As RPL_ISUPPORT has them: lists, with a parameter always, when set, and never."""
ALL_MODES = "".join(sorted(LISTS + KEY + LIMIT + FLAGS + "".join(ROLES)))
WITH_PARAMETER = "".join(sorted(LISTS + KEY + LIMIT + "".join(ROLES)))

_DIRECT = {RoomAccess.DIRECT: "i"}
_SYMBOLS = {RoomAccess.UNLISTED: "@", RoomAccess.MEMBERS: "*", RoomAccess.DIRECT: "*"}


def symbol(access: RoomAccess) -> str:
    """What RPL_NAMREPLY says of a room: ``=`` is one for everybody."""
    return _SYMBOLS.get(access, "=")


def letter_of(rule: Rule, value: Any) -> str:
    """The mode that says that ``value`` of a rule; "" if none does."""
    found = (letter for letter, meant in rule.modes.items() if meant == value)
    return next(found, _DIRECT.get(value, "") if rule.field == "access" else "")


def letters_of(rules: Rules) -> dict[str, str | None]:
    """The modes that are set by what holds in a room, with their parameters."""
    modes: dict[str, str | None] = {}
    for rule in RULES:
        letter = letter_of(rule, getattr(rules, rule.field))
        if letter:
            modes[letter] = HIDDEN_KEY if letter == KEY else None
    if rules.most:
        modes[LIMIT] = str(rules.most)
    return modes
