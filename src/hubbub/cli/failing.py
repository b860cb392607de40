"""How a command says that it cannot do its work."""

from __future__ import annotations

EXIT_FAILED = 1
EXIT_WRONG_USAGE = 2
EXIT_INTERRUPTED = 130  # 128 + SIGINT, as shells have it


class Failed(Exception):
    """A command that cannot do its work. The text is for the person who gave it."""
