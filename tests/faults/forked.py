"""A server that is started again in a moment, so that it can be killed often."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.faults.nursery import Nursery
from tests.process import Process, ServerProcess

CAN_FORK = hasattr(os, "pidfd_open")  # Linux; elsewhere each start takes its time


class ForkedServer(ServerProcess):
    """A `ServerProcess` whose processes come from a `Nursery`."""

    def __init__(
        self, nursery: Nursery, data: Path, *flags: str, module: str = "hubbub.cli"
    ) -> None:
        super().__init__(data, *flags, module=module)
        self._nursery = nursery

    def _spawn(self, arguments: Sequence[str]) -> Process:
        return self._nursery.spawn(
            self.module, arguments, folder=self.data.parent, variables=self.environment
        )


@contextmanager
def killable(data: Path, *flags: str, module: str = "hubbub.cli") -> Iterator[ServerProcess]:
    """A server on ``data`` that is started again as quickly as can be done here."""
    if CAN_FORK:
        with Nursery() as nursery, ForkedServer(nursery, data, *flags, module=module) as server:
            yield server
    else:
        with ServerProcess(data, *flags, module=module) as server:
            yield server
