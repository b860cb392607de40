"""Looks at one file, and says what it is: `python -m hubbub.pictures FILE`.

It is started by the server for each file, and ends with it: when standard input ends. What it
answers, and where it writes: `hubbub.pictures.answer`.
"""

import os
import sys
from pathlib import Path

import msgspec

from hubbub.pictures.limits import confine, end_with_parent
from hubbub.pictures.looking import looks


def main() -> None:
    """Answers in lines of JSON."""
    path = Path(sys.argv[1])
    end_with_parent()
    confine(path.stat().st_size)
    for answer in looks(path):
        sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
        sys.stdout.buffer.flush()
    os._exit(0)  # not waiting for the thread that reads


if __name__ == "__main__":
    main()
