"""Stays in the place of a server that has handed over, for whoever knows the number of its process.

A shell, a container, launchd and most other service managers take the end of the process that they
have started for the end of the server. So that process becomes this program, which is small: it
passes signals on to the server, and ends when the server ends, with its exit code. It is run as a
file, with two arguments: the descriptor of a socket, at whose other end is the server, and the
server's process. The server says ``now PID`` when another process is the server, and ``end CODE``.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from contextlib import suppress
from types import FrameType

PASSED_ON = ("SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1", "SIGUSR2")
KILLED = 1  # the exit code when the server has not said one


def held_back() -> set[signal.Signals]:
    """The signals that would end this program before it can pass them on."""
    return {getattr(signal, name) for name in PASSED_ON}


def keep(fd: int, pid: int) -> int:
    """Returns the exit code of the last server, when that has ended."""
    server = pid
    late: set[int] = set()

    def pass_on(number: int, frame: FrameType | None) -> None:
        try:
            os.kill(server, number)
        except ProcessLookupError:
            late.add(number)  # for the server that takes over from one that was killed, if any

    def reap(number: int, frame: FrameType | None) -> None:
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG) != (0, 0):
                pass

    for name in PASSED_ON:
        if signal.getsignal(getattr(signal, name)) is not signal.SIG_IGN:
            signal.signal(getattr(signal, name), pass_on)
    # Those whom nobody waits for are children of the first process of a container.
    signal.signal(signal.SIGCHLD, reap)
    reap(0, None)
    # Whoever has become this program has held them back until now.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, held_back())
    code = KILLED
    with socket.socket(fileno=fd) as sock, sock.makefile("r") as words:
        for line in words:
            word, _, number = line.strip().partition(" ")
            if word == "now":
                server = int(number)
                for one in sorted(late):
                    pass_on(one, None)
                late.clear()
            elif word == "end":
                code = int(number)
    return code


if __name__ == "__main__":
    sys.exit(keep(int(sys.argv[1]), int(sys.argv[2])))
