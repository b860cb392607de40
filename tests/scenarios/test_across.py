"""What one does in one protocol, the other sees in another: names, losses, returns, rooms."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hubbub.hub import hub
from hubbub.hub.settings import HubSettings
from hubbub.server import first, line
from tests.scenarios.transcript import MAYBE_YOU, perform
from tests.server.serving import Server, serving

LINE_VOICES = ("lines", "crlf", "segments")
ALL = (*LINE_VOICES, "json")

two_of_any = pytest.mark.parametrize("ada, ben", [(ada, ben) for ada in ALL for ben in ALL])


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Server]:
    """A server where pauses take a moment, and nobody who was cut off is waited for."""
    monkeypatch.setattr(first, "PAUSE_SECONDS", 0.03)
    monkeypatch.setattr(line, "PAUSE_SECONDS", 0.03)
    monkeypatch.setattr(hub, "TICK_SECONDS", 0.02)
    async with serving(settings=HubSettings(leave_grace_seconds=0.05)) as server:
        yield server


@two_of_any
async def test_the_dialogue_of_the_seed_among_three(server: Server, ada: str, ben: str) -> None:
    await perform(
        server,
        """
        ben → Ben
        ben ← Available rooms:
        ben ← General (0 users)
        ben → General
        ben ← Welcome to room General!
        ben ← […] Ben has joined the chat!
        eve → Eve
        eve ← Available rooms:
        eve ← General (1 user)
        eve → General
        eve ← Welcome to room General!
        eve ← […] Ben has joined the chat!
        eve ← […] Eve has joined the chat!
        ada → Alice
        ada ← Available rooms:
        ada ← General (2 users)
        ada → General
        ada ← Welcome to room General!
        ada ← […] Ben has joined the chat!
        ada ← […] Eve has joined the chat!
        ada ← […] Alice has joined the chat!
        ada → Donec pulvinar erat.
        ada ← […] Alice: Donec pulvinar erat.
        ada → exit
        ada ← (nothing more)
        ben ← […] Eve has joined the chat!
        ben ← […] Alice has joined the chat!
        ben ← […] Alice: Donec pulvinar erat.
        ben ← […] Alice has left the chat!
        ben → exit
        ben ← (nothing more)
        """,
        ada=ada,
        ben=ben,
        eve="lines",
    )


@two_of_any
async def test_a_name_is_taken_in_every_protocol(server: Server, ada: str, ben: str) -> None:
    await perform(
        server,
        f"""
        ada → ada
        ada ← Available rooms:
        ada ← General (0 users)
        ben → ADA
        ben ← The name "ada" is in use, {MAYBE_YOU} "ADA2" is free now.
        """,
        ada=ada,
        ben=ben,
    )


@two_of_any
async def test_who_is_cut_off_has_left_once(server: Server, ada: str, ben: str) -> None:
    await perform(
        server,
        """
        ada → ada
        ada ← Available rooms:
        ada ← General (0 users)
        ada → General
        ada ← Welcome to room General!
        ada ← […] ada has joined the chat!
        ben → ben
        ben ← Available rooms:
        ben ← General (1 user)
        ben → General
        ben ← Welcome to room General!
        ben ← […] ada has joined the chat!
        ben ← […] ben has joined the chat!
        ada ← […] ben has joined the chat!
        ben ✂ (his cable is cut)
        ada ← […] ben has left the chat!
        ada → gone?
        ada ← […] ada: gone?
        ada → exit
        ada ← (nothing more)
        """,
        ada=ada,
        ben=ben,
    )


@pytest.mark.parametrize("ada", ALL)
async def test_who_comes_back_is_shown_what_was_missed_and_nothing_twice(
    server: Server, ada: str
) -> None:
    await perform(
        server,
        """
        ada → ada
        ada ← Available rooms:
        ada ← General (0 users)
        ada → General
        ada ← Welcome to room General!
        ada ← […] ada has joined the chat!
        ben → ben
        ben ← Available rooms:
        ben ← General (1 user)
        ben → General
        ben ← Welcome to room General!
        ben ← […] ada has joined the chat!
        ben ← […] ben has joined the chat!
        ada ← […] ben has joined the chat!
        ben → one
        ben ← […] ben: one
        ada ← […] ben: one
        ben ✂ (his cable is cut)
        ada ← […] ben has left the chat!
        ada → two
        ada ← […] ada: two
        ada → three
        ada ← […] ada: three
        ben ↺ (with his token)
        ben ← […] ben has left the chat!
        ben ← […] ada: two
        ben ← […] ada: three
        ben ← […] ben has joined the chat!
        ada ← […] ben has joined the chat!
        ben → four
        ben ← […] ben: four
        ada ← […] ben: four
        ada → exit
        ada ← (nothing more)
        """,
        ada=ada,
        ben="json",
    )


@pytest.mark.parametrize("ada", ["lines", "crlf"])
@pytest.mark.parametrize("ben", ALL)
async def test_what_is_piped_in_is_said_and_then_she_is_gone(
    server: Server, ada: str, ben: str
) -> None:
    await perform(
        server,
        """
        ben → ben
        ben ← Available rooms:
        ben ← General (0 users)
        ben → General
        ben ← Welcome to room General!
        ben ← […] ben has joined the chat!
        ada → ada
        ada → General
        ada → the build is green
        ada ⏏ (nothing more comes through her pipe)
        ada ← Available rooms:
        ada ← General (1 user)
        ada ← Welcome to room General!
        ada ← […] ben has joined the chat!
        ada ← […] ada has joined the chat!
        ada ← […] ada: the build is green
        ada ← (nothing more)
        ben ← […] ada has joined the chat!
        ben ← […] ada: the build is green
        ben ← […] ada has left the chat!
        ben → exit
        ben ← (nothing more)
        """,
        ada=ada,
        ben=ben,
    )


@pytest.mark.parametrize("ada", LINE_VOICES)
async def test_who_goes_to_another_room_has_left_this_one(server: Server, ada: str) -> None:
    await perform(
        server,
        """
        eve → eve
        eve ← Available rooms:
        eve ← General (0 users)
        eve → Kitchen
        eve ← Welcome to room Kitchen!
        eve ← […] eve has joined the chat!
        ben → ben
        ben ← Available rooms:
        ben ← Kitchen (1 user)
        ben ← General (0 users)
        ben → General
        ben ← Welcome to room General!
        ben ← […] ben has joined the chat!
        ada → ada
        ada ← Available rooms:
        ada ← General (1 user)
        ada ← Kitchen (1 user)
        ada → General
        ada ← Welcome to room General!
        ada ← […] ben has joined the chat!
        ada ← […] ada has joined the chat!
        ada → /join Kitchen
        ada ← Welcome to room Kitchen!
        ada ← […] eve has joined the chat!
        ada ← […] ada has joined the chat!
        eve ← […] ada has joined the chat!
        ben ← […] ada has joined the chat!
        ben ← […] ada has left the chat!
        ben → alone?
        ben ← […] ben: alone?
        ada → soup is ready
        ada ← […] ada: soup is ready
        eve ← […] ada: soup is ready
        ada → exit
        ada ← (nothing more)
        """,
        ada=ada,
        ben="json",
        eve="json",
    )


@pytest.mark.parametrize("ada", ALL)
async def test_an_answer_shows_what_it_answers(server: Server, ada: str) -> None:
    await perform(
        server,
        """
        ada → Alice
        ada ← Available rooms:
        ada ← General (0 users)
        ada → General
        ada ← Welcome to room General!
        ada ← […] Alice has joined the chat!
        eve → Eve
        eve ← Available rooms:
        eve ← General (1 user)
        eve → General
        eve ← Welcome to room General!
        eve ← […] Alice has joined the chat!
        eve ← […] Eve has joined the chat!
        ada ← […] Eve has joined the chat!
        ada → Donec pulvinar erat.
        ada ← […] Alice: Donec pulvinar erat.
        eve ← […] Alice: Donec pulvinar erat.
        eve → /reply alice Indeed.
        eve ← […] Eve: > Alice: Donec pulvinar erat.
        eve ← […] Eve: Indeed.
        ada ← […] Eve: > Alice: Donec pulvinar erat.
        ada ← […] Eve: Indeed.
        """,
        ada=ada,
        eve="lines",
    )


@two_of_any
async def test_a_topic_is_heard_and_found_in_every_protocol(
    server: Server, ada: str, ben: str
) -> None:
    await perform(
        server,
        """
        ada → ada
        ada ← Available rooms:
        ada ← General (0 users)
        ada → General
        ada ← Welcome to room General!
        ada ← […] ada has joined the chat!
        ada → /topic Verse
        ada ← […] ada has set the topic: Verse
        ben → ben
        ben ← Available rooms:
        ben ← General (1 user) – Verse
        ben → General
        ben ← Welcome to room General!
        ben ← Topic: Verse
        ben ← […] ada has joined the chat!
        ben ← […] ada has set the topic: Verse
        ben ← […] ben has joined the chat!
        ada ← […] ben has joined the chat!
        ada → /topic -
        ada ← […] ada has taken the topic away.
        ben ← […] ada has taken the topic away.
        """,
        ada=ada,
        ben=ben,
    )
