"""Small exports of other programs, as those write them."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

from hubbub.moving.files import open_files
from hubbub.moving.stream import Item

USERS = [
    {
        "id": "U1",
        "team_id": "T1",
        "name": "anna",
        "real_name": "Anna Meier",
        "is_bot": False,
        "profile": {"display_name": "", "real_name": "Anna Meier", "email": "anna@example.org"},
    },
    {"id": "U2", "team_id": "T1", "name": "ben", "profile": {"display_name": "ben"}},
    {"id": "U3", "team_id": "T1", "name": "silent", "profile": {"display_name": "silent"}},
    {"id": "B9", "team_id": "T1", "name": "deploy", "is_bot": True, "profile": {}},
]
CHANNELS = [
    {
        "id": "C1",
        "name": "general",
        "creator": "U1",
        "members": ["U1", "U2"],
        "topic": {"value": "tea &amp; cake"},
    },
    {"id": "C2", "name": "empty", "members": []},
]
GROUPS = [{"id": "G1", "name": "board", "creator": "U1", "members": ["U1", "U2"]}]
DMS = [{"id": "D1", "members": ["U1", "U2"]}]
MONDAY: list[dict[str, Any]] = [
    {"type": "message", "subtype": "channel_join", "user": "U1", "ts": "1500000000.000001"},
    {"type": "message", "user": "U1", "text": "hello <@U2> &amp; all", "ts": "1500000001.000200"},
    {
        "type": "message",
        "user": "U2",
        "text": "see <https://example.org/a|the page>, <#C1|general> <!here>",
        "ts": "1500000003.000000",
        "thread_ts": "1500000001.000200",
        "reactions": [{"name": "tada", "count": 2, "users": ["U1", "U2"]}],
        "edited": {"user": "U2", "ts": "1500000009.0"},
    },
    {
        "type": "message",
        "subtype": "me_message",
        "user": "U2",
        "text": "waves",
        "ts": "1500000002.500000",
    },
    {
        "type": "message",
        "subtype": "bot_message",
        "bot_id": "B7",
        "username": "hook",
        "text": "",
        "ts": "1500000004.000000",
        "attachments": [{"title": "Build 7", "title_link": "https://ci.example/7", "text": "red"}],
    },
    {
        "type": "message",
        "user": "U1",
        "text": "",
        "ts": "1500000005.000000",
        "files": [{"id": "F1", "title": "plan.pdf", "permalink": "https://files.example/plan.pdf"}],
    },
]
TUESDAY = [{"type": "message", "user": "U1", "text": "next day", "ts": "1500090000.000000"}]


def slack(folder: Path) -> Path:
    """An export of Slack, as a folder."""
    files = {
        "users.json": USERS,
        "channels.json": CHANNELS,
        "groups.json": GROUPS,
        "dms.json": DMS,
        "general/2017-07-14.json": MONDAY,
        "general/2017-07-15.json": TUESDAY,
        "board/2017-07-14.json": [
            {"type": "message", "user": "U2", "text": "in private", "ts": "1500000000.000000"}
        ],
        "D1/2017-07-14.json": [
            {"type": "message", "user": "U2", "text": "just you", "ts": "1500000000.000000"}
        ],
    }
    for name, value in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value, indent=4))
    return folder


def zipped(folder: Path, path: Path, inside: str = "") -> Path:
    """The same as a zip archive, maybe with all in one folder."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*.json")):
            archive.write(file, inside + str(file.relative_to(folder)))
    return path


def discord_message(number: int, content: str, **more: Any) -> dict[str, Any]:
    author = {"id": "11", "name": "anna", "discriminator": "0000", "nickname": "Anna Meier"}
    return {
        "id": str(1000 + number),
        "type": "Default",
        "timestamp": f"2021-06-08T18:32:{number:02}.123+00:00",
        "timestampEdited": None,
        "content": content,
        "author": {**author, "color": None, "isBot": False, "avatarUrl": "https://x"},
        "attachments": [],
        "embeds": [],
        "stickers": [],
        "reactions": [],
        "mentions": [],
    } | more


BEN = {"id": "12", "name": "ben", "nickname": "ben", "isBot": False}
DISCORD = [
    discord_message(1, "hello **all**"),
    discord_message(
        2,
        "an answer <@!11> <:tada:99>",
        type="Reply",
        author=BEN,
        reference={"messageId": "1001", "channelId": "5", "guildId": "1"},
        reactions=[{"emoji": {"name": "x"}, "count": 3}],
    ),
    discord_message(3, "", type="GuildMemberJoin", author=BEN),
    discord_message(
        4,
        "",
        attachments=[{"id": "1", "url": "https://cdn.example/a.png", "fileName": "a.png"}],
        embeds=[{"title": "News", "url": "https://n.example", "description": "one\ntwo"}],
    ),
    discord_message(5, "elsewhere", reference={"messageId": "7", "channelId": "6"}),
    discord_message(
        6,
        "",
        reference={"type": "Forward", "messageId": "1001", "channelId": "5"},
        forwardedMessage={"timestamp": "2021-06-08T18:32:01+00:00", "content": "hello **all**"},
    ),
]


def discord(
    path: Path,
    messages: list[dict[str, Any]] | None = None,
    *,
    type: str = "GuildTextChat",
    id: str = "5",
    name: str = "lobby",
) -> Path:
    """A channel as DiscordChatExporter writes it."""
    value = {
        "guild": {"id": "1", "name": "Guild", "iconUrl": "https://x"},
        "channel": {"id": id, "type": type, "category": "Text", "name": name, "topic": "hi"},
        "dateRange": {"after": None, "before": None},
        "exportedAt": "2024-01-01T00:00:00+00:00",
        "messages": DISCORD if messages is None else messages,
        "messageCount": len(DISCORD),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2), encoding="utf-8-sig")
    return path


def campfire(folder: Path) -> Path:
    """Answers of Campfire's API, as files."""
    folder.mkdir(parents=True, exist_ok=True)
    line = {"room_id": 1, "user_id": 2, "starred": False}
    files = {
        "user.json": {"user": {"id": 2, "name": "Anna Meier", "email_address": "a@example.org"}},
        "rooms.json": {
            "rooms": [{"id": 1, "name": "Cold Ice Cream", "topic": "", "locked": False}]
        },
        "2009-11-22.json": {
            "messages": [
                {**line, "id": 1, "type": "EnterMessage", "created_at": "2009-11-22T19:11:40Z"},
                {
                    **line,
                    "id": 2,
                    "type": "TextMessage",
                    "body": "Hello",
                    "created_at": "2009-11-22T19:11:41Z",
                },
                {
                    **line,
                    "id": 3,
                    "type": "PasteMessage",
                    "body": "a\nb",
                    "created_at": "2009/11/22 19:11:42 +0000",
                },
                {
                    **line,
                    "id": 4,
                    "type": "TimestampMessage",
                    "user_id": None,
                    "created_at": "2009-11-22T19:15:00Z",
                },
            ]
        },
    }
    for name, value in files.items():
        (folder / name).write_text(json.dumps(value))
    return folder


WEECHAT = """\
2023-10-12 20:02:07\t\t****  Beginning of log  ****
2023-10-12 20:02:08\t-->\tada (~ada@host) has joined #hubbub
2023-10-12 20:02:09\t--\tTopic for #hubbub is "tea"
2023-10-12 20:02:10\t@ada\thello all
2023-10-12 20:02:10\t@ada\thello all
2023-10-12 20:02:11\t *\tben waves at ada
2023-10-12 20:02:12\t--\tada (~ada@host) has changed topic for #hubbub from "tea" to "cake"
2023-10-12T20:02:13.500000Z\tben\t\x02bold\x02 \x0304,01red\x03
2023-10-12 20:02:14\t--\tben is now known as benjamin
2023-10-12 20:02:15\t<--\tbenjamin (~b@host) has quit (bye)
"""
IRSSI = """\
--- Log opened Thu Oct 12 20:02:08 2023
20:02 -!- ada [~ada@host] has joined #hubbub
20:02 < ada> hello all
20:02 <@ben> hi <ada>
20:03  * ben waves at ada
20:03 -!- ada changed the topic of #hubbub to: cake
20:03 -ben:#hubbub- a notice
--- Day changed Fri Oct 13 2023
00:01:30 <+ada> next day
--- Log closed Fri Oct 13 00:02:00 2023
"""


def items_of(path: Path, format: str | None = None) -> list[Item]:
    """All that is in an export."""
    from hubbub.moving.formats import open_source

    with open_source(path, format) as source:
        return list(source.items())


def lines_of(path: Path, name: str) -> list[bytes]:
    with open_files(path) as files:
        return list(files.lines(name))
