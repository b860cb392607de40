"""Where the database is, as libpq takes it: a URL, maybe with several hosts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Lock
from typing import Any
from weakref import WeakSet

import psycopg
from psycopg.adapt import AdaptersMap
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.types.numeric import Int8Dumper
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from hubbub.storage.engine import Durability
from hubbub.storage.errors import DatabaseUnusable
from hubbub.storage.postgresql.patient import PatientConnection

CONNECT_SECONDS = 5  # for each host: a network that answers at all has done so by then
WRITE_SECONDS = 10  # for one statement: what waits longer for a lock waits for a server that hangs
READ_SECONDS = 60  # the members of all rooms, at the start
HOLD_SECONDS = 5  # a server that stands still within a transaction lets go of its locks by then

IN_USE = 0x4855_4242_5542
"""An advisory lock that all servers share; who moves the database elsewhere has it alone."""

DEFAULTS: dict[str, str | int] = {
    "application_name": "hubbub",
    "client_encoding": "UTF8",
    "connect_timeout": CONNECT_SECONDS,
    # After a failover the former primary may be there yet, and takes no writes.
    "target_session_attrs": "read-write",
    # A host that is gone without a word is noticed within some 15 seconds.
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
"""What a connection is made with, unless the URL says otherwise."""


_FORM = (
    "It is like postgresql://USER@HOST:PORT/NAME. In a user's name, in a password and behind a ? "
    "such signs as : / ? # @ % & and spaces are written as %3A %2F %3F %23 %40 %25 %26 %20; or "
    "give the password in PGPASSWORD."
)

Admit = Callable[[psycopg.Connection[Any]], None]


class Address:
    """A database's URL. Raises `DatabaseUnusable` for what is none."""

    def __init__(self, url: str) -> None:
        _check_at_signs(url)
        try:
            given = conninfo_to_dict(url)
        except psycopg.ProgrammingError as error:
            why = "" if _has_password(url) else f": {str(error).strip()}"
            raise DatabaseUnusable(
                f"The setting database is no address of a PostgreSQL{why}. {_FORM}"
            ) from None
        self.conninfo = make_conninfo(url, **{k: v for k, v in DEFAULTS.items() if k not in given})
        self._given = given
        self._made: WeakSet[PatientConnection] = WeakSet()
        self._lock = Lock()
        self._aborted = False
        self._schema: str | None = None  # of all connections: that in which the first one finds us

    def __str__(self) -> str:
        """Without user and password."""
        hosts = str(self._given.get("host") or self._given.get("hostaddr") or "localhost")
        ports = str(self._given.get("port") or "5432")
        return f"{self._given.get('dbname', 'hubbub')} at {hosts} (port {ports})"

    def connect(
        self,
        *,
        seconds: float = 0,
        hold_seconds: float = 0,
        durability: Durability = "full",
        autocommit: bool = True,
        admit: Admit | None = None,
    ) -> psycopg.Connection[Any]:
        """A new connection. Raises `psycopg.Error`.

        ``seconds``: what one statement may take; 0: any time. ``hold_seconds``: how long it may do
        nothing within a transaction. ``autocommit``: each statement is a transaction by itself.
        ``admit``: raises it, too, if what is there is not to be used.
        """
        connection = PatientConnection.connect(
            self.conninfo, autocommit=True, context=ADAPTERS, prepare_threshold=1
        )
        try:
            connection.allow(seconds)
            with self._lock:
                if self._aborted:
                    raise psycopg.OperationalError("the server does not use the database any more")
                self._made.add(connection)
            found = connection.execute(
                _SET_UP,
                (self._schema, f"{seconds}s", f"{hold_seconds}s", durability == "process"),
            ).fetchone()
            self._schema = self._schema or (None if found is None else found[0])
            if admit is not None:
                admit(connection)
            connection.autocommit = autocommit
        except BaseException:
            connection.close()
            raise
        return connection

    def abort(self) -> None:
        """Ends all connections, whatever they are waiting for, and makes no more; in any thread."""
        with self._lock:
            self._aborted = True
            made = list(self._made)
        for connection in made:
            connection.abort()

    def engine(self, *, seconds: float = 0, pool: int = 0, admit: Admit | None = None) -> Engine:
        """An engine of SQLAlchemy; ``pool``: how many connections are kept, and at most made.

        ``admit`` looks at each of them first.
        """
        options: dict[str, Any] = {"poolclass": NullPool}
        if pool:
            options = {"pool_size": pool, "max_overflow": 0, "isolation_level": "AUTOCOMMIT"}
        return create_engine(
            "postgresql+psycopg://",
            creator=partial(self.connect, seconds=seconds, autocommit=pool > 0, admit=admit),
            paramstyle="format",  # in order, as sqlite3 has them
            use_native_hstore=False,  # which would be looked for with each new connection
            hide_parameters=True,  # an error's text must not show what people said
            **options,
        )


def _check_at_signs(url: str) -> None:
    """Refuses an address in which libpq would take what is behind a / or ? of a password for more.

    It would try to reach a host that is called like the user, and tell of it with the password.
    """
    user = url.partition("://")[2].rpartition("@")[0]
    if any(sign in user for sign in "@/?"):
        raise DatabaseUnusable(f"The setting database is no address of a PostgreSQL. {_FORM}")


def _has_password(url: str) -> bool:
    """Whether there may be one in ``url``, so that nothing of it is shown."""
    user, at, _ = url.partition("://")[2].rpartition("@")
    return (bool(at) and ":" in user) or "password" in url


def said_by(error: psycopg.Error) -> str:
    """What PostgreSQL says, without the rows that it is about: people's texts may be in them."""
    said = error.diag.message_primary or str(error).partition("\n")[0] or type(error).__name__
    return said.rstrip(".") + "."


def _adapters() -> AdaptersMap:
    """All integers as BIGINT: by default their size decides, and a statement is prepared for each.

    Also, none is ever a NUMERIC: what has more than 64 bits is refused.
    """
    found = AdaptersMap(psycopg.adapters)
    found.register_dumper(int, Int8Dumper)
    return found


class _Context:
    """What psycopg takes as the context of a connection to be."""

    adapters = _adapters()
    connection = None


ADAPTERS = _Context()

# The database's defaults may be others. An acknowledged text is on disk: with synchronous_commit
# the administrator chooses on which, but not on none.
# The tables stay where they are, also if a schema is made later that the search path has before it.
_SET_UP = """
SELECT set_config('search_path', coalesce(%s, (
           SELECT quote_ident(name) FROM unnest(current_schemas(false))
               WITH ORDINALITY AS schemas(name, place)
           WHERE to_regclass(quote_ident(name) || '.alembic_version') IS NOT NULL
               AND to_regclass(quote_ident(name) || '.meta') IS NOT NULL
           ORDER BY place LIMIT 1), quote_ident(current_schema())), false),
       set_config('default_transaction_isolation', 'read committed', false),
       set_config('statement_timeout', %s, false),
       set_config('lock_timeout', '0', false),
       set_config('array_nulls', 'on', false),
       set_config('transform_null_equals', 'off', false),
       set_config('standard_conforming_strings', 'on', false),
       CASE WHEN current_setting('idle_session_timeout', true) IS NOT NULL  -- since PostgreSQL 14
           THEN set_config('idle_session_timeout', '0', false) END,
       CASE WHEN current_setting('transaction_timeout', true) IS NOT NULL  -- since PostgreSQL 17
           THEN set_config('transaction_timeout', '0', false) END,
       set_config('idle_in_transaction_session_timeout', %s, false),
       set_config('tcp_keepalives_idle', '5', false),
       set_config('tcp_keepalives_interval', '3', false),
       set_config('tcp_keepalives_count', '3', false),
       set_config('synchronous_commit', CASE WHEN %s THEN 'off'
           WHEN current_setting('synchronous_commit') = 'off' THEN 'on'
           ELSE current_setting('synchronous_commit') END, false)
"""
