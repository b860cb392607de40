"""`hubbub` that believes the names of files, so that no process has to look at each of hundreds."""

from __future__ import annotations

import sys
from pathlib import Path

import hubbub.pictures
from hubbub.cli import main
from tests.filing import Look, looked_at


class Believing:
    """In the place of `hubbub.pictures.Examiner`."""

    async def examine(self, path: Path, name: str = "") -> Look:
        """See `tests.filing.looked_at`."""
        return await looked_at(path, name)


if __name__ == "__main__":
    hubbub.pictures.Examiner = Believing  # type: ignore[assignment,misc]
    sys.exit(main())
