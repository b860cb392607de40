"""Why a server cannot be reached, in a sentence for the person."""

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
from hubbub.client.certificate import UnreadableCertificate
from hubbub.client.defect import words

OF_A_PROXY = (502, 503, 504)
"""What a proxy answers whose servers are away, or too late (RFC 9110, section 15.6)."""

MOST_CHARS = 200  # of the target of a redirect
MAX_REASON_CHARS = 500  # of a server's own error message


class Problem(Struct):
    """The error in an HTTP answer; see docs/http.md."""

    message: str


class Failed(Struct):
    """The body of an HTTP answer with an error."""

    error: Problem


def why_unreachable(
    address: Address, error: Exception, seconds: float, *, proxied: bool = False
) -> str:
    """The sentence for ``error``; ``seconds`` is the time limit for an answer."""
    if proxied and (trouble := _of_proxy(error)):
        return (
            f"{address} cannot be reached through the proxy that your environment (HTTPS_PROXY) "
            f"names: {trouble}. Correct that, or name the server in NO_PROXY."
        )
    match error:
        case socket.gaierror():
            return f'There is no computer called "{address.host}" (or no network to find it).'
        case ssl.SSLCertVerificationError():
            return _of_certificate(address, error)
        case UnreadableCertificate():
            return f"{address} shows a certificate that cannot be read. Nothing was sent to it."
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
            if status in OF_A_PROXY:
                return f"{address} has no server for us just now (HTTP {status})."
            return (
                f"{address} answers, but does not let us in (HTTP {status}). Is it a Hubbub server?"
            )
        case InvalidMessage() if isinstance(error.__cause__, EOFError):
            # So does a balancer whose servers are all away, and a server that is just ending.
            return f"{address} has ended the connection without an answer."
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


def _of_certificate(address: Address, error: ssl.SSLCertVerificationError) -> str:
    match getattr(error, "verify_code", None):
        case 9:  # X509_V_ERR_CERT_NOT_YET_VALID
            why = "its time has not begun. Is this computer's clock right?"
        case 10:  # X509_V_ERR_CERT_HAS_EXPIRED
            why = (
                "its time is over. If this computer's clock is right, whoever runs the server has "
                "to renew it."
            )
        case 62 | 64:  # X509_V_ERR_HOSTNAME_MISMATCH, IP_ADDRESS_MISMATCH
            why = f"it is for another name than {address.host}. Is the address right?"
        case _:
            why = f"{error.verify_message}."
    return f"The certificate of {address} is not to be trusted: {why}"


def _of_proxy(error: Exception) -> str | None:
    """What is wrong with the proxy; None if the error is not the proxy's."""
    match error:
        case ssl.SSLError() | TimeoutError():
            return None  # it may be the server's error
        case InvalidProxy():  # its text has the whole setting, with a password if there is one
            return f"{error.msg}; its form is http://HOST:PORT"
        case ImportError():  # of a library for SOCKS, which is not among our dependencies
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
    """The error message of a Hubbub server; "" if the body is not one's."""
    try:
        message = msgspec.json.decode(body or b"", type=Failed).error.message
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""
    return _printable(message[:MAX_REASON_CHARS])


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)


def _refused(error: OSError) -> bool:
    # For several addresses there is one error, with a text that has those of all.
    return error.errno == errno.ECONNREFUSED or f"[Errno {errno.ECONNREFUSED}]" in str(error)
