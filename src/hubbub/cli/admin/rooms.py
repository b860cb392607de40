"""`hubbub admin` about rooms: which there are, what holds in them, making and deleting them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from cyclopts import Parameter

from hubbub.cli.admin.asking import HERE, Where
from hubbub.cli.admin.naming import InRoom, Room, User, Yes, place, room_or_server
from hubbub.cli.admin.people import Limit, Words
from hubbub.cli.admin.showing import (
    confirm,
    counted,
    facts,
    listed,
    more,
    say,
    table,
    tell,
    tell_of,
    when,
    yes,
)
from hubbub.cli.failing import Failed

Access = Literal["open", "unlisted", "locked", "members"]
OnOff = Literal["on", "off"]


def rooms(
    query: Words = None,
    /,
    *,
    limit: Limit = 100,
    direct: Annotated[
        bool,
        Parameter(
            help="Direct conversations, too: who is in them, and how much was said.",
            negative=(),
            show_default=False,
        ),
    ] = False,
    where: Where = HERE,
) -> None:
    """List the rooms, private ones too."""

    def shown(answer: Any) -> None:
        rows = answer["rooms"]
        table(
            ("ROOM", "ACCESS", "OWNERS", "MEMBERS", "HERE", "EVENTS", "NEWEST", "NOTE"),
            (
                (
                    one["name"],
                    one["access"],
                    listed(one["owners"] or one["direct"]),
                    one["members"],
                    one["here"],
                    f"{one['events']:,}",
                    when(one["at"]),
                    _note(one),
                )
                for one in rows
            ),
            none="There is none.",
        )
        more(answer, len(rows), "rooms")

    tell(where, shown, "rooms", query=query, limit=limit, direct=direct)


def _note(row: Any) -> str:
    closed = ["closed"] if row["archived"] else []
    waiting = [f"{row['waiting']} wait"] if row["waiting"] else []
    return listed([*closed, *waiting])


def room(name: Room, /, *, where: Where = HERE) -> None:
    """Tell what holds in a room, and who is in it."""

    def shown(answer: Any) -> None:
        row = answer["room"]
        roles = [f"{who} ({role})" for who, role in sorted(answer["roles"].items())]
        facts(
            (
                ("room", row["name"]),
                ("topic", row["topic"]),
                ("access", row["access"]),
                ("closed", yes(row["archived"])),
                ("speak", answer["speak"]),
                ("slow mode", f"{answer['slow']} s" if answer["slow"] else ""),
                ("guests", "on" if answer["guests"] else "off"),
                ("history", answer["history"]),
                ("newcomers", answer["newcomers"]),
                ("kept", f"{answer['keep_days']} days" if answer["keep_days"] else "for good"),
                ("roles", listed(roles)),
                ("members", f"{row['members']}, {row['here']} here"),
                ("users", listed(answer["users"])),
                ("events", f"{row['events']:,}"),
                ("newest", when(row["at"])),
                ("banned", answer["banned"] or ""),
                ("muted", answer["muted"] or ""),
                ("filters", answer["filters"] or ""),
                ("links", answer["links"] or ""),
                ("waiting", row["waiting"] or ""),
                ("formerly", listed(answer["former"])),
            )
        )

    tell(where, shown, "room", room=name)


def make_room(
    name: Annotated[str, Parameter(help="What the room is called.")],
    /,
    *,
    owner: User | None = None,
    access: Literal["open", "unlisted", "members"] = "open",
    topic: str | None = None,
    where: Where = HERE,
) -> None:
    """Make a room."""
    tell(
        where,
        lambda answer: say(f"The room {answer['room']['name']} is there."),
        "make-room",
        room=name,
        owner=owner,
        access=access,
        topic=topic,
    )


def rename_room(
    name: Room,
    new: Annotated[str, Parameter(help="What it is called from now on.")],
    /,
    *,
    where: Where = HERE,
) -> None:
    """Give a room another name. The old one leads to it."""
    tell_of(
        where,
        lambda reply: say(f"{name} is called {new} now."),
        "rename-room",
        room=name,
        name=new,
    )


def delete_room(name: Room, /, *, yes: Yes = False, where: Where = HERE) -> None:
    """Delete a room, with all that was said in it."""
    confirm(f"Delete {name}, with all that was said in it?", yes=yes)
    tell_of(where, lambda reply: say(f"{name} is deleted."), "delete", room=name)


def rules(
    name: Room,
    /,
    *,
    access: Access | None = None,
    password: Annotated[
        str | None,
        Parameter(help="What who comes into a locked room has to type.", metavar="PASSWORD"),
    ] = None,
    speak: Literal["all", "members", "voices"] | None = None,
    slow: Annotated[
        int | None, Parameter(help="Seconds between two texts of one person.", metavar="SECONDS")
    ] = None,
    guests: OnOff | None = None,
    history: Literal["all", "since"] | None = None,
    newcomers: Literal["free", "careful", "held"] | None = None,
    keep_days: Annotated[
        int | None,
        Parameter(help="Days after which what was said is gone; 0: never.", metavar="N"),
    ] = None,
    archived: Annotated[
        OnOff | None, Parameter(help="Whether the room is closed: read, and nothing more said.")
    ] = None,
    where: Where = HERE,
) -> None:
    """Set what holds in a room; without any of it, tell what does."""
    on = {"on": True, "off": False, None: None}
    fields = {
        "access": access,
        "password": password,
        "speak": speak,
        "slow": slow,
        "guests": on[guests],
        "history": history,
        "newcomers": newcomers,
        "archived": on[archived],
        "keep_days": keep_days,
    }
    if all(value is None for value in fields.values()):
        room(name, where=where)
        return
    if access == "locked" and password is None:
        raise Failed("Which password should it ask for? --password PASSWORD")
    tell_of(where, lambda reply: say(f"That holds in {name} now."), "rules", room=name, **fields)


def retention(
    days: Annotated[
        int | None,
        Parameter(
            help="After so many days what was said is gone, from the disk and from later backups, "
            "too; 0: never. Without it, what holds is told.",
            show_default=False,
        ),
    ] = None,
    /,
    *,
    room: InRoom = None,
    where: Where = HERE,
) -> None:
    """Set how long messages stay, in a room or in all; the shorter rule holds."""
    if days is not None:
        told = "for good" if days == 0 else f"for {counted(days, 'day')}"
        soon = " What is older goes within an hour, while the server runs." if days else ""
        tell_of(
            where,
            lambda reply: say(f"Messages stay {told} in {place(room)}.{soon}"),
            "rules",
            room=room_or_server(room),
            keep_days=days,
        )
        return

    def shown(answer: Any) -> None:
        held = answer["keep_days"]
        told = f"for {counted(held, 'day')}" if held else "for good"
        say(f"Messages stay {told} in {place(room)}.")

    if room is None:
        tell(where, shown, "status")
    else:
        tell(where, shown, "room", room=room)
