"""Reads logs of irssi: lines with the time of day, and lines that say which day it is.

https://irssi.org/documentation/settings/ (``log_timestamp``, ``log_day_changed``). A file is called
as its channel, in a folder that is called as its network: ``libera/#hubbub.log``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, tzinfo

from hubbub.moving.errors import BadFile
from hubbub.moving.irc import (
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
from hubbub.moving.times import local_time

FORMAT = "irssi"
SUFFIX = ".log"
OPENED = b"--- Log opened "
"""How such a log begins."""

_DAY = re.compile(r"--- (Log opened|Day changed|Log closed) (.*)")
_DATE = re.compile(r"\w{3} (\w{3}) +(\d{1,2})(?: (\d\d:\d\d:\d\d))? (\d{4})")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TIMED = re.compile(r"\[?(\d\d):(\d\d)(?::(\d\d))?\]? (.*)")
_SAID = re.compile(r"<([ ~&@%+]?)([^>\s]+)> (.*)")
_ACTION = re.compile(r" \* ([^\s]+) (.*)")
_OWN = re.compile(r"-!- (.*)|-[^\s-][^-]*-.*|[!*] .*|\[.*")
_COMINGS = re.compile(
    r"^(?:\S+ (?:\[[^\]]*\] has (?:joined|left|quit) .*|is now known as \S+|was kicked from .*))"
)
_TOPIC = re.compile(r"^(\S+) changed the topic of \S+ to: ?(.*)")


class IrssiLogs:
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
            channel = Channel(*_place(file), people)
            if channel.id not in channels:
                channels[channel.id] = channel
                yield channel.room()
            log = Log(file, self._zone)
            for line in self._files.lines(file):
                for item in log.line(decoded(line)):
                    if isinstance(item, Skipped):
                        yield item
                    else:
                        yield from channels[channel.id].items(item)


class Log:
    """Reads the lines of one file, and knows which day it is."""

    def __init__(self, file: str, zone: tzinfo) -> None:
        self._file = file
        self._zone = zone
        self._number = 0
        self._day: datetime | None = None
        self._before: int | None = None

    def line(self, line: str) -> Iterator[Said | Skipped]:
        """What the next line says: one thing, or nothing. Raises `BadFile`."""
        self._number += 1
        if not line.strip():
            return
        if day := _DAY.fullmatch(line):
            self._day = self._date(day[2])
            return
        timed = _TIMED.fullmatch(line)
        if timed is None:
            raise self._bad("This is no line of a log of irssi's: it does not begin with a time.")
        if self._day is None:
            raise self._bad('Nothing says which day it is: the log begins with no "Log opened".')
        hour, minute, second, rest = timed.groups()
        try:
            at = self._day.replace(hour=int(hour), minute=int(minute), second=int(second or 0))
        except ValueError:
            raise self._bad(f"There is no such time: {hour}:{minute}.") from None
        self._before = local_time(at, self._before)
        yield from self._said(self._before, rest)

    def _said(self, at: int, rest: str) -> Iterator[Said | Skipped]:
        if (said := _SAID.fullmatch(rest)) and is_nick(said[2]):
            yield Said(at, said[2], said[3])
        elif action := _ACTION.fullmatch(rest):
            yield Said(at, action[1].lstrip(MODES) or action[1], action[2], action=True)
        elif own := _OWN.fullmatch(rest):
            text = own[1] or ""
            if topic := _TOPIC.fullmatch(text):
                yield Said(at, topic[1], topic[2], topic=True)
            else:
                yield Skipped(COMINGS if _COMINGS.fullmatch(text) else OWN_LINES)
        else:
            yield Skipped(OWN_LINES)

    def _date(self, text: str) -> datetime:
        found = _DATE.fullmatch(text.strip())
        if found is None or found[1] not in _MONTHS:
            raise self._bad(
                f"This is no day: {text[:40]!r}. The names of the months have to be English, as "
                "irssi writes them with LC_TIME=C."
            )
        try:
            month = _MONTHS.index(found[1]) + 1
            return datetime(int(found[4]), month, int(found[2]), tzinfo=self._zone)
        except ValueError:
            raise self._bad(f"There is no such day: {text[:40]!r}.") from None

    def _bad(self, what: str) -> BadFile:
        return BadFile(self._file, self._number, what)


def _place(file: str) -> tuple[str, str]:
    """The network and the channel of a log with that name."""
    folder, _, name = file.rpartition("/")
    return folder.rpartition("/")[2], without_date(name.removesuffix(SUFFIX)) or "channel"
