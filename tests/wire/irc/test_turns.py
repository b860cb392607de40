"""A client that asks for much takes turns with others: also by what is answered from memory."""

from __future__ import annotations

import pytest

from hubbub.domain.names import RoomName
from hubbub.wire.irc.capabilities import Cap
from tests.wire.irc.played import GENERAL, Client


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


def test_of_many_rooms_one_is_told_at_a_turn() -> None:
    """Of fifty rooms with a hundred people who say ten things each it would be tens of megabytes
    for one short line.
    """
    rooms = (GENERAL, *(RoomName.parse(f"lab{number}") for number in range(9)))
    client = Client(Cap.METADATA | Cap.BATCH, rooms=rooms)
    client.world.labelled["ben"] = {"color": "red"}
    client.wire.receive(b"METADATA * SUB color\r\nPING x\r\n")
    told = []
    for _ in range(1 + len(rooms)):
        assert client.wire.next_command() is None
        assert client.wire.has_more
        told.append(client.lines())
    assert told[0] == [":hub.chat 770 ada color"]
    assert [lines[0].split()[-1] for lines in told[1:]] == [f"#{room}" for room in rooms]
    assert client.wire.next_command() is not None, "then what the client has sent behind it"
