"""What every log keeps beside the events: accounts, secrets, devices, the names of rooms."""

from __future__ import annotations

from msgspec.structs import replace

from hubbub.domain.directory import DIRECTORY
from hubbub.domain.errors import BadMessage, BadTicket, NameTaken, NoSuchUser
from hubbub.domain.events import (
    AccountClosed,
    Banned,
    DirectBegun,
    Invited,
    Joined,
    Left,
    PasswordSet,
    PutInQueue,
    Registered,
    Renamed,
    RoleGiven,
    TicketMade,
    TopicSet,
)
from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.queues import queue_of
from hubbub.domain.rules import Profile, Queued, Role
from hubbub.domain.state import Member
from hubbub.hub.ports import (
    MAX_DEVICES,
    MAX_READERS,
    DeviceRecord,
    DeviceSeen,
    Draft,
    ForgetDevices,
    ForgetGuest,
    ForgetRoom,
    Guest,
    KeepDevice,
    KeepGuest,
    KeepMarkers,
    KeepReaders,
    KeepSecret,
    MakeRoom,
    Marker,
    MemberRecord,
    NameRoom,
    ReaderMarker,
    RoomMovedOn,
    Row,
    SecretKind,
    TakeName,
    WhileThere,
)
from tests.storage.conftest import OpenLog
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
    texts,
)

PARLOUR = RoomName.parse("Parlour")
PASSWORD = SecretKind.PASSWORD


def registered(user: UserName = ADA, *also: Row, nonce: str | None = None, at: int = NOON) -> Draft:
    return Draft(DIRECTORY, Registered(0, at, user, by_id=IDS[user]), nonce=nonce, also=also)


def renamed(user: UserName, now: UserName, *also: Row) -> Draft:
    return Draft(DIRECTORY, Renamed(0, NOON, user, now, by_id=IDS[user]), also=also)


def closed(user: UserName = ADA, *also: Row) -> Draft:
    return Draft(DIRECTORY, AccountClosed(0, NOON, user, by_id=IDS[user]), also=also)


def device(id: str, user: UserName = ADA, *, seen: int = NOON) -> DeviceRecord:
    return DeviceRecord(id, IDS[user], id.encode(), "Firefox", "127.0.0.1", NOON, seen)


def kept(*ids: str, user: UserName = ADA) -> list[KeepDevice]:
    return [KeepDevice(device(id, user)) for id in ids]


def marker(user: UserName = ADA, seq: int = 1, room: RoomName = GENERAL) -> KeepMarkers:
    return KeepMarkers((Marker(IDS[user], room, seq),))


def room_named(
    room: RoomName, name: RoomName, *, nonce: str | None = None, also: tuple[Row, ...] = ()
) -> Draft:
    event = TopicSet(0, NOON, ADA, f"once {room}", by_id=IDS[ADA])
    return Draft(room, event, nonce=nonce, also=(*also, NameRoom(room, name)))


async def names(talk: Talk) -> list[str]:
    return sorted(record.name for record in await talk.log.rooms())


async def ids(talk: Talk, user: UserName = ADA) -> list[str]:
    return [device.id for device in await talk.log.devices(IDS[user])]


async def read_up_to(talk: Talk, user: UserName | UserId = ADA) -> list[int]:
    number = IDS[user] if isinstance(user, UserName) else user
    return [one.seq for one in await talk.log.markers(number)]


# Secrets


async def test_a_secret_is_kept_changed_and_deleted(talk: Talk, reopen: OpenLog) -> None:
    await talk.settle(
        KeepSecret(PASSWORD, IDS[ADA], "old"),
        KeepSecret(PASSWORD, IDS[ADA], "new"),
        KeepSecret(PASSWORD, IDS[BEN], "ben's"),
        KeepSecret(SecretKind.FACTOR, IDS[ADA], "{}"),
    )
    talk = Talk(await reopen())
    assert await talk.log.secret(PASSWORD, IDS[ADA]) == "new"
    await talk.settle(KeepSecret(PASSWORD, IDS[ADA], None), KeepSecret(PASSWORD, IDS[EVE], None))
    assert await talk.log.secret(PASSWORD, IDS[ADA]) is None
    assert await talk.log.secret(PASSWORD, IDS[BEN]) == "ben's"
    assert await talk.log.secret(SecretKind.FACTOR, IDS[ADA]) == "{}"
    assert await talk.log.secret(SecretKind.FACTOR, IDS[BEN]) is None


async def test_a_secret_that_is_deleted_and_kept_in_one_group_is_the_last_one(talk: Talk) -> None:
    await talk.settle(
        KeepSecret(PASSWORD, IDS[ADA], "one"),
        KeepSecret(PASSWORD, IDS[ADA], None),
        KeepSecret(PASSWORD, IDS[ADA], "two"),
        KeepSecret(PASSWORD, IDS[BEN], "one"),
        KeepSecret(PASSWORD, IDS[BEN], None),
    )
    assert await talk.log.secret(PASSWORD, IDS[ADA]) == "two"
    assert await talk.log.secret(PASSWORD, IDS[BEN]) is None


async def test_a_queue_goes_where_its_room_goes(talk: Talk) -> None:
    def waits(room: RoomName, text: str) -> Draft:
        event = PutInQueue(0, NOON, ADA, item=Queued.HELD, text=text, by_id=IDS[ADA])
        return Draft(queue_of(room), event)

    async def waiting(room: RoomName) -> list[str]:
        names = {record.name.key: record for record in await talk.log.rooms()}
        record = names.get(queue_of(room).key)
        return [] if record is None else [item.text for item in record.state.facts.queue]

    await talk.settle(MakeRoom(KITCHEN), waits(KITCHEN, "one"), waits(GENERAL, "other"))
    await talk.settle(NameRoom(KITCHEN, PARLOUR), waits(PARLOUR, "two"))
    assert await waiting(PARLOUR) == ["one", "two"]
    assert await waiting(KITCHEN) == []
    await talk.settle(waits(KITCHEN, "of no room"))
    await talk.settle(NameRoom(PARLOUR, KITCHEN))
    assert await waiting(KITCHEN) == ["one", "two"]
    await talk.settle(NameRoom(KITCHEN, RoomName.parse("KITCHEN")))
    assert await waiting(KITCHEN) == ["one", "two"]
    await talk.settle(ForgetRoom(KITCHEN), MakeRoom(KITCHEN))
    assert await waiting(KITCHEN) == []
    await talk.settle(waits(KITCHEN, "new"))
    assert await waiting(KITCHEN) == ["new"]
    assert await waiting(GENERAL) == ["other"]


async def test_the_password_of_a_room_stays_with_the_room_under_any_name(talk: Talk) -> None:
    secret = KeepSecret(SecretKind.ROOM, KITCHEN, "soup")
    await talk.settle(secret)
    assert await talk.log.secret(SecretKind.ROOM, KITCHEN) is None, "there is no such room"
    await talk.settle(MakeRoom(KITCHEN), secret, NameRoom(KITCHEN, PARLOUR), MakeRoom(KITCHEN))
    assert await talk.log.secret(SecretKind.ROOM, PARLOUR) == "soup"
    assert await talk.log.secret(SecretKind.ROOM, KITCHEN) is None
    await talk.settle(ForgetRoom(PARLOUR), MakeRoom(PARLOUR))
    assert await talk.log.secret(SecretKind.ROOM, PARLOUR) is None
    await talk.settle(KeepSecret(SecretKind.ROOM, PARLOUR, "new"))
    assert await talk.log.secret(SecretKind.ROOM, PARLOUR) == "new"
    await talk.settle(KeepSecret(SecretKind.ROOM, PARLOUR, None))
    assert await talk.log.secret(SecretKind.ROOM, PARLOUR) is None


# Devices


async def test_devices_are_those_of_an_account_the_one_seen_last_first(
    talk: Talk, reopen: OpenLog
) -> None:
    await talk.settle(registered(), *kept("a", "b"), *kept("nobody's", user=BEN))
    await talk.settle(KeepDevice(device("a", seen=NOON + 1)), KeepDevice(device("c", seen=NOON)))
    await talk.settle(KeepDevice(replace(device("a", seen=NOON + 2), address="::1")))
    for restarts in (False, True):
        log = await reopen() if restarts else talk.log
        assert await log.devices(IDS[ADA]) == [
            replace(device("a", seen=NOON + 2), address="::1"),
            device("c"),
            device("b"),
        ]
        assert await log.devices(IDS[BEN]) == []


async def test_devices_are_forgotten_one_all_but_one_and_all(talk: Talk) -> None:
    await talk.settle(registered(), registered(BEN), *kept("a", "b", "c"), *kept("d", user=BEN))
    await talk.settle(ForgetDevices(IDS[ADA], only="b"), ForgetDevices(IDS[ADA], only="d"))
    assert (await ids(talk), await ids(talk, BEN)) == (["c", "a"], ["d"])
    await talk.settle(*kept("e"), ForgetDevices(IDS[ADA], but="a"), *kept("f"))
    assert (await ids(talk), await ids(talk, BEN)) == (["f", "a"], ["d"])
    await talk.settle(ForgetDevices(IDS[ADA]))
    assert (await ids(talk), await ids(talk, BEN)) == ([], ["d"])


async def test_of_one_user_the_devices_seen_last_are_kept(talk: Talk) -> None:
    many = [KeepDevice(device(f"{n:03}", seen=NOON + n)) for n in range(MAX_DEVICES + 2)]
    await talk.settle(registered(), registered(BEN), *kept("d", user=BEN), *many[2:])
    assert len(await ids(talk)) == MAX_DEVICES
    await talk.settle(KeepDevice(device("new", seen=NOON + 1000)))
    assert await ids(talk) == ["new", *(one.device.id for one in reversed(many[3:]))]
    await talk.settle(KeepDevice(device("old", seen=NOON)))
    assert "old" not in await ids(talk)
    assert await ids(talk, BEN) == ["d"]


async def test_a_device_is_seen_again_and_one_that_was_deleted_does_not_come_back(
    talk: Talk,
) -> None:
    await talk.settle(registered(), *kept("a", "b"), ForgetDevices(IDS[ADA], only="b"))
    seen = [DeviceSeen(IDS[user], id, NOON + 5) for user in (ADA, BEN) for id in ("a", "b")]
    await talk.settle(*seen, DeviceSeen(IDS[ADA], "a", NOON + 3))
    assert await talk.log.devices(IDS[ADA]) == [device("a", seen=NOON + 5)]


async def test_devices_of_many_users_are_kept_in_one_group(talk: Talk) -> None:
    people = [UserName.parse(f"user{number}") for number in range(100)]
    numbers = {user: UserId(f"a{number}") for number, user in enumerate(people)}
    accounts = [Draft(DIRECTORY, Registered(0, NOON, user, by_id=numbers[user])) for user in people]
    logins = [
        KeepDevice(replace(device(f"of {user}"), user=numbers[user]))
        for user in people
        for _ in range(3)
    ]
    await talk.settle(*accounts, *logins)
    for user in (people[0], people[63], people[99]):
        assert [one.id for one in await talk.log.devices(numbers[user])] == [f"of {user}"]


# What is saved together with an event


async def test_a_guest_becomes_an_account_and_keeps_the_markers(
    talk: Talk, reopen: OpenLog
) -> None:
    await talk.settle(said("hi"), KeepGuest(guest(ADA)), marker())
    secret, token = KeepSecret(PASSWORD, IDS[ADA], "hash"), ForgetGuest(guest(ADA))
    (outcome,) = await talk.settle(registered(ADA, secret, *kept("a"), token))
    assert outcome.error is None
    assert await read_up_to(talk) == [1]
    await talk.settle(said("more"), marker(seq=2))
    for restarts in (False, True):
        talk = Talk(await reopen()) if restarts else talk
        assert await talk.log.guests() == []
        assert await talk.log.secret(PASSWORD, IDS[ADA]) == "hash"
        assert await ids(talk) == ["a"]
        assert await read_up_to(talk) == [2]
        assert await talk.log.markers() == [], "it is asked for when the account comes"
        member = Member(ADA, IDS[ADA], 1, Profile(NOON))
        assert await talk.log.members() == [MemberRecord(DIRECTORY, member)]


async def test_what_goes_with_an_event_is_saved_once(talk: Talk) -> None:
    (first,) = await talk.settle(registered(ADA, KeepSecret(PASSWORD, IDS[ADA], "1"), nonce="n"))
    again, twice, other = await talk.settle(
        registered(ADA, KeepSecret(PASSWORD, IDS[ADA], "2"), nonce="n"),
        registered(BEN, KeepSecret(PASSWORD, IDS[BEN], "1"), nonce="n"),
        registered(BEN, KeepSecret(PASSWORD, IDS[BEN], "2"), nonce="n"),
    )
    assert [first.duplicate, again.duplicate, twice.duplicate, other.duplicate] == [
        False,
        True,
        False,
        True,
    ]
    assert await talk.log.secret(PASSWORD, IDS[ADA]) == "1"
    assert await talk.log.secret(PASSWORD, IDS[BEN]) == "1"


async def test_what_goes_with_a_text_is_saved_too(talk: Talk) -> None:
    """In a room that is known: there a lone text is a single statement."""
    await talk.settle(registered(), said("one"))
    (outcome,) = await talk.settle(replace(said("two"), also=(*kept("a"),)))
    assert outcome.event is not None
    assert outcome.event.seq == 2
    assert await ids(talk) == ["a"]


async def test_a_new_password_and_the_end_of_the_other_devices_are_one(talk: Talk) -> None:
    await talk.settle(registered(), *kept("a", "b"))
    event = PasswordSet(0, NOON, ADA, by_id=IDS[ADA])
    also = (KeepSecret(PASSWORD, IDS[ADA], "new"), ForgetDevices(IDS[ADA], but="b"))
    await talk.settle(Draft(DIRECTORY, event, also=also))
    assert await talk.log.secret(PASSWORD, IDS[ADA]) == "new"
    assert await ids(talk) == ["b"]


async def test_a_room_is_forgotten_together_with_its_last_event(talk: Talk) -> None:
    await talk.settle(joined(room=KITCHEN), said("hi"), said("hi", room=KITCHEN, nonce="n"))
    (last,) = await talk.settle(replace(left(room=KITCHEN), also=(ForgetRoom(KITCHEN),)))
    assert last.event is not None
    assert last.event.seq == 3
    assert (await names(talk), await talk.log.members()) == (["General"], [])
    (again,) = await talk.settle(said("hi", room=KITCHEN, nonce="n"))
    assert (again.duplicate, again.event and again.event.seq) == (False, 1)


# Accounts


async def test_a_renamed_account_is_there_under_the_new_name(talk: Talk) -> None:
    await talk.settle(said("hi"), registered(), marker())
    await talk.settle(renamed(ADA, EVE))
    member = Member(EVE, IDS[ADA], 1, Profile(NOON))
    assert await talk.log.members() == [MemberRecord(DIRECTORY, member)]
    await talk.settle(marker(seq=1))
    assert await read_up_to(talk) == [1]


async def test_what_is_meant_for_beside_a_room_is_refused_when_that_is_another_one(
    talk: Talk,
) -> None:
    queue = queue_of(GENERAL)

    def waits(text: str, id: int | None) -> Draft:
        event = PutInQueue(0, NOON, ADA, item=Queued.KNOCK, text=text, by_id=IDS[ADA])
        return Draft(queue, event, also=(WhileThere(GENERAL, id),))

    first, begun = await talk.settle(waits("none is there", None), said("hello"))
    assert isinstance(first.error, RoomMovedOn)
    assert begun.room_id is not None
    other, same, any = await talk.settle(
        waits("another", begun.room_id + 100), waits("same", begun.room_id), waits("any", None)
    )
    assert isinstance(other.error, RoomMovedOn)
    assert (same.error, any.error) == (None, None)
    assert [getattr(one, "text", None) for one in await talk.log.read(queue.key, 0, 9)] == [
        "same",
        "any",
    ]


async def test_a_name_that_looks_like_an_accounts_is_nobody_elses(talk: Talk) -> None:
    mixed = UserName.parse("аda")  # with a Cyrillic а

    def taking(draft: Draft, name: UserName) -> Draft:
        assert draft.event.by_id is not None
        return replace(draft, also=(TakeName(draft.event.by_id, name),))

    outcomes = await talk.settle(
        taking(registered(ADA), ADA),
        taking(Draft(DIRECTORY, Registered(0, NOON, mixed, by_id=IDS[BEN])), mixed),
        taking(renamed(ADA, mixed), mixed),
    )
    assert [isinstance(one.error, NameTaken) for one in outcomes] == [False, True, False]
    assert "looks like that of" in str(outcomes[1].error)


async def test_a_name_is_one_accounts_alone(talk: Talk) -> None:
    def taking(draft: Draft, name: UserName = ADA) -> Draft:
        assert draft.event.by_id is not None
        return replace(draft, also=(*draft.also, TakeName(draft.event.by_id, name)))

    secret = KeepSecret(PASSWORD, IDS[BEN], "hash")
    outcomes = await talk.settle(
        taking(registered(ADA)),
        taking(registered(BEN, secret), ADA),
        taking(registered(BEN), BEN),
        taking(renamed(BEN, ADA, secret), ADA),
        taking(renamed(ADA, EVE), EVE),
        taking(renamed(BEN, ADA), ADA),
    )
    refused = [isinstance(one.error, NameTaken) for one in outcomes]
    assert refused == [False, True, False, True, False, False]
    assert [one.event.seq for one in outcomes if one.event] == [1, 2, 3, 4]
    assert await talk.log.secret(PASSWORD, IDS[BEN]) is None
    members = [str(one.member.name) for one in await talk.log.members()]
    assert sorted(members) == ["Ada", "eve"]


async def test_of_two_owners_who_close_their_accounts_at_once_one_stays(talk: Talk) -> None:
    def owner(user: UserName) -> Draft:
        given = RoleGiven(0, NOON, ADA, user, IDS[user], role=Role.OWNER, by_id=IDS[ADA])
        return Draft(DIRECTORY, given)

    def closing(user: UserName) -> Draft:
        return closed(user, KeepSecret(PASSWORD, IDS[user], None))

    password = KeepSecret(PASSWORD, IDS[BEN], "hash")
    await talk.settle(registered(), registered(BEN, password), registered(EVE))
    await talk.settle(owner(ADA), owner(BEN))
    outcomes = await talk.settle(closing(ADA), closing(BEN), closing(EVE))
    assert [isinstance(one.error, BadMessage) for one in outcomes] == [False, True, False]
    assert await talk.log.secret(PASSWORD, IDS[BEN]) is not None


async def test_a_role_that_passes_is_given_to_who_is_in_the_room(
    talk: Talk, reopen: OpenLog
) -> None:
    def given(user: UserName, *, passing: bool = True) -> Draft:
        event = RoleGiven(0, NOON, ADA, user, IDS[user], role=Role.VOICE, passing=passing)
        return Draft(GENERAL, event)

    def comes(user: UserName) -> Draft:
        return Draft(GENERAL, Joined(0, NOON, user, by_id=IDS[user]))

    def goes(user: UserName) -> Draft:
        return Draft(GENERAL, Left(0, NOON, user, by_id=IDS[user]))

    outcomes = await talk.settle(comes(ADA), given(BEN), comes(BEN), given(BEN), given(EVE))
    assert [isinstance(one.error, NoSuchUser) for one in outcomes] == [
        *(False, True, False, False, True)
    ]
    outcomes = await talk.settle(given(EVE, passing=False), goes(BEN), given(BEN))
    assert [isinstance(one.error, NoSuchUser) for one in outcomes] == [False, False, True]
    (room,) = await (await reopen()).rooms()
    assert room.state.facts.roles == {IDS[EVE]: Role.VOICE}
    assert room.state.facts.passing == ()


async def test_a_ticket_is_used_as_often_as_it_is_good(talk: Talk, reopen: OpenLog) -> None:
    def invited(user: UserName, at: int = NOON) -> Draft:
        return Draft(GENERAL, Invited(0, at, ADA, user, IDS[user], "t1", by_id=IDS[ADA]))

    made = TicketMade(0, NOON, ADA, "t1", 2, NOON + 10, by_id=IDS[ADA])
    by_ticket = Registered(0, NOON, EVE, "t2", by_id=IDS[EVE])
    outcomes = await talk.settle(
        Draft(GENERAL, made),
        invited(BEN),
        invited(EVE, NOON + 10),
        invited(EVE),
        invited(ADA),
        Draft(DIRECTORY, by_ticket, also=(KeepSecret(PASSWORD, IDS[EVE], "hash"),)),
        said("after"),
    )
    refused = [isinstance(one.error, BadTicket) for one in outcomes]
    assert refused == [False, False, True, False, True, True, False]
    assert [event.seq for event in await talk.all()] == [1, 2, 3, 4]
    assert await talk.log.secret(PASSWORD, IDS[EVE]) is None
    (alone,) = await talk.settle(invited(BEN))
    assert isinstance(alone.error, BadTicket)
    again = await reopen()
    (record,) = [one for one in await again.rooms() if one.name == GENERAL]
    assert record.state.facts.tickets == ()


async def test_a_closed_account_can_come_back_no_more(talk: Talk) -> None:
    await talk.settle(said("hi"), registered(), registered(BEN), marker(), marker(BEN))
    await talk.settle(closed(), marker(), *kept("a"))
    member = Member(BEN, IDS[BEN], 2, Profile(NOON))
    assert await talk.log.members() == [MemberRecord(DIRECTORY, member)]
    assert (await read_up_to(talk), await read_up_to(talk, BEN)) == ([], [1])
    assert await ids(talk) == []


async def test_who_has_an_account_comes_back_by_no_token_of_a_guest(talk: Talk) -> None:
    former = Guest(IDS[ADA], EVE, bytes(32))
    await talk.settle(KeepGuest(former), KeepGuest(guest(BEN)))
    await talk.settle(said("hi"), KeepGuest(guest(ADA)), registered(), marker())
    assert await talk.log.guests() == [guest(BEN)]
    assert await read_up_to(talk) == [1]
    await talk.settle(closed())
    assert await read_up_to(talk) == []


async def test_who_registers_and_closes_at_once_has_what_was_last(talk: Talk) -> None:
    await talk.settle(said("hi"), registered(), closed(), registered(BEN), closed(BEN))
    await talk.settle(registered(BEN), marker(), marker(BEN))
    assert (await read_up_to(talk), await read_up_to(talk, BEN)) == ([], [1])
    await talk.settle(closed(BEN), registered(BEN))
    await talk.settle(marker(BEN))
    assert await read_up_to(talk, BEN) == [1]


async def test_only_the_directory_makes_accounts(talk: Talk) -> None:
    await talk.settle(
        said("hi"),
        Draft(GENERAL, Registered(0, NOON, ADA, by_id=IDS[ADA])),
        joined(BEN, by_id=IDS[BEN]),
        marker(),
        marker(BEN),
    )
    assert (await read_up_to(talk), await read_up_to(talk, BEN)) == ([], [])
    await talk.settle(registered(), Draft(GENERAL, AccountClosed(0, NOON, ADA, by_id=IDS[ADA])))
    await talk.settle(marker())
    assert await read_up_to(talk) == [1]


async def test_who_is_banned_from_the_server_keeps_the_account(talk: Talk) -> None:
    """For when the ban ends."""
    await talk.settle(said("hi"), registered(), marker())
    ban = Banned(0, NOON, BEN, ADA, IDS[ADA], by_id=IDS[BEN])
    await talk.settle(Draft(DIRECTORY, ban))
    await talk.settle(marker(seq=2))
    assert await read_up_to(talk) == [2]


async def test_all_whom_a_direct_conversation_is_begun_with_are_in_it(talk: Talk) -> None:
    both = DirectBegun(0, NOON, ADA, (ADA, BEN), (IDS[ADA], IDS[BEN]), by_id=IDS[ADA])
    await talk.settle(Draft(KITCHEN, both))
    assert await talk.log.members() == [
        MemberRecord(KITCHEN, Member(ADA, IDS[ADA], since=1)),
        MemberRecord(KITCHEN, Member(BEN, IDS[BEN], since=1)),
    ]


async def test_only_the_markers_of_one_user_are_asked_for(talk: Talk) -> None:
    await talk.settle(said("hi"), said("hi", room=KITCHEN), registered(), KeepGuest(guest(BEN)))
    await talk.settle(marker(), marker(room=KITCHEN), marker(BEN))
    assert len(await talk.log.markers(IDS[ADA])) == 2
    assert await talk.log.markers(IDS[BEN]) == await talk.log.markers()
    await talk.settle(ForgetRoom(KITCHEN))
    assert await talk.log.markers(IDS[ADA]) == [Marker(IDS[ADA], GENERAL, 1)]


# What each program of an account has read


def got(
    seq: int, reader: str = "phone", at: int = 0, user: UserName = ADA, room: RoomName = GENERAL
) -> KeepReaders:
    return KeepReaders((ReaderMarker(IDS[user], reader, room, seq, NOON + at),))


async def test_each_program_of_an_account_has_a_marker_that_only_grows(
    talk: Talk, reopen: OpenLog
) -> None:
    await talk.settle(said("hi"), said("hi", room=KITCHEN), registered(), registered(BEN))
    await talk.settle(
        got(3), got(2, at=1), got(1, "laptop"), got(4, room=KITCHEN), got(9, user=BEN)
    )
    log = talk.log
    for restarts in (False, True):
        log = await reopen() if restarts else log
        assert await log.read_by(IDS[ADA], "phone", GENERAL) == 3
        assert await log.read_by(IDS[ADA], "laptop", GENERAL) == 1
        assert await log.read_by(IDS[ADA], "phone", KITCHEN) == 4
        assert await log.read_by(IDS[BEN], "phone", GENERAL) == 9
        assert await log.read_by(IDS[BEN], "laptop", GENERAL) is None
        assert await log.all_read_by(IDS[ADA], "phone") == {"general": 3, "kitchen": 4}
        assert await log.all_read_by(IDS[BEN], "laptop") == {}
    talk = Talk(log)
    await talk.settle(got(4, at=2))
    assert await talk.log.read_by(IDS[ADA], "phone", GENERAL) == 4


async def test_markers_of_programs_are_kept_of_accounts_alone_and_of_rooms_that_are_there(
    talk: Talk,
) -> None:
    await talk.settle(said("hi"), KeepGuest(guest(BEN)), registered())
    await talk.settle(got(1, user=BEN), got(1, room=KITCHEN), got(1))
    assert await talk.log.read_by(IDS[BEN], "phone", GENERAL) is None
    assert await talk.log.read_by(IDS[ADA], "phone", KITCHEN) is None
    await talk.settle(room_named(GENERAL, PARLOUR))
    assert await talk.log.read_by(IDS[ADA], "phone", PARLOUR) == 1
    await talk.settle(ForgetRoom(PARLOUR))
    await talk.settle(said("hi", room=PARLOUR))
    assert await talk.log.read_by(IDS[ADA], "phone", PARLOUR) is None


async def test_of_many_programs_those_go_that_have_read_nothing_for_the_longest_time(
    talk: Talk,
) -> None:
    await talk.settle(said("hi"), registered(), registered(BEN), got(1, user=BEN))
    for number in range(MAX_READERS):
        await talk.settle(got(1, f"reader {number}", at=number))
    await talk.settle(got(2, "reader 0", at=100))
    await talk.settle(got(1, "new", at=101), got(1, "newer", at=102))
    there = [f"reader {number}" for number in range(MAX_READERS)] + ["new", "newer"]
    found = [one for one in there if await talk.log.read_by(IDS[ADA], one, GENERAL)]
    assert found == ["reader 0", *there[3:]]
    assert await talk.log.read_by(IDS[BEN], "phone", GENERAL) == 1


async def test_what_programs_have_read_goes_with_the_account(talk: Talk) -> None:
    await talk.settle(said("hi"), registered(), registered(BEN), got(1), got(1, user=BEN))
    await talk.settle(closed(), got(1))
    assert await talk.log.read_by(IDS[ADA], "phone", GENERAL) is None
    assert await talk.log.read_by(IDS[BEN], "phone", GENERAL) == 1


# The names of rooms


async def test_a_room_has_another_name_and_all_that_it_had(talk: Talk, reopen: OpenLog) -> None:
    await talk.settle(
        joined(room=KITCHEN),
        said("one", room=KITCHEN, nonce="n"),
        KeepGuest(guest(ADA)),
        marker(room=KITCHEN),
    )
    (outcome,) = await talk.settle(room_named(KITCHEN, PARLOUR))
    assert outcome.event == TopicSet(3, NOON + 2, ADA, "once Kitchen", by_id=IDS[ADA])
    for restarts in (False, True):
        talk = Talk(await reopen()) if restarts else talk
        assert seqs(await talk.all(PARLOUR)) == [1, 2, 3]
        assert await talk.all(KITCHEN) == []
        assert [(one.name, one.state.head) for one in await talk.log.rooms()] == [("Parlour", 3)]
        assert await talk.log.members() == [MemberRecord(PARLOUR, Member(ADA, since=1))]
        assert await talk.log.markers() == [Marker(IDS[ADA], PARLOUR, 1)]
    again, more = await talk.settle(said("one", room=PARLOUR, nonce="n"), said("two", room=PARLOUR))
    assert again.duplicate
    assert more.event is not None
    assert more.event.seq == 4


async def test_a_former_name_is_that_of_another_room(talk: Talk) -> None:
    outcomes = await talk.settle(
        said("one", room=KITCHEN),
        NameRoom(KITCHEN, PARLOUR),
        said("anew", room=KITCHEN),
        said("two", room=PARLOUR),
        NameRoom(PARLOUR, GENERAL),
        NameRoom(KITCHEN, PARLOUR),
        said("three", room=GENERAL),
    )
    assert not any(outcome.error for outcome in outcomes)
    assert texts(await talk.all(GENERAL)) == ["one", "two", "three"]
    assert texts(await talk.all(PARLOUR)) == ["anew"]
    assert await names(talk) == ["General", "Parlour"]


async def test_a_room_may_write_its_name_in_another_way(talk: Talk) -> None:
    loud = RoomName.parse("KITCHEN")
    (outcome,) = await talk.settle(room_named(KITCHEN, loud))
    assert outcome.error is None
    assert await names(talk) == ["KITCHEN"]
    assert seqs(await talk.all(KITCHEN)) == [1]


async def test_a_name_that_another_room_has_is_refused_and_nothing_else(talk: Talk) -> None:
    await talk.settle(said("one", room=KITCHEN), said("hi"), registered())
    before, refused, alone, after, missing = await talk.settle(
        said("two", room=KITCHEN, nonce="a"),
        room_named(KITCHEN, GENERAL, nonce="b", also=(*kept("a"),)),
        NameRoom(KITCHEN, GENERAL),
        said("three", room=KITCHEN, nonce="c"),
        NameRoom(PARLOUR, GENERAL),
    )
    assert [type(one.error) for one in (before, refused, alone, after, missing)] == [
        type(None),
        NameTaken,
        NameTaken,
        type(None),
        NameTaken,
    ]
    assert str(refused.error) == 'There is a room called "General" already.'
    assert refused.event is None
    assert texts(await talk.all(KITCHEN)) == ["one", "two", "three"]
    assert seqs(await talk.all(KITCHEN)) == [1, 2, 3]
    assert await ids(talk) == []
    (again,) = await talk.settle(room_named(KITCHEN, PARLOUR, nonce="b"))
    assert (again.duplicate, again.event and again.event.seq) == (False, 4), "it was not taken"


async def test_a_refused_name_makes_no_room(talk: Talk) -> None:
    (outcome, text) = await talk.settle(room_named(KITCHEN, GENERAL), said("hi"))
    assert outcome.error is None, "there is no such room yet"
    await talk.settle(room_named(KITCHEN, GENERAL), ForgetRoom(PARLOUR))
    assert await names(talk) == ["General"]
    assert text.event is not None
    assert seqs(await talk.all()) == [1, 2]


async def test_a_room_that_is_renamed_twice_by_one_command_is_renamed_once(talk: Talk) -> None:
    await talk.settle(said("one", room=KITCHEN))
    first, twice = await talk.settle(*[room_named(KITCHEN, PARLOUR, nonce="n")] * 2)
    await talk.settle(said("anew", room=KITCHEN))
    (again,) = await talk.settle(room_named(KITCHEN, PARLOUR, nonce="n"))
    assert [one.duplicate for one in (first, twice, again)] == [False, True, True]
    assert [one.event for one in (twice, again)] == [first.event] * 2
    assert texts(await talk.all(PARLOUR)) == ["one"]
    assert texts(await talk.all(KITCHEN)) == ["anew"]


async def test_what_is_sent_again_to_a_room_that_was_renamed_makes_no_room(talk: Talk) -> None:
    await talk.settle(said("one", room=KITCHEN, nonce="1"), room_named(KITCHEN, PARLOUR, nonce="2"))
    text, name = await talk.settle(
        said("one", room=KITCHEN, nonce="1"), room_named(KITCHEN, PARLOUR, nonce="2")
    )
    assert text.duplicate
    assert name.duplicate
    assert await names(talk) == ["Parlour"]


async def test_a_room_that_is_not_there_is_not_renamed(talk: Talk) -> None:
    (outcome,) = await talk.settle(NameRoom(KITCHEN, PARLOUR))
    assert outcome.error is None
    assert await names(talk) == []


async def test_two_rooms_exchange_their_names_with_one_event(talk: Talk) -> None:
    await talk.settle(said("in the kitchen", room=KITCHEN), said("in general"))
    exchange = (NameRoom(KITCHEN, PARLOUR), NameRoom(GENERAL, KITCHEN), NameRoom(PARLOUR, GENERAL))
    await talk.settle(replace(said("now", room=KITCHEN), also=exchange))
    assert texts(await talk.all(GENERAL)) == ["in the kitchen", "now"]
    assert texts(await talk.all(KITCHEN)) == ["in general"]
    taken = (NameRoom(KITCHEN, PARLOUR), NameRoom(GENERAL, PARLOUR))
    (refused,) = await talk.settle(replace(said("no"), also=taken))
    assert isinstance(refused.error, NameTaken)
    await talk.settle(said("yes"), said("yes", room=KITCHEN))
    assert texts(await talk.all(GENERAL)) == ["in the kitchen", "now", "yes"]
    assert texts(await talk.all(KITCHEN)) == ["in general", "yes"]
