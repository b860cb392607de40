"""What is told to who asks from elsewhere: where things lie on the server's disk is not.

A path in a sentence is replaced by the name of the setting that it comes from, which tells who
keeps the server as much.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

from hubbub.admin.tasks import Desk

SHORTEST = 2  # characters of a path; "/" alone may be any slash

Say = Callable[[str], str]


def discreet(desk: Desk) -> Say:
    """What takes the paths out of a text."""
    settings = {field.name: getattr(desk.settings, field.name) for field in fields(desk.settings)}
    known = {
        str(value): f"({name.replace('_', '-')})"
        for name, value in settings.items()
        if isinstance(value, Path) or (name == "backup_to" and value)
    }
    if desk.folder is not None:
        known[str(desk.folder)] = known[str(desk.folder.resolve())] = "(the data folder)"
    longest_first = sorted(known, key=len, reverse=True)

    def say(text: str) -> str:
        for path in longest_first:
            if len(path) >= SHORTEST:
                text = text.replace(path, known[path])
        return text

    return say


def without_paths(told: Any, say: Say) -> Any:
    """``told``, of what JSON consists of, with all of its texts as ``say`` has them."""
    match told:
        case str():
            return say(told)
        case list():
            return [without_paths(one, say) for one in told]
        case dict():
            return {key: without_paths(one, say) for key, one in told.items()}
        case _:
            return told
