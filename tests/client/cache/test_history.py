"""What a cache knows of rooms: one segment of each timeline, and not too much."""

from __future__ import annotations

import random
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from hubbub.client import Change, Does, Joined, Left, Quote, Resume, Said, Unsent
from hubbub.client.cache import Bounds, Cache, kept
from hubbub.client.segment import Segment
from hubbub.domain.events import (
    FORMER_MEMBER,
    THE_SERVER,
    AuthorForgotten,
    Edited,
    Event,
    Pinned,
    Reacted,
    Redacted,
    Trimmed,
)
from hubbub.domain.ids import user_id
from hubbub.domain.projection import present, target_of
from hubbub.domain.reactions import Reaction, Redaction
from tests.client.cache.conftest import Open
from tests.client.cache.talk import SERVER, START, page, said, seqs

# Growing


def test_events_come_back_as_they_were(cache: Cache) -> None:
    events = [
        Joined(1, START, "ada"),
        Said(2, START + 1, "ada", "“Grüße”\n\x1b[31m 👋🏽"),
        Said(3, START + 2, "ben", "yes", reply_to=2, quote=Quote("ada", "two\nlines")),
        Left(4, START + 3, "ada"),
    ]
    cache.add("General", events)
    assert cache.page("General", limit=10).events == events


@pytest.mark.parametrize("emptied", [True, False])
@pytest.mark.parametrize("at_once", [True, False])
def test_who_is_forgotten_is_nowhere_in_the_file(
    tmp_path: Path, open_cache: Open, emptied: bool, at_once: bool
) -> None:
    ada, ben, secret = user_id(1), user_id(2), "unutterable"
    before: list[Event] = [
        Joined(1, START, "Adalgisa", by_id=ada),
        Said(2, START, "Adalgisa", secret, by_id=ada),
        Said(3, START, "ben", "yes", 2, Quote("Adalgisa", secret, ada), by_id=ben),
    ]
    forgotten = AuthorForgotten(4, START, FORMER_MEMBER, emptied, by_id=ada)
    cache = open_cache()
    if at_once:
        cache.add("General", [*before, forgotten])
    else:
        cache.add("General", before)
        cache.add("Kitchen", before)
        cache.add("General", [forgotten])
    text = "" if emptied else secret
    rev = 4 if emptied else None
    assert cache.page("General", limit=10).events == [
        Joined(1, START, FORMER_MEMBER, by_id=ada),
        Said(2, START, FORMER_MEMBER, text, rev=rev, by_id=ada),
        Said(3, START, "ben", "yes", 2, Quote(FORMER_MEMBER, text, ada), by_id=ben),
        forgotten,
    ]
    if not at_once:
        assert cache.page("Kitchen", limit=10).events == before
        cache.forget("Kitchen")
    cache.close()
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert b"Adalgisa" not in file.read_bytes()
            assert (secret.encode() in file.read_bytes()) is not emptied or file.suffix != ".db"


# What becomes of messages


def test_messages_are_kept_as_they_are_now(cache: Cache) -> None:
    """An amendment of what is not known here changes nothing, nor one that is known already."""
    ada, ben = user_id(1), user_id(2)
    cache.add("General", [Said(7, START, "ada", "tee?", by_id=ada)])
    cache.add("General", [Said(8, START, "ben", "no", 7, Quote("ada", "tee?", ada), by_id=ben)])
    events = [
        Edited(9, START + 1, "ada", 7, "tea?", by_id=ada),
        Reacted(10, START, "eve", 7, emoji="🍵", quote=Quote("ada", "tea?"), by_id=user_id(3)),
        Pinned(11, START, "ben", target=7, quote=Quote("ada", "tea?", ada), by_id=ben),
        Edited(12, START, "ada", 2, "of long ago", by_id=ada),
    ]
    cache.add("General", events)
    cache.add("General", events)
    first, answer, _, _, pin, _ = cache.page("General", limit=9).events
    reactions = (Reaction("🍵", ["eve"], [user_id(3)]),)
    assert first == Said(
        7, START, "ada", "tea?", rev=10, edited_at=START + 1, reactions=reactions, by_id=ada
    )
    assert isinstance(answer, Said)
    assert answer.quote == Quote("ada", "tea?", ada)
    older = Segment(3, 6, [Said(5, START, "ada", "early", rev=11, by_id=ada)])
    cache.add_older("General", older)
    cache.add("General", [Edited(13, START, "ada", 5, "later", by_id=ada)])
    assert [one.text for one in cache.page("General", limit=9).events if one.seq == 5] == ["later"]  # type: ignore[attr-defined]
    cache.add("General", [Redacted(14, START, "ben", 7, author="ada", by_id=ben)])
    _, first, answer, _, _, pin, *_ = cache.page("General", limit=9).events
    assert isinstance(first, Said)
    assert (first.text, first.reactions) == ("", ())
    assert first.redacted == Redaction(START, "ben", ben)
    assert isinstance(answer, Said)
    assert isinstance(pin, Pinned)
    assert answer.quote == pin.quote == Quote("ada", "", ada)


@pytest.mark.parametrize("closed", [True, False])
def test_what_was_taken_back_is_nowhere_on_the_disk(
    tmp_path: Path, open_cache: Open, closed: bool
) -> None:
    """Also where pages were divided, and in the log beside the file, as after kill -9."""
    cache, chance = open_cache(), random.Random(1)
    last = dict.fromkeys(("General", "tea", "cake", "pie"), 0)
    quote = Quote("ada", "unutterable, too")

    def add(room: str, make: Callable[[int], Event]) -> None:
        last[room] += 1
        cache.add(room, [make(last[room])])

    secrets = []
    for number in range(600):  # messages of all lengths, some of which grow by reactions
        room = chance.choice(list(last))
        text = f"unutterable {number} " + "x" * chance.choice([20, 60, 120, 300, 2000])
        add(room, lambda seq, text=text: Said(seq, START, "ada", text))  # type: ignore[misc]
        secrets.append((room, last[room], text))
        room, target, _ = chance.choice(secrets)
        for who in range(chance.choice([0, 0, 1, 4])):
            by = f"guest-{number}-{who}"
            reacted = Reacted(0, START, by, target, emoji="👍", quote=quote)
            add(room, lambda seq, reacted=reacted: replace(reacted, seq=seq))  # type: ignore[misc]
    change = Change(does=Does.EDIT, target=1, text="unutterable, too")
    cache.keep_lines([Unsent(room="tea", nonce="n", change=change)])
    cache.keep_lines([])
    room, target, _ = secrets[0]
    add(room, lambda seq: Said(seq, START, "ben", "oh!", target, quote))
    add(room, lambda seq: Edited(seq, START, "ada", target, "unutterable, too"))
    for room, target, _ in secrets:
        add(room, lambda seq, target=target: Redacted(seq, START, "ada", target))  # type: ignore[misc]
    assert cache.path is not None
    if closed:
        cache.close()
    else:
        be_done = cache._store._checkpoints
        assert be_done is not None
        be_done.end()
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert cache.path in files
    for file in files:
        assert b"unutterable" not in file.read_bytes(), file
    again = open_cache()
    assert {room: again.span(room) for room in last} == {one: (1, last[one]) for one in last}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_cache_ends_as_the_server_has_it_however_its_events_come(data: st.DataObject) -> None:
    """Live events in batches, pages of the past in the form of any moment before."""
    log: list[Any] = [Said(seq, START, "ada", f"text {seq}") for seq in range(1, 6)]
    for seq in range(6, 30):
        target = data.draw(st.integers(1, 5))
        draft = data.draw(st.sampled_from(["edit", "redact", "on", "off", "answer"]))
        log.append(
            {
                "edit": Edited(seq, START, "ada", target, f"edit {seq}"),
                "redact": Redacted(seq, START, "ben", target),
                "on": Reacted(seq, START, "ben", target, emoji="👍"),
                "off": Reacted(seq, START, "ben", target, emoji="👍", on=False),
                "answer": Said(seq, START, "eve", "why?", target),
            }[draft]
        )
    amendments = [event for event in log if target_of(event) is not None]
    joined = data.draw(st.integers(1, 28))
    with tempfile.TemporaryDirectory() as folder, Cache.open(SERVER, Path(folder)) as cache:
        cache.add("tea", present(log[joined - 1 : joined], amendments[:0]))
        at = joined
        while at < len(log):
            upto = data.draw(st.integers(at + 1, len(log)))
            cache.add("tea", log[at:upto])
            at = upto
        # As of the head, as the library gives it.
        cache.add_older("tea", Segment(1, joined - 1, present(log[: joined - 1], amendments)))
        found = [one for one in cache.page("tea", limit=100).events if isinstance(one, Said)]
        assert found == [one for one in present(log, amendments) if isinstance(one, Said)]


def test_an_unknown_room_is_empty(cache: Cache) -> None:
    assert cache.page("tea", limit=10).events == []
    assert cache.span("tea") is None
    cache.forget("tea")
    cache.add("tea", [])
    assert cache.rooms() == []


def test_what_is_known_is_left_out(cache: Cache) -> None:
    cache.add("General", said(5, 6, 7))
    cache.add("General", said(6, 7, by="eve"))
    cache.add("General", said(4, 5, 6, 7, 8))
    assert cache.page("General", limit=10).events == said(5, 6, 7, 8)


def test_a_hole_makes_a_room_start_over(cache: Cache) -> None:
    cache.add("General", said(1, 2, 3))
    cache.add("General", said(5, 6))
    assert cache.page("General", limit=10).events == said(5, 6)
    assert cache.span("General") == (5, 6)


def test_a_hole_within_what_comes_makes_a_room_start_over_behind_it(cache: Cache) -> None:
    cache.add("General", said(1, 2, 3))
    cache.add("General", said(4, 5, 8, 9))
    assert cache.page("General", limit=10).events == said(8, 9)


def test_older_events_grow_the_other_end(cache: Cache) -> None:
    cache.add("General", said(11, 12))
    cache.add_older("General", page(8, 9, 10, 11))
    cache.add_older("General", page(6, 7))
    assert cache.page("General", limit=10).events == said(6, 7, 8, 9, 10, 11, 12)


def test_older_events_that_do_not_fit_are_not_taken(cache: Cache) -> None:
    cache.add("General", said(11, 12))
    cache.add_older("General", page(7, 8, 9))
    cache.add_older("General", Segment(13, 10))
    assert cache.span("General") == (11, 12)


def test_a_page_may_leave_out_what_is_no_line_at_its_ends_and_within(cache: Cache) -> None:
    cache.add("General", said(31, 32))
    cache.add_older("General", page(22, 25, first=21, last=30))
    assert cache.span("General") == (21, 32)
    assert cache.page("General", limit=10) == page(22, 25, 31, 32, first=21)
    assert cache.page("General", before=31, limit=1) == page(25, last=30)
    assert cache.page("General", before=25, limit=9) == page(22, first=21, last=24)
    assert cache.page("General", after=22, limit=1) == page(25, first=23)
    assert cache.page("General", after=22, limit=9) == page(25, 31, 32, first=23)
    assert cache.page("General", after=25, limit=9) == page(31, 32, first=26)
    assert cache.page("General", after=32, limit=9).empty
    assert cache.page("General", before=21, limit=9).empty


def test_a_page_without_a_line_is_known_too(cache: Cache) -> None:
    cache.add_older("tea", Segment(1, 50))
    assert cache.span("tea") is None
    cache.add("tea", said(51))
    cache.add_older("tea", Segment(41, 50))
    cache.add_older("tea", page(40))
    assert cache.span("tea") == (40, 51)
    assert cache.page("tea", before=51, limit=9) == page(40, last=50)
    assert cache.page("tea", before=45, limit=9) == page(40, last=44)
    cache.add("tea", said(52))
    assert cache.page("tea", limit=9) == page(40, 51, 52)


def test_where_the_last_run_ended_is_the_newest_that_is_known(cache: Cache) -> None:
    """Its time is told if the event itself is here: by it the server knows another history."""
    cache.keep_resume(Resume(user="ada", log="log-1", cursors={"General": 3, "tea": 3}))
    cache.add("General", said(1, 2, 3, 4))
    cache.add_older("tea", page(2, 3, last=5))
    cache.close()
    again = Cache.open(SERVER, cache.path.parent if cache.path else None)
    resume = again.resume("ada")
    again.close()
    assert resume is not None
    assert resume.cursors == {"General": 4, "tea": 5}
    assert resume.stamps == {"General": said(4)[0].at}


def test_the_file_of_the_version_before_goes_on_and_its_messages_are_asked_for_again(
    cache: Cache, open_cache: Open
) -> None:
    """It did not keep what became of them: reactions, say."""
    cache.add("General", said(1, 2))
    cache.keep_token("ada", "secret")
    cache.close()
    assert cache.path is not None
    with sqlite3.connect(cache.path) as older:
        older.execute("PRAGMA user_version = 2")
    older.close()
    again = open_cache()
    assert again.path == cache.path
    assert again.token("ada") == "secret"
    assert again.page("General", limit=5).empty
    again.add("General", said(1, 2))
    again.close()
    with sqlite3.connect(cache.path) as file:
        assert file.execute("PRAGMA user_version").fetchone() == (3,)
    file.close()
    assert open_cache().page("General", limit=5).events == said(1, 2)


def test_events_of_unknown_kinds_keep_their_place(cache: Cache) -> None:
    cache.add("General", [*said(1), Event(2, START, "ada"), *said(3)])
    assert cache.page("General", limit=10).events == [*said(1), Event(2, START, "ada"), *said(3)]
    assert type(cache.page("General", limit=10).events[1]) is Event


def test_what_a_newer_version_kept_has_its_place_too(cache: Cache, open_cache: Open) -> None:
    cache.add("General", said(1, 2, 3))
    assert cache.path is not None
    with sqlite3.connect(cache.path) as newer:
        newer.execute(
            "UPDATE events SET event = ? WHERE seq = 2",
            (b'{"kind":"edited","seq":2,"at":7,"by":"ben","text":"new","of":1}',),
        )
    newer.close()
    assert cache.page("General", limit=10).events == [*said(1), Event(2, 7, "ben"), *said(3)]


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


def test_what_a_former_member_has_said_is_emptied_on_the_disk(
    cache: Cache, open_cache: Open
) -> None:
    eve, ben = user_id(3), user_id(2)
    quote = Quote("eve", "my secret", eve)
    cache.add("tea", [Said(1, START, "eve", "my secret", by_id=eve)])
    cache.add("tea", [Said(2, START, "ben", "hm", 1, quote, by_id=ben)])
    last = Said(3, START, "eve", "another secret", by_id=eve)
    forgotten = AuthorForgotten(4, START, FORMER_MEMBER, emptied=True, by_id=eve)
    cache.add("tea", [last, forgotten])
    cache.close()
    first, answer, third, _ = open_cache().page("tea", limit=9).events
    assert isinstance(first, Said)
    assert isinstance(answer, Said)
    assert isinstance(third, Said)
    assert (first.by, first.text) == (third.by, third.text) == (FORMER_MEMBER, "")
    assert (answer.by, answer.text) == ("ben", "hm")
    assert answer.quote == Quote(FORMER_MEMBER, "", eve)


def test_pages_go_back_from_the_newest(cache: Cache) -> None:
    cache.add("General", said(*range(1, 11)))
    assert seqs(cache.page("General", limit=3).events) == [8, 9, 10]
    assert seqs(cache.page("General", before=8, limit=3).events) == [5, 6, 7]
    assert seqs(cache.page("General", before=3, limit=3).events) == [1, 2]
    assert cache.page("General", before=1, limit=3).events == []
    assert cache.page("General", limit=0).events == cache.page("General", limit=-1).events == []
    assert seqs(cache.page("General", before=2**70, limit=1).events) == [10]


def test_a_room_is_one_however_its_name_is_written(cache: Cache) -> None:
    cache.add("#Café", said(1))
    cache.add("CAFÉ", said(2))
    assert cache.page("cafe\N{COMBINING ACUTE ACCENT}", limit=5).events == said(1, 2)
    assert cache.rooms() == ["CAFÉ"]


def test_rooms_where_something_happened_last_come_first(cache: Cache) -> None:
    cache.add("General", said(1))
    cache.add("tea", said(5))
    assert cache.rooms() == ["tea", "General"]
    cache.add("General", said(2, 3, 4, 5, 6))
    cache.add_older("tea", page(4))
    assert cache.rooms() == ["General", "tea"]


def test_all_is_there_after_a_restart(cache: Cache, open_cache: Open) -> None:
    cache.add("General", said(1, 2))
    cache.close()
    again = open_cache()
    assert again.page("General", limit=5).events == said(1, 2)
    assert again.span("General") == (1, 2)
    assert again.log == "log-1"


def test_a_forgotten_room_can_be_filled_again(cache: Cache) -> None:
    cache.add("General", said(5, 6))
    cache.add("tea", said(1))
    cache.forget("GENERAL")
    assert cache.rooms() == ["tea"]
    cache.add("General", said(1))
    assert cache.page("General", limit=5).events == said(1)


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
    other.add_older("General", page(1))
    other.forget("General")
    other.clear()
    assert other.page("General", limit=5).events == []
    assert other.span("General") is None
    assert other.rooms() == []
    assert cache.page("General", limit=5).events == said(1)
    other.log = "log-2"
    other.add("General", said(2))
    assert cache.page("General", limit=5) == other.page("General", limit=5) == page(1, 2)


# Bounds


def test_a_room_keeps_its_newest_events(open_cache: Open) -> None:
    cache = open_cache(Bounds(events=3))
    cache.add("General", said(1, 2))
    cache.add("General", said(3, 4))
    assert cache.page("General", limit=9).events == said(2, 3, 4)
    cache.add_older("General", page(1))
    assert cache.page("General", limit=9).events == said(2, 3, 4)
    cache.add("General", said(5, 6, 7, 8, 9))
    assert cache.page("General", limit=9).events == said(7, 8, 9)
    cache.forget("General")
    cache.add("General", said(9))
    cache.add_older("General", page(5, 6, 7, 8))
    assert cache.page("General", limit=9).events == said(7, 8, 9)


def test_the_room_where_nothing_happens_gives_its_oldest_events_first(open_cache: Open) -> None:
    cache = open_cache(Bounds(bytes=400 * 1024))
    quiet = [Said(seq, START, "ada", "x" * 500) for seq in range(1, 501)]
    busy = [Said(seq, START + seq, "ada", "x" * 500) for seq in range(1, 2001)]
    cache.add("quiet", quiet)
    cache.add("busy", busy[:300])
    assert cache.span("quiet") != (1, 500)
    assert cache.page("quiet", limit=1).events == quiet[-1:]
    assert cache.span("busy") == (1, 300)
    for begin in range(300, 2000, 10):
        cache.add("busy", busy[begin : begin + 10])
    assert cache.rooms() == ["busy"]
    first, last = cache.span("busy") or (0, 0)
    assert last == 2000
    assert cache.page("busy", limit=2000).events == busy[first - 1 :]
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
    """What a cache of one room should be: a plain list, and the range that it covers."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.events: list[Event] = []
        self.first, self.last = 1, 0

    def add(self, events: list[Event]) -> None:
        for event in events:
            if self.last and event.seq <= self.last:
                continue
            if not self.last or event.seq > self.last + 1:
                self.forget()
                self.first = event.seq
            self.last = event.seq
            self.events.append(event)
        self._cut()

    def add_older(self, page: Segment) -> None:
        if page.empty or (self.last and not page.first < self.first <= page.last + 1):
            return
        if not self.last:
            space = max(page.first, page.last - self.most + 1)
            if not any(event.seq >= space for event in page.events):
                return
            self.first, self.last = page.last + 1, page.last
        self.events[:0] = [event for event in page.events if event.seq < self.first]
        self.first = page.first
        self._cut()

    def forget(self) -> None:
        self.events = []
        self.first, self.last = 1, 0

    def _cut(self) -> None:
        self.first = max(self.first, self.last - self.most + 1)
        self.events = [event for event in self.events if event.seq >= self.first]

    def page(self, before: int | None, after: int | None, limit: int) -> Segment:
        first, last = self.first, self.last
        if after is not None:
            first, known = max(first, after + 1), [one for one in self.events if one.seq > after]
            known = known[:limit]
            last = known[-1].seq if len(known) == limit else last
        else:
            last = last if before is None else min(last, before - 1)
            known = [one for one in self.events if one.seq <= last][-limit:]
            first = known[0].seq if len(known) == limit else first
        return Segment(first, last, known)


ROOM = st.sampled_from(["General", "GENERAL", "tea"])
SPAN = st.tuples(st.integers(1, 40), st.integers(0, 12), st.integers(0, 12), st.integers(0, 3))
PLACE = st.none() | st.integers(-1, 60)


@st.composite
def pages(draw: st.DrawFn) -> Segment:
    first = draw(st.integers(1, 50))
    last = draw(st.integers(first - 1, first + 12))
    seqs = draw(st.sets(st.integers(first, max(first, last)))) if first <= last else set()
    return Segment(first, last, said(*sorted(seqs)))


STEP = st.one_of(
    st.tuples(st.just("add"), ROOM, SPAN),
    st.tuples(st.just("add_older"), ROOM, pages()),
    st.tuples(st.just("older"), ROOM, pages()),
    st.tuples(st.just("forget"), ROOM, st.none()),
    st.tuples(st.just("reopen"), ROOM, st.none()),
    st.tuples(st.just("before"), ROOM, st.tuples(PLACE, st.integers(1, 9))),
    st.tuples(st.just("after"), ROOM, st.tuples(st.integers(0, 60), st.integers(1, 9))),
)


def with_a_hole(first: int, before: int, after: int, hole: int) -> list[Event]:
    middle = first + before + hole
    return said(*range(first, first + before), *range(middle, middle + after))


def moved(given: Segment, last: int) -> Segment:
    """The same page with another end, without what would be before the first event."""
    by = last - given.last
    seqs = [event.seq + by for event in given.events if event.seq + by > 0]
    return page(*seqs, first=max(1, given.first + by), last=last)


def same(one: Segment, other: Segment) -> bool:
    return one == other or (one.empty and other.empty and not one.events)


@given(most=st.integers(1, 15), steps=st.lists(STEP, max_size=25))
@settings(max_examples=100, deadline=None)
def test_a_cache_is_a_plain_list_to_who_uses_it(
    most: int, steps: list[tuple[str, str, Any]]
) -> None:
    models = {"general": Model(most), "tea": Model(most)}
    with tempfile.TemporaryDirectory() as folder:
        cache = Cache.open(SERVER, Path(folder), bounds=Bounds(events=most))
        for verb, room, given in steps:
            model = models[room.lower()]
            match verb:
                case "add":
                    cache.add(room, with_a_hole(*given))
                    model.add(with_a_hole(*given))
                case "add_older" | "older":
                    joins = verb == "older" and model.last
                    older = moved(given, model.first - 1) if joins else given
                    cache.add_older(room, older)
                    model.add_older(older)
                case "forget":
                    cache.forget(room)
                    model.forget()
                case "reopen":
                    cache.close()
                    cache = Cache.open(SERVER, Path(folder), bounds=Bounds(events=most))
                case _:
                    place, limit = given
                    before, after = (place, None) if verb == "before" else (None, place)
                    found = cache.page(room, before=before, after=after, limit=limit)
                    assert same(found, model.page(before, after, limit))
            assert same(cache.page(room, limit=100), model.page(None, None, 100))
            assert cache.span(room) == ((model.first, model.last) if model.last else None)
            assert {name.lower() for name in cache.rooms()} == {
                key for key, model in models.items() if model.last
            }
        assert cache.problem is None
        cache.close()


def test_what_is_too_old_is_forgotten_and_no_answer_quotes_it(
    tmp_path: Path, open_cache: Open
) -> None:
    secret = "unutterable"
    answers = [
        Said(5, START, "ada", "why?", 2, Quote("ben", secret)),
        Said(6, START, "ada", "so", 5, Quote("ada", "why?")),
    ]
    cache = open_cache()
    cache.add("General", [*(Said(seq, START, "ben", secret) for seq in range(1, 5)), *answers])
    cache.add("General", [Trimmed(7, START, THE_SERVER, 4)])
    page = cache.page("General", limit=50)
    assert seqs(page.events) == [5, 6, 7]
    assert (page.first, page.last) == (5, 7)
    assert [event.quote for event in page.events if isinstance(event, Said)] == [
        None,
        Quote("ada", "why?"),
    ]
    cache.add("General", [Trimmed(8, START, THE_SERVER, 7)])
    assert seqs(cache.page("General", limit=50).events) == [8]
    cache.close()
    assert [file.name for file in tmp_path.iterdir() if secret.encode() in file.read_bytes()] == []
