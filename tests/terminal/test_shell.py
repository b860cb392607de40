"""What a shell completes: the scripts for it, and the rooms it is given."""

from __future__ import annotations

import http.server
import json
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hubbub.client import Address
from hubbub.client.cache import Cache
from hubbub.terminal import shell
from hubbub.terminal.shell import room_names
from tests.client.cache.talk import said
from tests.many_rooms import fill, names
from tests.patience import PATIENCE_SECONDS
from tests.process import ServerProcess
from tests.terminal.bare_terminal import BareTerminal
from tests.terminal.scripting import Commands


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUBBUB_CACHE", str(tmp_path / "cache"))


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever presses Tab does not wait for a busy server; a test does."""
    monkeypatch.setattr(shell, "SERVER_SECONDS", PATIENCE_SECONDS)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One that all of them ask, and that none of them changes."""
    folder = tmp_path_factory.mktemp("server") / "data"
    fill(folder, ("General", "Gardening", "Games", "a;$(exit)"))
    with ServerProcess(folder) as server:
        yield server


@pytest.fixture
def commands(server: ServerProcess, tmp_path: Path) -> Commands:
    """With a server, and `hubbub` where a shell finds it."""
    program = tmp_path / "bin" / "hubbub"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m hubbub "$@"\n')
    program.chmod(0o755)
    commands = Commands(server, tmp_path / "cache")
    commands.environment["PATH"] = f"{program.parent}:{commands.environment['PATH']}"
    return commands


@contextmanager
def web_server(answer: bytes, status: int = 200) -> Iterator[Address]:
    """Somebody who answers every request with that."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *words: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Address(port=server.server_address[1])
        finally:
            server.shutdown()
            thread.join()


def cached(address: Address) -> None:
    with Cache.open(address) as cache:
        cache.add("Gardening", said(1))


# Rooms


def test_rooms_come_from_the_server_with_their_users(commands: Commands) -> None:
    with commands.started("tail", "Games", "--follow") as tail:
        assert tail.stdout is not None
        tail.stdout.readline()
        assert room_names(Address(port=commands.server.port)) == [
            ("Games", "1 user"),
            ("a;$(exit)", "0 users"),
            ("Gardening", "0 users"),
            ("General", "0 users"),
        ]


def test_of_very_many_rooms_those_are_asked_for_that_fit(tmp_path: Path) -> None:
    fill(tmp_path / "data", names())
    with ServerProcess(tmp_path / "data") as server:
        address = Address(port=server.port)
        assert len(room_names(address)) == 500
        assert room_names(address, "Xan") == [("Xanadu", "0 users")]
        assert ("room9997", "0 users") in room_names(address, "room99")


def test_a_word_that_is_quoted_is_looked_for_in_parts(commands: Commands) -> None:
    address = Address(port=commands.server.port)
    for typed in ("a\\;\\$", "'a;$", '"a;'):
        assert room_names(address, typed) == [("a;$(exit)", "0 users")]
    assert room_names(address, "a" * 200) == []


@pytest.mark.parametrize(
    "answer, status",
    [(b"<html>", 200), (b"{}", 200), (b'{"rooms":[]}', 404), (b'{"rooms":[{"name":1}]}', 200)],
)
def test_who_is_no_hubbub_server_is_not_believed(answer: bytes, status: int) -> None:
    with web_server(answer, status) as address:
        cached(address)
        assert room_names(address) == [("Gardening", "")]


def test_names_that_are_none_are_not_offered() -> None:
    names = ["General", "--help", "a\x1b[2J", "two words", "#tea", "\u202egp", ""]
    rooms = [{"name": name, "users": 0, "head": 1} for name in names]
    with web_server(json.dumps({"rooms": rooms}).encode()) as address:
        assert room_names(address) == [("General", "0 users")]


def test_a_server_that_takes_its_time_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell, "SERVER_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = Address(port=silent.getsockname()[1])
        cached(address)
        assert room_names(address) == [("Gardening", "")]


def test_asking_for_rooms_makes_no_cache(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = Address(port=closed.getsockname()[1])
    assert room_names(address) == []
    assert not (tmp_path / "cache").exists()


# Shells


def until_completed(complete: Callable[[], list[str]], names: list[str]) -> None:
    """Presses Tab until these rooms are offered: a server that is busy may be too late for one."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (found := complete()) != names:
        assert found in ([], [""]), "what is offered was asked for"
        assert time.monotonic() < deadline, f"no {names}"


def completed(commands: Commands, *shell_and_script: str) -> list[str]:
    done = subprocess.run(
        shell_and_script,
        env=commands.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.split("\n")[:-1]


BASH = """
source <(hubbub completion bash)
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_hubbub hubbub "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""

FISH = """
hubbub completion fish | source
complete --do-complete "$argv"
"""


@pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash here")
def test_bash_completes_commands_options_and_rooms(commands: Commands) -> None:
    def complete(*words: str) -> list[str]:
        return completed(commands, "bash", "-c", BASH, "bash", "hubbub", *words)

    server = f"127.0.0.1:{commands.server.port}"
    assert {"chat", "completion", "send", "serve", "tail"} <= set(complete(""))
    assert complete("ta") == ["tail"]
    assert "--follow" in complete("tail", "--")
    assert complete("completion", "") == ["bash", "zsh", "fish"]
    until_completed(lambda: complete("send", "--server", server, "Ga"), ["Games", "Gardening"])
    until_completed(lambda: complete("tail", "--server", server, "a"), [r"a\;\$\(exit\)"])


@pytest.mark.skipif(not shutil.which("fish"), reason="there is no fish here")
def test_fish_completes_commands_options_and_rooms(commands: Commands, tmp_path: Path) -> None:
    commands.environment["HOME"] = str(tmp_path)

    def complete(line: str) -> list[str]:
        lines = completed(commands, "fish", "-c", FISH, line)
        return [line.split("\t")[0] for line in lines]

    server = f"127.0.0.1:{commands.server.port}"
    assert complete("hubbub ta") == ["tail"]
    assert "--follow" in complete("hubbub tail --")
    until_completed(lambda: complete(f"hubbub send --server {server} Ga"), ["Games", "Gardening"])


@pytest.mark.skipif(not shutil.which("zsh"), reason="there is no zsh here")
def test_zsh_understands_its_script(commands: Commands, tmp_path: Path) -> None:
    assert completed(commands, "zsh", "-fc", "zsh -fn <(hubbub completion zsh)") == []
    script = completed(commands, "hubbub", "completion", "zsh")
    assert script[0] == "#compdef hubbub"


class Interactive:
    """A shell on a terminal, in which somebody presses Tab."""

    START = {  # noqa: RUF012
        "bash": ("bash", "--noprofile", "-i"),
        "zsh": ("zsh", "--no-global-rcs", "-i"),
        "fish": ("setsid", "--ctty", "--wait", "fish", "-i"),
    }
    LOAD = {  # noqa: RUF012
        "bash": "source <(hubbub completion bash)",
        "zsh": "source <(hubbub completion zsh)",
        "fish": "hubbub completion fish | source",
    }


AGAIN_SECONDS = 3.0  # after which one presses Tab once more
SHELLS = ["bash", "zsh", "fish"]
FORMS = ["--server {} ", "--server={} ", "--port {port} "]


def press_tab_until(shell: BareTerminal, words: bytes) -> None:
    """As one does who is offered nothing: the server was not quick enough."""
    seen = len(shell.shown)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while words not in shell.shown[seen:]:
        assert time.monotonic() < deadline, shell.shown[-2000:]
        shell.send(b"\t")
        shell.watch(AGAIN_SECONDS, words)


@contextmanager
def interactive(name: str, commands: Commands, home: Path) -> Iterator[BareTerminal]:
    """The shell ``name``, as its user has it."""
    if not shutil.which(name):
        pytest.skip(f"there is no {name} here")
    for file in (".bashrc", ".zshrc"):  # or zsh asks what it should write there
        (home / file).touch()
    path = commands.environment["PATH"]
    with BareTerminal((), home, program=Interactive.START[name], PATH=path) as shell:
        yield shell


@pytest.mark.parametrize("name", SHELLS)
@pytest.mark.parametrize("form", FORMS)
def test_rooms_are_completed_behind_an_address_with_a_port(
    name: str, form: str, commands: Commands, tmp_path: Path
) -> None:
    port = commands.server.port
    with interactive(name, commands, tmp_path) as shell:
        shell.send(f"{Interactive.LOAD[name]}; echo loa''ded\r".encode())
        shell.sees(b"loaded")
        shell.send(f"hubbub tail {form.format(f'127.0.0.1:{port}', port=port)}Gar".encode())
        press_tab_until(shell, b"dening")


@pytest.mark.parametrize("name", SHELLS)
def test_an_installed_completion_is_there_when_the_shell_starts(
    name: str, commands: Commands, tmp_path: Path
) -> None:
    def install() -> str:
        done = subprocess.run(
            ["hubbub", "--install-completion", "--shell", name],
            env={"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)} | at_home,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return done.stdout

    at_home = {key: value for key, value in commands.environment.items() if key != "HOME"}
    start = tmp_path / f".{name}rc"
    start.write_bytes(b"# caf\xe9, without an end of line")
    assert str(tmp_path) in install()
    once = start.read_bytes()
    install()
    assert start.read_bytes() == once
    assert once.startswith(b"# caf\xe9, without an end of line")
    with interactive(name, commands, tmp_path) as shell:
        shell.send(b"echo rea''dy\r")
        shell.sees(b"ready")
        shell.send(b"hubbub com\t")
        shell.sees(b"pletion")
        shell.send(b"\x15hubbub tail --foll\t")
        shell.sees(b"ow")
        server = f"127.0.0.1:{commands.server.port}"
        shell.send(f"\x15hubbub send --server {server} Gar".encode())
        press_tab_until(shell, b"dening")


@pytest.mark.skipif(not shutil.which("zsh"), reason="there is no zsh here")
def test_zsh_finds_the_completion_in_a_folder_of_functions(
    commands: Commands, tmp_path: Path
) -> None:
    """As a package of a distribution would put it there."""
    (tmp_path / "functions").mkdir()
    script = "\n".join(completed(commands, "hubbub", "completion", "zsh"))
    (tmp_path / "functions" / "_cyclopts_hubbub").write_text(script)
    with interactive("zsh", commands, tmp_path) as shell:
        load = f"fpath=({tmp_path}/functions $fpath); autoload -Uz compinit; compinit -u"
        shell.send(f"{load}; echo loa''ded\r".encode())
        shell.sees(b"loaded")
        shell.send(f"hubbub tail --server 127.0.0.1:{commands.server.port} Gar".encode())
        press_tab_until(shell, b"dening")
