"""A server is moved to PostgreSQL and back while people want to chat: they notice a pause."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.faults.people import Person, read_log
from tests.process import ServerProcess
from tests.storage.copying.servers import moved

PEOPLE = ("ada", "ben", "eve")
TEXTS = 30  # of each, in each place

# On a busy machine a client may take its time to come back.
FLAGS = ("--rate-limit", "0", "--leave-grace-seconds", "600")


async def test_people_go_on_where_they_were_in_another_database(
    database: str, tmp_path: Path
) -> None:
    with ServerProcess(tmp_path / "data", *FLAGS) as server:
        people = [Person(server.url, name) for name in PEOPLE]

        async def chat() -> None:
            await asyncio.gather(*(person.acks(TEXTS) for person in people))

        async with asyncio.TaskGroup() as tasks:
            for person in people:
                tasks.create_task(person.live())
            await chat()
            server.kill()
            await asyncio.to_thread(moved, tmp_path / "data", database)
            server.flags = (*server.flags, "--database", database)
            server.data = tmp_path / "node"
            await asyncio.to_thread(server.start)
            await chat()
            await asyncio.to_thread(server.stop)
            await asyncio.to_thread(moved, database, tmp_path / "back")
            server.flags = server.flags[:-2]
            server.data = tmp_path / "back"
            await asyncio.to_thread(server.start)
            await chat()
            for person in people:
                person.talking = False
        log = await read_log(server.url)
    texts = [event["text"] for event in log if event["kind"] == "said"]
    assert sorted(texts) == sorted(text for person in people for text in person.texts.values())
    assert sorted(event["by"] for event in log if event["kind"] == "joined") == sorted(PEOPLE)
    for person in people:
        first = person.shown[0]["seq"]
        assert person.shown == log[first - 1 : first - 1 + len(person.shown)]


def test_no_server_starts_on_half_of_it_nor_where_it_was_moved_away(
    database: str, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    with ServerProcess(data) as server:
        server.stop()
    moved(data, database)
    refused = ServerProcess(data).refuses_to_start()
    assert f"What is in {data} was moved to postgresql://" in refused
    assert f"hubbub migrate --reopen --data {data}" in refused
    node = ServerProcess(tmp_path / "node", "--database", database)
    with node:
        assert node.stop() == 0
    moved(database, tmp_path / "back")
    refused = node.refuses_to_start()
    assert f"was moved to {tmp_path / 'back'} on" in refused
    assert "hubbub migrate --reopen --from postgresql://" in refused
    assert "postgres:" not in refused, "there is the password"
