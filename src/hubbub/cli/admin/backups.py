"""`hubbub admin` about backups: made and listed by the server, read and restored without one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

from cyclopts import Parameter

from hubbub.cli.admin.asking import HERE, Where, teller
from hubbub.cli.admin.showing import counted, print_json, say, size, table, tell, when
from hubbub.cli.failing import Failed

S3 = "s3://"

T = TypeVar("T")

Place = Annotated[
    str | None,
    Parameter(
        help="A folder, or s3://BUCKET/PREFIX. Without it, where the server keeps its backups.",
        show_default=False,
    ),
]
File = Annotated[str, Parameter(help="A backup: a file, or s3://BUCKET/PREFIX/NAME.")]


def backup(place: Place = None, /, *, where: Where = HERE) -> None:
    """Make a backup now, of a server that runs or of one that does not."""

    def shown(answer: Any) -> None:
        made = answer["backup"]
        say(f"{made['where']} ({size(made['bytes'])}, SHA-256 {answer['sha256']})")

    tell(where, shown, "backup", place=_whole(place))


def backups(place: Place = None, /, *, where: Where = HERE) -> None:
    """List the backups."""

    def shown(answer: Any) -> None:
        if answer["place"] is not None:
            table(
                ("BACKUP", "OF", "SIZE", "LOG"),
                (
                    (one["name"], when(one["at"]), size(one["bytes"]), one["log"])
                    for one in answer["backups"]
                ),
                none=f"There is none in {answer['place']}.",
            )
        if answer["concern"]:
            say(answer["concern"])

    tell(where, shown, "backups", place=_whole(place))


def _whole(place: str | None) -> str | None:
    """The server is in another folder."""
    if place is None or place.startswith(S3):
        return place
    return str(Path(place).expanduser().absolute())


def verify(file: File, /, *, where: Where = HERE) -> None:
    """Read a whole backup, and tell whether it is as it was written."""
    import msgspec

    from hubbub.admin.backups import verified
    from hubbub.storage.backup.restoring import verify as read

    def doing(progress: Callable[[str, int, int], None]) -> Awaitable[Any]:
        return read(file, progress=progress)

    found = msgspec.to_builtins(verified(file, _done(doing)))
    if where.json:
        print_json(found)
        return
    logs, events = counted(found["logs"], "log"), counted(found["events"], "event")
    say(f"{file} is sound: {logs} with {events},")
    say(f"of {when(found['at'])}, made by Hubbub {found['version']}.")


def restore(file: File, /, *, where: Where = HERE) -> None:
    """Make a data folder of a backup, for a server that does not run. Nothing is overwritten."""
    from hubbub.storage.backup.restoring import restore as put_back

    folder = where.folder()
    if not file.startswith(S3) and not Path(file).expanduser().is_file():
        raise Failed(f"There is no file {file}.")

    def doing(progress: Callable[[str, int, int], None]) -> Awaitable[Any]:
        return put_back(file, folder, progress=progress)

    found = _done(doing)
    logs = len(found.manifest.rooms)
    if where.json:
        print_json({"folder": str(folder), "sha256": found.sha256, "logs": logs})
        return
    say(f"{folder} is as it was {when(found.manifest.at)}: {counted(logs, 'log')}, all proved.")
    say("To serve it: hubbub serve --data " + str(folder))


def _done(doing: Callable[[Callable[[str, int, int], None]], Awaitable[T]]) -> T:
    import asyncio

    from hubbub.admin.questions import Progress
    from hubbub.storage.errors import FolderInUse, StorageError

    told = teller()

    async def work() -> T:
        return await doing(lambda what, done, of: told(Progress(what, done, of)))

    try:
        return asyncio.run(work())
    except FolderInUse as error:
        raise Failed(f"{error} A backup is restored while no server runs.") from None
    except StorageError as error:
        raise Failed(str(error)) from None
