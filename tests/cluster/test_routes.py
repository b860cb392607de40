"""Each request of one client is served by another node than the one before: for each route."""

from __future__ import annotations

import http.client
import itertools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.routing import Route
from websockets.sync.client import connect

from hubbub.server.http.app import make_app
from hubbub.server.origin_policy import OriginPolicy
from tests.patience import PATIENCE_SECONDS, wait_until
from tests.server.http_support import FakeHub
from tools.cluster.cluster import Cluster
from tools.cluster.node import Node

PASSWORD = "correct horse battery"


@dataclass
class Answer:
    status: int
    body: bytes
    headers: http.client.HTTPMessage

    @property
    def json(self) -> Any:
        assert self.status in (200, 201), (self.status, self.body)
        return json.loads(self.body)


@dataclass
class Client:
    """Has an account; ``room`` is open and its own. All in turn at one node and the other."""

    nodes: list[Node]
    user: str
    room: str
    token: str = ""
    _turns: Iterator[Node] = field(init=False)

    def __post_init__(self) -> None:
        self._turns = itertools.cycle(self.nodes)

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, None, **headers)

    def post(self, path: str, **fields: Any) -> Answer:
        return self.ask("POST", path, fields)

    def ask(self, method: str, path: str, fields: Any, **headers: str) -> Answer:
        """Asks the next node."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        headers["Host"] = "localhost"  # as a balancer passes it on
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if fields is not None:
            headers["Content-Type"] = "application/json"
        connection = http.client.HTTPConnection(
            *next(self._turns).address, timeout=PATIENCE_SECONDS
        )
        try:
            body = None if fields is None else json.dumps(fields)
            connection.request(
                method, path, body, {k.replace("_", "-"): v for k, v in headers.items()}
            )
            answer = connection.getresponse()
            return Answer(answer.status, answer.read(), answer.headers)
        finally:
            connection.close()

    def raw(
        self, method: str, path: str, body: bytes, headers: dict[str, str] | None = None
    ) -> Answer:
        """Sends bytes to the next node."""
        fields = {"Host": "localhost", "Authorization": f"Bearer {self.token}", **(headers or {})}
        connection = http.client.HTTPConnection(
            *next(self._turns).address, timeout=PATIENCE_SECONDS
        )
        try:
            connection.request(method, path, body, fields)
            answer = connection.getresponse()
            return Answer(answer.status, answer.read(), answer.headers)
        finally:
            connection.close()

    def everywhere(self, path: str) -> Answer:
        """The answer of all nodes, which is the same."""
        answers = [self.get(path) for _ in self.nodes]
        assert {(one.status, one.body) for one in answers} == {(answers[0].status, answers[0].body)}
        return answers[0]

    def newest(self, field: str) -> list[Any]:
        """That field of the newest event in the room, at each node."""
        path = f"/api/rooms/{self.room}/events?limit=1"
        return [self.get(path).json["events"][-1].get(field) for _ in self.nodes]

    def pages(self, path: str, what: str, cursor: str = "after") -> list[Any]:
        """All that is there, of which each page comes from another node."""
        found: list[Any] = []
        more = ""
        while True:
            page = self.get(path + more).json
            found += page[what]
            if not page[what] or page.get("next") is None:
                return found
            more = f"&{cursor}={page['next']}".replace(" ", "+")


@pytest.fixture(scope="module")
def client(cluster: Cluster) -> Client:
    client = Client(list(cluster.nodes), "wanda", "Wander")
    with connect(cluster.nodes[0].url) as socket:
        for command in (
            {"type": "hello", "user": client.user},
            {"type": "register", "password": PASSWORD},
            {"type": "join", "room": client.room},
        ):
            socket.send(json.dumps(command))
        while json.loads(socket.recv(PATIENCE_SECONDS))["type"] != "joined":
            pass
    client.token = client.post("/api/login", user=client.user, password=PASSWORD).json["token"]
    for number in range(5):
        client.post(f"/api/rooms/{client.room}/messages", text=f"wandering {number}").json  # noqa: B018
    wait_until(lambda: client.newest("text") == ["wandering 4"] * len(client.nodes))
    return client


def same(*paths: str) -> Callable[[Client], None]:
    """All nodes give the same, and take what another one has called it for unchanged."""

    def ask(client: Client) -> None:
        for path in paths:
            answer = client.everywhere(path)
            assert answer.status == 200
            if (tag := answer.headers["ETag"]) is not None:
                for _ in client.nodes:
                    assert client.get(path, If_None_Match=tag).status == 304

    return ask


def files_of_the_page(client: Client) -> None:
    """What one node's page names, the other one has."""
    named = re.findall(r'"(static/[^"]+)"', client.get("/").body.decode())
    assert named
    for path in named:
        assert client.everywhere(f"/{path}").status == 200


def health_and_metrics(client: Client) -> None:
    for path in ("/healthz", "/metrics"):
        assert {client.get(path).status for _ in client.nodes} == {200}


def rooms(client: Client) -> None:
    found = [room["name"] for room in client.pages("/api/rooms?limit=1", "rooms")]
    assert client.room in found
    assert len(set(found)) == len(found)


def events(client: Client) -> None:
    seqs: list[int] = []
    while True:
        path = f"/api/rooms/{client.room}/events?limit=2&after={seqs[-1] if seqs else 0}"
        page = client.get(path).json
        if not page["events"]:
            break
        seqs += [event["seq"] for event in page["events"]]
    assert seqs == list(range(1, len(seqs) + 1))
    assert len(seqs) >= 6


def timeline(client: Client) -> None:
    answer = client.everywhere(f"/api/rooms/{client.room}/timeline?limit=3")
    assert b"wandering 4" in answer.body


def search(client: Client) -> None:
    path = f"/api/search?q=in:{client.room}+wandering&limit=2"
    found = client.pages(path, "results", "before")
    texts = sorted("".join(hit["excerpt"]) for hit in found)
    assert texts == [f"wandering {number}" for number in range(5)]


def log_in(client: Client) -> None:
    """A token of one node is good at the next one; one that was revoked there is at none."""
    device = Client(client.nodes, client.user, client.room)
    device.token = device.post("/api/login", user=client.user, password=PASSWORD).json["token"]
    for _ in client.nodes:
        assert device.get("/api/me").json["user"] == client.user
    devices = device.post("/api/commands", type="devices").json["devices"]
    (mine,) = [one["id"] for one in devices if one.get("current")]
    device.post("/api/commands", type="revoke", device=mine)
    for _ in client.nodes:
        wait_until(lambda: device.get("/api/me").status == 401)


def messages(client: Client) -> None:
    """A text that is sent again, to another node, is said once."""
    path = f"/api/rooms/{client.room}/messages"
    answers = [client.post(path, text="once", nonce="once").json["seq"] for _ in range(4)]
    assert len(set(answers)) == 1


def message(client: Client) -> str:
    """The path of a message that is new, at the next node."""
    said = client.post(f"/api/rooms/{client.room}/messages", text="new").json["seq"]
    return f"/api/rooms/{client.room}/messages/{said}"


def amended(client: Client) -> None:
    """What one node was told to change, the other one changes again, or takes back."""
    path = message(client)
    for text in ("one", "two", "three"):
        client.ask("PATCH", path, {"text": text}).json  # noqa: B018
    versions = client.get(f"{path}/versions").json["versions"]
    assert [one["text"] for one in versions] == ["new", "one", "two", "three"]
    client.ask("DELETE", path, None).json  # noqa: B018
    for _ in client.nodes:
        assert client.ask("PATCH", path, {"text": "four"}).status == 400
        assert client.get(f"{path}/versions").status == 400


def reactions(client: Client) -> None:
    """A reaction that is sent to all nodes counts once: the others refuse it."""
    path = message(client)
    asked = [client.ask("PUT", f"{path}/reactions/%F0%9F%91%8D", None) for _ in client.nodes]
    assert [one.status for one in asked] == [200, *(400 for _ in asked[1:])]
    for _ in client.nodes:
        found = client.get(f"/api/rooms/{client.room}/timeline?limit=1").json["events"][-1]
        assert [one["users"] for one in found["reactions"]] == [[client.user]]


def conversation(client: Client) -> None:
    path = message(client)
    seq = int(path.rsplit("/")[-1])
    said = f"/api/rooms/{client.room}/messages"
    answers = [client.post(said, text="so", reply_to=seq).json["seq"] for _ in client.nodes]
    for _ in client.nodes:
        found = client.get(f"{path}/conversation").json["events"]
        assert [event["seq"] for event in found] == [seq, *answers]


def pins(client: Client) -> None:
    """What is pinned at one node is pinned at the other one, and unpinned there."""
    room = f"/api/rooms/{client.room}"
    path = message(client)
    pin = f"{room}/pins/{path.rsplit('/')[-1]}"
    for method, count in (("PUT", 1), ("DELETE", 0)):
        client.ask(method, pin, None).json  # noqa: B018
        for _ in client.nodes:
            wait_until(lambda: len(client.get(f"{room}/pins").json["events"]) == count)  # noqa: B023


def commands(client: Client) -> None:
    """What is set at one node is known at the other one, a moment later."""
    for number in range(4):
        topic = f"topic {number}"
        client.post("/api/commands", type="topic", room=client.room, topic=topic).json  # noqa: B018
        wait_until(lambda: client.newest("topic") == [topic] * len(client.nodes))  # noqa: B023


def administration(client: Client) -> None:
    """Who may do nothing there is told the same by all."""
    answers = {client.post("/api/admin/rooms").status for _ in client.nodes}
    assert answers == {404}


def websocket(client: Client) -> None:
    """What one node is told the other one shows, to who resumes there."""
    token, after = None, None
    for number, node in enumerate([*client.nodes, *client.nodes]):
        with connect(node.url) as socket:
            hello = {"type": "hello", "user": "wilma", **({"token": token} if token else {})}
            socket.send(json.dumps(hello))
            welcome = json.loads(socket.recv(PATIENCE_SECONDS))
            assert welcome["type"] == "welcome", welcome
            token = welcome["token"]
            join = {"type": "join", "room": "Wilmas", **({} if after is None else {"after": after})}
            socket.send(json.dumps(join))
            joined = json.loads(socket.recv(PATIENCE_SECONDS))
            assert joined["type"] == "joined", joined
            assert after in (None, joined["after"])
            say = {"type": "say", "room": "Wilmas", "text": f"{number}", "nonce": f"{number}"}
            socket.send(json.dumps(say))
            after = joined["after"]
            while True:
                frame = json.loads(socket.recv(PATIENCE_SECONDS))
                if frame["type"] == "events":
                    for event in frame["events"]:
                        assert event["seq"] == after + 1
                        after = event["seq"]
                    if frame["events"][-1].get("text") == f"{number}":
                        break


def picture() -> bytes:
    """A small PNG."""
    from io import BytesIO

    from PIL import Image

    data = BytesIO()
    Image.new("RGB", (600, 400), (200, 30, 30)).save(data, "png")
    return data.getvalue()


def files(client: Client) -> None:
    """A file that one node has taken is said by the next one, and served by all."""
    file = client.raw("POST", "/api/files?name=cat.png", picture()).json
    path = f"/api/rooms/{client.room}/messages"
    seq = client.post(path, text="", files=[{"id": file["id"]}]).json["seq"]
    where = f"/api/files/{file['id']}"
    words = [client.get("/api/files/pass").json["word"] for _ in client.nodes]
    assert len(set(words)) == 1
    for each in (where, f"{where}/cat.png", f"{where}/thumbnail", f"{where}?pass={words[0]}"):
        assert client.everywhere(each).status == 200
    client.ask("DELETE", f"{path}/{seq}", None).json  # noqa: B018
    assert client.everywhere(where).status == 404


def uploads(client: Client) -> None:
    """What is whole with its beginning is a file to all nodes; also to be deleted."""
    fields = {"Upload-Length": "5", "Upload-Metadata": "filename YS50eHQ="}
    kind = {"Content-Type": "application/offset+octet-stream"}
    state = client.raw("POST", "/api/uploads", b"01234", fields | kind).json
    assert state["state"] == "ready"
    path = f"/api/uploads/{state['id']}"
    assert client.everywhere(path).json["file"]["name"] == "a.txt"
    assert client.ask("DELETE", path, None).status == 204
    assert client.everywhere(path).status == 404


TRIED: dict[str, Callable[[Client], None]] = {
    "/": same("/"),
    "/worker.js": same("/worker.js"),
    "/version.json": same("/version.json"),
    "/join": same("/join"),
    "/static/{name:path}": files_of_the_page,
    "/doors.json": same("/doors.json?origin=http://localhost"),
    "/healthz": health_and_metrics,
    "/metrics": health_and_metrics,
    "/api/rooms": rooms,
    "/api/rooms/{room}/events": events,
    "/api/rooms/{room}/timeline": timeline,
    "/api/search": search,
    "/api/me": same("/api/me"),
    "/api/login": log_in,
    "/api/commands": commands,
    "/api/rooms/{room}/messages": messages,
    "/api/rooms/{room}/messages/{seq}": amended,
    "/api/rooms/{room}/messages/{seq}/reactions/{emoji}": reactions,
    "/api/rooms/{room}/messages/{seq}/versions": amended,
    "/api/rooms/{room}/messages/{seq}/conversation": conversation,
    "/api/rooms/{room}/pins": pins,
    "/api/rooms/{room}/pins/{seq}": pins,
    "/api/files": files,
    "/api/files/pass": files,
    "/api/files/{id}": files,
    "/api/files/{id}/thumbnail": files,
    "/api/files/{id}/{name}": files,
    "/api/uploads": uploads,
    "/api/uploads/{id}": uploads,
    "/api/admin/{task}": administration,
    "/openapi.json": same("/openapi.json"),
    "/schema.json": same("/schema.json"),
    "/ws": websocket,
    "/irc": websocket,
}


def test_every_route_is_tried() -> None:
    app: Any = make_app(FakeHub(), OriginPolicy((), ()))
    assert {route.path for route in app._app.routes if isinstance(route, Route)} == TRIED.keys()


@pytest.mark.parametrize("path", TRIED)
def test_a_route_whose_requests_all_go_elsewhere(client: Client, path: str) -> None:
    TRIED[path](client)
