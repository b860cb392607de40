"""What is believed of the headers of proxies, and what is a client's own word."""

from __future__ import annotations

from collections.abc import Sequence
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.server.forwarded import Contradiction, Said, said
from hubbub.server.origin_policy import Fields
from hubbub.server.proxies import Proxies

PROXY, INNER, ADA, BEN = "127.0.0.1", "10.0.0.9", "198.51.100.7", "2001:db8::7"
PROXIES = Proxies(("127.0.0.1", "10.0.0.0/8", "unix"))


def fields(**headers: str | Sequence[str]) -> Fields:
    found = {name.replace("_", "-"): value for name, value in headers.items()}

    def of(name: str) -> Sequence[str]:
        value = found.get(name, ())
        return (value,) if isinstance(value, str) else value

    return of


def told(peer: str = PROXY, **headers: str | Sequence[str]) -> Said:
    return said(fields(**headers), peer, PROXIES)


@pytest.mark.parametrize(
    "listed, address",
    [
        (ADA, ADA),
        (f"{ADA}, {INNER}", ADA),
        (f"192.0.2.1, {ADA}", ADA),
        (f"192.0.2.1, {ADA}, {INNER}", ADA),
        ((ADA, INNER), ADA),
        (f"{ADA}:4711", ADA),
        (BEN, BEN),
        (f"[{BEN}]:4711", BEN),
        (f"{INNER}", INNER),
        (f"10.1.1.1, {INNER}", "10.1.1.1"),
        (f"{ADA}, unknown", PROXY),
        (f"{ADA}, unknown, {INNER}", INNER),
        (f"{ADA}, <script>, {INNER}", INNER),
        ("", PROXY),
        (" , ", PROXY),
        (f"::ffff:{ADA}", f"::ffff:{ADA}"),
        (f"{ADA}, ::ffff:{INNER}", ADA),
    ],
)
def test_the_client_is_the_first_from_the_right_who_is_no_trusted_proxy(
    listed: str | Sequence[str], address: str
) -> None:
    assert told(x_forwarded_for=listed).address == address
    hops = listed if isinstance(listed, str) else ", ".join(listed)
    elements = ", ".join(f'for="{one.strip()}"' for one in hops.split(","))
    forwarded = elements.replace(f'"{BEN}"', f'"[{BEN}]"')
    assert told(forwarded=forwarded).address == address


def test_a_proxy_by_the_unix_socket_is_believed() -> None:
    assert told("", x_forwarded_for=ADA).address == ADA
    assert told("").address == ""


def test_what_the_hop_of_the_client_says_of_it_counts() -> None:
    elements = f"for=192.0.2.1;proto=http, For={ADA};Proto=https;host=a.example, for={INNER}"
    assert told(forwarded=elements) == Said(ADA, True, True, "a.example")
    assert told(forwarded=f"for={ADA};proto=HTTP").secure is False
    assert told(forwarded=f"for={ADA}").secure is None
    assert told(forwarded='proto=https;for="_hidden"') == Said(PROXY, True, True)


@pytest.mark.parametrize(
    "schemes, secure",
    [
        ("https", True),
        ("wss", True),
        ("http", False),
        ("http, https", True),
        ("https, http, http", False),
        ("gopher", None),
        ((), None),
    ],
)
def test_of_schemes_counts_the_clients_own_or_the_last(
    schemes: str | Sequence[str], secure: bool | None
) -> None:
    assert told(x_forwarded_for=ADA, x_forwarded_proto=schemes).secure is secure
    both = told(x_forwarded_for=f"{ADA}, {INNER}", x_forwarded_proto="https, http")
    assert both.secure


def test_host_and_prefix_are_those_of_the_nearest_proxy() -> None:
    one = told(x_forwarded_host="evil.example, a.example", x_forwarded_prefix="/x, /chat/")
    assert (one.host, one.prefix) == ("a.example", "/chat")
    assert told(x_forwarded_prefix="//evil.example").prefix == ""
    assert told(x_forwarded_prefix="/a/../b").prefix == ""


def test_two_kinds_of_headers_must_not_contradict_each_other() -> None:
    """Most proxies set one of them, and pass on what a client has put into the other."""
    for one, other in ((ADA, BEN), (BEN, ADA)):
        node = f'"[{other}]"' if ":" in other else other
        with pytest.raises(Contradiction):
            told(x_forwarded_for=one, forwarded=f"for={node}")
    assert told(x_forwarded_for=ADA, forwarded=f"for={ADA}").address == ADA


@pytest.mark.parametrize(
    "begun", ['for="', 'for="a', 'for="a, by="', "for=;;=", '\\"', ",,,", 'for="\\', "a=b=c"]
)
def test_what_a_client_leaves_open_does_not_hide_what_the_proxy_adds(begun: str) -> None:
    for node in (ADA, f'"{ADA}"', f'"{ADA}:4711"'):
        assert told(forwarded=f"{begun}, for={node}").address == ADA
        assert told(forwarded=(begun, f"for={node};proto=https")).secure


@given(st.text(max_size=200), st.text(max_size=200), st.sampled_from([PROXY, ""]))
def test_anything_may_be_written_there(one: str, other: str, peer: str) -> None:
    assert told(peer, x_forwarded_proto=one, x_forwarded_host=other).address == peer
    assert told(peer, x_forwarded_for=f"{one},{ADA}").address == ADA
    assert told(peer, forwarded=one).passed_on


def test_who_is_trusted_is_told_by_address_in_any_form() -> None:
    assert PROXIES.trusts("::ffff:127.0.0.1")
    assert PROXIES.trusts("10.255.255.255")
    assert PROXIES.trusts("")
    assert not PROXIES.trusts("127.0.0.2")
    assert not PROXIES.trusts("::1")
    assert not PROXIES.trusts("no address")
    assert not Proxies(()).trusts("")
    assert not Proxies(("127.0.0.1",)).trusts("")
    assert Proxies(("fe80::/10",)).trusts("fe80::1%eth0")
    assert not Proxies(("unix",)).trusts("127.0.0.1")


def test_a_list_without_end_is_read_from_its_right_end_only() -> None:
    """Clients may fill a request's head with it."""
    began = process_time()
    for one in ("for=192.0.2.1,", "a=b;", ",", 'for="', "for=10.0.0.1,"):
        many = one * (16_384 // len(one))
        assert told(forwarded=f"{many},for={ADA}").address == ADA
        assert told(x_forwarded_for=f"{many},{ADA}").address == ADA
    assert process_time() - began < 0.5
