"""A server with much in it, in a thread of its own, whose processor time can be told."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from hubbub.credentials.totp import Totp
from hubbub.domain import tables
from hubbub.domain.errors import SignOnFailed
from hubbub.domain.events import UNSEQUENCED, Said
from hubbub.domain.names import RoomName, UserName, _parse
from hubbub.domain.words import _fold_part, fold_word
from hubbub.hub.hub import Hub
from hubbub.hub.ports import Draft, Entry, Identity, MakeRoom, SignOn
from hubbub.hub.settings import HubSettings
from hubbub.server.http.app import make_app
from hubbub.server.listener import Listener
from hubbub.server.options import Options
from hubbub.server.run import serve
from hubbub.storage.log import DATABASE, SqlLog
from hubbub.storage.search.sqlite import SqlSearch
from tests.passwords import CheapPasswords
from tests.patience import PATIENCE_SECONDS

ROOMS = 1000

ODD = RoomName.parse("Odd")  # a room full of texts that cost the most
PLAIN = RoomName.parse("Plain")
BEN = UserName.parse("ben")

TEXTS = [
    "い" * 4000,
    "a" * 3999 + "b",
    "a " * 2000,
    "ﷺ" * 4000,
    "あ" + "\u0301\u0316" * 1999,
    "aい" * 2000,
    "👩‍👩‍👧" * 800,
    "\x1b" * 4000,
    "é\n" * 200,
    "http://a " * 444,
    " ".join(f"{chr(0xE0 + n % 30)}{chr(0x100 + n % 200)}{n % 97}" for n in range(800)),
]


class Refusing:
    """A provider of a single sign-on that knows nobody."""

    async def begin(self, redirect: str) -> SignOn:
        return SignOn("https://id.example.org", "state", "nonce", "verifier", redirect)

    async def finish(self, sign_on: SignOn, answer: Mapping[str, str]) -> Identity:
        raise SignOnFailed("You are not known there.")


class World:
    """The running server. ``cpu()`` is the processor time of its event loop's thread.

    ``owner_code`` makes the first one who gives it the server's owner.
    """

    def __init__(
        self, port: int, thread: threading.Thread, paths: list[str], owner_code: str = ""
    ) -> None:
        self.port = port
        self.paths = paths
        self.owner_code = owner_code
        assert thread.ident is not None
        self._clock = time.pthread_getcpuclockid(thread.ident)

    def cpu(self) -> float:
        """Seconds."""
        return time.clock_gettime(self._clock)

    def costs(self, work: Callable[[], None]) -> float:
        """What the loop has to do for ``work``, in milliseconds."""
        began = self.cpu()
        work()
        return (self.cpu() - began) * 1000

    @contextmanager
    def connected(self) -> Iterator[socket.socket]:
        """A socket to the server."""
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE_SECONDS) as sock:
            yield sock


def forget() -> None:
    """Empties the caches, so that what is asked for again costs what it cost first."""
    for cache in (_parse, fold_word, _fold_part):
        cache.cache_clear()


@contextmanager
def running(folder: Path) -> Iterator[World]:
    """Runs the server."""
    ready = threading.Event()
    failed: list[BaseException] = []
    worlds: list[World] = []
    stops: list[Callable[[], object]] = []

    async def run() -> None:
        log = await SqlLog.open(folder, durability="process")
        search = SqlSearch.open(folder / DATABASE, log.id, pauses=False)
        log.watch(search.committed, search.erase)
        await _fill(log, search)
        hub = Hub(
            log,
            search=search,
            settings=HubSettings(
                rate_limit=0,
                rooms=0,
                sessions_per_address=0,
                sign_on_issuer="https://id.example.org",
            ),
            clock=lambda: time.time_ns() // 1_000_000,
            monotonic=time.monotonic,
            ids=iter(range(1, 1 << 60)).__next__,
            passwords=CheapPasswords(),
            factor=Totp(),
            provider=Refusing(),
        )
        options = Options(port=0, sessions_per_address=0)
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        stops.append(lambda: loop.call_soon_threadsafe(stop.set))
        ports: list[int] = []

        async def prepare(listener: Listener) -> None:
            await listener.serve_http().warm()
            await asyncio.to_thread(tables.prepare)
            app = make_app(hub, listener.context.origin_policy)
            paths = [route.path for route in app._app.routes]  # type: ignore[attr-defined]
            assert hub.owner_code is not None
            worlds.append(World(ports[0], thread, paths, hub.owner_code))
            ready.set()

        try:
            await serve(
                hub,
                options,
                announce=lambda found: ports.append(found[0][1]),
                prepare=prepare,
                stop=stop,
            )
        finally:
            await search.close()
            await log.close()

    def main() -> None:
        try:
            asyncio.run(run())
        except BaseException as error:  # noqa: BLE001 - it is told below
            failed.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=main, name="the server")
    thread.start()
    try:
        assert ready.wait(PATIENCE_SECONDS)
        if failed:
            raise failed[0]
        yield worlds[0]
    finally:
        for end in stops:
            end()
        thread.join(PATIENCE_SECONDS)
    assert not failed, failed


async def _fill(log: SqlLog, search: SqlSearch) -> None:
    left = 0
    done = asyncio.Event()

    def settled(outcomes: object) -> None:
        nonlocal left
        left -= len(outcomes)  # type: ignore[arg-type]
        if left == 0:
            done.set()

    log.listen(settled)
    drafts = [
        Draft(room, Said(UNSEQUENCED, number, BEN, text))
        for room, texts in (
            (ODD, [text for text in TEXTS for _ in range(12)]),
            (PLAIN, [f"hello, world {number}" for number in range(300)]),
        )
        for number, text in enumerate(texts)
    ]
    rooms: list[Entry] = [MakeRoom(RoomName.parse(f"room{number}")) for number in range(ROOMS)]
    left = len(drafts) + len(rooms)
    for entry in (*rooms, *drafts):
        log.append(entry)
    await done.wait()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while search.behind:  # noqa: ASYNC110 - another thread's work
            await asyncio.sleep(0.05)
