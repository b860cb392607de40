"""Splits bytes into lines: LF or CRLF, telnet commands removed, clients without line ends."""

from __future__ import annotations

import re

from msgspec import Struct
from msgspec.structs import replace

from hubbub.domain.errors import LineTooLong
from hubbub.wire.line.editing import edited
from hubbub.wire.line.telnet import IAC, TelnetFilter

MIN_SEGMENT_CHARS = 2  # a lone character is somebody typing, not a script that ends no line

_BLANK_LINES = re.compile(rb"[\s\x1c-\x1f]*\n")
_TELNET_ENTER = b"\r\0"  # RFC 854: CR is followed by LF or NUL
_BOM = "\ufeff"  # byte order mark: some programs send it first


class Manner(Struct, frozen=True):
    """How a client writes lines, as far as it has shown that. All who do alike share one.

    ``segments``: it sends no line ends. ``begun``: a line of it was returned. ``ends``: it has
    ended a line, with ``crlf`` or not. ``together``: characters came together before that.
    """

    segments: bool = False
    begun: bool = False
    ends: bool = False
    crlf: bool = False
    together: bool = False


_UNKNOWN = Manner()
_MANNERS = {_UNKNOWN: _UNKNOWN}


class LineReader(Struct, eq=False, gc=False):  # in no cycle, and there is one for each connection
    """Takes bytes, returns lines of at most ``max_bytes``."""

    max_bytes: int
    _buffer: bytes = b""
    _start: int = 0
    _telnet: TelnetFilter | None = None
    _skipping: bool = False
    _manner: Manner = _UNKNOWN

    def feed(self, data: bytes) -> None:
        """Adds received bytes to the input."""
        if self._telnet is None and IAC in data:
            self._telnet = TelnetFilter()
        if self._telnet is not None:
            data = self._telnet.strip(data)
        if not (self._manner.ends or self._manner.together):
            together = len(data.decode(errors="replace").strip()) >= MIN_SEGMENT_CHARS
            self._note(together=together)
        self._buffer = self._buffer[self._start :] + data
        self._start = 0
        if 0 in data:
            self._buffer = self._buffer.replace(_TELNET_ENTER, b"\r\n")

    @property
    def segments(self) -> bool:
        """Whether the client sends no line ends."""
        return self._manner.segments

    @property
    def crlf(self) -> bool:
        """Whether the first line ended with CRLF. False before the first line was returned."""
        return self._manner.begun and self._manner.crlf

    @property
    def partial(self) -> bool:
        """Whether the input ends within a line, which `pause` may have to end."""
        if self._start < len(self._buffer):
            return not self._buffer.endswith(b"\n")
        return self._skipping

    @property
    def telnet(self) -> bool:
        """Whether the client has shown that it is telnet."""
        return self._telnet is not None and self._telnet.negotiates

    def next(self, *, blank: bool = False) -> str | None:
        """The next line that is not blank, without its end, or None. ``blank``: or a blank one.

        Broken UTF-8 becomes U+FFFD. Raises `LineTooLong` once for a line over the limit; the
        rest of that line is dropped and the next one is read as usual.
        """
        while self._buffer:
            buffer, start = self._buffer, self._start
            end = buffer.find(b"\n", start)
            # All blank lines in one step: a flood of them must cost less to read than to send. Only
            # when there is a line end: else spaces that arrive one by one would cost O(n²).
            if end >= 0 and buffer[start] <= 32 and not (self._skipping or blank):
                blanks = _BLANK_LINES.match(buffer, start)
                if blanks:
                    self._note_line_end()
                    start = self._start = blanks.end()
                    end = buffer.find(b"\n", start)
            if end < 0:
                self._check_unfinished()
                self._compact()
                break
            if not self._manner.ends:
                self._note_line_end()
            line = buffer[start:end]
            if end + 1 < len(buffer):
                self._start = end + 1
            else:
                self._buffer, self._start = b"", 0
            if self._skipping:
                self._skipping = False
                continue
            if len(line) > self.max_bytes and len(line.removesuffix(b"\r")) > self.max_bytes:
                raise self._too_long()
            text = edited(line.rstrip(b"\r").decode(errors="replace"))
            if self._manner.begun:
                return text
            self._note(begun=True)
            return text.removeprefix(_BOM)
        return None

    def _compact(self) -> None:
        """Frees the memory of returned lines: most connections are idle most of the time."""
        if self._start:
            self._buffer, self._start = self._buffer[self._start :], 0

    def pause(self) -> None:
        """The client has paused: if it is one that sends no line ends, its input so far is a line.

        Such a client is recognised by a first segment of two or more characters. A person who types
        character by character is not one, nor is a client that has ended a line before.
        """
        if not self.segments:
            ended = self._manner.ends or self._buffer.find(b"\n", self._start) >= 0
            if ended or not self._manner.together:
                return
            self._note(segments=True)
        self.finish()

    def finish(self) -> None:
        """Ends the unfinished line, if there is one."""
        if self.partial:
            self._buffer += b"\n"

    def drop(self) -> None:
        """Discards the unread input."""
        self._buffer, self._start, self._skipping = b"", 0, False

    def _note_line_end(self) -> None:
        if not self._manner.ends:
            end = self._buffer.find(b"\n", self._start)
            self._note(ends=True, crlf=self._buffer.endswith(b"\r", self._start, end))

    def _note(self, **shown: bool) -> None:
        manner = replace(self._manner, **shown)
        self._manner = _MANNERS.setdefault(manner, manner)

    def _check_unfinished(self) -> None:
        begun_end = b"\r" if self._buffer.endswith(b"\r") else b""
        if self._skipping:
            self._buffer, self._start = begun_end, 0
        elif len(self._buffer) - len(begun_end) - self._start > self.max_bytes:
            self._buffer, self._start = begun_end, 0
            self._skipping = True
            raise self._too_long()

    def _too_long(self) -> LineTooLong:
        return LineTooLong(
            f"This line is longer than {self.max_bytes:,} bytes. It was not sent: please split it."
        )
