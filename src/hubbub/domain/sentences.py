"""The sentences for events that are no messages: "ada has joined the chat!".

Of amendments, too, which have no line in a timeline: clients that show what happens, line by line,
tell of those for which `is_told` says so.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import NamedTuple

from hubbub.domain import events as kinds
from hubbub.domain.durations import in_words
from hubbub.domain.events import Event, Joined, Kicked, Left, TopicSet
from hubbub.domain.kinds import traits_of
from hubbub.domain.rules import (
    Exemption,
    HistoryFor,
    Newcomers,
    Role,
    RoomAccess,
    Speakers,
    Topics,
    WayIn,
)

TAKEN_AWAY = "(This message was taken away.)"
"""What is shown in place of the text of a message that has none any more."""


def shown_text(said: kinds.Said) -> str:
    """What is shown as the text of a message: what it says, or why it says nothing.

    "" for one that has files alone.
    """
    if said.redacted is not None:
        return f"(taken back by {said.redacted.by})"
    return said.text or ("" if said.files else TAKEN_AWAY)


MILESTONES = frozenset({1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000, 2000})
"""How many people react with one emoji to a message when that is told, where there are lines only:
of a thousand who do, a dozen.
"""


def marks_of(said: kinds.Said) -> str:
    """What stands behind a message, in lines: that it was changed, and who reacts with what.

    " (edited)", " [👍 2 ❤️ 1]", both, or "".
    """
    edited = "" if said.edited_at is None else " (edited)"
    if not said.reactions:
        return edited
    counts = " ".join(f"{one.emoji} {len(one.users)}" for one in said.reactions)
    return f"{edited} [{counts}]"


class Sentence(NamedTuple):
    """A sentence in two parts, name and predicate, so that clients can style the name.

    Both contain names as the event has them: control characters are not removed.
    """

    who: str
    what: str

    def __str__(self) -> str:
        return f"{self.who} {self.what}"


def sentence(event: Event) -> Sentence | None:
    """The sentence for ``event``.

    None for a message, for an event that is told together with another one (who comes in with a
    password or a link has invited themselves), and for a kind that this version does not know.
    """
    match event:
        case Joined(was=None):
            return Sentence(event.by, "has joined the chat!")
        case Joined(was=str(was)):
            return Sentence(was, f"is now {event.by}.")
        case Left(now=None, reason=reason):
            return Sentence(event.by, f"has left the chat{_why(reason, '!')}")
        case Kicked(user=user, reason=reason):
            return Sentence(user, f"was put out of the room by {event.by}{_why(reason)}")
        case TopicSet(by=by, topic=""):
            return Sentence(by, "has taken the topic away.")
        case TopicSet(by=by, topic=topic):
            return Sentence(by, f"has set the topic: {topic}")
        case kinds.RulesSet(by=by):
            clauses = list(_clauses(event)) or ["changed the rules of the room"]
            return Sentence(by, f"has {_listed(clauses)}.")
        case kinds.RoomRenamed(by=by, name=name, was=was):
            return Sentence(by, f"has renamed the room from {was} to {name}.")
        case kinds.Invited(by=by, user=user) if user != by:
            return Sentence(user, f"was invited by {by}.")
        case kinds.InvitationEnded(by=by, user=user):
            return Sentence(by, f"has taken back the invitation of {user}.")
        case kinds.FilterSet(by=by, on=on):
            done = "added to the words that may not be said here" if on else "allowed a word again"
            return Sentence(by, f"has {done}.")
        case kinds.Edited() | kinds.Redacted() | kinds.Reacted() | kinds.Pinned():
            return _of_amendments(event)
    return _of_people(event)


def sentences(event: Event) -> list[Sentence]:
    """The sentence for ``event``; of a new text of several lines, one for each of them.

    So none of the lines can be forged by who has written them.
    """
    told = sentence(event)
    if told is None:
        return []
    if isinstance(event, kinds.Edited) and len(lines := event.text.splitlines()) > 1:
        return [Sentence(event.by, f"has changed a message: {line}") for line in lines]
    return [told]


def is_told(event: Event) -> bool:
    """Whether a client that shows what happens, line by line, tells of ``event``, if at all.

    All of it but most reactions, so that it stays calm where many people react.
    """
    match event:
        case kinds.Reacted(on=on, count=count):
            return on and (count is None or count in MILESTONES)
    return True


def is_told_later(event: Event, shown: Container[int]) -> bool:
    """The same where ``event`` is in the past: not of what can be seen by the messages themselves.

    ``shown``: the ``seq`` of those that are shown with it, in their present form.
    """
    traits = traits_of(event)
    if traits.amends is None:
        return True
    return traits.rewords and getattr(event, traits.amends) not in shown


def _of_amendments(
    event: kinds.Edited | kinds.Redacted | kinds.Reacted | kinds.Pinned,
) -> Sentence:
    by = event.by
    match event:
        case kinds.Edited(text=text):
            return Sentence(by, f"has changed a message{_what(text)}")
        case kinds.Redacted(author=author, author_id=author_id):
            own = author == by if author_id is None else author_id == event.by_id
            whose = "" if own or author is None else f" of {author}"
            return Sentence(by, f"has taken back a message{whose}{_why(event.reason)}")
        case kinds.Pinned(on=on, quote=quote):
            done = f"has {'' if on else 'un'}pinned a message"
            if quote is None:
                return Sentence(by, f"{done}.")
            return Sentence(by, f"{done} of {quote.by}{_what(quote.text)}")
    others = (event.count or 1) - 1 if event.on else 0
    who = f"and {others} other{'s' if others > 1 else ''} react" if others else "reacts"
    if not event.on:
        who = "no longer reacts"
    what = f"{who} with {event.emoji} to"
    quote = event.quote
    if quote is None:
        return Sentence(by, f"{what} a message.")
    if not quote.text:
        return Sentence(by, f"{what} a message of {quote.by}.")
    return Sentence(by, f"{what} {quote.by}: {quote.text}")


def _what(text: str) -> str:
    return f": {' '.join(text.split())}" if text else "."


def _of_people(event: Event) -> Sentence | None:
    """The sentences of roles, of moderation and of accounts."""
    by = event.by
    match event:
        case kinds.RoleGiven(user=user, role=role) if user == by:
            return Sentence(by, f"has {_TAKEN[role]}.")
        case kinds.RoleGiven(user=user, role=role):
            return Sentence(by, f"has {_GIVEN[role].format(user)}.")
        case kinds.RightsLent(user=user):
            return Sentence(by, f"has lent {user} the right to administer this server for a while.")
        case kinds.Muted(user=user, reason=reason):
            how_long = _how_long(event, event.until) or "until further notice"
            return Sentence(user, f"was muted by {by} {how_long}{_why(reason)}")
        case kinds.Unmuted(user=user):
            return Sentence(user, f"was allowed to speak again by {by}.")
        case kinds.Banned(user=user, until=until, reason=reason):
            rest = f"{_how_long(event, until) or 'for good'}{_why(reason)}"
            if event.pattern:
                return Sentence(by, f"has banned guests with names like {user} {rest}")
            if event.network is None:
                return Sentence(user, f"was banned by {by} {rest}")
            return Sentence(user, f"and guests from the same network were banned by {by} {rest}")
        case kinds.Exempted(user=user, of=of, on=on):
            whom = f"guests with names like {user}" if event.pattern else user
            return Sentence(by, f"has {_EXEMPTED[of, on].format(whom)}.")
        case kinds.Unbanned(user=user):
            return Sentence(by, f"has lifted the ban on {user}.")
        case kinds.Registered(for_them=True):
            return Sentence(by, "was given an account by an administrator.")
        case kinds.Registered(sign_on=sign_on):
            return Sentence(by, f"has made an account{' by single sign-on' if sign_on else ''}.")
        case kinds.Renamed(now=now):
            return Sentence(by, f"is now {now}.")
        case kinds.AccountClosed(emptied=emptied, for_them=True):
            texts = ", and their texts are gone" if emptied else ""
            return Sentence(by, f"has no account any more: an administrator has closed it{texts}.")
        case kinds.AccountClosed(emptied=emptied):
            texts = ", and taken their texts away" if emptied else ""
            return Sentence(by, f"has closed their account{texts}.")
        case kinds.PasswordSet():
            return Sentence(by, "has changed their password.")
        case kinds.SignOnSet(on=on, way=WayIn.CERTIFICATE):
            return Sentence(by, f"logs in by one certificate {'more' if on else 'less'}.")
        case kinds.SignOnSet(on=on, way=way):
            how = "SCRAM" if way is WayIn.SCRAM else "single sign-on"
            return Sentence(by, f"logs in by {how}{', too' if on else ' no more'}.")
        case kinds.FactorSet(on=on):
            return Sentence(by, f"has turned their second factor {'on' if on else 'off'}.")
        case kinds.TicketMade() | kinds.TicketEnded():
            return _of_tickets(event)
        case kinds.DeviceRevoked(device=device, for_them=True):
            where = "on all devices" if device is None else "on a device"
            return Sentence(by, f"was logged out {where} by an administrator.")
        case kinds.DeviceRevoked(device=device):
            return Sentence(
                by, f"has logged out {'all other devices' if device is None else 'a device'}."
            )
        case kinds.RoomForgotten(room=room):
            return Sentence(by, f"has deleted the room {room}.")
    return None


def _of_tickets(event: kinds.TicketMade | kinds.TicketEnded) -> Sentence:
    match event:
        case kinds.TicketMade(user=str(user)):
            return Sentence(event.by, f"has made a link for {user} to choose a new password.")
        case kinds.TicketMade(uses=uses):
            people = "one person" if uses == 1 else f"{uses} people"
            return Sentence(event.by, f"has made an invitation link for {people}.")
    return Sentence(event.by, "has ended a link.")


_ACCESS = {
    RoomAccess.OPEN: "opened the room to everybody",
    RoomAccess.UNLISTED: "taken the room off the lists",
    RoomAccess.LOCKED: "locked the room with a password",
    RoomAccess.MEMBERS: "made the room private",
    RoomAccess.DIRECT: "made the room a direct conversation",
}
_SPEAK = {
    Speakers.ALL: "let everybody speak",
    Speakers.MEMBERS: "let only people with an account speak",
    Speakers.VOICES: "let only people with a role speak",
}
_HISTORY = {
    HistoryFor.ALL: "shown older messages to newcomers",
    HistoryFor.SINCE: "hidden older messages from newcomers",
}
_NEWCOMERS = {
    Newcomers.FREE: "let newcomers write as everybody else",
    Newcomers.CAREFUL: "limited what newcomers write",
    Newcomers.HELD: "let newcomers' messages wait for a moderator",
}
_TOPICS = {
    Topics.ALL: "let everybody set the topic",
    Topics.MODERATORS: "let only moderators set the topic",
}
_EXEMPTED = {
    (Exemption.BANS, True): "exempted {} from the bans of the room",
    (Exemption.BANS, False): "let the bans of the room hold for {} again",
    (Exemption.INVITATIONS, True): "let {} come in without an invitation",
    (Exemption.INVITATIONS, False): "let {} come in only with an invitation again",
}
EXEMPT_FROM = {
    Exemption.BANS: "bans do not hold for them",
    Exemption.INVITATIONS: "they come in without an invitation",
}
"""What an exemption is to whom it is about."""

_GIVEN = {
    Role.MEMBER: "taken the role of {} away",
    Role.VOICE: "given {} a voice",
    Role.MODERATOR: "made {} a moderator",
    Role.OWNER: "made {} an owner",
}
_TAKEN = {
    Role.MEMBER: "given up their role",
    Role.VOICE: "taken a voice",
    Role.MODERATOR: "become a moderator",
    Role.OWNER: "become an owner",
}


def _clauses(event: kinds.RulesSet) -> Iterator[str]:
    """What was changed, one clause for each rule. A clause with a colon is the last one."""
    if event.access is not None:
        yield _ACCESS[event.access]
    if event.password and event.access is not RoomAccess.LOCKED:
        yield "changed the room's password"
    if event.guests is not None:
        yield "let guests in" if event.guests else "closed the room to guests"
    if event.speak is not None:
        yield _SPEAK[event.speak]
    if event.slow is not None:
        limit = f"limited everybody to one message in {in_words(event.slow)}"
        yield limit if event.slow else "ended slow mode"
    if event.history is not None:
        yield _HISTORY[event.history]
    if event.newcomers is not None:
        yield _NEWCOMERS[event.newcomers]
    if event.keep_days is not None:
        days = in_words(event.keep_days * 86_400)
        yield f"let messages go after {days}" if event.keep_days else "kept messages for good"
    if event.topics is not None:
        yield _TOPICS[event.topics]
    if event.outside is not None:
        who = "everybody" if event.outside else "only people who are in the room"
        yield f"let {who} say something in it"
    if event.most is not None:
        limit = f"let no more than {event.most} people into the room"
        yield limit if event.most else "let any number of people into the room"
    if event.signals is not None:
        allowed = "let programs signal each other here"
        yield allowed if event.signals else "kept programs from signalling each other here"
    if event.labels is not None:
        yield f"told programs something about the room ({', '.join(sorted(event.labels))})"
    if event.archived is not None:
        closed = "closed the room: it can be read, and nothing more is said in it"
        yield closed if event.archived else "opened the room again"


def _listed(parts: list[str]) -> str:
    *others, last = parts
    return f"{', '.join(others)} and {last}" if others else last


def _how_long(event: Event, until: int | None) -> str | None:
    return None if until is None else f"for {in_words((until - event.at) / 1000)}"


def _why(reason: str | None, end: str = ".") -> str:
    return f": {reason}" if reason else end
