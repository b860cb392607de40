"""The certificate that the owner has in two files, and renews there by other means."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from hubbub.server.tls.certificate import Certificate, CertificateRefused, load

logger = logging.getLogger(__name__)

LOOK_SECONDS = 5.0  # between two looks whether the files have changed
SOON = timedelta(days=7)  # before its end, a certificate that should have been renewed is told of
REMIND = timedelta(days=1)

State = tuple[tuple[int, int, int] | None, ...]
"""By which a change of the files is noticed."""


class FileCertificates:
    """Implements `Certificates`. Files that are not good leave the certificate that was before."""

    def __init__(self, certificate: Path, key: Path, now: Callable[[], datetime]) -> None:
        """Reads the files, and blocks. Raises `CertificateRefused`. ``now``: with its zone."""
        self._files = (certificate, key)
        self._now = now
        self._asked = asyncio.Event()
        self._reminded: datetime | None = None
        self._seen = self._read = self._state()
        self._loaded = load(certificate, key)
        self.remind()

    @property
    def loaded(self) -> Certificate:
        """The certificate that is used now."""
        return self._loaded

    @property
    def names(self) -> tuple[str, ...]:
        """See `Certificates`."""
        return tuple(name for name in self._loaded.names if "*" not in name)

    @property
    def trusted(self) -> bool:
        """See `Certificates`."""
        return self._loaded.trusted

    @property
    def ends(self) -> datetime:
        """See `Certificates`."""
        return self._loaded.ends

    def context(self) -> ssl.SSLContext:
        """See `Certificates`."""
        return self._loaded.context

    def challenge(self) -> None:
        """See `Certificates`."""
        return

    def answer(self, token: str) -> None:
        """See `Certificates`."""
        return

    authority = None
    """See `Certificates`."""

    def reload(self) -> None:
        """See `Certificates`."""
        self._asked.set()

    async def run(self) -> None:
        """See `Certificates`."""
        while True:
            asked = await self._wait()
            await self.look(asked=asked)

    async def look(self, *, asked: bool = False) -> None:
        """Reads the files if they have changed, and stay as they are since the last look.

        Two files are not replaced at once: in between, they do not fit each other. ``asked``:
        whoever has asked says that they are whole.
        """
        state = await asyncio.to_thread(self._state)
        before, self._seen = self._seen, state
        if asked or (state != self._read and state == before):
            self._read = state
            try:
                self._loaded = await asyncio.to_thread(load, *self._files)
            except CertificateRefused as error:
                logger.error("The certificate stays the one that was read before. %s", error)
            else:
                logger.info(
                    "Read the certificate anew. It expires on %s UTC.",
                    f"{self._loaded.ends:%Y-%m-%d %H:%M}",
                )
                self._reminded = None
        self.remind()

    async def _wait(self) -> bool:
        """Returns when it is time to look; whether somebody has asked for that."""
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await self._asked.wait()
        except TimeoutError:
            return False
        self._asked.clear()
        return True

    def remind(self) -> None:
        """Warns of a certificate that clients do not take, or will not soon: once a day."""
        now = self._now()
        if self._reminded is not None and now - self._reminded < REMIND:
            return
        doubt = self._loaded.doubt(now, now + SOON)
        if doubt is not None:
            self._reminded = now
            logger.warning("The certificate in %s %s", self._files[0], doubt)

    def _state(self) -> State:
        states: list[tuple[int, int, int] | None] = []
        for path in self._files:
            try:
                found = path.stat()
            except OSError:
                states.append(None)  # it may be there again at the next look
            else:
                # Not the time of the last write: whoever mends the mode of a file writes nothing.
                states.append((found.st_ino, found.st_ctime_ns, found.st_size))
        return tuple(states)
