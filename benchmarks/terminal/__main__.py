"""The command line: prints the figures, and with --write puts them into docs/terminal.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.cli import CACHE
from benchmarks.errors import Failed
from benchmarks.terminal.figures import FULL, QUICK, Figure, measure
from benchmarks.terminal.screen import ROOT

PAGE = ROOT / "docs" / "terminal.md"
BEGIN, END = "<!-- figures: python -m benchmarks.terminal --write -->\n", "<!-- /figures -->\n"


def main() -> int:
    """Returns the exit code: 1 when something could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.terminal", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="little and short, to see it works")
    parser.add_argument("--write", action="store_true", help="put the figures into the docs")
    options = parser.parse_args()
    if not sys.platform.startswith("linux"):
        sys.stderr.write("benchmarks: needs Linux's /proc\n")
        return 1
    figures: list[Figure] = []
    CACHE.mkdir(exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            for figure in measure(QUICK if options.quick else FULL, Path(folder)):
                figures.append(figure)
                sys.stdout.write(f"{figure.what}: {figure.value}\n")
                sys.stdout.flush()
    except Failed as error:
        sys.stderr.write(f"benchmarks: {error}\n")
        return 1
    if options.write:
        PAGE.write_text(with_figures(PAGE.read_text(encoding="utf-8"), figures), encoding="utf-8")
    return 0


def with_figures(page: str, figures: list[Figure]) -> str:
    """``page`` with these figures in the place of those that are there."""
    before, _, rest = page.partition(BEGIN)
    rows = "".join(f"| {what} | {value} |\n" for what, value in figures)
    return f"{before}{BEGIN}\n| what | |\n| --- | --- |\n{rows}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    sys.exit(main())
