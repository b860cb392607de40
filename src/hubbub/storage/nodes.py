"""Several servers on one log: their leases, who is present where, and whose names are in use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    BigInteger,
    ClauseElement,
    ColumnElement,
    Dialect,
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
from hubbub.domain.ids import number_of, user_id
from hubbub.domain.names import RoomName, UserName
from hubbub.hub.ports import (
    ClaimName,
    FreeName,
    KeepNode,
    LeaseLost,
    LeaveNode,
    NodeKept,
    TakenOver,
)
from hubbub.storage.bulk import Bulk, deletes, inserts
from hubbub.storage.schema import attendances, claims, guests, members, nodes, rooms
from hubbub.storage.staging import Attending, Place

LEASE_LOST = "This server was taken for dead by the others. Please connect again."
ANOTHER_HAS_IT = "The name is in use, or kept for somebody who lost the connection."
ACCOUNT_HAS_IT = "The name belongs to somebody who has an account."
FORGOTTEN_GUEST = "The name is not kept any more."


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

# A renewal changes no key, so that it and these locks do not wait for each other; taking over does.
FIND_NODE = (
    select((nodes.c.until > NOW).label("alive"))
    .where(nodes.c.id == bindparam("node"))
    .with_for_update(read=True, key_share=True)
)
BEGIN = insert(nodes).values(
    id=bindparam("id"),
    name=bindparam("name"),
    until=NOW + bindparam("ms", type_=BigInteger),
    started=bindparam("started"),
    version=bindparam("version"),
)
RENEW = (
    update(nodes)
    .values(until=NOW + bindparam("ms", type_=BigInteger))
    .where(nodes.c.id == bindparam("node"))
)
FIND_DEAD = (
    select(nodes.c.id)
    .where(nodes.c.until <= NOW, nodes.c.id != bindparam("mine"))
    .order_by(nodes.c.id)
    .with_for_update(skip_locked=True)
)
COUNT_OTHERS = select(func.count()).where(nodes.c.until > NOW, nodes.c.id != bindparam("mine"))

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
    select(rooms.c.name, members.c.name, members.c.author)
    .select_from(attendances)
    .join(rooms, rooms.c.id == attendances.c.room_id)
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
FORGET_NODE = delete(nodes).where(nodes.c.id == bindparam("dead"))

FIND_ACCOUNT = text(
    "SELECT 1 FROM members WHERE user_key = :user"
    " AND room_id = (SELECT id FROM rooms WHERE key = :key)"
)
HAS_ANOTHER = select(_ONE).where(
    claims.c.key == bindparam("key"),
    claims.c.user_id != bindparam("user"),
    claims.c.node_id != bindparam("node"),
)
FIND_GUEST = select(guests.c.user_id).where(guests.c.key == bindparam("key"))
DROP_CLAIM = delete(claims).where(
    claims.c.key == bindparam("key"), claims.c.node_id == bindparam("node")
)
ADD_CLAIM = insert(claims).values({column.name: bindparam(column.name) for column in claims.c})
FREE_NAME = DROP_CLAIM.where(claims.c.user_id == bindparam("user"))
FREE_EVERYWHERE = delete(claims).where(
    claims.c.key == bindparam("key"), claims.c.user_id == bindparam("user")
)
HAS_IT = select(_ONE).where(claims.c.key == bindparam("key"), claims.c.user_id == bindparam("user"))
HAS_ANY = select(_ONE).where(claims.c.user_id == bindparam("user"))


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

    # Leases

    def check(self, cursor: DBAPICursor, node: str, ms: int) -> None:
        """Sees to it that the node's lease holds until this transaction is over.

        One that is over is renewed for so many ``ms``, if no other node has taken over. Raises
        `LeaseLost`.
        """
        self.ask(cursor, node)
        found = cursor.fetchone()
        if found is None:
            raise LeaseLost(LEASE_LOST)
        if not found[0]:
            self._do(cursor, RENEW, ms, node)

    def ask(self, cursor: DBAPICursor, node: str) -> None:
        """Locks the node's row, so that nobody takes over; whether its lease is not over."""
        self._do(cursor, FIND_NODE, node)

    def keep(self, cursor: DBAPICursor, entry: KeepNode) -> NodeKept:
        """Renews the lease, and takes over what dead nodes have left; raises `LeaseLost`."""
        node, ms = entry.node, round(entry.seconds * 1000)
        self._do(cursor, FIND_NODE, node.id)
        if cursor.fetchone() is not None:
            self._do(cursor, RENEW, ms, node.id)
        elif entry.first:
            self._do(cursor, BEGIN, node.id, node.name, ms, node.started, node.version)
        else:
            raise LeaseLost(LEASE_LOST)
        left: list[TakenOver] = []
        if entry.take_over:
            self._do(cursor, FIND_DEAD, node.id)
            for (dead,) in cursor.fetchall():
                left += self._take_over(cursor, dead, node.id)
        self._do(cursor, COUNT_OTHERS, node.id)
        row = cursor.fetchone()
        return NodeKept(entry, others=0 if row is None else row[0], left=tuple(left))

    def leave(self, cursor: DBAPICursor, entry: LeaveNode) -> None:
        """The node stops, and its users have so many seconds."""
        self._do(cursor, RENEW, round(entry.seconds * 1000), entry.node)
        self._do(cursor, NOTE_GRACE, entry.node)

    def _take_over(self, cursor: DBAPICursor, dead: str, mine: str) -> list[TakenOver]:
        self._do(cursor, FIND_LEFT_NAMES, dead, mine)
        left = [
            TakenOver(UserName.recall(name), user_id(id), None, token)
            for name, id, token in cursor.fetchall()
        ]
        self._do(cursor, DROP_CLAIMED_TWICE, dead, mine)
        self._do(cursor, TAKE_CLAIMS, mine, dead)
        self._do(cursor, FIND_LEFT, dead, mine)
        left += [
            TakenOver(
                UserName.recall(name), None if id is None else user_id(id), RoomName.recall(room)
            )
            for room, name, id in cursor.fetchall()
        ]
        self._do(cursor, DROP_TWICE, dead, mine)
        self._do(cursor, TAKE_ATTENDANCES, mine, dead)
        self._do(cursor, FORGET_NODE, dead)
        return left

    # Names

    def claim(self, cursor: DBAPICursor, entry: ClaimName) -> None:
        """Raises `NameTaken`. Nobody else may decide about the name meanwhile."""
        key, user = entry.name.key, number_of(entry.id)
        cursor.execute(self._of(FIND_ACCOUNT), (key, DIRECTORY.key))
        if cursor.fetchone() is not None:
            raise NameTaken(ACCOUNT_HAS_IT)
        self.check_unclaimed(cursor, key, user, entry.node)
        if entry.known:
            self._do(cursor, FIND_GUEST, key)
            if cursor.fetchone() != (user,):
                raise NameTaken(FORGOTTEN_GUEST)
        self._do(cursor, DROP_CLAIM, key, entry.node)
        self._do(cursor, ADD_CLAIM, key, entry.node, user, str(entry.name))

    def check_unclaimed(self, cursor: DBAPICursor, key: str, user: int, but: str = "") -> None:
        """Raises `NameTaken` if another guest has the name at a node ``but`` that one."""
        self._do(cursor, HAS_ANOTHER, key, user, but)
        if cursor.fetchone() is not None:
            raise NameTaken(ANOTHER_HAS_IT)

    def free(self, cursor: DBAPICursor, entry: FreeName) -> tuple[bool, bool]:
        """Whether they have that name at other nodes yet, and whether any at all."""
        key, user = entry.name.key, number_of(entry.id)
        self._do(cursor, FREE_NAME, key, entry.node, user)
        self._do(cursor, HAS_IT, key, user)
        more = cursor.fetchone() is not None
        self._do(cursor, HAS_ANY, user)
        return more, cursor.fetchone() is not None

    def forget_claims(self, cursor: DBAPICursor, key: str, user: int) -> None:
        """The name is not a guest's any more, who is ``user``."""
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
