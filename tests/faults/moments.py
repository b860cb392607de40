"""Random moments that can be had again: a seed, told when a test fails."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager

USUAL_SEED = 20230730


@contextmanager
def seeded() -> Iterator[random.Random]:
    """Dice for the block. The usual seed, or the one that HUBBUB_SEED names.

    The schedule is the same each time; how far processes get in between is up to the machine.
    """
    seed = int(os.environ.get("HUBBUB_SEED", USUAL_SEED))
    try:
        yield random.Random(seed)
    except BaseException as error:
        error.add_note(f"The moments were those of HUBBUB_SEED={seed}.")
        raise
