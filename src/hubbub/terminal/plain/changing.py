"""What is typed about messages without a connection: it waits, as a text does."""

from __future__ import annotations

from hubbub.client import Change, Does, Line
from hubbub.domain import commands as ask
from hubbub.domain.emoji import parse_emoji

CHANGES = frozenset({"edit", "undo", "react", "unreact", "pin", "unpin"})


def change_of(command: ask.Command, target: int) -> Change:
    """What ``command`` does, with the message ``target``. Raises `BadMessage` for no emoji."""
    match command:
        case ask.Edit(text=text):
            return Change(does=Does.EDIT, target=target, text=text)
        case ask.React(emoji=emoji, on=on):
            return Change(does=Does.REACT, target=target, emoji=parse_emoji(emoji), on=on)
        case ask.Pin(on=on):
            return Change(does=Does.PIN, target=target, on=on)
    return Change(does=Does.REDACT, target=target)


def typed(line: Line) -> str:
    """The text of a line that is not saved; of a change, how it is typed."""
    change = line.change
    if change is None:
        return line.text
    match change.does:
        case Does.EDIT:
            return f"/edit {change.text}"
        case Does.REACT:
            return f"/{'' if change.on else 'un'}react {change.emoji}"
        case Does.PIN:
            return f"/{'' if change.on else 'un'}pin"
    return "/undo"
