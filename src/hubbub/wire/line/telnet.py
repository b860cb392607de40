"""Removes telnet commands and negotiations from received bytes (RFC 854)."""

from __future__ import annotations

IAC, DONT, WONT, WILL, SB, SE = 255, 254, 252, 251, 250, 240
ECHO = 1  # RFC 857
FIRST_COMMAND = 236  # EOF (RFC 1184, 2.3), the lowest


HIDE = bytes((IAC, WILL, ECHO))
"""To a telnet client: the server echoes what is typed, so that the client does not; we do not."""
SHOW = bytes((IAC, WONT, ECHO))
"""To a telnet client: show again what is typed."""


class TelnetFilter:
    """Removes commands and negotiations, also those that are split between two chunks.

    ``negotiates``: the client has named an option, which nothing but telnet does.
    """

    __slots__ = ("_state", "negotiates")

    def __init__(self) -> None:
        self._state = "data"
        self.negotiates = False

    def strip(self, data: bytes) -> bytes:
        """``data`` without telnet commands."""
        if self._state == "data" and IAC not in data:
            return data
        kept = bytearray()
        state = self._state
        for byte in data:
            match state:
                case "data":
                    if byte == IAC:
                        state = "command"
                    else:
                        kept.append(byte)
                case "command":
                    if WILL <= byte <= DONT:  # WILL, WONT, DO, DONT: one option follows
                        state = "option"
                    elif byte == SB:
                        state = "subnegotiation"
                    elif byte == IAC:
                        # RFC 854: a data byte of 255 is sent twice; as UTF-8 it is broken anyhow.
                        kept.append(byte)
                        state = "data"
                    else:
                        if byte < FIRST_COMMAND:  # not telnet: keep both bytes
                            kept += bytes((IAC, byte))
                        state = "data"
                case "option":
                    self.negotiates = True
                    state = "data"
                case "subnegotiation":
                    if byte == IAC:
                        state = "ending"
                case "ending":
                    state = "data" if byte == SE else "subnegotiation"
        self._state = state
        return bytes(kept)
