"""Our account: how a guest gets one, its password, its devices, its name, and its end."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hubbub.client.asking import Ask
from hubbub.client.protocol import Protocol
from hubbub.domain import commands as ask
from hubbub.domain.errors import BadMessage
from hubbub.domain.names import UserName
from hubbub.domain.replies import Device, DeviceList, Done, Welcome
from hubbub.domain.rules import Role


class Account:
    """``chat.account``. Made by `Chat`.

    What is not repeated when the connection is lost before it is answered raises `InDoubt`: it may
    be done or not.
    """

    def __init__(self, protocol: Protocol, ask: Ask, changed: Callable[[], None]) -> None:
        """``changed`` is called when there is something new to keep for the next run."""
        self._protocol = protocol
        self._ask = ask
        self._changed = changed

    @property
    def exists(self) -> bool:
        """Whether we have one; False for a guest, and before the first connection."""
        return self._protocol.account.exists

    @property
    def role(self) -> Role:
        """What we are on the whole server: its owner, say."""
        return self._protocol.account.role

    async def register(self, password: str) -> None:
        """Makes us, a guest, an account; we stay who we are.

        Raises `WeakPassword`, `NameTaken`, `RegistrationClosed`, `BadMessage` for who has one.
        """
        check_secret(password)
        command = ask.Register(password=password)
        await self._ask(command, Welcome, then=self._protocol.registered)
        self._changed()

    async def change_password(self, old: str, new: str) -> None:
        """Gives it another password. All devices but this one are logged out by it.

        Raises `WrongPassword` for ``old``, `WeakPassword` for ``new``, `RateLimited` after too many
        wrong ones, `InDoubt`.
        """
        check_secret(old)
        check_secret(new)
        await self._ask(ask.ChangePassword(old=old, new=new), Done, repeat=False)

    async def devices(self) -> Sequence[Device]:
        """Where it is logged in, the device seen last first."""
        return (await self._ask(ask.Devices(), DeviceList)).devices

    async def revoke(self, device: str | None = None) -> None:
        """Logs a device out, by its id; without one, all but this one.

        If it is this one, `LoggedOut` follows. Raises `BadMessage` for an unknown one, `InDoubt`.
        """
        await self._ask(ask.Revoke(device=device), Done, repeat=False)

    async def rename(self, user: str) -> None:
        """Gives it another name; `Renamed` follows.

        Raises `InvalidName`, `NameTaken`, `InDoubt`.
        """
        name = UserName.parse(user)
        await self._ask(
            ask.Rename(user=name), Done, repeat=False, then=lambda _: self._protocol.called(name)
        )
        self._changed()

    async def close(self, password: str) -> None:
        """Ends it. What was said stays, and the name stays with nobody; `LoggedOut` follows.

        Raises `WrongPassword`, `RateLimited`, `InDoubt`.
        """
        check_secret(password)
        await self._ask(ask.CloseAccount(password=password), Done, repeat=False)

    async def own(self, code: str) -> None:
        """Makes us the server's owner, by the code that it has shown.

        Raises `BadMessage` for a wrong one, and if somebody is the owner already; `InDoubt`.
        """
        check_secret(code)
        await self._ask(ask.Own(code=code), Done, repeat=False, then=self._owned)
        self._changed()

    def _owned(self, _: object) -> tuple[()]:
        self._protocol.account.role = Role.OWNER
        return ()


def check_secret(secret: str) -> None:
    """Raises `BadMessage` for what cannot be sent; unlike other checks, it never repeats a part."""
    try:
        secret.encode()
    except UnicodeEncodeError:
        raise BadMessage("There is half of a character in this, which cannot be sent.") from None
