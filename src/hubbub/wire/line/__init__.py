"""The plain line protocol: netcat, telnet, twenty lines of anyone's Python (docs/protocol.md)."""

from hubbub.wire.line.codec import LineWire
from hubbub.wire.line.format import LineFormat

__all__ = ["LineFormat", "LineWire"]
