"""The plain client as people run it: in a real terminal, in a pipe, against the real server."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubbub.client import Address, connect
from hubbub.client.cache import Cache
from hubbub.terminal.plain import run
from tests.process import ROOT, ServerProcess
from tests.terminal.plain.typist import Typist

if sys.platform == "win32":
    pytest.skip("a pty is what POSIX has", allow_module_level=True)
import pexpect

from tests.patience import PATIENCE_SECONDS

STAMP = r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\]"
CONTROLS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "src")}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    # On a machine that is busy, who comes back may take longer than the usual grace period.
    flags = ("--rate-limit", "500", "--leave-grace-seconds", "600")
    with ServerProcess(tmp_path / "data", *flags) as process:
        yield process


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENVIRONMENT, "HUBBUB_CACHE", str(tmp_path / "cache"))


class Terminal:
    """A client in a terminal of its own."""

    def __init__(self, server: ServerProcess, *arguments: str, term: str = "xterm") -> None:
        self.child = pexpect.spawn(
            sys.executable,
            ["-m", "hubbub", "chat", "--plain", *arguments, "--port", str(server.port)],
            env={**ENVIRONMENT, "TERM": term},
            encoding="utf-8",
            timeout=PATIENCE_SECONDS,
            dimensions=(24, 100),
        )
        self.child.delaybeforesend = None

    def sees(self, pattern: str) -> None:
        self.child.expect(pattern)

    def types(self, text: str) -> None:
        self.child.send(text)

    def ends(self) -> int:
        """The exit code, and no traceback on the way."""
        self.child.expect(pexpect.EOF)
        assert "Traceback" not in self.child.before
        self.child.close()
        if self.child.signalstatus is not None:
            return -int(self.child.signalstatus)
        return int(self.child.exitstatus)


def pipe(server: ServerProcess, *arguments: str, typed: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hubbub", "chat", *arguments, "--port", str(server.port)],
        input=typed,
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


# In a terminal


@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_the_dialogue_in_a_terminal(server: ServerProcess, term: str) -> None:
    ada = Terminal(server, term=term)
    ada.sees("Username: ")
    ada.types("ada\r")
    ada.sees("Available rooms:")
    ada.sees(r"  General \(0 users\)")
    ada.sees("Room: ")
    ada.types("General\r")
    ada.sees("Welcome to room General!")
    ada.sees(f"{STAMP} ada has joined the chat!")
    ada.sees("> ")
    ada.types("Donec pulvinar erat.\r")
    ada.sees(f"{STAMP} ada: Donec pulvinar erat\\.")
    pipe(server, "ben@127.0.0.1/General", typed="hello\n")
    ada.sees(f"{STAMP} ben has joined the chat!")
    ada.sees(f"{STAMP} ben: hello")
    ada.sees(f"{STAMP} ben has left the chat!")
    ada.types("exit\r")
    assert ada.ends() == 0


def test_lines_come_in_above_the_line_that_is_typed(server: ServerProcess) -> None:
    ada = Terminal(server, "ada@127.0.0.1/General")
    ada.sees("> ")
    ada.types("half a li")
    ada.sees("half a li")
    pipe(server, "ben@127.0.0.1/General", typed="sorry\n")
    ada.sees("ben: sorry")
    ada.sees("> .*half a li")
    ada.types("ne\r")
    ada.sees(f"{STAMP} ada: half a line")
    ada.types("\x04")
    assert ada.ends() == 0


def test_a_terminal_is_asked_nothing_rung_never_and_coloured_not(server: ServerProcess) -> None:
    ada = Terminal(server, "ada@127.0.0.1/General")
    seen: list[str] = []
    ada.child.logfile_read = _Recorder(seen)
    ada.sees("> ")
    ada.types("hello\t\x07\x1b[A\r")
    ada.sees("ada: hello")
    ada.types("exit\r")
    assert ada.ends() == 0
    screen = "".join(seen)
    assert "\x1b[6n" not in screen, "where the cursor is"
    assert "\x07" not in screen, "the bell"
    assert "CPR" not in screen
    assert set(re.findall(r"\x1b\[([0-9;]*)m", screen)) <= {"", "0"}, "colours"


class _Recorder:
    def __init__(self, seen: list[str]) -> None:
        self._seen = seen

    def write(self, text: str) -> None:
        self._seen.append(text)

    def flush(self) -> None:
        pass


def test_a_line_one_has_typed_is_shown_once(server: ServerProcess) -> None:
    """What was typed is erased when it is sent; what stays is the line that is saved."""
    ada = Terminal(server, "ada@127.0.0.1/General")
    ada.sees("> ")
    ada.types("once\r")
    ada.sees("ada: once")
    # Nothing is written between two lines but the prompt, which begins with erasing.
    assert "once" not in CONTROLS.sub("", ada.child.before).rpartition("> ")[2]
    ada.types("exit\r")
    assert ada.ends() == 0


def test_a_paste_of_several_lines_is_one_message(server: ServerProcess) -> None:
    ada = Terminal(server, "ada@127.0.0.1/General")
    ada.sees("> ")
    ada.types("\x1b[200~one\rtwo\x1b[201~\r")
    ada.sees(f"{STAMP} ada: one\r*\n{STAMP} ada: two")
    ada.types("exit\r")
    assert ada.ends() == 0


def test_killing_the_server_while_one_types_loses_and_repeats_nothing(
    server: ServerProcess,
) -> None:
    ada = Terminal(server, "ada@127.0.0.1/General")
    ada.sees("> ")
    ada.types("before\r")
    ada.sees("ada: before")
    server.kill()
    ada.sees("Connection lost. What you write is kept, and sent when it is back.")
    ada.types("while away\r")
    ada.sees(r"\(waiting\) while away")
    server.start()
    ada.sees("Back online.")
    ada.sees("ada: while away")
    ada.types("exit\r")
    assert ada.ends() == 0
    history = pipe(server, "ben@127.0.0.1/General", typed="").stdout
    assert [line.partition("] ")[2] for line in history.splitlines() if "] ada" in line] == [
        "ada has joined the chat!",
        "ada: before",
        "ada: while away",
        "ada has left the chat!",
    ]


@pytest.mark.parametrize(
    "key, code", [("\x03", 0), ("\x04", 0), ("/quit\r", 0)], ids=["Ctrl+C", "Ctrl+D", "/quit"]
)
def test_every_way_out_is_polite(server: ServerProcess, key: str, code: int) -> None:
    ada = Terminal(server, "ada@127.0.0.1/General")
    ada.sees("> ")
    ada.types(key)
    assert ada.ends() == code
    assert_left_politely(server)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_being_ended_from_outside_is_polite(
    server: ServerProcess, number: signal.Signals, term: str
) -> None:
    ada = Terminal(server, "ada@127.0.0.1/General", term=term)
    ada.sees("> ")
    ada.child.kill(number)
    assert ada.ends() == 128 + number
    assert_left_politely(server)


@pytest.mark.parametrize("key", ["\x03", "\x04"])
def test_the_questions_can_be_left_too(server: ServerProcess, key: str) -> None:
    ada = Terminal(server)
    ada.sees("Username: ")
    ada.types(key)
    assert ada.ends() == 0


def assert_left_politely(server: ServerProcess) -> None:
    """The name is free, and the others were told."""
    again = pipe(server, "ada@127.0.0.1/General", typed="")
    assert again.returncode == 0
    assert "ada has left the chat!" in again.stdout


# In a pipe


def test_a_pipe_gets_lines_of_text_and_nothing_else(server: ServerProcess) -> None:
    done = pipe(server, typed="ada\nGeneral\nhello\n/say exit\nexit\nnever read\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    assert "\r" not in done.stdout
    assert [re.sub(STAMP, "[…]", line) for line in done.stdout.splitlines()] == [
        "Username:",
        "Available rooms:",
        "  General (0 users)",
        "Room:",
        "Welcome to room General!",
        "[…] ada has joined the chat!",
        "[…] ada: hello",
        "[…] ada: exit",
    ]


def test_at_the_end_of_a_long_pipe_everything_is_saved(server: ServerProcess) -> None:
    said = [f"line {number}" for number in range(700)]
    done = pipe(server, "ada@127.0.0.1/General", typed="\n".join(said))
    assert done.returncode == 0
    assert [line.partition(": ")[2] for line in done.stdout.splitlines()[2:]] == said


def test_a_pipe_that_nobody_reads_any_more_ends_quietly(server: ServerProcess) -> None:
    first = "import sys; print(sys.stdin.readline(), end='')"
    chat = f"{sys.executable} -m hubbub chat ada@127.0.0.1/General --port {server.port}"
    done = subprocess.run(
        ["sh", "-c", f'yes hello | {chat} | {sys.executable} -c "{first}"'],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.stdout == "Welcome to room General!\n"
    assert "Traceback" not in done.stderr


def test_without_a_server_it_says_what_to_do(server: ServerProcess) -> None:
    server.kill()
    done = pipe(server, typed="ada\n")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        f"There is no server at 127.0.0.1:{server.port}: nobody listens there.",
        "Is the server running? Start it with: python server.py",
    ]


def test_an_interrupt_in_a_pipe_leaves_politely(server: ServerProcess) -> None:
    with subprocess.Popen(
        [
            *(sys.executable, "-m", "hubbub", "chat"),
            *("ada@127.0.0.1/General", "--port", str(server.port)),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    ) as chat:
        assert chat.stdout is not None
        assert chat.stderr is not None
        assert chat.stdout.readline() == "Welcome to room General!\n"
        chat.send_signal(signal.SIGINT)
        assert chat.wait(PATIENCE_SECONDS) == 130
        assert chat.stderr.read() == ""
    assert_left_politely(server)


async def test_next_day_a_terminal_tells_what_is_new(server: ServerProcess, tmp_path: Path) -> None:
    address = Address.parse(f"127.0.0.1:{server.port}")

    async def come(*, interactive: bool) -> str:
        """What ada sees, who has left for good the last time."""
        typist = Typist(interactive=interactive)
        with Cache.open(address, tmp_path) as cache:
            kept = cache if interactive else None
            chat = asyncio.create_task(run(address, "ada", "General", typist, kept))
            await typist.sees("ada has joined the chat!")
            typist.type("exit")
            await chat
        return "\n".join(typist.screen)

    await come(interactive=True)
    async with connect(address, user="ben") as ben:
        await ben.say("General", "Good morning, @ada", outside=True)
        assert "1 new since you were here, which mentions you." in await come(interactive=True)
        assert "new since" not in await come(interactive=True)
        await ben.say("General", "Good night", outside=True)
        assert "new since" not in await come(interactive=False)
