"""Events of any kind become rows and come back, those of kinds to come included."""

from __future__ import annotations

import pytest

from hubbub.domain.events import (
    AnyEvent,
    Edited,
    Event,
    Joined,
    Left,
    Pinned,
    Reacted,
    Redacted,
    Said,
)
from hubbub.domain.files import File
from hubbub.domain.ids import number_of, user_id
from hubbub.domain.names import RoomName, UserName
from hubbub.storage.rows import KINDS, Kind, event_of, name_of
from tests.storage.talk import ADA

EVE = user_id(3)


class Amended(Event, frozen=True, gc=False, tag="amended"):
    """As a later version may have it."""

    text: str
    target: int
    tags: tuple[str, ...] = ()


@pytest.mark.parametrize(
    "event, columns",
    [
        (Said(7, 5, "Ada", "hello"), ("said", "hello", None)),
        (Said(7, 5, "Ada", "hello", 3), ("said", "hello", '{"reply_to":3}')),
        (
            Said(7, 5, "Ada", "hello", 3, notice=True, tags={"+x": "y"}),
            ("said", "hello", '{"reply_to":3,"notice":true,"tags":{"+x":"y"}}'),
        ),
        (Joined(7, 5, "Ada"), ("joined", None, None)),
        (Left(7, 5, "Ada"), ("left", None, None)),
        (Left(7, 5, "Ada", "Eve", by_id=EVE), ("left", None, '{"now":"Eve"}')),
        (Said(7, 5, "Ada", "hello", by_id=EVE), ("said", "hello", None)),
        (Edited(7, 5, "Ada", 3, "better", by_id=EVE), ("edited", "better", None, 3)),
        (Reacted(7, 5, "Ada", 3, emoji="👍"), ("reacted", "👍", None, 3)),
        (Reacted(7, 5, "Ada", 3, emoji="👍", on=False), ("reacted", "👍", '{"on":false}', 3)),
        (Redacted(7, 5, "Ada", 3), ("redacted", None, None, 3)),
        (Redacted(7, 5, "Ada", 3, author="Ben"), ("redacted", None, '{"author":"Ben"}', 3)),
        (Pinned(7, 5, "Ada", target=3), ("pinned", None, '{"target":3}')),
        (
            Said(7, 5, "Ada", "", 3, files=(File("x", "a.png", 5, "image/png"),), moved=True),
            (
                "said",
                "",
                '{"reply_to":3,"moved":true,'
                '"files":[{"id":"x","name":"a.png","size":5,"type":"image/png"}]}',
            ),
        ),
    ],
)
def test_an_event_comes_back_from_its_row(
    event: AnyEvent, columns: tuple[str | int | None, ...]
) -> None:
    kind, text, extra, amends = KINDS[type(event)].content(event)
    assert (kind, text, extra, *([] if amends is None else [amends])) == columns
    author = None if event.by_id is None else number_of(event.by_id)
    assert event_of(event.seq, event.at, kind, author, event.by, text, extra, amends) == event


@pytest.mark.parametrize(
    "event", [Amended(7, 5, "Ada", "hello", 3), Amended(7, 5, "Ada", "", 3, (ADA, "b"))]
)
def test_a_kind_to_come_needs_no_code(event: Amended) -> None:
    kind = Kind(Amended)
    _, text, extra, amends = kind.content(event)
    assert kind.read(event.seq, event.at, None, event.by, text, extra, amends) == event


@pytest.mark.parametrize(
    "kind, text, extra",
    [
        ("unheard-of", "hello", None),
        ("Event", None, None),
        ("said", None, None),
        ("said", "hello", "no JSON"),
        ("said", "hello", "[]"),
        ("said", "hello", '{"reply_to":"three"}'),
        ("said", None, '{"reply_to":3}'),
        ("edited", "without a target", None),
        ("reacted", None, None),
    ],
)
def test_what_cannot_be_read_is_an_event_all_the_same(
    kind: str, text: str | None, extra: str | None
) -> None:
    assert event_of(7, 5, kind, 3, "Ada", text, extra) == Event(7, 5, "Ada", by_id=EVE)


def test_a_name_is_read_as_it_was_written_whatever_todays_rules_are() -> None:
    name = name_of(RoomName, "no longer allowed, this", "its key")
    assert (type(name), name, name.key) == (RoomName, "no longer allowed, this", "its key")
    assert name_of(UserName, "Ada", "ada") == UserName.parse("Ada")
