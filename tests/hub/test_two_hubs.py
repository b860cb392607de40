"""Two hubs over one log show the same rooms, whatever becomes of what they tell each other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.events import FORMER_MEMBER, UNSEQUENCED, Left, Said
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.rules import Newcomers, Status
from hubbub.hub.following import Following
from hubbub.hub.ports import Draft, Ephemeral, Message, Wake
from tests.hub.chat import NOON, UNHURRIED, Chat
from tests.hub.members import (
    OTHER,
    PASSWORD,
    ask_for,
    devices_of,
    log_in,
    private_room,
    register,
    settle,
)
from tests.memorylog.log import Disk
from tests.patience import PATIENCE_SECONDS


class Line:
    """A bus between two hubs, which hands on what it is told to."""

    def __init__(self) -> None:
        self.ends: list[End] = []
        self.told: list[Message] = []

    def end(self) -> End:
        end = End(self)
        self.ends.append(end)
        return end


class End:
    """One hub's end of it; ``arrived``: what the other end has told, in that order."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._heard: Callable[[Message], None] = lambda _: None
        self.arrived: list[Message] = []

    def publish(self, message: Wake | Ephemeral) -> None:
        self._line.told.append(message)
        for other in self._line.ends:
            if other is not self:
                other.arrived.append(message)

    def listen(self, heard: Callable[[Message], None]) -> None:
        self._heard = heard

    def stats(self) -> Mapping[str, float]:
        return {}

    async def run(self, key: bytes) -> None:
        """It carries what it is told to."""

    def hear(self, *places: int) -> None:
        """What has arrived at these places is heard, in this order; without any, all of it."""
        for place in places or range(len(self.arrived)):
            self._heard(self.arrived[place])


class Pair:
    """Two hubs, ``one`` and ``other``, on one disk."""

    def __init__(self, gap_seconds: float) -> None:
        line, disk = Line(), Disk()
        self.ends = line.end(), line.end()
        self.one = Chat(disk=disk, bus=self.ends[0], gap_seconds=gap_seconds)
        self.other = Chat(disk=disk, bus=self.ends[1], first_id=100_000, gap_seconds=gap_seconds)


@asynccontextmanager
async def pair(gap_seconds: float = 0) -> AsyncIterator[Pair]:
    both = Pair(gap_seconds)
    async with AsyncExitStack() as stack:
        for chat in (both.one, both.other):
            await chat.start()
            chat.commit()
            stack.push_async_callback(chat.crash)
        yield both


async def tell(both: Pair, rounds: int = 3) -> None:
    """All that was written at either is on disk, and known at both."""
    for _ in range(rounds):
        for chat in (both.one, both.other):
            await settle(chat, 1)
        for end in both.ends:
            end.hear()
            end.arrived.clear()
        await quiet(both)


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


async def test_a_text_that_is_sent_twice_behind_one_of_another_server_is_shown_once() -> None:
    """All in one commit, before the other server's was heard of."""
    async with pair() as both:
        ada = both.one.enter("ada", "General")
        both.ends[1].hear()
        ben = both.other.enter("ben", "General")
        both.ends[0].hear()
        ben.say("first")
        both.other.commit()
        said = Said(UNSEQUENCED, NOON, "ada", "second", by_id=ada.last(told.Welcome).user_id)
        for _ in range(2):
            both.one.hub.log.append(Draft(RoomName.recall("General"), said, nonce="n1"))
        both.one.commit()
        await quiet(both)
        story = ["1 ada joined", "2 ben joined", "3 ben: first", "4 ada: second"]
        both.ends[1].hear()
        await quiet(both)
        assert ada.story() == ben.story() == both.one.story() == story


async def test_a_bus_that_tells_nothing_makes_it_late_and_nothing_else() -> None:
    async with pair() as both:
        ada = both.one.enter("ada").join("Kitchen")
        await settle(both.one)
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


async def test_what_was_told_before_a_failover_is_not_shown_after_it() -> None:
    """Nor the other way round: what is saved there is shown when the log was compared."""
    async with pair() as both:
        ada = both.one.enter("ada", "General")
        both.ends[1].hear()
        ben = both.other.enter("ben", "General")
        both.ends[0].hear()
        both.ends[1].arrived.clear()
        ada.say("hello")
        both.one.log.origin = "before"
        both.one.commit()
        both.other.log.origin = "after"
        both.ends[1].hear(-1)
        await quiet(both)
        assert ben.story() == ["1 ada joined", "2 ben joined"]
        both.ends[1].hear(-1)  # who plays it back makes nobody compare again
        assert both.other.log.doubts == 1
        following = both.other.hub.following
        assert following is not None
        await following.look()
        await quiet(both)
        assert ben.story() == ["1 ada joined", "2 ben joined", "3 ada: hello"]
        ada.say("again")
        both.one.log.origin = "after"
        both.one.commit()
        both.ends[1].hear(-1)
        assert ben.story()[-1] == "4 ada: again"


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


async def test_what_another_tells_a_moment_later_is_not_read_from_the_log() -> None:
    async with pair(gap_seconds=PATIENCE_SECONDS) as both:
        ada = both.one.enter("ada", "General")
        both.ends[1].hear()
        ben = both.other.enter("ben", "General")
        both.ends[0].hear()
        ben.news()
        ada.say("first")
        both.one.commit()
        ben.say("second", nonce="n")
        both.other.commit()
        await quiet(both)
        assert ben.news() == [], "text 3 is not shown yet, which came before"
        both.ends[0].hear()
        await quiet(both)
        assert ada.story() == both.one.story(), "what was held back here is told there"
        both.ends[1].hear(-1)
        assert ben.news() == ["General 3 ada: first", "General 4 ben: second", "ack General 4 n"]


async def test_on_a_busy_loop_what_another_has_saved_is_shown_with_what_is_saved_here() -> None:
    async with pair() as both:
        ada = both.one.enter("ada", "General")
        both.ends[1].hear()
        ben = both.other.enter("ben", "General")
        both.ends[0].hear()
        both.other.ticking = 0.001
        ada.say("first")
        both.one.commit()
        both.ends[1].hear(-1)
        ben.news()
        ada.say("second")
        both.one.commit()
        both.ends[1].hear(-1)
        assert ben.news() == [], "it gathers, as the loop has just shown something"
        ben.say("third")
        both.other.commit()
        assert ben.news() == [
            "General 4 ada: second",
            "General 5 ben: third",
            "ack General 5",
        ]


async def test_what_gathers_on_a_busy_loop_is_shown_soon() -> None:
    async with pair() as both:
        ada = both.one.enter("ada", "General")
        both.ends[1].hear()
        ben = both.other.enter("ben", "General")
        both.other.ticking = 0.001
        for text in ("first", "second", "third"):
            ada.say(text)
            both.one.commit()
            both.ends[1].hear(-1)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(ben.shown()) < 5:  # noqa: ASYNC110 - there is no event
                await asyncio.sleep(0)
        assert ben.story() == both.one.story()


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


# Accounts


async def test_an_account_made_at_one_is_an_account_at_the_other() -> None:
    async with pair() as both:
        ada = await register(both.one, "ada", "General")
        await tell(both)
        phone = await log_in(both.other, "ada")
        assert phone.news() == ["welcome ada"]
        assert phone.session.user is not None
        assert ada.session.user is not None
        assert phone.session.user.id == ada.session.user.id
        eve = both.other.connect().hello("ada")
        await settle(both.other)
        assert eve.news() == ["error need-password"]


async def test_nobody_gets_an_account_by_the_name_of_a_guest_at_the_other() -> None:
    async with pair() as both:
        eve = both.other.enter("ada").join("Kitchen")
        await tell(both)
        eve.news()
        ada = both.one.connect()
        ada.send(ask.Register(user=UserName.parse("ada"), password=PASSWORD))
        await settle(both.one)
        await tell(both)
        assert ada.news() == ["error name-taken"]
        assert eve.news() == []
        assert both.other.members("Kitchen") == ["ada"]


async def test_one_name_is_registered_once_though_both_are_asked_at_once() -> None:
    async with pair() as both:
        ada, eve = both.one.connect(), both.other.connect()
        ada.send(ask.Register(user=UserName.parse("ada"), password=PASSWORD))
        eve.send(ask.Register(user=UserName.parse("ada"), password=OTHER))
        await quiet(both)
        both.one.commit()
        both.other.commit()
        await tell(both)
        assert ada.news() == ["welcome ada"]
        assert eve.news() == ["error name-taken"]
        assert both.one.story(DIRECTORY) == ["1 ada has made an account."]
        assert (await log_in(both.other, "ada")).news() == ["welcome ada"]


@pytest.mark.parametrize(
    "command, reason",
    [
        (ask.Revoke(), "logged-out"),
        (ask.ChangePassword(old=PASSWORD, new=OTHER), "logged-out"),
        (ask.CloseAccount(password=PASSWORD), "logged-out"),
    ],
)
async def test_what_logs_out_does_so_at_the_other(command: ask.Command, reason: str) -> None:
    async with pair() as both:
        ada = await register(both.one, "ada")
        await tell(both)
        phone = await log_in(both.other, "ada")
        tab = await log_in(both.other, "ada", token=ada.token, password=None)
        phone.news()
        tab.news()
        await ask_for(both.one, ada, command)
        await tell(both)
        assert phone.news() == [f"goodbye {reason}"]
        closed = isinstance(command, ask.CloseAccount)
        assert tab.hung_up is closed
        if not closed:
            assert len(devices_of(both.one, "ada")) == 1


async def test_a_ban_from_the_server_holds_at_the_other() -> None:
    async with pair() as both:
        ada = await register(both.one, "ada")
        await tell(both)
        eve = both.other.enter("eve", "General")
        await ask_for(both.one, ada, ask.Own(code=both.one.hub.owner_code or ""))
        await tell(both)
        assert both.other.hub.owner_code is None
        await ask_for(both.one, ada, ask.Ban(room=DIRECTORY, user=UserName.parse("eve")))
        await tell(both)
        assert eve.news()[-1] == "goodbye banned"


async def test_a_renaming_is_told_once_in_rooms_at_both() -> None:
    async with pair() as both:
        ada, ben = await register(both.one, "ada", "General"), await register(both.one, "ben")
        await private_room(both.one, ben, "Cellar", ada)
        ada.lose_connection()
        await tell(both)
        first = await log_in(both.one, "ada", "General", "Cellar")
        second = await log_in(both.other, "ada", "General", "Cellar")
        await tell(both)
        await ask_for(both.one, first, ask.Rename(user=UserName.parse("countess")))
        await tell(both)
        for room in ("General", "Cellar"):
            told = [e for e in both.one.log.disk.events[room.lower()] if getattr(e, "was", None)]
            assert len(told) == 1
            left = [e for e in both.one.log.disk.events[room.lower()] if getattr(e, "now", None)]
            assert len(left) == 1
            assert both.one.members(room) == both.other.members(room)
            assert "countess" in both.one.members(room)
            assert "ada" not in both.one.members(room)
        second.say("hello")
        await tell(both)
        assert both.one.story()[-1].endswith("countess: hello")


async def test_who_is_away_is_renamed_once_by_both() -> None:
    async with pair() as both:
        ada, ben = await register(both.one, "ada"), await register(both.one, "ben")
        await private_room(both.one, ben, "Cellar", ada)
        ada.lose_connection()
        both.one.pass_time(2 * UNHURRIED.leave_grace_seconds)
        await tell(both)
        phone = await log_in(both.other, "ada")
        await ask_for(both.other, phone, ask.Rename(user=UserName.parse("countess")))
        await tell(both)
        told = [e for e in both.one.log.disk.events["cellar"] if getattr(e, "was", None)]
        assert len(told) == 1
        assert both.one.members("Cellar") == both.other.members("Cellar") == ["ben", "countess"]
        await ask_for(both.other, phone, ask.Rename(user=UserName.parse("lovelace")))
        await ask_for(both.other, phone, ask.CloseAccount(password=PASSWORD))
        await tell(both)
        assert both.one.members("Cellar") == both.other.members("Cellar") == ["ben"]
        await tell(both)
        story = both.one.story("Cellar")
        assert len([e for e in story if e.endswith(f"{FORMER_MEMBER} is forgotten")]) == 1
        left = [e for e in both.one.log.disk.events["cellar"] if type(e) is Left and not e.now]
        assert [e.by for e in left] == [FORMER_MEMBER]


async def test_a_profile_set_at_one_is_told_at_the_other() -> None:
    async with pair() as both:
        ada = await register(both.one, "ada", "General")
        await tell(both)
        ben = await register(both.other, "ben", "General")
        await tell(both)
        phone = await log_in(both.other, "ada", "General")
        await tell(both)
        await ask_for(both.one, ada, ask.SetProfile(status=Status.AWAY))
        await ask_for(both.one, ada, ask.Block(user=UserName.parse("ben")))
        await tell(both)
        both.other.pass_time(1)
        assert phone.last(told.ProfileChanged).profile.status is Status.AWAY
        assert ben.last(told.Presence).status is Status.AWAY
        refused = await ask_for(both.other, ben, ask.Direct(users=(UserName.parse("ada"),)))
        assert refused == ["error not-allowed"]


async def test_a_guest_at_one_is_let_write_by_an_account_at_the_other() -> None:
    async with pair() as both:
        ada = await register(both.one, "ada", "General")
        await ask_for(both.one, ada, ask.SetProfile(accounts_only=True))
        await tell(both)
        eve = both.other.enter("eve", "General")
        await settle(both.other)
        await tell(both)
        to_ada = ask.Direct(users=(UserName.parse("ada"),))
        assert await ask_for(both.other, eve, to_ada) == ["error need-account"]
        await ask_for(both.one, ada, ask.Accept(user=UserName.parse("eve")))
        await tell(both)
        assert await ask_for(both.other, eve, to_ada) == ["direct with ada"]


@pytest.mark.parametrize("lost", [False, True])
async def test_both_hubs_know_a_room_by_its_new_name(lost: bool) -> None:
    async with pair() as both:
        ada = await register(both.one, "ada")
        ada.join("Lab")
        await settle(both.one)
        both.ends[1].hear()
        ben = both.other.enter("ben", "Lab")
        both.ends[0].hear()
        both.ends[1].arrived.clear()
        ada.send(ask.RenameRoom(room=RoomName.parse("Lab"), name=RoomName.parse("Cellar")))
        await settle(both.one)
        ada.say("hello", "Cellar")
        await settle(both.one)
        if lost:
            await _following(both.other).look()
        else:
            both.ends[1].hear()
        await settle(both.other)
        assert [str(room.name) for room in both.other.hub.rooms] == ["General", "Cellar"]
        assert "Lab is Cellar" in ben.news()
        assert "ada: hello" in str(ben.story("Cellar"))
        ben.say("hi", "Lab")
        await settle(both.other)
        both.ends[0].hear()
        assert ada.story("Cellar")[-1].endswith("ben: hi")


async def test_a_wake_up_for_a_former_name_is_too_late() -> None:
    async with pair() as both:
        ada = await register(both.one, "ada")
        ada.join("Lab").say("one", "Lab")
        await settle(both.one)
        ada.send(ask.RenameRoom(room=RoomName.parse("Lab"), name=RoomName.parse("Cellar")))
        await settle(both.one)
        await _following(both.other).look()
        both.ends[1].hear()  # of Lab, too
        await settle(both.other)
        assert [str(room.name) for room in both.other.hub.rooms] == ["General", "Cellar"]


async def test_a_room_is_not_taken_for_the_one_that_has_its_former_name() -> None:
    lab = RoomName.parse("Lab")
    async with pair() as both:
        ada = await register(both.one, "ada")
        await ask_for(both.one, ada, ask.Join(room=lab))
        ada.say("one", "Lab").say("two", "Lab")
        await settle(both.one)
        await ask_for(both.one, ada, ask.RenameRoom(room=lab, name=RoomName.parse("Cellar")))
        both.ends[1].arrived.clear()
        await ask_for(both.one, ada, ask.Join(room=RoomName.parse("Cellar")))
        both.one.enter("ben", "Lab")  # another room, which has fewer events
        eve = both.other.enter("eve").join("Lab")
        await settle(both.other)
        await _following(both.other).look()
        await settle(both.other)
        eve.say("hello", "Lab")
        await tell(both)
        assert eve.story("Lab")[-1].endswith("eve: hello")


@pytest.mark.parametrize("owner_is_there", [False, True])
async def test_a_room_that_was_deleted_on_one_hub_is_gone_on_the_other(
    owner_is_there: bool,
) -> None:
    async with pair() as both:
        ada = await register(both.one, "ada")
        ada.join("Lab").say("one", "Lab")
        await settle(both.one)
        both.ends[1].hear()
        ben = both.other.enter("ben", "Lab")
        both.ends[0].hear()
        if not owner_is_there:
            ada.leave("Lab")
            await settle(both.one)
        both.ends[1].arrived.clear()
        ada.send(ask.Delete(room=RoomName.parse("Lab")))
        await settle(both.one)
        both.ends[1].hear()
        await settle(both.other)
        assert ben.news()[-1] == "deleted Lab"
        assert [str(room.name) for room in both.other.hub.rooms] == ["General"]


def _following(chat: Chat) -> Following:
    assert chat.hub.following is not None
    return chat.hub.following


async def test_what_waits_at_one_is_decided_at_the_other_and_said_once() -> None:
    lab = RoomName.parse("Lab")
    async with pair() as both:
        ada = await register(both.one, "ada")
        ada.join("Lab").send(ask.SetRules(room=lab, newcomers=Newcomers.HELD))
        await tell(both)
        phone, ben = await log_in(both.other, "ada", "Lab"), both.one.enter("ben", "Lab")
        await tell(both)
        ben.say("hello", "Lab", nonce="1")
        await tell(both)
        assert ben.news()[-1] == "error held 1"
        assert phone.last(told.RoomStanding).standing.waiting == 1
        for person in (ada, phone):
            person.news()
            person.send(ask.Settle(room=lab, item=1, approve=True))
        await tell(both, 6)
        assert "done" in ada.news()
        assert phone.last(told.RoomStanding).standing.waiting == 0
        for chat in (both.one, both.other):
            assert len([one for one in chat.story("Lab") if "hello" in one]) == 1
            assert chat.hub.rooms["lab"].waiting == ()
        ada.send(ask.RenameRoom(room=lab, name=RoomName.parse("Kitchen")))
        await tell(both)
        for chat in (both.one, both.other):
            queue = chat.hub.rooms["kitchen"].queue
            assert queue is not None
            assert queue.name == "/queue/kitchen"
            assert "/queue/lab" not in chat.hub.rooms
