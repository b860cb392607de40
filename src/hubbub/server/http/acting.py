"""The REST API, to do what an account may do: its commands are those of the JSON protocol."""

from __future__ import annotations

from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from hubbub.domain.commands import MAX_CODE_CHARS, Hello, Nonce, Password, Program, Say
from hubbub.domain.errors import BadMessage, LogUnavailable, ShuttingDown
from hubbub.domain.files import MAX_FILES, Attachment
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.numbers import MAX_EXACT
from hubbub.domain.replies import RESTARTING, Goodbye, Refused, Reply, Welcome
from hubbub.hub.errands import ENDING
from hubbub.server.http.answers import LoggedIn, Me, answer, refused
from hubbub.server.http.api import client_of, refusing
from hubbub.server.http.bearer import needed_token
from hubbub.server.http.bodies import read_json
from hubbub.server.http.view import HubView
from hubbub.wire.json import decode_command


class Text(Struct, frozen=True, forbid_unknown_fields=True):
    """A text to be said in a room, as by `hubbub.domain.commands.Say`."""

    text: str
    nonce: Nonce | None = None
    reply_to: Annotated[int, Meta(ge=1, le=MAX_EXACT)] | None = None
    files: Annotated[tuple[Attachment, ...], Meta(max_length=MAX_FILES)] = ()


class Login(Struct, frozen=True, forbid_unknown_fields=True):
    """Who logs in. ``client``: what the program calls itself, for the list of devices."""

    user: Annotated[str, Meta(min_length=1)]
    password: Password
    code: Annotated[str, Meta(max_length=MAX_CODE_CHARS)] | None = None
    client: Program | None = None


class Acting:
    """Answers of the hub to who has an account."""

    def __init__(self, hub: HubView) -> None:
        self._hub = hub

    @refusing
    async def me(self, request: Request) -> Response:
        """Whose token it is."""
        user = await self._hub.identify(needed_token(request), client_of(request))
        assert user.id is not None
        return answer(Me(str(user.name), user.id, self._hub.server_role(user)))

    @refusing
    async def command(self, request: Request) -> Response:
        """Does one command."""
        token = needed_token(request)
        command = decode_command(await read_json(request, self._hub.line_bytes))
        reply = await self._hub.ask(token, command, client_of(request))
        if type(reply) is Goodbye and type(command) in ENDING:
            return answer(reply)
        return answered(reply)

    @refusing
    async def say(self, request: Request) -> Response:
        """Says a text."""
        token = needed_token(request)
        room = RoomName.parse(request.path_params["room"])
        said = decode_body(await read_json(request, self._hub.line_bytes), Text)
        command = Say(
            room=room,
            text=said.text,
            nonce=said.nonce,
            reply_to=said.reply_to,
            files=said.files,
        )
        return answered(await self._hub.ask(token, command, client_of(request)))

    @refusing
    async def log_in(self, request: Request) -> Response:
        """Gives a token to who has an account and its password."""
        login = decode_body(await read_json(request, self._hub.line_bytes), Login)
        name = UserName.parse(login.user)
        hello = Hello(user=name, password=login.password, code=login.code, client=login.client)
        reply = await self._hub.log_in(hello, client_of(request))
        if type(reply) is not Welcome:
            return answered(reply)
        if reply.token is None or reply.user_id is None:
            raise LogUnavailable("The server cannot save anything now. Please try again later.")
        return answer(LoggedIn(reply.user, reply.user_id, reply.role, reply.token))


def answered(reply: Reply) -> Response:
    """The answer that is the hub's ``reply`` to a command."""
    match reply:
        case Refused(code=code, message=message, retry_after=retry_after):
            return refused(code, message, retry_after)
        case Goodbye(reason="logged-out", message=message):
            return refused("wrong-token", message)
        case Goodbye(reason=reason, message=message) if reason == RESTARTING:
            return refused(ShuttingDown.code, message)
        case Goodbye(reason=reason, message=message):
            return refused(reason, message)
    return answer(reply)


B = TypeVar("B", bound=Struct)


def decode_body(body: bytes, kind: type[B]) -> B:
    """The ``body`` as what is taken; raises `BadMessage`."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadMessage(f"This is not what is taken here: {error}.") from None
