"""Files go with their messages: beside an export, and with an import of it."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from hubbub.domain.events import UNSEQUENCED, Redacted, Said
from hubbub.domain.files import File
from hubbub.domain.names import UserName
from hubbub.hub.fileports import Begun
from hubbub.hub.ports import Draft, SayFiles
from hubbub.hub.uploading import file_of
from hubbub.moving.choices import Choices
from hubbub.moving.copying import copy_name
from hubbub.moving.errors import CannotWrite, Stopped
from hubbub.moving.exporting import export_lines
from hubbub.moving.html.exporting import export_pages
from hubbub.moving.selecting import Selection
from tests.filing import CLEANED, THUMBNAIL, file_ports, names_in
from tests.memorylog.log import Disk, MemoryLog
from tests.moving.servers import ADA, BEN, IDS, NOON, Place, in_memory, opened, place_over
from tests.moving.test_html import read_pages
from tests.moving.test_round_trip import signed
from tests.moving.test_stopping import FullSoon

ALL = Selection(private=True)


async def pieces(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def send(place: Place, room: str, text: str, *, by: UserName = ADA, **files: bytes) -> None:
    """Says files, by their names: ``cat_png`` is cat.png."""
    told = []
    for name, data in files.items():
        id = f"{name}-{len(await place.events(room))}"
        begun = Begun(id, IDS[by], name.replace("_", "."), len(data), NOON)
        record = await place.hub.uploading.bring(begun, pieces(data))  # type: ignore[union-attr]
        told.append(file_of(record, f"what {name} shows"))
    event = Said(UNSEQUENCED, NOON, by, text, files=tuple(told), by_id=IDS[by])
    name = place.hub.rooms[room.lower()].name
    ids = tuple(one.id for one in told)
    await place.append(Draft(name, event, also=(SayFiles(IDS[by], ids),)))


async def filled(place: Place) -> None:
    await place.register(ADA, BEN)
    await place.write("Tea")
    await send(place, "Tea", "look", cat_png=b"meow", notes_txt=b"notes")
    await send(place, "Tea", "", by=BEN, page_html=b"<script>", big_bin=b"x" * 300_000)


async def held(place: Place, room: str) -> list[tuple[str, str, list[tuple[str, bytes, str]]]]:
    """Who says what in a room, with which files, and what these hold for who reads it."""
    found = []
    for event in await place.events(room):
        if not isinstance(event, Said):
            continue
        files = []
        for file in event.files:
            (record,) = await place.hub.log.files([file.id])
            assert (record.owner, record.seq) == (event.by_id, event.seq)
            data = [one async for one in place.server.blob(record.blob, record.size)]
            files.append((file.name, b"".join(data), file.alt or ""))
        found.append((event.by, event.text, files))
    return found


async def test_files_come_along_with_their_messages(tmp_path: Path) -> None:
    async with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        await filled(one)
        report = await one.export(tmp_path / "tea.jsonl")
        assert (report.files, report.missing) == (4, 0)
        taken = await two.take(tmp_path / "tea.jsonl")
        was, now = await held(one, "Tea"), await held(two, "Tea")
        assert taken.files == 4
    name, data, alt = was[0][2][0]
    assert (name, data, alt) == ("cat.png", CLEANED + b"meow", "what cat_png shows")
    # The double cleans a picture again; the real one finds nothing more to clean.
    was[0][2][0] = (name, CLEANED + data, alt)
    assert now == was
    assert not names_in(tmp_path / "two" / "uploads")


@pytest.mark.parametrize("archive", [False, True])
async def test_lines_and_files_in_one_folder_or_archive_are_imported(
    tmp_path: Path, archive: bool
) -> None:
    (tmp_path / "out").mkdir()
    async with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        await filled(one)
        await one.export(tmp_path / "out" / "tea.jsonl")
        path = tmp_path / "out"
        if archive:
            path = Path(shutil.make_archive(str(tmp_path / "tea"), "zip", tmp_path, "out"))
            assert zipfile.is_zipfile(path)
        assert (await two.take(path, dry=True)).files == 4
        assert (await two.take(path)).files == 4


async def test_files_come_once(tmp_path: Path) -> None:
    async with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        await filled(one)
        await one.export(tmp_path / "1.jsonl")
        await two.take(tmp_path / "1.jsonl")
        before = await held(two, "Tea")
        stored = names_in(tmp_path / "two" / "files")
        again = await two.take(tmp_path / "1.jsonl")
        assert (again.added, again.files, await held(two, "Tea")) == (0, 0, before)
        await send(one, "Tea", "more", more_txt=b"more")
        await one.export(tmp_path / "2.jsonl")
        later = await two.take(tmp_path / "2.jsonl")
        assert (later.added, later.files) == (1, 1)
        assert len(names_in(tmp_path / "two" / "files")) == len(stored) + 1


async def test_files_go_into_a_room_that_is_here_and_their_own_server(tmp_path: Path) -> None:
    async with opened(tmp_path / "one") as one:
        await filled(one)
        await one.export(tmp_path / "tea.jsonl")
        await one.write("Here", Said(UNSEQUENCED, NOON, ADA, "hello", by_id=IDS[ADA]))
        await one.take(tmp_path / "tea.jsonl", Choices(into={"Tea": "Here"}))
        here, tea = await held(one, "Here"), await held(one, "Tea")
        assert [text for _, text, _ in here] == ["hello", "look", ""]
        assert here[2] == tea[1]


async def test_shares_of_people_do_not_hold_for_who_imports(tmp_path: Path) -> None:
    async with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        await filled(one)
        await one.export(tmp_path / "tea.jsonl")
        two.hub.settings = replace(
            two.hub.settings, files_per_user_bytes=1, files_in_all_bytes=1, file_bytes=1
        )
        assert (await two.take(tmp_path / "tea.jsonl")).files == 4


@pytest.mark.parametrize("lost", ["notes", "all"])
async def test_a_file_that_is_not_there_is_told_and_its_message_stays(
    tmp_path: Path, lost: str
) -> None:
    async with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        await filled(one)
        await one.export(tmp_path / "tea.jsonl")
        folder = tmp_path / "tea.jsonl.files"
        if lost == "all":
            shutil.rmtree(folder)
        else:
            (folder / "1-tea" / "1-2-notes.txt").unlink()
        for dry in (True, False):
            report = await two.take(tmp_path / "tea.jsonl", dry=dry)
            left = 4 if lost == "all" else 1
            assert report.files == 4 - left
            assert report.skipped == {"files of texts that are not beside the export": left}
        texts = [text for _, text, _ in await held(two, "Tea")]
        assert texts == ["look", "\N{PAPERCLIP} page.html, big.bin" if lost == "all" else ""]


async def test_a_server_without_files_takes_the_texts(tmp_path: Path) -> None:
    async with opened(tmp_path / "one") as one, in_memory() as two:
        await filled(one)
        await one.export(tmp_path / "tea.jsonl")
        report = await two.take(tmp_path / "tea.jsonl")
        assert report.skipped == {"files of texts, as they cannot be kept here": 4}
        assert await two.texts("Tea") == [
            ("ada", "look", None),
            ("ben", "\N{PAPERCLIP} page.html, big.bin", None),
        ]


async def test_an_import_stops_at_a_file_that_was_changed_and_goes_on(tmp_path: Path) -> None:
    async with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        await filled(one)
        await one.export(tmp_path / "tea.jsonl")
        changed = tmp_path / "tea.jsonl.files" / "1-tea" / "2-2-big.bin"
        data = changed.read_bytes()
        changed.write_bytes(data[:-1] + b"y")
        with pytest.raises(Stopped, match=r"2-2-big\.bin: It is not what was exported"):
            await two.take(tmp_path / "tea.jsonl")
        assert await two.rooms() == []
        assert not names_in(tmp_path / "two" / "uploads")
        changed.write_bytes(data)
        await two.take(tmp_path / "tea.jsonl")
        assert [len(files) for _, _, files in await held(two, "Tea")] == [2, 2]


async def test_wherever_the_disk_is_full_the_next_run_brings_the_rest(tmp_path: Path) -> None:
    async with opened(tmp_path / "one") as one:
        await filled(one)
        await one.export(tmp_path / "tea.jsonl")
    for takes in range(100):
        disk, files = Disk(), file_ports(tmp_path / f"two-{takes}")
        async with place_over(FullSoon(disk, takes), files=files) as two:
            with suppress(Stopped):
                await two.take(tmp_path / "tea.jsonl")
                break
        async with place_over(MemoryLog(auto=True, disk=disk), files=files) as two:
            await two.take(tmp_path / "tea.jsonl")
            assert [len(files) for _, _, files in await held(two, "Tea")] == [2, 2]
            counted = await two.hub.log.counted_files()
            assert (counted.said, counted.unsaid) == (4, 0)
    assert takes > 6


async def test_nothing_outside_of_its_folder_is_taken_for_a_file(tmp_path: Path) -> None:
    async with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        await filled(one)
        await one.export(tmp_path / "tea.jsonl")
        (tmp_path / "secret.txt").write_text("secret")
        (tmp_path / "tea.jsonl.files" / "link.txt").symlink_to(tmp_path / "secret.txt")
        lines = (tmp_path / "tea.jsonl").read_bytes()
        for name, path in (("notes", "../secret.txt"), ("cat", "link.txt")):
            ending = "png" if name == "cat" else "txt"
            number = 1 if name == "cat" else 2
            lines = lines.replace(f"1-tea/1-{number}-{name}.{ending}".encode(), path.encode())
        bad = tmp_path / "tea.jsonl"
        bad.write_bytes(signed(lines.splitlines(keepends=True)[:-1]))
        report = await two.take(bad)
        assert report.skipped == {"files of texts that are not beside the export": 2}


async def test_an_export_tells_what_its_store_has_lost(tmp_path: Path) -> None:
    async with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        await filled(one)
        for path in (tmp_path / "one" / "files").rglob("*"):
            if path.is_file() and path.read_bytes() == b"notes":
                path.unlink()
        report = await one.export(tmp_path / "tea.jsonl")
        assert (report.files, report.missing) == (3, 1)
        assert "1 files of messages are not where the server keeps them" in report.notes[-1]
        assert (await two.take(tmp_path / "tea.jsonl")).files == 3


async def test_what_was_taken_back_is_not_copied(tmp_path: Path) -> None:
    async with opened(tmp_path / "one") as one:
        await filled(one)
        await one.write("Tea", Redacted(UNSEQUENCED, NOON, "ada", 1, by_id=IDS[ADA]))
        report = await one.export(tmp_path / "tea.jsonl")
        assert report.files == 2
        assert names_in(tmp_path / "tea.jsonl.files") == {"2-1-page-html.bin", "2-2-big.bin"}


async def test_nobody_s_message_brings_along_the_file_of_another_one(tmp_path: Path) -> None:
    async with opened(tmp_path / "one") as one:
        await filled(one)
        (_, theirs) = [event for event in await one.events("Tea") if isinstance(event, Said)]
        forged = Said(UNSEQUENCED, NOON, ADA, "mine", files=theirs.files, by_id=IDS[ADA])
        await one.write("Open", forged)
        report = await one.export(tmp_path / "open.jsonl", "Open")
        assert (report.files, report.missing) == (0, 2)


async def test_without_files_there_is_no_folder_and_one_that_is_there_is_kept(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path / "one") as one:
        await filled(one)
        await export_lines(one.server, tmp_path / "a.jsonl", ALL, files=False)
        assert not (tmp_path / "a.jsonl.files").exists()
        (tmp_path / "b.jsonl.files").mkdir()
        with pytest.raises(CannotWrite, match="is there already"):
            await one.export(tmp_path / "b.jsonl")
        assert not (tmp_path / "b.jsonl").exists()


async def test_an_export_that_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out").mkdir()
    async with opened(tmp_path / "one") as one:
        await filled(one)

        async def broken(key: str, size: int) -> AsyncIterator[bytes]:
            yield b"half"
            raise OSError("The store is away.")

        monkeypatch.setattr(one.server, "blob", broken, raising=False)
        for export in (export_lines, export_pages):
            with pytest.raises(OSError, match="away"):
                await export(one.server, tmp_path / "out" / "tea", ALL)
            assert list((tmp_path / "out").iterdir()) == []


async def test_pages_link_to_files_and_show_pictures_small(tmp_path: Path) -> None:
    async with opened(tmp_path / "one") as one:
        await filled(one)
        report = await export_pages(one.server, tmp_path / "out", ALL)
    assert report.files == 4
    page = read_pages(tmp_path / "out")["1-tea/1.html"]
    (image,) = page.all("img", "src")
    assert page.all("img", "alt") == ["what cat_png shows"]
    small = tmp_path / "out" / "1-tea" / image
    assert small.read_bytes() == THUMBNAIL + b"meow"
    files = [tmp_path / "out" / "1-tea" / to for to in page.all("a", "href") if "/1-tea/" in to]
    assert [file.read_bytes() for file in files] == [
        *(CLEANED + b"meow", CLEANED + b"meow", b"notes"),
        *(b"<script>", b"x" * 300_000),
    ]
    assert {file.suffix for file in files} == {".png", ".txt", ".bin"}


@pytest.mark.parametrize(
    "name, copy",
    [
        ("cat.png", "7-1-cat.png"),
        ("Photo of Ada.JPG", "7-1-Photo-of-Ada.jpg"),
        ("кот.png", "7-1.png"),
        ("page.html", "7-1-page-html.bin"),
        ("shell.php.jpg", "7-1-shell-php.jpg"),
        ("a.php", "7-1-a-php.bin"),
        ("CON", "7-1-CON.bin"),
        (".htaccess", "7-1-htaccess.bin"),
        ("../../etc/passwd", "7-1-etc-passwd.bin"),
        ("x" * 200 + ".tar.gz", f"7-1-{'x' * 60}.gz"),
        ("png", "7-1-png.bin"),
        ("", "7-1.bin"),
    ],
)
def test_a_copy_has_a_name_that_every_file_system_takes(name: str, copy: str) -> None:
    assert copy_name(7, 1, File("x", name, 1, "text/plain")) == copy
