"""Which backups there are in a place."""

from __future__ import annotations

from hubbub.storage.backup.place import Stored
from hubbub.storage.backup.places import place_of
from hubbub.storage.backup.working import in_thread


async def backups(place: str) -> list[Stored]:
    """All backups in ``place`` (a folder, or ``s3://bucket/prefix``), the newest first.

    Also those of other servers: see `Stored.log`. Raises `PlaceUnusable`.
    """
    return await in_thread(lambda _, __: place_of(place).stored())
