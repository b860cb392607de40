"""Rows of the timeline: runs of text with their roles, and how they are copied."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from hubbub.terminal.full.model.wrap import wrap


class Role(enum.Enum):
    """The role of a run of text; the theme has a style for each."""

    TEXT = enum.auto()
    TIME = enum.auto()
    NAME = enum.auto()
    MENTION = enum.auto()
    LINK = enum.auto()
    MARK = enum.auto()
    CODE = enum.auto()
    CODE_BLOCK = enum.auto()
    QUOTE = enum.auto()
    ANSWERED = enum.auto()
    MATCH = enum.auto()
    EVENT = enum.auto()
    REACTION = enum.auto()
    REACTED = enum.auto()
    NOTICE = enum.auto()
    WARNING = enum.auto()
    WELCOME = enum.auto()
    RULE = enum.auto()
    UNREAD = enum.auto()
    WAITING = enum.auto()
    FAILED = enum.auto()
    GUTTER = enum.auto()


class Run(NamedTuple):
    """Text in one style. ``key`` is the user of a name or the target of a link; ``within`` has a
    marker (``*_~``) for each kind of emphasis around the text.
    """

    text: str
    role: Role
    key: str = ""
    within: str = ""


class Row:
    """One row of cells.

    The first ``skip`` characters are not part of the text. ``glue`` joins the row before and this
    one in a copy. ``seq`` is that of the row's event, 0 for none. ``drawn`` is a cache of the
    widget that draws the row.
    """

    __slots__ = ("drawn", "glue", "plain", "runs", "seq", "skip")

    def __init__(self, runs: Sequence[Run], skip: int = 0, glue: str = "\n") -> None:
        self.runs = runs
        self.skip = skip
        self.glue = glue
        self.seq = 0
        self.plain = "".join([run.text for run in runs])
        self.drawn: object = None


SOFT_INDENT = Run("  ", Role.GUTTER)
HARD_INDENT = Run("│ ", Role.GUTTER)
INDENT_CELLS = 2


def rows_of(lines: Sequence[Sequence[Run]], width: int) -> list[Row]:
    """The rows of a message's ``lines``, ``width`` cells wide.

    What follows the first row is indented, and lines that the writer ended have a bar before
    them: nobody can write a line that looks like one of somebody else's.
    """
    rows: list[Row] = []
    for number, runs in enumerate(lines):
        hard = number > 0
        plain = "".join([run.text for run in runs])
        first = width - INDENT_CELLS if hard else width
        last = 0
        spans = wrap(plain, first, width - INDENT_CELLS)
        parts = cut_runs(runs, spans) if plain else [list(runs)]
        for (start, end), piece in zip(spans, parts, strict=True):
            if start == 0:
                lead, glue = ([HARD_INDENT] if hard else []), "\n"
            else:
                lead, glue = [HARD_INDENT if hard else SOFT_INDENT], plain[last:start]
            rows.append(Row([*lead, *piece], INDENT_CELLS if lead else 0, glue))
            last = end
    return rows


def cut_runs(runs: Sequence[Run], spans: Iterable[tuple[int, int]]) -> Iterator[list[Run]]:
    """For each span, which is behind the one before, the runs of the characters in it."""
    number = place = 0  # the first run that reaches into the span, and where it begins
    for start, end in spans:
        while number < len(runs) and place + len(runs[number].text) <= start:
            place += len(runs[number].text)
            number += 1
        kept: list[Run] = []
        begin = place
        for at in range(number, len(runs)):
            if begin >= end:
                break
            run = runs[at]
            kept.append(run._replace(text=run.text[max(0, start - begin) : end - begin]))
            begin += len(run.text)
        yield kept


def copied(rows: Sequence[tuple[Row, int, int | None]]) -> str:
    """The text of rows, each from one character to another (None: its end), as it was written."""
    parts: list[str] = []
    for row, start, end in rows:
        if parts:
            parts.append(row.glue)
        parts.append(row.plain[max(start, row.skip) : end])
    return "".join(parts)
