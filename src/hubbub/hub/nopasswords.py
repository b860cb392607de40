"""A server without passwords, on which nobody can have an account."""

from __future__ import annotations

from hubbub.domain.errors import RegistrationClosed
from hubbub.hub.ports import Turn


class NoPasswords:
    """See `hubbub.hub.ports.Passwords`."""

    async def hash(self, password: str, turn: Turn) -> str:
        """Raises `RegistrationClosed`."""
        raise RegistrationClosed("On this server nobody can have an account.")

    async def verify(self, password: str, hashed: str | None, turn: Turn) -> bool:
        """False: there are none."""
        return False

    def outdated(self, hashed: str) -> bool:
        """False: there are none."""
        return False
