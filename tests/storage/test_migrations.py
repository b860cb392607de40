"""The migrations make what the schema says, and are loaded only when there is something to do."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from msgspec.structs import replace
from sqlalchemy import Engine

from hubbub.domain.directory import DIRECTORY
from hubbub.domain.events import (
    Joined,
    Kicked,
    Left,
    ProfileSet,
    Quote,
    Registered,
    Said,
    TopicSet,
)
from hubbub.domain.ids import user_id
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.rules import Profile, Status
from hubbub.domain.state import Member, RoomFacts, RoomSummary
from hubbub.hub.ports import (
    Draft,
    ForgetGuest,
    Guest,
    KeepMarkers,
    KeepSecret,
    Marker,
    MemberRecord,
    RoomRecord,
    SecretKind,
)
from hubbub.storage import upgrade as upgrades
from hubbub.storage.engine import writing_engine
from hubbub.storage.log import DATABASE, SqlLog
from hubbub.storage.schema import metadata
from hubbub.storage.upgrade import HEAD, MIGRATIONS, upgrade
from tests.storage.programs import ENVIRONMENT
from tests.storage.talk import (
    ADA,
    BEN,
    EVE,
    GENERAL,
    IDS,
    KITCHEN,
    NOON,
    SPOKEN,
    Talk,
    guest,
    said,
)

RELEASED = Path(__file__).parent / "released"
"""Databases that released versions have written, by their schemas."""


def shape(engine: Engine) -> dict[str, list[str]]:
    """Each table and index as SQLite has it, whatever the order of its lines."""
    query = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"
    with engine.connect() as connection:
        found = connection.exec_driver_sql(query).all()
    # A table that was renamed has its name in quotes; a column that was added, no line of its own.
    return {
        name: sorted(
            line.strip(" ,\t").replace(f'"{name}"', name)
            for line in re.split(r"\n|, (?=[a-z]+ [A-Z])", sql)
        )
        for name, sql in found
    }


def test_the_constant_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


# `shape` compares indexes of expressions.
@pytest.mark.filterwarnings("ignore:.*expression-based index")
def test_the_migrations_make_the_schema(tmp_path: Path) -> None:
    migrated = writing_engine(tmp_path / "migrated.db", "process")
    upgrade(migrated, tmp_path)
    made = writing_engine(tmp_path / "made.db", "process")
    with made.begin() as connection:
        metadata.create_all(connection)
    with migrated.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    expected = shape(made)
    found = shape(migrated)
    del found["alembic_version"]
    assert found == expected
    migrated.dispose()
    made.dispose()


def test_a_migration_that_fails_leaves_the_database_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "versions").mkdir()
    (tmp_path / "env.py").write_text((MIGRATIONS / "env.py").read_text())
    (tmp_path / "versions" / "broken.py").write_text(
        "from alembic import op\n"
        f"revision, down_revision = '{HEAD}', None\n"
        "def upgrade() -> None:\n"
        "    op.execute('CREATE TABLE half (id INTEGER)')\n"
        "    op.execute('INSERT INTO half VALUES (1)')\n"
        "    raise ZeroDivisionError\n"
    )
    engine = writing_engine(tmp_path / "test.db", "process")
    with monkeypatch.context() as patch:
        patch.setattr(upgrades, "MIGRATIONS", tmp_path)
        with pytest.raises(ZeroDivisionError):
            upgrade(engine, tmp_path)
    assert shape(engine) == {}
    upgrade(engine, tmp_path)
    assert "events" in shape(engine)
    engine.dispose()


def test_a_usual_start_does_not_load_what_it_does_not_need(tmp_path: Path) -> None:
    program = (
        "import asyncio, sys, pathlib\n"
        "from hubbub.storage.log import SqlLog\n"
        "async def main():\n"
        "    log = await SqlLog.open(pathlib.Path(sys.argv[1]))\n"
        "    await log.close()\n"
        "asyncio.run(main())\n"
        "sys.exit(not {'alembic', 'sqlalchemy.dialects.postgresql'}.isdisjoint(sys.modules))\n"
    )
    first, second = (
        subprocess.run(
            [sys.executable, "-c", program, tmp_path], env=ENVIRONMENT, check=False
        ).returncode
        for _ in range(2)
    )
    assert (first, second) == (1, 0)


async def test_a_log_of_the_first_schema_is_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the first version left it, with people in it; and the same after one more start."""
    with monkeypatch.context() as patch:
        patch.setattr(upgrades, "HEAD", "0001")
        engine = writing_engine(tmp_path / DATABASE, "process")
        upgrade(engine, tmp_path)
    with engine.begin() as connection:
        for statement in (
            "INSERT INTO rooms VALUES (1, 'general', 'General', 2, 7)",
            "INSERT INTO events VALUES (1, 1, 1, 5, 'joined', 9, 'Ada', NULL, NULL, NULL)",
            "INSERT INTO events VALUES (2, 1, 2, 7, 'said', 9, 'Ada', 'hi', NULL, 'n')",
            "INSERT INTO members VALUES (1, 'ada', 'Ada', 9)",
            "INSERT INTO guests VALUES (9, 'ada', 'Ada', x'00')",
        ):
            connection.exec_driver_sql(statement)
    engine.dispose()
    ids = set()
    for markers in ([], [Marker(user_id(9), GENERAL, 2)]):
        log = await SqlLog.open(tmp_path)
        talk = Talk(log)
        ids.add(log.id)
        assert await log.read("general", 0, 9) == [
            Joined(1, 5, "Ada", by_id=user_id(9)),
            Said(2, 7, "Ada", "hi", by_id=user_id(9)),
        ]
        assert [one.name for one in await log.guests()] == [ADA]
        assert await log.markers() == markers
        assert [replace(one, id=None) for one in await log.rooms()] == [
            RoomRecord(GENERAL, RoomSummary(2, 7, SPOKEN))
        ]
        await talk.settle(KeepMarkers((Marker(user_id(9), GENERAL, 2),)))
        await log.close()
    assert len(ids) == 1


async def test_users_come_out_of_what_guests_have_said_and_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ada's name was freed and is another guest's; ben has no token."""
    with monkeypatch.context() as patch:
        patch.setattr(upgrades, "HEAD", "0003")
        engine = writing_engine(tmp_path / DATABASE, "process")
        upgrade(engine, tmp_path)
    largest = 2**63 - 1
    with engine.begin() as connection:
        for statement in (
            "INSERT INTO rooms VALUES (1, 'general', 'General')",
            "INSERT INTO events VALUES (1, 1, 1, 5, 'joined', 9, 'Ada', NULL, NULL, NULL)",
            "INSERT INTO events VALUES (2, 1, 2, 6, 'said', 9, 'Ada', 'hi', NULL, 'n')",
            "INSERT INTO events VALUES (3, 1, 3, 7, 'left', 9, 'Ada', NULL, NULL, NULL)",
            "INSERT INTO events VALUES (4, 1, 4, 8, 'joined', NULL, 'ben', NULL, NULL, NULL)",
            f"INSERT INTO events VALUES (5, 1, 5, 9, 'joined', {largest}, 'ADA', NULL, NULL, NULL)",
            "INSERT INTO members VALUES (1, 'ben', 'ben', NULL)",
            f"INSERT INTO members VALUES (1, 'ada', 'ADA', {largest})",
            f"INSERT INTO guests VALUES ({largest}, 'ada', 'ADA', x'00')",
            "INSERT INTO guests VALUES (3, 'eve', 'eve', x'01')",
            f"INSERT INTO markers VALUES ({largest}, 1, 4)",
        ):
            connection.exec_driver_sql(statement)
    engine.dispose()
    former, present = user_id(9), user_id(largest)
    log = await SqlLog.open(tmp_path)
    talk = Talk(log)
    events = await log.read("general", 0, 9)
    assert [event.by_id for event in events] == [former, former, former, None, present]
    assert await log.members() == [
        MemberRecord(GENERAL, Member(UserName.parse("ADA"), present, since=5)),
        MemberRecord(GENERAL, Member(BEN)),
    ]
    assert {(one.name.key, one.id) for one in await log.guests()} == {
        ("ada", present),
        ("eve", user_id(3)),
    }
    assert await log.markers() == [Marker(present, GENERAL, 4)]
    again = Draft(GENERAL, Said(0, 9, ADA, "hi", by_id=former), nonce="n")
    other = Draft(GENERAL, Said(0, 9, ADA, "hi", by_id=present), nonce="n")
    first, second = await talk.settle(again, other)
    assert (first.duplicate, second.duplicate) == (True, False)
    await log.close()
    engine = writing_engine(tmp_path / DATABASE, "process")
    with engine.begin() as connection:
        users = connection.exec_driver_sql("SELECT id, name FROM users ORDER BY id").all()
        assert users == [(3, "eve"), (9, "Ada"), (largest, "ADA")]
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    engine.dispose()


async def test_states_come_out_of_what_was_said_in_rooms_that_were_forgotten_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(upgrades, "HEAD", "0004")
        engine = writing_engine(tmp_path / DATABASE, "process")
        upgrade(engine, tmp_path)
    columns = "room_id, seq, at, kind, by, text"
    with engine.begin() as connection:
        for statement in (
            "INSERT INTO rooms VALUES (1, 'general', 'General'), (2, 'kitchen', 'Kitchen')",
            "INSERT INTO rooms VALUES (3, ' 3', 'Gone'), (4, 'empty', 'Empty')",
            f"INSERT INTO events ({columns}) VALUES (1, 1, 5, 'joined', 'Ada', NULL)",
            f"INSERT INTO events ({columns}) VALUES (1, 2, 6, 'said', 'Ada', 'hi')",
            f"INSERT INTO events ({columns}) VALUES (1, 3, 7, 'said', 'Ada', 'ho')",
            f"INSERT INTO events ({columns}) VALUES (2, 1, 8, 'joined', 'Ada', NULL)",
            f"INSERT INTO events ({columns}) VALUES (3, 1, 9, 'said', 'Ada', 'gone')",
        ):
            connection.exec_driver_sql(statement)
    engine.dispose()
    log = await SqlLog.open(tmp_path)
    talk = Talk(log)
    assert [replace(one, id=None) for one in await log.rooms()] == [
        RoomRecord(GENERAL, RoomSummary(3, 7, SPOKEN)),
        RoomRecord(KITCHEN, RoomSummary(1, 8)),
        RoomRecord(RoomName.parse("Empty"), RoomSummary()),
    ]
    await talk.settle(said("in the kitchen", room=KITCHEN))
    await log.close()
    engine = writing_engine(tmp_path / DATABASE, "process")
    with engine.begin() as connection:
        states = connection.exec_driver_sql("SELECT room_id, seq FROM room_state").all()
        assert sorted(states) == [(1, 2), (2, 2), (3, 1)]
        assert connection.exec_driver_sql("SELECT count(amends) FROM events").scalar() == 0
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    engine.dispose()


async def test_a_database_of_the_version_before_accounts_is_taken_over(tmp_path: Path) -> None:
    """Everyone's names, tokens, markers and texts are there, and a guest can register."""
    with gzip.open(RELEASED / "0005.db.gz") as released:
        (tmp_path / DATABASE).write_bytes(released.read())
    cafe, attic = RoomName.parse("Café-Zürich"), RoomName.parse("Attic")
    zoe, li, benny = (UserName.parse(name) for name in ("Zoë", "李雷", "Benny"))
    ids = {
        ADA: user_id(1 << 40),
        benny: user_id((1 << 62) - 1),
        zoe: user_id(77),
        li: user_id(1_234_567_890_123),
    }
    ada, ben, eve = ids[ADA], ids[benny], user_id(3)
    noon = 1_690_711_200_000
    log = await SqlLog.open(tmp_path)
    assert log.id == "82b2f9057a7b4a1ba71035f263187fec"
    assert [replace(one, id=None) for one in await log.rooms()] == [
        RoomRecord(
            GENERAL,
            RoomSummary(13, noon + 24_000, RoomFacts(silent=False, topic="Tea, and Größeres")),
        ),
        RoomRecord(KITCHEN, RoomSummary(4, noon + 11_000, SPOKEN)),
        RoomRecord(cafe, RoomSummary(4, noon + 15_000, SPOKEN)),
        RoomRecord(attic, RoomSummary()),
    ]
    assert await log.members() == [
        MemberRecord(GENERAL, Member(ADA, ada, since=1)),
        MemberRecord(GENERAL, Member(benny, ben, since=3)),
        MemberRecord(GENERAL, Member(zoe, ids[zoe], since=6)),
        MemberRecord(KITCHEN, Member(UserName.parse("Old"))),
        MemberRecord(KITCHEN, Member(li, ids[li], since=1)),
        MemberRecord(cafe, Member(zoe, ids[zoe], since=1)),
    ]
    tokens = {ADA: 1, benny: 5, zoe: 3, li: 4}
    guests = [Guest(ids[name], name, bytes([token]) * 32) for name, token in tokens.items()]
    assert await log.guests() == guests
    markers = [(ada, GENERAL, 4), (ben, GENERAL, 9), (ids[zoe], cafe, 2), (ids[li], KITCHEN, 1)]
    found = [(one.user, one.room, one.seq) for one in await log.markers()]
    assert sorted(found) == sorted(markers)
    at = iter(range(noon + 1000, noon + 8000, 1000))
    assert await log.read(GENERAL.key, 0, 13) == [
        Joined(1, next(at), "Ada", by_id=ada),
        Said(2, next(at), "Ada", "hello", by_id=ada),
        Joined(3, next(at), "ben", by_id=ben),
        Said(4, next(at), "ben", "hi Ada", 2, Quote("Ada", "hello", ada), by_id=ben),
        TopicSet(5, next(at), "Ada", "Tea, and Größeres", by_id=ada),
        Joined(6, next(at), "Zoë", by_id=ids[zoe]),
        Said(7, next(at), "Zoë", "Grüße, 世界, 👩‍👩‍👧‍👦\nzweite Zeile", by_id=ids[zoe]),
        Joined(8, noon + 19_000, "Benny", "ben", by_id=ben),
        Left(9, noon + 20_000, "ben", "Benny", by_id=ben),
        Said(10, noon + 21_000, "Benny", "I was ben", by_id=ben),
        Joined(11, noon + 22_000, "eve", by_id=eve),
        Said(12, noon + 23_000, "eve", "bye", by_id=eve),
        Left(13, noon + 24_000, "eve", by_id=eve),
    ]
    assert await log.read(KITCHEN.key, 1, 4) == [
        Said(2, noon + 9000, "李雷", "有人吗？", by_id=ids[li]),
        Joined(3, noon + 10_000, "Old"),
        Said(4, noon + 11_000, "Old", "without an id"),
    ]
    assert await log.read(cafe.key, 1, 4) == [
        Said(2, noon + 13_000, "Zoë", "un café", by_id=ids[zoe]),
        Joined(3, noon + 14_000, "李雷", by_id=ids[li]),
        Kicked(4, noon + 15_000, "Zoë", "李雷", ids[li], "too loud", by_id=ids[zoe]),
    ]
    assert await log.read("cellar", 0, 9) == []
    talk = Talk(log)
    again, cellar, account = await talk.settle(
        Draft(GENERAL, Said(0, noon, "Ada", "hello", by_id=ada), nonce="n1"),
        Draft(RoomName.parse("Cellar"), Said(0, noon, "eve", "hi", by_id=eve), nonce="n4"),
        Draft(
            DIRECTORY,
            Registered(0, noon, "Ada", by_id=ada),
            also=(KeepSecret(SecretKind.PASSWORD, ada, "hash"), ForgetGuest(guests[0])),
        ),
    )
    assert (again.duplicate, again.event and again.event.seq) == (True, 2)
    assert (cellar.duplicate, cellar.event and cellar.event.seq) == (False, 1)
    assert account.error is None
    assert await log.guests() == guests[1:]
    assert await log.markers(ada) == [Marker(ada, GENERAL, 4)]
    await log.close()
    engine = writing_engine(tmp_path / DATABASE, "process")
    with engine.begin() as connection:
        users = connection.exec_driver_sql("SELECT name, registered FROM users ORDER BY name").all()
        assert users == [
            ("Ada", noon),
            ("Benny", None),
            ("Zoë", None),
            ("eve", None),
            ("李雷", None),
        ]
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    engine.dispose()


async def test_members_of_the_version_before_profiles_are_so_since_they_came(
    tmp_path: Path,
) -> None:
    """Who was renamed since the first time, and who is in a conversation since it began."""
    with gzip.open(RELEASED / "0006.db.gz") as released:
        (tmp_path / DATABASE).write_bytes(released.read())
    attic, conversation = RoomName.parse("Attic"), RoomName.parse("Talk")
    countess = UserName.parse("Countess")
    ada, ben, eve = (IDS[name] for name in (ADA, BEN, EVE))
    log = await SqlLog.open(tmp_path)
    assert log.id == "45150cba24564739bbe8301e10056912"
    assert await log.members() == [
        MemberRecord(DIRECTORY, Member(ADA, ada, 1, Profile(NOON + 1000))),
        MemberRecord(DIRECTORY, Member(countess, ben, 2, Profile(NOON + 2000))),
        MemberRecord(GENERAL, Member(ADA, ada, since=1)),
        MemberRecord(GENERAL, Member(countess, ben, since=7)),
        MemberRecord(GENERAL, Member(EVE, eve, since=6)),
        MemberRecord(attic, Member(ADA, ada, since=1)),
        MemberRecord(attic, Member(countess, ben, since=5)),
        MemberRecord(conversation, Member(ADA, ada, since=1)),
        MemberRecord(conversation, Member(BEN, ben, since=1)),
    ]
    assert await log.secret(SecretKind.PASSWORD, ben) == "hash of ben"
    assert [device.id for device in await log.devices(ada)] == ["d1"]
    assert await log.guests() == [guest(EVE)]
    assert await log.markers(ben) == [Marker(ben, attic, 3)]
    profile = Profile(about="hi", status=Status.AWAY)
    talk = Talk(log)
    await talk.settle(
        Draft(DIRECTORY, ProfileSet(0, NOON, "Countess", profile, by_id=ben)),
        Draft(GENERAL, Joined(0, NOON, "Countess", by_id=ben)),
        Draft(attic, Said(0, NOON, "Ada", "more", by_id=ada)),
    )
    await log.close()
    log = await SqlLog.open(tmp_path)
    found = {(one.room, one.member.name.key): one.member for one in await log.members()}
    said = Profile(NOON + 2000, "hi", Status.AWAY)
    assert found[DIRECTORY, "countess"] == Member(countess, ben, 2, said)
    assert found[GENERAL, "countess"].since == 7
    await log.close()


async def test_a_database_of_the_version_before_nodes_is_taken_over(tmp_path: Path) -> None:
    with gzip.open(RELEASED / "0008.db.gz") as released:
        (tmp_path / DATABASE).write_bytes(released.read())
    ada, ben, eve = (IDS[name] for name in (ADA, BEN, EVE))
    vault = RoomName.parse("Vault")
    log = await SqlLog.open(tmp_path)
    assert log.id == "45150cba24564739bbe8301e10056912"
    assert [(str(one.name), one.state.head) for one in await log.rooms()] == [
        ("/server", 6),
        ("General", 12),
        ("Attic", 8),
        ("Talk", 2),
        ("Vault", 3),
        ("Empty", 0),
    ]
    assert await log.identity("https://sign.on", "4711") == ada
    assert await log.secret(SecretKind.PASSWORD, ben) == "hash of ben"
    assert await log.markers(eve) == [Marker(eve, GENERAL, 7), Marker(eve, vault, 2)]
    talk = Talk(log)
    again, more = await talk.settle(
        Draft(GENERAL, Said(0, NOON, "Ada", "with a nonce", by_id=ada), nonce="n8"),
        Draft(vault, Said(0, NOON, "eve", "more", by_id=eve)),
    )
    assert (again.duplicate, again.event and again.event.seq) == (True, 10)
    assert more.event is not None
    assert more.event.seq == 4
    await log.close()
    engine = writing_engine(tmp_path / DATABASE, "process")
    with engine.begin() as connection:
        heads = connection.exec_driver_sql("SELECT DISTINCT head FROM rooms").scalars().all()
        assert heads == [0], "the newest event tells"
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    engine.dispose()
