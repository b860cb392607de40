"""The hub's settings: limits with a name and a unit, checked where they are declared (config)."""

from __future__ import annotations

from msgspec import Struct

ALL_HISTORY = -1
"""`HubSettings.history_on_join` that means: from the room's first event on."""


class HubSettings(Struct, frozen=True, kw_only=True):
    """What a session may do, and how much may wait for it. 0 means no limit where it says so."""

    history_on_join: int = 100
    """Events shown to who joins; `ALL_HISTORY` for all."""
    text_chars: int = 4000
    """Characters of one message."""
    line_bytes: int = 32 * 1024
    """Bytes of one line or frame; only told to clients here, wires enforce it."""
    rate: float = 10.0
    """Commands a second of one session, sustained; 0 for no limit."""
    burst: int = 50
    """Commands at once of a session that was quiet."""
    by_client: bool = True
    """Whether addresses tell clients apart, so that each has the budgets that follow. They do not
    behind a proxy, where all come from one."""
    client_rate: float = 40.0
    """Commands a second of all sessions of one client, sustained. No limit if ``rate`` has none."""
    client_burst: int = 200
    """Commands at once of a client that was quiet: a class of thirty that comes in."""
    visit_rate: float = 1.0
    """Joins of one room by one client, a second, sustained; 0 for no limit."""
    visit_burst: int = 120
    """Joins at once of one room by one client."""
    client_rooms_per_day: int = 100
    """Rooms that one client may make in a day; 0 for no limit."""
    client_bytes_per_day: int = 64 * 1024 * 1024
    """Bytes of the disk that one client's events may take in a day; 0 for no limit."""
    connect_rate: float = 20.0
    """Connections that one client may open a second, sustained; 0 for no limit."""
    connect_burst: int = 200
    """Connections at once of a client that was quiet."""
    rooms_per_session: int = 50
    rooms: int = 10_000
    """Rooms in all; 0 for no limit."""
    silent_room_seconds: float = 3600.0
    """How long a room stays in which nothing was said, when nobody is there; 0: for ever."""
    hold_seconds: float = 600.0
    """How long a guest's name is held after the last connection was lost."""
    held_per_address: int = 200
    """Names held for one client; beyond, the one that was in use for the shortest time is freed.

    As many as the connections that this computer may have, and twice those of an address: so who
    was here for longer than names are held cannot be pushed out by others at the same address, who
    would need as many names for as long."""
    leave_grace_seconds: float = 5.0
    """How long a guest with a token who lost the connection stays in the room unseen to leave."""
    queue_events: int = 10_000
    """Entries that may wait for the log before reading from senders pauses."""
    queue_bytes: int = 16 * 1024 * 1024
    """Bytes of text that may wait for the log before reading from senders pauses."""
    cache_bytes: int = 32 * 1024 * 1024
    """Memory for the newest events of all rooms; the least used are read from the log again."""
    free_disk_bytes: int = 64 * 1024 * 1024
    """Disk that must be free for anybody to say something."""
    server_name: str = "Hubbub"
    first_room: str = "General"
    """The room that an empty log begins with; "" for none."""
