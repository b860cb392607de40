"""The logs of rooms: without holes, not in the future, and their states what they add up to."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from typing import NamedTuple

from hubbub.admin.doctor.database import RESTORE
from hubbub.admin.doctor.findings import Finding, Level
from hubbub.admin.doctor.patient import Patient
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.state import NO_FACTS, RoomFacts, RoomState
from hubbub.storage.errors import DamagedRows
from hubbub.storage.redacting import listed
from hubbub.storage.rows import EDITS, MESSAGES, REDACTIONS, event_of, facts_of, id_of
from hubbub.storage.staging import FORGOTTEN

MOST_TOLD = 10  # rooms of one kind
EVENTS_AT_ONCE = 500
AHEAD_MS = 5 * 60 * 1000  # a clock is set right by less than that

_COLUMNS = 'seq, at, kind, author, "by", text, extra, amends'

FIELDS = (
    "access",
    "speak",
    "slow",
    "guests",
    "history",
    "archived",
    "newcomers",
    "keep_days",
    "topics",
    "outside",
    "most",
    "signals",
    "labels",
    "topic",
    "roles",
    "passing",
    "direct",
    "pins",
)
"""The facts that are compared as they are."""

WHOM: dict[str, Callable[[RoomFacts], object]] = {
    "bans": lambda facts: {ban.seq for ban in facts.bans},
    "muted": lambda facts: set(facts.muted),
    "invited": lambda facts: set(facts.invited),
    "exemptions": lambda facts: {exemption.seq for exemption in facts.exemptions},
    "tickets": lambda facts: {ticket.id for ticket in facts.tickets},
}
"""Those that have names of former times, too, which a closed account takes along."""


class Log(NamedTuple):
    """One room. ``name`` is not told of direct conversations."""

    id: int
    key: str
    name: str
    facts: RoomFacts


def logs(patient: Patient) -> Iterator[Finding]:
    """Raises `hubbub.admin.doctor.patient.TimeUp`."""
    try:
        with patient.reading(patient.database) as connection:
            rooms, unreadable = _rooms(connection)
            yield from (
                _error(f"What holds in {name} cannot be read.", RESTORE) for name in unreadable
            )
            events, holes = 0, list[Finding]()
            for room in rooms:
                count, found = _holes(connection, room)
                events += count
                holes += found
                patient.rest()
            yield from holes[:MOST_TOLD]
            if not holes and not unreadable:
                said = f"{len(rooms):,} logs have {events:,} events without a hole."
                yield Finding(level=Level.OK, about="logs", said=said)
            yield from _future(connection, patient.now)
            yield from _taken_back(connection)
            yield from _states(patient, connection, rooms)
    except sqlite3.DatabaseError as error:
        yield _error(f"They cannot be read: {error}.", RESTORE)


def _rooms(connection: sqlite3.Connection) -> tuple[list[Log], list[str]]:
    rooms: list[Log] = []
    unreadable: list[str] = []
    found = connection.execute(
        "SELECT rooms.id, key, name, state FROM rooms LEFT JOIN room_state ON room_id = rooms.id"
    )
    for id, key, name, state in found.fetchall():
        try:
            facts = NO_FACTS if state is None else facts_of(state)
        except DamagedRows:
            unreadable.append(name)
            continue
        rooms.append(Log(id, key, _told(key, name, facts), facts))
    return rooms, unreadable


def _told(key: str, name: str, facts: RoomFacts) -> str:
    if key == DIRECTORY.key:
        return "the server"
    if key.startswith(FORGOTTEN):
        return "a room that was deleted"
    return "a direct conversation" if facts.direct else name


def _holes(connection: sqlite3.Connection, room: Log) -> tuple[int, list[Finding]]:
    """How many events there are, and what is missing behind the floor, up to the newest."""
    floor = room.facts.floor
    count, first, last = connection.execute(
        "SELECT COUNT(*), MIN(seq), MAX(seq) FROM events WHERE room_id = ? AND seq > ?",
        (room.id, floor),
    ).fetchone()
    if not count or (first == floor + 1 and last - floor == count):
        return count, []
    (before,) = connection.execute(
        "SELECT MIN(seq) FROM events AS one WHERE room_id = ? AND seq >= ? AND NOT EXISTS "
        "(SELECT 1 FROM events WHERE room_id = one.room_id AND seq = one.seq + 1)",
        (room.id, floor),
    ).fetchone()
    missing = last - floor - count
    at = floor + 1 if first != floor + 1 else before + 1
    said = f"In the log of {room.name} {missing:,} events are missing, the first at number {at}."
    if missing == 1:
        said = f"In the log of {room.name} an event is missing, at number {at}."
    return count, [_error(said, RESTORE)]


def _future(connection: sqlite3.Connection, now: int) -> Iterator[Finding]:
    (newest,) = connection.execute(
        "SELECT MAX(at) FROM (SELECT at FROM events ORDER BY id DESC LIMIT 1000)"
    ).fetchone()
    if newest is not None and newest > now + AHEAD_MS:
        minutes = (newest - now) // 60_000
        yield Finding(
            level=Level.WARNING,
            about="clock",
            said=f"The newest events are {minutes:,} minutes in the future: the clock was wrong "
            "when they were saved, or is wrong now.",
            cure="Have the clock set over the network (timedatectl set-ntp true).",
        )


def _taken_back(connection: sqlite3.Connection) -> Iterator[Finding]:
    """What was taken back has neither text nor files on the disk."""
    left = 0
    for place, kinds in (("seq", MESSAGES), ("amends", EDITS)):
        (found,) = connection.execute(
            "SELECT COUNT(*) FROM events AS redaction CROSS JOIN events AS said"  # noqa: S608
            f" ON said.room_id = redaction.room_id AND said.{place} = redaction.amends"
            f" WHERE redaction.kind IN ({listed(REDACTIONS)}) AND said.kind IN ({listed(kinds)})"
            " AND (said.text <> '' OR said.extra LIKE '%\"files\":%')"
        ).fetchone()
        left += found
    if left:
        yield _error(
            f"Of {left:,} messages or edits that were taken back the words are there yet; nobody "
            "is shown them.",
            "Please report it: this is a defect, or the database was changed by another program.",
        )


def _states(
    patient: Patient, connection: sqlite3.Connection, rooms: list[Log]
) -> Iterator[Finding]:
    """Compares what is saved beside a log with what all of its events add up to.

    Where old events are gone, only the saved state knows what they have said.
    """
    looked_at, wrong = 0, 0
    for room in rooms:
        if room.facts.floor:
            continue
        different = _differs(patient, connection, room)
        looked_at += 1
        if different:
            wrong += 1
            if wrong <= MOST_TOLD:
                yield _error(
                    f"What holds in {room.name} ({different}) is not what its log says.",
                    f"{RESTORE} Please report it, too: this is a defect, or the database was "
                    "changed by another program.",
                )
    if not wrong and looked_at:
        said = f"What is saved of {looked_at:,} rooms is what their logs add up to."
        yield Finding(level=Level.OK, about="logs", said=said)


def _differs(patient: Patient, connection: sqlite3.Connection, room: Log) -> str:
    connection.execute("BEGIN")  # one moment of a database that is written meanwhile
    try:
        saved = patient.facts(connection, room.key)
        state = RoomState()
        while True:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM events WHERE room_id = ? AND seq > ? ORDER BY seq LIMIT ?",  # noqa: S608
                (room.id, state.head, EVENTS_AT_ONCE),
            ).fetchall()
            for row in rows:
                state.apply(event_of(*row))
            patient.rest()
            if len(rows) < EVENTS_AT_ONCE:
                break
        members = {
            key: id_of(author)
            for key, author in connection.execute(
                "SELECT user_key, author FROM members WHERE room_id = ?", (room.id,)
            )
        }
    finally:
        connection.execute("ROLLBACK")
    different = [name for name in FIELDS if getattr(saved, name) != getattr(state.facts, name)]
    different += [name for name, of in WHOM.items() if of(saved) != of(state.facts)]
    if members != {key: member.id for key, member in state.members.items()}:
        different.append("members")
    return ", ".join(different)


def _error(said: str, cure: str) -> Finding:
    return Finding(level=Level.ERROR, about="logs", said=said, cure=cure)
