"""How long tests wait for what has to come. Only one that fails waits so long."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

# A machine with everything on it at once may give a process nothing for many seconds. Below the
# time limit of a whole test, so that what never came is told by its name.
PATIENCE_SECONDS = 60.0


def wait_until(
    is_so: Callable[[], bool], *, patience: float = PATIENCE_SECONDS, pause: float = 0.01
) -> None:
    """Waits for what other processes bring about, without an event loop.

    ``patience`` and ``pause`` are in seconds; a longer pause is for questions that cost much.
    """
    until = time.monotonic() + patience
    while not is_so():
        assert time.monotonic() < until, "it never came"
        time.sleep(pause)


# How long a client waits for what a server answers at once, before it says that there is none.
_CLIENT = (
    "hubbub.client.connection.OPEN_SECONDS",
    "hubbub.client.greeting.HELLO_SECONDS",
    "hubbub.client.watch.ANSWER_SECONDS",
)
_PLAIN_CLIENT = tuple(
    f"hubbub.terminal.plain.{module}.ANSWER_SECONDS"
    for module in ("accounts", "dialogue", "entrance", "people")
)


def be_patient(monkeypatch: pytest.MonkeyPatch, *, plain: bool = False) -> None:
    """Clients in this process wait for a server as long as tests do; ``plain``: that client, too.

    Their own limits are for people, and for a machine that does not run all tests at once.
    """
    for name in (*_CLIENT, *(_PLAIN_CLIENT if plain else ())):
        monkeypatch.setattr(name, PATIENCE_SECONDS)
