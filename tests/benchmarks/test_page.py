from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.bars import at_most, at_most_times
from benchmarks.contest import Contest, Figure, Plot
from benchmarks.contestants import HUBBUB, LIMIT, NGIRCD, WEBSOCKET
from benchmarks.errors import Failed
from benchmarks.figures import CONTESTS
from benchmarks.machine import Machine
from benchmarks.page import PAGE, PLOTS, blocks, fill, plots
from benchmarks.record import RECORD, Calibration, Result, Run
from benchmarks.tables import aligned, circumstances, curve, details, figures, markdown

FANOUT = Contest(
    "fanout",
    "",
    lambda _: {},
    figures=(
        Figure(
            "cost",
            "µs",
            HUBBUB,
            "cpu_us",
            (at_most(1.8, "µs"), at_most_times(1.0, NGIRCD, "ngircd", "cpu_us")),
        ),
        Figure("WebSocket", "×", WEBSOCKET, "cpu_us", (at_most(1.3, "×"),), per=HUBBUB),
    ),
)
MEMBERS = Contest("members", "", lambda _: {}, plot=Plot("Cost", "members", "µs"))


def make_run(**samples: dict[str, dict[str, list[float]]]) -> Run:
    machine = Machine(
        processor="A Processor",
        processors=2,
        memory_gib=4,
        system="Linux 6.1",
        python="CPython 3.13.1",
        sqlite="3.46.0",
        file_system="ext4",
        ngircd="26.1",
        pinned=True,
    )
    return Run(
        version="1.0",
        began="2026-11-22 15:00 UTC",
        seconds=600,
        quick=False,
        machine=machine,
        before=Calibration((0.5, 0.5), (5.8, 5.8)),
        after=Calibration((0.5, 0.5), (5.8, 5.8)),
        notes=[],
        results={name: Result(found, [], [], 1.0) for name, found in samples.items()},
    )


def test_a_figure_stands_beside_its_bar_and_the_others() -> None:
    run = make_run(
        fanout={
            HUBBUB: {"cpu_us": [1.5, 1.6, 1.4]},
            WEBSOCKET: {"cpu_us": [2.0, 2.4, 2.2]},
            LIMIT: {"cpu_us": [1.2, 1.2, 1.2]},
            NGIRCD: {"cpu_us": [2.0, 2.1, 1.9]},
        }
    )
    cost, websocket = figures(run, [FANOUT])
    bars = "≤ 1.8 µs, ≤ 1.0 × ngircd = 2.00"
    assert cost == ("cost", bars, "1.50 (1.40–1.60) µs", "1.20", "2.00 (1.90–2.10)", "✓")
    assert websocket == ("WebSocket", "≤ 1.3 ×", "1.50 (1.33–1.57) ×", "–", "–", "✗")


def test_a_missing_server_leaves_its_bar_open() -> None:
    run = make_run(fanout={HUBBUB: {"cpu_us": [1.5]}})
    assert figures(run, [FANOUT])[0][-1] == "?"


def test_a_figure_that_was_not_measured_is_empty() -> None:
    run = make_run(fanout={NGIRCD: {"cpu_us": [2.0]}})
    assert figures(run, [FANOUT])[0][2:] == ("–", "–", "2.00", "–")


def test_a_curve_is_also_a_table() -> None:
    run = make_run(members={HUBBUB: {"1000": [1.0], "10": [9.0]}, NGIRCD: {"10": [8.0]}})
    head, rows = curve(MEMBERS, run)
    assert head == ("members", "Hubbub", "ngircd")
    assert rows == [("10", "9.00", "8.00"), ("1,000", "1.00", "–")]


def test_all_who_were_under_load_are_told_of_in_detail() -> None:
    run = make_run(fanout={HUBBUB: {"cpu_us": [1.5], "p50_ms": [2.0], "others": [0.01]}})
    assert details(run, [FANOUT]) == [
        ("fanout", "Hubbub", "1.50", "2.00", "–", "–", "0.01"),
    ]


def test_a_machine_that_was_not_quiet_makes_the_figures_a_hint() -> None:
    busy = make_run(fanout={HUBBUB: {"cpu_us": [1.5], "others": [0.9]}})
    quiet = make_run(fanout={HUBBUB: {"cpu_us": [1.5], "others": [0.01]}})
    assert "only a hint" in circumstances(busy)[-1]
    assert "only a hint" not in circumstances(quiet)[-1]


def test_tables_are_for_pages_and_for_terminals() -> None:
    rows = [("cost", "≤ 1.8 µs")]
    assert markdown(("figure", "bar"), rows) == (
        "| figure | bar |\n| --- | --- |\n| cost | ≤ 1.8 µs |"
    )
    assert aligned(("figure", "bar"), rows) == "figure  bar\ncost    ≤ 1.8 µs"


def test_only_what_is_between_the_markers_is_replaced() -> None:
    page = "a\n<!-- benchmarks: x -->\nold\n<!-- /benchmarks: x -->\nb\n"
    once = fill(page, {"x": "new"})
    assert once == "a\n<!-- benchmarks: x -->\n\nnew\n\n<!-- /benchmarks: x -->\nb\n"
    assert fill(once, {"x": "new"}) == once


def test_a_page_without_the_markers_is_told() -> None:
    with pytest.raises(Failed, match="benchmarks: x"):
        fill("nothing", {"x": "new"})


def test_a_run_is_read_as_it_was_saved(tmp_path: Path) -> None:
    run = make_run(fanout={HUBBUB: {"cpu_us": [1.5]}})
    run.save(tmp_path / "run.json")
    assert Run.load(tmp_path / "run.json") == run


def test_a_file_that_is_no_run_is_told(tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    file.write_text('{"version": 1}')
    with pytest.raises(Failed, match="not a run"):
        Run.load(file)
    with pytest.raises(Failed, match="cannot be read"):
        Run.load(tmp_path / "none.json")


def test_the_documentation_tells_of_the_run_that_is_kept() -> None:
    """`python -m benchmarks plot` makes it so."""
    run, text = Run.load(RECORD), PAGE.read_text(encoding="utf-8")
    assert fill(text, blocks(run, CONTESTS)) == text
    for name, document in plots(run, CONTESTS).items():
        assert (PLOTS / name).read_text(encoding="utf-8") == document
