"""Why there is no connection to a server, in a sentence for whoever wants to chat there."""

from __future__ import annotations

import errno
import socket
import ssl

import msgspec
from msgspec import Struct
from websockets.exceptions import (
    InvalidHandshake,
    InvalidMessage,
    InvalidProxy,
    InvalidStatus,
    ProxyError,
)

from hubbub.client.address import Address
from hubbub.client.defect import words

MOST_CHARS = 200  # of what a stranger says
MAX_REASON_CHARS = 500  # of what a server says of itself, on somebody's screen


class Problem(Struct):
    """What went wrong; see docs/http.md."""

    message: str


class Failed(Struct):
    """The body of an answer that is an error."""

    error: Problem


def why_unreachable(
    address: Address, error: Exception, seconds: float, *, proxied: bool = False
) -> str:
    """The sentence for ``error``; ``seconds`` is how long an answer was waited for."""
    if proxied and (trouble := _of_proxy(error)):
        return (
            f"{address} cannot be reached through the proxy that your environment (HTTPS_PROXY) "
            f"names: {trouble}. Correct that, or name the server in NO_PROXY."
        )
    match error:
        case socket.gaierror():
            return f'There is no computer called "{address.host}" (or no network to find it).'
        case ssl.SSLCertVerificationError():
            return f"The certificate of {address} is not to be trusted: {error.verify_message}."
        case ssl.SSLError():
            return f"{address} does not speak TLS: {error.reason or error}."
        case TimeoutError():
            return f"{address} did not answer within {seconds:.0f} seconds."
        case InvalidStatus() if location := _moved_to(error):
            return f'{address} sends us on to "{location}". If you mean that, connect there.'
        case InvalidStatus(response=response):
            status, said = response.status_code, _reason(response.body)
            if said:
                return f"{address} does not let us in (HTTP {status}): {said}"
            return (
                f"{address} answers, but does not let us in (HTTP {status}). Is it a Hubbub server?"
            )
        case InvalidMessage():
            return f"{address} answers, but not as a Hubbub server."
        case OSError() if _refused(error):
            return f"There is no server at {address}: nobody listens there."
        case OSError():
            return f"{address} cannot be reached: {error.strerror or error}."
        case UnicodeError() | InvalidHandshake():
            return f"{address} cannot be connected to: {error}."
        case _:
            return f"{address} cannot be connected to: {words(error)}."


def _of_proxy(error: Exception) -> str | None:
    """What is wrong with the proxy, if it is the proxy."""
    match error:
        case ssl.SSLError() | TimeoutError():
            return None  # these are the server's, or may be
        case InvalidProxy():  # its text has the whole setting in it, and that may have a password
            return f"{error.msg}; its form is http://HOST:PORT"
        case ImportError():  # of what speaks SOCKS, which is not among what we need
            return "it is one for SOCKS, and only those for HTTP can be used"
        case socket.gaierror():
            return "there is no computer of its name"
        case OSError():
            return error.strerror or str(error)
        case ProxyError() | ValueError():
            return str(error)
    return None


def _moved_to(error: InvalidStatus) -> str | None:
    """Where a redirect (RFC 9110, section 15.4) leads."""
    if not 300 <= error.response.status_code < 400:
        return None
    locations = error.response.headers.get_all("Location")
    return _printable(locations[0][:MOST_CHARS]) if locations else None


def _reason(body: bytes | bytearray | None) -> str:
    """The sentence in an error of a Hubbub server; "" if it is another one's."""
    try:
        message = msgspec.json.decode(body or b"", type=Failed).error.message
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""
    return _printable(message[:MAX_REASON_CHARS])


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)


def _refused(error: OSError) -> bool:
    # The errors of several addresses are in one text only.
    return error.errno == errno.ECONNREFUSED or f"[Errno {errno.ECONNREFUSED}]" in str(error)
