"""HexChat comes in, speaks and is heard, and is shown what it has missed."""

from __future__ import annotations

from pathlib import Path

from tests.irc_clients.clients import Ben, needs
from tests.irc_clients.hexchat import PROGRAMS, HexChat
from tests.irc_clients.people import has_got, register
from tests.patience import wait_until
from tests.process import ServerProcess
from tests.terminal.full.cable import Cable

pytestmark = needs("nc", *PROGRAMS)

LINES = 100


def test_hexchat_logs_in_speaks_and_is_heard(server: ServerProcess, tmp_path: Path) -> None:
    register(server, "ada")
    with Ben(server, "tea") as ben:
        ben.says("before")
        ben.hears("ben: before")
        with HexChat(server.port, "ada", tmp_path, "tea") as ada:
            ben.hears("ada has joined the chat!")
            ada.says("hello from HexChat")
            ben.hears("ada: hello from HexChat")
            ben.says("hello from nc")
            wait_until(lambda: "<ben> hello from nc" in ada.shows(), pause=0.1)
            assert ada.shows() == [
                "* Now talking on #tea",
                "<ben> before",
                "<ada> hello from HexChat",
                "<ben> hello from nc",
            ]
        ben.hears("ada has left the chat")


def test_hexchat_lists_who_is_there(server: ServerProcess, tmp_path: Path) -> None:
    register(server, "ada")
    with Ben(server, "tea") as ben, HexChat(server.port, "ada", tmp_path, "tea") as ada:
        ben.hears("ada has joined the chat!")
        wait_until(lambda: ada.title.endswith("(2)"), pause=0.1)
        ada.types("b")
        ada.presses("Tab")  # a name is completed from the list
        ada.says("tea?")
        ben.hears("ada: ben, tea?")
        ben.says("/leave")
        wait_until(lambda: ada.title.endswith("(1)"), pause=0.1)


def test_a_hexchat_whose_server_died_is_shown_exactly_what_it_has_missed(
    server: ServerProcess, tmp_path: Path
) -> None:
    register(server, "ada")
    said = [f"line {number}" for number in range(LINES)]
    with Cable(server.port) as cable, HexChat(cable.port, "ada", tmp_path, "tea") as ada:
        with Ben(server, "tea") as ben:
            has_got(server, ben, ada)
            cable.cut()
            server.kill()
        server.start()
        with Ben(server, "tea") as ben:
            ben.says(*said)
            ben.hears(f"ben: {said[-1]}")
            cable.mend()
            wait_until(lambda: said[-1] in ada.said_by("#tea", "ben"), pause=0.1)
            ada.says("I am back")
            ben.hears("ada: I am back")
            ben.says("and now")
            wait_until(lambda: "<ben> and now" in ada.shows(), pause=0.1)
            assert ada.said_by("#tea", "ben") == ["so far", *said, "and now"]
            assert [f"<ben> {said[-1]}", "<ada> I am back", "<ben> and now"] == ada.shows()[-3:]
