"""A client that asks for much takes turns with others: also by what is answered from memory."""

from __future__ import annotations

import pytest

from tests.wire.irc.played import Client


@pytest.mark.parametrize(
    "line", ["WHO", "HELP", "WHOIS ben", "LUSERS", "NOTHING", "CAP LS", "MOTD"]
)
def test_each_line_that_is_answered_at_once_is_a_turn_of_its_own(line: str) -> None:
    client = Client()
    client.sends(line)
    once = client.lines()
    assert once
    client.wire.receive(f"{line}\r\n".encode() * 3)
    for _ in range(3):
        assert client.wire.next_command() is None
        assert client.wire.has_more
        assert client.lines() == once
    assert client.wire.next_command() is None
    assert not client.wire.has_more
