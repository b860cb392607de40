"""The second factor, links that let people in, and new passwords by them."""

from __future__ import annotations

import pytest

from hubbub.domain import commands as ask
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.errors import GuestsOff, NoSuchRoom, WrongPassword
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import FactorOffered, RecoveryCodes, TicketGiven, TicketList
from hubbub.domain.rules import Role, Ticket
from hubbub.terminal.full.screens.form import Form
from hubbub.terminal.full.screens.given import Given
from hubbub.terminal.full.screens.room import RoomScreen
from tests.terminal.full.conftest import Starts
from tests.terminal.full.fake import FakeServer
from tests.terminal.full.test_accounts import SECRET, type_in
from tests.terminal.full.test_by_keyboard import clipboard
from tests.terminal.full.test_people import pick

OTHER = "another long secret"
GENERAL = RoomName.parse("General")
CODE = "AbCdEfGhIjKlMnOpQrStUvWx"
OFFERED = FactorOffered(
    secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    uri="otpauth://totp/Hubbub:ada?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Hubbub",
)


def link(**changes: object) -> Ticket:
    return Ticket(**{"id": "0123456789abcdef", "by": "ada", **changes})  # type: ignore[arg-type]


@pytest.fixture
def server(server: FakeServer) -> FakeServer:
    server.passwords["ada"] = SECRET
    server.answers[ask.BeginFactor] = OFFERED
    server.answers[ask.ConfirmFactor] = RecoveryCodes(codes=["aaaa-bbbb", "cccc-dddd"])
    return server


# The second factor


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_second_factor_is_turned_on_by_a_picture_and_a_code(
    start: Starts, server: FakeServer, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start(password=SECRET, size=size) as client:
        copied = clipboard(client, monkeypatch)
        await client.send("/factor")
        await client.sees("Your password:")
        await type_in(client, SECRET)
        await client.sees("JBSW Y3DP EHPK 3PXP")
        pictured = [row for row in client.rows() if "▀" in row or "▄" in row]
        assert len(pictured) >= 20
        await type_in(client, "123456")
        await client.sees("aaaa-bbbb")
        await client.press("c")
        assert copied == ["aaaa-bbbb\ncccc-dddd"]
        await client.press("escape")
        await client.sees("Whenever you log in, a code is asked for, too.")
        assert server.done == [ask.BeginFactor(password=SECRET), ask.ConfirmFactor(code="123456")]


async def test_a_screen_that_is_too_small_for_the_picture_has_the_secret_alone(
    start: Starts, server: FakeServer
) -> None:
    async with start(password=SECRET, size=(60, 20)) as client:
        await client.send("/factor")
        await client.sees("Your password:")
        await type_in(client, SECRET)
        await client.sees("JBSW Y3DP")
        await client.sees("rows it would be shown as a QR code")
        assert "▀" not in client.screen()


async def test_it_is_turned_off_by_the_password(start: Starts, server: FakeServer) -> None:
    server.refusals[ask.EndFactor] = WrongPassword("That is not your password.")
    async with start(password=SECRET) as client:
        await client.send("/factor off")
        await client.sees("The end of the second factor")
        await type_in(client, "wrong")
        await client.sees("That is not your password.")
        server.refusals.clear()
        await type_in(client, SECRET)
        await client.sees("Your password alone lets you in again.")
        assert server.done == [ask.EndFactor(password=SECRET)]


async def test_a_code_is_asked_for_when_one_logs_in(start: Starts, server: FakeServer) -> None:
    server.codes["ada"] = "123456"
    async with start(None, None) as client:
        await type_in(client, "ada")
        await client.sees("The password of ada:")
        await type_in(client, SECRET)
        await client.sees("The code of your second factor:")
        await type_in(client, "123456")
        await client.sees("Which room?")


async def test_a_guest_has_no_second_factor(start: Starts, server: FakeServer) -> None:
    async with start("ben") as client:
        await client.send("/factor")
        await client.sees("You have no account: /register makes one.")


# Links


async def test_a_link_is_shown_once_to_be_copied(
    start: Starts, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answers[ask.MakeTicket] = TicketGiven(room="General", code=CODE, ticket=link(uses=10))
    async with start(password=SECRET) as client:
        copied = clipboard(client, monkeypatch)
        await client.send("/link 10 7d")
        await client.sees("By it 10 people may come in.")
        page = f"http://example.org:8080/#?room=General&invite={CODE}"
        await client.sees(page)
        await client.press("c")
        assert copied == [f"{page}\n/join General {CODE}"]
        assert server.done == [ask.MakeTicket(room=GENERAL, uses=10, seconds=7 * 86400)]
        await client.press("escape")
        await client.until(lambda: isinstance(client.app.screen, RoomScreen))


async def test_links_are_listed_and_ended(start: Starts, server: FakeServer) -> None:
    server.answers[ask.Tickets] = TicketList(room="General", tickets=[link(), link(id="fedc")])
    async with start(password=SECRET) as client:
        await client.send("/links")
        await client.sees("By ada: for one person")
        await pick(client, "")
        await client.until(lambda: len(server.done) == 3)  # the list is shown again
        assert server.done[1] == ask.EndTicket(room=GENERAL, ticket="0123456789abcdef")
        await client.press("escape")
        server.done.clear()
        await client.send("/unlink fe")
        await client.sees("That link is good no more.")
        assert server.done[-1] == ask.EndTicket(room=GENERAL, ticket="fedc")
        await client.send("/unlink no")
        await client.sees("There is no such link, or more than one.")
        server.answers[ask.Tickets] = TicketList(room="General", tickets=[])
        await client.send("/links")
        await client.sees("There is no link to General.")


async def test_an_administrator_makes_a_link_for_a_new_password(
    start: Starts, server: FakeServer
) -> None:
    ticket = link(user="ben", factor=True)
    server.answers[ask.MakeTicket] = TicketGiven(room="/server", code=CODE, ticket=ticket)
    async with start(password=SECRET) as client:
        await client.send("/reset-link ben factor")
        await client.sees("By it ben chooses a new password.")
        await client.sees(f"#?user=ben&reset={CODE}")
        await client.sees(f"/reset ben {CODE}")
        made = ask.MakeTicket(room=DIRECTORY, user=UserName.parse("ben"), factor=True)
        assert server.done == [made]


@pytest.mark.parametrize("typed", ["Club {}", "http://example.org/#?room=Club&invite={}"])
async def test_a_link_lets_into_a_private_room(
    start: Starts, server: FakeServer, typed: str
) -> None:
    server.rooms["Club"] = []
    server.invites["Club"] = CODE
    async with start("ben") as client:
        await client.send(f"/join {typed.format(CODE)}")
        await client.until(lambda: client.room.name == "Club" and client.room.inside)


async def test_an_invitation_is_asked_for_where_one_needs_it_to_register(
    start: Starts, server: FakeServer
) -> None:
    server.invitation = CODE
    async with start("ben") as client:
        await client.send("/register")
        await client.sees("An account of your own")
        await type_in(client, SECRET)
        await type_in(client, SECRET)
        await client.sees("one needs an invitation")
        await type_in(client, "wrong")
        await client.sees("This link was used already, or is wrong.")
        await client.press(*["backspace"] * 5)
        await type_in(client, CODE)
        await client.sees("You have an account now")
        assert server.passwords["ben"] == SECRET


async def test_where_guests_are_not_let_in_an_account_is_made_at_the_door(
    start: Starts, server: FakeServer
) -> None:
    server.refuses = GuestsOff("Only people with an account come in here.")
    async with start(None, None) as client:
        await type_in(client, "ben")
        await client.sees("An account for ben")
        await type_in(client, SECRET)
        await type_in(client, SECRET)
        await client.press("enter")
        await client.sees("Which room?")
        assert client.conversation.user == "ben"


# A new password


async def test_a_forgotten_password_is_chosen_anew_at_the_door(
    start: Starts, server: FakeServer
) -> None:
    server.codes["ada"] = "123456"
    async with start(None, None) as client:
        await type_in(client, "ada")
        await client.sees("Ctrl+R: forgotten")
        await client.press("ctrl+r")
        await client.sees("A new password for ada")
        await type_in(client, "LINK")
        await type_in(client, OTHER)
        await type_in(client, OTHER)
        await client.sees("The code of your second factor:")
        await type_in(client, "123456")
        await client.sees("Which room?")
        assert server.passwords["ada"] == OTHER


async def test_a_new_password_is_chosen_by_the_command(start: Starts, server: FakeServer) -> None:
    async with start("ben") as client:
        await client.send("/reset ada LINK")
        await client.sees("A new password for ada")
        await type_in(client, OTHER)
        await type_in(client, OTHER)
        await client.sees("To come in: /login ada")
        assert server.passwords["ada"] == OTHER


# Knocking


async def test_a_room_that_is_not_for_us_may_be_knocked_at(
    start: Starts, server: FakeServer
) -> None:
    server.rooms["Club"] = []
    server.invites["Club"] = CODE
    async with start("ben") as client:
        await client.send("/join Club")
        await client.sees("To knock at Club")
        await type_in(client, "I am new")
        await client.sees("who moderates Club is asked to let you in")
        assert server.done == [ask.Knock(room=RoomName.parse("Club"), text="I am new")]
        await client.send("/join Club")
        await client.sees("To knock at Club")
        await client.press("escape")
        await client.sees('There is no room "Club" for you')
        await client.send("/knock Club please")
        await client.until(lambda: len(server.done) == 2)
        assert client.room.name == "General"


# A server that sends anything


async def test_an_address_that_fits_no_screen_is_not_drawn(
    start: Starts, server: FakeServer
) -> None:
    wild = "\x1b[2J" + "A" * 4000
    server.answers[ask.BeginFactor] = FactorOffered(secret=wild, uri="otpauth://" + "x" * 4000)
    async with start(password=SECRET, size=(80, 24)) as client:
        await client.send("/factor")
        await client.sees("Your password:")
        await type_in(client, SECRET)
        await client.until(lambda: "AAAA" in client.screen())
        assert isinstance(client.app.screen, Form)
        await client.sees("The code that it shows:")
        await client.sees("A second factor")
        assert "\x1b" not in client.screen()


async def test_recovery_codes_of_any_number_and_length_leave_a_way_out(
    start: Starts, server: FakeServer
) -> None:
    server.answers[ask.ConfirmFactor] = RecoveryCodes(codes=["\x1b]0;x\x07" + "b" * 4000] * 5000)
    async with start(password=SECRET, size=(80, 24)) as client:
        await client.send("/factor")
        await client.sees("Your password:")
        await type_in(client, SECRET)
        await client.sees("The code that it shows:")
        await type_in(client, "123456")
        await client.until(lambda: isinstance(client.app.screen, Given))
        await client.sees("C copies · Esc closes")
        assert "\x1b" not in client.screen()
        await client.press("escape")
        await client.until(lambda: isinstance(client.app.screen, RoomScreen))


async def test_an_answer_of_another_kind_is_told(start: Starts, server: FakeServer) -> None:
    server.stands("General", role=Role.OWNER, owned=True)
    async with start("ben") as client:
        await client.send("/links")
        await client.sees("The server has answered something else than was asked.")


async def test_a_refusal_of_a_room_is_no_knock_without_a_connection(
    start: Starts, server: FakeServer
) -> None:
    server.refusals[ask.Knock] = NoSuchRoom("There is no such room.")
    async with start("ben") as client:
        server.vanish()
        await client.sees("offline")
        await client.send("/knock Club")
        await client.sees("You are not connected now.")
