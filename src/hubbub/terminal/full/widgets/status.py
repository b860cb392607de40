"""The line above the input: new messages, who is typing, and short messages to the person.

A message that is too long for one line takes several while it is shown.
"""

from __future__ import annotations

from textual.strip import Strip

from hubbub.domain.replies import Limits
from hubbub.terminal.full.model.display import cut, shown, width
from hubbub.terminal.full.model.helping import wrapped
from hubbub.terminal.full.model.news import about, elsewhere, fitting, here
from hubbub.terminal.full.model.room import Room
from hubbub.terminal.full.model.rooms import News, Rooms
from hubbub.terminal.full.model.rows import Role
from hubbub.terminal.full.widgets.lines import Bar, palette_of
from hubbub.terminal.full.widgets.strips import Piece, strip_of

SAY_SECONDS = 6.0  # at least, for a message
CHARS_PER_SECOND = 15  # that a person reads, including the time to notice the line
SAY_LINES = 4
HELP = " F1 help "  # shown if there is nothing else at the right
BESIDE_CELLS = 3  # between the news of this room and those of other rooms
NEAR_LIMIT = 0.8  # of the limits of a message: from there on the count is shown


class StatusLine(Bar):
    """One line with the most urgent piece of information."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._said: tuple[str, bool, float] = ("", False, 0.0)
        self._further: list[Piece] = []  # the lines after the first

    def say(self, text: str, now: float, *, bad: bool = False) -> None:
        """Shows a message for some seconds."""
        self._said = text, bad, now + max(SAY_SECONDS, len(text) / CHARS_PER_SECOND)

    def hush(self) -> None:
        """Hides the message: it is out of date."""
        self._said = ("", False, 0.0)

    def show_state(
        self, rooms: Rooms, written: str, limits: Limits | None, now: float, silent: str = ""
    ) -> None:
        """Shows the state of the current room, and unread texts elsewhere; ``written`` is the text
        in the input. ``silent``: why nothing can be said in the room.
        """
        left, right = self._left(rooms.current, now, silent), self._count(written, limits)
        left, further = self._broken(left)
        if further != self._further:
            self._further = further
            self.styles.height = 1 + len(further)
            self.refresh()
        if not right:
            taken = sum(width(text) for text, _ in left)
            right = self._elsewhere(rooms.elsewhere(), self.size.width - taken)
        self.show(left, right or [(HELP, palette_of(self).roles[Role.TIME])])

    def render_line(self, y: int) -> Strip:
        if 0 < y <= len(self._further):
            return strip_of([self._further[y - 1]], self.size.width, self.rich_style)
        return super().render_line(y)

    def _broken(self, left: list[Piece]) -> tuple[list[Piece], list[Piece]]:
        """A single piece that is too wide, as several lines: the first one, and the others."""
        cells = self.size.width - 2
        if len(left) != 1 or width(left[0][0]) <= self.size.width or cells < 1:
            return left, []
        text, look = left[0]
        first, *others = wrapped(text.strip(), cells)
        return [(f" {first}", look)], [(f" {line}", look) for line in others[: SAY_LINES - 1]]

    def _elsewhere(self, news: News, cells: int) -> list[Piece]:
        looks = palette_of(self).roles
        words = elsewhere(news, cells - BESIDE_CELLS)
        look = looks[Role.MENTION if news.mentions else Role.NOTICE]
        return [(f"{words} ", look)] if words else []

    def _left(self, room: Room | None, now: float, silent: str) -> list[Piece]:
        looks = palette_of(self).roles
        text, bad, until = self._said
        if text and now < until:
            return [(f" {shown(text)}", looks[Role.FAILED if bad else Role.NOTICE])]
        if room is None:
            return []
        pieces: list[Piece] = []
        unread = room.unread
        if not room.timeline.following:
            fresh = room.timeline.fresh
            what = f"{fresh:,} new" if fresh else "older lines"
            what = f"↓ {about(unread) if unread.texts else what}: Esc"
            words = fitting(self.size.width - 2, f"{what} goes to the newest", what)
            pieces.append((f" {words} ", looks[Role.MENTION]))
        elif unread.texts:
            pieces.append((f" {here(unread, self.size.width - 2)} ", looks[Role.MENTION]))
        failed, waiting = len(room.failed()), room.waiting()
        if failed:
            pieces.append((f" {failed} not sent: Ctrl+R sends again ", looks[Role.FAILED]))
        elif waiting > 1:
            pieces.append((f" {waiting} waiting to be sent ", looks[Role.NOTICE]))
        if silent and not pieces:
            pieces.append((f" {shown(silent)}", looks[Role.WARNING]))
        typing = room.who_types(now)
        if typing and not pieces:
            pieces.append((f" {_typing(typing)}", looks[Role.NOTICE]))
        if room.topic and not pieces:
            cells = max(1, self.size.width // 2)
            topic = cut(shown(room.topic[: self.size.width]), cells)  # a server may send a book
            pieces.append((f" {topic}", looks[Role.TIME]))
        return pieces

    def _count(self, written: str, limits: Limits | None) -> list[Piece]:
        if limits is None:
            return []
        looks = palette_of(self).roles
        chars, lines = len(written), len(written.splitlines())
        if chars > limits.text:
            return [(f"{chars - limits.text:,} characters too long ", looks[Role.FAILED])]
        if lines > limits.lines:
            over = lines - limits.lines
            return [(f"{over:,} line{'s' * (over > 1)} too many ", looks[Role.FAILED])]
        if lines >= NEAR_LIMIT * limits.lines:
            return [(f"{lines:,} of {limits.lines:,} lines ", looks[Role.WARNING])]
        if chars >= NEAR_LIMIT * limits.text:
            return [(f"{chars:,} of {limits.text:,} ", looks[Role.WARNING])]
        return []


def _typing(names: list[str]) -> str:
    shown_names = [cut(shown(name), 20) for name in names[:2]]
    if len(names) > 2:
        return f"{', '.join(shown_names)} and {len(names) - 2} more are typing…"
    return f"{' and '.join(shown_names)} {'is' if len(names) == 1 else 'are'} typing…"
