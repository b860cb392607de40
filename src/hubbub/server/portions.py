"""Reads sockets in bounded portions, into one buffer for all connections.

Left to itself a loop takes 256 KiB at once from whoever has sent that much: a tenth of a
millisecond for each connection of a flood, and then as much for this process to keep, and to work
through when its sender has long gone. What is not read stays with the kernel, and with its sender.
"""

from __future__ import annotations

import asyncio

PORTION_BYTES = 16 * 1024  # a few hundred short messages, or two of the longest

# Both loops fill it and hand it over in one step, so no two connections use it at a time.
_buffer = memoryview(bytearray(PORTION_BYTES))


def _take_buffer(sizehint: int) -> memoryview:
    return _buffer


class Portions(asyncio.BufferedProtocol):
    """A protocol whose `received` gets at most `PORTION_BYTES` at once."""

    __slots__ = ()

    # A plain function, nothing, and the protocol itself: uvloop keeps what it finds here for each
    # connection, and a bound method is an object of its own, of 64 bytes.
    get_buffer = staticmethod(_take_buffer)
    data_received = None

    @property
    def buffer_updated(self) -> Portions:
        """See `asyncio.BufferedProtocol`."""
        return self

    def __call__(self, nbytes: int) -> None:
        """So many bytes are in the buffer."""
        self.received(bytes(_buffer[:nbytes]))

    def received(self, data: bytes) -> None:
        """Bytes were received."""
        raise NotImplementedError


def hand_over(protocol: Portions | asyncio.Protocol, data: bytes) -> None:
    """Gives ``protocol`` the bytes that were received before it had the connection."""
    if isinstance(protocol, Portions):
        protocol.received(data)
    else:
        protocol.data_received(data)
