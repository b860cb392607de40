"""What several servers on one log tell it: leases, who is present where, whose names are in use."""

from __future__ import annotations

import asyncio
import time
from random import Random
from typing import cast

import pytest
from msgspec.structs import replace

from hubbub.domain.directory import DIRECTORY
from hubbub.domain.errors import ChatError, NameTaken
from hubbub.domain.events import (
    FORMER_MEMBER,
    AnyEvent,
    AuthorForgotten,
    Joined,
    Kicked,
    Left,
    Registered,
)
from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName, UserName
from hubbub.hub.ports import (
    ALONE,
    Attend,
    ClaimName,
    Depart,
    Draft,
    Entry,
    ForgetRoom,
    FreeName,
    Guest,
    KeepGuest,
    KeepNode,
    LeaseLost,
    LeaveNode,
    NameRoom,
    NodeKept,
    NodeRecord,
    TakeName,
    TakenOver,
    Unneeded,
)
from tests.memorylog.log import MemoryLog
from tests.patience import PATIENCE_SECONDS
from tests.storage.talk import ADA, BEN, EVE, GENERAL, IDS, KITCHEN, NOON, Talk, guest, said, texts

OVER = 0.02  # seconds of a lease that is over in a moment
SOON = 0.5  # later than what is done before, and yet soon
COUNTESS = UserName.parse("countess")


def node(
    id: str,
    seconds: float = 60,
    *,
    first: bool = True,
    take_over: bool = False,
    unsure: bool = False,
) -> KeepNode:
    return KeepNode(NodeRecord(id, f"server {id}", "1.0", NOON), seconds, first, take_over, unsure)


def comes(
    at: str, user: UserName = ADA, room: RoomName = GENERAL, id: UserId | None = None
) -> Draft:
    id = id or IDS[user]
    return Draft(room, Joined(0, NOON, user, by_id=id), also=(Attend(at, room, user, id),))


def goes(at: str, user: UserName = ADA, room: RoomName = GENERAL, **more: bool) -> Draft:
    row = Depart(at, room, user, IDS[user], **more)  # type: ignore[arg-type]
    return Draft(room, Left(0, NOON, user, by_id=IDS[user]), also=(row,))


def grace(at: str, user: UserName = ADA, room: RoomName = GENERAL, *, lost: bool = True) -> Attend:
    return Attend(at, room, user, IDS[user], lost)


def words(events: list[AnyEvent]) -> list[str]:
    return [f"{event.by} {type(event).__name__.lower()}" for event in events]


async def story(talk: Talk, room: RoomName = GENERAL) -> list[str]:
    return words(await talk.all(room))


async def begin(talk: Talk, *ids: str) -> None:
    await talk.settle(*(node(id) for id in ids))


async def pass_over(talk: Talk, seconds: float = OVER) -> None:
    """The leases of so many seconds are over."""
    if isinstance(talk.log, MemoryLog):
        talk.log.disk.seconds += 2 * seconds
    else:
        await asyncio.sleep(2 * seconds)


async def error_of(talk: Talk, entry: Entry) -> ChatError | None:
    (outcome,) = await talk.settle(entry)
    return outcome.error


# Who is present


async def test_the_first_one_joins_and_the_last_one_leaves(talk: Talk) -> None:
    await begin(talk, "a", "b")
    first, second = await talk.settle(comes("a"), comes("b"))
    assert first.event is not None
    assert first.event.seq == 1
    assert second == Unneeded(second.entry, head=1)
    assert second.error is None
    first, second = await talk.settle(goes("a"), goes("b"))
    assert second.event is not None
    assert first == Unneeded(first.entry, head=1)
    assert second.event.seq == 2
    assert await story(talk) == ["Ada joined", "Ada left"]
    (again,) = await talk.settle(goes("a"))
    assert again == Unneeded(again.entry, head=2)


async def test_so_it_is_in_groups_of_their_own(talk: Talk) -> None:
    await begin(talk, "a", "b")
    for entry in (comes("a"), comes("b"), said("hello"), goes("b"), goes("b"), comes("b")):
        await talk.settle(entry)
    outcomes = [await talk.settle(entry) for entry in (goes("a"), goes("b"))]
    assert [type(outcome[0]).__name__ for outcome in outcomes] == ["Unneeded", "Settled"]
    assert await story(talk) == ["Ada joined", "Ada said", "Ada left"]


async def test_a_leave_of_nobody_is_none(talk: Talk) -> None:
    await begin(talk, "a")
    (outcome,) = await talk.settle(goes("a"))
    assert outcome == Unneeded(outcome.entry, head=0)
    await talk.settle(comes("a", BEN))
    row = Depart("a", GENERAL, BEN, IDS[EVE])
    event = Left(0, NOON, BEN, by_id=IDS[EVE])
    (outcome,) = await talk.settle(Draft(GENERAL, event, also=(row,)))
    assert outcome == Unneeded(outcome.entry, head=1), "somebody else has that name"


async def test_who_has_the_name_now_is_somebody_else_than_who_had_it(talk: Talk) -> None:
    await begin(talk, "a", "b")
    await talk.settle(comes("a"))
    (outcome,) = await talk.settle(comes("b", ADA, id=IDS[EVE]))
    assert outcome.event is not None
    assert outcome.event.seq == 3
    events = await talk.all()
    assert words(events) == ["Ada joined", "Ada left", "Ada joined"]
    assert [event.by_id for event in events] == [IDS[ADA], IDS[ADA], IDS[EVE]]
    (late,) = await talk.settle(goes("a"))
    assert late == Unneeded(late.entry, head=3)


async def test_a_goodbye_ends_what_is_kept_for_a_lost_connection_elsewhere(talk: Talk) -> None:
    await begin(talk, "a", "b", "c")
    await talk.settle(comes("a"), comes("b"), grace("a"), goes("b"))
    assert await story(talk) == ["Ada joined", "Ada left"]
    await talk.settle(comes("a"), comes("b"), grace("a"), goes("b", deliberate=False))
    assert (await story(talk))[2:] == ["Ada joined"], "they may come back to the first one"
    await talk.settle(goes("a", deliberate=False))
    assert (await story(talk))[2:] == ["Ada joined", "Ada left"]
    await talk.settle(comes("a"), comes("b"), grace("a"), grace("a", lost=False), goes("b"))
    assert (await story(talk))[4:] == ["Ada joined"], "they are back"


async def test_who_goes_for_good_goes_everywhere(talk: Talk) -> None:
    await begin(talk, "a", "b")
    await talk.settle(comes("a"), comes("b"), goes("a", everywhere=True))
    assert await story(talk) == ["Ada joined", "Ada left"]
    (late,) = await talk.settle(goes("b"))
    assert isinstance(late, Unneeded)


async def test_who_is_put_out_is_present_nowhere(talk: Talk) -> None:
    await begin(talk, "a", "b")
    kick = Draft(GENERAL, Kicked(0, NOON, BEN, ADA, IDS[ADA], by_id=IDS[BEN]))
    await talk.settle(comes("a"), comes("b"), kick, comes("a"), goes("a"))
    assert await story(talk) == ["Ada joined", "ben kicked", "Ada joined", "Ada left"]


async def test_who_stays_a_member_only_goes(talk: Talk) -> None:
    await begin(talk, "a", "b", "c")
    await talk.settle(comes("a"), comes("b"))
    await talk.settle(Depart("a", GENERAL, ADA, IDS[ADA]), Depart("b", GENERAL, ADA, IDS[ADA]))
    assert await story(talk) == ["Ada joined"]
    (outcome,) = await talk.settle(goes("c", everywhere=True))
    assert outcome.event is not None


async def test_a_renaming_is_that_of_all_nodes(talk: Talk) -> None:
    await begin(talk, "a", "b")
    id = IDS[ADA]

    def renaming(at: str) -> tuple[Draft, Draft]:
        join = Joined(0, NOON, COUNTESS, ADA, by_id=id)
        leave = Left(0, NOON, ADA, COUNTESS, by_id=id)
        row = Depart(at, GENERAL, ADA, id, everywhere=True, now=COUNTESS)
        come = Attend(at, GENERAL, COUNTESS, id)
        return (
            Draft(GENERAL, join, nonce=" as 1", also=(come,)),
            Draft(GENERAL, leave, nonce=" was 1", also=(row,)),
        )

    await talk.settle(comes("a"), comes("b"), *renaming("a"))
    await talk.settle(*renaming("b"))
    assert await story(talk) == ["Ada joined", "countess joined", "Ada left"]

    def gone(at: str) -> Draft:
        leave = Left(0, NOON, COUNTESS, by_id=id)
        return Draft(GENERAL, leave, also=(Depart(at, GENERAL, COUNTESS, id),))

    first, second = await talk.settle(gone("b"), gone("a"))
    assert isinstance(first, Unneeded)
    assert second.event is not None


async def test_who_has_lost_the_connection_at_a_node_is_not_there_under_a_new_name(
    talk: Talk,
) -> None:
    await begin(talk, "a", "b")
    await talk.settle(comes("a"), comes("b"), grace("b"))
    leave = Left(0, NOON, ADA, COUNTESS, by_id=IDS[ADA])
    row = Depart("a", GENERAL, ADA, IDS[ADA], everywhere=True, now=COUNTESS)
    await talk.settle(
        Draft(
            GENERAL,
            Joined(0, NOON, COUNTESS, ADA, by_id=IDS[ADA]),
            also=(Attend("a", GENERAL, COUNTESS, IDS[ADA]),),
        ),
        Draft(GENERAL, leave, also=(row,)),
    )
    gone = Depart("a", GENERAL, COUNTESS, IDS[ADA], deliberate=False)
    (last,) = await talk.settle(
        Draft(GENERAL, Left(0, NOON, COUNTESS, by_id=IDS[ADA]), also=(gone,))
    )
    assert last.event is not None


async def test_a_server_that_is_alone_logs_no_leave_of_who_is_no_member(talk: Talk) -> None:
    await talk.settle(Draft(GENERAL, Joined(0, NOON, ADA, by_id=IDS[ADA])))
    kick = Draft(GENERAL, Kicked(0, NOON, BEN, ADA, IDS[ADA], by_id=IDS[BEN]))
    _, late = await talk.settle(kick, goes(ALONE))
    assert isinstance(late, Unneeded)
    assert late.head == 2
    await talk.settle(Draft(GENERAL, Joined(0, NOON, ADA, by_id=IDS[ADA])), goes(ALONE))
    assert await story(talk) == ["Ada joined", "ben kicked", "Ada joined", "Ada left"]


async def test_rooms_may_be_renamed_and_forgotten_with_people_in_them(talk: Talk) -> None:
    await begin(talk, "a", "b")
    attic = RoomName.parse("Attic")
    await talk.settle(comes("a"), comes("b"), NameRoom(GENERAL, attic))
    (first,) = await talk.settle(goes("a", room=attic))
    assert isinstance(first, Unneeded)
    await talk.settle(ForgetRoom(attic), comes("a", room=attic))
    assert await story(talk, attic) == ["Ada joined"]


# Leases


async def test_what_a_dead_node_leaves_is_anothers(talk: Talk) -> None:
    await talk.settle(
        *(node("a", OVER), node("b"), comes("a"), comes("a", BEN), comes("b", BEN)),
        *(comes("a", room=KITCHEN), ClaimName("a", ADA, IDS[ADA], guest(ADA))),
        *(ClaimName("a", BEN, IDS[BEN]), ClaimName("b", BEN, IDS[BEN])),
        ClaimName("a", EVE, IDS[EVE]),
    )
    await pass_over(talk)
    (kept,) = await talk.settle(node("b", first=False, take_over=True))
    assert isinstance(kept, NodeKept)
    assert kept.others == 0
    ids = {key: id for id, key in (await talk.log.keys()).items()}
    assert set(kept.left) == {
        TakenOver(ADA, IDS[ADA], ids[GENERAL.key]),
        TakenOver(ADA, IDS[ADA], ids[KITCHEN.key]),
        TakenOver(ADA, IDS[ADA], None, bytes(32)),
        TakenOver(EVE, IDS[EVE]),
    }
    (again,) = await talk.settle(node("b", first=False, take_over=True))
    assert cast("NodeKept", again).left == ()
    outcomes = await talk.settle(goes("b"), goes("b", room=KITCHEN), goes("b", BEN))
    assert all(outcome.event is not None for outcome in outcomes)
    assert isinstance(await error_of(talk, node("a", first=False)), LeaseLost)


async def test_what_a_server_leaves_that_was_alone_is_the_first_nodes(talk: Talk) -> None:
    await talk.settle(
        *(replace(comes("a", user), also=()) for user in (ADA, BEN)), KeepGuest(guest(ADA))
    )
    ((room,)) = await talk.log.keys()
    (kept,) = await talk.settle(node("a", take_over=True))
    left = {
        TakenOver(ADA, IDS[ADA], room),
        TakenOver(BEN, IDS[BEN], room),
        TakenOver(ADA, IDS[ADA], None, bytes(32)),
    }
    assert isinstance(kept, NodeKept)
    assert (set(kept.left), kept.others) == (left, 0)
    (kept,) = await talk.settle(node("b", take_over=True))
    assert cast("NodeKept", kept).left == ()
    assert (await talk.settle(comes("b")))[0].event is None
    assert (await talk.settle(goes("a")))[0].event is None
    assert (await talk.settle(goes("a", BEN)))[0].event is not None
    assert isinstance(await error_of(talk, ClaimName("b", ADA, IDS[BEN])), NameTaken)


async def test_a_node_that_is_unsure_is_told_again_what_it_has(talk: Talk) -> None:
    await talk.settle(node("a", OVER), comes("a"), ClaimName("a", ADA, IDS[ADA], guest(ADA)))
    await pass_over(talk)
    (kept,) = await talk.settle(node("b", take_over=True))
    assert isinstance(kept, NodeKept)
    assert len(kept.left) == 2
    await talk.settle(comes("b", BEN))
    (again,) = await talk.settle(node("b", first=False, unsure=True))
    (room,) = await talk.log.keys()
    assert isinstance(again, NodeKept)
    assert set(again.left) == {*kept.left, TakenOver(BEN, IDS[BEN], room)}


async def test_who_is_forgotten_is_present_nowhere(talk: Talk) -> None:
    forgotten = AuthorForgotten(0, NOON, FORMER_MEMBER, by_id=IDS[ADA])
    await talk.settle(node("a", OVER), comes("a"), comes("a", BEN), Draft(GENERAL, forgotten))
    await pass_over(talk)
    (kept,) = await talk.settle(node("b", take_over=True))
    assert [one.name for one in cast("NodeKept", kept).left] == [BEN]


async def test_a_lease_that_is_over_is_renewed_if_nobody_has_taken_over(talk: Talk) -> None:
    await talk.settle(node("a", OVER), comes("a"))
    await pass_over(talk)
    (kept,) = await talk.settle(node("a", first=False, take_over=True))
    assert kept.error is None
    assert cast("NodeKept", kept).left == ()
    assert (await talk.settle(goes("a")))[0].event is not None


async def test_nodes_are_counted_that_live(talk: Talk) -> None:
    kept = await talk.settle(node("a"), node("b"), node("c"))
    assert [cast("NodeKept", one).others for one in kept] == [0, 1, 2]
    if not isinstance(talk.log, MemoryLog):
        off = [abs(cast("NodeKept", one).now - time.time() * 1000) for one in kept]
        assert max(off) < PATIENCE_SECONDS * 1000, "it tells its time"
    await talk.settle(node("b", OVER, first=False))
    await pass_over(talk)
    (one,) = await talk.settle(node("a", first=False))
    assert cast("NodeKept", one).others == 1


async def test_nothing_is_saved_for_a_dead_node(talk: Talk) -> None:
    talk.log.fence("a")
    assert isinstance(await error_of(talk, said("too early")), LeaseLost)
    outcomes = await talk.settle(said("too early"), node("a", OVER), said("one"))
    assert [type(one.error) for one in outcomes] == [LeaseLost, type(None), type(None)]
    await pass_over(talk)
    (outcome,) = await talk.settle(said("two"))
    assert outcome.error is None, "the lease was over, and nobody had taken over"
    await pass_over(talk)
    await talk.settle(node("b", take_over=True))
    for entry in (said("three"), guest_kept(), comes("a"), ForgetRoom(GENERAL)):
        assert isinstance(await error_of(talk, entry), LeaseLost)
    assert await story(talk) == ["Ada said", "Ada said"]


def guest_kept() -> ClaimName:
    return ClaimName("a", ADA, IDS[ADA], guest(ADA))


async def test_a_node_that_stops_leaves_its_people_some_time(talk: Talk) -> None:
    await begin(talk, "a", "b")
    await talk.settle(comes("a"), comes("b", BEN), LeaveNode("a", SOON))
    (kept,) = await talk.settle(node("b", first=False, take_over=True))
    assert cast("NodeKept", kept).left == ()
    await talk.settle(comes("b"), goes("b"))
    assert (await story(talk))[-1] == "Ada left", "they have said goodbye, and come back before"
    await pass_over(talk, SOON)
    (kept,) = await talk.settle(node("b", first=False, take_over=True))
    assert cast("NodeKept", kept).others == 0


# Names


async def test_a_name_is_claimed_by_one(talk: Talk) -> None:
    await begin(talk, "a", "b")
    first, second = await talk.settle(
        ClaimName("a", ADA, IDS[ADA], guest(ADA)), ClaimName("b", ADA, IDS[EVE])
    )
    assert (first.error, type(second.error)) == (None, NameTaken)
    assert await talk.log.guest(ADA.key) == guest(ADA)
    claimed = await talk.log.claimed([ADA.key, BEN.key])
    assert {key: (one.name, one.id) for key, one in claimed.items()} == {ADA.key: (ADA, IDS[ADA])}
    same = ClaimName("b", ADA, IDS[ADA], None, known=ADA)
    assert await error_of(talk, same) is None
    first, second = await talk.settle(FreeName("a", ADA, IDS[ADA]), FreeName("b", ADA, IDS[ADA]))
    assert (first.more, second.more) == (True, False)
    assert await talk.log.guest(ADA.key) is None
    assert await talk.log.claimed([ADA.key]) == {}
    assert isinstance(await error_of(talk, same), NameTaken), "it is kept for nobody any more"
    assert await error_of(talk, ClaimName("b", ADA, IDS[EVE])) is None


async def test_many_names_are_claimed_at_once_and_each_has_an_answer_of_its_own(
    talk: Talk,
) -> None:
    await begin(talk, "a", "b")
    await talk.settle(ClaimName("b", BEN, IDS[BEN], guest(BEN)))
    found = await talk.settle(
        said("before"),
        ClaimName("a", ADA, IDS[ADA], guest(ADA)),
        ClaimName("a", BEN, IDS[EVE]),
        ClaimName("a", EVE, IDS[EVE], None, known=EVE),
        ClaimName("a", COUNTESS, IDS[EVE]),
        said("behind"),
        FreeName("a", COUNTESS, IDS[EVE]),
        ClaimName("b", COUNTESS, IDS[BEN]),
    )
    errors = [type(one.error) for one in found if one.error is not None]
    assert errors == [NameTaken, NameTaken]
    assert [found.index(one) for one in found if one.error is not None] == [2, 3]
    claimed = await talk.log.claimed([ADA.key, BEN.key, EVE.key, COUNTESS.key])
    assert {key: one.id for key, one in claimed.items()} == {
        ADA.key: IDS[ADA],
        BEN.key: IDS[BEN],
        COUNTESS.key: IDS[BEN],
    }
    assert await talk.log.guest(ADA.key) == guest(ADA)
    assert await talk.log.guest(BEN.key) == guest(BEN)
    assert texts(await talk.all()) == ["before", "behind"]


async def test_a_guest_with_two_names_has_one_left(talk: Talk) -> None:
    await begin(talk, "a")
    both = Guest(IDS[ADA], BEN, bytes(32))
    await talk.settle(guest_kept(), ClaimName("a", BEN, IDS[ADA], both))
    first, second = await talk.settle(FreeName("a", ADA, IDS[ADA]), FreeName("a", BEN, IDS[ADA]))
    assert (first.more, second.more) == (True, False)


async def test_the_name_of_an_account_is_no_guests(talk: Talk) -> None:
    await begin(talk, "a", "b")
    await talk.settle(ClaimName("a", ADA, IDS[ADA], guest(ADA)), ClaimName("b", BEN, IDS[BEN]))

    def registered(name: UserName, id: UserId) -> Draft:
        return Draft(DIRECTORY, Registered(0, NOON, name, by_id=id), also=(TakeName(id, name),))

    assert isinstance(await error_of(talk, registered(BEN, IDS[ADA])), NameTaken)
    assert await story(talk, DIRECTORY) == []
    assert await error_of(talk, registered(ADA, IDS[ADA])) is None
    assert await talk.log.claimed([ADA.key]) == {}
    assert isinstance(await error_of(talk, ClaimName("b", ADA, IDS[EVE])), NameTaken)


async def test_who_has_an_account_is_no_guest_any_more_by_whatever_name(talk: Talk) -> None:
    await begin(talk, "a", "b")
    former, id = Guest(IDS[ADA], COUNTESS, bytes(32)), IDS[ADA]
    await talk.settle(
        ClaimName("a", COUNTESS, id, former), ClaimName("b", ADA, id, guest(ADA), known=COUNTESS)
    )
    registered = Registered(0, NOON, ADA, by_id=id)
    await talk.settle(Draft(DIRECTORY, registered, also=(TakeName(id, ADA),)))
    assert await talk.log.guests() == []
    assert await talk.log.claimed([ADA.key, COUNTESS.key]) == {}
    back = ClaimName("a", COUNTESS, id, None, known=COUNTESS)
    again = ClaimName("a", EVE, id, Guest(id, EVE, bytes(32)), known=COUNTESS)
    for claim in (back, again):
        assert isinstance(await error_of(talk, claim), NameTaken)
    assert await talk.log.guests() == []


async def test_a_crowd_has_the_names_that_each_of_it_would_have_alone(talk: Talk) -> None:
    """Decided together, with other entries between: as one after another."""
    alone = Talk(MemoryLog(auto=True))
    dice = Random(7)
    names = [UserName.parse(f"p{number}") for number in range(6)]
    ids = [UserId(f"{number + 10:x}") for number in range(5)]
    await begin(talk, "a", "b")
    await begin(alone, "a", "b")
    for _ in range(25):
        group: list[Entry] = []
        for _ in range(dice.randrange(1, 12)):
            at, name, id = dice.choice("ab"), dice.choice(names), dice.choice(ids)
            match dice.randrange(6):
                case 0 | 1:
                    group.append(ClaimName(at, name, id, Guest(id, name, bytes(32))))
                case 2:
                    known = dice.choice([None, name, dice.choice(names)])
                    group.append(ClaimName(at, name, id, None, known=known))
                case 3 | 4:
                    group.append(FreeName(at, name, id))
                case _:
                    group.append(said("in between"))
        together = await talk.settle(*group)
        apart = [outcome for entry in group for outcome in await alone.settle(entry)]
        assert [(type(one.error), one.more) for one in together] == [
            (type(one.error), one.more) for one in apart
        ]
        keys = [name.key for name in names]
        assert await talk.log.claimed(keys) == await alone.log.claimed(keys)
        assert [await talk.log.guest(key) for key in keys] == [
            await alone.log.guest(key) for key in keys
        ]


@pytest.mark.parametrize("size", [1, 70, 300])
async def test_many_come_and_go_at_once(talk: Talk, size: int) -> None:
    await begin(talk, "a", "b")
    names = [UserName.parse(f"p{number}") for number in range(size)]
    ids = {name: UserId(f"{number + 10:x}") for number, name in enumerate(names)}
    await talk.settle(*(comes(at, name, id=ids[name]) for name in names for at in ("a", "b")))
    assert len(await talk.all()) == size

    def gone(at: str, name: UserName) -> Draft:
        row = Depart(at, GENERAL, name, ids[name])
        return Draft(GENERAL, Left(0, NOON, name, by_id=ids[name]), also=(row,))

    await talk.settle(*(gone("a", name) for name in names))
    assert len(await talk.all()) == size
    await talk.settle(*(gone("b", name) for name in names))
    assert len(await talk.all()) == 2 * size
