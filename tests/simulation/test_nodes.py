"""Several servers of which some die: lives by the hundred, in virtual time."""

from __future__ import annotations

import os
import random

import pytest

from tests.simulation.nodes import Nodes

LONG = bool(os.environ.get("HUBBUB_LONG"))
LIVES = 3000 if LONG else 60


@pytest.mark.timeout(3600 if LONG else 300)
async def test_nobody_joins_or_leaves_twice_whichever_server_dies() -> None:
    first = random.SystemRandom().randrange(10**9) if LONG else 0
    for seed in range(first, first + LIVES):
        try:
            await Nodes(seed).live()
        except BaseException as error:
            error.add_note(f"The seed is {seed}.")
            raise
