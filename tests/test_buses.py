"""Where the bus is, as the setting says it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubbub.setting.buses import BusAddress, bus, bus_address


@pytest.mark.parametrize(
    "said, meant",
    [
        ("nats://Host", BusAddress(("host:4222",))),
        ("nats://a:1, nats://b ,nats://a:1,", BusAddress(("a:1", "b:4222"))),
        ("tls://[::1]:5/", BusAddress(("[::1]:5",), encrypted=True)),
        ("nats://u:p%40x@h", BusAddress(("h:4222",), user="u", password="p@x")),
        ("nats://u:p@a,nats://b", BusAddress(("a:4222", "b:4222"), user="u", password="p")),
        ("nats://t0k@h", BusAddress(("h:4222",), token="t0k")),
        ("nats://h?creds=/etc/x.creds", BusAddress(("h:4222",), creds=Path("/etc/x.creds"))),
    ],
)
def test_an_address_is_read(said: str, meant: BusAddress) -> None:
    assert bus_address(said) == meant
    assert bus(said) == said


@pytest.mark.parametrize(
    "said",
    [
        "",
        ",",
        "host:4222",
        "http://host",
        "nats://",
        "nats://u:hidden",
        "nats://host:99999",
        "nats://host/path",
        "nats://ho st",
        "nats://host#x",
        "nats://host?tls=1",
        "nats://host?creds=",
        "nats://a,tls://b",
        "nats://u:hidden@a,nats://u:other@b",
        "nats://u:hidden@a,nats://token@b",
        "nats://u:hidden@a?creds=/x",
    ],
)
def test_what_is_none_is_refused_without_a_word_of_the_password(said: str) -> None:
    with pytest.raises(ValueError, match=r"^(?!.*hidden)"):
        bus_address(said)


def test_what_one_logs_in_with_is_in_no_log() -> None:
    assert repr(bus_address("nats://u:hidden@a,nats://b")) == "<BusAddress a:4222,b:4222>"
