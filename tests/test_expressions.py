"""Regular expressions that see what users send: each costs in proportion to what it sees."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from time import process_time

import pytest

import hubbub

CHARS = 20_000
SECONDS = 0.5  # in proportion it is a few milliseconds; the square is many seconds

# What makes backtracking: long runs of one kind, with an end that does not fit.
UNITS = (
    *(" ", "\t", "\n", "\r", "a", "A", "0", "-", "_", ":", ".", ",", "/", "@", "`", "*", "~", '"'),
    *(
        "+",
        "=",
        "(",
        "\u0301",
        "あ",
        "a ",
        " a",
        "/a",
        "/a ",
        ":a",
        ": ",
        "@a",
        "a@",
        "a:",
        "a-",
        "`a",
    ),
    *(
        "http://",
        "http://a ",
        "HTTP/1.1 ",
        "``` ",
        "\r\n ",
        "a\r\n",
        "sec-",
        "accept-a",
        "a\u0301",
        '"a',
    ),
    *("\U0001f1e6", "from:", "Alt+", "[", "1:", "\x1c"),
)
ENDS = ("", "!", " ", "\n", "\x00", "あ")


def expressions() -> Iterator[tuple[str, re.Pattern[str] | re.Pattern[bytes]]]:
    """All that are compiled when a module is imported."""
    for module in pkgutil.walk_packages(hubbub.__path__, "hubbub."):
        if "migrations" in module.name or module.name.endswith("__main__"):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, re.Pattern):
                yield f"{module.name}.{name}", value


FOUND = dict(expressions())


def test_they_are_found() -> None:
    assert {"hubbub.wire.requests._VERSION", "hubbub.domain.search._PARTS"} <= FOUND.keys()
    assert len(FOUND) > 25


# Their inputs are cut to a few characters before, or looked at only where a line has ended.
BOUNDED = {"hubbub.wire.line.lines._BLANK_LINES", "hubbub.wire.requests._VERSION"}
# Never searched for, only at one place.
AT_ONE_PLACE = {
    "hubbub.server.forwarded._PAIR",
    "hubbub.wire.json.envelope._TOKEN",
    "hubbub.wire.requests._TARGET",
    "hubbub.wire.requests._HEADER",
}


@pytest.mark.parametrize("name", sorted(FOUND.keys() - BOUNDED))
def test_an_expression_costs_in_proportion_to_its_input(name: str) -> None:
    pattern = FOUND[name]
    for unit in UNITS:
        for end in ENDS:
            text = unit * (CHARS // len(unit)) + end
            given = text if isinstance(pattern.pattern, str) else text.encode()
            began = process_time()
            pattern.match(given)  # type: ignore[arg-type]
            if name not in AT_ONE_PLACE:
                pattern.search(given)  # type: ignore[arg-type]
                pattern.sub("" if isinstance(given, str) else b"", given)  # type: ignore[arg-type]
            assert process_time() - began < SECONDS, (unit, end)
