"""Who asks by HTTP: behind a trusted proxy, one connection carries requests of many people."""

from __future__ import annotations

import asyncio
import logging
from http import HTTPStatus

from msgspec import Struct
from msgspec.structs import replace

from hubbub.hub.clients import Client
from hubbub.server.admission import Admission
from hubbub.server.forwarded import Contradiction, Said, said
from hubbub.server.origin_policy import LOG_SECONDS, Fields
from hubbub.server.refusals import Refusal

logger = logging.getLogger(__name__)

CONTRADICTION = Refusal(
    code="contradicting-proxy",
    message="Forwarded and X-Forwarded-For tell of different clients. A proxy that sets one of "
    "them has to take the other one away, as anybody may have written that.",
    status=HTTPStatus.BAD_REQUEST,
)


class Asker(Struct, frozen=True):
    """``client``: who pays for the request. ``said``: what a proxy has said of it; ``port``: of the
    address there, 0 if nobody knows. ``server``: where the connection has come to, with 0 for a
    Unix socket. ``refusal``: why it is not answered.
    """

    client: Client
    said: Said
    port: int
    server: tuple[str, int]
    refusal: Refusal | None = None


class Askers:
    """Has each connection belong to who asks by it, and to nobody between two requests."""

    def __init__(self, admission: Admission) -> None:
        self._admission = admission
        self._logged_at = -LOG_SECONDS
        self.client_of = admission.client_of
        self.gone = admission.gone
        self.origin = admission.origin

    def proxied(self, transport: asyncio.BaseTransport) -> bool:
        """Whether a trusted proxy is at the other end."""
        admission = self._admission
        return admission.proxies.trusts(admission.origin(transport).address)

    def is_told(self, transport: asyncio.BaseTransport) -> bool:
        """Whether a proxy has told where the connection comes from, before its first byte."""
        return self._admission.is_told(transport)

    def asks(
        self, transport: asyncio.BaseTransport, fields: Fields, *, chats: bool = False
    ) -> Asker:
        """Who asks with these headers on a connection, which is theirs from now on.

        ``chats``: for a WebSocket, about which `may_chat` is to be asked then.
        """
        admission = self._admission
        origin = admission.origin(transport)
        if not admission.proxies.trusts(origin.address):
            told = Said(origin.address, secure=origin.secure or None)
            return Asker(admission.client_of(transport), told, origin.port, origin.server)
        refusal: Refusal | None
        try:
            told = said(fields, origin.address, admission.proxies)
        except Contradiction:
            self._log()
            told, refusal = Said(origin.address, passed_on=True), CONTRADICTION
            admission.moves(transport, None)
        else:
            admission.moves(transport, told.address)
            refusal = None if chats else admission.may_ask(transport)
        if origin.secure and told.secure is None:
            told = replace(told, secure=True)
        port = origin.port if told.address == origin.address else 0
        return Asker(admission.client_of(transport), told, port, origin.server, refusal)

    def rests(self, transport: asyncio.BaseTransport) -> None:
        """The request on the connection of a trusted proxy is answered."""
        self._admission.moves(transport, None)

    def _log(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._logged_at >= LOG_SECONDS:
            self._logged_at = now
            logger.warning("A request was refused. %s", CONTRADICTION.message)

    def may_chat(self, transport: asyncio.BaseTransport) -> Refusal | None:
        """Why whose connection it is may not chat by it, as it is one too many or too soon."""
        refusal = self._admission.may_connect(transport) if self.proxied(transport) else None
        return refusal or self._admission.may_chat(transport)
