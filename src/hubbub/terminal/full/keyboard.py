"""What the terminal sends: bytes in, events out. No byte is an error, whatever its source.

A terminal may send what is no UTF-8: text of another encoding, mouse reports of the oldest kind, a
paste of something binary. It may also send numbers that no screen or alphabet has, and keys that
nobody has heard of. A key that means nothing does nothing.
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

MOST_CELLS = 1_000_000  # of a screen: ten times the largest one; more would be a mistake or a trick

_OLD_MOUSE = re.compile(rb"\x1b\[M(.)(.)(.)", re.DOTALL)
_OLD_MOUSE_BEGUN = re.compile(rb"\x1b\[M.{0,2}\Z", re.DOTALL)
_OFFSET = 32  # X10 and VT200 mouse reports: each number is sent as a byte, with 32 added
_RELEASED = 3  # the "button" of a release there; which button it was is not said
_MOVED = 32
_WRITES = re.compile(r"\x1b(?:O|\[27;|\[.*u)", re.DOTALL)
"""Keys that send a sequence for text: of a number pad, in xterm's way, in kitty's way."""

_LONGEST = 32  # characters of a sequence that Textual reads as one
_HELD = {"alt", "ctrl", "super", "hyper", "meta"}  # with these, a key writes nothing


class Keyboard:
    """Keys, pastes, the mouse and the terminal's answers, for one terminal."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._sequences = Sequences(clock)
        self._parser = SequenceParser()
        self._held = b""

    def feed(self, data: bytes) -> Iterator[Message]:
        """The events that ``data``, which comes next, means."""
        data = self._held + data
        begun = _OLD_MOUSE_BEGUN.search(data)
        self._held = data[begun.start() :] if begun else b""
        data = data[: begun.start()] if begun else data
        text = self._decoder.decode(_OLD_MOUSE.sub(_as_new_mouse, data))
        for unit in self._sequences.feed(text):
            yield from self._mean(unit)

    def tick(self) -> Iterator[Message]:
        """To be called at regular intervals: Esc is a key of its own when nothing follows it."""
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
        """What Textual makes of a character, or of a sequence that it knows."""
        if len(text) > _LONGEST:
            return
        try:
            found = self._parser.feed(text)
        except Exception:  # noqa: BLE001  # Textual's parser cannot read it: it is left out
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
    """The same report as SGR, with which the mouse works on the oldest terminals, too."""
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
    """What a keyboard protocol that sends numbers can name, and no encoding can write."""
    char = event.character if isinstance(event, events.Key) else None
    return char is not None and any("\ud800" <= one <= "\udfff" for one in char)


def _is_screen(event: events.Resize) -> bool:
    if not 0 < event.size.width * event.size.height <= MOST_CELLS:
        return False
    size = event.pixel_size
    return size is None or (size.width >= event.size.width and size.height >= event.size.height)
