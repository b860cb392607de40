"""An import that stops in the middle has made no half a room, and goes on where it was."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from hubbub.domain.directory import DIRECTORY
from hubbub.domain.errors import LogUnavailable
from hubbub.domain.events import AnyEvent
from hubbub.domain.names import RoomName
from hubbub.hub.ports import Entry, ForgetRoom, Settled
from hubbub.moving.batches import BATCH_EVENTS, GENTLE_EVENTS
from hubbub.moving.choices import Choices
from hubbub.moving.errors import CannotImport, Stopped
from hubbub.moving.report import Outcome
from tests.memorylog.log import Disk, MemoryLog
from tests.moving.everything import fill
from tests.moving.samples import slack
from tests.moving.servers import ADA, Place, in_memory, opened, said


class FullSoon(MemoryLog):
    """A log whose disk takes so many entries more."""

    def __init__(self, disk: Disk, takes: int) -> None:
        super().__init__(auto=True, disk=disk)
        self.takes = takes

    def _settle(self, entry: Entry) -> Settled:
        self.takes -= 1
        if self.takes < 0:
            return Settled(entry, error=LogUnavailable("The disk is full."))
        return super()._settle(entry)


async def everything(place: Place) -> dict[str, list[AnyEvent]]:
    found = {name: await place.events(name) for name in await place.rooms()}
    return found | {DIRECTORY: await place.events(DIRECTORY)}


async def own(folder: Path) -> Path:
    async with in_memory() as place:
        await fill(place)
        await place.export(folder / "all.jsonl")
    return folder / "all.jsonl"


async def slacks(folder: Path) -> Path:
    return slack(folder / "slack")


@pytest.mark.parametrize("made", [own, slacks])
async def test_wherever_the_disk_is_full_the_next_run_goes_on(
    tmp_path: Path, made: Callable[[Path], asyncio.Future[Path]]
) -> None:
    path = await made(tmp_path)
    async with in_memory() as place:
        await place.take(path)
        whole = await everything(place)
    takes = 0
    while True:
        disk = Disk()
        async with in_memory(FullSoon(disk, takes)) as place:
            with suppress(Stopped):
                await place.take(path)
                break
            seen = [str(room.name) for room in place.hub.rooms]
            assert seen == await place.rooms()
            for name in seen:  # what is seen is whole
                assert await place.events(name) == whole[name]
        async with in_memory(MemoryLog(auto=True, disk=disk)) as place:
            await place.take(path)
            assert await everything(place) == whole
        takes += 1
    assert takes > 20


async def test_who_imports_is_told_what_to_do_when_the_disk_is_full(tmp_path: Path) -> None:
    async with in_memory(FullSoon(Disk(), 9)) as place:
        with pytest.raises(Stopped, match=r"The disk is full\. .* Give the same command again"):
            await place.take(slack(tmp_path))


async def test_a_disk_that_is_nearly_full_is_told_before_anything_is_changed(
    tmp_path: Path,
) -> None:
    log = MemoryLog(auto=True)
    async with in_memory(log) as place:
        log.free = 1
        await place.hub.disk.look()
        with pytest.raises(Stopped, match="nearly full"):
            await place.take(slack(tmp_path))
        assert log.disk.nonces == {}


async def test_nobody_sees_a_room_before_it_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []
    async with in_memory() as place:
        append = place.hub.log.append

        def watched(entry: Entry) -> None:
            seen.append([str(room.name) for room in place.hub.rooms])
            append(entry)

        monkeypatch.setattr(place.hub.log, "append", watched)
        await place.take(slack(tmp_path))
        assert len(seen) > 10
        assert all(one == [] for one in seen)
        assert len(place.hub.rooms) == 3


@pytest.mark.parametrize(
    "choices, name, texts",
    [
        ({"rooms": {"general": "lobby"}}, "lobby", 6),
        ({"into": {"general": "general"}}, "general", 7),
    ],
)
async def test_a_room_of_the_same_name_that_is_made_meanwhile_keeps_the_name(
    tmp_path: Path, choices: dict[str, Any], name: str, texts: int
) -> None:
    class Racing(MemoryLog):
        def append(self, entry: Entry) -> None:
            if type(entry).__name__ == "NameRoom" and RoomName.parse("general").key not in (
                self.disk.rooms
            ):
                self._make(RoomName.parse("general"))
            super().append(entry)

    async with in_memory(Racing(auto=True)) as place:
        await place.register(ADA)
        report = await place.take(slack(tmp_path), Choices())
        (general,) = [room for room in report.rooms if room.source == "general"]
        assert general.outcome is Outcome.SKIPPED
        assert "was made meanwhile" in general.why
        await place.write("general", said("mine"))
        with pytest.raises(CannotImport, match='There is a room "general" here already'):
            await place.take(slack(tmp_path), Choices())
        await place.take(slack(tmp_path), Choices(**choices))
        assert len(await place.texts(name)) == texts


async def test_what_was_deleted_here_may_be_imported_again(tmp_path: Path) -> None:
    async with in_memory() as place:
        await place.take(slack(tmp_path), Choices())
        before = await place.texts("general")
        await place.append(ForgetRoom(RoomName.parse("general")))
        place.hub.rooms.drop(place.hub.rooms["general"])
        await place.take(slack(tmp_path), Choices())
        assert await place.texts("general") == before


IMPORTS = """
import asyncio, sys
from pathlib import Path
from hubbub.moving.batches import BATCH_EVENTS, GENTLE_EVENTS
from hubbub.moving.choices import Choices
from hubbub.moving.formats import open_source
from hubbub.moving.importing import import_rooms
from tests.moving.servers import OPERATOR, opened

async def main(data, path):
    async with opened(data) as place:
        with open_source(path) as source:
            def told(progress):
                print(progress.step, progress.done, flush=True)
            await import_rooms(place.server, source, Choices(), OPERATOR, told=told)

asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
"""


async def test_a_process_that_is_killed_has_lost_nothing_and_doubled_nothing(
    tmp_path: Path,
) -> None:
    log = tmp_path / "irc.libera.#hubbub.weechatlog"
    lines = [f"2023-01-01 00:{at // 60 % 60:02}:{at % 60:02}\tada\tline {at}" for at in range(6000)]
    write_lines(log, lines)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", IMPORTS, str(tmp_path / "data"), str(log)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    async for line in process.stdout:
        step, done = line.decode().split()
        if step == "#hubbub" and int(done) >= 1000:
            process.send_signal(signal.SIGKILL)
            break
    await process.wait()
    async with opened(tmp_path / "data") as place:
        assert await place.rooms() == []
        report = await place.take(log, Choices())
        assert [text for _, text, _ in await place.texts("hubbub")] == [
            f"line {at}" for at in range(6000)
        ]
    assert report.again >= 1000
    assert report.added + report.again == 6000


def write_lines(path: Path, lines: list[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines))


@pytest.mark.parametrize("busy, most", [(True, GENTLE_EVENTS), (False, BATCH_EVENTS)])
async def test_a_live_text_waits_for_one_batch_at_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, busy: bool, most: int
) -> None:
    log = tmp_path / "irc.libera.#hubbub.weechatlog"
    write_lines(log, [f"2023-01-01 00:00:00\tada\tline {at}" for at in range(1200)])
    queued = []
    async with in_memory() as place:
        monkeypatch.setattr(place.server, "is_busy", lambda: busy)
        append = place.hub.log.append

        def watched(entry: Entry) -> None:
            append(entry)
            queued.append(place.hub.log.waiting)  # type: ignore[attr-defined]

        monkeypatch.setattr(place.hub.log, "append", watched)
        await place.take(log, Choices())
        assert len(await place.texts("hubbub")) == 1200
    assert max(queued) == most
