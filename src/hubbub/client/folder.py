"""Where this user's clients keep what they know of servers."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER_VARIABLE = "HUBBUB_CACHE"
FOLDER_NAME = "servers"  # in the user's data folder for Hubbub, beside what a server keeps there


def default_folder() -> Path:
    """``$HUBBUB_CACHE``, or one in the user's data folder."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    if chosen:
        return Path(chosen).expanduser()
    from platformdirs import user_data_path

    return user_data_path("hubbub", appauthor=False) / FOLDER_NAME
