"""What the terminal sends: bytes in, events out. No byte is an error, whatever its source.

A terminal may send what is no UTF-8: text of another encoding, mouse reports of the oldest kind, a
paste of something binary. It may also send numbers that no screen or alphabet has.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from textual import events
from textual._xterm_parser import XTermParser
from textual.message import Message

MOST_CELLS = 1_000_000  # of a screen: ten times the largest one; more would be a mistake or a trick

_OLD_MOUSE = re.compile(rb"\x1b\[M(.)(.)(.)", re.DOTALL)
_OLD_MOUSE_BEGUN = re.compile(rb"\x1b\[M.{0,2}\Z", re.DOTALL)
_OFFSET = 32  # X10 and VT200 mouse reports: each number is sent as a byte, with 32 added
_RELEASED = 3  # the "button" of a release there; which button it was is not said
_MOVED = 32


class Keyboard:
    """Keys, pastes, the mouse and the terminal's answers, for one terminal."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._parser = XTermParser()
        self._held = b""

    def feed(self, data: bytes) -> Iterator[Message]:
        """The events that ``data``, which comes next, means."""
        data = self._held + data
        begun = _OLD_MOUSE_BEGUN.search(data)
        self._held = data[begun.start() :] if begun else b""
        data = data[: begun.start()] if begun else data
        # One by one, so that a sequence that the parser fails on takes no other along.
        for char in self._decoder.decode(_OLD_MOUSE.sub(_as_new_mouse, data)):
            yield from self._sane(partial(XTermParser.feed, data=char))

    def tick(self) -> Iterator[Message]:
        """To be called at regular intervals: Esc is a key of its own when nothing follows it."""
        yield from self._sane(XTermParser.tick)

    def _sane(self, parse: Callable[[XTermParser], Iterable[Message]]) -> Iterator[Message]:
        try:
            found = list(parse(self._parser))
        except Exception:  # noqa: BLE001  # Textual's parser cannot read it: it is left out
            self._begin_anew()
            return
        for event in found:
            if not isinstance(event, events.Resize):
                if not _is_half_character(event):
                    yield event
            elif 0 < event.size.width * event.size.height <= MOST_CELLS and _has_pixels(event):
                yield event
            else:
                self._begin_anew()

    def _begin_anew(self) -> None:
        last, self._parser = self._parser, XTermParser()
        self._parser.mouse_pixels = last.mouse_pixels and last.terminal_pixel_size is not None


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


def _has_pixels(event: events.Resize) -> bool:
    size = event.pixel_size
    return size is None or (size.width >= event.size.width and size.height >= event.size.height)
