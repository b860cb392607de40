from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import cli
from benchmarks.cli import main
from benchmarks.contest import Contest
from benchmarks.contestants import HUBBUB, LABELS
from benchmarks.figures import CONTESTS
from benchmarks.record import Calibration, Result, Run

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


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux")
def test_a_run_that_is_interrupted_keeps_what_it_has(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Result(samples={HUBBUB: {"cpu_us": [7.0]}}, notes=[], failed=[], seconds=1.0)

    def hold(contest: Contest, *_: object) -> Result:
        if contest.name == "burst":
            raise KeyboardInterrupt
        return found

    monkeypatch.setattr(cli, "hold", hold)
    monkeypatch.setattr(cli, "tools", lambda folder: None)
    monkeypatch.setattr(cli, "_calibrate", lambda bench: Calibration((1, 1), (1, 1)))
    monkeypatch.setattr(cli, "CACHE", tmp_path)
    monkeypatch.setattr(cli, "WORK", tmp_path / "run")
    kept = tmp_path / "kept.json"
    assert main(["run", "--json", str(kept), "fanout", "burst", "joins"]) == 1
    run = Run.load(kept)
    assert run.results == {"fanout": found}
    assert run.notes == ["The run was interrupted during burst: the rest is missing."]
    assert run.notes[0] in capsys.readouterr().out
    assert main(["run", "burst"]) == 130  # there is nothing to keep


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
