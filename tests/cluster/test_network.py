"""A network of network namespaces: packets are lost one way or both, and nothing is told."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.patience import PATIENCE_SECONDS
from tools.cluster import network
from tools.cluster.forwarder import Way
from tools.cluster.guard import Guard
from tools.cluster.network import Network, Route
from tools.cluster.ports import EVERYWHERE

SILENT_SECONDS = 0.5  # in which what could come would have come
PORT = 7000


class Pair:
    """Two places of a network, and a port on which the other one listens."""

    def __init__(self, net: Network) -> None:
        self.net = net
        self.one, self.other = net.place(), net.place()
        self.between: Route = net.between(self.one, self.other)
        self.listener = self.other.socket()
        self.listener.bind((EVERYWHERE, PORT))
        self.listener.listen()

    def connect(self, seconds: float) -> socket.socket:
        """From the one to the other. Raises TimeoutError."""
        made = self.one.socket()
        made.settimeout(seconds)
        try:
            made.connect((self.other.address, PORT))
        except BaseException:
            made.close()
            raise
        return made


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    if reason := network.is_possible():
        pytest.skip(reason)
    with Guard(tmp_path / "nothing") as guard:
        net = Network(guard)
        try:
            pair = Pair(net)
            yield pair
            pair.listener.close()
        finally:
            net.close()


def hears_nothing(there: socket.socket) -> None:
    there.settimeout(SILENT_SECONDS)
    with pytest.raises(TimeoutError):
        there.recv(10)
    there.settimeout(PATIENCE_SECONDS)


def test_what_is_cut_one_way_comes_through_the_other_way_and_arrives_later(pair: Pair) -> None:
    with pair.connect(PATIENCE_SECONDS) as here:
        there, _ = pair.listener.accept()
        with there:
            pair.between.cut(Way.THERE)
            assert pair.between.is_cut
            here.sendall(b"late")
            hears_nothing(there)
            there.sendall(b"soon")
            assert here.recv(10) == b"soon"
            pair.between.cut(Way.BACK)
            there.sendall(b"late")
            hears_nothing(here)
            pair.between.mend()
            assert (there.recv(10), here.recv(10)) == (b"late", b"late")


@pytest.mark.parametrize("way", [*Way, Way.BOTH])
def test_nobody_connects_over_what_is_cut(pair: Pair, way: Way) -> None:
    pair.between.cut(way)
    with pytest.raises(TimeoutError):
        pair.connect(SILENT_SECONDS)
    pair.between.mend()
    pair.connect(PATIENCE_SECONDS).close()


def test_only_what_is_between_the_two_is_cut(pair: Pair) -> None:
    third = pair.net.place()
    pair.between.cut()
    with third.socket() as made:
        made.settimeout(PATIENCE_SECONDS)
        made.connect((pair.other.address, PORT))


def test_nothing_of_it_is_left(pair: Pair) -> None:
    """Neither here, where there was nothing of it, nor in processes that go on."""
    holders = [Path(f"/proc/{namespace.pid}") for namespace in pair.net._namespaces]
    assert all(holder.exists() for holder in holders)
    pair.net.close()
    assert not any(holder.exists() for holder in holders)
