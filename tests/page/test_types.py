"""The types of the page: which modules have none yet."""

from __future__ import annotations

import json

from tools.page_tools import FOLDER

UNTYPED = 32  # at most; lowered with each module that gets its types, and never raised


def test_a_module_has_types_from_the_start() -> None:
    """TypeScript's checker takes all modules strictly, but for those that it is to leave out."""
    left_out = json.loads((FOLDER / "tsconfig.json").read_text(encoding="utf-8"))["exclude"]
    assert len(left_out) <= UNTYPED
    assert [path for path in left_out if not (FOLDER / path).is_file()] == []
