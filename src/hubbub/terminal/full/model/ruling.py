"""What holds in a room, and what one is there, in words."""

from __future__ import annotations

from hubbub.domain.durations import in_words
from hubbub.domain.replies import Standing
from hubbub.domain.rules import (
    NEWCOMER_SECONDS,
    HistoryFor,
    Newcomers,
    Role,
    RoomAccess,
    Speakers,
    Topics,
)
from hubbub.terminal.full.model.display import shown

_ACCESS = {
    RoomAccess.OPEN: "Everybody may come in and read.",
    RoomAccess.UNLISTED: "Everybody who knows its name may come in and read. It is on no list.",
    RoomAccess.LOCKED: "Who knows its password may come in and read.",
    RoomAccess.MEMBERS: "It is private: only who was invited may come in and read.",
    RoomAccess.DIRECT: "It is a direct conversation: nobody else can ever read it.",
}
_SPEAK = {
    Speakers.ALL: "Everybody may speak.",
    Speakers.MEMBERS: "Only people with an account speak.",
    Speakers.VOICES: "Only people with a role speak.",
}
_NEWCOMERS = {
    Newcomers.CAREFUL: f"Newcomers write one message in {NEWCOMER_SECONDS} seconds, and no links.",
    Newcomers.HELD: "The first message of a newcomer waits until a moderator lets it through.",
}
_ROLES = {
    Role.VOICE: "have a voice",
    Role.MODERATOR: "are a moderator",
    Role.OWNER: "are an owner",
}


def rules_in_words(room: str, standing: Standing) -> str:
    """The rules, a line for each."""
    lines = [_ACCESS[standing.access]]
    if standing.archived:
        lines.append("It is closed: nothing more is said in it.")
    if standing.access is not RoomAccess.DIRECT:
        lines.append(_SPEAK[standing.speak])
        lines.append("Guests may come in." if standing.guests else "Guests may not come in.")
        if not standing.outside:
            lines.append("Only who is in it may say something there.")
        if standing.topics is Topics.MODERATORS:
            lines.append("Only moderators set the topic.")
        if standing.most:
            lines.append(f"At most {standing.most} people may be in it.")
        if not standing.signals:
            lines.append("Programs may not signal each other there.")
        if standing.history is HistoryFor.SINCE:
            lines.append("Who comes in reads only what is said since then.")
        if standing.newcomers in _NEWCOMERS:
            lines.append(_NEWCOMERS[standing.newcomers])
    if standing.slow:
        lines.append(f"Slow mode: one message in {in_words(standing.slow)} from each.")
    if standing.keep_days:
        kept = in_words(standing.keep_days * 86_400)
        lines.append(f"Messages stay for {kept}, and are gone then.")
    for role, words in (
        (Role.OWNER, "Owners"),
        (Role.MODERATOR, "Moderators"),
        (Role.VOICE, "Voices"),
    ):
        names = sorted(name for name, has in standing.roles.items() if has is role)
        if names:
            lines.append(f"{words}: {', '.join(map(shown, names))}.")
    if standing.role in _ROLES:
        lines.append(f"You {_ROLES[standing.role]} here.")
    if standing.newcomer and standing.newcomers in _NEWCOMERS:
        lines.append("You are a newcomer here.")
    if standing.muted:
        lines.append("You are muted: you can read, and say nothing for now.")
    return "\n".join([f"{shown(room)}:", *(f"  {line}" for line in lines)])
