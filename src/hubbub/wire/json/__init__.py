"""The JSON protocol: one object a frame (docs/protocol.md)."""

from hubbub.wire.json.codec import (
    decode_command,
    decode_event,
    decode_reply,
    encode,
    encode_event,
    parse_name,
)

__all__ = ["decode_command", "decode_event", "decode_reply", "encode", "encode_event", "parse_name"]
