"""Second factor, links, profiles, and what newcomers and moderators hear, in the library."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pyotp import TOTP

from hubbub.client import (
    SERVER,
    Announced,
    BadMessage,
    BadTicket,
    Chat,
    Filtered,
    HistoryFor,
    Invited,
    LineState,
    LoggedOut,
    NeedCode,
    NeedInvitation,
    Newcomers,
    NoSuchRoom,
    NoSuchUser,
    NotAllowed,
    PresenceChanged,
    Profile,
    ProfileChanged,
    Queued,
    RoomAccess,
    StandingChanged,
    Status,
    TextHeld,
    Unsent,
    WeakPassword,
    WrongPassword,
    connect,
)
from hubbub.client.inbox import Inbox
from hubbub.client.protocol import Protocol
from hubbub.domain import replies
from hubbub.domain.commands import Hello, ResetPassword, Say
from hubbub.domain.replies import Presence, Refused, RoomJoined
from hubbub.domain.replies import ProfileChanged as ProfileNotice
from tests.client.scripted import ScriptedServer
from tests.client.taking import hear, take
from tests.client.test_protocol import WELCOME
from tests.patience import PATIENCE_SECONDS
from tests.process import ServerProcess

SECRET = "correct horse battery"
OTHER = "another long secret"


@pytest.fixture
def process(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path / "data", "--rate-limit", "0") as process:
        yield process


def where(process: ServerProcess) -> str:
    return f"127.0.0.1:{process.port}"


@asynccontextmanager
async def account(process: ServerProcess, user: str) -> AsyncIterator[Chat]:
    async with connect(where(process), user=user) as chat:
        await chat.account.register(SECRET)
        yield chat


async def owner_of(chat: Chat, process: ServerProcess) -> None:
    process.tells("/own ")
    found = re.search(r"/own (\w+)", "\n".join(process.output))
    assert found
    await chat.account.own(found[1])


async def test_a_second_factor_is_turned_on_asked_for_and_turned_off(
    process: ServerProcess,
) -> None:
    async with account(process, "ada") as ada:
        with pytest.raises(WrongPassword):
            await ada.account.begin_factor(OTHER)
        offered = await ada.account.begin_factor(SECRET)
        assert offered.secret in offered.uri
        with pytest.raises(NeedCode):
            await ada.account.confirm_factor("000000")
        one, *others = await ada.account.confirm_factor(TOTP(offered.secret).now())
        assert len(others) == 9
        async with connect(where(process)) as phone:
            with pytest.raises(NeedCode):
                await phone.hello("ada", password=SECRET)
            await phone.hello("ada", password=SECRET, code=one)
        await ada.account.end_factor(SECRET)
        with pytest.raises(BadMessage):
            await ada.account.end_factor(SECRET)
        async with connect(where(process), user="ada", password=SECRET):
            pass


async def test_a_link_lets_into_a_private_room_and_is_listed_and_ended(
    process: ServerProcess,
) -> None:
    async with account(process, "ada") as ada, account(process, "ben") as ben:
        await ada.join("Lab")
        await ada.moderation.set_rules("Lab", access=RoomAccess.MEMBERS)
        given = await ada.moderation.make_link("Lab", uses=2, seconds=3600)
        assert given.ticket.until is not None
        with pytest.raises(NoSuchRoom):
            await ben.join("Lab", invite="nonsense")
        entered = await ben.join("Lab", invite=given.code)
        assert entered.users == ("ada", "ben")
        (left,) = await ada.moderation.links("Lab")
        assert (left.id, left.uses) == (given.ticket.id, 1)
        await ada.moderation.end_link("Lab", left.id)
        assert await ada.moderation.links("Lab") == []
        with pytest.raises(BadTicket):
            await ada.moderation.end_link("Lab", left.id)


async def test_a_forgotten_password_is_chosen_anew_by_a_link_before_and_after_a_hello(
    process: ServerProcess,
) -> None:
    async with account(process, "ada") as ada, account(process, "ben") as ben:
        await owner_of(ada, process)
        given = await ada.moderation.make_reset_link("ben")
        async with connect(where(process)) as again:
            with pytest.raises(WeakPassword):
                await again.hello("ben", password="12345678", reset=given.code)
            with pytest.raises(BadTicket):
                await again.hello("ben", password=OTHER, reset="nonsense")
            assert await again.hello("ben", password=OTHER, reset=given.code) == "ben"
            assert again.account.exists
        assert isinstance((await take(ben, LoggedOut)).error, Exception)
        with pytest.raises(BadMessage, match="needs a password"):
            await ben.hello("ben", reset=given.code)
        given = await ada.moderation.make_reset_link("ben")
        async with connect(where(process), user="eve") as eve:
            with pytest.raises(BadTicket):
                await eve.account.reset("ben", "nonsense", SECRET)
            await eve.account.reset("ben", given.code, SECRET)
        await ben.hello("ben", password=SECRET)


async def test_who_needs_an_invitation_gives_it_with_the_password(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "data", "--registration", "invite") as process:
        process.tells("/own ")
        found = re.search(r"/own (\w+)", "\n".join(process.output))
        assert found
        async with connect(where(process), user="ada") as ada:
            with pytest.raises(NeedInvitation):
                await ada.account.register(SECRET)
            await ada.account.register(SECRET, invite=found[1])
            await ada.account.own(found[1])
            given = await ada.moderation.make_link(SERVER)
            async with connect(where(process)) as ben:
                with pytest.raises(NeedInvitation):
                    await ben.hello("ben", password=SECRET, register=True)
                with pytest.raises(BadTicket):
                    await ben.hello("ben", password=SECRET, register=True, invite="nonsense")
                await ben.hello("ben", password=SECRET, register=True, invite=given.code)
                assert ben.account.exists


@pytest.mark.parametrize("done", [True, False])
async def test_a_reset_whose_answer_was_lost_is_asked_for_again(
    server: ScriptedServer, *, done: bool
) -> None:
    """Where it was done the link is used up, and the password tells."""
    server.model.links = {"code"}
    server.deaf = True
    async with connect(server.address, persistent=True) as chat:
        asked = asyncio.create_task(chat.hello("ada", password=SECRET, reset="code"))
        await server.until_it_got(ResetPassword)
        if done:
            server.model.links, server.model.accounts = set(), {"ada": SECRET}
        server.deaf = False
        server.cut()
        async with asyncio.timeout(PATIENCE_SECONDS):
            assert await asked == "ada"
    assert len(server.got(ResetPassword)) == 2
    assert server.model.accounts == {"ada": SECRET}


async def test_a_link_that_was_used_by_somebody_else_meanwhile_is_no_good(
    server: ScriptedServer,
) -> None:
    server.model.links, server.model.accounts = set(), {"ada": OTHER}
    async with connect(server.address) as chat:
        with pytest.raises(BadTicket):
            await chat.hello("ada", password=SECRET, reset="code")
    assert server.got(Hello) == []


async def test_a_moderator_is_asked_and_decides(process: ServerProcess) -> None:
    async with account(process, "ada") as ada, account(process, "ben") as ben:
        await ada.join("Lab")
        await ada.moderation.set_rules(
            "Lab",
            access=RoomAccess.MEMBERS,
            newcomers=Newcomers.HELD,
            history=HistoryFor.SINCE,
        )
        await ada.moderation.set_filter("Lab", "spam*")
        assert (await ada.moderation.bans("Lab")).filters == ["spam*"]
        await ada.moderation.invite("Lab", "ben")
        await ada.moderation.uninvite("Lab", "ben")
        await ben.moderation.knock("Lab", "it is me")
        await ben.moderation.knock("Nowhere")
        while (await take(ada, StandingChanged)).standing.waiting != 1:
            pass
        (knock,) = await ada.moderation.queue("Lab")
        assert (knock.kind, knock.by, knock.text) == (Queued.KNOCK, "ben", "it is me")
        await ada.moderation.settle("Lab", knock.seq, approve=True)
        assert await take(ben, Invited) == Invited("Lab", "ada")
        await ben.join("Lab")
        with pytest.raises(Filtered):
            await ben.say("Lab", "Spammers")
        with pytest.raises(TextHeld):
            await ben.say("Lab", "hello")
        assert ben.unsent == []
        said = await ada.say("Lab", "now then")
        await ben.moderation.report("Lab", seq=said.seq, reason="impatient")
        await ben.moderation.report("Lab", user="ada")
        held, *reports = await ada.moderation.queue("Lab")
        assert (held.kind, held.text) == (Queued.HELD, "hello")
        assert reports[0].reason == "impatient"
        for report in reports:
            await ada.moderation.settle("Lab", report.seq, approve=False)
        await ada.moderation.settle("Lab", held.seq, approve=True)
        await hear(ben, "hello")
        with pytest.raises(BadMessage):
            await ada.moderation.settle("Lab", held.seq, approve=True)
        with pytest.raises(NotAllowed):
            await ben.moderation.queue("Lab")
        await ada.moderation.set_filter("Lab", "spam*", on=False)


async def test_a_profile_is_seen_by_others_and_who_is_blocked_cannot_write(
    process: ServerProcess,
) -> None:
    async with account(process, "ada") as ada, account(process, "ben") as ben:
        await ada.join("Lab")
        await ben.join("Lab")
        await ada.account.set_profile(about="tea", status=Status.BUSY, note="exam")
        assert (await take(ada, ProfileChanged)).profile.status is Status.BUSY
        assert ada.account.profile.note == "exam"
        seen = await take(ben, PresenceChanged)
        assert (seen.user, seen.status, seen.note) == ("ada", Status.BUSY, "exam")
        known = await ben.account.whois("ada")
        assert (known.about, known.here, known.status) == ("tea", True, Status.BUSY)
        with pytest.raises(NoSuchUser):
            await ben.account.whois("nobody")
        talk = await ben.direct("ada")
        await ben.say(talk.room, "hi")
        await ada.account.block("ben")
        assert list(ada.account.profile.blocked.values()) == ["ben"]
        with pytest.raises(NotAllowed):
            await ben.say(talk.room, "are you there?")
        await ada.account.unblock("ben")
        await ben.say(talk.room, "there you are")
        async with connect(where(process), user="ada", password=SECRET) as phone:
            assert phone.account.profile == ada.account.profile


# What is told without being asked


def inside(protocol: Protocol) -> Protocol:
    protocol.connected(WELCOME, 0.0)
    protocol.join("General")
    (join,) = protocol.commands(0.0)
    joined = RoomJoined(re=join.id, room="General", users=["ada"], head=1, after=1)
    protocol.receive(joined, 0.0)
    return protocol


def test_presence_is_told_of_rooms_that_we_are_in() -> None:
    protocol = inside(Protocol())
    away = Presence(room="general", user="ben", status=Status.AWAY, note="lunch")
    assert protocol.receive(away, 0.0) == [
        PresenceChanged("General", "ben", True, Status.AWAY, "lunch")
    ]
    assert protocol.receive(Presence(room="Tea", user="ben"), 0.0) == []


def test_what_everybody_is_told_is_told_and_who_is_watched_is_no_news_to_this_client() -> None:
    protocol = inside(Protocol())
    told = protocol.receive(replies.Announced(by="root", text="We close."), 0.0)
    assert told == [Announced("root", "We close.")]
    here = replies.PeopleHere(people=[replies.PersonHere("ben", here=True)])
    assert protocol.receive(here, 0.0) == []


def test_our_profile_is_that_of_the_server() -> None:
    protocol = inside(Protocol())
    assert protocol.account.profile == Profile()
    busy = Profile(status=Status.BUSY, blocked={})
    assert protocol.receive(ProfileNotice(profile=busy), 0.0) == [ProfileChanged(busy)]
    assert protocol.account.profile == busy


def test_of_each_person_the_newest_presence_waits_behind_the_gate() -> None:
    inbox = Inbox(lambda: 0.0, lambda: None, most=2)
    for _ in range(2):
        inbox.put(PresenceChanged("General", "ada"))
    for status in (Status.AWAY, Status.BUSY):
        for user in ("ben", "eve", "joe"):
            inbox.put(PresenceChanged("General", user, status=status))
    inbox.end()
    updates = list(inbox._updates)[2:]
    assert updates == [
        PresenceChanged("General", "ben", status=Status.BUSY),
        PresenceChanged("General", "eve", status=Status.BUSY),
    ]


def test_a_text_that_is_held_is_settled_and_not_sent_again() -> None:
    protocol = inside(Protocol())
    line = protocol.send(Unsent(room="General", text="hi", nonce="n"))
    (say,) = protocol.commands(0.0)
    assert isinstance(say, Say)
    held = Refused.of(TextHeld("It waits for a moderator."), say.id, room="General", nonce="n")
    protocol.receive(held, 0.0)
    assert line.state is LineState.FAILED
    assert isinstance(line.error, TextHeld)
    assert protocol.resume().unsent == []
    protocol.disconnected()
    protocol.connected(WELCOME, 0.0)
    assert not any(isinstance(one, Say) for one in protocol.commands(0.0))
