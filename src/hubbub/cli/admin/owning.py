"""Root works on a server's folder as the folder's owner.

Or files that are made meanwhile would be root's, and the server could not open its own database.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path

_NEEDED_LATER = (
    "hubbub.storage.search.sqlite",
    "hubbub.storage.upgrade",
    "hubbub.credentials.passwords",
    "hubbub.credentials.totp",
    "alembic.command",
    "alembic.runtime.migration",
    "sqlalchemy.dialects.sqlite.pysqlite",
)
"""Modules that would be imported when the folder's owner may not read where Python is."""


def become_owner(folder: Path) -> None:
    """Makes this process, if it is root's, that of whoever owns ``folder``, for good."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return
    try:
        found = folder.stat()
    except OSError:
        return  # it is to be made yet
    if found.st_uid == 0:
        return
    import pwd

    for name in _NEEDED_LATER:
        import_module(name)
    try:
        name = pwd.getpwuid(found.st_uid).pw_name
        os.initgroups(name, found.st_gid)
    except KeyError:  # a container's number without a name
        os.setgroups([])
    os.setgid(found.st_gid)
    os.setuid(found.st_uid)
