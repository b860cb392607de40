"""Help as text: sections of paragraphs, and of keys with what they do."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import NamedTuple

KEY_CELLS = 22
NARROW = 60  # cells: a narrower screen has no place for two columns
LEAST_CELLS = 20


class Section(NamedTuple):
    """A heading, and below it paragraphs, and keys with what they do."""

    heading: str
    entries: Sequence[str | tuple[str, str]]


def help_lines(sections: Sequence[Section], cells: int) -> str:
    """All sections in lines of ``cells`` cells; on a narrow screen in one column."""
    return "\n\n".join("\n".join(_section(section, cells)) for section in sections)


def _section(section: Section, cells: int) -> list[str]:
    lines = [f"{section.heading}:"] if section.heading else []
    for entry in section.entries:
        if isinstance(entry, str):
            lines += wrapped(entry, cells, "  " if lines else "")
        elif cells >= NARROW:
            keys, does = entry
            lines += wrapped(does, cells, f"  {keys:<{KEY_CELLS}}", " " * (2 + KEY_CELLS))
        else:
            keys, does = entry
            lines += [f"  {keys}", *wrapped(does, cells, "    ")]
    return lines


def wrapped(text: str, cells: int, first: str = "", rest: str | None = None) -> list[str]:
    """``text`` in lines of ``cells`` cells; ``rest`` is the indent of all but the first."""
    rest = first if rest is None else rest
    cells = max(cells, LEAST_CELLS)
    return textwrap.wrap(text, cells, initial_indent=first, subsequent_indent=rest)
