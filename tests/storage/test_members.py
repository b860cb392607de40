"""After a start the members are those that the fold over all events has, with all that is known."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.domain.directory import DIRECTORY
from hubbub.domain.events import (
    AccountClosed,
    AnyEvent,
    Banned,
    DirectBegun,
    Joined,
    Kicked,
    Left,
    ProfileSet,
    Registered,
    Renamed,
    Said,
)
from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.rules import Profile, Status
from hubbub.domain.state import Member, RoomState
from hubbub.hub.ports import Draft, Log
from hubbub.storage.log import SqlLog
from tests.memorylog.log import MemoryLog
from tests.storage.talk import ADA, BEN, EVE, GENERAL, IDS, NOON, Talk

names = st.sampled_from([str(ADA), "ADA", str(BEN), str(EVE)])
ids = st.sampled_from([IDS[ADA], IDS[BEN], None])
numbers = st.none() | st.integers(1, 9)
profiles = st.builds(
    Profile,
    about=st.sampled_from(["", "Grüße"]),
    status=st.sampled_from(Status),
    blocked=st.dictionaries(st.sampled_from([*IDS.values()]), names, max_size=2),
)


def by(kind: type[AnyEvent], **fields: st.SearchStrategy[object]) -> st.SearchStrategy[AnyEvent]:
    return st.builds(kind, st.just(0), st.integers(NOON, NOON + 9), by=names, by_id=ids, **fields)


in_a_room = st.one_of(
    by(Joined, was=st.none() | names, since=numbers),
    by(Joined),
    by(Left, now=st.none() | names),
    by(Kicked, user=names, user_id=ids),
    by(Banned, user=names, user_id=ids),
    by(DirectBegun, users=st.just((str(ADA), str(BEN))), ids=st.just((IDS[ADA], IDS[BEN]))),
    by(Said, text=st.just("hello")),
)
in_the_directory = st.one_of(
    by(Registered),
    by(Renamed, now=names),
    by(ProfileSet, profile=profiles),
    by(AccountClosed),
    by(Kicked, user=names, user_id=ids),
)
drafts = st.builds(Draft, st.just(GENERAL), in_a_room) | st.builds(
    Draft, st.just(DIRECTORY), in_the_directory
)
groups = st.lists(st.lists(drafts, min_size=1, max_size=12), min_size=1, max_size=6)


@settings(max_examples=80, deadline=None)
@given(groups)
def test_a_start_gives_the_members_of_the_fold_over_all_events(groups: list[list[Draft]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_compare(Path(folder), groups))


async def _compare(folder: Path, groups: list[list[Draft]]) -> None:
    begun = Draft(DIRECTORY, Registered(0, NOON, str(EVE), by_id=IDS[EVE]))  # it is a directory
    log = await SqlLog.open(folder, durability="process")
    talk = Talk(log)
    model = MemoryLog(auto=True)
    other = Talk(model)
    for group in ([begun], *groups):
        await talk.settle(*group)
        await other.settle(*group)
    for room in (GENERAL, DIRECTORY):
        state = RoomState()
        for event in await log.read(room.key, 0, 1000):
            state.apply(event)
        assert await _members(log, room) == await _members(model, room) == state.members
    await log.close()
    again = await SqlLog.open(folder)
    for room in (GENERAL, DIRECTORY):
        assert await _members(again, room) == await _members(model, room)
    await again.close()


async def _members(log: Log, room: RoomName) -> dict[str, Member]:
    return {one.member.name.key: one.member for one in await log.members() if one.room == room}


async def test_who_was_a_member_before_stays_one_since_then(tmp_path: Path) -> None:
    ada: UserId = IDS[ADA]
    now = UserName.parse("Countess")
    log = await SqlLog.open(tmp_path)
    talk = Talk(log)
    said = Said(0, NOON, str(BEN), "before", by_id=IDS[BEN])
    await talk.settle(
        Draft(GENERAL, said),
        Draft(GENERAL, Joined(0, NOON, str(ADA), by_id=ada)),
        Draft(GENERAL, said),
        Draft(GENERAL, Joined(0, NOON, str(ADA), by_id=ada)),
    )
    await talk.settle(
        Draft(GENERAL, Joined(0, NOON, str(now), str(ADA), since=2, by_id=ada)),
        Draft(GENERAL, Left(0, NOON, str(ADA), str(now), by_id=ada)),
    )
    assert await _members(log, GENERAL) == {now.key: Member(now, ada, since=2)}
    await log.close()


async def test_who_changes_their_account_beside_others_is_known_as_who_they_are(
    tmp_path: Path,
) -> None:
    """Even where all else of the group would be saved by a single statement."""
    ada: UserId = IDS[ADA]
    log = await SqlLog.open(tmp_path)
    talk = Talk(log)
    await talk.settle(Draft(DIRECTORY, Registered(0, NOON, str(ADA), by_id=ada)))
    kicked = Kicked(0, NOON, str(ADA), user=str(BEN), user_id=IDS[BEN], by_id=ada)
    renamed = Renamed(0, NOON, str(ADA), now="Countess", by_id=ada)
    settled = await talk.settle(Draft(DIRECTORY, kicked), Draft(DIRECTORY, renamed))
    assert [outcome.error for outcome in settled] == [None, None]
    assert [*await _members(log, DIRECTORY)] == ["countess"]
    await log.close()


def _renaming(seq: int, was: UserName, now: UserName, id: UserId) -> list[Draft]:
    """What every server tells a room of the renaming ``seq`` of somebody who is away."""
    joined = Joined(0, NOON, str(now), str(was), since=1, by_id=id)
    left = Left(0, NOON, str(was), str(now), by_id=id)
    return [
        Draft(GENERAL, joined, nonce=f" as {seq} general"),
        Draft(GENERAL, left, nonce=f" was {seq} general"),
    ]


async def test_a_room_is_told_once_of_each_renaming_in_whatever_order_servers_know_of_them(
    talk: Talk,
) -> None:
    ada, countess, lady = IDS[ADA], UserName.parse("Countess"), UserName.parse("Lady")
    begun = DirectBegun(0, NOON, str(BEN), users=(str(ADA), str(BEN)), ids=(ada, IDS[BEN]))
    await talk.settle(Draft(GENERAL, begun))
    await talk.settle(*_renaming(5, ADA, lady, ada))  # of both at once, by a server that was late
    late = await talk.settle(*_renaming(4, ADA, countess, ada))
    last = await talk.settle(*_renaming(5, countess, lady, ada))
    assert all(outcome.event is None or outcome.duplicate for outcome in (*late, *last))
    assert len(await talk.all()) == 3
    members = await _members(talk.log, GENERAL)
    assert {key: one.id for key, one in members.items()} == {lady.key: ada, BEN.key: IDS[BEN]}


async def test_who_gets_the_name_of_a_member_who_is_no_more_has_it_alone(talk: Talk) -> None:
    ada, eve = IDS[ADA], IDS[EVE]
    begun = DirectBegun(0, NOON, str(BEN), users=(str(ADA), str(EVE)), ids=(ada, eve))
    await talk.settle(Draft(GENERAL, begun))
    await talk.settle(*_renaming(4, ADA, EVE, ada))
    told = [(type(event).__name__, str(event.by), event.by_id) for event in await talk.all()]
    assert told[1:] == [
        ("Left", str(EVE), eve),
        ("Joined", str(EVE), ada),
        ("Left", str(ADA), ada),
    ]
    assert {key: one.id for key, one in (await _members(talk.log, GENERAL)).items()} == {
        EVE.key: ada
    }
