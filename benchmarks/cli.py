"""The command line: list what can be measured, run it, and put it into the documentation."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

import hubbub
from benchmarks import processes, tables
from benchmarks.bench import Bench
from benchmarks.contest import Contest, hold
from benchmarks.contestants import OTHERS
from benchmarks.errors import Failed
from benchmarks.figures import CONTESTS
from benchmarks.load.tools import tools
from benchmarks.machine import Processors, look, raise_open_files
from benchmarks.page import publish
from benchmarks.quiet import Patience
from benchmarks.record import RECORD, Calibration, Result, Run
from benchmarks.servers import ngircd

CACHE = Path(__file__).parent / ".cache"
WORK = CACHE / "run"
CALIBRATE_SECONDS = 30.0


def main(arguments: Sequence[str]) -> int:
    """Returns the exit code: 1 when something was not measured."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        if options.command == "list":
            return _list()
        if options.command == "plot":
            return _plot(options.run)
        return _run(options)
    except Failed as error:
        _say(f"benchmarks: {error}")
    except KeyboardInterrupt:
        return 130
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure Hubbub on this machine, beside bare C and ngircd in the same sitting.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("list", help="what can be run")
    run = commands.add_parser("run", help="run everything, or what is named")
    run.add_argument("names", nargs="*", metavar="NAME", help="one of those that list shows")
    run.add_argument("--quick", action="store_true", help="small and short: two minutes for all")
    run.add_argument("--repeat", type=int, metavar="N", help="how often each contestant has a turn")
    run.add_argument(
        "--wait",
        type=float,
        default=0,
        metavar="MINUTES",
        help="so long in all, wait for quiet moments, and measure again what was disturbed",
    )
    run.add_argument("--json", type=Path, metavar="FILE", help="keep what was measured")
    plot = commands.add_parser("plot", help="put a kept run into docs/performance.md, with plots")
    plot.add_argument(
        "run", nargs="?", type=Path, default=RECORD, metavar="FILE", help="%(default)s"
    )
    return parser


def _list() -> int:
    rows = [
        (contest.name, contest.about + (" (only by name)" if contest.on_request else ""))
        for contest in CONTESTS
    ]
    _print(tables.aligned(("name", "what it measures"), rows))
    return 0


def _plot(record: Path) -> int:
    for path in publish(Run.load(record), CONTESTS):
        _print(str(path))
    return 0


def _run(options: argparse.Namespace) -> int:
    if not sys.platform.startswith("linux"):
        raise Failed("the load generators need Linux: epoll, and /proc for the server's CPU time")
    chosen = _chosen(options.names)
    if options.repeat is not None and options.repeat < 1:
        raise Failed("--repeat is at least 1")
    with _work_folder() as folder:
        run = _measure(
            chosen,
            folder,
            patience=Patience(options.wait * 60),
            quick=options.quick,
            repeat=options.repeat,
        )
    _show(run, [contest for contest in chosen if contest.name in run.results])
    if options.json:
        run.save(options.json)
    whole = len(run.results) == len(chosen)
    return 0 if whole and not any(set(one.failed) - OTHERS for one in run.results.values()) else 1


@contextmanager
def _work_folder() -> Iterator[Path]:
    """An empty folder, for one run at a time; raises `Failed` while there is another.

    On the disk of the code: a folder for temporary files may be memory, which syncs nothing.
    """
    CACHE.mkdir(exist_ok=True)
    try:
        with FileLock(CACHE / "run.lock", timeout=0):
            shutil.rmtree(WORK, ignore_errors=True)  # of a run that was killed
            WORK.mkdir()
            try:
                yield WORK
            finally:
                shutil.rmtree(WORK, ignore_errors=True)
    except Timeout:
        raise Failed("another run is under way, and each would disturb the other") from None


def _chosen(names: Sequence[str]) -> list[Contest]:
    unknown = set(names) - {contest.name for contest in CONTESTS}
    if unknown:
        raise Failed(f"there is no {', '.join(sorted(unknown))}; see: python -m benchmarks list")
    if names:
        return [contest for contest in CONTESTS if contest.name in names]
    return [contest for contest in CONTESTS if not contest.on_request]


def _measure(
    contests: Sequence[Contest],
    folder: Path,
    *,
    patience: Patience,
    quick: bool,
    repeat: int | None,
) -> Run:
    began, clock = datetime.now(UTC), time.monotonic()
    processors = Processors.choose()
    program = ngircd.find()
    bench = Bench(
        tools(CACHE),
        processors,
        folder,
        ngircd=program,
        connections=raise_open_files(),
        quick=quick,
    )
    before = _calibrate(bench)
    results: dict[str, Result] = {}
    notes = []
    try:
        for contest in contests:
            times = repeat or (1 if quick else contest.repeat)
            results[contest.name] = hold(contest, bench, times, patience, _say)
    except KeyboardInterrupt:
        if not results:
            raise
        during = contests[len(results)].name
        notes.append(f"The run was interrupted during {during}: the rest is missing.")
    return Run(
        version=hubbub.__version__,
        began=began.strftime("%Y-%m-%d %H:%M UTC"),
        seconds=time.monotonic() - clock,
        quick=quick,
        machine=look(folder, processors, ngircd.version(program) if program else "not installed"),
        before=before,
        after=before if notes else _calibrate(bench),
        notes=notes,
        results=results,
    )


def _calibrate(bench: Bench) -> Calibration:
    output = processes.output_of(
        [bench.tools.chatload, "--calibrate"],
        bench.processors.load,
        folder=bench.folder,
        seconds=CALIBRATE_SECONDS,
    )
    return msgspec.json.decode(output, type=Calibration)


def _show(run: Run, contests: Sequence[Contest]) -> None:
    rows = tables.figures(run, contests)
    if rows:
        _print("\n" + tables.aligned(tables.FIGURES, rows))
    rows = tables.details(run, contests)
    if rows:
        _print("\n" + tables.aligned(tables.DETAILS, rows))
    for contest in contests:
        if contest.plot is not None:
            _print(f"\n{contest.plot.title}\n{tables.aligned(*tables.curve(contest, run))}")
    _print("\n" + "\n".join([*tables.circumstances(run), *tables.notes(run)]))


def _say(text: str) -> None:
    """Progress and errors, for who waits."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _print(text: str) -> None:
    """What was asked for."""
    sys.stdout.write(f"{text}\n")
