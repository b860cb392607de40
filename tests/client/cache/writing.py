"""A program that writes to a cache and tells of each round: to be run several times at once.

Its arguments are the folder, a name for this run, and how many rounds.
"""

from __future__ import annotations

import sys
from pathlib import Path

from hubbub.client import Resume
from hubbub.client.cache import Cache
from tests.client.cache.talk import SERVER, said, unsent


def write(folder: Path, name: str, rounds: int) -> None:
    cache = Cache.open(SERVER, folder)
    assert cache.problem is None, cache.problem
    for number in range(1, rounds + 1):
        cache.keep_resume(
            Resume(
                user="ada",
                token="secret",
                log="log-1",
                cursors={"General": number},
                unsent=unsent(f"{name}-{number}"),
            )
        )
        span = cache.span("General")
        cache.add("General", said(*range(span[1] if span else 1, number + 1)))
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
    assert cache.problem is None, cache.problem
    cache.close()


if __name__ == "__main__":
    folder, name, rounds = sys.argv[1:]
    write(Path(folder), name, int(rounds))
