from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from hubbub.domain.marks import MAX_MARKS, is_mark, marks, normalize

# Of no script's words more than a few marks stand in a row.
TEXTS = st.text(st.sampled_from("aéい각ﷺ½\u0301\u0316\u3099ﾞ\u1dc0"), max_size=MAX_MARKS)


@given(TEXTS)
def test_ordinary_texts_are_normalized_as_ever(text: str) -> None:
    assert normalize("NFKD", text) == unicodedata.normalize("NFKD", text)
    assert normalize("NFC", text) == unicodedata.normalize("NFC", text)


def test_of_marks_in_a_row_thirty_are_kept() -> None:
    many = "\u0316\u0301" * 100
    assert normalize("NFD", f"a{many}b{many}") == normalize("NFD", f"a{many[:30]}b{many[:30]}")
    assert len(normalize("NFD", f"a{many}b{many}")) == 2 + 2 * MAX_MARKS


def test_all_that_sorting_moves_is_known_as_a_mark() -> None:
    import re

    known = re.compile(f"[{marks()}]")
    for char in map(chr, range(0x110000)):
        if unicodedata.combining(char):
            assert known.match(char), hex(ord(char))
            assert is_mark(char)
