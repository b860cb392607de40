"""`hubbub migrate`: all that a server has, into PostgreSQL or back into a data folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import CycloptsError, Parameter

from hubbub.cli.admin.asking import HERE, Where, teller
from hubbub.cli.admin.owning import become_owner
from hubbub.cli.admin.showing import counted, print_json, say
from hubbub.cli.failing import Failed
from hubbub.cli.invitation import own_command

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from typing import TypeVar

    from hubbub.storage.copying.migrating import Migrated
    from hubbub.storage.copying.opening import Place

    T = TypeVar("T")

MIGRATE_USAGE = "Usage: hubbub migrate [--from PLACE] --to PLACE [OPTIONS]"
MIGRATE_EXAMPLE = (
    "For example: hubbub migrate --to postgresql://hubbub@db.example.org/hubbub, and back: "
    "hubbub migrate --from postgresql://hubbub@db.example.org/hubbub --to /var/lib/hubbub. "
    "One of the two is a PostgreSQL, the other one a server's data folder. "
    "All about it: docs/moving.md"
)

SCHEMES = ("postgresql://", "postgres://")

_KEPT = {
    "tls": "the server's own certificates",
    "files": "files that people have sent",
}
"""Folders beside the database that are not moved, and what is in them."""

From = Annotated[
    str | None,
    Parameter(
        name="--from",
        help="Where the data is: a data folder, or postgresql://USER@HOST/DATABASE. Without it, "
        "the data folder of the server here.",
        metavar="PLACE",
        show_default=False,
    ),
]
To = Annotated[
    str | None,
    Parameter(
        help="Where it is to go: postgresql://USER@HOST/DATABASE, or a data folder. Empty, or with "
        "a part of this very move.",
        metavar="PLACE",
        show_default=False,
    ),
]
Reopen = Annotated[
    bool,
    Parameter(
        help="Copy nothing: let the server run again where the data was moved away from, without "
        "what was said since.",
        negative=(),
        show_default=False,
    ),
]


def migrate(
    *, source: From = None, to: To = None, reopen: Reopen = False, where: Where = HERE
) -> None:
    """Move all that a server has to PostgreSQL, or back to a data folder."""
    if reopen:
        if to is not None:
            raise CycloptsError(msg="--reopen copies nothing, so there can be no --to.")
        _reopen(_reopened(source, where))
        return
    one, other = _places(source, to, where)
    _become_owner(one, other)
    import msgspec

    from hubbub.admin.questions import Progress
    from hubbub.storage.copying.opening import move

    told = teller()
    found = _done(move(one, other, progress=lambda *how_far: told(Progress(*how_far))))
    beside = _beside(one)
    if where.json:
        print_json({**_summary(found), "beside": beside, "proof": msgspec.to_builtins(found.proof)})
        return
    _show(found, other, left=bool(beside))
    for name in beside:
        say(f"Not moved: {one}/{name} ({_KEPT[name]}). Each server looks for it in its --data.")


def _show(found: Migrated, to: Place, *, left: bool) -> None:
    """``left``: there is more in the folder that was moved from."""
    logs, events = counted(len(found.proof.logs), "log"), counted(found.proof.events, "event")
    users = counted(found.proof.tables["users"].count, "user")
    if found.whole_before:
        say(f"{found.target} has all of it already: {logs} with {events}, {users}; proved again.")
    else:
        resumed = f", {found.resumed:,} of them before" if found.resumed else ""
        say(f"{found.target} has all of {found.source}: {logs} with {events}{resumed}, {users},")
        say(f"proved by a hash over each log and each table, in {found.seconds:.0f} seconds.")
    where = f"--data {to}" if isinstance(to, Path) else f"--database {found.target}"
    say(f"To serve it: {own_command()} serve {where}")
    but = ", but for what follows" if left else ""
    say(f"No server starts on {found.source} any more. It is as it was, and may be deleted{but}.")


def _summary(found: Migrated) -> dict[str, Any]:
    return {
        "from": found.source,
        "to": found.target,
        "logs": len(found.proof.logs),
        "events": found.proof.events,
        "rows": {name: rows.count for name, rows in sorted(found.proof.tables.items())},
        "resumed": found.resumed,
        "whole_before": found.whole_before,
        "seconds": round(found.seconds, 3),
        "sha256": found.proof.sha256,
    }


def _beside(source: Place) -> list[str]:
    """What stays in the data folder, if it is one."""
    if not isinstance(source, Path):
        return []
    return [name for name in _KEPT if any((source / name).glob("*"))]


def _places(source: str | None, to: str | None, where: Where) -> tuple[Place, Place]:
    """From where to where: one folder and one URL. Raises `Failed`, `CycloptsError`."""
    one = None if source is None else _place(source, "--from")
    other = None if to is None else _place(to, "--to")
    for option, place in (("--from", one), ("--to", other)):
        if where.data is not None and isinstance(place, Path) and not _same(place, where.data):
            raise CycloptsError(
                msg=f"--data {where.data} and {option} {place} are two data folders, and there can "
                "be one. The other place is a PostgreSQL: postgresql://USER@HOST/DATABASE"
            )
    if other is None:
        if isinstance(one, str) and where.data is not None:
            return one, where.data
        raise CycloptsError(msg="Where is the data to go? " + _instance(one))
    if one is None:
        if isinstance(other, Path):
            raise CycloptsError(
                msg=f"From which PostgreSQL is {other} to be filled? "
                f"hubbub migrate --from postgresql://USER@HOST/DATABASE --to {other}"
            )
        return where.folder(), other
    if isinstance(one, str) and isinstance(other, str):
        raise CycloptsError(
            msg="Both are PostgreSQL. PostgreSQL's own programs copy one to another: pg_dump "
            "--format=custom, and pg_restore."
        )
    if isinstance(one, Path) and isinstance(other, Path):
        raise CycloptsError(
            msg="Both are folders. To copy a data folder: hubbub admin backup FOLDER, and hubbub "
            "admin restore FILE."
        )
    return one, other


def _instance(one: Place | None) -> str:
    if isinstance(one, str):
        return "--to FOLDER, one that is not there yet"
    return "--to postgresql://USER@HOST/DATABASE"


def _place(given: str, option: str) -> Place:
    scheme, mark, _ = given.partition("://")
    if not mark:
        if not given.strip():
            raise CycloptsError(msg=f"{option} names nothing: a folder, or a postgresql:// URL.")
        return Path(given).expanduser()
    if given.startswith(SCHEMES):
        return given
    raise CycloptsError(
        msg=f"{option} cannot be a {scheme}:// address. Hubbub's data is in a data folder, or in a "
        "PostgreSQL: postgresql://USER@HOST/DATABASE"
    )


def _same(one: Path, other: Path) -> bool:
    return one.expanduser().absolute() == other.expanduser().absolute()


def _reopened(source: str | None, where: Where) -> Place:
    return where.folder() if source is None else _place(source, "--from")


def _reopen(place: Place) -> None:
    from hubbub.storage.copying.opening import reopen

    _become_owner(place)
    if not _done(reopen(place)):
        raise Failed("It was not moved away, so a server can run on it as it is.")
    say("A server can run on it again. What was said since it was moved away is not there.")


def _become_owner(*places: Place) -> None:
    """Root does it as whoever owns the folder; see `hubbub.cli.admin.owning`."""
    for place in places:
        if isinstance(place, Path):
            become_owner(place)


def _done(doing: Awaitable[T]) -> T:
    import asyncio

    from hubbub.storage.errors import FolderInUse, StorageError

    async def work() -> T:
        return await doing

    try:
        return asyncio.run(work())
    except FolderInUse as error:
        raise Failed(f"{error} Data is moved while no server runs on it.") from None
    except StorageError as error:
        raise Failed(str(error)) from None
