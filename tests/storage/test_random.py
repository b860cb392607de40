"""Random entries and random failures: the log on SQLite ends up where the one in memory does."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.domain.directory import DIRECTORY
from hubbub.domain.errors import BadMessage, NameTaken
from hubbub.domain.events import (
    FORMER_MEMBER,
    THE_SERVER,
    AccountClosed,
    AnyEvent,
    AuthorForgotten,
    Edited,
    Pinned,
    Reacted,
    Redacted,
    Registered,
    Trimmed,
)
from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.state import Member, RoomSummary
from hubbub.hub.ports import (
    DeviceRecord,
    Draft,
    Entry,
    ForgetDevices,
    ForgetGuest,
    ForgetRoom,
    KeepDevice,
    KeepGuest,
    KeepSecret,
    Log,
    MakeRoom,
    NameRoom,
    Row,
    SecretKind,
    Settled,
    Trim,
)
from hubbub.storage import writer
from hubbub.storage.log import SqlLog
from tests.memorylog.log import MemoryLog
from tests.storage.talk import (
    ADA,
    BEN,
    EVE,
    GENERAL,
    IDS,
    KITCHEN,
    NOON,
    Talk,
    guest,
    joined,
    left,
    said,
    seqs,
)
from tests.storage.watched import WatchedConnection, at_commit, disk_error

users = st.sampled_from([ADA, BEN, EVE])
ROOMS = [GENERAL, KITCHEN, RoomName.parse("Parlour")]
rooms = st.sampled_from(ROOMS)
guests = st.builds(guest, users, st.integers(1, 3))
nonces = st.none() | st.sampled_from("12345")
words = st.sampled_from(["hello", "Grüße", "\ud800"])  # the last one cannot be saved
devices = st.sampled_from("abcd")
at_home = st.sampled_from([ADA, BEN])  # whose accounts stay: those of a group come before devices
people = st.sampled_from(list(IDS.values()))


def said_there(
    text: str, user: UserName, room: RoomName, nonce: str | None, also: tuple[Row, ...] = ()
) -> Draft:
    """By one nonce no two rooms are named: what is doubled within a group makes its room, too."""
    draft = said(text, user, room, nonce=nonce and f"{room} {nonce}")
    return Draft(draft.room, draft.event, draft.nonce, also=also)


def kept_device(id: str, user: UserName, seen: int, client: str) -> KeepDevice:
    mine = f"{user} {id}"
    return KeepDevice(DeviceRecord(mine, IDS[user], b"", client, "::1", NOON, seen))


def forgotten_devices(user: UserName, only: str | None, but: str | None) -> ForgetDevices:
    return ForgetDevices(IDS[user], only and f"{user} {only}", but and f"{user} {but}")


def an_account(user: UserName, closed: bool = False, also: tuple[Row, ...] = ()) -> Draft:
    event = (AccountClosed if closed else Registered)(0, NOON, user, by_id=IDS[user])
    return Draft(DIRECTORY, event, also=also)


def trimmed(room: RoomName, floor: int) -> Draft:
    return Draft(room, Trimmed(0, NOON, THE_SERVER, floor))


def forgotten(user: UserName, room: RoomName, emptied: bool) -> Draft:
    event = AuthorForgotten(0, NOON, FORMER_MEMBER, emptied, by_id=IDS[user])
    return Draft(room, event)


def amending(
    kind: str, target: int, user: UserName, room: RoomName, word: str, nonce: str | None
) -> Draft:
    by_id = IDS[user]
    event: AnyEvent
    match kind:
        case "edited":
            event = Edited(0, NOON, user, target, word, by_id=by_id)
        case "redacted":
            event = Redacted(0, NOON, user, target, author=ADA, author_id=IDS[ADA], by_id=by_id)
        case "reacted":
            event = Reacted(0, NOON, user, target, emoji="👍", on=len(word) > 1, by_id=by_id)
        case _:
            event = Pinned(0, NOON, user, target=target, on=len(word) > 1, by_id=by_id)
    return Draft(room, event, nonce and f"{room} {kind} {nonce}")


KINDS = st.sampled_from(["edited", "redacted", "reacted", "pinned"])
rows = st.one_of(
    st.builds(KeepGuest, guests),
    st.builds(ForgetGuest, guests),
    st.builds(ForgetRoom, rooms),
    st.builds(KeepSecret, st.just(SecretKind.PASSWORD), people, st.none() | words),
    st.builds(KeepSecret, st.just(SecretKind.ROOM), rooms, st.none() | words),
    st.builds(kept_device, devices, at_home, st.integers(1, 5), words),
    st.builds(forgotten_devices, at_home, st.none() | devices, st.none() | devices),
    st.builds(NameRoom, rooms, rooms),
)
also = st.lists(rows, max_size=3).map(tuple)
entries = st.one_of(
    st.builds(said_there, words, users, rooms, nonces),
    st.builds(said_there, words, users, rooms, nonces, also),
    st.builds(amending, KINDS, st.integers(1, 9), users, rooms, words, nonces),
    st.builds(joined, users, rooms),
    st.builds(left, users, rooms),
    st.builds(an_account, st.just(EVE), st.booleans(), also),
    st.builds(forgotten, users, rooms, st.booleans()),
    st.builds(MakeRoom, rooms),
    st.builds(trimmed, rooms, st.integers(1, 12)),
    st.builds(Trim, rooms, st.integers(1, 12), st.integers(1, 5)),
    rows,
)
bursts = st.lists(st.lists(entries, min_size=1, max_size=20), min_size=1, max_size=8)


class FailingCommits:
    """Lets some of the commits fail, by turns."""

    def __init__(self, fails: Sequence[bool]) -> None:
        self._fails = list(fails)

    def __call__(self, connection: WatchedConnection) -> None:
        if self._fails and self._fails.pop(0):
            disk_error(connection)


@settings(max_examples=60, deadline=None)
@given(bursts, st.lists(st.booleans(), max_size=12), st.booleans())
def test_random_entries_with_random_failures(
    bursts: list[list[Entry]], fails: list[bool], in_place: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        if in_place:  # whatever comes is taken to come alone
            patch.setattr(writer, "IDLE_SECONDS", 0.0)
            patch.setattr(writer, "MAX_BATCH_DELAY_SECONDS", 0.0)
        asyncio.run(_compare(Path(folder), bursts, fails))


async def _compare(folder: Path, bursts: list[list[Entry]], fails: list[bool]) -> None:
    log = await SqlLog.open(folder, durability="process", on_error=lambda error: None)
    talk = Talk(log)
    bursts = [[an_account(ADA), an_account(BEN)], *bursts]
    await talk.settle(*bursts[0])
    with at_commit(FailingCommits(fails)):
        for burst in bursts[1:]:
            await talk.settle(*burst)
    assert [outcome.entry for outcome in talk.settled] == [e for burst in bursts for e in burst]
    told = (NameTaken, BadMessage)  # what is refused for good; the others were not saved
    taken = [one for one in talk.settled if one.error is None or isinstance(one.error, told)]

    model = MemoryLog()
    expected = Talk(model)
    expected.append(*(outcome.entry for outcome in taken))
    model.commit()
    assert [_outcome(one) for one in taken] == [_outcome(one) for one in expected.settled]

    await _same(log, model)
    await log.close()
    log = await SqlLog.open(folder)
    await _same(log, model)
    await log.close()


def _outcome(settled: Settled) -> tuple[object, ...]:
    is_draft = isinstance(settled.entry, Draft)
    assert is_draft == (settled.event is not None) or settled.error is not None
    return (settled.entry, settled.event, settled.duplicate, settled.more, str(settled.error))


async def _rooms(log: Log) -> dict[str, RoomSummary]:
    """The rooms that are not empty: one made for a draft that was a duplicate stays."""
    return {room.name: room.state for room in await log.rooms() if room.state.head}


async def _same(log: Log, model: Log) -> None:
    floors = {room.name.key: room.state.facts.floor for room in await model.rooms()}
    for room in (*ROOMS, DIRECTORY):
        events = await log.read(room.key, 0, 1000)
        head = await log.head(room.key)
        assert seqs(events) == list(range(head - len(events) + 1, head + 1))
        there = await model.read(room.key, 0, 1000)
        assert events == [one for one in there if one.seq > floors.get(room.key, 0)]
        password = await log.secret(SecretKind.ROOM, room)
        assert password == await model.secret(SecretKind.ROOM, room)
    for user in IDS.values():
        assert await log.devices(user) == await model.devices(user)
        password = await log.secret(SecretKind.PASSWORD, user)
        assert password == await model.secret(SecretKind.PASSWORD, user)
    assert await _rooms(log) == await _rooms(model)
    assert await _members(log) == await _members(model)
    assert await _guests(log) == await _guests(model)
    for user in IDS.values():
        assert await _traces(log, user) == await _traces(model, user)


async def _members(log: Log) -> dict[tuple[str, str], Member]:
    return {(one.room, one.member.name): one.member for one in await log.members()}


async def _guests(log: Log) -> set[tuple[object, ...]]:
    return {(kept.id, kept.name, kept.token_hash) for kept in await log.guests()}


async def _traces(log: Log, user: UserId) -> set[str]:
    return {room.key for room in await log.traces(user)}
