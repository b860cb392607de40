"""kill -9 while everybody talks: what was shown is there, in order, once."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from tests.conftest import LONG
from tests.faults.conftest import Encryption
from tests.faults.forked import killable
from tests.faults.moments import seeded
from tests.faults.people import Person, read_log

ROUNDS = 1000 if LONG else 50
PEOPLE = {"ada": "General", "ben": "General", "eve": "Kitchen", "dan": "Kitchen"}
LONGEST_SECONDS = 0.15  # after a start: people come in, what they missed is told, all talk


@pytest.mark.slow
@pytest.mark.timeout(1500 if LONG else 300)
@pytest.mark.parametrize(
    "durability, rounds, encrypted",
    [("full", ROUNDS, False), ("process", ROUNDS // 2, False), ("process", ROUNDS // 5, True)],
)
async def test_nothing_shown_is_lost_or_doubled_by_kill_9(
    tmp_path: Path, encryption: Encryption, durability: str, rounds: int, encrypted: bool
) -> None:
    """Kills the server at random moments of a start and of a commit; then compares the books."""
    flags = ("--rate-limit", "0", "--durability", durability, *encryption(encrypted))
    with seeded() as dice, killable(tmp_path / "data", *flags) as server:
        people = [Person(server.url, name, room) for name, room in PEOPLE.items()]
        async with asyncio.TaskGroup() as group:
            for person in people:
                group.create_task(person.live())
            for _ in range(rounds):
                await _moment(dice, people)
                await asyncio.to_thread(server.restart)
            for person in people:
                await person.acks(10)
                person.talking = False
        for room in set(PEOPLE.values()):
            log = await read_log(server.url, room)
            _compare(log, [person for person in people if person.room == room])


async def _moment(dice: random.Random, people: list[Person]) -> None:
    """Some acks later; or some time after the start, which may be before anyone is back."""
    if dice.random() < 0.5:
        await dice.choice(people).acks(dice.randint(1, 60))
    else:
        await asyncio.sleep(dice.uniform(0, LONGEST_SECONDS))


async def test_each_kill_is_one_of_a_server(tmp_path: Path) -> None:
    """The quick starts of these tests are real ones: another process, and the same port."""
    with killable(tmp_path / "data") as server:
        first, port = server.pid, server.port
        await asyncio.to_thread(server.restart)
        assert server.pid != first
        assert server.port == port
        assert server.stop() == 0


def _compare(log: list[dict[str, object]], people: list[Person]) -> None:
    assert [event["seq"] for event in log] == list(range(1, len(log) + 1))
    by_seq = {event["seq"]: event for event in log}
    said = [event["text"] for event in log if event["kind"] == "said"]
    assert len(said) == len(set(said)), "a text is in the log twice"
    for person in people:
        assert set(person.acked) == set(person.texts), "a text was never acknowledged"
        for nonce, seq in person.acked.items():
            assert by_seq[seq].get("text") == person.texts[nonce]
        for event in person.shown:
            assert by_seq[event["seq"]] == event
        own = [
            event["text"]
            for event in person.shown
            if event["by"] == person.name and "text" in event
        ]
        assert own == list(person.texts.values())
