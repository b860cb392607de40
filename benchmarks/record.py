"""A run as it is kept: what was measured, when, on which machine, and how noisy that was."""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct

from benchmarks.errors import Failed
from benchmarks.machine import Machine

RECORD = Path(__file__).parent / "results" / "run.json"
"""The run that docs/performance.md tells of."""


class Calibration(Struct, frozen=True):
    """A fixed piece of work on two CPUs at once: an addition, and a small message over TCP."""

    alu_ns: tuple[float, float]
    tcp_us: tuple[float, float]


class Result(Struct, frozen=True):
    """Of one contest. ``failed``: contestants that did not get through, told of in ``notes``."""

    samples: dict[str, dict[str, list[float]]]
    notes: list[str]
    failed: list[str]
    seconds: float


class Run(Struct, frozen=True, kw_only=True):
    """All that `python -m benchmarks run` has found."""

    version: str
    began: str
    seconds: float
    quick: bool
    machine: Machine
    before: Calibration
    after: Calibration
    notes: list[str]
    results: dict[str, Result]

    def save(self, path: Path) -> None:
        """Writes it as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(msgspec.json.format(msgspec.json.encode(self)) + b"\n")

    @classmethod
    def load(cls, path: Path) -> Run:
        """Reads what `save` has written; raises `Failed`."""
        try:
            return msgspec.json.decode(path.read_bytes(), type=cls)
        except OSError as error:
            raise Failed(f"{path} cannot be read: {error.strerror}") from error
        except msgspec.DecodeError as error:
            raise Failed(f"{path} is not a run of this version: {error}") from error
