"""Reads what DiscordChatExporter has exported as JSON: one file, or some, for each channel.

https://github.com/Tyrrrz/DiscordChatExporter
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from hubbub.moving.errors import BadFile
from hubbub.moving.jsonstream import Found, typed, values
from hubbub.moving.stream import Files, Item, Mention, Message, Part, Person, Room, Skipped
from hubbub.moving.times import parsed_time

FORMAT = "discord"

OWN_LINES = "lines of Discord's own: who came, calls, pins"
REACTIONS = "reactions"
_TEXTS = {"Default", "Reply", "19", "20", "21", "23", "ChatInputCommand", "ContextMenuCommand"}
_RAW = re.compile(r"<@!?(\d+)>|<a?:(\w+):\d+>")


class _Guild(Struct):
    id: str
    name: str = ""


class _Channel(Struct):
    id: str
    name: str
    type: str = ""
    topic: str | None = None


class _Author(Struct):
    id: str
    name: str
    nickname: str | None = None
    isBot: bool = False  # noqa: N815 - as the program writes it; so for the others


class _Attachment(Struct):
    url: str = ""
    fileName: str = "a file"  # noqa: N815


class _Field(Struct):
    name: str = ""
    value: str = ""


class _Embed(Struct):
    title: str | None = None
    url: str | None = None
    description: str | None = None
    fields: list[_Field] = []


class _Sticker(Struct):
    name: str = ""


class _Reaction(Struct):
    count: int = 1


class _Forwarded(Struct):
    content: str = ""
    attachments: list[_Attachment] = []
    embeds: list[_Embed] = []
    stickers: list[_Sticker] = []


class _Reference(Struct):
    type: str = "Default"
    messageId: str | None = None  # noqa: N815
    channelId: str | None = None  # noqa: N815


class _Message(Struct):
    id: str
    timestamp: str
    author: _Author
    type: str = "Default"
    content: str = ""
    attachments: list[_Attachment] = []
    embeds: list[_Embed] = []
    stickers: list[_Sticker] = []
    reactions: list[_Reaction] = []
    reference: _Reference | None = None
    forwardedMessage: _Forwarded | None = None  # noqa: N815


class _File(Struct):
    """One file: its channel, its first message, and who wrote, if only some people read it."""

    name: str
    guild: _Guild
    channel: _Channel
    first: int
    authors: dict[str, _Author]

    @property
    def direct(self) -> bool:
        return self.channel.type.startswith("Direct")

    @property
    def private(self) -> bool:
        return self.direct or "Private" in self.channel.type


class DiscordExport:
    """A `hubbub.moving.choices.Source`. Raises `BadFile`."""

    format = FORMAT
    accounts = True

    def __init__(self, files: Files) -> None:
        self._files = files
        names = [name for name in files.names() if name.endswith(".json")]
        self._found = sorted(
            (self._look(name) for name in names), key=lambda one: (one.channel.id, one.first)
        )
        guilds = {one.guild.id for one in self._found}
        self.namespace = f"discord {guilds.pop() if len(guilds) == 1 else ''}"

    def items(self) -> Iterator[Item]:
        people: set[str] = set()
        rooms: set[str] = set()
        for file in self._found:
            channel = file.channel
            if channel.id not in rooms:
                rooms.add(channel.id)
                same = [one for one in self._found if one.channel.id == channel.id]
                authors = {id: author for one in same for id, author in one.authors.items()}
                for author in authors.values():
                    if author.id not in people:
                        people.add(author.id)
                        yield _person(author)
                members = tuple(sorted(authors))
                topic = channel.topic or ""
                yield Room(channel.id, channel.name, topic, file.private, file.direct, members)
            for found in values(self._files, file.name, file.name, within="messages"):
                if found.key == "messages" and isinstance(found.value, dict):
                    yield from self._message(found, file, people)
                elif found.key == "messages":
                    raise BadFile(file.name, found.line, "This is no message.")

    def _look(self, name: str) -> _File:
        """Which channel a file is of. All of a private one is read, for its people."""
        found: dict[str, Any] = {}
        first, authors = 0, dict[str, _Author]()
        for one in values(self._files, name, name, within="messages"):
            if one.key == "guild":
                found["guild"] = typed(one, _Guild, name)
            elif one.key == "channel":
                found["channel"] = typed(one, _Channel, name)
            elif one.key == "messages" and len(found) == 2:
                message = typed(one, _Message, name)
                first = first or _number(message.id, name, one.line)
                file = _File(name, found["guild"], found["channel"], first, authors)
                if not file.private:
                    return file
                authors[message.author.id] = message.author
        if len(found) < 2:
            raise BadFile(name, 0, "This is no export of DiscordChatExporter: it has no channel.")
        return _File(name, found["guild"], found["channel"], first, authors)

    def _message(self, found: Found, file: _File, people: set[str]) -> Iterator[Item]:
        message = typed(found, _Message, file.name)
        if message.reactions:
            yield Skipped(REACTIONS, sum(max(1, one.count) for one in message.reactions))
        if message.type not in _TEXTS:
            yield Skipped(OWN_LINES)
            return
        at = parsed_time(message.timestamp)
        if at is None:
            raise BadFile(file.name, found.line, f"This is no time: {message.timestamp[:40]!r}.")
        if message.author.id not in people:
            people.add(message.author.id)
            yield _person(message.author)
        reference, answers = message.reference, None
        here = (None, file.channel.id)
        if reference and reference.type != "Forward" and reference.channelId in here:
            answers = reference.messageId
        text = tuple(_parts(message))
        yield Message(file.channel.id, message.id, message.author.id, at, text, answers)


def _person(author: _Author) -> Person:
    return Person(author.id, author.nickname or author.name, account=not author.isBot)


def _parts(message: _Message) -> Iterator[Part]:
    yield from _content(message)
    if message.forwardedMessage is not None:
        yield "\n(forwarded)\n"
        yield from _content(message.forwardedMessage)


def _content(message: _Message | _Forwarded) -> Iterator[Part]:
    place = 0
    for found in _RAW.finditer(message.content):
        yield message.content[place : found.start()]
        yield Mention(found[1]) if found[1] else f":{found[2]}:"
        place = found.end()
    yield message.content[place:]
    for file in message.attachments:
        yield f"\n{file.fileName}: {file.url}"
    for sticker in message.stickers:
        yield f"\n({sticker.name})"
    for embed in message.embeds:
        if embed.url and embed.url in message.content and not embed.description:
            continue
        said = [embed.title, embed.url, embed.description]
        said += [f"{field.name}: {field.value}" for field in embed.fields]
        for line in "\n".join(piece for piece in said if piece).split("\n"):
            if line.strip():
                yield f"\n> {line}"


def _number(id: str, file: str, line: int) -> int:
    if not (id.isascii() and id.isdecimal() and len(id) <= 20):
        raise BadFile(file, line, f"This is no id of Discord's: {id[:40]!r}.")
    return int(id)
