"""The PostgreSQL that tests are given."""

from __future__ import annotations

import psycopg

from tests.postgres import QUICK, server


def test_each_test_has_an_empty_database_of_its_own(database: str) -> None:
    with psycopg.connect(database) as connection:
        tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        assert connection.execute(tables).fetchone() == (0,)
        connection.execute("CREATE TABLE mine (id int)")


def test_a_server_of_its_own_can_be_stopped_and_comes_back_where_it_was() -> None:
    with server(**QUICK) as own:
        with own.connect() as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        port = own.port
        own.stop()
        own.start(**QUICK)
        assert own.port == port
        with own.connect() as connection:
            assert connection.execute("SELECT number FROM kept").fetchone() == (7,)
