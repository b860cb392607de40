"""A move that is stopped, wherever it is, goes on with the same command."""

from __future__ import annotations

import asyncio
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from hubbub.storage.backup.errors import Stopped
from hubbub.storage.backup.pacing import Teller
from hubbub.storage.backup.stopping import Stop
from hubbub.storage.copying import migrating
from hubbub.storage.copying.errors import MoveFailed, MoveRefused
from hubbub.storage.copying.marks import why_not_served
from hubbub.storage.copying.migrating import migrate
from hubbub.storage.copying.opening import Place, opened
from hubbub.storage.copying.side import Side, meta_of
from hubbub.storage.errors import StorageError
from hubbub.storage.log import SqlLog
from hubbub.storage.postgresql.log import PostgresLog
from tests.patience import PATIENCE_SECONDS
from tests.postgres import Server, database_of
from tests.storage.copying.servers import change, moved, rows
from tests.storage.programs import ENVIRONMENT
from tests.storage.talk import Talk, said

SEED = 20261130
AT_ONCE = 7  # events in a transaction, so that there are many


class Died(BaseException):
    """As by a kill, after which nothing is done any more."""


class Mortal:
    """A side whose process dies when it has done so much, or is just about to."""

    def __init__(self, side: Side, lives: Iterator[int]) -> None:
        self._side = side
        self._lives = lives

    def __getattr__(self, name: str) -> Any:
        return getattr(self._side, name)

    def execute(self, statement: str, values: Sequence[object] = ()) -> Sequence[Sequence[Any]]:
        self._live()
        return self._side.execute(statement, values)

    def add(self, *arguments: Any) -> None:
        self._live()
        self._side.add(*arguments)

    @contextmanager
    def transaction(self, *, certain: bool = True) -> Iterator[None]:
        with self._side.transaction(certain=certain):
            yield
            self._live()  # before the commit
        self._live()  # behind it: nobody has heard that it was done

    def _live(self) -> None:
        if not next(self._lives):
            raise Died


def moved_for(source: Place, target: Place, steps: int) -> bool:
    """Moves until so many steps are done; whether that was all of it."""
    lives = iter(range(steps, -1, -1))
    with opened(source, new=False) as one, opened(target, new=True) as other:
        try:
            migrate(Mortal(one, lives), Mortal(other, lives), Stop(), Teller(None))
        except Died:
            return False
    return True


@pytest.fixture
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrating, "EVENTS_AT_ONCE", AT_ONCE)
    monkeypatch.setattr("hubbub.storage.copying.sqlite.PORTION", AT_ONCE)
    monkeypatch.setattr("hubbub.storage.copying.postgresql.PORTION", AT_ONCE)


@pytest.mark.usefixtures("few_at_once")
def test_one_that_dies_again_and_again_comes_to_its_end_there_and_back(
    data: Path, database: str, tmp_path: Path
) -> None:
    chosen = random.Random(SEED)
    before = rows(data)
    back = tmp_path / "back"
    for source, target in ((data, database), (database, back)):
        deaths = 0
        steps = 1
        while not moved_for(source, target, steps):
            deaths += 1
            # What is proved and looked at costs the same each time: more of it is lived to see.
            steps += chosen.randint(1, 3)
        assert deaths > 10
        assert rows(target) == before
        assert moved(source, target).whole_before


@pytest.mark.slow
@pytest.mark.usefixtures("few_at_once")
@pytest.mark.parametrize("start", [0, 2, 5, 7])
def test_it_may_die_once_at_any_step(
    data: Path, postgresql: Server, tmp_path: Path, start: int
) -> None:
    before = rows(data)
    for steps in range(start, 1000, 10):
        back = tmp_path / f"back{steps}"
        with database_of(postgresql) as url:
            done = moved_for(data, url, steps)
            moved(data, url)
            assert rows(url) == before, steps
            done = moved_for(url, back, steps) and done
            moved(url, back)
            assert rows(back) == before, steps
        reopened(data)
        if done:
            return
    raise AssertionError("it never came to its end")


def test_a_database_is_free_as_soon_as_a_move_has_ended(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also while PostgreSQL, which is busy, has not noticed yet that the connection is closed."""
    closing: list[psycopg.Connection[Any]] = []
    with monkeypatch.context() as patch:

        def close(self: psycopg.Connection[Any]) -> None:
            closing.append(self)

        patch.setattr(psycopg.Connection, "close", close)
        for _ in range(2):
            with opened(database, new=True) as side, side.transaction():
                side.execute("SELECT 1")
    assert len(closing) >= 2  # those that only look what database it is, too
    for connection in closing:
        connection.close()


def reopened(place: Place) -> None:
    with opened(place, new=False) as side:
        migrating.reopen(side)


PROGRAM = """
import asyncio, sys
from pathlib import Path
from hubbub.storage.copying import migrating
from hubbub.storage.copying.opening import move
migrating.EVENTS_AT_ONCE = 7
where = [Path(one) if one.startswith("/") else one for one in sys.argv[1:]]
asyncio.run(move(*where, progress=lambda what, done, of: print(what, done, flush=True)))
"""


@pytest.mark.slow
def test_a_process_that_is_killed_leaves_what_the_next_one_goes_on_with(
    data: Path, database: str, tmp_path: Path
) -> None:
    chosen = random.Random(SEED)
    before = rows(data)
    for source, target in ((data, database), (database, tmp_path / "back")):
        for _ in range(6):
            command = [sys.executable, "-c", PROGRAM, str(source), str(target)]
            with subprocess.Popen(
                command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            ) as process:
                assert process.stdout is not None
                for _ in range(chosen.randint(1, 14)):
                    process.stdout.readline()
                time.sleep(chosen.random() / 50)  # anywhere between two lines
                process.send_signal(signal.SIGKILL)
                process.stdout.read()
        patiently(lambda source=source, target=target: moved(source, target))  # type: ignore[misc]
        assert rows(target) == before


def patiently(doing: Callable[[], object]) -> None:
    """PostgreSQL notices after a moment that a client is gone which was killed."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            doing()
        except MoveRefused as error:
            if "another move" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return


@pytest.mark.usefixtures("few_at_once")
def test_it_ends_when_it_is_told_to_and_goes_on(data: Path, database: str) -> None:
    stop = Stop()

    def progress(what: str, done: int, _of: int) -> None:
        if what == "copying events" and done > 30:
            stop.set()

    class Talkative(Teller):
        def __call__(self, what: str, done: int, total: int) -> None:
            progress(what, done, total)

    with (
        opened(data, new=False) as one,
        opened(database, new=True) as other,
        pytest.raises(Stopped),
    ):
        migrate(one, other, stop, Talkative(None))
    assert moved(data, database).resumed > 30
    assert rows(database) == rows(data)


async def half(data: Place, target: Place) -> None:
    """A part of the move is done."""
    steps = 25
    while True:
        assert not moved_for(data, target, steps), "it came to its end"
        with opened(target, new=False) as side:
            if side.execute("SELECT 1 FROM events"):
                return
        steps += 5


@pytest.mark.usefixtures("few_at_once")
async def test_nobody_is_served_by_half_of_it(data: Path, database: str) -> None:
    await half(data, database)
    with opened(database, new=False) as side:
        why = why_not_served(meta_of(side).items(), side.shown)
    assert why is not None
    assert "only a part" in why
    with opened(data, new=False) as side:
        assert why_not_served(meta_of(side).items(), side.shown) is None


@pytest.mark.usefixtures("few_at_once")
async def test_if_the_source_was_served_in_between_it_begins_anew(
    data: Path, database: str, tmp_path: Path
) -> None:
    await half(data, database)
    log = await SqlLog.open(data)
    await Talk(log).say("said in between")
    await log.close()
    change(data, "UPDATE events SET text = 'edited by hand' WHERE id = 7")
    assert moved(data, database).resumed == 0
    assert rows(database) == rows(data)
    await half_back(database, tmp_path / "back")


async def half_back(database: str, back: Path) -> None:
    await half(database, back)
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE users SET name = 'Somebody' WHERE name = 'eve'")
    assert moved(database, back).resumed == 0
    assert rows(back) == rows(database)


@pytest.mark.usefixtures("few_at_once")
async def test_half_of_another_log_is_not_gone_on_with(
    data: Path, database: str, tmp_path: Path
) -> None:
    await half(data, database)
    log = await SqlLog.open(tmp_path / "other")
    await Talk(log).say("hello")
    await log.close()
    with pytest.raises(MoveRefused, match="has another log"):
        moved(tmp_path / "other", database)
    with pytest.raises(MoveRefused, match="holds only a part"):
        moved(database, tmp_path / "elsewhere")
    assert moved(data, database).resumed > 0


@pytest.mark.usefixtures("few_at_once")
def test_a_connection_that_is_lost_is_told_and_the_next_one_goes_on(
    data: Path, database: str
) -> None:
    class Cutting(Teller):
        def __call__(self, what: str, done: int, total: int) -> None:
            if what == "copying events" and done > 30:
                with psycopg.connect(database) as connection:
                    connection.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE"
                        " datname = current_database() AND pid != pg_backend_pid()"
                    )

    with (
        opened(data, new=False) as one,
        opened(database, new=True) as other,
        pytest.raises(MoveFailed, match="The same command goes on"),
    ):
        migrate(one, other, Stop(), Cutting(None))
    assert moved(data, database).resumed > 30
    assert rows(database) == rows(data)


FULL = """
import asyncio, resource, sys
from pathlib import Path
from hubbub.storage.copying.opening import move
from hubbub.storage.errors import StorageError
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
try:
    asyncio.run(move(sys.argv[1], Path(sys.argv[2])))
except StorageError as error:
    print(error)
    raise SystemExit(3)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="files have no limits there")
def test_a_full_disk_is_told_and_it_goes_on_when_there_is_room(
    data: Path, database: str, tmp_path: Path
) -> None:
    asyncio.run(talk_long(data))
    before = rows(data)
    moved(data, database)
    back = tmp_path / "back"
    command = [sys.executable, "-c", FULL, database, str(back), str(LONG_BYTES // 2)]
    ended = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert ended.returncode == 3, ended.stderr
    assert "disk" in ended.stdout
    assert "The same command goes on" in ended.stdout
    assert moved(database, back).resumed > 0
    assert rows(back) == before


LONG_BYTES = 20 * 1024 * 1024


async def talk_long(folder: Path) -> None:
    log = await SqlLog.open(folder, durability="process")
    text = "x" * 20_000
    await Talk(log).settle(*(said(text) for _ in range(LONG_BYTES // len(text))))
    await log.close()


@pytest.mark.usefixtures("few_at_once")
async def test_no_server_opens_half_of_it(data: Path, database: str, tmp_path: Path) -> None:
    await half(data, database)
    with pytest.raises(StorageError, match="only a part of what is being moved there"):
        await PostgresLog.open(database)
    moved(data, database)
    back = tmp_path / "back"
    await half(database, back)
    with pytest.raises(StorageError, match="only a part of what is being moved there"):
        await SqlLog.open(back)
    moved(database, back)
    log = await SqlLog.open(back)
    await log.close()
