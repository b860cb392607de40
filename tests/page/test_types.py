"""The types of the page: TypeScript's checker takes every module strictly."""

from __future__ import annotations

import json

from tools.page_tools import FOLDER


def test_no_module_is_left_out() -> None:
    """The service worker has a project of its own, since it runs elsewhere than the page."""
    page, worker = (
        json.loads((FOLDER / name).read_text(encoding="utf-8"))
        for name in ("tsconfig.json", "worker.json")
    )
    assert set(page["exclude"]) <= set(worker["include"])
    assert worker["exclude"] == [], "else it would have the page's"
    assert page["compilerOptions"]["strict"]
    assert worker["extends"] == "./tsconfig.json"
