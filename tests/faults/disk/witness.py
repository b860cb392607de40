"""What left the server, by its trace: each event that was shown, each ack, each token."""

from __future__ import annotations

import json
import re
from typing import Any

PARTS = re.compile(
    rb'"type":"events","room":"(?P<room>[^"]*)"'
    rb'|"type":"welcome","user":"(?P<user>[^"]*)","token":"(?P<token>[^"]*)"'
    rb"|(?P<inner>\{[^{}]*\})"
)

IN_THE_CLEAR = b"in the clear: "
"""What precedes a plain text in the trace of a server that encrypts it (tidy_server.py)."""

Shown = dict[tuple[str, int], dict[str, Any]]


class Witness:
    """Hears the JSON protocol as it goes out, frame by frame and unmasked.

    ``shown``: events by their room and ``seq``; ``acked``: room and ``seq`` by nonce;
    ``tokens`` by user; ``floors`` by room: up to where it is gone. What is told twice in two ways
    raises AssertionError. With ``encrypted`` it hears only what is `IN_THE_CLEAR`.
    """

    def __init__(self, *, encrypted: bool = False) -> None:
        self._encrypted = encrypted
        self.shown: Shown = {}
        self.acked: dict[str, tuple[str, int]] = {}
        self.tokens: dict[str, str] = {}
        self.floors: dict[str, int] = {}

    def hear(self, data: bytes) -> None:
        """``data`` is about to leave the server."""
        if self._encrypted and not data.startswith(IN_THE_CLEAR):
            return
        room = ""
        for found in PARTS.finditer(data):
            if found["room"] is not None:
                room = found["room"].decode()
            elif found["user"] is not None:
                self.tokens[found["user"].decode()] = found["token"].decode()
            else:
                self._take(room, json.loads(found["inner"]))

    def _take(self, room: str, told: dict[str, Any]) -> None:
        if told.get("type") == "ack":
            place = (told["room"], told["seq"])
            assert self.acked.setdefault(told["nonce"], place) == place, told
        elif "kind" in told:
            event = self.shown.setdefault((room, told["seq"]), told)
            assert event == told, (event, told)
            if told["kind"] == "trimmed":
                self.floors[room] = max(told["floor"], self.floors.get(room, 0))
