"""What comes from the terminal's thread to the event loop."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from textual.events import Key
from textual.message import Message

from hubbub.terminal.full.driver import TerminalDriver

KEYS = 1000  # three times of what the loop's socket has room for


async def test_what_is_typed_together_wakes_the_loop_once() -> None:
    """One for each key fills the socket by which the loop hears of signals: one is lost then."""
    posted: list[Message] = []
    woken: list[Callable[[], object]] = []
    driver: Any = object.__new__(TerminalDriver)
    driver._client = SimpleNamespace(post_message=posted.append)
    driver._app_loop = SimpleNamespace(call_soon_threadsafe=woken.append)
    driver._typed, driver._awake = deque(), False
    keys = [Key("x", str(number)) for number in range(KEYS)]

    def type_all() -> None:
        for key in keys:
            driver.send_message(key)

    await asyncio.to_thread(type_all)
    assert len(woken) == 1
    woken[0]()
    assert posted == keys
    driver.send_message(keys[0])
    assert len(woken) == 2
