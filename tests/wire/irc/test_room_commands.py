"""JOIN, PART, MODE, KICK and their like: what they ask of the hub, and what its answers say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hubbub.domain import commands as ask
from hubbub.domain.errors import (
    BadMessage,
    Forbidden,
    NameTaken,
    NeedAccount,
    NeedPassword,
    NoSuchRoom,
    NoSuchUser,
    NotAllowed,
    NotInRoom,
    RoomFull,
    TooManyRooms,
    WeakPassword,
    WrongPassword,
)
from hubbub.domain.events import (
    Banned,
    Exempted,
    Joined,
    Kicked,
    Left,
    Muted,
    Said,
    TopicSet,
    Unbanned,
)
from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import (
    Ack,
    BanList,
    DirectRoom,
    Done,
    Members,
    Page,
    QueueList,
    RoomDeleted,
    RoomInfo,
    RoomJoined,
    RoomLeft,
    RoomList,
    RoomMoved,
    RoomStanding,
    Standing,
)
from hubbub.domain.rules import (
    CurrentBan,
    CurrentExemption,
    Exemption,
    Queued,
    QueueItem,
    Role,
    RoomAccess,
    Speakers,
)
from hubbub.domain.state import RoomFacts
from hubbub.wire.irc.capabilities import Cap
from hubbub.wire.irc.commands.coming import to_join
from hubbub.wire.irc.namelists import in_lines
from hubbub.wire.irc.showing import show
from tests.wire.irc.played import GENERAL, Client, one

KITCHEN = RoomName.parse("Kitchen")
BEN, EVE = UserName.parse("ben"), UserName.parse("eve")
ACK = Ack(room="General", seq=9, at=0)
HERE = Members(room="General", users=["ada", "ben", "eve"])


def lines_of(client: Client) -> list[str]:
    """What the client has read, without who has said it."""
    return [line.partition(" ")[2] for line in client.lines()]


# Coming and going


def joining(client: Client, line: str, room: str = "Kitchen", **said: object) -> list[str]:
    client.sends(line)
    client.answered(RoomJoined(room=room, users=["ada"], head=1, after=1, **said))  # type: ignore[arg-type]
    client.answered(Page(room=room, events=[], head=1))
    return lines_of(client)


def test_who_joins_a_room_is_told_who_is_there() -> None:
    ada = Client(rooms=())
    command = one(ada.sends("JOIN #Kitchen"), ask.Join)
    assert command == to_join(ada.wire, KITCHEN)
    ada.answered(
        RoomJoined(
            room="Kitchen",
            users=["ada", "ben", "eve"],
            head=1,
            after=1,
            topic="Soup",
            topic_by="ben",
            topic_at=5000,
            standing=Standing(
                RoomAccess.UNLISTED,
                roles={"ada": Role.OWNER, "ben": Role.MODERATOR, "eve": Role.VOICE},
            ),
        )
    )
    ada.answered(Page(room="Kitchen", events=[], head=1))
    assert lines_of(ada) == [
        "JOIN #Kitchen",
        "332 ada #Kitchen Soup",
        "333 ada #Kitchen ben 5",
        "353 ada @ #Kitchen :@ada %ben +eve",
        "366 ada #Kitchen :End of /NAMES list.",
    ]
    assert ada.wire.rooms == (KITCHEN,)


def test_a_client_with_multi_prefix_is_told_all_modes_of_people() -> None:
    ada = Client(Cap.MULTI_PREFIX | Cap.USERHOST_IN_NAMES, rooms=())
    standing = Standing(roles={"ada": Role.OWNER})
    names = joining(ada, "JOIN #Kitchen", standing=standing)[1]
    assert names.startswith("353 ada = #Kitchen :@+ada!~ada@guest/")


def test_a_client_that_does_not_want_names_is_told_none() -> None:
    ada = Client(Cap.NO_IMPLICIT_NAMES, rooms=())
    assert joining(ada, "JOIN #Kitchen") == ["JOIN #Kitchen"]


@pytest.mark.parametrize(
    "error, numeric",
    [
        (NeedPassword("…"), "475"),
        (WrongPassword("…"), "475"),
        (NoSuchRoom("…"), "473"),
        (Forbidden("…"), "474"),
        (RoomFull("…"), "471"),
        (NeedAccount("…"), "477"),
        (TooManyRooms("…"), "405"),
    ],
)
def test_why_somebody_may_not_come_in_has_a_numeric(error: Exception, numeric: str) -> None:
    ada = Client(rooms=())
    ada.sends("JOIN #Kitchen")
    assert ada.answered(error) == []  # type: ignore[arg-type]
    assert lines_of(ada) == [f"{numeric} ada #Kitchen …"]


def test_several_rooms_are_joined_each_with_its_key() -> None:
    ada = Client(rooms=())
    command = one(ada.sends("JOIN #a,#b,nothing,#c one"), ask.Join)
    assert command == replace(to_join(ada.wire, RoomName.parse("a")), password="one")
    assert [type(one) for one in ada.answered(WrongPassword("No."))] == [ask.Join]
    more = ada.answered(RoomFull("Full."))
    assert [one.room for one in more] == ["c"]  # type: ignore[attr-defined]
    ada.answered(RoomFull("Full."))
    assert [line.split()[:3] for line in lines_of(ada)] == [
        ["475", "ada", "#a"],
        ["471", "ada", "#b"],
        ["403", "ada", "nothing"],
        ["471", "ada", "#c"],
    ]


def test_a_key_for_a_room_that_is_not_there_is_not_minded() -> None:
    ada = Client(rooms=())
    ada.sends("JOIN #Kitchen key")
    assert ada.answered(NoSuchRoom("None.")) == [to_join(ada.wire, KITCHEN)]
    ada.answered(NoSuchRoom("None for you."))
    assert lines_of(ada) == ["473 ada #Kitchen :None for you."]


def test_a_room_is_found_by_its_former_name() -> None:
    ada = Client(rooms=())
    lines = joining(ada, "JOIN #Kitchen", room="Cellar")
    assert lines[:2] == [
        "470 ada #Kitchen #Cellar :The channel is called that now.",
        "JOIN #Cellar",
    ]
    assert joining(ada, "JOIN #Kitchen", room="Cellar") == [
        "403 ada #Kitchen :You are in that channel: it is called #Cellar now."
    ]
    assert ada.wire.rooms == (RoomName.parse("Cellar"),)


def test_who_is_in_a_room_does_not_join_it_again() -> None:
    assert Client().sends("JOIN #general") == []


def test_who_leaves_says_why() -> None:
    ada = Client()
    command = one(ada.sends("PART #General :good night"), ask.Leave)
    assert command == ask.Leave(room=GENERAL, reason="good night")
    ada.answered(RoomLeft(room="General"))
    assert lines_of(ada) == ["PART #General :good night"]
    assert ada.wire.rooms == ()


def test_nobody_leaves_a_room_in_which_they_are_not() -> None:
    ada = Client()
    ada.sends("PART #Kitchen")
    ada.answered(NotInRoom("You are not there."))
    assert lines_of(ada) == ["442 ada #Kitchen :You are not there."]


def test_join_0_leaves_all_rooms() -> None:
    ada = Client(rooms=(GENERAL, KITCHEN))
    assert one(ada.sends("JOIN 0"), ask.Leave) == ask.Leave(room=GENERAL)
    assert one(ada.answered(RoomLeft(room="General")), ask.Leave) == ask.Leave(room=KITCHEN)
    ada.answered(RoomLeft(room="Kitchen"))
    assert lines_of(ada) == ["PART #General", "PART #Kitchen"]


# What is asked about a room


def test_the_topic_is_told_and_set() -> None:
    ada = Client()
    ada.sends("TOPIC #General")
    ada.answered(Members(room="General", users=[]))
    assert lines_of(ada) == ["331 ada #General :No topic is set."]
    assert one(ada.sends("TOPIC #General :"), ask.SetTopic) == ask.SetTopic(room=GENERAL, topic="")
    ada.answered(NotAllowed("Only moderators."))
    assert lines_of(ada) == ["482 ada #General :Only moderators."]


def test_a_topic_is_plain_text_in_all_clients() -> None:
    asked = Client().sends("TOPIC #General :\x0304,07red\x03 and \x02bold\x02")
    assert one(asked, ask.SetTopic) == ask.SetTopic(room=GENERAL, topic="red and bold")


@pytest.mark.parametrize(
    "line, asked",
    [
        ("KICK #General ben :\x02now\x02", ask.Kick(room=GENERAL, user=BEN, reason="now")),
        ("PART #General :\x0304off\x03", ask.Leave(room=GENERAL, reason="off")),
        ("QUIT :\x1dbye\x0f", ask.Bye(reason="bye")),
    ],
)
def test_why_somebody_goes_is_plain_text_in_all_clients(line: str, asked: ask.Command) -> None:
    assert asked in Client().sends(line)


@pytest.mark.parametrize(
    "elsewhere, here",
    [
        ("To make an account: /register", "To make an account: /msg NickServ REGISTER PASSWORD"),
        ("To change its name: /rename NAME", "To change its name: /msg NickServ RENAME NAME"),
        ("It asks for a password: /join General PASSWORD", "/join #General PASSWORD"),
        ("To see all of them: /bans", "To see all of them: /mode #ROOM +b"),
        ("No, and/or never.", "No, and/or never."),
    ],
)
def test_what_to_type_is_told_as_it_is_typed_in_irc(elsewhere: str, here: str) -> None:
    ada = Client()
    ada.sends("TOPIC #General :soup")
    ada.answered(NotAllowed(elsewhere))
    assert lines_of(ada)[0].endswith(here)


def test_the_modes_of_a_room_are_told() -> None:
    ada = Client()
    assert one(ada.sends("MODE #General"), ask.Who) == ask.Who(room=GENERAL)
    standing = Standing(RoomAccess.LOCKED, speak=Speakers.VOICES, outside=False, most=7)
    ada.answered(Members(room="General", users=[], made=3000, standing=standing))
    assert lines_of(ada) == ["324 ada #General +kmnl * 7", "329 ada #General 3"]


def test_of_a_room_that_one_may_not_read_nothing_is_told() -> None:
    ada = Client()
    ada.sends("MODE #Secret +n")
    assert ada.answered(NoSuchRoom("There is none.")) == []
    assert lines_of(ada) == ["403 ada #Secret :There is none."]


def test_names_of_a_room_that_is_not_there_are_none() -> None:
    ada = Client()
    assert ada.sends("NAMES nothing") == []
    ada.sends("NAMES #Secret")
    ada.answered(NoSuchRoom("There is none."))
    assert lines_of(ada) == [
        "366 ada nothing :End of /NAMES list.",
        "366 ada #Secret :End of /NAMES list.",
    ]


def test_names_of_a_few_rooms_have_one_end() -> None:
    ada = Client()
    asked = ada.sends("NAMES #Kitchen,#General,#Kitchen")
    assert one(asked, ask.Who) == ask.Who(room=KITCHEN)
    (command,) = ada.answered(Members(room="Kitchen", users=["ada"]))
    assert command == ask.Who(room=GENERAL)
    assert ada.answered(HERE) == []
    assert lines_of(ada) == [
        "353 ada = #Kitchen :ada",
        "353 ada = #General :ada ben eve",
        "366 ada #Kitchen,#General,#Kitchen :End of /NAMES list.",
    ]


def test_more_rooms_than_are_told_at_once_are_left_out_of_names() -> None:
    ada = Client()
    asked = ada.sends("NAMES " + ",".join(f"#r{number}" for number in range(30)))
    for number in range(10):
        assert asked == [ask.Who(room=RoomName.parse(f"r{number}"))]
        asked = ada.answered(NoSuchRoom("There is none."))
    assert asked == []
    assert lines_of(ada)[-1].startswith("366 ada #r0,")


ROOMS = [
    RoomInfo("Cats", 12, 9, topic="Purr"),
    RoomInfo("Dogs", 2, 9),
    RoomInfo("@talk", 2, 9, access=RoomAccess.DIRECT),
]


@pytest.mark.parametrize(
    "line, told",
    [
        ("LIST", ["#Cats", "#Dogs"]),
        ("LIST >2", ["#Cats"]),
        ("LIST <3", ["#Dogs"]),
        ("LIST >2,<3", []),
        ("LIST *at*", ["#Cats"]),
        ("LIST #dogs", ["#Dogs"]),
        ("LIST !*og*", ["#Cats"]),
        ("LIST #cats,#dogs", ["#Cats", "#Dogs"]),
        ("LIST T<5", []),
    ],
)
def test_rooms_are_listed_by_what_is_asked_of_them(line: str, told: list[str]) -> None:
    ada = Client()
    ada.sends(line)
    assert one(ada.answered(RoomList(rooms=ROOMS[:1], next="2")), ask.Rooms) == ask.Rooms(after="2")
    ada.answered(RoomList(rooms=ROOMS[1:]))
    numerics = [line.split() for line in lines_of(ada)]
    assert [words[2] for words in numerics if words[0] == "322"] == told
    assert numerics[-1][0] == "323"


# Roles


@pytest.mark.parametrize(
    "letter, role",
    [
        ("q", Role.OWNER),
        ("a", Role.OWNER),
        ("o", Role.OWNER),
        ("h", Role.MODERATOR),
        ("v", Role.VOICE),
    ],
)
def test_a_mode_of_somebody_is_a_role(letter: str, role: Role) -> None:
    ada = Client()
    ada.sends(f"MODE #General +{letter} ben")
    given = one(ada.answered(HERE), ask.GiveRole)
    assert given == ask.GiveRole(room=GENERAL, user=BEN, role=role)
    assert ada.answered(ACK) == []
    ada.world.holds = RoomFacts(roles={UserId("2"): role})
    ada.sends(f"MODE #General -{letter} ben")
    taken = one(ada.answered(HERE), ask.GiveRole)
    assert taken == ask.GiveRole(room=GENERAL, user=BEN, role=Role.MEMBER)


@pytest.mark.parametrize("change", ["+v", "+h", "-v", "-h", "+o"])
def test_a_lesser_mode_takes_nothing_from_who_has_more(change: str) -> None:
    ada = Client()
    ada.world.holds = RoomFacts(roles={UserId("2"): Role.OWNER})
    ada.sends(f"MODE #General {change} ben")
    assert ada.answered(HERE) == []
    assert ada.lines() == []


def test_several_get_modes_in_one_command() -> None:
    ada = Client()
    ada.sends("MODE #General +vv-o ben eve ada")
    assert one(ada.answered(HERE), ask.GiveRole) == ask.GiveRole(
        room=GENERAL, user=BEN, role=Role.VOICE
    )
    assert one(ada.answered(ACK), ask.GiveRole) == ask.GiveRole(
        room=GENERAL, user=EVE, role=Role.VOICE
    )
    assert ada.answered(ACK) == []


def test_nobody_gets_a_mode_who_is_not_there() -> None:
    ada = Client()
    ada.sends("MODE #General +oov nobody eve")
    ada.answered(HERE)
    ada.answered(NoSuchUser("Nobody."))
    ada.answered(NoSuchUser("Not there."))
    assert lines_of(ada) == [
        "401 ada nobody Nobody.",
        "441 ada eve #General :Not there.",
        "696 ada #General v * :That mode needs a parameter.",
    ]


def test_unknown_letters_are_told_of_and_the_others_done() -> None:
    ada = Client()
    ada.sends("MODE #General +zn-z")
    command = one(ada.answered(HERE), ask.SetRules)
    assert command == ask.SetRules(room=GENERAL, outside=False)
    ada.answered(ACK)
    assert lines_of(ada) == ["472 ada z :There is no mode z of channels."]


def test_a_key_that_is_too_easy_is_no_parameter() -> None:
    ada = Client()
    ada.sends("MODE #General +k beer")
    ada.answered(HERE)
    ada.answered(WeakPassword("Too short."))
    assert lines_of(ada) == ["696 ada #General k * :Too short."]


def test_a_lesser_mode_beside_a_stricter_one_is_told_of() -> None:
    ada = Client()
    ada.sends("MODE #General +s")
    private = Members(room="General", users=[], standing=Standing(RoomAccess.MEMBERS))
    assert ada.answered(private) == []
    (line,) = lines_of(ada)
    assert line == (
        "NOTICE ada :#General: +i is set, which is stricter than +s: take it away first."
    )


# Lists


def change(client: Client, line: str) -> ask.Command:
    client.sends(line)
    return client.answered(HERE)[0]


def test_a_mask_is_a_pattern_of_guests_names_or_an_account() -> None:
    ada = Client()
    ada.world.accounts = {"ben"}
    assert change(ada, "MODE #General +b zoe!*@*") == ask.Ban(room=GENERAL, pattern="zoe")
    ada.answered(ACK)
    # Who is here is banned by any name, but if they are as much in the room as who bans.
    assert change(ada, "MODE #General +b eve!*@*") == ask.Ban(room=GENERAL, user=EVE)
    [command] = ada.answered(NotAllowed("No."))
    assert command == ask.Ban(room=GENERAL, pattern="eve")
    ada.answered(ACK)
    assert change(ada, "MODE #General +b ben") == ask.Ban(room=GENERAL, user=BEN)
    ada.answered(ACK)
    assert change(ada, "MODE #General +b *!*@user/ben") == ask.Ban(room=GENERAL, user=BEN)
    ada.answered(ACK)
    host = ada.wire.host.host("eve", "3")
    command = change(ada, f"MODE #General +b *!*@{host}")
    assert command == ask.Ban(room=GENERAL, user=EVE, network=True)
    ada.answered(ACK)
    command = change(ada, "MODE #General +e e*!*@*")
    assert command == ask.Exempt(room=GENERAL, pattern="e*", of=Exemption.BANS)
    ada.answered(ACK)
    command = change(ada, "MODE #General +I ben!*@*")
    assert command == ask.Exempt(room=GENERAL, user=BEN, of=Exemption.INVITATIONS)
    ada.answered(ACK)
    assert change(ada, "MODE #General +b m:eve!*@*") == ask.Mute(room=GENERAL, user=EVE)


def test_what_a_client_says_is_its_user_s_name_makes_no_difference_to_a_host() -> None:
    ada = Client()
    ada.world.accounts = {"ben"}
    host = ada.wire.host.host("eve", "3")
    command = change(ada, f"MODE #General +b *!*u@{host}")  # /ban eve, in irssi
    assert command == ask.Ban(room=GENERAL, user=EVE, network=True)
    ada.answered(ACK)
    assert change(ada, "MODE #General +b *!~ben@user/ben") == ask.Ban(room=GENERAL, user=BEN)


def test_an_account_has_an_extended_ban_of_its_own() -> None:
    ada = Client()
    ada.world.accounts = {"ben"}
    assert change(ada, "MODE #General +b a:ben") == ask.Ban(room=GENERAL, user=BEN)
    ada.answered(ACK)
    assert change(ada, "MODE #General +b m:a:ben") == ask.Mute(room=GENERAL, user=BEN)
    ada.answered(ACK)
    command = change(ada, "MODE #General +I a:ben")
    assert command == ask.Exempt(room=GENERAL, user=BEN, of=Exemption.INVITATIONS)


@pytest.mark.parametrize("mask", ["a:eve", "*!*@user/eve", "m:a:eve"])
def test_a_guest_is_not_meant_by_an_account_s_mask(mask: str) -> None:
    ada = Client()
    ada.sends(f"MODE #General +b {mask}")
    assert ada.answered(HERE) == []
    assert lines_of(ada) == [f"696 ada #General b {mask} :There is no account of that name here."]


@pytest.mark.parametrize(
    "mask", ["*!evan@*", "*!*@10.0.0.1", "*!*@user/*", "*!*@guest/00", "*!*@*.example.org"]
)
def test_a_mask_that_means_nobody_is_told_of(mask: str) -> None:
    ada = Client()
    ada.sends(f"MODE #General +b {mask}")
    assert ada.answered(HERE) == []
    assert lines_of(ada)[0].startswith(f"696 ada #General b {mask} :")


BANS = BanList(
    room="General",
    bans=[
        CurrentBan(4, "ada", "spam*", pattern=True),
        CurrentBan(5, "ada", "ben", UserId("2")),
        CurrentBan(6, "ada", "eve", UserId("3"), network="h"),
    ],
    muted={"eve": None},
    exemptions=[CurrentExemption(7, 9000, "ada", "e?e", Exemption.BANS, pattern=True)],
)


def test_lists_are_told() -> None:
    ada = Client()
    ada.world.accounts = {"ben"}
    host = ada.wire.host.host("eve", "3")
    assert change(ada, "MODE #General b") == ask.Bans(room=GENERAL)
    ada.answered(BANS)
    assert change(ada, "MODE #General +e") == ask.Bans(room=GENERAL)
    ada.answered(BANS)
    assert change(ada, "MODE #General I") == ask.Bans(room=GENERAL)
    ada.answered(BANS)
    assert lines_of(ada) == [
        "367 ada #General spam*!*@*",
        "367 ada #General *!*@user/ben",
        f"367 ada #General *!*@{host}",
        "367 ada #General m:eve!*@*",
        "368 ada #General :End of channel ban list.",
        "348 ada #General e?e!*@* ada 9",
        "349 ada #General :End of channel exception list.",
        "347 ada #General :End of channel invite exception list.",
    ]


@pytest.mark.parametrize("letter, end", [("b", "368"), ("e", "349"), ("I", "347")])
def test_a_list_that_one_may_not_see_has_an_end_nevertheless(letter: str, end: str) -> None:
    ada = Client()
    change(ada, f"MODE #General {letter}")
    ada.answered(NotAllowed("Only moderators."))
    change(ada, f"MODE #General {letter}")
    ada.answered(NoSuchRoom("There is none."))
    assert lines_of(ada) == [
        f"{end} ada #General :Only moderators.",
        "403 ada #General :There is none.",
    ]


@pytest.mark.parametrize(
    "words, command",
    [
        ("-b SPAM*!*@*", ask.Unban(room=GENERAL, ban=4)),
        ("-b *!*@user/ben", ask.Unban(room=GENERAL, ban=5)),
        ("-b ben!*@*", ask.Unban(room=GENERAL, ban=5)),
        ("-b a:Ben", ask.Unban(room=GENERAL, ban=5)),
        ("-b m:eve", ask.Unmute(room=GENERAL, user=EVE)),
        ("-e E?E!*@*", ask.Exempt(room=GENERAL, pattern="e?e", of=Exemption.BANS, on=False)),
        ("-b eve!*@*", None),
        ("-I e?e!*@*", None),
    ],
)
def test_what_is_in_a_list_is_taken_out(words: str, command: ask.Command | None) -> None:
    ada = Client()
    ada.world.accounts = {"ben"}
    assert change(ada, f"MODE #General {words}") == ask.Bans(room=GENERAL)
    assert ada.answered(BANS) == ([] if command is None else [command])


def test_everything_that_is_shown_in_a_list_can_be_taken_out_as_it_is_shown() -> None:
    ada = Client()
    ada.world.accounts = {"ben"}
    change(ada, "MODE #General b")
    ada.answered(BANS)
    masks = [line.split()[3] for line in lines_of(ada) if line.startswith("367")]
    for mask in masks:
        change(ada, f"MODE #General -b {mask}")
        assert ada.answered(BANS) != []
        ada.answered(ACK)


# Putting out


def test_people_are_put_out() -> None:
    ada = Client()
    command = one(ada.sends("KICK #General ben,eve,nobody :enough"), ask.Kick)
    assert command == ask.Kick(room=GENERAL, user=BEN, reason="enough")
    ada.answered(ACK)
    ada.answered(NoSuchUser("Not there."))
    ada.answered(NoSuchUser("Nobody."))
    assert lines_of(ada) == ["441 ada eve #General :Not there.", "401 ada nobody Nobody."]


def test_each_is_put_out_of_another_room() -> None:
    ada = Client()
    command = one(ada.sends("KICK #General,#Kitchen ben,eve"), ask.Kick)
    assert command == ask.Kick(room=GENERAL, user=BEN)
    assert ada.answered(ACK) == [ask.Kick(room=KITCHEN, user=EVE)]


def test_one_who_owns_the_room_while_being_there_is_put_out_as_by_another_operator() -> None:
    ada = Client()
    owners = {UserId("1"): Role.OWNER, UserId("2"): Role.OWNER}
    ada.world.holds = RoomFacts(roles=owners, passing=(UserId("2"),))
    ada.sends("KICK #General ben")
    command = one(ada.answered(NotAllowed("An owner.")), ask.GiveRole)
    assert command == ask.GiveRole(room=GENERAL, user=BEN, role=Role.MEMBER)
    assert ada.answered(ACK) == [ask.Kick(room=GENERAL, user=BEN)]


def test_one_who_owns_the_room_for_good_is_not() -> None:
    ada = Client()
    ada.world.holds = RoomFacts(roles={UserId("1"): Role.OWNER, UserId("2"): Role.OWNER})
    ada.sends("KICK #General ben")
    assert ada.answered(NotAllowed("An owner.")) == []
    assert lines_of(ada) == ["482 ada #General :An owner."]


def test_who_is_put_out_is_told_once() -> None:
    ada = Client()
    kicked = Kicked(5, 0, "ben", "ada", UserId("1"), by_id=UserId("2"))
    assert ada.wire.format.differ([kicked])
    assert b"KICK #General ada :ben" in show(ada.wire, GENERAL, [kicked], ())
    ada.told(RoomLeft(room="General", put_out=True))
    assert ada.lines() == []
    assert ada.wire.rooms == ()


def test_who_is_put_out_without_a_word_is_told_by_the_server() -> None:
    ada = Client()
    ada.told(RoomLeft(room="General", put_out=True))
    assert lines_of(ada) == ["KICK #General ada :You may not be in the channel any more."]


def test_who_lost_the_place_comes_in_again() -> None:
    ada = Client()
    ada.told(RoomLeft(room="General"))
    assert lines_of(ada) == ["PART #General :The server could not keep your place."]
    assert ada.goes_on() == [to_join(ada.wire, GENERAL)]


def test_a_room_that_is_deleted_is_left() -> None:
    ada = Client()
    ada.told(RoomDeleted(room="General"))
    ada.told(RoomDeleted(room="Kitchen"))
    assert lines_of(ada) == ["KICK #General ada :The channel was deleted."]


def test_bans_mutes_and_exemptions_are_shown_as_modes() -> None:
    ada = Client()
    ada.world.accounts = {"ben"}
    ada.world.in_room = {"ada", "eve"}
    lines = ada.shown(
        Banned(1, 0, "ada", "spam*", pattern=True),
        Banned(2, 0, "ada", "eve", UserId("3")),
        Banned(3, 0, "ada", "ben", UserId("2")),
        Unbanned(4, 0, "ada", "ben", UserId("2"), ban=3),
        Exempted(5, 0, "ada", "e*", of=Exemption.INVITATIONS, pattern=True),
        Exempted(6, 0, "ada", "ben", UserId("2"), of=Exemption.BANS, on=False),
        Muted(7, 0, "ada", "eve", UserId("3")),
    )
    assert [line.partition(" ")[2] for line in lines] == [
        "MODE #General +b spam*!*@*",
        "MODE #General +b eve!*@*",
        "KICK #General eve :Banned from the channel.",
        "MODE #General +b *!*@user/ben",
        "MODE #General -b *!*@user/ben",
        "MODE #General +I e*!*@*",
        "MODE #General -e *!*@user/ben",
        "MODE #General +b m:eve!*@*",
    ]


def test_a_ban_of_guests_names_puts_out_all_whom_it_fits() -> None:
    ada = Client()
    ada.world.accounts = {"ben"}
    left = Left(2, 0, "eve", by_id=UserId("3"))
    lines = ada.shown(Banned(1, 0, "ada", "*e*", pattern=True), left)
    assert [line.partition(" ")[2] for line in lines] == [
        "MODE #General +b *e*!*@*",
        "KICK #General eve :Banned from the channel.",
    ]


def test_bans_do_not_put_out_who_is_exempt_from_them() -> None:
    ada = Client()
    exemption = CurrentExemption(1, 0, "ada", "ev*", Exemption.BANS, pattern=True)
    ada.world.holds = RoomFacts(exemptions=(exemption,))
    left = Left(2, 0, "eve", by_id=UserId("3"), reason="Bye")
    lines = ada.shown(Banned(1, 0, "ada", "*ve", pattern=True), left)
    assert [line.partition(" ")[2] for line in lines] == [
        "MODE #General +b *ve!*@*",
        "PART #General :Bye",
    ]


def test_who_is_put_out_by_a_ban_of_names_is_told_once() -> None:
    ada = Client()
    banned = Banned(5, 0, "ben", "a*", by_id=UserId("2"), pattern=True)
    assert b" KICK #General ada :" in show(ada.wire, GENERAL, [banned], ())
    ada.told(RoomLeft(room="General", put_out=True))
    assert ada.lines() == []


def test_who_comes_in_with_a_role_is_shown_with_it() -> None:
    ada = Client()
    ada.world.holds = RoomFacts(roles={UserId("2"): Role.MODERATOR})
    lines = ada.shown(Joined(1, 0, "ben", by_id=UserId("2")))
    assert [line.partition(" ")[2] for line in lines] == [
        "JOIN #General",
        "MODE #General +h ben",
    ]


# Inviting, knocking, renaming


def test_somebody_is_invited() -> None:
    ada = Client()
    command = one(ada.sends("INVITE ben #General"), ask.Invite)
    assert command == ask.Invite(room=GENERAL, user=BEN)
    ada.answered(ACK)
    assert lines_of(ada) == ["341 ada ben #General"]


@pytest.mark.parametrize(
    "error, line",
    [
        (NoSuchUser("Nobody."), "401 ada ben Nobody."),
        (BadMessage("There already."), "443 ada ben #General :There already."),
        (NotInRoom("No."), "442 ada #General No."),
        (NoSuchRoom("No."), "403 ada #General No."),
        (NeedAccount("No."), "477 ada #General No."),
    ],
)
def test_why_somebody_is_not_invited_has_a_numeric(error: Exception, line: str) -> None:
    ada = Client()
    ada.sends("INVITE ben #General")
    ada.answered(error)  # type: ignore[arg-type]
    assert lines_of(ada) == [line]


def test_one_is_told_where_one_is_invited() -> None:
    ada = Client()
    ada.sends("INVITE")
    invited = RoomInfo("Kitchen", 0, 0, access=RoomAccess.MEMBERS, invited=True)
    ada.answered(RoomList(rooms=[ROOMS[0], invited]))
    assert lines_of(ada) == ["336 ada #Kitchen", "337 ada :End of /INVITE list."]


def test_a_knock_is_answered_whether_there_is_such_a_room_or_not() -> None:
    ada = Client()
    assert one(ada.sends("KNOCK #Kitchen :please"), ask.Knock) == ask.Knock(
        room=KITCHEN, text="please"
    )
    ada.answered(Done())
    ada.sends("KNOCK #General")
    ada.world.shown = 3
    ada.sends("KNOCK #Cellar")
    assert [line.split()[0] for line in lines_of(ada)] == ["711", "714", "713"]


def test_who_moderates_is_told_once_who_knocks() -> None:
    ada = Client()
    waiting = RoomStanding(room="General", standing=Standing(waiting=1))
    ada.told(waiting)
    assert ada.goes_on() == [ask.Queue(room=GENERAL)]
    report = QueueItem(3, Queued.REPORT, 0, "eve")
    knock = QueueItem(4, Queued.KNOCK, 0, "ben", UserId("2"), text="please")
    ada.answered(QueueList(room="General", items=[report, knock]))
    (line,) = lines_of(ada)
    assert line.startswith("710 ada #General ben!~u@guest/")
    assert line.endswith(" :has asked for an invite. please")
    ada.told(waiting)
    ada.goes_on()
    ada.answered(QueueList(room="General", items=[report, knock]))
    ada.told(waiting)
    ada.goes_on()
    ada.answered(NotAllowed("Not any more."))
    ada.told(RoomStanding(room="General", standing=Standing()))
    assert (ada.goes_on(), ada.lines()) == ([], [])


def test_a_room_is_renamed() -> None:
    ada = Client(Cap.CHANNEL_RENAME)
    command = one(ada.sends("RENAME #General #Kitchen :more room"), ask.RenameRoom)
    assert command == ask.RenameRoom(room=GENERAL, name=KITCHEN)
    ada.told(RoomMoved(room="General", name="Kitchen"))
    ada.answered(ACK)
    assert lines_of(ada) == ["RENAME #General #Kitchen :more room"]
    ada.told(RoomMoved(room="Kitchen", name="General"))
    assert lines_of(ada) == ["RENAME #Kitchen #General :"]


def test_a_client_that_knows_no_renaming_leaves_and_joins() -> None:
    ada = Client()
    ada.told(RoomMoved(room="General", name="Kitchen"))
    assert ada.goes_on() == [ask.Who(room=KITCHEN)]
    ada.answered(Members(room="Kitchen", users=["ada"], topic="Soup"))
    assert lines_of(ada) == [
        "PART #General :The channel is called #Kitchen now.",
        "JOIN #Kitchen",
        "332 ada #Kitchen Soup",
        "353 ada = #Kitchen :ada",
        "366 ada #Kitchen :End of /NAMES list.",
    ]


def test_a_name_that_is_taken_is_told_of_by_a_standard_reply() -> None:
    ada = Client()
    ada.sends("RENAME #General #Kitchen")
    ada.answered(NameTaken("There is one."))
    assert lines_of(ada) == ["FAIL RENAME CHANNEL_NAME_IN_USE #General #Kitchen :There is one."]


# To those who have a role


def test_a_text_to_the_operators_is_written_to_each_of_them_alone() -> None:
    ada = Client()
    assert one(ada.sends("PRIVMSG @#General :help"), ask.Who) == ask.Who(room=GENERAL)
    roles = {"ada": Role.OWNER, "ben": Role.OWNER, "eve": Role.VOICE}
    members = Members(room="General", users=["ada", "ben", "eve"], roles=roles)
    assert ada.answered(members) == [ask.Direct(users=(BEN,))]
    ada.answered(DirectRoom(room="@talk", users=["ben"], head=0, new=True))
    (said,) = ada.answered(RoomJoined(room="@talk", users=["ada"], head=0, after=0))
    assert isinstance(said, ask.Say)
    assert (said.room, said.text) == ("@talk", "@#General: help")
    assert ada.answered(ACK) == []
    event = Said(5, 0, "ada", said.text, tags=said.tags, by_id=UserId("1"))
    ada.world.talks["@talk"] = ("ada", "ben")
    talk = RoomName.recall("@talk")
    (line,) = ada.wire.format.said(talk, "ada", event)
    assert line.endswith(" PRIVMSG @#General :help\r\n")
    ada.world.in_room.remove("ben")  # so that ben's program, or ada's, says what is not so
    (line,) = ada.wire.format.said(talk, "ada", event)
    assert line.endswith(" PRIVMSG ada :@#General: help\r\n")


def test_a_text_to_nobody_is_refused() -> None:
    ada = Client()
    ada.sends("PRIVMSG @#General :help")
    assert ada.answered(HERE) == []
    assert lines_of(ada) == ["404 ada @#General :Nobody is meant by that."]


# Many


@given(st.lists(st.text("aé€😀", min_size=1, max_size=9), max_size=40), st.integers(36, 90))
def test_names_are_told_in_lines_that_fit(words: list[str], most: int) -> None:
    lines = list(in_lines(" ".join(words), most))
    assert " ".join(lines) == " ".join(words)
    assert all(len(line.encode()) <= most for line in lines)


def test_a_room_of_many_is_told_in_lines_of_512_bytes() -> None:
    ada = Client()
    ada.sends("NAMES #General")
    users = [f"somebody{number}" for number in range(500)]
    roles = {"somebody7": Role.MODERATOR}
    ada.answered(Members(room="General", users=users, roles=roles))
    *lines, end = ada.lines()
    assert all(len(line) <= 510 for line in lines)
    told = [name for line in lines for name in line.rpartition(":")[2].split()]
    assert told == ["%somebody7" if user in roles else user for user in users]
    assert " 366 " in end


@pytest.mark.parametrize("line", ["JOIN : ", "JOIN :,", "PART : ", "NAMES :"])
def test_nothing_in_place_of_a_name_is_refused_in_words(line: str) -> None:
    ada = Client()
    assert ada.sends(line) == []
    assert all(" 403 " in told or " 366 " in told for told in ada.lines())


def test_long_words_fit_their_lines() -> None:
    ada = Client()
    long = "é" * 300
    lines = ada.shown(
        TopicSet(1, 0, "ben", long),
        Kicked(2, 0, "ben", "eve", UserId("3"), reason=long),
        Left(3, 0, "ben", reason=long),
        Left(4, 0, "ben", reason=long, gone=True),
    )
    assert [line.split()[1] for line in lines] == ["TOPIC", "KICK", "PART", "QUIT"]
    ada.sends("TOPIC #General")
    ada.answered(Members(room="General", users=[], topic=long))
    assert all(480 < len(line.encode()) <= 510 for line in (*lines, *ada.lines()))


def test_who_has_a_role_under_another_name_is_shown_with_it_in_each_room() -> None:
    """As who logs in: the name is told once, the role in each room."""
    ada = Client()
    ada.world.accounts = {"ben"}
    ada.world.holds = RoomFacts(roles={UserId("2"): Role.OWNER})
    joined = Joined(5, 0, "ben", was="benny", by_id=UserId("2"), was_id=UserId("9"))
    first, second = (
        show(ada.wire, GENERAL, [joined], (), elsewhere).decode().splitlines()
        for elsewhere in ((), (5,))
    )
    assert [line.partition(" ")[2] for line in first] == ["NICK :ben", "MODE #General +o ben"]
    assert [line.partition(" ")[2] for line in second] == ["MODE #General +o ben"]


def test_a_role_that_passes_stays_with_who_takes_another_name() -> None:
    ada = Client()
    ada.world.holds = RoomFacts(roles={UserId("9"): Role.OWNER}, passing=(UserId("9"),))
    joined = Joined(5, 0, "ben", was="benny", by_id=UserId("2"), was_id=UserId("9"))
    assert [line.partition(" ")[2] for line in ada.shown(joined)] == ["NICK :ben"]
