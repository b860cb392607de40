"""What a server says at its start: how to come in, from here and from elsewhere."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from hubbub.cli import invitation as module
from hubbub.cli.invitation import address_of, client_command, invitation, own_command
from hubbub.client.address import Address
from tests.process import ServerProcess

CLIENT = "python client.py"
WAYS = re.compile(r"open (\S+) in a browser, or run: python client\.py ?(.*)")


def of(*hosts: str, port: int = 8080, own: str | None = "192.0.2.7") -> list[str]:
    return invitation([(host, port) for host in hosts], client=CLIENT, own=lambda _: own)


def test_this_computer_is_told_the_page_and_the_clients_command() -> None:
    assert of("127.0.0.1") == [
        "To chat, open http://127.0.0.1:8080/ in a browser, or run: python client.py"
    ]


@pytest.mark.parametrize(
    "host, port, url, argument",
    [
        ("127.0.0.1", 9000, "http://127.0.0.1:9000/", "127.0.0.1:9000"),
        ("127.0.0.1", 80, "http://127.0.0.1/", "127.0.0.1:80"),
        ("127.1.2.3", 8080, "http://127.1.2.3:8080/", "127.1.2.3"),
        ("192.0.2.7", 8080, "http://192.0.2.7:8080/", "192.0.2.7"),
        ("::1", 8080, "http://[::1]:8080/", '"[::1]"'),
        ("2001:db8::7", 9000, "http://[2001:db8::7]:9000/", '"[2001:db8::7]:9000"'),
    ],
)
def test_an_address_is_written_as_a_browser_and_the_client_understand_it(
    host: str, port: int, url: str, argument: str
) -> None:
    (sentence,) = of(host, port=port)
    found = WAYS.search(sentence)
    assert found is not None
    assert found.groups() == (url, argument)
    understood = Address.parse(argument.strip('"'))
    assert (understood.host, understood.port) == (host, port)


@pytest.mark.parametrize(
    "names, port, url",
    [
        ((), 8080, "https://192.0.2.7:8080"),
        (("chat.example.org",), 8080, "https://chat.example.org:8080"),
        (("chat.example.org",), 443, "https://chat.example.org"),
        (("localhost", "127.0.0.1", "chat.example.org"), 8080, "https://chat.example.org:8080"),
        (("chat.example.org", "192.0.2.7"), 8080, "https://192.0.2.7:8080"),
        (("localhost", "127.0.0.1"), 8080, "https://192.0.2.7:8080"),
    ],
)
def test_with_a_certificate_others_come_with_tls_by_a_name_in_it(
    names: tuple[str, ...], port: int, url: str
) -> None:
    found = invitation([("0.0.0.0", port)], client=CLIENT, own=lambda _: "192.0.2.7", names=names)
    way = WAYS.search(found[1])
    assert way is not None
    assert way.groups() == (f"{url}/", url)
    assert Address.parse(url).secure
    assert "http://127.0.0.1" in found[0], "what stays here needs none"


@pytest.mark.parametrize("hosts", [["0.0.0.0"], ["::", "0.0.0.0"], ["::1", "127.0.0.1", "::"]])
def test_who_listens_to_every_network_is_told_the_way_for_others(hosts: list[str]) -> None:
    assert of(*hosts) == [
        "On this computer, open http://127.0.0.1:8080/ in a browser, or run: python client.py",
        "Others on your network: open http://192.0.2.7:8080/ in a browser, or run: "
        "python client.py 192.0.2.7",
    ]


def test_a_unix_socket_alone_is_no_way_for_a_browser() -> None:
    assert invitation([]) == []


def test_without_a_network_nothing_is_said_of_others() -> None:
    assert of("0.0.0.0", own=None) == of("127.0.0.1")


def test_an_address_with_a_zone_is_nothing_for_a_browser() -> None:
    assert of("fe80::1%eth0") == []
    assert of("fe80::1%eth0", "::1") == of("::1")


def test_this_computers_own_address_is_one_that_others_could_use() -> None:
    for wildcard in ("0.0.0.0", "::"):
        assert address_of(wildcard) not in ("127.0.0.1", "::1", wildcard)


def test_the_command_is_one_that_this_computer_has(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert client_command() == "python3 client.py"
    assert own_command().startswith(".venv")
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    assert client_command() == "python client.py"
    monkeypatch.setattr(module, "CLIENT_SCRIPT", tmp_path / "client.py")
    assert client_command() == "hubbub chat"
    assert own_command() == "hubbub"


def test_a_start_ends_with_the_way_in(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "data") as server:
        server.tells(f"open http://127.0.0.1:{server.port}/ in a browser, or run: ")


@pytest.mark.parametrize("names", [None, ["chat.example.org"]])
def test_below_a_path_the_clients_command_has_it_too(names: list[str] | None) -> None:
    found = invitation(
        [("192.0.2.7", 80), ("127.0.0.1", 80)], client=CLIENT, names=names, prefix="/chat"
    )
    for sentence in found:
        ((url, argument),) = WAYS.findall(sentence)
        assert url == argument
        assert Address.parse(argument).endpoint == "/chat/ws"
        assert Address.parse(argument).room is None
    assert len(found) == 2
