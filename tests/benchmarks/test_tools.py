from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from benchmarks.errors import Failed
from benchmarks.load import tools as module
from benchmarks.load.tools import tools

needs_gcc = pytest.mark.skipif(shutil.which("gcc") is None, reason="needs gcc")


@needs_gcc
def test_the_programs_are_compiled_once(tmp_path: Path) -> None:
    first = tools(tmp_path)
    made = first.wsload.stat().st_mtime_ns
    assert tools(tmp_path) == first
    assert first.wsload.stat().st_mtime_ns == made


def test_without_a_compiler_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Failed, match="there is no gcc here"):
        tools(tmp_path / "cache")


@needs_gcc
def test_what_does_not_compile_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SOURCES", tmp_path)
    for name in ("chatload.c", "wsload.c", "limit.c"):
        (tmp_path / name).write_text("int main(void) { return nothing; }")
    with pytest.raises(Failed, match=r"gcc cannot compile chatload\.c"):
        tools(tmp_path / "cache")
