"""Type-ahead: what is typed while an answer is on its way is meant for the question that follows.

All of it arrives there, as in a terminal without a screen; or none of it, if the answer is refused.
"""

from __future__ import annotations

from hubbub.terminal import graphemes

ENTER, BACKSPACE = "enter", "backspace"


class Ahead:
    """``waiting``: keys are kept, for there is no field for them yet."""

    def __init__(self) -> None:
        self.waiting = False
        self._text = ""

    def begin(self) -> None:
        """An answer goes off."""
        self.waiting = True

    def key(self, key: str, char: str | None) -> bool:
        """Whether a key was kept; ``char`` is what it writes."""
        if not self.waiting:
            return False
        if key == ENTER:
            self._text += "\n" if self._text.strip() else ""  # impatience is no answer
        elif key == BACKSPACE:
            self._text = self._text[: graphemes.before(self._text, len(self._text))]
        elif char and char.isprintable():
            self._text += char
        else:
            return False
        return True

    def paste(self, text: str) -> bool:
        """Whether a text that was pasted was kept."""
        if self.waiting:
            self._text += "\n".join(text.splitlines())
        return self.waiting

    def answer(self) -> tuple[str, bool]:
        """What was typed for the question that is asked now, and whether Enter was pressed.

        If so, all behind it is for the next one, and is waited for.
        """
        text, enter, self._text = self._text.partition("\n")
        self.waiting = bool(enter)
        return text, self.waiting

    def rest(self) -> str:
        """All that was typed, for a field in which nothing is sent unseen."""
        text, self._text = self._text, ""
        self.waiting = False
        return text.rstrip("\n")

    def forget(self) -> None:
        """The answer was refused: what was typed behind it was no answer to that."""
        self.rest()
