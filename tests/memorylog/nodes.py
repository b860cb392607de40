"""What a `MemoryLog` knows of the several servers on it: leases, attendances, claims of names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from hubbub.domain.directory import DIRECTORY
from hubbub.domain.errors import NameTaken
from hubbub.domain.ids import UserId
from hubbub.domain.lookalikes import keys_like
from hubbub.domain.state import Member
from hubbub.hub.ports import (
    ALONE,
    Attend,
    ClaimName,
    Depart,
    Draft,
    Entry,
    FreeName,
    KeepNode,
    LeaseLost,
    LeaveNode,
    NodeKept,
    TakenOver,
)
from hubbub.storage.names import ANOTHER_HAS_IT, FORGOTTEN_GUEST
from hubbub.storage.nodes import LEASE_LOST
from hubbub.storage.room_rows import taken_by_now

if TYPE_CHECKING:
    from tests.memorylog.log import Disk


class Node(Struct):
    """``until``: the end of its lease, by the disk's clock. ``seconds``: how long it lasts."""

    until: float
    seconds: float


class Attending(Struct):
    """``grace``: they have lost the connection."""

    id: UserId | None
    grace: bool = False


class Nodes:
    """All of it on one disk. Places are a room's key, a user's and a node's id."""

    def __init__(self, disk: Disk) -> None:
        self.disk = disk

    def check(self, node: str) -> None:
        """Raises `LeaseLost` if another node has taken over from that one."""
        known = self.disk.nodes.get(node)
        if known is None:
            raise LeaseLost(LEASE_LOST)
        if known.until <= self.disk.seconds:  # and yet nobody has taken over
            known.until = self.disk.seconds + known.seconds

    def keep(self, entry: KeepNode) -> NodeKept:
        """Renews the lease, and takes over what dead nodes have left."""
        now, mine, nodes = self.disk.seconds, entry.node.id, self.disk.nodes
        if not entry.first and mine not in nodes:
            raise LeaseLost(LEASE_LOST)
        if not nodes:
            self._note_alone()
        nodes[mine] = Node(now + entry.seconds, entry.seconds)
        left: list[TakenOver] = []
        dead = [id for id, one in nodes.items() if one.until <= now] if entry.take_over else []
        for node in dead:
            left += self._take_over(node, mine)
        if entry.unsure:
            left = self._left(mine, "")
        others = sum(one.until > now for id, one in nodes.items() if id != mine)
        return NodeKept(entry, others=others, left=tuple(left), dead=tuple(dead))

    def leave(self, entry: LeaveNode) -> None:
        """The node stops, and its users have so many seconds."""
        self.check(entry.node)
        self.disk.nodes[entry.node].until = self.disk.seconds + entry.seconds
        for (_, _, node), one in self.disk.attendances.items():
            one.grace = one.grace or node == entry.node

    def claim(self, entry: ClaimName) -> None:
        """Raises `NameTaken`."""
        self.check(entry.node)
        key, disk = entry.name.key, self.disk
        for taken in keys_like(key):
            if (DIRECTORY.key, taken) in disk.members:
                raise NameTaken(taken_by_now(entry.name, taken))
        if self.has_another(key, entry.id, but=entry.node):
            raise NameTaken(ANOTHER_HAS_IT)
        if entry.known is not None:
            guest = disk.guests.get(entry.known.key)
            if guest is None or guest.id != entry.id:
                raise NameTaken(FORGOTTEN_GUEST)
        disk.claims[key, entry.node] = entry.id, entry.name

    def has_another(self, key: str, id: UserId, but: str = "") -> bool:
        """Whether somebody else has the name with that key at a node ``but`` that one."""
        return any(
            claimed == key and node != but and who != id
            for (claimed, node), (who, _) in self.disk.claims.items()
        )

    def free(self, entry: FreeName) -> bool:
        """Whether they have it at other nodes yet."""
        self.check(entry.node)
        key, claims = entry.name.key, self.disk.claims
        if claims.get((key, entry.node), ("", None))[0] == entry.id:
            del claims[key, entry.node]
        return any(name == key and who == entry.id for (name, _), (who, _) in claims.items())

    def forget_claims(self, id: UserId, key: str | None = None) -> None:
        """The name is not that of the guest ``id`` any more; or none is, as they are no guest."""
        self.disk.claims = {
            place: one
            for place, one in self.disk.claims.items()
            if one[0] != id or key not in (None, place[0])
        }

    # Attendances

    def note(self, entry: Attend) -> None:
        """Whether somebody who is present there has lost the connection, or has come back."""
        self.check(entry.node)
        found = self.disk.attendances.get((entry.room.key, entry.user.key, entry.node))
        if found is not None and found.id == entry.id:
            found.grace = entry.grace
        elif not entry.grace:
            self.attend(entry.room.key, entry)

    def attend(self, room: str, row: Attend) -> None:
        """They are present, if they are a member by now."""
        member = self._member(room, row.user.key)
        if member is not None and member.id == row.id:
            self.disk.attendances[room, row.user.key, row.node] = Attending(row.id)

    def is_member(self, room: str, row: Attend | Depart) -> bool:
        member = self._member(room, row.user.key)
        return member is not None and member.id == row.id

    def depart(self, room: str, row: Depart) -> bool:
        """Whether they are not present anywhere any more."""
        rows, key = self.disk.attendances, row.user.key
        for place, one in list(rows.items()):
            if place[:2] != (room, key) or one.id != row.id:
                continue
            if place[2] == row.node or row.everywhere or (row.deliberate and one.grace):
                del rows[place]
                present = place[2] != row.node and not one.grace
                if row.everywhere and row.now is not None and present:
                    rows.setdefault((room, row.now.key, place[2]), one)
        return row.node == ALONE or not any(place[:2] == (room, key) for place in rows)

    def left(self, room: str, key: str) -> None:
        """They are no member any more."""
        rows = self.disk.attendances
        self.disk.attendances = {
            place: one for place, one in rows.items() if place[:2] != (room, key)
        }

    def _member(self, room: str, key: str) -> Member | None:
        record = self.disk.members.get((room, key))
        return None if record is None else record.member

    def _note_alone(self) -> None:
        """A server that was alone has told nothing of itself: all that it has left is a node's."""
        disk = self.disk
        for room, key in disk.members:
            if not room.startswith("/"):
                disk.attendances[room, key, ALONE] = Attending(self._id(room, key), grace=True)
        for key, guest in disk.guests.items():
            disk.claims[key, ALONE] = guest.id, guest.name
        disk.nodes[ALONE] = Node(disk.seconds, 0.0)

    def _id(self, room: str, key: str) -> UserId | None:
        return self.disk.members[room, key].member.id

    def _left(self, node: str, mine: str) -> list[TakenOver]:
        """What ``node`` has that ``mine`` has not."""
        disk, left = self.disk, list[TakenOver]()
        for (key, whose), (id, name) in disk.claims.items():
            if whose == node and (key, mine) not in disk.claims:
                guest = disk.guests.get(key)
                token = guest.token_hash if guest is not None and guest.id == id else None
                left.append(TakenOver(name, id, None, token))
        for room, key, whose in disk.attendances:
            if whose == node and (room, key, mine) not in disk.attendances:
                member = disk.members[room, key].member
                left.append(TakenOver(member.name, member.id, disk.ids[room]))
        return left

    def _take_over(self, node: str, mine: str) -> list[TakenOver]:
        disk, left = self.disk, self._left(node, mine)
        for key, whose in list(disk.claims):
            if whose == node:
                disk.claims.setdefault((key, mine), disk.claims.pop((key, node)))
        for room, key, whose in list(disk.attendances):
            if whose == node:
                one = disk.attendances.pop((room, key, node))
                disk.attendances.setdefault((room, key, mine), Attending(one.id, grace=True))
        del disk.nodes[node]
        return left


def nodes_in(entry: Entry) -> set[str]:
    """The nodes for which an entry speaks."""
    rows = entry.also if isinstance(entry, Draft) else (entry,)
    return {row.node for row in rows if isinstance(row, Attend | Depart)} - {ALONE}


def places_moved(
    rows: dict[tuple[str, str, str], Attending], former: str, key: str
) -> dict[tuple[str, str, str], Attending]:
    """The attendances when a room has another key."""
    return {
        (key if room == former else room, user, node): one
        for (room, user, node), one in rows.items()
    }
