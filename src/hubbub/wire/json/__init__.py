"""The JSON protocol: one object a frame (docs/protocol.md)."""

from hubbub.wire.json.codec import decode_command, decode_reply, encode

__all__ = ["decode_command", "decode_reply", "encode"]
