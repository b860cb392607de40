"""QR codes as lines of text."""

from __future__ import annotations

BORDER = 2  # modules; with the 4 of ISO/IEC 18004 an address for an app would not fit 24 lines
HALVES = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}
"""Two modules, one above the other; True is a dark one."""


def lines(text: str) -> list[str]:
    """The QR code of ``text`` in half-blocks, for a terminal with light letters on dark ground.

    There light modules are light. On light ground all is inverted, which some apps cannot read.
    """
    import segno

    # The least correction: a screen has no dirt, and the picture is smaller.
    made = segno.make(text, error="l", micro=False)
    rows = [[bool(module) for module in row] for row in made.matrix_iter(border=BORDER)]
    if len(rows) % 2:
        rows.append([True] * len(rows[0]))  # as dark as what is below it
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return ["".join(map(HALVES.__getitem__, zip(*pair, strict=True))) for pair in pairs]
