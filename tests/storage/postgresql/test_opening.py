"""A log in a PostgreSQL is made, upgraded and refused as one in a folder."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from hubbub.storage import upgrade as upgrades
from hubbub.storage.errors import DatabaseUnusable, FolderInUse, NewerDatabase, NotADatabase
from hubbub.storage.postgresql.address import Address
from hubbub.storage.postgresql.log import PostgresLog, check
from hubbub.storage.schema import metadata
from hubbub.storage.upgrade import HEAD, MIGRATIONS
from tests.postgres import Server
from tests.storage.programs import ENVIRONMENT
from tests.storage.talk import Talk, joined, said, texts


async def test_what_was_said_is_there_when_it_is_opened_again(database: str) -> None:
    ids = []
    for number in range(2):
        log = await PostgresLog.open(database)
        talk = Talk(log)
        await talk.settle(joined(), said(f"text {number}"))
        assert texts(await talk.all()) == ["text 0", "text 1"][: number + 1]
        ids.append(log.id)
        await log.close()
    assert ids[0] == ids[1]


async def test_the_migrations_make_the_schema(database: str) -> None:
    await (await PostgresLog.open(database)).close()
    engine = Address(database).engine()
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_server_default": True, "include_object": is_on_both}
        )
        assert compare_metadata(context, metadata) == []
        collated = connection.exec_driver_sql(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE collation_name = 'C' AND table_schema = 'public'"
        )
        found = sorted(tuple(row) for row in collated)
    assert found == sorted(
        (table.name, column.name)
        for table in metadata.sorted_tables
        for column in table.c
        if getattr(column.type.dialect_impl(engine.dialect), "collation", None) == "C"
    )


def is_on_both(item: object, name: str | None, *_: object) -> bool:
    """Whether it is not one of what only PostgreSQL has, for searches.

    Nor the index of an expression, which PostgreSQL tells in words of its own.
    """
    return name not in ("terms", "ix_events_terms", "ix_events_day", "ix_events_reply_to")


def test_several_servers_may_make_it_at_once(database: str) -> None:
    program = (
        "import asyncio, sys\n"
        "from hubbub.storage.postgresql.log import PostgresLog\n"
        "async def main():\n"
        "    log = await PostgresLog.open(sys.argv[1])\n"
        "    print(log.id)\n"
        "    await log.close()\n"
        "asyncio.run(main())\n"
    )
    command = [sys.executable, "-c", program, database]
    started = [
        subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    told = {one.communicate()[0] for one in started}
    assert [one.returncode for one in started] == [0, 0, 0]
    assert len(told) == 1


async def test_a_newer_database_and_one_of_another_program_are_refused(database: str) -> None:
    with closing(psycopg.connect(database, autocommit=True)) as connection:
        connection.execute("CREATE TABLE mine (id int)")
        with pytest.raises(NotADatabase, match="another program"):
            await PostgresLog.open(database)
        connection.execute("DROP TABLE mine")
        await (await PostgresLog.open(database)).close()
        check(database)
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.execute("UPDATE meta SET value = '9999' WHERE key = 'compatible_from'")
    with pytest.raises(NewerDatabase, match=r"newer Hubbub .*9999.*newer version"):
        await PostgresLog.open(database)
    with pytest.raises(NewerDatabase):
        check(database)


async def test_a_migration_that_fails_leaves_nothing(
    database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "versions").mkdir()
    (tmp_path / "env.py").write_text((MIGRATIONS / "env.py").read_text())
    (tmp_path / "versions" / "broken.py").write_text(
        "from alembic import op\n"
        f"revision, down_revision = '{HEAD}', None\n"
        "def upgrade() -> None:\n"
        "    op.execute('CREATE TABLE half (id INTEGER)')\n"
        "    raise ZeroDivisionError\n"
    )
    with monkeypatch.context() as patch:
        patch.setattr(upgrades, "MIGRATIONS", tmp_path)
        with pytest.raises(ZeroDivisionError):
            await PostgresLog.open(database)
    with closing(psycopg.connect(database)) as connection:
        found = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        assert found.fetchone() == (0,)
    await (await PostgresLog.open(database)).close()


@pytest.mark.parametrize(
    "change, words",
    [
        (("postgres:", "stranger:"), r"cannot be used: .*authentication failed"),
        (("/test_", "/none_"), r"cannot be used: .*does not exist"),
        (("127.0.0.1:", "127.0.0.1:1,127.0.0.1:2,127.0.0.1:"), r"cannot be used: .*"),
        (("/test_", "?sslmode=maybe&x="), r"no address of a PostgreSQL"),
    ],
)
async def test_who_cannot_be_reached_is_told_without_the_password(
    postgresql: Server, database: str, change: tuple[str, str], words: str
) -> None:
    url = database.replace(*change).replace(
        postgresql.password, "wrong" if "stranger" in change[1] else postgresql.password
    )
    if "1:1," in url:
        url = url.rsplit(":", 1)[0] + ":3/none"
    with pytest.raises(DatabaseUnusable, match=words) as refused:
        await PostgresLog.open(url)
    assert postgresql.password not in str(refused.value)
    assert "\n" not in str(refused.value)


async def test_other_letters_than_all_are_refused(postgresql: Server) -> None:
    with postgresql.connect() as connection:
        connection.execute(
            "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
        )
        try:
            with pytest.raises(DatabaseUnusable, match="CREATE DATABASE"):
                await PostgresLog.open(postgresql.url("latin"))
        finally:
            connection.execute("DROP DATABASE latin WITH (FORCE)")


async def test_the_first_of_several_hosts_that_answers_is_taken(database: str) -> None:
    before, behind = database.split("@")
    log = await PostgresLog.open(f"{before}@127.0.0.1:1,{behind}")
    assert (await Talk(log).say("hi")).error is None
    await log.close()


async def test_a_data_folder_is_one_server_s(database: str, tmp_path: Path) -> None:
    log = await PostgresLog.open(database, tmp_path)
    with pytest.raises(FolderInUse):
        await PostgresLog.open(database, tmp_path)
    other = await PostgresLog.open(database, tmp_path / "other")
    await other.close()
    await log.close()
    await (await PostgresLog.open(database, tmp_path)).close()


async def test_a_database_that_may_lose_what_it_has_acknowledged_is_warned_of(
    database: str, caplog: pytest.LogCaptureFixture
) -> None:
    await (await PostgresLog.open(database)).close()
    assert "fsync" in caplog.text
    caplog.clear()
    await (await PostgresLog.open(database, durability="process")).close()
    assert "fsync" not in caplog.text


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:hu%zzsh@h/db",
        "postgresql://u:hu%00sh@h/db",
        "postgresql://u:hu sh@h/db",
        "postgresql://u:hu/sh@h/db",
        "postgresql://u:hu?sh@h/db",
        "postgresql://u:hu@sh@h/db",
        "postgresql://u:hu/sh@h1,h2:99/db?sslmode=require",
        "postgresql://u@h/db?password=hu%zzsh",
        "postgresql://u@h/db?password=hu&sh=1",
        "postgresql://u@h/db?password=hu@sh",
    ],
)
def test_an_address_that_cannot_be_read_tells_nothing_of_the_password(url: str) -> None:
    with pytest.raises(DatabaseUnusable) as refused:
        Address(url)
    assert "hu" not in str(refused.value).partition(". ")[0]
    assert "sh" not in str(refused.value).partition(". ")[0].replace("such", "")
    assert "%2F" in str(refused.value)


def test_what_is_wrong_in_an_address_without_a_password_is_told() -> None:
    with pytest.raises(DatabaseUnusable, match="sslmod"):
        Address("postgresql://u@h/db?sslmod=require")
    Address("postgresql://u:hu%2Fsh%40%3F@h1:1,h2/db?passfile=/x%40y&sslmode=verify-full")


async def test_a_schema_that_comes_later_hides_nothing(database: str) -> None:
    """By default one that is called like the user is looked into first."""
    log = await PostgresLog.open(database)
    talk = Talk(log)
    await talk.settle(said("before", nonce="1"))
    with closing(psycopg.connect(database, autocommit=True)) as other:
        other.execute("CREATE SCHEMA postgres")
        other.execute("CREATE TABLE postgres.rooms (LIKE public.rooms INCLUDING ALL)")
        other.execute("CREATE TABLE postgres.events (LIKE public.events INCLUDING ALL)")
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
    await talk.settle(said("behind", nonce="2"))
    assert texts(await talk.all()) == ["before", "behind"]
    again = await PostgresLog.open(database)
    assert again.id == log.id
    assert texts(await Talk(again).all()) == ["before", "behind"]
    await again.close()
    await log.close()


async def test_a_pooler_of_transactions_is_refused_in_words(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All connections to it may come to the same session of the database, one after another."""
    with Address(database).connect() as shared:

        class Pooled:
            """One of them; the session behind it stays when it is closed."""

            def __getattr__(self, name: str) -> object:
                return getattr(shared, name)

            def __enter__(self) -> Pooled:
                return self

            def __exit__(self, *exc: object) -> None: ...

            def close(self) -> None: ...

        monkeypatch.setattr(Address, "connect", lambda *_, **__: Pooled())
        with pytest.raises(DatabaseUnusable, match="pool_mode = session"):
            await PostgresLog.open(database)


async def test_what_is_set_for_the_database_does_not_cut_off_a_server(database: str) -> None:
    with closing(psycopg.connect(database, autocommit=True)) as other:
        for setting in (
            "idle_session_timeout = '60s'",
            "array_nulls = off",
            "lock_timeout = '1ms'",
            "default_transaction_isolation = 'serializable'",
            "timezone = 'Asia/Kolkata'",
            "datestyle = 'German'",
            "standard_conforming_strings = off",
            "bytea_output = 'escape'",
            "transform_null_equals = on",
        ):
            name = other.info.dbname
            other.execute(f"ALTER DATABASE {name} SET {setting}".encode())
    log = await PostgresLog.open(database)
    talk = Talk(log)
    await talk.settle(said("one \\ ' 漢字", nonce="1"))
    assert texts(await talk.all()) == ["one \\ ' 漢字"]
    with closing(Address(database).connect()) as one:
        found = one.execute(
            "SELECT current_setting('idle_session_timeout'), current_setting('lock_timeout')"
        )
        assert found.fetchone() == ("0", "0")
    await log.close()
