"""The timeline's window and rows: whatever happens, what is shown is gapless and in order."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from hubbub.client.segment import Segment
from hubbub.domain.events import Event, Joined, Left, Said
from hubbub.domain.kinds import traits_of
from hubbub.terminal.full.model.lines import Look, Notice
from hubbub.terminal.full.model.timeline import Timeline
from hubbub.terminal.full.model.window import Window, weigh


def said(seq: int, text: str = "") -> Said:
    return Said(seq, seq * 40_000_000, "ben", text or f"line {seq}")


def come_or_go(seq: int) -> Event:
    name = f"guest-{seq % 12:03}"
    at = seq * 40_000_000
    return Left(seq, at, name) if seq % 7 == 0 else Joined(seq, at, name)


def no_line(seq: int) -> Event:
    """An event that has a number, and nothing that is shown."""
    return Event(seq, seq * 40_000_000, "eve")


def lines(events: Sequence[Event]) -> list[Event]:
    return [event for event in events if traits_of(event).line]


def page(events: Sequence[Event]) -> Segment:
    return Segment(events[0].seq, events[-1].seq, lines(events))


def is_text(row: str) -> bool:
    return "guest-" not in row


def shown(timeline: Timeline) -> list[str]:
    return [row.plain for _, row in timeline.view() if row is not None]


def following(count: int, *, height: int = 5, most: int = 100) -> Timeline:
    timeline = Timeline(Window(most))
    timeline.resize(60, height)
    timeline.add([said(seq) for seq in range(1, count + 1)])
    return timeline


def test_a_short_timeline_stands_at_the_bottom_of_the_screen() -> None:
    timeline = following(2)
    rows = [row.plain if row else None for _, row in timeline.view()]
    assert rows[:3] == [None] * 3
    assert rows[4] is not None
    assert rows[4].endswith("ben: line 2")


def test_the_newest_is_in_view_until_one_scrolls_up() -> None:
    timeline = following(20)
    assert shown(timeline)[-1].endswith("line 20")
    timeline.scroll(-3)
    timeline.add([said(21), said(22)])
    assert shown(timeline)[-1].endswith("line 17")
    assert timeline.fresh == 2
    timeline.scroll(100)
    assert shown(timeline)[-1].endswith("line 22")
    assert timeline.fresh == 0


def test_older_lines_come_in_above_without_moving_what_is_read() -> None:
    timeline = Timeline(Window(100))
    timeline.resize(60, 5)
    timeline.add([said(seq) for seq in range(51, 71)])
    timeline.scroll(-12)
    before = timeline.view()
    timeline.add_older(page([said(seq) for seq in range(31, 51)]))
    assert [number for number, _ in timeline.view()] == [number for number, _ in before]
    assert shown(timeline) == [row.plain for _, row in before if row]


def test_scrolling_that_older_lines_were_awaited_for_goes_on_when_they_are_there() -> None:
    timeline = Timeline(Window(100))
    timeline.resize(60, 5)
    timeline.add([said(seq) for seq in range(51, 57)])
    timeline.scroll(-6)
    timeline.add_older(page([said(seq) for seq in range(31, 51)]))
    assert shown(timeline)[0].endswith("line 46")


def test_live_lines_do_not_push_away_what_is_read_in_a_full_window() -> None:
    timeline = following(100, most=50)
    timeline.scroll(-20)
    before = shown(timeline)
    timeline.add([said(seq) for seq in range(101, 400)])
    assert shown(timeline) == before
    assert not timeline.window.attached
    assert timeline.window.weight <= 50
    assert not timeline.to_newest()
    timeline.show(page([said(seq) for seq in range(350, 400)]))
    assert timeline.following
    assert shown(timeline)[-1].endswith("line 399")


def test_what_is_new_has_a_line_before_it() -> None:
    timeline = following(8, height=30)
    timeline.mark(6)
    rows = shown(timeline)
    assert "new since you left" in rows[6]
    assert rows[7].endswith("line 7")
    timeline.mark(None)
    assert not any("new since" in row for row in shown(timeline))


def test_a_notice_stays_where_it_was_said() -> None:
    timeline = following(3, height=30)
    timeline.note(Notice("the connection was lost"))
    timeline.add([said(4)])
    assert [row[-8:] for row in shown(timeline)][-2:] == ["was lost", ": line 4"]


def test_a_new_width_keeps_the_line_that_is_read_at_the_top() -> None:
    timeline = following(60)
    timeline.scroll(-30)
    top = timeline.row(timeline.top)
    timeline.resize(15, 5)
    after = timeline.row(timeline.top)
    assert top is not None
    assert after is not None
    assert after.seq == top.seq


def test_the_compact_style_parts_days_by_a_rule() -> None:
    timeline = following(3, height=30)
    timeline.restyle(Look(width=60, compact=True))
    rows = shown(timeline)
    assert rows[0].startswith("──── Thursday, 1 January 1970 ─")
    assert rows[1].endswith(" ben: line 1")


def test_clearing_takes_all_off_the_screen_and_older_lines_can_be_had_again() -> None:
    timeline = following(30)
    timeline.clear()
    timeline.add([said(31)])
    assert shown(timeline)[-1].endswith("line 31")
    timeline.scroll(-5)
    assert timeline.wants_older
    timeline.add_older(page([said(seq) for seq in range(11, 31)]))
    assert [row[-7:] for row in shown(timeline)][-1] == "line 26"


def came(first: int, last: int, name: str = "student-{:03}") -> list[Event]:
    return [Joined(seq, 1000, name.format(seq)) for seq in range(first, last + 1)]


def test_a_class_that_comes_in_takes_one_line_and_what_was_said_stays_in_view() -> None:
    timeline = Timeline()
    timeline.resize(80, 5)
    timeline.add([said(1, "Welcome, all of you!")])
    for event in came(2, 200):
        timeline.add([event])
    timeline.add([said(201, "good morning")])
    rows = shown(timeline)
    assert [row[22:] for row in rows if row] == [
        "ben: Welcome, all of you!",
        "student-002 and 198 others joined",
        "ben: good morning",
    ]


def test_two_who_come_have_a_line_each_as_in_the_seed() -> None:
    timeline = Timeline()
    timeline.resize(80, 5)
    timeline.add(came(1, 2))
    assert [row[22:] for row in shown(timeline)] == [
        "student-001 has joined the chat!",
        "student-002 has joined the chat!",
    ]


def test_who_came_and_went_is_told_of_by_what_came_of_it() -> None:
    events = [*came(1, 3), Left(4, 1000, "student-002"), Left(5, 1000, "eve"), *came(6, 6, "eve")]
    timeline = Timeline()
    timeline.resize(120, 5)
    timeline.add(events)
    assert [row[22:] for row in shown(timeline)] == [
        "student-001 and student-003 joined · eve left and joined · student-002 joined and left"
    ]


def test_what_is_new_and_a_notice_part_those_who_come() -> None:
    timeline = Timeline()
    timeline.resize(80, 12)
    timeline.add(came(1, 6))
    assert len(shown(timeline)) == 1
    timeline.mark(3)
    assert [row[22:][:16] for row in shown(timeline) if "new since" not in row] == [
        "student-001, stu",
        "student-004, stu",
    ]
    timeline.mark(None)
    timeline.note(Notice("Connected again."))
    timeline.add(came(7, 9))
    assert [row[-16:] for row in shown(timeline)][1] == "Connected again."
    assert len(shown(timeline)) == 3


def test_older_ones_join_the_line_of_those_who_come() -> None:
    timeline = Timeline()
    timeline.resize(80, 12)
    timeline.add(came(5, 8))
    timeline.add_older(page(came(1, 4)))
    assert [row[22:] for row in shown(timeline)] == ["student-001 and 7 others joined"]
    timeline = Timeline()
    timeline.resize(80, 12)
    timeline.add([*came(5, 8), said(9)])
    timeline.add_older(page(came(1, 4)))
    assert shown(timeline)[0][22:] == "student-001 and 7 others joined"


def test_a_copy_joins_the_rows_of_a_line_and_parts_the_lines() -> None:
    timeline = Timeline()
    timeline.resize(40, 10)
    timeline.add([said(1, "one two three four five six"), said(2, "a\nb")])
    text = timeline.copy(None, None)
    assert text.splitlines()[0].endswith("ben: one two three four five six")
    assert text.splitlines()[1].endswith("ben: a")
    assert text.splitlines()[2] == "b"


def test_events_that_are_no_lines_leave_no_hole_and_are_not_shown() -> None:
    timeline = Timeline(Window(100))
    timeline.resize(60, 30)
    timeline.add([said(21), no_line(22), no_line(23), said(24)])
    timeline.add([no_line(25)])
    assert [row[-7:] for row in shown(timeline)][1:] == ["line 21", "line 24"]
    assert (timeline.window.first, timeline.window.last) == (21, 25)
    assert timeline.window.attached
    assert timeline.add_older(Segment(11, 20))
    assert timeline.add_older(Segment(1, 10, [said(4)]))
    assert timeline.window.at_beginning
    assert [row[-7:] for row in shown(timeline)] == [" line 4", "line 21", "line 24"]


def test_a_notice_behind_an_event_that_is_no_line_is_shown_where_it_was_said() -> None:
    timeline = Timeline(Window(100))
    timeline.resize(60, 30)
    timeline.add([said(1), no_line(2)])
    timeline.note(Notice("first"))
    timeline.add([no_line(3)])
    timeline.note(Notice("second"))
    timeline.add([said(4)])
    assert [row[-7:] for row in shown(timeline)][1:] == ["first", "second", " line 4"]


def test_a_notice_waits_for_its_event_also_if_that_is_no_line() -> None:
    timeline = Timeline(Window(100))
    timeline.resize(60, 30)
    timeline.add([said(11), said(12)])
    timeline.note(Notice("below"), after=13)
    timeline.note(Notice("above"), after=9)
    assert len(shown(timeline)) == 3
    timeline.add([no_line(13)])
    assert [row[-7:] for row in shown(timeline)][1:] == ["line 11", "line 12", "below"]
    timeline.add_older(Segment(9, 10))
    assert [row[-7:] for row in shown(timeline)][1:] == ["above", "line 11", "line 12", "below"]
    timeline.add_older(Segment(7, 8, [said(8)]))
    assert [row[-7:] for row in shown(timeline)][1:4] == [" line 8", "above", "line 11"]


def test_what_is_new_begins_with_the_first_line_behind_what_was_read() -> None:
    timeline = Timeline(Window(100))
    timeline.resize(60, 30)
    timeline.add([said(1), no_line(2), no_line(3), said(4)])
    for read in (1, 2, 3):
        timeline.mark(read)
        assert "new since you left" in shown(timeline)[1]
    timeline.mark(4)
    assert len(shown(timeline)) == 2


def test_what_is_new_may_begin_above_what_is_loaded() -> None:
    timeline = Timeline(Window(100))
    timeline.resize(60, 30)
    timeline.add([said(11), *came(12, 14), said(15)])
    timeline.mark(9)
    assert not any("new since" in row for row in shown(timeline))
    timeline.add_older(Segment(9, 10))
    assert "new since you left" in shown(timeline)[1]


def test_one_comes_to_the_line_behind_an_event_that_is_none() -> None:
    timeline = Timeline(Window(100))
    timeline.resize(60, 6)
    timeline.add([no_line(seq) if 40 < seq < 50 else said(seq) for seq in range(1, 81)])
    assert timeline.to_event(45)
    assert shown(timeline)[2].endswith("line 50")
    assert not timeline.to_event(81)


def test_a_place_with_long_texts_is_shown_from_the_event_one_goes_to() -> None:
    timeline = Timeline(Window(100))
    timeline.resize(60, 12)
    timeline.show(page([said(seq, f"{seq} " + "word " * 200) for seq in range(51, 151)]), at=51)
    assert timeline.window.first == 51
    assert "ben: 51 word" in shown(timeline)[0] + shown(timeline)[1]


PLACE = st.tuples(st.sampled_from(["first", "last", "head"]), st.integers(-3, 3))


class AnyOrder(RuleBasedStateMachine):
    """Live events, pages and scrolls in any order, on a server with the whole log.

    Some of the events are no lines, alone or many in a row: pages leave them out.
    """

    @initialize(head=st.integers(0, 300), height=st.integers(1, 30))
    def begin(self, head: int, height: int) -> None:
        self.log: list[Event] = [Joined(1, 0, "ada")]
        self.grow(head)
        self.timeline = Timeline(Window(80))
        self.timeline.resize(50, height)
        self.timeline.add(self.log[-30:])

    def grow(self, count: int) -> list[Event]:
        new: list[Event] = []
        for seq in range(len(self.log) + 1, len(self.log) + 1 + count):
            if seq % 11 in (4, 5, 6) or 120 < seq < 160:
                new.append(no_line(seq))
            elif seq % 30 < 9:
                new.append(come_or_go(seq))
            else:
                new.append(said(seq, "word " * (seq % 40) + str(seq)))
        self.log += new
        return list(new)

    @rule(count=st.integers(1, 60))
    def live(self, count: int) -> None:
        before = shown(self.timeline)
        following = self.timeline.following
        fills = len(before) == self.timeline.height
        self.timeline.add(self.grow(count))
        if not following and fills:
            # Who comes or goes now may join a line that tells of such already.
            assert list(filter(is_text, shown(self.timeline))) == list(filter(is_text, before))

    @rule(rows=st.integers(-80, 80))
    def scroll(self, rows: int) -> None:
        self.timeline.scroll(rows)

    @rule()
    def home(self) -> None:
        self.timeline.to_oldest()

    @rule()
    def newest(self) -> None:
        if not self.timeline.to_newest():
            self.timeline.show(page(self.log[-30:]))

    @rule(place=st.floats(0, 1))
    def elsewhere(self, place: float) -> None:
        seq = 1 + int(place * (len(self.log) - 1))
        if not self.timeline.to_event(seq):
            self.timeline.show(page(self.log[seq - 1 : seq + 29]), at=seq)
        assert self.timeline.window.covers(seq)

    def older_page(self, limit: int) -> Segment:
        first = self.timeline.window.first
        return page(self.log[max(0, first - 1 - limit) : first - 1])

    @precondition(lambda self: self.timeline.wants_older)
    @rule(limit=st.integers(1, 60))
    def older(self, limit: int) -> None:
        first = self.timeline.window.first
        top = self.timeline.row(self.timeline.top)
        was_following = self.timeline.following
        self.timeline._owed = 0
        assert self.timeline.add_older(self.older_page(limit))
        assert self.timeline.window.first < first
        if not was_following and top is not None and top.seq:
            now = self.timeline.row(self.timeline.top)
            assert now is not None
            assert now.seq == top.seq or self.timeline.top == self.timeline.lowest_top

    @precondition(lambda self: self.timeline.wants_newer)
    @rule(limit=st.integers(1, 60))
    def newer(self, limit: int) -> None:
        last = self.timeline.window.last
        assert self.timeline.add_newer(page(self.log[last : last + limit]))
        assert self.timeline.window.last > last

    @rule(limit=st.integers(1, 60))
    def to_the_beginning(self, limit: int) -> None:
        """Page for page; none is asked for twice."""
        window = self.timeline.window
        asked: list[int] = []
        while not window.at_beginning:
            self.timeline.to_oldest()
            asked.append(window.first)
            assert self.timeline.add_older(self.older_page(limit))
        assert asked == sorted(set(asked), reverse=True)
        assert window.first == 1

    @rule(limit=st.integers(1, 60))
    def to_the_end(self, limit: int) -> None:
        window = self.timeline.window
        asked: list[int] = []
        while not window.attached:
            asked.append(window.last)
            assert self.timeline.add_newer(page(self.log[window.last : window.last + limit]))
        assert asked == sorted(set(asked))
        assert window.last == len(self.log)

    @rule(stale=st.integers(1, 300), limit=st.integers(1, 30))
    def stale_page(self, stale: int, limit: int) -> None:
        events = self.log[max(0, stale - limit) : stale]
        if events:
            self.timeline.add_older(page(events))
            self.timeline.add_newer(page(events))

    @rule(width=st.integers(12, 120), height=st.integers(1, 30))
    def resize(self, width: int, height: int) -> None:
        self.timeline.resize(width, height)

    @rule()
    def clear(self) -> None:
        self.timeline.clear()

    @rule(place=PLACE)
    def mark(self, place: tuple[str, int]) -> None:
        self.timeline.mark(self.near(*place))

    @rule(place=PLACE)
    def note(self, place: tuple[str, int]) -> None:
        self.timeline.note(Notice("a notice"), after=self.near(*place))

    def near(self, place: str, beside: int) -> int:
        window = self.timeline.window
        return max(
            0, {"first": window.first, "last": window.last, "head": window.head}[place] + beside
        )

    @invariant()
    def what_is_shown_are_the_lines_of_what_is_covered(self) -> None:
        timeline = self.timeline
        window = timeline.window
        assert window.events == lines(self.log[window.first - 1 : window.last])
        assert window.head == len(self.log)
        assert window.weight == sum(map(weigh, window.events))
        laid = [row.seq for row in timeline.blocks.rows if row.seq]
        assert laid == sorted(laid)
        texts = {event.seq for event in window.events if isinstance(event, Said)}
        assert texts <= set(laid) <= {event.seq for event in window.events}

    @invariant()
    def it_looks_as_if_it_had_been_laid_out_at_once(self) -> None:
        timeline = self.timeline
        head = timeline._layout.of_head(timeline.window)
        blocks = timeline._lay(0, len(timeline.window.events))
        afresh = [*head, *chain.from_iterable(blocks)]
        assert [row.plain for row in timeline.blocks.rows] == [row.plain for row in afresh]

    @invariant()
    def it_is_bounded(self) -> None:
        window = self.timeline.window
        assert window.weight <= window.most + 60 * 4

    @invariant()
    def the_screen_is_within_the_rows(self) -> None:
        timeline = self.timeline
        assert len(timeline.view()) == timeline.height
        assert timeline.base <= timeline.top <= timeline.lowest_top
        if timeline.following:
            assert timeline.window.attached
            assert timeline.top == timeline.lowest_top

    @invariant()
    def rows_add_up_to_the_events(self) -> None:
        timeline = self.timeline
        blocks = timeline.blocks
        assert sum(blocks._counts) + blocks._heads == len(blocks.rows)
        assert len(blocks._counts) == len(timeline.window.events)


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
