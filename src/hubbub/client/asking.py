"""What parts of a chat ask the server with: a command, and the kind of answer that is expected."""

from __future__ import annotations

from typing import Protocol, TypeVar

from hubbub.client.requests import Then
from hubbub.domain.commands import Command
from hubbub.domain.replies import Reply

R = TypeVar("R", bound=Reply)


class Ask(Protocol):
    """Sends ``command`` and returns its answer; raises a refusal.

    ``repeat`` and ``then`` as in `hubbub.client.requests.Request`.
    """

    async def __call__(
        self, command: Command, kind: type[R], *, repeat: bool = True, then: Then | None = None
    ) -> R: ...
