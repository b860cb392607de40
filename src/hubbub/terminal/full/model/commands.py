"""What may be typed instead of a message: a table of commands, and the reading of one line."""

from __future__ import annotations

import re
from typing import NamedTuple

from hubbub.domain import slashes


class CommandInfo(NamedTuple):
    """One command: its word, what comes behind it (``[…]``: may be left out), what it does."""

    word: str
    argument: str
    does: str


COMMANDS = (
    CommandInfo("join", "ROOM", "enters a room, by its name or its number in the list"),
    CommandInfo("leave", "[ROOM]", "leaves this room, or another"),
    CommandInfo("delete", "[ROOM]", "deletes this room, or another, if nothing was said in it"),
    CommandInfo("read", "[all]", "marks all in this room as read, or in all rooms"),
    CommandInfo("rooms", "[WORD]", "lists rooms, by a part of their names; /rooms more goes on"),
    CommandInfo("who", "", "lists who is in this room"),
    CommandInfo("nick", "NAME", "goes by another name"),
    CommandInfo("reply", "NAME TEXT", "answers the last thing that NAME said here"),
    CommandInfo("search", "WORDS", "finds texts in all rooms; /search more looks further back"),
    CommandInfo("me", "TEXT", "says what you do, as in *Alice waves*"),
    CommandInfo("say", "TEXT", "says a text that begins with / or is the word exit"),
    CommandInfo("history", "[N]", "goes back N lines (100), and fetches them if need be"),
    CommandInfo("clear", "", "clears the screen; scrolling up brings all of it back"),
    CommandInfo("discard", "", "forgets your messages in this room that could not be sent"),
    CommandInfo("ignore", "[NAME]", "hides what NAME writes; alone, lists whom you ignore"),
    CommandInfo("unignore", "NAME", "shows again what NAME writes"),
    CommandInfo(
        "alerts", "[WHAT]", "what alerts you in this room: all, mentions or off; see /notify"
    ),
    CommandInfo("times", "[HOW]", "short, full, or auto: full dates and times where there is room"),
    CommandInfo("theme", "[NAME]", "changes the colours: dark, light, ansi or mono"),
    CommandInfo("notify", "[HOW]", "how a mention alerts you: auto, bell, osc9, osc777 or off"),
    CommandInfo("help", "", "lists all keys and commands"),
    CommandInfo("quit", "", "ends; your rooms are joined again next time"),
)

_BY_WORD = {command.word: command for command in COMMANDS}
EXIT = "exit"
_NEEDED = {
    "ROOM": "the name of a room",
    "NAME": "a name",
    "nick": "your new name",
    "NAME TEXT": "a name and your answer",
    "WORDS": "what you are looking for",
    "TEXT": "a text",
}
"""What has to come behind a command, in words; by the command, or by how it is called there."""
# A command is a slash and a word; a path is text. ``//word`` is an escape, ``// TODO`` and
# ``//host/x`` are text. The page has the same in text/commands.js.
_COMMAND = re.compile(r"/((?:[A-Za-z][^\s/]*)?)(?:\s(.*))?", re.DOTALL)
_ESCAPE = re.compile(r"//[a-z]+(?:\s.*)?", re.DOTALL)


class Message(NamedTuple):
    """Something to say."""

    text: str


class Order(NamedTuple):
    """A command, with what was behind it."""

    word: str
    argument: str


class Mistake(NamedTuple):
    """A command that is none, or lacks something; ``why`` is for the person who typed it."""

    why: str


def read(text: str) -> Message | Order | Mistake:
    """What ``text`` asks for. ``exit`` alone is a command, ``//word`` says ``/word``."""
    if text.strip() == EXIT:
        return Order(EXIT, "")
    if _ESCAPE.fullmatch(text):
        return Message(text[1:])
    found = _COMMAND.fullmatch(text)
    if found is None:
        return Message(text)
    word, argument = found[1].casefold(), found[2] or ""
    if not word:
        return Mistake("A message cannot begin with a slash. To send one that does: /say TEXT")
    known = meant(word)
    if known is None:
        hint = slashes.advice(word, _BY_WORD) or (
            "/help lists all of them. To write a message that begins with a slash: /say TEXT"
        )
        return Mistake(f"There is no command /{word}. {hint}")
    command = _BY_WORD[known]
    argument = argument.strip()
    if command.argument and not argument and not command.argument.startswith("["):
        needed = _NEEDED.get(command.word) or _NEEDED[command.argument]
        return Mistake(f"Please write {needed} after /{command.word}.")
    if command.word == "say":
        return Message(argument)
    return Order(command.word, argument)


def meant(word: str) -> str | None:
    """The command that goes by ``word``, by another name or by its first letters; None if none."""
    begun = [one.word for one in COMMANDS if one.word.startswith(word)]
    return slashes.meant(word, _BY_WORD) or (begun[0] if len(begun) == 1 else None)
