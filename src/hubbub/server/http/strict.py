"""A strict subclass of h11: refuses every request that another program could parse differently.

If a proxy and this server disagree on where a request ends, a client can smuggle one request inside
another. h11 by itself tolerates some deviations of old clients.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import h11

_BARE = re.compile(rb"(?<!\r)\n|\r(?![\n]|\Z)")  # a line end that is not CR LF
_FOLDED = re.compile(rb"\r\n[ \t]")
_HEAD_END = b"\r\n\r\n"

MAX_FIELDS = 100
"""Headers of a request: browsers send 20, and proxies add 10. Each costs much more than its bytes,
so that 16 KiB of the shortest ones took 18 ms."""


class StrictConnection(h11.Connection):
    """The server's side of a connection; ``refusal`` is the error that ended it."""

    def __init__(
        self,
        *,
        head_bytes: int,
        body_bytes: int,
        takes_more: Callable[[h11.Request], bool] = lambda request: False,
    ) -> None:
        """``takes_more``: whether a request may have a longer body: its limit is elsewhere."""
        super().__init__(h11.SERVER, max_incomplete_event_size=head_bytes)
        self._takes_more = takes_more
        self.large = False
        """Whether the request that is read is one that may have a longer body."""
        self.received = 0
        """Bytes of bodies that have come."""
        self._head_bytes = head_bytes
        self._body_bytes = body_bytes
        self._body = 0
        self._looked_at = 0
        self.refusal: h11.RemoteProtocolError | None = None

    def next_event(self) -> Any:
        """The next event. Raises `h11.RemoteProtocolError`."""
        try:
            if self.their_state is h11.IDLE:
                data = self.trailing_data[0]
                _check_head(data, self._head_bytes, self._looked_at)
                self._looked_at = len(data)
            event = super().next_event()
            if isinstance(event, h11.Request):
                self._looked_at = 0
                self._body = _check_request(event)
                self.large = self._takes_more(event)
            elif isinstance(event, h11.Data):
                self._body += len(event.data)
                self.received += len(event.data)
            if self._body > self._body_bytes and not self.large:
                raise h11.RemoteProtocolError(
                    "There is nothing here that takes so much",
                    error_status_hint=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                )
        except h11.RemoteProtocolError as error:
            self.refusal = error
            raise
        return event


def _check_head(data: bytes, limit: int, known: int) -> None:
    """Checks the head of a request as far as it has arrived; ``known`` bytes were checked before.

    A head that arrives byte by byte must not take quadratic time.
    """
    # A line end may have come in two pieces, and the head's end in four.
    end = data.find(_HEAD_END, max(0, known - len(_HEAD_END)))
    complete = end >= 0
    head = data[: end + len(_HEAD_END)] if complete else data
    if len(head) > limit:
        if data.find(b"\n", 0, limit) < 0:
            raise h11.RemoteProtocolError(
                f"The line of a request may have {limit} bytes",
                error_status_hint=HTTPStatus.REQUEST_URI_TOO_LONG,
            )
        raise h11.RemoteProtocolError(
            f"The head of a request may have {limit} bytes",
            error_status_hint=HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        )
    # RFC 9112, 2.2: a recipient MAY recognize a single LF as a line terminator. This one does not.
    if _BARE.search(head, max(0, known - 1)):
        raise h11.RemoteProtocolError("Lines end with CR LF")
    if not complete:
        return
    # RFC 9112, 5.2: a server MUST either reject obs-fold or replace it.
    if _FOLDED.search(head):
        raise h11.RemoteProtocolError("A header is on one line")
    lines = head[:end].split(b"\r\n")[1:]
    if len(lines) > MAX_FIELDS:
        raise h11.RemoteProtocolError(
            f"A request may have {MAX_FIELDS} headers",
            error_status_hint=HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        )
    # h11 takes equal lengths for one, and a Transfer-Encoding as more than a length.
    fields = [line.partition(b":") for line in lines]
    names = [name.lower() for name, _, _ in fields]
    lengths = [
        value.strip()
        for (_, _, value), name in zip(fields, names, strict=True)
        if name == b"content-length"
    ]
    if len(lengths) > 1 or any(not length.isdigit() for length in lengths):
        raise h11.RemoteProtocolError("A request has one Content-Length, a number")
    if lengths and b"transfer-encoding" in names:
        raise h11.RemoteProtocolError("A request has a Content-Length or a Transfer-Encoding")


def _check_request(request: h11.Request) -> int:
    """Checks a well-formed request; returns the length of the body, if it is given, else 0."""
    headers = dict(request.headers)
    if request.http_version not in (b"1.0", b"1.1"):
        raise h11.RemoteProtocolError(
            "This server speaks HTTP/1.1",
            error_status_hint=HTTPStatus.HTTP_VERSION_NOT_SUPPORTED,
        )
    # RFC 9112, 6.1: with an HTTP version before 1.1 the framing is faulty.
    if request.http_version == b"1.0" and b"transfer-encoding" in headers:
        raise h11.RemoteProtocolError("HTTP/1.0 has no Transfer-Encoding")
    if not request.target.startswith(b"/"):
        raise h11.RemoteProtocolError("The target of a request begins with a slash")
    return int(headers.get(b"content-length", b"0"))
