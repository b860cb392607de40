"""`hubbub`, but its write-ahead log is moved into the database all the time: for short traces."""

from __future__ import annotations

from hubbub import cli
from hubbub.storage import wal

if __name__ == "__main__":
    wal.DUE_PAGES = 60
    wal.OVERDUE_PAGES = 120
    cli.main()
