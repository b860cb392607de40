"""The server's settings: where it listens and how long and how much it waits for a client."""

from __future__ import annotations

from msgspec import Struct


class Options(Struct, frozen=True, kw_only=True):
    """Checked where they are declared (config). 0 means no limit where it says so."""

    hosts: tuple[str, ...] = ("127.0.0.1",)
    port: int = 8080
    sessions: int = 10_000
    """Connections in all; 0 for no limit."""
    sessions_per_address: int = 100
    """Connections of one address; 0 for no limit."""
    line_bytes: int = 32 * 1024
    """Bytes of one line or frame from a client."""
    outbox_bytes: int = 256 * 1024
    """Bytes that may wait for a client before it counts as behind."""
    first_bytes_seconds: float = 10.0
    """Time from a connection's first byte until its protocol must be clear."""
    name_seconds: float = 120.0
    """Time for a user to give a name."""
    ping_seconds: float = 20.0
    """Silence after which a WebSocket is pinged."""
    idle_seconds: float = 45.0
    """Silence after which a WebSocket counts as lost."""
    allowed_origins: tuple[str, ...] = ()
    """Origins of pages elsewhere that may connect, such as ``https://chat.example``."""
    allowed_hosts: tuple[str, ...] = ()
    """Names by which browsers may reach this server, beside addresses and this machine's own."""
    metrics: str = "loopback"
    """Who may read /metrics: ``loopback``, ``all`` or ``off``."""
