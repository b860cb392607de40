"""Brings a database to the schema of this version, and refuses what is not ours."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from hubbub.storage.engine import reading_engine, references_unchecked
from hubbub.storage.errors import NewerDatabase, NotADatabase, opening_error

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

HEAD = "0012"
"""The newest migration. Kept by hand, so that a usual start need not load Alembic."""

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "alembic_version"

COMPATIBLE_FROM = "compatible_from"
"""In ``meta``: the oldest revision whose programs can use the tables as they are now. Not there if
only those can that know all migrations. In a migration's module, a constant of the same name says
how far back the tables can be used that it leaves.
"""

_PUT_COMPATIBLE = text(
    "INSERT INTO meta (key, value) VALUES (:key, :value)"
    " ON CONFLICT (key) DO UPDATE SET value = excluded.value"
)
_DROP_COMPATIBLE = text("DELETE FROM meta WHERE key = :key")
_FIND_COMPATIBLE = text("SELECT value FROM meta WHERE key = :key")

_logger = logging.getLogger(__name__)


def upgrade(engine: Engine, path: Path) -> None:
    """Makes or upgrades the tables of the database in ``path``, all or nothing.

    Tables of a newer version that this one can use stay as they are. Raises `NewerDatabase` or
    `NotADatabase`.
    """
    with engine.begin() as connection:
        outdated = is_outdated(connection, path)
    if outdated:
        with references_unchecked(engine) as connection:
            migrate(connection)


def check(path: Path) -> None:
    """Looks whether this version could open the database in ``path``, while another server has it.

    Raises `NewerDatabase` or `NotADatabase`, and whatever `opening_error` makes of other errors.
    """
    if not path.exists():
        return
    engine = reading_engine(path, 1)
    try:
        with engine.connect() as connection:
            is_outdated(connection, path)
    except DBAPIError as error:
        raise opening_error(error, path) from error
    finally:
        engine.dispose()


def is_outdated(connection: Connection, where: object) -> bool:
    """Whether the database is to be brought to `HEAD`.

    It is not if a newer version has changed it so that this one can use it. Raises `NewerDatabase`
    if it cannot, and `NotADatabase`.
    """
    found = revision(connection, where)
    if found == HEAD:
        return False
    if found is None or found in {one.revision for one in _scripts().walk_revisions()}:
        return True
    if not can_use(found, connection.execute(_FIND_COMPATIBLE, {"key": COMPATIBLE_FROM}).scalar()):
        raise NewerDatabase(
            f"The database {where} was written by a newer Hubbub (its schema is {found}, this "
            f"version knows up to {HEAD}). Start the newer version, or restore an older backup."
        )
    _logger.info(
        "The database %s was changed by a newer Hubbub (its schema is %s); this version can use it",
        where,
        found,
    )
    return False


def can_use(found: str, compatible_from: str | None) -> bool:
    """Whether this version can use tables at revision ``found``, which are not older than it.

    ``compatible_from``: what ``meta`` says, see `COMPATIBLE_FROM`.
    """
    return found == HEAD or (compatible_from is not None and compatible_from <= HEAD)


def revision(connection: Connection, where: object) -> str | None:
    """The migration at which the database is; None if it is empty. Raises `NotADatabase`."""
    tables = inspect(connection).get_table_names()
    if not tables:
        return None
    if VERSION_TABLE not in tables:
        raise NotADatabase(
            f"{where} is the database of another program. Choose another one for Hubbub."
        )
    return connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608


def migrate(connection: Connection) -> None:
    """Brings a database that `is_outdated` to `HEAD`."""
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, HEAD)
    oldest = compatible_from()
    if oldest < HEAD:
        connection.execute(_PUT_COMPATIBLE, {"key": COMPATIBLE_FROM, "value": oldest})
    else:
        connection.execute(_DROP_COMPATIBLE, {"key": COMPATIBLE_FROM})


def compatible_from() -> str:
    """The oldest revision whose programs can use the tables at `HEAD`."""
    return str(getattr(_scripts().get_revision(HEAD).module, COMPATIBLE_FROM, HEAD))


def _scripts() -> ScriptDirectory:
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
