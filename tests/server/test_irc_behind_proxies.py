"""IRC behind the PROXY protocol: plain and by TLS, at each port; whose address counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hubbub.hub.settings import HubSettings
from hubbub.server.options import Options
from hubbub.server.tls.files import FileCertificates
from tests.certificates import Files, make_certificate
from tests.passwords import CheapPasswords
from tests.server.irc_client import IrcClient
from tests.server.proxying import free_port
from tests.server.serving import LineClient, Server, serving
from tests.server.test_trusted_proxies import connections
from tests.wire.test_proxy import BY_TLS, told

ADA, BEN, EVE = ("198.51.100.1", 1001), ("198.51.100.2", 1002), ("198.51.100.2", 1003)
HERE = ("203.0.113.1", 6667)
LINE = b"PROXY TCP4 198.51.100.1 203.0.113.1 1001 6667\r\n"
TRUSTING = Options(port=0, trusted_proxies=("127.0.0.1",), sessions_per_address=2)
UNHURRIED = HubSettings(rate_limit=0, sessions_per_address=2)


async def comes(server: Server, header: bytes, nick: str, files: Files | None = None) -> IrcClient:
    """Somebody for whom a proxy connects, and who encrypts inside of that."""
    line = await server.line(header)
    if files is not None:
        await line.writer.start_tls(files.client(), server_hostname="localhost")
        await line.writer.drain()
    return await registers(line, nick)


async def registers(line: LineClient, nick: str) -> IrcClient:
    client = IrcClient(line)
    client.says(f"NICK {nick}", f"USER {nick} 0 * :{nick.title()}")
    await client.until(" 422 ")
    return client


@pytest.mark.parametrize("header", [LINE, told(ADA, HERE)], ids=["words", "binary"])
@pytest.mark.parametrize("door", ["everybody's port", "irc-port", "irc-tls-port"])
@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "TLS"])
async def test_a_client_is_who_the_header_says(
    tmp_path: Path, header: bytes, door: str, *, encrypted: bool
) -> None:
    files = make_certificate(tmp_path)
    certificates = FileCertificates(files.certificate, files.key, lambda: datetime.now(UTC))
    options = replace(TRUSTING, irc_port=free_port(), irc_tls_port=free_port())
    async with serving(
        options, UNHURRIED, passwords=CheapPasswords(), certificates=certificates
    ) as server:
        server.port = {"irc-port": options.irc_port, "irc-tls-port": options.irc_tls_port}.get(
            door, server.port
        )
        if door == "irc-tls-port" and not encrypted:
            line = await server.line(header + b"NICK ada\r\nUSER a 0 * :A\r\n")
            assert b"TLS only" in await line.rest()
            return
        ada = await comes(server, header, "ada", files if encrypted else None)
        assert connections(server) == {ADA[0]: 1}
        whois = " ".join(await ada.asks("WHOIS ada"))
        assert f" 338 ada ada ~ada@{ADA[0]} {ADA[0]} :" in whois, "one's own is that of the header"
        assert ADA[0] not in " ".join(await ada.asks("JOIN #t", "NAMES #t", "WHO #t"))
        assert (" 671 " in whois) is encrypted


async def test_a_proxy_that_has_taken_tls_off_is_believed_at_each_port(tmp_path: Path) -> None:
    files = make_certificate(tmp_path)
    certificates = FileCertificates(files.certificate, files.key, lambda: datetime.now(UTC))
    options = replace(TRUSTING, irc_tls_port=free_port(), tls="required")
    async with serving(options, UNHURRIED, certificates=certificates) as server:
        for port, nick in ((server.port, "ada"), (options.irc_tls_port, "ben")):
            server.port = port
            client = await comes(server, told(ADA, HERE, BY_TLS), nick)
            assert " 671 " in " ".join(await client.asks(f"WHOIS {nick}"))


async def test_limits_and_bans_are_about_those_for_whom_it_connects() -> None:
    async with serving(TRUSTING, UNHURRIED, passwords=CheapPasswords()) as server:
        ada = await comes(server, LINE, "ada")
        ben, eve = [
            await comes(server, told(one, HERE), nick) for one, nick in ((BEN, "ben"), (EVE, "eve"))
        ]
        refused = await server.line(told(BEN, HERE) + b"NICK zoe\r\nUSER z 0 * :Z\r\n")
        assert b"There are 2 connections from your address already" in await refused.rest()
        await ada.asks("JOIN #t")
        await ben.asks("JOIN #t")
        host = next(
            line.partition("@")[2].split()[0]
            for line in await ada.hears()
            if line.startswith(":ben!")
        )
        told_of = await ada.asks(f"MODE #t +b *!*@{host}")
        assert any(f" MODE #t +b *!*@{host}" in line for line in told_of), told_of
        assert " 474 eve #t " in (await eve.asks("JOIN #t"))[0]
        assert any(" JOIN #t" in line for line in await ada.asks("PART #t", "JOIN #t"))


async def test_nobody_says_where_they_come_from_once_they_have_begun() -> None:
    async with serving(TRUSTING, UNHURRIED) as server:
        line = await server.line(b"NICK ada\r\n" + LINE + b"USER a 0 * :A\r\n")
        client = IrcClient(line)
        assert " 451 " in (await client.until(" 422 "))[0]
        assert ADA[0] not in connections(server)
        client.sends(LINE + b"WEBIRC password gateway host 198.51.100.9\r\n")
        told_of = await client.hears()
        assert [line.split()[1] for line in told_of] == ["421", "421"]
        assert "198.51.100.9" not in " ".join(await client.asks("WHOIS ada", "WHO ada"))


async def test_from_others_no_header_is_believed_before_irc() -> None:
    async with serving(replace(TRUSTING, trusted_proxies=()), UNHURRIED) as server:
        line = await server.line(LINE + b"NICK ada\r\nUSER a 0 * :A\r\n")
        assert b"PROXY protocol" in await line.rest()
        assert ADA[0] not in connections(server)
