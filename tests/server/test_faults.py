"""A fault of the server's own is one connection's, and nobody else's."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hubbub.domain.commands import Command, Say
from hubbub.server.line import LineConnection
from tests.server.serving import serving


async def test_a_fault_in_one_connection_ends_that_one_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also when the hub wakes it, in the middle of waking others."""
    faults: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))
    sound = LineConnection.next_command

    def faulty(self: LineConnection) -> Command | None:
        command = sound(self)
        if isinstance(command, Say) and command.text == "boom":
            raise ZeroDivisionError
        return command

    monkeypatch.setattr(LineConnection, "next_command", faulty)
    async with serving() as server:
        ben, eve = await server.enter("ben"), await server.enter("eve")
        eve.send(b"one\n/who\nboom\n")
        ben.send(b"two\n/who\n")
        heard = await ben.until("In General (2 users): ben, eve")
        assert "[…] eve: one" in heard
        await ben.until("eve has left the chat!")
        await eve.rest()
    assert [type(fault["exception"]) for fault in faults] == [ZeroDivisionError]
