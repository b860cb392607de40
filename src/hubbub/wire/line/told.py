"""What is told of a person, of links, of a second factor, and of what waits for who moderates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hubbub.domain.directory import DIRECTORY
from hubbub.domain.replies import (
    FactorOffered,
    Person,
    QueueList,
    TicketGiven,
    TicketList,
)
from hubbub.domain.rules import Profile, Queued, QueueItem, Role, Status, Ticket
from hubbub.domain.sentences import TAKEN_AWAY
from hubbub.domain.tickets import fragment
from hubbub.wire.line.shown import When, counted

_STATUS = {
    Status.HERE: "back",
    Status.AWAY: "away",
    Status.BUSY: "busy, and not to be disturbed",
}
_ON_SERVER = {
    Role.MODERATOR: "administers this server",
    Role.OWNER: "owns this server",
}
_ASKS = {
    Queued.KNOCK: "wants to come in",
    Queued.HELD: "is new here, and wrote:",
}


DONE = {
    "about": "That is done. What others are told of you: /whois and your name.",
    "away": "You are shown as away. To end it: /back",
    "busy": "You are shown as busy. To end it: /back",
    "back": "You are shown as here.",
    "block": "They cannot write to you alone any more. To end it: /unblock and the name.",
    "unblock": "They may write to you alone again.",
    "react": "Your reaction is shown with the message.",
    "unreact": "Your reaction is taken back.",
    "report": "It is reported to who moderates this room.",
    "knock": "If there is such a room, who moderates it is asked. You are told here if they let "
    "you in.",
    "approve": "It is let through.",
    "refuse": "It is turned down.",
    "unlink": "That link leads nowhere any more.",
}
"""What is told when a command is done that nobody else is told of."""


def pinned(room: str, some: bool) -> str:
    """What stands above the messages that are pinned to a room."""
    return f"Pinned in {room}, the newest first:" if some else f"Nothing is pinned in {room}."


def seen_line(how: str) -> str:
    """What is told when ``/seen`` is done, with this argument."""
    if how.lower() in ("on", "yes"):
        return "Others may be told when you were here last."
    return "Nobody is told any more when you were here last."


def strangers_line(how: str) -> str:
    """What is told when ``/strangers`` is done, with this argument."""
    if how.lower() in ("on", "yes"):
        return "Guests may write to you alone."
    return "Guests write to you alone no more, until you write to them."


def person_lines(person: Person, when: When) -> list[str]:
    """What is known of somebody."""
    return [f"{person.user}:", *(f"  {line}" for line in _of_person(person, when))]


def _of_person(person: Person, when: When) -> Iterator[str]:
    if person.about:
        yield person.about
    if person.here:
        yield "Here now" + _doing(person.status, person.note, ", and ")
    else:
        seen = "" if person.seen is None else f", and was last {when(person.seen)}"
        yield f"Not here now{seen}" + _doing(person.status, person.note, "; ")
    if not person.account:
        yield "A guest, without an account"
    elif person.registered:
        yield f"Has an account since {when(person.registered)}"
    else:
        yield "Has an account"
    if person.role in _ON_SERVER:
        yield _ON_SERVER[person.role].capitalize()


def _doing(status: Status, note: str, between: str) -> str:
    if status is Status.HERE:
        return ""
    return f"{between}{_STATUS[status]}{_why(note)}"


def status_line(user: str, status: Status, note: str) -> str:
    """How somebody wants to be seen from now on."""
    return f"{user} is {_STATUS[status]}{_why(note) or '.'}"


def profile_lines(profile: Profile) -> list[str]:
    """What somebody who comes in should remember to end."""
    if profile.status is Status.HERE:
        return []
    return [f"You are shown as {profile.status.value}{_why(profile.note) or '.'} To end it: /back"]


def _why(note: str) -> str:
    return f": {note}" if note else ""


# What waits for who moderates


def waiting_line(waiting: int) -> str:
    """That so many things wait in the queue of the room."""
    return f"{counted(waiting, 'thing')} {_wait(waiting)} for you: /queue"


def _wait(number: int) -> str:
    return "waits" if number == 1 else "wait"


def queue_lines(found: QueueList, when: When) -> list[str]:
    """What waits, each with its number; texts are whole, for they are to be judged."""
    if not found.items:
        return [f"Nothing waits in {found.room}."]
    number = len(found.items)
    return [
        f"{counted(number, 'thing')} {_wait(number)} in {found.room}. To decide: /approve and the "
        "number, or /refuse.",
        *(line for item in found.items for line in _item_lines(item, when)),
    ]


def _item_lines(item: QueueItem, when: When) -> list[str]:
    if item.kind is Queued.REPORT:
        asks = f"reports a message of {item.user}" + _why(item.reason or "")
    else:
        asks = _ASKS[item.kind]
    text = item.text or (TAKEN_AWAY if item.kind is Queued.REPORT else "")
    return [
        f"  {item.seq}  [{when(item.at)}] {item.by} {asks}",
        *(f"       {line}" for line in text.splitlines()),
    ]


# Links


def link_lines(given: TicketGiven, when: When, page: str | None = None) -> list[str]:
    """A link that was made just now, and what whoever gets it does with it.

    ``page``: the address of the server's page, where it is known.
    """
    code, user = given.code, given.ticket.user
    part = fragment(given.room, code, user)
    where = "the address of this server, and behind it " if page is None else page
    if user is not None:
        ends = " It also ends the second factor." if given.ticket.factor else ""
        what = f"With this code {user} chooses a new password{_good(given.ticket, when)}.{ends}"
        typed = f"/reset {user} {code}"
    elif given.room == DIRECTORY:
        what = f"This invites to this server{_good(given.ticket, when)}."
        typed = "/register, which asks for the code"
    else:
        what = f"This invites to {given.room}{_good(given.ticket, when)}."
        typed = f"/join {given.room} {code}"
    return [
        f"{what} It is shown only now.",
        f"  {code}",
        f"In a browser: {where}{part}",
        f"In lines and in a terminal: {typed}",
    ]


def links_lines(found: TicketList, when: When) -> list[str]:
    """The links that are good."""
    where = "to this server" if found.room == DIRECTORY else f"into {found.room}"
    if not found.tickets:
        return [f"There is no link {where}. To make one: /link"]
    return [
        f"Links {where}:",
        *(f"  {one.id}  by {one.by}{_for(one)}{_good(one, when)}" for one in found.tickets),
        "To end one: /unlink and what stands before it.",
    ]


def _for(ticket: Ticket) -> str:
    return "" if ticket.user is None else f", a new password of {ticket.user}"


def _good(ticket: Ticket, when: When) -> str:
    uses = "once" if ticket.uses == 1 else f"{ticket.uses} times"
    until = "" if ticket.until is None else f" until {when(ticket.until)}"
    return f", {uses}{until}"


# A second factor


def offer_lines(offered: FactorOffered, picture: Sequence[str]) -> list[str]:
    """What an app needs, to show codes. ``picture``: of the address, as a QR code."""
    secret = offered.secret
    parts = [secret[place : place + 4] for place in range(0, len(secret), 4)]
    scan = ["Let an app for codes on your phone scan this:", *picture, "Or give it"]
    return [
        *(scan if picture else ["Give an app for codes on your phone"]),
        f"  this address: {offered.uri}",
        f"  or this secret: {' '.join(parts)}",
    ]


def codes_lines(codes: Sequence[str]) -> list[str]:
    """That the second factor is on, and what lets in without it."""
    return [
        "Your second factor is on: whoever logs in as you is asked for a code of the app, too.",
        "Each of these codes lets you in once without it. They are shown only now; keep them:",
        *(f"  {code}" for code in codes),
    ]
