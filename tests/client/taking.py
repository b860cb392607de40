"""Taking updates until the one comes that a test waits for."""

from __future__ import annotations

import asyncio
from typing import TypeVar

from hubbub.client import Chat, Happened, Said, Update
from tests.patience import PATIENCE_SECONDS

U = TypeVar("U", bound=Update)


async def take(chat: Chat, kind: type[U]) -> U:
    """Takes updates up to the next one of that kind."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        async for update in chat:
            if isinstance(update, kind):
                return update
    raise AssertionError("the chat has ended")


async def hear(chat: Chat, text: str) -> Happened:
    """Takes updates up to that text, which must not come twice."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        async for update in chat:
            match update:
                case Happened(event=Said(text=said)) if said == text:
                    return update
    raise AssertionError("the chat has ended")


async def texts(chat: Chat, room: str) -> list[str]:
    """What was said in a room, as its log has it."""
    page = await chat.history(room, limit=200)
    return [event.text for event in page.events if isinstance(event, Said)]
