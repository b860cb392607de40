"""The balancer: who gets which node, and how those that fail are left out."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from tests.cluster.fakenode import FakeNode
from tests.patience import PATIENCE_SECONDS, wait_until
from tools.cluster.background import Background
from tools.cluster.balancer import Balancer, Health, Mode
from tools.cluster.ports import LOOPBACK, free_ports


@pytest.fixture
def background() -> Iterator[Background]:
    with Background() as background:
        yield background


@pytest.fixture
def nodes(background: Background) -> Iterator[list[FakeNode]]:
    ports = free_ports(3)
    found = [FakeNode(background, *one) for one in zip(("one", "two", "three"), ports, strict=True)]
    for node in found:
        node.start()
    yield found
    for node in found:
        node.end()


Balanced = Callable[..., Balancer]


@pytest.fixture
def balanced(background: Background, nodes: list[FakeNode]) -> Iterator[Balanced]:
    """Makes a balancer before the nodes."""
    made: list[Balancer] = []

    def make(mode: Mode = Mode.NEXT) -> Balancer:
        ports = {node.name: node.port for node in nodes}
        made.append(Balancer(background, free_ports(1)[0], ports, mode))
        return made[-1]

    yield make
    for balancer in made:
        balancer.close()


def node_of(balancer: Balancer, address: str = LOOPBACK) -> str:
    """Which node serves a new connection."""
    with connected(balancer, address) as connection:
        connection.sendall(b"hello\n")
        name, _, word = connection.recv(100).decode().partition(" ")
        assert word == "hello\n"
        return name


def connected(balancer: Balancer, address: str = LOOPBACK) -> socket.socket:
    return socket.create_connection((LOOPBACK, balancer.port), PATIENCE_SECONDS, (address, 0))


def is_told(balancer: Balancer, name: str, health: Health) -> None:
    wait_until(lambda: balancer.health[name] is health)


def test_each_connection_gets_another_node(balanced: Balanced) -> None:
    balancer = balanced()
    found = [node_of(balancer) for _ in range(6)]
    assert sorted(found) == ["one", "one", "three", "three", "two", "two"]


def test_an_address_stays_with_its_node(balanced: Balanced) -> None:
    balancer = balanced(Mode.STICKY)
    ada = {node_of(balancer, "127.0.0.1") for _ in range(4)}
    ben = {node_of(balancer, "127.0.0.2") for _ in range(4)}
    assert len(ada) == len(ben) == 1
    assert ada != ben


def test_a_node_that_refuses_is_left_out_and_comes_back(
    balanced: Balanced, nodes: list[FakeNode]
) -> None:
    balancer = balanced()
    nodes[1].end()
    assert {node_of(balancer) for _ in range(6)} == {"one", "three"}
    nodes[1].start()
    is_told(balancer, "two", Health.WELL)
    assert {node_of(balancer) for _ in range(6)} == {"one", "two", "three"}


def test_who_cannot_save_is_taken_when_nobody_can(
    balanced: Balanced, nodes: list[FakeNode]
) -> None:
    balancer = balanced()
    for node in nodes[:2]:
        node.status = 503
        is_told(balancer, node.name, Health.AILING)
    assert {node_of(balancer) for _ in range(4)} == {"three"}
    nodes[2].end()
    is_told(balancer, "three", Health.AWAY)
    assert {node_of(balancer) for _ in range(4)} == {"one", "two"}


def test_where_there_is_no_node_connections_end(balanced: Balanced, nodes: list[FakeNode]) -> None:
    balancer = balanced()
    for node in nodes:
        node.end()
    with connected(balancer) as connection, suppress(ConnectionError):
        assert connection.recv(100) == b""


def test_each_request_of_a_browser_goes_to_another_node(balanced: Balanced) -> None:
    """It has one connection for each, as the node is asked to close it."""
    balancer = balanced(Mode.REQUESTS)
    found = set()
    for _ in range(3):
        with connected(balancer) as connection, connection.makefile("rb") as answer:
            connection.sendall(b"GET /page HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n")
            found.add(answer.read().rpartition(b"\r\n\r\n")[2])  # to the end: it is closed
    assert found == {b"one", b"two", b"three"}


def test_a_websocket_stays_open(balanced: Balanced) -> None:
    balancer = balanced(Mode.REQUESTS)
    with connected(balancer) as connection, connection.makefile("rb") as answer:
        connection.sendall(b"GET /ws HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        name = answer.read(len(b"HTTP/1.1 200 .\r\nContent-Length: 3\r\n\r\n") + 3)[-3:]
        connection.sendall(b"hello\n")
        assert answer.readline().lstrip(b"e").endswith(b" hello\n")
        assert name in b"one two three"
