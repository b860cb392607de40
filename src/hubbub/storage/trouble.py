"""What goes wrong for a while is told once, not with every entry that meets it."""

from __future__ import annotations

import logging
from collections.abc import Callable

from hubbub.storage.errors import is_unreachable, reason

OnError = Callable[[Exception], None]
AWAY = "the database is away"

_logger = logging.getLogger(__name__)


class Trouble:
    """Tells ``on_error`` each new reason, until it has ended; then ``goes_on`` is logged."""

    def __init__(self, on_error: OnError, goes_on: str) -> None:
        self._on_error = on_error
        self._goes_on = goes_on
        self._told = ""

    def met(self, error: Exception) -> None:
        """Something failed because of ``error``."""
        # How exactly a server cannot be reached differs from one attempt to the next.
        why = AWAY if is_unreachable(error) else reason(error)
        if why != self._told:
            self._told = why
            self._on_error(error)

    def ended(self) -> None:
        """Something went well."""
        if self._told:
            self._told = ""
            _logger.info(self._goes_on)
