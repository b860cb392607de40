"""A server that is replaced by another process while it serves, and spoilt ones to replace it."""

from __future__ import annotations

import contextlib
import os
import re
import signal
from pathlib import Path

from tests.patience import wait_until
from tests.process import ROOT, ServerProcess

_STARTED = re.compile(r"The new server \(process (\d+)\)")
LOCK_FILE = "hubbub.lock"


class HandingServer(ServerProcess):
    """A `ServerProcess` that may hand over; ``pid`` is that of the process that serves now.

    Python reads ``sitecustomize.py`` in ``spoils`` whenever a process starts.
    """

    def __init__(self, data: Path, *flags: str, environment: dict[str, str] | None = None) -> None:
        self.spoils = data.parent / "spoils"
        self.spoils.mkdir(exist_ok=True)
        path = os.pathsep.join(map(str, (self.spoils, ROOT / "src", ROOT)))
        super().__init__(data, *flags, environment={"PYTHONPATH": path, **(environment or {})})

    def __exit__(self, *exc: object) -> None:
        super().__exit__()
        for pid in {*self.started(), self.owner()}:
            if pid and _is_of(pid, self.data):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    @property
    def pid(self) -> int:
        return self.owner() or super().pid

    def owner(self) -> int:
        """The process that has the data folder; 0 if nobody has ever had it."""
        try:
            return int((self.data / LOCK_FILE).read_text() or 0)
        except FileNotFoundError:
            return 0

    def started(self) -> list[int]:
        """The processes that were started to take over, oldest first."""
        found = [_STARTED.search(line) for line in list(self.output)]
        return list(dict.fromkeys(int(one[1]) for one in found if one))

    def spoil(self, code: str) -> None:
        """From now on each new process does this first."""
        (self.spoils / "sitecustomize.py").write_text(code)

    def ask(self, number: int = signal.SIGUSR2) -> None:
        """Sends a signal to the process that serves."""
        os.kill(self.pid, number)

    def hand_over(self) -> None:
        """Returns when another process serves."""
        old, said = self.pid, len(self.output)
        self.ask()
        self.tells("Listening on", after=said)
        try:
            wait_until(lambda: self.pid != old)
        except AssertionError as error:
            error.add_note("\n".join(self.output[said:]))
            raise


def is_alive(pid: int) -> bool:
    """Whether there is such a process, and it has not just ended unnoticed by its parent."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def _is_of(pid: int, data: Path) -> bool:
    with contextlib.suppress(OSError):
        return os.fsencode(data) in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False
