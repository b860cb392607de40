"""What has to be known in time: the disk fills up, backups fail, a certificate ends.

Looked at now and then while the server runs. It is a line of the log, and a word to administrators
who are here, or come later; and again after a day, as long as it is so.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Container, Iterator

from msgspec import Struct

from hubbub.admin.tasks import Desk
from hubbub.domain.ids import UserId
from hubbub.hub.hub import Hub
from hubbub.hub.services import Services
from hubbub.hub.warning import warn

LOOK_SECONDS = 60.0
AGAIN_MS = 86_400_000
DAY_MS = 86_400_000
CERTIFICATE_DAYS = 14  # those that renew themselves have done so by then
MIB = 1024 * 1024

Tell = Callable[[Services, str, Container[UserId]], set[UserId]]

logger = logging.getLogger(__name__)


class Concern(Struct, frozen=True):
    """``about``: which one it is. ``said``: a sentence, or more."""

    about: str
    said: str


async def current(desk: Desk) -> list[Concern]:
    """What there is to warn of now."""
    found = (await _disk(desk), _backups(desk), _certificate(desk))
    return [one for one in found if one is not None]


def of_bus(hub: Hub) -> Iterator[Concern]:
    """Whether the other servers are heard of late only. That passes, so nobody is told unasked."""
    if hub.stats().get("bus_connected") == 0:
        yield Concern(
            "bus",
            "The bus (NATS) is away: what is said at other nodes comes up to two seconds late, and "
            "who is writing there is not shown.",
        )


class Watch:
    """Warns. ``tell`` tells a sentence to all administrators who are here but some; whom."""

    def __init__(self, desk: Desk, tell: Tell = warn) -> None:
        self._desk = desk
        self._tell = tell
        self._logged: dict[str, int] = {}
        self._told: dict[str, dict[UserId, int]] = {}

    async def run(self) -> None:
        """Looks until it is cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Looks once."""
        now = self._desk.hub.clock()
        concerns = await current(self._desk)
        for about in self._logged.keys() - {one.about for one in concerns}:
            del self._logged[about]
            self._told.pop(about, None)
            logger.info("The warning is over that was about: %s", about)
        for one in concerns:
            if not _lately(self._logged.get(one.about), now):
                self._logged[one.about] = now
                logger.warning("%s", one.said)
            told = self._told.get(one.about, {})
            told = {id: at for id, at in told.items() if _lately(at, now)}
            told |= dict.fromkeys(self._tell(self._desk.hub, one.said, told), now)
            self._told[one.about] = told


def _lately(at: int | None, now: int) -> bool:
    """Whether it was within a day, by a clock that may have been set back."""
    return at is not None and at <= now < at + AGAIN_MS


async def _disk(desk: Desk) -> Concern | None:
    least = desk.settings.disk_warning_bytes
    free = (await desk.hub.log.look_at_disk()).free
    if free is None or free >= least:
        return None
    stops = desk.settings.free_disk_bytes
    return Concern(
        "disk",
        f"The disk of this server has {free // MIB:,} MiB left. Below {stops // MIB:,} MiB nothing "
        "can be saved any more. Make room, or let old messages go (hubbub admin retention).",
    )


def _backups(desk: Desk) -> Concern | None:
    concern = None if desk.daily is None else desk.daily.state.concern(desk.hub.clock())
    return None if concern is None else Concern("backups", concern)


def _certificate(desk: Desk) -> Concern | None:
    ends = desk.certificate_ends()
    if ends is None:
        return None
    days = (ends - desk.hub.clock()) // DAY_MS
    if days >= CERTIFICATE_DAYS:
        return None
    if days < 0:
        return Concern("certificate", "The server's certificate has ended: clients refuse it.")
    return Concern("certificate", f"The server's certificate ends in {days} days.")
