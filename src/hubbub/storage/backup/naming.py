"""The name of a backup's file: when it was made, and of which log. Names sort by time."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from msgspec import Struct

END = ".backup"
ID_CHARS = 8  # of the log's id: enough to tell a few servers apart that share a place
_TIME = "%Y-%m-%dT%H%M%SZ"
_NAME = re.compile(r"hubbub-(\d{4}-\d{2}-\d{2}T\d{6}Z)-([0-9a-f]{8})\.backup")
SECOND = 1000  # times are in ms


class BackupName(Struct, frozen=True):
    """``at``: in ms since the Unix epoch, a whole second. ``log``: the start of the log's id."""

    at: int
    log: str

    def __str__(self) -> str:
        at = datetime.fromtimestamp(self.at / SECOND, UTC).strftime(_TIME)
        return f"hubbub-{at}-{self.log}{END}"


def name_for(at: int, log_id: str) -> BackupName:
    """The name of a backup of that log which was made at that time."""
    return BackupName(at // SECOND * SECOND, log_id[:ID_CHARS])


def parse(name: str) -> BackupName | None:
    """What a file's name says; None if it is not that of a backup."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    try:
        at = datetime.strptime(found[1], _TIME).replace(tzinfo=UTC)
    except ValueError:
        return None
    return BackupName(int(at.timestamp()) * SECOND, found[2])
