"""A connection whose protocol is not known yet: reads the first bytes and hands it over."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import cast

from hubbub.server.clear import came_encrypted, in_the_clear
from hubbub.server.context import Context
from hubbub.server.doors import TLS_ONLY, Door
from hubbub.server.line import LineConnection
from hubbub.server.portions import Portions, hand_over
from hubbub.server.proxies import Origin
from hubbub.server.refusals import LINGER_SECONDS, NESTED, TOO_SLOW, Refusal
from hubbub.server.wires import Layer, Wire
from hubbub.wire.detect import Protocol, could_be_other, detect, hidden
from hubbub.wire.line.codec import GREETING
from hubbub.wire.line.lines import MIN_SEGMENT_CHARS

GREET_SECONDS = 1.0  # silence after which a client is asked for a name
UNREAD_SECONDS = 0.01  # until the loop has read what came before a silence was over
PAUSE_SECONDS = 0.25  # silence after which an unfinished first line counts as complete
LONG_PAUSE_SECONDS = 2.0  # the same, when it looks like the beginning of another protocol
REFUSED_SECONDS = 3.0  # for a refused client to show which protocol to answer in


LAYERS = (Protocol.PROXY, Protocol.TLS)
"""What may be around a protocol, from the outside to the inside: each once, and in this order."""


class FirstBytes(Portions):
    """Reads until `hubbub.wire.detect` knows the protocol, or a limit of time or bytes is hit.

    A layer is taken off: a protocol object of its own, which has the connection until it knows what
    is inside. Then it calls ``connection_made`` here anew, with a transport for what is inside; or
    ``connection_lost``, if the connection ends before. Meanwhile the time is kept here.
    """

    __slots__ = (
        "_context",
        "_data",
        "_deadline",
        "_door",
        "_layers",
        "_refusal",
        "_segment",
        "_taking_off",
        "_timer",
        "_transport",
        "_wires",
    )

    def __init__(
        self, context: Context, wires: Mapping[Protocol, Wire], door: Door = Door.ANY
    ) -> None:
        self._context = context
        self._wires = wires
        self._door = door
        self._data = b""
        self._layers = 0  # of `LAYERS`, those that are taken off, or cannot be there any more
        self._segment = False  # whether it may be a client that ends no line
        self._taking_off = False  # whether a layer has the connection
        self._refusal: Refusal | None = None  # why it is not let in, whatever it speaks
        self._timer: asyncio.TimerHandle | None = None
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self._layers:
            self._taken_off(cast(asyncio.Transport, transport))
            return
        self._transport = cast(asyncio.Transport, transport)
        context = self._context
        if transport.get_extra_info("peername") is None:
            # It was reset before it came to its turn, and nobody knows any more whose it was. So it
            # counts for no client: not for this computer, whose sockets may have no name, either.
            self._transport.abort()
            return
        self._refusal = context.admission.admit(self._transport, self._go_on)
        if self._refusal is not None and not context.refusals.listen(self._transport):
            self._refuse(self._refusal, self._door.otherwise)
            return
        self._begin()

    def _begin(self) -> None:
        """Waits for the first bytes, of the connection or of what is inside of a layer."""
        context = self._context
        seconds = context.options.name_seconds
        if self._refusal is not None:
            seconds = min(seconds, REFUSED_SECONDS)
        if not context.admission.waits(self._transport):
            self._wait_for_words()
        self._deadline = context.loop.call_later(seconds, self._too_slow)

    def arrives(self, origin: Origin) -> None:
        """A layer tells where the connection comes from, and it is admitted for that."""
        context = self._context
        if self._refusal is not None:
            return
        self._refusal = context.admission.arrives(self._transport, origin, self._go_on)
        if self._refusal is not None and not context.refusals.listen(self._transport):
            self._refuse(self._refusal, self._door.otherwise)

    def received(self, data: bytes) -> None:
        if self._transport.is_closing() or self._deadline is None:
            return
        if self._context.admission.waits(self._transport):
            self._data += data
            self._transport.pause_reading()
            return
        if not self._data and self._refusal is None:
            self._deadline.cancel()
            options = self._context.options
            seconds = min(options.first_bytes_seconds, options.name_seconds)
            self._deadline = self._context.loop.call_later(seconds, self._too_slow)
        self._data += data
        if len(data.decode(errors="replace").strip()) >= MIN_SEGMENT_CHARS:
            self._segment = True  # characters that come one by one are typed
        protocol = detect(self._data)
        if protocol is not None:
            self._hand_over(protocol)
            return
        self._cancel(self._timer)
        other = could_be_other(self._data)
        pause = LONG_PAUSE_SECONDS if other else PAUSE_SECONDS
        self._timer = self._context.loop.call_later(pause, self._paused)

    def eof_received(self) -> bool:
        if self._data and not self._transport.is_closing() and self._deadline is not None:
            return bool(self._hand_over(hidden(self._data) or self._door.otherwise).eof_received())
        if self._refusal is not None and self._deadline is not None:
            self._refuse(self._refusal, self._door.otherwise)
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel(self._timer)
        self._cancel(self._deadline)
        self._context.admission.gone(self._transport)
        self._context.refusals.gone(self._transport)

    def _go_on(self) -> None:
        """The delay by admission control is over."""
        data, self._data = self._data, b""
        self._wait_for_words()
        if data:
            self._transport.resume_reading()
            self.received(data)

    def _wait_for_words(self) -> None:
        """Programs send at once. A silent client is a person, who is asked for a name soon."""
        silence = GREET_SECONDS if self._refusal is None else PAUSE_SECONDS
        if in_the_clear(self._context, self._transport) is not None:
            silence = LONG_PAUSE_SECONDS  # a client may be slow to begin with TLS
        self._timer = self._context.loop.call_later(silence, self._look_once_more)

    def _look_once_more(self) -> None:
        """A busy loop may come here before it has read what has been there for long."""
        self._timer = self._context.loop.call_later(UNREAD_SECONDS, self._greet)

    def _greet(self) -> None:
        refusal = self._refusal or in_the_clear(self._context, self._transport)
        if refusal is not None:
            self._refuse(refusal, self._door.otherwise)
        elif self._door is Door.ANY:
            self._transport.write(GREETING.encode() + b"\n")

    def _paused(self) -> None:
        if self._door is not Door.ANY:
            return  # programs end their lines
        if not self._data.strip():  # Enter, and then a thought
            self._hand_over(Protocol.LINE)
        elif self._segment and hidden(self._data) is None:
            connection = self._hand_over(Protocol.LINE)
            if isinstance(connection, LineConnection):
                connection.pause()

    def _too_slow(self) -> None:
        if self._taking_off:
            self._transport.abort()
            return
        self._refuse(self._refusal or TOO_SLOW, hidden(self._data) or self._door.otherwise)

    def _hand_over(self, protocol: Protocol) -> Portions | asyncio.Protocol:
        data, self._data = self._data, b""
        if protocol is Protocol.LINE:
            protocol = self._door.otherwise
        wire = self._wires[protocol]
        layer = wire.layer if protocol in LAYERS[self._layers :] else None
        # Who is not let in hears why inside of a layer: outside, it would not be understood.
        refusal = self._refusal if layer is None else None
        if layer is not wire.layer:
            refusal = refusal or NESTED
        if layer is None and self._door is Door.IRC_TLS:
            clear = not came_encrypted(self._context, self._transport)
            refusal = refusal or (TLS_ONLY if clear else None)
        if layer is None and not wire.reads_on:
            refusal = refusal or in_the_clear(self._context, self._transport)
        refusal = refusal or wire.check(self._context, self._transport)
        if refusal is not None:
            self._refuse(refusal, protocol)
            return self
        self._cancel(self._timer)
        if layer is not None:
            return self._take_off(protocol, layer, data)
        self._cancel(self._deadline)
        assert wire.connect is not None, "else it is refused"
        connection = wire.connect(self._context, self._transport)
        self._transport.set_protocol(connection)
        connection.connection_made(self._transport)
        hand_over(connection, data)
        return connection

    def _take_off(self, protocol: Protocol, layer: Layer, data: bytes) -> Portions:
        """The layer has the connection; the deadline that began with its first byte goes on."""
        self._layers = LAYERS.index(protocol) + 1
        self._taking_off = True
        if protocol is Protocol.TLS:
            self._context.tallies.handshakes["begun"] += 1
        taking = layer(self._context, self._transport, self)
        self._transport.set_protocol(taking)
        taking.connection_made(self._transport)
        taking.received(data)
        return taking

    def _taken_off(self, inside: asyncio.Transport) -> None:
        """Begins anew with what is inside of a layer."""
        context = self._context
        self._cancel(self._deadline)
        self._taking_off = False
        if inside.get_extra_info("ssl_object") is not None:
            context.tallies.handshakes["done"] += 1
        context.admission.moved(self._transport, inside)
        context.refusals.moved(self._transport, inside)
        self._transport = inside
        self._begin()

    def _refuse(self, refusal: Refusal, protocol: Protocol) -> None:
        """Sends the refusal and closes, without a reset that would lose the answer."""
        self._cancel(self._timer)
        self._cancel(self._deadline)
        self._deadline = None
        self._context.tallies.refused[refusal.code] += 1
        self._transport.write(self._wires[protocol].say(refusal))
        if protocol in (Protocol.HTTP, Protocol.WEBSOCKET) and self._transport.can_write_eof():
            # RFC 9112, 9.6: closing while the client still sends would reset the connection, and
            # the client lose the answer. So the server's side ends first.
            self._transport.write_eof()
            loop = self._context.loop
            self._timer = loop.call_later(LINGER_SECONDS, self._transport.abort)
        else:
            self._transport.close()

    @staticmethod
    def _cancel(timer: asyncio.TimerHandle | None) -> None:
        if timer is not None:
            timer.cancel()
