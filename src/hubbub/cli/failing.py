"""The failure of a command, and exit codes."""

from __future__ import annotations

EXIT_FAILED = 1
EXIT_WRONG_USAGE = 2
EXIT_INTERRUPTED = 130  # 128 + SIGINT, as shells have it


class Failed(Exception):
    """A command that failed. The text is for the user."""
