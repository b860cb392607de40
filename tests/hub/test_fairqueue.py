"""Turns at what costs much: who asks for a lot waits for themselves."""

from __future__ import annotations

import asyncio

import pytest

from hubbub.domain.errors import RateLimited
from hubbub.hub import fairqueue
from hubbub.hub.fairqueue import FairQueue


class Work:
    """Work that clients do in their turns: each ends when the test says so."""

    def __init__(self, at_once: int) -> None:
        self.turns = FairQueue(at_once, asyncio.get_running_loop().time)
        self.at_work: list[str] = []
        self.refused: list[str] = []
        self.wanted = True
        self._ends: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def ask(self, *names: str) -> None:
        """Asks for turns; of "ada2", ada's."""
        for name in names:
            self._ends[name] = asyncio.Event()
            self._tasks[name] = asyncio.create_task(self._work(name))
        await settle()

    async def end(self, *names: str) -> None:
        for name in names:
            self._ends[name].set()
            await settle()

    async def cancel(self, name: str) -> None:
        self._tasks[name].cancel()
        await settle()

    async def _work(self, name: str) -> None:
        try:
            async with self.turns.turn(name.rstrip("0123456789"), lambda: self.wanted):
                self.at_work.append(name)
                try:
                    await self._ends[name].wait()
                finally:
                    self.at_work.remove(name)
        except RateLimited:
            self.refused.append(name)


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def nobody_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fairqueue, "REST_RATIO", 0.0)


async def test_each_client_has_one_turn_at_a_time_and_others_are_not_kept_waiting() -> None:
    work = Work(2)
    await work.ask("ada1", "ada2", "ada3", "ben")
    assert work.at_work == ["ada1", "ben"]
    await work.end("ben")
    assert work.at_work == ["ada1"], "the free place is not for who has one"
    await work.end("ada1")
    assert work.at_work == ["ada2"]


async def test_who_comes_later_is_before_the_rest_of_a_long_queue() -> None:
    work = Work(1)
    await work.ask(*(f"ada{number}" for number in range(50)), "ben", "eve")
    order = []
    for _ in range(5):
        (now,) = work.at_work
        order.append(now)
        await work.end(now)
    assert order == ["ada0", "ben", "ada1", "eve", "ada2"]


async def test_who_has_worked_rests_for_as_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fairqueue, "REST_RATIO", 1000.0)
    work = Work(2)
    await work.ask("ada1", "ada2")
    await asyncio.sleep(0.001)
    await work.end("ada1")
    assert work.at_work == []
    await work.ask("ben")
    assert work.at_work == ["ben"]


async def test_what_nobody_waits_for_any_more_is_not_done() -> None:
    work = Work(1)
    await work.ask("ada1", "ada2", "ada3")
    work.wanted = False
    await work.end("ada1")
    assert work.at_work == []
    assert work.refused == ["ada2", "ada3"]
    assert work.turns.waiting == 0


async def test_a_queue_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fairqueue, "WAITING_EACH", 2)
    monkeypatch.setattr(fairqueue, "WAITING", 3)
    work = Work(1)
    await work.ask("ada1", "ada2", "ada3", "ada4", "ben", "eve")
    assert work.refused == ["ada4", "eve"]
    await work.end("ada1", "ada2", "ada3", "ben")
    assert work.at_work == []
    await work.ask("eve2")
    assert work.at_work == ["eve2"]


async def test_who_has_waited_for_too_long_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fairqueue, "WAIT_SECONDS", -1.0)
    work = Work(1)
    await work.ask("ada1")
    assert work.refused == ["ada1"]


async def test_a_turn_that_is_cancelled_is_the_next_ones() -> None:
    work = Work(1)
    await work.ask("ada1", "ada2", "ben")
    await work.cancel("ada2")
    await work.cancel("ada1")
    assert work.at_work == ["ben"]
    await work.end("ben")
    await work.ask("ada3")
    assert work.at_work == ["ada3"]


async def test_work_that_fails_ends_its_turn() -> None:
    turns = FairQueue(1, asyncio.get_running_loop().time)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            async with turns.turn("ada"):
                raise ZeroDivisionError
        await settle()
