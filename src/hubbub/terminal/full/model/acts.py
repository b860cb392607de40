"""What can be done with a room and with a person: actions, each with the command that does it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from hubbub.domain.replies import Standing
from hubbub.domain.rights import Action
from hubbub.domain.rules import HistoryFor, Newcomers, Role, RoomAccess, Speakers, Topics
from hubbub.terminal.full.model.room import Room

COPY = "its page"  # stands for an action that has no command
SETTINGS = "its settings"  # likewise


class Act(NamedTuple):
    """An action. ``typed`` is the command that does it. One that ends with a space is put into the
    input instead, to be completed. ``asks``: for what is lacking, which is asked for then.
    ``about``: the ``seq`` of the message that it is about.
    """

    label: str
    typed: str
    asks: bool = False
    about: int = 0


May = Callable[[Action, str | None], bool]
"""Whether we may do an action, and to whom."""


def room_acts(room: Room, alerts: str, may: May) -> list[Act]:
    """The actions for the current room; ``alerts`` is its present alert level."""
    levels = {
        "all": "Alert me to every message",
        "mentions": "Alert me to mentions only",
        "off": "No alerts from this room",
    }
    return [
        Act("Mark all as read", "/read"),
        Act("Who is here", "/who"),
        *(Act(label, f"/alerts {level}") for level, label in levels.items() if level != alerts),
        Act("Search in this room", f"/search in:{room.name} "),
        *[Act("Copy the link to this room", COPY)] * (not room.is_direct),
        *[Act("Invite somebody…", "/invite", asks=True)] * may(Action.INVITE, None),
        *[Act("Set the topic…", "/topic ")] * may(Action.TOPIC, None),
        *[Act("Make a link that lets people in…", "/link", asks=True)] * may(Action.INVITE, None),
        *(_moderation(room) if may(Action.AUDIT, None) else ()),
        *[Act("Settings of this room…", SETTINGS)] * may(Action.RULES, None),
        *[Act("Rename this room…", "/rename-room", asks=True)] * may(Action.RENAME, None),
        Act("Leave this room", "/leave"),
        *[Act("Delete this room, in which nothing was said", "/delete")]
        * (room.is_silent and may(Action.DELETE, None)),
    ]


def _moderation(room: Room) -> list[Act]:
    return [
        Act(f"What waits for you: {room.standing.waiting:,}", "/queue"),
        Act("Who is banned, muted or invited here, and forbidden words", "/bans"),
        Act("Forbid a word…", "/filter", asks=True),
        Act("The links into this room", "/links"),
        Act("What those who moderate have done", "/audit"),
    ]


_ACCESS = {
    RoomAccess.OPEN: Act("Let everybody come in and read", "/access open"),
    RoomAccess.UNLISTED: Act("Take this room off the lists", "/access unlisted"),
    RoomAccess.MEMBERS: Act("Make this room private, by invitation", "/access private"),
    RoomAccess.LOCKED: Act("Ask who comes in for a password…", "/access password", asks=True),
}
_SPEAK = {
    Speakers.ALL: Act("Let everybody speak", "/speak all"),
    Speakers.MEMBERS: Act("Let only people with an account speak", "/speak members"),
    Speakers.VOICES: Act("Let only people with a role speak", "/speak voices"),
}


_PAST = {
    HistoryFor.ALL: Act("Let newcomers read what was said before", "/past all"),
    HistoryFor.SINCE: Act("Show newcomers only what is said since they came", "/past since"),
}
_NEWCOMERS = {
    Newcomers.FREE: Act("Let newcomers write as everybody else", "/newcomers free"),
    Newcomers.CAREFUL: Act("Let newcomers write slowly, and without links", "/newcomers careful"),
    Newcomers.HELD: Act("Hold newcomers' first messages for approval", "/newcomers held"),
}


_TOPICS = {
    Topics.ALL: Act("Let everybody set the topic", "/topics all"),
    Topics.MODERATORS: Act("Let only moderators set the topic", "/topics moderators"),
}


def settings_acts(standing: Standing) -> list[Act]:
    """What an owner may change; what holds already is left out."""
    guests = "/guests off" if standing.guests else "/guests on"
    archive = "/archive off" if standing.archived else "/archive"
    return [
        *(one for access, one in _ACCESS.items() if access is not standing.access),
        *[Act("Change the password of this room…", "/access password", asks=True)]
        * (standing.access is RoomAccess.LOCKED),
        *(one for speak, one in _SPEAK.items() if speak is not standing.speak),
        *(one for past, one in _PAST.items() if past is not standing.history),
        *(one for held, one in _NEWCOMERS.items() if held is not standing.newcomers),
        *(one for topics, one in _TOPICS.items() if topics is not standing.topics),
        Act("Let only people in the room speak there", "/outside off")
        if standing.outside
        else Act("Let people speak from outside of the room", "/outside on"),
        Act("How many people may be in it…", "/most", asks=True),
        Act("Slow mode…", "/slow", asks=True),
        *[Act("End slow mode", "/slow off")] * bool(standing.slow),
        Act("How long messages stay…", "/keep", asks=True),
        Act("Let no guests in" if standing.guests else "Let guests in", guests),
        Act("Open this room again" if standing.archived else "Close this room for good", archive),
    ]


_ROLES = {
    Role.VOICE: "Give {} a voice",
    Role.MODERATOR: "Make {} a moderator",
    Role.OWNER: "Make {} an owner",
}


def member_acts(name: str, room: Room, may: May, about: int = 0) -> list[Act]:
    """The actions for somebody in a room, or who has said something there: the text ``about``."""
    now = room.standing.roles.get(name, Role.MEMBER)
    roles = [
        *(
            Act(words.format(name), f"/role {name} {role.value}")
            for role, words in _ROLES.items()
            if role is not now
        ),
        *[Act(f"Take the role of {name} away", f"/role {name} member")] * (now is not Role.MEMBER),
    ]
    there = name in room.members
    return [
        *[Act(f"Message {name}", f"/msg {name}")] * (list(room.people) != [name]),
        Act(f"Mention {name}", f"@{name} "),
        Act(f"What {name} has said here", f"/search from:{name} in:{room.name}"),
        Act(f"Do not show me what {name} writes", f"/ignore {name}"),
        *[
            Act("Report this message…", f"/report {name}", asks=True, about=about)
            if about
            else Act(f"Report the last message of {name}…", f"/report {name}", asks=True)
        ]
        * (not room.is_direct),
        *[Act(f"Invite {name}", f"/invite {name}")] * (not there and may(Action.INVITE, name)),
        *[Act(f"Mute {name}…", f"/mute {name}", asks=True)] * may(Action.MUTE, name),
        *[Act(f"Let {name} speak again", f"/unmute {name}")] * may(Action.MUTE, name),
        *[Act(f"Put {name} out…", f"/kick {name}", asks=True)] * (there and may(Action.KICK, name)),
        *[Act(f"Ban {name}…", f"/ban {name}", asks=True)] * may(Action.BAN, name),
        *(roles if may(Action.ROLE, None) else ()),
    ]
