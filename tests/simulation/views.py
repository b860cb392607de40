"""What people at several servers were shown is of one log, without a hole, and is theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from hubbub.domain import replies as told
from hubbub.domain.events import (
    AnyEvent,
    AuthorForgotten,
    DirectBegun,
    Invited,
    Joined,
    Left,
    Registered,
    RoleGiven,
    Said,
)
from hubbub.domain.ids import UserId
from hubbub.domain.kinds import floor_of, is_message
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import Reply
from hubbub.domain.rules import KEEPS_MEMBERS, Role
from hubbub.domain.state import RoomState
from tests.simulation.promises import promise


class Moment(NamedTuple):
    """Who may read a room: everybody, or the members with these ids."""

    open: bool
    members: frozenset[UserId | None]

    def may_read(self, viewer: UserId | None) -> bool:
        return self.open or viewer in self.members


class Past:
    """The log of a room, as far as it is there, and who might read it when."""

    def __init__(self, events: Sequence[AnyEvent]) -> None:
        self.events = {event.seq: event for event in events}
        self.first = events[0].seq if events else 1
        self.head = events[-1].seq if events else 0
        self.floor = max(floor_of(events), self.first - 1)
        self.forgets = any(isinstance(event, AuthorForgotten) for event in events)
        self._moments: list[Moment] | None = None

    @property
    def whole(self) -> bool:
        """Whether it is there from its first event on."""
        return self.first == 1

    def has(self, event: AnyEvent) -> bool:
        """Whether ``event`` is of this log."""
        known = self.events.get(event.seq)
        if known is None:
            return 0 < event.seq < self.first
        if type(known) is not type(event) or known.at != event.at:
            return False
        if self.forgets:
            return getattr(known, "text", "") in ("", getattr(event, "text", ""))
        if is_message(event):
            event = replace(event, quote=None, rev=None)
            known = replace(known, quote=None, rev=None)
        return known == event

    def may_read(self, seq: int, viewer: UserId | None) -> bool:
        """Whether there was a moment, since just before the event ``seq``, in which they might."""
        if self._moments is None:
            state, moments = RoomState(), [Moment(open=True, members=frozenset())]
            for event in self.events.values():
                state.apply(event)
                members = frozenset(one.id for one in state.members.values())
                moments.append(Moment(state.facts.access not in KEEPS_MEMBERS, members))
            self._moments = moments
        return any(one.may_read(viewer) for one in self._moments[seq - 1 :])


Logs = Mapping[int, Past]
"""All logs that there ever were, by the rooms' ids."""


def check_log(log: Past) -> None:
    """What every log is, whatever has happened."""
    events = list(log.events.values())
    seqs = [event.seq for event in events]
    promise(seqs == [*range(log.first, log.first + len(events))], "a hole in a log", seqs)
    texts: set[str] = set()
    used: set[str] = set()
    owner: UserId | None = None
    tells_names = log.whole and not log.forgets
    state = RoomState()
    for event in events:
        match event:
            case Said(text=text):
                promise(not text or text not in texts, "said twice", event)
                texts.add(text)
            case Invited(ticket=str(ticket)) | Registered(ticket=str(ticket)):
                promise(ticket not in used, "a ticket for one was used twice", event)
                used.add(ticket)
            case DirectBegun():
                promise(event.seq == 1, "begun twice", event)
            case RoleGiven(role=Role.OWNER, user_id=user_id, by_id=by_id) if user_id == by_id:
                promise(owner in (None, user_id), "two became owners by themselves", event)
                owner = user_id
            case Joined(by=by) if tells_names:
                promise(UserName.recall(by).key not in state.members, "joined twice", event)
            case Left(by=by) if tells_names:
                member = state.members.get(UserName.recall(by).key)
                promise(member is not None, "left twice", event)
                promise(member is None or member.id == event.by_id, "somebody else left", event)
            case _:
                pass
        state.apply(event)


class View:
    """What one person was shown, who ``is_at_end`` if they are connected yet."""

    def __init__(self, logs: Logs, said: Mapping[str, str], viewer: UserId | None) -> None:
        self._logs = logs
        self._said = said
        self._viewer = viewer
        self.stays: dict[str, Stay] = {}
        self._name: str | None = None

    def take(self, reply: Reply) -> None:
        """The next word of the server; raises `Broken` for what may not be."""
        stays = self.stays
        match reply:
            case told.RoomJoined(room=room, after=after):
                stays[_key(room)] = Stay(self._logs, after)
            case told.Welcome(user=user, user_id=id):
                if self._name not in (None, _key(user)):
                    stays.clear()  # they are somebody else from now on, and out of all rooms
                self._name, self._viewer = _key(user), None if id is None else UserId(id)
            case told.RoomMoved(room=room, name=name):
                if _key(room) in stays:
                    stays[_key(name)] = stays.pop(_key(room))
            case told.RoomLeft(room=room) | told.RoomDeleted(room=room):
                stays.pop(_key(room), None)
            case told.Pong(user_id=str(id)):
                self._viewer = UserId(id)  # who they were before they came back by another name
            case told.Events(room=room, events=events):
                promise(_key(room) in stays, "shown outside of a stay", reply)
                for event in events:
                    stays[_key(room)].take(event, self._viewer)
            case told.Ack(room=room, seq=seq, nonce=str(nonce)) if nonce in self._said:
                text = self._said[nonce]
                there = any(_is_said(log, seq, text) for log in self._logs.values())
                promise(there, "acknowledged, and not there", reply)
            case _:
                pass


class Stay:
    """Between a join and the end of it. ``ids``: of which rooms this may be."""

    def __init__(self, logs: Logs, after: int) -> None:
        self._logs = logs
        self.ids = set(logs)
        self.cursor = after

    def take(self, event: AnyEvent, viewer: UserId | None) -> None:
        """The next event that was shown."""
        self.ids = {id for id in self.ids if self._logs[id].has(event)}
        promise(bool(self.ids), "shown, and in no log that it could be", event)
        if event.seq != self.cursor + 1:
            # What is gone is left out, maybe before it is told.
            floor = max(self._logs[id].floor for id in self.ids)
            promise(self.cursor < event.seq <= floor + 1, "a hole or a repeat", event, self.cursor)
        self.cursor = event.seq
        if len(self.ids) == 1:
            log = self._logs[next(iter(self.ids))]
            promise(not log.whole or log.may_read(event.seq, viewer), "not for them", event, viewer)


def _is_said(log: Past, seq: int, text: str) -> bool:
    known = log.events.get(seq)
    if known is None:
        return 0 < seq < log.first
    return isinstance(known, Said) and known.text in ("", text)


def _key(name: str) -> str:
    return RoomName.recall(name).key
