"""The new server, as the one that has started it sees it."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from hubbub.server.handover.channel import GO, MAIN, READY, SERVING, STOP, VARIABLE, Channel

logger = logging.getLogger(__name__)

READY_SECONDS = 120.0  # to import everything, on a machine with other things to do
SERVING_SECONDS = 900.0  # to open the log: the schema of a large database may have to be upgraded
ALIVE_SECONDS = 1.0  # between two signs of life meanwhile
END_SECONDS = 10.0  # from a request to end until kill -9
MOST_SAID_BYTES = 64 * 1024  # of what it said before it was ready: what a pipe holds
MOST_REASON_CHARS = 500


class NotStarted(Exception):
    """There is no new server. The text says why."""


class Successor:
    """`start` starts the process and returns when it is ready to serve."""

    def __init__(self, process: subprocess.Popen[bytes], channel: Channel) -> None:
        self._process = process
        self._channel = channel
        self.done = False

    @classmethod
    async def start(
        cls, sockets: Sequence[socket.socket], line: socket.socket | None = None
    ) -> Successor:
        """Starts this program anew, with ``sockets`` to listen on. Raises `NotStarted`.

        ``line``: to the process that was started first.
        """
        ours, theirs = socket.socketpair()
        pipe, said = os.pipe()
        stderr = os.dup(sys.__stderr__.fileno() if sys.__stderr__ else 2)
        fds = (theirs.fileno(), stderr, *(() if line is None else (line.fileno(),)))
        try:
            process = subprocess.Popen(  # noqa: ASYNC220, S603 - it returns at once; what we are
                [sys.executable, *sys.orig_argv[1:]],
                stdin=subprocess.DEVNULL,
                stderr=said,
                pass_fds=fds,
                env={**os.environ, VARIABLE: ",".join(map(str, fds))},
            )
            socket.send_fds(ours, [b"\n"], [one.fileno() for one in sockets])
        except (OSError, ValueError) as error:
            ours.close()
            os.close(pipe)
            raise NotStarted(f"it cannot be started ({error}).") from error
        finally:
            theirs.close()
            os.close(said)
            os.close(stderr)
        new = cls(process, Channel(ours))
        try:
            await new._until_ready(pipe)
        except BaseException:
            await asyncio.shield(asyncio.to_thread(new.end))
            raise
        finally:
            os.close(pipe)
        return new

    @property
    def pid(self) -> int:
        """Of its process."""
        return self._process.pid

    async def _until_ready(self, pipe: int) -> None:
        logger.info("The new server (process %d) is starting; this one goes on meanwhile", self.pid)
        try:
            async with asyncio.timeout(READY_SECONDS):
                heard = await self._channel.hear()
        except TimeoutError:
            raise NotStarted(f"it was not ready within {READY_SECONDS:.0f} seconds.") from None
        if heard != READY:
            with suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(self._process.wait, END_SECONDS)
            raise NotStarted(_reason(pipe, self._process.returncode))

    def takes_over(self, seconds: float, alive: Callable[[], None] = lambda: None) -> bool:
        """Lets the new server go: our connections are closed, and the folder is free.

        ``seconds``: until the last of our clients will be back. Returns whether it serves; if not,
        it has ended, and who has called this has to serve again. SystemExit, by a signal, ends the
        new server, too. ``alive`` is called now and then.
        """
        try:
            self._channel.say(f"{GO} {seconds}")
            heard = self._until_serving(alive)
        except BaseException:
            self.end()
            raise
        if heard != SERVING:
            self.end()
            return False
        self.done = True
        return True

    def _until_serving(self, alive: Callable[[], None]) -> str:
        until = time.monotonic() + SERVING_SECONDS
        while time.monotonic() < until:
            alive()
            try:
                return self._channel.wait(ALIVE_SECONDS)
            except TimeoutError:
                pass
        logger.error("The new server does not serve yet: it is ended.")
        return ""

    def leave(self) -> None:
        """Tells the new server, which serves, that we have nothing more to do."""
        self._channel.say(MAIN)
        self._channel.close()

    def end(self) -> None:
        """Ends the new server: in order, if it can."""
        self._channel.say(STOP)
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                self._process.send_signal(number)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(END_SECONDS)
                break
        self._channel.close()


def _reason(pipe: int, status: int | None) -> str:
    """The last line of what the new server has said, and how it ended."""
    os.set_blocking(pipe, False)
    try:
        said = os.read(pipe, MOST_SAID_BYTES).decode(errors="replace")
    except OSError:
        said = ""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    how = (
        f"killed by signal {-status}"
        if status is not None and status < 0
        else f"exit code {status}"
    )
    words = lines[-1][:MOST_REASON_CHARS] if lines else "it has not said why"
    if len(lines) > 1 and lines[0].startswith("Traceback"):
        # Where that was: the last file that is named.
        places = [line for line in lines if line.startswith("File ")]
        words = f"{words} ({places[-1]})" if places else words
    return f"{words} ({how})"
