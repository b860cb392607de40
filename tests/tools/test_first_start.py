"""A fresh copy in an empty folder, as a newcomer has it."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tools.bootstrap import ROOT, unmisled
from tools.installer import base_python

NEEDED = ("server.py", "client.py", "requirements.lock", "requirements-dev.lock", "tools", "src")


def popen(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [base_python(), str(folder / "server.py"), *arguments],
        cwd=folder.parent,
        env={
            **unmisled(dict(os.environ)),
            # What leads a pip elsewhere, somebody has set for their own purposes.
            "PIP_TARGET": str(folder / "elsewhere"),
            "PIP_DRY_RUN": "1",
            "PIP_USER": "1",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.skipif(sys.platform == "win32", reason="sends the signal of Ctrl-C")
def test_a_fresh_copy_starts_even_after_an_interruption_and_then_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "a fresh copy"
    folder.mkdir()
    for name in NEEDED:
        source = Path(ROOT, name)
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "node_modules")
            shutil.copytree(source, folder / name, ignore=ignored)
        else:
            shutil.copy(source, folder)

    said = []
    with popen(folder, "--help") as interrupted:
        for line in interrupted.stderr or ():
            said.append(line)
            if line.startswith("[1/"):
                interrupted.send_signal(signal.SIGINT)
    if any("package index did not answer" in line for line in said):
        pytest.skip("needs the internet, to install what the lock file says")
    assert any(line.startswith("[1/") for line in said), said
    assert interrupted.returncode == 130

    with popen(folder, "--help") as first:
        help_text, progress = first.communicate()
    assert first.returncode == 0, progress
    assert "interrupted" in progress.splitlines()[0]
    assert "--port" in help_text

    with popen(folder, "--help") as second:
        again, progress = second.communicate()
    # Setting up would tell how far it is.
    assert (second.returncode, again, progress) == (0, help_text, "")
