"""Checks everything, and is the one thing to run before a change goes in: `python check.py`.

All it can do: `python check.py --help`
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # with python -P or -I it is missing

from tools import bootstrap

if __name__ == "__main__":
    bootstrap.check(sys.argv[1:])
