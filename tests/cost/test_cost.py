"""No input within the limits keeps the event loop busy: whatever a client asks for once.

Hypothesis looks for what costs the most processor time of the loop's thread. The time of other
threads (search, the disk) is not counted here, nor that of other processes, so that a busy machine
changes little; what is over the bound is asked for again, and the least of ten counts.
"""

from __future__ import annotations

import itertools
import json
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, assume, given, settings, target
from hypothesis import strategies as st
from websockets.sync.client import ClientConnection, connect

from hubbub.domain import commands as ask
from hubbub.domain.commands import AnyCommand
from hubbub.hub.handlers import HANDLERS
from hubbub.wire.line.codec import VOCABULARY, Stage
from tests.conftest import LONG
from tests.cost import inputs
from tests.cost.world import ODD, PLAIN, World, forget, running
from tests.patience import PATIENCE_SECONDS

BOUND_MS = 25.0
AGAIN = 10

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="a thread's time is asked of Linux"
)
looking = settings(
    max_examples=300 if LONG else 12,
    deadline=None,
    phases=(Phase.explicit, Phase.generate, Phase.target),
    suppress_health_check=list(HealthCheck),
    verbosity=Verbosity.quiet,  # what is found is told in short: it is long
)
numbers = itertools.count()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running(tmp_path_factory.mktemp("world")) as world:
        yield world


def check(world: World, work: Callable[[], None], what: object) -> None:
    """``work``, which asks for ``what``, is within the bound."""
    cost = world.costs(work)
    target(cost)
    if cost > BOUND_MS:
        again = []
        for _ in range(AGAIN):
            forget()
            again.append(world.costs(work))
        assert min(again) <= BOUND_MS, f"{min(again):.0f} ms: {str(what)[:300]!a}"


# JSON


def frame(command: dict[str, Any]) -> str:
    return json.dumps(command, ensure_ascii=False)


@pytest.fixture(scope="module")
def owner(world: World) -> Iterator[Person]:
    """Who owns the server."""
    with closing(Person(world, None)) as root:
        root.ask({"type": "own", "code": world.owner_code})
        yield root


class Person:
    """Somebody over a WebSocket, in the two rooms, whose account administers the server: that one
    may do the most. A new one when the server has let go. ``token``: of the account.
    """

    def __init__(self, world: World, owner: Person | None) -> None:
        self._world = world
        self._owner = owner
        self.token = ""
        self._socket: ClientConnection | None = None
        self._open = ExitStack()
        self._asked = 0

    def ask(self, command: dict[str, Any]) -> None:
        """Asks, and waits until it is done."""
        socket = self.ready()
        self._asked += 1
        socket.send(frame(command))
        socket.send('{"type": "ping"}')
        while (heard := json.loads(socket.recv(PATIENCE_SECONDS)))["type"] != "pong":
            if heard["type"] == "welcome":
                self.token = heard["token"]
            if heard["type"] == "bye":
                self.close()
                return

    def ready(self) -> ClientConnection:
        """The connection; what it costs to have one is not measured."""
        if self._socket is None or self._asked >= 40:
            self.close()
            self._asked = 0
            self._socket = self._open.enter_context(
                connect(f"ws://127.0.0.1:{self._world.port}/ws", compression=None, max_size=None)
            )
            name = f"ada{next(numbers)}"
            for command in (
                {"type": "hello", "user": name},
                {"type": "register", "password": inputs.RIGHT},
                {"type": "join", "room": ODD, "after": 0},
                {"type": "join", "room": PLAIN},
            ):
                self._socket.send(frame(command))
            self.ask({"type": "ping"})
            if self._owner is not None:
                role = {"type": "role", "room": "/server", "user": name, "role": "moderator"}
                self._owner.ask(role)
        return self._socket

    def close(self) -> None:
        self._open.close()
        self._socket = None


def test_every_command_has_inputs() -> None:
    assert set(inputs.JSON) == set(HANDLERS) & set(get_args(AnyCommand))
    assert set(inputs.LINES) == {"", *(slash.word for slash in VOCABULARY.rows.values())}
    assert set(inputs.STAGES) == {stage.name for stage in Stage} - {Stage.CHAT.name}


def test_every_route_has_inputs(world: World) -> None:
    assert set(inputs.PATHS) == set(world.paths)
    assert set(inputs.BODIES) <= set(inputs.PATHS)


@pytest.mark.parametrize("kind", inputs.JSON, ids=lambda kind: kind.__name__)
def test_no_command_in_json_costs_much(
    world: World, owner: Person, kind: type[ask.Command]
) -> None:
    name = inputs.tag_of(kind)
    ada = Person(world, owner)

    @looking
    @given(inputs.JSON[kind])
    def look(fields: dict[str, Any]) -> None:
        command = {"type": name, **fields}
        assume(len(frame(command).encode()) <= inputs.LINE_BYTES)
        ada.ready()
        if name == "hello":
            check(world, lambda: introduce(world, command), command)
        elif name == "register":
            hello = {"type": "hello", "user": f"ada{next(numbers)}"}
            check(world, lambda: introduce(world, hello, command), command)
        elif name == "bye":
            check(world, lambda: introduce(world, {"type": "hello", "user": "b"}, command), command)
        else:
            check(world, lambda: ada.ask(command), command)

    look()
    ada.close()


def introduce(world: World, *commands: dict[str, Any]) -> None:
    """Says this on a connection of its own."""
    with connect(f"ws://127.0.0.1:{world.port}/ws", compression=None) as socket:
        for command in commands:
            socket.send(frame(command))
            socket.recv(PATIENCE_SECONDS)


# Lines


class Caller:
    """Somebody with netcat in the odd room."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._socket: socket.socket | None = None
        self._asked = 0
        self._end = b""

    def say(self, line: str) -> None:
        """Sends a line, and waits until it is done."""
        found = self.ready()
        self._asked += 1
        found.sendall(line.encode(errors="replace") + b"\n" + self._barrier())
        if not self._hear():
            self.close()

    def ready(self) -> socket.socket:
        if self._socket is None or self._asked >= 40:
            self.close()
            self._asked = 0
            address = ("127.0.0.1", self._world.port)
            self._socket = socket.create_connection(address, PATIENCE_SECONDS)
            self._socket.sendall(f"ada{next(numbers)}\n{ODD}\n".encode() + self._barrier())
            assert self._hear()
        return self._socket

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _barrier(self) -> bytes:
        """Lines that are answered when all before them is done: the help waits for that.

        The empty one is for a line that leads to a question.
        """
        self._end = f"/nothing{next(numbers)}".encode()
        return b"\n/help\n" + self._end + b"\n"

    def _hear(self) -> bool:
        assert self._socket is not None
        heard = b""
        while self._end not in heard:
            some = self._socket.recv(1 << 20)
            if not some:
                return False
            heard = heard[-100:] + some
        return True


@pytest.mark.parametrize("word", inputs.LINES)
def test_no_line_costs_much(world: World, word: str) -> None:
    ada = Caller(world)

    @looking
    @given(inputs.LINES[word])
    def look(rest: str) -> None:
        line = f"{word} {rest}".lstrip() if word else rest
        ada.ready()
        check(world, lambda: ada.say(line), line)

    look()
    ada.close()


@pytest.mark.parametrize("stage", inputs.STAGES)
def test_no_line_before_the_chat_costs_much(world: World, stage: str) -> None:
    @looking
    @given(inputs.STAGES[stage])
    def look(line: str) -> None:
        begin = [f"ada{next(numbers)}"] if stage == "ROOM" else []
        said = "\n".join(["", *begin, line, "exit", ""]).encode(errors="replace")

        def work() -> None:
            with world.connected() as sock:
                sock.sendall(said)
                while sock.recv(1 << 16):
                    pass

        check(world, work, line)

    look()


# HTTP


@pytest.mark.parametrize("route", inputs.PATHS)
def test_no_route_costs_much(world: World, owner: Person, route: str) -> None:
    @looking
    @given(inputs.PATHS[route], inputs.BODIES.get(route, st.none()))
    def look(path: str, said: dict[str, Any] | None) -> None:
        body = b"" if said is None else frame(said).encode()
        lines = (
            f"{'GET' if said is None else 'POST'} {path[:7000]} HTTP/1.1",
            "Host: 127.0.0.1",
            "Connection: close",
            f"Authorization: Bearer {ada.token}",
            *([] if said is None else ["Content-Type: application/json"]),
            f"Content-Length: {len(body)}",
        )
        head = "\r\n".join((*lines, "", "")).encode(errors="replace")

        def work() -> None:
            with world.connected() as sock:
                sock.sendall(head + body)
                with suppress(ConnectionResetError):  # it was answered before the body was read
                    while sock.recv(1 << 20):
                        pass

        ada.ready()
        check(world, work, (path, said))

    ada = Person(world, owner)
    look()
    ada.close()


# Of what is slow once, others are warned here.


@given(st.none())
@settings(max_examples=1)
def test_a_thread_has_a_clock_of_its_own(nothing: None) -> None:
    """Else nothing of the above would be measured."""
    import threading
    import time

    ready, done = threading.Event(), threading.Event()

    def work() -> None:
        end = time.thread_time() + 0.02
        while time.thread_time() < end:
            pass
        ready.set()
        done.wait()

    thread = threading.Thread(target=work)
    thread.start()
    ready.wait()
    assert thread.ident is not None
    world = World(0, thread, [])
    assert world.cpu() >= 0.02
    assert world.costs(lambda: time.sleep(0)) < 1.0
    done.set()
    thread.join()
