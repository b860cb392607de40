from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.placement import carried, in_turn, place, shard_of, shares, spread, table

PAGE = Path(__file__).parents[2] / "docs" / "scaling.md"


def test_shares_are_all_of_it_and_fall_as_zipf_says() -> None:
    found = shares(1000, 1.0)
    assert sum(found) == pytest.approx(1)
    assert found[0] / found[9] == pytest.approx(10)


def test_rooms_of_one_size_are_carried_by_nearly_all_workers() -> None:
    found = place(20_000, 0.0, 4, seed=1)
    assert found.by_hash > 3.8
    assert found.moved >= found.by_hash
    assert found.at_most == 4


def test_a_room_with_half_of_all_texts_bounds_what_two_hundred_workers_carry() -> None:
    parts = [0.5, *[0.5 / 999] * 999]
    assert carried(spread(parts, 200)) == pytest.approx(2)


def test_large_rooms_apart_are_never_worse_than_all_by_hash() -> None:
    for seed in range(5):
        found = place(5000, 1.0, 8, seed=seed)
        assert found.by_hash <= found.alone <= found.at_most + 1e-9


def test_shards_in_turn_and_spread_keep_the_whole_load() -> None:
    loads = [5.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    assert in_turn(loads, 2) == [7.0, 3.0]
    assert sorted(spread(loads, 2)) == [5.0, 5.0]


def test_a_rooms_shard_is_the_same_each_time_and_each_shard_gets_rooms() -> None:
    first = [shard_of(room, 16, 1) for room in range(1000)]
    assert first == [shard_of(room, 16, 1) for room in range(1000)]
    assert set(first) == set(range(16))
    assert first != [shard_of(room, 16, 2) for room in range(1000)]


@pytest.mark.slow
def test_the_page_states_what_the_simulation_finds() -> None:
    assert table() in PAGE.read_text(encoding="utf-8")
