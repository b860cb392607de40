"""What is in memory is what a fresh read of the log would show, whatever amends it and when."""

from __future__ import annotations

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hubbub.domain.events import AnyEvent, Edited, Event, Reacted, Redacted, Said
from hubbub.domain.forms import Form
from hubbub.domain.ids import UserId
from hubbub.domain.kinds import is_message, traits_of
from hubbub.domain.names import RoomName
from hubbub.domain.projection import present, reworded
from hubbub.domain.quotes import quote_of_said
from hubbub.hub import tail
from hubbub.hub.room import HubRoom
from hubbub.hub.rooms import Rooms
from hubbub.hub.tails import Tails, footprint

PEOPLE = ("ada", "ben", "eve")

# What happens: a kind, who does it, and what it is about, counted from the newest message back.
HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(["say", "say", "answer", "edit", "take back", "react", "react", "unreact"]),
        st.sampled_from(PEOPLE),
        st.integers(0, 8),
    ),
    max_size=60,
)
CUTS = st.lists(st.integers(1, 4), max_size=40)


def log_of(happenings: list[tuple[str, str, int]]) -> list[AnyEvent]:
    """The room's log: events as they were appended, replies with quotes of their moment."""
    log: list[AnyEvent] = []

    def add(kind: str, by: str, back: int) -> None:
        seq, messages = len(log) + 1, [event for event in fresh(log) if is_message(event)]
        target = messages[-1 - back % len(messages)] if messages else None
        if kind == "say" or target is None:
            log.append(Said(seq, seq, by, f"text {seq}", by_id=UserId(by)))
        elif kind == "answer":
            quote = quote_of_said(target)
            log.append(Said(seq, seq, by, f"text {seq}", target.seq, quote, by_id=UserId(by)))
        elif target.redacted is not None:
            return  # which the log refuses
        elif kind == "edit":
            log.append(Edited(seq, seq, by, target.seq, f"edit {seq}", by_id=UserId(by)))
        elif kind == "take back":
            log.append(Redacted(seq, seq, by, target.seq, author=target.by, by_id=UserId(by)))
        else:
            on, quote = kind == "react", quote_of_said(target)
            log.append(
                Reacted(seq, seq, by, target.seq, emoji="👍", on=on, quote=quote, by_id=UserId(by))
            )

    for happening in happenings:
        add(*happening)
    return log


def fresh(log: list[AnyEvent]) -> list[AnyEvent]:
    """What a read of the whole log gives now."""
    rewording = [event for event in log if traits_of(event).rewords]
    return [
        reduce(reworded, (one for one in rewording if one.seq > event.seq), event)
        for event in present(log, log)
    ]


def without_counts(events: list[AnyEvent] | None) -> list[Event]:
    return [
        replace(event, count=None) if isinstance(event, Reacted) else event
        for event in events or ()
    ]


def a_room() -> HubRoom:
    return Rooms(Tails(1 << 30)).make(RoomName.parse("General"))


@given(HAPPENINGS, CUTS, st.sets(st.integers(0, 40)), st.integers(1, 6))
def test_memory_is_a_fresh_read_of_the_log(
    happenings: list[tuple[str, str, int]], cuts: list[int], looks: set[int], most_forms: int
) -> None:
    log, room, at, batch = log_of(happenings), a_room(), 0, 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tail, "TAIL_EVENTS", 8)
        patch.setattr(tail, "MOST_FORMS", most_forms)
        while at < len(log):
            size = cuts[batch] if batch < len(cuts) else 3
            room.publish(log[at : at + size])
            at, batch = min(len(log), at + size), batch + 1
            if batch in looks or at == len(log):
                after = room.in_memory_after
                found = room.recent(after, at)
                assert without_counts(found) == fresh(log[:at])[after:]
                for event in found or ():
                    assert is_message(event) <= (room.tail.peek(event.seq) == event)
        held = room.tail._events
        assert room.tail._bytes == sum(map(footprint, held))
        forms = room.tail._forms or {}
        assert room.tail._weight == sum(form.weight for form in forms.values())


def test_each_reaction_is_told_with_how_many_there_are() -> None:
    room = a_room()
    room.publish([Said(1, 0, "ada", "hi", by_id=UserId("1"))])
    counts = []
    for seq, who, on in ((2, "a", True), (3, "b", True), (4, "b", True), (5, "a", False)):
        room.publish([Reacted(seq, 0, who, 1, emoji="👍", on=on, by_id=UserId(who))])
        (event,) = room.recent(seq - 1, seq) or []
        assert isinstance(event, Reacted)
        counts.append(event.count)
    assert counts == [1, 2, 2, 1]


def test_of_a_message_that_memory_does_not_have_any_more_reactions_are_counted_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tail, "TAIL_EVENTS", 4)
    room = a_room()
    room.publish([Said(1, 0, "ada", "hi", by_id=UserId("1"))])
    for seq in range(2, 50):
        room.publish([Reacted(seq, 0, f"u{seq}", 1, emoji="👍", by_id=UserId(f"{seq}"))])
    assert room.tail.peek(1) is None
    assert isinstance(newest := room.tail.peek(49), Reacted)
    assert newest.count == 48


def test_many_reactions_to_one_message_are_put_into_it_once_it_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    room, made = a_room(), 0
    said = Form.said

    def counted(form: Form) -> Said:
        nonlocal made
        made += 1
        return said(form)

    monkeypatch.setattr(Form, "said", counted)
    room.publish([Said(1, 0, "ada", "hi", by_id=UserId("1"))])
    for seq in range(2, 300):
        room.publish([Reacted(seq, 0, f"u{seq}", 1, emoji="👍", by_id=UserId(f"{seq}"))])
    assert made == 0
    (message,) = room.recent(0, 1) or []
    assert is_message(message)
    assert len(message.reactions[0].users) == 298
    assert made == 1


def test_forms_in_memory_are_bounded_and_counted() -> None:
    tails = Tails(1 << 30)
    room = Rooms(tails).make(RoomName.parse("General"))
    before, seq = tails.total, 0
    for message in range(5):
        target = seq + 1
        room.publish([Said(target, 0, "ada", "hi", by_id=UserId("1"))])
        for seq in range(target + 1, target + 2001):
            who = f"u{message}-{seq}"
            room.publish([Reacted(seq, 0, who, target, emoji="👍", by_id=UserId(who))])
    assert room.tail._weight <= tail.MOST_FORMS
    assert tails.total - before == room.tail.size
    room.forget()
    assert tails.total == before


def test_what_is_being_amended_is_known_when_it_is_not_among_the_newest_any_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tail, "TAIL_EVENTS", 4)
    room = a_room()
    room.publish([Said(1, 0, "ada", "hi", by_id=UserId("1"))])
    room.publish([Reacted(2, 0, "ben", 1, emoji="👍", by_id=UserId("2"))])
    for seq in range(3, 40):
        room.publish([Said(seq, 0, "ada", f"text {seq}", by_id=UserId("1"))])
    assert room.tail.peek(1) is None
    room.publish([Edited(40, 1, "ada", 1, "hello", by_id=UserId("1"))])
    known = room.tail.message(1)
    assert is_message(known)
    assert (known.text, known.edited_at) == ("hello", 1)
    assert list(room.tail.form_of(known).reactions) == ["👍"]
    room.publish([Redacted(41, 2, "ada", 1, author="ada", by_id=UserId("1"))])
    known = room.tail.message(1)
    assert is_message(known)
    assert (known.text, known.redacted is not None) == ("", True)
    assert room.tail.message(3) is None
