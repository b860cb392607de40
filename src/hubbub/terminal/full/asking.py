"""What is asked of the person in between: answers in a form, or one of several actions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple, Protocol

from hubbub.domain.errors import BadMessage, NeedCode
from hubbub.terminal.full.model.acts import Act


class Asked(NamedTuple):
    """A question. ``hidden``: what is typed is not shown. ``needed``: it must be answered."""

    question: str
    hidden: bool = False
    needed: bool = True
    value: str = ""


AGAIN = "Once more:"


def same(password: str, again: str) -> str:
    """The password, if both are the same."""
    if password != again:
        raise BadMessage("These are not the same. Type it once more, twice.")
    return password


Do = Callable[[Sequence[str]], Awaitable[None]]
"""Does something with the answers; raises `ChatError` for those that will not do."""


class Asking(Protocol):
    """The screen that asks."""

    async def ask(
        self,
        title: str,
        asked: Sequence[Asked],
        do: Do,
        *,
        about: str = "",
        picture: Sequence[str] = (),
    ) -> bool:
        """Asks, and returns whether ``do`` was done; refused answers may be corrected.

        ``picture``: rows of a picture, shown beside it if there is place for it.
        """
        ...

    async def give(self, title: str, about: str, lines: Sequence[str]) -> None:
        """Shows what is told only now, to be copied."""
        ...

    async def choose(self, title: str, acts: Sequence[Act]) -> Act | None:
        """Lets the person choose an action."""
        ...


LogIn = Callable[[str, str | None], Awaitable[object]]
"""Logs in with a password and a code."""


async def log_in(asking: Asking, name: str, do: LogIn, *, about: str = "") -> bool:
    """Asks for the password of ``name``, and for a code if there has to be one."""
    password = ""
    lacks_code = False

    async def with_password(answers: Sequence[str]) -> None:
        nonlocal password, lacks_code
        (password,) = answers
        try:
            await do(password, None)
        except NeedCode:
            lacks_code = True

    async def with_code(answers: Sequence[str]) -> None:
        await do(password, answers[0])

    asked = [Asked("Password:", hidden=True)]
    done = await asking.ask(f"The password of {name}", asked, with_password, about=about)
    if not (done and lacks_code):
        return done
    return await asking.ask("The code of your second factor", [Asked("Code:")], with_code)
