"""What is listed, as lines for people: rooms, who is there, what holds, bans, devices."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence

from hubbub.domain.directory import DIRECTORY
from hubbub.domain.durations import in_words
from hubbub.domain.replies import BanList, DeviceList, Members, RoomInfo, Standing
from hubbub.domain.rules import (
    KEEPS_MEMBERS,
    NEWCOMER_SECONDS,
    CurrentBan,
    CurrentExemption,
    HistoryFor,
    Newcomers,
    Role,
    RoomAccess,
    Speakers,
    Status,
    Topics,
)
from hubbub.domain.sentences import EXEMPT_FROM

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
_NEWCOMERS = {
    Newcomers.CAREFUL: f"Newcomers say one thing in {in_words(NEWCOMER_SECONDS)}, without links.",
    Newcomers.HELD: "What newcomers say waits until a moderator has let the first through.",
}
_ROLES = {
    Role.MEMBER: "You are nobody in particular here.",
    Role.VOICE: "You have a voice.",
    Role.MODERATOR: "You are a moderator.",
    Role.OWNER: "You are an owner.",
}


NAMES_IN_LINE = 20  # of more, a line would be too long to look through
COLUMNS = 78
_HELD_TOGETHER = "\0"


def counted(number: int, one: str) -> str:
    """ "1 user", "2 users"."""
    return f"{number} {one}" if number == 1 else f"{number} {one}s"


def is_listed(room: RoomInfo) -> bool:
    """Whether a room is shown in the list: of conversations that nobody else is in any more only
    those with something new.
    """
    return bool(room.people or room.unread) or room.access is not RoomAccess.DIRECT


def room_line(room: RoomInfo, *, shown: bool = False) -> str:
    """A room of the list; a direct conversation as what opens it. ``shown``: it is, as it goes."""
    if room.access is RoomAccess.DIRECT and not room.people:
        return f"  /join {room.name} ({room.unread} new, of a former member)"
    if room.access is RoomAccess.DIRECT:
        news = f" ({room.unread} new)" if room.unread and not shown else ""
        return f"  /msg {','.join(room.people)}{news}"
    # Who may not come in is not told how many are there.
    about = [] if not room.users and room.access in KEEPS_MEMBERS else [_users(room.users)]
    about += [_MARKS[room.access]] if room.access in _MARKS else []
    about += ["you are invited"] if room.invited else []
    # As of direct conversations: one is a member while one is away.
    about += [f"{room.unread} new"] if room.unread and room.access in KEEPS_MEMBERS else []
    topic = f" – {room.topic}" if room.topic else ""
    return f"  {room.name} ({', '.join(about)}){topic}"


def _users(number: int) -> str:
    return counted(number, "user")


def members_lines(found: Members) -> list[str]:
    """Who is in a room, and what it is about."""
    named = [_with_marks(name, found) for name in found.users]
    about = [f"Topic: {found.topic}"] if found.topic else []
    return [*_listed(f"In {found.room} ({_users(len(named))}):", named), *about]


def _with_marks(name: str, found: Members) -> str:
    status = found.status.get(name, Status.HERE)
    marks = [found.roles[name].value] if name in found.roles else []
    marks += [Status.AWAY.value] if name in found.away and status is not Status.AWAY else []
    marks += [] if status is Status.HERE else [status.value]
    return f"{name} ({', '.join(marks)})" if marks else name


def _listed(header: str, parts: Sequence[str]) -> list[str]:
    """``parts`` behind the header; many of them in lines below it."""
    if len(parts) <= NAMES_IN_LINE:
        return [f"{header} {', '.join(parts)}"]
    # Names have no spaces, and what is known of one stays with it.
    whole = ", ".join(part.replace(" ", _HELD_TOGETHER) for part in parts)
    lines = textwrap.wrap(whole, COLUMNS, break_long_words=False, break_on_hyphens=False)
    return [header, *(f"  {line.replace(_HELD_TOGETHER, ' ')}" for line in lines)]


def standing_lines(room: str, standing: Standing | None) -> list[str]:
    """What holds in a room, and what one is there."""
    holds = standing or Standing()
    return [f"What holds in {room}:", *(f"  {line}" for line in _rules(holds))]


def _rules(holds: Standing) -> Iterator[str]:
    yield _READ_BY[holds.access]
    if not holds.guests:
        yield "Guests may not come in."
    yield _SPOKEN_BY[holds.speak] if not holds.archived else "It is closed: nothing more is said."
    if not holds.outside and not holds.archived:
        yield "Only who is in it says something there."
    if holds.topics is Topics.MODERATORS:
        yield "Only moderators set the topic."
    if holds.most:
        yield f"At most {holds.most} people may be in it."
    if not holds.signals:
        yield "Programs do not signal each other there."
    if holds.history is HistoryFor.SINCE:
        yield "Who comes in reads only what is said from then on."
    if holds.newcomers in _NEWCOMERS:
        yield _NEWCOMERS[holds.newcomers]
    if holds.slow:
        yield f"Everybody says one thing in {in_words(holds.slow)}."
    if holds.keep_days:
        yield f"Messages stay for {in_words(holds.keep_days * 86_400)}, and are gone then."
    for role, word in ((Role.OWNER, "Owned by"), (Role.MODERATOR, "Moderated by")):
        names = sorted(name for name, one in holds.roles.items() if one is role)
        if names:
            yield f"{word} {', '.join(names)}."
    if not holds.owned:
        yield "Nobody owns it."
    yield _ROLES[holds.role]
    if holds.muted:
        yield "You may not speak now."
    if holds.newcomer and holds.newcomers is not Newcomers.FREE:
        yield "You are a newcomer."


def bans_lines(found: BanList, when: When) -> list[str]:
    """Who is banned, and who is muted."""
    where = "on this server" if found.room == DIRECTORY else f"in {found.room}"
    banned = [_ban_line(ban, when) for ban in found.bans]
    muted = [f"  {name}{_until(until, when)}" for name, until in found.muted.items()]
    invited = _listed(f"Invited, and not come in yet {where}:", found.invited)
    return [
        *([] if banned or muted else [f"Nobody is banned or muted {where}."]),
        *([f"Banned {where}:", *banned] if banned else []),
        *([f"Muted {where}:", *muted] if muted else []),
        *([f"Exempt {where}:", *map(_exempt_line, found.exemptions)] if found.exemptions else []),
        *(invited if found.invited else []),
        *(filters_lines(found, when) if found.filters else []),
    ]


def filters_lines(found: BanList, when: When) -> list[str]:
    """What may not be said."""
    where = "on this server" if found.room == DIRECTORY else f"in {found.room}"
    if not found.filters:
        return [f"Every word may be said {where}."]
    return [f"May not be said {where}:", *(f"  {pattern}" for pattern in found.filters)]


def _ban_line(ban: CurrentBan, when: When) -> str:
    whom = f"guests with names like {ban.user}" if ban.pattern else ban.user
    if ban.network is not None:
        whom += " and guests from the same network"
    reason = f": {ban.reason}" if ban.reason else ""
    return f"  {whom}{_until(ban.until, when)}, by {ban.by}{reason}"


def _exempt_line(one: CurrentExemption) -> str:
    whom = f"guests with names like {one.user}" if one.pattern else one.user
    return f"  {whom}: {EXEMPT_FROM[one.of]}, by {one.by}"


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
