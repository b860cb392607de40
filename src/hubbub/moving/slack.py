"""Reads an export of Slack: ``users.json``, ``channels.json``, a file for each day of a channel.

Private channels (``groups.json``) and direct messages (``dms.json``, ``mpims.json``) are in the
larger kinds of exports. See https://slack.com/help/articles/220556107 for what is in which file.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from hubbub.moving.errors import BadFile
from hubbub.moving.jsonstream import typed, values
from hubbub.moving.slackblocks import block_lines
from hubbub.moving.slacktext import (
    Attachment,
    File,
    attachment_lines,
    file_lines,
    parts_of,
)
from hubbub.moving.stream import Files, Item, Message, Part, Person, Room, Skipped, Topic

FORMAT = "slack"

_DAY = re.compile(r"\d{4}-\d\d-\d\d\.json")
_STAMP = re.compile(r"(\d{1,10})\.(\d{1,6})\d*|(\d{1,10})")
_LISTS = {
    "channels.json": (False, False),
    "groups.json": (True, False),
    "mpims.json": (True, True),
    "dms.json": (True, True),
}
"""Files with channels: whether they are private, and direct conversations."""

COMINGS = "lines of who came and left"
OWN_LINES = "lines of Slack's own: pins, renamings, bots"
REACTIONS = "reactions"
DELETED = "deleted messages"
TIMELESS = "messages without a time"
_COMINGS = {"channel_join", "channel_leave", "group_join", "group_leave"}
_TEXTS = {None, "me_message", "bot_message", "thread_broadcast", "file_share", "file_comment"}


class _Profile(Struct):
    display_name: str | None = None
    real_name: str | None = None
    name: str | None = None


class _User(Struct):
    id: str
    name: str | None = None
    real_name: str | None = None
    is_bot: bool | None = None
    team_id: str | None = None
    profile: _Profile | None = None


class _About(Struct):
    value: str | None = None


class _Channel(Struct):
    id: str
    name: str | None = None
    creator: str | None = None
    members: list[str] | None = None
    topic: _About | None = None


class _Reaction(Struct):
    count: int | None = None


class _Message(Struct):
    ts: str | int | float | None = None
    type: str | None = None
    subtype: str | None = None
    user: str | None = None
    bot_id: str | None = None
    username: str | None = None
    text: str | None = None
    topic: str | None = None
    thread_ts: str | None = None
    user_profile: _Profile | None = None
    files: list[File | None] | None = None
    file: File | None = None
    attachments: list[Attachment | None] | None = None
    blocks: list[Any] | None = None
    reactions: list[_Reaction] | None = None


class SlackExport:
    """A `hubbub.moving.choices.Source`. Raises `BadFile`."""

    format = FORMAT
    accounts = True

    def __init__(self, files: Files) -> None:
        self._files = files
        self._names = set(files.names())
        self._people: set[str] = set()
        self._channels: dict[str, str] = {}
        team = next((user.team_id for user in self._users() if user.team_id), "")
        self.namespace = f"slack {team}"

    def items(self) -> Iterator[Item]:
        self._people = set()
        for user in self._users():
            self._people.add(user.id)
            yield _person(user)
        found = [
            (channel, *kind)
            for name, kind in _LISTS.items()
            if name in self._names
            for channel in self._list(name)
        ]
        self._channels = {channel.id: channel.name or channel.id for channel, *_ in found}
        days = self._days()
        for channel, private, direct in found:
            folder = channel.name or channel.id
            topic = "" if channel.topic is None else channel.topic.value or ""
            yield Room(
                channel.id,
                folder,
                "".join(map(str, parts_of(topic, self._channels))) if topic else "",
                private,
                direct,
                tuple(channel.members or ()),
                channel.creator,
            )
            for day in days.pop(_composed(folder), ()):
                yield from self._day(day, channel.id)
        if days:
            folder = min(days)
            raise BadFile(
                days[folder][0], 0, f'No list of channels has one that is called "{folder}".'
            )

    def _users(self) -> Iterator[_User]:
        for name in ("users.json", "org_users.json"):
            if name in self._names:
                for found in values(self._files, name, name):
                    yield typed(found, _User, name)

    def _list(self, name: str) -> Iterator[_Channel]:
        for found in values(self._files, name, name):
            yield typed(found, _Channel, name)

    def _days(self) -> dict[str, list[str]]:
        days: dict[str, list[str]] = {}
        for name in self._files.names():
            folder, _, file = name.rpartition("/")
            if folder and _DAY.fullmatch(file):
                days.setdefault(_composed(folder), []).append(name)
        return days

    def _day(self, name: str, room: str) -> Iterator[Item]:
        """A day, in the order of the times, which is not always that of the file."""
        day: list[tuple[tuple[int, int], int, _Message]] = []
        for number, found in enumerate(values(self._files, name, name)):
            message = typed(found, _Message, name)
            stamp = _stamp(str(message.ts))
            if stamp is None:
                yield Skipped(TIMELESS)
            else:
                day.append((stamp, number, message))
        day.sort(key=lambda one: one[:2])
        for (seconds, micros), _, message in day:
            yield from self._message(message, room, seconds * 1000 + micros // 1000)

    def _message(self, message: _Message, room: str, at: int) -> Iterator[Item]:
        if message.reactions:
            yield Skipped(REACTIONS, sum(max(1, one.count or 1) for one in message.reactions))
        if message.subtype in _COMINGS:
            yield Skipped(COMINGS)
            return
        if message.subtype == "tombstone":
            yield Skipped(DELETED)
            return
        by, person = self._author(message)
        if person is not None:
            yield person
        if message.subtype in ("channel_topic", "group_topic"):
            yield Topic(room, str(message.ts), by, at, message.topic or "")
            return
        if message.subtype not in _TEXTS and message.subtype is not None:
            yield Skipped(OWN_LINES)
            return
        answers = message.thread_ts if message.thread_ts != message.ts else None
        text = tuple(self._parts(message))
        action = message.subtype == "me_message"
        yield Message(room, str(message.ts), by, at, text, answers, action)

    def _parts(self, message: _Message) -> Iterator[Part]:
        text = message.text or "\n".join(block_lines(message.blocks))
        yield from parts_of(text, self._channels)
        files = [file for file in message.files or [] if file is not None]
        files += [] if message.file is None else [message.file]
        for line in file_lines(files):
            yield f"\n{line}"
        attachments = [one for one in message.attachments or [] if one is not None]
        yield from attachment_lines(attachments, text, self._channels)

    def _author(self, message: _Message) -> tuple[str, Person | None]:
        """Who has written it, and what is known of them if nothing was known before."""
        id = message.user or message.bot_id or message.username or "unknown"
        if id in self._people:
            return id, None
        self._people.add(id)
        profile = message.user_profile
        name = message.username or _shown(profile, None, "") or "bot"
        return id, Person(id, name, account=message.user is not None and profile is not None)


def _person(user: _User) -> Person:
    name = _shown(user.profile, user.real_name, user.name or "") or user.id
    return Person(user.id, name, account=not user.is_bot and user.id != "USLACKBOT")


def _shown(profile: _Profile | None, real_name: str | None, name: str) -> str:
    if profile is None:
        return real_name or name
    return profile.display_name or profile.real_name or real_name or name or profile.name or ""


def _stamp(ts: str) -> tuple[int, int] | None:
    """Seconds and microseconds; None if it is no time."""
    found = _STAMP.fullmatch(ts)
    if found is None:
        return None
    return int(found[1] or found[3]), int((found[2] or "0").ljust(6, "0"))


def _composed(name: str) -> str:
    """As Slack writes it. A Mac writes the names of files with accents beside their letters."""
    return unicodedata.normalize("NFC", name)
