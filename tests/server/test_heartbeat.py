"""WebSockets that are silent are pinged; those that are dead are cut off."""

from __future__ import annotations

from hubbub.server.options import Options
from hubbub.server.websocket import JsonConnection
from tests.server.serving import Chatter, LineClient, Server, eventually, serving

CALM = Options(port=0, ping_seconds=1000, idle_seconds=2500)
QUICK = Options(port=0, ping_seconds=0.04, idle_seconds=60)
SHORT = Options(port=0, ping_seconds=0.1, idle_seconds=0.5)
PING = b"\x89\x00"
PONG = b"\x8a\x80\0\0\0\0"


async def heard(connection: JsonConnection, client: LineClient, data: bytes) -> None:
    """The client sends something, and the server notes that it did."""
    before = connection._heard = connection._heard - 1
    client.send(data)
    await eventually(lambda: connection._heard > before)


def the_connection(server: Server) -> JsonConnection:
    (connection,) = server.context.heartbeat
    assert isinstance(connection, JsonConnection)
    return connection


def silent(connection: JsonConnection, seconds: float) -> None:
    """The heart beats when nothing has come for so long."""
    connection.beat(connection._heard + seconds)


async def test_a_silent_client_is_pinged_once_and_cut_off_when_it_does_not_answer() -> None:
    async with serving(CALM) as server:
        client = await server.raw_web()
        connection = the_connection(server)
        for seconds in (999, 1001, 1500, 2499, 2501):
            silent(connection, seconds)
        assert await client.rest() == PING, "one ping, then the end"
        await server.connections(0)


async def test_a_silent_client_that_answers_pings_stays() -> None:
    async with serving(CALM) as server:
        client = await server.raw_web()
        connection = the_connection(server)
        for _ in range(3):
            silent(connection, 2400)
            assert await client.until_bytes(PING) == PING
            await heard(connection, client, PONG)
        assert len(server.context.admission) == 1


async def test_nobody_is_cut_off_because_the_server_stood_still() -> None:
    """Suspended for an hour: what clients have sent meanwhile was not read yet."""
    async with serving(CALM) as server:
        client = await server.raw_web()
        heartbeat = server.context.heartbeat
        connection = the_connection(server)
        now = connection._heard
        heartbeat.beat(now)
        heartbeat.beat(now + 3600)
        assert len(server.context.admission) == 1
        for beat in range(1, 11):  # from now on at its usual pace
            heartbeat.beat(now + 3600 + 250 * beat)
        assert await client.rest() == PING, "who is gone is cut off in the end"


async def test_who_talks_is_not_pinged() -> None:
    async with serving(CALM) as server:
        client = await server.raw_web()
        connection = the_connection(server)
        for _ in range(3):
            silent(connection, 999)
            await heard(connection, client, PONG)
        client.close()
        assert await client.rest() == b""


async def test_the_heart_beats_by_itself() -> None:
    async with serving(QUICK) as server:
        client = await server.raw_web()
        for _ in range(3):
            assert await client.until_bytes(PING) == PING
            client.send(PONG)


async def test_a_client_of_a_library_stays() -> None:
    async with serving(QUICK) as server, server.web() as socket:
        connection = the_connection(server)
        connection._heard -= 50
        before = connection._heard
        await eventually(lambda: connection._heard > before)
        await Chatter(socket).ask("pong", type="ping")


async def test_a_line_client_may_be_silent_for_as_long_as_it_likes() -> None:
    async with serving(SHORT) as server:
        ada = await server.enter("ada")
        web = await server.raw_web()
        await web.rest()
        ada.say("still here")
        await ada.until("ada: still here")


async def test_a_handshake_that_never_ends_is_cut_off() -> None:
    async with serving(SHORT) as server:
        client = await server.line(b"GET /ws HTTP/1.1\r\nHost: localhost\r\n")
        assert await client.rest() == b""
        await server.connections(0)
