"""Where an account is logged in: the list of devices, and logging them out."""

from __future__ import annotations

from collections.abc import Iterable

from hubbub.domain import commands as ask
from hubbub.domain.errors import BadMessage
from hubbub.domain.events import UNSEQUENCED, DeviceRevoked, PasswordSet
from hubbub.domain.ids import UserId
from hubbub.domain.replies import Device, DeviceList, Done
from hubbub.hub.answering import answer_later
from hubbub.hub.choosing import choose_password
from hubbub.hub.clients import LOOPBACK
from hubbub.hub.directory import account_id, append, name_now, turn_of
from hubbub.hub.ports import ForgetCertificates, ForgetDevices, KeepSecret, SecretKind, SwapSecret
from hubbub.hub.proving import check
from hubbub.hub.scram import renewed
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User

HERE = "the server's computer"
"""Where a device is that has no address for others: people read it."""


def devices(hub: Services, session: Session, command: ask.Devices, user: User) -> None:
    """Lists where the account is logged in."""
    id = account_id(user)

    async def found() -> DeviceList:
        return DeviceList(devices=await told_devices(hub, id, user.sessions, session.device))

    answer_later(hub, session, command, found)


async def told_devices(
    hub: Services, id: UserId, sessions: Iterable[Session], current: str | None
) -> list[Device]:
    """Where the account ``id``, who has these ``sessions``, is logged in; ``current``: here."""
    connected = [one.device for one in sessions]
    return [
        Device(
            id=one.id,
            client=one.client,
            address=HERE if one.address == LOOPBACK else one.address,
            since=one.since,
            seen=hub.clock() if one.id in connected else one.seen,
            current=one.id == current,
            connected=connected.count(one.id),
        )
        for one in await hub.log.devices(id)
    ]


def revoke(hub: Services, session: Session, command: ask.Revoke, user: User) -> None:
    """Logs a device out, or all others."""
    id, device = account_id(user), command.device
    hub.take_disk(session, command, device)

    async def out() -> Done:
        if device is not None and device not in {one.id for one in await hub.log.devices(id)}:
            raise BadMessage("You are logged in on no such device. To see them: /devices")
        name, kept = name_now(hub, session, id), session.device if device is None else None
        await append(
            hub,
            DeviceRevoked(UNSEQUENCED, hub.clock(), name, device, kept, by_id=id),
            ForgetDevices(id, only=device, but=kept),
            keep=session if device is None else None,
        )
        return Done()

    answer_later(hub, session, command, out)


def _new_password(id: UserId, was: str | None, hashed: str) -> KeepSecret | SwapSecret:
    """``was``: the hash of the password that was given, which must be the account's yet."""
    if was is None:
        return KeepSecret(SecretKind.PASSWORD, id, hashed)
    return SwapSecret(SecretKind.PASSWORD, id, was, hashed)


def change_password(
    hub: Services, session: Session, command: ask.ChangePassword, user: User
) -> None:
    """Gives the account another password, and logs its other devices out."""
    id = account_id(user)
    new = choose_password(hub, command.new, str(user.name))
    hub.take_disk(session, command, user.name)

    async def change() -> Done:
        async with hub.locks.of(id):
            was = await check(hub, session, id, user.name, command.old)
            hashed = await hub.passwords.hash(new, turn_of(session))
            proved = await renewed(hub, session, id, new)
            name = name_now(hub, session, id)
            await append(
                hub,
                PasswordSet(UNSEQUENCED, hub.clock(), name, session.device, by_id=id),
                _new_password(id, was, hashed),
                ForgetDevices(id, but=session.device),
                ForgetCertificates(id, but=session.outlet.certificate),
                *proved,
                keep=session,
            )
        return Done()

    answer_later(hub, session, command, change)
