"""A server to talk to, a fixed time zone, and no pauses before another attempt."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator

import pytest

from hubbub.client import backoff
from tests.client.scripted import ScriptedServer


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backoff, "FIRST_SECONDS", (0.0, 0.0))
    monkeypatch.setattr(backoff, "CAP_SECONDS", 0.0)


@pytest.fixture(autouse=True)
def _in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    async with ScriptedServer() as server:
        yield server
