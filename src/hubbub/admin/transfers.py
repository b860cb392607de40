"""Tasks that move rooms out of the server as files, and into it. Only at hand: they name files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from pathlib import Path
from types import MappingProxyType
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Meta

from hubbub.admin import questions
from hubbub.admin.links import DAY_SECONDS, make_link
from hubbub.admin.tasks import Arguments, Call, CannotBeDone, Result
from hubbub.domain.commands import MakeTicket
from hubbub.domain.directory import DIRECTORY, OPERATOR
from hubbub.domain.errors import ChatError
from hubbub.domain.ids import THE_SERVER
from hubbub.domain.names import UserName
from hubbub.moving import report
from hubbub.moving.choices import Choices, Operator
from hubbub.moving.exporting import export_lines
from hubbub.moving.formats import open_source
from hubbub.moving.html.exporting import export_pages
from hubbub.moving.importing import import_rooms
from hubbub.moving.selecting import Selection
from hubbub.moving.served import Served

MAX_PATH_CHARS = 4096
MAX_ZONE_CHARS = 64
MAX_NAMED = 10_000  # rooms, or people, on a command line
CLAIM_DAYS = 30  # that who comes from elsewhere has to claim their account

NONE: Mapping[str, str] = MappingProxyType({})

FilePath = Annotated[str, Meta(min_length=1, max_length=MAX_PATH_CHARS)]
Names = Annotated[Sequence[str], Meta(max_length=MAX_NAMED)]


class Export(Arguments, frozen=True, kw_only=True):
    """``to``: a file that is not there yet; with ``html`` a folder, of pages for a browser.

    ``rooms``: these, whoever may read them; None: all. ``private``: of all, also private rooms and
    direct conversations. ``files``: with copies of the files of messages; in the folder, or in one
    beside the file that has its name and ``.files``.
    """

    to: FilePath
    rooms: Names | None = None
    private: bool = False
    html: bool = False
    files: bool = True


class Exported(Result, frozen=True, kw_only=True):
    """What was written to ``file``. ``left_out``: rooms that only some people read.

    ``files``: of messages, that were copied.
    """

    file: str
    rooms: int
    events: int
    people: int
    bytes: int
    left_out: int
    notes: Sequence[str] = ()
    files: int = 0


async def export(call: Call, asked: Export) -> Exported:
    """Writes rooms to a file, or a folder."""
    _check_at_hand(call)
    selection = Selection(asked.rooms, asked.private)
    write = export_pages if asked.html else export_lines
    done = await write(
        Served(call.hub), Path(asked.to), selection, files=asked.files, told=_telling(call)
    )
    return Exported(
        file=asked.to,
        rooms=done.rooms,
        events=done.events,
        people=done.people,
        bytes=done.bytes,
        left_out=done.left_out,
        notes=done.notes,
        files=done.files,
    )


class Import(Arguments, frozen=True, kw_only=True):
    """``file``: a file, a folder or an archive. ``format``: None: as it looks.

    ``dry``: only tells what would be done. ``people``: who there is which account here. ``names``:
    other names for rooms. ``into``: rooms here that texts go into. ``only``: these rooms there.
    ``accounts``: whether people get accounts; None: as is usual for the format. ``links``: make
    links by which they are claimed. ``zone``: where a log of IRC was written, as Europe/Berlin.
    """

    file: FilePath
    format: str | None = None
    dry: bool = False
    people: Mapping[str, str] = NONE
    names: Mapping[str, str] = NONE
    into: Mapping[str, str] = NONE
    only: Names | None = None
    private: bool = False
    accounts: bool | None = None
    links: bool = False
    zone: Annotated[str, Meta(max_length=MAX_ZONE_CHARS)] = "UTC"


class Imported(Result, frozen=True, kw_only=True):
    """What was done, or with ``dry`` would be. ``skipped``: what was left out, by the reason.

    ``files``: of messages, that are new here.
    """

    format: str
    dry: bool
    added: int
    again: int
    rooms: Sequence[report.ImportedRoom]
    people: Sequence[report.ImportedPerson]
    skipped: Mapping[str, int]
    notes: Sequence[str]
    files: int = 0


async def import_(call: Call, asked: Import) -> Imported:
    """Takes rooms from a file."""
    _check_at_hand(call)
    choices = Choices(
        map=asked.people,
        rooms=asked.names,
        into=asked.into,
        only=asked.only,
        private=asked.private,
        accounts=asked.accounts,
    )
    by = Operator(UserName.recall(OPERATOR), THE_SERVER)
    with open_source(Path(asked.file), asked.format, zone=_zone(asked.zone)) as source:
        done = await import_rooms(
            Served(call.hub), source, choices, by, dry=asked.dry, told=_telling(call)
        )
    if asked.links and not asked.dry:
        await _link(call, done)
    return Imported(
        format=done.format,
        dry=done.dry,
        added=done.added,
        again=done.again,
        rooms=done.rooms,
        people=done.people,
        skipped=done.skipped,
        notes=done.notes,
        files=done.files,
    )


async def _link(call: Call, done: report.ImportReport) -> None:
    """Gives those who are new here a link to their account, as far as there may be links."""
    for person in done.people:
        if person.new:
            ticket = MakeTicket(
                room=DIRECTORY,
                user=UserName.recall(person.name),
                seconds=CLAIM_DAYS * DAY_SECONDS,
            )
            try:
                person.link = (await make_link(call, ticket)).url
            except ChatError as error:  # what was imported is told in any case
                done.notes.append(f"No link for {person.name} and those behind: {error}")
                return


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CannotBeDone(
            f"There is no time zone {name!r}. One is called Europe/Berlin."
        ) from None


def _check_at_hand(call: Call) -> None:
    if not call.by.at_hand:
        raise CannotBeDone("That is done on the server's computer alone: hubbub admin.")


def _telling(call: Call) -> report.Told:
    def tell(progress: report.Progress) -> None:
        call.tell(questions.Progress(progress.step, progress.done, progress.total or 0))

    return tell
