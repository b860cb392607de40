"""What an account asks for without a connection: one command, in a session of its own.

So it goes through the door that all commands go through, with the account's rights and limits. The
session is in no room, and nobody sees the account come or go. The same for who keeps the server,
whose rights are those of `hubbub.hub.operating.Operator`, and whom no limit holds back.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from msgspec.structs import replace

from hubbub.domain import commands as ask_for
from hubbub.domain.commands import Command
from hubbub.domain.errors import BadMessage, NeedPassword, WrongToken
from hubbub.domain.events import AnyEvent
from hubbub.domain.ids import THE_SERVER
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Goodbye, Reply
from hubbub.hub.clients import LOOPBACK, Budgets, Client
from hubbub.hub.fairqueue import to_its_end
from hubbub.hub.logins import come_in, device_of, see
from hubbub.hub.operating import Operator
from hubbub.hub.ports import DeviceRecord, Format, Pipe
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User
from hubbub.hub.tokens import owner_of
from hubbub.hub.users import hash_token

ON_CONNECTIONS: frozenset[type[Command]] = frozenset(
    {
        ask_for.Hello,
        ask_for.HelloByCertificate,
        ask_for.HelloByProof,
        ask_for.WaysIn,
        ask_for.SetWayIn,
        ask_for.Register,
        ask_for.Formerly,
        ask_for.Join,
        ask_for.Leave,
        ask_for.SayTo,
        ask_for.Typing,
        ask_for.Signal,
        ask_for.Watch,
        ask_for.Operate,
        ask_for.Ping,
        ask_for.Bye,
    }
)
"""What makes sense on a connection only."""

ENDING: Sequence[type[Command]] = (
    ask_for.CloseAccount,
    ask_for.ResetPassword,
    ask_for.Revoke,
)
"""By these one may end the login with which they are asked for: a `Goodbye` is their answer."""

BY_OPERATOR: frozenset[type[Command]] = frozenset(
    {
        ask_for.Audit,
        ask_for.Ban,
        ask_for.Bans,
        ask_for.Conversation,
        ask_for.Delete,
        ask_for.EndInvitation,
        ask_for.EndTicket,
        ask_for.Exempt,
        ask_for.GiveRole,
        ask_for.History,
        ask_for.Invite,
        ask_for.Kick,
        ask_for.MakeTicket,
        ask_for.Mute,
        ask_for.Pin,
        ask_for.Pins,
        ask_for.Queue,
        ask_for.Redact,
        ask_for.RenameRoom,
        ask_for.Rooms,
        ask_for.SetFilter,
        ask_for.SetRules,
        ask_for.SetTopic,
        ask_for.Settle,
        ask_for.Tickets,
        ask_for.Timeline,
        ask_for.Unban,
        ask_for.Unmute,
        ask_for.Versions,
        ask_for.Who,
        ask_for.Whois,
    }
)
"""What who keeps the server may ask for: the others are about oneself, who has no account here, or
are what people say."""

_ASKED = "asked"  # the ``id`` of the command: notices have none


class Errand(Session):
    """A session for one command. ``outlet`` is an `Answer`."""

    __slots__ = ()

    apart = True


class Answer:
    """Takes the reply to the command; whatever else is told is for those who stay."""

    resumable = True  # who logs in is given a token
    patient = False
    tells_labels = False
    certificate: str | None = None
    protocol = "http"

    def __init__(self) -> None:
        self.told: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()

    @property
    def format(self) -> Format:
        """What is written to rooms is not for it."""
        raise NotImplementedError("an errand is in no room")

    @property
    def pipe(self) -> Pipe:
        """See `format`."""
        raise NotImplementedError("an errand is in no room")

    def read_when_gone(self, room: RoomName) -> int | None:
        """It is shown nothing."""
        return 0

    def show(self, room: RoomName, events: Sequence[AnyEvent], own: Collection[int]) -> bytes:
        """See `format`."""
        raise NotImplementedError("an errand is in no room")

    def reply(self, reply: Reply) -> None:
        """Who is logged out by what they asked for is told so instead of an answer."""
        if not self.told.done() and (reply.re == _ASKED or type(reply) is Goodbye):
            self.told.set_result(reply)

    def ready(self) -> None:
        """There is no other command."""

    def close(self) -> None:
        """The session ends by itself."""


async def identify(hub: Services, token: str, client: str, asker: str) -> tuple[User, DeviceRecord]:
    """The account whose device has that token, and the device.

    ``client``: the key of the one that has given it. ``asker``: in whose turn it is looked up.
    Raises `WrongToken`, `Forbidden`, `RateLimited`, `LogUnavailable`.
    """
    id = owner_of(token) or THE_SERVER
    # By the token, and not by the account: a program with an old one does not slow down the others.
    tried = hash_token(token).hex()
    hub.wrong_tokens.check(tried, client, hub.monotonic())
    device = None
    if hub.access.account_of(id) is not None:
        async with hub.pages.turn(asker):
            device = await to_its_end(device_of(hub, id, token))
    account = hub.access.account_of(id)  # it may have been renamed, or closed, meanwhile
    if device is None or account is None:
        hub.wrong_tokens.failed(tried, client, hub.monotonic())
        raise WrongToken(
            "That is no token of a device on which an account is logged in, or not any more. "
            "Please log in again."
        )
    hub.wrong_tokens.remember(tried, client)
    user = User(account.name, id, account=True)
    user.client = client
    hub.access.check_not_banned(user)
    see(hub, device)
    return user, device


async def ask(hub: Services, token: str, command: Command, address: str, asker: str) -> Reply:
    """The answer to ``command``, as a session would be given it. Raises what `identify` raises.

    It is a `Goodbye` for who was logged out meanwhile, maybe by this command.
    """
    if type(command) in ON_CONNECTIONS:
        tag = type(command).__struct_config__.tag
        raise BadMessage(f'"{tag}" is for who stays connected: see the WebSocket at /ws.')
    if type(command) is ask_for.Say:
        command = replace(command, outside=True)
    with errand(hub, address) as session:
        await come_in_with(hub, session, token, asker)
        user = session.user
        if user is None or user.id is None:
            return await _answer(session, command)  # the server has said goodbye
        session.bucket = hub.errand_rates.of(user.id)
        _hand_in(hub, session, command)
        hub.errand_rates.keep(user.id, session.bucket, hub.monotonic())
        return await _answer(session, command)


async def ask_as_operator(hub: Services, command: Command) -> Reply:
    """The answer to ``command`` of who keeps the server.

    Raises `BadMessage` for what is not theirs to ask. A nonce says nothing: the log knows one by
    whose it is.
    """
    if type(command) not in BY_OPERATOR:
        tag = type(command).__struct_config__.tag
        raise BadMessage(f'"{tag}" is for people with a name here: log in for it.')
    unlimited = Budgets(dataclasses.replace(hub.settings, sessions_per_address=0))
    session = Errand(Answer(), Client(LOOPBACK, unlimited))
    session.user = Operator()
    hub.sessions[session] = None
    try:
        _hand_in(hub, session, command)
        return await _answer(session, command)
    finally:
        hub.forget(session)  # nobody has come, so nobody goes


async def log_in(hub: Services, command: ask_for.Hello, address: str) -> Reply:
    """The answer to who logs in with a password: a `Welcome` with the token of a device."""
    with errand(hub, address) as session:
        _hand_in(hub, session, command)
        return await _answer(session, command)


@contextmanager
def errand(hub: Services, address: str) -> Iterator[Errand]:
    """A session of a client at ``address`` for as long as this lasts."""
    session = Errand(Answer(), hub.clients.at(address))
    hub.sessions[session] = None
    try:
        yield session
    finally:
        # As if the connection was lost: whoever is away for a moment is not given up by this.
        hub.end(session, deliberate=False)


async def come_in_with(hub: Services, session: Errand, token: str, asker: str) -> None:
    """The session is the account's whose device has that token. Raises what `identify` raises."""
    id = owner_of(token) or THE_SERVER
    hub.coming[session] = id
    try:
        user, device = await identify(hub, token, session.client.key, asker)
        await come_in(hub, session, id, user.name, device)
    except NeedPassword as error:
        raise WrongToken(error.message) from None
    finally:
        hub.coming.pop(session, None)


def _hand_in(hub: Services, session: Errand, command: Command) -> None:
    hub.handle(session, replace(command, id=_ASKED))


async def _answer(session: Errand, command: Command) -> Reply:
    outlet = session.outlet
    assert isinstance(outlet, Answer)
    return replace(await outlet.told, re=command.id)
