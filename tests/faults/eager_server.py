"""`hubbub`, but it makes a backup as soon as there is a file that asks for one."""

from __future__ import annotations

import os
from pathlib import Path

from hubbub import cli
from hubbub.storage.backup import BackupMade, back_up, daily

DUE = Path(os.environ["BACKUP_DUE"])


def is_asked_for(*_: object) -> bool:
    return DUE.exists()


async def take_and_make(folder: Path, place: str, *, at: int, keep_free: int) -> BackupMade:
    os.unlink(DUE)  # noqa: PTH108 - it is quick
    return await back_up(folder, place, at=at, keep_free=keep_free)


if __name__ == "__main__":
    daily.FIRST_SECONDS = daily.LOOK_SECONDS = 0.05
    vars(daily).update(is_due=is_asked_for, back_up=take_and_make)
    cli.main()
