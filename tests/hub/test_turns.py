from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from hubbub.hub.clients import Budgets, Client
from hubbub.hub.settings import HubSettings
from hubbub.hub.turns import ROUND_SECONDS, TURN_SECONDS, Turns

BUDGETS = Budgets(HubSettings())


class Watch:
    """A stopwatch that moves when somebody works."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Worker:
    """Has ``steps`` of work, each of ``seconds``."""

    def __init__(
        self, name: str, client: Client, watch: Watch, steps: int, seconds: float = 0.0005
    ) -> None:
        self.name = name
        self.share = client
        self.queued = False
        self.steps = steps
        self.seconds = seconds
        self.watch = watch
        self.ahead = 0.0
        self.done: Callable[[str], None] = lambda name: None

    def turn(self, until: float) -> bool:
        while self.steps:
            self.steps -= 1
            self.watch.now += self.seconds
            self.done(self.name)
            if self.watch.now >= until:
                return self.steps > 0
        return False


async def round() -> None:
    """One turn of the loop."""
    await asyncio.sleep(0)


def test_who_asks_for_little_is_served_at_once() -> None:
    watch = Watch()
    turns = Turns(watch)
    worker = Worker("ada", Client("a", BUDGETS), watch, steps=1)
    turns.take(worker)
    assert worker.steps == 0


async def test_who_asks_for_much_waits_and_somebody_else_is_served_at_once() -> None:
    watch = Watch()
    turns = Turns(watch)
    hostile = Client("h", BUDGETS)
    crowd = [Worker(str(number), hostile, watch, steps=1000) for number in range(100)]
    for worker in crowd:
        turns.take(worker)
    used = watch.now - 100.0
    assert used <= 0.010 + TURN_SECONDS + 0.001, "a hundred connections are one client"
    while any(worker.steps for worker in crowd):
        before = watch.now
        await round()
        assert watch.now - before <= ROUND_SECONDS + 2 * TURN_SECONDS
        ada = Worker("ada", Client("a", BUDGETS), watch, steps=1)
        turns.take(ada)
        assert ada.steps == 0
    assert all(worker.steps == 0 for worker in crowd), "nobody else wanted the time"


async def test_two_busy_clients_have_the_same_share_however_many_connections_they_have() -> None:
    watch = Watch()
    turns = Turns(watch)
    few, many = Client("few", BUDGETS), Client("many", BUDGETS)
    done: list[str] = []
    workers = [Worker("few", few, watch, steps=10_000)]
    workers += [Worker("many", many, watch, steps=10_000) for _ in range(50)]
    for worker in workers:
        worker.done = done.append
        turns.take(worker)
    done.clear()
    for _ in range(50):
        await round()
    share = done.count("few") / len(done)
    assert 0.45 < share < 0.55


async def test_what_a_turn_has_begun_counts_for_its_round() -> None:
    watch = Watch()
    turns = Turns(watch)
    client = Client("h", BUDGETS)
    client.charge(10.0, watch.now)
    done: list[str] = []
    for number in range(10):
        worker = Worker(str(number), client, watch, steps=1, seconds=0.0001)
        worker.ahead = ROUND_SECONDS
        worker.done = done.append
        turns.take(worker)
    await round()
    assert done == ["0"]
    for _ in range(9):
        await round()
    assert len(done) == 10


async def test_a_queued_turn_is_taken_once() -> None:
    watch = Watch()
    turns = Turns(watch)
    client = Client("h", BUDGETS)
    client.charge(1.0, watch.now)
    worker = Worker("eve", client, watch, steps=1)
    done: list[str] = []
    worker.done = done.append
    for _ in range(5):
        turns.take(worker)
    assert worker.queued
    await round()
    assert done == ["eve"]
    assert not worker.queued


async def test_a_worker_that_fails_does_not_stop_the_others() -> None:
    watch = Watch()
    turns = Turns(watch)
    client = Client("h", BUDGETS)
    client.charge(10.0, watch.now)

    class Broken(Worker):
        def turn(self, until: float) -> bool:
            raise RuntimeError("a defect")

    told: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context))
    ada = Worker("ada", client, watch, steps=1)
    turns.take(Broken("eve", client, watch, steps=1))
    turns.take(ada)
    await round()
    await round()
    assert ada.steps == 0
    assert len(told) == 1


async def test_a_step_that_lets_many_go_on_is_bounded() -> None:
    watch = Watch()
    turns = Turns(watch)
    crowd = [
        Worker(str(number), Client(str(number), BUDGETS), watch, steps=2) for number in range(100)
    ]
    with turns.batch():
        for worker in crowd:
            turns.take(worker)
        assert watch.now - 100.0 <= ROUND_SECONDS + TURN_SECONDS
    for _ in range(100):
        await round()
    assert all(worker.steps == 0 for worker in crowd)


async def test_time_that_nobody_took_is_had_back() -> None:
    watch = Watch()
    client = Client("h", BUDGETS)
    client.charge(0.5, watch.now)
    assert not client.is_light(watch.now)
    watch.now += 1.0
    assert client.is_light(watch.now)


async def test_the_steps_of_a_task_are_charged_and_its_waiting_is_not() -> None:
    watch = Watch()
    turns = Turns(watch)
    client = Client("h", BUDGETS)
    event = asyncio.Event()

    async def work() -> str:
        watch.now += 0.25
        await event.wait()
        watch.now += 0.25
        return "done"

    task = asyncio.ensure_future(turns.metered(client, work()))
    await round()
    watch.now += 5.0
    event.set()
    assert await task == "done"
    assert not client.is_light(watch.now)
    assert client.is_light(watch.now + 1.0)


async def test_a_metered_task_can_be_cancelled_and_fail() -> None:
    turns = Turns(Watch())
    client = Client("h", BUDGETS)
    cleaned: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.append("up")

    task = asyncio.ensure_future(turns.metered(client, work()))
    await round()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert cleaned == ["up"]

    async def fail() -> None:
        await asyncio.sleep(0)
        raise ValueError("a defect")

    with pytest.raises(ValueError, match="a defect"):
        await turns.metered(client, fail())
