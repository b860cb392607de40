"""Events as they are kept: as the JSON protocol has them, and those of unknown kinds by place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import msgspec
from msgspec.json import Decoder, Encoder

from hubbub.domain.events import AnyEvent, Event
from hubbub.domain.ids import UserId

UNKNOWN = "Event"  # the kind of a plain `Event`, which stands for one that this version cannot read
KINDS = " ".join(["by_id", *sorted(str(kind.__struct_config__.tag) for kind in get_args(AnyEvent))])
"""What the events that this version keeps have: those of an older one are asked for again."""


class _Place(msgspec.Struct):
    seq: int
    at: int
    by: str
    by_id: UserId | None = None


_encoder = Encoder(enc_hook=str)  # names are strings with a key
_decoder: Decoder[list[AnyEvent | Event]] = Decoder(list[AnyEvent | Event])
_place = Decoder(_Place)


def to_bytes(event: Event) -> bytes:
    """One event."""
    return _encoder.encode(event)


def from_bytes(events: Sequence[bytes]) -> list[Event]:
    """Many events. Raises `msgspec.DecodeError` when it was none."""
    whole = b"[" + b",".join(events) + b"]"
    try:
        return list(_decoder.decode(whole))
    except msgspec.ValidationError:  # a later version was here, and knew more kinds
        return [_from_bytes(event) for event in events]


def _from_bytes(event: bytes) -> Event:
    try:
        (known,) = _decoder.decode(b"[" + event + b"]")
    except msgspec.ValidationError:
        place = _place.decode(event)
        return Event(place.seq, place.at, place.by, by_id=place.by_id)
    return known
