"""Writes the emoji of the newest Unicode, and their names: ``python -m tools.emoji_table``.

Unicode's list comes with the package ``emoji``. The names are those of `hubbub.domain.emoji`, which
the page has as a file of its own.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import emoji

from hubbub.domain.emoji import NAMES, TONES

ROOT = Path(__file__).parent.parent
TABLE = ROOT / "src/hubbub/domain/emojitable.py"
PAGE = ROOT / "src/hubbub/page/text/emoji.txt"
LINE_CELLS = 96

_TONE = re.compile(f"[{TONES}]")
_LIGHT, _NEXT = TONES[0], TONES[1]


def module() -> str:
    """The text of `hubbub.domain.emojitable`."""
    known = {one: row for one, row in emoji.EMOJI_DATA.items() if row["status"] == _QUALIFIED}
    version = max(float(row["E"]) for row in known.values())
    table = "\n".join(_wrapped(_patterns(known)))
    return (
        '"""The emoji of Unicode, fully qualified (UTS #51): made by ``tools/emoji_table.py``.\n\n'
        "A sequence with one skin tone stands for all five of them; one with twice the same for\n"
        "all pairs, and one with two others for all pairs of two that differ.\n"
        '"""\n\n'
        f'VERSION = "{version:.1f}"\n'
        f'TABLE = """\n{table}\n"""\n'
    )


def names() -> str:
    """The text of the page's list: one name in a line, a space, and its emoji."""
    return "".join(f"{name} {face}\n" for name, face in NAMES.items())


_QUALIFIED = emoji.STATUS["fully_qualified"]


def _patterns(known: dict[str, dict[str, object]]) -> Iterator[str]:
    tones: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for one in known:
        tones[_TONE.sub(_LIGHT, one)].add(tuple(_TONE.findall(one)))
        if not _TONE.search(one):
            yield one
    for pattern, found in sorted(tones.items()):
        count = {len(each) for each in found}
        match (*count, len(found)):
            case (0, 1):
                pass
            case (1, 5) | (2, 25):
                yield pattern
            case (2, 20):
                yield _NEXT.join(pattern.rsplit(_LIGHT, 1))
            case _:
                raise ValueError(f"The skin tones of {pattern} are of a kind that is not known.")


def _wrapped(patterns: Iterator[str]) -> Iterator[str]:
    line = ""
    for one in sorted(patterns):
        if 2 * len(line + one) > LINE_CELLS:
            yield line
            line = ""
        line += f" {one}" if line else one
    yield line


def main() -> int:
    TABLE.write_text(module(), "utf-8")
    PAGE.write_text(names(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
