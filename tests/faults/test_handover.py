"""A server hands over to another process: nobody is refused, nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import signal
import socket
import sqlite3
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.conftest import LONG
from tests.faults.disk.shim import Shim, needs_a_compiler
from tests.faults.handing import HandingServer, is_alive
from tests.faults.people import LOST, Person, read_log
from tests.patience import PATIENCE_SECONDS, wait_until

pytestmark = [
    pytest.mark.slow,  # each process imports everything
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc"),
]

if_long = pytest.mark.skipif(not LONG, reason="each process that starts costs a second")

FLAGS = ("--rate-limit", "0", "--sessions-per-address", "0", "--durability", "process")
WEB, LINES, HTTP = 38, 8, 4
HAND_OVERS = 3

FAILS_LATER = """
import hubbub.cli.handing as handing
async def fails(*_, **__):
    raise handing.Failed("The disk is on fire.")
handing.open_log = fails
"""
IS_KILLED_LATER = """
import os, hubbub.cli.handing as handing
async def is_killed(*_, **__):
    os.kill(os.getpid(), 9)
handing.open_log = is_killed
"""
HANGS = """
import time, hubbub.cli.handing as handing
handing._rehearse = lambda data: time.sleep(1000)
"""
HANGS_LATER = """
import asyncio, hubbub.cli.handing as handing
async def hangs(*_, **__):
    await asyncio.sleep(1000)
handing.open_log = hangs
"""


class Quick(Person):
    """Says a text now and then, and comes back when the server has said so."""

    window: int = 1

    async def live(self) -> None:
        while self.talking or self.waiting:
            self.back_in = 0.05
            try:
                async with connect(self.url, compression=None) as socket:
                    await self._enter(socket)
                    await self._chat(socket)
            except ConnectionRefusedError:
                raise  # what must not be
            except LOST:
                await asyncio.sleep(self.back_in)

    async def _hear(self, socket: Any, frame: dict[str, Any]) -> None:
        if frame["type"] == "bye":
            assert frame["reason"] == "restarting"
            self.back_in = frame["reconnect"]
        if frame["type"] == "ack":
            await asyncio.sleep(0.2)  # people think between two texts
        await super()._hear(socket, frame)


class Poster:
    """A program with an account that posts over HTTP, each text until it is taken."""

    def __init__(self, port: int, name: str) -> None:
        self.port = port
        self.name = name
        self.acked: dict[str, int] = {}
        self.talking = True

    async def register(self, url: str) -> None:
        ask = {"type": "register", "user": self.name, "password": "correct horse 1"}
        async with connect(url, compression=None) as socket:
            await socket.send(json.dumps(ask))
            self.token = json.loads(await socket.recv())["token"]

    async def live(self) -> None:
        number = 0
        while self.talking:
            text = f"{self.name} posts {number}"
            number += 1
            while text not in self.acked:
                seq = await self._post(text)
                if seq is not None:
                    self.acked[text] = seq
                await asyncio.sleep(0.2)

    async def _post(self, text: str) -> int | None:
        body = json.dumps({"text": text, "nonce": text}).encode()
        request = (
            b"POST /api/rooms/General/messages HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"Content-Type: application/json\r\nConnection: close\r\n"
            + f"Authorization: Bearer {self.token}\r\n".encode()
            + f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        # At once, however busy this process is: who is silent for a second is asked for a name.
        sock = socket.create_connection(("127.0.0.1", self.port))
        sock.sendall(request)
        reader, writer = await asyncio.open_connection(sock=sock)
        try:
            answer = await reader.read(-1)
        except ConnectionResetError:
            return None  # a connection that the old server had taken just then
        finally:
            writer.close()
        head, _, rest = answer.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            assert not head or head.startswith(b"HTTP/1.1 503"), head
            return None
        return int(json.loads(rest)["seq"])


class Typist:
    """Somebody with netcat, who comes again when the server has told so."""

    def __init__(self, port: int, name: str) -> None:
        self.port = port
        self.name = name
        self.shown: list[str] = []
        self.told = 0
        self.done = asyncio.Event()

    async def live(self) -> None:
        number = 0
        while not self.done.is_set():
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            try:
                writer.write(f"{self.name}\nGeneral\n".encode())
                while line := (await reader.readline()).decode().rstrip():
                    if self.done.is_set():
                        break
                    if line.startswith("The server restarts: connect again in a moment."):
                        self.told += 1
                    said = line.partition("] ")[2]
                    if said.startswith(f"{self.name}: "):
                        self.shown.append(said.partition(": ")[2])
                    if said == f"{self.name} has joined the chat!" or said.startswith(self.name):
                        await asyncio.sleep(0.2)
                        writer.write(f"{self.name} types {number}\n".encode())
                        number += 1
            except (ConnectionResetError, BrokenPipeError):
                pass  # it typed just when the server had closed
            finally:
                writer.close()


async def test_fifty_clients_lose_nothing_while_the_server_hands_over_three_times(
    tmp_path: Path,
) -> None:
    with HandingServer(tmp_path / "data", *FLAGS) as server:
        web = [Quick(server.url, f"web{number}") for number in range(WEB)]
        posters = [Poster(server.port, f"http{number}") for number in range(HTTP)]
        typists = [Typist(server.port, f"nc{number}") for number in range(LINES)]
        async with asyncio.TaskGroup() as group:
            for person in web:
                group.create_task(person.live())
            for poster in posters:
                await poster.register(server.url)
                group.create_task(poster.live())
            for typist in typists:
                group.create_task(typist.live())
            for _ in range(HAND_OVERS):
                for person in web:
                    await person.acks(1)
                await asyncio.to_thread(server.hand_over)
            for person in web:
                await person.acks(1)
            for person in web:
                person.talking = False
            for poster in posters:
                poster.talking = False
            for typist in typists:
                typist.done.set()
        log = await read_log(server.url)
    assert [event["seq"] for event in log] == list(range(1, len(log) + 1))
    by_seq = {event["seq"]: event for event in log}
    said = Counter(event["text"] for event in log if event["kind"] == "said")
    assert set(said.values()) == {1}, "a text is in the log twice"
    joins = Counter(event["by"] for event in log if event["kind"] == "joined")
    lefts = Counter(event["by"] for event in log if event["kind"] == "left")
    for person in web:
        assert set(person.acked) == set(person.texts)
        for nonce, seq in person.acked.items():
            assert by_seq[seq]["text"] == person.texts[nonce]
        # The room was told of their last going at most: nobody was seen to come and go meanwhile.
        comings = [event for event in log if event["kind"] != "said" and event["by"] == person.name]
        assert (joins[person.name], lefts[person.name]) in ((1, 0), (1, 1)), comings
    for poster in posters:
        assert poster.acked
        assert all(by_seq[seq]["text"] == text for text, seq in poster.acked.items())
    assert any(typist.told for typist in typists)
    for typist in typists:
        assert typist.shown
        assert all(said[text] == 1 for text in typist.shown)


def answers(server: HandingServer) -> bool:
    """Whether somebody who connects now is greeted by name."""
    import urllib.request

    with urllib.request.urlopen(
        f"http://127.0.0.1:{server.port}/healthz", timeout=PATIENCE_SECONDS
    ) as answer:
        return bool(answer.status == 200)


def test_a_new_server_with_a_wrong_setting_changes_nothing(tmp_path: Path) -> None:
    with HandingServer(tmp_path / "data", *FLAGS) as server:
        (tmp_path / "hubbub.toml").write_text("ping-seconds = 0\n")
        old = server.pid
        server.ask()
        server.tells("did not start, so this one goes on: ")
        assert "ping-seconds cannot be" in server.output[-1]
        assert "exit code 2" in server.output[-1]
        assert server.pid == old
        assert answers(server)
        (tmp_path / "hubbub.toml").write_text("ping-seconds = 5\n")
        server.hand_over()
        assert answers(server)


@if_long
def test_a_new_server_whose_code_is_broken_changes_nothing(tmp_path: Path) -> None:
    with HandingServer(tmp_path / "data", *FLAGS) as server:
        (server.spoils / "structlog.py").write_text("half a line (\n")
        server.ask()
        server.tells("did not start, so this one goes on: ")
        assert "SyntaxError" in server.output[-1]
        assert "structlog.py" in server.output[-1]
        assert answers(server)


def test_a_new_server_that_is_older_than_the_database_changes_nothing(tmp_path: Path) -> None:
    with HandingServer(tmp_path / "data", *FLAGS) as server:
        with sqlite3.connect(server.data / "hubbub.db") as database:
            database.execute("UPDATE alembic_version SET version_num = '9999'")
            database.execute("UPDATE meta SET value = '9999' WHERE key = 'compatible_from'")
        database.close()
        server.ask()
        server.tells("did not start, so this one goes on: ")
        assert "was written by a newer Hubbub (its schema is 9999" in server.output[-1]
        assert answers(server)


@pytest.mark.parametrize("spoil", [FAILS_LATER, pytest.param(IS_KILLED_LATER, marks=if_long)])
async def test_the_old_server_comes_back_when_the_new_one_fails(tmp_path: Path, spoil: str) -> None:
    with HandingServer(tmp_path / "data", *FLAGS) as server:
        ada = Quick(server.url, "ada")
        async with asyncio.TaskGroup() as group:
            group.create_task(ada.live())
            await ada.acks(1)
            server.spoil(spoil)
            old, said = server.pid, len(server.output)
            server.ask()
            await asyncio.to_thread(server.tells, "failed, so this one serves again", after=said)
            assert server.pid == old
            await ada.acks(1)
            server.spoil("")
            await asyncio.to_thread(server.hand_over)
            await ada.acks(1)
            ada.talking = False
        log = await read_log(server.url)
        assert [event["kind"] for event in log if event["by"] == "ada"].count("joined") == 1


@needs_a_compiler
@pytest.mark.parametrize("call", ["write", pytest.param("sync", marks=if_long)])
async def test_a_disk_that_is_full_when_the_new_server_opens_the_log_costs_nothing(
    tmp_path: Path, call: str
) -> None:
    """Whichever of them serves in the end, all that was acknowledged is there."""
    shim = Shim(tmp_path / "disk")
    with HandingServer(shim.folder / "data", *FLAGS, environment=shim.environment()) as server:
        ada = Quick(server.url, "ada")
        async with asyncio.TaskGroup() as group:
            group.create_task(ada.live())
            await ada.acks(1)
            said = len(server.output)
            shim.fail(call, errno.ENOSPC)
            server.ask()
            await asyncio.to_thread(server.tells, "so this one serves again", after=said)
            await asyncio.to_thread(server.tells, "waits until it can open its log", after=said)
            said = len(server.output)
            shim.heal()
            await asyncio.to_thread(server.tells, "Listening on", after=said)
            await ada.acks(1)
            await asyncio.to_thread(server.hand_over)
            await ada.acks(1)
            ada.talking = False
        log = await read_log(server.url)
        there = [event["text"] for event in log if event["kind"] == "said"]
        assert there == list(ada.texts.values())


@pytest.mark.parametrize("spoil", [pytest.param(HANGS, marks=if_long), HANGS_LATER])
def test_sigterm_in_the_middle_ends_both(tmp_path: Path, spoil: str) -> None:
    with HandingServer(tmp_path / "data", *FLAGS) as server:
        server.spoil(spoil)
        old = server.pid
        server.ask()
        server.tells("is starting; this one goes on")
        if spoil == HANGS_LATER:
            wait_until(lambda: _is_free(server.data))
        (new,) = server.started()
        assert server.stop() == 0
        wait_until(lambda: not is_alive(new))
        assert not is_alive(old)


def is_told_to_end(moment: str) -> str:
    """What makes a server be sent SIGTERM in the middle of its own hand-over."""
    return f"""
import os, signal, hubbub.cli.handing as handing
from hubbub.server.handover.successor import Successor
following, takes_over, leave = handing.following, Successor.takes_over, Successor.leave
def told():
    os.kill(os.getpid(), signal.SIGTERM)
def followed(service):
    if service.successor and {moment!r} == "let go":
        told()
    return following(service)
def taken_over(self, *words):
    done = takes_over(self, *words)
    if {moment!r} == "serving":
        told()
    return done
def left(self):
    leave(self)
    if {moment!r} == "left":
        told()
handing.following, Successor.takes_over, Successor.leave = followed, taken_over, left
"""


@pytest.mark.parametrize("moment", ["let go", "serving", pytest.param("left", marks=if_long)])
def test_sigterm_between_two_servers_ends_both(tmp_path: Path, moment: str) -> None:
    """Where neither of them runs: the old one has let go, or the new one just serves."""
    with HandingServer(tmp_path / "data", *FLAGS) as server:
        server.spoil(is_told_to_end(moment))
        server.hand_over()  # so that the old one is not the process that was started first
        server.spoil("")
        server.ask()
        server.died()
        _, new = server.started()
        wait_until(lambda: not is_alive(new))


def test_a_second_signal_while_the_new_server_starts_is_told_and_nothing_else(
    tmp_path: Path,
) -> None:
    with HandingServer(tmp_path / "data", *FLAGS) as server:
        server.spoil(HANGS)
        server.ask()
        server.tells("is starting; this one goes on")
        server.ask()
        server.tells("A new server is being started already")
        (new,) = server.started()
        os.kill(new, signal.SIGKILL)
        server.tells("did not start, so this one goes on: it has not said why (killed by signal 9)")
        server.spoil("")
        server.hand_over()


def waits_for(flag: Path) -> str:
    """What makes new servers wait for a file before they are ready."""
    return (
        "import time, hubbub.cli.handing as handing\n"
        "from pathlib import Path\n"
        "def wait(*_):\n"
        f"    while not Path({str(flag)!r}).exists(): time.sleep(0.01)\n"
        "handing._rehearse = wait\n"
    )


def test_the_new_server_takes_over_when_the_old_one_is_killed(tmp_path: Path) -> None:
    """Whoever has started it wants it, unless the old one is the process that was started first."""
    with HandingServer(tmp_path / "data", *FLAGS) as server:
        server.hand_over()
        server.spoil(waits_for(tmp_path / "go"))
        old, said = server.pid, len(server.output)
        server.ask()
        server.tells("is starting; this one goes on", after=said)
        os.kill(old, signal.SIGKILL)
        said = len(server.output)
        (tmp_path / "go").touch()
        server.tells("Listening on", after=said)
        assert server.pid == server.started()[-1]
        assert answers(server)
        assert server.stop() == 0  # by the process that was started first


def dies_at(moment: str) -> str:
    """What makes a server be killed by kill -9 in the middle of its own hand-over."""
    return f"""
import os
from hubbub.server.handover.channel import Channel
from hubbub.server.handover.successor import Successor
def die(*_):
    os.kill(os.getpid(), 9)
def say(self, word, say=Channel.say):
    say(self, word)
    if word.startswith("go"):
        die()
if {moment!r} == "before go": Successor.takes_over = die
if {moment!r} == "after go": Channel.say = say
if {moment!r} == "serving": Successor.leave = die
"""


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param("before go", marks=if_long),
        "after go",
        pytest.param("serving", marks=if_long),
    ],
)
async def test_kill_9_of_the_old_server_at_any_moment_of_a_hand_over_loses_nothing(
    tmp_path: Path, moment: str
) -> None:
    with HandingServer(tmp_path / "data", *FLAGS) as server:
        server.spoil(dies_at(moment))
        await asyncio.to_thread(server.hand_over)
        server.spoil("")
        ada = Quick(server.url, "ada")
        async with asyncio.TaskGroup() as group:
            group.create_task(ada.live())
            await ada.acks(1)
            await asyncio.to_thread(server.hand_over)
            await ada.acks(1)
            ada.talking = False
        said = [event["text"] for event in await read_log(server.url) if event["kind"] == "said"]
        assert said == list(ada.texts.values())
        assert server.stop() == 0


def test_systemd_is_told_of_a_hand_over_and_which_process_is_the_server(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(PATIENCE_SECONDS)

        def told() -> list[str]:
            return manager.recv(4096).decode().split("\n")

        environment = {"NOTIFY_SOCKET": str(tmp_path / "notify")}
        with HandingServer(tmp_path / "data", *FLAGS, environment=environment) as server:
            assert told()[0] == "READY=1"
            server.hand_over()
            assert told()[0] == "RELOADING=1"
            assert told()[0].startswith("WATCHDOG=1")
            while (words := told()) == ["WATCHDOG=1"]:
                pass
            assert words == [f"MAINPID={server.pid}"]
            assert told()[0] == "READY=1"
            server.died()  # the first one: systemd needs no process to stay
            server.ask(signal.SIGTERM)
            assert told()[0] == "STOPPING=1"


def test_the_process_that_was_started_first_stays_and_stands_for_the_server(
    tmp_path: Path,
) -> None:
    with HandingServer(tmp_path / "data", *FLAGS) as server:
        first = server.pid
        server.hand_over()
        server.tells("this one stays for it")
        second = server.pid
        os.kill(first, signal.SIGUSR2)  # as if it were the server
        wait_until(lambda: server.pid not in (first, second))
        server.tells(f"process {server.pid}")
        wait_until(lambda: not is_alive(second))
        assert answers(server)
        third = server.pid
        server.kill()  # the first one, by kill -9
        wait_until(lambda: not is_alive(third))
        server.tells("The process that was started first was killed, so the server ends")


@if_long
def test_killing_the_first_process_in_the_middle_leaves_no_server_behind(tmp_path: Path) -> None:
    """Whoever watches it starts another one, which needs the port and the folder."""
    with HandingServer(tmp_path / "data", *FLAGS) as server:
        server.spoil(waits_for(tmp_path / "go"))
        server.ask()
        server.tells("is starting; this one goes on")
        server.kill()
        (tmp_path / "go").touch()
        wait_until(lambda: not is_alive(server.started()[0]))
        server.spoil("")
        server.start()
        assert answers(server)


LATE_IMPORTS = """
import sys, hubbub.cli.handing as handing
from hubbub.server.handover.predecessor import Predecessor
begin, leave = handing.begin, Predecessor.leave
def begun(*words, **more):
    service = begin(*words, **more)
    begun.before = set(sys.modules)
    return service
async def left(self):
    late = set(sys.modules) - begun.before
    print("late:", *sorted(name for name in late if name.startswith("hubbub")), file=sys.stderr)
    await leave(self)
handing.begin, Predecessor.leave = begun, left
"""


def test_a_new_server_has_imported_all_that_it_needs_before_the_old_one_ends(
    tmp_path: Path,
) -> None:
    with HandingServer(tmp_path / "data", *FLAGS) as server:
        server.spoil(LATE_IMPORTS)
        server.hand_over()
        server.tells("late:")
        (late,) = (line for line in server.output if line.startswith("late:"))
        assert late == "late:", "these belong into LATER in hubbub/cli/handing.py"


@if_long
async def test_everybody_is_told_when_to_come_back(tmp_path: Path) -> None:
    with HandingServer(tmp_path / "data", *FLAGS) as server:
        async with connect(server.url, compression=None) as socket:
            await socket.send(json.dumps({"type": "hello", "user": "ada"}))
            await socket.recv()
            handing = asyncio.create_task(asyncio.to_thread(server.hand_over))
            bye = json.loads(await socket.recv())
            assert bye["type"] == "bye"
            assert bye["reason"] == "restarting"
            assert 0 < bye["reconnect"] < 1
            with pytest.raises(ConnectionClosed):
                await socket.recv()
            await handing


def _is_free(data: Path) -> bool:
    import fcntl

    handle = os.open(data, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(handle)
    return True
