"""Bytes to lines of text: LF and CRLF, telnet's bytes taken out, and clients that end no line."""

from __future__ import annotations

import re

from msgspec import Struct

from hubbub.domain.errors import LineTooLong
from hubbub.wire.line.editing import edited
from hubbub.wire.line.telnet import IAC, TelnetFilter

MIN_SEGMENT_CHARS = 2  # a lone character is somebody typing, not a script that ends no line

_BLANK_LINES = re.compile(rb"[\s\x1c-\x1f]*\n")
_TELNET_ENTER = b"\r\0"  # RFC 854: CR is followed by LF or NUL
_BOM = "\ufeff"  # some programs write it at the start of a text; it is no part of it


class LineReader(Struct, eq=False, gc=False):  # in no cycle, and there is one for each connection
    """Takes bytes, gives lines of at most ``max_bytes``.

    ``segments`` becomes true for a client that ends no line.
    """

    max_bytes: int
    segments: bool = False
    _buffer: bytes = b""
    _start: int = 0
    _begun: bool = False
    _telnet: TelnetFilter | None = None
    _seen_line: bool = False
    _skipping: bool = False
    _together: bool = False
    _crlf: bool = False

    def feed(self, data: bytes) -> None:
        """Takes what came in."""
        if self._telnet is None and IAC in data:
            self._telnet = TelnetFilter()
        if self._telnet is not None:
            data = self._telnet.strip(data)
        if not (self._seen_line or self._together):
            self._together = len(data.decode(errors="replace").strip()) >= MIN_SEGMENT_CHARS
        self._buffer = self._buffer[self._start :] + data
        self._start = 0
        if 0 in data:
            self._buffer = self._buffer.replace(_TELNET_ENTER, b"\r\n")

    @property
    def crlf(self) -> bool:
        """Whether lines end with CRLF, as the first one did; told from the first good line on."""
        return self._begun and self._crlf

    @property
    def partial(self) -> bool:
        """Whether the last line that came in has no end yet, which a pause may have to give it."""
        if self._start < len(self._buffer):
            return not self._buffer.endswith(b"\n")
        return self._skipping

    def next(self) -> str | None:
        """The next line that is not blank, without its end, or None.

        Broken UTF-8 becomes U+FFFD. Raises `LineTooLong` once for a line over the limit; the
        rest of that line is dropped and the next one is read as usual.
        """
        while self._buffer:
            buffer, start = self._buffer, self._start
            end = buffer.find(b"\n", start)
            # In one step: a flood of empty lines must cost less to read than to send. And only
            # where a line ends: spaces that come one by one must not all be looked at with each.
            if end >= 0 and buffer[start] <= 32 and not self._skipping:
                blank = _BLANK_LINES.match(buffer, start)
                if blank:
                    self._note_line_end()
                    start = self._start = blank.end()
                    end = buffer.find(b"\n", start)
            if end < 0:
                self._check_unfinished()
                self._compact()
                break
            if not self._seen_line:
                self._note_line_end()
            line = buffer[start:end]
            if end + 1 < len(buffer):
                self._start = end + 1
            else:
                self._buffer, self._start = b"", 0
            if self._skipping:
                self._skipping = False
                continue
            if len(line.removesuffix(b"\r")) > self.max_bytes:
                raise self._too_long()
            text = edited(line.rstrip(b"\r").decode(errors="replace"))
            if self._begun:
                return text
            self._begun = True
            return text.removeprefix(_BOM)
        return None

    def _compact(self) -> None:
        """Keeps nothing of lines that are done with: most connections are idle most of the time."""
        if self._start:
            self._buffer, self._start = self._buffer[self._start :], 0

    def pause(self) -> None:
        """The client has paused: if it is one that ends no line, what it sent is a line.

        A first segment of two or more characters shows such a client; characters that come one
        by one do not, nor does a part of a line from a client that has ended one before.
        """
        if not self.segments:
            ended = self._seen_line or self._buffer.find(b"\n", self._start) >= 0
            if ended or not self._together:
                return
            self.segments = True
        self.finish()

    def finish(self) -> None:
        """Ends the last line: the client will not."""
        if self.partial:
            self._buffer += b"\n"

    def drop(self) -> None:
        """Forgets what has come in and was not taken."""
        self._buffer, self._start, self._skipping = b"", 0, False

    def _note_line_end(self) -> None:
        if not self._seen_line:
            self._seen_line = True
            end = self._buffer.find(b"\n", self._start)
            self._crlf = self._buffer.endswith(b"\r", self._start, end)

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
