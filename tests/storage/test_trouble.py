"""What keeps failing is told once, and again only when it is something else."""

from __future__ import annotations

import logging
import sqlite3

import psycopg
import pytest

from hubbub.storage.errors import reason, refusal
from hubbub.storage.postgresql.moves import NotServed
from hubbub.storage.trouble import Trouble


def told_of(*errors: Exception) -> list[str]:
    """What the operator reads when these are met one after another."""
    told: list[str] = []
    trouble = Trouble(lambda error: told.append(reason(error)), "It works again.")
    for error in errors:
        trouble.met(error)
    return told


def test_a_server_that_cannot_be_reached_is_told_once_however_each_attempt_fails() -> None:
    refused = psycopg.OperationalError("connection refused")
    ended = psycopg.errors.AdminShutdown("terminating connection")
    timeout = psycopg.errors.ConnectionTimeout("connection timeout expired")
    assert len(told_of(refused, ended, refused, timeout, refused)) == 1


def test_another_reason_is_told_as_well() -> None:
    away, moved = psycopg.OperationalError("connection refused"), NotServed("it is being moved")
    assert len(told_of(away, moved, away)) == 3
    full, broken = sqlite3.OperationalError("full"), sqlite3.OperationalError("disk I/O error")
    assert len(told_of(full, full, broken)) == 2


def test_the_end_of_it_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    trouble = Trouble(lambda error: None, "It works again.")
    trouble.ended()
    trouble.met(psycopg.OperationalError("connection refused"))
    assert not caplog.messages
    trouble.ended()
    trouble.ended()
    assert caplog.messages == ["It works again."]


def test_what_cannot_be_saved_is_laid_on_what_it_lies_with() -> None:
    away = psycopg.OperationalError("connection refused")
    assert "cannot write to its database just now" in str(refusal(away))
    assert "cannot write to its disk just now" in str(refusal(sqlite3.OperationalError("disk I/O")))


def test_rows_that_an_error_shows_are_not_logged() -> None:
    error = psycopg.errors.UniqueViolation("duplicate key\nDETAIL:  Key (name)=(ada) exists.")
    assert reason(error) == "UniqueViolation: duplicate key"
