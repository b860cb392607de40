"""Which format something has that is to be imported, and the reader for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, tzinfo
from pathlib import Path

from hubbub.moving import campfire, discord, irssi, own, slack, weechat
from hubbub.moving.campfire import CampfireExport
from hubbub.moving.choices import Source
from hubbub.moving.discord import DiscordExport
from hubbub.moving.errors import BadFile, CannotRead
from hubbub.moving.files import open_files
from hubbub.moving.irssi import IrssiLogs
from hubbub.moving.jsonlines import is_export
from hubbub.moving.jsonstream import values
from hubbub.moving.own import OwnExport
from hubbub.moving.slack import SlackExport
from hubbub.moving.stream import Files
from hubbub.moving.weechat import WeechatLogs

Make = Callable[[Files, tzinfo], Source]

READERS: dict[str, Make] = {
    own.FORMAT: lambda files, zone: OwnExport(files, files.names()[0]),
    slack.FORMAT: lambda files, zone: SlackExport(files),
    discord.FORMAT: lambda files, zone: DiscordExport(files),
    campfire.FORMAT: lambda files, zone: CampfireExport(files),
    weechat.FORMAT: WeechatLogs,
    irssi.FORMAT: IrssiLogs,
}
"""By the names of the formats, as the operator gives them."""


@contextmanager
def open_source(path: Path, format: str | None = None, *, zone: tzinfo = UTC) -> Iterator[Source]:
    """What is at ``path``: a file, a folder or a zip archive. ``format`` None: as it looks.

    ``zone``: where a log was written that says no time zone. Raises `CannotRead`, `BadFile`.
    """
    with open_files(path) as files:
        if not files.names():
            raise CannotRead(f"There are no files in {path}.")
        wanted = format or _format_of(files)
        if wanted not in READERS:
            there = " or ".join(sorted(READERS))
            what = f"{path} has no format that is known" if wanted is None else f"{wanted} is none"
            raise CannotRead(f"{what}. Say which one it is: --from {there}.")
        yield READERS[wanted](files, zone)


def _format_of(files: Files) -> str | None:
    """The format that the names and the beginnings of the files are of; None if it is none."""
    names = files.names()
    if {"users.json", "channels.json"} <= set(names):
        return slack.FORMAT
    if any(name.endswith(weechat.SUFFIX) for name in names):
        return weechat.FORMAT
    begin = next(files.lines(names[0]), b"")
    if is_export(begin):
        return own.FORMAT
    if begin.startswith(irssi.OPENED):
        return irssi.FORMAT
    name = next((name for name in names if name.endswith(".json")), None)
    if name is None:
        return None
    try:
        found = next(values(files, name, name, within="messages"), None)
    except BadFile:
        return None
    if found is not None and found.key == "guild":
        return discord.FORMAT
    return campfire.FORMAT if found is not None and found.key in campfire.KEYS else None
