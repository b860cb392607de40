"""The settings of a server: one declaration for flags, environment, settings file and defaults."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import ArgumentCollection, Group, Parameter

from hubbub.config import names
from hubbub.config.kinds import (
    GIB,
    KIB,
    MIB,
    Checked,
    Choice,
    Kind,
    Listed,
    Number,
    Place,
    Seconds,
    Size,
    Text,
    Whole,
)
from hubbub.config.sources import Reader, SettingRefused, chosen
from hubbub.hub.settings import ALL_HISTORY, HubSettings
from hubbub.server.options import Options

LINE_OVERHEAD = KIB
"""Bytes of a line or frame beside its text: the JSON around it, the room's name, a nonce."""

BYTES_PER_CHAR = 4
"""What a character takes in UTF-8 at most."""


def _limits_fit(arguments: ArgumentCollection) -> None:
    ping, said_ping = chosen(arguments, "--ping-seconds")
    idle, said_idle = chosen(arguments, "--idle-seconds")
    if idle <= ping:
        raise SettingRefused(
            f"{said_idle} must be more than {said_ping}: nobody could answer a ping in time."
        )
    chars, said_chars = chosen(arguments, "--text-chars")
    line, said_line = chosen(arguments, "--line-bytes")
    needed = chars * BYTES_PER_CHAR + LINE_OVERHEAD
    if line < needed:
        raise SettingRefused(
            f"{said_line} is too little for {said_chars}: a line must take the longest message. "
            f"Allowed with it: {needed} bytes or more."
        )


LISTENING = Group("Listening", sort_key=1)
STORAGE = Group("Storage", sort_key=2)
ROOMS = Group("Rooms and history", sort_key=3)
LIMITS = Group("Limits", sort_key=4, validator=_limits_fit)
SAFETY = Group("Safety", sort_key=5)
LOGS = Group("Logs", sort_key=6)

# Where the defaults of the hub and of the server are.
_HUB = HubSettings()
_OPTIONS = Options()


def _setting(group: Group, kind: Kind[Any], help: str) -> Parameter:
    return Parameter(
        group=group,
        help=help,
        metavar=kind.metavar,
        converter=Reader(kind).read,
        show_choices=False,
        show_default=lambda value: "none" if value is None else kind.show(value) or "none",
        negative=(),
    )


def default_data_folder(root: Path = Path(__file__).parents[3]) -> Path | None:
    """``data/`` in ``root`` if that is a source checkout, otherwise where this user's data goes.

    None if this user has no home folder, as in a container that runs under a number of its own.
    """
    if (root / "pyproject.toml").is_file():
        return root / "data"
    from platformdirs import user_data_path

    try:
        return user_data_path("hubbub", appauthor=False)
    except RuntimeError:
        return None


_NO_LIMIT = "no limit"
_HOST_NAME = Checked(names.host_name, "a host name such as chat.example.org, without a port")
_HOST = Checked(names.host, "an IP address or a host name, without a port", metavar="HOST")
_ORIGIN = Checked(names.origin, "an origin such as https://chat.example.org", metavar="ORIGIN")


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """All settings of `hubbub serve`, checked. Durations are in seconds, sizes in bytes."""

    host: Annotated[
        tuple[str, ...],
        _setting(
            LISTENING,
            Listed(_HOST, empty=False),
            "Addresses to listen on. 127.0.0.1: only this computer can connect; :: lets in "
            "everyone who can reach it over a network, without encryption, and 0.0.0.0 over IPv4 "
            "alone.",
        ),
    ] = _OPTIONS.hosts
    port: Annotated[
        int,
        _setting(
            LISTENING,
            Whole(0, 65_535, zero="any free port", metavar="PORT"),
            "Port to listen on, for every kind of client; 0 takes any free one.",
        ),
    ] = _OPTIONS.port

    data: Annotated[
        Path | None,
        _setting(
            STORAGE,
            Place(folder=True),
            "Folder of the database: data/ beside the code in a source checkout, otherwise this "
            "user's data folder.",
        ),
    ] = field(default_factory=default_data_folder)
    config: Annotated[
        Path | None,
        _setting(
            STORAGE,
            Place(folder=False),
            "Settings file; without it, hubbub.toml in the current folder, if there is one.",
        ),
    ] = None
    search: Annotated[
        Literal["on", "off"],
        _setting(
            STORAGE,
            Choice("on", "off"),
            "Whether what was said can be searched for. It takes a file beside the log that grows "
            "about as large as the log.",
        ),
    ] = "on"
    durability: Annotated[
        Literal["full", "process"],
        _setting(
            STORAGE,
            Choice("full", "process"),
            "What a message survives from the moment that anyone sees it. full: a power cut; "
            "process: only the end of this program, which is some microseconds quicker.",
        ),
    ] = "full"
    free_disk_bytes: Annotated[
        int,
        _setting(
            STORAGE,
            Size(0, 1024 * GIB),
            "Bytes of the disk that are kept free: with less left, nobody can say anything, and "
            "all can be read.",
        ),
    ] = _HUB.free_disk_bytes
    queue_events: Annotated[
        int,
        _setting(
            STORAGE,
            Whole(100, 1_000_000),
            "Messages that may wait to be saved before senders have to wait.",
        ),
    ] = _HUB.queue_events
    queue_bytes: Annotated[
        int,
        _setting(
            STORAGE,
            Size(MIB, 4 * GIB),
            "Bytes of text that may wait to be saved before senders have to wait.",
        ),
    ] = _HUB.queue_bytes

    server_name: Annotated[
        str,
        _setting(ROOMS, Text(64), "The name of this server, which clients show."),
    ] = _HUB.server_name
    first_room: Annotated[
        str,
        _setting(
            ROOMS,
            Checked(names.room, "a room's name", nothing="none", metavar="ROOM"),
            'The room that a new server begins with; "" for none.',
        ),
    ] = _HUB.first_room
    history_on_join: Annotated[
        int,
        _setting(
            ROOMS,
            Whole(0, 1_000_000, words={"all": ALL_HISTORY}),
            "How many of a room's newest events are shown to somebody who joins; all: every one.",
        ),
    ] = _HUB.history_on_join
    rooms: Annotated[
        int,
        _setting(ROOMS, Whole(0, 1_000_000, zero=_NO_LIMIT), "Rooms in all; 0: no limit."),
    ] = _HUB.rooms
    rooms_per_session: Annotated[
        int,
        # Two: a line client enters the next room before it leaves the last.
        _setting(ROOMS, Whole(2, 10_000), "Rooms that one connection may be in at once."),
    ] = _HUB.rooms_per_session
    silent_room_seconds: Annotated[
        float,
        _setting(
            ROOMS,
            Seconds(0, 30 * 86_400),
            "Seconds after which an empty room is removed if nothing was ever said in it; "
            "0: never.",
        ),
    ] = _HUB.silent_room_seconds
    hold_seconds: Annotated[
        float,
        _setting(
            ROOMS,
            Seconds(0, 7 * 86_400),
            "Seconds that a name is kept for a guest who lost the connection.",
        ),
    ] = _HUB.hold_seconds
    held_per_address: Annotated[
        int,
        _setting(
            ROOMS,
            Whole(1, 100_000),
            "How many names are kept in this way for one client (see sessions-per-address); beyond "
            "that, the name that was in use for the shortest time is freed.",
        ),
    ] = _HUB.held_per_address
    leave_grace_seconds: Annotated[
        float,
        _setting(
            ROOMS,
            Seconds(0, 600),
            "Seconds that a guest may be away before the room is told that they left.",
        ),
    ] = _HUB.leave_grace_seconds

    text_chars: Annotated[
        int,
        _setting(LIMITS, Whole(1, 100_000), "Characters of a message; a longer one is refused."),
    ] = _HUB.text_chars
    line_bytes: Annotated[
        int,
        _setting(LIMITS, Size(2 * KIB, MIB), "Bytes of one line or frame from a client."),
    ] = _OPTIONS.line_bytes
    rate_limit: Annotated[
        float,
        _setting(
            LIMITS,
            Number(0, 10_000, zero=_NO_LIMIT),
            "Messages a second that one connection may send for long; 0: no limit.",
        ),
    ] = _HUB.rate
    rate_burst: Annotated[
        int,
        _setting(
            LIMITS,
            Whole(1, 100_000),
            "Messages that it may send at once after a pause.",
        ),
    ] = _HUB.burst
    client_rate_limit: Annotated[
        float,
        _setting(
            LIMITS,
            Number(0.1, 100_000),
            "Messages a second that all connections of one client together may send for long. "
            "No limit if rate-limit is 0.",
        ),
    ] = _HUB.client_rate
    client_rate_burst: Annotated[
        int,
        _setting(
            LIMITS,
            Whole(1, 1_000_000),
            "Messages that they may send at once after a pause.",
        ),
    ] = _HUB.client_burst
    visit_rate_limit: Annotated[
        float,
        _setting(
            LIMITS,
            Number(0.01, 10_000),
            "How often a second the connections of one client together may enter the same room, "
            "for long: constant coming and going hides what is said. No limit if rate-limit is 0.",
        ),
    ] = _HUB.visit_rate
    visit_rate_burst: Annotated[
        int,
        _setting(
            LIMITS,
            Whole(1, 1_000_000),
            "How often they may enter it at once: think of a school behind one address.",
        ),
    ] = _HUB.visit_burst
    connect_rate_limit: Annotated[
        float,
        _setting(
            LIMITS,
            Number(0, 100_000, zero=_NO_LIMIT),
            "Connections a second that one client may open for long; 0: no limit.",
        ),
    ] = _HUB.connect_rate
    connect_rate_burst: Annotated[
        int,
        _setting(LIMITS, Whole(1, 1_000_000), "Connections that it may open at once."),
    ] = _HUB.connect_burst
    client_rooms_per_day: Annotated[
        int,
        _setting(
            LIMITS,
            Whole(0, 1_000_000, zero=_NO_LIMIT),
            "Rooms that one client may make in a day; 0: no limit.",
        ),
    ] = _HUB.client_rooms_per_day
    client_bytes_per_day: Annotated[
        int,
        _setting(
            LIMITS,
            Size(MIB, 1024 * GIB, zero=_NO_LIMIT),
            "Bytes of the disk that what one client says, and its coming and going, may take in a "
            "day; 0: no limit.",
        ),
    ] = _HUB.client_bytes_per_day
    cache_bytes: Annotated[
        int,
        _setting(
            LIMITS,
            Size(MIB, 64 * GIB),
            "Memory for the newest events of all rooms; the least used are read from the disk "
            "again.",
        ),
    ] = _HUB.cache_bytes
    sessions: Annotated[
        int,
        _setting(LIMITS, Whole(0, 1_000_000, zero=_NO_LIMIT), "Connections in all; 0: no limit."),
    ] = _OPTIONS.sessions
    sessions_per_address: Annotated[
        int,
        _setting(
            LIMITS,
            Whole(0, 1_000_000, zero=_NO_LIMIT),
            "Connections of one client: an IPv4 address, an IPv6 /64, or this computer, which may "
            "have twice as many; an IPv6 /48 may have ten times as many in all. A new one replaces "
            "the oldest one that has given no name. 0: no limit, and no other budget for a client: "
            "for use behind a proxy, where everyone has the same address.",
        ),
    ] = _OPTIONS.sessions_per_address
    outbox_bytes: Annotated[
        int,
        _setting(
            LIMITS,
            Size(16 * KIB, 64 * MIB),
            "Bytes kept for a client that reads slowly; beyond that it catches up from the log.",
        ),
    ] = _OPTIONS.outbox_bytes
    first_bytes_seconds: Annotated[
        float,
        _setting(
            LIMITS,
            Seconds(1, 600),
            "Seconds that the first bytes of a connection, or the head of a request, may take.",
        ),
    ] = _OPTIONS.first_bytes_seconds
    name_seconds: Annotated[
        float,
        _setting(LIMITS, Seconds(5, 3600), "Seconds that a client may take to say its name."),
    ] = _OPTIONS.name_seconds
    ping_seconds: Annotated[
        float,
        _setting(LIMITS, Seconds(1, 3600), "Seconds between pings to a WebSocket client."),
    ] = _OPTIONS.ping_seconds
    idle_seconds: Annotated[
        float,
        _setting(
            LIMITS,
            Seconds(2, 7200),
            "Seconds without any sign of life after which a WebSocket client counts as lost.",
        ),
    ] = _OPTIONS.idle_seconds

    allowed_origins: Annotated[
        tuple[str, ...],
        _setting(
            SAFETY,
            Listed(_ORIGIN),
            "Other web sites whose pages may chat here from a browser; the server's own page may.",
        ),
    ] = ()
    allowed_hosts: Annotated[
        tuple[str, ...],
        _setting(
            SAFETY,
            Listed(_HOST_NAME),
            "Names under which browsers may open this server, beside IP addresses, localhost and "
            "this computer's own name; all others are refused, against DNS rebinding.",
        ),
    ] = ()
    metrics: Annotated[
        Literal["loopback", "all", "off"],
        _setting(
            SAFETY,
            Choice("loopback", "all", "off"),
            "Who may read /metrics. loopback: only this computer.",
        ),
    ] = "loopback"

    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        _setting(
            LOGS,
            Choice("debug", "info", "warning", "error"),
            "The least important lines to log.",
        ),
    ] = "info"
    log_format: Annotated[
        Literal["console", "json"],
        _setting(
            LOGS,
            Choice("console", "json"),
            "How lines are written to stderr: for people, or one JSON object each.",
        ),
    ] = "console"


def to_hub_settings(settings: Settings) -> HubSettings:
    """What of the settings the hub goes by."""
    return HubSettings(
        history_on_join=settings.history_on_join,
        text_chars=settings.text_chars,
        line_bytes=settings.line_bytes,
        rate=settings.rate_limit,
        burst=settings.rate_burst,
        by_client=settings.sessions_per_address > 0,
        client_rate=settings.client_rate_limit,
        client_burst=settings.client_rate_burst,
        visit_rate=settings.visit_rate_limit,
        visit_burst=settings.visit_rate_burst,
        connect_rate=settings.connect_rate_limit,
        connect_burst=settings.connect_rate_burst,
        client_rooms_per_day=settings.client_rooms_per_day,
        client_bytes_per_day=settings.client_bytes_per_day,
        silent_room_seconds=settings.silent_room_seconds,
        cache_bytes=settings.cache_bytes,
        free_disk_bytes=settings.free_disk_bytes,
        rooms_per_session=settings.rooms_per_session,
        rooms=settings.rooms,
        hold_seconds=settings.hold_seconds,
        held_per_address=settings.held_per_address,
        leave_grace_seconds=settings.leave_grace_seconds,
        queue_events=settings.queue_events,
        queue_bytes=settings.queue_bytes,
        server_name=settings.server_name,
        first_room=settings.first_room,
    )


def to_options(settings: Settings) -> Options:
    """What of the settings the server's connections go by."""
    return Options(
        hosts=settings.host,
        port=settings.port,
        sessions=settings.sessions,
        sessions_per_address=settings.sessions_per_address,
        line_bytes=settings.line_bytes,
        outbox_bytes=settings.outbox_bytes,
        first_bytes_seconds=settings.first_bytes_seconds,
        name_seconds=settings.name_seconds,
        ping_seconds=settings.ping_seconds,
        idle_seconds=settings.idle_seconds,
        allowed_origins=settings.allowed_origins,
        allowed_hosts=settings.allowed_hosts,
        metrics=settings.metrics,
    )
