"""Who is served without encryption when TLS is required: nobody from another computer."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from hubbub.hub.clients import LOOPBACK, client_key
from hubbub.server.context import Context
from hubbub.server.refusals import Refusal

NOT_ENCRYPTED = Refusal(
    code="tls-required",
    message="This server speaks with other computers by TLS only. Connect with a browser "
    "(https://), hubbub chat, ncat --ssl, or openssl s_client -quiet -connect.",
    status=HTTPStatus.FORBIDDEN,
)


def in_the_clear(context: Context, transport: asyncio.BaseTransport) -> Refusal | None:
    """Why nothing is said to who is at the other end of ``transport``; None if they are served."""
    if context.options.tls != "required" or came_encrypted(context, transport):
        return None
    origin = context.admission.origin(transport)
    # What goes from here to here, nobody can listen to on the way. That of a proxy is nobody's yet.
    key = context.admission.client_of(transport).key or client_key(origin.address)
    return None if key == LOOPBACK else NOT_ENCRYPTED


def came_encrypted(context: Context, transport: asyncio.BaseTransport) -> bool:
    """Whether nobody can listen on the way: also if a trusted proxy has taken TLS off."""
    return is_encrypted(transport) or context.admission.origin(transport).secure


def is_encrypted(transport: asyncio.BaseTransport) -> bool:
    """Whether it is the inside of TLS."""
    return transport.get_extra_info("sslcontext") is not None
