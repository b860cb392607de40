"""Saves a group of entries in one transaction: all of them or, when it fails, none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct
from sqlalchemy import (
    ClauseElement,
    Dialect,
    and_,
    bindparam,
    exists,
    func,
    insert,
    null,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.engine.interfaces import DBAPICursor

from hubbub.domain import forms
from hubbub.domain.directory import is_directory
from hubbub.domain.errors import ChatError
from hubbub.domain.events import AnyEvent, Joined, Reacted, Redacted, RoleGiven
from hubbub.domain.forms import Form
from hubbub.domain.ids import number_of
from hubbub.domain.kinds import changes_members
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.queues import queue_of
from hubbub.domain.state import Member, member_changes
from hubbub.hub.ports import (
    Attend,
    ClaimName,
    Depart,
    Draft,
    Entry,
    ForgetRoom,
    FreeName,
    KeepDevice,
    KeepNode,
    LeaseLost,
    LeaveNode,
    MakeRoom,
    Settled,
    TakeName,
    Trim,
    TrimNameless,
)
from hubbub.storage.bulk import Bulk, deletes, inserts
from hubbub.storage.file_rows import FileRows
from hubbub.storage.forgetting import Forgetting
from hubbub.storage.names import Naming
from hubbub.storage.people import StagedPeople
from hubbub.storage.people_rows import PeopleRows
from hubbub.storage.redacting import Redacting, listed
from hubbub.storage.room_rows import RoomRows, stands_apart
from hubbub.storage.rows import MESSAGES, REACTIONS, REDACTIONS, event_of, member_of, summary_of
from hubbub.storage.schema import (
    CONTENT,
    SUMMARY,
    WITH_STATE,
    events,
    members,
    rooms,
)
from hubbub.storage.staging import (
    ABOUT_MESSAGES,
    DECIDED,
    Nonce,
    Place,
    Staged,
    StagedRoom,
    Target,
    is_forgotten,
    message_needed,
    nonce_of,
    reactions_of,
)
from hubbub.storage.trimming import Trimming

if TYPE_CHECKING:
    from hubbub.storage.nodes import NodeRows

MOST_KEPT = 5000  # messages, and reactions to them, that are remembered: a megabyte

FIND_ROOM = (
    select(rooms.c.id, *SUMMARY).select_from(WITH_STATE).where(rooms.c.key == bindparam("key"))
)
MAKE_ROOM = insert(rooms).values(key=bindparam("key"), name=bindparam("name"))
_THIS_NONCE = (
    events.c.author == bindparam("author"),
    events.c.nonce == bindparam("nonce"),
    events.c.nonce.is_not(None),  # as the index has it
)
FIND_NONCE = (
    select(rooms.c.key, *CONTENT).join(rooms, rooms.c.id == events.c.room_id).where(*_THIS_NONCE)
)
FORGET_NONCE = update(events).values(nonce=null()).where(*_THIS_NONCE)


class Transacting(Protocol):
    """A connection; ``with`` it is a transaction, in which its cursor is used."""

    def __enter__(self) -> DBAPICursor: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    def execute_alone(self, sql: str, values: Sequence[object]) -> object:
        """One statement that is a transaction by itself."""
        ...


class Inserts(Protocol):
    """Inserts rows."""

    def run(self, cursor: DBAPICursor, rows: Sequence[Iterable[object]]) -> None:
        """Inserts ``rows``, in order."""
        ...


class Transactions:
    """Commits groups, one after another, and remembers between them what is in the rooms' logs."""

    def __init__(
        self, connection: Transacting, dialect: Dialect, *, overwrites: bool = True
    ) -> None:
        """``overwrites``: a row that is changed is written in its place, so that what is to be
        gone is overwritten first.
        """
        self._connection = connection
        self._rooms: dict[str, StagedRoom] = {}
        self._reacted: dict[Target, Form] = {}
        """Who reacts to messages, as of the last commit and what this one adds; as `_rooms`."""
        self.emptied = False
        """Whether something was taken off the disk, and may stand in the WAL yet."""
        self.erased: Callable[[Mapping[int, str]], None] = _tell_nobody
        """Is told, before they are gone, of texts that are taken back, by their events' ids."""
        assert dialect.loaded_dbapi is not None
        self._integrity_error: type[Exception] = dialect.loaded_dbapi.IntegrityError

        # Compiled once, their placeholders in the order in which they are written above.
        def sql(statement: ClauseElement) -> str:
            return str(statement.compile(dialect=dialect))

        self._find_room = sql(FIND_ROOM)
        self._make_room = sql(MAKE_ROOM)
        self._find_nonce = sql(FIND_NONCE)
        self._forget_nonce = sql(FORGET_NONCE)
        # The database gives the id. A column that is nearly always NULL was a tenth of an insert.
        self._at_once = Bulk(dialect, inserts(*events.c[1:-1]))
        self._add_events: Inserts = self._at_once
        self._add_amending: Inserts = Bulk(dialect, inserts(*events.c[1:]))
        self._keep_states = Bulk(dialect, _keep_states)
        self._find_members = Bulk(dialect, _find_members)
        self._find_targets = Bulk(dialect, _find_targets)
        self._find_reactions = Bulk(dialect, _find_reactions)
        self._add_members = Bulk(dialect, inserts(*members.c))
        self._drop_members = Bulk(dialect, deletes(members.c.room_id, members.c.user_key))
        self._forgetting = Forgetting(dialect, overwrites=overwrites)
        self._redacting = Redacting(dialect, overwrites=overwrites)
        self._trimming = Trimming(dialect, overwrites=overwrites)
        self._files = FileRows(dialect, overwrites=overwrites)
        self._people = PeopleRows(dialect)
        self._dialect = dialect
        self._node: str | None = None
        self._lease_ms = 0
        self._several = False  # whether servers have told of themselves
        self._room_rows = RoomRows(dialect)

    def fence(self, node: str) -> None:
        """From now on nothing is saved but what that node may save."""
        self._node = node

    @cached_property
    def _nodes(self) -> NodeRows:
        from hubbub.storage.nodes import NodeRows

        return NodeRows(self._dialect)

    def commit(self, group: Sequence[Entry]) -> list[Settled]:
        """Saves ``group`` and returns the outcomes. When it raises, nothing was saved.

        Except when only the answer to the COMMIT was lost: so nothing is remembered then, and
        the next group reads what is there.
        """
        try:
            try:
                return self._commit_at_once(group) or self._attempt(group, look_up=False)
            except self._integrity_error:
                # Most likely something that is saved already was sent again. Hardly any group has
                # that, so that it costs less to let the insert find out than to look first.
                self._reacted.clear()  # the first attempt has changed it
                return self._attempt(group, look_up=True)
        except BaseException:
            self._forget_known()
            raise

    def _forget_known(self) -> None:
        """What is not known is read again."""
        self._rooms.clear()
        self._reacted.clear()

    def _commit_at_once(self, group: Sequence[Entry]) -> list[Settled] | None:
        """Saves ``group`` if that takes a single statement; otherwise does nothing.

        A lone text does, or a few in rooms that were written to before. It is the one whom a quiet
        room waits for, and an eighth of its commit was the statements around it.
        """
        if self._node is not None:
            return None
        known: dict[str, StagedRoom] = {}
        for entry in group:
            if type(entry) is not Draft or (room := self._rooms.get(entry.room.key)) is None:
                return None
            if entry.also or type(entry.event) in DECIDED:
                return None
            known[entry.room.key] = room
        staged = Staged(known, {}, {})
        staged.take(group)
        if staged.states:
            return None
        if not staged.events:
            return None
        statement = self._at_once.as_one(staged.events)
        if statement is None:
            return None
        self._connection.execute_alone(*statement)
        self._rooms.update(staged.rooms)
        return staged.settled

    def _attempt(self, group: Sequence[Entry], *, look_up: bool) -> list[Settled]:
        found: dict[str, StagedRoom] = {}
        with self._connection as cursor:
            settled = self._save_parts(cursor, group, found, look_up=look_up)
        self._rooms.update(found)
        return settled

    def _fenced(
        self, cursor: DBAPICursor, group: Sequence[Entry], found: dict[str, StagedRoom]
    ) -> list[Settled]:
        """The outcomes of the first entries of ``group``, which its node may not save any more.

        Or not yet: then the entry is among them by which it begins.
        """
        settled: list[Settled] = []
        lost: ChatError | None = None
        if self._node is None:
            return settled
        if not isinstance(group[0], KeepNode):
            try:
                row = self._asked(cursor, self._node)
                self._nodes.check(cursor, self._node, self._lease_ms, row)
            except LeaseLost as error:
                lost = error
            else:
                return settled
        for entry in group:
            if isinstance(entry, KeepNode):
                outcome = self._save_apart(cursor, entry, found)
                settled.append(outcome)
                lost = outcome.error
            elif lost is not None:
                settled.append(Settled(entry, error=lost))
            if lost is None:
                break
        return settled

    def _asked(self, cursor: DBAPICursor, node: str) -> Any:
        """The row of the node, locked: whether its lease is not over."""
        cursor.execute(*self._nodes.asking(node))
        return cursor.fetchone()

    def _save_parts(
        self,
        cursor: DBAPICursor,
        group: Sequence[Entry],
        found: dict[str, StagedRoom],
        *,
        look_up: bool,
    ) -> list[Settled]:
        """Saves ``group`` in its order; ``found`` gets the rooms as they are then."""
        settled = self._fenced(cursor, group, found)
        for part in _parts(group[len(settled) :]):
            if isinstance(part, Names):
                settled += self._save_names(cursor, part.entries, found)
            elif isinstance(part, Sequence):
                settled += self._save(cursor, part, found, look_up=look_up)
            else:
                settled.append(self._save_apart(cursor, part, found))
        return settled

    def _save(
        self,
        cursor: DBAPICursor,
        part: Sequence[Entry],
        found: dict[str, StagedRoom],
        *,
        look_up: bool,
    ) -> list[Settled]:
        nonces = self._known_nonces(cursor, part, look_up=look_up)
        before = self._rooms_of(cursor, part, nonces, found)
        there, attending = self._members_of(cursor, part, before), None
        if self._several:
            attending = self._nodes.attending(cursor, _places(part, before))
        targets = self._targets_of(cursor, part, before)
        staged = Staged(
            before,
            nonces,
            there,
            None if attending is None else {place: {**at} for place, at in attending.items()},
            {target: taken_back for target, (taken_back, _) in targets.items()},
            self._reactions_to(cursor, part, before),
            {target for target, (_, count) in targets.items() if count >= forms.MAX_AMENDMENTS},
        )
        staged.take(part)
        self._write(cursor, staged)
        if attending is not None and staged.attending is not None:
            self._nodes.write(cursor, attending, staged.attending)
        found.update(before)
        found.update(staged.rooms)
        return staged.settled

    def _save_apart(
        self, cursor: DBAPICursor, entry: Entry, found: dict[str, StagedRoom]
    ) -> Settled:
        """Saves what `stands_apart`, or refuses it alone: then nothing of it is saved."""
        cursor.execute("SAVEPOINT apart")
        settled = Settled(entry)
        try:
            rows: Sequence[Entry] = (entry,)
            if isinstance(entry, KeepNode | LeaveNode):
                settled, rows = self._save_of_node(cursor, entry), ()
            # First: who changes it and who needs it to stay wait for each other here.
            self._room_rows.swap(cursor, entry.also if isinstance(entry, Draft) else rows)
            if isinstance(entry, KeepDevice):
                self._save(cursor, rows, found, look_up=False)
            if isinstance(entry, Draft):
                self._room_rows.check_names(cursor, entry)
                self._room_rows.check_there(cursor, entry)
                self._check_claims(cursor, entry)
                # Looked up: the name that it gives is the room's already when it comes again.
                (settled,) = self._save(cursor, rows, found, look_up=True)
                if settled.error is not None:
                    raise settled.error
                rows = () if settled.duplicate else entry.also
            if isinstance(entry, Trim):
                # Whoever asks has seen the room a while ago: another one may have its name by now.
                floor = self._floor(cursor, entry.room, found)
                upto = min(entry.upto, floor)
                settled = Settled(entry, more=self._trimming.delete(cursor, entry, upto))
                self._files.trim(cursor, entry.room.key, upto)
                self.emptied = True
            elif isinstance(entry, TrimNameless):
                settled = Settled(entry, more=self._trimming.delete_nameless(cursor, entry))
                self.emptied = True
            for row in rows:
                if isinstance(row, ForgetRoom) and self._files.forget_room(cursor, row.room.key):
                    self.emptied = True
                self._room_rows.change(cursor, row, found, self._rooms)
                if self._files.change(cursor, row, settled):
                    self.emptied = True
        except ChatError as error:
            cursor.execute("ROLLBACK TO SAVEPOINT apart")
            found.clear()
            self._forget_known()
            settled = Settled(entry, error=error)
        cursor.execute("RELEASE SAVEPOINT apart")
        return settled

    def _save_of_node(self, cursor: DBAPICursor, entry: KeepNode | LeaveNode) -> Settled:
        """What a server tells of itself. Raises `LeaseLost`."""
        if isinstance(entry, KeepNode):
            self._several, self._lease_ms = True, round(entry.seconds * 1000)
            return self._nodes.keep(cursor, entry)
        self._nodes.leave(cursor, entry)
        return Settled(entry)

    def _save_names(
        self, cursor: DBAPICursor, part: Sequence[Naming], found: dict[str, StagedRoom]
    ) -> list[Settled]:
        """Saves which names guests have, all at once: a crowd that comes in must hold up nobody."""
        staged = self._nodes.names(cursor, part)
        settled = [staged.take(entry) for entry in part]
        self._nodes.write_names(cursor, staged)
        if staged.rows:
            self._save(cursor, staged.rows, found, look_up=False)
        return settled

    def _check_claims(self, cursor: DBAPICursor, draft: Draft) -> None:
        """Raises `NameTaken` if an account is to have a name that a guest has, somebody else."""
        for row in draft.also if self._several else ():
            if isinstance(row, TakeName):
                user = number_of(row.user)
                self._nodes.check_unclaimed(cursor, row.name.key, user)
                self._nodes.forget_claims(cursor, user)

    def _write(self, cursor: DBAPICursor, staged: Staged) -> None:
        if staged.amends:
            rows = [(*row, staged.amends.get(at)) for at, row in enumerate(staged.events)]
            self._add_amending.run(cursor, rows)
            self._drop_redacted(cursor, staged)
        else:
            self._add_events.run(cursor, staged.events)
        for room, forgotten in staged.forgotten:
            self._forgetting.write(cursor, room, forgotten)
            if forgotten.emptied and forgotten.by_id is not None:
                author = number_of(forgotten.by_id)
                self._files.forget_author(cursor, room, author, forgotten.seq)
            self.emptied = True
        for (room, target), name in staged.redacted.items():
            self.erased(self._redacting.write(cursor, room, target, queue_of(name).key))
            self.emptied = True
        for queue, item in staged.decided:
            self._redacting.write_decided(cursor, queue, item)
        if staged.empties:
            self.emptied = True
        if staged.states:
            self._keep_states.run(cursor, list(staged.states.values()))
        if staged.members:
            self._drop_members.run(cursor, list(staged.members))
            self._add_members.run(cursor, [row for row in staged.members.values() if row])
        for room, forgotten in staged.forgotten:
            self._forgetting.write_members(cursor, room, forgotten)
        if staged.people is not None:
            self._people.write(cursor, staged.people)
            for key, user in self._freed(staged.people):
                self._nodes.forget_claims(cursor, user, key)
            for author in staged.people.emptied:
                self._forgetting.write_nameless(cursor, author)
                self._files.forget_owner(cursor, author)
                self.emptied = True

    def _drop_redacted(self, cursor: DBAPICursor, staged: Staged) -> None:
        """What was taken back has no files any more."""
        for one in staged.settled:
            event, room = one.event, one.room_id
            if isinstance(event, Redacted) and room is not None and not one.duplicate:
                self.emptied |= self._files.redact(cursor, room, event.target)

    def _freed(self, people: StagedPeople) -> Sequence[tuple[str, int]]:
        """The keys of names of which no claims are left, each with whose it was."""
        return people.guests.forgotten if self._several and people.guests is not None else ()

    def _rooms_of(
        self,
        cursor: DBAPICursor,
        group: Sequence[Entry],
        nonces: Mapping[Nonce, AnyEvent],
        found: Mapping[str, StagedRoom],
    ) -> dict[str, StagedRoom]:
        """All rooms that ``group`` names: ``found`` ones are newer than those from before.

        Makes the rooms that are not there; not for what is in the log already, by its nonce, maybe
        since before the room had another name.
        """
        named: dict[str, StagedRoom] = {}
        for entry in group:
            if isinstance(entry, (Draft, MakeRoom)) and (key := entry.room.key) not in named:
                if nonces and isinstance(entry, Draft) and nonce_of(entry) in nonces:
                    continue
                room = found.get(key) or self._rooms.get(key) or self._find(cursor, key)
                if room is None and not (isinstance(entry, Draft) and entry.room_id is not None):
                    cursor.execute(self._make_room, (key, str(entry.room)))
                    room = self._find(cursor, key)
                if room is not None:
                    named[key] = room
            elif isinstance(entry, Attend | Depart) and (key := entry.room.key) not in named:
                room = found.get(key) or self._rooms.get(key) or self._find(cursor, key)
                if room is not None:
                    named[key] = room
        return named

    def _floor(self, cursor: DBAPICursor, name: RoomName, found: Mapping[str, StagedRoom]) -> int:
        """Up to where the room is gone, by what is saved of it; 0 if there is none."""
        known = found.get(name.key) or self._rooms.get(name.key)
        if known is not None:
            return known.summary.facts.floor
        cursor.execute(self._find_room, (name.key,))
        row = cursor.fetchone()
        return 0 if row is None else summary_of(*row[1:]).facts.floor

    def _find(self, cursor: DBAPICursor, key: str) -> StagedRoom | None:
        cursor.execute(self._find_room, (key,))
        found = cursor.fetchone()
        if found is None:
            return None
        id, *summary = found
        return StagedRoom(id, summary_of(*summary))

    def _members_of(
        self, cursor: DBAPICursor, group: Sequence[Entry], rooms: Mapping[str, StagedRoom]
    ) -> dict[int, dict[str, Member]]:
        """Who is a member of those whom the events of ``group`` are about."""
        named = _places(group, rooms)
        there: dict[int, dict[str, Member]] = {}
        for room_id, key, *row in self._find_members.find(cursor, list(named)):
            there.setdefault(room_id, {})[key] = member_of(key, *row)
        return there

    def _targets_of(
        self, cursor: DBAPICursor, group: Sequence[Entry], rooms: Mapping[str, StagedRoom]
    ) -> dict[Target, tuple[bool, int]]:
        """The messages that the events of ``group`` are about, each with whether it was taken back,
        and how many amendments there are of it.

        Nothing is looked for where they are about none, as texts are not.
        """
        named: set[Target] = set()
        for entry in group:
            if isinstance(entry, Draft) and type(entry.event) in ABOUT_MESSAGES:
                seq, room = message_needed(entry.event), rooms.get(entry.room.key)
                if seq is not None and room is not None:
                    named.add((room.id, seq))
        found = self._find_targets.find(cursor, list(named))
        return {(room, seq): (bool(redacted), count) for room, seq, redacted, count in found}

    def _reactions_to(
        self, cursor: DBAPICursor, group: Sequence[Entry], rooms: Mapping[str, StagedRoom]
    ) -> dict[Target, Form]:
        """Who reacts to the messages to which ``group`` reacts; kept, as many react to the same."""
        named: set[Target] = set()
        for entry in group:
            if isinstance(entry, Draft) and isinstance(entry.event, Reacted):
                room = rooms.get(entry.room.key)
                if room is not None:
                    named.add((room.id, entry.event.target))
        reacted = self._reacted
        found: dict[Target, list[AnyEvent]] = {one: [] for one in named if one not in reacted}
        for room_id, *row in self._find_reactions.find(cursor, list(found)):
            event = event_of(*row)
            if isinstance(event, Reacted):
                found[room_id, event.target].append(event)
        known = {target: reactions_of(events) for target, events in found.items()}
        known |= {target: reacted.pop(target) for target in named if target in reacted}
        reacted |= known  # behind the others: those go first
        while len(reacted) > len(known) and sum(one.weight for one in reacted.values()) > MOST_KEPT:
            del reacted[next(iter(reacted))]
        return known

    def _known_nonces(
        self, cursor: DBAPICursor, group: Sequence[Entry], *, look_up: bool
    ) -> dict[Nonce, AnyEvent]:
        """What is saved already of what ``group`` sends; without ``look_up``, only of what might be
        refused when it comes again, so that no row would tell.

        What was saved in a room that was forgotten since is in no room, and may be said again.
        """
        known: dict[Nonce, AnyEvent] = {}
        for entry in group:
            if not isinstance(entry, Draft):
                continue
            nonce = nonce_of(entry) if look_up or type(entry.event) in ABOUT_MESSAGES else None
            if nonce is not None:
                author, called = nonce
                where = number_of(author), called
                cursor.execute(self._find_nonce, where)
                found = cursor.fetchone()
                if found is None:
                    continue
                room, *row = found
                if is_forgotten(room):
                    cursor.execute(self._forget_nonce, where)
                else:
                    known[nonce] = event_of(*row)
        return known


def _tell_nobody(erased: Mapping[int, str]) -> None:
    """Until somebody has to know."""


def _places(group: Sequence[Entry], rooms: Mapping[str, StagedRoom]) -> set[Place]:
    """The rooms, and the keys of users, of those whose coming and going ``group`` is about."""
    places: set[Place] = set()
    for entry in group:
        if isinstance(entry, Draft):
            room = rooms.get(entry.room.key)
            if room is None:
                continue
            if changes_members(entry.event):
                changes = member_changes(entry.event, directory=is_directory(entry.room))
                places |= {(room.id, change.user.key) for change in changes}
                if isinstance(entry.event, Joined) and entry.event.was is not None:
                    places.add((room.id, UserName.recall(entry.event.was).key))
            elif isinstance(entry.event, RoleGiven) and entry.event.passing:
                places.add((room.id, UserName.recall(entry.event.user).key))
            rows: Sequence[Entry] = entry.also
        elif isinstance(entry, Attend | Depart):
            room, rows = rooms.get(entry.room.key), (entry,)
        else:
            continue
        for row in rows:
            if room is not None and isinstance(row, Attend | Depart):
                places.add((room.id, row.user.key))
                if isinstance(row, Depart) and row.now is not None:
                    places.add((room.id, row.now.key))
    return places


def _find_members(size: int) -> ClauseElement:
    """The rows of members with these rooms and keys."""
    wanted = (
        and_(
            members.c.room_id == bindparam(f"room_id_{row}"),
            members.c.user_key == bindparam(f"user_key_{row}"),
        )
        for row in range(size)
    )
    return select(*members.c).where(or_(*wanted))


def _find_targets(size: int) -> ClauseElement:
    """The messages with these numbers, and whether they were taken back."""
    wanted = (
        and_(
            events.c.room_id == bindparam(f"room_id_{row}"),
            events.c.seq == bindparam(f"seq_{row}"),
        )
        for row in range(size)
    )
    redaction = events.alias("redaction")
    redacted = exists().where(
        redaction.c.room_id == events.c.room_id,
        redaction.c.amends == events.c.seq,
        text(f"redaction.kind IN ({listed(REDACTIONS)})"),
    )
    amendment = events.alias("amendment")
    count = (
        select(func.count())
        .where(amendment.c.room_id == events.c.room_id, amendment.c.amends == events.c.seq)
        .scalar_subquery()
    )
    said = text(f"events.kind IN ({listed(MESSAGES)})")
    return select(events.c.room_id, events.c.seq, redacted, count).where(or_(*wanted), said)


def _find_reactions(size: int) -> ClauseElement:
    """The reactions to the messages with these numbers, each once, in any order."""
    wanted = (
        and_(
            events.c.room_id == bindparam(f"room_id_{row}"),
            events.c.amends == bindparam(f"seq_{row}"),
        )
        for row in range(size)
    )
    reacts = text(f"events.kind IN ({listed(REACTIONS)})")
    return select(events.c.room_id, *CONTENT).where(or_(*wanted), reacts)


def _keep_states(size: int) -> ClauseElement:
    """Saves what is true of rooms now."""
    rows = ", ".join(f"(:room_id_{row}, :seq_{row}, :state_{row})" for row in range(size))
    return text(
        f"INSERT INTO room_state (room_id, seq, state) VALUES {rows}"  # noqa: S608
        " ON CONFLICT (room_id) DO UPDATE SET seq = excluded.seq, state = excluded.state"
    )


class Names(Struct, frozen=True):
    """What stands in a row about guests' names."""

    entries: Sequence[Naming]


def _parts(group: Sequence[Entry]) -> Iterator[Sequence[Entry] | Names | Entry]:
    """``group`` in its order, cut around what `stands_apart`; names in a row are together."""
    start = 0
    naming: list[Naming] = []
    for place, entry in enumerate(group):
        if (type(entry) is Draft and not entry.also) or not stands_apart(entry):
            if naming:
                yield Names(naming)
                naming = []
            continue
        if start < place:
            yield group[start:place]
        start = place + 1
        if isinstance(entry, ClaimName | FreeName):
            naming.append(entry)
            continue
        if naming:
            yield Names(naming)
            naming = []
        yield entry
    if naming:
        yield Names(naming)
    if start < len(group):
        yield group[start:] if start else group
