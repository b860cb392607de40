"""`hubbub`, but its write-ahead log is moved into the database all the time: for short traces.

What it sends over TLS is in the trace in the clear, too, right before that: see `Witness`.
"""

from __future__ import annotations

import socket
import threading
from typing import Any

from hubbub import cli
from hubbub.server.tls.encrypted import Encrypted
from hubbub.storage import wal
from tests.faults.disk.witness import IN_THE_CLEAR


def tell_what_is_encrypted() -> None:
    """From now on each plain text of TLS goes to a socket, so that the trace has it."""
    mouth, ear = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    threading.Thread(target=hear, args=(ear,), daemon=True).start()
    write = Encrypted.write

    def tell_and_write(self: Encrypted, data: Any) -> None:
        mouth.send(IN_THE_CLEAR + bytes(data))
        write(self, data)

    Encrypted.write = tell_and_write  # type: ignore[method-assign]


def hear(ear: socket.socket) -> None:
    """Takes what is told, so that there is room for more."""
    while ear.recv(1):
        pass


if __name__ == "__main__":
    wal.DUE_PAGES = 60
    wal.OVERDUE_PAGES = 120
    tell_what_is_encrypted()
    cli.main()
