"""What goes wrong for a while is told once, not with every entry that meets it."""

from __future__ import annotations

from collections.abc import Callable

from hubbub.storage.errors import reason

OnError = Callable[[Exception], None]


class Trouble:
    """Tells ``on_error`` each new reason, until it has ended."""

    def __init__(self, on_error: OnError) -> None:
        self._on_error = on_error
        self._told = ""

    def met(self, error: Exception) -> None:
        """Something failed because of ``error``."""
        if reason(error) != self._told:
            self._told = reason(error)
            self._on_error(error)

    def ended(self) -> None:
        """Something went well."""
        self._told = ""
