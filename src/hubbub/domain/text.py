"""The rules for the text of a message."""

from __future__ import annotations

import unicodedata

from hubbub.domain.errors import BadMessage, EmptyText, TextTooLong
from hubbub.domain.names import UNSEEN
from hubbub.domain.rules import MAX_ABOUT_CHARS, MAX_NOTE_CHARS

MAX_TEXT_LINES = 200
"""Lines of one message: a page or two of code. On the line wire each of them is shown with the time
and the name, so many short lines would amplify one message into a much larger output."""

MAX_TOPIC_CHARS = 300  # two or three lines of a screen; IRC servers allow 390 bytes and more
MAX_REASON_CHARS = 300  # of a ban, say: as a topic
MAX_ANNOUNCEMENT_CHARS = 1000  # to everybody who is connected

_SHOWS_NOTHING = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
# Not Cn and Co: what this Unicode does not know may be next year's emoji.


def parse_text(raw: str, max_chars: int, max_lines: int = MAX_TEXT_LINES) -> str:
    """The text as it is logged: line ends become LF, trailing white space is removed.

    Raises `EmptyText`, `TextTooLong` (a long text is refused, not cut), and `BadMessage` for a text
    that is not Unicode (lone surrogates) or contains NUL, which PostgreSQL cannot store.
    """
    text = raw
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.rstrip()
    if not text:
        raise EmptyText("There is nothing in this message. Write something first.")
    if len(text) > max_chars:
        raise TextTooLong(
            f"This message has {len(text):,} characters; {max_chars:,} are allowed. "
            "It was not sent: please split it."
        )
    if not text.isprintable() and (lines := len(text.splitlines())) > max_lines:
        raise TextTooLong(
            f"This message has {lines:,} lines; {max_lines:,} are allowed. "
            "It was not sent: please split it."
        )
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise BadMessage(
                f"Character {error.start + 1} of this message is half of a pair (a lone "
                "surrogate), which is not text. It was not sent."
            ) from None
    if "\0" in text:
        raise BadMessage("This message holds a NUL character, which is not text. It was not sent.")
    if not ((text[-1].isascii() and text[-1].isprintable()) or any(map(_shows, text))):
        raise EmptyText("There is nothing to see in this message. Write something first.")
    return text


def parse_topic(raw: str) -> str:
    """The topic as it is logged: on one line, without white space around it; may be empty.

    Raises `TextTooLong`, and `BadMessage` as `parse_text`.
    """
    return _parse_line(raw, "topic", MAX_TOPIC_CHARS, "It was not set")


def parse_reason(raw: str | None) -> str | None:
    """The reason for a ban, say, as it is logged: on one line; None if there is none.

    Raises `TextTooLong`, and `BadMessage` as `parse_text`.
    """
    return _parse_line(raw or "", "reason", MAX_REASON_CHARS, "Nothing was done") or None


def parse_about(raw: str) -> str:
    """What somebody says of themselves, as it is logged: on one line; may be empty.

    Raises `TextTooLong`, and `BadMessage` as `parse_text`.
    """
    return _parse_line(raw, "line about you", MAX_ABOUT_CHARS, "It was not set")


def parse_note(raw: str) -> str:
    """Why somebody is away, as it is logged: on one line; may be empty.

    Raises `TextTooLong`, and `BadMessage` as `parse_text`.
    """
    return _parse_line(raw, "note", MAX_NOTE_CHARS, "It was not set")


def parse_announcement(raw: str) -> str:
    """What everybody is told, on one line; may be empty.

    Raises `TextTooLong`, and `BadMessage` as `parse_text`.
    """
    return _parse_line(raw, "announcement", MAX_ANNOUNCEMENT_CHARS, "Nobody was told")


def _parse_line(raw: str, what: str, max_chars: int, outcome: str) -> str:
    line = " ".join(raw.split())
    if len(line) > max_chars:
        raise TextTooLong(
            f"This {what} has {len(line):,} characters; {max_chars} are allowed. "
            f"{outcome}: please shorten it."
        )
    return parse_text(line, max_chars, 1) if line else ""


def _shows(char: str) -> bool:
    return unicodedata.category(char) not in _SHOWS_NOTHING and char not in UNSEEN
