"""Brings a database to the schema of this version, and refuses what is not ours."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from hubbub.storage.engine import reading_engine, references_unchecked
from hubbub.storage.errors import NewerDatabase, NotADatabase, opening_error

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0009"
"""The newest migration. Kept by hand, so that a usual start need not load Alembic."""

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "alembic_version"


def upgrade(engine: Engine, path: Path) -> None:
    """Makes or upgrades the tables of the database in ``path``, all or nothing.

    Raises `NewerDatabase` or `NotADatabase`.
    """
    with engine.begin() as connection:
        found = revision(connection, path)
    if found != HEAD:
        with references_unchecked(engine) as connection:
            migrate(connection, found, path)


def check(path: Path) -> None:
    """Looks whether this version could open the database in ``path``, while another server has it.

    Raises `NewerDatabase` or `NotADatabase`, and whatever `opening_error` makes of other errors.
    """
    if not path.exists():
        return
    engine = reading_engine(path, 1)
    try:
        with engine.connect() as connection:
            found = revision(connection, path)
        refuse_newer(found, path)
    except DBAPIError as error:
        raise opening_error(error, path) from error
    finally:
        engine.dispose()


def revision(connection: Connection, where: object) -> str | None:
    """The migration at which the database is; None if it is empty."""
    tables = inspect(connection).get_table_names()
    if not tables:
        return None
    if VERSION_TABLE not in tables:
        raise NotADatabase(
            f"{where} is the database of another program. Choose another one for Hubbub."
        )
    return connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608


def migrate(connection: Connection, found: str | None, where: object) -> None:
    """Brings the database from that revision to `HEAD`. Raises `NewerDatabase`."""
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    refuse_newer(found, where)
    command.upgrade(config, HEAD)


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def refuse_newer(found: str | None, where: object) -> None:
    """Raises `NewerDatabase` if a database at that revision, of one that is not empty, is newer."""
    if found in (None, HEAD):
        return
    from alembic.script import ScriptDirectory

    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if found not in known:
        raise NewerDatabase(
            f"The database {where} was written by a newer Hubbub (its schema is {found}, this "
            f"version knows up to {HEAD}). Start the newer version, or restore an older backup."
        )
