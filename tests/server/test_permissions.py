"""Who may do what, for all there is: commands, routes and lines, viewers, and kinds of room.

A room that a viewer may not read is to that viewer what a room is that nobody has made: the same
answers, whichever protocol is spoken. The cases come from the tables of commands and routes, and
one that is missing here fails.
"""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import AsyncIterator
from statistics import median
from typing import Any

import pytest
from starlette.routing import Route

from hubbub.domain import commands as ask
from hubbub.domain.rules import RoomAccess
from hubbub.hub.handlers import HANDLERS
from hubbub.server.http.app import make_app
from hubbub.server.origin_policy import OriginPolicy
from hubbub.wire.line.codec import VOCABULARY
from tests.memorylog.log import MemoryLog
from tests.memorylog.search import MemorySearch
from tests.server.http_support import FakeHub
from tests.server.serving import Chatter, LineClient, Server, serving

HIDDEN, ABSENT, OPEN = "Hideout", "Missing", "Meadow"
PLAN = "the great plan"

ABOUT_ROOMS: dict[type[ask.Command], list[dict[str, Any]]] = {
    ask.Join: [{}, {"after": 0}, {"after": 1, "after_at": 1}, {"after": 99}],
    ask.Leave: [{}],
    ask.Delete: [{}],
    ask.Say: [
        {"text": "hello", "nonce": "1"},
        {"text": "hello", "nonce": "2", "reply_to": 2},
        {"text": "hello", "nonce": "3", "outside": True},
        {"text": "hello", "nonce": "4", "outside": True, "reply_to": 2},
    ],
    ask.Edit: [
        {"target": 2, "text": "no"},
        {"text": "no", "nonce": "2"},
        {"target": 99, "text": "x"},
    ],
    ask.Redact: [{"target": 2}, {"user": "ada"}, {}, {"target": 99}],
    ask.React: [{"target": 2, "emoji": "👍"}, {"emoji": "👍", "on": False}, {"emoji": "x?"}],
    ask.Pin: [{"target": 2}, {"on": False}, {"target": 99}],
    ask.Pins: [{}],
    ask.Versions: [{"target": 2}, {"target": 99}],
    ask.Conversation: [{"target": 2}, {"target": 99}],
    ask.SetTopic: [{"topic": "hello"}, {"topic": "", "nonce": "2"}],
    ask.History: [{}, {"before": 2}, {"after": 0}, {"around": 1}, {"after": 99}],
    ask.Timeline: [{}, {"before": 2}, {"after": 0}, {"around": 1}, {"after": 99}],
    ask.Who: [{}],
    ask.Read: [{"seq": 1}, {"seq": 2, "at": 1}, {"seq": 99}],
    ask.Typing: [{}],
    ask.Signal: [{"text": "VERSION"}],
    ask.SetRules: [
        {"slow": 5},
        {"keep_days": 30},
        {"access": "open"},
        {"access": "locked", "password": "long enough"},
    ],
    ask.RenameRoom: [{"name": "Elsewhere"}, {"name": OPEN}, {"name": "@eve"}],
    ask.Invite: [{"user": "ada"}, {"user": "nobody"}],
    ask.GiveRole: [{"user": "ada", "role": "member"}, {"user": "nobody", "role": "owner"}],
    ask.Kick: [{"user": "ada"}, {"user": "nobody", "reason": "x"}],
    ask.Mute: [{"user": "ada"}, {"user": "ada", "seconds": 5}],
    ask.Unmute: [{"user": "ada"}],
    ask.Ban: [{"user": "ada"}, {"pattern": "ad*"}, {"user": "ada", "network": True}, {}],
    ask.Unban: [{"user": "ada"}, {"ban": 1}, {}],
    ask.Exempt: [{"user": "ada"}, {"pattern": "ad*", "of": "invitations"}, {}],
    ask.Bans: [{}],
    ask.Audit: [{}, {"before": 2}],
    ask.MakeTicket: [{}],
    ask.Tickets: [{}],
    ask.EndTicket: [{"ticket": "x"}],
    ask.EndInvitation: [{"user": "ada"}, {"user": "nobody"}],
    ask.SetFilter: [{"pattern": "spam*"}, {"pattern": "/(/"}, {"pattern": "x", "on": False}],
    ask.Knock: [{}, {"text": "let me in"}],
    ask.Report: [{"seq": 2}, {"user": "ada", "reason": "rude"}, {}],
    ask.Queue: [{}],
    ask.Settle: [{"item": 1}, {"item": 1, "approve": True}],
}
OTHERS: dict[type[ask.Command], list[dict[str, Any]]] = {
    ask.Hello: [{"user": "eve"}],
    ask.Formerly: [{"user": "ada", "token": "x"}],
    ask.Rooms: [{}, {"query": "hide"}, {"after": "2 general"}, {"limit": 1}],
    ask.Search: [{"query": "plan"}, {"query": f"in:{HIDDEN} plan"}, {"query": "from:ada plan"}],
    ask.Ping: [{}],
    ask.Bye: [{}],
    ask.Register: [{"password": "correct horse battery"}],
    ask.ChangePassword: [{"old": "x", "new": "correct horse battery"}],
    ask.Devices: [{}],
    ask.Revoke: [{}, {"device": "x"}],
    ask.Rename: [{"user": "Benny"}],
    ask.CloseAccount: [{"password": "x"}],
    ask.Own: [{"code": "x"}],
    ask.BeginFactor: [{"password": "x"}],
    ask.ConfirmFactor: [{"code": "x"}],
    ask.EndFactor: [{"password": "x"}],
    ask.ResetPassword: [{"user": "ada", "code": "x", "password": "correct horse battery"}],
    ask.Direct: [{"users": ["ada"]}, {"users": ["nobody"]}],
    ask.SetProfile: [{"about": "x"}, {"status": "away", "note": "x"}, {"hides_seen": True}],
    ask.Block: [{"user": "ada"}, {"user": "nobody"}, {"user": "ada", "on": False}],
    ask.Accept: [{"user": "ada"}, {"user": "nobody"}, {"user": "ada", "on": False}],
    ask.Whois: [{"user": "ada"}, {"user": "nobody"}],
    ask.Watch: [{"users": ["ada", "nobody"]}, {"users": ["ada"], "on": False}],
    ask.Here: [{"users": ["ada", "nobody"]}],
    ask.Operate: [{"user": "ada", "password": "x"}, {"on": False}],
    ask.Announce: [{"text": "x"}],
}
BY_LINES = {ask.SayTo: "/reply"}  # commands that JSON does not have
BY_IRC = {ask.HelloByCertificate, ask.HelloByProof, ask.WaysIn, ask.SetWayIn}
"""Nor lines; they are about oneself alone."""

MAKES_ROOMS = [*((ask.Join, number) for number in range(4)), (ask.Say, 2)]
"""What makes a room that is not there. That its name is taken can be learned from these alone."""

LINES = {
    "/help": ["/help"],
    "/rooms": ["/rooms", "/rooms hide", "/rooms more"],
    "/who": ["/who"],
    "/join": [],  # it makes the room that is absent; see `test_a_name_is_taken_by_lines`
    "/delete": ["/delete", "/delete ROOM"],
    "/history": ["/history", "/history 200"],
    "/reply": ["/reply ada hello"],
    "/topic": ["/topic", "/topic plans", "/topic -"],
    "/search": ["/search plan", "/search in:ROOM plan", "/search more"],
    "/edit": ["/edit plans"],
    "/undo": ["/undo", "/undo ada"],
    "/react": ["/react +1", "/react ada +1"],
    "/unreact": ["/unreact +1", "/unreact ada +1"],
    "/pin": ["/pin", "/pin ada"],
    "/unpin": ["/unpin", "/unpin ada"],
    "/pins": ["/pins"],
    "/say": ["/say hello"],
    "/quit": ["/quit"],
    "/leave": ["/leave ROOM"],
    "/nick": ["/nick Benny"],
    "/msg": ["/msg nobody hello"],
    "/register": [],  # it asks for more; see `tests/server/test_line.py`
    "/login": [],
    "/password": [],
    "/devices": ["/devices"],
    "/logout": ["/logout x"],
    "/close-account": [],
    "/own": ["/own x"],
    "/rules": ["/rules"],
    "/access": ["/access open", "/access locked long-enough"],
    "/speak": ["/speak all"],
    "/slow": ["/slow 5s"],
    "/guests": ["/guests off"],
    "/archive": ["/archive", "/archive off"],
    "/rename-room": ["/rename-room ROOM", "/rename-room Elsewhere"],
    "/invite": ["/invite ada"],
    "/uninvite": ["/uninvite ada"],
    "/link": ["/link", "/link 3 1d"],
    "/links": ["/links"],
    "/unlink": ["/unlink x"],
    "/past": ["/past since"],
    "/newcomers": ["/newcomers held"],
    "/keep": ["/keep 30d", "/keep forever"],
    "/filter": ["/filter plan", "/filter"],
    "/unfilter": ["/unfilter plan"],
    "/queue": ["/queue"],
    "/approve": ["/approve 1"],
    "/refuse": ["/refuse 1"],
    "/report": ["/report ada rude"],
    "/knock": ["/knock ROOM please"],
    "/whois": ["/whois ada"],
    "/about": ["/about", "/about verse"],
    "/away": ["/away"],
    "/busy": ["/busy"],
    "/back": ["/back"],
    "/seen": ["/seen off"],
    "/strangers": ["/strangers off"],
    "/block": ["/block ada"],
    "/unblock": ["/unblock ada"],
    "/factor": [],
    "/reset": [],
    "/reset-link": ["/reset-link ada"],
    "/role": ["/role ada owner"],
    "/kick": ["/kick ada"],
    "/ban": ["/ban ada", "/ban ad*"],
    "/ban-network": ["/ban-network ada"],
    "/unban": ["/unban ada"],
    "/exempt": ["/exempt ada", "/exempt ad* invitations"],
    "/unexempt": ["/unexempt ada"],
    "/topics": ["/topics moderators"],
    "/outside": ["/outside off"],
    "/most": ["/most 3"],
    "/mute": ["/mute ada", "/mute ada 5m"],
    "/unmute": ["/unmute ada"],
    "/bans": ["/bans"],
    "/audit": ["/audit", "/audit 5"],
    "/server": ["/server bans", "/server audit", "/server kick ada"],
    "exit": ["exit", "/exit"],
}
URLS = {
    "/": ["/"],
    "/worker.js": ["/worker.js"],
    "/version.json": ["/version.json"],
    "/join": ["/join"],
    "/static/{name:path}": ["/static/ROOM"],
    "/doors.json": ["/doors.json"],
    "/healthz": ["/healthz"],
    "/metrics": ["/metrics"],
    "/api/rooms": ["/api/rooms", "/api/rooms?q=hide", "/api/rooms?limit=1", "/api/rooms?q=ROOM"],
    "/api/rooms/{room}/events": [
        f"/api/rooms/ROOM/events{query}"
        for query in ("", "?before=2", "?after=0", "?after=1&after_at=1", "?around=1", "?after=99")
    ],
    "/api/rooms/{room}/timeline": [
        f"/api/rooms/ROOM/timeline{query}"
        for query in ("", "?before=2", "?after=0", "?around=1", "?after=99")
    ],
    "/api/search": ["/api/search?q=plan", "/api/search?q=in:ROOM+plan", "/api/search?q=from:ada"],
    "/api/me": ["/api/me"],
    "/api/login": ["/api/login"],
    "/api/commands": ["/api/commands"],
    "/api/rooms/{room}/messages": ["/api/rooms/ROOM/messages"],
    "/api/rooms/{room}/messages/{seq}": ["/api/rooms/ROOM/messages/2"],
    "/api/rooms/{room}/messages/{seq}/reactions/{emoji}": [
        "/api/rooms/ROOM/messages/2/reactions/x"
    ],
    "/api/rooms/{room}/messages/{seq}/versions": ["/api/rooms/ROOM/messages/2/versions"],
    "/api/rooms/{room}/messages/{seq}/conversation": [
        f"/api/rooms/ROOM/messages/{seq}/conversation" for seq in ("2", "99", "x")
    ],
    "/api/rooms/{room}/pins": ["/api/rooms/ROOM/pins"],
    "/api/rooms/{room}/pins/{seq}": ["/api/rooms/ROOM/pins/2"],
    "/api/files": ["/api/files"],
    "/api/files/pass": ["/api/files/pass", "/api/files/pass?user=ben"],
    "/api/files/{id}": ["/api/files/ROOM"],  # what is in a room: see `test_files.py`
    "/api/files/{id}/thumbnail": ["/api/files/ROOM/thumbnail"],
    "/api/files/{id}/{name}": ["/api/files/ROOM/a.txt", "/api/files/ROOM/a.txt?pass=x"],
    "/api/uploads": ["/api/uploads"],
    "/api/uploads/{id}": ["/api/uploads/ROOM"],
    "/api/admin/{task}": ["/api/admin/rooms", "/api/admin/ROOM"],
    "/openapi.json": ["/openapi.json"],
    "/schema.json": ["/schema.json"],
    "/ws": ["/ws"],
    "/irc": ["/irc"],
}


def test_every_command_is_tried() -> None:
    tried = ABOUT_ROOMS.keys() | OTHERS.keys() | BY_LINES.keys() | BY_IRC
    assert tried == HANDLERS.keys()
    with_room = {kind for kind in HANDLERS if "room" in kind.__struct_fields__}
    assert with_room == ABOUT_ROOMS.keys() | BY_LINES.keys()


def test_every_line_is_tried() -> None:
    assert LINES.keys() == {slash.word for slash in VOCABULARY.rows.values()}
    assert set(BY_LINES.values()) <= LINES.keys()


def test_every_route_is_tried() -> None:
    app: Any = make_app(FakeHub(), OriginPolicy((), ()))
    assert {route.path for route in app._app.routes if isinstance(route, Route)} == URLS.keys()


@pytest.fixture(params=[RoomAccess.MEMBERS, RoomAccess.DIRECT], ids=["private", "direct"])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[Server]:
    """Ada is in a room that nobody else may read, where she has said something; ben is not."""
    log = MemoryLog(auto=True)
    async with serving(log=log, http=True) as server:
        server.hub.search = MemorySearch(log.disk)
        async with server.web() as web:
            ada = Chatter(web)
            await ada.enter("ada", HIDDEN)
            await ada.ask("joined", type="join", room=OPEN)
            for room in (HIDDEN, OPEN):
                await ada.ask("ack", type="say", room=room, text=PLAN, nonce=room)
            await ada.ask("ack", type="say", room=HIDDEN, text="ben, keep out", nonce="ben")
            server.hub.rooms[HIDDEN.casefold()].access = request.param
            yield server


async def answers(chatter: Chatter, kind: type[ask.Command], room: str, **fields: Any) -> str:
    """All that is answered to a command, as text in which the room is called ROOM."""
    command = {"type": kind.__struct_config__.tag, "room": room, **fields}
    await chatter.send(command, {"type": "ping", "id": "end"})
    heard: list[dict[str, Any]] = []
    while not heard or heard[-1].get("re") != "end":
        heard.append(await chatter.hear())
    return json.dumps(heard).replace(room, "ROOM")


CASES = [
    pytest.param(kind, fields, id=f"{kind.__name__}-{number}")
    for kind, all_fields in ABOUT_ROOMS.items()
    for number, fields in enumerate(all_fields)
]


TRIES = 150
TOLD_APART = 6.0  # standard deviations; by chance once in a thousand million times
NOTICEABLE = 0.2  # of what an answer takes; a network varies by more


@pytest.mark.parametrize("kind", [ask.History, ask.Who, ask.Bans, ask.Queue])
async def test_the_time_of_an_answer_does_not_tell_of_it(
    kind: type[ask.Command], server: Server
) -> None:
    """In turns, compared by ranks (Mann and Whitney, 1947)."""
    async with server.web() as web:
        ben = Chatter(web)
        await ben.enter("ben", OPEN)
        took: dict[str, list[float]] = {HIDDEN: [], ABSENT: []}
        for _ in range(TRIES):
            for room, times in took.items():
                begun = time.perf_counter()
                await answers(ben, kind, room)
                times.append(time.perf_counter() - begun)
    hidden, absent = took.values()
    above = sum((one > other) - (one < other) for one in hidden for other in absent) / 2
    deviations = abs(above) / math.sqrt(TRIES * TRIES * (2 * TRIES + 1) / 12)
    apart = abs(median(hidden) - median(absent)) / median(absent)
    assert deviations < TOLD_APART or apart < NOTICEABLE, (deviations, apart)


@pytest.mark.parametrize("name", ["ben", None], ids=["named", "nameless"])
@pytest.mark.parametrize("kind, fields", CASES)
async def test_a_hidden_room_is_none_to_who_may_not_read_it(
    kind: type[ask.Command], fields: dict[str, Any], name: str | None, server: Server
) -> None:
    async with server.web() as web:
        chatter = Chatter(web)
        if name:
            await chatter.enter(name, OPEN)
        hidden = await answers(chatter, kind, HIDDEN, **fields)
        if name and (kind, ABOUT_ROOMS[kind].index(fields)) in MAKES_ROOMS:
            assert '"no-such-room"' in hidden
        else:
            assert hidden == await answers(chatter, kind, ABSENT, **fields)
        assert "plan" not in hidden
        assert "ada" not in hidden
    assert len(server.hub.rooms[HIDDEN.casefold()].names()) == 1


@pytest.mark.parametrize("kind, fields", CASES)
async def test_a_member_may_do_there_what_all_may_in_open_rooms(
    kind: type[ask.Command], fields: dict[str, Any], server: Server
) -> None:
    async with server.web() as web:
        chatter = Chatter(web)
        await chatter.enter("eve", OPEN)
        room = server.hub.rooms[HIDDEN.casefold()]
        room.access = RoomAccess.OPEN
        await chatter.ask("joined", type="join", room=HIDDEN)
        await chatter.ask("pong", type="ping")
        room.access = RoomAccess.MEMBERS
        hidden = json.loads(await answers(chatter, kind, HIDDEN, **fields))
        there = json.loads(await answers(chatter, kind, OPEN, **fields))
        assert _kinds_of(hidden) == _kinds_of(there)


def _kinds_of(answers: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    """Without the events of a room's past, which come when it is their turn."""
    return [(one["type"], one.get("code")) for one in answers if one["type"] != "events"]


@pytest.mark.parametrize("name", ["ben", None], ids=["named", "nameless"])
async def test_no_answer_to_anything_else_tells_of_it(name: str | None, server: Server) -> None:
    for kind, all_fields in OTHERS.items():
        for fields in all_fields:
            async with server.web() as web:
                chatter = Chatter(web)
                if name and kind is not ask.Hello:
                    await chatter.enter(name, OPEN)
                chatter.events.clear()
                await chatter.send({"type": kind.__struct_config__.tag, **fields})
                if kind is not ask.Bye:
                    await chatter.send({"type": "ping", "id": "end"})
                await _hears_nothing_of_it(chatter, asked=HIDDEN in str(fields))


async def _hears_nothing_of_it(chatter: Chatter, *, asked: bool) -> None:
    while True:
        heard = await chatter.hear()
        if asked:
            assert heard["type"] in ("error", "pong")
            assert heard.get("code") in ("no-such-room", "need-name", None)
        else:
            assert HIDDEN.casefold() not in json.dumps(heard).casefold()
        if heard["type"] == "rooms":
            assert heard["total"] == len((OPEN, "General"))
        if heard.get("re") == "end" or heard["type"] == "bye":
            return


async def test_a_member_sees_it_in_lists_counts_and_searches(server: Server) -> None:
    async with server.web() as web:
        chatter = Chatter(web)
        token = (await chatter.ask("welcome", type="hello", user="eve"))["token"]
        assert token
        room = server.hub.rooms[HIDDEN.casefold()]
        room.access = RoomAccess.OPEN
        await chatter.ask("joined", type="join", room=HIDDEN)
        room.access = RoomAccess.MEMBERS
        for query in ({}, {"query": "hide"}):
            rooms = await chatter.ask("rooms", type="rooms", **query)
            assert HIDDEN in [one["name"] for one in rooms["rooms"]]
            assert rooms["total"] == len((HIDDEN, OPEN, "General"))
        found = await chatter.ask("found", type="search", query="plan")
        assert {one["room"] for one in found["results"]} == {HIDDEN, OPEN}


async def test_nothing_that_happens_there_reaches_others(server: Server) -> None:
    async with server.web() as web:
        ben = Chatter(web)
        await ben.enter("ben", OPEN)
        room = server.hub.rooms[HIDDEN.casefold()]
        (ada,) = (one for one in server.hub.sessions if one.user and one.user.name == "ada")
        said = {"type": "say", "room": HIDDEN, "text": "ben, do you hear?", "nonce": "more"}
        server.hub.handle(ada, ask.Typing(room=room.name))
        server.hub.handle(ada, ask.Say(room=room.name, text=said["text"], nonce="more"))
        await asyncio.sleep(0)
        await ben.send({"type": "ping", "id": "end"})
        await _hears_nothing_of_it(ben, asked=False)


# By lines


@pytest.fixture
async def ben(server: Server) -> LineClient:
    """Somebody with netcat, in the open room."""
    return await server.enter("ben", OPEN)


async def told(client: LineClient, line: str, number: int) -> list[str]:
    """The lines that answer, up to the own text that follows."""
    client.say(line)
    if line in ("/quit", "/exit", "exit"):
        return (await client.rest()).decode().splitlines()
    client.say(f"end {number}")
    return await client.until(f"end {number}")


@pytest.mark.parametrize("line", [line for lines in LINES.values() for line in lines])
async def test_no_line_tells_of_it(line: str, ben: LineClient) -> None:
    hidden = await told(ben, line.replace("ROOM", HIDDEN), 1)
    if "ROOM" in line:
        absent = await told(ben, line.replace("ROOM", ABSENT), 2)
        assert [one.replace(HIDDEN, "ROOM") for one in hidden[:-1]] == [
            one.replace(ABSENT, "ROOM") for one in absent[:-1]
        ]
    else:
        assert HIDDEN.casefold() not in "\n".join(hidden).casefold()


async def test_a_name_is_taken_by_lines(ben: LineClient) -> None:
    assert "no room" in (await told(ben, f"/join {HIDDEN}", 1))[0]


async def test_the_greeting_does_not_name_it(server: Server) -> None:
    eve = await server.line(b"eve\n")
    assert HIDDEN not in "".join(await eve.until("General (0 users)"))


# By HTTP


@pytest.mark.parametrize("url", [url for urls in URLS.values() for url in urls])
async def test_no_page_tells_of_it(url: str, server: Server) -> None:
    hidden = await fetched(server, url.replace("ROOM", HIDDEN))
    if "ROOM" in url:
        absent = await fetched(server, url.replace("ROOM", ABSENT))
        assert hidden.replace(HIDDEN, "ROOM") == absent.replace(ABSENT, "ROOM")
    else:
        assert HIDDEN.casefold() not in hidden.casefold()
    assert "keep out" not in hidden


async def test_no_page_counts_it(server: Server) -> None:
    assert json.loads((await fetched(server, "/api/rooms")).partition("\r\n\r\n")[2])["total"] == 2
    assert "\nhubbub_rooms 2.0\n" in await fetched(server, "/metrics")
    assert "2 rooms, 1 user." in await fetched(server, "/join")


OF_ITS_OWN = ("date:", "x-request-id:")
"""What is another in each answer."""


async def fetched(server: Server, url: str) -> str:
    client = await server.line(
        f"GET {url} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
    )
    answer = (await client.rest()).decode()
    head, _, body = answer.partition("\r\n\r\n")
    kept = [line for line in head.split("\r\n") if not line.lower().startswith(OF_ITS_OWN)]
    return "\r\n".join(kept) + "\r\n\r\n" + body
