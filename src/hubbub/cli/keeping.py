"""What a running server has for who keeps it: its tasks, and the socket by which they are asked."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

from hubbub.cli.invitation import page_url
from hubbub.config import Settings
from hubbub.hub.hub import Hub

if TYPE_CHECKING:
    from hubbub.admin.running import Administration
    from hubbub.admin.socket import TaskSocket
    from hubbub.server.tls.certificates import Certificates
    from hubbub.storage.backup.daily import Daily

logger = logging.getLogger(__name__)


class Keeping:
    """Both are made when they are needed: a server listens some 30 ms earlier by that."""

    def __init__(
        self, hub: Hub, settings: Settings, data: Path, daily: Daily | None = None
    ) -> None:
        """``daily``: what makes the daily backups."""
        self._hub = hub
        self._settings = settings
        self._data = data
        self._daily = daily
        self._administration: Administration | None = None
        self._socket: TaskSocket | None = None
        self._watching: asyncio.Task[None] | None = None
        self.addresses: Sequence[tuple[str, int]] = ()
        self.certificates: Certificates | None = None

    def administration(self) -> Administration:
        """The tasks."""
        if self._administration is None:
            from hubbub.admin.running import Administration
            from hubbub.admin.tasks import Desk

            desk = Desk(
                self._hub,
                self._settings,
                folder=self._data,
                url=self.url,
                serving=True,
                daily=self._daily,
                certificate_ends=self._certificate_ends,
            )
            self._administration = Administration(desk)
        return self._administration

    async def open(self) -> None:
        """Takes questions on the socket, and looks what is to be warned of.

        Where there can be no socket, that is logged.
        """
        from hubbub.admin.questions import CannotListen
        from hubbub.admin.socket import TaskSocket
        from hubbub.admin.warnings import Watch

        self._watching = asyncio.create_task(Watch(self.administration().desk).run())

        try:
            self._socket = await TaskSocket.open(self._data, self.administration())
        except CannotListen as error:
            logger.warning("hubbub admin cannot reach this server while it runs: %s", error)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._watching is not None:
            self._watching.cancel()
            with suppress(asyncio.CancelledError):
                await self._watching
        if self._socket is not None:
            await self._socket.close()

    def url(self) -> str:
        """The address of the page, as far as it is known."""
        names = None if self.certificates is None else self.certificates.names
        return known_url(self._settings, self.addresses, names)

    def _certificate_ends(self) -> int | None:
        if self.certificates is None:
            return None
        return int(self.certificates.ends.timestamp() * 1000)


def known_url(
    settings: Settings,
    addresses: Sequence[tuple[str, int]],
    names: Sequence[str] | None = None,
) -> str:
    """The address of the page: as it was set, else as far as this computer knows it.

    ``names``: in the certificate; None without TLS.
    """
    if settings.public_url:
        url = settings.public_url
        return f"{url}/" if url.endswith(settings.path_prefix) else f"{url}{settings.path_prefix}/"
    at = addresses or [("127.0.0.1", settings.port)]
    return page_url(at, names=names, prefix=settings.path_prefix)
