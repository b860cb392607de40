"""Links that can be cut: nothing comes through, nobody is told, and nothing is lost."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.cluster.fakenode import FakeNode
from tests.patience import PATIENCE_SECONDS
from tools.cluster.background import Background
from tools.cluster.forwarder import Forwarder, Way
from tools.cluster.ports import LOOPBACK, free_ports

SILENT_SECONDS = 0.2  # in which what could come would have come


@pytest.fixture
def background() -> Iterator[Background]:
    with Background() as background:
        yield background


@pytest.fixture
def link(background: Background) -> Iterator[Forwarder]:
    """A link to somebody who answers each line."""
    node = FakeNode(background, "ben", free_ports(1)[0])
    node.start()
    forwarder = Forwarder(background, free_ports(1)[0], (LOOPBACK, node.port))
    yield forwarder
    forwarder.close()
    node.end()


class Client:
    """Somebody at the other end."""

    def __init__(self, link: Forwarder) -> None:
        self._socket = socket.create_connection((LOOPBACK, link.port), PATIENCE_SECONDS)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exc: object) -> None:
        self._socket.close()

    def say(self, word: bytes) -> None:
        self._socket.sendall(word + b"\n")

    def hears(self) -> bytes:
        self._socket.settimeout(PATIENCE_SECONDS)
        return self._socket.recv(100)

    def hears_nothing(self) -> None:
        self._socket.settimeout(SILENT_SECONDS)
        with pytest.raises(TimeoutError):
            self._socket.recv(100)


@pytest.mark.parametrize("way", [Way.THERE, Way.BACK, Way.BOTH])
def test_what_is_cut_is_silent_and_comes_later(link: Forwarder, way: Way) -> None:
    with Client(link) as client:
        client.say(b"one")
        assert client.hears() == b"ben one\n"
        link.cut(way)
        client.say(b"two")
        client.hears_nothing()
        link.mend()
        assert client.hears() == b"ben two\n"


def test_who_connects_meanwhile_is_answered_later(link: Forwarder) -> None:
    link.cut(Way.BACK)
    with Client(link) as client:
        client.say(b"one")
        client.hears_nothing()
        link.mend()
        assert client.hears() == b"ben one\n"


def test_whether_something_is_cut_can_be_asked(link: Forwarder) -> None:
    found = [link.is_cut]
    link.cut(Way.THERE)
    found.append(link.is_cut)
    link.mend()
    assert [*found, link.is_cut] == [False, True, False]


def test_who_is_connected_is_told_of_a_reset(link: Forwarder) -> None:
    with Client(link) as client:
        client.say(b"one")
        assert client.hears() == b"ben one\n"
        link.reset()
        with pytest.raises(ConnectionError):
            client.hears()
    with Client(link) as client:
        client.say(b"two")
        assert client.hears() == b"ben two\n"


def test_who_is_refused_behind_it_is_ended(background: Background) -> None:
    nobody, port = free_ports(2)
    link = Forwarder(background, port, (LOOPBACK, nobody))
    try:
        with pytest.raises(ConnectionError), Client(link) as client:
            client.hears()
    finally:
        link.close()
