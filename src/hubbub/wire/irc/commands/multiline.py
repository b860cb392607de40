"""BATCH: a text of several lines, or of one that is longer than a line of IRC.

https://ircv3.net/specs/extensions/client-batch and https://ircv3.net/specs/extensions/multiline
"""

from __future__ import annotations

from typing import cast

from msgspec import Struct

from hubbub.wire.irc import numerics as num
from hubbub.wire.irc.capabilities import Cap
from hubbub.wire.irc.clienttags import CONCAT, client_tags
from hubbub.wire.irc.commands.speaking import Text, say_to
from hubbub.wire.irc.conversation import Conversation, Row
from hubbub.wire.irc.formatting import from_irc, is_marked
from hubbub.wire.irc.message import Message
from hubbub.wire.irc.wire import IrcWire

TYPE = "draft/multiline"
MAX_BYTES = 4096  # of a text, as the capability tells clients; the server may take less
MAX_LINES = 32
_BATCH = "batch"


class Batch(Struct):
    """What a client is sending. ``command``: by which its lines come. ``failed``: for nothing.

    ``cuts``: where lines were cut that are one in the text.
    """

    ref: str
    target: str
    tags: dict[str, str]
    label: str
    command: str = ""
    text: str = ""
    lines: int = 0
    size: int = 0
    cuts: list[int] = []
    failed: bool = False


def batch(wire: IrcWire, message: Message) -> Conversation | None:
    """BATCH: one begins, or is complete."""
    if Cap.MULTILINE not in wire.caps:
        wire.numeric(num.ERR_UNKNOWNCOMMAND, "BATCH", f"For that one needs {TYPE}.")
        return None
    ref = message[0][1:]
    if message[0].startswith("+") and ref:
        _begin(wire, message, ref)
        return None
    current = _current(wire)
    if not message[0].startswith("-") or current is None or current.ref != ref:
        _fail(wire, message, "MULTILINE_INVALID", "That is no batch that was begun.")
        return None
    assert wire.extra is not None
    del wire.extra[_BATCH]
    return None if current.failed else _end(wire, message, current)


def _current(wire: IrcWire) -> Batch | None:
    return None if wire.extra is None else cast("Batch | None", wire.extra.get(_BATCH))


def _begin(wire: IrcWire, message: Message, ref: str) -> None:
    if _current(wire) is not None:
        _fail(wire, message, "MULTILINE_INVALID", "One batch at a time, please.")
        return
    if message[1] != TYPE:
        _fail(wire, message, "UNKNOWN_TYPE", f"A batch is a {TYPE} here.", message[1] or "*")
        return
    if not message[2] or "," in message[2]:
        _fail(wire, message, "MULTILINE_INVALID_TARGET", "To whom? One room, or somebody.")
        return
    tags = client_tags(message.tags) if Cap.MESSAGE_TAGS in wire.caps else {}
    if wire.extra is None:
        wire.extra = {}
    wire.extra[_BATCH] = Batch(ref, message[2], tags, wire.answers_later())


def add(wire: IrcWire, message: Message, ref: str) -> None:
    """One more line of a text."""
    current = _current(wire)
    if current is None:
        _fail(wire, message, "MULTILINE_INVALID", "There is no such batch.")
        return
    if current.failed:
        return  # was told
    line, joined = message[1], CONCAT in message.tags and current.lines > 0
    size = current.size + len(line.encode()) + (not joined and current.lines > 0)
    if ref != current.ref:
        _fail(wire, message, "MULTILINE_INVALID", "There is no such batch.")
    elif message[0] != current.target:
        words = "All lines of a text are to the same."
        _fail(wire, message, "MULTILINE_INVALID_TARGET", words, current.target, message[0] or "*")
    elif current.lines and message.command != current.command:
        _fail(wire, message, "MULTILINE_INVALID", "A text is all PRIVMSG, or all NOTICE.")
    elif CONCAT in message.tags and not line:
        _fail(wire, message, "MULTILINE_INVALID", "A line that goes on says something.")
    elif size > MAX_BYTES:
        words = "The text is too long. It was not sent: please split it."
        _fail(wire, message, "MULTILINE_MAX_BYTES", words, str(MAX_BYTES))
    elif current.lines >= MAX_LINES:
        words = "The text has too many lines. It was not sent: please split it."
        _fail(wire, message, "MULTILINE_MAX_LINES", words, str(MAX_LINES))
    else:
        _take(current, message.command, from_irc(line), size, joined=joined)


def _take(current: Batch, command: str, line: str, size: int, *, joined: bool) -> None:
    if joined:
        current.cuts.append(len(current.text))
    elif current.lines:
        current.text += "\n"
    current.text += line
    current.command, current.size = command, size
    current.lines += 1


def _end(wire: IrcWire, message: Message, current: Batch) -> Conversation | None:
    if current.label:
        wire.answers(message, current.label)
    if not current.text.strip():
        _fail(wire, message, "MULTILINE_INVALID", "There is nothing to be sent.")
        return None
    tags = current.tags
    if current.cuts and not is_marked(current.text):
        tags[CONCAT] = ",".join(map(str, current.cuts))
    text = Text(current.text, None, current.command == "NOTICE", tags)
    return say_to(wire, Message(current.command, (current.target,)), [current.target], text)


def _fail(wire: IrcWire, message: Message, code: str, words: str, *about: str) -> None:
    """Tells why nothing comes of a batch: once, however many lines of it there are."""
    current = _current(wire)
    if current is not None:
        current.failed = True
        if current.label and not wire.label:
            wire.answers(message, current.label)
    wire.send("FAIL", "BATCH", code, *about, words)


ROWS = {"BATCH": Row(batch, 1)}
