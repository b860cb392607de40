"""Texts and names as HTML: everything is escaped, what deceives is shown, markup is formatted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from hubbub.domain.markup import Code, Emphasis, Link, Piece, parse

_ELEMENTS = {"bold": "b", "italic": "i", "strike": "s"}
_SCHEMES = ("http://", "https://", "mailto:")

# As the web page does it (page/text/safe.js).
_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069\x80-\x9f]")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_HALVES = re.compile("[\ud800-\udfff]")


def safe(text: str) -> str:
    """``text`` as it may stand between tags and in attributes with quotation marks."""
    if text.isascii() and text.isprintable():
        return escape(text)
    text = _CONTROLS.sub(_picture, _DIRECTION.sub("\ufffd", _HALVES.sub("\ufffd", text)))
    return escape(text)


def name_html(name: str) -> str:
    """A name, whose direction ends with it."""
    return f"<bdi>{safe(name)}</bdi>"


def text_html(text: str) -> str:
    """A text as the web page shows it (docs/markup.md)."""
    return "".join(map(_block, parse(text)))


def _block(block: object) -> str:
    if isinstance(block, Code):
        code = f'<pre><code dir="auto">{safe(block.text)}</code></pre>'
        return f"<blockquote>{code}</blockquote>" if block.quoted else code
    kind, inline = block.kind, block.inline  # type: ignore[attr-defined]
    inside = f'<p dir="auto">{_pieces(inline)}</p>'
    return f"<blockquote>{inside}</blockquote>" if kind == "quote" else inside


def _pieces(inline: Sequence[Piece]) -> str:
    return "".join(map(_piece, inline))


def _piece(piece: Piece) -> str:
    match piece:
        case str():
            return safe(piece).replace("\n", "<br>\n")
        case Emphasis(kind=kind, inline=inline):
            element = _ELEMENTS[kind]
            return f"<{element}>{_pieces(inline)}</{element}>"
        case Code(text=text):
            return f"<code>{safe(text)}</code>"
        case Link(text=text, to=to) if to.lower().startswith(_SCHEMES):
            return f'<a href="{safe(to)}" rel="noreferrer noopener nofollow">{safe(text)}</a>'
        case Link(text=text):
            return safe(text)


def _picture(control: re.Match[str]) -> str:
    return "\u2421" if control[0] == "\x7f" else chr(0x2400 + ord(control[0]))
