"""Accounts, rights and direct conversations in lines: whole, cut at every byte, and as garbage."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.domain.commands import Leave
from hubbub.domain.errors import NeedPassword, RateLimited
from hubbub.domain.events import AnyEvent, Left, Said
from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import (
    BanList,
    Device,
    DeviceList,
    DirectRoom,
    Members,
    Refused,
    Reply,
    RoomInfo,
    RoomJoined,
    RoomLeft,
    RoomList,
    RoomMoved,
    Standing,
)
from hubbub.domain.rules import CurrentBan, Role, RoomAccess, Speakers
from hubbub.domain.state import Member
from hubbub.wire.line import LineFormat, LineWire
from hubbub.wire.line.asking import CHANGED, THIRD_WRONG, UNCHANGED, Ask
from hubbub.wire.line.codec import (
    ALL_OUT,
    GUESTS_NAME,
    LOGGED_OUT,
    MOST_TALKS,
    NOTHING,
    RENAMED,
    TOLD,
    VOCABULARY,
    Stage,
)
from hubbub.wire.line.lines import LineReader
from hubbub.wire.line.telnet import HIDE, SHOW
from tests.wire.line.talk import CODE, FORMATS, MAX_LINE, PASSWORD, TIME, WRONG, Talk
from tests.wire.line.test_conversation import (
    ASK_NAME,
    ASK_ROOM,
    ENTERED,
    HEARD,
    IN,
    ROOMS,
    entered,
    said,
)

NOT_YOURS = (
    'The name "lovelace" belongs to an account. If it is not yours, an empty line or /login takes '
    "you back."
)
ASKED = [NOT_YOURS, "Password for lovelace:"]
CAME_IN = ["hello lovelace", f"hello lovelace with {PASSWORD}", "rooms"]
NEWCOMER = "To make an account newcomer, choose a password with 8 characters or more:"
NEW = "You have an account now. When you come back as ada, give your password."

CONVERSATIONS: list[tuple[str, list[str], list[str]]] = [
    # Logging in
    (
        f"lovelace\n{PASSWORD}\nGeneral\nhello\n",
        [*CAME_IN, "join General", "say General: hello"],
        [*ASKED, *ROOMS, "Welcome to room General!", said("hello")],
    ),
    (
        f"lovelace\nwrong\n{PASSWORD}\nGeneral\n",
        ["hello lovelace", "hello lovelace with wrong", *CAME_IN[1:], "join General"],
        [*ASKED, WRONG, ASKED[1], *ROOMS, "Welcome to room General!"],
    ),
    (
        "lovelace\none\ntwo\nthree\nfour\n",
        ["hello lovelace", *(f"hello lovelace with {x}" for x in ("one", "two", "three")), "bye"],
        [*ASKED, WRONG, ASKED[1], WRONG, ASKED[1], WRONG, THIRD_WRONG],
    ),
    (
        f"/login lovelace\n{PASSWORD}\n",
        ["ping", *CAME_IN[1:]],
        ["Password for lovelace:", *ROOMS],
    ),
    (
        "lovelace\n/login\nben\n",
        ["hello lovelace", "ping", "hello ben", "rooms"],
        [*ASKED, ASK_NAME, *ROOMS],
    ),
    (
        f"lovelace\n/LOGIN @Lovelace\n{PASSWORD}\n",
        ["hello lovelace", "ping", f"hello Lovelace with {PASSWORD}", "rooms"],
        [*ASKED, "Password for Lovelace:", *ROOMS],
    ),
    *((f"lovelace\n{word}\nada\n", ["hello lovelace", "bye"], ASKED) for word in ("exit", "/quit")),
    (
        "lovelace\n/usr/bin\nexit\n",
        ["hello lovelace", "hello lovelace with /usr/bin", "bye"],
        [*ASKED, WRONG, ASKED[1]],
    ),
    (
        IN + "/login lovelace\n",
        ENTERED,
        [*HEARD, "You have come in already. Type exit, and log in when you come back."],
    ),
    (
        f"newcomer\n/login\nnewcomer\n{PASSWORD}\nGeneral\n",
        [
            *("hello newcomer", "ping", "hello newcomer", f"register {PASSWORD} newcomer"),
            *("rooms", "join General"),
        ],
        [
            *("This server is for people with an account.", NEWCOMER, ASK_NAME),
            *("This server is for people with an account.", NEWCOMER),
            *(*ROOMS, "Welcome to room General!"),
        ],
    ),
    (
        f"careful\n{PASSWORD}\n1\n{CODE}\nGeneral\n",
        [
            *("hello careful", f"hello careful with {PASSWORD}"),
            *(f"hello careful with {PASSWORD} and {code}" for code in ("1", CODE)),
            *("rooms", "join General"),
        ],
        [
            *(NOT_YOURS.replace("lovelace", "careful"), "Password for careful:"),
            *("Give a code.", "Code for careful:", "Not the code.", "Code for careful:"),
            *(*ROOMS, "Welcome to room General!"),
        ],
    ),
    (
        f"/login careful\nno\n{PASSWORD}\n1\n2\nada\n",
        [
            *("ping", "hello careful with no", f"hello careful with {PASSWORD}"),
            *(f"hello careful with {PASSWORD} and {code}" for code in ("1", "2")),
            "bye",
        ],
        [
            *("Password for careful:", WRONG, "Password for careful:"),
            *("Give a code.", "Code for careful:", "Not the code.", "Code for careful:"),
            *("Not the code.", THIRD_WRONG),
        ],
    ),
    (
        f"/login careful\n{PASSWORD}\n/login\nada\n",
        ["ping", f"hello careful with {PASSWORD}", "ping", "hello ada", "rooms"],
        ["Password for careful:", "Give a code.", "Code for careful:", ASK_NAME, *ROOMS],
    ),
    # An account
    (IN + f"/register {PASSWORD}\n", [*ENTERED, f"register {PASSWORD}"], [*HEARD, NEW]),
    (
        IN + f"/register\n{PASSWORD}\nhello\n",
        [*ENTERED, "ping", f"register {PASSWORD}", "say General: hello"],
        [*HEARD, Ask.REGISTER.value, NEW, said("hello")],
    ),
    (
        IN + "/password old new\n/password\nthe old\nthe new\nhello\n",
        [
            *(*ENTERED, "password old new", "ping", "ping", "password the old the new"),
            "say General: hello",
        ],
        [*HEARD, CHANGED, Ask.OLD.value, Ask.NEW.value, CHANGED, said("hello")],
    ),
    (
        IN + "/password a b c\n",
        ENTERED,
        [
            *HEARD,
            "Where does the old password end, and where does the new one begin? "
            "Type /password alone, and you are asked for each.",
        ],
    ),
    (
        IN + f"/close-account\n{PASSWORD}\n",
        [*ENTERED, "ping", f"close-account {PASSWORD}"],
        [*HEARD, Ask.CLOSE.value, "Your account is closed. Goodbye."],
    ),
    (
        IN + "/nick Ben\n/own BE0711CE\n/logout all\n/logout d1\n/devices\n/logout\n",
        [*ENTERED, "rename Ben", "own BE0711CE", "revoke", "revoke d1", "devices", "bye"],
        [
            *HEARD,
            RENAMED,
            TOLD["own"],
            ALL_OUT,
            LOGGED_OUT,
            "You are logged in here, and on these devices:",
            f"  d1  a program without a name at ::1, seen {TIME}",
            "To log one out: /logout and what stands before it. All of them: /logout all",
        ],
    ),
    ("/logout all\n", [], ["Please type your name first.", ASK_NAME]),
    ("/logout\n", ["bye"], []),
    # Rights
    (
        IN + "/kick eve\n/bans\n/audit\n/server ban eve 1d spam\n/server bans\n",
        [
            *ENTERED,
            "kick General eve",
            "bans General",
            "audit General 20",
            "ban /server eve 86400 spam",
            "bans /server",
        ],
        [
            *HEARD,
            "Nobody is banned or muted in General.",
            "What was done, newest last:",
            f"[{TIME}] eve was put out of the room by ben: spam",
            TOLD["server"],
            "Nobody is banned or muted on this server.",
        ],
    ),
    (
        "ada\n/kick eve\n/access private\nGeneral\n",
        ["hello ada", "rooms", "join General"],
        [
            *ROOMS,
            *["You are not in a room yet. Type the name of one.", ASK_ROOM] * 2,
            "Welcome to room General!",
        ],
    ),
    # Rooms
    (
        f"ada\nLab\n{PASSWORD}\nhello\n",
        ["hello ada", "rooms", "join Lab", f"join Lab with {PASSWORD}", "say Lab: hello"],
        [*ROOMS, "Password of the room Lab:", "Welcome to room Lab!", said("hello")],
    ),
    (
        f"ada\nLab\nno\nLab\n{PASSWORD}\n",
        [
            *("hello ada", "rooms", "join Lab", "join Lab with no"),
            *("join Lab", f"join Lab with {PASSWORD}"),
        ],
        [
            *ROOMS,
            *["Password of the room Lab:", WRONG, ASK_ROOM],
            *["Password of the room Lab:", "Welcome to room Lab!"],
        ],
    ),
    (
        IN + f"/join Lab {PASSWORD}\n",
        [*ENTERED, f"join Lab with {PASSWORD}", "leave General"],
        [*HEARD, "Welcome to room Lab!"],
    ),
    (
        IN + "/leave\nTea\n/leave General\n",
        [*ENTERED, "leave General for good", "join Tea", "leave General for good"],
        [*HEARD, ASK_ROOM, "Welcome to room Tea!"],
    ),
    # Direct conversations
    (
        IN + "/msg ben hello, you\n/msg BEN again\nhere\n",
        [
            *ENTERED,
            *["direct ben", "join @ben after 1", "say @ben, outside: hello, you"],
            *["direct BEN", "say @ben, outside: again"],
            "say General: here",
        ],
        [*HEARD, said("hello, you"), said("again"), said("here")],
    ),
    (
        "ada\n/msg ben, eve hi\nGeneral\n",
        [
            *["hello ada", "rooms", "direct ben eve", "join @beneve after 1"],
            *["say @beneve, outside: hi", "join General"],
        ],
        [*ROOMS, said("hi"), "Welcome to room General!"],
    ),
    (
        IN + "/msg ben\n/msg eve\n/msg joe hi\n",
        [*ENTERED, "direct ben", "timeline @ben 20", "read @ben 1", "direct eve", "direct joe"],
        [
            *HEARD,
            "The last 2 of you and ben:",
            *[f"[{TIME}] ben: hi", f"[{TIME}] eve: a", f"[{TIME}] eve: b"],
            "Nothing was said here yet. To begin: /msg eve TEXT",
            'There is nobody called "joe" here.',
        ],
    ),
]


@pytest.mark.parametrize("sent, commands, heard", CONVERSATIONS)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r\0"], ids=["lf", "crlf", "crnul"])
def test_a_conversation_is_the_same_whole_and_byte_by_byte(
    newline: str, sent: str, commands: list[str], heard: list[str]
) -> None:
    data = sent.replace("\n", newline).encode()
    whole = Talk.of(data)
    assert whole.commands == commands
    assert whole.lines == heard
    cut = Talk.of(*(bytes([byte]) for byte in data))
    assert (cut.commands, cut.heard) == (commands, whole.heard)


@pytest.mark.parametrize(
    "sent, commands, heard", [case for case in CONVERSATIONS if case[0][0] != "/"]
)
def test_a_conversation_is_the_same_for_a_client_that_ends_no_line(
    sent: str, commands: list[str], heard: list[str]
) -> None:
    talk = Talk()
    for line in sent.split("\n"):
        talk.send(line.encode()).pause()
    assert talk.commands == commands
    assert talk.lines == heard


@pytest.mark.parametrize("sent, commands, heard", CONVERSATIONS)
def test_all_that_was_sent_is_done_before_a_client_that_closes_its_side_has_left(
    sent: str, commands: list[str], heard: list[str]
) -> None:
    talk = Talk()
    talk.wire.receive(sent.rstrip("\n").encode())
    talk.end()
    ended = commands[-1:] == ["bye"] or "close-account" in sent
    assert talk.commands == (commands if ended else [*commands, "bye"])
    assert talk.lines == heard


# An empty line at a question


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r\0"], ids=["lf", "crlf", "crnul"])
@pytest.mark.parametrize("empty", ["", " ", "\t "])
def test_an_empty_password_goes_back_to_the_question_before(newline: str, empty: str) -> None:
    sent = f"lovelace\n{empty}\nada\nLab\n{empty}\nGeneral\nhello\n".replace("\n", newline).encode()
    for talk in (Talk.of(sent), Talk.of(*(bytes([byte]) for byte in sent))):
        assert talk.commands == [
            *("hello lovelace", "ping", "hello ada", "rooms", "join Lab", "ping", "join General"),
            "say General: hello",
        ]
        assert talk.lines == [
            *(*ASKED, ASK_NAME, *ROOMS, "Password of the room Lab:", ASK_ROOM),
            *("Welcome to room General!", said("hello")),
        ]


@pytest.mark.parametrize("typed", ["/register", "/password", "/close-account"])
def test_an_empty_answer_changes_nothing(typed: str) -> None:
    talk = Talk.of(f"{IN}{typed}\n\n\n\nhello\n".encode())
    assert talk.commands == [*ENTERED, "ping", "ping", "say General: hello"]
    assert talk.lines[-2:] == [UNCHANGED, said("hello")]


def test_blank_lines_are_none_where_nothing_secret_is_asked() -> None:
    assert Talk.of(b"\n \n\r\nada\n\n\nGeneral\n\n").commands == ENTERED


# Passwords stay where they belong


def test_a_password_comes_in_as_it_was_typed() -> None:
    talk = Talk.of(b"lovelace\n  two  spaces \n")
    assert talk.commands[-1] == "hello lovelace with   two  spaces "


@pytest.mark.parametrize("sent, commands, heard", CONVERSATIONS)
def test_no_password_is_ever_shown(sent: str, commands: list[str], heard: list[str]) -> None:
    shown = Talk.of(sent.encode()).heard.decode()
    assert PASSWORD not in shown
    assert "the old" not in shown or "the old" not in sent


def test_a_slip_in_a_command_with_a_password_does_not_show_it() -> None:
    talk = Talk.of(f"{IN}/regster {PASSWORD}\n/pasword {PASSWORD}\n".encode())
    assert PASSWORD not in talk.heard.decode()
    assert talk.commands == ENTERED


def test_who_must_wait_for_another_try_is_asked_again() -> None:
    wire = LineWire(FORMATS, LineReader(MAX_LINE))
    wire.receive(b"/login lovelace\nwrong\n")
    assert wire.next_command() is not None
    assert wire.next_command() is not None
    error = RateLimited("There were too many wrong tries. Try again in 2 seconds.")
    assert wire.reply(Refused.of(error, "lovelace")).decode().splitlines() == [
        error.message,
        "Password for lovelace:",
    ]


# What telnet shows


def test_telnet_is_asked_to_show_no_password_and_then_to_show_again() -> None:
    talk = Talk.of(b"\xff\xfd\x03lovelace\r\n")
    assert talk.heard.endswith(b"Password for lovelace:\r\n" + HIDE)
    talk.heard = b""
    talk.send(b"\xff\xfd\x01wrong\r\n")
    assert talk.commands[-1] == "hello lovelace with wrong"
    assert HIDE not in talk.heard
    assert SHOW not in talk.heard
    talk.heard = b""
    talk.send(f"{PASSWORD}\r\n".encode())
    assert talk.heard.startswith(SHOW)
    assert talk.heard.count(SHOW) == 1
    talk.send(f"General\r\n/register\r\n{PASSWORD}\r\nhello\r\n".encode())
    assert talk.heard.count(HIDE) == talk.heard.count(SHOW) - 1 == 1


@pytest.mark.parametrize("back", [b"\r\n", b"/login\r\n", b"a\r\nb\r\nc\r\n"])
def test_telnet_shows_again_whatever_became_of_the_password(back: bytes) -> None:
    heard = Talk.of(b"\xff\xfd\x03lovelace\r\n", back).heard
    assert heard.count(HIDE) == heard.count(SHOW) == 1
    assert heard.index(HIDE) < heard.index(SHOW)


@pytest.mark.parametrize("sent, commands, heard", CONVERSATIONS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_netcat_is_sent_nothing_but_text(
    newline: str, sent: str, commands: list[str], heard: list[str]
) -> None:
    assert b"\xff" not in Talk.of(sent.replace("\n", newline).encode()).heard
    assert b"\xff" not in Talk.of(b"caf\xff\xe9\n" + sent.encode()).heard


# Direct conversations

BEN = DirectRoom(room="@x1", users=["ben"], head=7)


def commands_of(wire: LineWire) -> list[Any]:
    """All commands that are there now."""
    found = []
    while (command := wire.next_command()) is not None:
        found.append(command)
    return found


def test_a_text_of_a_direct_conversation_has_it_shown_from_there_on() -> None:
    wire = entered()
    assert wire.reply(BEN) == b""
    (join,) = commands_of(wire)
    assert (join.room, join.after) == ("@x1", 7)
    answer = RoomJoined(re=join.id, room="@x1", users=["ada", "ben"], head=8, after=7)
    assert wire.reply(answer) == b""
    wire.reply(BEN)  # another text came before the join was done
    wire.receive(b"hello\n/who\n")
    assert [command.room for command in commands_of(wire)] == ["General", "General"]


def test_a_conversation_that_is_lost_or_refused_is_taken_up_again_with_the_next_text() -> None:
    wire = entered()
    wire.reply(BEN)
    (join,) = commands_of(wire)
    error = RateLimited("Too fast.")
    refused = Refused.of(error, join.id, room="@x1")
    assert wire.reply(refused) == b"Too fast.\n"
    wire.reply(BEN)
    assert len(commands_of(wire)) == 1
    assert wire.reply(RoomLeft(room="@x1")) == b""
    wire.reply(BEN)
    assert len(commands_of(wire)) == 1
    wire.receive(b"hello\n")
    assert commands_of(wire)[0].room == "General"


def test_the_oldest_of_many_conversations_is_shown_no_more() -> None:
    wire = entered()
    for number in range(MOST_TALKS + 1):
        wire.reply(DirectRoom(room=f"@x{number}", users=["ben"], head=1))
    left = [command for command in commands_of(wire) if isinstance(command, Leave)]
    assert [(one.room, one.for_good) for one in left] == [("@x0", False)]


def people(*names: str) -> list[Member]:
    return [Member(UserName.parse(name), UserId(f"id-{name}")) for name in names]


PRIVATE = LineFormat(lambda at: f"T{at}", "\n", lambda room: people("eve", "ben", "ada"))


def test_a_line_of_a_direct_conversation_says_from_whom_to_whom_it_is() -> None:
    room = RoomName.parse("@x1")
    events: list[AnyEvent] = [
        Said(2, 7, "ada", "one\ntwo", by_id=UserId("id-ada")),
        Said(3, 8, "Ben-as-he-was", "hi\x1b", by_id=UserId("id-ben")),
        Left(4, 9, "eve", by_id=UserId("id-eve")),
        Left(5, 9, "eve", "eva", by_id=UserId("id-eve")),
    ]
    lines = [
        "[T7] ada to ben, eve (private): one",
        "[T7] ada to ben, eve (private): two",
        "[T8] Ben-as-he-was to ada, eve (private): hi␛",
        "[T9] eve has left the private conversation with ada, ben.",
    ]
    assert PRIVATE.events(room, events).decode().splitlines() == lines
    assert PRIVATE.events(room, events, past=True).decode().splitlines() == lines
    assert PRIVATE.events(RoomName.parse("x1"), events[:1]) == b"[T7] ada: one\n[T7] ada: two\n"


def test_a_room_with_such_a_name_that_is_no_conversation_is_a_room() -> None:
    shown = FORMATS[0].events(RoomName.parse("@x1"), [Said(2, 7, "ada", "hi")])
    assert shown == f"{said('hi')}\n".encode()


# Notices and lists


def test_who_is_in_a_room_that_is_renamed_speaks_in_it_under_its_new_name() -> None:
    wire = entered()
    assert wire.reply(RoomMoved(room="Tea", name="Pots")) == b""
    wire.reply(RoomMoved(room="GENERAL", name="Cellar"))
    wire.receive(b"hello\n")
    assert commands_of(wire)[0].room == "Cellar"


def test_the_list_marks_rooms_that_are_not_open() -> None:
    rooms = [
        RoomInfo("Lab", 3, 9, access=RoomAccess.MEMBERS),
        RoomInfo("Den", 0, 0, access=RoomAccess.MEMBERS, invited=True),
        RoomInfo("Safe", 0, 0, access=RoomAccess.LOCKED, topic="Gold"),
        RoomInfo("Attic", 1, 9, access=RoomAccess.UNLISTED),
        RoomInfo("@x1", 2, 9, access=RoomAccess.DIRECT, people=["ben"], unread=3),
        RoomInfo("@x2", 3, 9, access=RoomAccess.DIRECT, people=["ben", "eve"], unread=1),
        RoomInfo("@x3", 1, 9, access=RoomAccess.DIRECT),
    ]
    wire = entered()
    wire.reply(DirectRoom(room="@x2", users=["ben", "eve"], head=7))
    assert wire.reply(RoomList(rooms=rooms)).decode().splitlines() == [
        "Available rooms:",
        "  Lab (3 users, private)",
        "  Den (private, you are invited)",
        "  Safe (with a password) – Gold",
        "  Attic (1 user, unlisted)",
        "  /msg ben (3 new)",
        "  /msg ben,eve",
    ]


def test_the_list_of_who_is_there_tells_roles_and_who_is_away() -> None:
    roles = {"ada": Role.OWNER, "ben": Role.VOICE}
    who = Members(room="Lab", users=["ada", "ben", "eve"], roles=roles, away=["ben", "eve"])
    assert entered().reply(who) == b"In Lab (3 users): ada (owner), ben (voice, away), eve (away)\n"


@pytest.mark.parametrize(
    "standing, lines",
    [
        (
            None,
            [
                "Everybody may come in and read.",
                "Everybody in it may speak.",
                "Nobody owns it.",
                "You are nobody in particular here.",
            ],
        ),
        (
            Standing(
                access=RoomAccess.MEMBERS,
                role=Role.MODERATOR,
                speak=Speakers.VOICES,
                slow=90,
                guests=False,
                owned=True,
                muted=True,
                roles={"eve": Role.MODERATOR, "ada": Role.OWNER, "ben": Role.MODERATOR},
            ),
            [
                "Only members read it. To let others in: /invite NAME",
                "Guests may not come in.",
                "Only people with a role speak.",
                "Everybody says one thing in 90 seconds.",
                "Owned by ada.",
                "Moderated by ben, eve.",
                "You are a moderator.",
                "You may not speak now.",
            ],
        ),
        (
            Standing(access=RoomAccess.LOCKED, archived=True, owned=True, role=Role.OWNER),
            [
                "Who knows its password may come in and read.",
                "It is closed: nothing more is said.",
                "You are an owner.",
            ],
        ),
    ],
)
def test_rules_are_told_in_sentences(standing: Standing | None, lines: list[str]) -> None:
    wire = entered()
    wire.receive(b"/rules\n")
    (asked,) = commands_of(wire)
    joined = RoomJoined(
        re=asked.id,
        room="General",
        users=["ada"],
        head=9,
        after=9,
        standing=standing,
    )
    told = wire.reply(joined).decode().splitlines()
    assert told == ["What holds in General:", *(f"  {line}" for line in lines)]
    assert commands_of(wire) == []


def test_bans_and_mutes_are_listed_with_their_ends_and_reasons() -> None:
    bans = [
        CurrentBan(3, "ada", "eve", UserId("id-eve"), until=5, reason="spam\x1b"),
        CurrentBan(4, "ada", "spam*", pattern=True),
        CurrentBan(5, "ben", "joe", UserId("id-joe"), network="hash"),
    ]
    muted = {"kim": None, "lou": 5}
    told = entered().reply(BanList(room="Lab", bans=bans, muted=muted)).decode().splitlines()
    assert told == [
        "Banned in Lab:",
        f"  eve until {TIME}, by ada: spam␛",
        "  guests with names like spam*, by ada",
        "  joe and guests from the same network, by ben",
        "Muted in Lab:",
        "  kim",
        f"  lou until {TIME}",
    ]


def test_devices_are_listed_with_what_logs_them_out() -> None:
    devices = [Device("d1", "Firefox", "::1", 0, 0, connected=2), Device("d2", "", "::1", 0, 0)]
    told = entered().reply(DeviceList(devices=devices)).decode().splitlines()
    assert told[1:3] == [
        "  d1  Firefox at ::1, connected now",
        f"  d2  a program without a name at ::1, seen {TIME}",
    ]
    assert entered().reply(DeviceList(devices=[])) == b"You are logged in nowhere else.\n"


def test_where_one_signs_on_instead_is_told_before_the_password_is_asked_for() -> None:
    wire = LineWire(FORMATS, LineReader(MAX_LINE))
    wire.receive(b"lovelace\n")
    (hello,) = commands_of(wire)
    refused = NeedPassword("It is somebody's.", sign_on="https://chat.example.org/sign-on")
    told = wire.reply(Refused.of(refused, hello.id)).replace(HIDE, b"").decode().splitlines()
    assert told == [
        f"{NOT_YOURS} Or open https://chat.example.org/sign-on in a browser, and give the code "
        "that it shows as the password.",
        "Password for lovelace:",
    ]


def test_a_guest_who_wants_another_name_is_told_how_to_get_one() -> None:
    wire = entered()
    wire.receive(b"/nick ben\n")
    (rename,) = commands_of(wire)
    refused = Refused(re=rename.id, code="need-account", message="You are a guest here.")
    assert wire.reply(refused).decode() == f"{GUESTS_NAME}\n"


# What it costs, and garbage


def test_who_has_logged_in_is_remembered_nothing_of() -> None:
    """Most connections are idle, and very many: they share what there is to remember."""
    talk = Talk.of(f"lovelace\nwrong\n{PASSWORD}\nGeneral\nhello\n".encode())
    assert talk.wire._aside is NOTHING
    assert Talk.of(f"{IN}/register\n{PASSWORD}\n".encode()).wire._aside is NOTHING


WORDS = st.sampled_from(
    [
        *(b"lovelace", b"Lab", b"ada", b"taken", PASSWORD.encode(), b"/login", b"/login lovelace"),
        *(b"/register", b"/password", b"/close-account", b"/msg ben hi", b"/msg ben", b"/leave"),
        *(b"/join Lab x", b"/rules", b"/server ban eve", b"/nick x", b"\xff\xfd\x01", b"\xff", b""),
        *(b"\xc3", b"\x1b[2J", b"\x00", b"\r", b"x" * 70, b" ", b"\xe2\x80\xae", b"General"),
        *(f"/{name}".encode() for name in VOCABULARY.rows if name not in ("quit", "exit")),
    ]
)
DATA = st.lists(WORDS | st.just(b"\n") | st.binary(max_size=3), max_size=40).map(b"".join)
NOTICES = st.sampled_from(
    [
        BEN,
        DirectRoom(room="@x2", users=["ben", "eve"], head=1),
        RoomLeft(room="General", put_out=True),
        RoomLeft(room="@x1"),
        RoomMoved(room="General", name="Cellar"),
        Refused(code="not-allowed", message="You may not."),
    ]
)


@given(st.lists(st.tuples(DATA, st.none() | NOTICES), max_size=8), st.booleans())
@settings(max_examples=400, deadline=None)
def test_nothing_that_comes_at_a_question_breaks_a_conversation(
    steps: list[tuple[bytes, Reply | None]], asked: bool
) -> None:
    talk = Talk.of(b"lovelace\n" if asked else b"")
    for data, notice in steps:
        talk.send(data)
        if notice is not None:
            talk.heard += talk.wire.reply(notice)
    talk.end()
    assert talk.wire.over or talk.over
    heard = talk.heard.replace(HIDE, b"").replace(SHOW, b"").decode()
    assert not ({*map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0))} - set("\t\r\n")) & set(heard)
    assert talk.heard.count(HIDE) - talk.heard.count(SHOW) in (0, 1)


@given(DATA, st.lists(st.integers(0, 400), max_size=10))
@settings(max_examples=300, deadline=None)
def test_no_cut_changes_what_is_answered_to_a_question(data: bytes, cuts: list[int]) -> None:
    data = b"lovelace\n" + data
    places = [0, *sorted(cuts), len(data)]
    pieces = [data[start:end] for start, end in pairwise(places)]
    whole, cut = Talk.of(data).end(), Talk.of(*pieces).end()
    assert cut.commands == whole.commands


def test_the_stage_is_that_of_the_name_until_the_password_is_right() -> None:
    talk = Talk.of(b"lovelace\nwrong\n")
    assert talk.wire.stage is Stage.NAME
