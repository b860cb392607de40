from __future__ import annotations

from typing import Any

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.errors import InvalidName
from hubbub.domain.events import FORMER_MEMBER, AuthorForgotten, PutInQueue, Said
from hubbub.domain.ids import user_id
from hubbub.domain.names import OWN_KEYS, RoomName, UserName
from hubbub.domain.queues import NOWHERE, PREFIX, queue_of
from hubbub.domain.rules import MAX_QUEUED, Newcomers, Queued, Role, RoomAccess
from hubbub.domain.state import RoomState
from hubbub.hub import queues
from tests.hub.chat import Chat, Person, chatting
from tests.hub.people import account, do, log_in, private, server_owner, settle

LAB = RoomName.parse("Lab")
ADA, EVE = user_id(1), user_id(2)


async def waiting(moderator: Person, room: str = "Lab") -> list[str]:
    """What waits in the queue, in short words."""
    (heard,) = await do(moderator, ask.Queue, room)
    _, _, items = heard.partition(": ")
    return items.split(", ") if items else []


async def reported(chat: Chat) -> tuple[Person, Person, Person]:
    """Ada moderates the Lab; eve has said something bad, and ben has reported it."""
    ada, ben, eve = [await account(chat, name, "Lab") for name in ("ada", "ben", "eve")]
    await do(eve, ask.Say, text="you fool")
    assert await do(ben, ask.Report, seq=eve.last(told.Ack).seq, reason=" rude ") == ["done"]
    for person in (ada, eve):
        person.news()
    return ada, ben, eve


async def held(chat: Chat) -> tuple[Person, Person]:
    """Ada moderates the Lab, where newcomers' texts are held; ben is a guest there."""
    ada, ben = await account(chat, "ada", "Lab"), chat.enter("ben", "Lab")
    await do(ada, ask.SetRules, newcomers=Newcomers.HELD)
    ben.news()
    return ada, ben


def texts(chat: Chat, room: str = "lab") -> list[str]:
    """What was said in a room, by its log."""
    return [one.text for one in chat.log.disk.events[room] if isinstance(one, Said)]


# Reports


async def test_a_report_waits_for_those_who_moderate(chat: Chat) -> None:
    ada, _, _ = await reported(chat)
    assert ada.last(told.RoomStanding).standing.waiting == 1
    await do(ada, ask.Queue)
    (item,) = ada.last(told.QueueList).items
    assert (item.kind, item.by, item.user, item.text) == (Queued.REPORT, "ben", "eve", "you fool")
    assert item.reason == "rude"
    assert item.about == chat.log.disk.events["lab"][-1].seq
    assert await do(ada, ask.Settle, item=1) == ["standing in Lab", "done"]
    assert ada.last(told.RoomStanding).standing.waiting == 0
    assert await waiting(ada) == []


async def test_the_newest_text_of_somebody_can_be_reported_by_the_name(chat: Chat) -> None:
    ada, ben, eve = await reported(chat)
    await do(eve, ask.Say, text="and you smell")
    assert await do(ben, ask.Report, user="eve") == ["done"]
    assert await waiting(ada) == ["1 report by ben: you fool", "2 report by ben: and you smell"]


async def test_one_report_about_a_text_is_enough(chat: Chat) -> None:
    ada, ben, _ = await reported(chat)
    cleo = await account(chat, "cleo", "Lab")
    for person in (ben, cleo):
        assert await do(person, ask.Report, user="eve") == ["done"]
    assert await waiting(ada) == ["1 report by ben: you fool"]


async def test_two_reports_about_a_text_at_once_are_one(chat: Chat) -> None:
    ada, eve = await account(chat, "ada", "Lab"), await account(chat, "eve", "Lab")
    people = [await account(chat, name, "Lab") for name in ("ben", "cleo")]
    await do(eve, ask.Say, text="you fool")
    for person in people:
        person.send(ask.Report(room=LAB, user=UserName.parse("eve")))
    await settle(chat)
    assert [person.news()[-1] for person in people] == ["done", "done"]
    assert len(await waiting(ada)) == 1


@pytest.mark.parametrize(
    "fields, code",
    [
        ({}, "bad-message"),
        ({"seq": 1, "user": "eve"}, "bad-message"),
        ({"seq": 1}, "bad-message"),  # a join
        ({"seq": 99}, "bad-message"),
        ({"user": "nobody"}, "bad-message"),
        ({"user": "ben"}, "bad-message"),  # is oneself
    ],
)
async def test_what_cannot_be_reported(chat: Chat, fields: dict[str, Any], code: str) -> None:
    ada, ben, _ = await reported(chat)
    await do(ben, ask.Say, text="well")
    assert await do(ben, ask.Report, **fields) == [f"error {code}"]
    assert len(await waiting(ada)) == 1


async def test_nobody_moderates_a_direct_conversation(chat: Chat) -> None:
    ada, ben = await account(chat, "ada"), await account(chat, "ben")
    await do(ada, ask.Direct, users=("ben",))
    room = ada.last(told.DirectRoom).room
    await do(ada, ask.Say, room, text="you fool", outside=True)
    assert await do(ben, ask.Report, room, user="ada") == ["error not-allowed"]
    assert "/block" in ben.last(told.Refused).message


async def test_nobody_fills_the_queue_alone(chat: Chat) -> None:
    ada, ben, eve = await reported(chat)
    for number in range(queues.MAX_BY_ONE):
        await do(eve, ask.Say, text=f"fool {number}")
        heard = await do(ben, ask.Report, user="eve")
        assert heard == (["done"] if number < queues.MAX_BY_ONE - 1 else ["error too-many"])
    cleo = await account(chat, "cleo", "Lab")
    assert await do(cleo, ask.Report, user="eve") == ["done"]
    assert len(await waiting(ada)) == queues.MAX_BY_ONE + 1


async def test_nor_do_all_guests_together(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "MAX_BY_GUESTS", 1)
    ada, ben, eve = await reported(chat)
    one, other = chat.enter("one", "Lab"), chat.enter("other", "Lab")
    for number, (person, heard) in enumerate(
        [(one, "done"), (other, "error too-many"), (ben, "done")]
    ):
        await do(eve, ask.Say, text=f"fool {number}")
        assert await do(person, ask.Report, user="eve") == [heard]
    assert len(await waiting(ada)) == 3


async def test_a_full_queue_takes_nothing_more(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "MAX_QUEUED", 1)
    _, ben, eve = await reported(chat)
    await do(eve, ask.Say, text="fool")
    assert await do(ben, ask.Report, user="eve") == ["error too-many"]


def test_what_the_fold_keeps_is_bounded_too() -> None:
    state = RoomState()
    for seq in range(1, MAX_QUEUED + 3):
        state.apply(PutInQueue(seq, 1, "ada", item=Queued.KNOCK))
    assert [item.seq for item in state.facts.queue] == [*range(3, MAX_QUEUED + 3)]


def test_a_closed_account_asks_for_nothing_more() -> None:
    state = RoomState()
    for seq, item in enumerate(Queued, 1):
        state.apply(PutInQueue(seq, 1, "eve", item=item, text="x", by_id=EVE))
    about: dict[str, Any] = {
        "item": Queued.REPORT,
        "user": "eve",
        "user_id": EVE,
        "text": "you fool",
    }
    state.apply(PutInQueue(4, 1, "ada", by_id=ADA, **about))
    state.apply(AuthorForgotten(5, 1, FORMER_MEMBER, by_id=EVE))
    own, other = state.facts.queue
    assert (own.kind, own.by, own.text) == (Queued.REPORT, FORMER_MEMBER, "x")
    assert (other.by, other.user, other.text) == ("ada", FORMER_MEMBER, "you fool")
    state.apply(AuthorForgotten(6, 1, FORMER_MEMBER, True, by_id=EVE))
    assert [item.text for item in state.facts.queue] == ["x", ""]


# Nobody else learns of it


async def test_a_queue_is_nowhere_to_be_found(chat: Chat) -> None:
    ada, ben, eve = await reported(chat)
    root = await server_owner(chat, "root", "Lab")
    assert queue_of(LAB).key in chat.log.disk.events
    assert len(chat.hub.rooms) == chat.hub.stats()["rooms"] == 2
    assert [room.name for room in chat.hub.rooms] == ["General", "Lab"]
    assert chat.hub.heads().keys() == {"general", "lab"}
    for person in (ada, ben, eve, root, chat.enter("guest")):
        for kind, fields in (
            (ask.Rooms, {}),
            (ask.Rooms, {"query": "queue"}),
            (ask.Search, {"query": "rude"}),
            (ask.Search, {"query": "queue"}),
            (ask.History, {}),
        ):
            person.news()
            await do(person, kind, **fields)
        heard = str(person.received)
        assert "queue" not in heard.replace("query='queue'", "")
        assert "rude" not in heard
        queue = queue_of(LAB)  # which no wire lets by
        for command in (
            *(ask.History(room=queue), ask.Timeline(room=queue), ask.Who(room=queue)),
            *(ask.Join(room=queue), ask.Audit(room=queue), ask.Queue(room=queue)),
        ):
            person.send(command)
            await settle(chat)
            assert person.last(told.Refused).code == "no-such-room"
    assert not [one for one in eve.received if isinstance(one, told.RoomStanding)]


async def test_only_those_who_moderate_are_told_that_something_waits(chat: Chat) -> None:
    ada, ben, eve = await reported(chat)
    for person in (ben, eve):
        assert not person.all(told.RoomStanding)
        assert person.last(told.RoomJoined).standing is not None
    mod = await account(chat, "mod", "Lab")
    await do(ada, ask.GiveRole, user="mod", role=Role.MODERATOR)
    assert mod.last(told.RoomStanding).standing.waiting == 1
    assert ben.last(told.RoomStanding).standing.waiting == 0
    again = await log_in(chat, "mod", "Lab")
    standing = again.last(told.RoomJoined).standing
    assert standing is not None
    assert standing.waiting == 1
    for person in (ben, eve):
        assert await do(person, ask.Queue) == ["error not-allowed"]
        assert await do(person, ask.Settle, item=1) == ["error not-allowed"]


# Settling


async def test_of_two_who_settle_at_once_one_is_told_that_the_other_has(chat: Chat) -> None:
    ada, _, _ = await reported(chat)
    mod = await account(chat, "mod", "Lab")
    await do(ada, ask.GiveRole, user="mod", role=Role.MODERATOR)
    for person in (ada, mod):
        person.news()
        person.send(ask.Settle(room=LAB, item=1))
    await settle(chat)
    assert ada.news()[-1] == "done"
    assert mod.news()[-1] == "error bad-message"
    assert mod.last(told.Refused).message.startswith("ada has settled that already.")


async def test_what_does_not_wait_cannot_be_settled(chat: Chat) -> None:
    ada, _, _ = await reported(chat)
    assert await do(ada, ask.Settle, item=2) == ["error bad-message"]
    assert await do(await account(chat, "cleo", "Hall"), ask.Settle, "Hall", item=1) == [
        "error bad-message"
    ]


async def test_the_queue_survives_a_restart(chat: Chat) -> None:
    await reported(chat)
    async with chatting(disk=chat.log.disk) as later:
        ada = await log_in(later, "ada", "Lab")
        standing = ada.last(told.RoomJoined).standing
        assert standing is not None
        assert standing.waiting == 1
        assert await waiting(ada) == ["1 report by ben: you fool"]
        assert len(later.hub.rooms) == 2
        assert "error" not in str(await do(ada, ask.Settle, item=1))


async def test_a_queue_goes_where_its_room_goes(chat: Chat) -> None:
    ada, ben, eve = await reported(chat)
    await do(ada, ask.RenameRoom, name="Kitchen")
    assert await waiting(ada, "Kitchen") == ["1 report by ben: you fool"]
    await do(eve, ask.Say, "Kitchen", text="fools")
    assert await do(ben, ask.Report, "Kitchen", user="eve") == ["done"]
    async with chatting(disk=chat.log.disk) as later:
        ada = await log_in(later, "ada", "Kitchen")
        assert len(await waiting(ada, "Kitchen")) == 2
        await do(ada, ask.Delete, "Kitchen")
        assert not [one for one in later.log.disk.rooms if one.startswith(PREFIX)]
        fresh = await account(later, "fred", "Kitchen")
        assert await waiting(fresh, "Kitchen") == []


async def test_a_queue_is_back_with_its_room_when_the_log_does_not_forget_it(chat: Chat) -> None:
    ada, _, _ = await reported(chat)
    ada.send(ask.Delete(room=LAB))
    chat.log.fail_next(1)
    await settle(chat)
    assert ada.news()[-1] == "error log-unavailable"
    await do(ada, ask.Join)
    assert await waiting(ada) == ["1 report by ben: you fool"]


async def test_a_report_that_the_log_refuses_is_refused(chat: Chat) -> None:
    ada, ben, eve = await reported(chat)
    await do(eve, ask.Say, text="fool")
    ben.news()
    ben.send(ask.Report(room=LAB, user=UserName.parse("eve")))
    await chat.quiet()
    chat.log.fail_next(1)
    await settle(chat)
    assert ben.news() == ["error log-unavailable"]
    assert await do(ben, ask.Report, user="eve") == ["done"]
    assert len(await waiting(ada)) == 2


# Texts that wait


async def test_a_newcomers_text_waits_until_it_is_let_through(chat: Chat) -> None:
    ada, ben = await held(chat)
    assert await do(ben, ask.Say, text="hello", nonce="1") == ["error held 1"]
    assert texts(chat) == []
    assert ada.last(told.RoomStanding).standing.waiting == 1
    assert await waiting(ada) == ["1 held by ben: hello"]
    heard = await do(ada, ask.Settle, item=1, approve=True)
    assert [one for one in heard if "ben hello" in one or one == "done"]
    assert heard[-1] == "done"
    assert ben.shown("Lab")[-2].by == "ben"
    assert texts(chat) == ["hello"]
    assert not ben.last(told.RoomStanding).standing.newcomer
    chat.pass_time(11)
    assert "error" not in str(await do(ben, ask.Say, text="thank you"))
    assert texts(chat) == ["hello", "thank you"]


async def test_what_is_turned_down_is_said_to_nobody(chat: Chat) -> None:
    ada, ben = await held(chat)
    await do(ben, ask.Say, text="spam", nonce="1")
    assert (await do(ada, ask.Settle, item=1))[-1] == "done"
    assert texts(chat) == []
    chat.pass_time(11)
    assert await do(ben, ask.Say, text="spam", nonce="1") == ["error held 1"]  # the same answer
    assert await waiting(ada) == []


async def test_a_resend_is_one_item_and_then_one_text(chat: Chat) -> None:
    ada, ben = await held(chat)
    for _ in range(2):
        assert await do(ben, ask.Say, text="hello", nonce="1") == ["error held 1"]
        chat.pass_time(11)
    assert await waiting(ada) == ["1 held by ben: hello"]
    await do(ada, ask.Settle, item=1, approve=True)
    heard = await do(ben, ask.Say, text="hello", nonce="1")
    assert heard == [f"ack Lab {ben.shown('Lab')[-2].seq} 1"]
    assert texts(chat) == ["hello"]


async def test_a_resend_is_known_even_when_nothing_more_may_wait(chat: Chat) -> None:
    _, ben = await held(chat)
    for number in range(queues.MAX_BY_ONE):
        assert await do(ben, ask.Say, text="hi", nonce=f"{number}") == [f"error held {number}"]
        chat.pass_time(11)
    assert await do(ben, ask.Say, text="hi", nonce="new") == ["error too-many new"]
    chat.pass_time(11)
    assert await do(ben, ask.Say, text="hi", nonce="0") == ["error held 0"]


async def test_a_reply_that_waits_answers_what_it_answered(chat: Chat) -> None:
    ada, ben = await held(chat)
    await do(ada, ask.Say, text="who is there?")
    asked = ada.last(told.Ack).seq
    await do(ben, ask.Say, text="me", reply_to=asked)
    chat.pass_time(11)
    await do(ben, ask.SayTo, text="and me", to=UserName.parse("ada"))
    for item in (1, 2):
        await do(ada, ask.Settle, item=item, approve=True)
    replies = [one for one in ada.shown("Lab") if isinstance(one, Said) and one.by == "ben"]
    assert [one.reply_to for one in replies] == [asked, asked]
    assert [one.quote and one.quote.text for one in replies] == ["who is there?"] * 2
    assert await do(ben, ask.Say, text="?", reply_to=1) == ["error bad-message"]


@pytest.mark.parametrize("nonce", [None, "1"])
@pytest.mark.parametrize("saved", [1, 2])
async def test_a_crash_between_the_two_logs_says_it_once(
    chat: Chat, nonce: str | None, saved: int
) -> None:
    ada, ben = await held(chat)
    await do(ben, ask.Say, text="hello", nonce=nonce)
    ada.send(ask.Settle(room=LAB, item=1, approve=True))
    for _ in range(saved):  # the text; who has said it is trusted
        await chat.quiet()
        chat.commit()
    await chat.crash()
    assert texts(chat) == ["hello"]
    async with chatting(disk=chat.log.disk) as later:
        ada = await log_in(later, "ada", "Lab")
        assert await waiting(ada) == ["1 held by ben: hello"]
        assert (await do(ada, ask.Settle, item=1, approve=True))[-1] == "done"
        assert await waiting(ada) == []
        assert texts(later) == ["hello"]
        assert len(later.hub.rooms["lab"].state.facts.trusted) == 1


@pytest.mark.parametrize("refused", [1, 2, 3])
async def test_a_log_that_fails_leaves_it_waiting(chat: Chat, refused: int) -> None:
    ada, ben = await held(chat)
    await do(ben, ask.Say, text="hello")
    ada.send(ask.Settle(room=LAB, item=1, approve=True))
    for _ in range(refused - 1):
        await chat.quiet()
        chat.commit()
    await chat.quiet()
    chat.log.fail_next(1)
    await settle(chat)
    assert ada.news()[-1] == "error log-unavailable"
    assert await waiting(ada) == ["1 held by ben: hello"]
    assert (await do(ada, ask.Settle, item=1, approve=True))[-1] == "done"
    assert texts(chat) == ["hello"]


async def test_who_may_not_speak_by_now_says_nothing(chat: Chat) -> None:
    ada, ben = await held(chat)
    await do(ben, ask.Say, text="hello")
    await do(ada, ask.Mute, user="ben")
    assert await do(ada, ask.Settle, item=1, approve=True) == ["error not-allowed"]
    assert texts(chat) == []
    assert (await do(ada, ask.Settle, item=1))[-1] == "done"


async def test_what_a_renamed_account_has_said_is_theirs(chat: Chat) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben", "Lab")
    await do(ada, ask.SetRules, newcomers=Newcomers.HELD)
    await do(ben, ask.Say, text="hello")
    await do(ben, ask.Rename, user="Benny")
    await do(ada, ask.Settle, item=1, approve=True)
    said = ada.shown("Lab")[-2]
    assert (said.by, said.by_id) == ("Benny", ben.session.user.id if ben.session.user else None)


# Knocks


async def test_who_knocks_is_let_in(chat: Chat) -> None:
    ada, eve = await account(chat, "ada", "Lab"), await account(chat, "eve")
    await private(chat, ada)
    assert await do(eve, ask.Knock, text="let me in") == ["done"]
    assert await waiting(ada) == ["1 knock by eve: let me in"]
    await do(ada, ask.Settle, item=1, approve=True)
    assert eve.news() == ["ada invites to Lab"]
    assert (await do(eve, ask.Join))[0].startswith("joined Lab")


@pytest.mark.parametrize("own", [queue_of(LAB), NOWHERE, DIRECTORY])
def test_nobody_gives_a_room_the_name_of_a_log_of_the_server(own: RoomName) -> None:
    assert own.key.startswith(OWN_KEYS)
    for name in (own.replace("/", "／"), "#" + own.replace("/", "／")):  # wide ones fold to these
        with pytest.raises(InvalidName):
            RoomName.parse(name)


async def test_who_is_turned_down_hears_nothing(chat: Chat) -> None:
    ada, eve = await account(chat, "ada", "Lab"), await account(chat, "eve")
    await private(chat, ada)
    await do(eve, ask.Knock)
    await do(ada, ask.Settle, item=1)
    assert eve.news() == []
    assert await do(eve, ask.Join) == ["error no-such-room"]
    assert await do(eve, ask.Knock) == ["done"]  # within the hour it is the same
    assert await waiting(ada) == []
    chat.pass_time(3601)
    assert await do(eve, ask.Knock) == ["done"]
    assert await waiting(ada) == ["3 knock by eve: "]


async def test_knocking_twice_is_one_item(chat: Chat) -> None:
    ada, eve = await account(chat, "ada", "Lab"), await account(chat, "eve")
    await private(chat, ada)
    await do(eve, ask.Knock)
    chat.pass_time(3601)
    await do(eve, ask.Knock, text="please")
    assert await waiting(ada) == ["1 knock by eve: "]


async def test_an_approved_knock_is_one_invitation_over_a_crash(chat: Chat) -> None:
    ada, eve = await account(chat, "ada", "Lab"), await account(chat, "eve")
    await private(chat, ada)
    await do(eve, ask.Knock)
    ada.send(ask.Settle(room=LAB, item=1, approve=True))
    await chat.quiet()
    chat.commit()
    await chat.crash()
    async with chatting(disk=chat.log.disk) as later:
        ada = await log_in(later, "ada", "Lab")
        assert (await do(ada, ask.Settle, item=1, approve=True))[-1] == "done"
        kinds = [type(one).__name__ for one in later.log.disk.events["lab"]]
        assert kinds.count("Invited") == 1


async def test_an_account_that_is_closed_knocks_no_more(chat: Chat) -> None:
    ada, eve = await account(chat, "ada", "Lab"), await account(chat, "eve")
    await private(chat, ada)
    await do(eve, ask.Knock)
    await do(eve, ask.CloseAccount, password="correct horse battery")
    assert await waiting(ada) == []
    assert (await do(ada, ask.Settle, item=1, approve=True))[-1] == "error bad-message"


async def test_guests_do_not_knock(chat: Chat) -> None:
    ada = await account(chat, "ada", "Lab")
    await private(chat, ada)
    guest = chat.enter("guest")
    for room in ("Lab", "Missing"):
        assert await do(guest, ask.Knock, room) == ["error need-account"]
    assert await waiting(ada) == []


@pytest.mark.parametrize(
    "room", ["Lab", "Missing", "Hall", "Gone", "Old", "Mine", "/server", "Full", "Asked"]
)
async def test_knocking_tells_nobody_what_is_there(chat: Chat, room: str) -> None:
    ada = await account(chat, "ada", "Lab", "Hall", "Gone", "Old", "Mine", "Full", "Asked")
    eve = await account(chat, "eve", "Mine")
    for name in ("Lab", "Gone", "Old", "Mine", "Full", "Asked"):
        await do(ada, ask.SetRules, name, access=RoomAccess.MEMBERS)
    await do(ada, ask.Ban, "Gone", user="eve")
    await do(ada, ask.SetRules, "Old", archived=True)
    await do(ada, ask.Invite, "Asked", user="eve")
    for number in range(MAX_QUEUED if room == "Full" else 0):
        other = await account(chat, f"other{number}")
        await do(other, ask.Knock, room)
    eve.news()
    before = len(chat.log.disk.order)
    eve.send(ask.Knock(room=RoomName.parse(room), text="let me in"))
    await chat.quiet()
    assert eve.news() == []
    assert chat.log.waiting == 1
    chat.commit()
    await chat.quiet()
    assert eve.news() == ["done"]
    assert chat.log.waiting == 0
    assert len(chat.log.disk.order) == before + 1
    where = chat.log.disk.order[-1][0]
    assert where == (queue_of(LAB).key if room == "Lab" else NOWHERE.key)
    if room != "Lab":
        nowhere = chat.log.disk.events[NOWHERE.key][-1]
        assert isinstance(nowhere, PutInQueue)
        assert (nowhere.by, nowhere.by_id, nowhere.text) == ("", None, ".........")
    assert await do(eve, ask.Knock, room) == ["done"]
    assert len(chat.log.disk.order) == before + 1


async def test_others_knocking_elsewhere_hold_up_no_knock(chat: Chat) -> None:
    """Else the time of an answer would tell whether the room is there."""
    ada, eve = await account(chat, "ada", "Lab"), await account(chat, "eve")
    ben, other = await account(chat, "ben"), await account(chat, "other")
    await private(chat, ada)
    other.send(ask.Knock(room=RoomName.parse("Elsewhere")))
    await chat.quiet()
    assert chat.log.waiting == 1
    eve.send(ask.Knock(room=RoomName.parse("Lab")))
    await chat.quiet()
    assert chat.log.waiting == 2
    ben.send(ask.Knock(room=RoomName.parse("Missing")))
    await chat.quiet()
    assert chat.log.waiting == 3
    await settle(chat)
    assert (eve.news(), ben.news()) == (["done"], ["done"])


async def test_a_knock_that_is_not_saved_can_be_repeated_at_once(chat: Chat) -> None:
    ada, eve = await account(chat, "ada", "Lab"), await account(chat, "eve")
    await private(chat, ada)
    for room in ("Lab", "Missing"):
        eve.send(ask.Knock(room=RoomName.parse(room)))
        await chat.quiet()
        chat.log.fail_next(1)
        await settle(chat)
        assert eve.news() == ["error log-unavailable"]
        assert await do(eve, ask.Knock, room) == ["done"]
    assert len(await waiting(ada)) == 1
