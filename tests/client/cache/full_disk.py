"""A program whose disk is full: no file may grow beyond a limit that it sets for itself.

It exits with 0 when its cache goes on in memory, and writes down the last lines when there is room
again. Its argument is the folder.
"""

from __future__ import annotations

import resource
import signal
import sys
from pathlib import Path

from hubbub.client import Resume
from hubbub.client.cache import Cache
from tests.client.cache.talk import SERVER, nonces, said, seqs, unsent


def limit(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def fill(folder: Path) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    cache = Cache.open(SERVER, folder)
    cache.keep_resume(
        Resume(user="ada", token="secret", log="log-1", cursors={"tea": 7}, unsent=unsent("a"))
    )
    cache.last_user = "ada"
    limit(256 * 1024)
    seq = 0
    while cache.problem is None:
        seq += 10
        assert seq < 100_000, "the disk was never full"
        cache.add("General", said(*range(seq - 9, seq + 1)))
    assert "full" in cache.problem or "I/O" in cache.problem, cache.problem
    assert seqs(cache.page("General", limit=100).events) == [*range(seq - 9, seq + 1)]
    assert (cache.log, cache.last_user, cache.token("ada")) == ("log-1", "ada", "secret")
    cache.keep_lines(unsent("b", "c"))
    limit(resource.RLIM_INFINITY)
    cache.close()
    with Cache.open(SERVER, folder) as again:
        assert again.problem is None
        resume = again.resume()
        assert resume is not None
        assert (resume.user, resume.token, resume.cursors) == ("ada", "secret", {"tea": 7})
        assert nonces(resume.unsent) == ["b", "c"], "what is saved would be sent again"
        assert again.span("General") == (1, seq - 10)


if __name__ == "__main__":
    fill(Path(sys.argv[1]))
