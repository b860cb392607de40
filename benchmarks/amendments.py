"""Measures pages of messages that many have reacted to, out of a log of a million events.

``python -m benchmarks.amendments [EVENTS]``. The log has blocks of 100 texts, and behind each its
50 reactions for each of them, in any order. Beside that: what a page of plain texts takes.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

from benchmarks.filling import FIRST_AT, TEXT, save
from hubbub.domain.events import UNSEQUENCED, Reacted, Said
from hubbub.domain.ids import user_id
from hubbub.domain.names import RoomName, UserName
from hubbub.hub.ports import Draft, Entry, Passage
from hubbub.storage.log import SqlLog

ROOM, PLAIN = RoomName.parse("General"), RoomName.parse("Plain")
TEXTS, REACTIONS = 100, 50
BLOCK = TEXTS * (1 + REACTIONS)
EMOJI = ("👍", "❤️", "😂", "🎉", "😮")
PAGES = 60


def entries(events: int) -> Iterator[Entry]:
    """The log; and a room of plain texts, as long as all texts of it."""
    dice = Random(1)  # noqa: S311
    people = [(UserName.parse(f"guest{number}"), user_id(number)) for number in range(1, 201)]
    for block in range(events // BLOCK):
        first = block * BLOCK + 1
        for number in range(TEXTS):
            said = Said(UNSEQUENCED, FIRST_AT + number, people[0][0], TEXT, by_id=people[0][1])
            yield Draft(ROOM, said)
            yield Draft(PLAIN, said)
        reactions = [(first + text, who) for text in range(TEXTS) for who in range(REACTIONS)]
        dice.shuffle(reactions)
        for target, who in reactions:
            name, id = people[(target + who) % len(people)]
            emoji = EMOJI[who % len(EMOJI)]
            yield Draft(ROOM, Reacted(UNSEQUENCED, FIRST_AT, name, target, emoji=emoji, by_id=id))


async def measure(folder: Path, events: int) -> None:
    """Prints how long it takes to read pages, each once, in any order."""
    log = await SqlLog.open(folder, durability="process")
    blocks = events // BLOCK
    dice = Random(2)  # noqa: S311
    try:
        for what, room, stride in (
            (f"{TEXTS} texts with {REACTIONS} reactions each", ROOM, BLOCK),
            (f"{TEXTS} plain texts", PLAIN, TEXTS),
        ):
            for how in ("a page of the timeline", "read from the log"):
                took, busy = [], []
                for block in [0, *dice.sample(range(blocks), min(blocks, PAGES))]:
                    after = block * stride
                    began, cpu = time.perf_counter(), time.process_time()
                    if how.startswith("a page"):
                        lines = await log.timeline(room.key, Passage(after, after + TEXTS, TEXTS))
                        found = lines.events
                    else:
                        found = await log.read(room.key, after, after + TEXTS)
                    took.append(1000 * (time.perf_counter() - began))
                    busy.append(1000 * (time.process_time() - cpu))
                    reactions = REACTIONS if room is ROOM else 0
                    assert len(found) == TEXTS
                    for one in found:
                        assert isinstance(one, Said)
                        assert sum(len(reaction.ids) for reaction in one.reactions) == reactions
                del took[0], busy[0]
                sys.stdout.write(
                    f"{what}, {how}: {statistics.median(took):.2f} ms p50, {max(took):.2f} at most,"
                    f" CPU {statistics.median(busy):.2f} ms p50\n"
                )
    finally:
        await log.close()


def main() -> None:
    """Makes the log, and measures."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory(prefix="hubbub-amendments-") as folder:
        began = time.perf_counter()
        asyncio.run(save(Path(folder), entries(events)))
        sys.stdout.write(f"{events} and more, made in {time.perf_counter() - began:.0f} s\n")
        asyncio.run(measure(Path(folder), events))


if __name__ == "__main__":
    main()
