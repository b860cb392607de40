"""Rejects a settings file that another user could have written.

The file says who may connect and where the data is kept. One in the current folder is read without
having been named, and that may be a folder in which everyone can write.
"""

from __future__ import annotations

import os
import shlex
import stat
import sys
from pathlib import Path

from hubbub import private


def distrust(path: Path, found: os.stat_result) -> str | None:
    """Why the settings file at ``path`` is rejected, and how to mend that; None if it is not.

    ``found`` is the stat of the opened file. May raise `OSError`.
    """
    if sys.platform == "win32" or os.statvfs(path).f_flag & os.ST_RDONLY:
        return None
    me = private.name_of(os.geteuid())
    for owned in (found, path.lstat()):  # of a link, both
        if not private.is_ours(owned):
            return (
                f"{path} is not obeyed: it belongs to {private.owner(owned)}, who could change it, "
                f"and this server runs as {me}. If what it says is right: "
                f"sudo chown -h {os.geteuid()} {_quoted(path)}"
            )
    if private.others_may(found, private.OTHERS_WRITE):
        return (
            f"{path} is not obeyed: others on this computer can change it "
            f"(mode {stat.S_IMODE(found.st_mode):o}). Read it, and if what it says is right: "
            f"chmod go-w {_quoted(path)}"
        )
    for folder in dict.fromkeys((path.parent, path.resolve().parent)):
        around = folder.stat()
        if not around.st_mode & stat.S_ISVTX and private.others_may(around, private.OTHERS_WRITE):
            return (
                f"{path} is not obeyed: others on this computer can put another file in its place, "
                f"as they may write in {folder} (mode {stat.S_IMODE(around.st_mode):o}). "
                f"To mend that: chmod go-w {_quoted(folder)}"
            )
    return None


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))
