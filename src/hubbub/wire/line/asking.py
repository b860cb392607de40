"""The questions whose answer is a secret, or for somebody to think about: one line each."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from hubbub.domain.passwords import MIN_CHARS

MOST_WRONG = 3  # passwords of one connection, then it ends: a person looks for a note by then

NOT_YOURS = (
    'The name "{}" belongs to an account. If it is not yours, an empty line or /login takes you '
    "back."
)
THIRD_WRONG = "That was the third wrong try. Please connect again when you have what it takes."
UNCHANGED = "Nothing was changed."


class Ask(Enum):
    """What is asked; the value is the question, with what it is about."""

    LOGIN = "Password for {}:"
    CODE = "Code for {}:"
    ROOM = "Password of the room {}:"
    REGISTER = f"Choose a password with {MIN_CHARS} characters or more, or an empty line for none:"
    NEWCOMER = f"To make an account {{}}, choose a password with {MIN_CHARS} characters or more:"
    OLD = "Your password until now:"
    NEW = "Your new password:"
    CLOSE = "This ends your account for good. Your password, or an empty line to keep it:"


class Question(Struct, frozen=True):
    """An open one. ``about``: a name. ``given``: a password that was given before."""

    ask: Ask
    about: str = ""
    given: str = ""

    @property
    def text(self) -> str:
        """The line that asks."""
        return self.ask.value.format(self.about)
