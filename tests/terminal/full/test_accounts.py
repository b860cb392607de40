"""Accounts: logging in, passwords that nobody sees, devices, other names, the end."""

from __future__ import annotations

from textual import events
from textual.widgets import Input

from hubbub.domain import commands as ask
from hubbub.domain.errors import Forbidden, GuestsOff, NeedPassword, RateLimited
from hubbub.domain.events import Said
from hubbub.domain.replies import Device
from hubbub.terminal.full.app import FullScreen
from hubbub.terminal.full.screens.form import Form
from hubbub.terminal.full.screens.room import RoomScreen
from hubbub.terminal.full.screens.welcome import Welcome
from tests.terminal.full.conftest import Client, Starts
from tests.terminal.full.fake import START, FakeCache, FakeServer

SECRET = "correct horse battery"


async def type_in(client: Client, text: str) -> None:
    """Types a text into what has the focus, and presses Enter."""
    await client.press(*("space" if char == " " else char for char in text), "enter")


async def in_a_room(client: Client) -> None:
    await client.until(lambda: isinstance(client.app.screen, RoomScreen))


async def test_the_name_of_an_account_asks_for_its_password_unseen(
    start: Starts, server: FakeServer
) -> None:
    server.passwords["ada"] = SECRET
    async with start(None, None) as client:
        await type_in(client, "ada")
        await client.sees("The password of ada:")
        await client.sees("Esc: another name")
        await client.press(*"wrong")
        await client.sees("•••••")
        assert "wrong" not in client.screen()
        await client.press("enter")
        await client.sees("The name or the password is wrong.")
        assert client.app.screen.query_one("#password", Input).value == ""
        await type_in(client, SECRET)
        await client.sees("Which room?")
        assert client.conversation.user == "ada"


async def test_where_one_signs_on_is_said_with_the_first_question(
    start: Starts, server: FakeServer
) -> None:
    where = "https://chat.example.org/sign-on"
    server.refuses = NeedPassword(f"Open {where}", sign_on=where)
    async with start(None, None) as client:
        await type_in(client, "ada")
        await client.sees("The password of ada:")
        await client.sees(where)


async def test_the_password_may_be_typed_behind_the_name(start: Starts, server: FakeServer) -> None:
    server.passwords["ada"] = SECRET
    async with start(None, None) as client:
        server.answering.clear()
        await type_in(client, "ada")
        await type_in(client, SECRET)
        server.answering.set()
        await client.sees("Which room?")
        assert SECRET not in client.screen()


async def test_another_name_may_be_taken_instead_of_a_password(
    start: Starts, server: FakeServer
) -> None:
    server.passwords["ada"] = SECRET
    async with start(None, None) as client:
        await type_in(client, "ada")
        await client.sees("The password of ada:")
        await client.press("escape")
        await client.sees_no("The password of ada:")
        await client.press("ctrl+u")
        await type_in(client, "eve")
        await client.sees("Which room?")
        assert client.conversation.user == "eve"


async def test_the_password_of_the_environment_is_tried_once(
    start: Starts, server: FakeServer
) -> None:
    server.passwords["ada"] = SECRET
    async with start("ada", "General", password=SECRET) as client:
        await in_a_room(client)
    async with start("ada", None, password="wrong") as client:
        await client.sees("The name or the password is wrong.")
        await type_in(client, SECRET)
        await client.sees("Which room?")


async def test_why_nobody_is_let_in_is_said_and_the_password_asked_for_again(
    start: Starts, server: FakeServer
) -> None:
    server.passwords["ada"] = SECRET
    async with start(None, None) as client:
        await type_in(client, "ada")
        await client.sees("The password of ada:")
        server.refuses = RateLimited("Too many wrong passwords. Try again in 30 seconds.")
        await type_in(client, SECRET)
        await client.sees("Try again in 30 seconds.")
        server.refuses = None
        await type_in(client, SECRET)
        await client.sees("Which room?")


async def test_guests_are_told_that_they_need_an_account(start: Starts, server: FakeServer) -> None:
    server.refuses = GuestsOff("Only people with an account come in here.")
    async with start(None, None) as client:
        await type_in(client, "ben")
        await client.sees("Only people with an account come in here.")
        await client.press("escape")
        await client.until(lambda: isinstance(client.app.screen, Welcome))
        assert client.app.screen.query_one("#name", Input).has_focus


async def test_a_guest_registers_with_a_password_typed_twice(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        await client.send("/register")
        await client.sees("An account of your own")
        await type_in(client, SECRET)
        await type_in(client, "another")
        await client.sees("These are not the same.")
        await type_in(client, "short")
        await type_in(client, "short")
        await client.sees("A password has 8 characters or more.")
        await type_in(client, SECRET)
        await type_in(client, SECRET)
        await client.sees("You have an account now")
        assert server.passwords == {"ada": SECRET}
        assert SECRET not in client.screen()


async def test_what_is_typed_at_once_behind_the_command_is_never_shown_nor_said(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        await client.write("/register")
        for char in f"\r{SECRET}\r{SECRET}":
            client.app.post_message(events.Key("enter" if char == "\r" else char, char))
        await client.sees("An account of your own")
        await client.press("enter")
        await client.sees("You have an account now")
        assert server.passwords == {"ada": SECRET}
        assert not any(isinstance(one, Said) for one in server.events("General"))


async def test_a_password_behind_a_command_is_neither_shown_nor_kept(
    start: Starts, server: FakeServer
) -> None:
    cache = FakeCache()
    async with start(cache=cache) as client:
        await client.press(*"/register ", *"tellnobody")
        await client.sees("/register ••••••••••")
        assert "tellnobody" not in client.screen()
        assert client.room.draft == "/register "
        await client.press("enter")
        await client.sees("You have an account now")
        assert server.passwords == {"ada": "tellnobody"}
        await client.press("up")
        assert client.entry.text == ""
        await client.send("/password tellnobody anythingelse")
        await client.sees("Your password is another one now")
        await client.press("up")
        assert client.entry.text == ""


async def test_the_code_of_the_owner_is_asked_for_unseen(start: Starts, server: FakeServer) -> None:
    async with start() as client:
        await client.send("/own")
        await client.sees("The code that the server showed")
        await type_in(client, "NONE")
        await client.sees("That is not the code.")
        await type_in(client, "CODE")
        await client.sees("You are the owner of this server now.")


def device(name: str, *, current: bool = False) -> Device:
    return Device(
        id=name, client=name, address="192.0.2.1", since=START, seen=START, current=current
    )


async def test_a_device_is_logged_out_with_a_key(start: Starts, server: FakeServer) -> None:
    server.devices = [device("hubbub", current=True), device("phone"), device("laptop")]
    async with start() as client:
        await client.send("/devices")
        await client.sees("hubbub at 192.0.2.1: this one")
        await client.press(*"phone", "enter")
        await client.sees("laptop at 192.0.2.1")
        await client.sees_no("phone at")
        assert [one.id for one in server.devices] == ["hubbub", "laptop"]
        await client.press("escape")
        await client.sees("That device is logged out.")


async def test_who_is_logged_out_logs_in_again_and_what_was_written_stays(
    start: Starts, server: FakeServer
) -> None:
    server.passwords["ada"] = SECRET
    async with start(password=SECRET) as client:
        await client.write("half a th")
        client.chat.log_out("You were logged out on another device.")
        await client.sees("The password of ada")
        await client.sees("logged out")
        await type_in(client, "wrong")
        await client.sees("The name or the password is wrong.")
        await client.press("escape")
        await client.until(lambda: isinstance(client.app.screen, RoomScreen))
        assert client.entry.text == "half a th"
        await client.press("ctrl+u")
        await client.send("/login")
        await client.sees("The password of ada")
        await type_in(client, SECRET)
        await client.sees("You are ada now.")
        assert client.conversation.status.online


async def test_an_account_takes_another_name_and_stays_who_it_is(
    start: Starts, server: FakeServer
) -> None:
    server.passwords["ada"] = SECRET
    cache = FakeCache()
    async with start(cache=cache, password=SECRET) as client:
        await client.send("/nick Lovelace")
        await client.sees("Your name is Lovelace now. It was ada before.")
        assert server.renamed == []  # no second connection
        assert cache.last_user == "Lovelace"


async def test_a_guest_who_wants_the_name_of_an_account_is_told_how(
    start: Starts, server: FakeServer
) -> None:
    server.passwords["ben"] = SECRET
    async with start() as client:
        await client.send("/nick ben")
        await client.sees("To come in as ben: /login ben")
        await client.send("/login ben")
        await client.sees("The password of ben")
        await type_in(client, SECRET)
        await client.sees("You are ben now.")
        assert client.conversation.user == "ben"


async def test_an_account_is_closed_with_its_password(start: Starts, server: FakeServer) -> None:
    server.passwords["ada"] = SECRET
    async with start(password=SECRET) as client:
        await client.send("/close-account")
        await client.sees("under the name of a former member")
        await client.press("escape")
        assert "ada" in server.passwords
        await client.until(lambda: not isinstance(client.app.screen, Form))
        await client.send("/close-account now")
        await client.sees("Type /close-account to end your account")
        await client.send("/close-account empty")
        await client.sees("All that you said is emptied")
        await type_in(client, SECRET)
        await client.until(lambda: "ada" not in server.passwords)
        await client.until(lambda: server.done)
        assert server.done == [ask.CloseAccount(password=SECRET, empty=True)]


async def test_a_ban_from_the_server_is_told(start: Starts, server: FakeServer) -> None:
    server.refuses = Forbidden("You are banned from this server for 2 hours: spam")
    async with start(None, None) as client:
        await type_in(client, "eve")
        await client.sees("You are banned from this server for 2 hours: spam")


async def test_a_code_is_asked_for_if_there_is_a_second_factor(start: Starts) -> None:
    from hubbub.domain.errors import ChatError, NeedCode
    from hubbub.terminal.full.asking import log_in

    tried: list[tuple[str, str | None]] = []

    async def do(password: str, code: str | None) -> None:
        tried.append((password, code))
        if code is None:
            raise NeedCode("The code of your app is needed.")
        if code != "123456":
            raise ChatError("That is not the code.")

    async with start() as client:
        app: FullScreen = client.app
        done: list[bool] = []

        async def ask() -> None:
            done.append(await log_in(app, "ada", do))

        app.run_soon(ask())
        await client.sees("The password of ada")
        await type_in(client, SECRET)
        await client.sees("The code of your second factor")
        await type_in(client, "123456")
        await client.until(lambda: done == [True])
        assert tried == [(SECRET, None), (SECRET, "123456")]
