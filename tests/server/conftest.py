from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import pytest
import uvloop

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
