"""What an export or an import has done, or would do, as structs for a command line or a page."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from msgspec import Struct

from hubbub.domain.ids import UserId


class Progress(Struct, frozen=True):
    """How far it is: ``step`` is "reading", "people", or the room that is written just now.

    ``done`` and ``total`` are events; ``total`` is None while nobody knows.
    """

    step: str
    done: int
    total: int | None = None


Told = Callable[[Progress], None]
"""Is called on the event loop, some times a second at most. It must not raise."""


def tell_nobody(progress: Progress) -> None:
    """For who does not want to know."""


class Outcome(Enum):
    """What becomes of a room."""

    NEW = "new"
    """It is made."""
    CONTINUED = "continued"
    """It was begun by an import that stopped, and is made."""
    KNOWN = "known"
    """It was imported before, and gets what was not there then."""
    INTO = "into"
    """It was here before, and gets the texts behind its own."""
    SKIPPED = "skipped"
    """It is left out: ``why`` says why."""


class ImportedRoom(Struct):
    """A room: how it is called where it comes from, its name here, what becomes of it.

    ``events``: those in the source; ``added`` of them were new here, ``again`` were here already.
    """

    source: str
    name: str
    outcome: Outcome
    why: str = ""
    events: int = 0
    added: int = 0
    again: int = 0


class ImportedPerson(Struct):
    """Somebody who said something: how they are called there, and here.

    ``account``: they have one. ``new``: it is made by this import, and nobody has a password for
    it: to be claimed by a link. ``link`` is that link, if one was asked for.
    """

    source: str
    name: str
    id: UserId
    account: bool
    new: bool = False
    link: str | None = None


class ImportReport(Struct):
    """What an import does. ``dry``: would do; nothing was changed.

    ``skipped``: how often what was left out, by the reason, in words. ``notes``: sentences for the
    operator. ``files``: of messages, that are new here.
    """

    format: str
    dry: bool
    rooms: list[ImportedRoom]
    people: list[ImportedPerson]
    skipped: dict[str, int]
    notes: list[str]
    files: int = 0

    @property
    def added(self) -> int:
        """The events that are new here."""
        return sum(room.added for room in self.rooms)

    @property
    def again(self) -> int:
        """Those that were here already."""
        return sum(room.again for room in self.rooms)


class ExportReport(Struct):
    """What an export has written. ``left_out``: rooms that only some people read.

    ``files``: of messages, that were copied; ``missing``: that are not in the server's store.
    """

    rooms: int
    events: int
    people: int
    bytes: int
    left_out: int
    notes: list[str]
    files: int = 0
    missing: int = 0

    def tell_missing(self) -> None:
        """Notes how many files there were not."""
        if self.missing:
            self.notes.append(
                f"{self.missing:,} files of messages are not where the server keeps them, and so "
                "not in the export. hubbub admin doctor says more."
            )
