"""Over HTTP an account reads what it may read, and does what it may do."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, get_args

import pytest

from hubbub.domain.commands import AnyCommand
from hubbub.domain.names import RoomName
from hubbub.hub.errands import ON_CONNECTIONS
from hubbub.hub.handlers import HANDLERS
from hubbub.hub.settings import HubSettings
from tests.memorylog.log import MemoryLog
from tests.memorylog.search import MemorySearch
from tests.passwords import CheapPasswords
from tests.server.http_support import Answer, Client
from tests.server.serving import UNHURRIED, Chatter, Server, eventually, serving, texts

PASSWORD = "correct horse battery"
JSON = "application/json"


class Caller:
    """Somebody with curl; ``token`` says who."""

    def __init__(self, server: Server, token: str | None = None) -> None:
        self.server = server
        self.token = token

    async def send(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        client = Client(*await asyncio.open_connection(*self.server.address))
        fields = {"Host": "localhost"}
        if self.token is not None:
            fields["Authorization"] = f"Bearer {self.token}"
        if method == "POST":
            fields |= {"Content-Type": JSON, "Content-Length": str(len(body))}
        fields |= headers or {}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        client.send(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body)
        answer = await client.answer(method)
        await client.close()
        return answer

    async def get(self, path: str) -> Answer:
        return await self.send("GET", path)

    async def post(self, path: str, **body: Any) -> Answer:
        return await self.send("POST", path, json.dumps(body).encode())

    async def ask(self, type: str, **fields: Any) -> Any:
        """The reply to a command."""
        answer = await self.post("/api/commands", type=type, **fields)
        assert answer.status == 200, answer.body
        return answer.json

    async def refused(self, type: str, **fields: Any) -> tuple[int, str]:
        """The status and the code with which a command is refused."""
        answer = await self.post("/api/commands", type=type, **fields)
        return answer.status, answer.error


@asynccontextmanager
async def chatting(settings: HubSettings = UNHURRIED) -> AsyncIterator[Server]:
    log = MemoryLog(auto=True)
    async with serving(log=log, settings=settings, http=True, passwords=CheapPasswords()) as server:
        server.hub.search = MemorySearch(log.disk)
        yield server


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with chatting() as server:
        yield server


async def registered(server: Server, name: str, *rooms: str) -> Caller:
    """Somebody who has an account, and has lost the connection in ``rooms``."""
    async with server.web() as web:
        chatter = Chatter(web)
        await chatter.ask("welcome", type="hello", user=name)
        welcome = await chatter.ask("welcome", type="register", password=PASSWORD)
        for room in rooms:
            await chatter.ask("joined", type="join", room=room)
        web.transport.abort()
    await eventually(
        lambda: name not in {str(one.user.name) for one in server.hub.sessions if one.user}
    )
    return Caller(server, welcome["token"])


async def hideout(server: Server) -> tuple[Caller, Caller]:
    """Ada, who has a room where only members read, and ben, who is none."""
    ada, ben = await registered(server, "ada", "Hideout"), await registered(server, "ben")
    await ada.ask("rules", room="Hideout", access="members")
    await ada.ask("say", room="Hideout", text="the great plan")
    return ada, ben


# Who asks


async def test_members_read_what_nobody_else_can(server: Server) -> None:
    ada, ben = await hideout(server)
    anybody = Caller(server)
    for path in ("/api/rooms/Hideout/events", "/api/rooms/Hideout/timeline"):
        assert "the great plan" in texts((await ada.get(path)).json["events"])
        for other in (ben, anybody):
            answer = await other.get(path)
            assert (answer.status, answer.error) == (404, "no-such-room")
    for path, field, key in (
        ("/api/rooms", "rooms", "name"),
        ("/api/search?q=plan", "results", "room"),
    ):
        found = [await one.get(path) for one in (ada, ben, anybody)]
        there = ["Hideout" in [row[key] for row in one.json[field]] for one in found]
        assert there == [True, False, False]


async def test_a_direct_conversation_is_read_by_its_people(server: Server) -> None:
    ada, ben, eve = [await registered(server, name) for name in ("ada", "ben", "eve")]
    room = (await ada.ask("direct", users=["ben"]))["room"]
    await ada.ask("say", room=room, text="between us")
    path = f"/api/rooms/{room}/timeline"
    assert texts((await ben.get(path)).json["events"]) == ["between us"]
    assert room in [one["name"] for one in (await ben.get("/api/rooms")).json["rooms"]]
    for other in (eve, Caller(server)):
        assert (await other.get(path)).error == "no-such-room"
    assert (await eve.refused("say", room=room, text="hello?")) == (404, "no-such-room")


async def test_it_says_who_one_is(server: Server) -> None:
    ada = await registered(server, "ada")
    answer = await ada.get("/api/me")
    assert answer.json.keys() == {"user", "user_id", "role"}
    assert (answer.json["user"], answer.json["role"]) == ("ada", "member")
    answer = await Caller(server).get("/api/me")
    assert (answer.status, answer.error) == (401, "need-account")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_answers_to_a_token_are_for_no_cache(server: Server) -> None:
    ada = await registered(server, "ada")
    for path in ("/api/rooms", "/api/rooms/Nowhere/events", "/api/rooms?limit=none", "/api/me"):
        headers = (await ada.get(path)).headers
        assert (headers["cache-control"], headers["vary"]) == ("private, no-store", "Authorization")
    assert "vary" not in (await Caller(server).get("/api/rooms")).headers


WRONG = [
    "Bearer",
    "Bearer a b",
    "Bearer ü",
    "Token abc",
    "abc",
    "Bearer " + 200 * "x",
    "Bearer x.y",
]


@pytest.mark.parametrize("given", WRONG)
@pytest.mark.parametrize("path", ["/api/rooms", "/api/rooms/General/events", "/api/search?q=x"])
async def test_a_wrong_token_is_never_taken_for_none(given: str, path: str, server: Server) -> None:
    answer = await Caller(server).send("GET", path, headers={"Authorization": given})
    assert (answer.status, answer.error) == (401, "wrong-token")
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'


async def test_a_token_is_good_for_its_own_account_alone(server: Server) -> None:
    ada, ben = await registered(server, "ada"), await registered(server, "ben")
    assert ada.token is not None
    assert ben.token is not None
    mixed = ada.token.partition(".")[0] + "." + ben.token.partition(".")[2]
    for token in (mixed, ada.token[:-1], ada.token.partition(".")[2]):
        answer = await Caller(server, token).get("/api/me")
        assert (answer.status, answer.error) == (401, "wrong-token")
        assert token not in answer.body.decode()


async def test_a_guest_s_token_is_for_the_chat_alone(server: Server) -> None:
    async with server.web() as web:
        token = (await Chatter(web).ask("welcome", type="hello", user="eve"))["token"]
        assert (await Caller(server, token).get("/api/me")).error == "wrong-token"


async def test_what_a_proxy_asks_its_own_users_for_is_no_token(server: Server) -> None:
    caller = Caller(server)
    answer = await caller.send("GET", "/api/rooms", headers={"Authorization": "Basic YTpi"})
    assert answer.status == 200


async def test_who_is_logged_out_is_nobody_any_more(server: Server) -> None:
    ada = await registered(server, "ada")
    other = Caller(server, await logged_in(server, "ada"))
    (device,) = [one for one in (await ada.ask("devices"))["devices"] if not one.get("current")]
    await ada.ask("revoke", device=device["id"])
    assert (await other.get("/api/rooms")).error == "wrong-token"
    assert (await other.refused("devices")) == (401, "wrong-token")

    other = Caller(server, await logged_in(server, "ada"))
    await ada.ask("password", old=PASSWORD, new="a quite different one")
    assert (await other.get("/api/me")).status == 401
    assert (await ada.get("/api/me")).status == 200  # from where it was changed

    farewell = await ada.ask("close-account", password="a quite different one")
    assert (farewell["type"], farewell["reason"]) == ("bye", "logged-out")
    assert (await ada.get("/api/me")).error == "wrong-token"


async def test_wrong_tokens_are_slowed_down(server: Server) -> None:
    ada = await registered(server, "ada")
    assert (await ada.get("/api/me")).status == 200
    stranger = Caller(server, "0123.nothing")
    codes = [(await stranger.get("/api/me")).error for _ in range(4)]
    assert codes == ["wrong-token"] * 3 + ["rate-limited"]
    answer = await stranger.get("/api/rooms")
    assert answer.status == 429
    assert int(answer.headers["retry-after"]) >= 1
    assert (await ada.get("/api/me")).status == 200  # whose token was right here before


async def test_who_is_banned_from_the_server_is_told(server: Server) -> None:
    ada, ben = await registered(server, "ada"), await registered(server, "ben")
    assert server.hub.owner_code
    await ada.ask("own", code=server.hub.owner_code)
    assert (await ada.get("/api/me")).json["role"] == "owner"
    await ada.ask("ban", room="/server", user="ben", reason="spam")
    assert (await ben.get("/api/rooms")).status == 403
    assert (await ben.refused("who", room="General")) == (403, "banned")


async def test_who_is_muted_or_banned_does_nothing_there_by_a_token(server: Server) -> None:
    ada, ben = await registered(server, "ada", "Lab"), await registered(server, "ben")
    await ben.ask("say", room="Lab", text="one")
    await ada.ask("mute", room="Lab", user="ben")
    assert (await ben.refused("say", room="Lab", text="two")) == (403, "not-allowed")
    assert (await ben.refused("topic", room="Lab", topic="two")) == (403, "not-allowed")
    assert (await ben.post("/api/rooms/Lab/messages", text="two")).status == 403
    await ada.ask("unmute", room="Lab", user="ben")
    await ben.ask("say", room="Lab", text="three")
    await ada.ask("ban", room="Lab", user="ben")
    assert (await ben.refused("say", room="Lab", text="four")) == (403, "banned")
    for path in ("/api/rooms/Lab/events", "/api/rooms/Lab/timeline"):
        assert (await ben.get(path)).status == 403
    found = (await ben.get("/api/search?q=three")).json["results"]
    assert found == []
    (lab,) = [one for one in (await ben.get("/api/rooms")).json["rooms"] if one["name"] == "Lab"]
    assert (lab.get("head", 0), lab.get("users", 0), lab.get("unread")) == (0, 0, None)
    said = texts((await ada.get("/api/rooms/Lab/events")).json["events"])
    assert [one for one in said if one in ("one", "two", "three", "four")] == ["one", "three"]


async def test_without_guests_one_has_to_log_in() -> None:
    async with chatting() as open_server:
        ada = await registered(open_server, "ada")
        open_server.hub.access._guests = False
        for path in ("/api/rooms", "/api/rooms/General/events", "/api/search?q=x"):
            answer = await Caller(open_server).get(path)
            assert (answer.status, answer.error) == (401, "need-account")
            assert (await ada.get(path)).status == 200


# Logging in


async def logged_in(server: Server, user: str, password: str = PASSWORD) -> str:
    answer = await Caller(server).post("/api/login", user=user, password=password, client="cron")
    assert answer.status == 200, answer.body
    return str(answer.json["token"])


async def test_a_password_gives_a_token(server: Server) -> None:
    await registered(server, "ada")
    ada = Caller(server, await logged_in(server, "ADA"))
    assert (await ada.get("/api/me")).json["user"] == "ada"
    devices = (await ada.ask("devices"))["devices"]
    assert [one["client"] for one in devices if one.get("current")] == ["cron"]


@pytest.mark.parametrize("user", ["ada", "nobody"])
async def test_a_wrong_password_gives_none(user: str, server: Server) -> None:
    await registered(server, "ada")
    answer = await Caller(server).post("/api/login", user=user, password="hunter2 hunter2")
    assert (answer.status, answer.error) == (403, "wrong-password")


@pytest.mark.parametrize("body", [{}, {"user": "ada"}, {"user": "a b", "password": "x"}, {"x": 1}])
async def test_a_login_has_a_name_and_a_password(body: dict[str, Any], server: Server) -> None:
    answer = await Caller(server).post("/api/login", **body)
    assert (answer.status, answer.error in ("bad-message", "invalid-name")) == (400, True)


# Commands


ABOUT_ROOMS: list[tuple[str, dict[str, Any], str]] = [
    ("say", {"text": "welcome", "nonce": "1"}, "ack"),
    ("topic", {"topic": "Leaves and water"}, "ack"),
    ("role", {"user": "eve", "role": "moderator"}, "ack"),
    ("mute", {"user": "eve", "seconds": 60}, "ack"),
    ("unmute", {"user": "eve"}, "ack"),
    ("kick", {"user": "eve", "reason": "spam"}, "ack"),
    ("ban", {"user": "ben"}, "ack"),
    ("bans", {}, "bans"),
    ("unban", {"user": "ben"}, "ack"),
    ("exempt", {"user": "ben"}, "ack"),
    ("invite", {"user": "ben"}, "ack"),
    ("end-invitation", {"user": "ben"}, "ack"),
    ("filter", {"pattern": "spam*"}, "ack"),
    ("queue", {}, "queue"),
    ("knock", {}, "done"),
    ("audit", {}, "history"),
    ("history", {}, "history"),
    ("timeline", {"limit": 1}, "history"),
    ("who", {}, "who"),
    ("read", {"seq": 1}, "read"),
    ("rules", {"slow": 30}, "ack"),
    ("make-ticket", {}, "ticket"),
    ("tickets", {}, "tickets"),
    ("rename-room", {"name": "Coffee"}, "ack"),
]
"""Commands about a room, and their replies: one behind the other, by its owner."""

MORE_ABOUT_ROOMS: list[tuple[str, dict[str, Any], str]] = [
    ("delete", {}, "deleted"),
    ("end-ticket", {"ticket": "x"}, "done"),
    ("report", {"user": "eve"}, "done"),
    ("settle", {"item": 1}, "done"),
    ("edit", {"target": 1, "text": "hello"}, "ack"),
    ("redact", {"target": 1}, "ack"),
    ("react", {"target": 1, "emoji": "\N{PARTY POPPER}"}, "ack"),
    ("pin", {"target": 1}, "ack"),
    ("pins", {}, "messages"),
    ("versions", {"target": 1}, "versions"),
    ("conversation", {"target": 1}, "messages"),
]


async def test_a_room_is_run_by_commands(server: Server) -> None:
    ada, ben = await registered(server, "ada", "Tea"), await registered(server, "ben")
    await registered(server, "eve", "Tea")
    await ada.ask("rules", room="Tea", access="members")
    assert (await ada.ask("invite", room="Tea", user="ben"))["type"] == "ack"
    assert "Tea" in [one["name"] for one in (await ben.get("/api/rooms")).json["rooms"]]
    for type, fields, kind in ABOUT_ROOMS:
        reply = await ada.ask(type, room="Tea", id=type, **fields)
        assert (reply["type"], reply["re"]) == (kind, type)
    (ticket,) = (await ada.ask("tickets", room="Coffee"))["tickets"]
    await ada.ask("end-ticket", room="Coffee", ticket=ticket["id"])
    assert (await ada.ask("who", room="Coffee"))["topic"] == "Leaves and water"
    assert (await ben.refused("who", room="Coffee")) == (404, "no-such-room")


async def test_what_waits_is_decided(server: Server) -> None:
    ada, eve = await registered(server, "ada", "Tea"), await registered(server, "eve", "Tea")
    await ada.ask("rules", room="Tea", newcomers="held")
    messages = "/api/rooms/Tea/messages"
    held = await eve.post(messages, text="hello", nonce="1")
    assert (held.status, held.error) == (403, "held")
    await ada.ask("filter", room="Tea", pattern="spam*")
    filtered = await eve.post(messages, text="SPAM!")
    assert (filtered.status, filtered.error) == (403, "filtered")
    (item,) = (await ada.ask("queue", room="Tea"))["items"]
    assert (item["kind"], item["by"], item["text"]) == ("held", "eve", "hello")
    await ada.ask("settle", room="Tea", item=item["seq"], approve=True)
    again = await eve.post(messages, text="hello", nonce="1")
    assert again.status == 200, again.body
    assert (await ada.ask("report", room="Tea", seq=again.json["seq"]))["type"] == "done"
    assert len((await ada.ask("queue", room="Tea"))["items"]) == 1


def test_every_command_is_tried_or_refused() -> None:
    with_room = {kind for kind in HANDLERS if "room" in kind.__struct_fields__}
    tried = {type for type, _, _ in (*ABOUT_ROOMS, *MORE_ABOUT_ROOMS)}
    tags = {str(kind.__struct_config__.tag) for kind in with_room - ON_CONNECTIONS}
    assert tags == tried


@pytest.mark.parametrize(
    "type, fields, kind", [*ABOUT_ROOMS, *MORE_ABOUT_ROOMS], ids=lambda one: str(one)[:12]
)
async def test_a_hidden_room_is_none_to_who_may_not_read_it(
    type: str, fields: dict[str, Any], kind: str, server: Server
) -> None:
    _, ben = await hideout(server)
    if type == "say":
        assert await ben.refused(type, room="Hideout", **fields) == (404, "no-such-room")
        return
    hidden, absent = [
        (await ben.post("/api/commands", type=type, room=room, **fields)).body.decode()
        for room in ("Hideout", "Missing")
    ]
    assert hidden.replace("Hideout", "ROOM") == absent.replace("Missing", "ROOM")
    assert '"no-such-room"' in hidden or type == "knock"  # which tells nothing of any room


async def test_commands_are_refused_as_on_a_connection(server: Server) -> None:
    ada, ben = await registered(server, "ada", "Tea"), await registered(server, "ben", "Tea")
    await ada.ask("rules", room="Tea", speak="voices")
    for type, fields, refusal in (
        ("say", {"room": "Tea", "text": "psst"}, (403, "not-allowed")),
        ("topic", {"room": "Nowhere", "topic": "x"}, (404, "no-such-room")),
        ("kick", {"room": "Tea", "user": "ada"}, (403, "not-allowed")),
        ("say", {"room": "General", "text": " "}, (400, "empty-text")),
        ("say", {"room": "General", "text": "x", "reply_to": 99}, (400, "bad-message")),
        ("direct", {"users": ["nobody"]}, (404, "no-such-user")),
        ("rename", {"user": "ada"}, (409, "name-taken")),
        ("password", {"old": "x", "new": "a quite different one"}, (403, "wrong-password")),
        ("delete", {"room": "Tea"}, (403, "not-allowed")),
        ("nonsense", {}, (400, "bad-message")),
    ):
        assert (await ben.refused(type, **fields)) == refusal, type
    assert (await Caller(server).refused("rooms")) == (401, "need-account")


FIELDS: dict[str, dict[str, Any]] = {
    "hello": {"user": "eve"},
    "register": {"password": PASSWORD},
    "formerly": {"user": "eve", "token": "x"},
    **{type: {"room": "Tea"} for type in ("join", "leave", "typing", "signal")},
    "watch": {"users": ["ben"]},
}


@pytest.mark.parametrize(
    "type",
    sorted(str(kind.__struct_config__.tag) for kind in ON_CONNECTIONS & set(get_args(AnyCommand))),
)
async def test_what_needs_a_connection_is_refused(type: str, server: Server) -> None:
    ada = await registered(server, "ada", "Tea")
    answer = await ada.post("/api/commands", type=type, **FIELDS.get(type, {}))
    assert (answer.status, answer.error) == (400, "bad-message")
    assert "/ws" in answer.json["error"]["message"]


async def test_nobody_sees_who_speaks_come_or_go(server: Server) -> None:
    ada = await registered(server, "ada")
    async with server.web() as web:
        ben = Chatter(web)
        await ben.enter("ben", "Tea")
        ben.events.clear()
        for number in range(2):
            answer = await ada.post("/api/rooms/Tea/messages", text=f"text {number}")
            assert (answer.status, answer.json["type"]) == (200, "ack")
        await ada.ask("topic", room="Tea", topic="Leaves")
        await ben.ask("pong", type="ping")
        assert [event["kind"] for event in ben.events] == ["said", "said", "topic"]
        assert {event["by"] for event in ben.events} == {"ada"}
        assert (await ben.ask("who", type="who", room="Tea"))["users"] == ["ben"]


async def test_who_has_lost_the_connection_stays_where_they_are(server: Server) -> None:
    ada = await registered(server, "ada")
    async with server.web() as web:
        chatter = Chatter(web)
        await chatter.ask("welcome", type="hello", user="ada", token=ada.token)
        await chatter.ask("joined", type="join", room="Tea")
        web.transport.abort()
    await eventually(lambda: not server.hub.sessions)
    await ada.ask("say", room="Tea", text="still here")
    assert (await ada.ask("who", room="Tea"))["users"] == ["ada"]
    kinds = [event["kind"] for event in (await ada.get("/api/rooms/Tea/events")).json["events"]]
    assert kinds == ["joined", "said"]


async def test_a_resend_is_answered_with_the_first_outcome(server: Server) -> None:
    ada = await registered(server, "ada")
    first = await ada.post("/api/rooms/Tea/messages", text="once", nonce="n1")
    again = await ada.post("/api/rooms/tea/messages", text="once", nonce="n1")
    assert first.json["seq"] == again.json["seq"]
    assert first.json["new"]
    assert texts((await ada.get("/api/rooms/Tea/events")).json["events"]) == ["once"]


async def test_an_account_has_one_rate_over_all_its_requests() -> None:
    async with chatting(HubSettings(rate_limit=0.001, rate_burst=3)) as server:
        ada = await registered(server, "ada")
        answers = [await ada.post("/api/commands", type="devices") for _ in range(4)]
        assert [one.status for one in answers] == [200, 200, 200, 429]
        assert answers[-1].error == "rate-limited"
        assert int(answers[-1].headers["retry-after"]) > 1
        assert (await ada.get("/api/me")).status == 200


async def test_who_hangs_up_leaves_nothing_behind(server: Server) -> None:
    ada = await registered(server, "ada")
    body = json.dumps({"type": "devices"}).encode()
    for _ in range(3):
        client = Client(*await asyncio.open_connection(*server.address))
        client.send(
            b"POST /api/commands HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + f"Authorization: Bearer {ada.token}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        await client.close()
    await eventually(lambda: not server.hub.sessions and not server.hub.coming)
    await server.connections(0)


# Bodies


@pytest.mark.parametrize("path", ["/api/commands", "/api/rooms/Tea/messages", "/api/login"])
async def test_bodies_are_json_of_a_bounded_size(path: str, server: Server) -> None:
    ada = await registered(server, "ada")
    for kind in ("text/plain", "application/x-www-form-urlencoded", f"{JSON}; charset=latin-1"):
        answer = await ada.send("POST", path, b"{}", {"Content-Type": kind})
        assert (answer.status, answer.error) == (415, "unsupported-media-type")
    for body in (b"", b"{", b"[]", b"null", b'{"text": 1}', b"\xff", b"[" * 9999):
        answer = await ada.send("POST", path, body)
        assert (answer.status, answer.error) == (400, "bad-message")
    long = json.dumps({"text": "x" * UNHURRIED.line_bytes}).encode()
    answer = await ada.send("POST", path, long)
    assert (answer.status, answer.error) == (413, "content-too-large")
    answer = await ada.get(path)
    assert (answer.status, answer.error) == (405, "method-not-allowed")
    assert answer.headers["allow"] == "POST"


async def test_a_charset_is_no_other_type(server: Server) -> None:
    ada = await registered(server, "ada")
    body = json.dumps({"text": "tea ☕"}).encode()
    path = "/api/rooms/Tea/messages"
    for kind in (f'{JSON}; charset="UTF-8"', "Application/JSON;charset=utf-8"):
        answer = await ada.send("POST", path, body, {"Content-Type": kind})
        assert answer.status == 200


async def test_pages_of_other_sites_cannot_ask_in_somebody_s_name(server: Server) -> None:
    ada = await registered(server, "ada")
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = await ada.send("POST", "/api/rooms/Tea/messages", b'{"text": "x"}', headers)
        assert answer.status == 403
        assert not [name for name in answer.headers if name.startswith("access-control")]
    assert RoomName.parse("Tea").key not in server.hub.rooms


# The document


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_the_document_s_script_runs(server: Server, tmp_path: Path) -> None:
    document = (Path(__file__).parents[2] / "docs" / "http.md").read_text()
    script, changing = re.findall(r"```sh\n(.*?)```", document, re.DOTALL)
    await registered(server, "ada")
    script += changing.replace("messages/17", "messages/1")
    script = script.replace("http://127.0.0.1:8080", f"http://127.0.0.1:{server.port}")
    running = await asyncio.create_subprocess_exec(
        *("bash", "-euc", script), cwd=tmp_path, stdout=asyncio.subprocess.PIPE
    )
    told, _ = await running.communicate()
    decoder, rest, answers = json.JSONDecoder(), told.decode(), list[Any]()
    while rest:
        answer, end = decoder.raw_decode(rest)
        answers.append(answer)
        rest = rest[end:].lstrip()
    me, said, topic, page, edited, reacted, taken_back = answers
    assert me["user"] == "ada"
    assert (said["type"], said["room"], topic["type"]) == ("ack", "Operations", "ack")
    assert [one["kind"] for one in page["events"]] == ["topic"]
    assert [one["seq"] for one in (said, topic, edited, reacted, taken_back)] == [1, 2, 3, 4, 5]
