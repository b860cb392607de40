"""What waits for who moderates a room, in words, and what can be done with it."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from hubbub.domain.rules import Queued, QueueItem
from hubbub.terminal.full.model.display import cut, shown

MOST_CELLS = 400  # of a text in the list: a server may send a book


class Deed(Enum):
    """What is done with something that waits."""

    APPROVE = "approve"
    REFUSE = "refuse"
    GO = "go"
    MUTE = "mute"
    BAN = "ban"


class Chosen(NamedTuple):
    """Something that waits, and what is to be done with it."""

    item: QueueItem
    deed: Deed


def whose(item: QueueItem) -> str:
    """Whom something that waits is about: who has said it, or wants to come in."""
    return item.user or item.by if item.kind is Queued.REPORT else item.by


def asked(item: QueueItem) -> str:
    """Who asks for what."""
    by = shown(item.by)
    if item.kind is Queued.REPORT:
        why = f": {_brief(item.reason)}" if item.reason else ""
        return f"{by} has reported a message of {shown(whose(item))}{why}"
    if item.kind is Queued.HELD:
        return f"{by}, a newcomer, wants to say"
    return f"{by} wants to come in"


def quoted(item: QueueItem) -> str:
    """The text that it is about; "" for none."""
    return _brief(item.text)


def _brief(text: str) -> str:
    return cut(shown(" ".join(text[: 2 * MOST_CELLS].splitlines())), MOST_CELLS)
