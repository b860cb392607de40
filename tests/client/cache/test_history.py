"""What a cache knows of rooms: one piece of each log without holes, and not too much."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.client import Joined, Left, Quote, Said
from hubbub.client.cache import Bounds, Cache, kept
from hubbub.domain.events import Event
from hubbub.domain.ids import user_id
from tests.client.cache.conftest import Open
from tests.client.cache.talk import SERVER, START, said, seqs

# Growing


def test_events_come_back_as_they_were(cache: Cache) -> None:
    events = [
        Joined(1, START, "ada"),
        Said(2, START + 1, "ada", "“Grüße”\n\x1b[31m 👋🏽"),
        Said(3, START + 2, "ben", "yes", reply_to=2, quote=Quote("ada", "two\nlines")),
        Left(4, START + 3, "ada"),
    ]
    cache.add("General", events)
    assert cache.page("General", limit=10) == events


def test_an_unknown_room_is_empty(cache: Cache) -> None:
    assert cache.page("tea", limit=10) == []
    assert cache.span("tea") is None
    cache.forget("tea")
    cache.add("tea", [])
    assert cache.rooms() == []


def test_what_is_known_is_left_out(cache: Cache) -> None:
    cache.add("General", said(5, 6, 7))
    cache.add("General", said(6, 7, by="eve"))
    cache.add("General", said(4, 5, 6, 7, 8))
    assert cache.page("General", limit=10) == said(5, 6, 7, 8)


def test_a_hole_makes_a_room_start_over(cache: Cache) -> None:
    cache.add("General", said(1, 2, 3))
    cache.add("General", said(5, 6))
    assert cache.page("General", limit=10) == said(5, 6)
    assert cache.span("General") == (5, 6)


def test_a_hole_within_what_comes_makes_a_room_start_over_behind_it(cache: Cache) -> None:
    cache.add("General", said(1, 2, 3))
    cache.add("General", said(4, 5, 8, 9))
    assert cache.page("General", limit=10) == said(8, 9)


def test_older_events_grow_the_other_end(cache: Cache) -> None:
    cache.add("General", said(11, 12))
    cache.add_older("General", said(8, 9, 10, 11))
    cache.add_older("General", said(6, 7))
    assert cache.page("General", limit=10) == said(6, 7, 8, 9, 10, 11, 12)


def test_older_events_that_do_not_fit_are_not_taken(cache: Cache) -> None:
    cache.add("General", said(11, 12))
    cache.add_older("General", said(7, 8, 9))
    cache.add_older("General", said(6, 7, 9, 10))
    assert cache.span("General") == (9, 12)


def test_events_of_unknown_kinds_keep_their_place(cache: Cache) -> None:
    cache.add("General", [*said(1), Event(2, START, "ada"), *said(3)])
    assert cache.page("General", limit=10) == [*said(1), Event(2, START, "ada"), *said(3)]
    assert type(cache.page("General", limit=10)[1]) is Event


def test_what_a_newer_version_kept_has_its_place_too(cache: Cache, open_cache: Open) -> None:
    cache.add("General", said(1, 2, 3))
    assert cache.path is not None
    with sqlite3.connect(cache.path) as newer:
        newer.execute(
            "UPDATE events SET event = ? WHERE seq = 2",
            (b'{"kind":"edited","seq":2,"at":7,"by":"ben","text":"new","of":1}',),
        )
    newer.close()
    assert cache.page("General", limit=10) == [*said(1), Event(2, 7, "ben"), *said(3)]


def test_rooms_that_a_new_version_could_read_better_are_asked_for_again(
    cache: Cache, open_cache: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.add("General", [*said(1), Event(2, START, "ada")])
    cache.add("tea", [Said(1, START, "eve", '{"kind":"Event"}', by_id=user_id(3))])
    cache.add("early", [Said(1, START, "eve", '"by_id":"3"')])
    assert set(open_cache().rooms()) == {"General", "early", "tea"}
    monkeypatch.setattr(kept, "KINDS", kept.KINDS + " edited")
    assert open_cache().rooms() == ["tea"]


def test_numbers_that_no_log_has_are_not_taken(cache: Cache) -> None:
    cache.add("General", [Said(0, START, "ada", "x"), Said(2**64, START, "ada", "x")])
    assert cache.span("General") is None
    cache.add("General", [Said(1, 2**70, "ada", "x")])
    assert cache.span("General") == (1, 1)


# Reading


def test_pages_go_back_from_the_newest(cache: Cache) -> None:
    cache.add("General", said(*range(1, 11)))
    assert seqs(cache.page("General", limit=3)) == [8, 9, 10]
    assert seqs(cache.page("General", before=8, limit=3)) == [5, 6, 7]
    assert seqs(cache.page("General", before=3, limit=3)) == [1, 2]
    assert cache.page("General", before=1, limit=3) == []
    assert cache.page("General", limit=0) == cache.page("General", limit=-1) == []
    assert seqs(cache.page("General", before=2**70, limit=1)) == [10]


def test_a_room_is_one_however_its_name_is_written(cache: Cache) -> None:
    cache.add("#Café", said(1))
    cache.add("CAFÉ", said(2))
    assert cache.page("cafe\N{COMBINING ACUTE ACCENT}", limit=5) == said(1, 2)
    assert cache.rooms() == ["CAFÉ"]


def test_rooms_where_something_happened_last_come_first(cache: Cache) -> None:
    cache.add("General", said(1))
    cache.add("tea", said(5))
    assert cache.rooms() == ["tea", "General"]
    cache.add("General", said(2, 3, 4, 5, 6))
    cache.add_older("tea", said(4))
    assert cache.rooms() == ["General", "tea"]


def test_all_is_there_after_a_restart(cache: Cache, open_cache: Open) -> None:
    cache.add("General", said(1, 2))
    cache.close()
    again = open_cache()
    assert again.page("General", limit=5) == said(1, 2)
    assert again.span("General") == (1, 2)
    assert again.log == "log-1"


def test_a_forgotten_room_can_be_filled_again(cache: Cache) -> None:
    cache.add("General", said(5, 6))
    cache.add("tea", said(1))
    cache.forget("GENERAL")
    assert cache.rooms() == ["tea"]
    cache.add("General", said(1))
    assert cache.page("General", limit=5) == said(1)


# The server's log


def test_another_log_empties_the_cache(cache: Cache) -> None:
    cache.add("General", said(1, 2))
    cache.log = "log-1"
    assert cache.span("General") == (1, 2)
    cache.log = "log-2"
    assert cache.rooms() == []
    assert cache.log == "log-2"


def test_clear_forgets_what_came_from_the_server(cache: Cache) -> None:
    cache.add("General", said(1, 2))
    cache.last_user = "ada"
    cache.keep_token("ada", "secret")
    cache.clear()
    assert cache.rooms() == []
    assert cache.token("ada") is None
    assert cache.last_user == "ada"
    cache.add("General", said(9))
    assert cache.span("General") == (9, 9)


def test_two_clients_that_know_different_logs_do_not_mix_them(
    cache: Cache, open_cache: Open
) -> None:
    other = open_cache()
    assert other.log == "log-1"
    other.add("General", said(1, 2, 3))
    cache.log = "log-2"
    cache.add("General", said(1))
    other.add("General", said(2, 3, 4))
    other.add_older("General", said(1))
    other.forget("General")
    other.clear()
    assert other.page("General", limit=5) == []
    assert other.span("General") is None
    assert other.rooms() == []
    assert cache.page("General", limit=5) == said(1)
    other.log = "log-2"
    other.add("General", said(2))
    assert cache.page("General", limit=5) == other.page("General", limit=5) == said(1, 2)


# Bounds


def test_a_room_keeps_its_newest_events(open_cache: Open) -> None:
    cache = open_cache(Bounds(events=3))
    cache.add("General", said(1, 2))
    cache.add("General", said(3, 4))
    assert cache.page("General", limit=9) == said(2, 3, 4)
    cache.add_older("General", said(1))
    assert cache.page("General", limit=9) == said(2, 3, 4)
    cache.add("General", said(5, 6, 7, 8, 9))
    assert cache.page("General", limit=9) == said(7, 8, 9)
    cache.forget("General")
    cache.add("General", said(9))
    cache.add_older("General", said(5, 6, 7, 8))
    assert cache.page("General", limit=9) == said(7, 8, 9)


def test_the_room_where_nothing_happens_gives_its_oldest_events_first(open_cache: Open) -> None:
    cache = open_cache(Bounds(bytes=400 * 1024))
    quiet = [Said(seq, START, "ada", "x" * 500) for seq in range(1, 501)]
    busy = [Said(seq, START + seq, "ada", "x" * 500) for seq in range(1, 2001)]
    cache.add("quiet", quiet)
    cache.add("busy", busy[:300])
    assert cache.span("quiet") != (1, 500)
    assert cache.page("quiet", limit=1) == quiet[-1:]
    assert cache.span("busy") == (1, 300)
    for begin in range(300, 2000, 10):
        cache.add("busy", busy[begin : begin + 10])
    assert cache.rooms() == ["busy"]
    first, last = cache.span("busy") or (0, 0)
    assert last == 2000
    assert cache.page("busy", limit=2000) == busy[first - 1 :]
    assert cache.path is not None
    path = cache.path
    cache.close()
    assert path.stat().st_size < 600 * 1024  # and the 300 that once came together


def test_a_cache_too_small_for_anything_stays_empty(open_cache: Open) -> None:
    cache = open_cache(Bounds(bytes=4096))
    cache.add("General", said(1, 2))
    assert cache.rooms() == []
    assert cache.problem is None


# The model


class Model:
    """What a cache of one room should be: a plain list."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.events: list[Event] = []

    def add(self, events: list[Event]) -> None:
        for event in events:
            if self.events and event.seq <= self.events[-1].seq:
                continue
            if self.events and event.seq > self.events[-1].seq + 1:
                self.events = []
            self.events = [*self.events, event][-self.most :]

    def add_older(self, events: list[Event]) -> None:
        for event in reversed(events):
            first = self.events[0].seq if self.events else event.seq + 1
            if event.seq == first - 1 and len(self.events) < self.most:
                self.events = [event, *self.events]


ROOM = st.sampled_from(["General", "GENERAL", "tea"])
SPAN = st.tuples(st.integers(1, 40), st.integers(0, 12), st.integers(0, 12), st.integers(0, 3))
STEP = st.one_of(
    st.tuples(st.just("add"), ROOM, SPAN),
    st.tuples(st.just("add_older"), ROOM, SPAN),
    st.tuples(st.just("forget"), ROOM, st.none()),
    st.tuples(st.just("reopen"), ROOM, st.none()),
    st.tuples(st.just("page"), ROOM, st.tuples(st.none() | st.integers(-1, 60), st.integers(0, 9))),
)


def with_a_hole(first: int, before: int, after: int, hole: int) -> list[Event]:
    middle = first + before + hole
    return said(*range(first, first + before), *range(middle, middle + after))


@given(most=st.integers(1, 15), steps=st.lists(STEP, max_size=25))
@settings(max_examples=100, deadline=None)
def test_a_cache_is_a_plain_list_to_who_uses_it(
    most: int, steps: list[tuple[str, str, Any]]
) -> None:
    models = {"general": Model(most), "tea": Model(most)}
    with tempfile.TemporaryDirectory() as folder:
        cache = Cache.open(SERVER, Path(folder), bounds=Bounds(events=most))
        for verb, room, numbers in steps:
            model = models[room.lower()]
            match verb:
                case "add":
                    cache.add(room, with_a_hole(*numbers))
                    model.add(with_a_hole(*numbers))
                case "add_older":
                    cache.add_older(room, with_a_hole(*numbers))
                    model.add_older(with_a_hole(*numbers))
                case "forget":
                    cache.forget(room)
                    model.events = []
                case "reopen":
                    cache.close()
                    cache = Cache.open(SERVER, Path(folder), bounds=Bounds(events=most))
                case _:
                    before, limit = numbers
                    known = [one for one in model.events if before is None or one.seq < before]
                    assert cache.page(room, before=before, limit=limit) == (
                        known[-limit:] if limit else []
                    )
            events = model.events
            assert cache.page(room, limit=100) == events
            assert cache.span(room) == ((events[0].seq, events[-1].seq) if events else None)
            assert {name.lower() for name in cache.rooms()} == {
                key for key, model in models.items() if model.events
            }
        assert cache.problem is None
        cache.close()
