"""A server to talk to, and no pauses before another attempt."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hubbub.client import backoff
from tests.client.scripted import ScriptedServer


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backoff, "FIRST_SECONDS", (0.0, 0.0))
    monkeypatch.setattr(backoff, "CAP_SECONDS", 0.0)


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    async with ScriptedServer() as server:
        yield server
