"""A server without passwords, on which nobody can have an account, nor a second factor."""

from __future__ import annotations

from hubbub.domain.errors import BadMessage, RegistrationClosed
from hubbub.hub.ports import Turn


class NoPasswords:
    """See `hubbub.hub.ports.Passwords`."""

    async def hash(self, password: str, turn: Turn) -> str:
        """Raises `RegistrationClosed`."""
        raise RegistrationClosed("On this server nobody can have an account.")

    async def verify(self, password: str, hashed: str | None, turn: Turn) -> bool:
        """False: there are none."""
        return False

    async def verifier(self, password: str, turn: Turn) -> str:
        """Raises `RegistrationClosed`."""
        raise RegistrationClosed("On this server nobody can have an account.")

    def outdated(self, hashed: str) -> bool:
        """False: there are none."""
        return False


class NoSecondFactor:
    """See `hubbub.hub.ports.SecondFactor`. What an account has from before, no code opens."""

    def secret(self) -> str:
        """Raises `BadMessage`."""
        raise BadMessage("On this server there are no second factors.")

    def uri(self, secret: str, *, name: str, issuer: str) -> str:
        """Nothing: there is no secret."""
        return ""

    def picture(self, uri: str) -> list[str]:
        """Nothing."""
        return []

    def verify(self, secret: str, code: str, *, now: int, last: int) -> int | None:
        """None: no code is right."""
        return None

    def recovery_codes(self) -> list[str]:
        """None."""
        return []

    def recovery_hash(self, code: str) -> bytes:
        """Of no code that is kept."""
        return b""
