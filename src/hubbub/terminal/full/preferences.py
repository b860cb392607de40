"""What a person likes, kept from one run to the next in a small JSON file."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Literal

import msgspec

FILE_NAME = "terminal.json"


class Preferences(msgspec.Struct, frozen=True, omit_defaults=True):
    """``theme`` is None for the one that fits. ``notify`` is how we tell of a mention."""

    theme: Literal["dark", "light", "ansi", "mono"] | None = None
    compact: bool = False
    members: bool = True
    notify: Literal["auto", "bell", "osc9", "osc777", "off"] = "auto"


def default_path() -> Path:
    """The file, in the user's folder for settings."""
    from platformdirs import user_config_path

    return user_config_path("hubbub", appauthor=False) / FILE_NAME


def load(path: Path) -> Preferences:
    """What was kept; the defaults if nothing was, or nothing that can be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Preferences)
    except (OSError, msgspec.MsgspecError):
        return Preferences()


def save(path: Path, preferences: Preferences) -> None:
    """Keeps them. A disk that cannot be written to is no reason to end a conversation."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".new")
        beside.write_bytes(msgspec.json.encode(preferences) + b"\n")
        beside.replace(path)
