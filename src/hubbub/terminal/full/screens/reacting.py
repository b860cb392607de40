"""Chooses an emoji to react with: by its name, or typed as it is; those used last come first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hubbub.client.me import Me
from hubbub.domain.emoji import NAMES, parse_emoji
from hubbub.domain.errors import BadMessage
from hubbub.domain.events import Said
from hubbub.terminal.full.model.below import is_ours
from hubbub.terminal.full.model.display import shown
from hubbub.terminal.full.screens.picker import Picker
from hubbub.terminal.full.widgets.picking import Option

FIRST = ("👍", "👀", "😄", "🎉", "🙏")
"""What is offered to who has not reacted to anything yet."""
OURS = "yours: Enter takes it back"


class Reacting(Picker[str]):
    """Closes with the emoji."""

    def __init__(self, title: str, said: Said, me: Me, recent: Sequence[str]) -> None:
        super().__init__(title)
        self._said = said
        self._ours = {one.emoji for one in said.reactions if is_ours(one, me)}
        self._recent = recent

    def offered(self, typed: str) -> Sequence[tuple[Option, str]]:
        part = typed.strip().casefold().strip(":")
        if not part:
            there = [one.emoji for one in self._said.reactions]
            return [self._row(one) for one in dict.fromkeys((*self._recent, *there, *FIRST))]
        found = dict.fromkeys(self._typed(typed))
        for begins in (True, False):
            for name, emoji in NAMES.items():
                if name.startswith(part) if begins else part in name:
                    found.setdefault(emoji)
        return [self._row(one) for one in found]

    @staticmethod
    def _typed(typed: str) -> Iterator[str]:
        try:
            yield parse_emoji(typed)
        except BadMessage:
            return

    def _row(self, emoji: str) -> tuple[Option, str]:
        names = " ".join(name for name, one in NAMES.items() if one == emoji)
        note = OURS if emoji in self._ours else self._count(emoji)
        return Option(f"{shown(emoji)}  {names}".rstrip(), note), emoji

    def _count(self, emoji: str) -> str:
        return next(
            (f"{len(one.users):,}" for one in self._said.reactions if one.emoji == emoji), ""
        )
