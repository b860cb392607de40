"""Texts of Slack as texts here: mentions, links, escaped signs, files and attachments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from hubbub.moving.slackblocks import block_lines
from hubbub.moving.stream import Mention, Part

_ANGLE = re.compile(r"<([^<>\n]+)>")
_ESCAPED = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
_SIGNS = re.compile("|".join(_ESCAPED))
_USER = re.compile(r"@([UWB][A-Z0-9]+)(?:\|(.*))?")
_CHANNEL = re.compile(r"#([CGD][A-Z0-9]+)(?:\|(.*))?")
_SPECIAL = re.compile(r"!([a-z]+)(?:\^[^|]*)*(?:\|(.*))?")


class File(Struct):
    """What somebody has shared. Its bytes stay where they are."""

    name: str | None = None
    title: str | None = None
    permalink: str | None = None
    url_private: str | None = None


class Attachment(Struct):
    """What a bot, or a link, has added to a message."""

    fallback: str | None = None
    pretext: str | None = None
    title: str | None = None
    title_link: str | None = None
    from_url: str | None = None
    text: str | None = None
    blocks: list[Any] | None = None


def parts_of(text: str, channels: Mapping[str, str]) -> Iterator[Part]:
    """What ``text`` says; ``channels`` are the names of channels by their ids."""
    place = 0
    for found in _ANGLE.finditer(text):
        yield _plain(text[place : found.start()])
        yield _angle(found[1], channels)
        place = found.end()
    yield _plain(text[place:])


def file_lines(files: Iterable[File]) -> Iterator[str]:
    """A line for each file, with its link."""
    for file in files:
        link = file.permalink or file.url_private
        name = file.title or file.name or "a file"
        yield f"{name}: {link}" if link else f"{name} (a file that is not there any more)"


def attachment_lines(
    attachments: Iterable[Attachment], text: str, channels: Mapping[str, str]
) -> Iterator[Part]:
    """What attachments say, as a quote; previews of links that are in ``text`` are left out."""
    for one in attachments:
        if one.from_url and one.from_url in text:
            continue
        content = one.text or "\n".join(block_lines(one.blocks)) or one.fallback
        said = [one.pretext, one.title, one.title_link, content]
        for line in "\n".join(piece for piece in said if piece).split("\n"):
            if line.strip():
                yield "\n> "
                yield from parts_of(line, channels)


def _plain(text: str) -> str:
    return _SIGNS.sub(lambda sign: _ESCAPED[sign[0]], text)


def _angle(inside: str, channels: Mapping[str, str]) -> Part:
    if found := _USER.fullmatch(inside):
        return Mention(found[1], _plain(found[2] or "").removeprefix("@"))
    if found := _CHANNEL.fullmatch(inside):
        return "#" + _plain(found[2] or channels.get(found[1], found[1]))
    if found := _SPECIAL.fullmatch(inside):
        return _plain(found[2] or f"@{found[1]}")
    to, _, label = inside.partition("|")
    if "://" not in to and not to.startswith("mailto:"):
        return _plain(f"<{inside}>")  # nothing that Slack writes: somebody's own signs
    to, label = _plain(to), _plain(label)
    if not label or label == to or to.removeprefix("mailto:") == label or to.endswith(f"//{label}"):
        return label if to.startswith("mailto:") and label else to
    return f"{label} ({to})"
