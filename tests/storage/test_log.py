"""What every log does, in memory or on a database."""

from __future__ import annotations

import msgspec
import pytest

from hubbub.domain.errors import ShuttingDown
from hubbub.domain.events import Joined, Left, Quote, Said
from hubbub.domain.ids import user_id
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.state import Member, RoomFacts, RoomSummary
from hubbub.domain.unfinished import unfinished
from hubbub.hub.ports import (
    Draft,
    Entry,
    ForgetGuest,
    ForgetRoom,
    Guest,
    KeepGuest,
    KeepMarkers,
    MakeRoom,
    Marker,
    MemberRecord,
    RoomRecord,
    Settled,
    Stretch,
    Unread,
)
from tests.amending import edited
from tests.storage.conftest import OpenLog
from tests.storage.talk import (
    ADA,
    BEN,
    EVE,
    GENERAL,
    IDS,
    KITCHEN,
    MADE_AT_NOON,
    NOON,
    Talk,
    guest,
    joined,
    left,
    said,
    seqs,
    texts,
)

ADA_READS = (IDS[ADA], "Ada")


async def test_a_rooms_events_are_numbered_from_one_without_holes(talk: Talk) -> None:
    settled = await talk.settle(said("one"), said("two", BEN), said("three"))
    assert [outcome.event for outcome in settled] == [
        Said(1, NOON, "Ada", "one", by_id=IDS[ADA]),
        Said(2, NOON + 1, "ben", "two", by_id=IDS[BEN]),
        Said(3, NOON + 2, "Ada", "three", by_id=IDS[ADA]),
    ]
    assert await talk.all() == [outcome.event for outcome in settled]


async def test_rooms_are_numbered_apart(talk: Talk) -> None:
    settled = await talk.settle(
        said("a"), said("b", room=KITCHEN), said("c", room=KITCHEN), said("d")
    )
    assert [outcome.event and outcome.event.seq for outcome in settled] == [1, 1, 2, 2]
    assert texts(await talk.all(KITCHEN)) == ["b", "c"]


async def test_entries_settle_in_the_order_in_which_they_came(talk: Talk) -> None:
    entries = [said(str(number), room=GENERAL if number % 3 else KITCHEN) for number in range(2500)]
    settled = await talk.settle(*entries)
    assert [outcome.entry for outcome in settled] == entries
    assert seqs(await talk.all()) == list(range(1, 1667))


async def test_an_entry_comes_back_with_the_callback_that_it_came_with(talk: Talk) -> None:
    def done(outcome: Settled) -> None:
        """Of these entries."""

    entries: list[Entry] = [
        Draft(GENERAL, Said(0, NOON, ADA, "hello"), done=done),
        MakeRoom(GENERAL, done=done),
        KeepGuest(guest(ADA), done=done),
        ForgetGuest(guest(ADA), done=done),
    ]
    for outcome in await talk.settle(*entries):
        assert outcome.entry.done is done


async def test_a_range_is_read_without_its_beginning_and_with_its_end(talk: Talk) -> None:
    await talk.settle(*(said(str(number)) for number in range(1, 11)))
    assert seqs(await talk.log.read(GENERAL.key, 3, 6)) == [4, 5, 6]
    assert seqs(await talk.log.read(GENERAL.key, 8, 99)) == [9, 10]
    assert seqs(await talk.log.read(GENERAL.key, 0, 1)) == [1]
    assert await talk.log.read(GENERAL.key, 5, 5) == []
    assert await talk.log.read(GENERAL.key, 6, 3) == []
    assert await talk.log.read("nowhere", 0, 10) == []


@pytest.mark.parametrize(
    "text",
    [
        "x" * 4000,
        "two\nlines",
        "Grüße, 世界, 👩‍👩‍👧‍👦",
        "\u202eright to left",
        "'; DROP TABLE events; --",
        "%s ? :x",
    ],
)
async def test_a_text_comes_back_as_it_was_said(talk: Talk, text: str) -> None:
    await talk.say(text)
    assert texts(await talk.all()) == [text]


async def test_a_reply_knows_what_it_answers(talk: Talk) -> None:
    await talk.settle(said("a question"), said("an answer", BEN, reply_to=1))
    assert await talk.log.read(GENERAL.key, 1, 2) == [
        Said(
            2, NOON + 1, "ben", "an answer", 1, Quote("Ada", "a question", IDS[ADA]), by_id=IDS[BEN]
        )
    ]


async def test_quotes_are_found_wherever_the_answered_text_is(talk: Talk) -> None:
    await talk.settle(said("far", room=KITCHEN), joined(EVE), said("near"))
    await talk.settle(*(said(f"{seq} to {to}", BEN, reply_to=to) for seq, to in ((3, 2), (4, 3))))
    await talk.settle(said("to a join", reply_to=1), said("to a\nquestion" + "!" * 999, reply_to=2))
    for after, quotes in (
        (1, [None, "near", "3 to 2", None, "near"]),
        (2, ["near", "3 to 2", None, "near"]),
        (5, ["near"]),
    ):
        found = await talk.log.read(GENERAL.key, after, 9)
        assert [
            said.quote and said.quote.text for said in found if isinstance(said, Said)
        ] == quotes


async def test_a_quote_is_not_a_part_of_what_is_saved(talk: Talk) -> None:
    await talk.settle(said("a question"))
    draft = said("an answer", BEN, reply_to=1)
    forged = msgspec.structs.replace(draft.event, quote=Quote("eve", "something else"))
    await talk.settle(msgspec.structs.replace(draft, event=forged))
    (answer,) = await talk.log.read(GENERAL.key, 1, 2)
    assert answer == Said(
        2, NOON + 1, "ben", "an answer", 1, Quote("Ada", "a question", IDS[ADA]), by_id=IDS[BEN]
    )


async def test_what_has_settled_can_be_read_at_once(talk: Talk) -> None:
    for number in range(1, 20):
        await talk.say(str(number))
        assert seqs(await talk.log.read(GENERAL.key, number - 1, number)) == [number]


async def test_a_text_that_is_sent_again_is_not_taken_again(talk: Talk) -> None:
    (first,) = await talk.settle(said("hello", nonce="n1"))
    again, other = await talk.settle(said("hello", nonce="n1"), said("bye", nonce="n2"))
    assert first.event == Said(1, NOON, "Ada", "hello", by_id=IDS[ADA])
    assert (again.event, again.duplicate) == (first.event, True)
    assert other.event == Said(2, NOON + 1, "Ada", "bye", by_id=IDS[ADA])
    assert not other.duplicate
    assert texts(await talk.all()) == ["hello", "bye"]


async def test_a_text_that_is_sent_twice_at_once_is_taken_once(talk: Talk) -> None:
    settled = await talk.settle(
        said("hello", nonce="n1"), said("hello", nonce="n1"), said("bye"), said("x", nonce="n1")
    )
    assert [(o.event and o.event.seq, o.duplicate) for o in settled] == [
        (1, False),
        (1, True),
        (2, False),
        (1, True),
    ]
    assert texts(await talk.all()) == ["hello", "bye"]


async def test_nonces_of_two_guests_do_not_meet(talk: Talk) -> None:
    settled = await talk.settle(said("hello", ADA, nonce="1"), said("hello", BEN, nonce="1"))
    assert not any(outcome.duplicate for outcome in settled)


async def test_a_nonce_without_an_author_means_nothing(talk: Talk) -> None:
    draft = Draft(GENERAL, Said(0, NOON, ADA, "hello"), nonce="1")
    settled = await talk.settle(draft, draft)
    assert not any(outcome.duplicate for outcome in settled)
    assert len(await talk.all()) == 2


async def test_a_nonce_is_known_after_a_restart(talk: Talk, reopen: OpenLog) -> None:
    await talk.settle(said("hello", nonce="n1", reply_to=None))
    talk = Talk(await reopen())
    (again,) = await talk.settle(said("hello", nonce="n1"))
    assert (again.event, again.duplicate) == (
        Said(1, NOON, "Ada", "hello", by_id=IDS[ADA]),
        True,
    )


async def test_a_nonce_is_found_without_sending_anything(talk: Talk, reopen: OpenLog) -> None:
    await talk.settle(said("hello", nonce="n1"), said("bye", BEN, nonce="n2"), said("x"))
    assert await talk.log.written(IDS[ADA], "n2") is None
    assert await talk.log.written(IDS[BEN], "n1") is None
    hello = Said(1, NOON, "Ada", "hello", by_id=IDS[ADA])
    assert await talk.log.written(IDS[ADA], "n1") == hello
    assert await (await reopen()).written(IDS[ADA], "n1") == hello


async def test_a_nonce_of_a_room_that_was_forgotten_is_not_found(talk: Talk) -> None:
    await talk.settle(said("hello", nonce="n1"), ForgetRoom(GENERAL))
    assert await talk.log.written(IDS[ADA], "n1") is None


async def test_everything_is_there_after_a_restart(talk: Talk, reopen: OpenLog) -> None:
    await talk.settle(joined(), said("one"), MakeRoom(KITCHEN), KeepGuest(guest(ADA)))
    before = talk.log
    log = await reopen()
    assert log.id == before.id
    talk = Talk(log)
    await talk.settle(said("two"))
    assert texts(await talk.all()) == ["one", "two"]
    assert await log.rooms() == [
        RoomRecord(GENERAL, RoomSummary(3, NOON + 2, MADE_AT_NOON), 1),
        RoomRecord(KITCHEN, RoomSummary(), 2),
    ]
    assert await log.members() == [MemberRecord(GENERAL, Member(ADA, since=1))]
    assert await log.guests() == [guest(ADA)]


async def test_a_log_has_an_id_of_32_hexadecimal_digits(talk: Talk) -> None:
    assert len(talk.log.id) == 32
    assert int(talk.log.id, 16)


async def test_a_room_is_shown_as_it_was_first_written(talk: Talk) -> None:
    loud = RoomName.parse("GENERAL")
    await talk.settle(said("hello"), said("HELLO", room=loud), MakeRoom(loud))
    (room,) = await talk.log.rooms()
    assert (room.name, room.name.key, room.state.head) == ("General", "general", 2)


async def test_each_rooms_key_is_found_by_its_id(talk: Talk) -> None:
    await talk.settle(said("one"), MakeRoom(KITCHEN))
    records = await talk.log.rooms()
    assert await talk.log.keys() == {record.id: record.name.key for record in records}
    assert len(records) == 2


async def test_a_room_made_without_events_is_empty_and_has_no_time(talk: Talk) -> None:
    await talk.settle(MakeRoom(GENERAL))
    assert await talk.log.rooms() == [RoomRecord(GENERAL, RoomSummary(), 1)]
    await talk.settle(MakeRoom(GENERAL), said("hello"), MakeRoom(GENERAL))
    assert await talk.log.rooms() == [RoomRecord(GENERAL, RoomSummary(1, NOON, MADE_AT_NOON), 1)]


async def test_a_rooms_time_is_that_of_its_newest_event(talk: Talk) -> None:
    await talk.settle(*(Draft(GENERAL, Joined(0, NOON + n, ADA)) for n in (5, 7, 9)))
    assert await talk.log.rooms() == [
        RoomRecord(GENERAL, RoomSummary(3, NOON + 9, RoomFacts(made=NOON + 5)), 1)
    ]


async def test_members_are_those_who_joined_and_did_not_leave(talk: Talk) -> None:
    await talk.settle(joined(ADA), joined(BEN, by_id=IDS[BEN]), joined(EVE), joined(ADA, KITCHEN))
    await talk.settle(left(ADA), left(EVE), joined(EVE), said("hello"))
    assert sorted(await talk.log.members(), key=lambda one: one.member.name) == [
        MemberRecord(KITCHEN, Member(ADA, since=1)),
        MemberRecord(GENERAL, Member(BEN, IDS[BEN], since=2)),
        MemberRecord(GENERAL, Member(EVE, since=6)),
    ]
    assert {one.member.name.key for one in await talk.log.members()} == {"ada", "ben", "eve"}


async def test_who_joins_and_leaves_at_once_is_not_there(talk: Talk) -> None:
    await talk.settle(joined(), left(), joined(), left())
    assert await talk.log.members() == []
    assert len(await talk.all()) == 4


async def test_who_joins_twice_is_there_once_with_the_newer_id(talk: Talk) -> None:
    await talk.settle(joined(by_id=user_id(1)))
    await talk.settle(joined(by_id=user_id(2)))
    assert await talk.log.members() == [MemberRecord(GENERAL, Member(ADA, user_id(2), since=2))]


async def test_an_event_knows_its_author_whoever_has_the_name_by_then(
    talk: Talk, reopen: OpenLog
) -> None:
    first, second = user_id(1), user_id((1 << 62) - 1)
    for who in (first, second):
        await talk.settle(
            KeepGuest(Guest(who, ADA, bytes(32))),
            joined(by_id=who),
            Draft(GENERAL, Said(0, NOON, ADA, "it is me", by_id=who)),
            Draft(GENERAL, Left(0, NOON, ADA, by_id=who)),
            ForgetGuest(Guest(who, ADA, bytes(32))),
        )
    await talk.settle(left())
    expected = [first] * 3 + [second] * 3 + [None]
    for restarts in (False, True):
        log = await reopen() if restarts else talk.log
        assert [event.by_id for event in await log.read(GENERAL.key, 0, 9)] == expected


async def test_a_guest_who_is_kept_replaces_who_had_the_name(talk: Talk) -> None:
    await talk.settle(KeepGuest(guest(ADA, 1)), KeepGuest(guest(BEN)))
    await talk.settle(KeepGuest(guest(ADA, 2)))
    assert sorted(await talk.log.guests(), key=lambda kept: kept.name) == [
        guest(ADA, 2),
        guest(BEN),
    ]


async def test_a_user_may_have_two_names_and_gives_them_back_one_by_one(talk: Talk) -> None:
    await talk.settle(said("hi"), KeepGuest(guest(ADA, 1)))
    await talk.settle(KeepGuest(guest(BEN, 1)), ForgetGuest(guest(EVE, 1)))
    await talk.settle(KeepMarkers((Marker(user_id(1), GENERAL, 1),)))
    assert sorted(await talk.log.guests(), key=lambda kept: kept.name) == [
        guest(ADA, 1),
        guest(BEN, 1),
    ]
    await talk.settle(ForgetGuest(guest(ADA, 1)))
    assert await talk.log.guests() == [guest(BEN, 1)]
    assert await talk.log.markers() == [Marker(user_id(1), GENERAL, 1)]
    await talk.settle(ForgetGuest(guest(BEN, 1)))
    assert await talk.log.guests() == []
    assert await talk.log.markers() == []


async def test_markers_stay_when_a_user_changes_names_within_a_group(talk: Talk) -> None:
    marker = Marker(user_id(1), GENERAL, 1)
    await talk.settle(said("hi"), KeepGuest(guest(ADA, 1)), KeepMarkers((marker,)))
    await talk.settle(KeepGuest(guest(BEN, 1)), ForgetGuest(guest(ADA, 1)))
    assert await talk.log.markers() == [marker]


async def test_a_guest_is_forgotten_only_by_id(talk: Talk) -> None:
    await talk.settle(KeepGuest(guest(ADA, 2)), ForgetGuest(guest(ADA, 1)))
    assert await talk.log.guests() == [guest(ADA, 2)]
    await talk.settle(ForgetGuest(guest(ADA, 1)), ForgetGuest(guest(BEN, 2)))
    assert await talk.log.guests() == [guest(ADA, 2)]
    await talk.settle(ForgetGuest(guest(ADA, 2)))
    assert await talk.log.guests() == []


# What is read


def marks(*seqs: tuple[UserName, RoomName, int]) -> KeepMarkers:
    return KeepMarkers(tuple(Marker(IDS[user], room, seq) for user, room, seq in seqs))


async def test_markers_are_kept_for_guests_and_never_go_back(talk: Talk, reopen: OpenLog) -> None:
    await talk.settle(said("hi"), said("hi", room=KITCHEN), KeepGuest(guest(ADA)))
    await talk.settle(
        KeepGuest(guest(BEN)),
        marks((ADA, GENERAL, 1), (ADA, KITCHEN, 0), (BEN, GENERAL, 1)),
        marks((ADA, GENERAL, 5), (EVE, GENERAL, 1), (ADA, RoomName.parse("nowhere"), 1)),
        marks((ADA, GENERAL, 4)),
    )
    expected = {(IDS[ADA], GENERAL, 5), (IDS[ADA], KITCHEN, 0), (IDS[BEN], GENERAL, 1)}
    for restarts in (False, True):
        log = await reopen() if restarts else talk.log
        assert {(one.user, one.room, one.seq) for one in await log.markers()} == expected


async def test_markers_go_with_their_guest(talk: Talk) -> None:
    await talk.settle(said("hi"), KeepGuest(guest(ADA)), KeepGuest(guest(BEN)))
    await talk.settle(marks((ADA, GENERAL, 1), (BEN, GENERAL, 1)))
    await talk.settle(ForgetGuest(guest(ADA)), marks((ADA, GENERAL, 1)))
    assert [one.user for one in await talk.log.markers()] == [IDS[BEN]]
    await talk.settle(KeepGuest(guest(BEN, 17)))
    assert await talk.log.markers() == []


async def test_texts_of_others_are_counted_and_those_that_speak_of_one(talk: Talk) -> None:
    await talk.settle(
        joined(ADA),
        said("Ada: hello", BEN),
        said("ada, that is me"),
        said("Adam, 100%_", EVE),
        said("@ＡＤＡ?", EVE),
        said("Grüße", BEN),
        said("in the kitchen", BEN, room=KITCHEN),
    )
    whole, part, nothing, kitchen, nowhere = await talk.log.count(
        [
            Stretch(GENERAL.key, 0, 99),
            Stretch(GENERAL.key, 2, 5),
            Stretch(GENERAL.key, 6, 6),
            Stretch(KITCHEN.key, 0, 1),
            Stretch("nowhere", 0, 1),
        ],
        *ADA_READS,
        1000,
    )
    assert (whole, part, nothing) == (Unread(4, 2), Unread(2, 1), Unread(0, 0))
    assert (kitchen, nowhere) == (Unread(1, 0), Unread(0, 0))
    assert await talk.log.count([Stretch(GENERAL.key, 0, 99)], *ADA_READS, 3) == [Unread(3, 2)]
    assert await talk.log.count([], *ADA_READS, 3) == []
    everything = [Stretch(GENERAL.key, 0, 99)]
    assert await talk.log.count(everything, *ADA_READS, 9, (IDS[EVE],)) == [Unread(2, 1)]
    assert await talk.log.count(everything, *ADA_READS, 1, (IDS[BEN],)) == [Unread(1, 0)]


async def test_an_edit_speaks_of_nobody_and_may_speak_of_somebody_no_more(talk: Talk) -> None:
    await talk.settle(*(said(text, BEN) for text in ("Ada: one", "two", "Ada: three", "Ada: four")))
    stretch = [Stretch(GENERAL.key, 0, 4)]
    assert await talk.log.count(stretch, *ADA_READS, 9) == [Unread(4, 3)]
    for target, text in ((1, "one"), (2, "Ada: two"), (3, "three"), (3, "Ada: 3"), (4, "Ada: 4")):
        await talk.settle(Draft(GENERAL, edited(target, text)))
    assert await talk.log.count(stretch, *ADA_READS, 9) == [Unread(4, 2)]
    await talk.settle(Draft(GENERAL, edited(3, "three")))
    assert await talk.log.count(stretch, *ADA_READS, 9) == [Unread(4, 1)]


async def test_what_comes_after_the_end_is_refused_in_its_turn(talk: Talk, reopen: OpenLog) -> None:
    talk.append(said("one"), said("two"))
    closed = talk.log
    log = await reopen()
    talk.append(said("three"), said("four"))
    await talk.all_settled()
    assert closed is not log
    assert [type(outcome.error) for outcome in talk.settled] == [
        type(None),
        type(None),
        ShuttingDown,
        ShuttingDown,
    ]
    assert texts(await log.read(GENERAL.key, 0, 10)) == ["one", "two"]


async def test_a_forgotten_room_is_gone_and_its_name_begins_anew(talk: Talk) -> None:
    await talk.settle(Draft(KITCHEN, Joined(0, NOON, ADA)), said("hello"))
    await talk.settle(Draft(KITCHEN, Left(0, NOON, ADA)))
    (outcome,) = await talk.settle(ForgetRoom(KITCHEN))
    assert outcome.error is None
    assert [record.name for record in await talk.log.rooms()] == [GENERAL]
    assert await talk.log.members() == []
    (joined,) = await talk.settle(Draft(KITCHEN, Joined(0, NOON, ADA)))
    assert joined.event is not None
    assert joined.event.seq == 1
    assert await talk.log.read(KITCHEN.key, 0, 5) == [joined.event]
    assert [event.seq for event in await talk.log.read(GENERAL.key, 0, 5)] == [1]


async def test_who_was_in_a_forgotten_room_is_in_none(talk: Talk) -> None:
    await talk.settle(*(Draft(room, Joined(0, NOON, ADA)) for room in (KITCHEN, GENERAL)))
    await talk.settle(ForgetRoom(KITCHEN))
    assert [member.room for member in await talk.log.members()] == [GENERAL]


async def test_what_comes_behind_a_forgotten_room_in_one_group_is_the_new_ones(talk: Talk) -> None:
    await talk.settle(Draft(KITCHEN, Joined(0, NOON, ADA)))
    outcomes = await talk.settle(
        Draft(KITCHEN, Left(0, NOON, ADA)),
        ForgetRoom(KITCHEN),
        Draft(KITCHEN, Joined(0, NOON, ADA)),
        ForgetRoom(GENERAL),
        said("hello"),
        said("again", room=KITCHEN),
    )
    seqs = [outcome.event.seq if outcome.event else None for outcome in outcomes]
    assert seqs == [2, None, 1, None, 1, 2]
    assert sorted(
        (str(record.name), record.state.head, record.state.silent)
        for record in await talk.log.rooms()
    ) == [("General", 1, False), ("Kitchen", 2, False)]


async def test_what_was_said_in_a_forgotten_room_can_be_said_again(talk: Talk) -> None:
    await talk.settle(said("hello", room=KITCHEN, nonce="n1"), said("bye", nonce="n2"))
    await talk.settle(ForgetRoom(KITCHEN))
    again, known = await talk.settle(
        said("hello", room=KITCHEN, nonce="n1"), said("bye", nonce="n2")
    )
    assert (again.duplicate, known.duplicate) == (False, True)
    assert await talk.all(KITCHEN) == [again.event]
    (twice,) = await talk.settle(said("hello", room=KITCHEN, nonce="n1"))
    assert twice.duplicate


async def test_forgetting_a_room_that_is_not_there_does_nothing(talk: Talk) -> None:
    (outcome,) = await talk.settle(ForgetRoom(KITCHEN))
    assert outcome.error is None
    assert await talk.log.rooms() == []


async def heads(talk: Talk, since: str | None = None) -> dict[str, int]:
    found = await talk.log.heads(since)
    ids = {one.name.key: one.id for one in await talk.log.rooms()}
    assert {key: id for id, (key, _) in found.heads.items()}.items() <= ids.items()
    return dict(found.heads.values())


async def test_what_has_grown_since_is_told(talk: Talk) -> None:
    assert await heads(talk) == {}
    await talk.settle(said("a"), said("b"), said("c", room=KITCHEN), MakeRoom(RoomName.parse("X")))
    mark = await settled_mark(talk)
    assert await heads(talk) == {"general": 2, "kitchen": 1}
    assert await heads(talk, mark) == {}
    await talk.settle(said("d", room=KITCHEN))
    second = await settled_mark(talk, mark)
    assert await heads(talk, mark) == {"kitchen": 2}
    assert await heads(talk, second) == {}
    assert await heads(talk) == {"general": 2, "kitchen": 2}


async def settled_mark(talk: Talk, since: str | None = None) -> str:
    """The mark of one who has looked again and again."""
    for _ in range(3):
        since = (await talk.log.heads(since)).mark
    assert since is not None
    return since


async def test_what_has_no_name_does_not_grow(talk: Talk) -> None:
    since = await settled_mark(talk)
    await talk.settle(said("a"), said("b", room=unfinished(KITCHEN)), ForgetRoom(GENERAL))
    assert await heads(talk, since) == await heads(talk) == {}


async def test_rooms_are_found_by_their_keys(talk: Talk) -> None:
    await talk.settle(said("a"), said("b", room=KITCHEN))
    assert [one.name for one in await talk.log.rooms(["kitchen", "attic"])] == [KITCHEN]
    assert await talk.log.rooms([]) == []
    ids = {one.id: one.name.key for one in await talk.log.rooms()}
    assert await talk.log.keys() == ids
    assert sorted(ids.values()) == ["general", "kitchen"]
