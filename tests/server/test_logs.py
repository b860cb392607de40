"""Log lines: their two forms, and what never gets into them."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import warnings
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest

from hubbub.server import logs
from tests.process import ROOT

logger = logging.getLogger("hubbub.server.test")


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Logging belongs to the process; other tests get it as they had it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in logs.LEAST}
    yield
    logging.captureWarnings(False)
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


@pytest.fixture
def console() -> StringIO:
    stream = StringIO()
    logs.set_up("info", "console", stream)
    return stream


@pytest.fixture
def machine() -> StringIO:
    stream = StringIO()
    logs.set_up("info", "json", stream)
    return stream


def objects(stream: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_for_people_has_its_time_level_text_and_values(console: StringIO) -> None:
    logger.info("ada %s", "came", extra={"room": "General"})
    (line,) = console.getvalue().splitlines()
    time, rest = line.split(" ", 1)
    assert len(time) == len("2023-07-30T15:00:05.123Z")
    assert rest == "[info     ] ada came [hubbub.server.test] room=General"


def test_a_line_for_machines_is_one_json_object(machine: StringIO) -> None:
    logger.warning("ada %s", "came\nin", extra={"room": "Café", "users": 2})
    (line,) = objects(machine)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "ada came\nin",
        "level": "warning",
        "logger": "hubbub.server.test",
        "room": "Café",
        "users": 2,
    }


def test_lines_below_the_level_are_not_written(console: StringIO) -> None:
    logger.debug("ada came")
    assert console.getvalue() == ""


def test_secrets_are_masked_by_their_names_at_any_depth(machine: StringIO) -> None:
    logger.info(
        "hello",
        extra={
            "token": "s3cret",
            "Password": "s3cret",
            "headers": {"Authorization": "Bearer s3cret", "Cookie": "s3cret", "Host": "chat"},
            "tries": [{"guest_token": "s3cret", "user": "eve"}],
            "token_hash": b"s3cret",
        },
    )
    assert "s3cret" not in machine.getvalue()
    (line,) = objects(machine)
    assert line["token"] == line["Password"] == line["token_hash"] == logs.MASK
    assert line["headers"] == {"Authorization": logs.MASK, "Cookie": logs.MASK, "Host": "chat"}
    assert line["tries"] == [{"guest_token": logs.MASK, "user": "eve"}]


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_traceback_shows_where_and_what_but_no_local_variables(form: Any) -> None:
    stream = StringIO()
    logs.set_up("info", form, stream)
    try:
        token = "s3" + "cret"
        raise ValueError(f"{len(token)} characters")
    except ValueError:
        logger.exception("no such guest")
    assert "test_logs.py" in stream.getvalue()
    assert "ValueError: 6 characters" in stream.getvalue()
    assert "s3cret" not in stream.getvalue()


def test_what_a_stranger_sent_cannot_pass_for_a_line_or_for_commands_to_the_terminal(
    console: StringIO,
) -> None:
    logger.info("from %s", "eve\n2023 [info] ada came\x1b[2J", extra={"user": "eve\x1b[2J\r\nben"})
    try:
        raise ValueError("eve\x1b[2J")
    except ValueError:
        logger.exception("from eve")
    first, *rest = console.getvalue().split("\n")
    assert r"from eve\n2023 [info] ada came\x1b[2J" in first
    assert r"user=eve\x1b[2J\r\nben" in first
    assert "\x1b" not in "".join(rest)


def test_lines_of_the_libraries_come_out_the_same_way(machine: StringIO) -> None:
    logging.getLogger("uvicorn.error").error("Exception in ASGI application\n")
    logging.getLogger("asyncio").error("Task was destroyed")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    assert [line["logger"] for line in objects(machine)] == [
        "uvicorn.error",
        "asyncio",
        "py.warnings",
    ]


def test_strangers_cannot_fill_the_log_with_nonsense(machine: StringIO) -> None:
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
    logging.getLogger("websockets.server").warning("opening handshake failed")
    assert machine.getvalue() == ""


def test_a_second_set_up_replaces_the_first(console: StringIO, machine: StringIO) -> None:
    logger.info("ada came")
    assert console.getvalue() == ""
    assert len(objects(machine)) == 1


def test_structlog_is_imported_for_the_first_line_and_not_before() -> None:
    code = (
        "import logging, sys; from hubbub.server import logs; logs.set_up('info', 'json');"
        "before = 'structlog' in sys.modules; logging.info('x'); "
        "print(before, 'structlog' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "False True\n"
