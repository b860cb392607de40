"""kill -9 while everybody talks: what was shown is there, in order, once."""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path

from tests.faults.people import Person, read_log
from tests.process import ServerProcess

ROUNDS = 1000 if os.environ.get("HUBBUB_LONG") else 12
NAMES = ("ada", "ben", "eve")


async def test_nothing_shown_is_lost_or_doubled_by_kill_9(tmp_path: Path) -> None:
    """Each round kills the server after a random number of acks; then the books are compared."""
    dice = random.Random(20230730)
    with ServerProcess(tmp_path / "data", "--rate-limit", "0") as server:
        people = [Person(server.url, name) for name in NAMES]
        async with asyncio.TaskGroup() as group:
            for person in people:
                group.create_task(person.live())
            for _ in range(ROUNDS):
                person = dice.choice(people)
                await _acks_of(person, dice.randint(1, 120))
                await asyncio.to_thread(server.restart)
            for person in people:
                await _acks_of(person, 10)
                person.talking = False
        log = await read_log(server.url)
    _compare(log, people)


async def _acks_of(person: Person, more: int) -> None:
    goal = len(person.acked) + more
    async with person.progress:
        await person.progress.wait_for(lambda: len(person.acked) >= goal)


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
