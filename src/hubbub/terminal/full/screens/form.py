"""A few questions over the screen, of which some are answered unseen: a password, a reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from hubbub.client.errors import ChatClosed, Unreachable
from hubbub.domain.errors import ChatError
from hubbub.terminal.full.asking import Asked, Do
from hubbub.terminal.full.model.display import shown
from hubbub.terminal.full.widgets.field import Field

HINT = "Enter goes on · Esc closes"


class Form(ModalScreen[bool]):
    """Closes with True when ``do``, which is given the answers, has done it, and with False when
    nothing is to be done. A refusal is shown, and what was typed stays.
    """

    CSS = """
    Form { align: center top; }
    Form > Vertical { width: 72; max-width: 96%; height: auto; background: $panel; margin: 1 0;
                      padding: 0 1; }
    Form:ansi > Vertical { border: round; }
    Form #title { text-style: bold; }
    Form #about { color: $secondary; }
    Form Field { height: 1; border: none; padding: 0; background: $surface; }
    Form #refusal { color: $error; }
    Form #hint { color: $secondary; height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+q,ctrl+c", "close", "Closes it", priority=True),
        Binding("up,shift+tab", "move(-1)", "The question before", priority=True),
        Binding("down,tab", "move(1)", "The next question", priority=True),
    ]
    AUTO_FOCUS = "Field"

    def __init__(
        self,
        title: str,
        asked: Sequence[Asked],
        do: Do,
        *,
        about: str = "",
    ) -> None:
        super().__init__()
        self._heading = title
        self._about = about
        self._asked = asked
        self._do = do
        self._busy = False
        self._fields = [
            Field(one.value, password=one.hidden, compact=True, select_on_focus=False)
            for one in asked
        ]

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(shown(self._heading), id="title", markup=False)
            if self._about:
                yield Static(shown(self._about), id="about", markup=False)
            for one, field in zip(self._asked, self._fields, strict=True):
                yield Static(shown(one.question), markup=False)
                yield field
            refusal = Static("", id="refusal", markup=False)
            refusal.display = False
            yield refusal
            yield Static(HINT, id="hint", markup=False)

    def on_key(self, event: events.Key) -> None:
        """Takes keys that come before a field has the focus."""
        if event.is_printable and event.character and self.focused is None:
            event.stop()
            self._fields[0].value += event.character
            self._fields[0].cursor_position = len(self._fields[0].value)

    def action_close(self) -> None:
        self.dismiss(False)

    def action_move(self, by: int) -> None:
        self._go((self._place() + by) % len(self._fields))

    @on(Input.Submitted)
    async def _entered(self, submitted: Input.Submitted) -> None:
        submitted.stop()
        place = self._place()
        if self._asked[place].needed and not self._fields[place].value.strip():
            return
        lacking = [
            number
            for number, (one, field) in enumerate(zip(self._asked, self._fields, strict=True))
            if number > place or (one.needed and not field.value.strip())
        ]
        if lacking:
            self._go(lacking[0])
        elif not self._busy:
            self._busy = True
            self.run_worker(self._try(), exit_on_error=True)

    async def _try(self) -> None:
        self.query_one("#hint", Static).update("One moment…")
        try:
            await self._do([field.value for field in self._fields])
        except (ChatError, ChatClosed, Unreachable) as error:
            self._refuse(str(error))
        else:
            self.dismiss(True)
        finally:
            self._busy = False

    def _refuse(self, why: str) -> None:
        refusal = self.query_one("#refusal", Static)
        refusal.update(shown(why))
        refusal.display = True
        self.query_one("#hint", Static).update(HINT)
        # A password that was refused cannot be corrected: nobody sees it.
        for one, field in zip(self._asked, self._fields, strict=True):
            if one.hidden:
                field.value = ""
        self._go(next((place for place, one in enumerate(self._asked) if one.hidden), 0))

    def _place(self) -> int:
        return next((place for place, one in enumerate(self._fields) if one.has_focus), 0)

    def _go(self, place: int) -> None:
        self.set_focus(self._fields[place])
