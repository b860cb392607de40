"""How chatload and wsload are asked, and what they answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

import msgspec
from msgspec import Struct

from benchmarks.errors import Failed
from benchmarks.samples import Measures

CONNECT_SECONDS = 150  # for all clients to get in; ngircd takes its time for thousands
SETTLE_SECONDS = 62  # chatload waits that long for silence after the joins
DRAIN_SECONDS = 30  # for what is on its way when the last message was sent

BATCH = 200  # clients that connect at the same time
LEAD_SECONDS = 0.02  # between the start of chatload's clock and its first message


class Load(Struct, frozen=True, kw_only=True):
    """What the generator is to do. ``rate``: messages a second in all; 0: as fast as they go.

    ``senders`` 0: the clients only connect and join. ``batch``: that many connect at a time.
    """

    clients: int
    rooms: int = 1
    senders: int = 10
    rate: float = 0
    count: int = 0
    payload: int = 100
    batch: int = BATCH
    hold: float = 0
    """Seconds to be idle in after the joins, before memory is looked at."""
    names: str = "u"
    room_names: str = "#lab"

    @property
    def load_seconds(self) -> float:
        """How long the sending takes; a minute and a half at most when as fast as it goes."""
        if not self.senders:
            return 0
        return self.count / self.rate if self.rate else 90

    @property
    def seconds(self) -> float:
        """The longest that all of it may take."""
        wait = CONNECT_SECONDS + SETTLE_SECONDS + DRAIN_SECONDS
        return wait + self.hold + self.load_seconds

    def arguments(self, port: int, pid: int) -> list[str]:
        """For chatload and wsload alike."""
        return self.spread([port], [pid])

    def spread(
        self, ports: Sequence[int], pids: Sequence[int], beside: Sequence[int] = ()
    ) -> list[str]:
        """For several servers with ``pids``, over whose ``ports`` the members of rooms are spread.

        ``beside``: processes that work for the servers, whose processor time is told apart.
        """
        options = {
            "host": "127.0.0.1",
            "clients": self.clients,
            "rooms": self.rooms,
            "senders": self.senders,
            "rate": self.rate,
            "count": self.count,
            "payload": self.payload,
            "batch": self.batch,
            "hold": self.hold,
            "nick-prefix": self.names,
            "room-prefix": self.room_names,
            "connect-timeout": CONNECT_SECONDS,
            "max-wall": int(self.load_seconds + DRAIN_SECONDS),
        }
        several = {"port": ports, "pid": pids, "beside": beside}
        flags = (
            *((f"--{name}", f"{value}") for name, value in options.items()),
            *((f"--{name}", f"{value}") for name, values in several.items() for value in values),
        )
        return [*chain.from_iterable(flags), "--json"]


class Outcome(Struct, frozen=True):
    """What the generator found; the names are its own. Times of latency are in microseconds.

    ``beside_cpu_s``: of each process that was named; of the load, or of the joins without one.
    """

    clients: int
    rate: float
    connect_per_s: float
    connect_bytes: int
    sent: int
    delivered: int
    lost: int
    bad: int
    disorder: int
    disconnected: int
    capped: int
    wall_s: float
    server_cpu_s: float
    cpu_us_per_delivery: float
    p50_us: float
    p99_us: float
    bytes_per_conn: float
    gen_share: float
    other_cpu_s: float
    connect_cpu_us_each: float = 0
    beside_cpu_s: list[float] = []

    @classmethod
    def read(cls, output: bytes) -> Outcome:
        """Reads the generator's line; raises `Failed` when what it tells of does not count."""
        try:
            outcome = msgspec.json.decode(output, type=cls)
        except msgspec.DecodeError as error:
            raise Failed(f"the generator's answer cannot be read: {error}") from error
        wrong = ", ".join(outcome._wrong())
        if wrong:
            raise Failed(f"of {outcome.sent:,} messages to {outcome.clients:,} clients: {wrong}")
        return outcome

    def _wrong(self) -> Iterator[str]:
        for count, what in (
            (self.lost, "deliveries lost"),
            (self.bad, "wrong or missing"),
            (self.disorder, "repeated or out of order"),
            (self.disconnected, "clients cut off"),
        ):
            if count:
                yield f"{count:,} {what}"
        if self.capped:
            yield "not done in time"

    def measures(self) -> Measures:
        """By the names of this program's metrics."""
        found = {
            "joins_per_s": self.connect_per_s,
            "bytes_per_connection": self.bytes_per_conn,
        }
        if self.sent:
            found |= {
                "cpu_us": self.cpu_us_per_delivery,
                "p50_ms": self.p50_us / 1000,
                "p99_ms": self.p99_us / 1000,
                "messages_per_s": self.sent / self.wall_s,
                "generator": self.gen_share,
                "others": max(0.0, self.other_cpu_s) / self.wall_s,
            }
        if self.sent and self.rate:
            found["held"] = self.sent / self.rate / max(self.wall_s - LEAD_SECONDS, 1e-9)
        return found
