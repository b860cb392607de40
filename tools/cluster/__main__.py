"""Brings a cluster up on this computer, to look at and to break: `python3 -m tools.cluster`.

The first start installs what it needs, on whatever Python somebody has at hand.
"""

import sys

from tools import bootstrap

if __name__ == "__main__":
    bootstrap.cluster(sys.argv[1:])
