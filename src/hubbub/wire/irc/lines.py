"""Splits bytes into lines of IRC: CRLF, LF or CR, bounded, UTF-8 only."""

from __future__ import annotations

import re

from msgspec import Struct

from hubbub.wire.irc.message import MAX_BYTES, MAX_CLIENT_TAG_BYTES

_END = re.compile(rb"[\r\n]")
MAX_LINE_BYTES = MAX_BYTES + MAX_CLIENT_TAG_BYTES + 2
MAX_SKIPPED_BYTES = 12 * 1024  # of a line that is too long: then it is no mistake


class TooLong(Exception):
    """A line, or its tags, are longer than they may be. The line is dropped."""


class Endless(Exception):
    """A line is so long that its sender means nothing good."""


class NotUtf8(Exception):
    """A line is not UTF-8 (IRCv3, utf8-only). ``args``: its tags, and its command."""


class IrcReader(Struct, eq=False, gc=False):  # in no cycle, and there is one for each connection
    """Takes bytes, returns lines without their ends."""

    _buffer: bytes = b""
    _start: int = 0
    _skipping: bool = False
    _skipped: int = 0

    def feed(self, data: bytes) -> None:
        """Adds received bytes to the input."""
        self._buffer = self._buffer[self._start :] + data
        self._start = 0

    def next(self) -> str | None:
        """The next line that is not empty, or None.

        Raises `TooLong` or `NotUtf8` once for a line that is one; the next one is read as usual.
        Raises `Endless` for a line that goes on and on.
        """
        while self._start < len(self._buffer):
            found = _END.search(self._buffer, self._start)
            if found is None:
                self._keep_unfinished()
                return None
            line, self._start = self._buffer[self._start : found.start()], found.end()
            if self._start >= len(self._buffer):
                self._buffer, self._start = b"", 0
            if self._skipping:
                self._skipping, self._skipped = False, 0
            elif line:
                return _checked(line)
        return None

    def end(self) -> None:
        """Nothing more comes: a line that is not complete is not done."""
        end = max(self._buffer.rfind(b"\n"), self._buffer.rfind(b"\r")) + 1
        self._buffer, self._start = self._buffer[self._start : end], 0

    def _keep_unfinished(self) -> None:
        """Keeps a line that is not complete, unless it is too long already."""
        if self._start:
            self._buffer, self._start = self._buffer[self._start :], 0
        if not self._skipping and len(self._buffer) <= MAX_LINE_BYTES:
            return
        self._skipped += len(self._buffer)
        self._buffer = b""
        if self._skipped > MAX_SKIPPED_BYTES:
            raise Endless
        if not self._skipping:
            self._skipping = True
            raise TooLong


def _checked(line: bytes) -> str:
    line = line.replace(b"\0", b"")  # which no message has (RFC 2812, 2.3.1)
    tags, rest = b"", line
    if line.startswith(b"@"):
        tags, _, rest = line.partition(b" ")
    if len(tags) - 1 > MAX_CLIENT_TAG_BYTES or len(rest) > MAX_BYTES - 2:
        raise TooLong
    try:
        return line.decode()
    except UnicodeDecodeError:
        words = [word for word in rest.decode(errors="replace").split() if word[0] != ":"]
        command = words[0].upper() if words else "*"
        raise NotUtf8(tags[1:].decode(errors="replace"), command) from None
