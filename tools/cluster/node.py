"""One node: `hubbub serve` with the cluster's database and bus."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

from tools.cluster.guard import Guard
from tools.cluster.ports import LOOPBACK
from tools.cluster.processes import PATIENCE_SECONDS, ClusterError, Program, State

if TYPE_CHECKING:
    from tools.cluster.network import Place

ROOT = Path(__file__).parents[2]


class Node(Program):
    """Serves on ``port``. What stays local, as its administration's socket, is in ``data``."""

    def __init__(
        self,
        name: str,
        folder: Path,
        guard: Guard,
        port: int,
        flags: Sequence[str],
        environment: Mapping[str, str],
        place: Place | None = None,
    ) -> None:
        super().__init__(name, folder, guard, port, place)
        self.data = folder / name
        self.files = folder / "files"  # which all nodes have
        self.flags = flags
        inherited = {
            key: value for key, value in os.environ.items() if not key.startswith(("HUBBUB_", "PG"))
        }
        self.environment = {**inherited, "PYTHONPATH": str(ROOT / "src"), **environment}

    @property
    def address(self) -> tuple[str, int]:
        return (LOOPBACK, self.port)

    @property
    def url(self) -> str:
        """Where its WebSockets are."""
        return f"ws://{LOOPBACK}:{self.port}/ws"

    def start(self, *, wait: bool = True) -> None:
        """Starts it; ``wait``: returns when it serves."""
        self._start(
            (
                *(sys.executable, "-m", "hubbub", "serve"),
                *("--host", self.listens_on, "--port", str(self.port), "--data", str(self.data)),
                *("--files", str(self.files)),
                *self.flags,
            ),
            self.environment,
        )
        if wait:
            self.wait_until_up()

    def wait_until_up(self) -> None:
        """Returns when it serves, whether it can save or not."""
        until = time.monotonic() + PATIENCE_SECONDS
        while self.health() is None:
            if self.state is State.DOWN or time.monotonic() > until:
                raise ClusterError(f"{self.name} does not start:\n{self.told()}")
            time.sleep(0.05)

    def restart(self) -> None:
        """kill -9, and a new start."""
        self.kill()
        self.start()

    def health(self, seconds: float = 5.0) -> int | None:
        """The status of /healthz; None if nothing answers."""
        try:
            with urlopen(f"http://{LOOPBACK}:{self.port}/healthz", timeout=seconds) as answer:
                return int(answer.status)
        except URLError as error:
            return getattr(error, "code", None)
        except (OSError, json.JSONDecodeError):
            return None
