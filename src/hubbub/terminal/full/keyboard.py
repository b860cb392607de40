"""Decodes what the terminal sends: bytes in, events out. No input is an error.

A terminal may send bytes that are not UTF-8 (another encoding, mouse reports of the oldest kind, a
binary paste), impossible sizes and code points, and unknown keys. An unknown key does nothing.
"""

from __future__ import annotations

import codecs
import re
import time
from collections.abc import Callable, Iterable, Iterator

from textual import events
from textual.message import Message

from hubbub.terminal.full.textual_internals import SequenceParser
from hubbub.terminal.sequences import ESC, Kind, Sequences, Unit

MOST_CELLS = 1_000_000  # of a screen: ten times the largest one; more is an error or an attack

_OLD_MOUSE = re.compile(rb"\x1b\[M(.)(.)(.)", re.DOTALL)
_OLD_MOUSE_BEGUN = re.compile(rb"\x1b\[M.{0,2}\Z", re.DOTALL)
_OFFSET = 32  # X10 and VT200 mouse reports: each number is sent as a byte, with 32 added
_RELEASED = 3  # the "button" of a release there; which button it was is not said
_MOVED = 32
_WRITES = re.compile(r"\x1b(?:O|\[27;|\[.*u)", re.DOTALL)
"""Sequences for keys that write text: the number pad, xterm's and kitty's protocols."""

_LONGEST = 32  # characters of a sequence that Textual recognises
_HELD = {"alt", "ctrl", "super", "hyper", "meta"}  # with one of these, a key writes nothing


class Keyboard:
    """Decodes keys, pastes, mouse reports and answers of one terminal."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._sequences = Sequences(clock)
        self._parser = SequenceParser()
        self._held = b""

    def feed(self, data: bytes) -> Iterator[Message]:
        """The events in ``data``, which continues the data before."""
        data = self._held + data
        begun = _OLD_MOUSE_BEGUN.search(data)
        self._held = data[begun.start() :] if begun else b""
        data = data[: begun.start()] if begun else data
        text = self._decoder.decode(_OLD_MOUSE.sub(_as_new_mouse, data))
        for unit in self._sequences.feed(text):
            yield from self._mean(unit)

    def tick(self) -> Iterator[Message]:
        """To be called regularly: Esc is a key of its own if nothing follows it in time."""
        for unit in self._sequences.tick():
            yield from self._mean(unit)

    def _mean(self, unit: Unit) -> Iterator[Message]:
        match unit:
            case Unit(Kind.PASTE, text):
                yield events.Paste(text.replace("\0", ""))
            case Unit(Kind.ALT, char):
                yield from self._with_alt(self._read(char))
            case Unit(Kind.SEQUENCE, text) if text.startswith(ESC * 2):  # rxvt: Alt and an arrow
                yield from self._with_alt(self._read(text[1:]))
            case Unit(Kind.SEQUENCE, text):
                writes = _WRITES.match(text) is not None
                for event in self._read(text):
                    is_text = isinstance(event, events.Key) and event.is_printable
                    if writes or not is_text:
                        yield event
            case Unit(_, text) if text == ESC:
                yield events.Key("escape", ESC)
            case Unit(_, text):
                yield from self._read(text)

    def _read(self, text: str) -> Iterator[Message]:
        """The events that Textual reads from a character or a sequence."""
        if len(text) > _LONGEST:
            return
        try:
            found = self._parser.feed(text)
        except Exception:  # noqa: BLE001  # the parser fails on unknown sequences: skipped
            found = []
        if not found and text.startswith(ESC):
            # The parser does not know where the sequence ends.
            self._parser.restart(keep_size=True)
        for event in found:
            if isinstance(event, events.Key):
                if not _is_half_character(event):
                    yield _without_text(event) if _is_held(event) else event
            elif isinstance(event, events.Resize) and not _is_screen(event):
                self._parser.restart(keep_size=False)
            else:
                yield event

    def _with_alt(self, found: Iterable[Message]) -> Iterator[Message]:
        for event in found:
            if isinstance(event, events.Key):
                yield events.Key(f"alt+{event.key}", None)


def _is_held(key: events.Key) -> bool:
    return key.is_printable and not _HELD.isdisjoint(key.key.split("+")[:-1])


def _without_text(key: events.Key) -> events.Key:
    return events.Key(key.key, None)


def _as_new_mouse(found: re.Match[bytes]) -> bytes:
    """An old mouse report in SGR form, which Textual reads: for the oldest terminals."""
    button, x, y = (group[0] - _OFFSET for group in found.groups())
    released = button & _RELEASED == _RELEASED and not button & _MOVED
    if min(button, x, y) < 0:
        return b""
    return b"\x1b[<%d;%d;%d%c" % (
        button & ~_RELEASED if released else button,
        x,
        y,
        b"Mm"[released],
    )


def _is_half_character(event: Message) -> bool:
    """Whether a key is a lone surrogate, as keyboard protocols that send code points allow."""
    char = event.character if isinstance(event, events.Key) else None
    return char is not None and any("\ud800" <= one <= "\udfff" for one in char)


def _is_screen(event: events.Resize) -> bool:
    if not 0 < event.size.width * event.size.height <= MOST_CELLS:
        return False
    size = event.pixel_size
    return size is None or (size.width >= event.size.width and size.height >= event.size.height)
