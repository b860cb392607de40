"""Deletes old backups, so that a place does not fill."""

from __future__ import annotations

from collections.abc import Sequence

from hubbub.storage.backup.place import Stored
from hubbub.storage.backup.places import place_of
from hubbub.storage.backup.working import in_thread


async def prune(place: str, made: Stored, keep: int) -> list[str]:
    """Deletes all but the newest ``keep`` backups of the log of which ``made`` is one; their names.

    ``made`` is kept, and so are those of other logs, and all other files. Raises `PlaceUnusable`.
    """

    def work() -> list[str]:
        found = place_of(place)
        old = superfluous(found.stored(), made, keep)
        for one in old:
            found.delete(one.name)
        return [one.name for one in old]

    return await in_thread(lambda _, __: work())


def superfluous(stored: Sequence[Stored], made: Stored, keep: int) -> list[Stored]:
    """Which of ``stored``, the newest first, are to go.

    Those that seem to be newer than ``made`` are of a time when the clock was wrong: they go when
    it is as late as they say, and take no place of others until then.
    """
    ours = [one for one in stored if one.log == made.log and one.at <= made.at]
    return [one for one in ours[keep:] if one.name != made.name]
