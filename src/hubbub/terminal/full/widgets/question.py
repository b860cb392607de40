"""The input below one of the first questions."""

from __future__ import annotations

from collections.abc import Callable

from textual import events

from hubbub.terminal.full.model.ahead import ENTER, Ahead
from hubbub.terminal.full.widgets.field import Field


class QuestionField(Field):
    """From Enter on, keys go to ``ahead``: they are meant for the next question.

    Tab calls ``complete`` at once, so that an Enter right behind it takes the completed text.
    ``hidden``: what is typed is not shown.
    """

    def __init__(
        self,
        ahead: Ahead,
        value: str = "",
        *,
        id: str,
        complete: Callable[[], None] | None = None,
        hidden: bool = False,
    ) -> None:
        super().__init__(value, id=id, compact=True, select_on_focus=False, password=hidden)
        self._ahead = ahead
        self._complete = complete

    async def on_key(self, event: events.Key) -> None:
        answers = event.key == ENTER and (self.value.strip() or self.placeholder)
        if self._ahead.key(event.key, event.character):
            pass
        elif answers:
            self._ahead.begin()
            await self.action_submit()
        elif event.key == "tab" and self._complete is not None:
            self._complete()
        else:
            return
        event.stop()
        event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        if self._ahead.paste(event.text):
            event.stop()
            event.prevent_default()
