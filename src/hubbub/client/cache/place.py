"""Where the cache of a server lies, and that nobody else may read it."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

from hubbub import private
from hubbub.client.address import ENDPOINT, Address

FOLDER_VARIABLE = "HUBBUB_CACHE"
FOLDER_NAME = "servers"  # in the user's data folder for Hubbub, beside what a server keeps there

SIDES = ("-wal", "-shm")
"""The ends of the names of the files that SQLite keeps beside a database."""


def default_folder() -> Path:
    """The folder of all caches: ``$HUBBUB_CACHE``, or one in the user's data folder."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    if chosen:
        return Path(chosen).expanduser()
    from platformdirs import user_data_path

    return user_data_path("hubbub", appauthor=False) / FOLDER_NAME


def file_name(address: Address) -> str:
    """The cache's name without an ending: ``chat.example.org-8080``.

    Two servers never share one: what would be ambiguous in a file's name is percent-encoded.
    """
    host = "".join(
        char if char.isalnum() or char in "-._" else quote(char, safe="")
        for char in address.host.lower()
    )
    endpoint = "" if address.endpoint == ENDPOINT else quote(address.endpoint, safe="")
    return f"{host}-{address.port}{endpoint}"


def make_private(path: Path) -> None:
    """Makes the file at ``path``, if need be, for its owner only. Raises `OSError`."""
    # Its folder, too: how many talk with which server is nobody else's business either.
    private.make_folder(path.parent)
    private.make_file(path)
    for end in SIDES:
        beside = path.with_name(path.name + end)
        # Only if need be: to close one of them drops the locks that this process may have on it.
        if beside.exists() and private.others_may(beside.stat(), private.OTHERS):
            private.make_file(beside)
