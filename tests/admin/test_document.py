"""docs/admin.md tells of all tasks."""

from __future__ import annotations

from pathlib import Path

from tools.tasks_table import table

DOCUMENT = Path(__file__).parents[2] / "docs" / "admin.md"


def test_the_document_has_all_tasks() -> None:
    assert table() in DOCUMENT.read_text(encoding="utf-8"), (
        "docs/admin.md is not what the tasks are: put the output of "
        "`python -m tools.tasks_table` into it"
    )
