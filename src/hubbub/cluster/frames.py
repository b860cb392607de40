"""The bytes that servers on one log send each other over a bus that others may write to, too.

A frame is a byte with the version, a code (keyed BLAKE2b, 16 bytes) of all that follows, and then
MessagePack: who sends it, its number there, and any number of messages. The key is the database's,
so only who can read that can make a frame: what a server shows at once was saved.

A frame of another version is left alone, as is a message of a kind that is not known; of a wake-up
whose events cannot be read, because a newer server has written them, the number counts. So
servers of two versions go on together, and read from the log what the bus cannot tell.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Iterator, Sequence

from msgspec import MsgspecError, Raw, Struct
from msgspec.msgpack import Decoder, Encoder

from hubbub.domain.events import AnyEvent
from hubbub.domain.names import RoomName
from hubbub.domain.numbers import Seq
from hubbub.hub.ports import Ephemeral, Message, Missed, Wake

VERSION = 1
CODE_BYTES = 16
OVERHEAD_BYTES = 128  # of a frame beside its messages
MAX_BYTES = 1024 * 1024 - OVERHEAD_BYTES  # of a message: what a NATS server takes by default
MAX_NODES = 1000  # whose numbers are remembered; then those are forgotten that were heard of first

_NOT_IT = (MsgspecError, UnicodeDecodeError)  # what garbage with a good code leads to
_NO_EVENTS = Raw(b"\x90")  # an empty array


class _Frame(Struct, array_like=True, frozen=True):
    node: str
    number: int
    messages: Sequence[Raw]


class _Wake(Struct, frozen=True, tag="wake", omit_defaults=True):
    """`Wake` with the room's name. ``events``: a list of them. ``id``: the room's in the log.

    ``origin``: see `Wake`; servers before it was there tell none.
    """

    room: str
    upto: Seq
    events: Raw = _NO_EVENTS
    id: int | None = None
    origin: str = ""


_encoder = Encoder(enc_hook=str)  # names are strings with a key
_frames = Decoder(_Frame)
_messages: Decoder[_Wake | Ephemeral] = Decoder(_Wake | Ephemeral)
_events = Decoder(list[AnyEvent])


def encode(message: Wake | Ephemeral, most: int = MAX_BYTES) -> bytes | None:
    """The message in bytes. A wake-up goes without its events if it would have more than ``most``.

    None for another message that has.
    """
    if not isinstance(message, Wake):
        data = _encoder.encode(message)
        return data if len(data) <= most else None
    events = Raw(_encoder.encode(message.events)) if message.events else _NO_EVENTS
    if len(events) > most - OVERHEAD_BYTES - 4 * len(message.room):
        events = _NO_EVENTS
    room, origin = str(message.room), message.origin
    return _encoder.encode(_Wake(room, message.upto, events, message.room_id, origin))


class Frames:
    """Makes frames of one node, and reads those of others.

    ``refused`` counts what was no frame, ``unknown`` frames and messages of other versions,
    ``missed`` the frames that were lost, by their numbers.
    """

    def __init__(self, node: str, key: bytes = b"") -> None:
        self._node = node
        self.key = key
        self._number = 0
        self._last: OrderedDict[str, int] = OrderedDict()
        self.refused = self.unknown = self.missed = 0

    def pack(self, messages: Sequence[bytes]) -> bytes:
        """A frame with ``messages``."""
        self._number += 1
        body = _encoder.encode(_Frame(self._node, self._number, [Raw(one) for one in messages]))
        return b"%c%b%b" % (VERSION, self._code(body), body)

    def unpack(self, data: bytes) -> Iterator[Message]:
        """What another node tells; nothing for what is no frame of one.

        `Missed` comes first if frames were lost before it. What does not last is left out of a
        frame that comes late, or twice.
        """
        frame = self._frame(data)
        if frame is None or frame.node == self._node:
            return
        last = self._last.get(frame.node)
        late = last is not None and frame.number <= last
        if not late:
            self._last[frame.node] = frame.number
            if len(self._last) > MAX_NODES:
                self._last.popitem(last=False)
            if last is not None and frame.number > last + 1:
                self.missed += frame.number - last - 1
                yield Missed()
        for raw in frame.messages:
            message = self._message(raw)
            if message is not None and (not late or isinstance(message, Wake)):
                yield message

    def _frame(self, data: bytes) -> _Frame | None:
        if data[:1] and data[0] != VERSION:
            self.unknown += 1
            return None
        code, body = data[1 : 1 + CODE_BYTES], data[1 + CODE_BYTES :]
        if hmac.compare_digest(code, self._code(body)):
            try:
                return _frames.decode(body)
            except _NOT_IT:
                pass
        self.refused += 1
        return None

    def _message(self, raw: Raw) -> Wake | Ephemeral | None:
        try:
            message = _messages.decode(raw)
        except _NOT_IT:
            self.unknown += 1
            return None
        if not isinstance(message, _Wake):
            return message
        room = RoomName.recall(message.room)
        events = self._read_events(message)
        return Wake(room, message.upto, events, message.id, message.origin)

    def _read_events(self, wake: _Wake) -> Sequence[AnyEvent]:
        try:
            events = _events.decode(wake.events)
        except _NOT_IT:
            self.unknown += 1
            return ()
        first = wake.upto + 1 - len(events)
        seqs = [one.seq for one in events]
        return events if seqs and seqs == [*range(first, wake.upto + 1)] else ()

    def _code(self, body: bytes) -> bytes:
        return hashlib.blake2b(body, key=self.key, digest_size=CODE_BYTES).digest()
