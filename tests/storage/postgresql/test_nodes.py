"""Several servers on one database at once: one joins, one has the name, one takes over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import AsyncExitStack
from typing import cast

import psycopg
import pytest

from hubbub.domain.directory import DIRECTORY
from hubbub.domain.errors import NameTaken
from hubbub.domain.events import Joined, Left, Registered
from hubbub.domain.ids import UserId, user_id
from hubbub.domain.names import UserName
from hubbub.hub.ports import (
    Attend,
    ClaimName,
    Depart,
    Draft,
    FreeName,
    Guest,
    KeepNode,
    LeaseLost,
    NodeKept,
    NodeRecord,
    Settled,
    TakeName,
)
from hubbub.storage.postgresql.log import PostgresLog
from tests.patience import PATIENCE_SECONDS
from tests.storage.talk import ADA, BEN, EVE, GENERAL, IDS, NOON, Talk, guest, said

NODES = ("a", "b", "c")
ROUNDS = 20
SOON = 0.4


@pytest.fixture
async def talks(database: str) -> AsyncIterator[list[Talk]]:
    """Three servers on one database, with their leases."""
    async with AsyncExitStack() as stack:
        found = []
        for node in NODES:
            log = await PostgresLog.open(database, durability="process")
            stack.push_async_callback(log.close)
            log.fence(node)
            talk = Talk(log)
            await talk.settle(keep(node))
            found.append(talk)
        yield found


def keep(node: str, seconds: float = 60, *, take_over: bool = False) -> KeepNode:
    return KeepNode(NodeRecord(node, node, "1", NOON), seconds, first=True, take_over=take_over)


def comes(at: str, user: UserName = ADA) -> Draft:
    row = Attend(at, GENERAL, user, IDS[user])
    return Draft(GENERAL, Joined(0, NOON, user, by_id=IDS[user]), also=(row,))


def goes(at: str, user: UserName = ADA) -> Draft:
    row = Depart(at, GENERAL, user, IDS[user])
    return Draft(GENERAL, Left(0, NOON, user, by_id=IDS[user]), also=(row,))


async def at_once(*groups: Awaitable[list[Settled]]) -> list[Settled]:
    return [one for group in await asyncio.gather(*groups) for one in group]


async def test_all_come_and_go_at_the_same_moment(talks: list[Talk]) -> None:
    for _ in range(ROUNDS):
        for what in (comes, goes):
            outcomes = await at_once(
                *(talk.settle(what(node)) for node, talk in zip(NODES, talks, strict=True))
            )
            assert [one.error for one in outcomes] == [None] * 3
            assert sum(one.event is not None for one in outcomes) == 1
    events = await talks[0].all()
    assert [type(event) for event in events] == [Joined, Left] * ROUNDS
    assert [event.seq for event in events] == list(range(1, 2 * ROUNDS + 1))


async def test_they_come_and_go_in_any_order_and_never_twice_in_a_row(talks: list[Talk]) -> None:
    for place in range(ROUNDS):
        await at_once(
            *(
                talk.settle(comes(node), said(f"{node} {place}"), goes(node), comes(node))
                for node, talk in zip(NODES, talks, strict=True)
            )
        )
        if place % 2:
            await at_once(
                *(talk.settle(goes(node)) for node, talk in zip(NODES, talks, strict=True))
            )
    told = [type(one) for one in await talks[0].all() if isinstance(one, Joined | Left)]
    assert told == [Joined, Left] * (len(told) // 2)


async def test_a_name_is_claimed_by_one_of_all_that_ask(talks: list[Talk]) -> None:
    for number in range(ROUNDS):
        name = UserName.parse(f"name{number}")
        ids = {node: user_id(1000 + 3 * number + at) for at, node in enumerate(NODES)}

        def claim(node: str, name: UserName = name, ids: Mapping[str, UserId] = ids) -> ClaimName:
            return ClaimName(node, name, ids[node], Guest(ids[node], name, b"hash"))

        outcomes = await at_once(
            *(talk.settle(claim(node)) for node, talk in zip(NODES, talks, strict=True))
        )
        errors = [type(one.error) for one in outcomes]
        assert sorted(errors, key=str) == sorted([NameTaken, NameTaken, type(None)], key=str)
        winner = NODES[errors.index(type(None))]
        place = NODES.index(winner)
        free = FreeName(winner, name, ids[winner])
        registered = Draft(
            DIRECTORY,
            Registered(0, NOON, name, by_id=ids[winner]),
            also=(TakeName(ids[winner], name),),
        )
        others = [node for node in NODES if node != winner]
        outcomes = await at_once(
            talks[place].settle(free if number % 2 else registered),
            *(talks[NODES.index(node)].settle(claim(node)) for node in others),
        )
        assert outcomes[0].error is None
        winners = sum(one.error is None for one in outcomes[1:])
        assert winners <= number % 2


async def test_of_names_that_look_alike_the_second_is_refused(talks: list[Talk]) -> None:
    """The Latin one may come second, as it hides nothing."""
    one, other, third = talks
    for number in range(ROUNDS):
        latin, mixed = UserName.parse(f"ada{number}"), UserName.parse(f"аda{number}")

        def registers(name: UserName, who: UserId) -> Draft:
            event = Registered(0, NOON, name, by_id=who)
            return Draft(DIRECTORY, event, also=(TakeName(who, name),))

        first, second, guests = await at_once(
            one.settle(registers(latin, user_id(1000 + number))),
            other.settle(registers(mixed, user_id(2000 + number))),
            third.settle(ClaimName("c", UserName.parse(f"adа{number}"), IDS[EVE], guest(EVE))),
        )
        assert first.event is not None
        assert isinstance(second.error, NameTaken) is (second.event is None)
        assert second.event is None or second.event.seq < first.event.seq
        assert guests.error is None or isinstance(guests.error, NameTaken)
    late = ClaimName("c", UserName.parse("adа0"), IDS[EVE], guest(EVE))
    assert isinstance((await third.settle(late))[0].error, NameTaken)


async def test_one_of_two_takes_over_and_the_dead_one_says_nothing(talks: list[Talk]) -> None:
    dead, *living = talks
    await dead.settle(keep("a", SOON), comes("a"), comes("a", BEN), said("alive"))
    await talks[1].settle(comes("b", BEN))
    await asyncio.sleep(2 * SOON)
    outcomes = await at_once(
        *(talk.settle(keep(node, take_over=True)) for node, talk in zip("bc", living, strict=True))
    )
    left = [one for outcome in outcomes for one in cast("NodeKept", outcome).left]
    assert {one.name for one in left} <= {ADA, BEN}
    assert sum(one.name == ADA for one in left) == 1
    after = await at_once(
        *(talk.settle(goes(node)) for node, talk in zip("bc", living, strict=True))
    )
    assert sum(one.event is not None for one in after) == 1
    for _ in range(3):
        refused = await dead.settle(said("from beyond"), said("again", BEN), comes("a"))
        assert [type(one.error) for one in refused] == [LeaseLost] * 3
    assert isinstance((await dead.settle(said("alone")))[0].error, LeaseLost)
    words = [type(event).__name__ for event in await living[0].all()]
    assert words == ["Joined", "Joined", "Said", "Left"]


async def test_a_text_of_a_node_that_dies_meanwhile_is_before_it_or_not_there(
    talks: list[Talk], database: str
) -> None:
    dead, other, _ = talks
    await dead.settle(keep("a", SOON), comes("a"), said("first"))
    talking = True

    async def talk_on() -> list[Settled]:
        said_so: list[Settled] = []
        while talking:
            said_so += await dead.settle(said("on"))
            if said_so[-1].error is not None:
                break
        return said_so

    running = asyncio.ensure_future(talk_on())
    # The dead one renews a lease that is over as long as nobody has taken over; now somebody does.
    with psycopg.connect(database, autocommit=True) as connection:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                connection.execute("UPDATE nodes SET until = 0 WHERE id = 'a'")
                (kept,) = await other.settle(keep("b", take_over=True))
                if cast("NodeKept", kept).left:
                    break
    await other.settle(goes("b"))
    talking = False
    outcomes = await running
    events = await other.all()
    assert isinstance(events[-1], Left), "nothing was said behind it"
    assert sum(one.error is None for one in outcomes) == len(events) - 3
