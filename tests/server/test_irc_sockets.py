"""IRC in WebSockets and in TLS, and the ports where programs look for it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import CloseCode
from websockets.typing import Subprotocol

from hubbub.server.doors import TLS_ONLY
from hubbub.server.options import Options
from hubbub.server.tls.files import FileCertificates
from tests.certificates import make_certificate
from tests.patience import PATIENCE_SECONDS
from tests.server.irc_client import IrcClient
from tests.server.serving import Server, serving

TEXT, BINARY = Subprotocol("text.ircv3.net"), Subprotocol("binary.ircv3.net")


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving(http=True) as server:
        yield server


def a_socket(server: Server, path: str, *offered: Subprotocol, **more: Any) -> connect:
    """A WebSocket, to be used with ``async with``."""
    url = f"ws{'s' if server.tls else ''}://{server.host}:{server.port}{path}"
    return connect(url, subprotocols=offered or None, compression=None, ssl=server.tls, **more)


async def until(web: ClientConnection, part: str) -> list[str | bytes]:
    """The messages up to the one in which ``part`` is."""
    read: list[str | bytes] = []
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            read.append(last := await web.recv())
            if part in (last if isinstance(last, str) else last.decode()):
                return read


async def come(web: ClientConnection, nick: str) -> list[str | bytes]:
    for line in (f"NICK {nick}", f"USER {nick} 0 * :{nick}"):
        await web.send(line)
    return await until(web, " 422 ")


async def test_who_comes_by_a_proxy_is_told_the_address_of_its_headers() -> None:
    trusting = Options(port=0, trusted_proxies=("127.0.0.1",))
    headers = {"X-Forwarded-For": "198.51.100.7"}
    async with (
        serving(trusting, http=True) as server,
        a_socket(server, "/irc", TEXT, additional_headers=headers) as ada,
    ):
        await come(ada, "ada")
        await ada.send("WHOIS ada")
        told = [line for line in await until(ada, " 318 ") if " 338 " in str(line)]
        assert told == [
            ":hubbub.chat 338 ada ada ~ada@198.51.100.7 198.51.100.7 "
            ":is your address, as the server sees it"
        ]


@pytest.mark.parametrize("path", ["/ws", "/irc"])
@pytest.mark.parametrize(
    "offered, chosen, kind",
    [
        ((TEXT,), TEXT, str),
        ((BINARY,), BINARY, bytes),
        ((BINARY, TEXT), BINARY, bytes),
        ((TEXT, BINARY), TEXT, str),
        ((Subprotocol("soap"), TEXT), TEXT, str),
    ],
)
async def test_the_subprotocol_that_a_client_prefers_is_spoken(
    server: Server, path: str, offered: tuple[Subprotocol, ...], chosen: str, kind: type
) -> None:
    ada = await IrcClient.come(server, "ada")
    await ada.asks("JOIN #tea")
    async with a_socket(server, path, *offered) as web:
        assert web.subprotocol == chosen
        read = await come(web, "ben")
        assert {type(line) for line in read} == {kind}
        assert not any(line.endswith("\n" if kind is str else b"\n") for line in read)  # type: ignore[arg-type]
        await web.send("JOIN #tea")
        await web.send("PRIVMSG #tea :grüß dich")
        assert (await ada.until("PRIVMSG"))[-1].endswith(" PRIVMSG #tea :grüß dich")
        ada.says("PRIVMSG #tea :hello")
        await until(web, "PRIVMSG #tea :hello")


async def test_the_path_alone_says_that_it_is_irc(server: Server) -> None:
    async with a_socket(server, "/irc") as web:
        assert web.subprotocol is None
        await come(web, "ada")


async def test_a_page_is_served_as_before(server: Server) -> None:
    async with a_socket(server, "/ws", Subprotocol("soap")) as web:
        assert web.subprotocol is None
        await web.send('{"type": "hello", "user": "ada"}')
        assert '"type":"welcome"' in str(await web.recv())


async def test_pages_of_other_sites_do_not_speak_irc(server: Server) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with a_socket(server, "/irc", TEXT, origin="https://evil.example"):
            pass
    assert refused.value.response.status_code == 403


async def test_lines_may_come_in_parts_and_many_at_once(server: Server) -> None:
    async with a_socket(server, "/irc", TEXT) as web:
        await web.send(["NI", "CK a", "da"])
        await web.send("USER ada 0 * :Ada")
        for number in range(300):
            await web.send(f"PING {number}")
        assert len(await until(web, "PONG hubbub.chat 299")) >= 300


async def test_who_quits_hears_so_and_the_socket_is_closed(server: Server) -> None:
    async with a_socket(server, "/irc", TEXT) as web:
        await come(web, "ada")
        await web.send("QUIT :see you")
        assert await web.recv() == "ERROR :Closing link: Goodbye."
        with pytest.raises(ConnectionClosed) as closed:
            await web.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == CloseCode.NORMAL_CLOSURE
    await server.connections(0)


async def test_who_closes_the_socket_has_quit(server: Server) -> None:
    ada = await IrcClient.come(server, "ada")
    await ada.asks("JOIN #tea")
    async with a_socket(server, "/irc", TEXT) as web:
        await come(web, "ben")
        await web.send("JOIN #tea")
        await web.send("PRIVMSG #tea :the last word")
    said = await ada.until(" QUIT ")
    assert said[-2].endswith(" PRIVMSG #tea :the last word")
    await server.connections(1)


async def test_what_is_lost_without_a_word_is_gone(server: Server) -> None:
    async with a_socket(server, "/irc", TEXT) as web:
        await come(web, "ben")
        web.transport.abort()
    await server.connections(0)
    await server.sessions(0)


async def test_text_frames_are_utf_8(server: Server) -> None:
    async with a_socket(server, "/irc", TEXT) as web:
        await web.send(b"PRIVMSG #tea :caf\xe9", text=True)
        with pytest.raises(ConnectionClosed) as closed:
            await web.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == CloseCode.INVALID_DATA


async def test_binary_frames_that_are_no_utf_8_are_refused_in_words(server: Server) -> None:
    async with a_socket(server, "/irc", BINARY) as web:
        await web.send(b"PRIVMSG #tea :caf\xe9")
        assert b"FAIL PRIVMSG INVALID_UTF8" in bytes(await web.recv())  # type: ignore[arg-type]


async def test_binary_frames_of_who_has_chosen_text_are_answered_too(server: Server) -> None:
    async with a_socket(server, "/irc", TEXT) as web:
        await web.send(b"PRIVMSG #tea :caf\xe9")
        assert "FAIL PRIVMSG INVALID_UTF8" in str(await web.recv())
        await web.send(b"PING \xc3", text=True)
        with pytest.raises(ConnectionClosed):
            await web.recv()


async def test_a_message_without_measure_closes_the_socket(server: Server) -> None:
    async with a_socket(server, "/irc", TEXT) as web:
        await web.send("a" * 20_000)
        with pytest.raises(ConnectionClosed) as closed:
            await until(web, "nothing")
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == CloseCode.MESSAGE_TOO_BIG


async def test_a_server_that_stops_is_going_away(server: Server) -> None:
    async with a_socket(server, "/irc", TEXT) as web:
        await come(web, "ada")
        server.stop.set()
        await until(web, "ERROR")
        with pytest.raises(ConnectionClosed) as closed:
            await web.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == CloseCode.GOING_AWAY


# TLS, and ports of their own


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


async def test_one_more_port_takes_nothing_but_irc_for_granted() -> None:
    async with serving(Options(port=0, irc_port=free_port())) as server:
        server.port = server.context.options.irc_port
        client = await IrcClient.connect(server)
        client.says("PING first", "NICK ada", "USER a * * :A")
        assert "first" in await client.line()
        await client.until(" 001 ada ")


async def test_the_encrypted_port_is_that_only(tmp_path: Path) -> None:
    files = make_certificate(tmp_path)
    certificates = FileCertificates(files.certificate, files.key, lambda: datetime.now(UTC))
    options = Options(port=0, irc_tls_port=free_port(), irc_sts_days=30, sessions_per_address=0)
    async with serving(options, certificates=certificates) as server:
        everybody = server.port
        plain = await IrcClient.connect(server)
        plain.says("CAP LS 302")
        assert f"sts=port={options.irc_tls_port}" in " ".join(await plain.until("setname"))
        server.port = options.irc_tls_port
        refused = await IrcClient.connect(server)
        refused.says("NICK ada")
        assert await refused.line() == f"ERROR :{TLS_ONLY.message}"
        for port in (options.irc_tls_port, everybody):
            server.port = port
            ada = await IrcClient.connect(server, files.client())
            ada.says("CAP LS 302")
            assert "sts=duration=2592000" in " ".join(await ada.until("setname"))
            ada.says("NICK ada", "USER ada 0 * :Ada", "CAP END")
            await ada.until(" 422 ")
            assert " 671 " in " ".join(await ada.asks("WHOIS ada"))
            ada.says("QUIT")
            await ada.until("ERROR")


async def test_starttls_is_refused_in_words(server: Server) -> None:
    ada = await IrcClient.connect(server)
    ada.says("CAP LS", "STARTTLS")
    assert " 691 * :" in (await ada.until(" 691 "))[-1]


async def test_the_message_of_the_day_is_a_text_or_a_file(tmp_path: Path) -> None:
    page = tmp_path / "motd.txt"
    page.write_text(f"hello\n\n{'long ' * 100}\n")
    for said, first in ((f"@{page}", "hello"), ("be kind", "be kind"), ("@/nowhere", None)):
        async with serving(Options(port=0, motd=said)) as server:
            ada = await IrcClient.connect(server)
            ada.says("NICK ada", "USER ada 0 * :Ada")
            read = await ada.until(" 376 " if first else " 422 ")
            shown = [line.partition(" :- ")[2] for line in read if " 372 " in line]
            assert shown[:1] == ([first] if first else [])
            assert all(len(line.encode()) <= 510 for line in read)
