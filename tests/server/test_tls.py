"""Every protocol inside TLS, on the same port as without."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from hubbub.server import first
from hubbub.server.options import Options
from hubbub.server.tls.files import FileCertificates
from tests.certificates import Files, make_certificate
from tests.server.serving import UPGRADE, Chatter, LineClient, Server, eventually, serving

GREETING = "Welcome to Hubbub! What is your name?"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return make_certificate(tmp_path_factory.mktemp("tls"))


def certificates(files: Files) -> FileCertificates:
    return FileCertificates(files.certificate, files.key, lambda: datetime.now(UTC))


@pytest.fixture
async def server(files: Files) -> AsyncIterator[Server]:
    async with serving(certificates=certificates(files), tls=files.client(), http=True) as server:
        yield server


async def test_people_with_and_without_encryption_talk_to_each_other(server: Server) -> None:
    ada = await server.enter("ada")
    server.tls = None
    ben = await server.enter("ben")
    ada.say("hello")
    ben.say("hello, too")
    assert (await ben.until("ada: hello"))[-1].endswith("ada: hello")
    await ada.until("ben: hello, too")


async def test_a_silent_client_is_greeted_inside(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first, "GREET_SECONDS", 0.04)
    client = await server.line()
    assert await client.line() == GREETING
    client.say("ada")
    assert await client.line() == "Available rooms:"


async def test_a_websocket_is_spoken_inside(server: Server) -> None:
    async with server.web() as socket:
        ada = Chatter(socket)
        await ada.enter("ada")
        answer = await ada.ask("ack", type="say", room="General", text="x" * 4000, nonce="1")
        assert answer["nonce"] == "1"
    await server.connections(0)


async def test_http_is_spoken_inside_and_knows_that_it_is_encrypted(server: Server) -> None:
    host = f"localhost:{server.port}"
    client = await server.line(f"GET /join HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    answer = (await client.until_bytes(b"</html>")).decode()
    assert f"https://{host}" in answer
    assert f"<code>ncat --ssl localhost {server.port}</code>" in answer
    assert f"<code>openssl s_client -quiet -connect {host}</code>" in answer
    assert "nc localhost" not in answer
    assert f"<code>/connect -tls localhost {server.port}</code>" in answer


async def test_a_client_may_ask_for_http_when_it_shakes_hands(files: Files, server: Server) -> None:
    server.tls = files.client()
    server.tls.set_alpn_protocols(["h2", "http/1.1"])
    client = await server.line()
    assert client.writer.get_extra_info("ssl_object").selected_alpn_protocol() == "http/1.1"


async def test_a_long_history_comes_whole_through_a_small_outbox(files: Files) -> None:
    options = Options(port=0, sessions_per_address=0, outbox_bytes=16 * 1024)
    async with (
        serving(options, certificates=certificates(files), tls=files.client(), http=True) as server,
        server.web() as socket,
    ):
        ada = Chatter(socket)
        await ada.enter("ada")
        for number in range(300):
            await ada.send(
                {"type": "say", "room": "General", "text": "x" * 3000, "nonce": str(number)}
            )
        seqs: set[int] = set()
        while len(seqs) < 300:
            await ada.hear("events")
            seqs = {event["seq"] for event in ada.events if event["kind"] == "said"}


async def test_tls_inside_of_tls_is_refused(server: Server) -> None:
    client = await server.line(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
    assert await client.rest() == b"\x15\x03\x01\x00\x02\x02\x28"
    await server.connections(0)


async def test_who_is_over_the_limit_hears_so_inside(files: Files) -> None:
    options = Options(port=0, sessions=1)
    async with serving(options, certificates=certificates(files), tls=files.client()) as server:
        await server.enter("ada")
        client = await server.line(b"ben\n")
        assert (await client.line()).startswith("This server has as many connections as it can")
        await eventually(lambda: server.context.refusals.count == 0)
        await server.connections(1)


@pytest.mark.parametrize("sent", [b"", b"\x16\x03\x01", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc"])
async def test_a_handshake_has_so_long_and_no_longer(files: Files, sent: bytes) -> None:
    options = Options(port=0, first_bytes_seconds=0.1, name_seconds=0.1)
    async with serving(options, certificates=certificates(files)) as server:
        client = await server.line(sent)
        answer = await client.rest()
        assert answer == b"" or not sent
        await server.connections(0)


async def test_a_handshake_that_fails_is_no_error_in_the_log(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    server.tls = ssl.create_default_context()
    with pytest.raises(ssl.SSLCertVerificationError):
        await server.line()
    server.tls = None
    garbage = await server.line(b"\x16\x03\x01\x00\x08\x01\x00\x00\x04" + b"x" * 100)
    assert (await garbage.rest())[:1] == b"\x15"
    await server.connections(0)
    assert not caplog.records


async def test_old_versions_and_renegotiation_are_off(files: Files, server: Server) -> None:
    context = certificates(files).context()
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.options & ssl.OP_NO_RENEGOTIATION
    assert {cipher["protocol"] for cipher in context.get_ciphers()} == {"TLSv1.2", "TLSv1.3"}
    for cipher in context.get_ciphers():
        assert cipher["aead"]
        assert cipher["protocol"] == "TLSv1.3" or cipher["name"].startswith("ECDHE-")


async def test_who_ends_with_a_close_notify_has_all_done_that_was_sent(server: Server) -> None:
    ben = await server.enter("ben")
    process = await asyncio.create_subprocess_exec(
        *("openssl", "s_client", "-quiet", "-no_ign_eof", "-connect", f"127.0.0.1:{server.port}"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    await process.communicate(b"ada\nGeneral\nhello")
    await ben.until("ada: hello")
    await server.connections(1)


async def test_a_websocket_may_begin_in_the_middle_of_a_record(server: Server) -> None:
    client = await server.line(UPGRADE[:20])
    for place in range(20, len(UPGRADE)):
        client.send(UPGRADE[place : place + 1])
        await client.writer.drain()
    assert (await client.until_bytes(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")


async def test_the_server_says_goodbye_inside_when_it_stops(files: Files) -> None:
    async with (
        serving(certificates=certificates(files), tls=files.client()) as server,
        server.web() as socket,
    ):
        await Chatter(socket).enter("ada")
        server.stop.set()
        frames = [json.loads(frame) async for frame in socket]
        assert frames[-1]["type"] == "bye"


async def test_a_flood_of_half_handshakes_harms_only_its_sender(files: Files) -> None:
    options = Options(port=0, sessions_per_address=5, first_bytes_seconds=1.0)
    half = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 100
    async with serving(options, certificates=certificates(files), tls=files.client()) as server:
        ada = await server.enter("ada")
        server.tls = None
        flood = [await server.line(half) for _ in range(30)]
        ada.say("hello")
        await ada.until("ada: hello")
        assert len(server.context.admission) <= 2 * 5  # for this computer, twice as many
        for client in flood:
            await client.rest()
        await server.connections(1)
        server.tls = files.client()
        ben = await server.enter("ben")
        ada.say("are they gone?")
        await ben.until("ada: are they gone?")


async def test_each_connection_is_counted_once_and_forgotten_once(server: Server) -> None:
    admission = server.context.admission
    for end in (LineClient.abort, LineClient.close, LineClient.end):
        client = await server.line(b"ada\n")
        await client.line()
        (found,) = admission._clients.values()
        assert found.connections == 1
        end(client)
        await server.connections(0)
        assert found.connections == 0
        assert not admission._strangers
