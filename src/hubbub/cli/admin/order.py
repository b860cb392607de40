"""`hubbub admin` to keep order: invitations, putting out, banning, and what was done."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from cyclopts import Parameter

from hubbub.cli.admin.asking import HERE, Where
from hubbub.cli.admin.naming import InRoom, User, place, room_or_server
from hubbub.cli.admin.people import show_link
from hubbub.cli.admin.showing import print_json, say, table, tell, tell_of, when
from hubbub.cli.failing import Failed

Reason = Annotated[
    str | None, Parameter(help="What is told of why.", metavar="TEXT", show_default=False)
]
Long = Annotated[
    str | None,
    Parameter(
        name="--for",
        help="For how long: 10m, 2h, 3d; without it, for good.",
        metavar="TIME",
        show_default=False,
    ),
]


def invite(
    *,
    room: InRoom = None,
    uses: Annotated[int, Parameter(help="How often the link is good.", metavar="N")] = 1,
    days: Annotated[int, Parameter(help="For how many days.", metavar="N")] = 7,
    where: Where = HERE,
) -> None:
    """Make a link by which people come into a room, or get an account."""

    def shown(answer: Any) -> None:
        what = "This link makes an account" if room is None else f"This link leads into {room}"
        show_link(answer, what)

    tell(where, shown, "invite", room=room, uses=uses, days=days)


def kick(name: User, /, *, room: InRoom = None, reason: Reason = None, where: Where = HERE) -> None:
    """Put somebody out of a room, or log them out of the whole server."""
    tell_of(
        where,
        lambda reply: say(f"{name} was put out of {place(room)}."),
        "kick",
        room=room_or_server(room),
        user=name,
        reason=reason,
    )


def ban(
    name: Annotated[str, Parameter(help="Somebody; or with * and ?, a pattern of guests' names.")],
    /,
    *,
    room: InRoom = None,
    long: Long = None,
    network: Annotated[
        bool,
        Parameter(
            help="Guests from where they are connected, too.", negative=(), show_default=False
        ),
    ] = False,
    reason: Reason = None,
    where: Where = HERE,
) -> None:
    """Keep somebody out of a room, or of the whole server."""
    who = {"pattern": name} if set(name) & {"*", "?"} else {"user": name}
    tell_of(
        where,
        lambda reply: say(f"{name} is banned from {place(room)}."),
        "ban",
        room=room_or_server(room),
        **who,
        network=network or None,
        seconds=_seconds(long),
        reason=reason,
    )


def _seconds(long: str | None) -> int | None:
    from hubbub.domain.durations import parse_duration
    from hubbub.domain.errors import BadMessage

    try:
        return None if long is None else parse_duration(long)
    except BadMessage as error:
        raise Failed(error.message) from None


def unban(
    who: Annotated[str, Parameter(help="A name, a pattern, or the number of a ban.")],
    /,
    *,
    room: InRoom = None,
    where: Where = HERE,
) -> None:
    """End a ban."""
    which = {"ban": int(who)} if who.isdecimal() else {"user": who}
    tell_of(
        where,
        lambda reply: say(f"The ban of {who} from {place(room)} is over."),
        "unban",
        room=room_or_server(room),
        **which,
    )


def bans(*, room: InRoom = None, where: Where = HERE) -> None:
    """List who is banned."""

    def shown(reply: Any) -> None:
        table(
            ("NUMBER", "WHO", "UNTIL", "BY", "REASON"),
            (
                (
                    one["seq"],
                    one["user"],
                    when(one.get("until")) or "for good",
                    one["by"],
                    one.get("reason", ""),
                )
                for one in reply["bans"]
            ),
            none=f"Nobody is banned from {place(room)}.",
        )

    tell_of(where, shown, "bans", room=room_or_server(room))


def audit(
    *,
    room: InRoom = None,
    count: Annotated[
        int, Parameter(name=["--count", "-n"], help="How many at most.", metavar="N")
    ] = 50,
    where: Where = HERE,
) -> None:
    """Tell what was done in a room, or on the whole server, by whom and why."""

    def shown(reply: Any) -> None:
        from hubbub.domain.sentences import sentence
        from hubbub.wire.json import decode_event

        events = [decode_event(msgspec.json.encode(one)) for one in reply["events"]]
        for event in events:
            told = sentence(event) or f"{event.by}: {type(event).__name__}"
            if room is None:  # its log is that of no room
                told = str(told).replace("out of the room by", "out of the server by")
            say(f"{when(event.at)}  {told}")
        if not events:
            say(f"Nothing was done in {place(room)} of late.")

    tell_of(where, shown, "audit", room=room_or_server(room), limit=count)


def do(
    command: Annotated[
        str,
        Parameter(
            help='One of docs/protocol.md as JSON, as in \'{"type": "queue", "room": "Tea"}\'.'
        ),
    ],
    /,
    *,
    where: Where = HERE,
) -> None:
    """Do any command of the chat's protocol, and print the reply as JSON."""
    try:
        asked = msgspec.json.decode(command)
    except msgspec.DecodeError as error:
        raise Failed(f"That is no JSON: {error}.") from None

    def shown(answer: Any) -> None:
        print_json(answer["reply"])

    tell(where, shown, "do", command=asked)
