from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hubbub.domain.commands import Join, Ping
from hubbub.domain.errors import ShuttingDown
from hubbub.domain.replies import (
    Ack,
    Done,
    Events,
    Goodbye,
    Invitation,
    Members,
    Page,
    Pong,
    Refused,
    Reply,
    RoomDeleted,
    RoomInfo,
    RoomJoined,
    RoomLeft,
    RoomList,
    RoomStanding,
    SomeoneTyping,
    Standing,
)
from hubbub.domain.slashes import SAY
from hubbub.wire.line.codec import COMMANDS, VOCABULARY, LineWire, Stage
from hubbub.wire.line.lines import LineReader
from tests.wire.line.talk import FORMATS, MAX_LINE, TIME, Talk

ROOMS = ["Available rooms:", "  General (2 users)", "  Tea (1 user)"]
IN = "ada\nGeneral\n"
ENTERED = ["hello ada", "rooms", "join General"]
HEARD = [*ROOMS, "Welcome to room General!"]
HELP_LINES = VOCABULARY.help_lines()
ASK_NAME, ASK_ROOM = "What is your name?", "Which room?"


def said(text: str) -> str:
    return f"[{TIME}] ada: {text}"


CONVERSATIONS: list[tuple[str, list[str], list[str]]] = [
    # The seed's dialogue
    ("ada\n", ["hello ada", "rooms"], ROOMS),
    (IN, ENTERED, HEARD),
    (IN + "hello\nexit\n", [*ENTERED, "say General: hello", "bye"], [*HEARD, said("hello")]),
    ("  ada \n\n\n General\n", ENTERED, HEARD),
    (IN + "  indented\n", [*ENTERED, "say General:   indented"], [*HEARD, said("  indented")]),
    # Names and rooms are asked for again
    (
        "taken\nada\n",
        ["hello taken", "hello ada", "rooms"],
        ['The name "taken" is in use.', ASK_NAME, *ROOMS],
    ),
    (
        "ada lovelace\nada\n",
        ["hello ada", "rooms"],
        ['A name cannot have a space (character 4). "ada-lovelace" would do.', ASK_NAME, *ROOMS],
    ),
    (
        "ada\nthe kitchen\nTea\n",
        ["hello ada", "rooms", "join Tea"],
        [
            *ROOMS,
            'A room name cannot have a space (character 4). "the-kitchen" would do.',
            ASK_ROOM,
            "Welcome to room Tea!",
        ],
    ),
    (
        "ada\nfull\n#Tea\n",
        ["hello ada", "rooms", "join full", "join Tea"],
        [*ROOMS, "There are too many rooms.", ASK_ROOM, "Welcome to room Tea!"],
    ),
    # Commands
    ("/help\n", ["ping"], HELP_LINES),
    (IN + "/help\n", [*ENTERED, "ping"], [*HEARD, *HELP_LINES]),
    (IN + "/HELP\n/help nothing\n", [*ENTERED, "ping", "ping"], [*HEARD, *HELP_LINES, *HELP_LINES]),
    (IN + "/rooms\n", [*ENTERED, "rooms"], [*HEARD, *ROOMS]),
    ("ada\n/rooms\n", ["hello ada", "rooms", "rooms"], [*ROOMS, *ROOMS]),
    (IN + "/who\n", [*ENTERED, "who General"], [*HEARD, "In General (2 users): ada, ben"]),
    (
        IN + "/history\n",
        [*ENTERED, "timeline General 20"],
        [
            *HEARD,
            "The last 2 of General:",
            f"[{TIME}] ben: hi",
            f"[{TIME}] eve: a",
            f"[{TIME}] eve: b",
        ],
    ),
    *(
        (IN + f"/say{space}{text}\n", [*ENTERED, f"say General: {text}"], [*HEARD, said(text)])
        for space in (" ", "\t", "   ")
        for text in ("exit", "/help", "/usr/bin", "two  spaces")
    ),
    (
        IN + "/reply ben  two  words \n/REPLY Eve x\n",
        [*ENTERED, "reply General ben: two  words", "reply General Eve: x"],
        [*HEARD, said("two  words"), said("x")],
    ),
    (
        IN + "/reply\n/reply ben\n/reply b,n hi\n",
        ENTERED,
        [
            *HEARD,
            "Whom do you answer, and what do you say? Type: /reply NAME TEXT",
            "Whom do you answer, and what do you say? Type: /reply NAME TEXT",
            'A name cannot have a comma (character 2). "b-n" would do.',
        ],
    ),
    (
        IN + "/search two words\n/search more\n/search more\n",
        [*ENTERED, "search two words None 10", "search two words 9 10"],
        [
            *HEARD,
            f"Tea #7 [{TIME}] eve: …so two words␊␛",
            "More: /search more",
            f"Tea #7 [{TIME}] eve: …so two words␊␛",
            "No more.",
            "There are no more results. To find something else: /search WORDS",
        ],
    ),
    (
        "ada\n/search nothing\n/search more\n",
        ["hello ada", "rooms", "search nothing None 10", "search nothing 9 10"],
        [*ROOMS, "Nothing so far.", "More: /search more", "Nothing found."],
    ),
    (IN + " /help\n", [*ENTERED, "say General:  /help"], [*HEARD, said(" /help")]),
    (
        IN + "/say\n/say  \n",
        ENTERED,
        [
            *HEARD,
            "What do you want to say? Type: /say TEXT",
            "What do you want to say? Type: /say TEXT",
        ],
    ),
    (
        IN + "/dance, everybody\n",
        ENTERED,
        [
            *HEARD,
            'There is no command "/dance,". /help lists them; '
            "to say it as it is, type: /say /dance, everybody",
        ],
    ),
    (
        IN + "/usr/bin/python\n//help\n// TODO\n",
        [*ENTERED, *(f"say General: {text}" for text in ("/usr/bin/python", "/help", "// TODO"))],
        [*HEARD, said("/usr/bin/python"), said("/help"), said("// TODO")],
    ),
    # Going to another room
    (
        IN + "/join Tea\nhello\n",
        [*ENTERED, "join Tea", "leave General", "say Tea: hello"],
        [*HEARD, "Welcome to room Tea!", said("hello")],
    ),
    (
        IN + "/join full\nhello\n",
        [*ENTERED, "join full", "say General: hello"],
        [*HEARD, "There are too many rooms.", said("hello")],
    ),
    (
        IN + "/join GENERAL\n/join a b\n/join\nhello\n",
        [*ENTERED, "join a with b", "say General: hello"],
        [
            *HEARD,
            "You are in General already.",
            'There is no room "a" to come into with a password.',
            "Which room? Type: /join ROOM",
            said("hello"),
        ],
    ),
    # A room that was made by mistake
    ("ada\nlunhc\n", ["hello ada", "rooms", "join lunhc"], [*ROOMS, "Welcome to room lunhc!"]),
    (
        IN + "/join lunhc\n/delete\nTea\nhello\n",
        [*ENTERED, "join lunhc", "leave General", "delete lunhc", "join Tea", "say Tea: hello"],
        [
            *HEARD,
            "Welcome to room lunhc!",
            "This room is new: you have just made it. To take it back: /delete",
            "The room lunhc is deleted.",
            ASK_ROOM,
            "Welcome to room Tea!",
            said("hello"),
        ],
    ),
    (
        IN + "/delete LUNHC\nhello\n",
        [*ENTERED, "delete LUNHC", "say General: hello"],
        [*HEARD, "The room LUNHC is deleted.", said("hello")],
    ),
    (
        IN + "/delete\nTea\n",
        [*ENTERED, "delete General", "join Tea"],
        [*HEARD, "Ben is in it.", ASK_ROOM, "Welcome to room Tea!"],
    ),
    (
        "ada\n/delete\n/delete a b\n",
        ["hello ada", "rooms"],
        [
            *ROOMS,
            "Which room? Type: /delete ROOM",
            ASK_ROOM,
            'A room name cannot have a space (character 2). "a-b" would do.',
            ASK_ROOM,
        ],
    ),
    ("ada\n/join Tea\n", ["hello ada", "rooms", "join Tea"], [*ROOMS, "Welcome to room Tea!"]),
    ("ada\n/join exit\n", ["hello ada", "rooms", "join exit"], [*ROOMS, "Welcome to room exit!"]),
    # Too early
    *(
        (
            f"{line}\nada\n",
            ["hello ada", "rooms"],
            ["Please type your name first.", ASK_NAME, *ROOMS],
        )
        for line in ("/join Tea", "/join", "/rooms")
    ),
    *(
        (
            f"{line}\nada\n",
            ["hello ada", "rooms"],
            ["You are not in a room yet. Type the name of one.", ASK_NAME, *ROOMS],
        )
        for line in ("/who", "/history", "/say hi")
    ),
    *(
        (
            f"ada\n{line}\nTea\n",
            ["hello ada", "rooms", "join Tea"],
            [
                *ROOMS,
                "You are not in a room yet. Type the name of one.",
                ASK_ROOM,
                "Welcome to room Tea!",
            ],
        )
        for line in ("/who", "/history 5", "/say hi")
    ),
    # Leaving
    *((f"{word}\nada\n", ["bye"], []) for word in ("exit", " exit ", "/exit", "/quit", "/QUIT")),
    ("ada\nexit\nGeneral\n", ["hello ada", "rooms", "bye"], ROOMS),
    (
        IN + "Exit\nexit now\n",
        [*ENTERED, "say General: Exit", "say General: exit now"],
        [*HEARD, said("Exit"), said("exit now")],
    ),
    # Names like words of commands and of other protocols
    *(
        (
            f"{name}\n{name}\n",
            [f"hello {name}", "rooms", f"join {name}"],
            [*ROOMS, f"Welcome to room {name}!"],
        )
        for name in ("GET", "NICK", "HEAD", "help", "join", "Exit", "1", "Welcome")
    ),
    # Broken bytes and control characters
    (
        IN + "\x1b[2Jhello\x07\n",
        [*ENTERED, "say General: \x1b[2Jhello\x07"],
        [*HEARD, said("␛[2Jhello␇")],
    ),
    (
        IN + "/x\x1b[2J\x85\u202e\u2028x\n",
        ENTERED,
        [
            *HEARD,
            'There is no command "/x␛[2J". /help lists them; '
            "to say it as it is, type: /say /x␛[2J\ufffd\ufffd\ufffdx",
        ],
    ),
    (
        "ada\x1b[2J\n",
        [],
        [
            'A name cannot have an escape character (character 4). "ada[2J" would do.',
            ASK_NAME,
        ],
    ),
]


@pytest.mark.parametrize("sent, commands, heard", CONVERSATIONS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_a_conversation_is_the_same_whole_and_byte_by_byte(
    newline: str, sent: str, commands: list[str], heard: list[str]
) -> None:
    data = sent.replace("\n", newline).encode()
    whole = Talk.of(data)
    assert whole.commands == commands
    assert whole.heard.decode() == "".join(line + newline for line in heard)
    cut = Talk.of(*(bytes([byte]) for byte in data))
    assert (cut.commands, cut.heard) == (commands, whole.heard)


@pytest.mark.parametrize(
    "sent, commands, heard", [case for case in CONVERSATIONS if len(case[0].split("\n")[0]) > 1]
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
    """`printf 'ada\\nGeneral\\nhello' | nc`: the end may come while a name waits for its answer."""
    talk = Talk()
    talk.wire.receive(sent.rstrip("\n").encode())
    talk.end()
    assert talk.commands == (commands if "bye" in commands else [*commands, "bye"])
    assert talk.lines == heard


# Bytes


def test_broken_utf_8_is_shown_as_such_and_harms_nobody() -> None:
    talk = Talk.of(b"ada\nGeneral\n", b"a\x80b\xc3\n", b"\xed\xa0\x80\n", "é\n".encode())
    assert talk.lines[len(HEARD) :] == [said("a\ufffdb\ufffd"), said("\ufffd" * 3), said("é")]


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_a_letter_may_be_cut_anywhere(cut: int) -> None:
    smile = "😀".encode()
    talk = Talk.of(IN.encode() + smile[:cut], smile[cut:] + b"\n")
    assert talk.commands[-1] == "say General: 😀"


def test_the_option_bytes_of_telnet_are_no_part_of_a_line() -> None:
    talk = Talk.of(
        b"\xff\xfb\x1f\xff\xfd\x03a\xff\xf1da\r\n\xff\xfa\x1f\x00\x50\x00\x0a\xff\xf0Tea\r\n"
    )
    assert talk.commands == ["hello ada", "rooms", "join Tea"]


def test_a_line_over_the_limit_is_refused_once_and_the_next_one_is_read() -> None:
    talk = Talk.of(IN.encode(), b"x" * (MAX_LINE + 1), b"x" * 1000, b"x\nhello\n")
    assert talk.refusals == ["line-too-long"]
    assert talk.lines[len(HEARD) :] == [
        "This line is longer than 64 bytes. It was not sent: please split it.",
        said("hello"),
    ]


def test_a_multi_line_text_shows_its_speaker_on_every_line() -> None:
    talk = Talk.of(IN.encode(), b"one\r[2023-07-30 15:00:05] ben: two\x0bthree\n")
    assert talk.lines[len(HEARD) :] == [
        said("one"),
        said("[2023-07-30 15:00:05] ben: two"),
        said("three"),
    ]


# Clients that end no line


def test_a_client_that_ends_no_line_is_served_by_its_pauses() -> None:
    talk = Talk()
    for piece in (b"ada", b"General", b"hello", b"x", b"exit"):
        talk.send(piece).pause()
    assert talk.commands == [*ENTERED, "say General: hello", "say General: x", "bye"]


def test_what_comes_without_a_pause_is_one_line_of_such_a_client() -> None:
    talk = Talk.of(b"ad", b"a")
    assert talk.commands == []
    assert talk.pause().commands == ["hello ada", "rooms"]


def test_such_a_client_may_send_several_lines_in_one_segment() -> None:
    talk = Talk.of(b"ada").pause().send(b"General").pause().send(b"one\ntwo").pause()
    assert talk.commands == [*ENTERED, "say General: one", "say General: two"]


def test_such_a_client_may_send_a_segment_over_the_limit_and_is_still_heard() -> None:
    talk = Talk.of(b"ada").pause().send(b"General").pause().send(b"x" * 1000).pause()
    assert talk.refusals == ["line-too-long"]
    assert talk.send(b"hello").pause().commands == [*ENTERED, "say General: hello"]


def test_a_slow_typist_is_no_such_client() -> None:
    """Some terminals send each key as it is pressed; the Enter key ends the line."""
    talk = Talk()
    for key in "adé":
        talk.send(key.encode()).pause()
    assert talk.commands == []
    assert talk.send(b"\r\n").commands == ["hello adé", "rooms"]
    assert talk.send(b"Te").pause().commands == ["hello adé", "rooms"]
    assert talk.send(b"a\r\n").commands == ["hello adé", "rooms", "join Tea"]


def test_a_client_that_has_ended_a_line_ends_all_of_them() -> None:
    """Even an empty one, as people send to see whether anybody is there."""
    talk = Talk.of(b"\r\n", b"ad").pause()
    assert talk.commands == []
    assert talk.send(b"a\r\n").commands == ["hello ada", "rooms"]


def test_a_pause_after_nothing_is_nothing() -> None:
    talk = Talk().pause().send(b" ").pause().send(b"\xff\xf1").pause()
    assert (talk.commands, talk.heard) == ([], b"")
    assert not talk.wire.reader.segments


# The end


def test_a_client_that_closes_its_side_has_left() -> None:
    assert Talk().end().commands == ["bye"]
    assert Talk.of(b"ada\n").end().commands == ["hello ada", "rooms", "bye"]


def test_the_last_line_needs_no_end_when_the_client_has_closed_its_side() -> None:
    assert Talk.of(IN.encode(), b"hello").end().commands[-2:] == ["say General: hello", "bye"]


def test_a_client_leaves_once() -> None:
    wire = LineWire(FORMATS, LineReader(MAX_LINE))
    wire.end()
    assert str(wire.next_command()) == "Bye(id=None, reason=None)"
    assert wire.next_command() is None


def test_a_line_over_the_limit_can_be_the_last() -> None:
    talk = Talk.of(b"x" * 100).end()
    assert (talk.refusals, talk.commands) == (["line-too-long"], ["bye"])
    talk = Talk()
    talk.wire.receive(b"x" * 100)
    assert (talk.end().refusals, talk.commands) == (["line-too-long"], ["bye"])


# Answers, in whatever order they come


def entered() -> LineWire:
    return Talk.of(IN.encode()).wire


def test_who_is_put_out_of_the_room_is_asked_for_another() -> None:
    wire = entered()
    assert wire.reply(RoomLeft(room="general")) == b""
    assert wire.stage is Stage.ROOM
    wire.receive(b"Tea\n")
    command = wire.next_command()
    assert isinstance(command, Join)
    assert command.room == "Tea"


UNMADE = "There is no room lunhc yet. Type it once more to make it."


@pytest.mark.parametrize(
    "reply", [RoomLeft(room="General", put_out=True), RoomDeleted(room="General")]
)
def test_what_is_typed_on_by_who_was_put_out_makes_no_room(reply: Reply) -> None:
    talk = Talk.of(IN.encode())
    talk.wire.reply(reply)
    talk.heard, talk.commands = b"", []
    talk.send(b"lunhc\nand so on\n")
    assert talk.commands == ["timeline lunhc 1"]
    lost = "You are in no room, so nobody has read that. "
    assert [line.startswith(lost) for line in talk.lines] == [False, False, True, False]
    assert [*talk.lines[:2], talk.lines[3]] == [UNMADE, "Which room?", "Which room?"]
    assert talk.send(b"LUNHC\n").commands[1:] == ["join LUNHC"]
    assert talk.send(b"hi\n").commands[2:] == ["say LUNHC: hi"]


def test_who_was_put_out_goes_to_a_room_that_is_there_at_once() -> None:
    talk = Talk.of(IN.encode())
    talk.wire.reply(RoomLeft(room="General", put_out=True))
    talk.heard, talk.commands = b"", []
    talk.send(b"Lab\n")
    assert talk.commands == ["timeline Lab 1", "join Lab"]
    assert talk.lines == ["Password of the room Lab:"]
    talk.send(b"\nTea\n")
    assert talk.commands[3:] == ["timeline Tea 1", "join Tea"]
    assert talk.lines[1:] == ["Which room?", "Welcome to room Tea!"]
    talk.send(b"/leave\nlunhc\n")  # of one's own will: as at the beginning
    assert talk.commands[-2:] == ["leave Tea for good", "join lunhc"]


def test_who_was_put_out_comes_back_by_the_same_name_at_once() -> None:
    talk = Talk.of(IN.encode())
    talk.wire.reply(RoomLeft(room="General", put_out=True))
    assert talk.send(b"general\n").commands[-1] == "join general"


def test_leaving_the_room_before_changes_nothing_in_this_one() -> None:
    talk = Talk.of(IN.encode(), b"/join Tea\n")
    talk.wire.reply(RoomLeft(room="General"))
    assert talk.wire.stage is Stage.CHAT
    assert talk.send(b"hi\n").commands[-1] == "say Tea: hi"


def test_a_second_welcome_to_the_same_room_leaves_nothing() -> None:
    wire = entered()
    wire.reply(RoomJoined(room="GENERAL", users=["ada"], head=9, after=9))
    assert wire.next_command() is None


def test_a_lost_room_is_not_left_again_when_the_next_one_is_entered() -> None:
    talk = Talk.of(IN.encode())
    talk.wire.reply(RoomLeft(room="General"))
    assert talk.send(b"Tea\nhi\n").commands == [*ENTERED, "join Tea", "say Tea: hi"]


@pytest.mark.parametrize(
    "reply, lines",
    [
        (RoomList(rooms=[]), ["Available rooms:", "  (none yet)"]),
        (RoomList(rooms=[RoomInfo("Tea", 0, 0)]), ["Available rooms:", "  Tea (0 users)"]),
        (Members(room="Tea", users=["ada"]), ["In Tea (1 user): ada"]),
        (Page(room="Tea", events=[], head=0), ["The last 0 of Tea:"]),
        (Refused.of(ShuttingDown("Come back.")), ["Come back."]),
        (Goodbye(reason="shutting-down", message="Come back."), ["Come back."]),
        (Goodbye(reason="bye", message="Goodbye."), []),
        (Ack(room="General", seq=1, at=0), []),
        (Pong(re="one\ntwo"), ["one", "two"]),
        (Done(re="It is done."), ["It is done."]),
        (Ack(re="It is done.", room="/server", seq=1, at=0), ["It is done."]),
        (RoomStanding(room="General", standing=Standing()), []),
        (
            Invitation(room="Lab", by="ben\x1b"),
            ["ben␛ invites you to Lab. To go there: /join Lab"],
        ),
        (SomeoneTyping(room="General", by="ben"), []),
        (Events(room="General", events=[]), []),
    ],
)
@pytest.mark.parametrize("stage", Stage)
def test_an_answer_is_lines_or_nothing_in_every_stage(
    stage: Stage, reply: Reply, lines: list[str]
) -> None:
    wire = LineWire(FORMATS, LineReader(MAX_LINE))
    wire.stage = stage
    heard = wire.reply(reply).decode().splitlines()
    asked = {Stage.NAME: [ASK_NAME], Stage.ROOM: [ASK_ROOM], Stage.CHAT: []}[stage]
    assert heard == lines + (asked if isinstance(reply, Refused) else [])
    assert wire.stage is stage
    assert wire.next_command() is None


def test_a_hostile_answer_stays_one_line_of_text() -> None:
    wire = LineWire(FORMATS, LineReader(MAX_LINE))
    wire.stage = Stage.CHAT
    heard = wire.reply(Refused(code="x", message="a\nb\x1b]0;t\x07\x9b\u2028\ud800"))
    assert heard.decode() == "a␊b␛]0;t␇\ufffd\ufffd?\n"


def test_every_command_of_the_table_can_be_run() -> None:
    assert COMMANDS.keys() == VOCABULARY.rows.keys() - {SAY}


@pytest.mark.parametrize(
    "count, limit", [("", 20), (" 1", 1), (" 200", 200), ("   7", 7), (" ٣", 3), (" 007", 7)]
)
def test_history_takes_a_number(count: str, limit: int) -> None:
    assert Talk.of(f"{IN}/history{count}\n".encode()).commands[-1] == f"timeline General {limit}"


@pytest.mark.parametrize("count", ["0", "201", "-1", "ten", "1.5", "²", "9" * 40, "1 2", "1e2"])
def test_history_takes_no_other_number(count: str) -> None:
    talk = Talk.of(f"{IN}/history {count}\n".encode())
    assert talk.lines[-1] == "How many? Type: /history N, with N from 1 to 200."


# Floods


def test_a_flood_of_asking_for_help_is_answered_in_turns() -> None:
    """Each one is a command, so that the connection can take its turns and feel its outbox."""
    wire = LineWire(FORMATS, LineReader(MAX_LINE))
    wire.receive(b"/help\n" * 1000)
    for _ in range(1000):
        command = wire.next_command()
        assert isinstance(command, Ping)
        assert wire.reply(Pong(re=command.id)).decode().splitlines() == HELP_LINES
    assert wire.next_command() is None


# Anything at all

WORDS = st.sampled_from(
    [
        *(b"ada", b"taken", b"full", b"General", b"Tea", b"a b", b"exit ", b"x" * 70, b" ", b"\t"),
        *(b"/help", b"/join Tea", b"/join full", b"/join", b"/who", b"/history 5", b"/say exit"),
        *(b"\r", b"\xff\xf1", b"\xff\xfb\x01", b"\xff\xfa\n\xff\xf0", b"\xff", b"\xff\xffx"),
        *(b"\xc3\xa9", b"\xc3", b"\x1b[2J", b"\x00", b"\xe2\x80\xae", b"\xe2\x80\xa8", b"\xc2\x85"),
    ]
)
DATA = st.lists(WORDS | st.just(b"\n") | st.binary(max_size=3), max_size=40).map(b"".join)


@given(DATA, st.lists(st.integers(0, 400), max_size=10), st.booleans())
@example(b"\r\n\n\r\nada\r\n", [1], False)
@example(b"x" * 64 + b"\r\nada\n", [65], False)
@example(b"\n\r\nada", [1], False)
@example(b"x" * 65 + b"\r\nada\n", [66], False)
@settings(max_examples=400, deadline=None)
def test_no_cut_changes_a_conversation(data: bytes, cuts: list[int], entered: bool) -> None:
    data = (IN.encode() if entered else b"") + data
    places = [0, *sorted(cuts), len(data)]
    pieces = [data[start:end] for start, end in pairwise(places)]
    whole, cut = Talk.of(data).end(), Talk.of(*pieces).end()
    assert cut.commands == whole.commands
    assert cut.heard == whole.heard
    assert cut.refusals == whole.refusals


@given(
    st.lists(st.sampled_from(["send", "send", "send", "pause", "lost", "refused"]), max_size=20),
    st.data(),
)
@settings(max_examples=300, deadline=None)
def test_nothing_that_comes_in_breaks_a_conversation_or_reaches_the_terminal(
    steps: list[str], data: st.DataObject
) -> None:
    talk = Talk()
    for step in steps:
        match step:
            case "send":
                talk.send(data.draw(DATA))
            case "pause":
                talk.pause()
            case "lost":
                talk.heard += talk.wire.reply(RoomLeft(room="General"))
            case "refused":
                talk.heard += talk.wire.reply(Refused.of(ShuttingDown("Come back.")))
    talk.end()
    assert talk.wire.over or talk.commands[-1:] == ["bye"]
    controls = {*map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0))} - set("\t\r\n")
    turning = set("\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    assert not (controls | turning) & set(talk.heard.decode())


@pytest.mark.parametrize(
    "typed, command, heard",
    [
        ("/topic Verse  and prose", "topic General: Verse  and prose", "set the topic"),
        ("/topic -", "topic General: ", "taken the topic away."),
    ],
)
def test_a_topic_is_set_and_taken_away(typed: str, command: str, heard: str) -> None:
    talk = Talk.of(f"{IN}{typed}\n".encode())
    assert talk.commands == [*ENTERED, command]
    assert f"ada has {heard}" in talk.lines[-1]


def test_topic_alone_asks_who_is_there_and_what_the_room_is_about() -> None:
    talk = Talk.of(f"{IN}/topic\n".encode())
    assert talk.commands == [*ENTERED, "who General"]


def test_whoever_comes_in_asks_who_is_there_or_which_rooms_there_are_is_told_the_topic() -> None:
    wire = entered()
    tea = RoomJoined(room="Tea", users=["ada"], head=9, after=9, topic="Leaves\x1b[2J")
    assert wire.reply(tea) == "Welcome to room Tea!\nTopic: Leaves␛[2J\n".encode()
    who = Members(room="Tea", users=["ada"], topic="Leaves\x1b[2J")
    assert wire.reply(who) == "In Tea (1 user): ada\nTopic: Leaves␛[2J\n".encode()
    rooms = RoomList(rooms=[RoomInfo("Tea", 1, 9, topic="Leaves\x1b[2J")])
    assert wire.reply(rooms).decode().splitlines()[1] == "  Tea (1 user) – Leaves␛[2J"
