"""The bus on NATS: core messages on one subject for each log, which may be lost.

Each server shows all rooms' events, so each hears all; what gathers within a turn of the event loop
goes out as one frame. What cannot be sent now is dropped, the oldest first: the log has it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error, MaxPayloadError, NoServersError, SlowConsumerError

from hubbub.cluster.creds import read_creds
from hubbub.cluster.frames import MAX_BYTES, OVERHEAD_BYTES, Frames, encode
from hubbub.hub.ports import Ephemeral, Message, Missed, Wake
from hubbub.setting.buses import BusAddress

FRAME_BYTES = 64 * 1024  # of messages in one frame, if there is more than one
WAITING_BYTES = 4 * 1024 * 1024  # that wait for the sender,
SENT_BYTES = 1024 * 1024  # and that wait behind it for the socket
HEARD_BYTES = 16 * 1024 * 1024  # that wait to be looked at,
HEARD_MESSAGES = 4096  # and how many frames
TURN_SECONDS = 0.002  # of the event loop's time at once
CONNECT_SECONDS = 5.0
PING_SECONDS = 5.0  # between two questions whether the server is there, and how long one waits
CLOSE_SECONDS = 2.0
FIRST_WAIT, LONGEST_WAIT = 0.1, 5.0  # seconds between two tries to connect: twice as long each time

logger = logging.getLogger(__name__)


class NatsBus:
    """A `hubbub.hub.ports.Bus`. `run` connects, and connects again for ever.

    ``log_id`` tells servers of other logs apart, ``node`` the servers on one log.
    """

    def __init__(self, at: BusAddress, log_id: str, node: str) -> None:
        """Raises `hubbub.cluster.creds.CredsRefused`."""
        self._at = at
        self._creds = None if at.creds is None else read_creds(at.creds)
        self._subject = f"hubbub.{log_id}"
        self._frames = Frames(node)
        self._hear: Callable[[Message], None] = _hears_nobody
        self._client: _Client | None = None
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._more = asyncio.Event()
        self._most = MAX_BYTES
        self._turn_began = 0.0
        self._down = False
        self._published = self._heard = self._dropped = self._connects = 0
        self._round_trip = 0.0

    # For the hub

    def publish(self, message: Wake | Ephemeral) -> None:
        """See `hubbub.hub.ports.Bus`; so for the others."""
        data = None if self._client is None else encode(message, self._most)
        if data is None:
            self._dropped += 1
            return
        self._waiting.append(data)
        self._waiting_bytes += len(data)
        while self._waiting_bytes > WAITING_BYTES:
            self._waiting_bytes -= len(self._waiting.popleft())
            self._dropped += 1
        self._more.set()

    def listen(self, heard: Callable[[Message], None]) -> None:
        self._hear = heard

    def stats(self) -> Mapping[str, float]:
        return {
            "bus_connected": float(self._client is not None),
            "bus_connections": self._connects,
            "bus_published": self._published,
            "bus_heard": self._heard,
            "bus_dropped": self._dropped,
            "bus_missed": self._frames.missed,
            "bus_refused": self._frames.refused,
            "bus_unknown": self._frames.unknown,
            "bus_round_trip_seconds": self._round_trip,
        }

    # The connection

    async def run(self, key: bytes) -> None:
        """Keeps a connection to one of the servers, until cancelled."""
        self._frames.key = key
        servers = list(self._at.servers)
        random.shuffle(servers)
        wait, place = FIRST_WAIT, 0
        while True:
            server = servers[place % len(servers)]
            place += 1
            client = _Client(encrypted=self._at.encrypted)
            try:
                await self._connect(client, server)
                self._up(client, server)
                wait = FIRST_WAIT
                await self._serve(client)
            except (OSError, Error, TimeoutError) as error:
                last = client.last_error if isinstance(error, NoServersError) else None
                self._lost(server, last or error)
            finally:
                self._client = None
                self._waiting.clear()
                self._waiting_bytes = 0
                await _close(client)
            if place % len(servers) == 0:
                # Jitter, so that not all servers come at the same moment.
                await asyncio.sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
                wait = min(2 * wait, LONGEST_WAIT)

    async def _connect(self, client: _Client, server: str) -> None:
        creds = self._creds
        async with asyncio.timeout(CONNECT_SECONDS):
            await client.connect(
                f"{'tls' if self._at.encrypted else 'nats'}://{server}",
                error_cb=self._on_error,
                closed_cb=client.on_closed,
                name="hubbub",
                user=self._at.user,
                password=self._at.password,
                token=self._at.token,
                user_jwt_cb=None if creds is None else lambda: bytearray(creds.jwt),
                signature_cb=None if creds is None else creds.sign,
                no_echo=True,
                # Whatever happens, `run` begins anew with another client.
                allow_reconnect=False,
                max_reconnect_attempts=1,
                reconnect_time_wait=0,
                connect_timeout=round(CONNECT_SECONDS),
                ping_interval=3600,  # `_ask` does that
                pending_size=SENT_BYTES,
                skip_subject_validation=True,
            )
            await client.subscribe(
                self._subject,
                cb=self._on_message,
                pending_msgs_limit=HEARD_MESSAGES,
                pending_bytes_limit=HEARD_BYTES,
            )
            # nats-py sends the first question before the subscription, the second one behind it.
            for _ in range(2):
                await client.flush(round(CONNECT_SECONDS))
        _check_cancelled()

    async def _serve(self, client: _Client) -> None:
        """Sends, and asks whether the server is there, until it is not."""
        tasks = [asyncio.create_task(self._send(client)), asyncio.create_task(self._ask(client))]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=CLOSE_SECONDS)
        for task in done:
            task.result()

    async def _send(self, client: _Client) -> None:
        while True:
            await self._more.wait()
            self._more.clear()
            while self._waiting:
                some = [self._waiting.popleft()]
                size = len(some[0])
                most = min(FRAME_BYTES, self._most)
                while self._waiting and size + len(self._waiting[0]) <= most:
                    some.append(self._waiting.popleft())
                    size += len(some[-1])
                self._waiting_bytes -= size
                try:
                    await client.publish(self._subject, self._frames.pack(some))
                except MaxPayloadError:
                    self._dropped += len(some)
                else:
                    self._published += len(some)
                _check_cancelled()

    async def _ask(self, client: _Client) -> None:
        while True:
            began = time.monotonic()
            await client.flush(round(PING_SECONDS))
            self._round_trip = time.monotonic() - began
            if not client.is_alive:
                raise Error("the connection was closed")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PING_SECONDS):
                    await client.gone.wait()

    async def _on_message(self, message: Msg) -> None:
        for told in self._frames.unpack(message.data):
            self._heard += 1
            self._hear(told)
            await self._rest()
        await self._rest()  # also after what was nothing, of which others may send much

    async def _rest(self) -> None:
        """Lets others have a turn of the event loop."""
        if time.monotonic() - self._turn_began > TURN_SECONDS:
            await asyncio.sleep(0)
            self._turn_began = time.monotonic()

    async def _on_error(self, error: Exception) -> None:
        """What nats-py reports in passing; what ends the connection is told by `_lost`."""
        if isinstance(error, SlowConsumerError):  # they come faster than they are looked at
            self._dropped += 1
            self._hear(Missed())
        elif not isinstance(error, (OSError, Error, TimeoutError)):
            logger.error("What the bus told could not be done.", exc_info=error)

    def _up(self, client: _Client, server: str) -> None:
        self._client = client
        self._most = min(MAX_BYTES, client.max_payload - OVERHEAD_BYTES)
        self._connects += 1
        if self._down or self._connects == 1:
            logger.info("The bus is connected to %s.", server)
        self._down = False
        self._hear(Missed())  # what the others have told meanwhile

    def _lost(self, server: str, error: Exception) -> None:
        log = logger.debug if self._down else logger.warning
        self._down = True
        log(
            "The bus at %s does not work: %s. Until it does, messages are shown a second later at "
            "other servers.",
            server,
            str(error).removeprefix("nats: ") or type(error).__name__,
        )


class _Client(Client):
    """Says who it is only where that is ``encrypted``, if it has to be. Pinned to nats-py 2.16."""

    def __init__(self, *, encrypted: bool) -> None:
        super().__init__()
        self._encrypted = encrypted
        self.gone = asyncio.Event()

    @property
    def is_alive(self) -> bool:
        """Whether it reads, and writes what it is given."""
        tasks = (self._reading_task, self._flusher_task)
        return self.is_connected and all(one is not None and not one.done() for one in tasks)

    def _connect_command(self) -> bytes:
        # nats-py goes on without TLS if the server offers none, whatever the address says.
        if self._encrypted and self.about("ssl_object") is None:
            raise Error("the server offers no TLS, which its address asks for")
        return super()._connect_command()

    def about(self, name: str) -> Any:
        """What is to be known of the socket."""
        writer = getattr(self._transport, "_io_writer", None)
        return None if writer is None else writer.get_extra_info(name)

    def abort(self) -> None:
        """Ends the connection at once."""
        writer = getattr(self._transport, "_io_writer", None)
        if writer is not None:
            writer.transport.abort()

    async def on_closed(self) -> None:
        self.gone.set()


async def _close(client: _Client) -> None:
    """Also a connection that takes nothing any more, and one that is not complete."""
    with contextlib.suppress(OSError, Error, TimeoutError):
        async with asyncio.timeout(CLOSE_SECONDS):
            await client.close()
    client.abort()


def _check_cancelled() -> None:
    """nats-py catches the cancellation of who waits in it for the socket; here it goes on."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _hears_nobody(message: Message) -> None:
    """Before the hub is put together."""
