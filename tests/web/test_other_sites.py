"""Pages of other sites, in three browsers: they try to chat here, or to ask, and are refused.

The server listens on this computer's own addresses only, as it does by default. The page of the
attacker is at another port (another origin, and yet the "same site"), at another name of this
computer ("cross-site"), or at a name of its own that it has pointed here (DNS rebinding).
"""

from __future__ import annotations

import contextlib
import itertools
import json
import select
import socket
import socketserver
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.patience import PATIENCE_SECONDS
from tests.process import ServerProcess
from tests.web.engines import ENGINES, Engine, PlaywrightTab, launch, missing

REBOUND = "evil.example"
_numbers = itertools.count(1)

# What a line client would say: a name, a room, a text.
SAYS = "Mallory{n}\nGeneral\nI was never here\nexit\n"

ATTACKS = Path(__file__).with_name("attack.js").read_text()

REBINDING = Path(__file__).with_name("rebinding.js").read_text()


class Blank(BaseHTTPRequestHandler):
    """The attacker's page: nothing on it."""

    def do_GET(self) -> None:
        body = b"<!doctype html><title>Kittens</title><body>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[int]:
    """The port of another server of this computer."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Blank) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


class Turnstile(socketserver.ThreadingTCPServer):
    """A port that leads to one server first, and to another one later."""

    daemon_threads = True
    leads_to = 0

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Passage)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def __enter__(self) -> Turnstile:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.shutdown()
        self.server_close()


class Passage(socketserver.BaseRequestHandler):
    """Passes on bytes in both directions, until one side ends."""

    def handle(self) -> None:
        assert isinstance(self.server, Turnstile)
        # Browsers open connections ahead: where one leads is told when something is asked.
        select.select([self.request], [], [], 60)
        with socket.create_connection(("127.0.0.1", self.server.leads_to)) as other:
            sides = {self.request: other, other: self.request}
            with contextlib.suppress(OSError):
                while True:
                    for side in select.select(list(sides), [], [], 10)[0]:
                        data = side.recv(65536)
                        if not data:
                            return
                        sides[side].sendall(data)


# Each engine once: Playwright's loop ends with it, as other tests have loops of their own.
@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    lacking = missing(request.param)
    if lacking is not None:
        pytest.skip(lacking)
    with launch(request.param, names_of_this_computer=(REBOUND,)) as engine:
        yield engine


@pytest.fixture
def victim(tmp_path: Path) -> Iterator[ServerProcess]:
    flags = ("--rate-limit", "0", "--sessions-per-address", "0")
    with ServerProcess(tmp_path / "data", *flags) as server:
        yield server


def numbers(server: ServerProcess) -> dict[str, float]:
    """What the server counts."""
    with urllib.request.urlopen(
        f"http://127.0.0.1:{server.port}/metrics", timeout=PATIENCE_SECONDS
    ) as answer:
        lines = [line for line in answer.read().decode().splitlines() if line[0] != "#"]
    return {name: float(value) for name, _, value in (line.partition(" ") for line in lines)}


def unharmed(server: ServerProcess) -> None:
    """Nobody came, nothing was said, nothing was searched for."""
    counted = numbers(server)
    assert counted["hubbub_events_total"] == 0
    assert counted["hubbub_users"] == 0
    assert counted["hubbub_searches_total"] == 0


def events(server: ServerProcess) -> list[Any]:
    address = f"http://127.0.0.1:{server.port}/api/rooms"
    with urllib.request.urlopen(address, timeout=PATIENCE_SECONDS) as answer:
        rooms = json.load(answer)["rooms"]
    return [room for room in rooms if room["head"]]


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("site", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("hosts", [["127.0.0.1"], ["localhost"], ["0.0.0.0"]])
def test_a_page_of_another_site_neither_chats_nor_asks(
    engine: Engine, victim: ServerProcess, elsewhere: int, site: str, hosts: list[str]
) -> None:
    if hosts == ["0.0.0.0"] and engine.name == "firefox":
        pytest.skip("it reaches no such address, and waits for ever for a form sent there")
    tab = engine.tab()
    tab.open(f"http://{site}:{elsewhere}/")
    tried = tab.run(ATTACKS, hosts, victim.port, SAYS)
    assert len(tried) > 60
    assert not [attempt for attempt in tried if attempt.startswith(("OPEN", "READ"))]
    assert events(victim) == []
    unharmed(victim)


@pytest.mark.slow
def test_a_page_does_not_reach_the_other_loopback_address_either(
    engine: Engine, tmp_path: Path, elsewhere: int
) -> None:
    with ServerProcess(tmp_path / "data", "--host", "::1", "--sessions-per-address", "0") as victim:
        tab = engine.tab()
        tab.open(f"http://127.0.0.1:{elsewhere}/")
        tried = tab.run(ATTACKS, ["[::1]"], victim.port, SAYS)
        assert not [attempt for attempt in tried if attempt.startswith(("OPEN", "READ"))]
        address = f"http://[::1]:{victim.port}/api/rooms"
        with urllib.request.urlopen(address, timeout=PATIENCE_SECONDS) as answer:
            assert [room for room in json.load(answer)["rooms"] if room["head"]] == []


def test_a_site_that_points_its_name_here_neither_chats_nor_asks(
    engine: Engine, victim: ServerProcess, elsewhere: int
) -> None:
    tab = engine.tab()
    if not isinstance(tab, PlaywrightTab):
        pytest.skip("this engine has no names of its own")
    with Turnstile() as turnstile:
        turnstile.leads_to = elsewhere
        tab.open(f"http://{REBOUND}:{turnstile.port}/")
        turnstile.leads_to = victim.port  # the name is pointed here
        tried = tab.run(REBINDING, SAYS)
    unharmed(victim)
    # 426: /ws says that it is a WebSocket; it would ask for the page's origin before it opens.
    refused = ("421", "426", "414", "431", "none")
    answered = [attempt for attempt in tried if not attempt.endswith(refused)]
    # A method without an end is told so in a line, which Firefox takes for a page of HTTP/0.9.
    assert [attempt for attempt in answered if not attempt.startswith("xxxxxxxxx ")] == []
    assert any(attempt.endswith("421") for attempt in tried)


def test_a_link_on_another_site_opens_the_page_and_one_can_chat(
    engine: Engine, victim: ServerProcess, elsewhere: int
) -> None:
    tab = engine.tab()
    tab.open(f"http://localhost:{elsewhere}/")
    tab.run(
        """
        const link = document.createElement("a");
        Object.assign(link, { href: given[0], textContent: "Chat", id: "link" });
        document.body.append(link);
        """,
        f"http://127.0.0.1:{victim.port}/#/General",
    )
    tab.click("#link")
    tab.wait("document.querySelector('#name')")
    tab.type("#name", f"ada{next(_numbers)}")
    tab.press("Enter")
    tab.wait("document.querySelector('#message')?.checkVisibility()")
    tab.type("#message", "hello from here")
    tab.press("Enter")
    # Only what the server has saved has a number; the page shows it before.
    tab.wait(
        "[...document.querySelectorAll('.rows > [data-seq]')]"
        ".some((row) => row.textContent.includes('hello from here'))"
    )
    assert numbers(victim)["hubbub_events_total"] == 2  # the join, and the text


def test_the_page_is_in_nobodys_frame(
    engine: Engine, victim: ServerProcess, elsewhere: int
) -> None:
    tab = engine.tab()
    if not isinstance(tab, PlaywrightTab):
        pytest.skip("this engine does not say what is in a frame")
    tab.open(f"http://localhost:{elsewhere}/")
    tab.run(
        """
        for (const path of ["", "join"]) {
          const frame = document.createElement("iframe");
          const loaded = new Promise((resolve) => { frame.onload = frame.onerror = resolve; });
          frame.src = given[0] + path; document.body.append(frame);
          await Promise.race([loaded, new Promise((resolve) => setTimeout(resolve, 3000))]);
        }
        """,
        f"http://127.0.0.1:{victim.port}/",
    )
    for frame in tab.page.frames[1:]:
        assert frame.locator("hub-app, hub-welcome, table").count() == 0
