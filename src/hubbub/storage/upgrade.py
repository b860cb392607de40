"""Brings a database to the schema of this version, and refuses what is not ours."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from hubbub.storage.engine import references_unchecked
from hubbub.storage.errors import NewerDatabase, NotADatabase

HEAD = "0008"
"""The newest migration. Kept by hand, so that a usual start need not load Alembic."""

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "alembic_version"


def upgrade(engine: Engine, path: Path) -> None:
    """Makes or upgrades the tables of the database in ``path``, all or nothing.

    Raises `NewerDatabase` or `NotADatabase`.
    """
    with engine.begin() as connection:
        found = _revision(connection, path)
    if found != HEAD:
        with references_unchecked(engine) as connection:
            _migrate(connection, found, path)


def _revision(connection: Connection, path: Path) -> str | None:
    """The migration at which the database is; None if it is empty."""
    tables = inspect(connection).get_table_names()
    if not tables:
        return None
    if VERSION_TABLE not in tables:
        raise NotADatabase(
            f"{path} is the database of another program. Choose another data folder."
        )
    return connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608


def _migrate(connection: Connection, found: str | None, path: Path) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise NewerDatabase(
            f"The database {path} was written by a newer Hubbub (its schema is {found}, this "
            f"version knows up to {HEAD}). Start the newer version, or restore an older backup."
        )
    command.upgrade(config, HEAD)
