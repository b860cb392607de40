"""Takes what an iterator yields in slices, in a thread: the event loop waits for no file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


async def slices(of: Iterator[T], size: int) -> AsyncIterator[list[T]]:
    """Lists of at most ``size``, none of them empty."""
    while found := await asyncio.to_thread(lambda: list(islice(of, size))):
        yield found
