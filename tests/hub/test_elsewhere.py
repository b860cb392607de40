"""What does not last is told at every server: who is writing, who is here, how far one has read."""

from __future__ import annotations

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.rules import RoomAccess, Status
from hubbub.hub.elsewhere import FIRST_SECONDS, LATE_SECONDS, MOST_USERS, REFRESH_SECONDS
from hubbub.hub.hub import TICK_SECONDS
from hubbub.hub.ports import Attending, HasRead, KeepMarkers, Missed, Typed
from tests.hub.chat import Chat, Person
from tests.hub.members import log_in, private_room, register, settle
from tests.hub.test_two_hubs import Pair, pair, tell

GENERAL, LAB = RoomName.parse("General"), RoomName.parse("Lab")


def pass_time(both: Pair, seconds: float = 2 * TICK_SECONDS) -> None:
    """Time passes at both, tick by tick, and what each tells is heard by the other."""
    for _ in range(round(seconds / TICK_SECONDS)):
        for chat in (both.one, both.other):
            chat.pass_time(TICK_SECONDS)
        hear(both)


def hear(both: Pair) -> None:
    for end in both.ends:
        end.hear()
        end.arrived.clear()


def away(person: Person) -> list[str]:
    """Who is away in the lab, as the server tells it."""
    person.send(ask.Who(room=LAB))
    return list(person.last(told.Members).away)


async def lab(both: Pair) -> tuple[Person, Person]:
    """Ada at one and ben at the other, in a private room."""
    ada = await register(both.one, "ada")
    await tell(both)
    ben = await register(both.other, "ben")
    await tell(both)
    ada.join("Lab")
    await settle(both.one)
    ada.send(ask.SetRules(room=LAB, access=RoomAccess.MEMBERS))
    await settle(both.one)
    ada.send(ask.Invite(room=LAB, user=UserName.parse("ben")))
    await tell(both)
    ben.join("Lab")
    await tell(both)
    pass_time(both)
    for person in (ada, ben):
        person.news()
    return ada, ben


# Typing


async def test_typing_is_told_at_the_other_but_not_to_oneself() -> None:
    async with pair() as both:
        ada = await register(both.one, "ada", "General")
        await tell(both)
        phone, ben = await log_in(both.other, "ada", "General"), both.other.enter("ben", "General")
        hear(both)
        for person in (phone, ben, ada):
            person.news()
        ada.send(ask.Typing(room=GENERAL))
        hear(both)
        assert ben.news() == ["ada is typing in General"]
        assert phone.news() == ada.news() == []


async def test_all_that_type_at_both_are_told_five_times_a_second() -> None:
    async with pair() as both:
        people = [both.one.enter(f"eve{number}", "General") for number in range(20)]
        both.ends[1].hear()
        ben = both.other.enter("ben", "General")
        hear(both)
        ben.news()
        for person in people:
            person.send(ask.Typing(room=GENERAL))
        for number in range(20):
            both.ends[1].arrived.append(Typed("general", f"dan{number}"))
        hear(both)
        assert len(ben.news()) == 5


# Reading


async def test_what_is_read_on_one_device_is_read_on_the_other_at_the_other_server() -> None:
    async with pair() as both:
        ada = await register(both.one, "ada", "General")
        await tell(both)
        phone, ben = await log_in(both.other, "ada", "General"), both.one.enter("ben", "General")
        ben.say("hello, ada").say("are you there?")
        await tell(both)
        assert unread(both.other, phone) == (2, 1)
        both.other.pass_time(10)
        await settle(both.other)
        head = both.one.hub.rooms["general"].head
        for person in (ada, phone):
            person.news()
        ada.read(head)
        await settle(both.one)
        hear(both)
        await settle(both.other)
        assert phone.news() == [f"General read to {head}, unread 0, mentions 0"]
        assert unread(both.other, phone) == (0, 0)
        both.other.pass_time(10)
        saved = [one for one in both.other.log.queued if isinstance(one, KeepMarkers)]
        assert saved == [], "the marker is saved once"


async def test_what_was_read_and_is_not_shown_yet_counts_as_read_when_it_is() -> None:
    async with pair() as both:
        ada = await register(both.one, "ada", "General")
        await tell(both)
        phone, ben = await log_in(both.other, "ada", "General"), both.one.enter("ben", "General")
        await tell(both)
        ben.say("hello")
        both.one.commit()
        head = both.one.hub.rooms["general"].head
        phone.news()
        ada.read(head)
        read = [one for one in both.ends[1].arrived if isinstance(one, HasRead)]
        both.ends[1].arrived[:] = read  # the wake-up is lost
        hear(both)
        assert phone.news() == []
        await both.other.hub.following.look()  # type: ignore[union-attr]
        await settle(both.other)
        pass_time(both)
        await settle(both.other)
        assert phone.news() == ["General 3 ben: hello", "General read to 3, unread 0, mentions 0"]


def unread(chat: Chat, person: Person) -> tuple[int | None, int | None]:
    person.send(ask.Rooms())
    info = next(one for one in person.last(told.RoomList).rooms if one.name == "General")
    return info.unread, info.mentions


# Who is here


async def test_who_is_here_at_the_other_is_here() -> None:
    async with pair() as both:
        ada, ben = await lab(both)
        assert away(ada) == away(ben) == []
        ben.send(ask.Bye())
        await tell(both)
        pass_time(both)
        assert ada.news()[-1] == "ben is gone in Lab"
        assert away(ada) == ["ben"]
        await log_in(both.other, "ben", "Lab")
        await tell(both)
        pass_time(both)
        assert ada.news()[-1] == "ben is here in Lab"
        assert away(ada) == []


async def test_who_is_at_both_is_away_when_gone_from_both() -> None:
    async with pair() as both:
        ada, ben = await lab(both)
        phone = await log_in(both.one, "ben", "Lab")
        await tell(both)
        pass_time(both)
        ada.news()
        ben.send(ask.Bye())
        await tell(both)
        pass_time(both)
        assert "ben is gone in Lab" not in ada.news()
        assert away(ada) == []
        phone.send(ask.Bye())
        await tell(both)
        pass_time(both)
        assert ada.news()[-1] == "ben is gone in Lab"
        assert away(ada) == ["ben"]


async def test_a_lost_word_about_who_is_here_is_made_up_for() -> None:
    async with pair() as both:
        ada, ben = await lab(both)
        ben.send(ask.Bye())
        await tell(both)
        for chat in (both.one, both.other):
            chat.pass_time(TICK_SECONDS)
        both.ends[0].arrived.clear()  # lost
        assert away(ada) == []
        pass_time(both, LATE_SECONDS + REFRESH_SECONDS)
        assert away(ada) == ["ben"], "nobody tells of ben any more"
        again = await log_in(both.other, "ben", "Lab")
        await tell(both)
        both.other.pass_time(TICK_SECONDS)
        both.ends[0].arrived.clear()  # lost
        assert away(ada) == ["ben"]
        pass_time(both, REFRESH_SECONDS)
        assert away(ada) == away(again) == []


async def test_a_server_that_is_not_heard_of_has_nobody_any_more() -> None:
    async with pair() as both:
        ada, _ = await lab(both)
        for _ in range(round(LATE_SECONDS / TICK_SECONDS) + 1):
            both.one.pass_time(TICK_SECONDS)
        assert ada.news() == ["ben is gone in Lab"]
        assert away(ada) == ["ben"]
        assert both.one.hub.elsewhere is not None
        assert both.one.hub.elsewhere._there == {}


async def test_who_comes_in_and_goes_at_once_is_seen_and_gone() -> None:
    async with pair() as both:
        ada, ben = await lab(both)
        eve = await register(both.other, "eve")
        await tell(both)
        ada.send(ask.Invite(room=LAB, user=UserName.parse("eve")))
        await tell(both)
        ada.news()
        eve.join("Lab")
        await settle(both.other)
        hear(both)
        assert away(ada) == []
        eve.send(ask.Bye())
        await settle(both.other)
        assert away(ben) == ["eve"]
        pass_time(both, FIRST_SECONDS + 1)
        assert ada.news()[-1] == "eve is gone in Lab"
        assert away(ada) == away(ben) == ["eve"]


async def test_a_server_that_hears_itself_believes_nothing_of_it() -> None:
    async with pair() as both:
        ada, ben = await lab(both)
        both.one.pass_time(REFRESH_SECONDS)
        both.one.pass_time(TICK_SECONDS)
        echo = [one for one in both.ends[1].arrived if isinstance(one, Attending)]
        assert {one.room for one in echo} == {"lab", "/server"}
        ada.send(ask.Bye())
        await settle(both.one)
        both.ends[0].arrived += echo
        hear(both)
        pass_time(both)
        assert away(ben) == ["ada"]


async def test_a_crowd_is_told_of_in_parts() -> None:
    async with pair() as both:
        ada, _ = await lab(both)
        crowd = [f"u{number}" for number in range(MOST_USERS + 1)]
        elsewhere = both.one.hub.elsewhere
        assert elsewhere is not None
        for part, users in enumerate((crowd[:MOST_USERS], crowd[MOST_USERS:])):
            elsewhere.heard(Attending("node", "lab", users, part))
        room = both.one.hub.rooms["lab"]
        assert elsewhere.has(room, "u0")
        assert elsewhere.has(room, crowd[-1])
        elsewhere._here = lambda room: iter(crowd)  # type: ignore[method-assign]
        both.ends[1].arrived.clear()
        elsewhere.changed(room)
        elsewhere.tick(0.0)
        said = [one for one in both.ends[1].arrived if isinstance(one, Attending)]
        assert [(one.part, len(one.users)) for one in said if one.room == "lab"] == [
            (0, MOST_USERS),
            (1, 1),
        ]
        assert away(ada) == []


async def test_a_status_is_told_where_one_is_at_the_other_server() -> None:
    async with pair() as both:
        ada = await register(both.one, "ada", "General")
        await tell(both)
        ben = both.other.enter("ben", "General")
        hear(both)
        ben.news()
        ada.send(ask.SetProfile(status=Status.AWAY, note="lunch"))
        await tell(both)
        pass_time(both)
        assert ben.news() == ["ada is away in General"]
        assert ben.last(told.Presence).note == "lunch"


async def test_an_account_that_is_connected_to_the_other_is_here() -> None:
    async with pair() as both:
        ada = await register(both.one, "ada")
        await tell(both)
        ben = both.other.enter("ben")
        ben.send(ask.Whois(user=UserName.parse("ada")))
        await settle(both.other)
        assert ben.news() == ["ada is gone"]
        pass_time(both, REFRESH_SECONDS)
        ben.send(ask.Whois(user=UserName.parse("ada")))
        await settle(both.other)
        assert ben.news() == ["ada is here"]
        ada.send(ask.Bye())
        await settle(both.one)
        pass_time(both, 2 * REFRESH_SECONDS)
        ben.send(ask.Whois(user=UserName.parse("ada")))
        await settle(both.other)
        assert ben.news() == ["ada is gone"]


async def test_an_invitation_is_told_at_the_other() -> None:
    async with pair() as both:
        ada = await register(both.one, "ada")
        ben = await register(both.other, "ben")
        await tell(both)
        await private_room(both.one, ada, "Lab")
        await tell(both)
        ada.send(ask.Invite(room=LAB, user=UserName.parse("ben")))
        await tell(both)
        assert ben.news() == ["ada invites to Lab"]


# The log is asked


async def test_a_look_asks_for_what_has_grown_only() -> None:
    async with pair() as both:
        ada = both.one.enter("ada", "General")
        following = both.other.hub.following
        assert following is not None
        asked: list[str | None] = []
        heads = both.other.log.heads

        async def counting(since: str | None = None) -> object:
            asked.append(since)
            found = await heads(since)
            asked.append(",".join(key for key, _ in found.heads.values()))
            return found

        both.other.log.heads = counting  # type: ignore[assignment, method-assign]
        await following.look()
        ada.say("hello")
        both.one.commit()
        await following.look()
        await following.look()
        assert asked == [None, "general", "1", "general", "2", ""]
        await both.other.quiet()
        assert both.other.hub.rooms["general"].head == 2


async def test_what_the_bus_has_lost_is_looked_for_at_once() -> None:
    async with pair() as both:
        both.one.enter("ada", "General")
        following = both.other.hub.following
        assert following is not None
        both.ends[1].arrived[:] = [Missed()]
        both.ends[1].hear()
        assert following._missed.is_set()
