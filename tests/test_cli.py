"""The command line: help, exit codes, and what a start says when it cannot be one."""

from __future__ import annotations

import json
import platform
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import hubbub
from hubbub import cli
from hubbub.cli.serving import exposure, how_served, how_to_own
from hubbub.config import Settings
from hubbub.server.doors import Door
from hubbub.storage.upgrade import HEAD
from tests.patience import PATIENCE_SECONDS
from tests.process import ROOT, ServerProcess


class Ran:
    """How a command ended, and what it wrote."""

    def __init__(self, code: int | str | None, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")

    def run(*words: str) -> Ran:
        with pytest.raises(SystemExit) as exit:
            cli.main(words)
        written = capsys.readouterr()
        return Ran(exit.value.code, written.out, written.err)

    return run


def run_process(*words: str, folder: Path, **environment: str) -> Ran:
    done = subprocess.run(
        [sys.executable, "-m", "hubbub", *words],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT / "src"), "PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


# Help


def test_without_a_command_there_is_help(run: Any) -> None:
    helped = run()
    assert not helped.code
    assert re.search(r"serve +Start a chat server", helped.out)
    assert re.search(r"chat +Chat in this terminal", helped.out)
    assert re.search(r"send +Say something in a room, from a script", helped.out)
    assert re.search(r"tail +Print what was said in a room", helped.out)
    assert run("--help").out == helped.out


def test_the_version_is_told(run: Any) -> None:
    told = run("--version").out.strip()
    python = f"CPython {platform.python_version()}"
    assert told == f"hubbub {hubbub.__version__} ({python}, schema {HEAD})"


def test_the_help_of_serve_has_every_setting_with_its_default(run: Any) -> None:
    text = re.sub(r"[│\s]+", " ", run("serve", "--help").out)
    for field in fields(Settings):
        flag = "--" + field.name.replace("_", "-")
        entry = re.search(rf" {flag} (.*?)\[default: ([^\]]*)\]", text)
        assert field.name == "config" or entry, f"{flag} has no default in the help"
    assert "[default: 256 KiB]" in text
    assert "[default: None]" not in text


def test_the_help_of_serve_is_in_groups(run: Any) -> None:
    titles = re.findall(r"╭─ (.*?) ─", run("serve", "--help").out)
    assert titles == [
        "Listening",
        "Storage",
        "People",
        "Rooms and history",
        "Limits",
        "Safety",
        "Logs",
    ]


def test_the_help_of_serve_says_where_else_settings_can_be(run: Any) -> None:
    assert "HUBBUB_RATE_LIMIT=20" in run("serve", "--help").out


# Wrong usage


@pytest.mark.parametrize(
    "words, said",
    [
        (["serve", "--port", "x"], "hubbub: --port cannot be 'x' (on the command line). Allowed:"),
        (["serve", "--prot", "1"], "hubbub: Unknown option: --prot. Did you mean --port?"),
        (["serve", "General"], "hubbub: Unused Tokens: ['General']."),
        (["serve", "--port", "1", "--port", "2"], "hubbub: Parameter --port specified multiple"),
        (["sreve"], 'hubbub: Unknown command "sreve". Did you mean "serve"?'),
        (["chat", "--port", "0"], "hubbub: --port cannot be '0' (on the command line). Allowed:"),
        (["chat", "a b"], 'hubbub: "a b" is no host\'s name.'),
        (["send"], "hubbub: Which room? For example: make 2>&1 | hubbub send Builds"),
        (["send", "a/b", "hi"], "hubbub: A room name cannot have a slash (character 2)."),
        (["send", "tea", "hi", "--user", "a b"], "hubbub: A name cannot have a space"),
        (["send", "tea", "hi", "--server", "a b"], 'hubbub: "a b" is no host\'s name.'),
        (["send", "tea", "hi", "--timeout", "0"], "hubbub: --timeout cannot be '0' (on the"),
        (["send", "tea", "--tiemout", "1"], "hubbub: Unknown option: --tiemout. Did you mean"),
        (["tail", "tea", "-n", "-1"], "hubbub: -n cannot be '-1' (on the command line). Allowed:"),
        (
            ["tail", "tea", "-n", "1", "--after", "1"],
            "hubbub: Give only one of --lines and --after.",
        ),
        (["completion", "tcsh"], 'hubbub: Invalid value "tcsh" for SHELL. Choose from: "bash",'),
    ],
)
def test_wrong_usage_is_answered_in_one_line_with_exit_code_2(
    run: Any, words: Sequence[str], said: str
) -> None:
    ran = run(*words)
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.startswith(said)
    assert ran.err.count("\n") == 1


def test_a_wrong_variable_ends_the_real_program_without_a_traceback(tmp_path: Path) -> None:
    ran = run_process("serve", folder=tmp_path, HUBBUB_PORT="many")
    assert ran.code == 2
    assert ran.err.startswith("hubbub: HUBBUB_PORT cannot be 'many' (in the environment). Allowed:")
    assert ran.err.count("\n") == 1


# Starts


def test_a_start_says_where_it_listens_where_its_data_is_and_which_file_it_read(
    tmp_path: Path,
) -> None:
    (tmp_path / "hubbub.toml").write_text("rate-limit = 20")
    with ServerProcess(tmp_path / "data") as server:
        assert server.stop() == 0
    (line,) = [line for line in server.output if "Listening on 127.0.0.1:" in line]
    assert f"data={tmp_path / 'data'}" in line
    assert f"settings={tmp_path / 'hubbub.toml'}" in line


def test_two_servers_on_one_folder_or_one_port_are_refused_with_exit_code_1(
    tmp_path: Path,
) -> None:
    with ServerProcess(tmp_path / "data") as server:
        same_data = run_process("serve", "--port", "0", "--data", "data", folder=tmp_path)
        port = str(server.port)
        same_port = run_process("serve", "--port", port, "--data", "other", folder=tmp_path)
    assert same_data.code == same_port.code == 1
    assert same_data.err.count("\n") == 1
    assert same_port.err == (
        f"hubbub: Cannot listen on 127.0.0.1 port {port}: Address already in use. "
        "Another program has this port: stop it, or choose another --port.\n"
    )


def test_a_disk_that_does_not_answer_at_the_end_is_told_in_a_sentence(tmp_path: Path) -> None:
    code = """
import asyncio
from hubbub import cli
from hubbub.server import run
from hubbub.storage.log import SqlLog

async def end_at_once(*_, **__): pass

async def hang(log): raise TimeoutError

run.serve, SqlLog.close = end_at_once, hang
cli.main(["serve", "--data", "data"])
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("hubbub: The disk of data does not answer, so the last messages")
    assert done.stderr.count("\n") == 1


def test_each_port_is_announced_as_what_it_is_for() -> None:
    assert how_served(Door.ANY, "wanted") == ", with TLS and without"
    assert how_served(Door.IRC, "wanted") == " for IRC, with TLS and without"
    assert how_served(Door.IRC_TLS, "wanted") == " for IRC, with TLS only"
    assert how_served(Door.ANY, "none") == ""


@pytest.mark.parametrize("hosts", [["127.0.0.1"], ["::1"], ["127.0.0.1", "::1"], ["127.1.2.3"]])
def test_who_listens_to_this_computer_only_is_not_warned(hosts: list[str]) -> None:
    assert exposure(hosts) is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "fe80::1%eth0"])
def test_who_listens_to_others_is_warned(host: str) -> None:
    warning = exposure(["127.0.0.1", host])
    assert warning is not None
    assert f"at {host} can connect," in warning
    assert "nothing is encrypted" in warning


def test_the_warning_says_what_the_settings_let_others_do() -> None:
    closed = Settings(guests="off", registration="invite")
    for settings, may in (
        (Settings(), " can connect, read all rooms that are not private and say anything in them"),
        (Settings(guests="off"), " can connect, make an account, read all rooms"),
        (closed, " can connect and try to log in,"),
    ):
        assert may in str(exposure(["0.0.0.0"], "none", settings))
    assert "free name" not in str(exposure(["0.0.0.0"], "none", Settings(guests="off")))


def test_who_can_make_no_account_in_a_client_is_told_how_to_own_the_server() -> None:
    told = how_to_own("C0DE", Settings(registration="invite"))
    assert "hubbub admin add-user NAME --owner" in told
    assert "/register" not in told
    assert "/register, and then /own C0DE" in how_to_own("C0DE", Settings())


def test_who_encrypts_is_warned_of_what_is_not() -> None:
    wanted, required = exposure(["0.0.0.0"], "wanted"), exposure(["0.0.0.0"], "required")
    assert wanted is not None
    assert "those who connect without TLS" in wanted
    assert required is not None
    assert "TLS" not in required
    assert exposure(["127.0.0.1"], "wanted") is None


def test_a_command_is_imported_without_what_only_a_running_server_needs() -> None:
    heavy = ["alembic", "asyncio", "rich", "sqlalchemy", "starlette", "structlog", "uvicorn"]
    assert loaded_of(heavy, by="hubbub.cli") == []


def test_the_first_frame_waits_for_neither_the_network_nor_the_cache() -> None:
    heavy = ["hubbub.client.cache", "hubbub.client.chat", "sqlite3", "websockets"]
    assert loaded_of(heavy, by="hubbub.terminal.full.app") == []


def test_whether_a_server_is_known_waits_for_no_network_either() -> None:
    heavy = ["cryptography", "hubbub.client.cache", "sqlite3", "websockets"]
    assert loaded_of(heavy, by="hubbub.terminal.trusting") == []


def loaded_of(names: list[str], *, by: str) -> list[str]:
    """Which of those modules the import of ``by`` imports."""
    code = f"import json, sys, {by}; print(json.dumps([n for n in {names} if n in sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded: list[str] = json.loads(done.stdout)
    return loaded


# The client


@pytest.fixture
def chatted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str | None, str | None]]:
    """What the terminal client was started with."""
    calls: list[tuple[str, str | None, str | None]] = []
    module = ModuleType("hubbub.terminal.plain")
    module.main = lambda where, user, room, **_: calls.append((str(where), user, room))  # type: ignore[attr-defined]
    monkeypatch.setattr("hubbub.terminal.trusting.makes_sure", lambda *_: True)
    monkeypatch.setitem(sys.modules, "hubbub.terminal.plain", module)
    return calls


@pytest.mark.parametrize(
    "words, call",
    [
        ([], ("127.0.0.1:8080", None, None)),
        (["--plain"], ("127.0.0.1:8080", None, None)),
        (["ada@chat.example:9/General"], ("chat.example:9", "ada", "General")),
        (["--host", "b.example", "--port", "7"], ("b.example:7", None, None)),
        (["ada@a.example:9/General", "--port", "7"], ("a.example:7", "ada", "General")),
    ],
)
def test_chat_takes_an_address_or_its_parts(
    run: Any,
    chatted: list[tuple[str, str | None, str | None]],
    words: list[str],
    call: tuple[str, str | None, str | None],
) -> None:
    assert not run("chat", *words).code
    assert chatted == [call]


def test_the_servers_variables_say_nothing_to_the_client(
    run: Any,
    chatted: list[tuple[str, str | None, str | None]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HUBBUB_PORT", "many")
    assert not run("chat").code


# Scripts


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the commands for scripts were started with."""
    calls: list[tuple[Any, ...]] = []

    def take(where: Any, who: Any, room: str, *rest: Any, **named: Any) -> int:
        del named["trust"]
        calls.append((str(where), str(who.name), str(room), *rest, *named.values()))
        return 7

    for name in ("send", "tail"):
        module = ModuleType(f"hubbub.terminal.{name}")
        module.main = take  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setenv("LOGNAME", "ada")
    for name in ("HUBBUB_USER", "HUBBUB_SERVER"):
        monkeypatch.delenv(name, raising=False)
    return calls


@pytest.mark.parametrize(
    "words, call",
    [
        (["#tea", "hi", "ben"], ("127.0.0.1:8080", "ada", "tea", ["hi", "ben"], 30.0, False)),
        (["tea"], ("127.0.0.1:8080", "ada", "tea", [], 30.0, False)),
        (["tea", "-"], ("127.0.0.1:8080", "ada", "tea", ["-"], 30.0, False)),
        (["tea", "-", "-", "-5"], ("127.0.0.1:8080", "ada", "tea", ["-", "-", "-5"], 30.0, False)),
        (["tea", "--", "--user"], ("127.0.0.1:8080", "ada", "tea", ["--user"], 30.0, False)),
        (
            ["tea", "hi", "--server", "ben@b.example:9", "--timeout", "1.5"],
            ("b.example:9", "ben", "tea", ["hi"], 1.5, False),
        ),
        (
            ["tea", "hi", "--server", "ben@[::1]", "--user", "eve"],
            ("[::1]:8080", "eve", "tea", ["hi"], 30.0, False),
        ),
        # The room behind the server, and its port beside it
        (
            ["hi", "ben", "--server", "b.example:9/tea"],
            ("b.example:9", "ada", "tea", ["hi", "ben"], 30.0, False),
        ),
        (
            ["--server", "https://b.example/tea", "-"],
            ("b.example:443", "ada", "tea", ["-"], 30.0, False),
        ),
        (
            ["--server", "b.example/tea", "--port", "9"],
            ("b.example:9", "ada", "tea", [], 30.0, False),
        ),
        (["tea", "hi", "--port", "9"], ("127.0.0.1:9", "ada", "tea", ["hi"], 30.0, False)),
        (["tea", "--whole"], ("127.0.0.1:8080", "ada", "tea", [], 30.0, True)),
        (["tea", "-", "--whole"], ("127.0.0.1:8080", "ada", "tea", ["-"], 30.0, True)),
    ],
)
def test_send_takes_a_room_a_text_and_who_says_it(
    run: Any, scripted: list[tuple[Any, ...]], words: list[str], call: tuple[Any, ...]
) -> None:
    assert run("send", *words).code == 7
    assert scripted == [(*call, ())]
    scripted.clear()
    assert run("send", "--file", "a.txt", "--file", "b.txt", *words).code == 7
    assert scripted == [(*call, (Path("a.txt"), Path("b.txt")))]


@pytest.mark.parametrize(
    "words, call",
    [
        (["tea"], (20, None, None, False, False)),
        (["tea", "-n", "5", "--follow", "--json"], (5, None, None, True, True)),
        (["tea", "--after", "0", "-f"], (20, 0, None, True, False)),
        (["tea", "--after", "12@1690729205000"], (20, 12, 1_690_729_205_000, False, False)),
        (["--server", "127.0.0.1/tea"], (20, None, None, False, False)),
        (["tea", "--port", "8080"], (20, None, None, False, False)),
    ],
)
def test_tail_takes_a_room_and_from_where_on(
    run: Any, scripted: list[tuple[Any, ...]], words: list[str], call: tuple[Any, ...]
) -> None:
    assert run("tail", *words).code == 7
    assert scripted == [("127.0.0.1:8080", "ada", "tea", *call)]


@pytest.mark.parametrize(
    "words, why",
    [
        (["send"], "Which room? For example: make 2>&1 | hubbub send Builds"),
        (["tail"], "Which room? For example: hubbub tail --follow General"),
        (["tail", "tea", "--server", "b.example/tea"], "Give the room once"),
        (["send", "tea", "hi", "--whole"], "--whole is for the standard input"),
        (["send", "tea", "--server", "a b"], '"a b" is no host'),
        (["send", "tea", "--port", "99999"], "99999"),
    ],
)
def test_scripts_are_told_what_is_wrong(
    run: Any, scripted: list[tuple[Any, ...]], words: list[str], why: str
) -> None:
    ran = run(*words)
    assert ran.code == 2
    assert why in ran.err
    assert scripted == []


@pytest.mark.parametrize(
    "variable, server, where, who",
    [
        ("b.example:9", [], "b.example:9", "ada"),
        ("ben@b.example:9/Kitchen", [], "b.example:9", "ben"),
        ("ben@b.example:9", ["--server", "c.example"], "c.example:8080", "ada"),
        ("b.example:9", ["--server", "eve@"], "b.example:9", "eve"),
        ("https://b.example", ["--port", "9"], "b.example:9", "ada"),
        ("", [], "127.0.0.1:8080", "ada"),
    ],
)
def test_where_the_server_is_can_be_said_in_the_environment(
    run: Any,
    scripted: list[tuple[Any, ...]],
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    server: list[str],
    where: str,
    who: str,
) -> None:
    monkeypatch.setenv("HUBBUB_SERVER", variable)
    run("send", "tea", "hi", *server)
    run("tail", "tea", *server)
    assert [call[:3] for call in scripted] == [(where, who, "tea")] * 2


def test_a_server_in_the_environment_that_is_none_is_told(
    run: Any, scripted: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUBBUB_SERVER", "b.example:x")
    ran = run("send", "tea", "hi")
    assert ran.code == 2
    assert "HUBBUB_SERVER in the environment" in ran.err
    assert scripted == []


def test_who_one_is_can_be_said_in_the_environment(
    run: Any, scripted: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUBBUB_USER", "eve")
    run("send", "tea", "hi")
    run("send", "tea", "hi", "--user", "ben")
    monkeypatch.delenv("HUBBUB_USER")
    monkeypatch.setenv("LOGNAME", "John Smith")
    run("send", "tea", "hi")
    assert [call[1] for call in scripted] == ["eve", "ben", "John-Smith"]


def test_completion_can_be_installed(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    ran = run("--install-completion", "--shell", "fish")
    assert not ran.code
    installed = tmp_path / ".config" / "fish" / "completions" / "hubbub.fish"
    assert str(installed) in ran.out
    assert installed.read_text() == run("completion", "fish").out
