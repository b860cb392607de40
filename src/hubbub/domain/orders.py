"""What a line that was typed asks for: to say a text, or to run a command of `slashes`.

The page has the same in ``text/commands.js``; both pass the vectors in tests/vectors/slashes.json.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cached_property
from typing import NamedTuple

from hubbub.domain.alike import slips
from hubbub.domain.slashes import COUNT, MISSING, SAY, TABLE, Client, Part, Slash

COUNT_DIGITS = 15  # more mean nothing: so many fit a number in every language
REPEATED_CHARS = 60  # of what was typed, in a sentence about it
WORD_CHARS = 20  # of a word that may be a slip: a longer one is no command
LONG_WORD = 6  # characters of a word from which on two slips are forgiven

# A command is a slash and a word; a path is text. ``//word`` is an escape, ``// TODO`` and
# ``//host/x`` are text.
_COMMAND = re.compile(r"/((?:[A-Za-z][^\s/]*|\?)?)(?:\s(.*))?", re.DOTALL)
_OPTIONAL = re.compile(r"\[[^][]*\]")  # what of an argument may be left out
_ESCAPE = re.compile(r"//[a-z]+(?:\s.*)?", re.DOTALL)


_HELP = {
    Part.CHAT: "Type a line to say it. These lines do something else:",
    Part.ACCOUNT: "An account keeps your name for you:",
    Part.ROOM: "Who owns a room, or moderates it, may do this in it:",
}
_MORE = {Part.ACCOUNT: "Accounts", Part.ROOM: "Rooms and who may do what"}


class Message(NamedTuple):
    """A text to say. ``marked``: it was marked as one, by ``/say`` or by a second slash."""

    text: str
    marked: bool = False


class Order(NamedTuple):
    """A command, by its own name, with an argument that will do for it."""

    name: str
    argument: str = ""


class Mistake(NamedTuple):
    """``why`` nothing was done, for the person who typed it. ``name`` is the command whose argument
    will not do; "" if there is no such command.
    """

    why: str
    name: str = ""


class Vocabulary:
    """The commands of one client."""

    def __init__(self, client: Client, only: Collection[str] | None = None) -> None:
        """``only``: the names of those that are understood, if not all are."""
        self._client = client
        rows = (one for one in TABLE if client in one.clients)
        self.rows: Mapping[str, Slash] = {
            one.name: one for one in rows if only is None or one.name in only
        }
        self._bare = frozenset(one.name for one in self.rows.values() if one.bare)

    @cached_property
    def _named(self) -> Mapping[str, Slash]:
        """The rows by their aliases, and before those by their names."""
        rows = [one for one in self.rows.values() if not one.bare]
        return {alias: one for one in rows for alias in (*one.aliases, *one.fills)} | {
            one.name: one for one in rows
        }

    @cached_property
    def instead(self) -> Mapping[str, str]:
        """What to do instead, by words that are no command here."""
        aliases = {one.name: one.aliases for one in TABLE}
        found: dict[str, str] = {}
        for row in MISSING:
            if self._client in row.clients:
                for name in row.words:
                    for word in (name, *aliases.get(name, ())):
                        found.setdefault(word, row.instead)
        return found

    def meant(self, word: str) -> Slash | None:
        """The command that is called ``word``, whatever the case, or whose name alone begins so."""
        word = word.lower()
        if word in self._named or word in self.instead:
            return self._named.get(word)
        begun = [one for one in self.rows.values() if one.name.startswith(word) and not one.bare]
        return begun[0] if len(begun) == 1 else None

    def is_text(self, text: str, alone: str) -> bool:
        """Whether ``text`` is said as it is, as nearly all are: that takes no time to find out.

        ``alone``: the text without space around it.
        """
        return not text.startswith("/") and alone not in self._bare

    def read(self, text: str) -> Message | Order | Mistake:
        """What ``text`` asks for."""
        alone = text.strip()
        if self.is_text(text, alone):
            return Message(text)
        if alone in self._bare:
            return Order(alone)
        if _ESCAPE.fullmatch(text):
            return Message(text[1:], marked=True)
        found = _COMMAND.fullmatch(text)
        if found is None:
            return Message(text)
        slash = self.meant(found[1]) if found[1] else None
        if slash is None:
            return Mistake(self._unknown(found[1], text.strip()))
        filled = slash.fills.get(found[1].lower(), "")
        argument = f"{(found[2] or '').strip()} {filled}".strip()
        choices = slash.choices_in(self._client)
        if choices:
            argument = argument.lower()
            if argument and argument not in choices:
                return Mistake(
                    f"There is no such choice. Type /{slash.name} alone, or with one of these: "
                    f"{', '.join(choices)}.",
                    slash.name,
                )
        if not self._will_do(slash, argument):
            return Mistake(self.lacking(slash.name), slash.name)
        return Message(argument, marked=True) if slash.name == SAY else Order(slash.name, argument)

    def lacking(self, name: str) -> str:
        """What to tell somebody who typed no argument, or none that will do."""
        slash = self.rows[name]
        needed = " ".join(_OPTIONAL.sub("", slash.argument).split())
        argument = needed or slash.argument.replace("[", "").replace("]", "")
        most = slash.most.get(self._client)
        count = "" if most is None else f", with {argument} from 1 to {most}."
        return f"{slash.asks} Type: /{name} {argument}{count}"

    def help(self, part: Part | None = None) -> list[tuple[str, str]]:
        """How each command is typed, and what it does; of one part of the help, or of all."""
        rows = (one for one in self.rows.values() if part in (None, one.part))
        return [(one.usage, one.help(self._client)) for one in rows]

    def help_lines(self, argument: str = "") -> list[str]:
        """Lines of help: of the command or the part that the argument of ``/help`` names, else the
        first part.
        """
        parts = {one.part.value: one.part for one in self.rows.values()}
        word = argument.strip().lower().removeprefix("/")
        if word not in parts:
            if word in self.instead:
                return [self.instead[word]]
            if word and (slash := self.meant(word)):
                return [f"{slash.usage}  {slash.help(self._client)}"]
        part = parts.pop(word, Part.CHAT)
        rows = self.help(part)
        width = max(len(usage) for usage, _ in rows)
        more = [f"{_MORE[one]}: /help {word}." for word, one in parts.items() if one in _MORE]
        return [
            _HELP[part],
            *(f"  {usage:{width}}  {does}" for usage, does in rows),
            *([" ".join(more)] if more and part is Part.CHAT else []),
        ]

    def _will_do(self, slash: Slash, argument: str) -> bool:
        if slash.argument == COUNT and argument:
            number = count(argument)
            return number is not None and number <= slash.most.get(self._client, number)
        needed = _OPTIONAL.sub("", slash.argument).split()
        return len(argument.split(maxsplit=len(needed))) >= len(needed)

    def _unknown(self, word: str, text: str) -> str:
        named = f'command "/{word}"' if len(word) <= REPEATED_CHARS else "such command"
        return f"There is no {named}. {self._advice(word.lower()) or _as_it_is(text)}"

    def _advice(self, word: str) -> str | None:
        """What to do instead, or which command may have been meant; None if nobody knows."""
        if word in self.instead:
            return self.instead[word]
        return f"Did you mean /{near.name}?" if (near := self._near(word)) else None

    def _near(self, word: str) -> Slash | None:
        if not 1 < len(word) <= WORD_CHARS:
            return None
        most = 1 if len(word) < LONG_WORD else 2
        known = [one for one in self._named if len(one) > most + 1]
        far = {one: slips(word, one, most) for one in known}
        nearest = min(known, key=far.__getitem__)
        return self._named[nearest] if far[nearest] <= most else None


def count(argument: str) -> int | None:
    """The number that an argument is, 1 or more; None if it is none."""
    return (int(argument[:COUNT_DIGITS]) or None) if argument.isdecimal() else None


def name_and_text(argument: str) -> tuple[str, str]:
    """The two parts of a ``NAME TEXT``."""
    name, text = argument.split(maxsplit=1)
    return name, text


def _as_it_is(text: str) -> str:
    if len(text) > REPEATED_CHARS or "\n" in text:
        return "/help lists them; to say it as it is, type /say before it."
    return f"/help lists them; to say it as it is, type: /say {text}"


def topic_in(argument: str) -> str:
    """The topic that the argument of ``/topic`` sets: a dash takes it away."""
    return "" if argument == "-" else argument
