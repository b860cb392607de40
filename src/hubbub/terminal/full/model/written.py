"""A text as runs, with its markup (docs/markup.md) and mentions of us.

The markers stay, faintly: not every terminal has italics or can strike out, and a copy should have
what was written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hubbub.domain.markup import MARKERS, Code, Emphasis, Link, Piece, blocks, pieces
from hubbub.domain.mentions import mention_places
from hubbub.terminal.full.model.display import shown
from hubbub.terminal.full.model.rows import Role, Run


def written(text: str, me: str | None) -> list[list[Run]]:
    """The lines of a text, at least one; mentions of the name ``me`` are highlighted."""
    lines = text.splitlines()
    found: list[list[Run]] = []
    for kind, start, end in blocks(lines):
        for number in range(start, end):
            line = lines[number]
            if kind == "code":
                fence = number in (start, end - 1)
                found.append([Run(shown(line), Role.MARK if fence else Role.CODE_BLOCK)])
            elif kind == "quote":
                inside = _runs(pieces(line[2:]), me, Role.QUOTE, "")
                found.append([Run(line[:2], Role.MARK), *inside])
            elif kind == "quoted code":
                role = Role.MARK if number in (start, end - 1) else Role.CODE_BLOCK
                found.append([Run(line[:2], Role.MARK), Run(shown(line[2:]), role)])
            else:
                found.append([*_runs(pieces(line), me, Role.TEXT, "")])
    return found or [[]]


def _runs(inline: Iterable[Piece], me: str | None, role: Role, within: str) -> Iterator[Run]:
    """The runs of pieces; ``within`` has the markers of the emphasis around them."""
    for piece in inline:
        match piece:
            case str():
                yield from _mentions(shown(piece), me, Run("", role, "", within))
            case Emphasis():
                mark = Run(piece.marker, Role.MARK)
                yield mark
                yield from _runs(piece.inline, me, role, within + MARKERS[piece.kind])
                yield mark
            case Code():
                yield Run("`", Role.MARK)
                yield Run(shown(piece.text), Role.CODE, "", within)
                yield Run("`", Role.MARK)
            case Link():
                yield Run(shown(piece.text), Role.LINK, shown(piece.to), within)


def _mentions(text: str, me: str | None, look: Run) -> Iterator[Run]:
    place = 0
    for start, end in mention_places(text, me) if me else ():
        if start > place:
            yield look._replace(text=text[place:start])
        yield look._replace(text=text[start:end], role=Role.MENTION)
        place = end
    if place < len(text):
        yield look._replace(text=text[place:])
