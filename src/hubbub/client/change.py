"""What a line does to a message that is there: change its text, take it back, react to it, pin it.

Such lines wait in the queue with the texts, so that they survive lost connections and restarts.
"""

from __future__ import annotations

import enum

from msgspec import Struct

from hubbub.client.me import Me
from hubbub.domain.commands import Edit, Pin, React, Redact, Write
from hubbub.domain.events import AnyEvent, Edited, Event, Pinned, Reacted, Redacted
from hubbub.domain.names import RoomName


class Does(enum.Enum):
    """What is done to a message."""

    EDIT = "edit"
    REDACT = "redact"
    REACT = "react"
    PIN = "pin"


class Change(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is done to the message with the number ``target``.

    ``text``: what it says from now on, if it is edited. ``emoji``: with which we react, or with
    ``on`` false, do not react any more; likewise it is pinned or unpinned.
    """

    does: Does
    target: int
    text: str = ""
    emoji: str = ""
    on: bool = True

    def command(self, room: RoomName, nonce: str) -> Write:
        """The command that asks the server for it."""
        match self.does:
            case Does.EDIT:
                return Edit(room=room, target=self.target, text=self.text, nonce=nonce)
            case Does.REDACT:
                return Redact(room=room, target=self.target, nonce=nonce)
            case Does.REACT:
                return React(
                    room=room, target=self.target, emoji=self.emoji, on=self.on, nonce=nonce
                )
            case Does.PIN:
                return Pin(room=room, target=self.target, on=self.on, nonce=nonce)

    def became(self, event: Event) -> bool:
        """Whether ``event``, by us, is this, done."""
        match event:
            case Edited(target=target, text=text):
                done = (Does.EDIT, target, text, "", True)
            case Redacted(target=target):
                done = (Does.REDACT, target, "", "", True)
            case Reacted(target=target, emoji=emoji, on=on):
                done = (Does.REACT, target, "", emoji, on)
            case Pinned(target=target, on=on):
                done = (Does.PIN, target, "", "", on)
            case _:
                return False
        return done == (self.does, self.target, self.text, self.emoji, self.on)

    def event(self, seq: int, at: int, me: Me) -> AnyEvent:
        """The event that it will be: for who shows beforehand what is on its way."""
        by, by_id, target = me.name or "", me.id, self.target
        match self.does:
            case Does.EDIT:
                return Edited(seq, at, by, target, self.text, by_id=by_id)
            case Does.REDACT:
                return Redacted(seq, at, by, target, by_id=by_id)
            case Does.REACT:
                emoji, on = self.emoji, self.on
                return Reacted(seq, at, by, target, emoji=emoji, on=on, by_id=by_id)
            case Does.PIN:
                return Pinned(seq, at, by, target=target, on=self.on, by_id=by_id)
