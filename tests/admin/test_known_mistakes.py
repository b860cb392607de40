"""Mistakes that command lines of other servers were known for: what becomes of letters."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hubbub.cli.admin import showing
from hubbub.cli.admin.asking import typed
from hubbub.cli.failing import Failed
from tests.process import ROOT

NAMES = ("Zoë", "עידו", "日本")


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], io.TextIOWrapper]:
    def printed_in(encoding: str) -> io.TextIOWrapper:
        out = io.TextIOWrapper(io.BytesIO(), encoding, errors="replace")
        monkeypatch.setattr(sys, "stdout", out)
        return out

    return printed_in


def written(out: io.TextIOWrapper) -> str:
    out.flush()
    buffer = out.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode(out.encoding)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_what_a_script_reads_has_all_letters_whatever_the_output_takes(
    printed: Callable[[str], io.TextIOWrapper], encoding: str
) -> None:
    out = printed(encoding)
    showing.print_json({"names": NAMES})
    assert json.loads(written(out)) == {"names": list(NAMES)}


def test_columns_are_straight_below_letters_that_are_wide_or_have_accents(
    printed: Callable[[str], io.TextIOWrapper],
) -> None:
    out = printed("utf-8")
    showing.table(("NAME", "SINCE"), [("日本", 1), ("Zoe\u0308", 2), ("עידו", 3)], none="")
    assert written(out) == "NAME  SINCE\n日本  1\nZoe\u0308   2\nעידו  3\n"


@pytest.mark.parametrize(
    "given, meant",
    [
        ("Zo\udcc3\udcab", "Zoë"),
        (["Zo\udcc3\udcab", 5, None], ["Zoë", 5, None]),
        ({"Zo\udcc3\udcab": ("Zo\udcc3\udcab",)}, {"Zoë": ["Zoë"]}),
        ("Zoë", "Zoë"),
    ],
)
@pytest.mark.skipif(os.name != "posix", reason="elsewhere words are no bytes")
def test_names_are_read_as_they_were_typed_where_nothing_says_how(given: Any, meant: Any) -> None:
    assert typed(given) == meant


@pytest.mark.skipif(os.name != "posix", reason="elsewhere words are no bytes")
def test_what_is_no_utf_8_is_told(tmp_path: Path) -> None:
    with pytest.raises(Failed, match=r"'Zo\\udceb' is not written in UTF-8"):
        typed("Zo\udceb")
    hubbub = [sys.executable, "-m", "hubbub", "admin", "user", os.fsdecode(b"Zo\xeb")]
    hubbub += ["--data", str(tmp_path)]
    done = subprocess.run(hubbub, cwd=ROOT, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == b"hubbub: 'Zo\\udceb' is not written in UTF-8.\n"
