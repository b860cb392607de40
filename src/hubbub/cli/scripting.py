"""`hubbub send` and `hubbub tail`: sending and reading messages from scripts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import CycloptsError, Parameter

from hubbub.cli.where import Fingerprint, server_of, trust_of, whole_path_of
from hubbub.config import Reader
from hubbub.domain.files import MAX_FILES
from hubbub.setting.kinds import EventPlace, Seconds, Whole

if TYPE_CHECKING:
    from hubbub.client.address import Address
    from hubbub.client.trust import Trust
    from hubbub.terminal.script import Place, Who

SEND_USAGE = "Usage: hubbub send [OPTIONS] ROOM [TEXT...]"
SEND_EXAMPLE = "For example: make 2>&1 | hubbub send Builds"
TAIL_EXAMPLE = "For example: hubbub tail --follow General"
SEND_SECONDS = 30.0  # a server's restart is over by then
TAIL_EVENTS = 20  # less than a screen, as /history has it

LONE_HYPHEN = "\0-"  # cyclopts takes a - for an option; no argument of a process holds a NUL


def with_hyphens(words: list[str]) -> list[str]:
    """The words of a command line, with a lone - replaced so that `send` gets it as a text."""
    if words[:1] != ["send"]:
        return words
    return [LONE_HYPHEN if word == "-" else word for word in words]


def _complete_rooms(context: Any) -> list[tuple[str, str]]:
    """Prints completions to the shell, which has asked for them."""
    from hubbub.terminal.shell import room_names

    given, port = context["server"].raw or "", context["port"].raw
    where = server_of(given, port=Whole(1, 65_535).parse(port) if port else None)
    return [] if given.strip() and where.room else room_names(where, context.incomplete)


Room = Annotated[
    str | None,
    Parameter(
        help="The room's name; or @NAME, or @NAME,@NAME, for a direct conversation. In a shell, # "
        "begins a comment: leave it out. With a room in --server, there is none here.",
        completer=_complete_rooms,
    ),
]
Server = Annotated[
    str,
    Parameter(
        help="Where the server is: [USER@]HOST[:PORT][/ROOM] or a URL. Without it, it is "
        "$HUBBUB_SERVER, else this computer.",
        metavar="ADDRESS",
        show_default=False,
    ),
]
Port = Annotated[
    int | None,
    Parameter(
        help="The server's port, rather than that in ADDRESS.",
        metavar="PORT",
        converter=Reader(Whole(1, 65_535)).read,
    ),
]
User = Annotated[
    str | None,
    Parameter(
        help="Who to be there. Without it, it is $HUBBUB_USER, else who you are on this computer.",
        metavar="NAME",
    ),
]
PasswordFd = Annotated[
    int | None,
    Parameter(
        name="--password-fd",
        help="The file descriptor to read the password of the account from, as in 3<FILE. Without "
        "it, it is $HUBBUB_PASSWORD. A login is kept, so that later ones need none.",
        metavar="N",
        converter=Reader(Whole(0, 1_000_000)).read,
    ),
]


def send(
    room: Room = None,
    /,
    *text: Annotated[
        str,
        Parameter(
            help="What to say. Without it, or if it is -, each line of the standard input is said.",
            show_default=False,
        ),
    ],
    server: Server = "",
    port: Port = None,
    user: User = None,
    password_fd: PasswordFd = None,
    fingerprint: Fingerprint = None,
    file: Annotated[
        tuple[Path, ...],
        Parameter(
            name=("--file",),
            help="A file to send with the message; give it again for each one more. Without TEXT "
            "there is none beside them.",
            metavar="FILE",
            negative=(),
            consume_multiple=False,
            show_default=False,
        ),
    ] = (),
    whole: Annotated[
        bool,
        Parameter(
            help="Say all of the standard input as one message.",
            negative=(),
            show_default=False,
        ),
    ] = False,
    timeout: Annotated[
        float,
        Parameter(
            help="Seconds to go on trying while nothing can be saved.",
            metavar="SECONDS",
            converter=Reader(Seconds(0.1, 86_400)).read,
            show_default=lambda seconds: f"{seconds:g}",
        ),
    ] = SEND_SECONDS,
) -> int:
    """Say something in a room, from a script; the exit code is 0 when all of it is saved."""
    words = [word for word in (room, *text) if word is not None]
    trust = trust_of(fingerprint)
    where, named = _server_and_room(server, port, trust)
    named = named or (words.pop(0) if words else None)
    who, name = _script(where, user, password_fd, named, SEND_EXAMPLE)
    said = ["-" if word == LONE_HYPHEN else word for word in words]
    if len(file) > MAX_FILES:
        raise CycloptsError(msg=f"At most {MAX_FILES} files go with one message.")
    if whole and said not in ([], ["-"]):
        raise CycloptsError(msg="--whole is for the standard input: leave out TEXT, or --whole.")

    from hubbub.terminal.send import main as say

    return say(where, who, name, said, timeout, whole=whole, trust=trust, files=file)


def tail(
    room: Room = None,
    /,
    *,
    server: Server = "",
    port: Port = None,
    user: User = None,
    password_fd: PasswordFd = None,
    fingerprint: Fingerprint = None,
    lines: Annotated[
        int | None,
        Parameter(
            name=("--lines", "-n"),
            help=f"How many of the newest events to print; {TAIL_EVENTS} if you give no number.",
            metavar="N",
            converter=Reader(Whole(0, 2**53)).read,
        ),
    ] = None,
    after: Annotated[
        str | None,
        Parameter(
            help="Print all events after this number instead; with the time of that event (`at` "
            "with --json), it is noticed when the room has another history by now.",
            metavar="SEQ[@TIME]",
            converter=Reader(EventPlace()).read,
        ),
    ] = None,
    follow: Annotated[
        bool,
        Parameter(
            name=("--follow", "-f"),
            help="Go on, and print what is said from now on, too.",
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
    trust = trust_of(fingerprint)
    where, named = _server_and_room(server, port, trust)
    if room is not None and named:
        raise CycloptsError(msg="Give the room once: here, or behind the / in --server.")
    who, name = _script(where, user, password_fd, room or named, TAIL_EXAMPLE)

    from hubbub.terminal.tail import main as print_room

    last = TAIL_EVENTS if lines is None else lines
    seq, _, at = (after or "").partition("@")
    return print_room(
        where,
        who,
        name,
        last=last,
        after=int(seq) if seq else None,
        after_at=int(at) if at else None,
        follow=follow,
        as_json=json,
        trust=trust,
    )


def _server_and_room(server: str, port: int | None, trust: Trust) -> tuple[Address, str | None]:
    """The server, and the room in the address of `--server`.

    One in ``$HUBBUB_SERVER`` is for `chat` only.
    """
    where = server_of(server, port=port)
    if port is None and (whole := whole_path_of(server)) is not None:
        from hubbub.terminal.placing import placed

        where = placed(where, whole, trust)
    return where, where.room if server.strip() else None


def _script(
    where: Address,
    user: str | None,
    password_fd: int | None,
    room: str | None,
    example: str,
) -> tuple[Who, Place]:
    """The parsed options of a command for scripts."""
    from hubbub.domain.errors import InvalidName
    from hubbub.domain.names import RoomName, UserName
    from hubbub.terminal.passwords import given_password
    from hubbub.terminal.script import Who

    if room is None:
        raise CycloptsError(msg=f"Which room? {example}")
    try:
        who = Who.of(user, where, given_password(password_fd))
        if room.startswith("@"):
            people = room.split(",")
            return who, tuple(UserName.parse(one.removeprefix("@")) for one in people)
        return who, RoomName.parse(room)
    except InvalidName as error:
        raise CycloptsError(msg=str(error)) from None
    except OSError as error:
        raise CycloptsError(
            msg=f"No password can be read from the descriptor {password_fd}: {error.strerror}."
        ) from None
