"""The table of protocols: how a connection that speaks one is served or refused."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hubbub.server import refusals
from hubbub.server.context import Context
from hubbub.server.line import LineConnection
from hubbub.server.localtime import LocalTime
from hubbub.server.portions import Portions
from hubbub.server.refusals import Refusal
from hubbub.server.websocket import FrameFormat, JsonConnection
from hubbub.wire.detect import Protocol
from hubbub.wire.line import LineFormat
from hubbub.wire.line.format import People, Picture

Connect = Callable[[Context, asyncio.Transport], Portions | asyncio.Protocol]
"""Creates the protocol object of a connection."""


Check = Callable[[Context, asyncio.Transport], Refusal | None]
"""Why a connection is refused, or None."""


@dataclass(frozen=True, slots=True)
class Wire:
    """One protocol. ``say`` encodes a refusal."""

    check: Check
    connect: Connect | None = None
    say: Callable[[Refusal], bytes] = refusals.as_line


def make_wires(frames: FrameFormat, people: People, picture: Picture) -> Mapping[Protocol, Wire]:
    """All protocols that `hubbub.wire.detect` tells apart. ``people``, ``picture``: see
    `LineFormat`.
    """
    local_time = LocalTime()
    lines = (
        LineFormat(local_time, "\n", people, picture),
        LineFormat(local_time, "\r\n", people, picture),
    )
    return {
        Protocol.LINE: Wire(_always, lambda context, _: LineConnection(context, lines)),
        Protocol.WEBSOCKET: Wire(
            _always, lambda context, _: JsonConnection(context, frames), refusals.as_http
        ),
        Protocol.HTTP: Wire(_may_ask, _http, refusals.as_http),
        Protocol.IRC: _unspoken(
            "This server does not speak IRC yet. Connect with netcat, telnet, a browser, or: "
            "python client.py",
            refusals.as_irc,
        ),
        Protocol.TLS: _unspoken("This server does not speak TLS.", refusals.as_tls),
        # RFC 4253, 4.2: lines may come before the server's version.
        Protocol.SSH: _unspoken("This server does not speak SSH.", refusals.as_crlf_line),
        Protocol.PROXY: _unspoken(
            "This server does not read the PROXY protocol: please switch it off in the proxy.",
            refusals.as_crlf_line,
        ),
        Protocol.BINARY: _unspoken("That is no text."),
        Protocol.ENDLESS: Wire(lambda *_: refusals.ENDLESS),
    }


def _always(context: Context, transport: asyncio.Transport) -> Refusal | None:
    return None


def _unspoken(message: str, say: Callable[[Refusal], bytes] = refusals.as_line) -> Wire:
    refusal = Refusal(code="wrong-protocol", message=message)
    return Wire(lambda *_: refusal, say=say)


def _may_ask(context: Context, transport: asyncio.Transport) -> Refusal | None:
    return refusals.NO_HTTP if context.http is None else context.admission.may_ask(transport)


def _http(context: Context, transport: asyncio.Transport) -> asyncio.Protocol:
    assert context.http is not None, "it was checked"
    context.admission.begins_http(transport)
    return context.http()
