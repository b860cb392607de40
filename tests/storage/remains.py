"""Where words that are to be gone still stand: in a data folder's files, in the search index."""

from __future__ import annotations

import sqlite3
from pathlib import Path


def left_on_disk(folder: Path, word: str) -> list[str]:
    """The files of ``folder`` in which ``word`` stands."""
    files = [file for file in folder.iterdir() if file.is_file()]
    return [file.name for file in files if word.encode() in file.read_bytes()]


def indexed(folder: Path, word: str) -> bool:
    """Whether the index has ``word``, or is about to be made."""
    try:
        connection = sqlite3.connect(f"file:{folder}/search.db?mode=ro", uri=True)
        try:
            found = connection.execute(
                "SELECT count(*) FROM texts WHERE texts MATCH ?", (f'"{word}"',)
            ).fetchone()
        finally:
            connection.close()
    except sqlite3.Error:
        return True
    return bool(found[0])
