"""Who keeps the server: whoever may open its data folder, with or without an account on it."""

from __future__ import annotations

from hubbub.domain.directory import OPERATOR
from hubbub.domain.names import UserName
from hubbub.hub.session import User


class Operator(User):
    """Somebody who may do everything, in all rooms and with the server, and is in none of them.

    What that is, `hubbub.hub.access` says. Their names, sessions and devices are nowhere: it is
    only for asking (`hubbub.hub.errands.ask_as_operator`).
    """

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(UserName.recall(OPERATOR), None, account=True)
