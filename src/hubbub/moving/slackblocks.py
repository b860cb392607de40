"""Texts that programs write in Slack's blocks, and say nowhere else.

https://docs.slack.dev/reference/block-kit/blocks says which blocks there are. More come, so what is
looked for are the texts in them; how they are laid out is not taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

MAX_DEPTH = 12  # of blocks in blocks; Slack's own have at most six

_INSIDE = ("text", "title", "fields", "elements", "rows", "blocks")
"""Where in a block others are, or a text, in the order in which they are shown."""
_IN_A_LINE = {"rich_text_section", "context", "rich_text_quote", "rich_text_preformatted"}
"""Blocks whose pieces are of one line."""
_PRESSED = {"actions", "input", "button"}
"""What only waits for somebody to press it."""


def block_lines(blocks: Iterable[Any] | None) -> Iterator[str]:
    """The lines that they show, as Slack writes texts: with ``<@U1>``, ``&amp;`` and so on."""
    for block in blocks or ():
        for line in _lines(block, MAX_DEPTH):
            if line.strip():
                yield line


def _lines(block: Any, depth: int) -> Iterator[str]:
    if isinstance(block, str):
        yield from block.split("\n")
    elif isinstance(block, list):
        for one in block:
            yield from _lines(one, depth - 1) if depth else ()
    elif isinstance(block, dict) and depth and block.get("type") not in _PRESSED:
        said = _said(block)
        if said is not None:
            yield from said.split("\n")
            return
        if block.get("type") in _IN_A_LINE:
            yield from "".join(_pieces(block, depth - 1)).split("\n")
            return
        for key in _INSIDE:
            yield from _lines(block.get(key), depth - 1)


def _pieces(block: dict[str, Any], depth: int) -> Iterator[str]:
    spaced = " " if block.get("type") == "context" else ""
    pieces = block.get("elements")
    for piece in pieces if isinstance(pieces, list) else ():
        yield "\n".join(_lines(piece, depth)) + spaced


def _said(block: dict[str, Any]) -> str | None:
    """What a block says that has no others inside; None if it has."""
    link, text = block.get("url"), block.get("text")
    match block.get("type"):
        case "link" if isinstance(link, str):
            return f"<{link}|{text}>" if isinstance(text, str) and text else f"<{link}>"
        case "user":
            return f"<@{block.get('user_id')}>"
        case "channel":
            return f"<#{block.get('channel_id')}>"
        case "broadcast":
            return f"<!{block.get('range')}>"
        case "emoji":
            return f":{block.get('name')}:"
        case "image":
            shown, at = block.get("alt_text"), block.get("image_url")
            return ": ".join(one for one in (shown, at) if isinstance(one, str) and one)
    return None
