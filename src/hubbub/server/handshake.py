"""The opening handshake of a WebSocket, whose refusals have the form of all HTTP's errors."""

from __future__ import annotations

from http import HTTPStatus

from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from hubbub.server.refusals import Refusal, code_of

VERSION = "13"  # RFC 6455, 4.2.1

_ANOTHER_VERSION = Refusal(
    code="upgrade-required",
    message=f"This server speaks version {VERSION} of the WebSocket protocol.",
    status=HTTPStatus.UPGRADE_REQUIRED,
)


class Handshake(ServerProtocol):
    """The codec until the connection is open.

    ``chosen``: the subprotocol that is agreed to, of those that the client has asked for.
    """

    chosen: str | None = None

    def process_subprotocol(self, headers: Headers) -> Subprotocol | None:
        """RFC 6455, 4.2.2: one of those that the client has asked for, or none."""
        return None if self.chosen is None else Subprotocol(self.chosen)

    def answer(self, request: Request, refusal: Refusal | None) -> Response:
        """The response to an opening request; ``refusal`` is why it is refused, if it is."""
        if refusal is not None:
            return self.refused(refusal)
        if request.headers.get_all("Sec-WebSocket-Version") not in ([], [VERSION]):
            # RFC 6455, 4.4: with the versions that the server is capable of understanding.
            response = self.refused(_ANOTHER_VERSION)
            response.headers["Upgrade"] = "websocket"
            response.headers["Sec-WebSocket-Version"] = VERSION
            return response
        return self.accept(request)

    def reject(self, status: HTTPStatus | int, text: str) -> Response:
        """The response to a request that the library refuses: it is invalid, or no handshake."""
        status = HTTPStatus(status)
        message = " ".join(text.split())
        return self.refused(Refusal(code=code_of(status), message=message, status=status))

    def refused(self, refusal: Refusal) -> Response:
        """The response for a refusal."""
        response = super().reject(refusal.status, refusal.body.decode())
        del response.headers["Content-Type"]
        response.headers["Content-Type"] = "application/json"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = "no-store"
        if refusal.retry_after is not None:
            response.headers["Retry-After"] = str(refusal.retry_after)
        return response
