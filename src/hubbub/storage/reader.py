"""Reads of the log, in threads and on connections of their own: they never wait for the writer."""

from __future__ import annotations

import asyncio
import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from operator import attrgetter
from typing import Any, NamedTuple, ParamSpec, TypeVar

from sqlalchemy import (
    BigInteger,
    Connection,
    CursorResult,
    Engine,
    Select,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    null,
    or_,
    select,
)
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from hubbub.domain.directory import DIRECTORY
from hubbub.domain.events import FORMER_MEMBER, AnyEvent, AuthorForgotten, Edited
from hubbub.domain.ids import UserId, number_of, user_id
from hubbub.domain.kinds import is_line, is_message
from hubbub.domain.mentions import fold, mentions
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.numbers import MAX_EXACT
from hubbub.domain.projection import forgetting
from hubbub.domain.quotes import LOOKED_AT
from hubbub.domain.state import Member
from hubbub.domain.unfinished import PREFIX
from hubbub.hub.ports import (
    CERTIFICATES,
    MOST_IN_CONVERSATION,
    MOST_LOOKED_THROUGH,
    DeviceRecord,
    FileRecord,
    FilesCounted,
    Guest,
    Heads,
    Lines,
    Marker,
    MemberRecord,
    Passage,
    RoomRecord,
    SecretKind,
    Stretch,
    Unread,
)
from hubbub.storage.breath import Breath
from hubbub.storage.dialects import IS_REPLY, MayMention, NotAmong, ReplyTo
from hubbub.storage.errors import DamagedRows, unreadable
from hubbub.storage.file_rows import FILES, TAKEN, record_of
from hubbub.storage.projection import in_present_form, with_replies
from hubbub.storage.redacting import listed
from hubbub.storage.rows import EDITS as _EDITS
from hubbub.storage.rows import (
    LINES,
    MESSAGES,
    REDACTIONS,
    event_of,
    id_of,
    member_of,
    name_of,
    summary_of,
)
from hubbub.storage.schema import (
    CONTENT,
    NEWEST_SEQ,
    SUMMARY,
    WITH_STATE,
    claims,
    devices,
    events,
    files,
    guests,
    identities,
    markers,
    members,
    readers,
    room_state,
    rooms,
    said_files,
    secrets,
    unneeded_blobs,
)
from hubbub.storage.staging import FORGOTTEN, is_forgotten
from hubbub.storage.transaction import FIND_NONCE
from hubbub.storage.trouble import OnError, Trouble

COUNT_EVENTS = 512  # that are looked at in one query: a moment, whatever their texts are
COUNT_CHARS = 256 * 1024
"""Of a room's texts that may speak of somebody: 1,000 of a usual length, 50 ms if they are odd."""
COUNT_SECONDS = 1.0
"""For all rooms that somebody asks for. Then texts are counted, but not whom they speak of."""

THREADS = 4  # as many pages as the hub reads at a time
CONNECTIONS = THREADS + 1  # and one that counts, so that nobody's history waits for numbers

DENSE = 4
"""Amendments of a page are looked up as a stretch if, of so many events, one may have some."""

P = ParamSpec("P")
R = TypeVar("R")

_OF_ROOM = events.c.room_id == bindparam("room")
ROOM_ID = select(rooms.c.id).where(rooms.c.key == bindparam("key"))
_STRETCH = (
    _OF_ROOM,
    events.c.seq > bindparam("after"),
    events.c.seq <= bindparam("upto"),
)
_AMENDING = events.alias("amending")
_NEWEST_AMENDED = (
    select(func.max(_AMENDING.c.amends))
    .where(_AMENDING.c.room_id == bindparam("room"), _AMENDING.c.amends.is_not(None))
    .scalar_subquery()
)
_NEWEST_ANSWERED = (
    select(func.max(ReplyTo())).where(_OF_ROOM, IS_REPLY).correlate(None).scalar_subquery()
)
_TOUCHED = _NEWEST_AMENDED, _NEWEST_ANSWERED
"""The newest message of the room that was ever amended, and the newest one that was answered.

Most of a room is newer, or was said before anything was: so that is found with the events, and
mostly nothing more is looked for.
"""
READ = select(*CONTENT, *_TOUCHED).where(*_STRETCH).order_by(events.c.seq)
TIMES = select(events.c.seq, events.c.at).where(*_STRETCH).order_by(events.c.seq)
TIME_OF = select(events.c.at).where(
    events.c.room_id == bindparam("room"), events.c.seq == bindparam("seq")
)
STATE = select(room_state.c.state).where(room_state.c.room_id == bindparam("room"))
_LINES = (
    select(*CONTENT, *_TOUCHED).where(*_STRETCH, events.c.kind.in_(LINES)).limit(bindparam("most"))
)
OLDEST_LINES = _LINES.order_by(events.c.seq)
NEWEST_LINES = _LINES.order_by(events.c.seq.desc())
LINES_BACK = NEWEST_LINES.with_only_columns(events.c.seq).offset(bindparam("newer")).limit(1)
ROOM_OF_NONCE = FIND_NONCE.with_only_columns(rooms.c.name, rooms.c.key)
HEAD = select(func.max(events.c.seq)).where(_OF_ROOM)
_QUOTABLE = [
    func.substr(column, 1, LOOKED_AT) if column is events.c.text else column for column in CONTENT
]
QUOTED = select(*_QUOTABLE).where(
    _OF_ROOM,
    events.c.seq.in_(bindparam("seqs", expanding=True)),
    events.c.kind.in_(MESSAGES),
)
MESSAGES_AT = (
    select(*CONTENT, *_TOUCHED)
    .where(
        _OF_ROOM,
        events.c.seq.in_(bindparam("seqs", expanding=True)),
        events.c.kind.in_(MESSAGES),
    )
    .order_by(events.c.seq)
)
# In any order: to have them in that of the log, SQLite would look through the whole room. Without
# the texts of edits: somebody may change a message a thousand times, and only the last one counts.
_WORDLESS = [
    case((literal_column(f"events.kind IN ({listed(_EDITS)})"), literal_column("''")), else_=column)
    if column is events.c.text
    else column
    for column in CONTENT
]
EDITED_AT = select(*CONTENT).where(_OF_ROOM, events.c.seq.in_(bindparam("seqs", expanding=True)))
_AMENDMENTS = select(*_WORDLESS).where(_OF_ROOM)
AMENDMENTS = _AMENDMENTS.where(events.c.amends.in_(bindparam("seqs", expanding=True)))
AMENDMENTS_OF_STRETCH = _AMENDMENTS.where(
    events.c.amends.between(bindparam("first"), bindparam("last"))
)
EDITS = (
    select(*CONTENT)
    .where(_OF_ROOM, events.c.amends == bindparam("target"), events.c.kind.in_(_EDITS))
    .order_by(events.c.seq)
)
_NEWEST_EDITS = (
    select(func.max(events.c.seq))
    .where(
        _OF_ROOM,
        events.c.amends.in_(bindparam("seqs", expanding=True)),
        events.c.kind.in_(_EDITS),
    )
    .group_by(events.c.amends)
)
REWORDED = select(events.c.text).where(_OF_ROOM, events.c.seq.in_(_NEWEST_EDITS))
_GONE = events.alias("gone")
_IS_GONE = (
    select(null())
    .where(
        _GONE.c.room_id == events.c.room_id,
        _GONE.c.amends == events.c.seq,
        _GONE.c.kind.in_(REDACTIONS),
    )
    .correlate(events)
    .exists()
)
_REPLY_TO = ReplyTo()
REPLIES = (
    select(_REPLY_TO, func.count())
    .where(_OF_ROOM, IS_REPLY, _REPLY_TO.between(bindparam("first"), bindparam("last")), ~_IS_GONE)
    .group_by(_REPLY_TO)
)


def _answered_by() -> Select[Any]:
    """A message, what it answers, what that answers, and so on, as far as that is there."""
    columns = events.c.seq, case((IS_REPLY, _REPLY_TO)).label("answered")
    message = select(*columns).where(_OF_ROOM, events.c.kind.in_(MESSAGES))
    said = message.where(events.c.seq == bindparam("target"), events.c.seq > bindparam("floor"))
    found = said.cte("found", recursive=True)
    answered = message.where(
        events.c.seq == found.c.answered,
        events.c.seq < found.c.seq,
        events.c.seq > bindparam("floor"),
    )
    return select(found.union_all(answered).c.seq).limit(bindparam("most"))


def _answering() -> Select[Any]:
    """What answers a message, what answers that, and so on: the nearest first."""
    found = select(cast(bindparam("target"), BigInteger).label("seq")).cte("found", recursive=True)
    answers = select(events.c.seq).where(
        _OF_ROOM, IS_REPLY, found.c.seq == _REPLY_TO, events.c.seq > found.c.seq
    )
    return select(found.union_all(answers).c.seq).limit(bindparam("most"))


ANSWERED_BY, ANSWERING = _answered_by(), _answering()
ROOMS = (
    select(rooms.c.id, rooms.c.name, rooms.c.key, *SUMMARY)
    .select_from(WITH_STATE)
    .where(~rooms.c.key.startswith(FORGOTTEN), ~rooms.c.key.startswith(PREFIX))
    .order_by(rooms.c.id)
)
ROOM_BY_KEY = ROOMS.where(rooms.c.key == bindparam("which"))
ROOM_BY_ID = ROOMS.where(rooms.c.id == bindparam("which"))
ROOMS_NAMED = ROOMS.where(rooms.c.key.in_(bindparam("keys", expanding=True)))
_FINISHED = and_(~rooms.c.key.startswith(FORGOTTEN), ~rooms.c.key.startswith(PREFIX))
KEYS = select(rooms.c.id, rooms.c.key).where(_FINISHED)
HEADS = select(rooms.c.id, rooms.c.key, NEWEST_SEQ).where(_FINISHED)
GROWN = HEADS.where(
    rooms.c.id.in_(select(events.c.room_id).where(events.c.id > bindparam("since")))
)
LAST_ID = select(func.max(events.c.id))
MEMBERS = (
    select(rooms.c.name, rooms.c.key, *members.c[1:])
    .join_from(members, rooms)
    .where(~rooms.c.key.startswith(PREFIX))
    .order_by(members.c.room_id, members.c.user_key)
)
MEMBERS_OF = MEMBERS.where(rooms.c.key == bindparam("room"))
FILES_WITH = FILES.where(files.c.id.in_(bindparam("ids", expanding=True)))
# What several files share is stored once.
_BLOBS = select(files.c.blob, files.c.size + files.c.thumbnail_size).distinct().subquery()
ALL_FILE_BYTES = select(func.coalesce(func.sum(_BLOBS.c[1]), 0))
_TAKES = files.c.size + files.c.thumbnail_size
COUNTED = select(
    func.count(),
    func.coalesce(func.sum(_TAKES), 0),
    func.count(said_files.c.file_id),
    func.coalesce(func.sum(case((said_files.c.file_id.is_not(None), _TAKES), else_=0)), 0),
).select_from(files.outerjoin(said_files, said_files.c.file_id == files.c.id))
UNSAID_FILES = (
    select(files.c.id)
    .outerjoin(said_files, said_files.c.file_id == files.c.id)
    .where(files.c.at < bindparam("before"), said_files.c.file_id.is_(None))
    .limit(bindparam("most"))
)
UNNEEDED_BLOBS = select(unneeded_blobs.c.key).limit(bindparam("most"))
NEEDED_BLOBS = select(files.c.blob).where(files.c.blob.in_(bindparam("keys", expanding=True)))
_MARKERS = (
    select(markers.c.user_id, rooms.c.name, rooms.c.key, markers.c.seq)
    .join_from(markers, rooms)
    .where(~rooms.c.key.startswith(FORGOTTEN))
)
GUESTS_MARKERS = _MARKERS.where(markers.c.user_id.in_(select(guests.c.user_id)))
MARKERS_OF = _MARKERS.where(markers.c.user_id == bindparam("user"))
READ_BY = (
    select(readers.c.seq)
    .join_from(readers, rooms)
    .where(
        readers.c.user_id == bindparam("user"),
        readers.c.reader == bindparam("reader"),
        rooms.c.key == bindparam("room"),
    )
)
ALL_READ_BY = (
    select(rooms.c.key, readers.c.seq)
    .join_from(readers, rooms)
    .where(readers.c.user_id == bindparam("user"), readers.c.reader == bindparam("reader"))
)
_TRACED = and_(rooms.c.key != DIRECTORY.key, ~rooms.c.key.startswith(FORGOTTEN))
TRACES = select(rooms.c.name, rooms.c.key).where(
    rooms.c.id.in_(
        select(events.c.room_id).where(
            events.c.author == bindparam("author"), events.c.by != FORMER_MEMBER
        )
    ),
    _TRACED,
)
NAMED = (
    select(rooms.c.name, rooms.c.key, *CONTENT)
    .join_from(events, rooms)
    .where(events.c.extra.like(bindparam("named")), _TRACED)
)
SECRET = select(secrets.c.value).where(
    secrets.c.kind == bindparam("kind"), secrets.c.owner == bindparam("owner")
)
ROOM_SECRET = (
    select(secrets.c.value)
    .join_from(secrets, rooms, rooms.c.id == secrets.c.owner)
    .where(secrets.c.kind == bindparam("kind"), rooms.c.key == bindparam("owner"))
)
DEVICES = (
    select(*devices.c)
    .where(devices.c.user_id == bindparam("user"))
    .order_by(devices.c.seen.desc(), devices.c.id.desc())
)
IDENTITY = select(identities.c.user_id).where(
    identities.c.issuer == bindparam("issuer"), identities.c.subject == bindparam("subject")
)
IDENTITY_OF = select(identities.c.user_id).where(
    identities.c.user_id == bindparam("user"), identities.c.issuer != CERTIFICATES
)
CERTIFICATES_OF = (
    select(identities.c.subject)
    .where(identities.c.user_id == bindparam("user"), identities.c.issuer == CERTIFICATES)
    .order_by(identities.c.subject)
)
# The database finds most texts that cannot speak of a user; only the others have to be looked at.
_MAY_MENTION = case((MayMention(), events.c.seq)), case((MayMention(), events.c.text))
TEXTS = (
    select(null())
    .where(
        _OF_ROOM,
        events.c.seq > bindparam("after"),
        events.c.seq <= bindparam("upto"),
        events.c.kind.in_(MESSAGES),
        or_(events.c.author.is_(None), events.c.author != bindparam("user")),
        or_(events.c.extra.is_(None), events.c.extra.not_like('%"moved":true%')),
    )
    .order_by(events.c.seq)
    .limit(bindparam("most"))
)
COUNT = TEXTS.with_only_columns(*_MAY_MENTION)
_NOT_OF_THESE = or_(events.c.author.is_(None), NotAmong())
TEXTS_WITHOUT = TEXTS.where(_NOT_OF_THESE)
COUNT_WITHOUT = COUNT.where(_NOT_OF_THESE)
CLAIMED = select(claims.c.key, claims.c.user_id, claims.c.name)
GUESTS = select(guests.c.user_id, guests.c.name, guests.c.key, guests.c.token_hash).order_by(
    guests.c.key
)


class Reader:
    """The queries of a log. Each raises `LogUnavailable` when the database cannot be read.

    ``engine`` must have `CONNECTIONS`.
    """

    def __init__(self, engine: Engine, on_error: OnError) -> None:
        self._engine = engine
        self._trouble = Trouble(on_error, "The log can be read again.")
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="hubbub-reader")
        self._counter = ThreadPoolExecutor(1, thread_name_prefix="hubbub-counter")
        self._closed = False

    async def read(self, room: int | str, after: int, upto: int) -> list[AnyEvent]:
        """See `hubbub.hub.ports.Log`; so for the others."""
        return await self._in_thread(self._read, room, after, upto)

    async def timeline(self, room: int | str, passage: Passage) -> Lines:
        return await self._in_thread(self._timeline, room, passage)

    async def messages(self, room: int | str, seqs: Collection[int]) -> list[AnyEvent]:
        return await self._in_thread(self._messages, room, seqs)

    async def versions(self, room: int | str, target: int) -> list[AnyEvent]:
        return await self._in_thread(self._versions, room, target)

    async def conversation(
        self, room: int | str, target: int, most: int
    ) -> tuple[list[AnyEvent], bool]:
        return await self._in_thread(self._conversation, room, target, most)

    async def expired(self, room: int | str, after: int, before: int, now: int, most: int) -> int:
        return await self._in_thread(self._expired, room, after, before, now, most)

    async def first_at(self, room: int | str, time: int, after: int, upto: int) -> int:
        return await self._in_thread(self._first_at, room, time, after, upto)

    async def lines_back(self, room: int | str, upto: int, lines: int) -> int:
        return await self._in_thread(self._lines_back, room, upto, lines)

    async def rooms(self, keys: Collection[str] | None = None) -> list[RoomRecord]:
        return await self._in_thread(self._rooms, keys)

    async def heads(self, since: str | None = None) -> Heads:
        return await self._in_thread(self._heads, since)

    async def room(self, which: int | str) -> RoomRecord | None:
        return await self._in_thread(self._room, which)

    async def keys(self) -> Mapping[int, str]:
        return await self._in_thread(self._keys)

    async def members(self, room: str | None = None) -> list[MemberRecord]:
        return await self._in_thread(self._members, room)

    async def guests(self) -> list[Guest]:
        return await self._in_thread(self._guests)

    async def guest(self, key: str) -> Guest | None:
        return await self._in_thread(self._guest, key)

    async def claimed(self, keys: Collection[str]) -> dict[str, Member]:
        return await self._in_thread(self._claimed, keys)

    async def markers(self, user: UserId | None = None) -> list[Marker]:
        return await self._in_thread(self._markers, user)

    async def read_by(self, user: UserId, reader: str, room: RoomName) -> int | None:
        return await self._in_thread(self._read_by, user, reader, room)

    async def all_read_by(self, user: UserId, reader: str) -> dict[str, int]:
        return await self._in_thread(self._all_read_by, user, reader)

    async def written(self, author: UserId, nonce: str) -> AnyEvent | None:
        return await self._in_thread(self._written, author, nonce)

    async def room_of(self, author: UserId, nonce: str) -> RoomName | None:
        return await self._in_thread(self._room_of, author, nonce)

    async def head(self, room: int | str) -> int:
        return await self._in_thread(self._head, room)

    async def traces(self, author: UserId) -> list[RoomName]:
        return await self._in_thread(self._traces, author)

    async def secret(self, kind: SecretKind, owner: UserId | RoomName) -> str | None:
        return await self._in_thread(self._secret, kind, owner)

    async def identity(self, issuer: str, subject: str) -> UserId | None:
        return await self._in_thread(self._identity, issuer, subject)

    async def has_identity(self, user: UserId) -> bool:
        return await self._in_thread(self._has_identity, user)

    async def certificates(self, user: UserId) -> list[str]:
        return await self._in_thread(self._certificates, user)

    async def devices(self, user: UserId) -> list[DeviceRecord]:
        return await self._in_thread(self._devices, user)

    async def files(self, ids: Collection[str]) -> list[FileRecord]:
        # No id has others; PostgreSQL cannot even look for some.
        possible = [id for id in ids if id.isascii() and id.isprintable()]
        return await self._in_thread(self._files, possible)

    async def file_bytes(self, owner: UserId | None = None) -> int:
        return await self._in_thread(self._file_bytes, owner)

    async def counted_files(self) -> FilesCounted:
        return await self._in_thread(self._counted_files)

    async def unsaid_files(self, before: int, most: int) -> list[str]:
        return await self._in_thread(self._column, UNSAID_FILES, {"before": before, "most": most})

    async def unneeded_blobs(self, most: int) -> list[str]:
        return await self._in_thread(self._column, UNNEEDED_BLOBS, {"most": most})

    async def needed_blobs(self, keys: Collection[str]) -> set[str]:
        return {*await self._in_thread(self._column, NEEDED_BLOBS, {"keys": list(keys)})}

    async def count(
        self,
        stretches: Sequence[Stretch],
        user: UserId,
        name: str,
        most: int,
        without: Collection[UserId] = (),
    ) -> list[Unread]:
        of = _Counted(user, name, most, without)
        return await self._in(self._counter, self._count, stretches, of)

    async def close(self) -> None:
        """Ends the reads that wait, waits for those under way, and closes the connections."""
        self._closed = True
        await asyncio.to_thread(self._threads.shutdown)
        await asyncio.to_thread(self._counter.shutdown)
        self._engine.dispose()

    async def _in_thread(self, query: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        return await self._in(self._threads, query, *args, **kwargs)

    async def _in(
        self, threads: ThreadPoolExecutor, query: Callable[P, R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        def guarded() -> R:
            if self._closed:
                raise unreadable()
            try:
                return query(*args, **kwargs)
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
            return query(*args, **kwargs)  # it was lost in a pause: the pool makes all of them anew

        if self._closed:
            raise unreadable()
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(threads, guarded)
        except (SQLAlchemyError, DamagedRows, OSError) as error:
            self._trouble.met(error)
            raise unreadable(error) from error
        self._trouble.ended()
        return found

    def _read(self, which: int | str, after: int, upto: int) -> list[AnyEvent]:
        with self._engine.connect() as connection:
            room = _room_id(connection, which)
            found = connection.execute(READ, {"room": room, "after": after, "upto": upto})
            events, touched = _events(found)
            if len(events) < upto - after:
                upto = min(upto, connection.execute(HEAD, {"room": room}).scalar() or 0)
                after = max(after, self._floor(connection, room))
                events = [event for event in events if event.seq > after]
            if [event.seq for event in events] != list(range(after + 1, upto + 1)):
                raise DamagedRows(
                    f"{len(events)} events behind {after} where there are {upto - after}"
                )

            return in_present_form(events, _Source(connection, room, touched))

    def _floor(self, connection: Connection, room: int) -> int:
        """Up to which number the room's events are gone."""
        state = connection.execute(STATE, {"room": room}).scalar()
        return summary_of(1, 0, state).facts.floor

    def _expired(self, room: int | str, after: int, before: int, now: int, most: int) -> int:
        with self._engine.connect() as connection:
            where = {"room": _room_id(connection, room), "after": after, "upto": after + most}
            upto = after
            for seq, at in connection.execute(TIMES, where):
                if at < before:
                    upto = seq
                elif at <= now:
                    break
        return upto

    def _first_at(self, which: int | str, time: int, after: int, upto: int) -> int:
        with self._engine.connect() as connection:
            room = _room_id(connection, which)

            def at(seq: int) -> int:
                found = connection.execute(TIME_OF, {"room": room, "seq": seq}).scalar()
                return time - 1 if found is None else found  # what is gone is older

            return after + 1 + bisect_left(range(after + 1, upto + 1), time, key=at)

    def _timeline(self, which: int | str, passage: Passage) -> Lines:
        after, upto = passage.bounded()
        query = OLDEST_LINES if passage.oldest_first else NEWEST_LINES
        with self._engine.connect() as connection:
            room = _room_id(connection, which)
            where = {"room": room, "after": after, "upto": upto, "most": passage.most}
            found, touched = _events(connection.execute(query, where))
            shown = passage.lines(found, after, upto)
            # One of a kind that is known may be one that cannot be read; it covers its place.
            lines = [event for event in shown.events if is_line(event)]
            source = _Source(connection, room, touched)
            lines = with_replies(in_present_form(lines, source), source)
            return Lines(lines, shown.first, shown.last)

    def _messages(self, which: int | str, seqs: Collection[int]) -> list[AnyEvent]:
        with self._engine.connect() as connection:
            room = _room_id(connection, which)
            return self._messages_in(connection, room, self._floor(connection, room), seqs)

    def _messages_in(
        self, connection: Connection, room: int, floor: int, seqs: Collection[int]
    ) -> list[AnyEvent]:
        wanted = [seq for seq in seqs if seq > floor]
        if not wanted:
            return []
        found, touched = _events(connection.execute(MESSAGES_AT, {"room": room, "seqs": wanted}))
        messages = [event for event in found if is_message(event)]
        return in_present_form(messages, _Source(connection, room, touched))

    def _versions(self, which: int | str, target: int) -> list[AnyEvent]:
        with self._engine.connect() as connection:
            room = _room_id(connection, which)
            if target <= self._floor(connection, room):
                return []
            said = connection.execute(MESSAGES_AT, {"room": room, "seqs": [target]})
            found, _ = _events(said)
            if not found:
                return []
            edits = connection.execute(EDITS, {"room": room, "target": target})
            return [*found, *(event_of(*row) for row in edits)]

    def _conversation(
        self, which: int | str, target: int, most: int
    ) -> tuple[list[AnyEvent], bool]:
        with self._engine.connect() as connection:
            room = _room_id(connection, which)
            floor = self._floor(connection, room)
            where = {"room": room, "floor": floor, "most": MOST_IN_CONVERSATION}
            before = connection.execute(ANSWERED_BY, {**where, "target": target}).scalars().all()
            if not before:
                return [], False
            behind = connection.execute(ANSWERING, {**where, "target": min(before)}).scalars()
            joined = sorted({*before, *behind})
            found = self._messages_in(connection, room, floor, joined[-most:])
            return found, len(joined) > most

    def _lines_back(self, room: int | str, upto: int, lines: int) -> int:
        if lines == 0:
            return upto
        after = max(0, upto - lines - MOST_LOOKED_THROUGH)
        with self._engine.connect() as connection:
            where = {"after": after, "upto": upto, "newer": lines - 1}
            where["room"] = _room_id(connection, room)
            found = connection.execute(LINES_BACK, where).scalar()
        return after if found is None else found - 1

    def _rooms(self, keys: Collection[str] | None) -> list[RoomRecord]:
        with self._engine.connect() as connection:
            found = (
                connection.execute(ROOMS)
                if keys is None
                else connection.execute(ROOMS_NAMED, {"keys": list(keys)})
            )
            return [_record(*row) for row in found]

    def _room(self, which: int | str) -> RoomRecord | None:
        query = ROOM_BY_KEY if isinstance(which, str) else ROOM_BY_ID
        with self._engine.connect() as connection:
            row = connection.execute(query, {"which": which}).one_or_none()
        return None if row is None else _record(*row)

    def _keys(self) -> dict[int, str]:
        with self._engine.connect() as connection:
            # Not dict(…), which takes a result that has columns' keys for a mapping.
            return {id: str(key) for id, key in connection.execute(KEYS)}

    def _heads(self, since: str | None) -> Heads:
        with self._engine.connect() as connection:
            # Before the heads: what is committed in between is found again the next time.
            mark = connection.execute(LAST_ID).scalar() or 0
            found = (
                connection.execute(HEADS)
                if since is None
                else connection.execute(GROWN, {"since": int(since)})
            )
            return Heads({id: (key, head) for id, key, head in found if head}, str(mark))

    def _members(self, room: str | None) -> list[MemberRecord]:
        query = MEMBERS if room is None else MEMBERS_OF.params(room=room)
        with self._engine.connect() as connection:
            return [
                MemberRecord(name_of(RoomName, name, key), member_of(*member))
                for name, key, *member in connection.execute(query)
            ]

    def _guests(self) -> list[Guest]:
        with self._engine.connect() as connection:
            return [
                Guest(user_id(id), name_of(UserName, name, key), token_hash)
                for id, name, key, token_hash in connection.execute(GUESTS)
            ]

    def _guest(self, key: str) -> Guest | None:
        with self._engine.connect() as connection:
            found = connection.execute(GUESTS.where(guests.c.key == key)).one_or_none()
        if found is None:
            return None
        id, name, key, token_hash = found
        return Guest(user_id(id), name_of(UserName, name, key), token_hash)

    def _claimed(self, keys: Collection[str]) -> dict[str, Member]:
        wanted = CLAIMED.where(claims.c.key.in_(keys))
        with self._engine.connect() as connection:
            return {
                key: Member(name_of(UserName, name, key), user_id(id))
                for key, id, name in connection.execute(wanted)
            }

    def _markers(self, user: UserId | None) -> list[Marker]:
        query = GUESTS_MARKERS if user is None else MARKERS_OF.params(user=number_of(user))
        with self._engine.connect() as connection:
            return [
                Marker(user_id(number), name_of(RoomName, room, key), seq)
                for number, room, key, seq in connection.execute(query)
            ]

    def _read_by(self, user: UserId, reader: str, room: RoomName) -> int | None:
        where = {"user": number_of(user), "reader": reader, "room": room.key}
        with self._engine.connect() as connection:
            return connection.execute(READ_BY, where).scalar_one_or_none()

    def _all_read_by(self, user: UserId, reader: str) -> dict[str, int]:
        where = {"user": number_of(user), "reader": reader}
        with self._engine.connect() as connection:
            return {row.key: row.seq for row in connection.execute(ALL_READ_BY, where)}

    def _written(self, author: UserId, nonce: str) -> AnyEvent | None:
        where = {"author": number_of(author), "nonce": nonce}
        with self._engine.connect() as connection:
            found = connection.execute(FIND_NONCE, where).one_or_none()
        if found is None:
            return None
        room, *row = found
        return None if is_forgotten(room) else event_of(*row)

    def _room_of(self, author: UserId, nonce: str) -> RoomName | None:
        where = {"author": number_of(author), "nonce": nonce}
        with self._engine.connect() as connection:
            found = connection.execute(ROOM_OF_NONCE, where).one_or_none()
        return None if found is None or is_forgotten(found.key) else name_of(RoomName, *found)

    def _head(self, room: int | str) -> int:
        with self._engine.connect() as connection:
            where = {"room": _room_id(connection, room)}
            return connection.execute(HEAD, where).scalar() or 0

    def _traces(self, author: UserId) -> list[RoomName]:
        probe = AuthorForgotten(MAX_EXACT, 0, FORMER_MEMBER, by_id=author)
        with self._engine.connect() as connection:
            found = connection.execute(TRACES, {"author": number_of(author)}).all()
            rooms = {key: name for name, key in found}
            for name, key, *row in connection.execute(NAMED, {"named": f'%"{author}"%'}):
                event = event_of(*row)
                if key not in rooms and forgetting(event, probe) != event:
                    rooms[key] = name
        return [name_of(RoomName, name, key) for key, name in rooms.items()]

    def _secret(self, kind: SecretKind, owner: UserId | RoomName) -> str | None:
        query = ROOM_SECRET if isinstance(owner, RoomName) else SECRET
        whose = owner.key if isinstance(owner, RoomName) else number_of(owner)
        with self._engine.connect() as connection:
            return connection.execute(query, {"kind": kind.value, "owner": whose}).scalar()

    def _identity(self, issuer: str, subject: str) -> UserId | None:
        with self._engine.connect() as connection:
            found = connection.execute(IDENTITY, {"issuer": issuer, "subject": subject})
            return id_of(found.scalar())

    def _has_identity(self, user: UserId) -> bool:
        with self._engine.connect() as connection:
            return connection.execute(IDENTITY_OF, {"user": number_of(user)}).first() is not None

    def _certificates(self, user: UserId) -> list[str]:
        with self._engine.connect() as connection:
            return list(connection.execute(CERTIFICATES_OF, {"user": number_of(user)}).scalars())

    def _devices(self, user: UserId) -> list[DeviceRecord]:
        with self._engine.connect() as connection:
            found = connection.execute(DEVICES, {"user": number_of(user)})
            return [DeviceRecord(id, user, *rest) for id, _, *rest in found]

    def _files(self, ids: Collection[str]) -> list[FileRecord]:
        with self._engine.connect() as connection:
            return [record_of(row) for row in connection.execute(FILES_WITH, {"ids": list(ids)})]

    def _file_bytes(self, owner: UserId | None) -> int:
        with self._engine.connect() as connection:
            if owner is None:
                return int(connection.execute(ALL_FILE_BYTES).scalar_one())
            return int(connection.execute(TAKEN, {"owner": number_of(owner)}).scalar_one())

    def _counted_files(self) -> FilesCounted:
        with self._engine.connect() as connection:
            all_files, all_bytes, said, said_bytes = map(int, connection.execute(COUNTED).one())
        return FilesCounted(said, said_bytes, all_files - said, all_bytes - said_bytes)

    def _column(self, query: Select[Any], values: dict[str, Any]) -> list[str]:
        with self._engine.connect() as connection:
            return [*connection.execute(query, values).scalars()]

    def _count(self, stretches: Sequence[Stretch], of: _Counted) -> list[Unread]:
        breath = Breath(COUNT_SECONDS)
        with self._engine.connect() as connection:
            return [self._count_stretch(connection, stretch, of, breath) for stretch in stretches]

    def _count_stretch(
        self, connection: Connection, stretch: Stretch, of: _Counted, breath: Breath
    ) -> Unread:
        texts = named = 0
        room = _room_id(connection, stretch.room)
        chars = COUNT_CHARS
        in_time = True
        for after in range(stretch.after, stretch.upto, COUNT_EVENTS):
            if self._closed:
                raise unreadable()
            where: dict[str, Any] = {
                "room": room,
                "after": after,
                "upto": min(stretch.upto, after + COUNT_EVENTS),
                "user": number_of(of.user),
                "most": of.most - texts,
            }
            if of.without:
                where["without"] = json.dumps([number_of(one) for one in of.without])
            texts_alone = TEXTS_WITHOUT if of.without else TEXTS
            query: Select[Any] = texts_alone
            if in_time and chars > 0:
                where["folded"] = fold(of.name)
                query = COUNT_WITHOUT if of.without else COUNT
            found = connection.execute(query, where).all()
            breath.rested()
            texts += len(found)
            naming: list[int] = []
            for seq, text in found if query is not texts_alone else ():
                if text is not None and in_time and chars > 0:
                    chars -= len(text)
                    if mentions(text, of.name):
                        naming.append(seq)
                    in_time = breath.take()
            named += len(naming)
            if naming:
                edits = connection.execute(REWORDED, {"room": room, "seqs": naming}).scalars().all()
                breath.rested()
                named -= sum(not mentions(text or "", of.name) for text in edits)
                chars -= sum(len(text or "") for text in edits)
            if texts >= of.most:
                break
        return Unread(texts, named)


def _room_id(connection: Connection, which: int | str) -> int:
    """The id of the room with that key; 0 if there is none, as no room has it. Ids stay."""
    if isinstance(which, int):
        return which
    return connection.execute(ROOM_ID, {"key": which}).scalar() or 0


def _record(id: int, name: str, key: str, *summary: Any) -> RoomRecord:
    """The row that `ROOMS` finds."""
    return RoomRecord(name_of(RoomName, name, key), summary_of(*summary), id)


class _Counted(NamedTuple):
    """For whom is counted, how many at most, and whose texts are left out."""

    user: UserId
    name: str
    most: int
    without: Collection[UserId]


class _Touched(NamedTuple):
    """The newest message that was amended, and the newest one that was answered; 0 for none."""

    amended: int = 0
    answered: int = 0


class _Source:
    """A room's events on ``connection``, as a `hubbub.storage.projection.Source`."""

    def __init__(self, connection: Connection, room: int, touched: _Touched) -> None:
        self._connection = connection
        self._room = room
        self._touched = touched

    def answered(self, seqs: Sequence[int]) -> list[AnyEvent]:
        return self._events(QUOTED, seqs=seqs)

    def amendments(self, targets: Sequence[int]) -> list[AnyEvent]:
        wanted = targets[: bisect_right(targets, self._touched.amended)]
        if not wanted:
            return []
        first, last = wanted[0], wanted[-1]
        if last - first < DENSE * len(wanted):
            found = self._events(AMENDMENTS_OF_STRETCH, first=first, last=last)
        else:
            found = self._events(AMENDMENTS, seqs=wanted)
        return self._worded(sorted(found, key=attrgetter("seq")))

    def _worded(self, amendments: list[AnyEvent]) -> list[AnyEvent]:
        """``amendments``, in order, the last edit of each message with its text."""
        last = {event.target: event.seq for event in amendments if isinstance(event, Edited)}
        if not last:
            return amendments
        texts = {event.seq: event for event in self._events(EDITED_AT, seqs=sorted(last.values()))}
        return [texts.get(event.seq, event) for event in amendments]

    def replies(self, targets: Sequence[int]) -> dict[int, int]:
        if not targets or targets[0] > self._touched.answered:
            return {}
        where = {"room": self._room, "first": targets[0], "last": targets[-1]}
        found = self._connection.execute(REPLIES, where)
        return {seq: int(count) for seq, count in found}

    def _events(self, query: Select[Any], **where: object) -> list[AnyEvent]:
        # At once, which takes half as long as one by one: a page may have thousands of reactions.
        found = self._connection.execute(query, {"room": self._room, **where}).all()
        return [event_of(*row) for row in found]


def _events(found: CursorResult[Any]) -> tuple[list[AnyEvent], _Touched]:
    """The events in rows that have `_TOUCHED` behind them."""
    rows: Sequence[Any] = found.all()
    touched = _Touched(*(seq or 0 for seq in rows[0][-2:])) if rows else _Touched()
    return [event_of(*row) for row in rows], touched
