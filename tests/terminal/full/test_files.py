"""Files in the full screen: sent by a command, shown by name, pictures on demand."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubbub.domain.errors import BadMessage
from hubbub.domain.files import File
from hubbub.domain.kinds import is_message
from hubbub.terminal.full.screens.picture import Picture
from tests.pictures.corpus import picture, saved
from tests.terminal.full.conftest import Starts
from tests.terminal.full.fake import FakeServer

CUP = File(
    id="c", name="cup.jpg", size=12_300, type="image/jpeg", alt="A cup of tea", thumbnail=True
)
NOTES = File(id="n", name="notes.txt", size=9, type="text/plain")


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "my notes.txt"
    path.write_text("Buy tea.")
    return path


async def test_a_file_is_sent_and_stands_in_the_room(
    start: Starts, server: FakeServer, notes: Path
) -> None:
    async with start() as client:
        await client.send(f'/send "{notes}"')
        await client.sees("my notes.txt (8 B)")
        assert list(server.attachments.uploaded.values()) == [notes]


async def test_several_files_are_one_message_that_answers(
    start: Starts, server: FakeServer, notes: Path
) -> None:
    server.say("ben", "Where are your notes?")
    async with start() as client:
        await client.press("alt+up", "enter")
        await client.send(f"/send '{notes}' '{notes}'")
        await client.sees("my notes.txt (8 B)")
        said = server.events("General")[-1]
        assert is_message(said)
        assert (len(said.files), said.reply_to) == (2, 1)


async def test_the_person_sees_how_far_it_is_and_may_write_on(
    start: Starts, server: FakeServer, notes: Path
) -> None:
    server.attachments.going.clear()
    async with start() as client:
        await client.send(f'/send "{notes}"')
        await client.sees("Sending my notes.txt: 25 %")
        await client.send("It comes soon.")
        await client.sees("ada: It comes soon.")
        server.attachments.going.set()
        await client.sees("my notes.txt (8 B)")


async def test_what_cannot_be_sent_is_told_with_what_to_do(
    start: Starts, server: FakeServer, notes: Path
) -> None:
    async with start() as client:
        await client.send(f"/send {notes.parent}/none.txt")
        await client.sees("none.txt is not there. Nothing was sent.")
        await client.send("/send /tmp")
        await client.sees("tmp is a folder. Nothing was sent.")
        server.attachments.refusal = BadMessage("It is larger than 25 MiB.")
        await client.send(f'/send "{notes}"')
        await client.sees("It is larger than 25 MiB. To try again: /send")
        assert len(server.events("General")) == 1


async def test_tab_completes_paths(
    start: Starts, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(notes.parent)
    async with start() as client:
        await client.write("/send my")
        await client.press("tab")
        assert client.entry.text == '/send "my notes.txt" '
        await client.press("ctrl+u")
        await client.write(f"/send x.txt {notes.parent}/m")
        await client.press("tab")
        assert client.entry.text == f'/send x.txt "{notes}" '


async def test_files_are_shown_by_name_size_and_words(start: Starts, server: FakeServer) -> None:
    server.say("ben", "", files=[CUP])
    server.say("eve", "read this", files=[NOTES])
    async with start() as client:
        await client.sees("cup.jpg (12 KiB): A cup of tea")
        await client.sees("eve: read this")
        await client.sees("notes.txt (9 B)")


async def test_a_picture_is_drawn_when_it_is_asked_for(
    start: Starts, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUBBUB_PICTURES", "blocks")
    server.attachments.picture = saved(picture(200, 100), "WEBP")
    server.say("ben", "", files=[CUP])
    server.say("eve", "nice")
    async with start() as client:
        assert "▀" not in client.screen()
        await client.send("/show")
        await client.sees("▀▀▀▀")
        await client.sees("A cup of tea")
        await client.press("escape")
        await client.until(lambda: not isinstance(client.app.screen, Picture))
        await client.press("alt+up", "up", "ctrl+s")
        await client.sees("▀▀▀▀")


async def test_a_terminal_that_shows_pictures_gets_one_and_loses_it(
    start: Starts, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUBBUB_PICTURES", "kitty")
    server.attachments.picture = saved(picture(200, 100), "WEBP")
    server.say("ben", "", files=[CUP])
    async with start() as client:
        written: list[str] = []
        monkeypatch.setattr(client.app, "_write", written.append)
        await client.send("/show ben")
        await client.until(lambda: any("\x1b_Ga=T" in one for one in written))
        await client.press("escape")
        await client.until(lambda: "\x1b_Ga=d" in written[-1])


async def test_the_file_of_a_picture_is_opened_in_the_browser(
    start: Starts, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUBBUB_PICTURES", "blocks")
    monkeypatch.setenv("DISPLAY", ":0")
    server.attachments.picture = saved(picture(), "WEBP")
    server.say("ben", "", files=[CUP])
    server.say("eve", "", files=[NOTES])
    async with start() as client:
        opened: list[str] = []
        monkeypatch.setattr(client.app, "open_url", opened.append)
        await client.send("/show")
        await client.sees("Ctrl+O opens the file")
        await client.press("ctrl+o")
        await client.until(lambda: opened == ["http://example.org/api/files/c/cup.jpg?pass=p"])
        await client.press("alt+up", "ctrl+o")
        await client.until(lambda: len(opened) == 2)
        assert opened[1].endswith("/n/notes.txt?pass=p")


async def test_where_there_is_no_file_it_says_so(start: Starts, server: FakeServer) -> None:
    server.say("ben", "hello")
    async with start() as client:
        await client.send("/show")
        await client.sees("Nobody has sent a file here lately.")
        await client.send("/show eve")
        await client.sees("eve has sent no file here lately.")
