"""What a person likes, kept from one run to the next in a small JSON file."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from hubbub import private

FILE_NAME = "terminal.json"


class Here(msgspec.Struct, frozen=True, omit_defaults=True):
    """On one server: whom we do not want to read, and which rooms may ring.

    Names are kept as they are written; rooms by their key.
    """

    ignored: Sequence[str] = ()
    alerts: Mapping[str, Literal["all", "mentions", "off"]] = {}


class Preferences(msgspec.Struct, frozen=True, omit_defaults=True):
    """``theme`` is None for the one that fits. ``times``: whether lines have their full date and
    time; ``auto``, if there is room for it. ``notify`` is how we tell of a mention. ``title``:
    whether the terminal's title tells what is unread. ``servers`` are known by their address.
    """

    theme: Literal["dark", "light", "ansi", "mono"] | None = None
    times: Literal["auto", "short", "full"] = "auto"
    members: bool = True
    notify: Literal["auto", "bell", "osc9", "osc777", "off"] = "auto"
    title: bool = True
    servers: Mapping[str, Here] = {}


def default_path() -> Path | None:
    """The file, in the user's folder for settings; None for a user who has no home folder."""
    from platformdirs import user_config_path

    try:
        return user_config_path("hubbub", appauthor=False) / FILE_NAME
    except RuntimeError:
        return None


def load(path: Path | None) -> Preferences:
    """What was kept; the defaults if nothing was, or nothing that can be read."""
    if path is None:
        return Preferences()
    try:
        return msgspec.json.decode(path.read_bytes(), type=Preferences)
    except (OSError, msgspec.MsgspecError):
        return Preferences()


def save(path: Path | None, preferences: Preferences) -> None:
    """Keeps them. A disk that cannot be written to is no reason to end a conversation."""
    if path is None:
        return
    with contextlib.suppress(OSError):
        private.make_folder(path.parent)
        private.write(path, msgspec.json.encode(preferences) + b"\n")
