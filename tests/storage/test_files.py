"""Files stand beside the logs: who has which, what is said of them, and what they take along."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from hubbub.domain.directory import DIRECTORY
from hubbub.domain.errors import BadMessage, TooMany
from hubbub.domain.events import (
    FORMER_MEMBER,
    THE_SERVER,
    AccountClosed,
    AuthorForgotten,
    Redacted,
    Registered,
    Said,
    Trimmed,
)
from hubbub.domain.files import File
from hubbub.domain.names import RoomName, UserName
from hubbub.hub.ports import (
    Draft,
    FileRecord,
    FilesCounted,
    ForgetBlobs,
    ForgetFiles,
    ForgetRoom,
    KeepFile,
    Log,
    SayFiles,
    Settled,
    Trim,
)
from hubbub.storage.log import SqlLog
from tests.storage.conftest import OpenLog
from tests.storage.remains import left_on_disk
from tests.storage.talk import ADA, BEN, GENERAL, IDS, KITCHEN, NOON, Talk, said

CAT, DOG = "c" * 64, "d" * 64
MUCH = 1_000_000


def file(
    id: str, owner: UserName = ADA, hashed: str = CAT, *, size: int = 1000, at: int = NOON
) -> FileRecord:
    return FileRecord(
        id, IDS[owner], f"{id}.png", size, "image/png", at, f"{hashed}-{id}", 10, 4, 3
    )


def with_files(
    *ids: str, by: UserName = ADA, room: RoomName = GENERAL, nonce: str | None = None
) -> Draft:
    files = tuple(File(id, f"{id}.png", 1000, "image/png") for id in ids)
    event = Said(0, NOON, by, "", files=files, by_id=IDS[by])
    return Draft(room, event, nonce=nonce, also=(SayFiles(IDS[by], ids),))


async def kept(talk: Talk, *files: FileRecord) -> None:
    for one in await talk.settle(*(KeepFile(one, MUCH) for one in files)):
        assert one.error is None


async def one(talk: Talk, entry: Draft | KeepFile) -> Settled:
    (outcome,) = await talk.settle(entry)
    return outcome


async def ids(log: Log, *wanted: str) -> dict[str, int | None]:
    """Those that are there, each with the message that it belongs to."""
    return {one.id: one.seq for one in await log.files(wanted)}


async def test_a_file_is_there_as_it_was_kept_after_a_restart_too(
    talk: Talk, reopen: OpenLog
) -> None:
    await kept(talk, file("cat"))
    await one(talk, with_files("cat"))
    room = await talk.log.room(GENERAL.key)
    assert room is not None
    expected = replace(file("cat"), room_id=room.id, seq=1)
    assert await talk.log.files(["cat", "dog"]) == [expected]
    again = await reopen()
    assert await again.files(["cat"]) == [expected]
    (event,) = await again.read(GENERAL.key, 0, 1)
    assert isinstance(event, Said)
    assert [one.name for one in event.files] == ["cat.png"]


async def test_files_are_counted_by_whether_they_were_said(talk: Talk) -> None:
    assert await talk.log.counted_files() == FilesCounted(0, 0, 0, 0)
    await kept(talk, file("cat"), file("copy", BEN), file("dog", hashed=DOG))
    await one(talk, with_files("cat"))
    assert await talk.log.counted_files() == FilesCounted(1, 1010, 2, 2020)


async def test_a_file_that_is_kept_twice_is_there_once(talk: Talk) -> None:
    await kept(talk, file("cat"), replace(file("cat"), name="other.png"))
    (found,) = await talk.log.files(["cat"])
    assert found.name == "cat.png"
    assert await talk.log.unneeded_blobs(10) == []


async def test_what_is_the_same_is_stored_once_and_needed_as_long_as_one_has_it(
    talk: Talk,
) -> None:
    await kept(talk, file("cat"), file("copy", BEN), file("dog", hashed=DOG))
    (copy,) = await talk.log.files(["copy"])
    assert copy.blob == f"{CAT}-cat"
    assert await talk.log.unneeded_blobs(10) == [f"{CAT}-copy"]
    assert await talk.log.file_bytes() == 2 * 1010
    assert await talk.log.file_bytes(IDS[BEN]) == 1010
    assert await talk.log.needed_blobs([f"{CAT}-cat", f"{CAT}-copy"]) == {f"{CAT}-cat"}
    await talk.settle(ForgetBlobs((f"{CAT}-copy",)), ForgetFiles(("cat",)))
    assert await talk.log.unneeded_blobs(10) == []
    await talk.settle(ForgetFiles(("copy",)))
    assert await talk.log.unneeded_blobs(10) == [f"{CAT}-cat"]


async def test_nobody_keeps_more_than_they_may(talk: Talk) -> None:
    await talk.settle(KeepFile(file("cat"), 2020))
    assert (await one(talk, KeepFile(file("dog", hashed=DOG), 2019))).error is not None
    refused = (await one(talk, KeepFile(file("dog", hashed=DOG), 2019))).error
    assert isinstance(refused, TooMany)
    assert "1010 B of the 2.0 KiB" in str(refused)
    assert (await one(talk, KeepFile(file("dog", hashed=DOG), 2020))).error is None
    assert (await one(talk, KeepFile(file("bens", BEN, DOG), 1010))).error is None


@pytest.mark.parametrize("which", ["nobody has it", "of somebody else", "said already", "twice"])
async def test_a_text_whose_file_is_not_to_be_said_is_refused_as_a_whole(
    talk: Talk, which: str
) -> None:
    await kept(talk, file("cat"), file("bens", BEN, DOG), file("old"))
    await one(talk, with_files("old"))
    named = {
        "nobody has it": ("cat", "gone"),
        "of somebody else": ("cat", "bens"),
        "said already": ("cat", "old"),
        "twice": ("cat", "cat"),
    }[which]
    outcome = await one(talk, with_files(*named))
    assert isinstance(outcome.error, BadMessage)
    assert await talk.log.head(GENERAL.key) == 1
    assert await ids(talk.log, "cat", "old") == {"cat": None, "old": 1}


async def test_a_text_that_is_sent_again_has_the_files_it_had(talk: Talk) -> None:
    await kept(talk, file("cat"))
    first = await one(talk, with_files("cat", nonce="n"))
    again = await one(talk, with_files("cat", nonce="n"))
    assert again.duplicate
    assert again.error is None
    assert again.event == first.event
    assert await talk.log.head(GENERAL.key) == 1


async def test_only_what_nobody_has_said_is_forgotten_by_its_id(talk: Talk) -> None:
    await kept(talk, file("cat"), file("dog", hashed=DOG), file("bens", BEN, "b" * 64))
    await one(talk, with_files("cat"))
    await talk.settle(ForgetFiles(("cat", "dog", "bens"), IDS[ADA]))
    assert await ids(talk.log, "cat", "dog", "bens") == {"cat": 1, "bens": None}


async def test_what_nobody_has_said_for_long_is_found(talk: Talk) -> None:
    old, late = file("old", at=NOON - 10), file("late", hashed=DOG)
    await kept(talk, old, late, file("said", hashed="e" * 64, at=NOON - 10))
    await one(talk, with_files("said"))
    assert await talk.log.unsaid_files(NOON, 10) == ["old"]


async def test_what_is_taken_back_has_no_files_any_more(talk: Talk) -> None:
    await kept(talk, file("cat"), file("dog", hashed=DOG))
    await talk.settle(with_files("cat"), with_files("dog"))
    event = Redacted(0, NOON, ADA, by_id=IDS[ADA], target=1)
    assert (await one(talk, Draft(GENERAL, event))).error is None
    assert await ids(talk.log, "cat", "dog") == {"dog": 2}
    assert await talk.log.unneeded_blobs(10) == [f"{CAT}-cat"]


async def test_what_is_trimmed_takes_its_files_along(talk: Talk) -> None:
    await kept(talk, file("cat"), file("dog", hashed=DOG))
    await talk.settle(with_files("cat"), with_files("dog"))
    await talk.settle(Draft(GENERAL, Trimmed(0, NOON, THE_SERVER, 1)), Trim(GENERAL, 2, 100))
    assert await ids(talk.log, "cat", "dog") == {"dog": 2}
    assert await talk.log.unneeded_blobs(10) == [f"{CAT}-cat"]


async def test_a_deleted_room_takes_its_files_along(talk: Talk) -> None:
    await kept(talk, file("cat"), file("dog", hashed=DOG))
    await talk.settle(with_files("cat"), with_files("dog", room=KITCHEN), ForgetRoom(GENERAL))
    assert await ids(talk.log, "cat", "dog") == {"dog": 1}
    assert await talk.log.unneeded_blobs(10) == [f"{CAT}-cat"]


@pytest.mark.parametrize("emptied", [True, False])
async def test_an_emptied_author_takes_the_files_in_a_room_along(
    talk: Talk, *, emptied: bool
) -> None:
    await kept(talk, file("cat"), file("bens", BEN, DOG), file("late"))
    await talk.settle(with_files("cat"), with_files("bens", by=BEN))
    event = AuthorForgotten(0, NOON, FORMER_MEMBER, by_id=IDS[ADA], emptied=emptied)
    await talk.settle(Draft(GENERAL, event), with_files("late"))
    left = {"bens": 2, "late": 4}
    assert await ids(talk.log, "cat", "bens", "late") == (left if emptied else {"cat": 1} | left)


@pytest.mark.parametrize("emptied", [True, False])
async def test_an_emptied_account_takes_all_its_files_along(talk: Talk, *, emptied: bool) -> None:
    await talk.settle(Draft(DIRECTORY, Registered(0, NOON, ADA, by_id=IDS[ADA])))
    await kept(talk, file("cat"), file("bens", BEN, DOG), file("unsaid"))
    await talk.settle(with_files("cat"))
    closed = AccountClosed(0, NOON, ADA, by_id=IDS[ADA], emptied=emptied)
    assert (await one(talk, Draft(DIRECTORY, closed))).error is None
    expected = {"bens": None} if emptied else {"bens": None, "cat": 1, "unsaid": None}
    assert await ids(talk.log, "cat", "bens", "unsaid") == expected


async def test_no_page_has_the_name_of_a_file_that_is_gone(tmp_path: Path) -> None:
    log = await SqlLog.open(tmp_path)
    talk = Talk(log)
    names = [f"unutterable {number}" for number in range(40)]
    records = [
        replace(file(f"f{n}", hashed=f"{n:064x}"), name=name) for n, name in enumerate(names)
    ]
    await kept(talk, *records)
    for record in records:
        await talk.settle(
            Draft(GENERAL, said(record.id).event, also=(SayFiles(IDS[ADA], (record.id,)),))
        )
    assert left_on_disk(tmp_path, "unutterable")
    for seq in range(1, 41):
        await talk.settle(Draft(GENERAL, Redacted(0, NOON, ADA, by_id=IDS[ADA], target=seq)))
    await log.close()
    assert left_on_disk(tmp_path, "unutterable") == []
