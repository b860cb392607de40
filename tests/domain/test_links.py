from __future__ import annotations

import pytest

from hubbub.domain.links import has_link


@pytest.mark.parametrize(
    "text, found",
    [
        ("see https://example.org/x.", True),
        ("HTTP://[::1]/", True),
        ("one\ntwo (mailto:ada@example.org)", True),
        ("`https://example.org`", True),  # it is one to be copied
        ("", False),
        ("example.org", False),
        ("https://", False),
        ("xhttps://example.org", False),
        ("note: this", False),
    ],
)
def test_a_text_has_a_link_where_it_is_shown_as_one(text: str, found: bool) -> None:
    assert has_link(text) is found
