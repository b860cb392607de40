"""What docs/protocol.md says is so, and the clients that it shows do what it promises."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect as open_websocket

from hubbub.client import Chat, Happened, Said, connect
from tests.patience import PATIENCE_SECONDS
from tests.process import ROOT, ServerProcess

PAGE = (ROOT / "docs" / "protocol.md").read_text()
WEBSOCKET_FLAG = "--experimental-websocket"  # Node 20 has one behind it; later ones need it not


def shown(language: str) -> str:
    (program,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(program)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path / "data", "--rate-limit", "0") as server:
        yield server


# The line protocol


@pytest.fixture
def script(server: ServerProcess, tmp_path: Path) -> Path:
    """The script of the page, for this server."""
    path = tmp_path / "script.py"
    path.write_text(shown("python").replace("8080", str(server.port)))
    return path


def ran(script: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, script],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )


def test_the_script_says_its_text_and_reads_it_back(script: Path) -> None:
    done = ran(script)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("] Alice: Donec pulvinar erat.\n\n")
    assert " Alice has joined the chat!\n" in done.stdout


async def test_the_script_does_not_take_its_room_for_its_name(
    script: Path, server: ServerProcess
) -> None:
    async with connect(f"127.0.0.1:{server.port}", user="alice") as chat:
        done = ran(script)
        assert done.returncode == 1
        assert 'The name "alice" is in use, maybe by you' in done.stderr
        assert [room.name for room in await chat.rooms()] == ["General"]


def test_lines_that_are_all_sent_at_once_are_all_done(server: ServerProcess) -> None:
    if shutil.which("nc") is None:
        pytest.skip("there is no nc here")
    (command,) = re.findall(r"```sh\n(printf .*)\n```", PAGE)
    done = subprocess.run(
        ["sh", "-c", command.replace("8080", str(server.port))],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    assert done.stdout.endswith("] Alice: Donec pulvinar erat.\n")


# JSON


@contextmanager
def bot(server: ServerProcess, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The bot of the page, running."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node here")
    script = folder / "bot.mjs"
    script.write_text(shown("js"))
    for flags in ([], [WEBSOCKET_FLAG]):
        probe = [node, *flags, "-e", "new WebSocket('ws://127.0.0.1:1').onerror = () => {}"]
        done = subprocess.run(probe, capture_output=True, check=False, timeout=PATIENCE_SECONDS)
        if done.returncode == 0:
            break
    else:
        pytest.skip("this node has no WebSocket")
    process = subprocess.Popen([node, *flags, script, server.url], stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def hear(chat: Chat, by: str) -> str:
    """What ``by`` says next."""
    async for update in chat:
        match update:
            case Happened(_, Said(by=who, text=text)) if who == by:
                return text
    raise AssertionError("the chat has ended")


@pytest.mark.slow
async def test_the_bot_answers_each_question_once_though_the_server_is_killed(
    server: ServerProcess, tmp_path: Path
) -> None:
    async with connect(f"127.0.0.1:{server.port}", user="ada") as ada:
        await ada.join("General")
        await ada.say("General", "!time")  # before the bot came
        with bot(server, tmp_path):
            async for update in ada:
                if isinstance(update, Happened) and update.event.by == "clock":
                    break
            for _ in range(3):
                await ada.say("General", "!time")
                assert (await hear(ada, "clock")).startswith("ada, it is 20")
                server.restart()
            await ada.say("General", "!time")
            assert (await hear(ada, "clock")).startswith("ada, it is 20")
        page = await ada.history("General", limit=200)
        texts = [(event.by, event.text[:4]) for event in page.events if isinstance(event, Said)]
        assert texts.count(("clock", "ada,")) == 4
        assert texts.count(("ada", "!tim")) == 5


async def test_the_bot_that_cannot_have_its_name_ends(
    server: ServerProcess, tmp_path: Path
) -> None:
    async with connect(f"127.0.0.1:{server.port}", user="clock"):
        with bot(server, tmp_path) as process:
            assert process.wait(PATIENCE_SECONDS) == 1


# What the page says of joins, names and ends


@contextmanager
def raw(server: ServerProcess) -> Iterator[Callable[..., dict[str, Any]]]:
    """Sends a frame and gives the answer to it: ``ask(type="ping")``; with ``None`` the next."""
    with open_websocket(server.url, proxy=None) as client:

        def ask(frame: str | bytes | None = None, **command: Any) -> dict[str, Any]:
            if frame is not None or command:
                client.send(json.dumps(command) if frame is None else frame)
            told: dict[str, Any] = json.loads(client.recv(20))
            return told

        yield ask


def test_a_join_begins_where_the_page_says(server: ServerProcess) -> None:
    with raw(server) as ask:
        ask(type="hello", user="ada")
        first = ask(type="join", room="General")
        assert (first["after"], first["head"]) == (0, 1)
        assert [event["seq"] for event in ask()["events"]] == [1]
        again = ask(type="join", room="general")
        assert (again["room"], again["after"], again["head"]) == ("General", 1, 1)
        assert ask(type="ping")["type"] == "pong", "nothing is repeated"
        behind = ask(type="join", room="General", after=0)
        assert (behind["after"], behind["head"]) == (0, 1)
        assert [event["seq"] for event in ask()["events"]] == [1]
        assert ask(type="join", room="General", after=2)["code"] == "bad-cursor"
        for _ in range(150):
            assert ask(type="say", room="General", text="on")["type"] == "events"
            assert ask()["type"] == "ack"
        assert ask(type="leave", room="General")["type"] == "left"
        later = ask(type="join", room="General")
        assert later["head"] - later["after"] == 100 + 1, "and ada's own"
        assert ask()["events"][0]["seq"] == later["after"] + 1


def test_what_may_come_before_a_name_and_after_it(server: ServerProcess) -> None:
    with raw(server) as ask:
        assert ask(type="rooms", id=1)["re"] == 1
        assert ask(type="ping")["type"] == "pong"
        assert ask(type="who", room="General")["code"] == "need-name"
        assert ask(type="hello", user="a b")["code"] == "invalid-name"
        assert ask(b"binary")["code"] == "bad-message"
        assert ask(type="hello", user="ada")["user"] == "ada"
        assert ask(type="hello", user="ben")["code"] == "already-named"
        assert ask(type="history", room="General")["events"] == []


def end(server: ServerProcess, *frames: str | bytes) -> tuple[int | None, list[str]]:
    """With which code a connection ends that says this, and the types of what it was told."""
    with open_websocket(server.url, proxy=None) as client:
        for frame in frames:
            client.send(frame)
        told: list[str] = []
        with contextlib.suppress(ConnectionClosed):
            while True:
                told.append(str(json.loads(client.recv(20))["type"]))
        return client.close_code, told


@pytest.fixture
def hurried(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path / "data", "--name-seconds", "5", "--rate-limit", "0") as server:
        yield server


def test_connections_end_as_the_page_says(hurried: ServerProcess) -> None:
    hello = '{"type":"hello","user":"ada"}'
    assert end(hurried, hello, '{"type":"bye"}') == (1000, ["welcome", "bye"])
    assert end(hurried) == (1000, ["bye"]), "no name came in time"
    assert end(hurried, "x" * 70_000) == (1009, [])
    with open_websocket(hurried.url, proxy=None) as client:
        client.send(hello)
        client.recv(20)
        hurried.stop()
        last = json.loads(client.recv(20))
        assert (last["type"], last["reason"]) == ("bye", "shutting-down")
        with pytest.raises(ConnectionClosed):
            client.recv(20)
        assert client.close_code == 1001
