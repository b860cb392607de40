"""Expand, then contract: which tables of a newer version an older one can use, and says so."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, inspect

from hubbub.storage import upgrade as upgrades
from hubbub.storage.backup.pacing import Teller
from hubbub.storage.backup.stopping import Stop
from hubbub.storage.copying.errors import MoveRefused
from hubbub.storage.copying.migrating import migrate as move
from hubbub.storage.copying.sqlite import SqliteSide
from hubbub.storage.engine import references_unchecked, writing_engine
from hubbub.storage.errors import NewerDatabase
from hubbub.storage.log import DATABASE, SqlLog
from hubbub.storage.upgrade import COMPATIBLE_FROM, HEAD
from tests.storage.neighbour import CONTRACTS, EXPANDS, LATER, Become, become, make_migration
from tests.storage.talk import Talk, said, texts

__all__ = ["become"]

# An index of an expression is there for queries, and nothing is refused by it.
pytestmark = pytest.mark.filterwarnings("ignore:Skipped unsupported reflection")


async def talked(folder: Path, *words: str) -> list[str]:
    log = await SqlLog.open(folder)
    try:
        talk = Talk(log)
        await talk.settle(*(said(word) for word in words))
        return list(texts(await talk.all()))
    finally:
        await log.close()


async def test_an_older_version_goes_on_with_what_was_only_added(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, become: Become
) -> None:
    with monkeypatch.context():
        become(EXPANDS, HEAD)
        assert await talked(tmp_path, "by the newer one") == ["by the newer one"]
    monkeypatch.undo()
    upgrades.check(tmp_path / DATABASE)
    assert await talked(tmp_path, "by the older one") == ["by the newer one", "by the older one"]
    with closing(sqlite3.connect(tmp_path / DATABASE)) as connection:
        found = connection.execute("SELECT version_num FROM alembic_version").fetchall()
        assert found == [(LATER,)]
        assert connection.execute("SELECT name, colour FROM rooms").fetchall()


@pytest.mark.parametrize("oldest", [None, LATER])
async def test_an_older_version_refuses_what_it_cannot_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, become: Become, oldest: str | None
) -> None:
    become(CONTRACTS, oldest)
    await (await SqlLog.open(tmp_path)).close()
    monkeypatch.undo()
    with pytest.raises(NewerDatabase, match=f"its schema is {LATER}, this version knows up to"):
        upgrades.check(tmp_path / DATABASE)
    with pytest.raises(NewerDatabase):
        await SqlLog.open(tmp_path)


async def test_a_later_migration_that_breaks_it_ends_what_an_earlier_one_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, become: Become
) -> None:
    await (await SqlLog.open(tmp_path)).close()
    with closing(sqlite3.connect(tmp_path / DATABASE)) as connection, connection:
        connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (COMPATIBLE_FROM, HEAD))
    become(CONTRACTS)
    await (await SqlLog.open(tmp_path)).close()
    with closing(sqlite3.connect(tmp_path / DATABASE)) as connection:
        found = connection.execute("SELECT 1 FROM meta WHERE key = ?", (COMPATIBLE_FROM,))
        assert found.fetchall() == []


async def test_an_older_version_moves_nothing_that_it_does_not_know_all_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, become: Become
) -> None:
    become(EXPANDS, HEAD)
    await (await SqlLog.open(tmp_path / "one")).close()
    monkeypatch.undo()
    one, other = (SqliteSide(tmp_path / name, new=True) for name in ("one", "other"))
    refused = pytest.raises(MoveRefused, match="Move it with the newer version")
    with closing(one), closing(other), refused:
        move(one, other, Stop(), Teller(None))


Shape = dict[str, object]


def shape(engine: Engine) -> Shape:
    """What programs rely on: by table and name, columns, keys and what has to be unique."""
    found: Shape = {}
    told = ("constrained_columns", "column_names", "sqltext")
    look = inspect(engine)
    for table in look.get_table_names():
        if table == upgrades.VERSION_TABLE:
            continue
        found[table] = tuple(look.get_pk_constraint(table)["constrained_columns"])
        for column in look.get_columns(table):
            needed = not column["nullable"] and column["default"] is None
            found[f"{table}.{column['name']}"] = (str(column["type"]), column["nullable"], needed)
        for kind, those in (
            ("foreign key", look.get_foreign_keys(table)),
            ("unique", look.get_unique_constraints(table)),
            ("check", look.get_check_constraints(table)),
            ("unique index", [one for one in look.get_indexes(table) if one["unique"]]),
        ):
            for one in those:
                found[f"{table} {kind} {one['name']}"] = [str(one.get(what)) for what in told]
    return found


def what_breaks(before: Shape, after: Shape) -> list[str]:
    """Why programs that know the one could not use the other."""
    wrong = [f"{what} is gone or changed" for what in before if after.get(what) != before[what]]
    for what, found in after.items():
        table = what.partition(" ")[0].partition(".")[0]
        if what in before or table not in before:
            continue
        if " " in what:
            wrong.append(f"{what} may refuse their rows")
        elif isinstance(found, tuple) and found[-1]:
            wrong.append(f"{what} has to be filled")
    return wrong


def shapes(tmp_path: Path, *revisions: str) -> list[Shape]:
    """Those of the database at ``revisions``, one after the other."""
    engine = writing_engine(tmp_path / "shapes.db", "process")
    found = []
    try:
        for revision in revisions:
            with references_unchecked(engine) as connection:
                config = upgrades._config()
                config.attributes["connection"] = connection
                command.upgrade(config, revision)
            found.append(shape(engine))
        return found
    finally:
        engine.dispose()


def declared() -> list[tuple[str, str]]:
    """Each migration, and the oldest one whose programs are said to go on after it."""
    scripts = reversed(list(upgrades._scripts().walk_revisions()))
    return [
        (script.revision, getattr(script.module, COMPATIBLE_FROM, script.revision))
        for script in scripts
    ]


def test_a_migration_breaks_nothing_for_those_that_it_says_can_go_on(tmp_path: Path) -> None:
    found = declared()
    order = [revision for revision, _ in found]
    oldest = [since for _, since in found]
    assert oldest == sorted(oldest), "what one has broken, a later one cannot mend"
    by_revision = dict(zip(order, shapes(tmp_path, *order), strict=True))
    for revision, since in found:
        assert what_breaks(by_revision[since], by_revision[revision]) == [], revision


@pytest.mark.parametrize(
    "deeds, wrong",
    [
        (EXPANDS, []),
        ('op.create_index("ix_rooms_name", "rooms", ["name"])', []),
        (
            'op.add_column("rooms", sa.Column("hot", sa.Text, nullable=False, server_default=""))',
            [],
        ),
        (CONTRACTS, ["guests is gone or changed"]),
        ('op.execute("ALTER TABLE rooms DROP COLUMN head")', ["rooms.head is gone or changed"]),
        (
            'op.create_index("ix_names", "rooms", ["name"], unique=True)',
            ["rooms unique index ix_names may refuse their rows"],
        ),
        (
            'with op.batch_alter_table("guests") as it:\n'
            '        it.add_column(sa.Column("age", sa.Integer, nullable=False))',
            ["guests.age has to be filled"],
        ),
    ],
)
def test_that_test_knows_what_breaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deeds: str, wrong: list[str]
) -> None:
    make_migration(tmp_path / "migrations", deeds, HEAD)
    monkeypatch.setattr(upgrades, "MIGRATIONS", tmp_path / "migrations")
    assert what_breaks(*shapes(tmp_path, HEAD, LATER))[: len(wrong) or None] == wrong
