"""A room as the hub runs it: its state, its newest events in memory, who is live."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import reduce
from typing import Any, Protocol

from msgspec.structs import replace

from hubbub.domain.directory import DIRECTORY
from hubbub.domain.errors import NoSuchRoom
from hubbub.domain.events import AnyEvent, AuthorForgotten
from hubbub.domain.ids import UserId
from hubbub.domain.kinds import are_messages, changes_members, floor_of, is_message
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.patterns import compiled
from hubbub.domain.projection import forgetting, target_of, without_past
from hubbub.domain.queues import is_hidden
from hubbub.domain.replies import Reply, RoomInfo
from hubbub.domain.room import Room
from hubbub.domain.rules import (
    KEEPS_MEMBERS,
    LISTED,
    MAX_BANS,
    READ_BY_ALL,
    CurrentBan,
    CurrentExemption,
    HistoryFor,
    Newcomers,
    QueueItem,
    Role,
    RoomAccess,
)
from hubbub.domain.state import NO_FACTS, Member, RoomSummary
from hubbub.hub.echoes import NOTHING, Echoes
from hubbub.hub.pages import Changes, pieces
from hubbub.hub.past import past_in, shown_behind
from hubbub.hub.place import Place
from hubbub.hub.ports import Done, Draft, Format, Lines, Log, Outlet, Passage, Pipe, Row
from hubbub.hub.rate import FULL, Budget, take_token
from hubbub.hub.tail import Tail
from hubbub.hub.tails import Tails

VISITORS = 1000  # clients of whom a room remembers how often they came of late
TYPING_A_SECOND = 5.0  # notices in a room: where more people write at once, nobody looks at it
SIGNALS_A_SECOND = 20.0  # of all programs in a room

MOST_FORGOTTEN = 20  # authors who went last: what is on its way to the log may quote them

LIVE = -1
"""A session's cursor in a room where it is at the head, and is given each batch as it comes."""


_ANYWAY: dict[str, Any] = {
    "silent": True,
    "topic": "",
    "topic_by": "",
    "topic_by_id": None,
    "topic_at": 0,
    "made": 0,
    "most": 0,
    "signals": True,
    "labels": {},
    "roles": {},
    "passing": (),
    "exemptions": (),
    "invited": {},
    "former": (),
    "tickets": (),
    "filters": (),
    "trusted": {},
    "keep_days": 0,
    "floor": 0,
    "pins": (),
}
"""The facts by which nobody may do more or less than others who are nobody in particular."""


class Reader(Protocol):
    """A session, as far as a room writes to it. ``rooms``: those that it is in."""

    rooms: tuple[HubRoom, ...]

    @property
    def outlet(self) -> Outlet: ...

    def is_one_of(self, ids: Container[UserId | None]) -> bool: ...


Floor = Callable[[Reader, "HubRoom"], int]
"""Up to which ``seq`` a session is shown nothing of a room: see `hubbub.hub.access.Access.floor`.
"""


class Maker(Protocol):
    """A user, as far as a room looks at one who makes it."""

    account: bool
    id: UserId | None


class HubRoom:
    """One room.

    ``live`` maps each format to the sessions at the head and their pipes; ``behind``
    has the cursors of the others. Every session that is in the room is in one of the two.
    """

    __slots__ = (
        "_alone",
        "_banned",
        "_changes",
        "_echoes",
        "_forgotten",
        "_moved",
        "_names",
        "_readers",
        "_signals_full_at",
        "_tail",
        "_tails",
        "_typing_full_at",
        "_visits",
        "behind",
        "coming",
        "frozen",
        "gone",
        "hides_past",
        "id",
        "ids",
        "instead_of",
        "keeps_members",
        "live",
        "maker",
        "name",
        "plain",
        "queue",
        "state",
        "watched",
        "writes_coming",
    )

    def __init__(
        self,
        name: RoomName,
        tails: Tails,
        moved: Callable[[HubRoom], None],
        known: RoomSummary,
    ) -> None:
        """``moved`` is told when the room's place in the list changes. ``known``: its log's end.

        ``writes_coming`` counts the writes of sessions that are on their way to the log, and
        ``coming`` the people whose joins are. ``gone``:
        it was forgotten, and its name may be another room's. ``instead_of``: one that the log
        still has under this name. ``plain``: everybody may do in it what members may.
        ``keeps_members``: only members read it, and accounts stay members while they are away;
        ``ids`` are the members' then. ``maker``: whose session has made it, until it has an event.
        ``frozen``: its new name is on its way to the log. ``hides_past``: newcomers are not shown
        what was before them. ``queue``: its queue, once it has one. ``watched``: texts are looked
        at before they are said. ``id``: that of its `RoomRecord`, as soon as it is known.
        """
        self.name = name
        self.id: int | None = None
        self.state = Room(known.head, known.at, known.facts, name=name)
        self.writes_coming = 0
        self.coming = 0
        self.gone = False
        self.instead_of: HubRoom | None = None
        self._tails = tails
        self._moved = moved
        self.live: dict[Format, dict[Reader, Pipe]] = {}
        self.behind: dict[Reader, int] = {}
        self._tail = Tail()
        self._changes: Changes | None = None  # most rooms have none
        self._echoes: Echoes[Reader] | None = None
        self._readers: tuple[list[AnyEvent], ...] = ()
        self._alone: tuple[HubRoom] | None = None
        self._names: tuple[str, ...] | None = None
        self._visits: dict[str, float] | None = None  # buckets by client; most rooms have none
        self._typing_full_at = self._signals_full_at = FULL
        self._banned: dict[tuple[bool, str], re.Pattern[str] | str] | None = None
        self._forgotten: tuple[AuthorForgotten, ...] = ()
        self.maker: UserId | None = None
        self.frozen = False
        self.queue: HubRoom | None = None
        self.rules_changed()

    @property
    def head(self) -> int:
        return self.state.head

    @property
    def which(self) -> int | str:
        """How the log finds it: by its id, which stays, if that is known."""
        return self.name.key if self.id is None else self.id

    def draft(
        self,
        event: AnyEvent,
        *,
        nonce: str | None = None,
        done: Done | None = None,
        also: tuple[Row, ...] = (),
    ) -> Draft:
        """``event`` for the log of this very room."""
        return Draft(self.name, event, nonce, done, also, self.id)

    @property
    def called(self) -> str:
        """Its name in a sentence, as after "in" or "of"; the directory is the server's own log."""
        return "this server" if self.name == DIRECTORY else str(self.name)

    @property
    def floor(self) -> int:
        """Up to this ``seq``, what was in the room is gone."""
        return self.state.facts.floor

    @property
    def access(self) -> RoomAccess:
        """Who may read it."""
        return self.state.access

    @access.setter
    def access(self, access: RoomAccess) -> None:
        self.state.facts = replace(self.state.facts, access=access)
        self.rules_changed()

    def rules_changed(self) -> None:
        """What holds in the room is new; or who is in it, where only members may read it."""
        facts = self.state.facts
        hidden = is_hidden(self.name)
        self.plain = replace(facts, **_ANYWAY) == NO_FACTS and not hidden
        self.watched = (
            facts.slow > 0 or bool(facts.filters) or facts.newcomers is not Newcomers.FREE
        )
        self.hides_past = facts.history is HistoryFor.SINCE
        self.keeps_members = facts.access in KEEPS_MEMBERS or hidden
        self.ids = (
            frozenset(member.id for member in self.state.members.values())
            if self.keeps_members and not hidden  # nobody enters, and accounts may be many
            else None
        )
        self._moved(self)  # into the list that everybody sees, or out of it

    def has_member(self, user: UserId | None) -> bool:
        """Whether ``user`` is a member, where only members may read."""
        return self.ids is not None and user is not None and user in self.ids

    def is_about(self, ban: CurrentBan | CurrentExemption, key: str) -> bool:
        """Whether ``ban`` is about names with this ``key``. Asked for each text of a guest."""
        banned = self._banned
        if banned is None or len(banned) > 2 * MAX_BANS:
            banned = self._banned = {}
        which = ban.pattern, ban.user
        about = banned.get(which)
        if about is None:
            about = compiled(ban.user) if ban.pattern else UserName.recall(ban.user).key
            banned[which] = about
        return about == key if isinstance(about, str) else about.fullmatch(key) is not None

    @property
    def first_key(self) -> str:
        """The key of the name with which it began."""
        former = self.state.facts.former
        return RoomName.recall(former[0]).key if former else self.name.key

    @property
    def listable(self) -> bool:
        """Whether it is a room to people, and not a log of the server's own."""
        return not is_hidden(self.name)

    def role_of_maker(self, user: Maker, *, owns: bool) -> Role | None:
        """What ``user`` is by being the first who joins: who has an account owns what they make.

        ``owns``: whether they want that, as guests have to.
        """
        mine = self.head == 0 and user.id is not None and user.id == self.maker
        return Role.OWNER if mine and (user.account or owns) else None

    @property
    def listed(self) -> bool:
        """Whether everybody may know of it."""
        return self.state.access in LISTED and not is_hidden(self.name)

    @property
    def open(self) -> bool:
        """Whether everybody may read it, guests too."""
        return self.plain or (self.state.access in READ_BY_ALL and self.state.facts.guests)

    @property
    def waiting(self) -> tuple[QueueItem, ...]:
        """What waits in its queue for who moderates it."""
        return () if self.queue is None else self.queue.state.facts.queue

    def names(self) -> tuple[str, ...]:
        """Who is in the room, in alphabetical order."""
        if self._names is None:
            members = self.state.members
            self._names = tuple([str(members[key].name) for key in sorted(members)])
        return self._names

    def info(self, place: Place | None = None) -> RoomInfo:
        """The room's line in the list of rooms; with what is unread behind ``place``."""
        known = place is not None and place.upto == self.head
        return RoomInfo(
            name=str(self.name),
            users=len(self.state.members),
            head=self.head,
            at=self.state.at,
            topic=self.state.topic or None,
            read=place.seq if place else None,
            unread=place.unread if place and known else None,
            mentions=place.mentions if place and known else None,
        )

    def publish(self, events: Sequence[AnyEvent], floor: Floor | None = None) -> int:
        """Takes events that are on disk and gives them to all who are live; returns deliveries.

        ``floor``: where the past is hidden from newcomers, whom it gives nothing of that.

        Encoded once for each format; the same bytes go to every session. No session leaves
        ``live`` while this runs (see `Session.stall`).
        """
        plain = are_messages(events)
        gone = self.floor
        if not plain:
            self._forget_authors([event for event in events if isinstance(event, AuthorForgotten)])
            gone = max(gone, floor_of(events))
        if gone:
            events = [without_past(gone, event) for event in events]
        if self._forgotten:
            events = [reduce(forgetting, self._forgotten, event) for event in events]
        amendments = () if plain else [one for one in events if target_of(one) is not None]
        if self._changes is not None or not plain:
            events = self._tail.take(events)
        told = 0
        hidden = past_in(events) if floor is not None and self.hides_past else None
        for format, sessions in self.live.items():
            told += len(sessions)
            if not format.echoes and (self._echoes or not plain):
                self._write_to_each(format, sessions, events, floor, hidden)
                continue
            for piece in pieces(events) if len(events) > 1 else (events,):
                if floor is not None and hidden:
                    self._write_behind(floor, hidden, format, sessions, piece)
                    continue
                data = format.events(self.name, piece)
                for pipe in sessions.values():
                    pipe.write(data)
        # After that: those who wait need none of it.
        facts = self.state.facts
        for event in events:
            self.state.apply(event)
        if self.state.facts is not facts:
            self.rules_changed()
            if self.floor > facts.floor:
                self._lose_past()
        if not plain and any(map(changes_members, events)):
            self._names = None
            if self.keeps_members:
                self.rules_changed()
            self._moved(self)
        if amendments:
            self._note(amendments)
        self._tail.remember(events, amending=bool(amendments))
        self._account()
        return told * len(events)

    def _note(self, amendments: Sequence[AnyEvent]) -> None:
        """Something of what is here, kept elsewhere, or just being read, is amended."""
        if self._changes is None:
            self._changes = Changes()
        self._changes.note(amendments)
        for meanwhile in self._readers:
            meanwhile.extend(amendments)

    def _write_to_each(
        self,
        format: Format,
        sessions: dict[Reader, Pipe],
        events: Sequence[AnyEvent],
        floor: Floor | None,
        hidden: Sequence[int] | None,
    ) -> None:
        """Gives ``events`` to ``sessions``: to who has said some of them, and to all of whom each
        is shown something else, as they alone are shown them.
        """
        echoes: Echoes[Reader] = self._echoes or Echoes()
        each: Collection[Reader] = echoes.among(sessions)
        if (about := format.differ(events)) is not None:
            affected = (one for one in sessions if len(one.rooms) > 1 or one.is_one_of(about))
            each = dict.fromkeys((*each, *affected))
        # Taken out, so that the others cost what they cost otherwise.
        alone = {session: sessions.pop(session) for session in each}
        cut = list(pieces(events))
        for piece in cut if sessions else ():
            if floor is not None and hidden:
                self._write_behind(floor, hidden, format, sessions, piece)
                continue
            data = format.events(self.name, piece)
            for pipe in sessions.values():
                pipe.write(data)
        for session, pipe in alone.items():
            own = echoes.of(session)
            behind = floor(session, self) if floor is not None and hidden else 0
            for piece in cut:
                shown = shown_behind(behind, piece) if behind else piece
                data = session.outlet.show(self.name, shown, own)
                if data:
                    pipe.write(data)
            echoes.forget(session, events[-1].seq)
        sessions |= alone

    def _write_behind(
        self,
        floor: Floor,
        past: Sequence[int],
        format: Format,
        sessions: Mapping[Reader, Pipe],
        piece: Sequence[AnyEvent],
    ) -> None:
        """Gives ``piece`` to who is live, to each without what it tells that is not theirs.

        Encoded once for all who are shown the same of the ``past`` that it tells of.
        """
        encoded: dict[int, bytes] = {}
        for session, pipe in sessions.items():
            behind = floor(session, self)
            least = max((seq for seq in past if seq <= behind), default=0)
            if least not in encoded:
                shown = shown_behind(least, piece) if least else piece
                encoded[least] = format.events(self.name, shown)
            pipe.write(encoded[least])

    def reload(self, known: RoomSummary, members: Sequence[Member]) -> None:
        """Takes what the room adds up to by now: what is in between is gone, or too much to read.

        Whoever was live is behind, at the cursor of before.
        """
        for sessions in self.live.values():
            self.behind.update(dict.fromkeys(sessions, self.head))
        self.live = {}
        self.forget()
        state = self.state
        state.head, state.at, state.facts = known.head, known.at, known.facts
        state.members = {member.name.key: member for member in members}
        self._changes = Changes(self.head)
        self.rules_changed()

    def restore(self, member: Member) -> None:
        """``member`` is in the room by the log, as it is at the start."""
        self.state.members[member.name.key] = member
        self._moved(self)

    def restored(self) -> None:
        """All members are."""
        if self.keeps_members:
            self.rules_changed()

    def told_elsewhere_of(self, key: str, id: UserId | None) -> Collection[Reader]:
        """The live sessions to which nothing is told here of how the member with that key appears.

        Of formats that do not echo, they are told once, in the first room that both are in; and
        nobody of themselves.
        """
        return {
            session
            for format, sessions in self.live.items()
            if not format.echoes
            for session in sessions
            if (id is not None and session.is_one_of((id,)))
            or (len(session.rooms) > 1 and not self._is_first_with(session, key))
        }

    def _is_first_with(self, session: Reader, key: str) -> bool:
        """Whether no room of ``session`` before this one has the member, and tells it of them."""
        live = (room for room in session.rooms if room.cursor(session) == LIVE)
        return next((room for room in live if key in room.state.members), self) is self

    def tell(self, notice: Reply, but: Container[Reader]) -> None:
        """Gives a notice that is not logged to all who are live, except ``but``.

        As for `publish`, no session may leave ``live`` while this runs.
        """
        for format, sessions in self.live.items():
            data = format.notice(notice)
            if data:
                for session, pipe in sessions.items():
                    if session not in but:
                        pipe.write(data)

    def enter(self, session: Reader, cursor: int) -> None:
        """``session`` comes in, and has been given everything up to ``cursor``."""
        # One tuple for all who are nowhere else, as most are.
        if self._alone is None:
            self._alone = (self,)
        session.rooms = (*session.rooms, self) if session.rooms else self._alone
        self.behind[session] = cursor

    def leave(self, session: Reader) -> None:
        """``session`` is in the room no more."""
        if self._echoes is not None:
            self._echoes.forget(session)
        session.rooms = tuple(room for room in session.rooms if room is not self)
        if self.behind.pop(session, LIVE) == LIVE:
            self._drop(session)

    def cursor(self, session: Reader) -> int:
        """The ``seq`` that ``session``, which is in the room, was last given; or `LIVE`."""
        return self.behind.get(session, LIVE)

    def seek(self, session: Reader, cursor: int) -> None:
        """``session`` is to be given what is behind ``cursor``."""
        if session not in self.behind:
            self._drop(session)
        self.behind[session] = cursor

    def go_live(self, session: Reader) -> None:
        """``session`` has been given everything up to the head."""
        outlet = session.outlet
        self.live.setdefault(outlet.format, {})[session] = outlet.pipe
        del self.behind[session]
        if self._echoes is not None:
            self._echoes.forget(session, self.head)

    def refile(self, session: Reader, before: Format) -> None:
        """``session`` reads otherwise than ``before`` from now on."""
        if session not in self.behind:
            self._drop(session, before)
            outlet = session.outlet
            self.live.setdefault(outlet.format, {})[session] = outlet.pipe

    def note_said(self, session: Reader, event: AnyEvent) -> None:
        """``session`` has said that, or amended it; it is on disk, and maybe not shown yet.

        It is not shown it, if its wire does not echo.
        """
        if self not in session.rooms or session.outlet.format.echoes:
            return
        if not is_message(event) and target_of(event) is None:
            return  # what happens in a room all are shown, also by whom
        if event.seq > self.behind.get(session, self.head):
            self.note_own(session, event.seq)

    def note_own(self, session: Reader, seq: int) -> None:
        """``session`` has said that, and is not shown it."""
        if self._echoes is None:
            self._echoes = Echoes()
        self._echoes.note(session, seq)

    def said_by(self, session: Reader) -> Collection[int]:
        """The messages ahead of its cursor that ``session`` is not shown, as it has said them."""
        return NOTHING if self._echoes is None else self._echoes.of(session)

    def _drop(self, session: Reader, format: Format | None = None) -> None:
        format = format or session.outlet.format
        sessions = self.live.get(format)
        if sessions is not None:
            sessions.pop(session, None)
            if not sessions:
                del self.live[format]

    @property
    def in_memory_after(self) -> int:
        """All events behind this ``seq`` are in memory."""
        first = self._tail.first
        return self.head if first is None else first - 1

    def recent(self, after: int, upto: int) -> list[AnyEvent] | None:
        """The events ``after < seq <= upto`` when all of them are in memory."""
        return self._tail.recent(after, upto)

    @property
    def tail(self) -> Tail:
        """The newest events."""
        return self._tail

    def amended(self, parts: Iterable[int]) -> int:
        """The ``seq`` of the newest amendment to one of these `parts_of` the room, if known."""
        return 0 if self._changes is None else self._changes.newest(parts)

    @contextmanager
    def reading(self) -> Iterator[list[AnyEvent]]:
        """Something of the room is being read elsewhere; gives what amends it meanwhile.

        What was read is to be shown with that: see `hubbub.domain.projection.up_to_date`.
        """
        meanwhile: list[AnyEvent] = []
        self._readers = (*self._readers, meanwhile)
        try:
            yield meanwhile
        finally:
            self._readers = tuple(one for one in self._readers if one is not meanwhile)

    async def read(self, log: Log, after: int, upto: int) -> list[AnyEvent]:
        """The events ``after < seq <= upto`` from ``log``.

        Raises `LogUnavailable`, and `NoSuchRoom` when the room was forgotten meanwhile.
        """
        events = await log.read(self.which, max(after, self.floor), upto)
        self._check_there()
        floor = self.floor
        return [without_past(floor, event) for event in events] if floor else events

    async def read_lines(self, log: Log, passage: Passage) -> Lines:
        """Lines of its timeline; raises as `read`."""
        floor = self.floor
        if passage.after < floor:
            passage = replace(passage, after=floor)
        lines = await log.timeline(self.which, passage)
        self._check_there()
        if self.floor:
            shown = [without_past(self.floor, event) for event in lines.events]
            lines = replace(lines, events=shown)
        return lines

    def _check_there(self) -> None:
        if self.gone:
            raise NoSuchRoom(f'The room "{self.name}" was deleted a moment ago.')

    def forget_names(self) -> None:
        """Drops the list that `names` has made."""
        self._names = None

    def remember(self, events: Sequence[AnyEvent]) -> None:
        """Keeps events up to the head that were read from the log, when none are kept."""
        if not self._tail and events and events[-1].seq == self.head:
            self._tail.remember(events, amending=False)
            self._account()

    def forget(self) -> None:
        """Drops the events in memory: nobody is here."""
        self._tail.forget()
        self._alone = None
        self._names = None
        self._account()

    # What is too much

    def visit(self, client: str, budget: Budget, now: float, patience: float) -> float:
        """Takes or reserves a join by the client with that key; seconds to wait (`take_token`)."""
        if budget.rate <= 0:
            return 0.0
        visits = self._visits = self._visits if self._visits is not None else {}
        # Taken out and put back at the end: the first is who came least recently.
        visits[client], wait = take_token(
            visits.pop(client, FULL), budget.rate, budget.burst, now, patience=patience
        )
        if len(visits) > VISITORS:
            del visits[next(iter(visits))]
        return wait

    def may_tell_typing(self, now: float) -> bool:
        """Whether another notice that somebody writes is worth the room's while."""
        self._typing_full_at, wait = take_token(
            self._typing_full_at, TYPING_A_SECOND, TYPING_A_SECOND, now
        )
        return wait <= 0

    def may_signal(self, now: float) -> bool:
        """Whether programs in it may tell each other something more."""
        self._signals_full_at, wait = take_token(
            self._signals_full_at, SIGNALS_A_SECOND, SIGNALS_A_SECOND, now
        )
        return wait <= 0

    # The tail

    def _account(self) -> None:
        self._tails.kept(self, self._tail.size)

    def _forget_authors(self, forgotten: Sequence[AuthorForgotten]) -> None:
        """What is in memory is as it is on the disk; so is what answers it and is on its way."""
        if not forgotten:
            return
        self._tail.forget_authors(forgotten)
        self._forgotten = (*self._forgotten, *forgotten)[-MOST_FORGOTTEN:]
        self._account()

    def _lose_past(self) -> None:
        """What is gone from the log is not in memory either."""
        self._tail.lose_past(self.floor)
        self._account()
