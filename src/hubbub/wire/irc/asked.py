"""What a ``MODE`` of a room asks for: letters with signs, and the parameters they take.

https://modern.ircdocs.horse/#mode-message
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from hubbub.domain.passwords import MIN_WORD_CHARS
from hubbub.domain.rules import MAX_MOST, RoomAccess
from hubbub.wire.irc.modes import (
    BY_LETTER,
    KEY,
    LIMIT,
    LISTS,
    ROLES,
    Rule,
    Rules,
    letter_of,
)

MAX_KEY_CHARS = 64


class Wish(Struct, frozen=True):
    """One letter: ``on`` by its sign. ``param``: None if it has none."""

    letter: str
    on: bool
    param: str | None = None


class Wrong(Struct, frozen=True):
    """A parameter that a mode does not take, and why, or one that is missing."""

    letter: str
    param: str
    why: str


MISSING = "That mode needs a parameter."


def wishes(params: Iterable[str]) -> Iterator[Wish]:
    """The letters of a MODE in their order, with what follows them."""
    rest = iter(params)
    for signs in rest:
        on = True
        for letter in signs:
            if letter in "+-":
                on = letter == "+"
            else:
                takes = letter in LISTS or letter in ROLES or letter == KEY
                takes = takes or (letter == LIMIT and on)
                yield Wish(letter, on, next(rest, None) if takes else None)


class NewRules(Struct):
    """What the rules are to be: ``fields`` of a `hubbub.domain.commands.SetRules`.

    ``wrong``: what cannot be. ``stricter``: letters that say less than one that is set already, by
    that one.
    """

    fields: dict[str, Any]
    wrong: list[Wrong]
    stricter: list[tuple[str, str]]


def new_rules(now: Rules, asked: Iterable[Wish]) -> NewRules:
    """What is ``asked`` for of rules, where ``now`` holds: what does so already is left out."""
    new = NewRules({}, [], [])
    for wish in asked:
        if wish.letter == LIMIT:
            _limit(new, wish)
        elif _key_is_right(new, wish):
            _rule(new, now, BY_LETTER[wish.letter], wish)
    if new.fields.get("access", now.access) is not RoomAccess.LOCKED:
        new.fields.pop("password", None)
    new.fields = {
        field: value
        for field, value in new.fields.items()
        if field == "password" or getattr(now, field) != value
    }
    return new


def _limit(new: NewRules, wish: Wish) -> None:
    if not wish.on:
        new.fields["most"] = 0
        return
    text = wish.param or ""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    if 0 < number <= MAX_MOST:
        new.fields["most"] = number
    else:
        why = f"Not so many people, but a number from 1 to {MAX_MOST:,}."
        new.wrong.append(Wrong(LIMIT, text, why if text else MISSING))


def _key_is_right(new: NewRules, wish: Wish) -> bool:
    if wish.letter != KEY or not wish.on:
        return True
    key = wish.param or ""
    if key and len(key) <= MAX_KEY_CHARS and " " not in key and "," not in key and key[0] != ":":
        return True
    why = f"A key has {MIN_WORD_CHARS} to {MAX_KEY_CHARS} characters, without spaces and commas."
    new.wrong.append(Wrong(KEY, "", why if key else MISSING))
    return False


def _rule(new: NewRules, now: Rules, rule: Rule, wish: Wish) -> None:
    """A room has one mode of each rule: a stricter one stays until it is taken away."""
    is_set = letter_of(rule, new.fields.get(rule.field, getattr(now, rule.field)))
    if not wish.on:
        if is_set == wish.letter:
            new.fields[rule.field] = rule.off
        return
    order = list(rule.modes)
    if is_set and order.index(is_set) < order.index(wish.letter):
        new.stricter.append((wish.letter, is_set))
        return
    new.fields[rule.field] = rule.modes[wish.letter]
    if wish.letter == KEY:
        new.fields["password"] = wish.param
