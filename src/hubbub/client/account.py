"""Our account: how a guest gets one, its password, its devices, its name, its profile, its end."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hubbub.client.asking import Ask
from hubbub.client.protocol import Protocol
from hubbub.domain import commands as ask
from hubbub.domain.errors import BadMessage
from hubbub.domain.names import UserName
from hubbub.domain.replies import (
    Device,
    DeviceList,
    Done,
    FactorOffered,
    Person,
    RecoveryCodes,
    Welcome,
)
from hubbub.domain.rules import Profile, Role, Status


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

    @property
    def profile(self) -> Profile:
        """What we say of ourselves, as far as it is known, and whom we have blocked."""
        return self._protocol.account.profile

    async def register(self, password: str, *, invite: str | None = None) -> None:
        """Makes us, a guest, an account; we stay who we are.

        ``invite``: the code of an invitation, where one needs it. Raises `WeakPassword`,
        `NameTaken`, `RegistrationClosed`, `NeedInvitation`, `BadTicket`, `BadMessage` for who has
        one.
        """
        check_secret(password)
        if invite is not None:
            check_secret(invite)
        command = ask.Register(password=password, invite=invite)
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

    async def close(self, password: str, *, empty: bool = False) -> None:
        """Ends it; `LoggedOut` follows. What was said stays, or is taken away if ``empty``.

        Either way it stands under the name of a former member from then on. Raises
        `WrongPassword`, `RateLimited`, `InDoubt`.
        """
        check_secret(password)
        await self._ask(ask.CloseAccount(password=password, empty=empty), Done, repeat=False)

    async def begin_factor(self, password: str) -> FactorOffered:
        """Offers a second factor: what an app needs, to show codes. `confirm_factor` turns it on.

        Raises `WrongPassword`, `RateLimited`, `BadMessage` for who has one.
        """
        check_secret(password)
        return await self._ask(ask.BeginFactor(password=password), FactorOffered)

    async def confirm_factor(self, code: str) -> Sequence[str]:
        """Turns the second factor on that was offered last; ``code`` is what the app shows.

        Returns the recovery codes, each of which lets in once without the app: they are told only
        now. Raises `NeedCode` for a wrong one, `RateLimited`, `InDoubt`.
        """
        check_secret(code)
        answer = await self._ask(ask.ConfirmFactor(code=code), RecoveryCodes, repeat=False)
        return answer.codes

    async def end_factor(self, password: str) -> None:
        """Turns the second factor off.

        Raises `WrongPassword`, `RateLimited`, `InDoubt`, `BadMessage` for who has none.
        """
        check_secret(password)
        await self._ask(ask.EndFactor(password=password), Done, repeat=False)

    async def reset(self, user: str, code: str, password: str) -> None:
        """Chooses a new password for ``user``, any account, by the code of a link.

        Who is not connected by any name yet gives `Chat.hello` the code instead. Raises
        `BadTicket`, `WeakPassword`, `InDoubt`.
        """
        for secret in (code, password):
            check_secret(secret)
        command = ask.ResetPassword(user=UserName.parse(user), code=code, password=password)
        await self._ask(command, Done, repeat=False)

    async def set_profile(
        self,
        *,
        about: str | None = None,
        status: Status | None = None,
        note: str | None = None,
        hides_seen: bool | None = None,
        labels: dict[str, str | None] | None = None,
        accounts_only: bool | None = None,
    ) -> None:
        """Changes what we say of ourselves; None leaves it as it is. `ProfileChanged` follows.

        ``about``: a line; "" takes it away. ``status``: whether we are away, or busy and not to be
        disturbed; ``note``: why. ``hides_seen``: nobody is told when we were here last. ``labels``:
        what programs say of us, by names that they agree on; None takes one away.
        ``accounts_only``: no guest writes to us alone, but whom we have written to or `accept`.
        Raises `NeedAccount`, `TextTooLong`, `TooMany`.
        """
        command = ask.SetProfile(
            about=about,
            status=status,
            note=note,
            hides_seen=hides_seen,
            labels=labels,
            accounts_only=accounts_only,
        )
        await self._ask(command, Done)

    async def block(self, user: str) -> None:
        """Lets ``user`` not write to us alone any more; `ProfileChanged` follows.

        Raises `NeedAccount`, `NoSuchUser`, `TooMany`.
        """
        await self._ask(ask.Block(user=UserName.parse(user)), Done)

    async def unblock(self, user: str) -> None:
        """Lets ``user`` write to us alone again. Raises `NeedAccount`, `NoSuchUser`."""
        await self._ask(ask.Block(user=UserName.parse(user), on=False), Done)

    async def accept(self, user: str, *, on: bool = True) -> None:
        """Lets a guest write to us though we take messages of accounts only, or does so no more.

        Raises `NeedAccount`, `NoSuchUser`.
        """
        await self._ask(ask.Accept(user=UserName.parse(user), on=on), Done)

    async def whois(self, user: str) -> Person:
        """What is known of somebody. Raises `NoSuchUser`."""
        return await self._ask(ask.Whois(user=UserName.parse(user)), Person)

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
