"""Fuzzing, led by coverage: `python -m tests.fuzz line --seconds 600`; without a name, all of them.

An input that breaks something is printed and kept in tests/fuzz/found, where every check tries it
again; `--replay FILE` tries one alone.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import tempfile
import traceback
from pathlib import Path


def main() -> int:
    """Runs what was asked for; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", nargs="?", help="what to fuzz; one by one if left out")
    parser.add_argument("--seconds", type=int, default=60, help="for each (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of what is tried; 0: any")
    parser.add_argument("--replay", type=Path, help="try this input, and no other")
    parser.add_argument("--corpus", type=Path, help="keep what reaches new code below this folder")
    options = parser.parse_args()
    if options.replay is not None:
        from tests.fuzz.targets import TARGETS

        TARGETS[options.target].run(options.replay.read_bytes())
        return 0
    import atheris

    with atheris.instrument_imports(include=["hubbub", "tests.wire.line.talk"]):
        from tests.fuzz.targets import TARGETS
    names = TARGETS if options.target is None else [options.target]
    broken = [name for name in names if not _holds(name, options)]
    print("Broken: " + ", ".join(broken) if broken else "Nothing broke.")
    return 1 if broken else 0


def _holds(name: str, options: argparse.Namespace) -> bool:
    """Fuzzes in a process of its own, which has the instrumented code already: that takes long."""
    print(f"--- {name}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        child = os.fork()
        if child == 0:
            fuzz(name, Path(folder), options)
        return os.waitpid(child, 0)[1] == 0


def fuzz(name: str, folder: Path, options: argparse.Namespace) -> None:
    """Fuzzes one target until it breaks or the time is over, and ends the process."""
    import atheris

    from tests.fuzz.targets import FOUND, TARGETS, WORDS, found

    target = TARGETS[name]

    def run(data: bytes) -> None:
        try:
            target.run(data)
        except BaseException:
            kept = FOUND / name / hashlib.sha256(data).hexdigest()[:16]
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(data)
            print(f"\n{name} broke with {data!r}")
            traceback.print_exc(file=sys.stdout)
            print(f"The input is kept in {kept}. Replay it:")
            print(f"python -m tests.fuzz {name} --replay {kept}", flush=True)
            raise

    begin = folder / "seeds"
    begin.mkdir()
    for number, seed in enumerate([*target.seeds, *(p.read_bytes() for p in found(name))]):
        Path(begin, str(number)).write_bytes(seed)
    words = folder / "words"
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in WORDS))
    flags = [
        f"-max_total_time={options.seconds}",
        f"-seed={options.seed}",
        f"-dict={words}",
        f"-artifact_prefix={folder}/",
        "-max_len=4096",
        "-timeout=20",
        "-rss_limit_mb=2048",
        "-print_final_stats=1",
    ]
    grown = options.corpus / name if options.corpus else folder / "grown"
    grown.mkdir(exist_ok=True, parents=True)
    atheris.Setup([sys.argv[0], *flags, str(grown), str(begin)], run)
    atheris.Fuzz()


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)


if __name__ == "__main__":
    sys.exit(main())
