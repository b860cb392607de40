"""People edit what they said, take it back, react to it and pin it; who may, and who is told."""

from __future__ import annotations

import asyncio

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import forms
from hubbub.domain import replies as told
from hubbub.domain.events import Reacted, Said
from hubbub.domain.names import RoomName
from hubbub.domain.rules import HistoryFor, Newcomers
from hubbub.hub.access import ANYBODY
from hubbub.hub.settings import HubSettings
from tests.hub.chat import Chat, Person, chatting
from tests.hub.people import account, do, log_in, settle

LAB = RoomName.parse("Lab")


async def lab(chat: Chat) -> tuple[Person, Person]:
    """Ada owns the Lab; ben has said "hello" there, as event 3."""
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben", "Lab")
    await do(ben, ask.Say, text="hello")
    ada.news()
    return ada, ben


async def lines(chat: Chat, room: RoomName = LAB) -> list[Said]:
    page = await chat.hub.timeline(ANYBODY, room)
    return [event for event in page.events if isinstance(event, Said)]


async def message(chat: Chat, seq: int = 3) -> Said:
    """The message as it is now; the same from memory as from the log."""
    (said,) = [one for one in await lines(chat) if one.seq == seq]
    chat.hub.rooms["lab"].forget()
    assert [one for one in await lines(chat) if one.seq == seq] == [said]
    return said


def errors(person: Person) -> list[str]:
    return [one.message for one in person.all(told.Refused)]


# Edits


async def test_who_has_said_something_changes_it_and_all_see_it(chat: Chat) -> None:
    ada, ben = await lab(chat)
    assert await do(ben, ask.Edit, target=3, text="hello all", nonce="n") == [
        "Lab 4 ben edits 3: hello all",
        "ack Lab 4 n",
    ]
    assert ada.news() == ["Lab 4 ben edits 3: hello all"]
    said = await message(chat)
    assert (said.text, said.rev, said.edited_at) == ("hello all", 4, chat.hub.clock() + 3)


async def test_nobody_puts_words_into_the_mouths_of_others(chat: Chat) -> None:
    ada, _ = await lab(chat)
    assert await do(ada, ask.Edit, target=3, text="I am a fool") == ["error not-allowed"]
    assert await do(ada, ask.Edit, user="ben", text="I am a fool") == ["error not-allowed"]
    assert (await message(chat)).text == "hello"


async def test_who_has_a_name_now_does_not_own_what_was_said_under_it(chat: Chat) -> None:
    await lab(chat)
    chat.enter("cleo", "Lab").say("mine", "Lab").bye()
    await settle(chat)
    said = chat.story("Lab").index("5 cleo: mine") + 1
    chat.pass_time(10_000)
    other = chat.enter("cleo", "Lab")
    assert await do(other, ask.Edit, target=said, text="yours") == ["error not-allowed"]
    assert await do(other, ask.Redact, user="cleo") == ["error not-allowed"]
    assert await do(other, ask.Redact) == ["error bad-message"]


async def test_without_a_number_it_is_ones_own_newest_message(chat: Chat) -> None:
    ada, ben = await lab(chat)
    await do(ada, ask.Say, text="welcome")
    assert (await do(ben, ask.Edit, text="hi"))[0] == "Lab 5 ben edits 3: hi"
    assert (await do(ben, ask.Redact))[0] == "Lab 6 ben takes back 3"
    assert await do(ben, ask.Redact) == ["error bad-message"]
    assert errors(ben)[-1] == "You have not said anything in Lab lately. Nothing was done."


async def test_what_is_said_right_before_it_is_the_newest(chat: Chat) -> None:
    _, ben = await lab(chat)
    ben.say("second", "Lab")
    ben.send(ask.Edit(room=LAB, text="the second"), ask.Redact(room=LAB))
    await settle(chat)
    assert ben.story("Lab")[-3:] == [
        "4 ben: second",
        "5 ben edits 4: the second",
        "6 ben takes back 4",
    ]


async def test_an_edit_may_say_what_a_message_may_say(chat: Chat) -> None:
    ada, ben = await lab(chat)
    for text in ("", "   ", "x" * 4001, "\0"):
        (refusal,) = await do(ben, ask.Edit, target=3, text=text)
        assert refusal.startswith("error ")
    assert await do(ben, ask.Edit, target=3, text="hello") == ["error bad-message"]
    await do(ada, ask.SetFilter, pattern="spam*")
    assert await do(ben, ask.Edit, target=3, text="spammy") == ["error filtered"]
    assert (await message(chat)).rev is None


async def test_newcomers_edit_as_newcomers_speak(chat: Chat) -> None:
    ada, ben = await lab(chat)
    await do(ada, ask.SetRules, newcomers=Newcomers.CAREFUL)
    link = await do(ben, ask.Edit, target=3, text="see https://example.org")
    assert link == ["error not-allowed"]
    assert (await do(ben, ask.Edit, target=3, text="see there"))[0].endswith("see there")
    await do(ada, ask.SetRules, newcomers=Newcomers.HELD)
    assert await do(ben, ask.Edit, target=3, text="buy this") == ["error not-allowed"]
    assert (await do(ben, ask.Redact, target=3))[0].endswith("takes back 3")


async def test_slow_mode_does_not_count_edits(chat: Chat) -> None:
    ada, ben = await lab(chat)
    await do(ada, ask.SetRules, slow=60)
    await do(ben, ask.Say, text="slowly")
    for text in ("one", "two"):
        assert (await do(ben, ask.Edit, target=3, text=text))[0].endswith(text)
    assert await do(ben, ask.Say, text="too fast") == ["error rate-limited"]


async def test_for_how_long_messages_can_be_changed_is_a_setting() -> None:
    async with chatting(HubSettings(rate_limit=0, edit_seconds=900)) as chat:
        _, ben = await lab(chat)
        chat.seconds += 900
        assert (await do(ben, ask.Edit, target=3, text="in time", nonce="1"))[0].endswith("in time")
        chat.seconds += 1
        assert await do(ben, ask.Edit, target=3, text="late", nonce="2") == ["error not-allowed 2"]
        assert errors(ben)[-1] == "Messages can be changed for 15 minutes here, not longer."
        assert (await do(ben, ask.Edit, target=3, text="in time", nonce="1"))[0] == "ack Lab 4 1"
        assert (await do(ben, ask.Redact, target=3))[0].endswith("takes back 3")


async def test_who_may_not_speak_edits_nothing_and_takes_back_their_own(chat: Chat) -> None:
    ada, ben = await lab(chat)
    await do(ben, ask.Say, text="second")
    await do(ada, ask.Mute, user="ben")
    assert await do(ben, ask.Edit, target=3, text="hi") == ["error not-allowed"]
    assert await do(ben, ask.React, target=3, emoji="👍") == ["error not-allowed"]
    assert (await do(ben, ask.Redact, target=3))[0].endswith("takes back 3")
    await do(ada, ask.SetRules, archived=True)
    assert (await do(ben, ask.Redact))[0].endswith("takes back 4")


# Taking back


async def test_what_is_taken_back_is_gone_from_memory_quotes_and_log(chat: Chat) -> None:
    ada, ben = await lab(chat)
    await do(ada, ask.Say, text="why?", reply_to=3)
    await do(ben, ask.Edit, target=3, text="hello hello")
    await do(ada, ask.React, target=3, emoji="👍")
    await do(ben, ask.Redact, target=3)
    said = await message(chat)
    assert (said.text, said.reactions, said.edited_at, said.rev) == ("", (), None, 7)
    assert said.redacted is not None
    assert said.redacted.by == "ben"
    eve = await account(chat, "eve")
    eve.join("Lab", after=0)
    await settle(chat)
    await do(eve, ask.History, limit=50)
    assert "hello" not in str(eve.received)
    assert "hello" not in str(chat.hub.rooms["lab"].tail._events)


async def test_a_moderator_takes_back_what_anybody_said_and_the_audit_tells_it(chat: Chat) -> None:
    ada, ben = await lab(chat)
    await do(ada, ask.Say, text="oops")
    assert await do(ben, ask.Redact, user="ada") == ["error not-allowed"]
    await do(ada, ask.Redact)
    await do(ada, ask.Redact, user="ben")
    await do(ada, ask.Audit)
    audited = [word for word in map(str, ada.last(told.Page).events) if "Redacted" in word]
    assert len(audited) == 1
    assert "author='ben'" in audited[0]


async def test_what_was_taken_back_cannot_be_changed_any_more(chat: Chat) -> None:
    ada, ben = await lab(chat)
    await do(ben, ask.Redact, target=3)
    for kind, fields in (
        (ask.Edit, {"text": "again"}),
        (ask.Redact, {}),
        (ask.React, {"emoji": "👍"}),
        (ask.Pin, {}),
        (ask.Versions, {}),
        (ask.Report, {}),
    ):
        given = {**fields, ("seq" if kind is ask.Report else "target"): 3}
        who = ben if kind is ask.Edit else ada
        for forgotten in (False, True):
            if forgotten:
                chat.hub.rooms["lab"].forget()
            assert await do(who, kind, "Lab", **given) == ["error bad-message"], kind


async def test_the_newest_message_is_one_that_is_there_yet(chat: Chat) -> None:
    ada, ben = await lab(chat)
    await do(ben, ask.Say, text="second")
    await do(ben, ask.Redact)
    for on in (True, False):
        if not on:
            chat.hub.rooms["lab"].forget()
        assert "👍 3" in str(await do(ada, ask.React, emoji="👍", on=on))
        assert "👎 3" in str(await do(ada, ask.React, emoji="👎", user="ben", on=on))


async def test_a_report_goes_with_what_it_is_about(chat: Chat) -> None:
    ada, ben = await lab(chat)
    await account(chat, "eve", "Lab")
    await do(await log_in(chat, "eve"), ask.Report, seq=3, reason="rude")
    await do(ada, ask.Queue)
    assert ada.last(told.QueueList).items[0].text == "hello"
    await do(ben, ask.Redact, target=3)
    await settle(chat)
    await do(ada, ask.Queue)
    assert ada.last(told.QueueList).items == []
    queue = chat.hub.rooms["lab"].queue
    assert queue is not None
    assert "hello" not in str(queue.tail._events)


async def test_a_report_that_comes_while_it_is_taken_back_goes_too(chat: Chat) -> None:
    ada, ben = await lab(chat)
    eve = await account(chat, "eve", "Lab")
    ben.send(ask.Redact(room=LAB, target=3))
    eve.send(ask.Report(room=LAB, seq=3))
    await settle(chat)
    await do(ada, ask.Queue)
    assert ada.last(told.QueueList).items == []


async def test_a_report_of_what_was_taken_back_before_a_crash_goes_at_the_start(
    chat: Chat,
) -> None:
    ada, ben = await lab(chat)
    eve = await account(chat, "eve", "Lab")
    await do(eve, ask.Report, seq=3)
    ben.send(ask.Redact(room=LAB, target=3))
    await chat.quiet()
    chat.commit(1)  # and not that it is settled
    async with chatting(disk=chat.log.disk) as again:
        await settle(again)
        ada = await log_in(again, "ada", "Lab")
        await do(ada, ask.Queue)
        assert ada.last(told.QueueList).items == []


# Reactions


async def test_people_react_and_take_it_back(chat: Chat) -> None:
    ada, ben = await lab(chat)
    for person in (ada, ben):
        await do(person, ask.React, target=3, emoji="👍")
    await do(ben, ask.React, emoji=":tada:")
    said = await message(chat)
    assert [(one.emoji, list(one.users)) for one in said.reactions] == [
        ("👍", ["ada", "ben"]),
        ("🎉", ["ben"]),
    ]
    await do(ada, ask.React, target=3, emoji="👍", on=False)
    await do(ben, ask.React, target=3, emoji="🎉", on=False)
    said = await message(chat)
    assert [(one.emoji, list(one.users)) for one in said.reactions] == [("👍", ["ben"])]


@pytest.mark.parametrize("forgotten", [False, True])
async def test_a_reaction_that_changes_nothing_is_refused_and_nobody_hears_it(
    chat: Chat, forgotten: bool
) -> None:
    ada, ben = await lab(chat)
    assert await do(ben, ask.React, target=3, emoji="👍", on=False) == ["error bad-message"]
    assert errors(ben)[-1] == forms.NOT_REACTED
    await do(ben, ask.React, target=3, emoji="👍", nonce="n")
    ada.news()
    if forgotten:
        chat.hub.rooms["lab"].forget()
    assert await do(ben, ask.React, target=3, emoji="👍") == ["error bad-message"]
    assert errors(ben)[-1] == forms.REACTED_ALREADY
    assert await do(ben, ask.React, target=3, emoji="👍", nonce="n") == ["ack Lab 4 n"], "again"
    assert await do(ben, ask.React, target=3, emoji="👎", on=False) == ["error bad-message"]
    assert ada.news() == []


async def test_who_changes_their_mind_before_the_first_is_saved_is_not_refused(
    chat: Chat,
) -> None:
    _, ben = await lab(chat)
    for on in (True, False, True, False, True, True):
        ben.send(ask.React(room=LAB, target=3, emoji="👍", on=on))
    await settle(chat)
    assert errors(ben) == [forms.REACTED_ALREADY]
    assert [list(one.users) for one in (await message(chat)).reactions] == [["ben"]]


async def test_two_devices_that_react_at_the_same_moment_react_once(chat: Chat) -> None:
    ada, ben = await lab(chat)
    other = await log_in(chat, "ben", "Lab")
    for person in (ben, other):
        person.send(ask.React(room=LAB, target=3, emoji="👍"))
    await settle(chat)
    assert errors(ben) + errors(other) == [forms.REACTED_ALREADY]
    assert len([one for one in ada.shown("Lab") if isinstance(one, Reacted)]) == 1


async def test_a_reaction_is_told_with_what_it_is_about_and_how_many_there_are(chat: Chat) -> None:
    ada, ben = await lab(chat)
    await do(ben, ask.React, target=3, emoji="👍")
    await do(ada, ask.React, target=3, emoji="👍")
    (first, second) = [one for one in ada.shown("Lab") if isinstance(one, Reacted)]
    assert (first.quote and first.quote.text, first.count) == ("hello", 1)
    assert (second.quote and second.quote.text, second.count) == ("hello", 2)


@pytest.mark.parametrize("forgotten", [False, True])
async def test_there_is_an_end_to_the_emoji_and_reactions_under_a_message(
    chat: Chat, forgotten: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "MAX_KINDS", 2)
    monkeypatch.setattr(forms, "MAX_REACTIONS", 3)
    ada, ben = await lab(chat)
    for person, emoji in ((ada, "👍"), (ada, "👎")):
        await do(person, ask.React, target=3, emoji=emoji)
    if forgotten:
        chat.hub.rooms["lab"].forget()
    assert await do(ben, ask.React, target=3, emoji="🎉") == ["error too-many"]
    assert "+👍 3" in str(await do(ben, ask.React, target=3, emoji="👍"))
    assert await do(ben, ask.React, target=3, emoji="👎") == ["error too-many"]
    assert "-👍 3" in str(await do(ada, ask.React, target=3, emoji="👍", on=False))
    assert "+👎 3" in str(await do(ben, ask.React, target=3, emoji="👎"))


async def test_only_emoji_are_reacted_with(chat: Chat) -> None:
    ada, _ = await lab(chat)
    for emoji in ("", "nothing", "👍👍", "<script>"):
        assert await do(ada, ask.React, target=3, emoji=emoji) == ["error bad-message"]


# Pins


async def test_a_moderator_pins_and_unpins_and_all_hear_it(chat: Chat) -> None:
    ada, ben = await lab(chat)
    assert await do(ben, ask.Pin, target=3) == ["error not-allowed"]
    await do(ada, ask.Say, text="second")
    await do(ada, ask.Pin, target=3)
    await do(ada, ask.Pin)
    assert await do(ada, ask.Pin, target=3) == ["error bad-message"]
    await do(ben, ask.Pins)
    found = ben.last(told.Messages)
    assert [event.seq for event in found.events] == [4, 3]
    eve = await account(chat, "eve", "Lab")
    standing = eve.last(told.RoomJoined).standing
    assert standing is not None
    assert standing.pins == (3, 4)
    assert "unpins 4" in str(await do(ada, ask.Pin, on=False))
    await do(ben, ask.Redact, target=3)
    await do(eve, ask.Pins)
    assert eve.last(told.Messages).events == []
    assert await do(ada, ask.Pin, on=False) == ["error bad-message"]


async def test_in_a_direct_conversation_both_pin_and_take_back_their_own(chat: Chat) -> None:
    ada, ben = await account(chat, "ada"), await account(chat, "ben")
    await do(ada, ask.Direct, users=("ben",))
    room = ada.last(told.DirectRoom).room
    for person in (ada, ben):
        person.join(room)
        await settle(chat)
    await do(ada, ask.Say, room, text="hi")
    assert "pins" in str(await do(ben, ask.Pin, room))
    assert "unpins" in str(await do(ada, ask.Pin, room, on=False))
    assert await do(ben, ask.Redact, room, user="ada") == ["error not-allowed"]
    assert "takes back" in str(await do(ada, ask.Redact, room))


# Passages


async def test_former_versions_are_for_the_author_and_for_moderators(chat: Chat) -> None:
    ada, ben = await lab(chat)
    for text in ("hello you", "hello all"):
        chat.seconds += 1
        await do(ben, ask.Edit, target=3, text=text)
    eve = await account(chat, "eve", "Lab")
    assert await do(eve, ask.Versions, target=3) == ["error not-allowed"]
    for person in (ada, ben):
        await do(person, ask.Versions, target=3)
        found = person.last(told.VersionList).versions
        assert [one.text for one in found] == ["hello", "hello you", "hello all"]
        assert found[2].at - found[1].at == 1000
    assert await do(ada, ask.Versions, target=1) == ["error bad-message"]
    assert await do(ada, ask.Versions, target=99) == ["error bad-message"]


async def test_who_reads_what_happened_meanwhile_reads_no_former_version(chat: Chat) -> None:
    _, ben = await lab(chat)
    for text in ("secret", "public"):
        await do(ben, ask.Edit, target=3, text=text)
    for forgotten in (False, True):
        if forgotten:
            chat.hub.rooms["lab"].forget()
        eve = await account(chat, f"eve{forgotten}")
        eve.join("Lab", after=0)
        await settle(chat)
        assert "public" in str(eve.story("Lab"))
        assert "secret" not in str(eve.received)
        assert "hello" not in str(eve.received)


async def test_a_conversation_is_all_that_is_joined_by_answers(chat: Chat) -> None:
    ada, ben = await lab(chat)
    await do(ada, ask.Say, text="besides")  # 4
    await do(ada, ask.Say, text="how are you?", reply_to=3)  # 5
    await do(ben, ask.Say, text="fine", reply_to=5)  # 6
    await do(ben, ask.Say, text="hello again", reply_to=3)  # 7
    await do(ben, ask.Edit, target=6, text="very fine")
    for target in (3, 5, 6, 7):
        await do(ada, ask.Conversation, target=target)
        found = ada.last(told.Messages)
        assert [event.seq for event in found.events] == [3, 5, 6, 7]
        assert [getattr(event, "text", "") for event in found.events][2] == "very fine"
        assert not found.more
    assert await do(ada, ask.Conversation, target=1) == ["error bad-message"]
    assert await do(ada, ask.Conversation, target=99) == ["error bad-message"]


async def test_memory_and_log_count_answers_alike(chat: Chat) -> None:
    ada, _ = await lab(chat)
    for text in ("one", "two", "three"):
        await do(ada, ask.Say, text=text, reply_to=3)
    await do(ada, ask.Redact)
    assert (await message(chat)).replies == 2


# Who may not read all


async def test_newcomers_with_a_hidden_past_get_nothing_of_what_amends_it(chat: Chat) -> None:
    ada, ben = await lab(chat)
    await do(ada, ask.Pin, target=3)
    await do(ada, ask.SetRules, history=HistoryFor.SINCE)
    eve = await account(chat, "eve", "Lab")
    await do(ben, ask.Say, text="welcome")
    standing = eve.last(told.RoomJoined).standing
    assert standing is not None
    assert standing.pins == ()
    since = len(eve.received)
    await do(ben, ask.Edit, target=3, text="goodbye")
    await do(ada, ask.React, target=3, emoji="👍")
    await do(ada, ask.Pin, target=3, on=False)
    await do(ada, ask.Pin, target=3)
    await do(ben, ask.Say, text="quoted", reply_to=3)
    for kind, fields in (
        (ask.React, {"emoji": "👍"}),
        (ask.Conversation, {}),
        (ask.Versions, {}),
        (ask.Redact, {}),
    ):
        assert await do(eve, kind, target=3, **fields) == ["error bad-message"]
    await do(eve, ask.Pins)
    await do(eve, ask.Conversation, target=ben_last(eve))
    heard = str(eve.received[since:])
    assert "goodbye" not in heard
    assert "hello" not in heard
    assert [event.seq for event in eve.last(told.Messages).events] == [ben_last(eve)]


def ben_last(person: Person) -> int:
    """The number of the newest message that was shown to somebody."""
    return [event.seq for event in person.shown("Lab") if isinstance(event, Said)][-1]


async def test_amendments_make_nothing_unread_and_mention_nobody(chat: Chat) -> None:
    ada, ben = await lab(chat)
    await do(ada, ask.Read, seq=3)
    await do(ben, ask.Say, text="second")
    await do(ben, ask.Edit, target=3, text="ada, look")
    await do(ben, ask.Edit, target=4, text="ada, look here")
    await do(ben, ask.React, target=3, emoji="👍")
    for forgotten in (False, True):
        if forgotten:
            chat.hub.rooms["lab"].forget()
        await do(ada, ask.Rooms)
        (room,) = [one for one in ada.last(told.RoomList).rooms if one.name == "Lab"]
        assert (room.unread, room.mentions) == (1, 0)
    await do(ben, ask.Redact, target=4)
    await do(ada, ask.Rooms)
    (room,) = [one for one in ada.last(told.RoomList).rooms if one.name == "Lab"]
    assert (room.unread, room.mentions) == (1, 0)


async def test_a_closed_account_is_not_named_in_what_it_did_to_messages(chat: Chat) -> None:
    ada, ben = await lab(chat)
    await do(ada, ask.Say, text="mine")
    for target in (3, 4):
        await do(ben, ask.React, target=target, emoji="👍")
    await do(ada, ask.React, target=4, emoji="👍")
    await do(ben, ask.CloseAccount, password="correct horse battery")
    await settle(chat)
    said = await message(chat, 4)
    assert [list(one.users) for one in said.reactions] == [["former member", "ada"]]


async def test_what_is_gone_is_not_amended(chat: Chat) -> None:
    ada, ben = await lab(chat)
    await do(ada, ask.Pin, target=3)
    await do(ada, ask.SetRules, keep_days=1)
    chat.seconds += 2 * 86_400
    await do(ben, ask.Say, text="new")
    task = asyncio.ensure_future(chat.hub.retention.look())
    while not task.done():
        await settle(chat)
    assert chat.hub.rooms["lab"].floor >= 3
    for kind, fields in ((ask.Redact, {}), (ask.React, {"emoji": "👍"}), (ask.Pin, {"on": False})):
        assert await do(ada, kind, target=3, **fields) == ["error bad-message"]
    await do(ada, ask.Pins)
    assert ada.last(told.Messages).events == []
