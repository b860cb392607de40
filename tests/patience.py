"""How long tests wait for what has to come. Only one that fails waits so long."""

from __future__ import annotations

import time
from collections.abc import Callable

# A machine with everything on it at once may give a process nothing for many seconds. Below the
# time limit of a whole test, so that what never came is told by its name.
PATIENCE_SECONDS = 60.0


def wait_until(is_so: Callable[[], bool]) -> None:
    """Waits for what other processes bring about, without an event loop."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.01)
