from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.hub.chat import Chat, chatting


@pytest.fixture
async def chat() -> AsyncIterator[Chat]:
    """A chat without a rate limit, with the room General."""
    async with chatting() as chat:
        yield chat
