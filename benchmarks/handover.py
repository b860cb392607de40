"""Measures a hand-over with many clients: who is refused, how long each is away, what is lost.

``python -m benchmarks.handover [CLIENTS]``. Server and clients share this computer. Each client is
a guest in a room of fifty, and says something every twenty seconds.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

ROOM_SIZE = 50
PAUSE_SECONDS = 20.0  # between two texts of one client
AT_ONCE = 50  # connections that are begun at the same time at the start
HAND_OVERS = 3
MOST_CLIENTS = 5000
SETTLE_SECONDS = 90.0  # until all are back


class Client:
    """One guest, who comes back when the server has said so, and keeps books."""

    def __init__(self, port: int, number: int) -> None:
        self.url = f"ws://127.0.0.1:{port}/ws"
        self.name = f"guest{number}"
        self.room = f"Room-{number // ROOM_SIZE}"
        self.token: str | None = None
        self.cursor: int | None = None
        self.texts: dict[str, str] = {}
        self.acked: dict[str, int] = {}
        self.refused = 0
        self.late = 0
        self.away: list[float] = []
        self.number = number
        self.online = False
        self.ending = False

    async def live(self) -> None:
        left: float | None = None
        while not self.ending:
            back_in = 0.5
            try:
                async with connect(self.url, compression=None, open_timeout=60) as socket:
                    await self._enter(socket)
                    if left is not None:
                        self.away.append(time.perf_counter() - left)
                    self.online = True
                    back_in = await self._chat(socket)
            except ConnectionRefusedError:
                self.refused += 1
            except InvalidHandshake:
                # Its request came more than a second after the connection, as all clients are one
                # busy process here: it was taken for a person, and asked for a name.
                self.late += 1
            except (ConnectionClosed, OSError, EOFError):
                pass
            self.online = False
            left = time.perf_counter()
            await asyncio.sleep(back_in)

    async def _enter(self, socket: ClientConnection) -> None:
        hello = {"type": "hello", "user": self.name, "token": self.token}
        await socket.send(json.dumps({key: value for key, value in hello.items() if value}))
        welcome = json.loads(await socket.recv())
        assert welcome["type"] == "welcome", welcome
        self.token = welcome["token"]
        join: dict[str, Any] = {"type": "join", "room": self.room}
        if self.cursor is not None:
            join["after"] = self.cursor
        await socket.send(json.dumps(join))
        joined = json.loads(await socket.recv())
        assert joined["type"] == "joined", joined
        if self.cursor is None:
            self.cursor = joined["after"]
        for nonce in self.texts.keys() - self.acked.keys():
            await self._say(socket, nonce)

    async def _chat(self, socket: ClientConnection) -> float:
        """Until the server says goodbye; returns when it expects us again."""
        loop = asyncio.get_running_loop()
        due = loop.time() + PAUSE_SECONDS * (self.number % 100) / 100
        while True:
            try:
                async with asyncio.timeout(max(0.0, due - loop.time())):
                    frame = json.loads(await socket.recv())
            except TimeoutError:
                due = loop.time() + PAUSE_SECONDS
                nonce = f"{self.name} {len(self.texts)}"
                self.texts[nonce] = nonce
                await self._say(socket, nonce)
                continue
            match frame["type"]:
                case "events":
                    for event in frame["events"]:
                        assert event["seq"] == (self.cursor or 0) + 1, "a hole or a repeat"
                        self.cursor = event["seq"]
                case "ack":
                    seq = self.acked.setdefault(frame["nonce"], frame["seq"])
                    assert seq == frame["seq"], "two answers to one text"
                case "bye":
                    return float(frame["reconnect"])

    async def _say(self, socket: ClientConnection, nonce: str) -> None:
        say = {"type": "say", "room": self.room, "text": self.texts[nonce], "nonce": nonce}
        await socket.send(json.dumps(say))


def serving(folder: Path, *flags: str) -> tuple[subprocess.Popen[bytes], int, Path]:
    log = folder / "log"
    with log.open("wb") as file:
        process = subprocess.Popen(  # noqa: S603 - it is written here
            [
                *(sys.executable, "-m", "hubbub", "serve", "--port", "0"),
                *("--data", str(folder / "data"), "--sessions-per-address", "0", *flags),
            ],
            stderr=file,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "src")},
        )
    while b"Listening on 127.0.0.1:" not in (said := log.read_bytes()):
        time.sleep(0.05)
    return process, int(said.partition(b"127.0.0.1:")[2].split()[0]), log


async def settled(clients: list[Client]) -> None:
    async with asyncio.timeout(SETTLE_SECONDS):
        while not all(client.online for client in clients):  # noqa: ASYNC110 - there is no event
            await asyncio.sleep(0.1)


def _are_back(clients: list[Client], before: list[int]) -> bool:
    return all(len(one.away) > was for one, was in zip(clients, before, strict=True))


def tell(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


async def read(port: int, room: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    async with connect(f"ws://127.0.0.1:{port}/ws", compression=None, max_size=None) as socket:
        await socket.send(json.dumps({"type": "hello", "user": "reader"}))
        await socket.recv()
        while True:
            after = events[-1]["seq"] if events else 0
            ask = {"type": "history", "room": room, "after": after, "limit": 200}
            await socket.send(json.dumps(ask))
            page = json.loads(await socket.recv())
            events += page["events"]
            if not page["events"] or events[-1]["seq"] >= page["head"]:
                return events


async def measure(count: int, port: int, folder: Path) -> None:
    clients = [Client(port, number) for number in range(count)]
    async with asyncio.TaskGroup() as group:
        tasks = []
        for first in range(0, count, AT_ONCE):
            some = clients[first : first + AT_ONCE]
            tasks += [group.create_task(client.live()) for client in some]
            await settled(some)
        await hand_over(clients, folder)
        await asyncio.sleep(PAUSE_SECONDS / 4)
        await compare(clients, port)
        for task in tasks:
            task.cancel()


async def hand_over(clients: list[Client], folder: Path) -> None:
    for number in range(HAND_OVERS):
        lock = folder / "data" / "hubbub.lock"
        old, before = lock.read_text(), [len(client.away) for client in clients]
        began = time.perf_counter()
        os.kill(int(old), signal.SIGUSR2)
        async with asyncio.timeout(SETTLE_SECONDS):
            while not _are_back(clients, before):  # noqa: ASYNC110 - there is no event
                await asyncio.sleep(0.05)
        total = time.perf_counter() - began
        away = sorted(client.away[-1] for client in clients)
        tell(
            f"hand-over {number + 1}: all are back {total:.1f} s after the signal; away "
            f"{away[0]:.2f} s at least, {statistics.median(away):.2f} s in the middle, "
            f"{away[-1]:.2f} s at most"
        )
        await settled(clients)


async def compare(clients: list[Client], port: int) -> None:
    refused = sum(client.refused for client in clients)
    late = sum(client.late for client in clients)
    acked = {client.name: dict(client.acked) for client in clients}
    lost = twice = seen = 0
    for room in sorted({client.room for client in clients}):
        log = await read(port, room)
        said = Counter(event["text"] for event in log if event["kind"] == "said")
        by_seq = {event["seq"]: event.get("text") for event in log}
        twice += sum(times - 1 for times in said.values())
        seen += sum(event["kind"] == "left" for event in log)
        for client in clients:
            if client.room == room:
                lost += sum(by_seq[seq] != nonce for nonce, seq in acked[client.name].items())
                lost += sum(nonce not in said for nonce in acked[client.name])
    acks = sum(map(len, acked.values()))
    tell(
        f"{len(clients)} clients, {acks} texts: {refused} connections refused, {lost} texts lost, "
        f"{twice} doubled, {seen} times somebody was seen to leave; {late} requests came late"
    )


def main() -> None:
    """See above."""
    count = min(MOST_CLIENTS, int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
    with tempfile.TemporaryDirectory() as name:
        process, port, log = serving(Path(name))
        try:
            asyncio.run(measure(count, port, Path(name)))
        finally:
            process.terminate()
            process.wait(20)
            wrong = [line for line in log.read_text().splitlines() if "info" not in line]
            tell("\n".join(wrong))


if __name__ == "__main__":
    main()
