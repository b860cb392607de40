from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping

import pytest
import uvloop

from tests.conftest import LONG
from tests.server.over_tls import over_tls

OVER_TLS = {"test_half_closed.py", "test_parting.py", "test_slow_readers.py"}
"""What can go wrong between TLS and what is inside of it; each test here runs without TLS, too."""

OVER_TLS_AT_LENGTH = {
    "test_crowd.py",
    "test_first_bytes.py",
    "test_floods.py",
    "test_gone_readers.py",
    "test_heartbeat.py",
    "test_line.py",
    "test_permissions.py",
    "test_strangers.py",
    "test_websocket.py",
}
"""The same with ``--long``."""

NewLoop = Callable[[], asyncio.AbstractEventLoop]


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, NewLoop]:
    """Every test runs on asyncio's loop and on uvloop's, as servers do.

    Those of the HTTP side choose for themselves.
    """
    if item.path.name.startswith("test_http"):
        return {"asyncio": asyncio.new_event_loop}
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    name = metafunc.module.__file__.rpartition("/")[2]
    if name in OVER_TLS or (LONG and name in OVER_TLS_AT_LENGTH):
        metafunc.fixturenames.append("_way")
        metafunc.parametrize("_way", ["plain", "tls"], indirect=True)


@pytest.fixture
def _way(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Whether servers and clients encrypt."""
    if request.param == "plain":
        yield
        return
    with over_tls(tmp_path_factory.mktemp("tls")):
        yield
