"""Modes of people: what each letter means here (https://modern.ircdocs.horse/#user-modes)."""

from __future__ import annotations

from hubbub.wire.irc.host import BOT, INVISIBLE

OPERATOR = "o"
WALLOPS = "w"
CLOAKED = "x"
NO_QUERIES = "T"
"""Nobody's program asks theirs, by CTCP."""

ACCOUNTS_ONLY = "R"
"""No guest writes to them alone, but those who are accepted. It is kept with the account."""

ALL = "".join(sorted((ACCOUNTS_ONLY, BOT, INVISIBLE, NO_QUERIES, OPERATOR, WALLOPS, CLOAKED)))
DEFAULT = WALLOPS + CLOAKED
"""Nobody's address is shown, ever; and what administrators tell everybody, everybody hears."""

_FREE = frozenset((ACCOUNTS_ONLY, BOT, INVISIBLE, NO_QUERIES, WALLOPS))
"""Those that one sets and takes away as one likes."""


def changed(before: str, asked: str) -> tuple[str, str, str]:
    """What ``+B-i`` makes of the modes ``before``: the modes, what has changed, and what is none.

    Nobody makes themselves an operator so, nor shows their address.
    """
    modes, on, unknown = set(before), True, ""
    for letter in asked:
        if letter in "+-":
            on = letter == "+"
        elif letter not in ALL:
            unknown += letter
        elif on and letter in _FREE:
            modes.add(letter)
        elif not on and (letter in _FREE or letter == OPERATOR):
            modes.discard(letter)
    after = "".join(sorted(modes))
    return after, signed(before, after), unknown


def signed(before: str, after: str) -> str:
    """The letters, with signs, that make ``after`` of ``before``; "" if it is the same."""
    new = "".join(letter for letter in after if letter not in before)
    gone = "".join(letter for letter in before if letter not in after)
    return (f"+{new}" if new else "") + (f"-{gone}" if gone else "")
