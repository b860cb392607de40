"""The client in a real terminal, with a real server that may be killed."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from hubbub.client import Chat, Said, connect
from hubbub.domain.names import MAX_MARKS_IN_A_ROW
from tests.process import ServerProcess
from tests.terminal.full.tmux import Terminal, needs_tmux

pytestmark = needs_tmux


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("server")
    # One test's ada is another one's, too: her name is free as soon as her connection is gone.
    flags = ("--rate-limit", "0", "--hold-seconds", "0")
    with ServerProcess(folder / "data", *flags) as server:
        yield server


def at(server: ServerProcess, user: str, room: str) -> str:
    return f"{user}@127.0.0.1:{server.port}/{room}"


def texts(server: ServerProcess, room: str) -> list[str]:
    """All that is said in a room, by the server's own account."""

    async def read() -> list[str]:
        async with connect(f"127.0.0.1:{server.port}", user="reader") as chat:
            found: list[str] = []
            after = 0
            while True:
                page = await chat.history(room, after=after, limit=200)
                if not page.events:
                    return found
                found += [event.text for event in page.events if isinstance(event, Said)]
                after = page.events[-1].seq

    return asyncio.run(read())


class Ben:
    """Someone else, in a thread of his own."""

    def __init__(self, server: ServerProcess, room: str) -> None:
        self._address = f"127.0.0.1:{server.port}"
        self._room = room

    def does(self, work: Callable[[Chat, str], Awaitable[None]]) -> threading.Thread:
        async def run() -> None:
            async with connect(self._address, user="ben") as chat:
                await chat.join(self._room)
                await work(chat, self._room)

        thread = threading.Thread(target=asyncio.run, args=(run(),))
        thread.start()
        return thread


def test_the_seeds_dialogue(server: ServerProcess, tmp_path: Path) -> None:
    with Terminal(f"127.0.0.1:{server.port}", tmp_path) as alice:
        alice.sees("What is your name?")
        alice.send("Alice")
        alice.sees("Which room?")
        alice.send("Dialogue")
        alice.sees("Create # Dialogue")
        alice.keys("Enter")
        alice.sees("Welcome to room Dialogue!")
        alice.send("Donec pulvinar erat.")
        alice.sees("] Alice: Donec pulvinar erat.")
        screen = alice.sees_no("waiting")
        stamp = r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\]"
        assert re.search(
            rf"Welcome to room Dialogue!.*?{stamp} Alice has joined the chat!.*?"
            rf"{stamp} Alice: Donec pulvinar erat\.",
            screen,
            re.DOTALL,
        )
        assert re.search(r"^> *$", screen, re.MULTILINE)
        alice.send("exit")
        assert alice.ended() == 0
        alice.restart()
        alice.sees("Alice")
        alice.keys("Enter")
        alice.sees("Dialogue (0 users)")
        alice.write("Dia")
        alice.keys("Tab", "Enter")
        screen = alice.sees("Alice has left the chat!", "Welcome to room Dialogue!")
        assert screen.count("Donec") == 1


def test_a_server_that_is_killed_while_one_types_costs_nothing(tmp_path: Path) -> None:
    with (
        ServerProcess(tmp_path / "data") as server,
        Terminal(at(server, "ada", "General"), tmp_path) as ada,
    ):
        ada.sees("Welcome to room General!")
        ada.send("one")
        ada.sees("] ada: one")
        ada.write("tw")
        server.kill()
        ada.sees("○ offline", "What you write is kept")
        ada.send("o")
        ada.send("three")
        ada.sees("waiting")
        server.start()
        ada.keys("C-t")
        ada.sees("● connected")
        ada.sees_no("waiting")
        screen = ada.sees("] ada: two", "] ada: three")
        assert [screen.count(f"ada: {word}") for word in ("one", "two", "three")] == [1, 1, 1]
        assert texts(server, "General") == ["one", "two", "three"]


def test_lines_that_wait_survive_the_death_of_the_client_and_are_sent_once(
    tmp_path: Path,
) -> None:
    with (
        ServerProcess(tmp_path / "data") as server,
        Terminal(at(server, "ada", "General"), tmp_path) as ada,
    ):
        ada.sees("Welcome to room General!")
        ada.send("saved before")
        ada.sees("] ada: saved before")
        server.kill()
        ada.sees("○ offline")
        ada.send("written offline")
        ada.sees("[      waiting      ] ada: written offline")
        ada.kill()
        ada.ended()
        ada.restart()
        ada.sees("○ offline")
        ada.sees("] ada: saved before", "[      waiting      ] ada: written offline")
        server.start()
        ada.keys("C-t")
        ada.sees("● connected")
        screen = ada.sees_no("waiting")
        assert screen.count("saved before") == 1
        assert screen.count("written offline") == 1
        ada.kill()
        ada.ended()
        ada.restart()
        ada.sees("● connected", "written offline")
        assert texts(server, "General") == ["saved before", "written offline"]


def test_keys_are_obeyed_in_the_order_in_which_they_come(
    server: ServerProcess, tmp_path: Path
) -> None:
    with Terminal(at(server, "ada", "Order"), tmp_path) as ada:
        ada.sees("Welcome to room Order!")
        said = [f"line {number}" for number in range(20)]
        for text in said:
            ada.keys(*("-l", text + "x"))
            ada.keys("BSpace", "Left", "Left", "Right", "Right", "Enter")
        ada.sees("ada: line 19")
        ada.sees_no("waiting")
        assert texts(server, "Order") == said
        ada.keys(*"/join", "Space", *"Kitchen", "Enter")
        ada.sees("Create # Kitchen")
        ada.keys("Enter")
        ada.sees("Welcome to room Kitchen!")
        ada.keys("M-1", *"one", "Enter", "M-2", *"two", "Enter", "C-p", *"three", "Enter")
        ada.sees("ada: three")
        ada.sees_no("waiting")
        assert texts(server, "Order")[-2:] == ["one", "three"]
        assert texts(server, "Kitchen") == ["two"]


def test_who_leaves_with_lines_that_wait_is_told_and_they_are_sent_next_time(
    tmp_path: Path,
) -> None:
    with (
        ServerProcess(tmp_path / "data") as server,
        Terminal(at(server, "ada", "General"), tmp_path) as ada,
    ):
        ada.sees("Welcome to room General!")
        server.kill()
        ada.sees("○ offline")
        ada.send("written offline")
        ada.sees("waiting")
        ada.send("exit")
        ada.sees("One message is not sent yet, and kept for the next start.")
        assert ada.ended() == 0
        server.start()
        ada.restart()
        ada.sees("● connected", "] ada: written offline")
        ada.sees_no("waiting")
        assert texts(server, "General") == ["written offline"]


def test_two_clients_of_one_user_see_the_same_once(server: ServerProcess, tmp_path: Path) -> None:
    address = at(server, "eve", "Twice")
    with Terminal(address, tmp_path) as first:
        first.sees("Welcome to room Twice!")
        with Terminal(address, tmp_path, size=(80, 24)) as second:
            second.sees("Welcome to room Twice!")
            first.send("from the first")
            second.sees(" eve: from the first")
            second.send("from the second")
            for terminal in (first, second):
                screen = terminal.sees("eve: from the first", "eve: from the second")
                assert screen.count("from the first") == 1
                assert screen.count("from the second") == 1
        assert texts(server, "Twice") == ["from the first", "from the second"]


def test_it_answers_while_500_lines_a_second_come(server: ServerProcess, tmp_path: Path) -> None:
    async def flood(chat: Chat, room: str) -> None:
        for number in range(150):
            for line in range(10):
                chat.send(room, f"flood {number * 10 + line}")
            await asyncio.sleep(0.02)
        await chat.drain()

    with Terminal(at(server, "ada", "Flood"), tmp_path) as ada:
        ada.sees("Welcome to room Flood!")
        thread = Ben(server, "Flood").does(flood)
        ada.sees("ben: flood 2")
        ada.write("typed meanwhile")
        ada.sees("> typed meanwhile")
        ada.keys("Enter")
        thread.join()
        ada.sees("ben: flood 1499")
        found = texts(server, "Flood")
        assert found.count("typed meanwhile") == 1
        assert [text for text in found if text != "typed meanwhile"] == [
            f"flood {number}" for number in range(1500)
        ]


def test_it_fits_into_40_by_10_and_back(server: ServerProcess, tmp_path: Path) -> None:
    with Terminal(at(server, "ada", "Size"), tmp_path) as ada:
        ada.sees("ROOMS", "ONLINE")
        ada.send("日本語テキスト and a line that is longer than forty cells for sure")
        ada.sees("for sure")
        ada.resize(40, 10)
        ada.sees_no("ROOMS")
        screen = ada.sees("forty", "sure", "●")
        assert max(map(len, screen.splitlines())) <= 40
        assert re.search(r"^> *$", screen, re.MULTILINE)
        ada.send("small")
        ada.sees("ada: small")
        ada.resize(100, 30)
        ada.sees("ROOMS", "ONLINE", "ada: small")


def test_a_terminal_that_is_closed_leaves_no_client_behind_and_frees_the_name(
    tmp_path: Path,
) -> None:
    with ServerProcess(tmp_path / "data") as server:  # which holds names
        for _ in range(3):
            with Terminal(at(server, "eve", "Closed"), tmp_path) as eve:
                eve.sees("Welcome to room Closed!")
                eve.resize(40, 10)
                eve.write("half a word")
        with Terminal(at(server, "eve", "Closed"), tmp_path / "elsewhere") as eve:
            eve.sees("● connected")


def test_who_is_told_to_stop_gives_the_terminal_back(server: ServerProcess, tmp_path: Path) -> None:
    with Terminal(at(server, "ada", "Told"), tmp_path) as ada:
        ada.sees("Welcome to room Told!")
        os.kill(ada.pid, signal.SIGTERM)
        assert ada.ended() == 128 + signal.SIGTERM
        assert "Welcome" not in ada.screen()


def test_hostile_text_moves_nothing(server: ServerProcess, tmp_path: Path) -> None:
    async def attack(chat: Chat, room: str) -> None:
        evil = (
            "\x1b[2J\x1b[1;1HOWNED\x07 \x1b]0;title\x07 \x9b31m \u202egnorw\u2066 "
            + "Z"
            + "\u0310" * 60
            + " 👩‍👩‍👧‍👦 🏳️‍🌈 \x1b]52;c;aGFja2Vk\x07"
        )
        await chat.say(room, evil)
        await chat.say(room, "a\r[2030-01-01 00:00:00] ada: I owe ben 100")

    with Terminal(at(server, "ada", "Hostile"), tmp_path) as ada:
        ada.sees("Welcome to room Hostile!")
        Ben(server, "Hostile").does(attack).join()
        screen = ada.sees("OWNED", "100")
        assert screen.startswith(" Hostile · ")
        assert screen.splitlines()[0].rstrip().endswith("● connected")
        assert "│ [2030-01-01 00:00:00] ada: I owe ben 100" in screen
        assert ada.screen(styled=True).count("\u0310") <= MAX_MARKS_IN_A_ROW


def test_no_color_means_no_colour(server: ServerProcess, tmp_path: Path) -> None:
    with Terminal(at(server, "ada", "Plain"), tmp_path, NO_COLOR="1") as ada:
        ada.sees("Welcome to room Plain!")
        ada.send("hello https://example.org/ ada")
        ada.sees("ada: hello")
        styled = ada.screen(styled=True)
        codes = {
            code for found in re.findall(r"\x1b\[([\d;]*)m", styled) for code in found.split(";")
        }
        assert codes <= {"", "0", "1", "2", "3", "4", "7", "39", "49"}


def test_links_are_the_terminals_own(server: ServerProcess, tmp_path: Path) -> None:
    with Terminal(at(server, "ada", "Links"), tmp_path) as ada:
        ada.sees("Welcome to room Links!")
        log = tmp_path / "output"
        ada._tmux("pipe-pane", f"cat > {log}")
        ada.send("see https://example.org/a_(b)?x=1, or javascript:alert(1)")
        ada.sees("javascript:")
        link = re.compile(rb"\x1b\]8;[^;]*;([^\x1b]+)\x1b\\")
        found: set[bytes] = set()
        while not found:  # the test's own time limit ends it
            found = set(link.findall(log.read_bytes()))
        assert found == {b"https://example.org/a_(b)?x=1"}


def test_the_terminals_title_tells_what_is_unread_and_comes_back(
    server: ServerProcess, tmp_path: Path
) -> None:
    with Terminal(at(server, "ada", "Title"), tmp_path) as ada:
        before = ada.title()
        ada.sees("Welcome to room Title!")
        ada.until(lambda _: ada.title() == "Title – Hubbub", "no title")
        ada.send("/join Elsewhere")
        ada.sees("Create # Elsewhere")
        ada.keys("Enter")
        ada.sees("Welcome to room Elsewhere!")
        with Terminal(at(server, "ben", "Title"), tmp_path / "ben") as ben:
            ben.sees("Welcome to room Title!")
            ben.send("@ada hello")
            ada.until(
                lambda _: ada.title() == "(1, @1) Elsewhere – Hubbub", "no count in the title"
            )
        ada.keys("C-q")
        assert ada.ended() == 0
        assert ada.title() == before


def test_keys_that_mean_nothing_leave_nothing_when_pressed_quickly(
    server: ServerProcess, tmp_path: Path
) -> None:
    with Terminal(at(server, "ada", "Quick"), tmp_path) as ada:
        ada.sees("Welcome to room Quick!")
        ada.keys(
            "h", "M-n", "e", "M-a", "l", "M-A", "l", "M-F5", "C-F9", "F12", "o", "M-n", "Enter"
        )
        ada.sees("ada: hello")
        assert texts(server, "Quick") == ["hello"]
