"""Events as they are kept: as the JSON protocol has them, and those of unknown kinds by place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import msgspec
from msgspec.json import Decoder
from msgspec.structs import replace

from hubbub.domain.events import AnyEvent, Edited, Event, Reacted
from hubbub.wire.json import decode_event, encode_event

UNKNOWN = "Event"  # the kind of a plain `Event`, which stands for one that this version cannot read
KINDS = " ".join(["by_id", *sorted(str(kind.__struct_config__.tag) for kind in get_args(AnyEvent))])
"""What the events that this version keeps have: those of an older one are asked for again."""

_decoder: Decoder[list[AnyEvent | Event]] = Decoder(list[AnyEvent | Event])

to_bytes = encode_event


def bare(event: Event) -> Event:
    """``event`` without the text of a message that is in the message, too.

    So what is taken back stands in one place.
    """
    if isinstance(event, Edited):
        return replace(event, text="")
    return replace(event, quote=None) if isinstance(event, Reacted) else event


def from_bytes(events: Sequence[bytes]) -> list[Event]:
    """Many events. Raises `msgspec.DecodeError` when it was none."""
    whole = b"[" + b",".join(events) + b"]"
    try:
        return list(_decoder.decode(whole))
    except msgspec.ValidationError:  # a later version was here, and knew more kinds
        return [decode_event(event) for event in events]
