"""What happens beside Hubbub itself: the first start, the checks, the lock files."""

import sys

# Python 2, where that is what `python` means, and others that cannot read tools/bootstrap.py.
if sys.version_info < (3, 6):
    sys.exit(
        "Hubbub needs Python 3.11 or newer, and this is Python {}.{} ({}).\n"
        "If another one is installed, start with that, for example: python3.13 {}\n"
        "If not: https://www.python.org/downloads/".format(
            sys.version_info[0], sys.version_info[1], sys.executable, sys.argv[0]
        )
    )
