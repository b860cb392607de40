"""What is done with a room and the people in it, as messages: MODE, KICK, INVITE.

A table, by the kind of event. What modes cannot say is told in sentences.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from hubbub.domain import events as kinds
from hubbub.domain.events import Event, Joined
from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.patterns import fits
from hubbub.domain.rules import Exemption, Role
from hubbub.domain.state import RoomFacts, changed_facts
from hubbub.wire.irc.capabilities import Cap
from hubbub.wire.irc.masks import MUTE, mask_of
from hubbub.wire.irc.modes import role_changes
from hubbub.wire.irc.names import spelled
from hubbub.wire.irc.rulewords import rest_of, rule_changes
from hubbub.wire.irc.writing import Writing

EXEMPTIONS = {Exemption.BANS: "e", Exemption.INVITATIONS: "I"}


def role_of(facts: RoomFacts | None, id: str | None) -> Role | None:
    """What somebody is by ``facts``; None if they are not known."""
    return None if facts is None else facts.roles.get(UserId(id or ""), Role.MEMBER)


def role_of_newcomer(format: Writing, room: RoomName, target: str, joined: Joined) -> list[str]:
    """Who comes in and has a role is shown with it: by making the room, or from before."""
    facts = format.facts_before(room, joined)
    role = joined.role or role_of(facts, joined.by_id) or Role.MEMBER
    before = Role.MEMBER
    if joined.was is not None:  # they had a name here before, and what went with it
        before = role_of(facts, joined.was_id or joined.by_id) or Role.MEMBER
        passes = facts is not None and joined.was_id in facts.passing
        role = before if passes else role
    words = _mode(target, role_changes(before, role), joined.by)
    return [format.server_line(room, joined, words)] if words else []


def _mode(target: str, letters: str, user: str) -> str:
    nick = spelled(user)
    nicks = " ".join([nick] * sum(letter.isalpha() for letter in letters))
    return f"MODE {target} {letters} {nicks}" if letters else ""


def _role(format: Writing, room: RoomName, target: str, event: kinds.RoleGiven) -> list[str]:
    before = role_of(format.facts_before(room, event), event.user_id)
    words = _mode(target, role_changes(before, event.role), event.user)
    return [format.line(room, event, words)] if words else []


def _rules(format: Writing, room: RoomName, target: str, event: kinds.RulesSet) -> list[str]:
    params = rule_changes(format.facts_before(room, event), event)
    lines = [format.line(room, event, f"MODE {target} {' '.join(params)}")] if params else []
    rest = rest_of(event)
    return lines if rest is None else lines + format.calm(room, target, rest)


def _kicked(format: Writing, room: RoomName, target: str, event: kinds.Kicked) -> list[str]:
    return [_kick(format, room, target, event, event.user, event.reason or spelled(event.by))]


def _kick(
    format: Writing, room: RoomName, target: str, event: Event, user: str, reason: str
) -> str:
    words = f"KICK {target} {spelled(user)} :"
    return format.line(room, event, words + format.fitting(event, words, reason))


def _banned(format: Writing, room: RoomName, target: str, event: kinds.Banned) -> list[str]:
    mask = mask_of(
        format.host,
        event.user,
        event.user_id,
        pattern=event.pattern,
        network=event.network is not None,
    )
    reason = event.reason or "Banned from the channel."
    return [
        format.line(room, event, f"MODE {target} +b {mask}"),
        *(_kick(format, room, target, event, one, reason) for one in put_out(format, room, event)),
    ]


def put_out(format: Writing, room: RoomName, event: kinds.Banned) -> list[str]:
    """Who is put out by a ban. Of what is caught up with, it is not known who was in."""
    directory = format.host.directory
    facts = format.facts_before(room, event)
    if event.pattern:
        after = None if facts is None else replace(facts, **changed_facts(facts, event))
        return [
            str(member.name)
            for member in directory.members(room)
            if after is not None and is_banned_by_pattern(format, after, member.name, member.id)
        ]
    return [event.user] if facts is None or directory.member(room, event.user) else []


def is_banned_by_pattern(format: Writing, facts: RoomFacts, name: str, id: UserId | None) -> bool:
    """Whether somebody is a guest whom a ban of guests' names keeps out."""
    if format.host.directory.account_of(id) is not None:
        return False
    key = UserName.recall(name).key
    exempt = (one for one in facts.exemptions if one.of is Exemption.BANS)
    if any(one.user_id == id or (one.pattern and fits(key, one.user)) for one in exempt):
        return False
    return any(ban.pattern and fits(key, ban.user) for ban in facts.bans)


def left(format: Writing, room: RoomName, target: str, event: kinds.Left) -> list[str]:
    """PART or QUIT. Who is out by a ban of guests' names was shown to be put out by that."""
    if event.now is not None:
        return []  # told by the join that follows
    facts = format.facts_before(room, event)
    if (
        facts is not None
        and facts.bans
        and not event.gone
        and is_banned_by_pattern(format, facts, event.by, event.by_id)
    ):
        return []
    words = "QUIT" if event.gone else f"PART {target}"
    reason = format.fitting(event, f"{words} :", event.reason) if event.reason else ""
    behind = f" :{reason}" if reason or event.gone else ""
    return [format.line(room, event, words + behind)]


def _unbanned(format: Writing, room: RoomName, target: str, event: kinds.Unbanned) -> list[str]:
    facts = format.facts_before(room, event)
    bans = () if facts is None else facts.bans
    network = any(ban.seq == event.ban and ban.network is not None for ban in bans)
    pattern = event.user_id is None
    mask = mask_of(format.host, event.user, event.user_id, pattern=pattern, network=network)
    return [format.line(room, event, f"MODE {target} -b {mask}")]


def _exempted(format: Writing, room: RoomName, target: str, event: kinds.Exempted) -> list[str]:
    mask = mask_of(format.host, event.user, event.user_id, pattern=event.pattern)
    sign = "+" if event.on else "-"
    return [format.line(room, event, f"MODE {target} {sign}{EXEMPTIONS[event.of]} {mask}")]


def _muted(
    format: Writing, room: RoomName, target: str, event: kinds.Muted | kinds.Unmuted
) -> list[str]:
    mask = mask_of(format.host, event.user, event.user_id, pattern=False)
    sign = "+" if isinstance(event, kinds.Muted) else "-"
    return [format.line(room, event, f"MODE {target} {sign}b {MUTE}{mask}")]


def _invited(format: Writing, room: RoomName, target: str, event: kinds.Invited) -> list[str]:
    """To those alone who have asked for it; who has given a password is not told of at all."""
    if Cap.INVITE_NOTIFY not in format.caps or event.user_id == event.by_id:
        return []
    return [format.line(room, event, f"INVITE {spelled(event.user)} {target}")]


SHOWN: dict[type[Event], Callable[[Writing, RoomName, str, Any], list[str]]] = {
    kinds.RoleGiven: _role,
    kinds.RulesSet: _rules,
    kinds.Kicked: _kicked,
    kinds.Banned: _banned,
    kinds.Left: left,
    kinds.Unbanned: _unbanned,
    kinds.Exempted: _exempted,
    kinds.Muted: _muted,
    kinds.Unmuted: _muted,
    kinds.Invited: _invited,
}
