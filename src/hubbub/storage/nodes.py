"""Several servers on one log: their leases, who is present where, and whose names are in use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ClauseElement,
    ColumnElement,
    Dialect,
    Text,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from hubbub.domain.directory import DIRECTORY
from hubbub.domain.errors import NameTaken
from hubbub.domain.ids import user_id
from hubbub.domain.lookalikes import keys_like
from hubbub.domain.names import UserName
from hubbub.hub.ports import (
    ALONE,
    KeepNode,
    LeaseLost,
    LeaveNode,
    NodeKept,
    TakenOver,
)
from hubbub.storage.bulk import Bulk, deletes, inserts
from hubbub.storage.names import ANOTHER_HAS_IT, Naming, StagedNames, people_of
from hubbub.storage.schema import attendances, claims, guests, members, nodes, rooms
from hubbub.storage.staging import Attending, Place
from hubbub.storage.upgrade import COMPATIBLE_FROM, HEAD, can_use

LEASE_LOST = "This server was taken for dead by the others. Please connect again."
TABLES_CHANGED = "A newer version has changed the tables meanwhile. Please connect again."


class _Now(ColumnElement[int]):
    """The time in ms since the Unix epoch, by the database's clock."""

    inherit_cache = True
    type = BigInteger()


@compiles(_Now)
def _now(_: _Now, compiler: SQLCompiler, **options: Any) -> str:
    return "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"


@compiles(_Now, "postgresql")
def _now_there(_: _Now, compiler: SQLCompiler, **options: Any) -> str:
    return "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)"


NOW = _Now()
_ONE: ColumnElement[int] = literal_column("1")
# A migration that the node cannot go on with ends its lease for good, if it was over already.
_NOT_ENDED = nodes.c.until > literal_column("0")

# A renewal changes no key, so that it and these locks do not wait for each other; taking over does.
FIND_NODE = (
    select((nodes.c.until > NOW).label("alive"))
    .where(nodes.c.id == bindparam("node"), _NOT_ENDED)
    .with_for_update(read=True, key_share=True)
)
BEGIN = insert(nodes).values(
    id=bindparam("id"),
    name=bindparam("name"),
    until=NOW + bindparam("ms", type_=BigInteger),
    started=bindparam("started"),
    version=bindparam("version"),
    schema=bindparam("schema"),
)
RENEW = (
    update(nodes)
    .values(until=NOW + bindparam("ms", type_=BigInteger))
    .where(nodes.c.id == bindparam("node"), _NOT_ENDED)
)
FIND_SCHEMA = text(
    "SELECT version_num, (SELECT value FROM meta WHERE key = :key) FROM alembic_version"
)
FIND_DEAD = (
    select(nodes.c.id)
    .where(nodes.c.until <= NOW, nodes.c.id != bindparam("mine"))
    .order_by(nodes.c.id)
    .with_for_update(skip_locked=True)
)
COUNT_OTHERS = select(func.count(), NOW).where(nodes.c.until > NOW, nodes.c.id != bindparam("mine"))

_mine = attendances.alias("mine")
_UNATTENDED = ~(
    select(_ONE)
    .where(
        _mine.c.room_id == attendances.c.room_id,
        _mine.c.user_key == attendances.c.user_key,
        _mine.c.node_id == bindparam("mine"),
    )
    .exists()
)
FIND_LEFT = (
    select(attendances.c.room_id, members.c.name, members.c.author)
    .select_from(attendances)
    .join(
        members,
        and_(
            members.c.room_id == attendances.c.room_id,
            members.c.user_key == attendances.c.user_key,
        ),
    )
    .where(attendances.c.node_id == bindparam("dead"), _UNATTENDED)
    .order_by(attendances.c.room_id, attendances.c.user_key)
)
DROP_TWICE = delete(attendances).where(attendances.c.node_id == bindparam("dead"), ~_UNATTENDED)
TAKE_ATTENDANCES = (
    update(attendances)
    .values(node_id=bindparam("mine"), grace=true())
    .where(attendances.c.node_id == bindparam("dead"))
)
NOTE_GRACE = (
    update(attendances).values(grace=true()).where(attendances.c.node_id == bindparam("node"))
)

_my_claim = claims.alias("mine")
_UNCLAIMED = ~(
    select(_ONE)
    .where(_my_claim.c.key == claims.c.key, _my_claim.c.node_id == bindparam("mine"))
    .exists()
)
FIND_LEFT_NAMES = (
    select(claims.c.name, claims.c.user_id, guests.c.token_hash)
    .select_from(claims)
    .outerjoin(guests, and_(guests.c.key == claims.c.key, guests.c.user_id == claims.c.user_id))
    .where(claims.c.node_id == bindparam("dead"), _UNCLAIMED)
    .order_by(claims.c.key)
)
DROP_CLAIMED_TWICE = delete(claims).where(claims.c.node_id == bindparam("dead"), ~_UNCLAIMED)
TAKE_CLAIMS = (
    update(claims).values(node_id=bindparam("mine")).where(claims.c.node_id == bindparam("dead"))
)
# A server that was alone on the log has told nothing of itself. Before there is a node, all that it
# has left is that of a dead one.
FIND_ANY = select(_ONE).select_from(nodes)
ATTEND_ALL = insert(attendances).from_select(
    [column.name for column in attendances.c],
    select(
        members.c.room_id,
        members.c.user_key,
        bindparam("node", type_=Text),
        members.c.author,
        true(),
    )
    .join_from(members, rooms)
    .where(text("substr(rooms.key, 1, 1) <> '/'")),  # no directory, queue or import
)
CLAIM_ALL = insert(claims).from_select(
    [column.name for column in claims.c],
    select(guests.c.key, bindparam("node", type_=Text), guests.c.user_id, guests.c.name),
)
FORGET_NODE = delete(nodes).where(nodes.c.id == bindparam("dead"))

HAS_ANOTHER = select(_ONE).where(
    claims.c.key == bindparam("key"),
    claims.c.user_id != bindparam("user"),
)
FREE_EVERYWHERE = delete(claims).where(
    claims.c.key == bindparam("key"), claims.c.user_id == bindparam("user")
)
FREE_ALL = delete(claims).where(claims.c.user_id == bindparam("user"))


class NodeRows:
    """The statements for all of it, compiled once."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._sql: dict[int, str] = {}
        self._find_attendances = Bulk(dialect, _find_attendances)
        self._drop_attendances = Bulk(
            dialect,
            deletes(attendances.c.room_id, attendances.c.user_key, attendances.c.node_id),
        )
        self._add_attendances = Bulk(dialect, inserts(*attendances.c))
        self._find_accounts = Bulk(dialect, _find_accounts)
        self._find_guests = Bulk(dialect, _find_guests)
        self._find_claims = Bulk(dialect, _find_claims)
        self._drop_claims = Bulk(dialect, deletes(claims.c.key, claims.c.node_id))
        self._add_claims = Bulk(dialect, inserts(*claims.c))

    # Leases

    def asking(self, node: str) -> tuple[str, tuple[str]]:
        """What locks the node's row, so that nobody takes over; whether its lease is not over."""
        return self._of(FIND_NODE), (node,)

    def check(self, cursor: DBAPICursor, node: str, ms: int, found: Sequence[Any] | None) -> None:
        """Sees to it that the node's lease holds until this transaction is over.

        ``found``: the answer to `asking`. A lease that is over is renewed for so many ``ms``, if no
        other node has taken over. Raises `LeaseLost`.
        """
        if found is None:
            raise LeaseLost(LEASE_LOST)
        if not found[0]:
            self._do(cursor, RENEW, ms, node)
            if not cursor.rowcount:
                raise LeaseLost(LEASE_LOST)

    def keep(self, cursor: DBAPICursor, entry: KeepNode) -> NodeKept:
        """Renews the lease, and takes over what dead nodes have left; raises `LeaseLost`."""
        node, ms = entry.node, round(entry.seconds * 1000)
        self._do(cursor, FIND_NODE, node.id)
        if cursor.fetchone() is not None:
            self._do(cursor, RENEW, ms, node.id)
        elif entry.first:
            self._do(cursor, FIND_ANY)
            was_alone = cursor.fetchone() is None
            self._do(cursor, BEGIN, node.id, node.name, ms, node.started, node.version, HEAD)
            # The tables may have been changed since this server has opened the log; from now on
            # they are not, unless it can go on with them.
            self._do(cursor, FIND_SCHEMA, COMPATIBLE_FROM)
            schema = cursor.fetchone()
            if schema is None or not can_use(*schema):
                raise LeaseLost(TABLES_CHANGED)
            if was_alone:
                self._do(cursor, BEGIN, ALONE, ALONE, 0, node.started, node.version, HEAD)
                self._do(cursor, ATTEND_ALL, ALONE)
                self._do(cursor, CLAIM_ALL, ALONE)
        else:
            raise LeaseLost(LEASE_LOST)
        left: list[TakenOver] = []
        dead: list[str] = []
        if entry.take_over:
            self._do(cursor, FIND_DEAD, node.id)
            dead = [id for (id,) in cursor.fetchall()]
            for other in dead:
                left += self._take_over(cursor, other, node.id)
        if entry.unsure:
            left = self._left(cursor, node.id, "")
        self._do(cursor, COUNT_OTHERS, node.id)
        row = cursor.fetchone()
        assert row is not None  # it counts
        return NodeKept(entry, others=row[0], left=tuple(left), now=row[1], dead=tuple(dead))

    def leave(self, cursor: DBAPICursor, entry: LeaveNode) -> None:
        """The node stops, and its users have so many seconds."""
        self._do(cursor, RENEW, round(entry.seconds * 1000), entry.node)
        self._do(cursor, NOTE_GRACE, entry.node)

    def _left(self, cursor: DBAPICursor, node: str, mine: str) -> list[TakenOver]:
        """What ``node`` has that ``mine`` has not."""
        self._do(cursor, FIND_LEFT_NAMES, node, mine)
        names = [
            TakenOver(UserName.recall(name), user_id(id), None, token)
            for name, id, token in cursor.fetchall()
        ]
        self._do(cursor, FIND_LEFT, node, mine)
        return names + [
            TakenOver(UserName.recall(name), None if id is None else user_id(id), room)
            for room, name, id in cursor.fetchall()
        ]

    def _take_over(self, cursor: DBAPICursor, dead: str, mine: str) -> list[TakenOver]:
        left = self._left(cursor, dead, mine)
        self._do(cursor, DROP_CLAIMED_TWICE, dead, mine)
        self._do(cursor, TAKE_CLAIMS, mine, dead)
        self._do(cursor, DROP_TWICE, dead, mine)
        self._do(cursor, TAKE_ATTENDANCES, mine, dead)
        self._do(cursor, FORGET_NODE, dead)
        return left

    # Names

    def names(self, cursor: DBAPICursor, part: Sequence[Naming]) -> StagedNames:
        """What decides about these names. Nobody else may decide about them meanwhile."""
        people = people_of(part)
        keys = sorted({(key,) for key, _ in people})
        alike = sorted({(like,) for (key,) in keys for like in keys_like(key)})
        return StagedNames(
            {key for (key,) in self._find_accounts.find(cursor, alike)},
            dict(self._find_guests.find(cursor, keys)),
            {
                (key, node): (user, name)
                for key, node, user, name in self._find_claims.find(cursor, people)
            },
        )

    def write_names(self, cursor: DBAPICursor, staged: StagedNames) -> None:
        """Saves what has changed of the claims."""
        self._drop_claims.run(cursor, staged.dropped)
        self._add_claims.run(cursor, staged.added)

    def check_unclaimed(self, cursor: DBAPICursor, key: str, user: int) -> None:
        """Raises `NameTaken` if another guest has the name at any node."""
        self._do(cursor, HAS_ANOTHER, key, user)
        if cursor.fetchone() is not None:
            raise NameTaken(ANOTHER_HAS_IT)

    def forget_claims(self, cursor: DBAPICursor, user: int, key: str | None = None) -> None:
        """The name is not that of the guest ``user`` any more; or none is, as they are no guest."""
        if key is None:
            self._do(cursor, FREE_ALL, user)
        else:
            self._do(cursor, FREE_EVERYWHERE, key, user)

    # Attendances

    def attending(
        self, cursor: DBAPICursor, places: Iterable[Place]
    ) -> dict[Place, dict[str, Attending]]:
        """Who is present at these places, and at which nodes."""
        found: dict[Place, dict[str, Attending]] = {place: {} for place in places}
        for room_id, key, node, id, grace in self._find_attendances.find(cursor, list(found)):
            found[room_id, key][node] = Attending(id, grace=bool(grace))
        return found

    def write(
        self,
        cursor: DBAPICursor,
        before: dict[Place, dict[str, Attending]],
        after: dict[Place, dict[str, Attending]],
    ) -> None:
        """Saves what has changed."""
        dropped, added = list[tuple[object, ...]](), list[tuple[object, ...]]()
        for place, there in after.items():
            was = before.get(place, {})
            for node in was.keys() | there.keys():
                now = there.get(node)
                if now != was.get(node):
                    if node in was:
                        dropped.append((*place, node))
                    if now is not None:
                        added.append((*place, node, now.id, now.grace))
        self._drop_attendances.run(cursor, dropped)
        self._add_attendances.run(cursor, added)

    def _do(self, cursor: DBAPICursor, statement: ClauseElement, *values: object) -> None:
        cursor.execute(self._of(statement), values)

    def _of(self, statement: ClauseElement) -> str:
        sql = self._sql.get(id(statement))
        if sql is None:  # not at the start: who is alone needs none of them
            sql = self._sql[id(statement)] = str(statement.compile(dialect=self._dialect))
        return sql


def _find_attendances(size: int) -> ClauseElement:
    """The rows of these rooms and keys."""
    wanted = (
        and_(
            attendances.c.room_id == bindparam(f"room_id_{row}"),
            attendances.c.user_key == bindparam(f"user_key_{row}"),
        )
        for row in range(size)
    )
    return select(*attendances.c).where(or_(*wanted))


def _find_accounts(size: int) -> ClauseElement:
    """Which of these names are accounts'."""
    directory = select(rooms.c.id).where(rooms.c.key == literal_column(f"'{DIRECTORY.key}'"))
    return select(members.c.user_key).where(
        members.c.room_id == directory.scalar_subquery(), members.c.user_key.in_(_keys(size))
    )


def _find_guests(size: int) -> ClauseElement:
    """Whose these names are kept for."""
    return select(guests.c.key, guests.c.user_id).where(guests.c.key.in_(_keys(size)))


def _find_claims(size: int) -> ClauseElement:
    """Who has these names, and what else these users have."""
    wanted = (
        or_(claims.c.key == bindparam(f"key_{row}"), claims.c.user_id == bindparam(f"user_{row}"))
        for row in range(size)
    )
    return select(*claims.c).where(or_(*wanted))


def _keys(size: int) -> list[BindParameter[str]]:
    return [bindparam(f"key_{row}") for row in range(size)]
