"""What the typed commands about messages, accounts, rights and moderation ask the server for.

All clients send the same for the same line. The page has it in ``text/deeds.js``; both pass the
vectors in tests/vectors/deeds.json.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from hubbub.domain import commands as ask
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.durations import in_words, parse_duration, split_duration
from hubbub.domain.errors import BadMessage
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.orders import Mistake, Order, Vocabulary, count
from hubbub.domain.reactions import MAX_EMOJI_CHARS
from hubbub.domain.rules import (
    MAX_ABOUT_CHARS,
    MAX_FILTER_CHARS,
    MAX_IN_DIRECT,
    MAX_KEEP_DAYS,
    MAX_NOTE_CHARS,
    MAX_SLOW_SECONDS,
    MAX_USES,
    Exemption,
    HistoryFor,
    Newcomers,
    Role,
    RoomAccess,
    Speakers,
    Status,
    Topics,
)

DAY_SECONDS = 86_400
AUDIT_LINES = 20  # when nobody says how many: less than a screen

_ACCESS = {
    **dict.fromkeys(("open", "public", "everybody", "everyone"), RoomAccess.OPEN),
    **dict.fromkeys(("unlisted", "hidden"), RoomAccess.UNLISTED),
    **dict.fromkeys(("private", "members", "invited"), RoomAccess.MEMBERS),
    **dict.fromkeys(("password", "locked"), RoomAccess.LOCKED),
}
_SPEAKERS = {
    **dict.fromkeys(("all", "everybody", "everyone"), Speakers.ALL),
    **dict.fromkeys(("members", "accounts"), Speakers.MEMBERS),
    **dict.fromkeys(("voices", "voice", "roles"), Speakers.VOICES),
}
_ROLES = {
    **{role.value: role for role in Role},
    **dict.fromkeys(("op", "mod", "admin", "administrator"), Role.MODERATOR),
    **dict.fromkeys(("none", "nobody"), Role.MEMBER),
}
_PAST = {
    **dict.fromkeys(("all", "everything"), HistoryFor.ALL),
    **dict.fromkeys(("since", "none", "joined"), HistoryFor.SINCE),
}
_NEWCOMERS = {
    **dict.fromkeys(("free", "freely", "off"), Newcomers.FREE),
    **dict.fromkeys(("careful", "limited"), Newcomers.CAREFUL),
    **dict.fromkeys(("held", "hold", "moderated"), Newcomers.HELD),
}
_TOPICS = {
    **dict.fromkeys(("all", "everybody", "everyone"), Topics.ALL),
    **dict.fromkeys(("moderators", "mods", "ops"), Topics.MODERATORS),
}
_EXEMPT_OF = {
    **dict.fromkeys(("", "bans", "ban"), Exemption.BANS),
    **dict.fromkeys(("invitations", "invitation", "invites", "invite"), Exemption.INVITATIONS),
}
_NOTHING = ("-", "none", "off")
_ON = {"on": True, "yes": True, "off": False, "no": False}
_NUMBER = re.compile(r"[0-9]{1,6}")
_PEOPLE = re.compile(r"((?:[^\s,]+\s*,\s*)*[^\s,]+)(?:\s+(.*))?", re.DOTALL)


def deed(vocabulary: Vocabulary, order: Order, room: RoomName) -> ask.Command:
    """The command that ``order``, typed in ``room``, asks for; its name is a key of `DEEDS`.

    Raises `BadMessage` or `InvalidName` for an argument that will not do.
    """
    if order.name != "server":
        return DEEDS[order.name](order.argument, room)
    asked = vocabulary.read(f"/{order.argument.removeprefix('/')}")
    if isinstance(asked, Order) and asked.name in ON_THE_SERVER:
        return DEEDS[asked.name](asked.argument, DIRECTORY)
    if isinstance(asked, Mistake) and asked.name in ON_THE_SERVER:
        raise BadMessage(asked.why.replace("Type: /", "Type: /server "))
    raise BadMessage(vocabulary.lacking("server"))


def people_and_text(argument: str) -> tuple[tuple[UserName, ...], str]:
    """Whom ``/msg`` is to, and what it says; raises `BadMessage` or `InvalidName`."""
    found = _PEOPLE.fullmatch(argument.strip())
    if found is None:
        raise BadMessage("To whom? Type: /msg NAME TEXT, or /msg NAME,NAME TEXT")
    users = tuple(_user(name) for name in found[1].split(","))
    if len(users) >= MAX_IN_DIRECT:
        raise BadMessage(
            f"A conversation has at most {MAX_IN_DIRECT} people, with yourself. "
            "For more of them, make a room: /join ROOM"
        )
    return users, (found[2] or "").strip()


def _join(argument: str, _: RoomName) -> ask.Command:
    name, password = _first(argument)
    return ask.Join(room=RoomName.parse(name), password=password or None)


def _msg(argument: str, _: RoomName) -> ask.Command:
    return ask.Direct(users=people_and_text(argument)[0])


def _password(argument: str, _: RoomName) -> ask.Command:
    words = argument.split()
    if len(words) != 2:
        raise BadMessage(
            "Where does the old password end, and where does the new one begin? "
            "Type /password alone, and you are asked for each."
        )
    return ask.ChangePassword(old=words[0], new=words[1])


def _access(argument: str, room: RoomName) -> ask.Command:
    word, *password = argument.split(maxsplit=1)
    access = _ACCESS.get(word.lower())
    if access is None:
        raise BadMessage(
            "Who may come in? Type /access with open, unlisted or private, or type: "
            "/access password PASSWORD"
        )
    if access is not RoomAccess.LOCKED:
        return ask.SetRules(room=room, access=access)
    if not password:
        raise BadMessage("Which password should it ask for? Type: /access password PASSWORD")
    return ask.SetRules(room=room, access=access, password=password[0].strip())


def _speak(argument: str, room: RoomName) -> ask.Command:
    speak = _SPEAKERS.get(argument.lower())
    if speak is None:
        raise BadMessage("Who may speak? Type /speak with all, members or voices.")
    return ask.SetRules(room=room, speak=speak)


def _slow(argument: str, room: RoomName) -> ask.Command:
    if argument.lower() in ("off", "no", "0"):
        return ask.SetRules(room=room, slow=0)
    # Other chats count in seconds here.
    seconds = int(argument) if _NUMBER.fullmatch(argument) else parse_duration(argument)
    if not seconds or seconds > MAX_SLOW_SECONDS:
        raise BadMessage(
            f"That would be too slow: at most {in_words(MAX_SLOW_SECONDS)}. To let only some "
            "speak: /speak voices"
        )
    return ask.SetRules(room=room, slow=seconds)


def _guests(argument: str, room: RoomName) -> ask.Command:
    guests = _ON.get(argument.lower())
    if guests is None:
        raise BadMessage("May guests come in? Type /guests on or /guests off.")
    return ask.SetRules(room=room, guests=guests)


def _past(argument: str, room: RoomName) -> ask.Command:
    history = _PAST.get(argument.lower())
    if history is None:
        raise BadMessage("Which messages may newcomers read? Type /past all or /past since.")
    return ask.SetRules(room=room, history=history)


def _newcomers(argument: str, room: RoomName) -> ask.Command:
    newcomers = _NEWCOMERS.get(argument.lower())
    if newcomers is None:
        raise BadMessage(
            "What holds for newcomers? Type /newcomers with free, careful (slow, no links) or "
            "held (their first message waits for a moderator)."
        )
    return ask.SetRules(room=room, newcomers=newcomers)


def _topics(argument: str, room: RoomName) -> ask.Command:
    topics = _TOPICS.get(argument.lower())
    if topics is None:
        raise BadMessage("Who may set the topic? Type /topics all or /topics moderators.")
    return ask.SetRules(room=room, topics=topics)


def _outside(argument: str, room: RoomName) -> ask.Command:
    outside = _ON.get(argument.lower())
    if outside is None:
        raise BadMessage(
            "May people say something here who are not in the room? Type /outside on or "
            "/outside off."
        )
    return ask.SetRules(room=room, outside=outside)


def _most(argument: str, room: RoomName) -> ask.Command:
    if argument.lower() in ("off", "no"):
        return ask.SetRules(room=room, most=0)
    if not _NUMBER.fullmatch(argument):
        raise BadMessage("How many people may be in this room? Type /most NUMBER or /most off.")
    return ask.SetRules(room=room, most=int(argument))


def _link(argument: str, room: RoomName) -> ask.Command:
    first, rest = _first(argument) if argument else ("", "")
    uses, how_long = (int(first), rest) if _NUMBER.fullmatch(first) else (1, argument)
    seconds = parse_duration(how_long) if how_long else None
    if not 1 <= uses <= MAX_USES:
        raise BadMessage(f"A link is for 1 to {MAX_USES} people.")
    return ask.MakeTicket(room=room, uses=uses, seconds=seconds)


def _reset_link(argument: str, _: RoomName) -> ask.Command:
    name, word = _first(argument)
    if word.lower() not in ("", "factor"):
        raise BadMessage(
            "Type /reset-link NAME for a link by which NAME chooses a new password, or "
            "/reset-link NAME factor to end their second factor by it, too."
        )
    return ask.MakeTicket(room=DIRECTORY, user=_user(name), factor=bool(word))


def _filter(argument: str, room: RoomName) -> ask.Command:
    if not argument:
        return ask.Bans(room=room)
    return ask.SetFilter(room=room, pattern=_pattern(argument))


def _unfilter(argument: str, room: RoomName) -> ask.Command:
    return ask.SetFilter(room=room, pattern=_pattern(argument), on=False)


def _pattern(argument: str) -> str:
    if len(argument) > MAX_FILTER_CHARS:
        raise BadMessage(f"A pattern has at most {MAX_FILTER_CHARS} characters.")
    return argument


def _settle(approve: bool) -> Callable[[str, RoomName], ask.Command]:
    def settle(argument: str, room: RoomName) -> ask.Command:
        number = argument.removeprefix("#")
        if not re.fullmatch("[0-9]{1,15}", number) or int(number) < 1:
            raise BadMessage("Which number? /queue lists what waits, with numbers.")
        return ask.Settle(room=room, item=int(number), approve=approve)

    return settle


def _undo(argument: str, room: RoomName) -> ask.Command:
    return ask.Redact(room=room, user=_user(argument) if argument else None)


def _react(on: bool) -> Callable[[str, RoomName], ask.Command]:
    def react(argument: str, room: RoomName) -> ask.Command:
        *name, emoji = argument.rsplit(maxsplit=1)
        if len(emoji) > MAX_EMOJI_CHARS or (name and len(name[0].split()) > 1):
            raise BadMessage("With which emoji? Type: /react :thumbsup:, or /react NAME :thumbsup:")
        user = _user(name[0]) if name else None
        return ask.React(room=room, user=user, emoji=emoji, on=on)

    return react


def _pin(on: bool) -> Callable[[str, RoomName], ask.Command]:
    def pin(argument: str, room: RoomName) -> ask.Command:
        return ask.Pin(room=room, user=_user(argument) if argument else None, on=on)

    return pin


def _report(argument: str, room: RoomName) -> ask.Command:
    name, reason = _first(argument)
    return ask.Report(room=room, user=_user(name), reason=reason or None)


def _knock(argument: str, _: RoomName) -> ask.Command:
    name, text = _first(argument)
    return ask.Knock(room=RoomName.parse(name), text=text or None)


def _about(argument: str, _: RoomName) -> ask.Command:
    if len(argument) > MAX_ABOUT_CHARS:
        raise BadMessage(f"A line about you has at most {MAX_ABOUT_CHARS} characters.")
    return ask.SetProfile(about="" if argument.lower() in _NOTHING else argument)


def _status(status: Status) -> Callable[[str, RoomName], ask.Command]:
    def set_status(argument: str, _: RoomName) -> ask.Command:
        if len(argument) > MAX_NOTE_CHARS:
            raise BadMessage(f"Please say it in {MAX_NOTE_CHARS} characters at most.")
        return ask.SetProfile(status=status, note=argument)

    return set_status


def _seen(argument: str, _: RoomName) -> ask.Command:
    seen = _ON.get(argument.lower())
    if seen is None:
        raise BadMessage("May others be told when you were here last? Type /seen on or /seen off.")
    return ask.SetProfile(hides_seen=not seen)


def _strangers(argument: str, _: RoomName) -> ask.Command:
    may = _ON.get(argument.lower())
    if may is None:
        raise BadMessage(
            "May guests begin to write to you alone? Type /strangers on or /strangers off."
        )
    return ask.SetProfile(accounts_only=not may)


def _keep(argument: str, room: RoomName) -> ask.Command:
    if argument.lower() in ("off", "no", "0"):
        return ask.SetRules(room=room, keep_days=0)
    number = _NUMBER.fullmatch(argument)
    seconds = int(argument) * DAY_SECONDS if number else parse_duration(argument)
    if seconds is None:
        return ask.SetRules(room=room, keep_days=0)
    if seconds % DAY_SECONDS or seconds > MAX_KEEP_DAYS * DAY_SECONDS:
        raise BadMessage(
            f"Messages stay for whole days, {MAX_KEEP_DAYS} at most, or forever. Type: /keep 90d"
        )
    return ask.SetRules(room=room, keep_days=seconds // DAY_SECONDS)


def _archive(argument: str, room: RoomName) -> ask.Command:
    if argument.lower() not in ("", *_ON):
        raise BadMessage("Type /archive to close this room, /archive off to open it again.")
    return ask.SetRules(room=room, archived=_ON.get(argument.lower(), True))


def _rename_room(argument: str, room: RoomName) -> ask.Command:
    return ask.RenameRoom(room=room, name=RoomName.parse(argument))


def _invite(argument: str, room: RoomName) -> ask.Command:
    return ask.Invite(room=room, user=_user(argument))


def _role(argument: str, room: RoomName) -> ask.Command:
    name, word = argument.split(maxsplit=1)
    role = _ROLES.get(word.lower())
    if role is None:
        raise BadMessage("Which role? Type /role NAME with owner, moderator, voice or member.")
    return ask.GiveRole(room=room, user=_user(name), role=role)


def _kick(argument: str, room: RoomName) -> ask.Command:
    name, reason = _first(argument)
    return ask.Kick(room=room, user=_user(name), reason=reason or None)


def _ban(argument: str, room: RoomName) -> ask.Command:
    name, rest = _first(argument)
    seconds, reason = split_duration(rest)
    if "*" in name or "?" in name:
        return ask.Ban(room=room, pattern=name, seconds=seconds, reason=reason or None)
    return ask.Ban(room=room, user=_user(name), seconds=seconds, reason=reason or None)


def _ban_network(argument: str, room: RoomName) -> ask.Command:
    name, rest = _first(argument)
    seconds, reason = split_duration(rest)
    return ask.Ban(
        room=room, user=_user(name), network=True, seconds=seconds, reason=reason or None
    )


def _unban(argument: str, room: RoomName) -> ask.Command:
    return ask.Unban(room=room, user=argument.lstrip("@"))


def _mute(argument: str, room: RoomName) -> ask.Command:
    name, rest = _first(argument)
    seconds, reason = split_duration(rest)
    return ask.Mute(room=room, user=_user(name), seconds=seconds, reason=reason or None)


def _unmute(argument: str, room: RoomName) -> ask.Command:
    return ask.Unmute(room=room, user=_user(argument))


def _exempt(on: bool) -> Callable[[str, RoomName], ask.Command]:
    def exempt(argument: str, room: RoomName) -> ask.Command:
        name, word = _first(argument)
        of = _EXEMPT_OF.get(word.lower())
        if of is None:
            raise BadMessage(
                "Exempt of what? Type /exempt NAME, or /exempt NAME invitations for who may come "
                "in without one."
            )
        if "*" in name or "?" in name:
            return ask.Exempt(room=room, pattern=name, of=of, on=on)
        return ask.Exempt(room=room, user=_user(name), of=of, on=on)

    return exempt


def _bans(argument: str, room: RoomName) -> ask.Command:
    return ask.Bans(room=room)


def _audit(argument: str, room: RoomName) -> ask.Command:
    return ask.Audit(room=room, limit=min(count(argument) or AUDIT_LINES, ask.MAX_HISTORY))


def _first(argument: str) -> tuple[str, str]:
    """Its first word, and what is behind it."""
    first, *rest = argument.split(maxsplit=1)
    return first, "".join(rest).strip()


def _user(name: str) -> UserName:
    """The name, which others write with an @ before it."""
    return UserName.parse(name.strip().removeprefix("@"))


DEEDS: dict[str, Callable[[str, RoomName], ask.Command]] = {
    "join": _join,
    "msg": _msg,
    "nick": lambda argument, _: ask.Rename(user=_user(argument)),
    "register": lambda argument, _: ask.Register(password=argument),
    "password": _password,
    "devices": lambda *_: ask.Devices(),
    "logout": lambda argument, _: ask.Revoke(
        device=None if argument.lower() == "all" else argument
    ),
    "own": lambda argument, _: ask.Own(code=argument),
    "about": _about,
    "seen": _seen,
    "strangers": _strangers,
    "away": _status(Status.AWAY),
    "busy": _status(Status.BUSY),
    "back": lambda *_: ask.SetProfile(status=Status.HERE, note=""),
    "whois": lambda argument, _: ask.Whois(user=_user(argument)),
    "block": lambda argument, _: ask.Block(user=_user(argument)),
    "unblock": lambda argument, _: ask.Block(user=_user(argument), on=False),
    "edit": lambda argument, room: ask.Edit(room=room, text=argument),
    "undo": _undo,
    "react": _react(on=True),
    "unreact": _react(on=False),
    "pin": _pin(on=True),
    "unpin": _pin(on=False),
    "pins": lambda _, room: ask.Pins(room=room),
    "report": _report,
    "knock": _knock,
    "access": _access,
    "speak": _speak,
    "slow": _slow,
    "guests": _guests,
    "past": _past,
    "newcomers": _newcomers,
    "topics": _topics,
    "outside": _outside,
    "most": _most,
    "keep": _keep,
    "archive": _archive,
    "rename-room": _rename_room,
    "invite": _invite,
    "uninvite": lambda argument, room: ask.EndInvitation(room=room, user=_user(argument)),
    "link": _link,
    "links": lambda _, room: ask.Tickets(room=room),
    "unlink": lambda argument, room: ask.EndTicket(room=room, ticket=argument),
    "reset-link": _reset_link,
    "role": _role,
    "kick": _kick,
    "ban": _ban,
    "ban-network": _ban_network,
    "unban": _unban,
    "mute": _mute,
    "unmute": _unmute,
    "exempt": _exempt(on=True),
    "unexempt": _exempt(on=False),
    "bans": _bans,
    "filter": _filter,
    "unfilter": _unfilter,
    "queue": lambda _, room: ask.Queue(room=room),
    "approve": _settle(approve=True),
    "refuse": _settle(approve=False),
    "audit": _audit,
}
"""By the names of commands in `slashes`. Their arguments are such that `Vocabulary.read` lets by;
``register``, ``password`` and ``logout`` need one here; ``msg`` asks for the conversation in which
to say the text of `people_and_text`.
"""

ON_THE_SERVER = frozenset(
    {
        "role",
        "kick",
        "ban",
        "ban-network",
        "unban",
        "bans",
        "audit",
        "filter",
        "unfilter",
        "keep",
        "link",
        "links",
        "unlink",
        "reset-link",
    }
)
"""What ``/server`` may be followed by."""
