"""A few questions over the screen, of which some are answered unseen: a password, a reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from hubbub.client.errors import ChatClosed, Unreachable
from hubbub.domain.errors import ChatError
from hubbub.terminal.full.asking import Asked, Do
from hubbub.terminal.full.model.display import shown
from hubbub.terminal.full.widgets.field import Field

BESIDE_CELLS = 28  # for the questions beside a picture
SMALL = "On a screen of {} rows it would be shown as a QR code, too."
HINT = "Enter goes on · Esc closes"


class FormField(Field):
    """Keys that come before the focus has moved are passed on: `Form.field` is who they are for."""

    def __init__(self, form: Form, asked: Asked) -> None:
        super().__init__(asked.value, password=asked.hidden, compact=True, select_on_focus=False)
        self._form = form

    def on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            self._form.entered()
        elif self is not self._form.field and event.is_printable and event.character:
            self._form.field.insert_text_at_cursor(event.character)
        else:
            return
        event.stop()
        event.prevent_default()

    def on_click(self) -> None:
        self._form.go_to(self)


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
    Form.-pictured { layout: horizontal; align: center middle; }
    Form.-pictured > Vertical { width: 1fr; max-width: 60; margin: 0; }
    Form #picture { width: auto; height: auto; color: white; background: black; }
    Form #small { color: $secondary; }
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
        typed: Callable[[], str],
        *,
        about: str = "",
        picture: Sequence[str] = (),
    ) -> None:
        """``typed`` gives the keys that were pressed before it was there. ``picture``: rows that
        are light on dark ground, beside the questions.
        """
        super().__init__()
        self._heading = title
        self._about = about
        self._picture = picture
        self._asked = asked
        self._do = do
        self._typed_before = typed
        self._busy = False
        self._fields = [FormField(self, one) for one in asked]
        self._place = 0
        self.set_class(bool(picture), "-pictured")

    @property
    def field(self) -> FormField:
        """The field of the present question."""
        return self._fields[self._place]

    def compose(self) -> ComposeResult:
        if self._picture:
            yield Static("\n".join(self._picture), id="picture", markup=False)
        with Vertical():
            yield Static(shown(self._heading), id="title", markup=False)
            if self._about:
                yield Static(shown(self._about), id="about", markup=False)
            if self._picture:
                yield Static(SMALL.format(len(self._picture)), id="small", markup=False)
            for one, field in zip(self._asked, self._fields, strict=True):
                yield Static(shown(one.question), markup=False)
                yield field
            refusal = Static("", id="refusal", markup=False)
            refusal.display = False
            yield refusal
            yield Static(HINT, id="hint", markup=False)

    def on_mount(self) -> None:
        for number, text in enumerate(self._typed_before().split("\n")):
            if number:
                self.entered()
            self.field.insert_text_at_cursor(text)

    def on_resize(self) -> None:
        if not self._picture:
            return
        rows, cells = len(self._picture), len(self._picture[0])
        size = self.app.size
        fits = rows <= size.height and cells + BESIDE_CELLS <= size.width
        self.query_one("#picture").display = fits
        self.query_one("#small").display = not fits

    def on_key(self, event: events.Key) -> None:
        """Takes keys that come before a field has the focus."""
        if event.is_printable and event.character and self.focused is None:
            event.stop()
            self.field.insert_text_at_cursor(event.character)

    def action_close(self) -> None:
        self.dismiss(False)

    def action_move(self, by: int) -> None:
        self.go_to(self._fields[(self._place + by) % len(self._fields)])

    def go_to(self, field: FormField) -> None:
        """Asks the question of ``field``."""
        self._place = self._fields.index(field)
        self.set_focus(field)

    def entered(self) -> None:
        """Enter was pressed: goes on to what is not answered yet, or to the end."""
        if self._lacks(self._place):
            return
        later = range(self._place + 1, len(self._fields))
        lacking = [*later, *filter(self._lacks, range(self._place))]
        if lacking:
            self.go_to(self._fields[lacking[0]])
        elif not self._busy:
            self._busy = True
            self.run_worker(self._try())

    def _lacks(self, place: int) -> bool:
        return self._asked[place].needed and not self._fields[place].value.strip()

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
        hidden = [field for one, field in zip(self._asked, self._fields, strict=True) if one.hidden]
        for field in hidden:
            field.value = ""
        self.go_to((hidden or self._fields)[0])
