from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.cli import main
from benchmarks.contestants import LABELS
from benchmarks.figures import CONTESTS

ROOT = Path(__file__).parents[2]


def test_list_shows_everything(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    shown = capsys.readouterr().out
    assert all(contest.name in shown for contest in CONTESTS)


def test_a_name_that_is_unknown_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "fan-out"]) == 1
    assert "there is no fan-out" in capsys.readouterr().err


def test_a_run_that_is_not_there_is_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["plot", str(tmp_path / "none.json")]) == 1
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize("start", [["-m", "benchmarks"], ["benchmarks"]])
def test_it_starts_as_a_module_and_as_a_folder(start: list[str]) -> None:
    command = [sys.executable, *start, "list"]
    environment = {"PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True)
    assert b"fanout" in done.stdout


def test_every_figure_is_of_somebody_who_has_a_name() -> None:
    for contest in CONTESTS:
        for figure in contest.figures:
            assert figure.contestant in LABELS
            assert figure.bars
