"""The commands that this client has."""

from __future__ import annotations

import re

from hubbub.domain.orders import Message, Order, Vocabulary
from hubbub.domain.slashes import Client

VOCABULARY = Vocabulary(Client.FULL)

THEMES = VOCABULARY.rows["theme"].choices_in(Client.FULL)

_WORD = re.compile(r"\A\s*+/([\w-]++)\s++")
# Before the secret of a command that says what it is for.
_OPEN_WORD = re.compile(r"(?<!\S)\S++\s++")


def as_typed(text: str) -> str:
    """What to type so that ``text`` is said, and is no command."""
    for typed in (text, f"/{text}"):
        asked = VOCABULARY.read(typed)
        if isinstance(asked, Message) and asked.text == text:
            return typed
    return f"/say {text}"


def asks_for_secret(order: Order) -> bool:
    """Whether a command asks for something that nobody may see: what is typed next is that."""
    if order.name == "access":
        return order.argument.lower() in ("password", "locked")
    asks = ("register", "password", "own", "close-account")
    return order.name == "login" or (order.name in asks and not order.argument)


def secret_at(text: str) -> int | None:
    """Where in a typed command a password or a code begins; None if there is none."""
    found = _WORD.match(text)
    slash = VOCABULARY.meant(found[1]) if found else None
    if found is None or slash is None or not slash.secret:
        return None
    if slash.name != "access":
        return found.end()
    second = _OPEN_WORD.match(text, found.end())
    return second.end() if second else None
