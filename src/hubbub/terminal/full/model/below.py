"""The row below a message: who reacts to it with what, how many answer it, whether it is pinned."""

from __future__ import annotations

from collections.abc import Sequence

from hubbub.client.me import Me
from hubbub.domain.reactions import Reaction
from hubbub.terminal.full.model.display import cut, shown, width
from hubbub.terminal.full.model.rows import Role, Run

NAMED = 10  # people who react with one emoji; of more, the others are counted


def is_ours(reaction: Reaction, me: Me) -> bool:
    """Whether we react so, too."""
    if me.id is not None:
        return me.id in reaction.ids
    return me.name in reaction.users


def runs_below(
    reactions: Sequence[Reaction], me: Me, beside: Sequence[str], cells: int
) -> list[Run]:
    """What fits into one row: counts, ours in brackets, and behind them the words ``beside``.

    Reactions for which there is no place are counted.
    """
    words = " · ".join(beside)
    runs: list[Run] = []
    left = cells - width(words) - 3 * bool(words)
    for number, one in enumerate(reactions):
        ours = is_ours(one, me)
        text = f"{shown(one.emoji)} {len(one.users):,}"
        text = f"[{text}]" if ours else text
        more = f"+{len(reactions) - number}"
        last = number == len(reactions) - 1
        if width(text) + (0 if last else 2 + len(more)) > left and number:
            runs.append(Run(more, Role.REACTION))
            break
        runs.append(Run(text, Role.REACTED if ours else Role.REACTION))
        runs.append(Run("  ", Role.REACTION))
        left -= width(text) + 2
    if runs and runs[-1].text == "  ":
        runs.pop()
    if words:
        runs.append(Run(f" · {words}" if runs else cut(words, cells), Role.EVENT))
    return runs


def who_reacts(reactions: Sequence[Reaction]) -> list[str]:
    """A line for each emoji, with names."""
    lines = []
    for one in reactions:
        names = [shown(name) for name in one.users[:NAMED]]
        others = len(one.users) - len(names)
        told = ", ".join(names) + (f" and {others:,} others" if others else "")
        lines.append(f"{shown(one.emoji)} {told}")
    return lines
