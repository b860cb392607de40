"""A list over the screen to choose from, with a field that filters it."""

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
MOST_TOLD = 8  # rows of what is told below the title
HINT = "↑↓ choose · Enter takes it · Esc closes"


class Picker(ModalScreen[T | None], Generic[T]):
    """Closes with the choice, or with None. ``typed`` is in the field at the beginning."""

    DEFAULT_CSS = """
    Picker { align: center top; }
    Picker > Vertical { width: 72; max-width: 96%; height: auto; background: $panel; margin: 1 0;
                        padding: 0 1; }
    Picker:ansi > Vertical { border: round; }
    Picker #title { text-style: bold; height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    Picker #about { color: $secondary; max-height: 8; }
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
        self._told: Sequence[str] = ()
        self._about = Static("", id="about", markup=False)
        self._about.display = False
        self._heading = title
        self._can_offer = False
        self._moved = False  # whether the person has moved to a row since the last typed key
        self._shown: list[tuple[Option, T]] = []
        self._field = Field(typed, compact=True, select_on_focus=False)
        self._options = Options()

    # For subclasses

    def offered(self, typed: str) -> Sequence[tuple[Option, T]]:
        """The rows that match ``typed``, each with the choice that it means."""
        raise NotImplementedError

    def looked_for(self, typed: str) -> None:
        """The text in the field has changed."""

    async def taken(self, one: T) -> None:
        """A row was chosen."""
        self.dismiss(one)

    # Display

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(shown(self._heading), id="title", markup=False)
            yield self._about
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
        """Shows the rows that match; ``keep``: a row that the person has moved to stays chosen.

        Otherwise the first row is chosen, even if another one was first until better matches came.
        """
        if not self._can_offer:
            return
        self._moved = self._moved and keep
        before = self._meaning() if self._moved else None
        self._shown = list(self.offered(self._field.value))
        meanings = [meaning for _, meaning in self._shown]
        chosen = meanings.index(before) if before in meanings else 0
        self._fit()
        self._options.show_options([option for option, _ in self._shown], chosen)

    def tell(self, lines: Sequence[str]) -> None:
        """Shows lines below the title."""
        self._told = lines
        self._about.update("\n".join(lines))
        self._about.display = bool(lines)
        self._fit()

    def hint(self, text: str) -> None:
        """Shows a hint below the list."""
        self.query_one("#hint", Static).update(shown(text))

    def _fit(self) -> None:
        told = min(MOST_TOLD, 2 * len(self._told))  # a line may take two rows
        rows = min(MOST_ROWS, self.app.size.height - OTHER_ROWS - told, len(self._shown))
        self._options.styles.height = max(1, rows)

    def _meaning(self) -> T | None:
        place = self._options.chosen
        return self._shown[place][1] if place < len(self._shown) else None

    # Keys

    def on_key(self, event: events.Key) -> None:
        """Takes keys that come before the field has the focus."""
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
        self.show_offered(keep=True)  # the last key may not have been processed yet
        one = self._meaning()
        if one is not None:
            await self.taken(one)
