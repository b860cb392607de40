"""Errors that nobody expects, in each part of the commands: they end in a sentence, and in 1."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.process import ROOT, ServerProcess
from tests.terminal.planted import ERRORS

SECONDS = 60
SAID = "one\ntwo\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("server") / "data"
    # All of these come as ada, and a client that dies may leave its name held.
    options = ("--rate-limit", "0", "--sessions-per-address", "0", "--hold-seconds", "0")
    with ServerProcess(folder, *options) as server:
        yield server


class Run:
    """How a command ends that has an error planted in it."""

    def __init__(self, server: ServerProcess, home: Path) -> None:
        self._port = server.port
        self._home = home

    def __call__(self, place: str, error: str, *words: str, stdin: str) -> tuple[int, str, str]:
        words = tuple(word.replace("HERE", f"127.0.0.1:{self._port}") for word in words)
        done = subprocess.run(
            [sys.executable, "-m", "tests.terminal.planted", f"hubbub.{place}", error, *words],
            cwd=ROOT,
            env={
                **{name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ},
                "PYTHONPATH": str(ROOT / "src"),
                "HUBBUB_CACHE": str(self._home),
                "LOGNAME": "ada",
            },
            input=stdin,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr


@pytest.fixture
def run(server: ServerProcess, tmp_path: Path) -> Run:
    return Run(server, tmp_path)


def is_told(code: int, err: str, error: str) -> None:
    assert code == 1, err
    assert "Traceback" not in err
    assert f"Hubbub itself: {error}" in err
    assert "Please report it." in err


EVERYWHERE = [
    "client.connection.Connection.open",
    "client.greeting.Greeting.exchange",
    "client.protocol.Protocol.connected",
    "client.protocol.Protocol.receive",
    "client.protocol.Protocol.commands",
    "client.watch.Watch.watch",
    "client.inbox.Inbox.put",
    "client.inbox.Inbox.take",
    "terminal.plain.pipe.os.write",
]
PLAIN = [
    *EVERYWHERE,
    "terminal.plain.start.Dialogue",
    "terminal.plain.dialogue.Dialogue.introduce",
    "terminal.plain.dialogue.Dialogue.listen",
    "terminal.plain.dialogue.Dialogue.report_refusals",
    "terminal.plain.dialogue.Dialogue.say",
    "terminal.plain.dialogue.Dialogue._completed",
    "terminal.plain.dialogue.Dialogue.finish",
    "terminal.plain.listener.Listener._note",
    "terminal.plain.teller.Teller.tell",
    "terminal.plain.pipe.LineReader._read_all",
    "terminal.plain.pipe._complete",
]
SEND = [
    *EVERYWHERE,
    "client.cache.Cache.open",
    "client.cache.Cache.keep_token",
    "terminal.send.Sending._watch",
    "client.protocol.Protocol.send",
    "client.speaking.Speaking.check",
    "terminal.send.Sending._say_all",
    "terminal.send.Sending._say",
    "terminal.send.Sending._confirm_all",
    "terminal.plain.pipe.LineReader._read_all",
    "client.line.Line.saved",
]
SEND.remove("client.inbox.Inbox.take")  # nobody needs what it takes, if it ends before
SEND.remove("terminal.plain.pipe.os.write")  # it writes nothing
TAIL = [
    *EVERYWHERE,
    "client.cache.Cache.open",
    "terminal.tail.Wanted.join",
    "terminal.tail.Following.run",
    "terminal.tail.show_text",
    "terminal.tail.Output.write",
    "terminal.plain.pipe._complete",
]

each_error = pytest.mark.parametrize("error", ["AssertionError", "Unheard"])


@each_error
@pytest.mark.parametrize("place", PLAIN)
def test_the_plain_client(place: str, error: str, run: Run) -> None:
    code, _, err = run(place, error, "chat", "--plain", "ada@HERE/General", stdin=SAID)
    is_told(code, err, error)


@each_error
@pytest.mark.parametrize("place", SEND)
def test_send(place: str, error: str, run: Run) -> None:
    code, _, err = run(place, error, "send", "General", "--server", "HERE", stdin=SAID)
    is_told(code, err, error)
    assert "not saved" in err or "Cache" in place


@each_error
@pytest.mark.parametrize("place", TAIL)
def test_tail(place: str, error: str, run: Run) -> None:
    code, _, err = run(place, error, "tail", "--follow", "General", "--server", "HERE", stdin="")
    is_told(code, err, error)


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize(
    "words",
    [
        ("chat", "--plain", "ada@HERE/General"),
        ("send", "General", "--server", "HERE"),
        ("tail", "-f", "General", "--server", "HERE"),
    ],
)
def test_every_kind_of_error(words: tuple[str, ...], error: str, run: Run) -> None:
    code, _, err = run("client.protocol.Protocol.receive", error, *words, stdin=SAID)
    is_told(code, err, error)


@pytest.mark.parametrize(
    "place", ["client.speaking.Speaking._answered", "client.sendqueue.SendQueue.saved"]
)
def test_the_plain_client_lists_what_is_not_saved(place: str, run: Run) -> None:
    code, _, err = run(place, "MemoryError", "chat", "--plain", "ada@HERE/General", stdin=SAID)
    is_told(code, err, "MemoryError")
    assert "(not saved) one\n(not saved) two\n" in err


def test_an_error_in_connecting_is_a_server_that_is_not_reached(run: Run) -> None:
    code, _, err = run(
        "client.opening.dial", "AssertionError", "chat", "--plain", "ada@HERE", stdin=""
    )
    assert code == 1
    assert "cannot be connected to: AssertionError (in planted.py" in err
