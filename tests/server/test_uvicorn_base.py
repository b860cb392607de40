"""What is used of uvicorn beyond its documentation is still there, and is used in one place.

When one of these fails after an upgrade, look at what uvicorn does instead, and change
`hubbub.server.http.uvicorn_base`; then raise the bound in pyproject.toml.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
from typing import Any

import h11
import pytest
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from hubbub.server.http.protocol import HttpProtocol
from hubbub.server.http.strict import StrictConnection
from hubbub.server.http.uvicorn_base import Application, H11Base

METHODS = {
    "__init__": ["self", "config", "server_state", "app_state", "_loop"],
    # These it calls, and they are overridden.
    "handle_events": ["self"],
    "_should_upgrade": ["self"],
    "handle_websocket_upgrade": ["self", "event"],
    "send_400_response": ["self", "msg"],
    "on_response_complete": ["self"],
    # These are called.
    "_get_upgrade": ["self"],
    "_unset_keepalive_if_required": ["self"],
    # asyncio calls these.
    "connection_made": ["self", "transport"],
    "connection_lost": ["self", "exc"],
    "data_received": ["self", "data"],
    "eof_received": ["self"],
    "resume_writing": ["self"],
    # This one only our own code calls.
    "shutdown": ["self"],
}

ATTRIBUTES: dict[str, type] = {
    "app": object,
    "conn": h11.Connection,
    "connections": set,
    "cycle": object,
    "flow": FlowControl,
    "loop": asyncio.AbstractEventLoop,
    "scope": dict,
    "timeout_keep_alive": float,
    "transport": object,
}

CYCLE = {"response_complete": False, "keep_alive": True, "disconnected": False}
"""Of the request that is being answered, with their values at the beginning."""


@pytest.mark.parametrize("name", METHODS)
def test_a_method_is_there_and_takes_what_it_took(name: str) -> None:
    method = getattr(H11Protocol, name, None)
    assert method is not None, f"uvicorn's H11Protocol has no {name} any more"
    found = list(inspect.signature(method).parameters)
    assert found == METHODS[name], f"H11Protocol.{name} takes other parameters than it did"


class Wire:
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        self.written = b""

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default

    def is_closing(self) -> bool:
        return False

    def write(self, data: bytes) -> None:
        self.written += data

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def close(self) -> None: ...


class Recorded(H11Base):
    """Reads requests at once, and notes which hooks were called."""

    def __init__(self, application: Application) -> None:
        self.hooks: list[str] = []
        conn = StrictConnection(head_bytes=1000, body_bytes=1000)
        super().__init__(application, conn, keep_alive_seconds=1.5)

    def requests_arrived(self) -> None:
        self.hooks.append("requests_arrived")
        self.read_requests()

    def is_upgrade(self, method: str, path: str, protocol: bytes) -> bool:
        self.hooks.append(f"is_upgrade {method} {path} {protocol!r}")
        return True

    def upgrade(self, request: h11.Request) -> None:
        self.hooks.append(f"upgrade {request.target!r}")

    def malformed(self, status: int, reason: str) -> None:
        self.hooks.append(f"malformed {status:d}")

    def answered(self) -> None:
        self.hooks.append("answered")


class App:
    """Answers when it is let."""

    def __init__(self) -> None:
        self.let = asyncio.Event()
        self.done = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.let.wait()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        self.done.set()


def connect(app: App) -> tuple[Recorded, Wire]:
    connection, wire = Recorded(Application(app, head_bytes=1000)), Wire()
    connection.connection_made(wire)  # type: ignore[arg-type]
    return connection, wire


async def test_the_attributes_are_there_while_a_request_is_answered() -> None:
    app = App()
    connection, wire = connect(app)
    connection.data_received(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    for name, kind in ATTRIBUTES.items():
        value = getattr(connection, name, None)
        assert isinstance(value, kind), f"H11Protocol.{name} is {value!r}"
    assert connection.connections == {connection}
    for name, value in CYCLE.items():
        found = getattr(connection.cycle, name, None)
        assert found is value, f"{name} of uvicorn's RequestResponseCycle is {found!r}"
    answering = [connection.answering]
    app.let.set()
    await app.done.wait()
    answering.append(connection.answering)
    assert answering == [True, False]
    assert wire.written.startswith(b"HTTP/1.1 204 ")
    assert connection.hooks == ["requests_arrived", "requests_arrived", "answered"]
    connection.connection_lost(None)
    assert connection.connections == set()


async def test_the_hooks_are_called() -> None:
    connection, _ = connect(App())
    head = b"GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n\r\n"
    connection.data_received(head)
    upgrade = ["is_upgrade GET /ws b'websocket'", "upgrade b'/ws'"]
    assert connection.hooks == ["requests_arrived", *upgrade]
    assert connection.connections == set(), "it is no HTTP connection any more"
    broken, _ = connect(App())
    broken.data_received(b"no request\r\n\r\n")
    assert broken.hooks == ["requests_arrived", "malformed 400"]
    broken.connection_lost(None)


async def test_an_answer_that_is_discarded_is_not_written() -> None:
    app = App()
    connection, wire = connect(app)
    connection.data_received(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    connection.discard_answer()
    assert connection.answer_discarded
    app.let.set()
    await app.done.wait()
    assert wire.written == b""
    connection.connection_lost(None)


def names_in(kind: type) -> set[str]:
    """The attributes of itself that the code of ``kind`` uses, and the methods that it defines."""
    names = set()
    for node in ast.walk(ast.parse(inspect.getsource(kind))):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("self", "super()"):
            names.add(node.attr)
        elif isinstance(node, ast.FunctionDef):
            names.add(node.name)
    return names


async def test_what_is_used_of_uvicorns_class_is_listed_here() -> None:
    connection, _ = connect(App())
    connection.connection_lost(None)
    used = names_in(H11Base) | names_in(HttpProtocol)
    theirs = {*vars(H11Protocol), *vars(connection)} - {"hooks"}
    assert used & theirs <= {*METHODS, *ATTRIBUTES}, "list it above, and test what is used of it"
    assert {*METHODS, *ATTRIBUTES} <= used, "this is listed and not used any more"


def test_the_state_of_the_server_holds_the_connections() -> None:
    assert ServerState().connections == set()
