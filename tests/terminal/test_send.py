"""`hubbub send`: what the exit code promises, whatever happens to the server."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubbub.client import (
    Ack,
    ChatError,
    Filtered,
    NotAllowed,
    Said,
    TextHeld,
    connect,
)
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Refused, Reply
from hubbub.terminal.send import FILTERED, WAITS, Report, Sending
from tests.client.scripted import ScriptedServer
from tests.patience import PATIENCE_SECONDS
from tests.process import ServerProcess
from tests.terminal.scripting import Commands, Ran, end_of, read_lines, say_inside

SAVED = Ran(0, "", "")
SAVED_IN_NEW = Ran(0, "", "hubbub: Made the room # tea: there was none by that name.\n")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path / "data", "--rate-limit", "0") as server:
        yield server


@pytest.fixture
def commands(server: ServerProcess, tmp_path: Path) -> Commands:
    return Commands(server, tmp_path / "cache")


# What is said


def test_words_are_one_message(commands: Commands) -> None:
    assert commands.run("send", "General", "Hello,", "world!") == SAVED
    assert commands.run("send", "General", "two\nlines") == SAVED
    assert commands.run("send", "General", "--", "--verbose", "-5") == SAVED
    assert commands.said() == [
        ("ada", "Hello, world!"),
        ("ada", "two\nlines"),
        ("ada", "--verbose -5"),
    ]


def test_who_sends_is_not_seen_to_come_and_go(commands: Commands) -> None:
    commands.run("send", "General", "hi")
    assert commands.run("send", "tea", stdin="one\ntwo\n") == SAVED_IN_NEW
    assert [event["kind"] for event in commands.events()] == ["said"]
    assert [event["kind"] for event in commands.events("tea")] == ["said", "said"]


def test_whoever_mistypes_a_room_is_told_once(commands: Commands) -> None:
    say_inside(commands.server, "ben", "hi", room="Project")
    made = "hubbub: Made the room # {}: there was none by that name. Did you mean {}?\n"
    ran = commands.run("send", "Projct", stdin="one\ntwo\n")
    assert ran == Ran(0, "", made.format("Projct", "Project"))
    assert commands.run("send", "projct", "three") == SAVED  # it is there by now
    where = f"127.0.0.1:{commands.server.port}/Projec"
    ran = commands.run("send", "--server", where, "hello")
    assert ran == Ran(0, "", made.format("Projec", "Project or Projct"))
    assert commands.run("send", "General", "the first text of all") == SAVED


def test_a_room_may_stand_behind_the_server(commands: Commands) -> None:
    where = f"127.0.0.1:{commands.server.port}/tea"
    assert commands.run("send", "hello", "ben", "--server", where) == SAVED_IN_NEW
    assert commands.run("send", "--server", where, stdin="how are you?\n") == SAVED
    assert commands.texts("tea") == ["hello ben", "how are you?"]


def test_the_whole_input_can_be_one_message(commands: Commands) -> None:
    assert commands.run("send", "General", "--whole", stdin="one\n\n  two\r\n\n") == SAVED
    assert commands.texts() == ["one\n\n  two"]
    ran = commands.run("send", "General", "--whole", stdin="x" * 5000 + "\n" + "y" * 2_000_000)
    assert ran.code == 1
    assert ran.err.startswith("hubbub: not saved: This message has ")
    assert commands.texts() == ["one\n\n  two"]


@pytest.mark.parametrize("stdin", ["", "\n", " \n\n"])
@pytest.mark.parametrize("how", [[], ["-"], ["--whole"]])
def test_to_have_nothing_to_say_is_no_success(
    commands: Commands, stdin: str, how: list[str]
) -> None:
    why = "hubbub: not saved: There was nothing to say: the standard input was empty.\n"
    assert commands.run("send", "General", *how, stdin=stdin) == Ran(1, "", why)
    assert commands.events() == []


def test_each_line_of_the_input_is_a_message(commands: Commands) -> None:
    assert commands.run("send", "General", stdin="one\n\n \ntwo\r\n\tthree ") == SAVED
    assert commands.run("send", "tea", "-", stdin="four\n") == SAVED_IN_NEW
    assert commands.texts() == ["one", "two", "\tthree"]
    assert commands.texts("tea") == ["four"]


def test_bytes_that_are_no_text_are_said_as_what_they_are_not(commands: Commands) -> None:
    with commands.started("send", "General") as process:
        process.communicate(b"caf\xe9 \xf0\x9f\x91\x8b\n")
    assert process.returncode == 0
    assert commands.texts() == ["caf\N{REPLACEMENT CHARACTER} \N{WAVING HAND SIGN}"]


def test_lines_are_said_as_they_come(commands: Commands) -> None:
    with commands.started("send", "General") as process:
        assert process.stdin is not None
        with commands.started("tail", "General", "-n", "0", "--follow", "--user", "ben") as tail:
            while "ben has joined" not in read_lines(tail, 1)[0]:
                pass  # ada may come at the same moment
            for text in ("one", "two"):
                process.stdin.write(f"{text}\n".encode())
                process.stdin.flush()
                while text not in read_lines(tail, 1)[0]:
                    pass
        assert end_of(process) == SAVED


# What is not saved


def test_a_message_that_is_too_long_is_told_and_the_others_are_saved(commands: Commands) -> None:
    ran = commands.run("send", "General", stdin=f"one\n{'x' * 4001}\nthree\n{'y' * 40_000}\n")
    assert ran.code == 1
    assert ran.out == ""
    assert ran.err.splitlines() == [
        "hubbub: line 2 not saved: This message has 4,001 characters; 4,000 are allowed. "
        "It was not sent: please split it.",
        "hubbub: line 4 not saved: This message has 40,000 characters; 4,000 are allowed. "
        "It was not sent: please split it.",
    ]
    assert commands.texts() == ["one", "three"]


def test_an_empty_text_is_told(commands: Commands) -> None:
    ran = commands.run("send", "General", "")
    assert ran == Ran(
        1, "", "hubbub: not saved: There is nothing in this message. Write something first.\n"
    )


def test_without_a_server_it_is_told_after_the_timeout(commands: Commands) -> None:
    commands.server.kill()
    ran = commands.run("send", "--timeout", "0.5", "General", "hi")
    where = f"127.0.0.1:{commands.server.port}"
    assert ran == Ran(
        1, "", f"hubbub: not saved: There is no server at {where}: nobody listens there.\n"
    )


def test_a_report_groups_lines_and_has_an_end() -> None:
    report = Report()
    assert report.code == 0
    for number in (3, 4, 5):
        report.add(number, number, "not saved: it is Monday.")
    report.add(7, 1200, "may not be saved: the server is gone.")
    report.add(1201, None, "not saved: the server is gone.")
    assert report.sentences(counted=True) == [
        "lines 3 to 5 not saved: it is Monday.",
        "lines 7 to 1,200 may not be saved: the server is gone.",
        "line 1,201 and all behind it not saved: the server is gone.",
    ]
    for number in range(100):
        report.add(2000 + 2 * number, 2000 + 2 * number, "not saved.")
    assert len(report.sentences(counted=True)) == 21
    assert report.sentences(counted=True)[-1] == "and so on, 83 times more"


# Lost connections


@pytest.mark.parametrize(
    "texts, code, told",
    [
        (["good"], 0, []),
        (["good", "hold it"], WAITS, ["line 2 held: It waits."]),
        (["hold it", "spam"], FILTERED, ["line 1 held: It waits.", "line 2 not saved: No spam."]),
        (["spam", "hold it", "no"], 1, ["line 1 not saved: No spam.", "line 2 held: It waits."]),
    ],
)
async def test_a_script_sees_that_a_text_is_held_or_filtered(
    texts: list[str], code: int, told: list[str]
) -> None:
    refusals: dict[str, ChatError] = {
        "hold it": TextHeld("It waits."),
        "spam": Filtered("No spam."),
        "no": NotAllowed("You may not."),
    }
    async with ScriptedServer() as server, connect(server.address, user="ada") as chat:

        def refuse(reply: Reply) -> list[Reply] | None:
            if not isinstance(reply, Ack):
                return None
            event = server.model.room("General").events[reply.seq - 1]
            assert isinstance(event, Said)
            error = refusals.get(event.text)
            if error is None:
                return None
            return [Refused.of(error, reply.re, room="General", nonce=reply.nonce)]

        server.on_reply = refuse
        report = Report()
        lines = Lines(texts)
        await Sending(chat, RoomName.parse("General"), lines, PATIENCE_SECONDS, report).run()
        assert chat.unsent == []
    assert report.code == code
    assert report.sentences(counted=True)[: len(told)] == told


class Lines:
    """A `Source` of some lines."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines

    async def read(self) -> str | None:
        return self._lines.pop(0) if self._lines else None


def test_a_server_that_comes_late_is_waited_for(commands: Commands) -> None:
    commands.server.kill()
    with commands.started("send", "General", "hi") as process:
        commands.server.start()
        assert end_of(process) == SAVED
    assert commands.texts() == ["hi"]


def test_lines_are_saved_once_and_in_order_though_the_server_is_killed(commands: Commands) -> None:
    """kill -9 while hundreds of lines are on their way, and more come while there is no server."""
    lines = [f"line {number}" for number in range(3000)]
    with commands.started("send", "General") as process:
        assert process.stdin is not None
        written = 0
        for seen in (300, 1100, 1900):
            with commands.started("tail", "General", "--after", "0", "--follow") as tail:
                for goal in (seen + 500, seen + 800):
                    block = "".join(f"{line}\n" for line in lines[written:goal])
                    process.stdin.write(block.encode())
                    process.stdin.flush()
                    written = goal
                    if goal == seen + 500:
                        while not read_lines(tail, 1)[0].endswith(f": line {seen}"):
                            pass
                        commands.server.kill()
            commands.server.start()
        process.stdin.write("".join(f"{line}\n" for line in lines[written:]).encode())
        assert end_of(process) == SAVED
    assert commands.texts() == lines


def test_a_server_that_does_not_come_back_is_told_with_the_lines(commands: Commands) -> None:
    with commands.started("send", "--timeout", "1", "General") as process:
        assert process.stdin is not None
        process.stdin.write(b"one\n")
        process.stdin.flush()
        with commands.started("tail", "General", "--follow") as tail:
            while not read_lines(tail, 1)[0].endswith(": one"):
                pass
        commands.server.kill()
        process.stdin.write(b"two\n\nfour\n")
        process.stdin.flush()
        process.wait(60)  # it gives up, although its input has not ended
        ran = end_of(process)
    assert ran.code == 1
    # Whether they were sent is a matter of when we learn that the connection is dead.
    assert re.match(
        "hubbub: (line 2 and all behind it not|line 2 may not be|lines [12] to 4 may not be) "
        "saved: There is no server at ",
        ran.err,
    )
    commands.server.start()
    assert commands.texts() == ["one"]


def test_lines_without_an_answer_may_be_saved(commands: Commands) -> None:
    """The server stops in the middle, as if the network swallowed what it says."""
    with commands.started("send", "--timeout", "1", "General") as process:
        assert process.stdin is not None
        process.stdin.write(b"one\n")
        process.stdin.flush()
        with commands.started("tail", "General", "--follow") as tail:
            while not read_lines(tail, 1)[0].endswith(": one"):
                pass
        os.kill(commands.server.pid, signal.SIGSTOP)
        process.stdin.write(b"two\nthree\n")
        process.stdin.close()
        process.stdin = None
        ran = end_of(process)
    assert ran == Ran(
        1, "", "hubbub: lines 2 to 3 may not be saved: The server did not answer in time.\n"
    )
    os.kill(commands.server.pid, signal.SIGCONT)
    assert commands.texts()[:1] == ["one"]


def test_ctrl_c_ends_quietly(commands: Commands) -> None:
    texts = ["one", "two", "three"]
    told = [_interrupted(commands, text) for text in texts]
    assert [text for who, text in commands.said() if who == "ada"] == texts
    # Others may be shown a text before its sender is told: then it says that it does not know.
    unsure = "hubbub: line 1 may not be saved: This was interrupted.\n"
    assert {""} <= {*told} <= {"", f"{unsure}{NOT_SAVED}"}


NOT_SAVED = "hubbub: line 2 and all behind it not saved: This was interrupted.\n"


def _interrupted(commands: Commands, text: str) -> str:
    """What is told who interrupts what has sent ``text``, and waits for more."""
    with commands.started("send", "General") as process:
        assert process.stdin is not None
        process.stdin.write(f"{text}\n".encode())
        process.stdin.flush()
        with commands.started("tail", "General", "--follow", "--user", "ben") as tail:
            while not read_lines(tail, 1)[0].endswith(f": {text}"):
                pass
            # Somebody comes, talks and is heard, which takes a hundred times as long as an answer.
            say_inside(commands.server, "eve", f"after {text}", room="General")
            while not read_lines(tail, 1)[0].endswith(f"after {text}"):
                pass
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_SECONDS) == 130
        return end_of(process).err


def test_a_person_is_told_what_is_waited_for(commands: Commands) -> None:
    commands.server.kill()
    ours, theirs = os.openpty()
    with commands.started("send", "General", "hi", stderr=theirs) as process:
        os.close(theirs)
        told = b""
        while b"\n" not in told:
            told += os.read(ours, 1000)
        assert b"nobody listens there. Trying for 30 seconds." in told
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 128 + signal.SIGTERM
    os.close(ours)


# Names


def test_a_name_that_somebody_else_has_is_refused_if_it_was_chosen(
    commands: Commands, tmp_path: Path
) -> None:
    ben = Commands(commands.server, tmp_path / "bens")
    with ben.started("tail", "General", "--follow", "--user", "Ben") as tail:
        read_lines(tail, 1)
        by_flag = commands.run("send", "--user", "ben", "General", "hi")
        by_variable = commands.run("send", "General", "hi", HUBBUB_USER="BEN")
    assert (by_flag.code, by_flag.out) == (1, "")
    assert by_flag.err.startswith('hubbub: not saved: The name "Ben" is in use, maybe by you on')
    assert by_flag.err.endswith('"ben2" is free now.\n')
    assert by_variable.code == 1
    assert commands.texts() == []


def test_a_name_that_nobody_chose_is_changed_if_somebody_else_has_it(
    commands: Commands, tmp_path: Path
) -> None:
    other = Commands(commands.server, tmp_path / "other", login="ada")
    with other.started("tail", "General", "--follow") as tail:
        read_lines(tail, 1)
        assert commands.run("send", "General", "hi") == SAVED
        third = Commands(commands.server, tmp_path / "third", login="ada")
        with third.started("send", "General", "-") as sending:
            assert sending.stdin is not None
            sending.stdin.write(b"hello\n")
            sending.stdin.flush()
            while not read_lines(tail, 1)[0].endswith("ada-send: hello"):
                pass
            assert commands.run("send", "General", "hey") == SAVED
    assert commands.said() == [("ada-send", "hi"), ("ada-send", "hello"), ("ada2", "hey")]


def test_who_chats_as_that_name_here_is_who_sends(commands: Commands) -> None:
    """There is no coming and going then, either."""
    with commands.started("tail", "General", "--follow", "--user", "Ada") as tail:
        read_lines(tail, 1)
        assert commands.run("send", "--user", "ADA", "General", "hi") == SAVED
    kinds = [(event["kind"], event["by"]) for event in commands.events()]
    assert kinds[:2] == [("joined", "Ada"), ("said", "Ada")]


def test_scripts_of_one_name_can_send_at_once(commands: Commands) -> None:
    words = [f"text {number}" for number in range(6)]
    processes = []
    try:
        for word in words:
            started = commands.started("send", "--user", "cron", "General", word)
            processes.append((started, started.__enter__()))
        assert [end_of(process) for _, process in processes] == [SAVED] * len(words)
    finally:
        for started, _ in processes:
            started.__exit__(None, None, None)
    assert sorted(commands.said()) == [("cron", word) for word in words]


def test_files_go_with_a_message(commands: Commands, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("tea at four")
    (tmp_path / "big.bin").write_bytes(bytes(range(256)) * 4000)
    both = ["--file", str(tmp_path / "notes.txt"), "--file", str(tmp_path / "big.bin")]
    assert commands.run("send", "General", "look", *both) == Ran(0, "", "")
    (said,) = [one for one in commands.events() if one["kind"] == "said"]
    assert said["text"] == "look"
    assert [(one["name"], one["size"]) for one in said["files"]] == [
        ("notes.txt", 11),
        ("big.bin", 1_024_000),
    ]


def test_a_file_goes_without_a_word_or_with_the_standard_input(
    commands: Commands, tmp_path: Path
) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("tea at four")
    assert commands.run("send", "General", "--file", str(file)).code == 0
    assert commands.run("send", "General", "-", "--file", str(file), stdin="a\nb\n").code == 0
    said = [one for one in commands.events() if one["kind"] == "said"]
    assert [(one["text"], len(one["files"])) for one in said] == [("", 1), ("a\nb", 1)]


def test_a_file_that_cannot_be_sent_is_told_of(commands: Commands, tmp_path: Path) -> None:
    missing = commands.run("send", "General", "x", "--file", str(tmp_path / "none"))
    assert missing.code == 1
    assert f"not saved: {tmp_path / 'none'} cannot be read: No such file" in missing.err
    many = [word for _ in range(11) for word in ("--file", str(tmp_path / "none"))]
    assert "At most 10 files" in commands.run("send", "General", *many).err
    assert [one for one in commands.events() if one["kind"] == "said"] == []
