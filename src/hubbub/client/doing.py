"""Does what a typed line asks for, as `hubbub.domain.deeds` reads it."""

from __future__ import annotations

from msgspec.structs import replace

from hubbub.client.account import Account
from hubbub.client.asking import Ask
from hubbub.client.moderation import new_nonce
from hubbub.domain import commands as ask
from hubbub.domain.commands import Command
from hubbub.domain.replies import Ack, BanList, DeviceList, Done, Page, Reply


async def do(account: Account, send: Ask, command: Command) -> Reply:
    """Sends ``command``; returns its answer, which is `Done` where there is nothing to tell.

    Raises what the calls for the same raise, and `TypeError` for a command that has a call of its
    own only: to join, for example.
    """
    match command:
        case ask.Register(password=password):
            await account.register(password)
        case ask.ChangePassword(old=old, new=new):
            await account.change_password(old, new)
        case ask.Devices():
            return DeviceList(devices=await account.devices())
        case ask.Revoke(device=device):
            await account.revoke(device)
        case ask.Rename(user=user):
            await account.rename(user)
        case ask.Own(code=code):
            await account.own(code)
        case ask.CloseAccount(password=password):
            await account.close(password)
        case ask.Bans():
            return await send(command, BanList)
        case ask.Audit():
            return await send(command, Page)
        case ask.Write():
            return await send(replace(command, nonce=command.nonce or new_nonce()), Ack)
        case _:
            raise TypeError(f"{type(command).__name__} has a call of its own.")
    return Done()
