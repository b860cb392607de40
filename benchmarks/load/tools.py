"""The C programs, compiled on first use and kept until their source changes."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from benchmarks.errors import Failed

SOURCES = Path(__file__).parent
FLAGS = ("-O2", "-std=gnu11", "-Wall", "-Wextra")
COMPILE_SECONDS = 60.0


class Tools(NamedTuple):
    """Where the programs are."""

    chatload: Path
    wsload: Path
    limit: Path


def tools(cache: Path) -> Tools:
    """The programs, from ``cache`` or compiled into it; raises `Failed`."""
    return Tools(
        chatload=_compiled(cache, "chatload", SOURCES / "chatload.c"),
        wsload=_compiled(cache, "wsload", SOURCES / "wsload.c", SOURCES / "chatload.c"),
        limit=_compiled(cache, "limit", SOURCES / "limit.c"),
    )


def _compiled(cache: Path, name: str, source: Path, *included: Path) -> Path:
    texts = b"".join(path.read_bytes() for path in (source, *included))
    digest = hashlib.sha256(" ".join(FLAGS).encode() + texts).hexdigest()[:16]
    program = cache / f"{name}-{digest}"
    if not program.exists():
        _compile(source, program)
    return program


def _compile(source: Path, program: Path) -> None:
    gcc = shutil.which("gcc")
    if gcc is None:
        raise Failed(
            "The load generators are C programs, and there is no gcc here to compile them. "
            "On Debian and Ubuntu: apt install gcc libc6-dev"
        )
    program.parent.mkdir(parents=True, exist_ok=True)
    unfinished = program.with_suffix(".new")
    done = subprocess.run(  # noqa: S603 - the compiler
        [gcc, *FLAGS, "-o", unfinished, source],
        capture_output=True,
        text=True,
        timeout=COMPILE_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        raise Failed(f"gcc cannot compile {source.name}:\n{done.stderr.strip()}")
    unfinished.replace(program)
