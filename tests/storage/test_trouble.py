"""What keeps failing is told once, and again only when it is something else."""

from __future__ import annotations

import sqlite3

import psycopg

from hubbub.storage.errors import reason
from hubbub.storage.postgresql.moves import NotServed
from hubbub.storage.trouble import Trouble


def told_of(*errors: Exception) -> list[str]:
    """What the operator reads when these are met one after another."""
    told: list[str] = []
    trouble = Trouble(lambda error: told.append(reason(error)))
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
