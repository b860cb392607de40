"""Several rooms and people in one command, up to TARGMAX."""

from __future__ import annotations

from hubbub.wire.irc import numerics as num
from hubbub.wire.irc.message import Message
from hubbub.wire.irc.wire import IrcWire

MAX_TARGETS = 10  # of one text: a handful of people; for more there are rooms


def targets_of(wire: IrcWire, message: Message) -> list[str] | None:
    """To whom ``message`` is, each once; None, and the client is told, if they are too many."""
    targets = list(dict.fromkeys(filter(None, message[0].split(","))))
    if len(targets) > MAX_TARGETS:
        about = targets[MAX_TARGETS]
        wire.numeric(num.ERR_TOOMANYTARGETS, about, f"At most {MAX_TARGETS} at once, please.")
        return None
    return targets
