"""deploy/cluster/haproxy.cfg as it stands there: who gets which node, and who stays where."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.fakenode import FakeNode
from tests.patience import PATIENCE_SECONDS, wait_until
from tests.server.proxying import running
from tools.cluster.background import Background
from tools.cluster.ports import LOOPBACK, free_ports

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "cluster" / "haproxy.cfg"
TLS = " ssl crt /etc/ssl/chat.example.org.pem"

Ports = tuple[int, int]
"""Of the frontends: for browsers, and for lines."""


@pytest.fixture
def nodes() -> Iterator[list[FakeNode]]:
    with Background() as background:
        found = [FakeNode(background, f"n{n}", port) for n, port in enumerate(free_ports(3), 1)]
        for node in found:
            node.start()
        yield found
        for node in found:
            node.end()


@pytest.fixture
def ports(nodes: list[FakeNode], tmp_path: Path) -> Iterator[Ports]:
    """HAProxy before the nodes; the documented file without TLS, and with their ports."""
    program = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin")
    if program is None:
        pytest.skip("there is no haproxy here: sudo apt install haproxy")
    http, lines = free_ports(2)
    replaced = {
        f"bind :443{TLS}": f"bind {LOOPBACK}:{http}",
        f"bind :6697{TLS}": f"bind {LOOPBACK}:{lines}",
        "send-proxy-v2-ssl ": "",  # what stands for a node does not read it
        "inter 2s": "inter 200ms",
        **{f"hubbub-{n}:8080": f"{LOOPBACK}:{node.port}" for n, node in enumerate(nodes, 1)},
    }
    text = CONFIGURATION.read_text()
    for old, new in replaced.items():
        assert old in text
        text = text.replace(old, new)
    config = tmp_path / "haproxy.cfg"
    config.write_text(text)
    with running([program, "-db", "-f", str(config)], http, tmp_path):
        yield http, lines


def connected(port: int) -> socket.socket:
    return socket.create_connection((LOOPBACK, port), PATIENCE_SECONDS)


def node_of(connection: socket.socket) -> str:
    """Which node serves a connection for lines; "" if none does any more."""
    try:
        connection.sendall(b"hello\n")
        return connection.recv(100).decode().partition(" ")[0]
    except ConnectionError:
        return ""


def page_of(port: int) -> str:
    """Which node serves a page; "" if none does."""
    with connected(port) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = b""
        while data := connection.recv(4096):
            answer += data
    head, _, body = answer.partition(b"\r\n\r\n")
    return body.decode() if head.startswith(b"HTTP/1.1 200 ") else ""


def reached(ports: Ports) -> set[str]:
    """Which nodes new connections reach."""
    http, lines = ports
    found = {page_of(http) for _ in range(4)}
    for _ in range(4):
        with connected(lines) as connection:
            found.add(node_of(connection))
    return found


def test_who_is_at_a_node_that_cannot_save_stays_and_others_go_where_they_can_write(
    nodes: list[FakeNode], ports: Ports
) -> None:
    wait_until(lambda: reached(ports) == {"n1", "n2", "n3"})
    held = [connected(ports[1]) for _ in nodes]
    at = [node_of(one) for one in held]
    nodes[0].status = nodes[1].status = 503
    wait_until(lambda: reached(ports) == {"n3"})
    nodes[2].status = 503  # the database is away: all can be read
    wait_until(lambda: reached(ports) == {"n1", "n2", "n3"})
    assert [node_of(one) for one in held] == at
    nodes[1].status = 200
    wait_until(lambda: reached(ports) == {"n2"})
    assert [node_of(one) for one in held] == at
    for one in held:
        one.close()


def test_connections_to_a_node_that_stands_still_are_ended(
    nodes: list[FakeNode], ports: Ports
) -> None:
    held = [connected(ports[1]) for _ in nodes]
    at = [node_of(one) for one in held]
    assert sorted(at) == ["n1", "n2", "n3"]
    nodes[0].stands_still = True
    held[at.index("n1")].sendall(b"hello\n")
    assert held[at.index("n1")].recv(100) == b""  # HAProxy ends it
    assert reached(ports) == {"n2", "n3"}
    assert [node_of(one) for one, name in zip(held, at, strict=True) if name != "n1"] == [
        name for name in at if name != "n1"
    ]
    nodes[0].stands_still = False
    wait_until(lambda: reached(ports) == {"n1", "n2", "n3"})
    for one in held:
        one.close()
