"""Type-ahead: keys that are pressed while an answer is checked are meant for the next question.

All of them arrive there, as in a terminal without a screen; or none, if the answer is refused.
"""

from __future__ import annotations

from hubbub.terminal import graphemes

ENTER, BACKSPACE = "enter", "backspace"


class Ahead:
    """``waiting``: keys are buffered, because their field does not exist yet."""

    def __init__(self) -> None:
        self.waiting = False
        self._text = ""

    def begin(self) -> None:
        """An answer is being checked: buffers keys from now on."""
        self.waiting = True

    def key(self, key: str, char: str | None) -> bool:
        """Whether a key was buffered; ``char`` is the character that it writes."""
        if not self.waiting:
            return False
        if key == ENTER:
            self._text += "\n" if self._text.strip() else ""  # a second Enter alone is no answer
        elif key == BACKSPACE:
            self._text = self._text[: graphemes.before(self._text, len(self._text))]
        elif char and char.isprintable():
            self._text += char
        else:
            return False
        return True

    def paste(self, text: str) -> bool:
        """Whether a pasted text was buffered."""
        if self.waiting:
            self._text += "\n".join(text.splitlines())
        return self.waiting

    def answer(self) -> tuple[str, bool]:
        """What was typed for the present question, and whether Enter was pressed.

        If so, keys are buffered for the question after it.
        """
        text, enter, self._text = self._text.partition("\n")
        self.waiting = bool(enter)
        return text, self.waiting

    def rest(self) -> str:
        """All that was typed, for a field that the person sees before anything is sent."""
        text, self._text = self._text, ""
        self.waiting = False
        return text.rstrip("\n")

    def forget(self) -> None:
        """Drops the keys: the answer before them was refused."""
        self.rest()
