"""Texts that change, in lines alone: what ada and ben see of edits, redactions, reactions, pins."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.process import ServerProcess
from tests.scenarios.test_moderation import EACH_VOICE, IN_LAB
from tests.scenarios.transcript import perform

BOTH_IN_LAB = (
    IN_LAB
    + """
    ben → ben
    ben ← Available rooms:
    ben ← Lab (1 user)
    ben ← General (0 users)
    ben → Lab
    ben ← Welcome to room Lab!
    ben ← […] ada has joined the chat!
    ben ← […] ben has joined the chat!
    ada ← […] ben has joined the chat!
    """
)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path / "data") as server:
        yield server


@EACH_VOICE
async def test_ada_and_ben_change_react_to_pin_and_take_back_what_they_say(
    server: ServerProcess, voice: str
) -> None:
    await perform(
        server,
        BOTH_IN_LAB
        + """
        ada → helo
        ada ← […] ada: helo
        ben ← […] ada: helo
        ada → /edit hello, ben
        ada ← […] ada has changed a message: hello, ben
        ben ← […] ada has changed a message: hello, ben
        ben → /react :wave:
        ben ← […] ben reacts with 👋 to ada: hello, ben
        ben ← Your reaction is shown with the message.
        ada ← […] ben reacts with 👋 to ada: hello, ben
        ada → /react ada 👋🏽
        ada ← […] ada reacts with 👋🏽 to ada: hello, ben
        ada ← Your reaction is shown with the message.
        ben ← […] ada reacts with 👋🏽 to ada: hello, ben
        ada → /unreact 👋🏽
        ada ← Your reaction is taken back.
        ben → /edit hello
        ben ← You have not said anything in Lab lately. Nothing was done.
        ben → rude words
        ben ← […] ben: rude words
        ada ← […] ben: rude words
        ben → /pin
        ben ← Only the moderators of Lab (ada) may pin a message, and unpin it.
        ada → /pin ada
        ada ← […] ada has pinned a message of ada: hello, ben
        ben ← […] ada has pinned a message of ada: hello, ben
        ben → /pins
        ben ← Pinned in Lab, the newest first:
        ben ← […] ada: hello, ben (edited) [👋 1]
        ben → /undo ada
        ben ← Only the moderators of Lab (ada) may take back what others have said.
        ada → /undo ben
        ada ← […] ada has taken back a message of ben.
        ben ← […] ada has taken back a message of ben.
        ada → /react ben +1
        ada ← Nobody called "ben" has said anything in Lab lately. Nothing was done.
        ada → /unpin
        ada ← […] ada has unpinned a message of ada: hello, ben
        ben ← […] ada has unpinned a message of ada: hello, ben
        eve → eve
        eve ← Available rooms:
        eve ← Lab (2 users)
        eve ← General (0 users)
        eve → Lab
        eve ← Welcome to room Lab!
        eve ← […] ada has joined the chat!
        eve ← […] ben has joined the chat!
        eve ← […] ada: hello, ben (edited) [👋 1]
        eve ← […] ben: (taken back by ada)
        eve ← […] ada has pinned a message of ada: hello, ben
        eve ← […] ada has unpinned a message of ada: hello, ben
        eve ← […] eve has joined the chat!
        ada ← […] eve has joined the chat!
        ben ← […] eve has joined the chat!
        """,
        ada=voice,
        ben=voice,
        eve=voice,
    )


@EACH_VOICE
async def test_what_ben_said_to_ada_alone_he_changes_and_takes_back_there(
    server: ServerProcess, voice: str
) -> None:
    await perform(
        server,
        BOTH_IN_LAB
        + """
        ben → to all
        ben ← […] ben: to all
        ada ← […] ben: to all
        ben → /msg ada to yuo
        ben ← […] ben to ada (private): to yuo
        ada ← […] ben to ada (private): to yuo
        ben → /edit to you
        ben ← […] ben (private with ada) has changed a message: to you
        ada ← […] ben (private with ada) has changed a message: to you
        ben → /undo
        ben ← […] ben (private with ada) has taken back a message.
        ada ← […] ben (private with ada) has taken back a message.
        ben → to all of you
        ben ← […] ben: to all of you
        ada ← […] ben: to all of you
        ben → /undo
        ben ← […] ben has taken back a message.
        ada ← […] ben has taken back a message.
        """,
        ada=voice,
        ben=voice,
    )


async def test_all_of_it_may_be_piped_in(server: ServerProcess) -> None:
    piped = "ada⏎Tea⏎helo⏎/edit hello⏎/react +1⏎/unreact +1⏎/react ben +1⏎/undo⏎/undo⏎/history 1"
    await perform(
        server,
        f"""
        ada → {piped}
        ada ⏏
        ada ← Available rooms:
        ada ← General (0 users)
        ada ← Welcome to room Tea!
        ada ← […] ada has joined the chat!
        ada ← […] ada: helo
        ada ← […] ada has changed a message: hello
        ada ← […] ada reacts with 👍 to ada: hello
        ada ← Your reaction is shown with the message.
        ada ← Your reaction is taken back.
        ada ← Nobody called "ben" has said anything in Tea lately. Nothing was done.
        ada ← […] ada has taken back a message.
        ada ← You have not said anything in Tea lately. Nothing was done.
        ada ← The last 1 of Tea:
        ada ← […] ada: (taken back by ada)
        ada ← (nothing more)
        """,
        ada="piped",
    )
