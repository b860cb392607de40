"""Pages of long lists, by name; the loop is not held while they are looked through."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from heapq import nsmallest
from typing import Annotated, TypeVar

from msgspec import Meta

MAX_LISTED = 500  # rows in one answer: more than anybody looks through
MAX_QUERY_CHARS = 100
AT_ONCE = 5000  # things that are looked at before others have a turn: some milliseconds

Query = Annotated[str, Meta(max_length=MAX_QUERY_CHARS)]
"""What names have to contain, in any case."""
Limit = Annotated[int, Meta(ge=1, le=MAX_LISTED)]
After = Annotated[str, Meta(max_length=200)]
"""The ``next`` of the page before."""

T = TypeVar("T")


async def page(
    things: Iterable[T],
    key: Callable[[T], str],
    *,
    query: str | None,
    after: str | None,
    limit: int,
    fits: Callable[[T], bool] = lambda thing: True,
) -> tuple[list[T], str | None, int]:
    """At most ``limit`` things by their keys, where to go on, and how many fit in all."""
    wanted = (query or "").casefold()
    found: list[tuple[str, T]] = []
    everything = list(things)
    for start in range(0, len(everything), AT_ONCE):
        for thing in everything[start : start + AT_ONCE]:
            name = key(thing)
            if wanted in name and fits(thing):
                found.append((name, thing))
        await asyncio.sleep(0)
    behind = [one for one in found if after is None or one[0] > after]
    shown = nsmallest(limit, behind, key=lambda one: one[0])
    next = shown[-1][0] if len(behind) > len(shown) else None
    return [thing for _, thing in shown], next, len(found)
