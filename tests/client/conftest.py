"""A server to talk to, no pauses before another attempt, and both kinds of tasks."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable

import pytest

from hubbub.client import backoff
from tests.client.scripted import ScriptedServer
from tests.patience import be_patient


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Each test that has an event loop runs twice: Textual makes all tasks eager ones.

    Python 3.11 has no eager tasks, and Textual sets none there.
    """
    eager = {"eager": _loop_of_eager_tasks} if sys.version_info >= (3, 12) else {}
    return {"tasks": asyncio.new_event_loop, **eager}


def _loop_of_eager_tasks() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    if sys.version_info >= (3, 12):
        loop.set_task_factory(asyncio.eager_task_factory)
    return loop


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backoff, "FIRST_SECONDS", (0.0, 0.0))
    monkeypatch.setattr(backoff, "CAP_SECONDS", 0.0)


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    be_patient(monkeypatch)


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    async with ScriptedServer() as server:
        yield server
