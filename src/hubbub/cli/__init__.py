"""The command line: a module for each kind of command, and `program`, which runs them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

from hubbub.cli.beginning import begin

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs the command that ``arguments`` (else those of this process) name, and exits.

    The exit code is 2 for wrong usage, and 1 for a command that failed.
    """
    words = sys.argv[1:] if arguments is None else list(arguments)
    begin(words)
    from hubbub.cli.program import run

    run(words)
