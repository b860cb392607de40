"""The seed's dialogue, in every way to speak, and across them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.process import ServerProcess
from tests.scenarios.transcript import MAYBE_YOU, perform
from tests.scenarios.voices import VOICES

LINE_VOICES = ("lines", "crlf", "segments")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path / "data") as server:
        yield server


@pytest.mark.parametrize("voice", VOICES)
async def test_ada_comes_talks_and_goes(server: ServerProcess, voice: str) -> None:
    await perform(
        server,
        """
        ada → Alice
        ada ← Available rooms:
        ada ← General (0 users)
        ada → General
        ada ← Welcome to room General!
        ada ← […] Alice has joined the chat!
        ada → Donec pulvinar erat.
        ada ← […] Alice: Donec pulvinar erat.
        ada → exit
        ada ← (nothing more)
        """,
        ada=voice,
    )


@pytest.mark.parametrize(
    "ada, ben",
    [
        ("lines", "json"),
        ("json", "segments"),
        ("client", "lines"),
        ("segments", "client"),
        ("json", "client"),
        ("crlf", "lines"),
        ("json", "json"),
        ("client", "client"),
    ],
)
async def test_what_ada_says_one_way_ben_hears_another(
    server: ServerProcess, ada: str, ben: str
) -> None:
    await perform(
        server,
        """
        ada → Alice
        ada ← Available rooms:
        ada ← General (0 users)
        ada → Tea
        ada ← Welcome to room Tea!
        ada ← […] Alice has joined the chat!
        ada → first
        ada ← […] Alice: first
        ben → Ben
        ben ← Available rooms:
        ben ← Tea (1 user)
        ben ← General (0 users)
        ben → tea
        ben ← Welcome to room Tea!
        ben ← […] Alice has joined the chat!
        ben ← […] Alice: first
        ben ← […] Ben has joined the chat!
        ada ← […] Ben has joined the chat!
        ben → Żółw, 日本語 and 😀
        ada ← […] Ben: Żółw, 日本語 and 😀
        ben ← […] Ben: Żółw, 日本語 and 😀
        ada → exit
        ada ← (nothing more)
        ben ← […] Alice has left the chat!
        ben → exit
        ben ← (nothing more)
        """,
        ada=ada,
        ben=ben,
    )


@pytest.mark.parametrize("voice", LINE_VOICES)
async def test_a_name_or_room_that_cannot_be_had_is_asked_for_again(
    server: ServerProcess, voice: str
) -> None:
    await perform(
        server,
        f"""
        ada → Alice
        ada ← Available rooms:
        ada ← General (0 users)
        ben → alice
        ben ← The name "Alice" is in use, {MAYBE_YOU} "alice2" is free now.
        ben ← What is your name?
        ben → Big Ben
        ben ← A name cannot have a space (character 4). "Big-Ben" would do.
        ben ← What is your name?
        ben → Big-Ben
        ben ← Available rooms:
        ben ← General (0 users)
        ben → Tea, please
        ben ← A room name cannot have a comma (character 4). "Tea-please" would do.
        ben ← Which room?
        ben → Tea-please
        ben ← Welcome to room Tea-please!
        ben ← […] Big-Ben has joined the chat!
        """,
        ada=voice,
        ben=voice,
    )


@pytest.mark.parametrize("voice", LINE_VOICES)
async def test_commands_of_the_line_protocol(server: ServerProcess, voice: str) -> None:
    await perform(
        server,
        """
        ada → Alice
        ada ← Available rooms:
        ada ← General (0 users)
        ada → General
        ada ← Welcome to room General!
        ada ← […] Alice has joined the chat!
        ada → /say /me is the word exit
        ada ← […] Alice: /me is the word exit
        ada → /who
        ada ← In General (1 user): Alice
        ada → /history 1
        ada ← The last 1 of General:
        ada ← […] Alice: /me is the word exit
        ada → /dance
        ada ← There is no command "/dance". /help lists them; to say it as it is, type: /say /dance
        ada → /rooms
        ada ← Available rooms:
        ada ← General (1 user)
        ada → /join Tea
        ada ← Welcome to room Tea!
        ada ← This room is new: you have just made it. To take it back: /delete
        ada ← […] Alice has joined the chat!
        ada → /who
        ada ← In Tea (1 user): Alice
        """,
        ada=voice,
    )


@pytest.mark.parametrize("voice", ["lines", "json", "client"])
async def test_who_loses_the_connection_has_left_once(server: ServerProcess, voice: str) -> None:
    """The line client is gone at once; who has a token would have a moment to come back."""
    await perform(
        server,
        """
        ada → Alice
        ada ← Available rooms:
        ada ← General (0 users)
        ada → General
        ada ← Welcome to room General!
        ada ← […] Alice has joined the chat!
        ben → Ben
        ben ← Available rooms:
        ben ← General (1 user)
        ben → General
        ben ← Welcome to room General!
        ben ← […] Alice has joined the chat!
        ben ← […] Ben has joined the chat!
        ada ✂ (her cable is cut)
        ben ← […] Alice has left the chat!
        ben → bye
        ben ← […] Ben: bye
        """,
        ada=voice,
        ben="lines",
    )


@pytest.mark.parametrize("voice", ["lines", "json"])
async def test_all_is_there_after_kill_9(server: ServerProcess, voice: str) -> None:
    await perform(
        server,
        """
        eve → Eve
        eve ← Available rooms:
        eve ← General (0 users)
        eve → General
        eve ← Welcome to room General!
        eve ← […] Eve has joined the chat!
        ada → Alice
        ada ← Available rooms:
        ada ← General (1 user)
        ada → General
        ada ← Welcome to room General!
        ada ← […] Eve has joined the chat!
        ada ← […] Alice has joined the chat!
        ada → saved
        ada ← […] Alice: saved
        ada → exit
        eve ← […] Alice has joined the chat!
        eve ← […] Alice: saved
        eve ← […] Alice has left the chat!
        """,
        ada=voice,
        eve="lines",
    )
    server.restart()
    await perform(
        server,
        """
        ben → Ben
        ben ← Available rooms:
        ben ← General (0 users)
        ben → General
        ben ← Welcome to room General!
        ben ← […] Eve has joined the chat!
        ben ← […] Alice has joined the chat!
        ben ← […] Alice: saved
        ben ← […] Alice has left the chat!
        ben ← […] Eve has left the chat!
        ben ← […] Ben has joined the chat!
        """,
        ben=voice,
    )
