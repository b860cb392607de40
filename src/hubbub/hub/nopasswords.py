"""A server without passwords, on which nobody can have an account."""

from __future__ import annotations

from hubbub.domain.errors import RegistrationClosed


class NoPasswords:
    """See `hubbub.hub.ports.Passwords`."""

    async def hash(self, password: str, *, client: str) -> str:
        """Raises `RegistrationClosed`."""
        raise RegistrationClosed("On this server nobody can have an account.")

    async def verify(self, password: str, hashed: str | None, *, client: str) -> bool:
        """False: there are none."""
        return False

    def outdated(self, hashed: str) -> bool:
        """False: there are none."""
        return False
