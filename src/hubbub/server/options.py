"""The settings that the server's connections use: where it listens, and what it waits for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from hubbub.hub.settings import NO_LIMIT, ClientLimits
from hubbub.setting import names
from hubbub.setting.declaration import Group, Setting
from hubbub.setting.kinds import KIB, MIB, Checked, Choice, Listed, Seconds, Size, Whole

_HOST_NAME = Checked(names.host_name, "a host name such as chat.example.org, without a port")
_HOST = Checked(names.host, "an IP address or a host name, without a port", metavar="HOST")
_ORIGIN = Checked(names.origin, "an origin such as https://chat.example.org", metavar="ORIGIN")


@dataclass(frozen=True, kw_only=True)
class Options(ClientLimits):
    """Values are checked where they are read (`hubbub.config`)."""

    host: Annotated[
        tuple[str, ...],
        Setting(
            Group.LISTENING,
            Listed(_HOST, empty=False),
            "Addresses to listen on. 127.0.0.1: only this computer can connect; :: lets in "
            "everyone who can reach it over a network, without encryption, and 0.0.0.0 over IPv4 "
            "alone.",
        ),
    ] = ("127.0.0.1",)
    port: Annotated[
        int,
        Setting(
            Group.LISTENING,
            Whole(0, 65_535, zero="any free port", metavar="PORT"),
            "Port to listen on, for every kind of client; 0 takes any free one.",
        ),
    ] = 8080

    sessions: Annotated[
        int,
        Setting(
            Group.LIMITS, Whole(0, 1_000_000, zero=NO_LIMIT), "Connections in all; 0: no limit."
        ),
    ] = 10_000
    outbox_bytes: Annotated[
        int,
        Setting(
            Group.LIMITS,
            Size(16 * KIB, 64 * MIB),
            "Bytes kept for a client that reads slowly; beyond that it catches up from the log.",
        ),
    ] = 256 * KIB
    first_bytes_seconds: Annotated[
        float,
        Setting(
            Group.LIMITS,
            Seconds(1, 600),
            "Seconds that the first bytes of a connection, or the head of a request, may take.",
        ),
    ] = 10.0
    name_seconds: Annotated[
        float,
        Setting(Group.LIMITS, Seconds(5, 3600), "Seconds that a client may take to say its name."),
    ] = 120.0
    ping_seconds: Annotated[
        float,
        Setting(Group.LIMITS, Seconds(1, 3600), "Seconds between pings to a WebSocket client."),
    ] = 20.0
    idle_seconds: Annotated[
        float,
        Setting(
            Group.LIMITS,
            Seconds(2, 7200),
            "Seconds without any sign of life after which a WebSocket client counts as lost.",
        ),
    ] = 45.0

    allowed_origins: Annotated[
        tuple[str, ...],
        Setting(
            Group.SAFETY,
            Listed(_ORIGIN),
            "Other web sites whose pages may chat here from a browser; the server's own page may.",
        ),
    ] = ()
    allowed_hosts: Annotated[
        tuple[str, ...],
        Setting(
            Group.SAFETY,
            Listed(_HOST_NAME),
            "Names under which browsers may open this server, beside IP addresses, localhost and "
            "this computer's own name; all others are refused, against DNS rebinding.",
        ),
    ] = ()
    metrics: Annotated[
        Literal["loopback", "all", "off"],
        Setting(
            Group.SAFETY,
            Choice("loopback", "all", "off"),
            "Who may read /metrics. loopback: only this computer.",
        ),
    ] = "loopback"
