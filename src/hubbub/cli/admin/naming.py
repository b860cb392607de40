"""Names on the command line: of people and of rooms, which shells complete."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

COMPLETED = 200  # names that are offered at once
COMPLETE_SECONDS = 2.0  # that a shell waits for them


def _names(task: str, field: str) -> Callable[[Any], list[str]]:
    """Lists names for a shell: of a server that runs, as the others would take too long."""

    def complete(context: Any) -> list[str]:
        import asyncio

        import msgspec

        from hubbub.admin.calling import NotOurs, NotRunning, TaskFailed
        from hubbub.admin.calling import ask as ask_running
        from hubbub.cli.admin.asking import Where

        given = {name: context.get(name) for name in ("--data", "--config")}
        paths = {name: Path(one.raw) for name, one in given.items() if one and one.raw}
        where = Where(data=paths.get("--data"), config=paths.get("--config"))
        asked = msgspec.json.encode({"query": context.incomplete, "limit": COMPLETED})

        async def found() -> bytes:
            async with asyncio.timeout(COMPLETE_SECONDS):
                return await ask_running(where.folder(), task, asked, lambda progress: None)

        try:
            page = msgspec.json.decode(asyncio.run(found()))
        except (NotOurs, NotRunning, TaskFailed, TimeoutError):
            return []
        return [row["name"] for row in page[field]]

    return complete


_people, _rooms = _names("users", "users"), _names("rooms", "rooms")

User = Annotated[str, Parameter(help="The name of an account.", completer=_people)]
Room = Annotated[str, Parameter(help="The name of a room.", completer=_rooms)]
InRoom = Annotated[
    str | None,
    Parameter(
        name=["--room", "-r"],
        help="In this room; without it, on the whole server.",
        metavar="ROOM",
        completer=_rooms,
        show_default=False,
    ),
]
Yes = Annotated[
    bool, Parameter(help="Do not ask whether it is meant.", negative=(), show_default=False)
]

SERVER = "/server"


def room_or_server(room: str | None) -> str:
    """What the protocol calls it."""
    return SERVER if room is None else room


def place(room: str | None) -> str:
    """What people call it."""
    return "this server" if room is None or room == SERVER else room
