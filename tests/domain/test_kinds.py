from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from msgspec import Struct
from msgspec.structs import fields

from hubbub.domain.events import AnyEvent, Event, Joined, Left, ProfileSet, Quote, Said
from hubbub.domain.kinds import TRAITS, UNKNOWN, is_message, texts_of, traits_of
from hubbub.domain.told import MAX_NAME_CHARS

KINDS = get_args(AnyEvent)


def test_every_kind_has_its_row() -> None:
    assert set(TRAITS) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_row_says_of_fields_is_true_of_the_kind(kind: type[Event]) -> None:
    traits = TRAITS[kind]
    names = {field.name for field in fields(kind)}
    assert "text" in names or not traits.message
    assert traits.amends is None or traits.amends in names
    assert (traits.amends is None) is (traits.amend is None)
    assert traits.amends is None or not traits.line


@pytest.mark.parametrize("kind", KINDS)
def test_all_that_may_be_long_in_an_event_is_among_its_texts(kind: type[Event]) -> None:
    event, long = filled(kind)
    others = set(texts_of(event)) - set(long)
    assert set(long) <= set(texts_of(event))
    # Of files the names, of reactions who, of profiles who is blocked and accepted: many.
    assert len(others) == (2 if kind in (Said, ProfileSet) else 0)


def test_texts_that_are_not_there_are_left_out() -> None:
    assert texts_of(Said(1, 2, "ada", "hi")) == ("hi",)
    assert texts_of(Said(1, 2, "ada", "hi", 1, Quote("ben", "lo"))) == ("hi", "lo")
    assert texts_of(Joined(1, 2, "ada", "ben")) == ()


def test_only_what_is_said_is_a_message() -> None:
    assert is_message(Said(1, 2, "ada", "hi"))
    assert not is_message(Joined(1, 2, "ada"))
    assert not is_message(Left(1, 2, "ada"))
    assert not is_message(None)


def test_an_unknown_kind_has_its_place_and_nothing_else() -> None:
    later = Event(7, 5, "ada")
    assert traits_of(later) is UNKNOWN
    assert not is_message(later)
    assert texts_of(later) == ()


def filled(kind: type[Struct]) -> tuple[Any, list[str]]:
    """A struct with something in each field, and those of its strings that may be long."""
    values: dict[str, Any] = {}
    long: list[str] = []
    hints = get_type_hints(kind, include_extras=True)
    for field in fields(kind):
        value, texts = a_value(hints[field.name], f"{kind.__name__}.{field.name}")
        values[field.name] = value
        long += texts
    return kind(**values), long


def a_value(hint: Any, text: str) -> tuple[Any, list[str]]:
    if hint is type(None):
        return None, []
    if isinstance(hint, type) and issubclass(hint, Struct):
        return filled(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint)), []
    meta = getattr(hint, "__metadata__", ())
    if meta:
        limit = meta[0].max_length
        value, texts = a_value(hint.__origin__, text)
        few = limit is not None and limit <= MAX_NAME_CHARS
        return value, [] if few and isinstance(value, str) else texts
    hint = getattr(hint, "__supertype__", hint)  # of a NewType
    parts = get_args(hint)
    if get_origin(hint) is dict:
        (name, names), (value, texts) = (a_value(part, text) for part in parts)
        return {name: value}, [*names, *texts]
    if get_origin(hint) in (tuple, Sequence):
        value, texts = a_value(parts[0], text)
        return (value,), texts
    if parts:  # a union: all of one of its kinds of value
        found = [a_value(part, text) for part in parts]
        return next((one for one in found if one[0] is not None), (None, []))
    return {str: (text, [text]), int: (7, []), bool: (True, [])}[hint]
