"""What becomes of texts, as clients are shown it: reactions, and that they are taken back.

To those that know nothing of that, it is told in sentences, like what was edited.
"""

from __future__ import annotations

from hubbub.domain.events import Reacted, Redacted
from hubbub.domain.names import RoomName
from hubbub.wire.irc.capabilities import Cap
from hubbub.wire.irc.clienttags import REACT, REPLY, UNREACT
from hubbub.wire.irc.message import escaped
from hubbub.wire.irc.names import msgid
from hubbub.wire.irc.writing import Writing


def reacted(format: Writing, room: RoomName, target: str, event: Reacted) -> list[str]:
    """https://ircv3.net/specs/client-tags/react"""
    if Cap.MESSAGE_TAGS not in format.caps:
        return format.calm(room, target, event)
    tags = format.tags(room, event).removeprefix("@").rstrip()
    reaction = f"{REACT if event.on else UNREACT}={escaped(event.emoji)}"
    reply = f"{REPLY}={escaped(msgid(room, event.target))}"
    return [f"@{tags};{reaction};{reply} :{format.source(event)} TAGMSG {target}\r\n"]


def redacted(format: Writing, room: RoomName, target: str, event: Redacted) -> list[str]:
    """https://ircv3.net/specs/extensions/message-redaction"""
    if Cap.MESSAGE_REDACTION not in format.caps:
        return format.calm(room, target, event)
    reason = f" :{event.reason}" if event.reason else ""
    words = f"REDACT {target} {msgid(room, event.target)}{reason}"
    return [format.line(room, event, words)]
