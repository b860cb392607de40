"""The command line: a module for each kind of command, and `program`, which runs them."""

from hubbub.cli.program import main

__all__ = ["main"]
