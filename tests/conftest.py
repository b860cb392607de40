"""What all tests share: how hypothesis looks for examples, and the PostgreSQL of those who ask."""

from __future__ import annotations

import os
import signal
from typing import Any

from hypothesis import settings
from websockets.asyncio.client import connect
from websockets.sync.client import connect as connect_sync

from tests.patience import PATIENCE_SECONDS

pytest_plugins = ["tests.postgres"]

# A shell that starts the check in the background has switched it off for all that we start.
signal.signal(signal.SIGINT, signal.default_int_handler)

LONG = bool(os.environ.get("HUBBUB_LONG"))

# The same examples at every check, so that a red one is the change's own doing; new ones, and more
# of them, with `python check.py --long`.
settings.register_profile("check", derandomize=True, database=None, deadline=None)
settings.register_profile("long", max_examples=1000, database=None, deadline=None)
settings.load_profile("long" if LONG else "check")

# All that open a WebSocket wait for the server as for anything else, not for ten seconds.
_openers: list[Any] = [connect.__init__, connect_sync]
for _opener in _openers:
    assert "open_timeout" in _opener.__kwdefaults__
    _opener.__kwdefaults__["open_timeout"] = PATIENCE_SECONDS
