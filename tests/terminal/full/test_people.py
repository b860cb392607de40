"""Direct conversations, menus of people and rooms, moderation, and what the screen follows."""

from __future__ import annotations

from hubbub.client.updates import Announced, Invited, Warned
from hubbub.domain import commands as ask
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.errors import Forbidden, NotAllowed
from hubbub.domain.events import FORMER_MEMBER, AuthorForgotten, Kicked
from hubbub.domain.ids import user_id
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.rules import CurrentBan, Role, RoomAccess, Speakers
from hubbub.terminal.full.screens.menus import Menu
from hubbub.terminal.full.screens.room import RoomScreen
from tests.terminal.full.conftest import Client, Starts
from tests.terminal.full.fake import FakeCache, FakeServer
from tests.terminal.full.test_accounts import type_in

GENERAL = RoomName.parse("General")
BEN, EVE = UserName.parse("ben"), UserName.parse("eve")


def owned_by_ada(server: FakeServer) -> None:
    server.stands("General", role=Role.OWNER, owned=True, roles={"ada": Role.OWNER})


async def pick(client: Client, words: str) -> None:
    """Chooses the action of the open menu that has these words."""
    await client.until(lambda: isinstance(client.app.screen, Menu))
    await type_in(client, words)


# Direct conversations


async def test_a_direct_conversation_is_begun_and_has_a_section_of_its_own(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        await client.send("/msg ben psst, you")
        await client.sees("psst, you")
        await client.sees("ben · direct conversation")
        await client.sees("Only you and ben read what is said here.")
        rows = client.rows()
        heading = next(place for place, row in enumerate(rows) if row.startswith(" DIRECT"))
        assert rows[heading + 1].startswith(" 2 ben")
        assert server.events("@ben")[-1].by == "ada"
        await client.press("alt+1")
        await client.until(lambda: client.room.name == "General")
        await client.send("/msg ben")
        await client.until(lambda: client.room.name == "@ben")


async def test_a_former_member_has_no_name_in_the_conversation_that_is_open(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        server.join("ben", "@ben")
        await client.send("/msg ben psst, you")
        await client.sees("ben · direct conversation")
        server.leave("ben", "@ben")
        server.append(
            "@ben",
            lambda seq, at: AuthorForgotten(seq, at, FORMER_MEMBER, by_id=user_id(7)),
        )
        await client.sees("former member · direct conversation")
        server.stands("@ben", slow=0)
        await client.sees("former member · direct conversation")
        assert client.room.label == FORMER_MEMBER


async def test_one_comes_by_itself_and_each_text_in_it_alerts(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        server.stands("@ben", access=RoomAccess.DIRECT, people=["ben"])
        server.say("ben", "are you there?", "@ben")
        await client.chat.join("@ben", after=0)
        await client.sees(" DIRECT")
        await client.sees("1 new, which mentions you")
        await client.press("alt+m")
        await client.sees("are you there?")
        assert client.room.label == "ben"
        await client.send("/search there")
        await client.sees("ben · ")
        assert "@ben" not in client.screen()


async def test_it_is_opened_from_the_list_of_people_by_a_click_and_by_a_key(
    start: Starts, server: FakeServer
) -> None:
    server.join("ben")
    async with start() as client:
        await client.press("f7")
        await client.sees("In General: 2")
        await type_in(client, "ben")
        await pick(client, "message")
        await client.until(lambda: client.room.name == "@ben")
        await client.press("alt+1")
        row = next(place for place, one in enumerate(client.rows()) if one.endswith(" ben"))
        await client.pilot.click(offset=(90, row))
        await client.until(lambda: isinstance(client.app.screen, Menu))
        await client.press("enter")
        await client.until(lambda: client.room.name == "@ben")


async def test_what_is_written_in_it_is_told_by_names_at_the_end(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        await client.send("/msg ben")
        await client.until(lambda: client.room.name == "@ben")
        await client.write("half")
        left = await client.conversation.stop(leave_rooms=False)
        assert left.drafts == {"ben": "half"}


# Who may do what


async def test_only_what_one_may_do_is_offered(start: Starts, server: FakeServer) -> None:
    server.join("ben")
    async with start() as client:
        client.app.room_screen.open_member_menu("ben")
        await client.sees("Message ben")
        assert "Ban ben" not in client.screen()
        await client.press("escape")
        owned_by_ada(server)
        await client.sees("owner")
        client.app.room_screen.open_member_menu("ben")
        await client.sees("Ban ben…")
        await client.sees("Make ben a moderator")
        await client.press("escape", "f5")
        await pick(client, "settings")
        await client.sees("Settings of General")
        await client.sees("Close this room for good")


async def test_a_person_is_put_out_with_a_reason(start: Starts, server: FakeServer) -> None:
    server.join("ben")
    owned_by_ada(server)
    async with start() as client:
        client.app.room_screen.open_member_menu("ben")
        await pick(client, "put ben out")
        await client.sees("Why? Everybody here reads it.")
        await type_in(client, "noise")
        await client.until(lambda: isinstance(client.app.screen, RoomScreen))
        (kick,) = server.done
        assert isinstance(kick, ask.Kick)
        assert (kick.user, kick.reason) == ("ben", "noise")


async def test_a_ban_asks_how_long_and_why_and_a_slip_bans_nobody(
    start: Starts, server: FakeServer
) -> None:
    server.join("ben")
    owned_by_ada(server)
    async with start() as client:
        client.app.room_screen.open_member_menu("ben")
        await pick(client, "ban ben")
        await client.sees("How long?")
        await type_in(client, "2 cows")
        await type_in(client, "spam")
        await client.sees("How long is that?")
        assert server.done == []
        await client.press("ctrl+u")
        await type_in(client, "2h")
        await client.press("enter")
        await client.until(lambda: server.done)
        (ban,) = server.done
        assert isinstance(ban, ask.Ban)
        assert (ban.user, ban.seconds, ban.reason) == ("ben", 7200, "spam")


async def test_the_author_of_a_marked_message_has_the_same_menu(
    start: Starts, server: FakeServer
) -> None:
    owned_by_ada(server)
    async with start() as client:
        server.say("eve", "buy now!")
        await client.sees("buy now!")
        await client.press("alt+r", "f7")
        await pick(client, "mute eve")
        await client.sees("How long?")
        await type_in(client, "10m")
        await client.press("enter")
        await client.until(lambda: server.done)
        assert server.done[0] == ask.Mute(room=GENERAL, user=EVE, seconds=600)


async def test_the_typed_commands_ask_for_the_same(start: Starts, server: FakeServer) -> None:
    async with start() as client:
        for typed, command in (
            ("/op ben", ask.GiveRole(room=GENERAL, user=BEN, role=Role.MODERATOR)),
            ("/unmute ben", ask.Unmute(room=GENERAL, user=BEN)),
            ("/slow 10s", ask.SetRules(room=GENERAL, slow=10)),
            (
                "/access password tea",
                ask.SetRules(room=GENERAL, access=RoomAccess.LOCKED, password="tea"),
            ),
            ("/rename-room Lounge", ask.RenameRoom(room=GENERAL, name=RoomName.parse("Lounge"))),
            ("/server ban spam* 1d", ask.Ban(room=DIRECTORY, pattern="spam*", seconds=86400)),
        ):
            server.done.clear()
            await client.send(typed)
            await client.until(lambda: server.done)
            assert server.done == [command]


async def test_who_may_not_is_told_why(start: Starts, server: FakeServer) -> None:
    server.refusal = NotAllowed("Only the moderators of General (ben) may put somebody out.")
    async with start() as client:
        await client.send("/kick eve")
        await client.sees("Only the moderators of General (ben) may put somebody out.")


async def test_the_password_of_a_room_is_asked_for_unseen(
    start: Starts, server: FakeServer
) -> None:
    server.rooms["Vault"] = []
    server.room_passwords["Vault"] = "sesame"
    owned_by_ada(server)
    async with start() as client:
        await client.send("/join Vault")
        await client.sees("The password of the room Vault")
        await type_in(client, "open")
        await client.sees("That is not its password.")
        await type_in(client, "sesame")
        await client.until(lambda: client.room.name == "Vault")
        await client.until(lambda: client.room.inside)
        await client.press("alt+1")
        await client.send("/access password")
        await client.sees("Which password should it ask for?")
        await type_in(client, "mellon")
        await client.until(lambda: server.done)
        assert "mellon" not in client.screen()


async def test_a_ban_is_ended_from_the_list(start: Starts, server: FakeServer) -> None:
    owned_by_ada(server)
    server.bans["General"] = [CurrentBan(seq=3, by="ada", user="ben", reason="spam")]
    async with start() as client:
        await client.send("/bans")
        await client.sees("ben: banned by ada: spam")
        await client.sees("eve: muted")
        await pick(client, "ben")
        await client.until(lambda: server.done)
        assert server.done == [ask.Unban(room=GENERAL, user="ben")]


async def test_what_moderators_did_is_told(start: Starts, server: FakeServer) -> None:
    owned_by_ada(server)
    async with start() as client:
        await client.send("/audit")
        await client.sees("Nobody had to moderate anything yet.")
        server.append("General", lambda seq, at: Kicked(seq, at, "ada", "ben", reason="noise"))
        await client.send("/audit")
        await client.sees("30 Jul 15:00  ben was put out of the room by ada: noise")


async def test_what_holds_in_a_room_is_told_in_words(start: Starts, server: FakeServer) -> None:
    owned_by_ada(server)
    server.stands("General", access=RoomAccess.MEMBERS, slow=10, speak=Speakers.VOICES)
    async with start() as client:
        await client.send("/rules")
        await client.sees("It is private: only who was invited")
        await client.sees("Only people with a role speak.")
        await client.sees("Slow mode: one message in 10 seconds from each.")
        await client.sees("You are an owner here.")


# What the screen follows


async def test_the_members_show_their_roles_and_who_is_away(
    start: Starts, server: FakeServer
) -> None:
    server.join("ben")
    server.join("eve")
    server.away["General"] = ["ben"]
    server.stands(
        "General", access=RoomAccess.MEMBERS, roles={"ben": Role.VOICE, "eve": Role.MODERATOR}
    )
    async with start() as client:
        await client.sees("ONLINE 2 of 3")
        await client.sees("voice, away")  # names are drawn after the panel has its width
        rows = [row[-20:].split() for row in client.rows()]
        assert rows[3][-2:] == ["eve", "moderator"]
        assert rows[4][-3:] == ["ben", "voice,", "away"]
        await client.sees("General · 2 online · private")


async def test_who_may_not_write_reads_why_and_keeps_what_is_written(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        await client.write("but I only")
        server.stands("General", muted=True)
        await client.sees("You are muted in General")
        await client.press("enter")
        assert client.entry.text == "but I only"
        server.stands("General", muted=False)
        await client.sees_no("You are muted in General")
        await client.press("enter")
        await client.sees("ada: but I only")


async def test_who_is_put_out_keeps_what_is_written_and_nothing_stays_on_disk(
    start: Starts, server: FakeServer
) -> None:
    cache = FakeCache()
    async with start(cache=cache) as client:
        server.say("ben", "a secret")
        await client.sees("a secret")
        await client.write("wait")
        client.chat.lose("General", Forbidden("ben has put you out: noise"), forget=True)
        await client.sees("You are not in this room any more: ben has put you out")
        await client.press("enter")
        await client.sees("ben has put you out: noise")
        assert client.entry.text == "wait"
        assert "General" not in cache.known
        await client.press("ctrl+u")
        await client.send("/join General")
        await client.until(lambda: client.room.inside)
        assert client.conversation.why_silent(client.room) == ""


async def test_a_room_that_is_renamed_keeps_its_place_and_what_is_written(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        await client.write("half a th")
        client.chat.move("General", "Lounge")
        await client.sees("Lounge · 1 online")
        await client.sees(" 1 Lounge")
        assert client.entry.text == "half a th"
        await client.press("enter")
        await client.sees("ada: half a th")
        assert server.events("Lounge")[-1].by == "ada"


async def test_a_warning_to_administrators_is_told_where_one_is(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        client.chat.tell(Warned("The disk fills up."))
        await client.sees("To who administers this server: The disk fills up.")


async def test_what_everybody_is_told_is_shown_where_one_is(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        client.chat.tell(Announced("root", "We close at noon."))
        await client.sees("root tells everybody: We close at noon.")


async def test_an_invitation_is_told_where_one_is(start: Starts, server: FakeServer) -> None:
    async with start() as client:
        client.chat.tell(Invited("Vault", "ben"))
        await client.sees("ben invites you into Vault. To go there: /join Vault")
