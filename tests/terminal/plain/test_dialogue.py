"""The whole conversation, with a test at the keyboard and a server that has faults to order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from hubbub.client import Address, Said
from hubbub.domain.commands import Bye, Hello, Join, Read, Say
from hubbub.domain.replies import Ack, Events, RoomLeft
from hubbub.terminal.plain import dialogue, listener, run, start, transcript
from hubbub.terminal.plain.teller import BACK, LOST
from tests.client.scripted import ScriptedServer
from tests.terminal.plain.typist import Typist


@asynccontextmanager
async def chatting(
    server: ScriptedServer,
    user: str | None = "ada",
    room: str | None = "General",
    *,
    interactive: bool = True,
) -> AsyncIterator[tuple[Typist, asyncio.Task[int]]]:
    """Somebody who chats until the block ends, or leaves before."""
    typist = Typist(interactive=interactive)
    address = Address.parse(server.address)
    chat = asyncio.create_task(run(address, user, room, typist))
    try:
        if room is not None:
            await typist.sees("ada has joined the chat!")
        yield typist, chat
        typist.hang_up()
        await chat
    finally:
        chat.cancel()


async def test_the_dialogue_is_that_of_the_first_version(server: ScriptedServer) -> None:
    server.model.room("General").members["ben"] = "ben"
    server.model.say("General", "ben", "Lorem ipsum.")
    async with chatting(server, None, None) as (typist, chat):
        typist.type("ada", "General")
        await typist.sees("ada has joined the chat!")
        typist.type("Donec pulvinar erat.")
        await typist.sees("Donec")
        server.model.say("General", "ben", "Aenean lacinia.")
        await typist.sees("Aenean")
        typist.type("exit")
        assert await chat == 0
    assert typist.screen == [
        "Username:",
        "Available rooms:",
        "  General (1 user)",
        "Room:",
        "Welcome to room General!",
        "[2023-07-30 15:00:00] ben: Lorem ipsum.",
        "[2023-07-30 15:00:05] ada has joined the chat!",
        "[2023-07-30 15:00:10] ada: Donec pulvinar erat.",
        "[2023-07-30 15:00:15] ben: Aenean lacinia.",
    ]
    assert len(server.got(Bye)) == 1


async def test_a_taken_name_is_asked_for_again_with_a_suggestion(server: ScriptedServer) -> None:
    server.model.guests["ada"] = "someone else's"
    async with chatting(server, None, None) as (typist, _):
        typist.type("ada")
        await typist.sees("Username [ada2]:")
        typist.type("")
        await typist.sees("Room:")
    assert typist.screen[:3] == ["Username:", 'The name "ada" is in use.', "Username [ada2]:"]
    assert [command.user for command in server.got(Hello) if isinstance(command, Hello)] == [
        "ada",
        "ada2",
    ]


async def test_an_impossible_room_is_asked_for_again(server: ScriptedServer) -> None:
    async with chatting(server, "ada", None) as (typist, _):
        typist.type("tea room")
        await typist.sees("Room [tea-room]:")
        typist.type("tea")
        await typist.sees("Welcome to room tea!")
    assert "A room name cannot have a space (character 4)." in typist.screen[3]


async def test_names_from_the_address_are_not_asked_for(server: ScriptedServer) -> None:
    async with chatting(server) as (typist, _):
        assert typist.screen[0] == "Welcome to room General!"


async def test_whoever_hangs_up_at_a_question_is_gone_without_a_word(
    server: ScriptedServer,
) -> None:
    for interactive, code in ((True, 0), (False, 1)):
        async with chatting(server, None, None, interactive=interactive) as (typist, chat):
            typist.hang_up()
            assert await chat == code


async def test_in_a_pipe_a_refused_name_is_the_end(server: ScriptedServer) -> None:
    server.model.guests["ada"] = "someone else's"
    typist = Typist(interactive=False)
    typist.type("this is for the room")
    assert await run(Address.parse(server.address), "ada", "General", typist) == 1
    assert typist.screen == ['! The name "ada" is in use.']


async def test_a_server_that_is_not_there_is_told_with_what_to_do() -> None:
    async with ScriptedServer() as server:
        address = Address.parse(server.address)
    typist = Typist()
    assert await run(address, None, None, typist) == 1
    assert typist.screen == [
        f"! There is no server at {address}: nobody listens there.",
        "! Is the server running? Start it with: python server.py",
    ]


async def test_a_message_of_several_lines_cannot_forge_one(server: ScriptedServer) -> None:
    async with chatting(server) as (typist, _):
        server.model.say("General", "eve", "hi\n[2023-07-30 15:00:10] ben: me too\x1b[2J")
        await typist.sees("me too")
    assert typist.screen[-2:] == [
        "[2023-07-30 15:00:05] eve: hi",
        "[2023-07-30 15:00:05] eve: [2023-07-30 15:00:10] ben: me too␛[2J",
    ]


# Losing the connection


async def test_lines_typed_while_the_connection_is_lost_are_sent_once(
    server: ScriptedServer,
) -> None:
    async with chatting(server) as (typist, _):
        typist.type("before")
        await typist.sees("ada: before")
        await server.stop()
        await typist.sees("Connection lost. What you write is kept, and sent when it is back.")
        typist.type("one", "two")
        await typist.sees("(waiting) two")
        server.model.say("General", "ben", "missed you")
        await server.start()
        await typist.sees("ada: two")
    assert [line.partition("] ")[2] or line for line in typist.screen[2:]] == [
        "ada: before",
        "Connection lost. What you write is kept, and sent when it is back.",
        "(waiting) one",
        "(waiting) two",
        "Back online.",
        "ben: missed you",
        "ada: one",
        "ada: two",
    ]


async def test_what_is_done_with_messages_while_the_connection_is_lost_waits_and_is_done_once(
    server: ScriptedServer,
) -> None:
    async with chatting(server) as (typist, _):
        server.model.say("General", "ben", "hello")
        typist.type("helo")
        await typist.sees("ada: helo")
        await server.stop()
        await typist.sees("Connection lost.")
        typist.type("/react eve +1", "/react ben nonsense", "/react ben +1", "/edit hello")
        await typist.sees("(waiting) /edit hello")
        typist.type("one more", "/undo")
        await typist.sees("What you said last waits itself. Try again when you are connected.")
        await server.start()
        await typist.sees("ada: one more")
    assert [line.partition("] ")[2] or line for line in typist.screen[5:]] == [
        "There is no such message here. Nothing was done.",
        "That is no emoji. Type one, or its name, as in :thumbsup:",
        "(waiting) /react \N{THUMBS UP SIGN}",
        "(waiting) /edit hello",
        "(waiting) one more",
        "What you said last waits itself. Try again when you are connected.",
        "Back online.",
        "ada reacts with \N{THUMBS UP SIGN} to a message.",
        "ada has changed a message: hello",
        "ada: one more",
    ]


async def test_a_line_whose_ack_is_lost_is_shown_once(server: ScriptedServer) -> None:
    async with chatting(server) as (typist, _):
        server.on_reply = lambda reply: [] if isinstance(reply, Ack | Events) else None
        typist.type("once")
        await server.until(lambda: server.model.texts() == ["once"])
        server.on_reply = lambda _: None
        server.cut()
        typist.type("twice")
        await typist.sees("ada: twice")
    assert server.model.texts() == ["once", "twice"]
    assert sum("ada: once" in line for line in typist.screen) == 1


async def test_a_name_that_was_taken_meanwhile_can_be_changed(server: ScriptedServer) -> None:
    async with chatting(server) as (typist, _):
        await server.stop()
        server.model.guests["ada"] = "someone else's"
        await server.start()
        await typist.sees("To take another name, type /nick NAME.")
        typist.type("/nick", "/name eve")
        await typist.sees("You are eve now.")
        typist.type("/nick ada")
        await typist.sees("A guest's name stays as long as you are connected.")


async def test_where_a_name_and_a_room_are_asked_for_help_is_about_that(
    server: ScriptedServer,
) -> None:
    server.model.room("Random")
    async with chatting(server, None, None) as (typist, _):
        typist.type("/help")
        await typist.sees("This is the name that others see before what you write.")
        typist.type("ada", "/commands")
        await typist.sees("A name that no room has makes a new room.")
        typist.type("/list rand")
        await typist.sees("  Random (0 users)")
        typist.type("/join General")
        await typist.sees("Welcome to room General!")


# Commands


async def test_commands_answer(server: ScriptedServer) -> None:
    async with chatting(server) as (typist, _):
        server.model.say("General", "ben", "hi")
        await typist.sees("ben: hi")
        typist.type("/help", "/rooms", "/who", "/history 1", "/history x", "/join", "/frobnicate")
        await typist.sees('There is no command "/frobnicate".')
    screen = typist.screen
    assert "  /join ROOM [PASSWORD]  goes to a room, or makes a new one" in screen
    assert "  General (1 user)" in screen
    assert "In General (1 user): ada" in screen
    assert sum("ben: hi" in line for line in screen) == 2
    assert "How many? Type: /history N" in screen
    assert "Which room? Type: /join ROOM" in screen


async def test_up_to_fifty_rooms_are_listed_as_ever(server: ScriptedServer) -> None:
    for number in range(49):
        server.model.room(f"tea{number:02}")
    server.model.room("General")
    async with chatting(server, "ada", None) as (typist, _):
        await typist.sees("Room:")
        lines = [f"  tea{number:02} (0 users)" for number in range(49)]
        assert typist.screen == ["Available rooms:", "  General (0 users)", *lines, "Room:"]
        typist.type("General")
        await typist.sees("Welcome to room General!")


async def test_more_rooms_are_asked_for_where_one_is_to_be_chosen(server: ScriptedServer) -> None:
    for number in range(101):
        server.model.room(f"tea{number:03}")
    more = "More rooms: /rooms more. By a part of the name: /rooms WORD. There are 102 rooms."
    async with chatting(server, "ada", None) as (typist, _):
        await typist.sees("Room:")
        assert typist.screen[-3:] == ["  tea048 (0 users)", more, "Room:"]
        typist.type("/rooms more")
        await typist.sees("Room:", 2)
        assert typist.screen[-3:] == ["  tea098 (0 users)", more, "Room:"]
        typist.type("/rooms 10 t")
        await typist.sees("Room:", 3)
        assert typist.screen[-4:] == [
            "Available rooms:",
            "  tea010 (0 users)",
            "  tea100 (0 users)",
            "Room:",
        ]
        typist.type("/Rooms beer", "/rooms more", "/rooms " + "a" * 101, "tea100")
        await typist.sees("Welcome to room tea100!")
    assert "There is no other room like that." in typist.screen
    assert "There are no more rooms to show. All of them: /rooms" in typist.screen
    assert "No room's name has more than 100 characters." in typist.screen


async def test_rooms_are_found_by_a_part_of_their_names(server: ScriptedServer) -> None:
    for number in range(101):
        server.model.room(f"tea{number:03}")
    async with chatting(server) as (typist, _):
        typist.type("/rooms TEA10", "/rooms", "/rooms more", "/rooms more", "/rooms more", "/who")
        await typist.sees("In General (1 user): ada")
    begin = typist.screen.index("Available rooms:")
    assert typist.screen[begin + 1] == "  tea100 (0 users)"
    assert typist.screen[begin + 3] == "  General (1 user)"
    assert sum("  tea100" in line for line in typist.screen) == 2
    assert typist.screen[-2] == "There are no more rooms to show. All of them: /rooms"


async def test_the_last_thing_that_somebody_said_can_be_answered(server: ScriptedServer) -> None:
    async with chatting(server) as (typist, _):
        server.model.say("General", "Ben", "Tea?")
        await typist.sees("Ben: Tea?")
        typist.type("/reply ben  Yes, please ", "/reply eve hello", "/reply ben")
        await typist.sees("ada: Yes, please")
        await typist.sees("(not sent) hello")
        await typist.sees("Whom do you answer, and what do you say? Type: /reply NAME TEXT")
        assert any(line.endswith("] ada: > Ben: Tea?") for line in typist.screen)
    (answer,) = [e for e in server.model.room("General").events if isinstance(e, Said)][1:]
    assert answer.reply_to == 2


async def test_texts_are_searched_for_page_by_page(server: ScriptedServer) -> None:
    for number in range(12):
        server.model.say("tea", "Ben", f"oolong {number}\x1b[2J")
    async with chatting(server) as (typist, _):
        typist.type("/search", "/search more", "/search OOLONG")
        await typist.sees("tea #12 [2023-07-30")
        await typist.sees("Ben: oolong 11␛[2J")
        await typist.sees("More: /search more")
        typist.type("/search more")
        await typist.sees("There are no more results.")
        typist.type("/search nothing", "/search has:fun", "/quit")
        await typist.sees('"has:fun" is unknown. There is has:link.')
    screen = typist.screen
    assert sum("Ben: oolong" in line for line in screen) == 12
    assert "What are you looking for? Type: /search WORDS" in screen
    assert "There are no more results. To find something else: /search WORDS" in screen
    assert "Nothing was found." in screen


async def test_a_query_longer_than_a_frame_fails_alone(server: ScriptedServer) -> None:
    async with chatting(server) as (typist, _):
        typist.type("/search " + "wort " * 7000, "hi", "/quit")
        await typist.sees("please shorten it.")
        await typist.sees("hi")
    assert "hi" in server.model.texts()
    assert len(server.got(Hello)) == 1


async def test_joining_another_room_leaves_this_one(server: ScriptedServer) -> None:
    async with chatting(server) as (typist, _):
        typist.type("/join a b", "/join tea", "/join tea")
        await typist.sees("Welcome to room tea!")
        typist.type("/join TEA", "hi")
        await typist.sees("ada: hi")
        await server.until(lambda: not server.model.room("General").members)
        server.model.say("General", "ben", "anybody here?")
        typist.type("bye")
        await typist.sees("ada: bye")
    assert server.model.texts("tea") == ["hi", "bye"]
    assert any("cannot have a space" in line for line in typist.screen)
    assert "There is no room tea yet. To make it, type /join tea once more." in typist.screen
    assert "You are in tea already." in typist.screen
    assert not any("anybody here?" in line for line in typist.screen)


async def test_a_room_that_was_made_by_mistake_is_told_and_taken_back(
    server: ScriptedServer,
) -> None:
    made = "This room is new: you have just made it. To take it back: /delete"
    async with chatting(server, room="lunhc") as (typist, _):
        typist.type("/join lunch", "/join lunch", "/join General", "/join General")
        typist.type("/delete lunch", "/delete lunch")
        await typist.sees('There is no room "lunch"')
        typist.type("/join lunch", "/join lunch", "/delete", "General", "hi")
        await typist.sees("ada: hi")
    screen = typist.screen
    assert screen.count(made) == 3
    assert screen[screen.index(made) - 1].endswith("ada has joined the chat!")
    assert screen.count("The room lunch is deleted.") == 2
    assert screen.count("Room:") == 1
    assert server.model.texts() == ["hi"]


async def test_leaving_a_room_asks_for_another(server: ScriptedServer) -> None:
    async with chatting(server) as (typist, _):
        typist.type("/leave elsewhere", "/leave GENERAL", "tea", "hi")
        await typist.sees("ada: hi")
        assert server.model.texts("tea") == ["hi"]
        assert "You are not in elsewhere." in typist.screen
        typist.type("/leave")
        await typist.sees("Room:", 2)


async def test_what_looks_like_a_command_can_be_said(server: ScriptedServer) -> None:
    async with chatting(server) as (typist, chat):
        typist.type("/say exit", "/say /help me", "//help", "/usr/bin", "", "   ", "/quit")
        assert await chat == 0
    assert server.model.texts() == ["exit", "/help me", "/help", "/usr/bin"]


async def test_a_command_that_gets_no_answer_says_so(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with chatting(server) as (typist, _):
        monkeypatch.setattr(dialogue, "ANSWER_SECONDS", 0.0)
        server.deaf = True
        typist.type("/rooms")
        await typist.sees("The server does not answer now.")
        monkeypatch.undo()
        server.deaf = False


# What cannot be said


async def test_a_line_that_is_refused_is_shown_again_with_the_reason(
    server: ScriptedServer,
) -> None:
    async with chatting(server) as (typist, chat):
        typist.type("x" * 4001)
        await typist.sees("! (not sent) xxx")
        server.model.peers[0].rooms.clear()
        typist.type("hello")
        await typist.sees("! (not sent) hello")
        typist.type("exit")
        assert await chat == 0, "the person has seen it"
    assert "! You are not in General. Join it first." in typist.screen


async def test_a_pipe_with_a_refused_line_fails(server: ScriptedServer) -> None:
    async with chatting(server, interactive=False) as (typist, chat):
        typist.type("x" * 4001, "fine")
        typist.hang_up()
        assert await chat == 1
    assert server.model.texts() == ["fine"]


# The end of a pipe


async def test_at_the_end_of_a_pipe_all_that_was_typed_is_saved_and_shown(
    server: ScriptedServer,
) -> None:
    said = [str(number) for number in range(2000)]
    async with chatting(server, interactive=False) as (typist, chat):
        typist.type(*said)
        typist.hang_up()
        assert await chat == 0
    assert server.model.texts() == said
    assert [line.rpartition(" ")[2] for line in typist.screen[2:]] == said


async def test_what_could_not_be_saved_is_listed(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start, "SAVE_SECONDS", 0.0)
    monkeypatch.setattr("hubbub.client.lifetime.BYE_SECONDS", 0.0)
    async with chatting(server, interactive=False) as (typist, chat):
        server.deaf = True
        typist.type("one", "two")
        await server.until_it_got(Say, 2)
        typist.hang_up()
        assert await chat == 1
    assert typist.screen[-3:] == [
        "! These lines may not be saved; the server did not say:",
        "! (not saved) one",
        "! (not saved) two",
    ]


async def test_who_leaves_while_lines_wait_is_told_so(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start, "EXIT_SECONDS", 0.0)
    async with chatting(server) as (typist, chat):
        await server.stop()
        await typist.sees("Connection lost.")
        typist.type("are you there?", "exit")
        assert await chat == 1
    assert typist.screen[-4:] == [
        "(waiting) are you there?",
        "One line waits for the server. Ctrl+C ends without waiting.",
        "! These lines may not be saved; the server did not say:",
        "! (not saved) are you there?",
    ]


async def test_a_reader_who_is_gone_ends_it_politely(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with chatting(server, interactive=False) as (typist, chat):

        async def broken(_: object) -> None:
            raise BrokenPipeError

        monkeypatch.setattr(typist, "write", broken)
        server.model.say("General", "ben", "hi")
        assert await chat == 1
    await server.until_it_got(Bye)


async def test_the_history_of_what_was_shown_is_bounded(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcript, "KEPT_LINES", 3)
    kept: list[dialogue.Dialogue] = []
    introduce = dialogue.Dialogue.introduce

    async def remember(self: dialogue.Dialogue, user: str | None, password: str | None) -> None:
        kept.append(self)
        await introduce(self, user, password)

    monkeypatch.setattr(dialogue.Dialogue, "introduce", remember)
    async with chatting(server) as (typist, _):
        typist.type("one", "two", "three", "four")
        await typist.sees("four")
    assert list(kept[0].transcript.lines) == typist.screen[-3:]


async def test_a_part_of_a_name_makes_no_room_and_tells_of_those_that_are_meant(
    server: ScriptedServer,
) -> None:
    server.model.room("team-lambda")
    async with chatting(server) as (typist, _):
        typist.type("/join lam")
        await typist.sees("There is no room lam yet.")
        await typist.sees("Did you mean /join team-lambda")
        typist.type("/join team-lambda")
        await typist.sees("Welcome to room team-lambda!")
    assert "lam" not in server.model.rooms


async def test_a_name_with_a_space_finds_the_room_that_is_meant(server: ScriptedServer) -> None:
    server.model.room("team-lambda")
    async with chatting(server, room=None) as (typist, _):
        typist.type("team lam")
        await typist.sees("A room name cannot have a space")
        typist.type("")
        await typist.sees("Welcome to room team-lambda!")
        typist.type("/join Team Alpha")
        await typist.sees('"Team-Alpha" would do.')
        typist.type("/join Team Lambda")
        await typist.sees("Did you mean /join team-lambda")
    async with chatting(server, "eve", room=None) as (typist, _):
        typist.type("lam")
        await typist.sees("This room is new: you have just made it. To take it back: /delete")
        await typist.sees("Did you mean team-lambda? To go there: /join team-lambda")
    assert sorted(server.model.rooms) == ["general", "lam", "team-lambda"]


async def test_in_a_pipe_a_room_is_made_without_a_question(server: ScriptedServer) -> None:
    async with chatting(server, interactive=False) as (typist, _):
        typist.type("/join lam")
        await typist.sees("Welcome to room lam!")


async def test_a_person_has_read_what_was_shown_and_a_pipe_has_not(server: ScriptedServer) -> None:
    server.model.say("General", "ben", "hello")
    for interactive in (True, False):
        async with chatting(server, interactive=interactive) as (typist, _):
            await typist.sees("ada has joined the chat!")
            if interactive:
                await server.until_it_got(Read)
            server.model.say("General", "ben", "again")
            await typist.sees("again")
    assert {one.room for one in server.got(Read) if isinstance(one, Read)} == {"General"}
    assert max(one.seq for one in server.got(Read) if isinstance(one, Read)) <= 3


async def test_many_who_come_at_once_have_one_line(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "HOLD_SECONDS", 0.05)
    async with chatting(server) as (typist, _):
        for number in range(1, 200):
            server.model.come("General", f"student-{number:03}")
        server.model.say("General", "ben", "good morning")
        await typist.sees("good morning")
        server.model.come("General", "eve")
        await typist.sees("eve has joined the chat!")
    told = [line[22:] for line in typist.screen if "joined" in line]
    assert told[0] == "ada has joined the chat!"
    assert told[-1] == "eve has joined the chat!"
    assert any("others joined" in line for line in told)
    assert len(told) < 20


async def test_a_pipe_is_told_of_each_who_comes(server: ScriptedServer) -> None:
    async with chatting(server, interactive=False) as (typist, _):
        for number in range(1, 20):
            server.model.come("General", f"student-{number:03}")
        await typist.sees("student-019 has joined the chat!")
    assert sum("has joined the chat!" in line for line in typist.screen) == 20


async def test_a_slip_at_the_first_question_is_told_on_a_terminal(server: ScriptedServer) -> None:
    server.model.room("Project").members["ben"] = "ben"
    async with chatting(server, room=None) as (typist, _):
        typist.type("Projct")
        await typist.sees("This room is new: you have just made it. To take it back: /delete")
        await typist.sees("Did you mean Project? To go there: /join Project")
        typist.type("/join Projcet")  # a swap: nothing is made
        await typist.sees("There is no room Projcet yet.")
        await typist.sees("Did you mean /join Project")
    async with chatting(server, "eve", room=None, interactive=False) as (typist, chat):
        typist.type("Porject", "exit")
        assert await chat == 0
    assert typist.screen[-2:] == [
        "Welcome to room Porject!",
        "[2023-07-30 15:00:00] eve has joined the chat!",
    ]


async def test_in_a_pipe_an_answer_stands_behind_all_that_was_said_before_it(
    server: ScriptedServer,
) -> None:
    server.model.room("Random")
    server.model.say("Random", "ben", "old")
    async with chatting(server, interactive=False) as (typist, chat):
        typist.type("one", "/join Random", "/history", "two", "/who", "exit")
        assert await chat == 0
    shown = [line.partition("] ")[2] or line for line in typist.screen]
    begin = shown.index("Welcome to room Random!")
    assert shown[begin - 1] == "ada: one"
    history = ["ben: old", "ada has joined the chat!"]
    assert shown[begin + 1 :] == [*history, *history, "ada: two", "In Random (1 user): ada"]


async def test_a_topic_is_set_shown_and_taken_away(server: ScriptedServer) -> None:
    async with chatting(server) as (typist, _):
        typist.type("/topic")
        await typist.sees("General has no topic. To set one, type /topic TEXT")
        typist.type("/topic Verse")
        await typist.sees("ada has set the topic: Verse")
        typist.type("/topic")
        await typist.sees("The topic of General: Verse")
        typist.type("/topic -")
        await typist.sees("ada has taken the topic away.")


async def test_who_comes_in_is_told_the_topic_without_its_control_characters(
    server: ScriptedServer,
) -> None:
    server.model.set_topic("General", "ben", "Verse\x1b[2J")
    async with chatting(server) as (typist, _):
        await typist.sees("The topic of General: Verse")
        assert "\x1b" not in "".join(typist.screen)


async def test_who_is_put_out_is_told_and_does_not_come_back_alone(server: ScriptedServer) -> None:
    async with chatting(server) as (typist, _):
        server.model.peers[0].rooms.clear()
        server.model.peers[0].tell(RoomLeft(room="General", put_out=True))
        await typist.sees("You were put out of General.")
        server.cut()
        await server.until_it_got(Hello, 2)
        await typist.sees(BACK)
        typist.type("/rooms")
        await typist.sees("Available rooms:")
        assert len(server.got(Join)) == 1


async def test_a_command_without_a_connection_is_answered_at_once(server: ScriptedServer) -> None:
    """What is typed behind it must not wait for an answer that cannot come."""
    async with chatting(server) as (typist, _):
        await server.stop()
        await typist.sees(LOST)
        typist.type("/rooms")
        await typist.sees("You are not connected now. Try again when you are.")
        await server.start()
        await typist.sees(BACK)
