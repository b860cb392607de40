"""What people type to say where a server is."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hubbub.client.address import Address, BadAddress


@pytest.mark.parametrize(
    "text, expected",
    [
        ("", Address(host="127.0.0.1", port=8080)),
        ("  example.org ", Address(host="example.org", port=8080)),
        ("example.org:1234", Address(host="example.org", port=1234)),
        ("example.org:", Address(host="example.org", port=8080)),
        (":1234", Address(host="127.0.0.1", port=1234)),
        ("ada@example.org", Address(host="example.org", user="ada")),
        ("ada@", Address(user="ada")),
        ("example.org/General", Address(host="example.org", room="General")),
        ("/General", Address(room="General")),
        ("ada@example.org:1/Té", Address(host="example.org", port=1, user="ada", room="Té")),
        ("example.org/@home", Address(host="example.org", room="@home")),
        ("[::1]", Address(host="::1")),
        ("ada@[fe80::1]:99/tea", Address(host="fe80::1", port=99, user="ada", room="tea")),
        ("bücher.example", Address(host="bücher.example")),
        ("ws://example.org", Address(host="example.org", port=80, plain=True)),
        ("ws://example.org:8080/ws", Address(host="example.org", port=8080, plain=True)),
        ("wss://example.org", Address(host="example.org", port=443, secure=True)),
        ("HTTPS://example.org/", Address(host="example.org", port=443, secure=True)),
        (
            "http://example.org/General",
            Address(host="example.org", port=80, plain=True, room="General"),
        ),
        (
            "http://example.org/#General",
            Address(host="example.org", port=80, plain=True, room="General"),
        ),
        (
            "http://ada@h:1/caf%C3%A9",
            Address(host="h", port=1, user="ada", room="café", plain=True),
        ),
        (
            "wss://h/chat/ws#tea",
            Address(host="h", port=443, secure=True, endpoint="/chat/ws", room="tea"),
        ),
        ("https://h/chat/", Address(host="h", port=443, secure=True, endpoint="/chat/ws")),
        (
            "https://h/chat/#/caf%C3%A9",
            Address(host="h", port=443, secure=True, endpoint="/chat/ws", room="café"),
        ),
        (
            "https://ada@h/chat#/tea",
            Address(host="h", port=443, secure=True, endpoint="/chat/ws", room="tea", user="ada"),
        ),
        (
            "https://h/our/chat/tea",
            Address(host="h", port=443, secure=True, endpoint="/our/chat/ws", room="tea"),
        ),
        ("unix:/run/h.sock", Address(host="/run/h.sock", port=0, plain=True)),
        (
            "ada@unix:/run/h.sock#caf%C3%A9",
            Address(host="/run/h.sock", port=0, plain=True, user="ada", room="café"),
        ),
        ("http://[::1]:8080/tea", Address(host="::1", port=8080, room="tea", plain=True)),
    ],
)
def test_addresses_are_understood(text: str, expected: Address) -> None:
    assert Address.parse(text) == expected


@pytest.mark.parametrize(
    "text, why",
    [
        ("example.org:http", '"http" is no port: a port is a number from 1 to 65535.'),
        ("example.org:0", "no port"),
        ("example.org:65536", "no port"),
        ("example.org:" + "9" * 5000, "no port"),
        ("example.org:٣", "no port"),
        ("::1", r"An IPv6 address needs brackets: \[::1\]:8080."),
        ("a:b:c", "more than one colon"),
        ("[::1", "lacks a bracket"),
        ("[::1]8080", "lacks a bracket or a colon"),
        ("[example.org]", "no IPv6 address"),
        ("two words", "no host's name"),
        ("ho\x1bst", "no host's name"),
        ("ftp://example.org", '"ftp://" is not understood'),
        ("http://", "no host"),
        ("http://ada:secret@example.org", "no passwords"),
        ("http://[::1", "no address"),
    ],
)
def test_what_is_no_address_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(BadAddress, match=why):
        Address.parse(text)


@pytest.mark.parametrize(
    "host, expected",
    [
        ("localhost:7201", Address(host="localhost", port=7201, user="ada", room="tea")),
        ("localhost", Address(host="localhost", port=99, user="ada", room="tea")),
        ("[::1]", Address(host="::1", port=99, user="ada", room="tea")),
        ("[::1]:7201", Address(host="::1", port=7201, user="ada", room="tea")),
        ("::1", Address(host="::1", port=99, user="ada", room="tea")),
        ("http://127.0.0.1", Address(user="ada", room="tea", plain=True)),
        (
            "http://localhost:1/x",
            Address(host="localhost", port=1, user="ada", room="x", plain=True),
        ),
        ("https://h", Address(host="h", port=443, secure=True, user="ada", room="tea")),
        ("127.0.0.1/General", Address(port=99, user="ada", room="General")),
        ("ben@h/x", Address(host="h", port=99, user="ben", room="x")),
    ],
)
def test_a_host_is_an_address_like_any_other(host: str, expected: Address) -> None:
    assert Address.parse("ada@example.org:99/tea").at(host) == expected


def test_the_websocket_is_at_a_fixed_path() -> None:
    assert Address.parse("ada@example.org/tea").url == "ws://example.org:8080/ws"
    assert Address.parse("wss://[::1]").url == "wss://[::1]:443/ws"
    assert Address.parse("https://example.org/chat/ws").url == "wss://example.org:443/chat/ws"


@given(st.text(alphabet=st.sampled_from("ab1:/@[].#%?é \x1b") | st.characters(), max_size=30))
@example("http://a[b")
@example("ws://[v1.x]")
def test_nothing_that_is_typed_makes_another_error(text: str) -> None:
    try:
        address = Address.parse(text)
    except BadAddress:
        return
    assert address.host
    assert 1 <= address.port <= 65535


@pytest.mark.parametrize(
    "address, page",
    [
        (Address(host="example.org"), "http://example.org:8080/#/Tea%20%2F%20cake"),
        (
            Address(host="::1", port=443, secure=True, endpoint="/chat/ws"),
            "https://[::1]:443/chat/#/Tea%20%2F%20cake",
        ),
    ],
)
def test_the_page_of_a_room_has_a_url(address: Address, page: str) -> None:
    assert address.page("Tea / cake") == page


def test_the_url_of_a_rooms_page_is_an_address() -> None:
    page = Address(host="example.org").page("Tea time")
    assert Address.parse(page) == Address(
        host="example.org", port=8080, room="Tea time", plain=True
    )


@pytest.mark.parametrize(
    "text, endpoint",
    [
        ("https://ada@h/chat", "/chat/ws"),
        ("http://h:1/our/chat", "/our/chat/ws"),
        ("https://h/chat/", None),
        ("https://h/chat#/tea", None),
        ("https://h/", None),
        ("https://h", None),
        ("https://h/ws", None),
        ("https://h/chat/ws", None),
        ("h/chat", None),
        ("", None),
    ],
)
def test_the_end_of_a_path_may_be_no_room(text: str, endpoint: str | None) -> None:
    whole = Address.whole_path(text)
    assert (whole and whole.endpoint) == endpoint
    if whole is not None:
        usual = Address.parse(text)
        assert usual.room == "chat"
        assert whole.room is None
        assert (whole.host, whole.port, whole.user) == (usual.host, usual.port, usual.user)


def test_the_page_of_a_room_below_a_path_leads_there() -> None:
    address = Address.parse("https://h/chat/")
    assert Address.parse(address.page("tea")) == Address.parse("https://h/chat/#/tea")


def test_a_unix_socket_is_no_name_of_a_host() -> None:
    address = Address.parse("unix:/run/h.sock")
    assert address.url == "ws://localhost/ws"
    assert str(address) == "unix:/run/h.sock"
    assert Address.parse(str(address)) == address
    assert Address.parse("h:1").beside("unix:/run/h.sock") == address
