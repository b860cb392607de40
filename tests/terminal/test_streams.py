"""Standard streams that are non-blocking, full, closed, or the wrong way round."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubbub.terminal.plain.pipe import MOST_CHARS, Lines
from tests.patience import PATIENCE_SECONDS
from tests.process import ServerProcess
from tests.terminal.scripting import Commands

_names = itertools.count()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("server") / "data"
    with ServerProcess(folder, "--rate-limit", "0", "--sessions-per-address", "0") as server:
        yield server


@pytest.fixture
def commands(server: ServerProcess, tmp_path: Path) -> Commands:
    # A name of its own: one may be held for somebody whose goodbye was lost.
    return Commands(server, tmp_path / "cache", login=f"ada{next(_names)}")


def line(commands: Commands, command: str, room: str) -> str:
    where = f"127.0.0.1:{commands.server.port}"
    return {
        "send": f"send {room} --server {where}",
        "plain": f"chat --plain {commands.login}@{where}/{room}",
        "tail": f"tail {room} --server {where}",
    }[command]


def shell(commands: Commands, script: str) -> tuple[int, str]:
    done = subprocess.run(
        ["bash", "-c", script.replace("hubbub ", f"{sys.executable} -m hubbub ")],
        env=commands.environment,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("command", ["send", "plain"])
def test_a_non_blocking_input_is_waited_for(command: str, commands: Commands) -> None:
    assert commands.run("send", "Patient", stdin="zero").code == 0  # there is a room of that name
    out, into = os.pipe()
    os.set_blocking(out, False)
    with subprocess.Popen(
        [sys.executable, "-m", "hubbub", *line(commands, command, "Patient").split()],
        env=commands.environment,
        stdin=out,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        os.close(out)
        if command == "plain":
            assert process.stdout is not None
            while b"Welcome" not in process.stdout.readline():
                pass
        for text in (b"one\n", b"tw", b"o\n"):
            os.write(into, text)
        os.close(into)
        _, err = process.communicate(timeout=PATIENCE_SECONDS)
        assert (process.returncode, err) == (0, b"")
    assert commands.texts("Patient")[-2:] == ["one", "two"]


def test_a_non_blocking_output_is_waited_for(commands: Commands) -> None:
    texts = [f"{number} {'x' * 900}" for number in range(200)]
    assert commands.run("send", "Long", stdin="\n".join(texts)).code == 0
    out, into = os.pipe()
    os.set_blocking(into, False)
    read = b""

    def drain() -> None:
        nonlocal read
        while data := os.read(out, 4096):
            read += data

    with commands.started("tail", "Long", "-n", "300", stdout=into) as process:
        os.close(into)
        thread = threading.Thread(target=drain)
        thread.start()
        assert process.wait(PATIENCE_SECONDS) == 0
        thread.join()
    os.close(out)
    assert read.count(b"xxx\n") == len(texts)


@pytest.mark.parametrize("command", ["send", "plain"])
@pytest.mark.parametrize("how", ["0>/dev/null", "<&-"])
def test_an_input_that_cannot_be_read_is_told(how: str, command: str, commands: Commands) -> None:
    code, err = shell(commands, f"hubbub {line(commands, command, 'Unread')} {how}")
    assert code == 1
    assert "standard input" in err
    assert "Traceback" not in err
    assert "Hubbub itself" not in err


@pytest.mark.parametrize(
    "script",
    ["hubbub --help", "hubbub serve --help", "hubbub --version", "hubbub completion bash"],
)
def test_what_cannot_be_written_is_told(script: str, commands: Commands) -> None:
    code, err = shell(commands, f"{script} >/dev/full")
    assert (code, err) == (
        1,
        "hubbub: What there is to say cannot be written: No space left on device.\n",
    )
    assert shell(commands, f"{script} >/dev/full 2>/dev/full")[0] == 1


@pytest.mark.parametrize("command", ["plain", "tail"])
def test_a_chat_that_cannot_be_written_is_told(command: str, commands: Commands) -> None:
    assert commands.run("send", "Full", "hi").code == 0
    code, err = shell(commands, f"echo hi | hubbub {line(commands, command, 'Full')} >/dev/full")
    assert code == 1
    assert "cannot be written: No space left on device." in err
    assert "Traceback" not in err
    assert "Hubbub itself" not in err


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "cp1252"])
def test_help_is_shown_in_any_encoding(encoding: str, commands: Commands) -> None:
    for script in ("hubbub serve --help", "hubbub --help", "hubbub completion zsh"):
        assert shell(commands, f"PYTHONIOENCODING={encoding} {script}") == (0, "")


def test_a_home_that_cannot_be_written_is_told(commands: Commands, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("no folder")
    for name in ("bash", "zsh", "fish"):
        code, err = shell(commands, f"HOME={home} hubbub --install-completion --shell {name}")
        assert code == 1
        assert err.startswith("hubbub: The completion cannot be installed: ")
        assert err.count("\n") == 1


def test_a_line_without_an_end_costs_what_its_length_is() -> None:
    lines = Lines()
    for _ in range(200_000):
        assert lines.split("x" * 100, end=False) == []
    assert [len(one) for one in lines.split("\r", end=True)] == [MOST_CHARS]


def test_a_line_without_an_end_takes_no_more_memory_than_a_line_may_have() -> None:
    lines = Lines()
    lines.split("hello\nben", end=False)
    tracemalloc.start()
    try:
        for _ in range(1000):
            lines.split("x" * 65536, end=False)
        now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert now < 2 * MOST_CHARS
    assert most < 3 * MOST_CHARS
    (line, whole, rest) = lines.split("y\nhello\nbye", end=True)
    assert line == "ben" + "x" * (MOST_CHARS - 3)
    assert (whole, rest) == ("hello", "bye"), "and the next one is whole"
