"""A list over the screen to choose from, by typing a part of what is sought, or by arrows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from hubbub.terminal.full.model.display import shown
from hubbub.terminal.full.widgets.field import Field
from hubbub.terminal.full.widgets.picking import Option, Options

T = TypeVar("T")

OTHER_ROWS = 5  # around the list: title, field, hint, and a margin
MOST_ROWS = 20
HINT = "↑↓ choose · Enter takes it · Esc closes"


class Picker(ModalScreen[T | None], Generic[T]):
    """Closes with what was chosen, or with None. ``typed`` is in the field at the beginning."""

    CSS = """
    Picker { align: center top; }
    Picker > Vertical { width: 72; max-width: 96%; height: auto; background: $panel; margin: 1 0;
                        padding: 0 1; }
    Picker:ansi > Vertical { border: round; }
    Picker #title { text-style: bold; height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    Picker Field { height: 1; border: none; padding: 0; background: $surface; }
    Picker Options { height: 1; }
    Picker #hint { color: $secondary; height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+q,ctrl+c", "close", "Closes the list", priority=True),
        Binding("up,ctrl+p,shift+tab", "move(-1)", "The row above", priority=True),
        Binding("down,ctrl+n,ctrl+k,tab", "move(1)", "The row below", priority=True),
        Binding("pageup", "move(-10)", "Ten rows up", priority=True),
        Binding("pagedown", "move(10)", "Ten rows down", priority=True),
        # Without priority: it comes after the letters that were typed before it.
        Binding("enter", "take", "Takes the row"),
    ]
    AUTO_FOCUS = "Field"

    def __init__(self, title: str, typed: str = "") -> None:
        super().__init__()
        self._heading = title
        self._can_offer = False
        self._moved = False  # to a row that the person has chosen, since something was typed
        self._shown: list[tuple[Option, T]] = []
        self._field = Field(typed, compact=True, select_on_focus=False)
        self._options = Options()

    # What it consists of

    def offered(self, typed: str) -> Sequence[tuple[Option, T]]:
        """What fits to what is typed, and what it means."""
        raise NotImplementedError

    def looked_for(self, typed: str) -> None:
        """Something else is typed."""

    async def taken(self, one: T) -> None:
        """A row was taken."""
        self.dismiss(one)

    # On the screen

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(shown(self._heading), id="title", markup=False)
            yield self._field
            yield self._options
            yield Static(HINT, id="hint", markup=False)

    def on_mount(self) -> None:
        self._field.cursor_position = len(self._field.value)
        self._can_offer = True
        self.show_offered()
        self.looked_for(self._field.value)

    def on_resize(self) -> None:
        self._fit()

    def show_offered(self, *, keep: bool = False) -> None:
        """Shows what fits now; ``keep``: the row that the person has moved to stays.

        The first row is chosen else: one that was the first only as long as nothing better was
        known is not what anybody wants.
        """
        if not self._can_offer:
            return
        self._moved = self._moved and keep
        before = self._meaning() if self._moved else None
        self._shown = list(self.offered(self._field.value))
        meanings = [meaning for _, meaning in self._shown]
        chosen = meanings.index(before) if before in meanings else 0
        self._fit()
        self._options.tell([option for option, _ in self._shown], chosen)

    def hint(self, text: str) -> None:
        """A word below the list."""
        self.query_one("#hint", Static).update(shown(text))

    def _fit(self) -> None:
        rows = min(MOST_ROWS, self.app.size.height - OTHER_ROWS, len(self._shown))
        self._options.styles.height = max(1, rows)

    def _meaning(self) -> T | None:
        place = self._options.chosen
        return self._shown[place][1] if place < len(self._shown) else None

    # Keys

    def on_key(self, event: events.Key) -> None:
        """What is typed before the field is there."""
        if event.is_printable and event.character and self.focused is None:
            event.stop()
            self._field.value += event.character
            self._field.cursor_position = len(self._field.value)

    @on(Input.Changed)
    def _written(self, changed: Input.Changed) -> None:
        changed.stop()
        self.hint(HINT)
        self.show_offered()
        self.looked_for(changed.value)

    @on(Input.Submitted)
    async def _entered(self, submitted: Input.Submitted) -> None:
        submitted.stop()
        await self.action_take()

    @on(Options.Clicked)
    async def _clicked(self, clicked: Options.Clicked) -> None:
        self._options.choose(clicked.number)
        self._moved = True
        await self.action_take()

    def action_move(self, by: int) -> None:
        before = self._options.chosen
        self._options.choose(before + by)
        self._moved = self._moved or self._options.chosen != before

    def action_close(self) -> None:
        self.dismiss(None)

    async def action_take(self) -> None:
        self.show_offered(keep=True)  # what was typed last may not have been looked at yet
        one = self._meaning()
        if one is not None:
            await self.taken(one)
