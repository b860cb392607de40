"""The person's preferences, kept in a small JSON file."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from hubbub import private

FILE_NAME = "terminal.json"


class Here(msgspec.Struct, frozen=True, omit_defaults=True):
    """Preferences for one server: ignored users by name, and the alert levels of rooms by key."""

    ignored: Sequence[str] = ()
    alerts: Mapping[str, Literal["all", "mentions", "off"]] = {}


class Preferences(msgspec.Struct, frozen=True, omit_defaults=True):
    """``theme``: None chooses by the terminal. ``times``: the format of times; ``auto`` decides by
    the width. ``notify``: how a mention alerts. ``title``: whether the terminal's title shows
    unread counts. ``emoji``: those that were used for reactions last, the newest first.
    ``servers``: by address.
    """

    theme: Literal["dark", "light", "ansi", "mono"] | None = None
    times: Literal["auto", "short", "full"] = "auto"
    members: bool = True
    notify: Literal["auto", "bell", "osc9", "osc777", "off"] = "auto"
    title: bool = True
    emoji: Sequence[str] = ()
    servers: Mapping[str, Here] = {}


def default_path() -> Path | None:
    """The file in the user's folder for settings; None for a user without a home folder."""
    from platformdirs import user_config_path

    try:
        return user_config_path("hubbub", appauthor=False) / FILE_NAME
    except RuntimeError:
        return None


def load(path: Path | None) -> Preferences:
    """Reads the file; the defaults if there is none, or it cannot be read."""
    if path is None:
        return Preferences()
    try:
        return msgspec.json.decode(path.read_bytes(), type=Preferences)
    except (OSError, msgspec.MsgspecError):
        return Preferences()


def save(path: Path | None, preferences: Preferences) -> None:
    """Writes the file. An error is ignored: it must not end the conversation."""
    if path is None:
        return
    with contextlib.suppress(OSError):
        private.make_folder(path.parent)
        private.write(path, msgspec.json.encode(preferences) + b"\n")
