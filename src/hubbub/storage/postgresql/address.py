"""Where the database is, as libpq takes it: a URL, maybe with several hosts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg
from psycopg.adapt import AdaptersMap
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.types.numeric import Int8Dumper
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from hubbub.storage.engine import Durability
from hubbub.storage.errors import DatabaseUnusable

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


Admit = Callable[[psycopg.Connection[Any]], None]


class Address:
    """A database's URL. Raises `DatabaseUnusable` for what is none."""

    def __init__(self, url: str) -> None:
        try:
            given = conninfo_to_dict(url)
        except psycopg.ProgrammingError as error:
            # Not the URL itself: there may be a password in it.
            raise DatabaseUnusable(
                f"The setting database is no address of a PostgreSQL: {str(error).strip()}. It is "
                "like postgresql://USER@HOST:PORT/NAME."
            ) from None
        self.conninfo = make_conninfo(url, **{k: v for k, v in DEFAULTS.items() if k not in given})
        self._given = given

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
        connection = psycopg.connect(
            self.conninfo, autocommit=True, context=ADAPTERS, prepare_threshold=1
        )
        try:
            connection.execute(
                _SET_UP, (f"{seconds}s", f"{hold_seconds}s", durability == "process")
            )
            if admit is not None:
                admit(connection)
            connection.autocommit = autocommit
        except BaseException:
            connection.close()
            raise
        return connection

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
_SET_UP = """
SELECT set_config('default_transaction_isolation', 'read committed', false),
       set_config('statement_timeout', %s, false),
       set_config('idle_in_transaction_session_timeout', %s, false),
       set_config('tcp_keepalives_idle', '5', false),
       set_config('tcp_keepalives_interval', '3', false),
       set_config('tcp_keepalives_count', '3', false),
       set_config('synchronous_commit', CASE WHEN %s THEN 'off'
           WHEN current_setting('synchronous_commit') = 'off' THEN 'on'
           ELSE current_setting('synchronous_commit') END, false)
"""
