"""A server to talk to, no pauses before another attempt, and both kinds of tasks."""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import AsyncIterator

import pytest

from hubbub.client import backoff
from tests.client.scripted import ScriptedServer

EAGER = pytest.param(
    "eager tasks",
    marks=pytest.mark.skipif(
        sys.version_info < (3, 12), reason="Python 3.11 has no eager tasks, and Textual sets none"
    ),
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each test that has an event loop runs twice: Textual makes all tasks eager ones."""
    if inspect.iscoroutinefunction(metafunc.function):
        metafunc.fixturenames.insert(0, "tasks")
        metafunc.parametrize("tasks", ["tasks", EAGER], indirect=True)


@pytest.fixture
async def tasks(request: pytest.FixtureRequest) -> None:
    if sys.version_info >= (3, 12) and request.param == "eager tasks":
        asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backoff, "FIRST_SECONDS", (0.0, 0.0))
    monkeypatch.setattr(backoff, "CAP_SECONDS", 0.0)


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    async with ScriptedServer() as server:
        yield server
