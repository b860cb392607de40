"""The REST API, to change what was said: edits, reactions and pins by the numbers of messages."""

from __future__ import annotations

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from hubbub.domain import commands as ask
from hubbub.domain.commands import Nonce
from hubbub.domain.errors import BadMessage
from hubbub.domain.names import RoomName
from hubbub.domain.numbers import MAX_EXACT, Seq
from hubbub.domain.reactions import Emoji
from hubbub.server.http.acting import answered, decode_body
from hubbub.server.http.answers import MessagesPage, answer
from hubbub.server.http.api import client_of, refusing, viewer_of
from hubbub.server.http.bearer import needed_token
from hubbub.server.http.bodies import read_json
from hubbub.server.http.queries import read_query
from hubbub.server.http.view import HubView

ONE_MESSAGE = "/api/rooms/{room}/messages/{seq}"


class NewText(Struct, frozen=True, forbid_unknown_fields=True):
    """What a message is to say from now on."""

    text: str
    nonce: Nonce | None = None


class AmendQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """``nonce``: what is sent again with the same one is done once."""

    nonce: Nonce | None = None


class NoQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """There is nothing to be said."""


class Amending:
    """Answers of the hub about messages of a room."""

    def __init__(self, hub: HubView) -> None:
        self._hub = hub

    @refusing
    async def edit(self, request: Request) -> Response:
        """Changes the text of a message."""
        token = needed_token(request)
        room, target = _room(request), _target(request)
        new = decode_body(await read_json(request, self._hub.line_bytes), NewText)
        command = ask.Edit(room=room, target=target, text=new.text, nonce=new.nonce)
        return answered(await self._hub.ask(token, command, client_of(request)))

    @refusing
    async def take_back(self, request: Request) -> Response:
        """Takes a message back."""
        token, nonce = needed_token(request), read_query(request, AmendQuery).nonce
        command = ask.Redact(room=_room(request), target=_target(request), nonce=nonce)
        return answered(await self._hub.ask(token, command, client_of(request)))

    @refusing
    async def react(self, request: Request) -> Response:
        """Reacts to a message; with DELETE, not any more."""
        token, nonce = needed_token(request), read_query(request, AmendQuery).nonce
        command = ask.React(
            room=_room(request),
            target=_target(request),
            emoji=_emoji(request),
            on=request.method == "PUT",
            nonce=nonce,
        )
        return answered(await self._hub.ask(token, command, client_of(request)))

    @refusing
    async def pin(self, request: Request) -> Response:
        """Pins a message; with DELETE, unpins it."""
        token, nonce = needed_token(request), read_query(request, AmendQuery).nonce
        command = ask.Pin(
            room=_room(request), target=_target(request), on=request.method == "PUT", nonce=nonce
        )
        return answered(await self._hub.ask(token, command, client_of(request)))

    @refusing
    async def versions(self, request: Request) -> Response:
        """What a message said before."""
        token = needed_token(request)
        read_query(request, NoQuery)
        command = ask.Versions(room=_room(request), target=_target(request))
        return answered(await self._hub.ask(token, command, client_of(request)))

    @refusing
    async def pins(self, request: Request) -> Response:
        """The messages that are pinned to a room, the newest pin first."""
        read_query(request, NoQuery)
        room, viewer = _room(request), await viewer_of(self._hub, request)
        found = await self._hub.pins(viewer, room, client=client_of(request))
        return answer(MessagesPage(found.room, found.head, found.events, found.more))

    @refusing
    async def conversation(self, request: Request) -> Response:
        """All messages that are joined with one by replies, oldest first."""
        read_query(request, NoQuery)
        room, target = _room(request), _target(request)
        viewer = await viewer_of(self._hub, request)
        found = await self._hub.conversation(viewer, room, target, client=client_of(request))
        return answer(MessagesPage(found.room, found.head, found.events, found.more))


def _room(request: Request) -> RoomName:
    return RoomName.parse(request.path_params["room"])


def _target(request: Request) -> int:
    raw = request.path_params["seq"]
    if not (raw.isascii() and raw.isdigit()) or len(raw) > len(str(MAX_EXACT)):
        raise BadMessage("That is no number of a message: it is the seq that events have.")
    return msgspec.convert(int(raw), Seq)


def _emoji(request: Request) -> str:
    return msgspec.convert(request.path_params["emoji"], Emoji)
