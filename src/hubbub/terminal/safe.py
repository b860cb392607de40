"""Makes other people's texts harmless: a terminal shows them, and obeys none of their characters.

Control characters can move the cursor, clear the screen, rename the window or type for the person;
bidirectional controls can make a line look like somebody else's. None reaches the terminal: C0
controls and DEL become their pictures (U+2400 and on); C1 controls, directional embeddings,
overrides and isolates, and lone surrogates become U+FFFD. Of many combining marks on one letter
("zalgo"), which would cover the lines above and below, only as many are kept as scripts need.
"""

from __future__ import annotations

import unicodedata

from hubbub.domain.names import MAX_MARKS_IN_A_ROW

TAB = "    "  # a real one would shift the text by an unknown width

_C0 = {code: 0x2400 + code for code in range(0x20)}
_C1 = range(0x80, 0xA0)
_DIRECTIONS = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))  # Unicode's bidi controls, UAX #9
_SEPARATORS = (0x2028, 0x2029)  # line ends to some programs
_SURROGATES = range(0xD800, 0xE000)  # which no encoding can write

_TABLE: dict[int, int | str] = {
    **_C0,
    0x7F: 0x2421,
    **dict.fromkeys((*_C1, *_DIRECTIONS, *_SEPARATORS, *_SURROGATES), 0xFFFD),
    0x09: TAB,
}


def safe(text: str) -> str:
    """``text`` as one line that can be written to a terminal."""
    if not text.isprintable():
        text = text.translate(_TABLE)
    return text if text.isascii() else _with_few_marks(text)


def _with_few_marks(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for char in text:
        category = unicodedata.category(char)
        if category in ("Mn", "Me"):
            marks += 1
            if marks > MAX_MARKS_IN_A_ROW:
                continue
        elif category != "Cf":  # an invisible joiner between marks does not start a new letter
            marks = 0
        kept.append(char)
    return "".join(kept)


def safe_lines(text: str) -> list[str]:
    """The lines of ``text``, each safe; at least one."""
    return [safe(line) for line in text.splitlines()] or [""]
