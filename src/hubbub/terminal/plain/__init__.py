"""The plain client: questions, answers and lines of text, as in a pipe or for a screen reader."""

from hubbub.terminal.plain.start import main, run

__all__ = ["main", "run"]
