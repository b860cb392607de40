"""A NATS server of the cluster."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tools.cluster.guard import Guard
from tools.cluster.packages import nats_server
from tools.cluster.ports import LOOPBACK
from tools.cluster.processes import PATIENCE_SECONDS, ClusterError, Program, State

if TYPE_CHECKING:
    from tools.cluster.network import Place


class Broker(Program):
    """One server, which with those at the other ``routes`` (host:port) is one bus."""

    def __init__(
        self,
        name: str,
        folder: Path,
        guard: Guard,
        port: int,
        route: int,
        routes: Sequence[str],
        place: Place | None = None,
    ) -> None:
        super().__init__(name, folder, guard, port, place)
        self._route = route
        self._routes = routes

    def start(self) -> None:
        """Starts it, and returns when it takes connections."""
        configuration = self.folder / f"{self.name}.conf"
        routes = ", ".join(f'"nats://{route}"' for route in self._routes)
        # Who connects is not told of the other servers: they are to be reached by links that can
        # be cut, which no server knows of.
        configuration.write_text(
            f'server_name: "{self.name}"\n'
            f"listen: {self.listens_on}:{self.port}\n"
            "cluster {\n"
            "  name: hubbub\n"
            f"  listen: {self.listens_on}:{self._route}\n"
            f"  routes: [{routes}]\n"
            "  no_advertise: true\n"
            "}\n"
        )
        self._start((str(nats_server()), "--config", str(configuration)), dict(os.environ))
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            if self._greets():
                return
            if self.state is State.DOWN or time.monotonic() > until:
                raise ClusterError(f"{self.name} does not start:\n{self.told()}")
            time.sleep(0.02)

    def _greets(self) -> bool:
        """Whether it says something to who connects, as NATS does."""
        try:
            with socket.create_connection((LOOPBACK, self.port), PATIENCE_SECONDS) as connected:
                return bool(connected.recv(1))
        except OSError:
            return False
