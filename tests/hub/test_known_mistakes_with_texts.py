"""Mistakes with texts that change which other chat programs were known for, tried here.

Each names the reports it comes from. Those that show in a client are in files of this name there.
"""

from __future__ import annotations

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.events import Said
from hubbub.domain.names import RoomName
from hubbub.hub.access import ANYBODY
from tests.hub.chat import Chat, Person
from tests.hub.people import account, do, log_in

LAB = RoomName.parse("Lab")


async def lab(chat: Chat) -> tuple[Person, Person]:
    """Ada owns the Lab, in which ben is; what was said so far is read."""
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben", "Lab")
    await do(ada, ask.Read, seq=chat.hub.rooms["lab"].head)
    await do(ben, ask.Read, seq=chat.hub.rooms["lab"].head)
    return ada, ben


def newest(chat: Chat) -> int:
    return chat.hub.rooms["lab"].head


async def unread(person: Person) -> tuple[int | None, int | None]:
    """How many texts of the Lab somebody has not read, and how many of them mention them."""
    await do(person, ask.Rooms)
    (info,) = [one for one in person.last(told.RoomList).rooms if one.name == "Lab"]
    return info.unread, info.mentions


async def lines(chat: Chat) -> list[Said]:
    page = await chat.hub.timeline(ANYBODY, LAB)
    return [event for event in page.events if isinstance(event, Said)]


# What is unread


@pytest.mark.parametrize("asked", [False, True])
@pytest.mark.parametrize("forgotten", [False, True])
@pytest.mark.parametrize("change", ["edit", "redact"])
async def test_a_badge_leads_to_no_mention_that_is_there_no_more(
    chat: Chat, change: str, asked: bool, forgotten: bool
) -> None:
    """nextcloud/spreed#13286, GetStream/stream-chat-js#1045, zulip/zulip#14544."""
    ada, ben = await lab(chat)
    await do(ben, ask.Say, text="ada, look")
    target = newest(chat)
    await do(ben, ask.Say, text="ada, again")
    if asked:
        assert await unread(ada) == (2, 2)
    if change == "edit":
        await do(ben, ask.Edit, target=target, text="never mind")
    else:
        await do(ben, ask.Redact, target=target)
    if forgotten:
        chat.hub.rooms["lab"].forget()
    assert (await unread(ada))[1] == 1
    await do(ben, ask.Redact, target=target + 1)
    assert (await unread(ada))[1] == 0


async def test_a_reaction_makes_nothing_unread_and_ends_no_reading(chat: Chat) -> None:
    """SableClient/Sable#216, nextcloud/spreed#9134; and nextcloud/spreed#8038: the end is read."""
    ada, ben = await lab(chat)
    await do(ben, ask.Say, text="hello")
    target = newest(chat)
    await do(ada, ask.Read, seq=target)
    for emoji in ("👍", "❤️"):
        await do(ben, ask.React, target=target, emoji=emoji)
        assert await unread(ada) == (0, 0)
    await do(ada, ask.Read, seq=newest(chat))
    assert (ada.last(told.ReadUpTo).seq, await unread(ada)) == (newest(chat), (0, 0))
    phone = await log_in(chat, "ada", "Lab")
    assert phone.last(told.RoomJoined).read == newest(chat)


# Reactions


@pytest.mark.parametrize(
    "one, same",
    [
        ("\N{THUMBS UP SIGN}", "\N{THUMBS UP SIGN}\N{VARIATION SELECTOR-16}"),
        ("\N{HEAVY BLACK HEART}\N{VARIATION SELECTOR-16}", "\N{HEAVY BLACK HEART}"),
    ],
)
async def test_one_emoji_in_two_spellings_is_one_reaction(chat: Chat, one: str, same: str) -> None:
    """element-hq/element-web#23752 and #27331."""
    ada, ben = await lab(chat)
    await do(ben, ask.Say, text="hello")
    target = newest(chat)
    await do(ada, ask.React, target=target, emoji=one)
    await do(ben, ask.React, target=target, emoji=same)
    (said,) = await lines(chat)
    assert [(here.emoji, here.users) for here in said.reactions] == [(one, ["ada", "ben"])]
    await do(ada, ask.React, target=target, emoji=same, on=False)
    (said,) = await lines(chat)
    assert [here.users for here in said.reactions] == [["ben"]]


async def test_hands_of_two_colours_are_two_reactions(chat: Chat) -> None:
    """Team-Commonly/commonly#744, whose check of emoji refused all that have several parts."""
    ada, ben = await lab(chat)
    await do(ben, ask.Say, text="hello")
    hands = ["👍", "👍🏽", "👍🏿", "👩‍👩‍👧", "🏳️‍🌈", "1️⃣", "🇨🇭"]
    target = newest(chat)
    for emoji in hands:
        await do(ada, ask.React, target=target, emoji=emoji)
    (said,) = await lines(chat)
    assert [here.emoji for here in said.reactions] == hands


# What was taken back


async def test_what_was_pinned_and_is_taken_back_is_pinned_no_more(chat: Chat) -> None:
    """RocketChat/Rocket.Chat#2384, open-chat-labs/open-chat#1470: its author may not unpin it."""
    ada, ben = await lab(chat)
    await do(ben, ask.Say, text="the word is xyzzy")
    target = newest(chat)
    await do(ada, ask.Pin, target=target)
    await do(ben, ask.Redact, target=target)
    for person in (ada, ben):
        await do(person, ask.Pins)
        assert list(person.last(told.Messages).events) == []
    phone = await log_in(chat, "ada", "Lab")
    standing = phone.last(told.RoomJoined).standing
    assert standing is not None
    assert list(standing.pins) == []


async def test_nothing_that_quotes_a_text_keeps_it_when_that_is_taken_back(chat: Chat) -> None:
    """RocketChat/Rocket.Chat#18031 and #30483 (the line of the pin), status-im/status-legacy#14510
    (a pinned answer), element-hq/element-x-ios#1021, simplex-chat/simplex-chat#3476.
    """
    ada, ben = await lab(chat)
    await do(ben, ask.Say, text="the word is xyzzy")
    target = newest(chat)
    await do(ada, ask.Pin, target=target)
    await do(ada, ask.Say, text="what?", reply_to=target)
    answer = newest(chat)
    await do(ada, ask.Pin, target=answer)
    await do(ben, ask.React, target=target, emoji="👍")
    await do(ben, ask.Redact, target=target)
    await do(ben, ask.Say, text="an answer to what is gone", reply_to=target)
    ada.news()
    for forgotten in (False, True):
        if forgotten:
            chat.hub.rooms["lab"].forget()
        for command in (ask.History, ask.Pins):
            await do(ada, command)
        await do(ada, ask.Conversation, target=target)
        assert await do(ada, ask.Versions, target=target) == ["error bad-message"]
        heard = [*ada.last(told.Page).events, *ada.last(told.Messages).events]
        assert answer in {event.seq for event in heard}
        assert "xyzzy" not in repr(heard)
    phone = await log_in(chat, "ada")
    await do(phone, ask.Join, after=0)
    assert answer in {event.seq for event in phone.shown("Lab")}
    assert "xyzzy" not in repr(phone.received)
    assert "xyzzy" not in repr(chat.log.disk)


async def test_a_search_finds_what_is_said_now_and_nothing_that_was_said_before(
    chat: Chat,
) -> None:
    """wireapp/wire-webapp#6611, freedomofpress/securedrop-client#3354."""
    ada, ben = await lab(chat)
    await do(ben, ask.Say, text="the word is xyzzy")
    target = newest(chat)

    async def found(word: str) -> list[int]:
        await do(ada, ask.Search, query=word)
        return [result.seq for result in ada.last(told.Found).results]

    assert await found("xyzzy") == [target]
    await do(ben, ask.Edit, target=target, text="the word is plugh")
    assert (await found("xyzzy"), await found("plugh")) == ([], [target])
    await do(ada, ask.Redact, target=target)
    assert (await found("plugh"), await found("word")) == ([], [])


async def test_who_corrects_twice_corrects_the_same_message(chat: Chat) -> None:
    """profanity-im/profanity#2180: the second correction went to the first one, and was lost."""
    ada, ben = await lab(chat)
    await do(ben, ask.Say, text="tea at fuor")
    await do(ben, ask.Edit, text="tea at fouur")
    await do(ada, ask.Say, text="what?")  # deltachat/deltachat-desktop#5713: not that of others
    await do(ben, ask.Edit, text="tea at four")
    assert [said.text for said in await lines(chat)] == ["tea at four", "what?"]
