"""What can be done with a message, whose it may be, and in which words it is told."""

from __future__ import annotations

from collections.abc import Callable

from hubbub.client.change import Change, Does
from hubbub.client.me import Me
from hubbub.domain.events import Said
from hubbub.domain.kinds import is_message
from hubbub.domain.rights import Action
from hubbub.terminal.full.model.acts import Act
from hubbub.terminal.full.model.display import shown
from hubbub.terminal.full.model.links import links
from hubbub.terminal.full.model.room import Room

# What stands for these acts, as they have no command: the keys that do them to a marked message.
ANSWER = "Enter"
EDIT = "Ctrl+E"
TAKE_BACK = "Del"
REACT = "Ctrl+R"
PIN = "Ctrl+P"
TALK = "→"
VERSIONS = "Ctrl+V"
COPY_TEXT = "Ctrl+C"
LINKS = "Ctrl+O"
SHOW = "Ctrl+S"

KEYS = {
    "ctrl+e": EDIT,
    "delete": TAKE_BACK,
    "ctrl+d": TAKE_BACK,
    "ctrl+r": REACT,
    "ctrl+p": PIN,
    "right": TALK,
    "ctrl+v": VERSIONS,
    "ctrl+c": COPY_TEXT,
    "ctrl+o": LINKS,
    "ctrl+s": SHOW,
}

MayDo = Callable[[Action], bool]
"""Whether we may do an action in the room."""


def message_acts(said: Said, room: Room, me: Me, may: MayDo) -> list[Act]:
    """What we may do with a message, as far as it is known here."""
    ours, there = me.did(said), said.redacted is None
    moderates = may(Action.REDACT)
    timeline = room.timeline
    replies = max(said.replies, timeline.window.replies(said.seq))
    unpins = said.seq in room.standing.pins
    return [
        *[Act("Answer it", ANSWER)] * (there and may(Action.SPEAK)),
        *[Act("React to it…", REACT)] * (there and may(Action.SPEAK)),
        *[Act("Change it", EDIT)] * (there and ours and may(Action.SPEAK)),
        *[Act("Take it back…", TAKE_BACK)] * (there and (ours or moderates)),
        *[Act("Unpin it" if unpins else "Pin it to the room", PIN)] * (there and may(Action.PIN)),
        *[Act("The conversation around it", TALK)] * (bool(replies) or said.reply_to is not None),
        *[Act("What it said before", VERSIONS)]
        * (said.edited_at is not None and (ours or moderates)),
        *[Act("Copy its text", COPY_TEXT)] * bool(said.text),
        *[Act("Show its picture", SHOW)] * any(file.thumbnail for file in said.files),
        *[Act("Open its link", LINKS)] * bool(links(timeline, of=said.seq)),
    ]


def newest(room: Room, me: Me, *, of: str | None = None, ours: bool = False) -> Said | None:
    """The newest message that is there, if it is loaded: of that name, or ours, or of anybody."""
    window = room.timeline.window
    if not window.attached:
        return None
    for event in reversed(window.events):
        if not is_message(event) or event.redacted is not None:
            continue
        if me.did(event) if ours else of is None or event.by.casefold() == of.casefold():
            return event
    return None


_DONE = {
    Does.EDIT: "Your change of a message",
    Does.REDACT: "That you take a message back",
    Does.REACT: "Your reaction",
    Does.PIN: "That you pin a message",
}


def not_changed(change: Change, error: Exception) -> str:
    """Why a change of a message was not saved, with the text that would be lost."""
    what = "That you unpin a message" if (change.does, change.on) == (Does.PIN, False) else ""
    told = f"{what or _DONE[change.does]} was not saved: {shown(str(error))}"
    return f"{told} What you wrote: {shown(change.text)}" if change.text else told


def in_words(change: Change) -> str:
    """A change that is not sent yet, for the person who leaves."""
    match change.does:
        case Does.EDIT:
            return f"(change of a message) {change.text}"
        case Does.REDACT:
            return "(a message is to be taken back)"
        case Does.REACT:
            return f"(reaction{'' if change.on else ' taken back'}) {change.emoji}"
        case Does.PIN:
            return f"(a message is to be {'' if change.on else 'un'}pinned)"
