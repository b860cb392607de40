"""Who starts a server is told what it tells others."""

from __future__ import annotations

import pytest

from hubbub.cli.telling import told_to_others
from hubbub.config import Settings

SECRET = "postgresql://hubbub:hush@db/hubbub"
NAMED = "nats://hubbub:hush@nats-1:4222"


def told(*arguments: str, database: str = "postgresql://db/hubbub", bus: str = "") -> str:
    return " ".join(told_to_others(Settings(database=database, bus=bus), arguments))


def test_who_has_nothing_of_it_is_told_nothing() -> None:
    assert told("serve", database="") == ""
    assert told("serve", "--database", "postgresql://u@db/x", database="postgresql://u@db/x") == ""
    assert told(bus="nats://127.0.0.1:4222,nats://localhost,nats://[::1]:4222") == ""
    assert told(bus="tls://hubbub:hush@nats-1:4222") == ""


@pytest.mark.parametrize(
    "database", [SECRET, "postgresql://db/x?user=u&password=hush", "postgres://:hush@db/x"]
)
def test_a_password_of_the_database_is_for_the_environment(database: str) -> None:
    for arguments in (["--database", database], [f"--database={database}"]):
        words = told("serve", *arguments, database=database)
        assert "HUBBUB_DATABASE" in words
        assert "hush" not in words
    assert told("serve", database=database) == "", "it came by another way"


@pytest.mark.parametrize("bus", [NAMED, "nats://hush@nats-1"])
def test_so_is_that_of_the_bus(bus: str) -> None:
    words = told("--bus", bus, bus=bus)
    assert "HUBBUB_BUS" in words
    assert "hush" not in words
    assert "HUBBUB_BUS" not in told(bus=bus)


@pytest.mark.parametrize(
    "bus, needs",
    [
        ("nats://nats-1,nats://127.0.0.1", "tls:// before its address, and a user with a password"),
        ("tls://10.0.0.7", "a user with a password"),
        (NAMED, "tls:// before its address"),
    ],
)
def test_who_may_listen_on_the_bus_is_told_in_words(bus: str, needs: str) -> None:
    words = told(bus=bus)
    assert words.endswith(f"it needs {needs}.")
    assert "127.0.0.1" not in words
    assert "hush" not in words
