"""Events, own lines and notices as rows: the seed's lines, in the reader's style."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

from hubbub.client.line import Line, LineState
from hubbub.client.me import Authored, Me
from hubbub.domain.errors import Held
from hubbub.domain.events import Event, Quote, Said
from hubbub.domain.filenames import file_path, spoken_size
from hubbub.domain.kinds import is_line, is_message
from hubbub.domain.mentions import mentions
from hubbub.domain.sentences import TAKEN_AWAY, sentence, shown_text
from hubbub.terminal.comings import folded
from hubbub.terminal.full.model import clock
from hubbub.terminal.full.model.below import runs_below
from hubbub.terminal.full.model.display import cut, lines_of, shown, width
from hubbub.terminal.full.model.ignored import Ignored
from hubbub.terminal.full.model.rows import INDENT_CELLS, Role, Row, Run, rows_of
from hubbub.terminal.full.model.sought import highlighted
from hubbub.terminal.full.model.written import written

MIN_WIDTH = 10  # cells: below that a row is no row; the screen cuts it
BELOW = Run("╰ ", Role.GUTTER)
ANSWER = Run("╭ ", Role.GUTTER)  # at the left edge, where nothing that somebody wrote can be


class Look(NamedTuple):
    """How lines are to look. ``me`` is who we are, ``ignored`` are those whose lines are not
    shown. ``sought`` is casefolded, and so are the words that stand out in one event,
    ``found``, of which they are the second part. ``direct``: each text is meant for us.
    """

    width: int = 80
    compact: bool = False
    me: Me = Me()
    ignored: Ignored = Ignored()
    sought: str = ""
    found: tuple[int, tuple[str, ...]] = (0, ())
    local: clock.LocalTime = time.localtime
    direct: bool = False

    def names_us(self, text: str) -> bool:
        """Whether a text of somebody else speaks to us."""
        return self.direct or mentions(text, self.me.name or "")

    def hides(self, one: Authored) -> bool:
        """Whether ``one`` is not shown, because of who has done it."""
        return self.ignored.has_done(one)


class Notice(NamedTuple):
    """Something that the client itself says; it is in no log."""

    text: str
    role: Role = Role.NOTICE


def event_rows(event: Event, look: Look, beside: Sequence[str] = ()) -> list[Row]:
    """The rows of one event; none for a kind that this version does not know.

    ``beside``: what else is told of a message, behind who reacts to it.
    """
    if look.hides(event):
        return []
    when = _stamp(event.at, look)
    if not is_message(event):
        told = sentence(event) if is_line(event) else None
        if told is None:
            return []
        who = Run(shown(told.who), Role.NAME, told.who)
        return _laid([[*when, who, Run(" " + shown(told.what), Role.EVENT)]], look, event.seq)
    lines = _said(event, look)
    who = Run(shown(event.by), Role.NAME, event.by)
    lines[0] = [*when, who, Run(": ", Role.TEXT), *lines[0]]
    above = [] if event.quote is None else [_answered(event.quote, look, event.seq)]
    below = below_rows(event, look, beside)
    return [*above, *_laid(lines, look, event.seq), *below]


def _said(said: Said, look: Look) -> list[list[Run]]:
    """What a message says, and which files it has, each on a line of its own."""
    text = shown_text(said)
    if not said.text:
        lines = [[Run(shown(text), Role.EVENT)]] if text else []
    else:
        lines = written(text, None if look.me.did(said) else look.me.name)
    for file in said.files:
        alt = f": {shown(file.alt)}" if file.alt else ""
        size = Run(f" ({spoken_size(file.size)}){alt}", Role.EVENT)
        name = Run(f"\N{PAPERCLIP} {shown(file.name)}", Role.LINK, file_path(file))
        lines.append([name, size])
    if said.edited_at is not None:
        lines[-1] = [*lines[-1], Run(" (edited)", Role.EVENT)]
    return lines


def below_rows(said: Said, look: Look, beside: Sequence[str]) -> list[Row]:
    """One row for who reacts to a message, and what else is to be told; none for nothing."""
    room = max(MIN_WIDTH, look.width) - INDENT_CELLS
    runs = runs_below(said.reactions, look.me, beside, room)
    if not runs:
        return []
    row = Row([BELOW, *runs], len(BELOW.text))
    row.seq = said.seq
    return [row]


def folded_rows(events: Sequence[Event], look: Look) -> list[Row]:
    """One line for many who came and went, as they did in the end."""
    line = _stamp(events[0].at, look)
    for number, one in enumerate(folded(events)):
        if number:
            line.append(Run(" · ", Role.EVENT))
        for place, name in enumerate(one.names):
            if place:
                last = place == len(one.names) - 1 and not one.others
                line.append(Run(" and " if last else ", ", Role.EVENT))
            line.append(Run(shown(name), Role.NAME, name))
        others = f" and {one.others:,} others" if one.others else ""
        line.append(Run(f"{others} {shown(one.did)}", Role.EVENT))
    return _laid([line], look, events[-1].seq)


def is_held(line: Line) -> bool:
    """Whether a line of our own waits for a moderator."""
    return isinstance(line.error, Held)


def own_rows(line: Line, look: Look, by: str, answered: Quote | None = None) -> list[Row]:
    """The rows of a line of our own that is not in the log yet."""
    held = is_held(line)
    failed = line.state is LineState.FAILED and not held
    role = Role.FAILED if failed else Role.WAITING
    word = {LineState.FAILED: "not sent", LineState.SAVED: "saved"}.get(line.state, "waiting")
    word = "held" if held else word
    short = "  ✗  " if failed else "  …  "
    lead = short if look.compact else f"[{word:^19}]"
    lines = [[Run(text, role)] for text in lines_of(line.text)]
    lines[0] = [Run(f"{lead} {shown(by)}: ", role), *lines[0]]
    if held:
        lines.append([Run(shown(str(line.error)), Role.WAITING)])
    elif failed:
        why = shown(str(line.error or "It was not sent."))
        lines.append([Run(f"{why} Ctrl+R sends it again.", Role.FAILED)])
    above = [_answered(answered, look, 0)] if answered is not None else []
    return [*above, *_laid(lines, look, 0)]


def notice_rows(notice: Notice, look: Look) -> list[Row]:
    """The rows of a notice."""
    runs = [[Run(line, notice.role)] for line in lines_of(notice.text)]
    return _laid(runs, look, 0)


def rule_rows(text: str, role: Role, look: Look) -> list[Row]:
    """A rule over the whole width with a text in it."""
    text = f" {text} "
    left = 4 if look.width > width(text) + 8 else 0
    right = max(0, look.width - width(text) - left)
    return [Row([Run("─" * left + text + "─" * right, role)])]


def _answered(quote: Quote, look: Look, seq: int) -> Row:
    """What is answered, in one row."""
    room = max(MIN_WIDTH, look.width) - INDENT_CELLS
    text = f"{quote.by}: {'…' if look.hides(quote) else quote.text or TAKEN_AWAY}"
    runs = [Run(cut(shown(text), room), Role.ANSWERED)]
    row = Row([ANSWER, *highlighted(runs, look.sought)], len(ANSWER.text))
    row.seq = seq
    return row


def _laid(lines: list[list[Run]], look: Look, seq: int) -> list[Row]:
    sought = [look.sought, *(look.found[1] if seq and seq == look.found[0] else ())]
    if any(sought):
        lines = [highlighted(line, *sought) for line in lines]
    rows = rows_of(lines, max(MIN_WIDTH, look.width))
    for row in rows:
        row.seq = seq
    return rows


def _stamp(at: int, look: Look) -> list[Run]:
    if look.compact:
        return [Run(clock.short(at, look.local) + " ", Role.TIME)]
    return [Run(f"[{clock.stamp(at, look.local)}] ", Role.TIME)]
