"""`hubbub admin` about people: accounts, who administers the server, where they are logged in."""

from __future__ import annotations

import sys
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from hubbub.cli.admin.asking import HERE, Where
from hubbub.cli.admin.naming import InRoom, User, Yes, place, room_or_server
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

RoleName = Literal["member", "voice", "moderator", "owner"]
ServerRole = {"owner": "owner", "moderator": "administrator", "member": ""}

Limit = Annotated[int, Parameter(name=["--limit", "-n"], help="How many at most.", metavar="N")]
Words = Annotated[str | None, Parameter(help="What names have to contain.", show_default=False)]


def owner(user: User | None = None, /, *, where: Where = HERE) -> None:
    """Tell who owns the server; or make somebody an owner."""

    def shown(answer: Any) -> None:
        for name in answer["owners"]:
            say(f"{name} owns this server.")
        if not answer["owners"]:
            say("Nobody owns this server yet: hubbub admin owner NAME")
        for name in answer["administrators"]:
            say(f"{name} administers it.")

    tell(where, shown, "owner", user=user)


def users(
    query: Words = None,
    /,
    *,
    limit: Limit = 100,
    guests: Annotated[
        bool,
        Parameter(help="Who is here without an account, too.", negative=(), show_default=False),
    ] = False,
    where: Where = HERE,
) -> None:
    """List the accounts."""

    def shown(answer: Any) -> None:
        rows = answer["users"]
        table(
            ("NAME", "ROLE", "SINCE", "HERE", "NOTE"),
            (
                (
                    one["name"],
                    ServerRole.get(one["role"], one["role"]),
                    when(one["registered"]),
                    yes(one["here"]),
                    "banned" if one["banned"] else "" if one["account"] else "guest",
                )
                for one in rows
            ),
            none="There are none. To make an account: hubbub admin add-user NAME",
        )
        more(answer, len(rows), "people")

    tell(where, shown, "users", query=query, limit=limit, guests=guests)


def user(name: User, /, *, where: Where = HERE) -> None:
    """Tell what is known of an account."""

    def shown(answer: Any) -> None:
        row = answer["user"]
        ways = [
            way
            for way, has in (
                ("password", answer["password"]),
                ("second factor", answer["factor"]),
                ("single sign-on", answer["sign_on"]),
            )
            if has
        ]
        facts(
            (
                ("name", row["name"]),
                ("on the server", ServerRole.get(row["role"], row["role"])),
                ("account since", when(row["registered"])),
                (
                    "here",
                    f"yes, {counted(answer['sessions'], 'connection')}" if row["here"] else "no",
                ),
                ("last seen", when(answer["seen"])),
                ("banned", yes(row["banned"])),
                ("logs in by", listed(ways) or "nothing yet: hubbub admin reset NAME"),
                ("devices", answer["devices"]),
                ("about", answer["about"]),
                ("id", row["id"]),
            )
        )
        for room in answer["rooms"]:
            role = "" if room["role"] == "member" else f", {room['role']}"
            say(
                f"in {room['room']}{role}"
                if room["member"]
                else f"{room['role']} of {room['room']}"
            )

    tell(where, shown, "user", user=name)


def add_user(
    name: Annotated[str, Parameter(help="What the account is called.")],
    /,
    *,
    owner: Annotated[
        bool, Parameter(help="They own the server.", negative=(), show_default=False)
    ] = False,
    admin: Annotated[
        bool, Parameter(help="They administer the server.", negative=(), show_default=False)
    ] = False,
    password_stdin: Annotated[
        bool,
        Parameter(
            help="Read a password from the standard input, instead of making a link by which one "
            "is chosen.",
            negative=(),
            show_default=False,
        ),
    ] = False,
    where: Where = HERE,
) -> None:
    """Make an account, and a link by which its password is chosen."""

    def shown(answer: Any) -> None:
        say(f"{answer['user']['name']} has an account.")
        if answer["link"] is not None:
            show_link(answer["link"], "To choose its password, open this link")

    role = "owner" if owner else "moderator" if admin else "member"
    password = _password() if password_stdin else None
    tell(where, shown, "add-user", user=name, role=role, password=password)


def _password() -> str:
    if sys.stdin is None:
        raise Failed("There is no standard input to read a password from: it is closed.")
    return sys.stdin.readline().rstrip("\r\n")


def close_user(
    name: User,
    /,
    *,
    empty: Annotated[
        bool,
        Parameter(help="What they said goes, too, for good.", negative=(), show_default=False),
    ] = False,
    yes: Yes = False,
    where: Where = HERE,
) -> None:
    """End an account. What was said stays, under the name of a former member."""
    also = ", with all that was said by it" if empty else ""
    confirm(f"End the account {name}{also}? It does not come back.", yes=yes)
    tell(
        where,
        lambda answer: say(f"The account {answer['user']} is closed."),
        "close-user",
        user=name,
        empty=empty,
    )


def reset(
    name: User,
    /,
    *,
    factor: Annotated[
        bool,
        Parameter(help="The second factor ends by it, too.", negative=(), show_default=False),
    ] = False,
    days: Annotated[int, Parameter(help="How long the link is good.", metavar="N")] = 7,
    where: Where = HERE,
) -> None:
    """Make a link by which somebody chooses a new password."""

    def shown(answer: Any) -> None:
        show_link(answer, f"{name} chooses a new password with this link")

    tell(where, shown, "reset", user=name, factor=factor, days=days)


def devices(name: User, /, *, where: Where = HERE) -> None:
    """Tell where somebody is logged in."""

    def shown(answer: Any) -> None:
        table(
            ("DEVICE", "PROGRAM", "ADDRESS", "SINCE", "SEEN", "HERE"),
            (
                (
                    one["id"],
                    one["client"],
                    one["address"],
                    when(one["since"]),
                    when(one["seen"]),
                    yes(one.get("connected")),
                )
                for one in answer["devices"]
            ),
            none=f"{name} is logged in nowhere.",
        )

    tell(where, shown, "devices", user=name)


def revoke(
    name: User,
    device: Annotated[
        str | None, Parameter(help="Which one, as devices tells.", show_default=False)
    ] = None,
    /,
    *,
    where: Where = HERE,
) -> None:
    """Log somebody out, on one device or on all."""

    def shown(answer: Any) -> None:
        count = answer["devices"]
        say(f"{name} is logged out on {count} device{'' if count == 1 else 's'}.")

    tell(where, shown, "revoke", user=name, device=device)


def role(
    name: User,
    role: Annotated[RoleName, Parameter(help="member takes away any other one.")],
    /,
    *,
    room: InRoom = None,
    where: Where = HERE,
) -> None:
    """Give somebody a role in a room, or on the whole server."""
    tell_of(
        where,
        lambda reply: say(f"{name} is {role} of {place(room)}."),
        "role",
        room=room_or_server(room),
        user=name,
        role=role,
    )


def show_link(link: Any, what: str) -> None:
    """A link, under ``what`` it is for."""
    until = f", until {when(link['until'])}" if link["until"] else ""
    times = "once" if link["uses"] == 1 else f"{link['uses']} times"
    say(f"{what}, {times}{until}:")
    say(link["url"])
    if _only_here(link["url"]):
        say(
            "Only this computer can open that address. If others come by another one, put it in "
            "the settings as public-url, and before the # of this link."
        )


def _only_here(url: str) -> bool:
    from ipaddress import ip_address
    from urllib.parse import urlsplit

    try:
        return ip_address(urlsplit(url).hostname or "").is_loopback
    except ValueError:
        return False
