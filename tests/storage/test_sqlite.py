"""What a log on SQLite promises beyond what every log does."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from hubbub.domain.directory import DIRECTORY
from hubbub.domain.errors import LogUnavailable, NameTaken
from hubbub.domain.events import AccountClosed, Event, Quote, Registered, Renamed, Said
from hubbub.domain.ids import number_of, user_id
from hubbub.domain.names import RoomName
from hubbub.domain.rules import RoomAccess
from hubbub.domain.state import RoomFacts, RoomSummary
from hubbub.hub.ports import (
    MAX_DEVICES,
    DeviceRecord,
    Draft,
    ForgetDevices,
    ForgetGuest,
    ForgetRoom,
    Guest,
    KeepDevice,
    KeepGuest,
    KeepSecret,
    MakeRoom,
    NameRoom,
    RoomRecord,
    Row,
    SecretKind,
    Settled,
    Stretch,
    Unread,
)
from hubbub.storage import databaselog as logs
from hubbub.storage import reader, wal, writer
from hubbub.storage.engine import Durability, writing_engine
from hubbub.storage.errors import FolderInUse
from hubbub.storage.log import DATABASE, SqlLog
from tests.patience import PATIENCE_SECONDS
from tests.storage.talk import (
    ADA,
    BEN,
    EVE,
    GENERAL,
    IDS,
    KITCHEN,
    MADE_AT_NOON,
    NOON,
    Talk,
    guest,
    joined,
    left,
    said,
    seqs,
    texts,
)
from tests.storage.watched import WatchedConnection, at_commit, disk_error


@contextmanager
def another_program(folder: Path) -> Iterator[sqlite3.Connection]:
    """A connection to the database that is not the server's."""
    path = folder / DATABASE
    opened = sqlite3.connect(path, isolation_level=None, timeout=PATIENCE_SECONDS)
    with closing(opened) as connection:
        yield connection


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def test_what_gathers_during_a_commit_shares_the_next_one(sqlite: Talk) -> None:
    commits: list[WatchedConnection] = []
    with at_commit(commits.append):
        await sqlite.settle(*(said(str(number)) for number in range(1000)))
    assert len(commits) == len(sqlite.groups) < 100


async def test_a_single_entry_waits_for_no_other(sqlite: Talk) -> None:
    for number in range(1, 20):
        outcome = await sqlite.say("hello")
        assert outcome.event is not None
        assert outcome.event.seq == len(sqlite.groups) == number


async def test_a_lone_text_is_one_statement_and_two_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that a text by somebody without a token changes: each more is paid by every text."""
    statements: list[str] = []

    class Traced(sqlite3.Connection):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self.set_trace_callback(statements.append)

    monkeypatch.setattr(sqlite3.dbapi2, "connect", partial(sqlite3.connect, factory=Traced))
    log = await SqlLog.open(tmp_path, durability="process")
    talk = Talk(log)
    await talk.settle(joined(), said("the room's first text"))
    pages = (tmp_path / f"{DATABASE}-wal").stat().st_size
    statements.clear()
    await talk.say("hello")
    assert [statement.split("(")[0] for statement in statements] == ["INSERT INTO events "]
    assert (tmp_path / f"{DATABASE}-wal").stat().st_size - pages == 2 * (4096 + 24)
    await log.close()


async def test_a_state_is_what_was_saved_and_no_old_event_is_asked_for_it(tmp_path: Path) -> None:
    """Who may read a room comes back, whatever version of the server has changed it."""
    log = await SqlLog.open(tmp_path, durability="process")
    await Talk(log).settle(joined(), said("one"), said("two"), said("in the kitchen", room=KITCHEN))
    await log.close()
    with closing(sqlite3.connect(tmp_path / DATABASE)) as database, database:
        assert database.execute("SELECT room_id, seq, state FROM room_state").fetchall() == [
            (1, 2, f'{{"silent":false,"made":{NOON}}}'),
            (2, 1, f'{{"silent":false,"made":{NOON}}}'),
        ]
        database.execute(
            """UPDATE room_state SET state = '{"silent":false,"access":"members","later":1}'"""
            " WHERE room_id = 1"
        )
        database.execute("DELETE FROM room_state WHERE room_id = 2")
    log = await SqlLog.open(tmp_path, durability="process")
    hidden = RoomFacts(silent=False, access=RoomAccess.MEMBERS)
    talk = Talk(log)
    await talk.settle(said("three"), joined(BEN))
    assert await log.rooms() == [
        RoomRecord(GENERAL, RoomSummary(5, NOON + 4, hidden), 1),
        RoomRecord(KITCHEN, RoomSummary(1, NOON), 2),
    ]
    await log.close()


async def test_a_text_in_a_quiet_room_is_with_the_thread_at_once(tmp_path: Path) -> None:
    log = await SqlLog.open(tmp_path, durability="full")
    talk = Talk(log)
    await talk.say("one")
    await asyncio.sleep(2 * writer.IDLE_SECONDS)
    committed = threading.Event()
    with at_commit(lambda connection: committed.set()):
        talk.append(said("two"))
        assert committed.wait(PATIENCE_SECONDS)  # and the loop stands still
        await talk.all_settled()
    await log.close()


async def test_a_group_has_bounds(sqlite: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "MAX_GROUP_ENTRIES", 10)
    await sqlite.settle(*(said(str(number)) for number in range(100)))
    assert max(map(len, sqlite.groups)) <= 10
    monkeypatch.setattr(writer, "MAX_GROUP_CHARS", 1000)
    sqlite.groups.clear()
    await sqlite.settle(*(said("x" * 400) for _ in range(30)))
    assert max(map(len, sqlite.groups)) <= 3


@pytest.mark.parametrize("durability, level", [("full", 2), ("process", 1)])
def test_only_full_durability_syncs_each_commit_to_the_disk(
    tmp_path: Path, durability: Durability, level: int
) -> None:
    """https://sqlite.org/pragma.html#pragma_synchronous: in WAL mode, FULL does and NORMAL not."""
    expected = {
        "synchronous": level,
        "journal_mode": "wal",
        "wal_autocheckpoint": 0,
        "foreign_keys": 1,
    }
    engine = writing_engine(tmp_path / DATABASE, durability)
    with engine.connect() as connection:
        found = {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in expected}
    engine.dispose()
    assert found == expected


async def test_readers_do_not_wait_for_a_writer(sqlite: Talk, tmp_path: Path) -> None:
    await sqlite.settle(joined(), said("one"))
    with another_program(tmp_path) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE events SET text = 'not committed'")
        async with asyncio.timeout(PATIENCE_SECONDS):
            assert texts(await sqlite.all()) == ["one"]
            assert len(await sqlite.log.rooms()) == len(await sqlite.log.members()) == 1
        other.execute("ROLLBACK")


async def test_a_database_that_others_keep_locked_refuses_and_then_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "BUSY_SECONDS", 0.01)
    errors: list[Exception] = []
    log = await SqlLog.open(tmp_path, durability="process", on_error=errors.append)
    talk = Talk(log)
    await talk.say("one")
    with another_program(tmp_path) as other:
        other.execute("BEGIN IMMEDIATE")
        outcome = await talk.say("two")
        other.execute("ROLLBACK")
    assert isinstance(outcome.error, LogUnavailable)
    assert "database is locked" in str(errors[0])
    await talk.say("three")
    assert texts(await talk.all()) == ["one", "three"]
    await log.close()


async def test_a_failed_commit_refuses_all_of_its_group_and_nothing_else(sqlite: Talk) -> None:
    await sqlite.settle(said("one"), joined())
    with at_commit(disk_error):
        refused = await sqlite.settle(said("two"), left(), MakeRoom(KITCHEN), said("three", BEN))
    assert {type(outcome.error) for outcome in refused} == {LogUnavailable}
    assert not any(outcome.event for outcome in refused)
    (after,) = await sqlite.settle(said("four"))
    assert after.event == Said(3, NOON + 2, "Ada", "four", by_id=IDS[ADA])
    assert texts(await sqlite.all()) == ["one", "four"]
    assert len(await sqlite.log.members()) == 1
    assert await sqlite.log.rooms() == [
        RoomRecord(GENERAL, RoomSummary(3, NOON + 2, MADE_AT_NOON), 1)
    ]


async def test_numbers_go_on_after_a_commit_whose_answer_was_lost(sqlite: Talk) -> None:
    """It was refused, but is there: the resend is answered with it, and nothing has its number."""

    def commit_and_fail(connection: WatchedConnection) -> None:
        connection.execute("COMMIT")
        disk_error(connection)

    await sqlite.say("one")
    with at_commit(commit_and_fail):
        (lost,) = await sqlite.settle(said("two", nonce="n2"))
    assert isinstance(lost.error, LogUnavailable)
    again, new = await sqlite.settle(said("two", nonce="n2"), said("three"))
    assert (again.event, again.duplicate) == (Said(2, NOON + 1, "Ada", "two", by_id=IDS[ADA]), True)
    assert new.event == Said(3, NOON + 2, "Ada", "three", by_id=IDS[ADA])
    assert texts(await sqlite.all()) == ["one", "two", "three"]


async def test_an_entry_that_cannot_be_saved_harms_no_other(sqlite: Talk) -> None:
    """Half a surrogate pair is no text: SQLite's driver cannot encode it."""
    entries = [said(str(number), nonce=str(number)) for number in range(100)]
    entries[37] = said("\ud800")
    entries[90] = said("\udfff", room=KITCHEN)
    settled = await sqlite.settle(*entries, said("5", nonce="5"))
    assert [outcome.entry for outcome in settled[:-1]] == entries
    refused = [number for number, outcome in enumerate(settled) if outcome.error]
    assert refused == [37, 90]
    assert settled[-1].duplicate
    assert seqs(await sqlite.all()) == list(range(1, 99))
    assert texts(await sqlite.all()) == [str(n) for n in range(100) if n not in refused]


async def test_each_reason_to_refuse_is_reported_once(tmp_path: Path) -> None:
    errors: list[Exception] = []
    log = await SqlLog.open(tmp_path, durability="process", on_error=errors.append)
    talk = Talk(log)
    with at_commit(disk_error):
        for _ in range(5):
            await talk.say("refused")
    assert len(errors) == 1
    await talk.say("saved")
    with at_commit(disk_error):
        await talk.say("refused")
    assert len(errors) == 2
    await log.close()


async def test_an_error_never_shows_what_was_said(
    sqlite: Talk, caplog: pytest.LogCaptureFixture
) -> None:
    with at_commit(disk_error):
        await sqlite.say("a secret")
    await sqlite.say("a secret \ud800")
    assert "disk I/O error" in caplog.text
    assert "secret" not in caplog.text


async def test_a_bug_refuses_and_the_writer_lives(
    sqlite: Talk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("hubbub.storage.rows.Kind.content", lambda kind, event: 1 / 0)
        outcome = await sqlite.say("one")
    assert isinstance(outcome.error, LogUnavailable)
    assert "ZeroDivisionError" in caplog.text
    await sqlite.say("two")
    assert texts(await sqlite.all()) == ["two"]


async def test_a_log_that_cannot_be_read_says_so(
    sqlite: Talk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await sqlite.say("one")
    with another_program(tmp_path) as other:
        other.execute("ALTER TABLE events RENAME TO lost")
        with pytest.raises(LogUnavailable, match="cannot read its log"):
            await sqlite.all()
        assert "no such table: events" in caplog.text
        other.execute("ALTER TABLE lost RENAME TO events")
    assert texts(await sqlite.all()) == ["one"]


async def test_a_reader_may_give_up(sqlite: Talk) -> None:
    await sqlite.settle(*(said("x" * 1000) for _ in range(2000)))
    reads = [asyncio.create_task(sqlite.all()) for _ in range(20)]
    await asyncio.sleep(0)
    for read in reads:
        read.cancel()
    results = await asyncio.gather(*reads, return_exceptions=True)
    assert {type(result) for result in results} == {asyncio.CancelledError}
    assert len(await sqlite.all()) == 2000


async def test_what_a_newer_version_wrote_is_an_event_without_content(
    sqlite: Talk, tmp_path: Path
) -> None:
    ada = IDS[ADA]
    await sqlite.settle(said("one"), said("two"), said("three"), said("four"), said("five"))
    with another_program(tmp_path) as other:
        change = "UPDATE events SET {} WHERE seq = ?"
        other.execute(change.format("kind = 'painted', text = NULL, extra = '{\"x\": 1}'"), [2])
        other.execute(change.format("extra = 'no JSON'"), [3])
        other.execute(change.format('extra = \'{"reply_to": 1, "colour": "red"}\''), [4])
        other.execute(change.format("text = NULL"), [5])
    assert await sqlite.all() == [
        Said(1, NOON, "Ada", "one", by_id=ada),
        Event(2, NOON + 1, "Ada", by_id=ada),
        Event(3, NOON + 2, "Ada", by_id=ada),
        Said(4, NOON + 3, "Ada", "four", reply_to=1, quote=Quote("Ada", "one", ada), by_id=ada),
        Event(5, NOON + 4, "Ada", by_id=ada),
    ]


async def test_events_are_counted_in_the_order_of_their_commits(
    sqlite: Talk, tmp_path: Path
) -> None:
    await sqlite.settle(said("a"), said("b", room=KITCHEN), said("c"))
    await sqlite.settle(said("d", room=KITCHEN))
    with another_program(tmp_path) as other:
        assert other.execute("SELECT id, text FROM events ORDER BY id").fetchall() == [
            (1, "a"),
            (2, "b"),
            (3, "c"),
            (4, "d"),
        ]


async def test_the_write_ahead_log_is_emptied_now_and_then(
    sqlite: Talk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wal, "DUE_PAGES", 20)
    monkeypatch.setattr(wal, "OVERDUE_PAGES", 40)
    for _ in range(200):
        await sqlite.say("x" * 1000)
    assert (tmp_path / f"{DATABASE}-wal").stat().st_size < 100 * 4096
    assert (tmp_path / DATABASE).stat().st_size > 200 * 1000


async def test_a_closed_log_leaves_one_file_and_its_lock(sqlite: Talk, tmp_path: Path) -> None:
    await sqlite.settle(*(said(str(number)) for number in range(100)))
    await sqlite.all()
    assert isinstance(sqlite.log, SqlLog)
    await sqlite.log.close()
    assert files(tmp_path) == {DATABASE, "hubbub.lock"}
    with pytest.raises(LogUnavailable):
        await sqlite.all()


async def test_a_log_may_be_closed_twice(sqlite: Talk) -> None:
    assert isinstance(sqlite.log, SqlLog)
    await sqlite.log.close()
    await sqlite.log.close()


async def test_a_disk_that_does_not_answer_holds_up_the_end_for_a_moment_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "CLOSE_SECONDS", 0.05)
    answer = threading.Event()
    log = await SqlLog.open(tmp_path, durability="process")
    talk = Talk(log)
    with at_commit(lambda connection: answer.wait()):
        talk.append(said("one"))
        with pytest.raises(TimeoutError):
            await log.close()
        with pytest.raises(FolderInUse):  # it may yet write
            await SqlLog.open(tmp_path)
        answer.set()
        await talk.all_settled()
    monkeypatch.setattr(logs, "CLOSE_SECONDS", PATIENCE_SECONDS)
    await log.close()


async def test_a_read_finds_its_place_by_the_index(sqlite: Talk, tmp_path: Path) -> None:
    """So that its cost does not grow with the room."""
    from hubbub.storage.reader import READ

    await sqlite.say("one")
    with another_program(tmp_path) as other:
        plan = other.execute(f"EXPLAIN QUERY PLAN {READ}", {"room": "x", "after": 1, "upto": 2})
        steps = [step[-1] for step in plan]
    assert steps[0].startswith("SEARCH events USING INDEX")
    assert "(room_id=? AND seq>? AND seq<?)" in steps[0]
    assert not any("SCAN" in step or "TEMP B-TREE" in step for step in steps)


async def test_amendments_are_found_by_their_index(sqlite: Talk, tmp_path: Path) -> None:
    """However many events the room has that amend nothing."""
    from hubbub.storage.reader import AMENDMENTS

    await sqlite.say("one")
    query = AMENDMENTS.params(room=1, seqs=[*range(500)]).compile(
        compile_kwargs={"literal_binds": True}
    )
    with another_program(tmp_path) as other:
        plan = other.execute(f"EXPLAIN QUERY PLAN {query}")
        steps = [step[-1] for step in plan]
    assert "USING INDEX ix_events_room_id_amends (room_id=? AND amends=?)" in steps[0]
    assert not any("SCAN" in step for step in steps)


async def test_a_loop_that_is_busy_with_telling_lets_entries_gather(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "MAX_BATCH_DELAY_SECONDS", 60)
    log = await SqlLog.open(tmp_path / "busy")
    groups: asyncio.Queue[int] = asyncio.Queue()

    def tell(settled: Sequence[Settled]) -> None:
        time.sleep(0.3)  # as long as some thousand members take
        groups.put_nowait(len(settled))

    log.listen(tell)
    log.append(said("one"))
    assert await groups.get() == 1
    log.append(said("two"))
    for _ in range(20):  # turns of the loop in which each would be a group of its own
        await asyncio.sleep(0.001)
    log.append(said("three"))
    assert await asyncio.wait_for(groups.get(), PATIENCE_SECONDS) == 2
    await log.close()


async def test_texts_beyond_a_moments_work_are_counted_but_not_looked_at_for_mentions(
    sqlite: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sqlite.settle(*(said(f"ada {number:0100}", BEN) for number in range(600)))
    (whole,) = await sqlite.log.count([Stretch(GENERAL.key, 0, 600)], IDS[ADA], "ada", 1000)
    assert whole == Unread(600, 600)
    monkeypatch.setattr(reader, "COUNT_CHARS", 1000)
    counts = await sqlite.log.count([Stretch(GENERAL.key, 0, 600)] * 2, IDS[ADA], "ada", 1000)
    assert counts == [Unread(600, 10)] * 2, "of each room"
    monkeypatch.setattr(reader, "COUNT_SECONDS", 0.0)
    first, *others = await sqlite.log.count(
        [Stretch(GENERAL.key, 0, 600)] * 3, IDS[ADA], "ada", 1000
    )
    assert first == Unread(600, 1)
    assert {one.texts for one in others} == {600}


async def test_a_user_stays_when_the_name_is_freed_and_is_known_by_the_last_name(
    sqlite: Talk, tmp_path: Path
) -> None:
    ada, line = IDS[ADA], user_id(7)
    await sqlite.settle(KeepGuest(Guest(ada, ADA, bytes(32))), joined(BEN, by_id=line))
    await sqlite.settle(KeepGuest(Guest(ada, EVE, bytes(32))), ForgetGuest(guest(ADA)))
    await sqlite.settle(ForgetGuest(Guest(ada, EVE, bytes(32))), left(BEN))
    with another_program(tmp_path) as other:
        assert other.execute("SELECT * FROM guests").fetchall() == []
        found = other.execute("SELECT id, name FROM users ORDER BY id").fetchall()
    assert found == [(7, "ben"), (number_of(ada), "eve")]


async def test_the_id_of_a_forgotten_room_is_not_given_again(sqlite: Talk, tmp_path: Path) -> None:
    for _ in range(3):
        await sqlite.settle(MakeRoom(KITCHEN), ForgetRoom(KITCHEN))
    await sqlite.settle(MakeRoom(KITCHEN), MakeRoom(GENERAL))
    with another_program(tmp_path) as other:
        found = other.execute("SELECT id, name FROM rooms ORDER BY id").fetchall()
    assert found[3:] == [(4, "Kitchen"), (5, "General")]


def registered(*also: Row) -> Draft:
    return Draft(DIRECTORY, Registered(0, NOON, ADA, by_id=IDS[ADA]), also=also)


def a_login(number: int) -> KeepDevice:
    name = f"device {number}"
    return KeepDevice(DeviceRecord(name, IDS[ADA], bytes(32), name, "::1", NOON, NOON + number))


async def test_what_goes_with_an_event_and_cannot_be_saved_refuses_it_and_no_other(
    sqlite: Talk,
) -> None:
    broken = KeepSecret(SecretKind.PASSWORD, IDS[ADA], "\ud800")
    entries = [said(str(number)) for number in range(20)]
    entries[7] = replace(said("with a secret"), also=(broken,))
    settled = await sqlite.settle(*entries)
    assert [number for number, outcome in enumerate(settled) if outcome.error] == [7]
    assert seqs(await sqlite.all()) == list(range(1, 20))


async def test_a_failed_commit_leaves_a_room_its_name(sqlite: Talk) -> None:
    await sqlite.settle(said("one", room=KITCHEN), said("one"), registered())
    parlour = RoomName.parse("Parlour")
    with at_commit(disk_error):
        refused = await sqlite.settle(
            NameRoom(KITCHEN, parlour), NameRoom(GENERAL, KITCHEN), a_login(1)
        )
    assert {type(outcome.error) for outcome in refused} == {LogUnavailable}
    after, elsewhere = await sqlite.settle(said("two", room=KITCHEN), said("two"))
    assert [one.event and one.event.seq for one in (after, elsewhere)] == [2, 2]
    assert sorted(room.name for room in await sqlite.log.rooms()) == [
        "/server",
        "General",
        "Kitchen",
    ]
    assert await sqlite.log.devices(IDS[ADA]) == []


async def test_a_refused_name_costs_no_other_entry_a_transaction(sqlite: Talk) -> None:
    await sqlite.settle(said("one"), said("one", room=KITCHEN))
    commits: list[WatchedConnection] = []
    with at_commit(commits.append):
        before, refused, after, last = await sqlite.settle(
            said("two"), NameRoom(KITCHEN, GENERAL), said("three"), said("two", room=KITCHEN)
        )
    assert type(refused.error) is NameTaken
    assert [one.event and one.event.seq for one in (before, after, last)] == [2, 3, 2]
    assert len(commits) == 1


async def test_a_burst_of_logins_is_few_statements(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements: list[str] = []

    class Traced(sqlite3.Connection):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self.set_trace_callback(statements.append)

    monkeypatch.setattr(sqlite3.dbapi2, "connect", partial(sqlite3.connect, factory=Traced))
    log = await SqlLog.open(tmp_path, durability="process")
    talk = Talk(log)
    await talk.settle(registered())
    statements.clear()
    await talk.settle(*(a_login(number) for number in range(512)))
    assert len(await log.devices(IDS[ADA])) == MAX_DEVICES
    written = [one for one in statements if one.startswith(("INSERT", "DELETE"))]
    assert len(written) <= 3 * (512 // 64)
    await log.close()


async def test_who_waits_for_what_was_saved_is_told_though_the_last_entry_is_refused(
    tmp_path: Path,
) -> None:
    log = await SqlLog.open(tmp_path, durability="process")
    told: list[int] = []
    log.watch(told.append)
    talk = Talk(log)
    await talk.settle(said("one"), said("one", room=KITCHEN))
    told.clear()
    text, refused = await talk.settle(said("two"), NameRoom(KITCHEN, GENERAL))
    assert (text.error, type(refused.error)) == (None, NameTaken)
    assert sum(told) >= 1
    told.clear()
    await talk.settle(NameRoom(KITCHEN, GENERAL))
    assert told == []
    await log.close()


async def test_a_secret_that_was_replaced_is_nowhere_in_the_file(
    sqlite: Talk, tmp_path: Path
) -> None:
    secret, login = KeepSecret(SecretKind.PASSWORD, IDS[ADA], "the old one"), a_login(1)
    await sqlite.settle(registered(secret, login), *(a_login(n) for n in range(2, 5)))
    await sqlite.settle(replace(secret, value="the new one"), ForgetDevices(IDS[ADA]))
    room = KeepSecret(SecretKind.ROOM, KITCHEN, "a word for the kitchen")
    await sqlite.settle(MakeRoom(KITCHEN), room)
    await sqlite.settle(ForgetRoom(KITCHEN))
    assert isinstance(sqlite.log, SqlLog)
    await sqlite.log.close()
    file = (tmp_path / DATABASE).read_bytes()
    assert b"the new one" in file
    assert b"the old one" not in file
    assert b"device 1" not in file
    assert b"a word for the kitchen" not in file


async def test_markers_and_devices_of_one_user_are_found_by_an_index(
    sqlite: Talk, tmp_path: Path
) -> None:
    from hubbub.storage.reader import DEVICES, MARKERS_OF

    await sqlite.say("one")
    for query, index in (
        (DEVICES, "USING INDEX ix_devices_user_id (user_id=?)"),
        (MARKERS_OF, "sqlite_autoindex_markers_1 (user_id=?)"),
    ):
        sql = query.params(user=1).compile(compile_kwargs={"literal_binds": True})
        with another_program(tmp_path) as other:
            steps = [step[-1] for step in other.execute(f"EXPLAIN QUERY PLAN {sql}")]
        assert any(index in step for step in steps), steps
        assert not any("SCAN" in step for step in steps), steps


async def test_the_users_table_says_since_when_somebody_has_an_account(
    sqlite: Talk, tmp_path: Path
) -> None:
    async def registered_at(*drafts: Draft) -> object:
        await sqlite.settle(*drafts)
        with another_program(tmp_path) as other:
            return other.execute("SELECT registered FROM users").fetchall()

    account, later = registered(), NOON + 1
    ada = IDS[ADA]
    name = Draft(DIRECTORY, Renamed(0, later, ADA, EVE, by_id=ada))
    end = Draft(DIRECTORY, AccountClosed(0, later, EVE, by_id=ada))
    anew = Draft(DIRECTORY, Registered(0, later, EVE, by_id=ada))
    assert await registered_at(account) == [(NOON,)]
    assert await registered_at(name) == [(NOON,)]
    assert await registered_at(end, anew) == [(later,)]
    assert await registered_at(end) == [(None,)]
