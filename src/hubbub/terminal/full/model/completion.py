"""What Tab offers at the cursor: commands, rooms, emoji and names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from hubbub.domain.emoji import NAMES
from hubbub.domain.slashes import Client, Offers, Slash
from hubbub.terminal.full.model.commands import VOCABULARY
from hubbub.terminal.full.model.emoji import BEGINS, in_code
from hubbub.terminal.paths import begun

MOST = 50
EMOJI_CHARS = 2  # typed behind the colon, before emoji are offered unasked

_COMMAND = re.compile(r"/([\w-]*)$")
_REST = re.compile(r"/([\w-]+)\s(.*)$")
_ARGUMENT = re.compile(r"/([\w-]+)\s+(\S*)$")
_EMOJI = re.compile(rf"{BEGINS}(:([a-z0-9_+-]*))$", re.IGNORECASE)
_WORD = re.compile(r"(?<![^\s@])@?([^\s@]*)$")  # begun where a word begins: else each letter is one


class Candidate(NamedTuple):
    """What is put in, and what is shown of it."""

    text: str
    label: str


class Offer(NamedTuple):
    """Candidates for what is typed from ``start`` on. ``unasked``: shown before Tab is pressed."""

    start: int
    candidates: Sequence[Candidate]
    unasked: bool = False


class Known(NamedTuple):
    """What there is to complete."""

    names: Sequence[str] = ()
    rooms: Sequence[str] = ()
    paths: Callable[[str], Sequence[str]] = lambda _: ()  # by what is typed of one


def offer(before: str, known: Known) -> Offer | None:
    """What to offer behind the text ``before`` the cursor; None for nothing."""
    found = _COMMAND.match(before)
    if found:
        return _made(0, _commands(found[1].casefold()), unasked=True)
    found = _REST.match(before)
    slash = VOCABULARY.meant(found[1]) if found else None
    if found and slash and slash.offers is Offers.FILES:
        start, path = begun(found[2])
        return _made(found.start(2) + start, [Candidate(one, one) for one in known.paths(path)])
    found = _ARGUMENT.match(before)
    slash = VOCABULARY.meant(found[1]) if found else None
    choices = _choices(slash, known) if slash else ()
    if found and choices:
        return _made(found.start(2), _plain(found[2], choices, ""), unasked=True)
    found = _EMOJI.search(before)
    if found and not in_code(before):
        enough = len(found[2]) >= EMOJI_CHARS
        return _made(found.start(1), _emoji(found[2].casefold()), unasked=enough)
    found = _WORD.search(before)
    if found and found[1]:
        after = ": " if found.start() == 0 else " "
        return _made(found.start(1), _plain(found[1], known.names, after))
    return None


def room_begun(before: str) -> str | None:
    """What is typed of the name of a room to enter; None for anything else."""
    found = _ARGUMENT.match(before)
    slash = VOCABULARY.meant(found[1]) if found else None
    return found[2] if found and slash and slash.name == "join" else None


def common(prefix: str, choices: Iterable[str]) -> list[str]:
    """The choices that begin with ``prefix``, whatever the case."""
    folded = prefix.casefold()
    return [choice for choice in choices if choice.casefold().startswith(folded)]


def _choices(slash: Slash, known: Known) -> Sequence[str]:
    """What may come behind a command. Names are offered behind all of them, as in any text."""
    return known.rooms if slash.offers is Offers.ROOMS else slash.choices_in(Client.FULL)


def _made(start: int, candidates: Sequence[Candidate], *, unasked: bool = False) -> Offer | None:
    return Offer(start, candidates[:MOST], unasked) if candidates else None


def _commands(prefix: str) -> list[Candidate]:
    return [
        Candidate(
            f"{one.word}{' ' if one.argument else ''}",
            f"{one.usage:17} {one.help(Client.FULL)}",
        )
        for one in VOCABULARY.rows.values()
        if one.name.startswith(prefix) and not one.bare
    ]


def _emoji(prefix: str) -> list[Candidate]:
    starting = [name for name in NAMES if name.startswith(prefix)]
    inside = [name for name in NAMES if prefix in name and name not in starting]
    return [Candidate(NAMES[name], f"{NAMES[name]} :{name}:") for name in starting + inside]


def _plain(prefix: str, choices: Iterable[str], after: str) -> list[Candidate]:
    return [Candidate(one + after, one) for one in common(prefix, choices)]
