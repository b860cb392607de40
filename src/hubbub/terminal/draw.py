"""Draws a small picture for a terminal: `python -m hubbub.terminal.draw FILE HOW COLUMNS ROWS`.

A program of its own, as nobody knows what a picture does to what decodes it. It writes to the
standard output, by which of `WAYS` it is asked for, in at most so many columns and rows: first a
line with the columns and rows that it takes, and then what the terminal is sent.
"""

from __future__ import annotations

import base64
import io
import os
import sys
from collections.abc import Mapping
from math import ceil

WAYS = ("blocks", "kitty", "iterm", "sixel")
"""Half blocks, which every terminal with colours shows; Kitty's and iTerm2's protocols; sixel."""

CHUNK = 4096  # Kitty: of Base64, in one sequence
MAX_PIXELS = 4_000_000  # many times a small picture
CELL = (10, 20)  # pixels, where the terminal does not tell: those of a VT340
MAX_MEMORY_BYTES = 1024 * 1024 * 1024


def way(environment: Mapping[str, str]) -> str:
    """How the terminal shows pictures, by what it says of itself. ``HUBBUB_PICTURES`` overrides it.

    Not asked of the terminal: its answer would come among the keys that are typed.
    """
    wanted = environment.get("HUBBUB_PICTURES", "")
    if wanted in WAYS:
        return wanted
    if "TMUX" in environment or environment.get("TERM", "").startswith(("screen", "tmux")):
        return "blocks"  # what is inside knows nothing of the terminal around it
    term, program = environment.get("TERM", ""), environment.get("TERM_PROGRAM", "")
    if "KITTY_WINDOW_ID" in environment or "kitty" in term or "ghostty" in (term + program):
        return "kitty"
    if program in {"iTerm.app", "WezTerm", "mintty"} or environment.get("LC_TERMINAL") == "iTerm2":
        return "iterm"
    sixel = term.startswith(("foot", "mlterm", "yaft", "contour")) or "sixel" in term
    return "sixel" if sixel or "WT_SESSION" in environment else "blocks"


def cell_size() -> tuple[int, int]:
    """How many pixels one cell of the terminal has."""
    if sys.platform == "win32" or sys.__stdout__ is None:
        return CELL
    import fcntl
    import struct
    import termios

    try:
        told = fcntl.ioctl(sys.__stdout__.fileno(), termios.TIOCGWINSZ, bytes(8))
        rows, columns, width, height = struct.unpack("HHHH", told)
    except (OSError, ValueError):
        return CELL
    return (width // columns, height // rows) if width and height and columns and rows else CELL


def main(file: str, how: str, columns: int, rows: int) -> None:
    """Draws it."""
    from PIL import Image

    _confine()
    with Image.open(file, formats=["WEBP"]) as opened:
        if opened.width * opened.height > MAX_PIXELS:
            raise ValueError("this is no small picture")
        image = opened.convert("RGBA")
    wide, high = map(int, os.environ.get("HUBBUB_CELL", "10x20").split("x"))
    if how == "blocks":
        wide, high = 4, 8  # a picture is drawn larger than a pixel for half a cell
    scale = min(1.0, columns * wide / image.width, rows * high / image.height)
    size = (max(1, ceil(image.width * scale / wide)), max(1, ceil(image.height * scale / high)))
    size = (min(size[0], columns), min(size[1], rows))
    sys.stdout.write(f"{size[0]} {size[1]}\n")
    sys.stdout.write(_drawn(image, how, size))


def _drawn(image: object, how: str, size: tuple[int, int]) -> str:
    from PIL import Image

    assert isinstance(image, Image.Image)
    columns, rows = size
    if how in {"kitty", "iterm"}:
        file = io.BytesIO()
        image.save(file, "PNG")
        data = base64.b64encode(file.getvalue()).decode()
        if how == "iterm":
            about = f"inline=1;size={len(file.getvalue())};width={columns};height={rows}"
            return f"\x1b]1337;File={about};preserveAspectRatio=1:{data}\a"
        pieces = [data[at : at + CHUNK] for at in range(0, len(data), CHUNK)]
        # q=2: it answers nothing, C=1: and leaves the cursor where it is.
        first = f"a=T,f=100,q=2,C=1,c={columns},r={rows},"
        return "".join(
            f"\x1b_G{first if not at else ''}m={int(at < len(pieces) - 1)};{piece}\x1b\\"
            for at, piece in enumerate(pieces)
        )
    # Its package asks the terminal what it can when it is imported, but not if that is a pipe.
    from rich.console import Console
    from textual_image.renderable import HalfcellImage, SixelImage

    kind = SixelImage if how == "sixel" else HalfcellImage
    out = io.StringIO()
    console = Console(
        file=out, force_terminal=True, color_system="truecolor", width=columns, height=rows,
        legacy_windows=False, _environ={},
    )  # fmt: skip
    console.print(kind(image, width=columns, height=rows), end="")
    return out.getvalue()


def _confine() -> None:
    if sys.platform == "win32":
        return
    import resource

    for limit, most in ((resource.RLIMIT_CPU, 10), (resource.RLIMIT_AS, MAX_MEMORY_BYTES)):
        resource.setrlimit(limit, (most, most))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
