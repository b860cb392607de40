"""Terminals as they are: gone without a word, stalled, not the ones on stderr."""

from __future__ import annotations

import itertools
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.patience import PATIENCE_SECONDS
from tests.process import ServerProcess
from tests.terminal.bare_terminal import BareTerminal

HUNG_UP = 128 + signal.SIGHUP


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("server") / "data"
    with ServerProcess(folder, "--rate-limit", "0", "--sessions-per-address", "0") as server:
        yield server


_names = itertools.count()
COMMANDS = {
    "full": ("chat", "ada@HERE/Gone"),
    "plain": ("chat", "--plain", "ada@HERE/Gone"),
    "tail": ("tail", "--follow", "--user", "ada", "--server", "HERE", "General"),
    "send": ("send", "--user", "ada", "--server", "HERE", "Gone"),
}
SEEN = {"full": b"Welcome to room Gone", "plain": b"Welcome to room Gone!", "tail": b"has joined"}


def words(server: ServerProcess, command: str, user: str = "") -> list[str]:
    """The words of a command, for a name that no other test holds."""
    user = user or f"ada{next(_names)}"
    where = f"127.0.0.1:{server.port}"
    return [word.replace("HERE", where).replace("ada", user) for word in COMMANDS[command]]


@pytest.mark.parametrize("hears_hangups", [True, False])
@pytest.mark.parametrize("command", ["full", "plain", "tail"])
def test_a_terminal_that_is_gone_ends_it(
    command: str, hears_hangups: bool, server: ServerProcess, tmp_path: Path
) -> None:
    user = f"{command}-{hears_hangups}"
    line = words(server, command, user)
    with BareTerminal(line, tmp_path, hears_hangups=hears_hangups) as terminal:
        terminal.sees(SEEN[command])
        terminal.vanish()
        assert terminal.ended() == HUNG_UP
    with BareTerminal(words(server, "plain", user), tmp_path / "elsewhere") as again:
        again.sees(b"Welcome to room Gone!")  # the name is free


def test_a_dumb_terminal_that_is_gone_ends_it(server: ServerProcess, tmp_path: Path) -> None:
    with BareTerminal(
        words(server, "plain"), tmp_path, hears_hangups=False, TERM="dumb"
    ) as terminal:
        terminal.sees(SEEN["plain"])
        terminal.vanish()
        assert terminal.ended() == HUNG_UP


def test_questions_end_with_their_terminal(server: ServerProcess, tmp_path: Path) -> None:
    where = f"127.0.0.1:{server.port}"
    for options, seen in (((), b"What is your name?"), (("--plain",), b"Username:")):
        with BareTerminal(["chat", *options, where], tmp_path, hears_hangups=False) as terminal:
            terminal.sees(seen)
            terminal.vanish()
            assert terminal.ended() == HUNG_UP


@pytest.mark.parametrize("path", ["err.log", "/dev/full", "/dev/null"])
def test_the_screen_is_drawn_on_the_terminal_wherever_errors_go(
    path: str, server: ServerProcess, tmp_path: Path
) -> None:
    log = tmp_path / path
    with (
        log.open("wb") as stderr,
        BareTerminal(words(server, "full"), tmp_path, stderr=stderr) as terminal,
    ):
        terminal.sees(SEEN["full"])
        terminal.send(b"hello\r")
        terminal.sees(b"hello")
        terminal.send(b"\x11")  # Ctrl+Q
        assert terminal.ended() == 0
        assert b"\x1b[?1049l" in terminal.shown
    if path == "err.log":
        assert log.read_bytes() == b""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_end_it_with_their_code(
    number: signal.Signals, server: ServerProcess, tmp_path: Path
) -> None:
    with (
        Path("/dev/full").open("wb") as stderr,
        BareTerminal(words(server, "full"), tmp_path, stderr=stderr) as terminal,
    ):
        terminal.sees(SEEN["full"])
        terminal.process.send_signal(number)
        assert terminal.ended() == 128 + number
        assert b"\x1b[?1049l" in terminal.shown


def test_a_terminal_that_takes_nothing_holds_up_no_end(
    server: ServerProcess, tmp_path: Path
) -> None:
    with BareTerminal(words(server, "full"), tmp_path) as terminal:
        terminal.sees(SEEN["full"])
        for _ in range(300):  # each is answered with more than it is long; nobody reads
            terminal.send(b"x\x17")
        terminal.process.terminate()
        assert terminal.process.wait(PATIENCE_SECONDS) == 128 + signal.SIGTERM


CLICK_ON_THE_TITLE = b"\x1b[M !!\x1b[M#!!"  # opens the menu of the room
ESC = b"\x1b[27u"  # as kitty sends it: what follows cannot make it another key
BYTES = [
    b"\xe9 ",
    b"\xff\xfe\x00",
    b"\x1b[MC\x98\x28",
    CLICK_ON_THE_TITLE,
    b"\x1b[M\xc3\xa9\xa9",
    b"\x1b[200~caf\xe9 \x1b[MC\x98\x28\x1b[201~",
    b"\x1b[<0;99999999999999999999;1M",
    b"\x1b[48;99999;99999;1;1t",
    b"\x1b[48;0;0;0;0t\x1b[<0;5;5M",
    b"\x1b[55357u\x1b[99999999999u\x1b[1114112;1;1114112u",
    b"\x1b[1;99999999999R\x1b[?2048;9$y\x1b[?2026;9$y",
    b"\x1b" * 50 + b"[" * 50,
    bytes(range(0x80, 0x100)),
]


def test_no_byte_ends_the_full_screen(server: ServerProcess, tmp_path: Path) -> None:
    with BareTerminal(words(server, "full"), tmp_path) as terminal:
        terminal.sees(SEEN["full"])
        for number, data in enumerate(BYTES):
            terminal.send(data + b"\x1b[201~")
            if data == CLICK_ON_THE_TITLE:
                terminal.sees(b"Esc closes")
                terminal.send(ESC)
            terminal.send(b"\x15")
            terminal.send(b"still here %d\r" % number)
            terminal.sees(b"still here %d" % number)
        terminal.send(b"\x11")
        assert terminal.ended() == 0


def test_no_byte_ends_the_plain_client(server: ServerProcess, tmp_path: Path) -> None:
    with BareTerminal(words(server, "plain"), tmp_path) as terminal:
        terminal.sees(SEEN["plain"])
        for number, data in enumerate(BYTES):
            terminal.send(data.replace(b"\x04", b"") + b"\x1b[201~")
            terminal.send(b"\x15still %d\r" % number)
            terminal.sees(b": still %d" % number)
        terminal.send(b"\x15/quit\r")
        assert terminal.ended() == 0


def test_what_is_half_written_is_there_again(server: ServerProcess, tmp_path: Path) -> None:
    line = words(server, "full")
    for number in (signal.SIGTERM, signal.SIGHUP):
        with BareTerminal(line, tmp_path) as terminal:
            terminal.sees(SEEN["full"])
            terminal.send(b"\x15half a word")
            terminal.sees(b"half a word")
            terminal.process.send_signal(number)
            assert terminal.ended() == 128 + number
            assert b"What you were writing in Gone is kept, too." in terminal.shown
        with BareTerminal(line, tmp_path) as terminal:
            terminal.sees(b"half a word")
            terminal.process.send_signal(number)
            terminal.ended()


def test_an_unexpected_end_gives_the_screen_back_and_keeps_what_is_half_written(
    server: ServerProcess, tmp_path: Path
) -> None:
    line = words(server, "full")
    place = "hubbub.terminal.full.screens.room_actions.RoomActions.action_reconnect"
    with BareTerminal(
        [place, "AssertionError", *line], tmp_path, module="tests.terminal.planted"
    ) as terminal:
        terminal.sees(SEEN["full"])
        terminal.send(b"half a word")
        terminal.sees(b"half a word")
        terminal.send(b"\x14")  # Ctrl+T
        assert terminal.ended() == 1
        end = terminal.shown[terminal.shown.index(b"\x1b[?1049l") :]
        assert b"This is an error in Hubbub itself: AssertionError" in end
        assert b"Traceback" not in end
        assert b"What you were writing in Gone is kept, too." in end


@pytest.mark.parametrize("what", ["garbage", "folder", "file in its place"])
def test_a_cache_that_cannot_be_used_is_told_at_the_start_and_at_the_end(
    what: str, server: ServerProcess, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    if what == "file in its place":
        cache.write_text("")
    elif what == "garbage":
        cache.mkdir()
        (cache / f"127.0.0.1-{server.port}.db").write_bytes(b"garbage " * 1000)
    else:
        (cache / f"127.0.0.1-{server.port}.db").mkdir(parents=True)
    # A room of its own: history would push the words up.
    room = "Kept-" + what.replace(" ", "-")
    line = [word.replace("Gone", room) for word in words(server, "full")]
    with BareTerminal(line, tmp_path) as terminal:
        terminal.sees(b"Welcome to room Kept")
        terminal.sees(b"Nothing is kept on")
        terminal.send(b"half a word")
        terminal.sees(b"half a word")
        terminal.process.terminate()
        terminal.ended()
        end = terminal.shown[terminal.shown.index(b"\x1b[?1049l") :]
        assert b"Nothing is kept on this computer" in end
        assert b"(not sent) half a word" in end


def test_backspace_takes_what_is_seen_as_one_character(
    server: ServerProcess, tmp_path: Path
) -> None:
    flag, family = "🇩🇪", "👩\u200d👩\u200d👧"
    for command in ("plain", "full"):
        with BareTerminal(words(server, command), tmp_path / command) as terminal:
            terminal.sees(SEEN[command])
            terminal.sees(b"> ")
            terminal.send(f"a{flag}{flag}\x7fb{family}\x7fce\u0301\x7fd\r".encode())
            terminal.send(b"/quit\r")
            assert terminal.ended() == 0
        listen = ["tail", "--json", "--user", "reader", "--server", f"127.0.0.1:{server.port}"]
        with BareTerminal([*listen, "Gone"], tmp_path) as tail:
            assert tail.ended() == 0
            assert tail.shown.decode().count(f'"a{flag}bcd"') == 1 + (command == "full")


def test_ctrl_z_stops_the_plain_client_at_every_prompt(
    server: ServerProcess, tmp_path: Path
) -> None:
    where = f"127.0.0.1:{server.port}"

    def is_stopped(terminal: BareTerminal) -> bool:
        shell = Path(f"/proc/{terminal.process.pid}/task/{terminal.process.pid}/children")
        job = Path("/proc", (shell.read_text().split() or ["0"])[0], "stat")
        return not job.exists() or job.read_text().rpartition(") ")[2][0] == "T"

    for line, prompt in ((where, b"Username:"), (f"ada-z@{where}", b"Room:")):
        with BareTerminal(["chat", "--plain", line], tmp_path, as_job=True) as terminal:
            terminal.sees(prompt)
            terminal.send(b"\x1a")
            terminal.until(partial(is_stopped, terminal))
            assert b"^Z" not in terminal.shown


@pytest.mark.parametrize("value", ["", "1"])
def test_an_empty_no_color_leaves_the_colours(
    value: str, server: ServerProcess, tmp_path: Path
) -> None:
    with BareTerminal(words(server, "full"), tmp_path, NO_COLOR=value) as terminal:
        terminal.sees(SEEN["full"])
        assert (b"38;5;" in terminal.shown) == (value == "")


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "cp1252"])
@pytest.mark.parametrize("command", ["full", "plain"])
def test_a_locale_that_is_not_utf_8_tears_nothing(
    command: str, encoding: str, server: ServerProcess, tmp_path: Path
) -> None:
    with BareTerminal(words(server, command), tmp_path, PYTHONIOENCODING=encoding) as terminal:
        terminal.sees(SEEN[command])
        terminal.send("café 日本\r".encode())
        if command == "full":
            terminal.sees("café 日本".encode())
        terminal.send(b"/quit\r")
        assert terminal.ended() == 0
        assert b"Traceback" not in terminal.shown
