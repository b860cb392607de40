"""What becomes of an entry for the log is told, and nothing is kept of it."""

from __future__ import annotations

import gc
from functools import partial

from hubbub.domain.events import UNSEQUENCED, Said
from hubbub.domain.names import RoomName
from hubbub.hub.ports import Draft
from tests.moving.servers import in_memory


async def test_an_outcome_leaves_nothing_behind() -> None:
    async with in_memory() as place:
        event = Said(UNSEQUENCED, 0, "ada", "hello")

        async def say() -> None:
            outcome = await place.hub.outcome(partial(Draft, RoomName.parse("General"), event))
            assert outcome.event is not None

        await say()
        gc.collect()
        before = len(gc.get_objects())
        for _ in range(50):
            await say()
        gc.collect()
        assert len(gc.get_objects()) - before < 50
