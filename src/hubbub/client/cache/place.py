"""The files of a cache: where they are, and that only their owner may read them."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

from hubbub import private
from hubbub.client.address import ENDPOINT, Address

FOLDER_VARIABLE = "HUBBUB_CACHE"
FOLDER_NAME = "servers"  # in the user's data folder for Hubbub, beside what a server keeps there

SIDES = ("-wal", "-shm")
"""The suffixes of the files that SQLite keeps beside a database."""


def default_folder() -> Path:
    """The folder of all caches: ``$HUBBUB_CACHE``, or one in the user's data folder."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    if chosen:
        return Path(chosen).expanduser()
    from platformdirs import user_data_path

    return user_data_path("hubbub", appauthor=False) / FOLDER_NAME


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
