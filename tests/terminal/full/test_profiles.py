"""What people say of themselves, who is blocked, and former members."""

from __future__ import annotations

from msgspec.structs import replace

from hubbub.client.updates import PresenceChanged, ProfileChanged
from hubbub.domain import commands as ask
from hubbub.domain.events import FORMER_MEMBER, AuthorForgotten, Said
from hubbub.domain.ids import UserId
from hubbub.domain.names import UserName
from hubbub.domain.quotes import quote_of
from hubbub.domain.replies import Person
from hubbub.domain.rules import Profile, Role, RoomAccess, Status
from hubbub.terminal.full.model.person import card
from tests.terminal.full.conftest import Client, Starts
from tests.terminal.full.fake import START, FakeServer
from tests.terminal.full.test_accounts import SECRET
from tests.terminal.full.test_people import pick

NOW = START / 1000 + 3600


def alerts_of(client: Client) -> list[str]:
    written: list[str] = []
    client.app._alerts._write = written.append
    return written


async def noted(client: Client, name: str, mark: str) -> None:
    """Waits until a member has that mark behind the name."""
    await client.until(lambda: [name, mark] in (row.split()[-2:] for row in client.rows()))


# What one says of oneself


async def test_who_is_away_or_busy_is_shown_live_beside_the_names(
    start: Starts, server: FakeServer
) -> None:
    server.passwords["ada"] = SECRET
    server.join("ben")
    server.join("eve")
    server.statuses["General"] = {"eve": Status.BUSY, "nobody": Status.BUSY}
    async with start(password=SECRET) as client:
        await noted(client, "eve", "busy")
        client.chat.tell(PresenceChanged("General", "ben", status=Status.AWAY, note="lunch"))
        await noted(client, "ben", "away")
        client.chat.tell(PresenceChanged("General", "ben"))
        await client.sees_no("away")
        client.chat.tell(PresenceChanged("General", "nobody", status=Status.AWAY))
        client.chat.tell(PresenceChanged("Elsewhere", "ben", status=Status.AWAY))
        await client.send("/away for lunch")
        await client.sees("ada (away) @ example.org")
        await client.sees("You are shown as away. /back ends it.")
        assert server.done == [ask.SetProfile(status=Status.AWAY, note="for lunch")]
        assert set(client.room.statuses) == {"eve", "ben"}
        await client.send("/back")
        await client.sees("ada @ example.org")


async def test_who_is_away_in_a_private_room_is_told_as_it_happens(
    start: Starts, server: FakeServer
) -> None:
    server.join("ben")
    server.stands("General", access=RoomAccess.MEMBERS)
    async with start() as client:
        await client.sees("ONLINE 2")
        client.chat.tell(PresenceChanged("General", "ben", here=False))
        await client.sees("ONLINE 1 of 2")
        client.chat.tell(PresenceChanged("General", "ben"))
        await client.sees_no("ONLINE 1 of 2")


async def test_who_is_busy_is_alerted_of_nothing(start: Starts, server: FakeServer) -> None:
    server.passwords["ada"] = SECRET
    async with start(password=SECRET) as client:
        client.conversation.look(False)
        written = alerts_of(client)
        server.say("ben", "@ada are you there?")
        await client.until(lambda: written)
        await client.send("/busy")
        await client.sees("You are shown as busy, and nothing alerts you.")
        client.conversation.look(False)
        written.clear()
        server.say("ben", "@ada hello?")
        await client.sees("hello?")
        assert written == []
        await client.send("/back")
        await client.sees("You are shown as here.")
        client.conversation.look(False)
        server.say("ben", "@ada and now?")
        await client.until(lambda: written)


async def test_a_line_about_oneself_is_set_shown_and_taken_away(
    start: Starts, server: FakeServer
) -> None:
    server.passwords["ada"] = SECRET
    async with start(password=SECRET) as client:
        await client.send("/about")
        await client.sees("You say nothing about yourself")
        await client.send("/about I make tea")
        await client.sees("Done.")
        await client.send("/about")
        await client.sees("You say about yourself: I make tea")
        await client.send("/about -")
        await client.send("/seen off")
        await client.until(lambda: server.profile.hides_seen)
        await client.sees("Nobody is told any more when you were here last.")
        await client.send("/strangers off")
        await client.sees("Guests write to you alone no more")
        assert server.profile.about == ""


async def test_a_guest_is_told_that_it_needs_an_account(start: Starts, server: FakeServer) -> None:
    async with start() as client:
        await client.send("/away")
        await client.sees("Only who has an account can say that: /register makes one.")


# Who somebody is


async def test_the_menu_of_a_person_has_what_is_known_of_them(
    start: Starts, server: FakeServer
) -> None:
    server.join("ben")
    server.answers[ask.Whois] = Person(
        user="ben", here=True, account=True, registered=START, about="makes tea"
    )
    async with start(size=(80, 24)) as client:
        await client.press("f7")
        await client.sees("In General: 2")
        await client.press(*"ben", "enter")
        await client.sees("makes tea")
        await client.sees("Has an account since Sunday, 30 July 2023.")
        await client.sees("Message ben")
        await client.press("escape")
        await client.send("/whois ben")
        await client.sees("ben:")
        await client.sees("  Is here.")


def test_a_card_tells_in_words_what_is_known() -> None:
    ben = Person(user="ben")
    assert card(ben, NOW) == ["Is not here.", "A guest, without an account."]
    assert card(replace(ben, seen=START), NOW)[0] == "Is not here, and was here last 1 h ago."
    busy = replace(ben, here=True, status=Status.BUSY, note="exams", account=True, role=Role.OWNER)
    assert card(busy, NOW) == [
        "Is busy, and does not want to be disturbed: exams",
        "Has an account.",
        "Owns this server.",
    ]
    gone = replace(ben, status=Status.AWAY, note="till Monday")
    assert card(gone, NOW)[0] == "Is not here, and has said to be away: till Monday"


# Who is blocked


async def test_who_has_an_account_is_blocked_on_the_server_whatever_they_are_called(
    start: Starts, server: FakeServer
) -> None:
    server.passwords["ada"] = SECRET
    server.people["eve"] = UserId("u3")
    eve = UserName.parse("eve")

    def says(by: str, text: str) -> None:
        server.append("General", lambda seq, at: Said(seq, at, by, text, by_id=UserId("u3")))

    async with start(password=SECRET) as client:
        says("eve", "buy now")
        await client.sees("buy now")
        await client.send("/ignore eve")
        await client.sees("is hidden now, whatever the name")
        await client.sees_no("buy now")
        assert server.done == [ask.Block(user=eve)]
        says("eve2", "buy now, too")
        server.say("eve", "I am another eve")
        await client.sees("I am another eve")
        assert "buy now, too" not in client.screen()
        await client.send("/ignore")
        await client.sees("You ignore eve.")
        await client.send("/unignore eve")
        await client.sees("buy now, too")
        assert server.done[-1] == ask.Block(user=eve, on=False)


async def test_a_guest_is_ignored_by_name_on_this_computer_alone(
    start: Starts, server: FakeServer
) -> None:
    server.passwords["ada"] = SECRET
    async with start(password=SECRET) as client:
        server.say("eve", "buy now")
        await client.sees("buy now")
        await client.send("/ignore eve")
        await client.sees_no("buy now")
        assert server.done == []
        assert client.app.quiet.ignored == ["eve"]
        await client.send("/unignore eve")
        await client.sees("buy now")


async def test_who_was_blocked_on_another_device_is_hidden_here(
    start: Starts, server: FakeServer
) -> None:
    server.passwords["ada"] = SECRET
    server.append("General", lambda seq, at: Said(seq, at, "eve", "buy now", by_id=UserId("u3")))
    server.profile = Profile(blocked={UserId("u3"): "eve"})
    async with start(password=SECRET) as client:
        await client.sees("ada has joined")
        assert "buy now" not in client.screen()
        server.profiled(Profile())
        await client.sees("buy now")


# Former members


async def test_what_a_former_member_said_has_no_name_any_more_and_may_be_gone(
    start: Starts, server: FakeServer
) -> None:
    ben, eve = UserId("u2"), UserId("u3")
    answered = server.append(
        "General", lambda seq, at: Said(seq, at, "eve", "my secret", by_id=eve)
    )
    quote = quote_of("eve", "my secret", eve)
    server.append(
        "General", lambda seq, at: Said(seq, at, "ben", "hm", answered.seq, quote, by_id=ben)
    )
    async with start() as client:
        await client.sees("╭ eve: my secret")
        await client.press("alt+r", "up", "enter")
        assert client.room.answers is not None
        server.append(
            "General",
            lambda seq, at: AuthorForgotten(seq, at, FORMER_MEMBER, emptied=True, by_id=eve),
        )
        await client.sees(f"{FORMER_MEMBER}: (This message was taken away.)")
        await client.sees(f"╭ {FORMER_MEMBER}: (This message was taken away.)")
        assert "secret" not in client.screen()
        assert "eve" not in client.screen()
        assert client.room.answers.text == ""
        server.append("General", lambda seq, at: AuthorForgotten(seq, at, FORMER_MEMBER, by_id=ben))
        await client.sees(f"{FORMER_MEMBER}: hm")
        client.app.room_screen.open_member_menu(FORMER_MEMBER)
        await client.sees("This account was closed.")


# Rooms that are renamed


async def test_what_alerts_in_a_room_stays_when_it_is_renamed(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        await client.send("/alerts off")
        await client.sees("Nothing in this room alerts you.")
        client.chat.move("General", "Lounge")
        await client.sees("Lounge · 1 online")
        assert client.app.quiet.level("Lounge") == "off"
        assert client.app.quiet.level("General") == "mentions"


# A server that sends anything


async def test_people_of_anything_leave_the_screen_whole(start: Starts, server: FakeServer) -> None:
    server.passwords["ada"] = SECRET
    server.join("ben")
    wild = "\x1b[2J\x07\u202e" + "x" * 4000
    server.answers[ask.Whois] = Person(
        user=wild,
        here=True,
        account=True,
        registered=-(2**53),
        seen=2**53,
        about=wild,
        note=wild,
        status=Status.BUSY,
    )
    blocked = {UserId(f"u{number}"): "\x1b[31m" for number in range(10_000)}
    async with start(password=SECRET, size=(80, 24)) as client:
        client.chat.tell(ProfileChanged(Profile(about=wild, note=wild, blocked=blocked)))
        for number in range(1000):
            client.chat.tell(PresenceChanged("General", f"{wild}{number}", status=Status.BUSY))
        client.app.room_screen.open_member_menu("ben")
        await client.sees("Is busy, and does not want to be disturbed")
        await client.sees("Esc closes")
        await pick(client, "mention")
        await client.press("ctrl+u")
        await client.send("/whois ben")
        await client.sees("ben:")
        await client.send("/about")
        await client.send("/ignore")
        await client.sees("You ignore")
        assert client.room.statuses == {}
        assert not set(client.screen()) & {"\x1b", "\x07", "\u202e"}
        await client.send("/who")
        await client.sees("In General:")
