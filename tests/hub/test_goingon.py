"""What is done again and again outlives a defect in it."""

from __future__ import annotations

import asyncio
import logging

import pytest

from hubbub.hub.goingon import GoingOn


def test_a_defect_is_told_once_in_a_row_and_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    going_on = GoingOn("To count")
    for error in (ValueError("a"), ValueError("b"), KeyError("c"), None, ValueError("d")):
        with going_on:
            if error is not None:
                raise error
    told = [(one.levelno, one.getMessage(), one.exc_info) for one in caplog.records]
    assert [(level, message) for level, message, _ in told] == [
        (logging.ERROR, "To count failed, and is tried again.")
    ] * 3
    assert all(with_traceback for _, _, with_traceback in told)


def test_who_is_cancelled_ends() -> None:
    with pytest.raises(asyncio.CancelledError), GoingOn("To count"):
        raise asyncio.CancelledError
