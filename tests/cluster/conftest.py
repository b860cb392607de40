"""A small cluster for ordinary tests, one for each worker; and how one of its own is made."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tools.cluster.cluster import Cluster, Plan, is_possible

_numbers = itertools.count(1)

QUICK = Plan(nodes=2, safe=False, lease_seconds=30)
"""PostgreSQL need not wait for the disk: nobody cuts the power here. Nobody is killed for whose
lease one has to wait, either; on a busy computer a short one is lost.
"""


@contextmanager
def running(plan: Plan) -> Iterator[Cluster]:
    """A cluster; what its programs have said last is told beside an error."""
    if reason := is_possible():
        pytest.skip(reason)
    with Cluster(plan) as cluster:
        try:
            yield cluster
        except BaseException as error:
            error.add_note(cluster.told())
            raise


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Two nodes that many tests use, each with its own room. Nothing of it is killed."""
    with running(QUICK) as cluster:
        yield cluster


@pytest.fixture
def breakable() -> Iterator[Cluster]:
    """One of the test's own, to break: three nodes, and a standby."""
    with running(Plan(nodes=3, standby=True, safe=False, lease_seconds=3)) as cluster:
        yield cluster


@pytest.fixture
def room() -> str:
    """A room that is this test's own."""
    return f"room{next(_numbers)}"
