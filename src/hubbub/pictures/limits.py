"""What the process may use that looks at a file. Its deadline is kept by who started it."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from pathlib import Path

# For 50 million pixels twice (as they are, and turned), and Python itself.
MAX_MEMORY_BYTES = 1024 * 1024 * 1024
MAX_CPU_SECONDS = 30
MAX_OPEN_FILES = 32
MORE_BYTES = 8 * 1024 * 1024  # that a file may have more than the one that is looked at


def confine(size: int) -> None:
    """Limits this process, which is to look at a file of ``size`` bytes.

    Windows has no such limits: there, it is the number of pixels, and the deadline.
    """
    if sys.platform == "win32":
        return
    import resource

    os.umask(0o077)
    with contextlib.suppress(OSError):
        os.nice(10)  # people wait for the chat rather than for a picture
    for limit, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, MAX_CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 2 * size + MORE_BYTES),
        (resource.RLIMIT_NOFILE, MAX_OPEN_FILES),
        (resource.RLIMIT_AS, MAX_MEMORY_BYTES + size),  # the file is mapped
    ):
        with contextlib.suppress(ValueError, OSError):  # macOS does not know all of them
            resource.setrlimit(limit, (most, most))
    with contextlib.suppress(OSError):
        # If the machine runs out of memory, Linux ends this process, and not the server.
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def end_with_parent() -> None:
    """Ends this process with its parent: then standard input ends."""

    def wait() -> None:
        while os.read(0, 4096):
            pass
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
