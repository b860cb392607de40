from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import uvloop

from tests.certificates import make_certificate
from tests.conftest import LONG


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Memory is counted on the loop that servers run on: asyncio's keeps cancelled timers."""
    if item.path.name == "test_soak.py":
        return {"uvloop": uvloop.new_event_loop}
    return {"asyncio": asyncio.new_event_loop}


@pytest.fixture
def memory_disk() -> Iterator[Path]:
    """A folder where thousands of small databases cost little."""
    parent = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=parent if os.access(parent, os.W_OK) else None) as name:
        yield Path(name)


if_long = pytest.mark.skipif(not LONG, reason="takes long, and is tried without encryption")

Encryption = Callable[[bool], tuple[str, ...]]


@pytest.fixture
def encryption(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Encryption:
    """Gives the flags of a server that encrypts, or of one that does not. All clients that look at
    certificates as a browser does trust its own from then on.
    """

    def flags(encrypted: bool) -> tuple[str, ...]:
        if not encrypted:
            return ()
        files = make_certificate(tmp_path)
        monkeypatch.setenv("SSL_CERT_FILE", str(files.certificate))
        return ("--tls-cert", str(files.certificate), "--tls-key", str(files.key))

    return flags


@pytest.fixture(params=[False, True], ids=["plain", "tls"])
def either(request: pytest.FixtureRequest, encryption: Encryption) -> tuple[str, ...]:
    """The flags of both, one after the other."""
    return encryption(request.param)


@pytest.fixture(params=[False, pytest.param(True, marks=if_long)], ids=["plain", "tls"])
def either_if_long(request: pytest.FixtureRequest, encryption: Encryption) -> tuple[str, ...]:
    """The same; where that takes long, those of encryption only when there is time."""
    return encryption(request.param)


tls_too = pytest.mark.parametrize(
    "either_if_long", [False, True], ids=["plain", "tls"], indirect=True
)
"""A test with `either_if_long` that takes both, however short time is."""
