"""All checks, one after another, in a thread that leaves processor and disk to others."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from hubbub.admin.doctor import database, files, index, logs, machine, sent, told
from hubbub.admin.doctor.findings import Finding, Level
from hubbub.admin.doctor.patient import Patient, Running, TimeUp
from hubbub.config import Settings
from hubbub.storage.backup.pacing import Progress, Teller
from hubbub.storage.backup.stopping import Stop
from hubbub.storage.backup.working import in_thread

MOMENT_SECONDS = 0.005  # of work between two rests
REST_RATIO = 2.0  # of the time that the work took
MAX_REST_SECONDS = 0.1  # the thread may have waited for its turn that long, and did nothing

Check = Callable[[Patient], Iterator[Finding]]

CHECKS: tuple[tuple[str, Check], ...] = (
    ("server", told.saving),
    ("bus", told.bus),
    ("owner", told.owner),
    ("settings", told.settings),
    ("files", files.files),
    ("disk", files.disk),
    ("clock", machine.clock),
    ("versions", machine.versions),
    ("limits", machine.descriptors),
    ("certificate", told.certificate),
    ("backups", told.backups),
    ("database", database.database),
    ("logs", logs.logs),
    ("sent files", sent.sent),
    ("search", index.index),
)
"""What is quick first: where the time is over, the others are left."""

OF_THE_FOLDER = ("owner", "backups", "database", "logs", "search")
"""The checks of what is in a data folder's own database."""


def _shared(patient: Patient) -> Iterator[Finding]:
    from hubbub.admin.doctor.shared import shared

    return shared(patient)


def _checks(settings: Settings) -> Sequence[tuple[str, Check]]:
    if not settings.database:
        return CHECKS
    others = [check for check in CHECKS if check[0] not in OF_THE_FOLDER]
    return [*others, ("database", _shared)]


class Rest:
    """Is called after each bit of the work. Raises `TimeUp` when the time is over.

    ``often``: beside a server, whose event loop needs the interpreter, too.
    """

    def __init__(self, stop: Stop, seconds: float | None, *, often: bool) -> None:
        self._stop = stop
        self._often = often
        self._ends = float("inf") if seconds is None else time.monotonic() + seconds
        self._since = time.monotonic()

    def __call__(self) -> None:
        self._stop.check()
        now = time.monotonic()
        if now > self._ends:
            raise TimeUp
        if self._often and now - self._since >= MOMENT_SECONDS:
            self._stop.rest(min((now - self._since) * REST_RATIO, MAX_REST_SECONDS))
            self._since = time.monotonic()


async def examine(
    folder: Path,
    settings: Settings,
    *,
    now: int,
    running: Running | None = None,
    seconds: float | None = None,
    hashes: bool = False,
    progress: Progress | None = None,
) -> list[Finding]:
    """What there is to be said of the data in ``folder``. ``now``: in ms since the Unix epoch.

    ``seconds``: how long it may take; None: as long as it takes. ``hashes``: what people have sent
    is read, too. ``progress``: is told on the loop.
    """

    def work(stop: Stop, tell: Teller) -> list[Finding]:
        rest = Rest(stop, seconds, often=running is not None)
        patient = Patient(
            folder, settings, now=now, stop=stop, rest=rest, running=running, hashes=hashes
        )
        return list(_findings(patient, tell))

    return await in_thread(work, progress)


def _findings(patient: Patient, tell: Teller) -> Iterator[Finding]:
    checks = _checks(patient.settings)
    for number, (about, check) in enumerate(checks):
        tell(f"looking at {about}", number, len(checks))
        try:
            yield from check(patient)
        except TimeUp:
            yield Finding(
                level=Level.NOTE,
                about=about,
                said="It was looked at in part: the time was over.",
                cure="hubbub admin doctor, on the server's computer, takes its time.",
            )
        except OSError as error:
            yield Finding(
                level=Level.ERROR,
                about=about,
                said=f"It cannot be looked at: {error.filename or ''} {error.strerror or error}.",
            )
