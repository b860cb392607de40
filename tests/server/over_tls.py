"""Lets tests of the server run over TLS, too: each of them twice."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from hubbub.server.tls.files import FileCertificates
from tests.certificates import Files, make_certificate

_usual: list[Files] = []


@contextmanager
def over_tls(folder: Path) -> Iterator[None]:
    """Inside, servers encrypt, and so do their clients, if nothing else is said."""
    _usual.append(make_certificate(folder))
    try:
        yield
    finally:
        _usual.pop()


def usual_certificates() -> FileCertificates | None:
    """Those of a server."""
    if not _usual:
        return None
    return FileCertificates(_usual[-1].certificate, _usual[-1].key, lambda: datetime.now(UTC))


def usual_client() -> ssl.SSLContext | None:
    """By what its clients encrypt."""
    return _usual[-1].client() if _usual else None
