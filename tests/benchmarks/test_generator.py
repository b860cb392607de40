from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest

from benchmarks.errors import Failed
from benchmarks.load.generator import Load, Outcome

FINE: dict[str, Any] = {
    "label": "",
    "clients": 5,
    "rate": 100,
    "connect_per_s": 2000.0,
    "connect_bytes": 1234,
    "sent": 200,
    "delivered": 1000,
    "lost": 0,
    "bad": 0,
    "disorder": 0,
    "disconnected": 0,
    "capped": 0,
    "wall_s": 2.02,
    "server_cpu_s": 0.01,
    "cpu_us_per_delivery": 10.0,
    "p50_us": 400.0,
    "p99_us": 2500.0,
    "bytes_per_conn": 3000.0,
    "gen_share": 0.1,
    "other_cpu_s": -0.01,
    "a_field_of_a_later_version": 1,
}


def read(**changed: Any) -> Outcome:
    return Outcome.read(json.dumps({**FINE, **changed}).encode())


def test_an_outcome_gives_measures() -> None:
    measures = read().measures()
    assert measures["cpu_us"] == 10.0
    assert measures["p50_ms"] == 0.4
    assert measures["p99_ms"] == 2.5
    assert measures["joins_per_s"] == 2000.0
    assert measures["held"] == pytest.approx(1.0)
    assert measures["messages_per_s"] == pytest.approx(99, rel=0.01)
    assert measures["others"] == 0.0


def test_a_load_that_only_joins_tells_of_no_deliveries() -> None:
    measures = read(sent=0, delivered=0, wall_s=0).measures()
    assert measures == {"joins_per_s": 2000.0, "bytes_per_connection": 3000.0}


def test_a_load_as_fast_as_it_goes_holds_no_rate() -> None:
    assert "held" not in read(rate=0).measures()


@pytest.mark.parametrize(
    "changed, words",
    [
        ({"lost": 3}, "3 deliveries lost"),
        ({"bad": 1}, "1 wrong or missing"),
        ({"disorder": 2}, "2 repeated or out of order"),
        ({"disconnected": 4}, "4 clients cut off"),
        ({"capped": 1}, "not done in time"),
    ],
)
def test_what_was_not_delivered_well_does_not_count(changed: dict[str, int], words: str) -> None:
    with pytest.raises(Failed, match=words):
        read(**changed)


def test_an_answer_that_is_none_is_told() -> None:
    with pytest.raises(Failed, match="cannot be read"):
        Outcome.read(b"Segmentation fault")


def test_every_option_has_its_value() -> None:
    arguments = Load(clients=5, rate=100, count=200).arguments(port=4000, pid=77)
    assert arguments[-1] == "--json"
    options = dict(zip(arguments[:-1:2], arguments[1:-1:2], strict=True))
    assert options["--port"] == "4000"
    assert options["--pid"] == "77"
    assert options["--rate"] == "100"


def test_a_load_is_bounded_in_time() -> None:
    assert Load(clients=5, rate=100, count=200).load_seconds == 2
    assert Load(clients=5, count=200).load_seconds == 90
    assert Load(clients=5, senders=0).load_seconds == 0


def test_several_servers_are_told_apart_from_what_works_for_them() -> None:
    words = Load(clients=6).spread([1001, 1002], [21, 22], [31])
    pairs = list(pairwise(words))
    assert [value for name, value in pairs if name == "--port"] == ["1001", "1002"]
    assert [value for name, value in pairs if name == "--pid"] == ["21", "22"]
    assert [value for name, value in pairs if name == "--beside"] == ["31"]
