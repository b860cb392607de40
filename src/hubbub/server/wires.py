"""The table of protocols: how a connection that speaks one is served or refused."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hubbub.domain.filenames import file_path
from hubbub.domain.files import File
from hubbub.server import refusals
from hubbub.server.context import Context
from hubbub.server.line import LineConnection
from hubbub.server.localtime import LocalTime
from hubbub.server.portions import Portions
from hubbub.server.proxylayer import ProxyLayer
from hubbub.server.refusals import Refusal
from hubbub.server.tls.layer import TlsLayer
from hubbub.server.websocket import FrameFormat, JsonConnection
from hubbub.wire.detect import Protocol
from hubbub.wire.line import LineFormat
from hubbub.wire.line.format import People, Picture

_NO_PROXY = Refusal(
    code="wrong-protocol",
    message="This server does not read the PROXY protocol from this address: please switch it off "
    "in the proxy, or name that in the server's setting trusted-proxies.",
)

Connect = Callable[[Context, asyncio.Transport], Portions | asyncio.Protocol]
"""Creates the protocol object of a connection."""


Layer = Callable[[Context, asyncio.Transport, Portions], Portions]
"""Creates the protocol object that takes a layer off; see `hubbub.server.first.FirstBytes`, which
is the third argument."""

Check = Callable[[Context, asyncio.Transport], Refusal | None]
"""Why a connection is refused, or None."""


@dataclass(frozen=True, slots=True)
class Wire:
    """One protocol, or a layer around one. ``say`` encodes a refusal.

    ``reads_on``: it finds out for itself whether who asks has to encrypt, by more than first bytes.
    """

    check: Check
    connect: Connect | None = None
    say: Callable[[Refusal], bytes] = refusals.as_line
    layer: Layer | None = None
    reads_on: bool = False


def make_wires(
    frames: FrameFormat, people: People, picture: Picture, site: Callable[[], str]
) -> Mapping[Protocol, Wire]:
    """All protocols that `hubbub.wire.detect` tells apart. ``people``, ``picture``: see
    `LineFormat`. ``site``: at what address browsers open this server; "" until that is known.
    """
    local_time = LocalTime()

    def link(file: File) -> str:
        return site() + file_path(file)

    lines = (
        LineFormat(local_time, "\n", people, picture, link),
        LineFormat(local_time, "\r\n", people, picture, link),
    )
    return {
        Protocol.LINE: Wire(_settles, lambda context, _: LineConnection(context, lines)),
        Protocol.WEBSOCKET: Wire(
            _may_open,
            # Which paths are below a prefix HTTP knows.
            lambda context, transport: (
                _http(context, transport)
                if context.options.path_prefix
                else JsonConnection(context, frames)
            ),
            refusals.as_http,
            reads_on=True,
        ),
        Protocol.HTTP: Wire(_may_ask, _http, refusals.as_http, reads_on=True),
        Protocol.IRC: Wire(_settles, _irc, refusals.as_irc),
        Protocol.TLS: Wire(_speaks_tls, say=refusals.as_tls, layer=TlsLayer()),
        # RFC 4253, 4.2: lines may come before the server's version.
        Protocol.SSH: _unspoken("This server does not speak SSH.", refusals.as_crlf_line),
        Protocol.PROXY: Wire(_is_told, say=refusals.as_crlf_line, layer=ProxyLayer()),
        Protocol.BINARY: _unspoken("That is no text."),
        Protocol.ENDLESS: Wire(lambda *_: refusals.ENDLESS),
    }


def _irc(context: Context, transport: asyncio.Transport) -> Portions:
    """IRC is a third of all that a server imports, which listens before it has done that."""
    from hubbub.server.irc import IrcConnection, host_of

    return IrcConnection(context, host_of(context))


def _settles(context: Context, transport: asyncio.Transport) -> Refusal | None:
    """A proxy that has not said for whom it connects does so for itself."""
    return context.admission.settles(transport)


def _unspoken(message: str, say: Callable[[Refusal], bytes] = refusals.as_line) -> Wire:
    refusal = Refusal(code="wrong-protocol", message=message)
    return Wire(lambda *_: refusal, say=say)


def _speaks_tls(context: Context, transport: asyncio.Transport) -> Refusal | None:
    return None if context.certificates is not None else refusals.NO_ENCRYPTION


def _is_told(context: Context, transport: asyncio.Transport) -> Refusal | None:
    """Whoever could tell where they come from could come from anywhere."""
    return None if context.askers.proxied(transport) else _NO_PROXY


def _may_ask(context: Context, transport: asyncio.Transport) -> Refusal | None:
    return refusals.NO_HTTP if context.http is None else context.admission.may_ask(transport)


def _may_open(context: Context, transport: asyncio.Transport) -> Refusal | None:
    return _may_ask(context, transport) if context.options.path_prefix else None


def _http(context: Context, transport: asyncio.Transport) -> asyncio.Protocol:
    assert context.http is not None, "it was checked"
    context.admission.begins_http(transport)
    return context.http()
