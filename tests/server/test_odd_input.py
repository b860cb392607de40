"""Whatever a client writes into a field of what it asks: PostgreSQL takes it, or it is refused.

PostgreSQL has no NUL in its texts, no halves of surrogate pairs, no numbers of more than 64 bits,
and no indexed texts of more than some 2,700 bytes. A client that sends such a thing is told that
it may not: told "try again in a moment", it would send the same again and again.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import quote

import pytest

from hubbub.domain import commands as ask
from hubbub.storage.postgresql.log import PostgresLog
from hubbub.storage.postgresql.search import PostgresSearch
from tests.passwords import CheapPasswords
from tests.server.serving import Chatter, Server, serving
from tests.server.test_http_accounts import Caller, registered
from tests.server.test_permissions import ABOUT_ROOMS, LINES, OTHERS, URLS

PASSWORD = "correct horse battery"
NAME = "\U00020000"  # a letter of four bytes

WORDS = [
    "\0",
    "a\0b",
    "\ud800",
    "a\udfff\ud800b",
    "\U0001f600",
    NAME * 32,
    NAME * 50,
    NAME * 64,
    NAME * 300,
    "\U0002f800" * 32,  # its normal form is another character
    "\ufdfa" * 5,  # one character, written out as eighteen
    "x" * 3000,
    "\\'\"{},%s:a",
    "\x1b[2J\u2028\uffff",
    "",
]
NUMBERS = [-(2**63) - 1, -1, 0, 2**31, 2**53, 2**53 + 1, 2**63 - 1, 2**64, 10**400, 1.5]
OTHER_FIELDS = {"nonce": "n", "client": "c", "invite": "i", "reason": "r", "text": "t", "id": "1"}
"""What no example has."""

LEFT_OUT = {ask.Bye, ask.CloseAccount}  # who asks would be gone, and there is little in them
LATER = {"log-unavailable", "search-unavailable"}


def odd(value: object) -> Iterator[object]:
    """What may be written instead of ``value``."""
    if isinstance(value, str):
        yield from WORDS
    elif isinstance(value, int) and not isinstance(value, bool):
        yield from NUMBERS
    elif isinstance(value, list):
        yield from ([one] for one in WORDS)


def tries(kind: type[ask.Command], room: str) -> Iterator[dict[str, Any]]:
    """Commands of a kind, with something odd in one of the fields at a time."""
    fields = {name: value for name, value in OTHER_FIELDS.items() if _has(kind, name)}
    fields |= {"room": room} if _has(kind, "room") else {}
    for example in (ABOUT_ROOMS | OTHERS)[kind]:
        # At most one of them may be given.
        several = [name for name in example if name in ("before", "after", "around")]
        whole = {**fields, **example, "type": kind.__struct_config__.tag}
        for name in several or [*fields, *example]:
            for strange in odd(whole[name]):
                yield {**whole, name: strange}


def _has(kind: type[ask.Command], name: str) -> bool:
    return name in kind.__struct_fields__


@pytest.fixture
async def server(database: str) -> AsyncIterator[Server]:
    log = await PostgresLog.open(database, durability="process")
    search = PostgresSearch(database, admit=log.admit)
    async with serving(log=log, http=True, passwords=CheapPasswords()) as server:
        server.hub.search = search
        yield server
    await search.close()


@pytest.fixture(autouse=True)
def _nothing_is_wrong(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """The operator is told of nothing that clients did."""
    yield
    said = [one for one in caplog.get_records("call") if one.levelno >= logging.WARNING]
    assert [one.getMessage() for one in said] == []


async def answers(chatter: Chatter, *commands: dict[str, Any]) -> list[dict[str, Any]]:
    await chatter.send(*commands, {"type": "ping", "id": "end"})
    heard: list[dict[str, Any]] = []
    while not heard or heard[-1].get("re") != "end":
        heard.append(await chatter.hear())
    return heard


async def test_no_field_of_a_command_is_too_odd_for_the_database(server: Server) -> None:
    async with server.web() as web, server.web() as other:
        ada, ben = Chatter(web), Chatter(other)
        for chatter, name in ((ada, "ada"), (ben, "ben")):
            await chatter.enter(name)
            await answers(chatter, {"type": "register", "password": PASSWORD})
        await answers(ada, {"type": "own", "code": server.hub.owner_code})
        for number, kind in enumerate((ABOUT_ROOMS | OTHERS).keys() - LEFT_OUT):
            room = f"Room{number}"
            for chatter in (ada, ben):  # it is ada's, who may do everything there
                await answers(chatter, {"type": "join", "room": room})
            for command in tries(kind, room):
                for answer in await answers(ada, command):
                    assert answer.get("code") not in LATER, (command, answer)
                assert server.hub.healthy, command


async def test_a_text_whose_nonce_has_a_nul_is_refused_for_good(server: Server) -> None:
    async with server.web() as web:
        ada = Chatter(web)
        await ada.enter("ada")
        refused = await ada.ask("error", type="say", room="General", text="hello", nonce="a\0b")
        assert (refused["code"], refused["nonce"]) == ("bad-message", "a\0b")
        assert "$.nonce" in refused["message"]


async def test_nothing_of_a_hello_is_too_odd_for_the_database(server: Server) -> None:
    fields = {"user": "ada", "token": "t", "password": "p", "code": "c", "client": "c"}
    for name in fields:
        for strange in WORDS:
            for given in ({name}, {name, "password"}, {name, "token"}):
                hello = {"user": "ada", **{one: fields[one] for one in given}, name: strange}
                async with server.web() as web:
                    for answer in await answers(Chatter(web), {"type": "hello", **hello}):
                        assert answer.get("code") not in LATER, (hello, answer)


async def test_no_line_is_too_odd_for_the_database(server: Server) -> None:
    for word in WORDS:
        raw = word.encode(errors="surrogatepass").replace(b"\n", b"")
        client = await server.line(raw + b"\nada\n" + raw + b"\n/join General\n" + raw + b"\n")
        for lines in LINES.values():
            for line in lines:
                if not line.endswith(("exit", "/quit")):
                    said = line.replace("ROOM", "General").encode()
                    client.send(said + b" " + raw + b"\n" + said.split()[0] + raw + b"\n")
        client.send(b"/quit\n")
        told = (await client.rest()).decode()
        assert "just now" not in told, [one for one in told.splitlines() if "just now" in one]


async def test_no_request_is_too_odd_for_the_database(server: Server) -> None:
    ada = await registered(server, "ada", "General")
    paths = {url.partition("?")[0] for urls in URLS.values() for url in urls}
    for word in WORDS:
        strange = quote(word.encode(errors="surrogatepass")[:2000])
        asked = [await ada.get(path.replace("ROOM", strange)) for path in paths - {"/ws"}]
        asked += [
            await ada.get(f"{path}?{field}={strange}")
            for path in ("/api/rooms", "/api/search", "/api/rooms/General/events")
            for field in ("q", "before", "after", "around", "after_at", "limit")
        ]
        bodies = (
            {"text": word},
            {"text": "t", "nonce": word},
            {"user": word, "password": PASSWORD},
            {"user": "ada", "password": word, "client": word, "code": word},
            {"user": "ada", "password": PASSWORD, "client": word},
        )
        asked += [
            await ada.post(path, **body)
            for path in ("/api/rooms/General/messages", "/api/login")
            for body in bodies
        ]
        asked.append(await Caller(server, strange).get("/api/me"))
        assert [one.body for one in asked if one.status >= 500] == []
