"""Whose lines a person does not want to see."""

from __future__ import annotations

from typing import NamedTuple

from hubbub.client.me import Authored
from hubbub.domain.names import UserName


class Ignored(NamedTuple):
    """``names`` are the keys of people's names. ``ids``: accounts, whatever they are called now;
    ``called``: the keys of the names by which they were blocked.
    """

    names: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    called: frozenset[str] = frozenset()

    @property
    def anybody(self) -> bool:
        """Whether somebody is ignored."""
        return bool(self.names or self.ids)

    def has_done(self, one: Authored) -> bool:
        """Whether ``one`` is by somebody who is ignored."""
        if one.by_id in self.ids:
            return True
        return bool(self.names) and UserName.recall(one.by).key in self.names

    def has(self, name: str) -> bool:
        """Whether that may be the name of somebody who is ignored, where no id is known."""
        key = UserName.recall(name).key if self.anybody else ""
        return key in self.names or key in self.called
