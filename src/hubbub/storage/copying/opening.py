"""From where to where: a data folder or the URL of a PostgreSQL, one of each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hubbub.storage.backup.pacing import Progress, Teller
from hubbub.storage.backup.stopping import Stop
from hubbub.storage.backup.working import in_thread
from hubbub.storage.copying.migrating import Migrated, migrate
from hubbub.storage.copying.migrating import reopen as reopen_side
from hubbub.storage.copying.side import Side
from hubbub.storage.copying.sqlite import SqliteSide

Place = Path | str
"""A data folder, or a URL that begins with ``postgresql://``."""


async def move(source: Place, target: Place, *, progress: Progress | None = None) -> Migrated:
    """Copies what is in ``source`` to ``target``; see `hubbub.storage.copying.migrating.migrate`.

    ``progress`` is told what is being done, and how many events of how many. Raises `StorageError`.
    """

    def work(stop: Stop, tell: Teller) -> Migrated:
        with opened(source, new=False) as one, opened(target, new=True) as other:
            return migrate(one, other, stop, tell)

    return await in_thread(work, progress)


async def reopen(place: Place) -> bool:
    """See `hubbub.storage.copying.migrating.reopen`."""

    def work(_stop: Stop, _tell: Teller) -> bool:
        with opened(place, new=False) as side:
            return reopen_side(side)

    return await in_thread(work)


@contextmanager
def opened(place: Place, *, new: bool) -> Iterator[Side]:
    """The database there, which nobody else uses within this. Raises `StorageError`.

    ``new``: whether a data folder may be made.
    """
    side: Side
    if isinstance(place, Path):
        side = SqliteSide(place, new=new)
    else:
        from hubbub.storage.copying.postgresql import PostgresqlSide

        side = PostgresqlSide(place)
    try:
        yield side
    finally:
        side.close()
