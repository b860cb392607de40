from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import patterns
from hubbub.domain import replies as told
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.events import Banned
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.rules import Role, RoomAccess, Speakers
from hubbub.hub import moderating, room
from hubbub.hub.errands import ask_as_operator
from hubbub.hub.settings import HubSettings
from tests.hub.chat import Chat, Person, chatting
from tests.hub.members import id_of
from tests.hub.people import account, do, log_in, private, server_owner, settle
from tests.memorylog.log import Disk

LAB = RoomName.parse("Lab")
BEN, EVE = UserName.parse("ben"), UserName.parse("eve")
BRIEF = HubSettings(rate_limit=0, leave_grace_seconds=5, hold_seconds=60)


def refused(person: Person) -> str:
    return person.last(told.Refused).message


# Kicking


async def test_who_is_put_out_is_told_and_may_come_back_to_an_open_room(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben", "Lab")
    await do(ada, ask.Kick, user="ben", reason=" too  loud ")
    assert ben.news() == ["Lab 3 ada put ben out", "put out of Lab"]
    assert chat.members("Lab") == ["ada"]
    assert (await do(ben, ask.Join))[0].startswith("joined Lab")


async def test_all_sessions_of_who_is_put_out_are_out_and_get_nothing_more(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben", "Lab")
    phone, behind = await log_in(chat, "ben", "Lab"), await log_in(chat, "ben", "Lab")
    behind.stop_reading()
    ada.say("before", "Lab")
    await settle(chat)
    await do(ada, ask.Kick, user="ben")
    ada.say("afterwards", "Lab").send(ask.Typing(room=LAB))
    await settle(chat)
    behind.read_on()
    await settle(chat)
    for one in (ben, phone, behind):
        assert one.last(told.RoomLeft).put_out
        assert "afterwards" not in str(one.received)
        assert not one.all(told.SomeoneTyping)
    assert await do(ben, ask.Say, text="hello?") == ["error not-in-room"]
    assert await do(phone, ask.Typing) == ["error not-in-room"]


@pytest.mark.parametrize(
    "out",
    [
        ask.Kick(room=LAB, user=BEN),
        ask.Ban(room=LAB, user=BEN),
        ask.Ban(room=LAB, pattern="be*"),
        ask.SetRules(room=LAB, guests=False),
    ],
)
async def test_what_is_saved_together_with_it_is_not_for_who_is_put_out(
    chat: Chat, out: ask.Command
) -> None:
    ada, eve = await account(chat, "ada", "Lab"), await account(chat, "eve", "Lab")
    ben = chat.enter("ben", "Lab")
    eve.say("before", "Lab")
    ada.send(out)
    eve.say("afterwards", "Lab")
    assert chat.log.waiting == 3
    await settle(chat)
    assert "before" in str(ben.story("Lab"))
    assert "afterwards" not in str(ben.story("Lab"))
    assert "afterwards" in str(ada.story("Lab"))
    assert ben.last(told.RoomLeft).put_out


async def test_a_member_who_is_put_out_of_a_private_room_does_not_come_back(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben")
    await private(chat, ada, ben)
    ben.lose_connection()
    ben = await log_in(chat, "ben")  # connected, and not in the room
    assert "Lab" in str(await do(ben, ask.Rooms))
    await do(ada, ask.Kick, user="ben")
    for kind in (ask.Join, ask.History, ask.Who):
        assert await do(ben, kind) == ["error no-such-room"]
    assert "Lab" not in str(await do(ben, ask.Rooms))
    assert await do(ben, ask.Read, seq=1) == ["error no-such-room"]


async def test_who_comes_back_while_being_put_out_of_a_private_room_stays_out(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben")
    await private(chat, ada, ben)
    ben.leave("Lab")
    ada.send(ask.Kick(room=LAB, user=BEN))
    ben.join("Lab")
    await settle(chat)
    assert chat.members("Lab") == ["ada"]
    assert ben.news()[-1].startswith("error")


@pytest.mark.parametrize(
    "who, user, code",
    [
        ("ada", "ada", "bad-message"),
        ("ada", "nobody", "no-such-user"),
        ("ada", "cleo", "no-such-user"),  # is not in the room
        ("mod", "mod2", "not-allowed"),
        ("mod", "ada", "not-allowed"),
        ("eve", "mod", "not-allowed"),
        ("guest", "eve", "not-allowed"),
        ("cleo", "eve", "not-allowed"),
    ],
)
@pytest.mark.parametrize("kind", [ask.Kick, ask.Mute, ask.Ban])
async def test_who_may_not_do_that_to_whom(
    chat: Chat, kind: type[ask.Command], who: str, user: str, code: str
) -> None:
    people = {name: await account(chat, name, "Lab") for name in ("ada", "mod", "mod2", "eve")}
    people |= {"cleo": await account(chat, "cleo"), "guest": chat.enter("guest", "Lab")}
    for name in ("mod", "mod2"):
        await do(people["ada"], ask.GiveRole, user=name, role=Role.MODERATOR)
    before = len(chat.story("Lab"))
    heard = await do(people[who], kind, user=user)
    if kind is not ask.Kick and (who, user) == ("ada", "cleo"):
        assert "error" not in str(heard)  # who is not here can be kept out, or silent
    else:
        assert [one for one in heard if "error" in one] == [f"error {code}"]
        assert len(chat.story("Lab")) == before


async def test_nobody_moderates_a_room_that_nobody_owns_but_administrators(chat: Chat) -> None:
    root, ben, eve = await server_owner(chat), chat.enter("ben", "Lab"), chat.enter("eve", "Lab")
    assert await do(ben, ask.Kick, user="eve") == ["error not-allowed"]
    assert "administrators" in refused(ben)
    assert "error" not in str(await do(root, ask.Kick, user="eve"))
    assert eve.last(told.RoomLeft).put_out
    assert await do(root, ask.Kick, "General", user="ben") == ["error no-such-user"]


# Banning


async def test_who_is_banned_is_out_and_reads_nothing_any_more(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben", "Lab")
    ada.say("ben, a needle", "Lab")
    await settle(chat)
    await do(ada, ask.Ban, user="ben", seconds=600, reason="enough")
    assert ben.news()[-1] == "put out of Lab"
    for kind in (ask.Join, ask.History, ask.Timeline, ask.Who):
        assert await do(ben, kind) == ["error banned"]
    assert refused(ben) == "You are banned from Lab for 10 minutes, by ada: enough"
    assert await do(ben, ask.Say, text="x", outside=True) == ["error banned"]
    assert await do(ben, ask.Read, seq=2) == ["error banned"]
    assert await do(ben, ask.Search, query="needle") == ["found"]
    assert await do(ben, ask.Search, query="in:Lab needle") == ["error no-such-room"]
    assert (await do(ben, ask.Rooms)) == ["rooms: Lab 0, General 0"]


async def test_of_a_room_from_which_one_is_banned_nothing_unread_is_told(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben", "Lab")
    await do(ada, ask.Ban, user="ben")
    ada.say("ben, ben, ben", "Lab")
    await settle(chat)
    await do(ben, ask.Rooms)
    (info,) = [one for one in ben.last(told.RoomList).rooms if one.name == "Lab"]
    assert (info.unread, info.mentions, info.read) == (None, None, None)


async def test_a_ban_ends_by_the_clock(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben", "Lab")
    await do(ada, ask.Ban, user="ben", seconds=600)
    chat.pass_time(599)
    assert await do(ben, ask.Join) == ["error banned"]
    chat.pass_time(1)
    assert (await do(ben, ask.Join))[0].startswith("joined Lab")
    assert await do(ada, ask.Bans) == ["banned: ; muted: "]


@pytest.mark.parametrize("ends", ["name", "number", "other case", "new name"])
async def test_a_ban_is_ended_by_the_name_or_the_number(chat: Chat, ends: str) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben", "Lab")
    await do(ada, ask.Ban, user="ben")
    if ends == "new name":
        await do(ben, ask.Rename, user="Benny")
    number = chat.hub.rooms["lab"].state.facts.bans[0].seq
    names: dict[str, Any] = {
        "name": {"user": "ben"},
        "number": {"ban": number},
        "other case": {"user": "BEN"},
        "new name": {"user": "Benny"},
    }
    assert "error" not in str(await do(ada, ask.Unban, **names[ends]))
    assert (await do(ben, ask.Join))[0].startswith("joined Lab")


@pytest.mark.parametrize(
    "what, code",
    [
        ({}, "bad-message"),
        ({"ban": 1, "user": "ben"}, "bad-message"),
        ({"ban": 1}, "no-such-user"),
        ({"user": "ben"}, "no-such-user"),
    ],
)
async def test_what_is_no_ban_is_not_ended(chat: Chat, what: dict[str, Any], code: str) -> None:
    ada = await account(chat, "ada", "Lab")
    assert await do(ada, ask.Unban, **what) == [f"error {code}"]


async def test_a_pattern_keeps_guests_out_who_are_here_and_who_come(chat: Chat) -> None:
    ada, spam = await account(chat, "ada", "Lab"), chat.enter("spam1", "Lab")
    spammer = await account(chat, "spammer", "Lab")
    await do(ada, ask.Ban, pattern="SPAM*")
    assert spam.news()[-1] == "put out of Lab"
    assert chat.members("Lab") == ["ada", "spammer"]  # who has an account is one person for good
    assert await do(chat.enter("spam2"), ask.Join) == ["error banned"]
    assert (await do(chat.enter("ham"), ask.Join))[0].startswith("joined")
    assert "error" not in str(await do(spammer, ask.Say, text="hello"))
    assert "error" not in str(await do(ada, ask.Unban, user="spam*"))
    assert (await do(spam, ask.Join))[0].startswith("joined")


async def test_many_patterns_of_many_rooms_are_read_once(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def compiling(pattern: str) -> re.Pattern[str]:
        made.append(pattern)
        return patterns.compiled(pattern)

    monkeypatch.setattr(room, "compiled", compiling)
    ada = await account(chat, "ada", "Lab", "Den")
    for name in ("Lab", "Den"):
        for number in range(20):
            await do(ada, ask.Ban, name, pattern=f"spam{number}*")
    eve = chat.enter("eve", "Lab", "Den")
    for _ in range(3):
        assert "error" not in str(await do(eve, ask.Say, "Lab", text="hello"))
        assert "error" not in str(await do(eve, ask.Say, "Den", text="hello"))
    assert len(made) == 40


async def test_a_pattern_hits_guests_who_are_members_and_away(chat: Chat) -> None:
    ada, spam = await account(chat, "ada", "Lab"), chat.enter("spam1")
    spammer = await account(chat, "spammer")
    await private(chat, ada, spam, spammer)
    spam.lose_connection()
    spammer.lose_connection()
    await do(ada, ask.Ban, pattern="spam*")
    await settle(chat)
    assert chat.members("Lab") == ["ada", "spammer"]


@pytest.mark.parametrize("order", [0, 1])
async def test_who_is_coming_in_while_being_banned_does_not(chat: Chat, order: int) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben")
    todo: list[Callable[[], object]] = [
        lambda: ada.send(ask.Ban(room=LAB, user=BEN)),
        lambda: ben.join("Lab"),
    ]
    for one in todo if order else reversed(todo):
        one()
    ben.say("hello", "Lab")
    await settle(chat)
    assert chat.members("Lab") == ["ada"]
    assert "error banned" in ben.news() or ben.last(told.RoomLeft).put_out
    assert "hello" not in str(chat.story("Lab"))


@pytest.mark.parametrize("order", [0, 1])
async def test_who_is_coming_in_while_a_pattern_bans_them_does_not(chat: Chat, order: int) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben")
    todo: list[Callable[[], object]] = [
        lambda: ada.send(ask.Ban(room=LAB, pattern="be?")),
        lambda: ben.join("Lab"),
    ]
    for one in todo if order else reversed(todo):
        one()
    ben.say("hello", "Lab")
    await settle(chat)
    assert chat.members("Lab") == ["ada"]
    assert "hello" not in str(chat.story("Lab"))


async def test_texts_on_their_way_when_a_ban_is_saved_were_said_before_anybody_knew(
    chat: Chat,
) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben", "Lab")
    ada.send(ask.Ban(room=LAB, user=BEN))
    ben.say("one", "Lab").say("two", "Lab")
    await settle(chat)
    ben.say("three", "Lab")
    await settle(chat)
    assert [one for one in chat.story("Lab") if "ben: " in one] == ["4 ben: one", "5 ben: two"]
    assert ben.news()[-1] == "error not-in-room"


async def test_a_guest_who_was_banned_makes_no_account_to_come_back(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben", "Lab")
    await do(ada, ask.Ban, user="ben")
    await do(ben, ask.Register, password="correct horse battery")
    assert await do(ben, ask.Join) == ["error banned"]


async def test_a_ban_takes_role_and_invitation(chat: Chat) -> None:
    ada = await account(chat, "ada", "Lab")
    await account(chat, "ben", "Lab")
    await do(ada, ask.GiveRole, user="ben", role=Role.MODERATOR)
    chat.enter("eve")
    await do(ada, ask.Invite, user="eve")
    await do(ada, ask.Ban, user="ben")
    await do(ada, ask.Ban, user="eve")
    facts = chat.hub.rooms["lab"].state.facts
    assert facts.invited == {}
    assert list(facts.roles.values()) == [Role.OWNER]
    assert await do(ada, ask.Invite, user="ben") == ["error not-allowed"]


async def test_a_network_is_banned_with_somebody(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.connect("198.51.100.1").hello("ben")
    await settle(chat)
    eve = chat.connect("198.51.100.1").hello("eve").join("Lab")
    cleo = chat.connect("198.51.100.2").hello("cleo").join("Lab")
    await settle(chat)
    await do(ada, ask.Ban, user="ben", network=True)
    assert eve.news()[-1] == "put out of Lab"
    assert await do(eve, ask.Join) == await do(ben, ask.Join) == ["error banned"]
    assert chat.members("Lab") == ["ada", "cleo"]
    assert "198.51" not in str(chat.log.disk.events["lab"])
    assert not cleo.all(told.RoomLeft)


async def test_the_key_of_networks_is_saved_though_the_first_ban_was_refused() -> None:
    async with chatting() as chat:
        ada, ben = await account(chat, "ada", "Lab"), chat.connect("198.51.100.1").hello("ben")
        await settle(chat)
        ada.send(ask.Ban(room=LAB, user=BEN, network=True))
        chat.fail()
        await settle(chat)
        assert ada.news()[-1] == "error log-unavailable"
        await do(ada, ask.Ban, user="ben", network=True)
        await chat.crash()
        async with chatting(disk=chat.log.disk) as again:
            eve = again.connect("198.51.100.1").hello("eve")
            await settle(again)
            assert await do(eve, ask.Join) == ["error banned"]
        ben.lose_connection()


@pytest.mark.parametrize(
    "what, code",
    [
        ({}, "bad-message"),
        ({"user": "ben", "pattern": "be*"}, "bad-message"),
        ({"pattern": "*"}, "bad-message"),
        ({"pattern": "spam*", "network": True}, "bad-message"),
        ({"user": "ben", "network": True}, "bad-message"),  # he is on this computer
    ],
)
async def test_what_cannot_be_banned(chat: Chat, what: dict[str, Any], code: str) -> None:
    ada = await account(chat, "ada", "Lab")
    chat.connect("127.0.0.1").hello("ben")
    await settle(chat)
    assert await do(ada, ask.Ban, **what) == [f"error {code}"]
    assert not [one for one in chat.log.disk.events["lab"] if isinstance(one, Banned)]


# Muting


async def test_who_is_muted_reads_and_says_nothing(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben", "Lab")
    await do(ada, ask.Mute, user="ben", seconds=60, reason="noise")
    assert ben.last(told.RoomStanding).standing.muted
    assert await do(ben, ask.Say, text="hm") == ["error not-allowed"]
    assert refused(ben) == "You are muted in Lab for 1 minute."
    assert await do(ben, ask.Say, text="hm", outside=True) == ["error not-allowed"]
    assert await do(ben, ask.SetTopic, topic="hm") == ["error not-allowed"]
    ada.say("quiet", "Lab")
    await settle(chat)
    assert ben.story("Lab")[-1].endswith("ada: quiet")
    assert await do(ada, ask.Bans) == ["banned: ; muted: ben"]
    ada.news()
    chat.pass_time(59.9)
    await settle(chat)
    assert ben.last(told.RoomStanding).standing.muted
    chat.pass_time(0.1)
    await settle(chat)
    assert not ben.last(told.RoomStanding).standing.muted
    assert not ada.news()
    assert "error" not in str(await do(ben, ask.Say, text="thanks"))
    assert await do(ada, ask.Bans) == ["banned: ; muted: "]


async def test_a_mute_is_ended_and_outlives_leaving(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben", "Lab")
    await do(ada, ask.Mute, user="ben")
    await do(ben, ask.Leave)
    await do(ben, ask.Join)
    assert await do(ben, ask.Say, text="hm") == ["error not-allowed"]
    assert "error" not in str(await do(ada, ask.Unmute, user="ben"))
    assert "error" not in str(await do(ben, ask.Say, text="thanks"))
    assert await do(ada, ask.Unmute, user="ben") == ["error bad-message"]
    assert await do(ada, ask.Unmute, user="nobody") == ["error no-such-user"]


async def test_each_end_of_a_mute_is_told_once_to_who_was_muted(chat: Chat) -> None:
    ada = await account(chat, "ada", "Lab")
    ben, eve = chat.enter("ben", "Lab"), chat.enter("eve", "Lab")
    await do(ada, ask.Mute, user="eve")
    await do(ada, ask.Mute, user="ben", seconds=60)
    await do(ada, ask.Mute, user="ben", seconds=20)
    await do(ada, ask.Mute, user="eve", seconds=40)
    told_of = []
    for _ in range(10):
        for person in (ben, eve):
            person.received.clear()
        chat.pass_time(10)
        await settle(chat)
        news = [person.all(told.RoomStanding) for person in (ben, eve)]
        told_of.append([[one.standing.muted for one in heard] for heard in news])
    assert told_of[:4] == [[[], []], [[False], [True]], [[], []], [[False], [False]]]
    assert told_of[4:] == [[[], []]] * 6


async def test_the_end_of_a_mute_is_told_after_a_restart() -> None:
    disk = Disk()
    async with chatting(BRIEF, disk=disk) as chat:
        ada = await account(chat, "ada", "Lab")
        ben = await account(chat, "ben", "Lab")
        await do(ada, ask.Mute, user="ben", seconds=60)
        assert ben.last(told.RoomStanding).standing.muted
        await chat.crash()
    async with chatting(BRIEF, disk=disk) as chat:
        ben = await log_in(chat, "ben", "Lab")
        chat.pass_time(60)
        await settle(chat)
        assert not ben.last(told.RoomStanding).standing.muted


async def test_who_is_muted_and_gone_is_listed_by_name_and_may_be_forgiven(chat: Chat) -> None:
    ada, cleo = await account(chat, "ada", "Lab"), await account(chat, "cleo", "Lab")
    ben = chat.enter("ben", "Lab", line=True)
    for name in ("ben", "cleo"):
        await do(ada, ask.Mute, user=name)
    for person in (ben, cleo):
        person.bye()
        await settle(chat)
    assert await do(ada, ask.Bans) == ["banned: ; muted: ben, cleo"]
    cleo = await log_in(chat, "cleo")
    await do(cleo, ask.Rename, user="Cleopatra")
    assert await do(ada, ask.Bans) == ["banned: ; muted: ben, Cleopatra"]
    chat.enter("ben", "Lab")  # another one
    for name in ("ben", "Cleopatra"):
        assert "error" not in str(await do(ada, ask.Unmute, user=name))
    assert await do(ada, ask.Bans) == ["banned: ; muted: "]
    assert await do(ada, ask.Unmute, user="ben") == ["error bad-message"]


async def test_texts_pipelined_behind_a_mute_that_is_shown_are_not_said(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben", "Lab")
    ada.send(ask.Mute(room=LAB, user=BEN))
    chat.commit()
    for number in range(3):
        ben.say(str(number), "Lab", nonce=str(number))
    await settle(chat)
    assert [one for one in ben.news() if "error" in one] == [
        f"error not-allowed {number}" for number in range(3)
    ]


# How many


@pytest.mark.parametrize(
    "limit, kind, first, second",
    [
        ("MAX_BANS", ask.Ban, {"user": "ben"}, {"user": "eve"}),
        ("MAX_MUTED", ask.Mute, {"user": "ben"}, {"user": "eve"}),
        (
            "MAX_ROLES",
            ask.GiveRole,
            {"user": "ben", "role": Role.VOICE},
            {"user": "eve", "role": Role.VOICE},
        ),
    ],
)
async def test_there_are_only_so_many(
    chat: Chat,
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
    kind: type[ask.Command],
    first: dict[str, Any],
    second: dict[str, Any],
) -> None:
    ada = await account(chat, "ada", "Lab")
    for name in ("ben", "eve"):
        await account(chat, name)
    monkeypatch.setattr(moderating, limit, 2 if kind is ask.GiveRole else 1)
    assert "error" not in str(await do(ada, kind, **first))
    assert await do(ada, kind, **second) == ["error too-many"]
    if kind is not ask.Ban:
        assert "error" not in str(await do(ada, kind, **first))  # the same again


async def test_bans_and_mutes_that_are_over_take_no_room(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await account(chat, "ada", "Lab")
    for name in ("ben", "eve"):
        chat.enter(name)
    monkeypatch.setattr(moderating, "MAX_BANS", 1)
    monkeypatch.setattr(moderating, "MAX_MUTED", 1)
    for kind in (ask.Ban, ask.Mute):
        await do(ada, kind, user="ben", seconds=10)
        chat.pass_time(10)
        assert "error" not in str(await do(ada, kind, user="eve", seconds=10))


# Roles


async def test_who_makes_a_room_with_an_account_owns_it(chat: Chat) -> None:
    ada, guest = await account(chat, "ada", "Lab"), chat.enter("guest", "Den")
    assert ada.last(told.RoomJoined).standing is not None
    assert chat.hub.rooms["lab"].state.facts.roles == {ada.session.user.id: Role.OWNER}  # type: ignore[union-attr]
    assert chat.hub.rooms["den"].state.facts.roles == {}
    assert guest.last(told.RoomJoined).standing is None


async def test_roles_are_given_taken_and_told(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben", "Lab")
    await do(ada, ask.GiveRole, user="ben", role=Role.MODERATOR)
    standing = ben.last(told.RoomStanding).standing
    assert (standing.role, standing.roles) == (
        Role.MODERATOR,
        {"ada": Role.OWNER, "ben": Role.MODERATOR},
    )
    await do(ben, ask.Who)
    assert ben.last(told.Members).roles == standing.roles
    assert await do(ben, ask.GiveRole, user="ben", role=Role.OWNER) == ["error not-allowed"]
    await do(ada, ask.GiveRole, user="ben", role=Role.MEMBER)
    assert ben.last(told.RoomStanding).standing.role is Role.MEMBER


@pytest.mark.parametrize(
    "user, role, code",
    [
        ("elsewhere", Role.VOICE, "no-such-user"),
        ("nobody", Role.VOICE, "no-such-user"),
        ("ada", Role.MEMBER, "bad-message"),
        ("ada", Role.MODERATOR, "bad-message"),
    ],
)
async def test_what_role_nobody_is_given(chat: Chat, user: str, role: Role, code: str) -> None:
    ada = await account(chat, "ada", "Lab")
    chat.enter("elsewhere", "Den")
    assert await do(ada, ask.GiveRole, user=user, role=role) == [f"error {code}"]


async def test_an_owner_goes_when_there_is_another_one(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben", "Lab")
    await do(ada, ask.GiveRole, user="ben", role=Role.OWNER)
    assert "error" not in str(await do(ada, ask.GiveRole, user="ada", role=Role.MEMBER))
    assert await do(ada, ask.Kick, user="ben") == ["error not-allowed"]
    assert "error" not in str(await do(ben, ask.Kick, user="ada"))


async def test_two_owners_who_depose_each_other_leave_one(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben", "Lab")
    await do(ada, ask.GiveRole, user="ben", role=Role.OWNER)
    ben.news()
    ada.send(ask.GiveRole(room=LAB, user=BEN, role=Role.MEMBER))
    ben.send(ask.GiveRole(room=LAB, user=UserName.parse("ada"), role=Role.VOICE))
    await settle(chat)
    assert ben.last(told.Refused).code == "bad-message"
    room = chat.hub.rooms["lab"]
    assert [*room.state.facts.roles.values()] == [Role.OWNER]


async def test_roles_outlive_leaving_and_the_server(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben", "Lab")
    await do(ada, ask.GiveRole, user="ben", role=Role.MODERATOR)
    await do(ben, ask.Leave)
    await do(ada, ask.Leave)
    await chat.crash()
    async with chatting(disk=chat.log.disk) as again:
        ben = await log_in(again, "ben", "Lab")
        eve = again.enter("eve", "Lab")
        assert "error" not in str(await do(ben, ask.Kick, user="eve"))
        assert eve.last(told.RoomLeft).put_out
        assert await do(ben, ask.RenameRoom, name="Den") == ["error not-allowed"]


async def test_where_only_voices_speak_others_read(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben", "Lab")
    await do(ada, ask.SetRules, speak=Speakers.VOICES)
    assert await do(ben, ask.Say, text="hm") == ["error not-allowed"]
    await do(ada, ask.GiveRole, user="ben", role=Role.VOICE)
    assert "error" not in str(await do(ben, ask.Say, text="thanks"))
    await do(ada, ask.SetRules, speak=Speakers.MEMBERS)
    assert await do(chat.enter("eve", "Lab"), ask.Say, text="hm") == ["error need-account"]


async def test_a_room_that_is_closed_is_read_and_opened_again(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben", "Lab")
    await do(ada, ask.SetRules, archived=True)
    for person in (ada, ben):
        assert await do(person, ask.Say, text="hm") == ["error not-allowed"]
    assert "error" not in str(await do(ben, ask.History))
    assert await do(ada, ask.Kick, user="ben") == ["error not-allowed"]
    await do(ada, ask.SetRules, archived=False)
    assert "error" not in str(await do(ben, ask.Say, text="again"))


# What was done


async def test_who_moderates_sees_what_was_done(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben", "Lab")
    for text in range(10):
        ben.say(str(text), "Lab")
    await settle(chat)
    await do(ada, ask.Kick, user="ben", reason="noise")
    assert await do(ada, ask.Audit) == ["page of Lab: 13 ada put ben out"]
    assert await do(ada, ask.Audit, before=13) == ["page of Lab: "]
    assert await do(ben, ask.Audit) == ["error not-allowed"]


async def test_an_audit_is_not_told_to_who_was_deposed_meanwhile(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben", "Lab")
    await do(ada, ask.GiveRole, user="ben", role=Role.MODERATOR)
    ben.news()
    ben.send(ask.Audit(room=LAB))
    ada.send(ask.GiveRole(room=LAB, user=BEN, role=Role.MEMBER))
    chat.commit()
    await settle(chat)
    assert "error not-allowed" in ben.news()


# The whole server


async def test_the_only_owner_of_the_server_is_not_banned_from_it(chat: Chat) -> None:
    root, ben = await server_owner(chat), await account(chat, "ben")
    ban = ask.Ban(room=DIRECTORY, user=UserName.parse("root"))
    refusal = await ask_as_operator(chat.hub, ban)
    assert isinstance(refusal, told.Refused)
    assert refusal.message.startswith("root is the only owner of this server.")
    await do(root, ask.GiveRole, "/server", user="ben", role=Role.OWNER)
    asking = asyncio.ensure_future(ask_as_operator(chat.hub, ban))
    await settle(chat)
    assert isinstance(await asking, told.Ack)
    assert [*chat.hub.access.directory.state.facts.roles] == [id_of(ben)]


async def test_two_owners_of_the_server_who_ban_each_other_leave_one(chat: Chat) -> None:
    root, ben = await server_owner(chat), await account(chat, "ben")
    await do(root, ask.GiveRole, "/server", user="ben", role=Role.OWNER)
    root.send(ask.Ban(room=DIRECTORY, user=BEN))
    ben.send(ask.Ban(room=DIRECTORY, user=UserName.parse("root")))
    await settle(chat)
    assert [*chat.hub.access.directory.state.facts.roles.values()] == [Role.OWNER]


async def test_sentences_about_the_whole_server_do_not_call_it_a_room(chat: Chat) -> None:
    root = await server_owner(chat)
    await do(root, ask.Unban, "/server", user="eve")
    assert refused(root) == "There is no such ban in this server. To see all of them: /bans"
    await do(root, ask.SetFilter, "/server", pattern="casino", on=False)
    assert refused(root).startswith("There is no such pattern in this server.")


async def test_the_servers_owner_puts_out_and_bans_on_the_whole_server(chat: Chat) -> None:
    root, ben = await server_owner(chat), await account(chat, "ben", "Lab")
    guest = chat.enter("guest", "Lab")
    await do(root, ask.Kick, "/server", user="guest", reason="noise")
    assert guest.news()[-1] == "goodbye logged-out"
    await do(root, ask.Ban, "/server", user="ben", reason="enough")
    assert ben.news()[-1] == "goodbye banned"
    again = await log_in(chat, "ben")
    assert again.session.user is None
    assert again.last(told.Refused).code == "banned"
    assert await do(root, ask.Bans, "/server") == ["banned: ben; muted: "]
    assert [one for one in await do(root, ask.Audit, "/server") if "was banned by root" in one]
    await do(root, ask.Unban, "/server", user="ben")
    assert (await log_in(chat, "ben")).session.user is not None


async def test_who_is_put_out_of_the_server_logs_in_again_on_all_devices(chat: Chat) -> None:
    root, ben = await server_owner(chat), await account(chat, "ben")
    token, device = ben.token or "", ben.session.device
    other = await log_in(chat, "ben")
    other.lose_connection()
    await do(root, ask.Kick, "/server", user="ben")
    assert device is not None
    assert device not in chat.log.disk.devices
    for kept in (token, other.token or ""):
        again = chat.connect().hello("ben", kept)
        await settle(chat)
        assert again.news() == ["error need-password"]
    assert (await log_in(chat, "ben")).session.user is not None


@pytest.mark.parametrize("connected", [True, False])
async def test_a_guest_who_is_put_out_of_the_server_has_no_token_any_more(connected: bool) -> None:
    kept = HubSettings(rate_limit=0, hold_seconds=60)
    async with chatting(kept) as chat:
        root, guest = await server_owner(chat), chat.enter("guest", "Lab")
        await settle(chat)
        id = id_of(guest)
        if not connected:
            guest.lose_connection()
        await do(root, ask.Kick, "/server", user="guest")
        assert "guest" not in str(chat.log.disk.guests)
        again = chat.connect().hello("guest", guest.token)
        await settle(chat)
        assert id_of(again) != id


async def test_a_room_puts_out_without_ending_any_login(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben", "Lab")
    await do(ada, ask.Kick, user="ben")
    assert ben.session.device in chat.log.disk.devices


async def test_administrators_ban_and_do_not_make_administrators(chat: Chat) -> None:
    root, mod = await server_owner(chat), await account(chat, "mod")
    chat.enter("spam1")
    await do(root, ask.GiveRole, "/server", user="mod", role=Role.MODERATOR)
    assert "error" not in str(await do(mod, ask.Ban, "/server", pattern="spam*"))
    stranger = chat.connect().hello("spam2")
    assert stranger.news() == ["error banned"]
    assert await do(mod, ask.GiveRole, "/server", user="mod", role=Role.OWNER) == [
        "error not-allowed"
    ]
    assert await do(mod, ask.Ban, "/server", user="root") == ["error not-allowed"]
    assert await do(root, ask.GiveRole, "/server", user="mod", role=Role.VOICE) == [
        "error bad-message"
    ]
    assert await do(root, ask.Delete, "/server") == ["error not-allowed"]
    assert await do(root, ask.Join, "/server") == ["error not-allowed"]
    for kind in (ask.Audit, ask.Bans, ask.Who, ask.History):
        assert await do(chat.enter("eve" + kind.__name__), kind, "/server") == [
            "error no-such-room"
        ]


# A log that refuses


@pytest.mark.parametrize(
    "kind, fields",
    [
        (ask.Kick, {"user": BEN}),
        (ask.Ban, {"user": BEN}),
        (ask.Mute, {"user": BEN}),
        (ask.Invite, {"user": EVE}),
        (ask.GiveRole, {"user": BEN, "role": Role.VOICE}),
        (ask.SetRules, {"access": RoomAccess.MEMBERS}),
        (ask.SetRules, {"access": RoomAccess.LOCKED, "password": "open sesame please"}),
        (ask.RenameRoom, {"name": RoomName.parse("Cellar")}),
        (ask.Delete, {}),
    ],
)
async def test_nothing_has_changed_when_the_log_refuses(
    chat: Chat, kind: type[ask.Command], fields: dict[str, Any]
) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben", "Lab")
    chat.enter("eve")
    facts, ben_heard = chat.hub.rooms["lab"].state.facts, len(ben.received)
    ada.news()
    command: Any = kind
    ada.send(command(room=LAB, **fields))
    await chat.quiet()
    chat.fail()
    await settle(chat)
    assert "error log-unavailable" in ada.news()
    assert chat.hub.rooms["lab"].state.facts == facts
    assert str(chat.hub.rooms["lab"].name) == "Lab"
    if kind is ask.Delete:
        ada.join("Lab")
        ben.join("Lab")
        await settle(chat)
    else:
        assert len(ben.received) == ben_heard
    assert "error" not in str(await do(ben, ask.Say, text="still here"))
    assert "error" not in str(await do(ada, kind, **fields))
