"""`hubbub tail`: what it prints, from where on, and how it ends."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from hubbub.client import Said, connect
from hubbub.domain import commands as ask
from hubbub.domain.events import Event
from hubbub.domain.names import RoomName
from hubbub.terminal.tail import show_json, show_text
from tests.process import ServerProcess
from tests.terminal.scripting import Commands, Ran, end_of, read_lines, say_inside

GENERAL = RoomName.parse("General")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path / "data", "--rate-limit", "0") as server:
        yield server


@pytest.fixture
def commands(server: ServerProcess, tmp_path: Path) -> Commands:
    return Commands(server, tmp_path / "cache")


def say(commands: Commands, *texts: str, room: str = "General") -> None:
    """As ben, who enters the room for it and leaves it."""
    say_inside(commands.server, "ben", *texts, room=room)


# Text


def test_the_newest_events_are_printed_as_people_read_them(commands: Commands) -> None:
    """In the zone of who reads: that of `Commands` is 5 hours and 45 minutes ahead of UTC."""
    say(commands, "Hello!", "two  words")
    ran = commands.run("tail", "General")
    assert (ran.code, ran.err) == (0, "")
    stamps, lines = zip(*(line.split("] ", 1) for line in ran.out.splitlines()), strict=True)
    assert list(lines) == [
        "ben has joined the chat!",
        "ben: Hello!",
        "ben: two  words",
        "ben has left the chat!",
    ]
    at = commands.events()[1]["at"] // 1000 + 20_700
    hours, minutes = at // 3600 % 24, at // 60 % 60
    assert re.fullmatch(rf"\[\d{{4}}-\d\d-\d\d {hours:02}:{minutes:02}:\d\d", stamps[1])


def test_reading_leaves_no_trace(commands: Commands) -> None:
    say(commands, "Hello!")
    before = commands.events()
    commands.run("tail", "General")
    commands.run("tail", "General", "--after", "1", "--json")
    assert commands.events() == before


def test_how_many_can_be_said(commands: Commands) -> None:
    say(commands, *(f"line {number}" for number in range(2, 40)))  # 1 is the join, 40 the leave
    assert len(commands.run("tail", "General").out.splitlines()) == 20
    newest = commands.run("tail", "General", "-n", "3").out.splitlines()
    assert [line.split("] ")[1] for line in newest] == [
        "ben: line 38",
        "ben: line 39",
        "ben has left the chat!",
    ]
    assert commands.run("tail", "General", "-n", "0") == Ran(0, "", "")
    assert len(commands.run("tail", "General", "--lines", "1000").out.splitlines()) == 40
    behind = commands.run("tail", "General", "--after", "37").out.splitlines()
    assert [line.split("] ")[1] for line in behind][:2] == ["ben: line 38", "ben: line 39"]
    assert commands.run("tail", "General", "--after", "40") == Ran(0, "", "")


def test_all_of_a_long_room_is_printed(commands: Commands) -> None:
    """More than one page by number, and by bytes."""
    texts = [f"{number} {'x' * 3900}" for number in range(700)]
    say(commands, *texts)
    assert commands.texts() == texts


def test_what_others_said_commands_no_terminal(commands: Commands) -> None:
    commands.run("send", "General", "a\x1b[31mb\x9b0mc\u202ed\rforged\nline")
    out = commands.run("tail", "General").out
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", out)
    assert out.count("ada: ") == 3
    as_json = commands.run("tail", "General", "--json").out
    assert as_json.isascii()
    assert json.loads(as_json.splitlines()[0])["text"] == "a\x1b[31mb\x9b0mc\u202ed\nforged\nline"


# JSON


def test_json_has_the_events_of_the_protocol_and_the_room(commands: Commands) -> None:
    say(commands, "Hello!", "“Grüße” 👋🏽\u2028\\")
    url = f"http://127.0.0.1:{commands.server.port}/api/rooms/General/events"
    with urllib.request.urlopen(url) as answer:
        events = json.load(answer)["events"]
    assert commands.events() == [{"room": "General", **event} for event in events]


def test_what_changed_is_an_event_in_json_and_shows_in_the_text(commands: Commands) -> None:
    async def change() -> None:
        async with connect(f"127.0.0.1:{commands.server.port}", user="ben") as chat:
            await chat.join("General")
            first = await chat.say("General", "helo")
            for command in (
                ask.Edit(room=GENERAL, target=first.seq, text="hello"),
                ask.React(room=GENERAL, target=first.seq, emoji="tada"),
            ):
                await chat.do(command)
            second = await chat.say("General", "secret")
            await chat.do(ask.Redact(room=GENERAL, target=second.seq))

    asyncio.run(change())
    lines = commands.run("tail", "General").out.splitlines()
    assert [line.split("] ", 1)[1] for line in lines[1:4]] == [
        "ben: hello (edited) [🎉 1]",
        "ben: (taken back by ben)",
        "ben has left the chat!",
    ]
    (line, _) = commands.run("tail", "General", "--after", "5").out.splitlines()
    assert line.endswith("] ben has taken back a message.")
    told = [json.loads(line) for line in commands.run("tail", "General", "--json").out.splitlines()]
    kinds = [one["kind"] for one in told]
    assert kinds == ["joined", "said", "edited", "reacted", "said", "redacted", "left"]
    assert (told[2]["target"], told[2]["text"]) == (2, "hello")
    assert (told[3]["target"], told[3]["emoji"]) == (2, "🎉")
    assert (told[5]["target"], told[5]["author"]) == (5, "ben")
    assert "secret" not in str(told)


def test_an_event_of_unknown_kind_has_its_place_in_json_and_no_line_in_text() -> None:
    event = Event(7, 1_690_729_200_000, "ada")
    (line,) = show_json("General", event)
    assert json.loads(line) == {
        "room": "General",
        "kind": "unknown",
        "seq": 7,
        "at": 1_690_729_200_000,
        "by": "ada",
    }
    assert list(show_text("General", event)) == []
    (said,) = show_json("tea", Said(8, 1, "ben", '{"kind":"Event",'))
    assert json.loads(said)["text"] == '{"kind":"Event",'


# Refusals


def test_a_room_that_is_not_there_is_not_made(commands: Commands) -> None:
    refused = Ran(1, "", 'hubbub: There is no room "tea". Joining it would make it.\n')
    assert commands.run("tail", "tea") == commands.run("tail", "tea", "--follow") == refused


def test_a_number_beyond_the_end_tells_of_another_log(commands: Commands) -> None:
    say(commands, "Hello!")
    for words in (["--after", "9"], ["--after", "9", "--follow"]):
        ran = commands.run("tail", "General", *words)
        assert (ran.code, ran.out) == (1, "")
        assert ran.err.startswith("hubbub: General has 3 events, so none comes after 9:")


def test_one_event_is_counted_as_one(commands: Commands) -> None:
    commands.run("send", "General", "Hello!")
    ran = commands.run("tail", "General", "--after", "9")
    assert ran.err.startswith("hubbub: General has 1 event, so none comes after 9:")


def test_the_time_of_the_event_tells_of_another_log(commands: Commands) -> None:
    """As a backup that was restored is: in it, other things were said under the same numbers."""
    say(commands, "Hello!", "How are you?")
    at = commands.events()[1]["at"]
    for follow in ([], ["--follow"]):
        ran = commands.run("tail", "General", "--after", f"2@{at + 1}", *follow)
        assert (ran.code, ran.out) == (1, "")
        assert ran.err == (
            "hubbub: Event 2 of General is not the one you know: a backup was restored, or the "
            "room was made anew. Begin anew, too, without --after.\n"
        )
    ran = commands.run("tail", "General", "--after", f"2@{at}")
    assert ran.out.splitlines()[0].endswith("ben: How are you?")
    assert commands.run("tail", "General", "--after", "0@0").code == 0
    with commands.started("tail", "General", "--after", f"2@{at}", "--follow") as process:
        assert read_lines(process, 1)[0].endswith("ben: How are you?")
    wrong = commands.run("tail", "General", "--after", "2@yesterday")
    assert wrong.code != 0
    assert "12@1690729205000" in wrong.err


def test_without_a_server_it_says_so_at_once(commands: Commands) -> None:
    commands.server.kill()
    where = f"127.0.0.1:{commands.server.port}"
    assert commands.run("tail", "General", "--follow") == Ran(
        1, "", f"hubbub: There is no server at {where}: nobody listens there.\n"
    )


def test_the_name_of_somebody_else_is_no_obstacle_unless_it_was_chosen(
    commands: Commands, tmp_path: Path
) -> None:
    other = Commands(commands.server, tmp_path / "other")
    with other.started("tail", "General", "--follow") as tail:
        read_lines(tail, 1)
        ran = commands.run("tail", "General", "-n", "1")
        assert ran.code == 0
        assert ran.out.endswith("ada has joined the chat!\n")
        chosen = commands.run("tail", "General", "--user", "ada")
    assert (chosen.code, chosen.out) == (1, "")
    assert "is in use" in chosen.err


# The other end of the pipe


def test_a_reader_who_has_enough_ends_it_quietly(commands: Commands) -> None:
    """As `head` does. There is more than a pipe holds."""
    say(commands, *(f"{number} {'x' * 2000}" for number in range(200)))
    with commands.started("tail", "General", "--after", "0") as process:
        assert process.stdout is not None
        assert "ben: 0 " in read_lines(process, 2)[1]
        process.stdout.close()
        process.stdout = None
        assert end_of(process) == Ran(0, "", "")


def test_it_ends_when_nobody_reads_any_more_though_there_is_nothing_to_write(
    commands: Commands,
) -> None:
    with commands.started("tail", "General", "--follow", "-n", "0") as process:
        assert process.stdout is not None
        read_lines(process, 1)
        process.stdout.close()
        process.stdout = None
        assert end_of(process) == Ran(0, "", "")
    assert [event["kind"] for event in commands.events()] == ["joined", "left"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full is Linux's")
def test_a_full_disk_is_told(commands: Commands) -> None:
    say(commands, "Hello!")
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        with commands.started("tail", "General", stdout=full) as process:
            ran = end_of(process)
    finally:
        os.close(full)
    assert ran == Ran(1, "", "hubbub: What is read cannot be written: No space left on device.\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_quietly(commands: Commands, number: signal.Signals) -> None:
    with commands.started("tail", "General", "--follow") as process:
        read_lines(process, 1)
        process.send_signal(number)
        assert end_of(process) == Ran(128 + number, "", "")
    assert [event["kind"] for event in commands.events()] == ["joined", "left"]


def test_a_reader_who_is_slow_holds_up_nobody_and_misses_nothing(commands: Commands) -> None:
    """A signal ends it even while it waits for that reader."""
    texts = [f"{number} {'x' * 1000}" for number in range(3000)]
    with commands.started("tail", "General", "--follow", "--after", "0") as process:
        read_lines(process, 1)
        say(commands, *texts)
        lines = read_lines(process, 3000)
        assert [line.split(": ", 1)[1] for line in lines if ": " in line] == texts[: len(lines) - 1]
    with commands.started("tail", "General", "--follow", "--after", "0") as process:
        read_lines(process, 1)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130


# Following


def test_following_is_exact_over_restarts_of_the_server(commands: Commands) -> None:
    texts = [f"line {number}" for number in range(1500)]
    with ExitStack() as stack:
        tail = stack.enter_context(
            commands.started("tail", "General", "--follow", "--json", "-n", "0")
        )
        events = [json.loads(line) for line in read_lines(tail, 1)]
        sending = stack.enter_context(commands.started("send", "General", "--user", "ben"))
        assert sending.stdin is not None
        for begin in range(0, 1500, 500):
            block = "".join(f"{text}\n" for text in texts[begin : begin + 500])
            sending.stdin.write(block.encode())
            sending.stdin.flush()
            while events[-1].get("text") != texts[begin + 250]:
                events += [json.loads(line) for line in read_lines(tail, 1)]
            commands.server.restart()
        sending.stdin.close()
        sending.stdin = None
        assert end_of(sending) == Ran(0, "", "")
        while events[-1].get("text") != texts[-1]:
            events += [json.loads(line) for line in read_lines(tail, 1)]
    assert [event["seq"] for event in events] == [*range(1, len(events) + 1)]
    assert [event["text"] for event in events if event["kind"] == "said"] == texts
    assert commands.events()[: len(events)] == events


def test_following_begins_with_the_newest_and_goes_on_without_a_gap(commands: Commands) -> None:
    say(commands, "one", "two")
    with commands.started("tail", "General", "--follow", "-n", "2") as process:
        assert [line.split("] ")[1] for line in read_lines(process, 3)] == [
            "ben: two",
            "ben has left the chat!",
            "ada has joined the chat!",
        ]
        say(commands, "three")
        assert "ben: three" in read_lines(process, 2)[1]


def test_another_log_is_told_and_begins_anew(commands: Commands, tmp_path: Path) -> None:
    say(commands, "one", "two", "three")
    with commands.started("tail", "General", "--follow", "--json") as process:
        read_lines(process, 6)
        commands.server.kill()
        (tmp_path / "data").rename(tmp_path / "old")
        commands.server.start()
        assert json.loads(read_lines(process, 1)[0])["seq"] == 1
        process.send_signal(signal.SIGTERM)
        ran = end_of(process)
    assert ran.err == (
        "hubbub: The server has another log of General than before. Numbers begin anew.\n"
    )
