"""Does what a typed line asks for, as `hubbub.domain.deeds` reads it."""

from __future__ import annotations

from msgspec.structs import replace

from hubbub.client.account import Account
from hubbub.client.asking import Ask
from hubbub.client.moderation import new_nonce
from hubbub.domain import commands as ask
from hubbub.domain.commands import Command
from hubbub.domain.replies import (
    Ack,
    BanList,
    DeviceList,
    Done,
    FactorOffered,
    Messages,
    Page,
    Person,
    QueueList,
    RecoveryCodes,
    Reply,
    TicketGiven,
    TicketList,
    VersionList,
)

_ANSWERS: dict[type[Command], type[Reply]] = {
    ask.BeginFactor: FactorOffered,
    ask.Bans: BanList,
    ask.Audit: Page,
    ask.Whois: Person,
    ask.Queue: QueueList,
    ask.Tickets: TicketList,
    ask.SetProfile: Done,
    ask.Block: Done,
    ask.Accept: Done,
    ask.Pins: Messages,
    ask.Versions: VersionList,
    ask.Conversation: Messages,
}
"""What may be asked for again and again."""

_ONCE: dict[type[Command], type[Reply]] = {
    ask.CloseAccount: Done,
    ask.ConfirmFactor: RecoveryCodes,
    ask.EndFactor: Done,
    ask.ResetPassword: Done,
    ask.MakeTicket: TicketGiven,
    ask.EndTicket: Done,
    ask.Settle: Done,
    ask.Report: Done,
    ask.Knock: Done,
}
"""What is not repeated when the connection is lost before it is answered."""


async def do(account: Account, send: Ask, command: Command) -> Reply:
    """Sends ``command``; returns its answer, which is `Done` where there is nothing to tell.

    Raises what the calls for the same raise, and `TypeError` for a command that has a call of its
    own only: to join, for example.
    """
    match command:
        case ask.Register(password=password, invite=invite):
            await account.register(password, invite=invite)
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
        case ask.Write():
            return await send(replace(command, nonce=command.nonce or new_nonce()), Ack)
        case _ if type(command) in _ANSWERS:
            return await send(command, _ANSWERS[type(command)])
        case _ if type(command) in _ONCE:
            return await send(command, _ONCE[type(command)], repeat=False)
        case _:
            raise TypeError(f"{type(command).__name__} has a call of its own.")
    return Done()
