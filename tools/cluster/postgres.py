"""A PostgreSQL server of the cluster: a primary, or a standby that can be promoted."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.cluster.guard import Guard
from tools.cluster.packages import postgresql
from tools.cluster.ports import LOOPBACK
from tools.cluster.processes import PATIENCE_SECONDS, ClusterError, Program, State

if TYPE_CHECKING:
    import psycopg

    from tools.cluster.network import Place

USER = "hubbub"
DATABASE = "hubbub"

UNPRIVILEGED = "nobody"
"""Who runs PostgreSQL where root starts it, as which it refuses to run."""

SLOT = "standby"
RETRY_SECONDS = 0.05

SETTINGS = {
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "wal_keep_size": "256MB",
    "max_wal_senders": "10",
    "log_min_messages": "warning",
    "lc_messages": "C",
}


class Postgres(Program):
    """One server with its data in ``folder/name``.

    ``safe``: whether it waits for the disk. A process that is killed loses nothing without, as the
    system has what it has written; only when the computer fails does it.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        guard: Guard,
        port: int,
        password: str,
        place: Place | None = None,
        *,
        safe: bool,
    ) -> None:
        super().__init__(name, folder, guard, port, place)
        self.data = folder / name
        self._bin = postgresql()
        self._environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("PG")},
            "PGPASSWORD": password,
            "LC_ALL": "C",
            "TZ": "UTC",
        }
        self._password = password
        self._settings = {
            **SETTINGS,
            "listen_addresses": self.listens_on,
            "port": str(port),
        }
        if not safe:
            self._settings |= {"fsync": "off", "full_page_writes": "off"}

    def make(self) -> None:
        """An empty database, of which this is the primary."""
        self._make_folder()
        password = self.folder / f"{self.name}.password"
        password.write_text(self._password)
        if os.geteuid() == 0:
            shutil.chown(password, UNPRIVILEGED)
        try:
            self._run(
                "initdb",
                *("--pgdata", str(self.data), "--username", USER, "--pwfile", str(password)),
                *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync"),
            )
        finally:
            password.unlink()
        if self.place is not None:
            with (self.data / "pg_hba.conf").open("a") as rules:
                for databases in ("all", "replication"):
                    rules.write(f"host {databases} {USER} 0.0.0.0/0 scram-sha-256\n")
        self.start()
        with self.connect("postgres") as connection:
            connection.execute(f"CREATE DATABASE {DATABASE}")

    def follow(self, primary: Postgres, *, synchronous: bool = True) -> None:
        """Copies ``primary`` and is its standby from then on. What was here before is gone.

        ``synchronous``: what is committed there is here, too.
        """
        shutil.rmtree(self.data, ignore_errors=True)
        self._make_folder()
        with primary.connect() as connection:
            connection.execute(
                "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots "
                "WHERE slot_name = %s AND NOT active",
                (SLOT,),
            )
        self._run(
            "pg_basebackup",
            *("--pgdata", str(self.data), "--checkpoint", "fast", "--no-sync"),
            *("--write-recovery-conf", "--create-slot", "--slot", SLOT),
            *("--dbname", f"port={primary.port} user={USER} application_name={SLOT}"),
            *("--host", primary.host),
        )
        # Once it is promoted it waits for nobody, until it has a standby of its own.
        with (self.data / "postgresql.auto.conf").open("a") as settings:
            settings.write("synchronous_standby_names = ''\n")
        self.start()
        if synchronous:
            primary.wait_for_standby(f"FIRST 1 ({SLOT})")

    def fall_behind(self) -> None:
        """The standby gets nothing any more of what the primary commits."""
        with self.connect() as connection:
            connection.execute("ALTER SYSTEM SET primary_conninfo = ''")
            connection.execute("SELECT pg_reload_conf()")
            self._until(
                connection,
                "SELECT (count(*) = 0)::int FROM pg_stat_wal_receiver",
                f"{self.name} does not let go of its primary.",
            )

    def wait_for_standby(self, names: str) -> None:
        """From now on a commit waits for the standby, which is asked to be there first."""
        with self.connect() as connection:
            self._until(
                connection,
                "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'",
                "The standby does not come to the primary.",
            )
            # Not as a parameter: it is no query that takes any.
            connection.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{names}'")
            connection.execute("SELECT pg_reload_conf()")
            if names:
                self._until(
                    connection,
                    "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'",
                    "The standby does not get synchronous.",
                )

    def promote(self) -> None:
        """The standby is a primary from then on."""
        with self.connect() as connection:
            connection.execute("SELECT pg_promote(true, %s)", (int(PATIENCE_SECONDS),))
            self._until(
                connection,
                "SELECT (NOT pg_is_in_recovery())::int",
                f"{self.name} does not get the primary.",
            )

    def start(self) -> None:
        """Starts it, and returns when it takes connections."""
        settings = [f"--{key}={value}" for key, value in self._settings.items()]
        command = self._command("postgres", "-D", str(self.data), *settings)
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            if self.state is State.DOWN:
                # One that was killed may leave processes that end a moment later, and whose memory
                # keeps the next one from starting: that is tried again.
                self._start(command, self._environment)
            with suppress(ClusterError):
                self.connect("postgres").close()
                return
            if time.monotonic() > until:
                raise ClusterError(f"{self.name} does not start:\n{self.told()}")
            time.sleep(RETRY_SECONDS)

    def restart(self) -> None:
        """As an administrator does it: transactions under way are rolled back."""
        self.end(signal.SIGINT)
        self.start()

    def connect(self, database: str = DATABASE, *, seconds: float = 5.0) -> psycopg.Connection[Any]:
        """A connection that commits each statement. Raises `ClusterError` if the server takes none
        within ``seconds``, of which libpq makes at least two.
        """
        import psycopg

        try:
            return psycopg.connect(
                host=LOOPBACK,
                port=self.port,
                user=USER,
                password=self._password,
                dbname=database,
                autocommit=True,
                connect_timeout=max(2, int(seconds)),
            )
        except psycopg.Error as error:
            raise ClusterError(f"{self.name} takes no connection: {error}") from None

    def _until(self, connection: psycopg.Connection[Any], query: str, otherwise: str) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while not connection.execute(query.encode()).fetchall()[0][0]:
            if time.monotonic() > until:
                raise ClusterError(f"{otherwise}\n{self.told()}")
            time.sleep(RETRY_SECONDS)

    def _make_folder(self) -> None:
        self.data.mkdir(mode=0o700)
        if os.geteuid() == 0:
            shutil.chown(self.data, UNPRIVILEGED)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            self.placed(self._command(program, *arguments)),
            env=self._environment,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ClusterError(f"{program} has failed: {done.stderr or done.stdout}")

    def _command(self, program: str, *arguments: str) -> Sequence[str]:
        """Not yet where it runs: see `placed`."""
        command = (str(self._bin / program), *arguments)
        if os.geteuid() != 0:
            return command
        if shutil.which("setpriv") is None:
            raise ClusterError("PostgreSQL refuses to run as root, and setpriv is missing.")
        # It may read where only root may, which its own programs may be; and write its data only.
        return (
            *("setpriv", f"--reuid={UNPRIVILEGED}", "--clear-groups"),
            *("--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search", "--"),
            *command,
        )
