"""What is listed, as lines for people: rooms, who is there, what holds, bans, devices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from hubbub.domain.directory import DIRECTORY
from hubbub.domain.durations import in_words
from hubbub.domain.replies import BanList, DeviceList, Members, RoomInfo, Standing
from hubbub.domain.rules import KEEPS_MEMBERS, CurrentBan, Role, RoomAccess, Speakers

When = Callable[[int], str]

_MARKS = {
    RoomAccess.UNLISTED: "unlisted",
    RoomAccess.LOCKED: "with a password",
    RoomAccess.MEMBERS: "private",
}
_READ_BY = {
    RoomAccess.OPEN: "Everybody may come in and read.",
    RoomAccess.UNLISTED: "Who knows its name may come in and read. No list shows it.",
    RoomAccess.LOCKED: "Who knows its password may come in and read.",
    RoomAccess.MEMBERS: "Only members read it. To let others in: /invite NAME",
    RoomAccess.DIRECT: "Only the people of the conversation read it.",
}
_SPOKEN_BY = {
    Speakers.ALL: "Everybody in it may speak.",
    Speakers.MEMBERS: "Only people with an account speak.",
    Speakers.VOICES: "Only people with a role speak.",
}
_ROLES = {
    Role.MEMBER: "You are nobody in particular here.",
    Role.VOICE: "You have a voice.",
    Role.MODERATOR: "You are a moderator.",
    Role.OWNER: "You are an owner.",
}


def counted(number: int, one: str) -> str:
    """ "1 user", "2 users"."""
    return f"{number} {one}" if number == 1 else f"{number} {one}s"


def room_line(room: RoomInfo, *, shown: bool = False) -> str:
    """A room of the list; a direct conversation as what opens it. ``shown``: it is, as it goes."""
    if room.access is RoomAccess.DIRECT:
        news = f" ({room.unread} new)" if room.unread and not shown else ""
        return f"  /msg {','.join(room.people)}{news}"
    # Who may not come in is not told how many are there.
    about = [] if not room.users and room.access in KEEPS_MEMBERS else [_users(room.users)]
    about += [_MARKS[room.access]] if room.access in _MARKS else []
    about += ["you are invited"] if room.invited else []
    topic = f" – {room.topic}" if room.topic else ""
    return f"  {room.name} ({', '.join(about)}){topic}"


def _users(number: int) -> str:
    return counted(number, "user")


def members_lines(found: Members) -> list[str]:
    """Who is in a room."""
    named = [_with_marks(name, found.roles, found.away) for name in found.users]
    about = [f"Topic: {found.topic}"] if found.topic else []
    return [f"In {found.room} ({_users(len(named))}): {', '.join(named)}", *about]


def _with_marks(name: str, roles: Mapping[str, Role], away: Sequence[str]) -> str:
    marks = [roles[name].value] if name in roles else []
    marks += ["away"] if name in away else []
    return f"{name} ({', '.join(marks)})" if marks else name


def standing_lines(room: str, standing: Standing | None) -> list[str]:
    """What holds in a room, and what one is there."""
    holds = standing or Standing()
    return [f"What holds in {room}:", *(f"  {line}" for line in _rules(holds))]


def _rules(holds: Standing) -> Iterator[str]:
    yield _READ_BY[holds.access]
    if not holds.guests:
        yield "Guests may not come in."
    yield _SPOKEN_BY[holds.speak] if not holds.archived else "It is closed: nothing more is said."
    if holds.slow:
        yield f"Everybody says one thing in {in_words(holds.slow)}."
    for role, word in ((Role.OWNER, "Owned by"), (Role.MODERATOR, "Moderated by")):
        names = sorted(name for name, one in holds.roles.items() if one is role)
        if names:
            yield f"{word} {', '.join(names)}."
    if not holds.owned:
        yield "Nobody owns it."
    yield _ROLES[holds.role]
    if holds.muted:
        yield "You may not speak now."


def bans_lines(found: BanList, when: When) -> list[str]:
    """Who is banned, and who is muted."""
    where = "on this server" if found.room == DIRECTORY else f"in {found.room}"
    banned = [_ban_line(ban, when) for ban in found.bans]
    muted = [f"  {name}{_until(until, when)}" for name, until in found.muted.items()]
    if not banned and not muted:
        return [f"Nobody is banned or muted {where}."]
    return [
        *([f"Banned {where}:", *banned] if banned else []),
        *([f"Muted {where}:", *muted] if muted else []),
    ]


def _ban_line(ban: CurrentBan, when: When) -> str:
    whom = f"guests with names like {ban.user}" if ban.pattern else ban.user
    if ban.network is not None:
        whom += " and guests from the same network"
    reason = f": {ban.reason}" if ban.reason else ""
    return f"  {whom}{_until(ban.until, when)}, by {ban.by}{reason}"


def _until(until: int | None, when: When) -> str:
    return "" if until is None else f" until {when(until)}"


def devices_lines(found: DeviceList, when: When) -> list[str]:
    """Where an account is logged in."""
    if not found.devices:
        return ["You are logged in nowhere else."]
    lines: Iterable[str] = (
        f"  {one.id}  {one.client or 'a program without a name'} at {one.address}, "
        + ("connected now" if one.connected else f"seen {when(one.seen)}")
        for one in found.devices
    )
    return [
        "You are logged in here, and on these devices:",
        *lines,
        "To log one out: /logout and what stands before it. All of them: /logout all",
    ]
