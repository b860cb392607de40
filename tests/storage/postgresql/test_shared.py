"""Several servers write to one database at the same time, and each room has one history."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import AsyncExitStack
from typing import cast

import pytest
from msgspec.structs import replace

from hubbub.domain.directory import DIRECTORY
from hubbub.domain.errors import BadMessage
from hubbub.domain.events import (
    AnyEvent,
    Redacted,
    Registered,
    RoleGiven,
    RoomRenamed,
    Said,
    TopicSet,
)
from hubbub.domain.ids import user_id
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.rules import Role
from hubbub.domain.search import parse_query
from hubbub.hub.ports import (
    Draft,
    Entry,
    ForgetRoom,
    KeepGuest,
    KeepMarkers,
    KeepNode,
    KeepSecret,
    LeaseLost,
    LeaveNode,
    MakeRoom,
    Marker,
    NameRoom,
    NodeKept,
    NodeRecord,
    RoomMovedOn,
    SecretKind,
    Settled,
    TakeIdentity,
    TakeName,
)
from hubbub.storage.postgresql.log import PostgresLog
from hubbub.storage.postgresql.search import PostgresSearch
from tests.storage.talk import (
    ADA,
    BEN,
    GENERAL,
    IDS,
    KITCHEN,
    NOON,
    Talk,
    guest,
    joined,
    said,
    texts,
)
from tests.storage.test_amending import edit, react, redact

ROOMS = [RoomName.parse(f"Room {number}".replace(" ", "-")) for number in range(6)]
WRITERS = [UserName.parse(f"writer{number}") for number in range(8)]


@pytest.fixture
async def talks(database: str) -> AsyncIterator[list[Talk]]:
    """Three logs on one database, as three servers have them."""
    async with AsyncExitStack() as stack:
        found = []
        for _ in range(3):
            log = await PostgresLog.open(database, durability="process")
            stack.push_async_callback(log.close)
            found.append(Talk(log))
        yield found


async def at_once(*groups: Awaitable[list[Settled]]) -> list[Settled]:
    found = await asyncio.gather(*groups)
    return [one for group in found for one in group]


def outcomes(settled: Sequence[Settled]) -> list[str]:
    return sorted(
        type(one.error).__name__ if one.error is not None else "duplicate" if one.duplicate else ""
        for one in settled
    )


async def test_of_the_same_reaction_at_two_servers_one_is_an_event(talks: list[Talk]) -> None:
    one, other, _ = talks
    await one.settle(said("hello"))
    on, off = react(1, "👍"), react(1, "👍", on=False)
    assert outcomes(await at_once(one.settle(on), other.settle(on))) == ["", "BadMessage"]
    # Each server remembers who reacts, and hears at once what the other one has changed.
    for talk, draft in ((one, off), (other, off), (other, on), (one, on), (one, off), (other, on)):
        await talk.settle(draft)
    assert outcomes(one.settled[1:] + other.settled) == ["", "", "", "", "", *["BadMessage"] * 3]
    assert [getattr(event, "on", None) for event in await one.all()] == [
        *(None, True, False, True, False, True)
    ]


async def test_rooms_that_three_write_to_have_no_holes_and_each_text_once(
    talks: list[Talk],
) -> None:
    """Sent once, or again at another server at any time; alone and in groups, in many rooms."""
    rng = random.Random(7)
    sent: dict[RoomName, list[str]] = {room: [] for room in ROOMS}

    async def write(talk: Talk, writer: UserName) -> None:
        by_id = user_id(100 + WRITERS.index(writer))
        for number in range(40):
            room = rng.choice(ROOMS)
            nonce = f"{writer}-{number}"
            event: AnyEvent = Said(0, NOON, writer, nonce, by_id=by_id)
            if number % 10 == 9:
                event = TopicSet(0, NOON, writer, nonce, by_id=by_id)
            draft = Draft(room, event, nonce=nonce)
            sent[room].append(nonce)
            at = [talk] if rng.random() < 0.7 else rng.sample(talks, 2)
            for one in at:
                one.append(draft)
            if rng.random() < 0.3:
                await asyncio.gather(*(one.all_settled() for one in at))
            if number % 8 == 7:
                talk.append(KeepMarkers((Marker(by_id, room, number),)))

    await asyncio.gather(*(write(talks[place % 3], writer) for place, writer in enumerate(WRITERS)))
    await asyncio.gather(*(talk.all_settled() for talk in talks))
    assert {type(one.error) for talk in talks for one in talk.settled} == {type(None)}
    reader = talks[0].log
    for room in ROOMS:
        events = await reader.read(room.key, 0, 10_000)
        assert [event.seq for event in events] == [*range(1, len(events) + 1)]
        found = [
            event.text if isinstance(event, Said) else event.topic
            for event in events
            if isinstance(event, (Said, TopicSet))
        ]
        assert Counter(found) == Counter(sent[room])
        by_seq = {event.seq: event for event in events}
        for talk in talks:
            told = [one for one in talk.settled if isinstance(one.entry, Draft)]
            mine = [one for one in told if one.entry.room == room]  # type: ignore[union-attr]
            for one in mine:
                assert one.event is not None
                kept = by_seq[one.event.seq]
                assert (kept.by, kept.by_id) == (one.event.by, one.event.by_id)
                assert getattr(kept, "text", None) == getattr(one.event, "text", None)
            first = [one.event.seq for one in mine if one.event and not one.duplicate]
            assert first == sorted(first), "in the order in which they were appended"
    heads = dict((await reader.heads()).heads.values())
    assert {room.key: heads[room.key] for room in ROOMS} == {
        room.key: len(sent[room]) for room in ROOMS
    }
    facts = {record.name: record.state.facts.topic for record in await reader.rooms()}
    for room in ROOMS:
        topics = [e.topic for e in await reader.read(room.key, 0, 9999) if isinstance(e, TopicSet)]
        assert facts[room] == (topics[-1] if topics else "")


async def test_a_text_that_is_sent_to_two_at_once_is_there_once(talks: list[Talk]) -> None:
    for number in range(30):
        draft = said(f"text {number}", nonce=f"n{number}")
        found = await at_once(*(talk.settle(draft) for talk in talks))
        assert outcomes(found) == ["", "duplicate", "duplicate"]
        assert len({one.event and one.event.seq for one in found}) == 1
    assert len(await talks[0].all()) == 30


async def test_a_room_that_two_make_at_once_is_one(talks: list[Talk]) -> None:
    for number in range(10):
        room = RoomName.parse(f"Made-{number}")
        texts = [said(str(place), room=room) for place in range(2)]
        found = await at_once(
            talks[0].settle(texts[0]), talks[1].settle(texts[1]), talks[2].settle(MakeRoom(room))
        )
        assert outcomes(found) == ["", "", ""]
        assert len(await talks[0].log.read(room.key, 0, 9)) == 2


async def test_one_account_gets_the_name(talks: list[Talk]) -> None:
    for number in range(5):
        name = UserName.parse(f"name{number}")
        drafts = [
            Draft(
                DIRECTORY,
                Registered(0, NOON, name, by_id=user_id(10 * number + place + 500)),
                also=(TakeName(user_id(10 * number + place + 500), name),),
            )
            for place in range(3)
        ]
        pairs = zip(talks, drafts, strict=True)
        found = await at_once(*(talk.settle(draft) for talk, draft in pairs))
        assert outcomes(found) == ["", "NameTaken", "NameTaken"]


async def test_one_account_gets_the_identity(talks: list[Talk]) -> None:
    ids = [user_id(700 + place) for place in range(3)]
    await talks[0].settle(*(joined(UserName.parse(f"u{id}"), by_id=id) for id in ids))
    drafts = [
        Draft(GENERAL, TopicSet(0, NOON, "u", "t"), also=(TakeIdentity(id, "issuer", "subject"),))
        for id in ids
    ]
    found = await at_once(*(talk.settle(draft) for talk, draft in zip(talks, drafts, strict=True)))
    assert outcomes(found) == ["", "NameTaken", "NameTaken"]


async def test_one_room_gets_the_name(talks: list[Talk]) -> None:
    await talks[0].settle(said("a"), said("b", room=KITCHEN))
    cellar = RoomName.parse("Cellar")
    found = await at_once(
        *(
            talk.settle(
                Draft(
                    room,
                    RoomRenamed(0, NOON, "Ada", cellar, room),
                    also=(NameRoom(room, cellar),),
                )
            )
            for talk, room in zip(talks, (GENERAL, KITCHEN), strict=False)
        )
    )
    assert outcomes(found) == ["", "NameTaken"]


async def test_a_room_is_not_written_to_under_the_name_that_it_had(talks: list[Talk]) -> None:
    """The second server remembers it; what is meant for it by its id is refused there."""
    one, other, _ = talks
    await one.settle(said("first"))
    await other.settle(said("second"))
    cellar = RoomName.parse("Cellar")
    record = await one.log.room(GENERAL.key)
    assert record is not None
    renamed = RoomRenamed(0, NOON, "Ada", cellar, GENERAL)
    await one.settle(Draft(GENERAL, renamed, also=(NameRoom(GENERAL, cellar),)))
    event = Said(0, NOON, ADA, "third", by_id=IDS[ADA])
    (meant,) = await other.settle(Draft(GENERAL, event, room_id=record.id))
    assert isinstance(meant.error, RoomMovedOn)
    (new,) = await other.settle(Draft(GENERAL, event))
    assert new.event is not None
    assert new.event.seq == 1, "another room, which has that name now"
    assert len(await one.log.read(cellar.key, 0, 9)) == 3


async def test_texts_in_many_rooms_at_once_get_the_numbers_that_follow(talks: list[Talk]) -> None:
    """Also where others have written meanwhile, and in a room that has another name by now."""
    one, other, third = talks
    for _ in range(2):
        await one.settle(said("a"), said("b", room=KITCHEN))
    await other.settle(said("c"), said("d"))
    found = await one.settle(said("e"), said("f", room=KITCHEN), said("g"))
    assert [cast("AnyEvent", each.event).seq for each in found] == [5, 3, 6]
    await other.settle(said("x"))
    twice = Draft(GENERAL, Said(0, NOON, ADA, "y", by_id=IDS[ADA]), nonce="y")
    found = await one.settle(twice, said("z", room=KITCHEN), twice)
    assert [cast("AnyEvent", each.event).seq for each in found] == [8, 4, 8]
    assert found[2].duplicate
    cellar = RoomName.parse("Cellar")
    renamed = RoomRenamed(0, NOON, "Ada", cellar, KITCHEN)
    await third.settle(Draft(KITCHEN, renamed, also=(NameRoom(KITCHEN, cellar),)))
    found = await one.settle(said("h"), said("i", room=KITCHEN))
    assert [cast("AnyEvent", each.event).seq for each in found] == [9, 1]
    assert texts(await third.all()) == ["a", "a", "c", "d", "e", "g", "x", "y", "h"]
    assert texts(await third.all(KITCHEN)) == ["i"]
    assert len(await third.all(cellar)) == 5


async def test_a_room_that_was_forgotten_elsewhere_begins_anew(talks: list[Talk]) -> None:
    one, other, _ = talks
    await one.settle(joined(), said("first"))
    await other.settle(said("second"))
    await one.settle(ForgetRoom(GENERAL))
    (new,) = await other.settle(said("third"))
    assert new.event is not None
    assert new.event.seq == 1
    assert await one.log.members() == []


async def test_what_a_room_s_state_refuses_is_refused_at_the_other_server(
    talks: list[Talk],
) -> None:
    """A link is used up once; the last owner stays one."""
    one, other, third = talks
    ada, ben = IDS[ADA], IDS[BEN]
    await one.settle(
        Draft(GENERAL, RoleGiven(0, NOON, "Ada", "Ada", user_id=ada, role=Role.OWNER, by_id=ada)),
        Draft(GENERAL, RoleGiven(0, NOON, "Ada", "ben", user_id=ben, role=Role.OWNER, by_id=ada)),
    )
    await asyncio.gather(other.settle(said("hi")), third.settle(said("ho")))
    deposed = [
        Draft(
            GENERAL, RoleGiven(0, NOON, "Ada", str(name), user_id=id, role=Role.MEMBER, by_id=ada)
        )
        for name, id in ((ADA, ada), (BEN, ben))
    ]
    found = await at_once(other.settle(deposed[0]), third.settle(deposed[1]))
    assert outcomes(found) == ["", "BadMessage"]


async def test_heads_tell_what_has_grown_whoever_has_written_it(talks: list[Talk]) -> None:
    one, other, _ = talks
    await one.settle(said("a"), said("b", room=KITCHEN))
    heads = await other.log.heads()
    assert dict(heads.heads.values()) == {GENERAL.key: 1, KITCHEN.key: 1}
    assert (await other.log.heads(heads.mark)).heads == {}
    await one.settle(said("c", room=KITCHEN))
    grown = await other.log.heads(heads.mark)
    assert dict(grown.heads.values()) == {KITCHEN.key: 2}
    assert (await other.log.heads(grown.mark)).heads == {}


async def test_what_is_beside_the_logs_may_be_saved_by_all_at_once(talks: list[Talk]) -> None:
    ids = [IDS[ADA], IDS[BEN]]
    await talks[0].settle(said("a"), KeepGuest(guest(ADA)), KeepGuest(guest(BEN)))
    for number in range(10):
        entries: list[Entry] = [
            KeepGuest(guest(ADA)),
            KeepGuest(guest(BEN)),
            *(KeepSecret(SecretKind.PASSWORD, id, str(number)) for id in ids),
            KeepMarkers(tuple(Marker(id, GENERAL, number) for id in ids)),
        ]
        orders = [entries, entries[::-1], entries[2:] + entries[:2]]
        found = await at_once(
            *(talk.settle(*order) for talk, order in zip(talks, orders, strict=True))
        )
        assert set(outcomes(found)) == {""}
    assert [one.seq for one in await talks[1].log.markers(IDS[ADA])] == [9]


async def test_a_node_that_was_taken_for_dead_saves_nothing(talks: list[Talk]) -> None:
    """Alone or in a group, in a room that it remembers; until it begins anew."""
    one, other, _ = talks

    def keep(id: str, seconds: float, *, first: bool, over: bool = False) -> KeepNode:
        return KeepNode(NodeRecord(id, id, "1", NOON), seconds, first, over)

    await one.settle(keep("one", 60, first=True))
    await other.settle(keep("other", 60, first=True))
    one.log.fence("one")
    other.log.fence("other")
    assert (await one.settle(said("first")))[0].error is None
    assert (await one.say("second")).error is None
    await one.settle(said("in", room=KITCHEN))
    await one.settle(said("both"), said("rooms", room=KITCHEN))
    await one.settle(LeaveNode("one", 0.0))
    assert (await one.say("third")).error is None, "its lease is over, and nobody has taken over"
    await one.settle(LeaveNode("one", 0.0))
    for _ in range(100):
        (kept,) = await other.settle(keep("other", 60, first=False, over=True))
        if cast("NodeKept", kept).others == 0:
            break
    assert isinstance((await one.say("fourth")).error, LeaseLost)
    found = await one.settle(said("fifth"), said("sixth", room=KITCHEN))
    assert [type(outcome.error) for outcome in found] == [LeaseLost, LeaseLost]
    assert (await other.say("seventh")).error is None
    assert texts(await other.all()) == ["first", "second", "both", "third", "seventh"]
    assert texts(await other.all(KITCHEN)) == ["in", "rooms"]


async def test_what_several_amend_at_once_is_the_same_for_all(talks: list[Talk]) -> None:
    """Each text is taken back once, nothing changes it after that, and no word of it is left."""
    rng = random.Random(3)
    await talks[0].settle(*(said(f"secret {number}", nonce=f"n{number}") for number in range(20)))
    drafts: list[Draft] = []
    for target in range(1, 21):
        drafts += [
            edit(target, f"secret again {target} {turn}", f"e{target} {turn}") for turn in "ab"
        ]
        drafts += [replace(react(target, "👍", who), nonce=f"r{target}") for who in (ADA, BEN)]
        drafts += [redact(target, who, nonce=f"x{target}") for who in (ADA, BEN)]

    async def amend(talk: Talk) -> list[Settled]:
        mine = rng.sample(drafts, len(drafts))
        return [one for start in range(0, 120, 7) for one in await talk.settle(*mine[start:][:7])]

    outcomes = await at_once(*map(amend, talks))
    kept = {
        one.event.seq for one in outcomes if isinstance(one.event, Redacted) and not one.duplicate
    }
    assert len(kept) == 20
    assert all(one.error is None or isinstance(one.error, BadMessage) for one in outcomes)
    found = [await talk.all() for talk in talks]
    assert found[0] == found[1] == found[2]
    assert "secret" not in repr(found[0])
    head = await talks[0].log.head(GENERAL.key)
    assert [event.seq for event in found[0]] == [*range(1, head + 1)]
    messages = [event for event in found[0] if isinstance(event, Said)]
    assert all(one.redacted is not None and not one.reactions for one in messages)
    taken_back = Counter(event.target for event in found[0] if isinstance(event, Redacted))
    assert set(taken_back.values()) == {1}


async def test_the_last_of_two_edits_at_once_is_what_is_found(
    talks: list[Talk], database: str
) -> None:
    await talks[0].settle(*(said(f"tea {number}") for number in range(10)))
    for turn in range(5):
        await at_once(
            *(
                talk.settle(*(edit(seq, f"word{place} {turn}") for seq in range(1, 11)))
                for place, talk in enumerate(talks)
            )
        )
    search = PostgresSearch(database)
    try:
        for message in await talks[0].log.messages(GENERAL.key, range(1, 11)):
            assert isinstance(message, Said)
            for word in ("word0", "word1", "word2", "tea"):
                query = parse_query(word)
                finds = await search.find(query, before=None, limit=20, rooms=None)
                seqs = [one.event.seq for one in finds.finds]
                assert (message.seq in seqs) is (message.text.startswith(word))
    finally:
        await search.close()
