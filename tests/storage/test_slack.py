"""No copy of a row that was moved stays between the rows of a page, when the row is overwritten."""

from __future__ import annotations

import asyncio
import logging
import re
import shutil
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from random import Random

import pytest

from hubbub.domain.events import FORMER_MEMBER, AuthorForgotten, Said, Trimmed
from hubbub.domain.ids import user_id
from hubbub.hub.ports import Draft, Trim
from hubbub.storage import slack
from hubbub.storage.log import DATABASE, SqlLog
from hubbub.storage.opened import OpenFiles
from hubbub.storage.slack import Slack, gap_of, logged_in
from hubbub.storage.wal import Wal
from tests.storage.search.conftest import until
from tests.storage.talk import GENERAL, KITCHEN, NOON, Talk, said
from tests.storage.test_amending import redact

SECRET = re.compile(rb"unutterable-\d{6}")
PEOPLE = [user_id(1000 + number) for number in range(40)]
CLOSED = PEOPLE[:25]


def left(folder: Path) -> set[bytes]:
    """What was said, and stands in a file."""
    files = [file.read_bytes() for file in folder.iterdir() if file.is_file()]
    return {text for data in files for text in SECRET.findall(data)}


def forgotten(number: int) -> Draft:
    event = AuthorForgotten(0, NOON, FORMER_MEMBER, emptied=False, by_id=PEOPLE[number])
    return Draft(GENERAL, event)


async def take_back_all(talk: Talk) -> None:
    """Two rooms have texts of mixed sizes. Accounts with short names are closed, so that their
    rows grow, and one room is trimmed, so that rows go; then all that is left is taken back.
    """
    dice = Random(7)
    seqs: list[int] = []
    for start in range(0, 3000, 50):
        drafts = []
        for number in range(start, start + 50):
            size = int(dice.choice((0, 5, 20, 60, 120, 300, 900, 1500)) * dice.random())
            text = f"unutterable-{number:06} {'y' * size}"
            event = Said(0, NOON, dice.choice(("al", "bo")), text, by_id=dice.choice(PEOPLE))
            drafts.append(Draft(GENERAL if dice.random() < 0.6 else KITCHEN, event))
        for one in await talk.settle(*drafts):
            assert one.event is not None
            assert isinstance(one.entry, Draft)
            if one.entry.room == GENERAL:
                seqs.append(one.event.seq)
    for number in range(len(CLOSED)):
        await talk.settle(forgotten(number))
    head = await talk.log.head(KITCHEN.key)
    await talk.settle(Draft(KITCHEN, Trimmed(0, NOON, "server", head)))
    while (await talk.settle(Trim(KITCHEN, head, 100)))[0].more:
        pass
    dice.shuffle(seqs)
    await talk.settle(*map(redact, seqs))


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[SqlLog]:
    log = await SqlLog.open(folder, durability="process")
    try:
        yield log
    finally:
        await log.close()


@pytest.fixture
def cleaning(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Nothing is cleaned, until this is called."""
    clean = Slack.clean
    cleaned: list[Slack] = []

    def cleaning(slack: Slack) -> None:
        cleaned.append(slack)

    monkeypatch.setattr(Slack, "clean", cleaning)

    def now() -> None:
        monkeypatch.setattr(Slack, "clean", clean)
        clean(cleaned[-1])

    return now


async def test_copies_that_stay_when_rows_grow_or_go_are_overwritten(
    tmp_path: Path, cleaning: Callable[[], None]
) -> None:
    async with opened(tmp_path) as log:
        talk = Talk(log)
        await take_back_all(talk)
        await until(lambda: is_cleared(tmp_path))
        assert left(tmp_path), "SQLite leaves none: this test shows nothing"
        rooms = [await talk.all(room) for room in (GENERAL, KITCHEN)]
        cleaning()
        await until(lambda: not left(tmp_path))
        assert [await talk.all(room) for room in (GENERAL, KITCHEN)] == rooms
        # Nor does the writer remember them, when it changes the same pages.
        for number in range(len(CLOSED), len(PEOPLE)):
            await talk.settle(forgotten(number))
        await talk.settle(*(said("tea") for _ in range(50)))
    assert left(tmp_path) == set()
    assert sound(tmp_path)


async def test_that_it_cannot_be_cleared_is_told_once_however_much_is_said_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tried: list[Wal] = []

    def fail(wal: Wal) -> bool:
        tried.append(wal)
        raise sqlite3.OperationalError("disk I/O error")

    errors: list[Exception] = []
    log = await SqlLog.open(tmp_path, durability="process", on_error=errors.append)
    caplog.set_level(logging.INFO)
    try:
        talk = Talk(log)
        with monkeypatch.context() as patch:
            patch.setattr(Wal, "clear", fail)
            await talk.settle(said("unutterable-000001"))
            await talk.settle(redact(1))
            for _ in range(5):
                tried.clear()
                assert (await talk.say("tea")).error is None
                await until(lambda: bool(tried))
        await until(lambda: "The write-ahead log is emptied again." in caplog.text)
    finally:
        await log.close()
    assert len(errors) == 1
    assert caplog.text.count("again") == 1
    assert left(tmp_path) == set()


async def test_it_goes_on_by_itself_while_others_talk(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        talk = Talk(log)
        await take_back_all(talk)

        async def gone() -> None:
            while left(tmp_path):
                await talk.say("tea")

        await asyncio.wait_for(gone(), 20)
        assert len(talk.settled) == len([one for one in talk.settled if one.error is None])
    assert sound(tmp_path)


async def test_a_log_that_is_closed_at_once_has_none(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await take_back_all(Talk(log))
    assert left(tmp_path) == set()
    assert sound(tmp_path)


async def test_nor_has_one_that_somebody_has_read_each_time_that_it_was_to_be_cleared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Wal, "clear", lambda _: False)
    async with opened(tmp_path) as log:
        await take_back_all(Talk(log))
    assert left(tmp_path) == set()
    assert sound(tmp_path)


async def test_what_is_read_even_while_the_log_is_closed_is_for_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who reads is the last to close it then, and takes the write-ahead log along."""
    with monkeypatch.context() as patch:
        patch.setattr(Wal, "clear", lambda _: False)
        async with opened(tmp_path) as log:
            talk = Talk(log)
            await talk.settle(said("one"))
            reader = sqlite3.connect(tmp_path / DATABASE)
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM events").fetchone()
            await take_back_all(talk)
    reader.close()
    assert not (tmp_path / f"{DATABASE}-wal").exists()
    assert left(tmp_path), "SQLite leaves none: this test shows nothing"
    async with opened(tmp_path):
        await until(lambda: not left(tmp_path))
    assert sound(tmp_path)


async def test_after_a_kill_the_next_start_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, killed = tmp_path / "there", tmp_path / "killed"
    there.mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(Slack, "clean", lambda _: None)
        async with opened(there) as log:
            await take_back_all(Talk(log))
            await until(lambda: is_cleared(there))
            shutil.copytree(there, killed)
    (killed / "hubbub.lock").unlink(missing_ok=True)
    assert left(killed)
    async with opened(killed):
        await until(lambda: not left(killed))
    assert sound(killed)


async def test_what_takes_too_long_is_for_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(slack, "END_SECONDS", -1.0)
        patch.setattr(slack, "LOOK_BYTES", 4096)
        patch.setattr(slack, "sleep", lambda _: time.sleep(0.01))
        async with opened(tmp_path) as log:
            await take_back_all(Talk(log))
    assert left(tmp_path)
    assert sound(tmp_path, slack.UNFINISHED)
    async with opened(tmp_path):
        await until(lambda: not left(tmp_path))
    assert sound(tmp_path)


async def test_pages_that_are_in_the_write_ahead_log_wait_until_they_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cleaning: Callable[[], None]
) -> None:
    monkeypatch.setattr(slack, "TROUBLE_SECONDS", 0.01)
    monkeypatch.setattr(slack, "TRIES", 2)
    async with opened(tmp_path) as log:
        talk = Talk(log)
        await take_back_all(talk)
        await until(lambda: is_cleared(tmp_path))
        with closing(sqlite3.connect(tmp_path / DATABASE)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM events").fetchone()
            for number in range(len(CLOSED), len(PEOPLE)):  # which changes nearly all pages
                await talk.settle(forgotten(number))
            logged = logged_in(tmp_path / f"{DATABASE}-wal")
            assert logged is not None
            assert len(logged) > 50
            before = pages_of(tmp_path, logged)
            cleaning()
            await talk.settle(*(said("tea") for _ in range(20)))
            assert pages_of(tmp_path, logged) == before
            assert left(tmp_path)
        await until(lambda: not left(tmp_path))
    assert sound(tmp_path)


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """A database that has bytes wherever a page's space is unallocated."""
    path = tmp_path / "some.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT)")
        connection.execute("CREATE TABLE texts (id INTEGER PRIMARY KEY, text TEXT UNIQUE)")
        connection.execute("BEGIN")
        connection.execute("INSERT INTO meta VALUES ('log_id', 'x')")
        dice = Random(3)
        for number in range(2000):
            text = f"{number} {'x' * dice.choice((0, 30, 500, 9000))}"
            connection.execute("INSERT INTO texts VALUES (?, ?)", (number, text))
            if number % 3 == 0:
                changed = (dice.choice(("", "y" * 700)) + str(number), dice.randint(0, number))
                connection.execute("UPDATE texts SET text = ? WHERE id = ?", changed)
        connection.execute("COMMIT")
        rows = connection.execute(ROWS).fetchall()
    data = bytearray(path.read_bytes())
    gaps = 0
    for start in range(4096, len(data), 4096):
        page = bytes(data[start : start + 4096])
        gap = gap_of(page)
        if gap is not None:
            gaps += 1
            begin, end = gap
            data[start + begin : start + end] = (FILLED * 4096)[: end - begin]
    assert gaps > 100
    path.write_bytes(data)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute(ROWS).fetchall() == rows, "a gap is no gap"
    return path


FILLED, ROWS = b"slack", "SELECT * FROM texts ORDER BY id"


def test_only_what_no_row_has_is_overwritten(filled: Path) -> None:
    with closing(sqlite3.connect(filled)) as connection:
        rows = connection.execute(ROWS).fetchall()
        before = filled.read_bytes()
        assert FILLED in before
        clean(filled)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute(ROWS).fetchall() == rows
        after = filled.read_bytes()
    assert FILLED not in after
    assert len(after) == len(before)


def test_who_remembers_a_page_does_not_write_it_back(
    filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(connected(filled)) as other:
        other.execute("PRAGMA cache_size = 10000")

        def read_meanwhile(wal: Path) -> set[int] | None:
            other.execute("SELECT sum(length(text)) FROM texts NOT INDEXED").fetchone()
            return logged_in(wal)

        monkeypatch.setattr(slack, "logged_in", read_meanwhile)
        clean(filled)
        assert FILLED not in filled.read_bytes()
        other.execute("UPDATE texts SET text = replace(text, 'x', 'z')")
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert FILLED not in filled.read_bytes()


def connected(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False)


def clean(path: Path) -> None:
    with closing(Slack(path, OpenFiles([]))) as slack:
        slack.clean()
        slack.end()


def test_what_is_no_page_of_a_tree_has_no_gap() -> None:
    leaf = bytes([13, 0, 0, 0, 1, 0x0F, 0xF0, 0, 0x0F, 0xF0]) + bytes(4086)
    assert gap_of(leaf) == (10, 0x0FF0)
    assert gap_of(bytes(4096)) is None
    assert gap_of(bytes([7]) + leaf[1:]) is None
    for place, value in ((2, 5), (4, 200), (6, 0xF1), (8, 1), (8, 0xFF)):
        assert gap_of(leaf[:place] + bytes([value]) + leaf[place + 1 :]) is None


def pages_of(folder: Path, which: set[int]) -> list[bytes]:
    """Pages of the database's file."""
    data = (folder / DATABASE).read_bytes()
    return [data[page * 4096 : (page + 1) * 4096] for page in sorted(which)]


def is_cleared(folder: Path) -> bool:
    """Whether the write-ahead log has nothing any more."""
    return (folder / f"{DATABASE}-wal").stat().st_size == 0


def sound(folder: Path, version: int = 0) -> bool:
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (version,)
        return bool(connection.execute("PRAGMA integrity_check").fetchone() == ("ok",))
