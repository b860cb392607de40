"""Texts that change in the plain client, on a server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hubbub.client import connect
from tests.process import ServerProcess
from tests.terminal.plain.test_people import account, address, chatting


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    data = tmp_path_factory.mktemp("amending") / "data"
    with ServerProcess(data, "--rate-limit", "0") as process:
        yield process


async def test_ada_changes_reacts_to_and_takes_back_what_was_said(process: ServerProcess) -> None:
    async with (
        connect(address(process), user="ben") as ben,
        chatting(process, "ada", "Tea") as (typist, _),
    ):
        await ben.join("Tea")
        typist.type("こんにちわ")
        await typist.sees("ada: こんにちわ")
        typist.type("/edit こんにちは")
        await typist.sees("ada has changed a message: こんにちは")
        typist.type("/react 👩🏽‍🚀")
        await typist.sees("ada reacts with 👩🏽‍🚀 to ada: こんにちは")
        await typist.sees("Your reaction is shown with the message.")
        await ben.say("Tea", "hello")
        await typist.sees("ben: hello")
        typist.type("/react ada nothing")
        await typist.sees("That is no emoji.")
        typist.type("/pins")
        await typist.sees("Nothing is pinned in Tea.")
        typist.type("/undo ben")
        await typist.sees("Nobody owns Tea")
        typist.type("/history 2")
        await typist.sees("ada: こんにちは (edited) [👩🏽‍🚀 1]")
        typist.type("/undo")
        await typist.sees("ada has taken back a message.")
        typist.type("/history 2")
        await typist.sees("ada: (taken back by ada)")


async def test_what_was_said_to_ben_alone_is_changed_there(process: ServerProcess) -> None:
    async with account(process, "ben"), chatting(process, "eve", "Den") as (typist, _):
        await typist.sees("eve has joined the chat!")
        typist.type("/register", "correct horse battery")
        await typist.sees("Your name is yours now")
        typist.type("to all")
        await typist.sees("eve: to all")
        typist.type("/msg ben to yuo")
        await typist.sees("eve (to ben): to yuo")
        typist.type("/edit to you")
        await typist.sees("eve (to ben) has changed a message: to you")
        typist.type("/undo")
        await typist.sees("eve (to ben) has taken back a message.")
        typist.type("once more")
        await typist.sees("eve: once more")
        typist.type("/undo")
        await typist.sees("eve has taken back a message.")


async def test_commands_in_a_pipe_are_about_the_lines_before_them(process: ServerProcess) -> None:
    async with chatting(process, "pip", "Pipe", interactive=False) as (typist, _):
        typist.type("helo", "/edit hello", "/react +1", "/history 1", "/undo", "/history 1")
        await typist.sees("pip: (taken back by pip)")
    shown = [line.partition("] ")[2] or line for line in typist.screen if "pip" in line]
    assert shown == [
        "pip has joined the chat!",
        "pip: helo",
        "pip has changed a message: hello",
        "pip reacts with 👍 to pip: hello",
        "pip: hello (edited) [👍 1]",
        "pip has taken back a message.",
        "pip: (taken back by pip)",
    ]
