"""Clients of IRC from Debian come in, speak and are heard, and are shown what they have missed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.irc_clients.clients import (
    Ben,
    Client,
    Ii,
    Irssi,
    Sic,
    WeeChat,
    needs,
    needs_tmux,
)
from tests.irc_clients.people import has_got, register, visit
from tests.patience import wait_until
from tests.process import ServerProcess
from tests.terminal.full.cable import Cable

pytestmark = [needs_tmux, needs("nc")]

LINES = 300


@pytest.mark.parametrize(
    "kind",
    [pytest.param(kind, marks=needs(kind.name)) for kind in (WeeChat, Irssi, Sic, Ii)],
    ids=lambda kind: kind.name,
)
def test_a_client_speaks_and_is_heard(
    server: ServerProcess, tmp_path: Path, kind: type[Client]
) -> None:
    with Ben(server, "tea") as ben:
        ben.says("before")
        ben.hears("ben: before")
        with kind(server.port, "ada", tmp_path / "ada") as ada:
            ada.comes_in("tea")
            ben.hears("ada has joined the chat!")
            ada.hears_of("tea", "ben", "before")
            ada.says("tea", "hello from IRC")
            ben.hears("ada: hello from IRC")
            ben.says("hello from nc")
            ada.hears("tea", "ben", "hello from nc")
        ben.hears("ada has left the chat")


@needs("weechat")
@pytest.mark.parametrize("way", ["killed", "cut", "lost"])
def test_a_weechat_that_was_away_is_shown_exactly_what_it_has_missed(
    server: ServerProcess, tmp_path: Path, way: str
) -> None:
    register(server, "ada")
    said = [f"line {number}" for number in range(LINES)]
    with (
        Ben(server, "tea") as ben,
        Cable(server.port) as cable,
        WeeChat(cable.port, "ada", tmp_path / "ada", program="laptop", room="tea") as ada,
    ):
        ben.hears("ada has joined the chat!")
        has_got(server, ben, ada)
        if way == "killed":
            ada.kill()
        elif way == "cut":
            cable.cut()
        else:
            cable.lose("up", "down")  # the server sends what never comes
        ben.says(*said)
        ben.hears(f"ben: {said[-1]}")
        if way == "killed":
            ada.restart()
        elif way == "lost":
            cable.cut()
        cable.mend()
        wait_until(lambda: said[-1] in ada.said_by("#tea", "ben"), pause=0.1)
        ben.says("and now")
        wait_until(lambda: "and now" in ada.said_by("#tea", "ben"), pause=0.1)
        assert ada.said_by("#tea", "ben") == ["so far", *said, "and now"]
        ada.sees("and now")


@needs("weechat")
def test_a_weechat_is_shown_what_was_said_to_it_alone_while_it_was_away(
    server: ServerProcess, tmp_path: Path
) -> None:
    register(server, "ada")
    visit(server, "eve", "PRIVMSG ada :one", "PRIVMSG ada :two")
    with WeeChat(server.port, "ada", tmp_path / "ada", program="laptop") as ada:
        wait_until(lambda: ada.said_by("eve", "eve") == ["one", "two"], pause=0.1)
        visit(server, "eve", "PRIVMSG ada :three")
        wait_until(lambda: ada.said_by("eve", "eve") == ["one", "two", "three"], pause=0.1)
