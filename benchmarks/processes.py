"""Programs that are pinned to a processor, bounded in time, and gone when this one is."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from benchmarks.errors import Failed

STOP_SECONDS = 10.0

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def start(
    command: Sequence[str | Path],
    processor: int,
    *,
    folder: Path,
    output: IO[bytes] | int = subprocess.DEVNULL,
    errors: IO[bytes] | int = subprocess.DEVNULL,
    environment: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Starts ``command`` on ``processor``, with ``folder`` as its current folder."""

    libc = ctypes.CDLL(None)

    def prepare() -> None:
        os.sched_setaffinity(0, {processor})
        # Whatever ends this program, kill -9 included, leaves nothing running.
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

    return subprocess.Popen(  # noqa: S603 - every command run here is written here
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=errors,
        env=environment,
        preexec_fn=prepare,  # noqa: PLW1509 - this program has one thread
    )


@contextlib.contextmanager
def running(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """Kills ``process`` at the end, waits for it, and closes its pipes."""
    with process:
        try:
            yield process
        finally:
            process.kill()


def stop(process: subprocess.Popen[bytes]) -> None:
    """Lets ``process`` end by itself; raises `Failed` if it does not."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        raise Failed(f"did not stop within {STOP_SECONDS:g} s of SIGTERM") from None


def output_of(
    command: Sequence[str | Path], processor: int, *, folder: Path, seconds: float
) -> bytes:
    """What ``command`` prints. Raises `Failed` with its last words if it fails or takes longer."""
    process = start(
        command, processor, folder=folder, output=subprocess.PIPE, errors=subprocess.PIPE
    )
    with running(process):
        return finished(process, seconds)


def finished(process: subprocess.Popen[bytes], seconds: float) -> bytes:
    """The output of a process that was started with pipes, when it is done."""
    try:
        output, errors = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        raise Failed(f"took longer than {seconds:g} s") from None
    if process.returncode != 0:
        words = errors.decode(errors="replace").strip().splitlines()
        raise Failed(words[-1] if words else f"ended with exit code {process.returncode}")
    return output
