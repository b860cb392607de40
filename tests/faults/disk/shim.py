"""`disk.c`, compiled, between a server and its disk: it writes a trace, and fails when told to."""

from __future__ import annotations

import errno
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_name("disk.c")
KILL = -9

needs_a_compiler = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("cc") is None,
    reason="needs LD_PRELOAD and a C compiler",
)


class Shim:
    """Watches what happens to the files below ``folder``, which it makes.

    Its own files lie beside that folder.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder.resolve()
        self.trace = self.folder.with_name(f"{folder.name}.trace")
        self._tracing = self.folder.with_name(f"{folder.name}.tracing")
        self._orders = self.folder.with_name(f"{folder.name}.orders")
        self._library = self.folder.with_name(f"{folder.name}.so")
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", self._library, SOURCE], check=True)

    def environment(self, *, traced: bool = False) -> dict[str, str]:
        """What makes a process run with it."""
        variables = {
            "LD_PRELOAD": str(self._library),
            "DISK_FOLDER": str(self.folder),
            "DISK_ORDERS": str(self._orders),
        }
        return variables | {"DISK_TRACE": str(self._tracing)} if traced else variables

    def fail(self, call: str, reason: int = errno.EIO, *, files: str = "") -> None:
        """From now on ``call`` fails with ``reason`` for files whose names end with ``files``.

        ``call``: read, write, sync, or open (to write, or to make something). With `KILL` the
        process dies there instead.
        """
        order = self._orders.with_suffix(".new")
        order.write_text(f"{call} {reason} {files or '*'}\n")
        order.replace(self._orders)

    def heal(self) -> None:
        """All is well again."""
        self._orders.unlink(missing_ok=True)

    def end_trace(self) -> None:
        """Makes ``trace`` what has happened until now."""
        shutil.copyfile(self._tracing, self.trace)
