"""Starts the chat client: `python client.py`. The first start sets everything up by itself.

All it can do: `python client.py --help`
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # with python -P or -I it is missing

from tools import bootstrap

HOST = "127.0.0.1"  # the computer that the server runs on: its name or address
PORT = 8080

if __name__ == "__main__":
    bootstrap.start("chat", HOST, PORT, sys.argv[1:])
