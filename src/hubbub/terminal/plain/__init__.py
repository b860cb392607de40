"""The plain client: lines of text only, for pipes and screen readers."""

from hubbub.terminal.plain.start import main, run

__all__ = ["main", "run"]
