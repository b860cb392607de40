"""Starts the chat server: `python server.py`. The first start sets everything up by itself.

All it can do: `python server.py --help`
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # with python -P or -I it is missing

from tools import bootstrap

HOST = "127.0.0.1"  # who can connect: only this computer; "0.0.0.0" lets the whole network in
PORT = 8080

if __name__ == "__main__":
    bootstrap.start("serve", HOST, PORT, sys.argv[1:])
