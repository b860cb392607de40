"""The files of a cache: where they are, and that only their owner may read them."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from hubbub import private
from hubbub.client.address import ENDPOINT, Address

SIDES = ("-wal", "-shm")
"""The suffixes of the files that SQLite keeps beside a database."""


def file_name(address: Address) -> str:
    """The cache's name without a suffix: ``chat.example.org-8080``.

    Two servers never have the same one: characters that would be ambiguous are percent-encoded.
    """
    host = "".join(
        char if char.isalnum() or char in "-._" else quote(char, safe="")
        for char in address.host.lower()
    )
    endpoint = "" if address.endpoint == ENDPOINT else quote(address.endpoint, safe="")
    return f"{host}-{address.port}{endpoint}"


def make_private(path: Path) -> None:
    """Makes sure that the file at ``path`` exists, for its owner only. Raises `OSError`."""
    # Its folder, too: the names of the servers are private as well.
    private.make_folder(path.parent)
    private.make_file(path)
    for end in SIDES:
        beside = path.with_name(path.name + end)
        # Only if needed: closing such a file drops the locks that this process has on it.
        if beside.exists() and private.others_may(beside.stat(), private.OTHERS):
            private.make_file(beside)
