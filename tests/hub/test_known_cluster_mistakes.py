"""Mistakes with several servers that other chat programs were known for, tried here.

Each names the report it comes from. The bus is the test's: what it does not tell, is lost.
"""

from __future__ import annotations

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.events import Said
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.rules import RoomAccess, Status
from hubbub.hub.elsewhere import REFRESH_SECONDS
from tests.hub.chat import UNHURRIED, Person
from tests.hub.members import ask_for, devices_of, log_in, private_room, register, settle
from tests.hub.several import Server, Several, several

LEASE = UNHURRIED.lease_seconds
GRACE = UNHURRIED.leave_grace_seconds
LAB, GENERAL = RoomName.parse("Lab"), RoomName.parse("General")
ADA, BEN = UserName.parse("ada"), UserName.parse("ben")


async def guest(
    them: Several, server: Server, name: str, *rooms: str, token: str | None = None
) -> Person:
    person = server.connect().hello(name, token)
    await them.tell()
    for room in rooms:
        person.join(room)
    await them.tell()
    return person


async def tell_without_bus(them: Several, rounds: int = 3) -> None:
    """All that was written is on disk; the bus has lost all, and each server looks at the log."""
    for _ in range(rounds):
        for server in them.running:
            await settle(server, 1)
        for server in them.running:
            server.end.arrived.clear()
            assert server.hub.following is not None
            await server.hub.following.look()
            await server.quiet()


def said(person: Person, room: str = "General") -> list[str]:
    return [event.text for event in person.shown(room) if isinstance(event, Said)]


async def test_nobody_has_to_reload_the_page_to_see_what_is_said_at_another_server() -> None:
    """RocketChat/Rocket.Chat#4085 and #5693: instances that could not reach each other."""
    async with several() as them:
        one, two, three = them
        ada, ben = await guest(them, one, "ada", "General"), await guest(them, two, "ben")
        eve = await guest(them, three, "eve", "General")
        ben.join()
        await tell_without_bus(them)
        for number in range(3):
            ada.say(f"hello {number}")
            ben.say(f"hi {number}")
            await tell_without_bus(them, 2)
        assert said(ada) == said(ben) == said(eve)
        assert len(said(ada)) == 6
        assert ada.story() == ben.story()[-len(ada.story()) :]


async def test_nobody_is_shown_online_for_ever_whose_server_has_died() -> None:
    """emitter-io/emitter#304, processone/ejabberd#551: ghosts that nobody can put out."""
    async with several() as them:
        one, two, three = them
        await guest(them, one, "ada", "General", "Lab")
        ben = await guest(them, two, "ben", "General", "Lab")
        them.kill(one)
        await them.pass_time(2 * LEASE + GRACE + 2)
        for room in ("General", "Lab"):
            assert ben.story(room)[-1].endswith("ada left")
            assert two.members(room) == three.members(room) == ["ben"]
        assert {place[1] for place in them.disk.attendances} == {"ben"}
        await them.pass_time(UNHURRIED.hold_seconds + 1, step=5)
        again = await guest(them, three, "ada")
        assert again.news() == ["welcome ada"]


async def test_a_room_outlives_the_server_where_it_was_made() -> None:
    """processone/ejabberd#342 and #2271, esl/MongooseIM#453: rooms that lived at one node."""
    for ending in (kill, stop):
        async with several() as them:
            one, two, three = them
            ada = await register(one, "ada")
            await ask_for(one, ada, ask.Join(room=LAB))
            await ask_for(one, ada, ask.SetTopic(room=LAB, topic="alchemy"))
            await them.tell()
            ben = await guest(them, two, "ben", "Lab")
            await ending(them, one)
            await them.pass_time(2 * LEASE + GRACE + 2)
            eve = await guest(them, three, "eve", "Lab")
            ben.say("still here", "Lab")
            await them.tell()
            assert "put out" not in " ".join(ben.news())
            assert said(eve, "Lab")[-1] == said(ben, "Lab")[-1] == "still here"
            assert three.hub.rooms["lab"].state.facts.topic == "alchemy"
            again = await log_in(three, "ada", "Lab")
            assert await ask_for(three, again, ask.SetTopic(room=LAB, topic="gold"))
            assert three.hub.rooms["lab"].state.facts.topic == "gold"


async def stop(them: Several, server: Server) -> None:
    """It ends in an orderly way."""
    await server.hub.close(lambda count: [0.5] * count)
    await settle(server)
    server.stopped = True


async def kill(them: Several, server: Server) -> None:
    them.kill(server)


async def test_who_hops_between_servers_that_crash_is_told_each_text_once() -> None:
    """cometd/cometd#458: two copies of each message, and present at one node only."""
    async with several() as them:
        _, _, three = them
        eve = await guest(them, three, "eve", "General")
        ada = await guest(them, three, "ada", "General")
        token = ada.token
        for number in range(3):
            ada.lose_connection()
            home = await them.add()
            ada = await guest(them, home, "ada", "General", token=token)
            eve.say(f"hello {number}")
            await them.tell()
            assert said(ada).count(f"hello {number}") == 1
            for server in them.running:
                assert server.members() == ["ada", "eve"]
            them.kill(home)
            await them.pass_time(2 * LEASE + 1 if number % 2 else LEASE / 2)
            ada = await guest(them, three, "ada", "General", token=token)
            eve.say(f"again {number}")
            await them.tell()
            assert said(ada).count(f"again {number}") == 1
            assert said(eve).count(f"again {number}") == 1


async def test_who_is_let_in_at_another_server_sees_what_is_said_from_then_on() -> None:
    """mattermost/mattermost#27204 and #27846: no posts, and no unread, until the next login."""
    async with several() as them:
        one, two, _ = them
        ada, ben = await register(one, "ada"), await register(two, "ben")
        await them.tell()
        await private_room(one, ada, "Lab")
        ada.send(ask.Invite(room=LAB, user=BEN))
        await tell_without_bus(them)  # the invitation is lost, and what it lets ben do is not
        ben.join("Lab")
        await them.tell()
        phone = await log_in(two, "ben")
        ada.say("welcome, ben", "Lab")
        await them.tell()
        assert said(ben, "Lab") == ["welcome, ben"]
        phone.send(ask.Rooms())
        await them.tell()
        (lab,) = [info for info in phone.last(told.RoomList).rooms if info.name == "Lab"]
        assert (lab.unread, lab.mentions) == (1, 1)


async def test_each_server_gives_the_same_account_data() -> None:
    """matrix-org/synapse#9360: what an account has set depended on the worker that was asked."""
    async with several() as them:
        one, two, three = them
        ada, ben = await register(one, "ada"), await register(two, "ben")
        await them.tell()
        eve = await guest(them, three, "eve", "General")
        await ask_for(one, ada, ask.SetProfile(about="I count", status=Status.AWAY, note="tea"))
        await ask_for(one, ada, ask.Block(user=BEN))
        await tell_without_bus(them)
        for server, person in ((two, ben), (three, eve)):
            person.send(ask.Whois(user=ADA))
            await settle(server)
            known = person.last(told.Person)
            assert (known.about, known.status, known.note) == ("I count", Status.AWAY, "tea")
        assert (await ask_for(two, ben, ask.Direct(users=(ADA,))))[0].startswith("error")
        again = await log_in(three, "ada")
        profile = again.last(told.Welcome).profile
        assert profile is not None
        assert (profile.about, profile.status) == ("I count", Status.AWAY)


async def test_who_comes_back_to_a_server_that_is_behind_misses_nothing() -> None:
    """element-hq/synapse#14158: a cursor that is ahead of what the next worker knows."""
    async with several() as them:
        one, two, _ = them
        ada = await guest(them, one, "ada", "General")
        ben = await guest(them, one, "ben", "General")
        for number in range(5):
            ada.say(f"text {number}")
        await settle(one)
        for server in them.running:
            server.end.arrived.clear()  # two has not heard of any of them
        last = ben.shown()[-1]
        assert two.hub.rooms["general"].head < last.seq
        ben.lose_connection()
        again = two.connect().hello("ben", ben.token)
        await settle(two)
        again.join(after=last.seq, at=last.at)
        await settle(two)
        ada.say("and one more")
        await them.tell()
        assert not [word for word in again.news() if word.startswith("error")]
        assert said(again) == ["and one more"]
        assert again.shown()[0].seq == last.seq + 1


async def test_who_is_writing_is_shown_after_a_server_was_started_again() -> None:
    """element-hq/synapse#17252: no typing any more after a restart."""
    async with several() as them:
        one, two, _ = them
        ada = await guest(them, one, "ada", "General")
        them.kill(two)
        again = await them.add()
        ben = await guest(them, again, "ben", "General")
        for person, other, at in ((ada, ben, one), (ben, ada, again)):
            other.news()
            person.send(ask.Typing(room=GENERAL))
            await settle(at)
            name = person.last(told.Welcome).user
            await them.tell()
            assert f"{name} is typing in General" in other.news()
            await them.pass_time(5)


async def test_a_status_is_the_same_at_all_servers() -> None:
    """RocketChat/Rocket.Chat#17444: online at one instance, and away at the other."""
    async with several() as them:
        one, two, three = them
        ada, ben = await register(one, "ada"), await register(two, "ben")
        await them.tell()
        await private_room(one, ada, "Lab", ben)
        await them.tell()
        eve = await register(three, "eve")
        await them.tell()
        ada.send(ask.Invite(room=LAB, user=UserName.parse("eve")))
        await them.tell()
        eve.join("Lab")
        await them.tell()
        ben.news(), eve.news()
        await ask_for(one, ada, ask.SetProfile(status=Status.BUSY))
        await tell_without_bus(them)
        await them.pass_time(REFRESH_SECONDS + 1)
        for person in (ben, eve):
            assert "ada is busy in Lab" in person.news()
        ada.lose_connection()
        await them.pass_time(3 * REFRESH_SECONDS + GRACE + 1)
        for server, person in ((two, ben), (three, eve)):
            assert "ada is gone in Lab" in person.news()
            person.send(ask.Who(room=LAB))
            await settle(server)
            assert "ada" in person.last(told.Members).away


async def test_nobody_is_cut_off_by_the_shutdown_of_another_server() -> None:
    """processone/ejabberd#740: all clients were disconnected, and lost the past of their rooms."""
    async with several() as them:
        one, two, three = them
        ada = await guest(them, one, "ada", "General")
        ben, eve = await guest(them, two, "ben", "General"), await guest(them, three, "eve")
        eve.join()
        await them.tell()
        ada.say("before")
        await them.tell()
        ben.news(), eve.news()
        await stop(them, one)
        await them.pass_time(2 * LEASE + GRACE + 2)
        ben.say("after")
        await them.tell()
        for person in (ben, eve):
            news = person.news()
            assert not [word for word in news if word.startswith(("goodbye", "put out"))], news
            assert said(person) == ["before", "after"]
        assert them.story()[-2:] == ["ada left", "ben: after"]


async def test_a_device_that_is_logged_out_at_another_server_is_out_though_it_was_lost() -> None:
    """mattermost/mattermost#29489 and others: a revoked session went on at the other node."""
    async with several() as them:
        one, two, three = them
        ada = await register(one, "ada")
        await them.tell()
        phone, tablet = await log_in(two, "ada", "General"), await log_in(three, "ada", "General")
        await them.tell()
        ada.send(ask.Devices())
        await settle(one)
        ids = [device.id for device in ada.last(told.DeviceList).devices if not device.current]
        assert len(ids) == 2
        for id in ids:
            ada.send(ask.Revoke(device=id))
            await settle(one)
        await tell_without_bus(them)
        for person in (phone, tablet):
            assert person.news()[-1] == "goodbye logged-out"
            assert person.hung_up
        assert len(devices_of(one, "ada")) == 1
        again = two.connect().hello("ada", phone.token)
        await settle(two)
        assert again.news()[-1].startswith("error")


@pytest.mark.parametrize(
    "putting_out, goodbye",
    [
        (ask.Kick(room=DIRECTORY, user=BEN, reason="enough"), "goodbye logged-out"),
        (ask.Ban(room=DIRECTORY, user=BEN), "goodbye banned"),
        (ask.Ban(room=DIRECTORY, user=BEN, network=True), "goodbye banned"),
        (ask.Ban(room=DIRECTORY, pattern="be*"), "goodbye banned"),
    ],
    ids=["kicked", "banned", "with the network", "by a pattern"],
)
@pytest.mark.parametrize("account", [True, False], ids=["an account", "a guest"])
async def test_who_is_put_out_of_the_server_is_out_at_each_though_the_bus_lost_it(
    putting_out: ask.Command, goodbye: str, account: bool
) -> None:
    async with several() as them:
        one, two, three = them
        root = await register(one, "root")
        await ask_for(one, root, ask.Own(code=one.hub.owner_code or ""))
        if account:
            tabs = [await register(two, "ben", "General")]
            await them.tell()
            tabs.append(await log_in(three, "ben", "General"))
        else:
            tabs = [await guest(them, two, "ben", "General")]
            tabs.append(await guest(them, three, "ben", "General", token=tabs[0].token))
        await them.tell()
        root.news()
        root.send(putting_out)
        await tell_without_bus(them)
        if account and isinstance(putting_out, ask.Ban) and putting_out.pattern:
            assert not any(tab.hung_up for tab in tabs), "patterns are for guests"
            return
        assert not [word for word in root.news() if word.startswith("error")]
        for tab in tabs:
            assert tab.news()[-1] == goodbye
            assert tab.hung_up
        await them.tell()
        assert "ben" not in one.members()
        if isinstance(putting_out, ask.Ban) and putting_out.network:
            (current,) = one.hub.access.directory.state.facts.bans
            assert current.network == two.hub.networks.of(tabs[0].session.client.key)
            other = await guest(them, three, "benny")
            assert other.news() == ["error banned"]


async def test_a_room_that_was_closed_at_one_server_is_read_at_none() -> None:
    """A rule that is late at another node must not show there what is said under it."""
    async with several() as them:
        one, two, _ = them
        ada = await register(one, "ada")
        await ask_for(one, ada, ask.Join(room=LAB))
        await them.tell()
        eve = await guest(them, two, "eve", "Lab")
        await ask_for(one, ada, ask.Kick(room=LAB, user=UserName.parse("eve")))
        await ask_for(one, ada, ask.SetRules(room=LAB, access=RoomAccess.MEMBERS))
        ada.say("among ourselves", "Lab")
        await settle(one)
        await tell_without_bus(them)
        assert said(eve, "Lab") == []
        eve.send(ask.History(room=LAB))
        await settle(two)
        assert eve.news()[-1] == "error no-such-room"
