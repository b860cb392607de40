"""The task that has the doctor look at the server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from hubbub.admin.doctor.examining import examine
from hubbub.admin.doctor.findings import Finding, Level
from hubbub.admin.doctor.patient import Running
from hubbub.admin.questions import Progress
from hubbub.admin.tasks import Arguments, Call, CannotBeDone, Result
from hubbub.admin.warnings import of_bus

MOST_SECONDS = 60  # for who asks from a browser, which waits for the answer


class Examine(Arguments, frozen=True, kw_only=True):
    """``seconds``: how long it may take; what is not looked at by then is told to be left.

    ``files``: all that people have sent is read, to see whether it is what was stored.
    """

    seconds: Annotated[int, Meta(ge=1, le=MOST_SECONDS)] | None = None
    files: bool = False


class Examined(Result, frozen=True, kw_only=True):
    """What was found, and how many of it are errors and warnings."""

    findings: Sequence[Finding]
    errors: int
    warnings: int


async def doctor(call: Call, asked: Examine) -> Examined:
    """Looks whether all is well."""
    desk = call.desk
    if desk.folder is None:
        raise CannotBeDone("This server keeps nothing on a disk.")
    seconds = asked.seconds
    if seconds is None and not call.by.at_hand:
        seconds = MOST_SECONDS

    def tell(what: str, done: int, of: int) -> None:
        call.tell(Progress(what, done, of))

    found = await examine(
        desk.folder,
        desk.settings,
        now=call.hub.clock(),
        running=_running(call),
        seconds=seconds,
        hashes=asked.files,
        progress=tell,
    )
    return examined(found)


def examined(found: Sequence[Finding]) -> Examined:
    """The findings, counted."""
    return Examined(
        findings=found,
        errors=sum(one.level is Level.ERROR for one in found),
        warnings=sum(one.level is Level.WARNING for one in found),
    )


def _running(call: Call) -> Running:
    daily = call.desk.daily
    search = call.hub.search
    return Running(
        healthy=call.hub.healthy,
        behind=0 if search is None else search.behind,
        backups=None if daily is None else daily.state.concern(call.hub.clock()),
        ends=call.desk.certificate_ends(),
        bus=next((one.said for one in of_bus(call.hub)), None),
    )
