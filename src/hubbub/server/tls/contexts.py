"""The rules of TLS that every certificate of this server is used by."""

from __future__ import annotations

import ssl
from pathlib import Path

from hubbub.server.tls.showing import ask_for_certificates

CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL"
"""For TLS 1.2 (RFC 9325, 4.2): an ephemeral key for each connection, and authenticated encryption.
Those of TLS 1.3 are all of this kind."""

HTTP = "http/1.1"
"""What is offered to clients that ask which protocol to speak (ALPN, RFC 7301). For HTTP alone: in
the line protocol, as everywhere here, the first bytes tell."""

ACME = "acme-tls/1"


class ServerContext(ssl.SSLContext):
    """``asking``: the same for clients that may have a certificate to show.

    Not for browsers: these would ask people which one. None where it cannot be had.
    """

    asking: ssl.SSLContext | None = None


def server_context(certificate: Path, key: Path, *, alpn: str = HTTP) -> ServerContext:
    """A context for one certificate. Raises `OSError`; `ssl.SSLError`, which is one, if they do
    not fit each other.
    """
    context = _context(certificate, key, alpn)
    if alpn == HTTP:
        asking = _context(certificate, key, alpn)
        context.asking = asking if ask_for_certificates(asking) else None
    return context


def _context(certificate: Path, key: Path, alpn: str) -> ServerContext:
    context = ServerContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    # A client could have keys exchanged anew without end, each time at our expense.
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols([alpn])
    # A key with a pass phrase would be asked for on the terminal.
    context.load_cert_chain(certificate, key, password=_no_pass_phrase)
    return context


def _no_pass_phrase() -> str:
    return ""
