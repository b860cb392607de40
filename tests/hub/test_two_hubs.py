"""Two hubs over one log show the same rooms, whatever becomes of what they tell each other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from hubbub.hub.ports import Wake
from tests.hub.chat import UNHURRIED, Chat
from tests.memorylog.log import Disk


class Line:
    """A bus between two hubs, which hands on what it is told to."""

    def __init__(self) -> None:
        self.ends: list[End] = []

    def end(self) -> End:
        end = End(self)
        self.ends.append(end)
        return end


class End:
    """One hub's end of it; ``arrived``: what the other end has told, in that order."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._heard: Callable[[Wake], None] = lambda _: None
        self.arrived: list[Wake] = []

    def publish(self, wake: Wake) -> None:
        for other in self._line.ends:
            if other is not self:
                other.arrived.append(wake)

    def listen(self, heard: Callable[[Wake], None]) -> None:
        self._heard = heard

    def hear(self, *places: int) -> None:
        """What has arrived at these places is heard, in this order; without any, all of it."""
        for place in places or range(len(self.arrived)):
            self._heard(self.arrived[place])


class Pair:
    """Two hubs, ``one`` and ``other``, on one disk."""

    def __init__(self) -> None:
        line, disk = Line(), Disk()
        self.ends = line.end(), line.end()
        self.one = Chat(disk=disk, bus=self.ends[0])
        self.other = Chat(disk=disk, bus=self.ends[1], first_id=100_000)


@asynccontextmanager
async def pair() -> AsyncIterator[Pair]:
    both = Pair()
    async with AsyncExitStack() as stack:
        for chat in (both.one, both.other):
            await chat.start()
            chat.commit()
            stack.push_async_callback(chat.crash)
        yield both


async def quiet(both: Pair) -> None:
    for chat in (both.one, both.other, both.one):
        await chat.quiet()


async def test_what_is_said_at_one_is_shown_at_the_other() -> None:
    async with pair() as both:
        ada = both.one.enter("ada", "General")
        both.ends[1].hear()
        ben = both.other.enter("ben", "General")
        both.ends[0].hear()
        ada.say("hello")
        both.one.commit()
        both.ends[1].hear(-1)
        await quiet(both)
        story = ["1 ada joined", "2 ben joined", "3 ada: hello"]
        assert ada.story() == both.one.story() == story
        assert ben.story() == story
        assert both.one.members() == both.other.members() == ["ada", "ben"]


@pytest.mark.parametrize(
    "places",
    [[2, 1, 0], [0, 0, 1, 1, 2, 2], [2], [0, 2], [1, 2, 0, 1], [2, 2]],
    ids=["reordered", "doubled", "only the last", "one lost", "late", "the last twice"],
)
async def test_a_bus_that_loses_doubles_and_reorders_changes_nothing(places: list[int]) -> None:
    async with pair() as both:
        ada = both.one.enter("ada", "General")
        both.ends[1].hear()
        ben = both.other.enter("ben", "General")
        both.ends[0].hear()
        both.ends[1].arrived.clear()
        for number in range(3):
            ada.say(f"text {number}")
            both.one.commit()
        both.ends[1].hear(*places)
        await quiet(both)
        assert ben.story() == ada.story() == both.one.story()
        assert [event.seq for event in ben.shown()] == [1, 2, 3, 4, 5]


async def test_a_bus_that_tells_nothing_makes_it_late_and_nothing_else() -> None:
    async with pair() as both:
        ada = both.one.enter("ada", "Kitchen")
        following = both.other.hub.following
        assert following is not None
        assert "kitchen" not in both.other.hub.rooms
        await following.look()
        ben = both.other.enter("ben", "Kitchen")
        ada.say("hello", "Kitchen")
        both.one.commit()
        await quiet(both)
        assert ada.story("Kitchen") == ["1 ada joined", "2 ben joined", "3 ada: hello"]
        await following.look()
        await quiet(both)
        assert ben.story("Kitchen") == ada.story("Kitchen")
        assert both.other.members("Kitchen") == ["ada", "ben"]


async def test_an_ack_waits_until_what_the_other_has_said_before_is_shown() -> None:
    async with pair() as both:
        ada = both.one.enter("ada", "General")
        both.ends[1].hear()
        ben = both.other.enter("ben", "General")
        both.ends[0].hear()
        ben.news()
        ada.say("first")
        both.one.commit()
        ben.say("second", nonce="n")
        both.other.commit()
        assert ben.news() == [], "text 3 is not shown yet, which came before"
        await quiet(both)
        assert ben.news() == ["General 3 ada: first", "General 4 ben: second", "ack General 4 n"]
        both.ends[0].hear()
        await quiet(both)
        assert ada.story() == ben.story() == both.one.story()


async def test_nobody_is_taken_for_lost_who_is_connected_to_the_other() -> None:
    async with pair() as both:
        ada = both.one.enter("ada", "General")
        both.ends[1].hear()
        ben = both.other.enter("ben", "General")
        both.ends[0].hear()
        ben.lose_connection()
        for chat in (both.one, both.other):
            chat.pass_time(UNHURRIED.leave_grace_seconds + 1)
            chat.commit()
        both.ends[0].hear()
        both.ends[1].hear()
        await quiet(both)
        assert ada.story() == ["1 ada joined", "2 ben joined", "3 ben left"]
        assert both.one.members() == both.other.members() == ["ada"]
