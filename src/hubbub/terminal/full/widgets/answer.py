"""The line that shows the message to reply to, or to change, and the keys that mark one."""

from __future__ import annotations

from collections.abc import Callable, Collection

from hubbub.domain.events import Said
from hubbub.domain.quotes import quote_of_said
from hubbub.domain.sentences import shown_text
from hubbub.terminal.full.model.answering import beside, lowest
from hubbub.terminal.full.model.changing import ANSWER, COPY_TEXT, EDIT, REACT, TAKE_BACK
from hubbub.terminal.full.model.display import cut, shown, width
from hubbub.terminal.full.model.room import Room
from hubbub.terminal.full.model.rows import Role
from hubbub.terminal.full.widgets.lines import Bar, palette_of

STEPS = {"up": -1, "alt+up": -1, "alt+r": -1, "down": 1, "pageup": -10, "pagedown": 10}
"""By how many messages a key moves the mark."""

MIN_CELLS = 6  # of the message; the hint gets the rest
CHOSEN = " Esc: no answer "
EDITING = " Esc: leave it "


def hints(offered: Collection[str]) -> list[str]:
    """What can be done with the marked message: the longest hint first."""
    words = {
        ANSWER: ("Enter answers", "Enter"),
        REACT: ("Ctrl+R reacts", "^R"),
        EDIT: ("Ctrl+E changes", "^E"),
        TAKE_BACK: ("Del takes back", "Del"),
        COPY_TEXT: ("Ctrl+C copies", "^C"),
    }
    there = [both for act, both in words.items() if act in offered]
    return [
        " · ".join([" ↑↓", *(long for long, _ in there), "F7: more", "Esc "]),
        " ".join([" ↑↓", *(short for _, short in there), "F7: more", "Esc "]),
        " Enter ^C F7 Esc " if COPY_TEXT in offered else " F7: more · Esc ",
    ]


class AnswerLine(Bar):
    """``moved`` is called when another message is marked.

    While one is being marked, the input keeps the focus and passes each key to `key` first. So no
    key is lost to a change of focus, however quickly it is typed.
    """

    DEFAULT_CSS = "AnswerLine { display: none; height: 1; background: $panel; }"

    def __init__(
        self, moved: Callable[[], None], offered: Callable[[Said], Collection[str]]
    ) -> None:
        """``offered`` tells what may be done with a message."""
        super().__init__()
        self._room: Room | None = None
        self._moved = moved
        self._offered = offered
        self._marked: Said | None = None
        self._was_following = False

    @property
    def marked(self) -> Said | None:
        """The message that is marked, as it is now; None outside of marking."""
        if self._room is None or self._marked is None:
            return None
        return self._room.timeline.shown(self._marked.seq) or self._marked

    def show_room(self, room: Room | None) -> None:
        """Shows the marked message, or the one that the next text of the room replies to."""
        if room is not self._room:
            self.stop()
            self._room = room
        marked = self.marked
        said = marked or (room.edits or room.answers if room is not None else None)
        self.display = said is not None
        if said is not None and room is not None:
            looks = palette_of(self).roles
            edits = marked is None and room.edits is not None
            by = shown(said.by)
            whom = " Change your message: " if edits else f" Reply to {by}: "
            cells = self.app.size.width - width(whom) - 1
            chosen = [EDITING if edits else CHOSEN]
            offered = hints(self._offered(marked)) if marked is not None else chosen
            text = shown(quote_of_said(said).text or shown_text(said))
            enough = min(width(text), cells // 3)  # so much identifies the message
            hint = next((one for one in offered if cells - width(one) >= enough), offered[-1])
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
        room, marked = self._room, self.marked
        if room is None or marked is None:
            return False
        if key in STEPS:
            self._mark(beside(room.timeline, marked.seq, STEPS[key]) or marked)
            return True
        there = marked.redacted is None and room.edits is None
        if there and (key == "enter" or writes):
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
