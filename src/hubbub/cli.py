"""The command line, and the one place where the server's parts are put together."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

from cyclopts import App, CycloptsError, Parameter

import hubbub
from hubbub.config import (
    FromEnvironment,
    FromFile,
    Reader,
    Settings,
    Whole,
    to_options,
    to_rules,
)
from hubbub.config.kinds import Seconds

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable

    from hubbub.client.address import Address
    from hubbub.domain.names import RoomName
    from hubbub.server.listener import Listener
    from hubbub.terminal.script import Who

EXIT_FAILED = 1
EXIT_WRONG_USAGE = 2
EXIT_INTERRUPTED = 130  # 128 + SIGINT, as shells have it

ABOUT_SETTINGS = (
    "Each setting can also be given in the environment (HUBBUB_RATE_LIMIT=20) or in the settings "
    "file (rate-limit = 20). A flag comes before the environment, and that before the file. "
    "All about them: docs/configuration.md"
)

SEND_SECONDS = 30.0  # a server's restart is over by then
TAIL_EVENTS = 20  # less than a screen, as /history has it

LONE_HYPHEN = "\0-"  # cyclopts takes a - for an option; no argument of a process holds a NUL

Shell = Literal["bash", "zsh", "fish"]


class Failed(Exception):
    """A command that cannot do its work. The text is for the person who gave it."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs the command that ``arguments`` (else those of this process) name, and exits.

    The exit code is 2 for what was asked wrongly, and 1 for what could not be done.
    """
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words[:1] == ["send"]:
        words = [LONE_HYPHEN if word == "-" else word for word in words]
    try:
        outcome = make_app()(words)
    except CycloptsError as error:
        _exit(str(error), EXIT_WRONG_USAGE)
    except Failed as error:
        _exit(str(error), EXIT_FAILED)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    sys.exit(outcome)


def make_app() -> App:
    """The commands, for cyclopts to run."""
    app = App(
        name="hubbub",
        help=hubbub.__doc__,
        help_format="plaintext",
        version=hubbub.__version__,
        result_action="return_value",
        exit_on_error=False,
        print_error=False,
    )
    sources = (FromEnvironment(os.environ), FromFile())
    app.command(
        App(name="serve", default_command=serve, config=sources, help_epilogue=ABOUT_SETTINGS)
    )
    usage = "Usage: hubbub chat [OPTIONS] [[USER@]HOST[:PORT][/ROOM]]"
    app.command(App(name="chat", default_command=chat, usage=usage))
    app.command(App(name="send", default_command=send, usage=SEND_USAGE))
    app.command(App(name="tail", default_command=tail))
    app.command(App(name="completion", default_command=completion))
    app.command(App(name="--install-completion", default_command=install_completion))
    return app


def serve(settings: Settings = Settings()) -> None:  # noqa: B008  # frozen
    """Start a chat server."""
    import asyncio

    from hubbub.server import logs

    logs.set_up(settings.log_level, settings.log_format)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_serve(settings))


def chat(
    address: Annotated[
        str,
        Parameter(
            help="Where to connect, who to be there, and in which room. What is left out is "
            "asked for; without a host it is this computer.",
            show_default=False,
        ),
    ] = "",
    /,
    *,
    host: Annotated[
        str | None,
        Parameter(
            help="The server's name or address, rather than that in ADDRESS.", metavar="HOST"
        ),
    ] = None,
    port: Annotated[
        int | None,
        Parameter(
            help="The server's port, rather than that in ADDRESS.",
            metavar="PORT",
            converter=Reader(Whole(1, 65_535)).read,
        ),
    ] = None,
    plain: Annotated[
        bool,
        Parameter(
            help="Lines of text only, as in a pipe or for a screen reader.",
            negative=(),
            show_default=False,
        ),
    ] = False,
) -> int | None:
    """Chat in this terminal."""
    from msgspec.structs import replace

    from hubbub.client.address import Address, BadAddress

    try:
        where = Address.parse(address)
    except BadAddress as error:
        raise CycloptsError(msg=str(error)) from None
    where = replace(where, host=host or where.host, port=port or where.port)

    from hubbub.terminal.choice import takes_the_screen

    if not plain and takes_the_screen():
        from hubbub.terminal.full import main as chat_on_screen

        return chat_on_screen(where, where.user, where.room)
    from hubbub.terminal.plain import main as chat_plainly

    return chat_plainly(where, where.user, where.room)


def _complete_rooms(context: Any) -> list[tuple[str, str]]:
    """For the shell, which has asked what could stand here."""
    from hubbub.client.address import Address
    from hubbub.terminal.shell import room_names

    return room_names(Address.parse(context["server"].raw or ""))


Room = Annotated[
    str,
    Parameter(
        help="The room's name. In a shell, # begins a comment: leave it out.",
        completer=_complete_rooms,
    ),
]
Server = Annotated[
    str,
    Parameter(
        help="Where the server is: [USER@]HOST[:PORT] or a URL. Without it, it is this computer.",
        metavar="ADDRESS",
        show_default=False,
    ),
]
User = Annotated[
    str | None,
    Parameter(
        help="Who to be there. Without it, it is $HUBBUB_USER, else who you are on this computer.",
        metavar="NAME",
    ),
]

SEND_USAGE = "Usage: hubbub send [OPTIONS] ROOM [TEXT...]"


def send(
    room: Room,
    /,
    *text: Annotated[
        str,
        Parameter(
            help="What to say. Without it, or if it is -, each line of the standard input is said.",
            show_default=False,
        ),
    ],
    server: Server = "",
    user: User = None,
    timeout: Annotated[
        float,
        Parameter(
            help="Seconds to go on while nothing can be saved.",
            metavar="SECONDS",
            converter=Reader(Seconds(0.1, 86_400)).read,
        ),
    ] = SEND_SECONDS,
) -> int:
    """Say something in a room, from a script; the exit code is 0 when all of it is saved."""
    where, who, name = _script(server, user, room)

    from hubbub.terminal.send import main as say

    said = ["-" if word == LONE_HYPHEN else word for word in text]
    return say(where, who, name, said, timeout)


def tail(
    room: Room,
    /,
    *,
    server: Server = "",
    user: User = None,
    lines: Annotated[
        int | None,
        Parameter(
            name=("--lines", "-n"),
            help=f"How many of the newest events to print; {TAIL_EVENTS} if nothing is said.",
            metavar="N",
            converter=Reader(Whole(0, 2**53)).read,
        ),
    ] = None,
    after: Annotated[
        int | None,
        Parameter(
            help="Print all events behind this number instead.",
            metavar="SEQ",
            converter=Reader(Whole(0, 2**53)).read,
        ),
    ] = None,
    follow: Annotated[
        bool,
        Parameter(
            name=("--follow", "-f"),
            help="Go on with what is said from now on.",
            negative=(),
            show_default=False,
        ),
    ] = False,
    json: Annotated[
        bool,
        Parameter(help="Print a JSON object a line.", negative=(), show_default=False),
    ] = False,
) -> int:
    """Print what was said in a room."""
    if lines is not None and after is not None:
        raise CycloptsError(msg="Give only one of --lines and --after.")
    where, who, name = _script(server, user, room)

    from hubbub.terminal.tail import main as print_room

    last = TAIL_EVENTS if lines is None else lines
    return print_room(where, who, name, last=last, after=after, follow=follow, as_json=json)


def completion(shell: Shell, /) -> None:
    """Print what makes a shell complete commands, options and rooms."""
    sys.stdout.write(make_app().generate_completion(shell=shell))


def install_completion(*, shell: Shell | None = None) -> None:
    """Let the shell complete commands, options and rooms from its next start on."""
    from cyclopts.completion.install import create_install_completion_command

    install = create_install_completion_command(make_app().install_completion, add_to_startup=True)
    install(shell=shell)


def _script(server: str, user: str | None, room: str) -> tuple[Address, Who, RoomName]:
    """What a command for scripts was told, understood."""
    from hubbub.client.address import Address, BadAddress
    from hubbub.domain.errors import InvalidName
    from hubbub.domain.names import RoomName
    from hubbub.terminal.script import Who

    try:
        where = Address.parse(server)
        return where, Who.of(user, where), RoomName.parse(room)
    except (BadAddress, InvalidName) as error:
        raise CycloptsError(msg=str(error)) from None


async def _serve(settings: Settings) -> None:
    """Puts the server together and runs it until it is told to stop."""
    import logging
    import secrets
    import time

    from hubbub.hub.hub import Hub
    from hubbub.server.http.lazily import Http
    from hubbub.server.run import serve as run
    from hubbub.storage.errors import StorageError
    from hubbub.storage.log import DATABASE, SqlLog
    from hubbub.storage.search.sqlite import SqlSearch, can_search

    logger = logging.getLogger(__name__)
    options = to_options(settings)

    def announce(addresses: Sequence[tuple[str, int]]) -> None:
        files = {"data": str(settings.data)}
        if settings.config is not None:
            files["settings"] = str(settings.config)
        for host, port in addresses:
            shown = f"[{host}]" if ":" in host else host
            logger.info("Listening on %s:%d", shown, port, extra=files)
        warning = exposure([host for host, _ in addresses])
        if warning:
            logger.warning(warning)

    async def prepare(listener: Listener) -> None:
        http = Http(hub, listener.doors, options, listener.websocket, listener.gone)
        listener.http = http
        await http.warm()

    try:
        log = await SqlLog.open(settings.data, durability=settings.durability)
    except StorageError as error:
        raise Failed(str(error)) from None
    search = None
    if settings.search == "on" and can_search():
        search = SqlSearch.open(settings.data / DATABASE, log.id)
        log.watch(search.committed)
    elif settings.search == "on":
        logger.warning("This Python's SQLite has no full-text search (FTS5): search is off.")
    try:
        hub = Hub(
            log,
            search=search,
            rules=to_rules(settings),
            clock=lambda: time.time_ns() // 1_000_000,
            monotonic=time.monotonic,
            ids=lambda: secrets.randbelow(2**63 - 1) + 1,
        )
        await run(hub, options, announce=announce, prepare=prepare)
    except OSError as error:
        raise Failed(_cannot_listen(settings, error)) from None
    finally:
        if search is not None:
            await search.close()
        await log.close()


def exposure(hosts: Sequence[str]) -> str | None:
    """What to warn of when the server listens on ``hosts``, IP addresses; None if of nothing."""
    from ipaddress import ip_address

    open_to_others = [host for host in hosts if not ip_address(host.partition("%")[0]).is_loopback]
    if not open_to_others:
        return None
    return (
        f"Everyone who can reach this computer at {', '.join(open_to_others)} can connect and "
        "read all rooms, and nothing is encrypted on the way. On the internet, put a proxy that "
        "speaks TLS before it."
    )


def _cannot_listen(settings: Settings, error: OSError) -> str:
    import errno

    hints = {
        errno.EADDRINUSE: " Another program has this port: stop it, or choose another --port.",
        errno.EACCES: " Ports below 1024 are for the system: choose another --port.",
        errno.EADDRNOTAVAIL: " This computer has no such address: choose another --host.",
    }
    number = error.errno or 0
    # Loops put words of their own into strerror; those of a name that is not found are negative.
    reason = os.strerror(number) if number > 0 else error.strerror or str(error)
    hint = hints.get(number, "")
    return f"Cannot listen on {settings.host} port {settings.port}: {reason}.{hint}"


def _loop_factory() -> Callable[[], AbstractEventLoop] | None:
    """Uvloop's, which does twice as much in a second; asyncio's own where there is none."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def _exit(message: str, status: int) -> NoReturn:
    sys.stderr.write(f"hubbub: {message}\n")
    sys.exit(status)
