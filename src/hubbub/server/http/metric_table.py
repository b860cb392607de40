"""All metrics: a row each, with what it tells. docs/http.md has the same rows, which is tested."""

from __future__ import annotations

from collections.abc import Mapping

COUNTERS: Mapping[str, str] = {
    "batches": "Groups of events that were delivered together.",
    "behind_found": "Rooms found behind the log by a look at it, as no other server had told yet.",
    "bus_connections": "Connections to the bus since the start.",
    "bus_dropped": "Messages that were not sent to other servers, or not looked at.",
    "bus_heard": "Messages heard of other servers.",
    "bus_missed": "Frames of other servers that were lost, by their numbers.",
    "bus_published": "Messages sent to other servers.",
    "bus_refused": "What came over the bus and was not made with the database's key.",
    "bus_unknown": "What came over the bus that only another version understands.",
    "delayed": "Commands that waited, as their client was over its budget.",
    "deliveries": "Batches written to sessions.",
    "duplicates": "Messages that were sent again and had been saved already.",
    "events": "Events saved.",
    "pages_read": "Pages read from the log for sessions that were behind.",
    "refused": "Commands refused.",
    "refused_by_log": "Entries that the log could not save.",
    "rooms_forgotten": "Rooms forgotten in which nothing was ever said.",
    "searches": "Searches.",
    "sessions_ever": "Sessions since the start.",
    "stalls": "Times that a session's outbox was full.",
    "turns_queued": "Turns that waited, as their client kept the server busy.",
}
"""Counters, by the hub's name for each."""

GAUGES: Mapping[str, str] = {
    "bus_connected": "1 while the bus between servers is connected.",
    "bus_round_trip_seconds": "How long the bus took to answer the last time.",
    "clients": "Clients (addresses) connected now, or whose budgets are not full again.",
    "database_bytes": "Size of the database's file.",
    "disk_free_bytes": "Bytes that the disk of the data folder has left.",
    "disk_kept_free_bytes": "Bytes left on the disk below which nothing is taken any more.",
    "last_backup_timestamp_seconds": "When the last backup was made.",
    "lease_age_seconds": "Seconds since this server's lease among several was renewed.",
    "nodes": "Servers on this log.",
    "rooms": "Rooms.",
    "search_behind": "Events that are saved and cannot be found by a search yet.",
    "search_bytes": "Size of the search index's file.",
    "sessions": "Sessions connected now.",
    "tail_bytes": "Memory for the newest events of rooms.",
    "texts_waiting": "Messages on their way to the log.",
    "uploads_open": "Uploads under way: their bytes come, or are looked at.",
    "users": "Users connected now, or whose name is held for them.",
    "wal_bytes": "Size of the database's write-ahead log.",
}
"""Gauges, by the hub's name for each; one that is not known is left out."""

HUB_COUNTERS_BY: Mapping[str, tuple[str, str]] = {
    "examinations": ("outcome", "Uploaded files that were looked at, by what came of it."),
    "refusals": ("code", "Commands refused, by the code of the reason (docs/protocol.md)."),
    "uploads_refused": ("code", "Uploads refused, by the code of the reason."),
}
"""Counters of the hub with a label: its name, and what it is."""

HUB_GAUGES_BY: Mapping[str, tuple[str, str]] = {
    "file_bytes": ("state", "Bytes of files, as they count of people's shares."),
    "files": ("state", "Files that belong to messages (said), or do not yet (unsaid)."),
    "sessions_by_protocol": ("protocol", "Sessions connected now, by what they speak."),
}
"""Gauges of the hub with a label: its name, and what it is."""

HISTOGRAMS: Mapping[str, str] = {
    "commit_seconds": "Time from the first entry of a commit to its outcome.",
    "commit_entries": "Entries that a commit saved together.",
    "examination_seconds": "How long it took to look at an uploaded file.",
    "loop_lag_seconds": "How late the event loop came to what was due; looked at twice a second.",
}
"""What is measured in `hubbub.hub.measures`."""

SERVER_COUNTERS_BY: Mapping[str, tuple[str, str]] = {
    "connections_refused": ("code", "Connections not let in, by the code of the reason."),
    "faults": ("protocol", "Faults of the server, each of which ended a connection or a request."),
    "http_requests": ("status", "Requests of HTTP answered, by the class of the status."),
    "tls_handshakes": ("state", "TLS handshakes that have begun, and those that are done."),
}
"""Counters of `hubbub.server.tallies`: the label's name, and what it is."""

ALONE: Mapping[str, str] = {
    "info": "What is running.",
    "healthy": "1 while the log saves messages.",
    "certificate_expiry_timestamp_seconds": "When the certificate in use is over.",
}
"""Those that are made one by one."""

LIBRARIES = ("process_", "python_")
"""How those begin that prometheus-client tells of the process, its garbage collection and Python.
"""


def names() -> dict[str, frozenset[str]]:
    """The names of all metrics as a scrape has them, with the labels of each."""
    counters = {f"hubbub_{name}_total": frozenset[str]() for name in COUNTERS}
    labelled = {
        f"hubbub_{name}_total": frozenset({label})
        for name, (label, _) in {**HUB_COUNTERS_BY, **SERVER_COUNTERS_BY}.items()
    }
    by = {f"hubbub_{name}": frozenset({label}) for name, (label, _) in HUB_GAUGES_BY.items()}
    gauges = {f"hubbub_{name}": frozenset[str]() for name in (*GAUGES, *ALONE)}
    gauges["hubbub_info"] = frozenset({"version"})
    histograms = {
        f"hubbub_{name}_{part}": frozenset({"le"}) if part == "bucket" else frozenset[str]()
        for name in HISTOGRAMS
        for part in ("bucket", "sum", "count")
    }
    return counters | labelled | by | gauges | histograms
