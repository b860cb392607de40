"""Reads logs of WeeChat: ``irc.NETWORK.#CHANNEL.weechatlog``, with tabs between its columns.

https://weechat.org/files/doc/weechat/stable/weechat_user.en.html#logger
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import tzinfo

from hubbub.moving.errors import BadFile
from hubbub.moving.irc import (
    CHANNEL,
    COMINGS,
    MODES,
    OWN_LINES,
    Channel,
    Said,
    decoded,
    is_nick,
    without_date,
)
from hubbub.moving.stream import Files, Item, Skipped
from hubbub.moving.times import parsed_time

FORMAT = "weechat"
SUFFIX = ".weechatlog"

_COMINGS = {"-->", "<--"}
_OWN = {"--", "=!=", "", "-!-", "==="}
_TOPIC = re.compile(
    r"^(\S+)(?: \([^)]*\))? has changed topic for \S+ (?:from \"[^\"]*\" )?to \"(.*)\""
)
_NICK_CHANGE = re.compile(r"^\S+ is now known as \S+")


class WeechatLogs:
    """A `hubbub.moving.choices.Source`. Raises `BadFile`."""

    format = FORMAT
    accounts = False
    namespace = "irc"

    def __init__(self, files: Files, zone: tzinfo) -> None:
        self._files = files
        self._zone = zone

    def items(self) -> Iterator[Item]:
        people: set[str] = set()
        channels: dict[str, Channel] = {}
        for file in self._files.names():
            if file.startswith("core.") or "/core." in file:
                continue
            channel = Channel(*_place(file), people)
            if channel.id not in channels:
                channels[channel.id] = channel
                yield channel.room()
            before: int | None = None
            for number, line in enumerate(self._files.lines(file), 1):
                for item in parsed(decoded(line), file, number, self._zone, before):
                    if isinstance(item, Skipped):
                        yield item
                    else:
                        before = item.at
                        yield from channels[channel.id].items(item)


def parsed(
    line: str, file: str, number: int, zone: tzinfo, before: int | None = None
) -> Iterator[Said | Skipped]:
    """What a line of a log says: one thing, or nothing. ``before``: when the last one was said.

    Raises `BadFile`.
    """
    if not line.strip():
        return
    columns = line.split("\t", 2)
    at = parsed_time(columns[0], zone, before)
    if at is None or len(columns) < 3:
        raise BadFile(
            file,
            number,
            "This is no line of a log of WeeChat's: it does not begin with a time and a tab. If "
            "logger.file.time_format is set to something else, write the times as 2023-07-30 "
            "12:00:00.",
        )
    _, prefix, text = columns
    mark = prefix.strip()
    if mark in _COMINGS or (mark == "--" and _NICK_CHANGE.fullmatch(text)):
        yield Skipped(COMINGS)
    elif mark == "--" and (topic := _TOPIC.fullmatch(text)):
        yield Said(at, topic[1].lstrip(MODES), topic[2], topic=True)
    elif mark == "*":
        nick, _, rest = text.partition(" ")
        yield Said(at, nick.lstrip(MODES) or nick, rest, action=True)
    elif mark in _OWN or not is_nick(mark.lstrip(MODES)):
        yield Skipped(OWN_LINES)
    else:
        yield Said(at, mark.lstrip(MODES), text)


def _place(file: str) -> tuple[str, str]:
    """The network and the channel of a log with that name."""
    name = without_date(file.rpartition("/")[2].removesuffix(SUFFIX)).removeprefix("irc.")
    for sign in CHANNEL:
        network, found, channel = name.partition(f".{sign}")
        if found:
            return network, sign + channel
    network, _, nick = name.rpartition(".")
    return network, nick or "channel"
