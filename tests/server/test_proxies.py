"""The documented configurations of nginx, Caddy and HAProxy, as they stand in docs/proxies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from tests.process import ServerProcess
from tests.server.proxying import (
    BELOW,
    LOOPBACK,
    NAME,
    Makes,
    Proxy,
    address_of_this_computer,
    behind,
    caddy,
    caddy_below,
    connected,
    files,
    haproxy,
    haproxy_below,
    nginx,
    nginx_below,
    nginx_stream,
    said,
    serving,
    wrapped,
)

__all__ = ["behind", "files"]  # fixtures


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One for all tests that leave nothing in it."""
    with serving(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture(scope="module")
def below(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One below a path, likewise."""
    with serving(tmp_path_factory.mktemp("below"), "--path-prefix", "/chat") as server:
        yield server


PROXIES = pytest.mark.parametrize(
    "proxy", [nginx, caddy, haproxy], ids=["nginx", "caddy", "haproxy"]
)


@PROXIES
@pytest.mark.parametrize("socket", [False, True], ids=["port", "socket"])
def test_the_page_chats_through_the_documented_proxy(
    proxy: Proxy, socket: bool, behind: Makes, server: ServerProcess
) -> None:
    world = behind(proxy, server=server, socket=socket)
    assert '"welcome"' in world.welcome(Origin=f"https://{NAME}")
    # Where the port is an odd one, it is in both.
    here = f"{NAME}:{world.port}"
    assert '"welcome"' in world.welcome(here, Origin=f"https://{here}")
    assert '"welcome"' in world.welcome()
    assert b"<hub-app>" in world.get("/")
    assert f"wss://{NAME}/ws".encode() in world.get("/join")
    assert f"hubbub chat https://{NAME}<".encode() in world.get("/join")
    assert b'"rooms"' in world.get("/api/rooms", Sec_Fetch_Site="same-origin")


@PROXIES
def test_pages_of_other_sites_are_refused_behind_a_proxy_too(
    proxy: Proxy, behind: Makes, server: ServerProcess
) -> None:
    world = behind(proxy, server=server)
    for origin, site in (
        ("https://evil.example", {}),
        ("https://www.chat.example.org", {}),
        (f"http://{NAME}", {}),
        ("null", {}),
        (f"https://{NAME}:444", {"Sec_Fetch_Site": "same-site"}),
    ):
        with pytest.raises(InvalidStatus) as refused:
            world.welcome(Origin=origin, **site)
        assert refused.value.response.status_code == 403
    answer = world.get("/api/rooms", Sec_Fetch_Site="cross-site")
    assert answer.startswith(b"HTTP/1.1 403 ")
    world.server.tells("allowed-origins")
    assert b"403" in world.get("/metrics")[:20]


@PROXIES
def test_limits_and_bans_are_about_the_people_behind_a_proxy(proxy: Proxy, behind: Makes) -> None:
    """Two clients: one at this computer's own address in the network, and loopback."""
    there = address_of_this_computer()
    world = behind(proxy, "--sessions-per-address", "1")
    for _ in range(10):  # each would keep a connection to the server, of which one may have four
        for address in (there, LOOPBACK):
            assert b'{"status":"ok"}' in world.get("/healthz", address)
            assert b"not-local" in world.get("/metrics", address)
    with world.web(address=there) as eve, world.web() as ada:
        assert '"welcome"' in said(eve, type="hello", user="eve")
        assert '"welcome"' in said(ada, type="hello", user="ada")
        # What she writes herself is not believed.
        for forged in (
            {"X_Forwarded_For": "198.51.100.7"},
            {"X_Forwarded_For": LOOPBACK},
            {"Forwarded": "for=198.51.100.7"},
            {"X_Real_IP": "198.51.100.7"},
        ):
            with pytest.raises(InvalidStatus) as refused:
                world.web(address=there, **forged)
            assert refused.value.response.status_code == 429, forged
        with world.web() as ben:  # loopback may have two
            assert '"welcome"' in said(ben, type="hello", user="ben")
    with world.web(address=there) as eve:
        assert '"welcome"' in said(eve, type="hello", user="eve")
        world.server.tells("/own ")
        code = "".join(world.server.output).partition("/own ")[2][:8]
        with world.web() as ada:
            said(ada, type="hello", user="ada")
            registered = said(ada, type="register", password="correct horse battery")
            assert '"error"' not in registered, registered
            assert '"error"' not in said(ada, type="own", code=code)
            banned = said(ada, type="ban", room="/server", user="eve", network=True, nonce="b")
            assert '"error"' not in banned, banned
    with world.web(address=there) as eve:
        assert "banned" in said(eve, type="hello", user="another")
    with world.web() as ben:
        assert '"welcome"' in said(ben, type="hello", user="ben")


@pytest.mark.parametrize("host", ["$host", "$host:$server_port", "127.0.0.1:8080"])
def test_what_else_nginx_may_make_of_the_host_works_where_it_can(
    host: str, behind: Makes, server: ServerProcess
) -> None:
    world = behind(nginx, server=server, changed={"$http_host": host})
    here = f"https://{NAME}:{world.port}"
    marked = {"Origin": here, "Sec_Fetch_Site": "same-origin"}
    assert '"welcome"' in world.welcome(f"{NAME}:{world.port}", **marked)
    if host.startswith("$"):  # nothing of the page's name is left otherwise
        assert '"welcome"' in world.welcome(f"{NAME}:{world.port}", Origin=here)
        return
    with pytest.raises(InvalidStatus) as refused:
        world.welcome(f"{NAME}:{world.port}", Origin=here)
    assert b"the proxy must pass on the Host header" in refused.value.response.body
    why = world.get(f"/doors.json?origin={here}")
    assert b"the proxy must pass on the Host header" in why


@pytest.mark.parametrize(
    "proxy, changed",
    [
        (nginx_below, {}),
        (nginx_below, {"http://hubbub;": "http://hubbub/;"}),
        (caddy_below, {}),
        (caddy_below, {"handle_path": "handle"}),
        (haproxy_below, {}),
    ],
    ids=["nginx", "nginx-takes-it-away", "caddy-takes-it-away", "caddy", "haproxy"],
)
def test_the_page_chats_below_a_path(
    proxy: Proxy, changed: dict[str, str], behind: Makes, below: ServerProcess
) -> None:
    world = behind(proxy, server=below, changed=changed)
    world.host, world.prefix = BELOW, "/chat"
    assert '"welcome"' in world.welcome(Origin=f"https://{BELOW}")
    page = world.get("/chat/")
    assert b"<hub-app>" in page
    script = page.partition(b'type="module" src="')[2].partition(b'"')[0].decode()
    assert world.get(f"/chat/{script}").startswith(b"HTTP/1.1 200 ")
    assert b"\nlocation: /chat/\r" in world.get("/chat").lower().replace(
        f"https://{BELOW}".encode(), b""
    ).replace(f":{world.port}".encode(), b"")
    assert f"wss://{BELOW}/chat/ws".encode() in world.get("/chat/join")
    assert b"<hub-app>" not in world.get("/")


@pytest.mark.parametrize(
    "proxy, socket", [(nginx_stream, False), (haproxy, True)], ids=["nginx-port", "haproxy-socket"]
)
def test_lines_come_through_with_the_address_of_who_writes_them(
    proxy: Proxy, socket: bool, behind: Makes
) -> None:
    there = address_of_this_computer()
    world = behind(proxy, "--sessions-per-address", "1", socket=socket)
    port = world.ports[-1]

    def enter(name: str, address: str) -> tuple[Any, bytes]:
        line = wrapped(world.files, connected(port, address))
        line.sendall(f"{name}\nGeneral\n".encode())
        got = b""
        while b"has joined" not in got and (more := line.recv(65536)):
            got += more
        return line, got

    eve, heard = enter("eve", there)
    assert b"eve has joined the chat!" in heard
    refused, heard = enter("another", there)
    assert b"from your address already" in heard
    ada, heard = enter("ada", LOOPBACK)
    assert b"ada has joined the chat!" in heard
    for one in (eve, refused, ada):
        one.close()


def test_health_checks_are_nothing_to_log(behind: Makes) -> None:
    world = behind(haproxy, changed={"check\n": "check inter 100ms\n"})
    for _ in range(5):
        assert b'{"status":"ok"}' in world.get("/healthz")
    with world.web() as client:
        said(client, type="hello", user="ada")
    assert world.server.stop() == 0
    told = "\n".join(world.server.output).lower()
    assert "warning" not in told
    assert "error" not in told
