"""The line that shows the message to reply to, and the keys with which one is marked."""

from __future__ import annotations

from collections.abc import Callable

from hubbub.domain.events import Said
from hubbub.domain.quotes import quote_of
from hubbub.terminal.full.model.answering import beside, lowest
from hubbub.terminal.full.model.display import cut, shown, width
from hubbub.terminal.full.model.room import Room
from hubbub.terminal.full.model.rows import Role
from hubbub.terminal.full.widgets.lines import Bar, palette_of

STEPS = {"up": -1, "alt+up": -1, "alt+r": -1, "down": 1, "pageup": -10, "pagedown": 10}
"""By how many messages a key moves the mark."""

MIN_CELLS = 6  # of the message; the hint gets the rest
CHOOSING = (
    " ↑↓ · Enter answers · Ctrl+C copies · Ctrl+O opens its link · Esc ",
    " ↑↓ Enter: answer ^C: copy ^O: link Esc ",
    " ↑↓ Enter ^C ^O Esc ",
    " Enter ^C ^O Esc ",
)
CHOSEN = " Esc: no answer "


class AnswerLine(Bar):
    """``moved`` is called when another message is marked.

    While one is being marked, the input keeps the focus and passes each key to `key` first. So no
    key is lost to a change of focus, however quickly it is typed.
    """

    DEFAULT_CSS = "AnswerLine { display: none; height: 1; background: $panel; }"

    def __init__(self, moved: Callable[[], None]) -> None:
        super().__init__()
        self._room: Room | None = None
        self._moved = moved
        self._marked: Said | None = None
        self._was_following = False

    @property
    def marked(self) -> Said | None:
        """The message that is marked; None outside of marking."""
        return self._marked

    def show_room(self, room: Room | None) -> None:
        """Shows the marked message, or the one that the next text of the room replies to."""
        if room is not self._room:
            self.stop()
            self._room = room
        said = self._marked or (room.answers if room else None)
        self.display = said is not None
        if said is not None:
            looks = palette_of(self).roles
            quote = quote_of(said.by, said.text)
            whom = f" Reply to {shown(quote.by)}: "
            cells = self.app.size.width - width(whom) - 1
            hints = CHOOSING if self._marked else [CHOSEN]
            text = shown(quote.text)
            enough = min(width(text), cells // 3)  # so much identifies the message
            hint = next((one for one in hints if cells - width(one) >= enough), hints[-1])
            what = cut(text, max(MIN_CELLS, cells - width(hint)))
            pieces = [(whom, looks[Role.MENTION]), (what, looks[Role.ANSWERED])]
            self.show(pieces, [(hint, looks[Role.NOTICE])])

    def choose(self) -> bool:
        """Starts marking at the lowest message on the screen; False if there is none."""
        if self._room is None:
            return False
        timeline = self._room.timeline
        said = lowest(timeline)
        if said is not None:
            self._was_following = timeline.following
            self._mark(said)
        return said is not None

    def key(self, key: str, *, writes: bool = False) -> bool:
        """Whether a key was used for marking.

        Enter takes the marked message as the one to reply to, and so does a key that ``writes``.
        """
        room, marked = self._room, self._marked
        if room is None or marked is None:
            return False
        if key in STEPS:
            self._mark(beside(room.timeline, marked.seq, STEPS[key]) or marked)
            return True
        if key == "enter" or writes:
            room.answers = marked
        self.stop()
        return key in ("enter", "escape")

    def stop(self) -> None:
        """Ends marking."""
        if self._room is not None and self._marked is not None:
            self._marked = self._room.timeline.chosen = None
            if self._was_following:
                self._room.timeline.to_newest()
            self._moved()

    def _mark(self, said: Said) -> None:
        assert self._room is not None
        timeline = self._room.timeline
        self._marked, timeline.chosen = said, said.seq
        if all(row is None or row.seq != said.seq for _, row in timeline.view()):
            timeline.to_event(said.seq)
        timeline.following = False  # new messages do not scroll the mark out of view
        self._moved()
