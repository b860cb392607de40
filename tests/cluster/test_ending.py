"""Nothing of a cluster is left behind, however the program that started it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import wait_until
from tests.process import ROOT, clean_environment

PROGRAM = """
import subprocess, sys, time
from pathlib import Path
from tools.cluster.guard import Guard

folder = Path(sys.argv[1])
folder.mkdir()
with Guard(folder) as guard:
    child = subprocess.Popen(["sleep", "1000"], start_new_session=True)
    guard.watch(child.pid)
    ended = subprocess.Popen(["true"], start_new_session=True)
    guard.watch(ended.pid)
    ended.wait()
    guard.forget(ended.pid)
    (folder / "pid").write_text(str(child.pid))
    print("there", flush=True)
    if sys.argv[2] == "wait":
        time.sleep(1000)
    child.poll()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("how", ["wait", "end"])
def test_what_was_started_ends_and_its_folder_is_deleted(tmp_path: Path, how: str) -> None:
    folder = tmp_path / "cluster"
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder), how],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=clean_environment(),
    )
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == b"there\n"
    if how == "wait":
        pid = int((folder / "pid").read_text())
        os.killpg(pid, 0)  # it runs
        process.send_signal(signal.SIGKILL)
        process.wait()
        wait_until(lambda: not is_there(pid))
    process.wait()
    wait_until(lambda: not folder.exists())


def is_there(pid: int) -> bool:
    """Whether a process runs. One that has ended and that nobody waits for does not."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
