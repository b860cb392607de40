"""Messages with files: whose they are, what is looked at in them, and what is swept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from pathlib import Path

import pytest
from msgspec.structs import replace

from hubbub.domain import commands as ask
from hubbub.domain.events import Said
from hubbub.domain.files import Attachment
from hubbub.domain.names import RoomName
from hubbub.domain.rules import Newcomers
from hubbub.hub.ports import FileRecord
from hubbub.hub.sweeping import Sweeping
from hubbub.hub.uploading import DAY_MS, Uploading
from hubbub.storage.blobs.folder import FolderBlobs
from tests.filing import file_ports, names_in
from tests.hub.chat import NOON, Chat, Person
from tests.hub.members import settle

GENERAL = RoomName.parse("General")


def stored(chat: Chat, owner: Person, id: str, *, at: int = NOON) -> FileRecord:
    """A file of ``owner``, as it is when it was uploaded."""
    assert owner.session.user is not None
    assert owner.session.user.id is not None
    file = FileRecord(
        id, owner.session.user.id, f"{id}.png", 10, "image/png", at, f"{id:a<64}-00000000"
    )
    chat.log.disk.files[id] = file
    return file


def say(
    *ids: str, text: str = "", nonce: str | None = None, alt: str | None = None, **more: int
) -> ask.Say:
    files = tuple(Attachment(id, alt) for id in ids)
    return ask.Say(room=GENERAL, text=text, nonce=nonce, files=files, **more)  # type: ignore[arg-type]


def come(chat: Chat, *names: str) -> list[Person]:
    return [chat.enter(name, "General") for name in names]


async def answer(chat: Chat, person: Person, command: ask.Say) -> list[str]:
    """What somebody hears of a message."""
    person.news()
    person.send(command)
    await settle(chat)
    return person.news()


def said(person: Person) -> Said:
    """The newest message that somebody was shown."""
    return [one for one in person.shown() if isinstance(one, Said)][-1]


async def test_a_message_may_have_files_alone_and_words_for_them(chat: Chat) -> None:
    ada, ben = come(chat, "ada", "ben")
    stored(chat, ada, "cat")
    stored(chat, ada, "dog")
    await answer(chat, ada, say("dog", "cat", alt=" a red cat "))
    event = said(ben)
    assert event.text == ""
    assert [(one.id, one.name, one.alt) for one in event.files] == [
        ("dog", "dog.png", "a red cat"),
        ("cat", "cat.png", "a red cat"),
    ]
    assert chat.log.disk.files["cat"].seq == event.seq


async def test_what_is_sent_again_is_said_once(chat: Chat) -> None:
    (ada,) = come(chat, "ada")
    stored(chat, ada, "cat")
    first = await answer(chat, ada, say("cat", nonce="n"))
    again = await answer(chat, ada, say("cat", nonce="n"))
    assert first == ["General 2 ada: ", "ack General 2 n"]
    assert again == ["ack General 2 n"]


@pytest.mark.parametrize("which", ["none", "bens", "old"])
async def test_a_file_that_is_not_to_be_said_is_refused(chat: Chat, which: str) -> None:
    ada, ben = come(chat, "ada", "ben")
    stored(chat, ada, "old")
    stored(chat, ben, "bens")
    await answer(chat, ada, say("old"))
    assert await answer(chat, ada, say(which)) == ["error bad-message"]


async def test_nothing_at_all_is_still_nothing(chat: Chat) -> None:
    (ada,) = come(chat, "ada")
    assert await answer(chat, ada, say()) == ["error empty-text"]


async def test_a_filter_looks_at_names_and_at_words_for_files(chat: Chat) -> None:
    (ada,) = come(chat, "ada")
    room = chat.hub.rooms["general"]
    room.state.facts = replace(room.state.facts, filters=("spam*",))
    room.rules_changed()
    file = stored(chat, ada, "cat")
    assert await answer(chat, ada, say("cat", alt="spam again")) == ["error filtered"]
    chat.log.disk.files["cat"] = replace(file, name="spam.png")
    assert await answer(chat, ada, say("cat")) == ["error filtered"]
    chat.log.disk.files["cat"] = file
    await answer(chat, ada, say("cat"))
    assert said(ada).files


async def test_newcomers_whose_messages_wait_send_no_files_yet(chat: Chat) -> None:
    (ada,) = come(chat, "ada")
    room = chat.hub.rooms["general"]
    room.state.facts = replace(room.state.facts, newcomers=Newcomers.HELD)
    room.rules_changed()
    stored(chat, ada, "cat")
    assert await answer(chat, ada, say("cat")) == ["error not-allowed"]
    assert chat.log.disk.files["cat"].seq is None


async def test_a_file_answers_a_message(chat: Chat) -> None:
    ada, ben = come(chat, "ada", "ben")
    ben.say("what does it look like?")
    await settle(chat)
    stored(chat, ada, "cat")
    await answer(chat, ada, say("cat", reply_to=said(ben).seq))
    quote = said(ben).quote
    assert quote is not None
    assert quote.text == "what does it look like?"


# What is swept


async def blob(folder: Path, record: FileRecord) -> None:
    path = folder / record.id
    path.write_bytes(b"cat")
    await FolderBlobs(folder / "files").put(path, record.blob)


async def done(chat: Chat, work: Coroutine[None, None, None]) -> None:
    """Does what waits for the disk."""
    task = asyncio.ensure_future(work)
    while not task.done():
        await asyncio.sleep(0)
        chat.commit()
    await task


async def test_what_nobody_says_for_a_day_is_deleted(chat: Chat, tmp_path: Path) -> None:
    sweeping = Sweeping(chat.hub, Uploading(chat.hub, file_ports(tmp_path)))
    (ada,) = come(chat, "ada")
    now = chat.hub.clock()
    for id in ("cat", "dog"):
        await blob(tmp_path, stored(chat, ada, id, at=now))
    await answer(chat, ada, say("cat"))
    for seconds, left in ((0, 2), (2 * DAY_MS // 1000, 1)):
        chat.pass_time(seconds)
        await done(chat, sweeping.forget_unsaid())
        await done(chat, sweeping.delete_unneeded())
        assert len(names_in(tmp_path / "files")) == left
    assert set(chat.log.disk.files) == {"cat"}
    assert chat.log.disk.unneeded == set()


async def test_a_blob_of_which_the_log_never_knew_is_deleted_after_a_day(
    chat: Chat, tmp_path: Path
) -> None:
    """The server was killed when the blob was on the disk, and the file not in the log."""
    sweeping = Sweeping(chat.hub, Uploading(chat.hub, file_ports(tmp_path)))
    (ada,) = come(chat, "ada")
    known, lost = stored(chat, ada, "cat"), f"{'b' * 64}-00000000"
    for record in (known, replace(known, id="lost", blob=lost)):
        await blob(tmp_path, record)
    now = time.time() - chat.hub.clock() / 1000  # what the disk says is by the clock of the world
    chat.pass_time(now)
    await sweeping.delete_orphans()
    assert names_in(tmp_path / "files") == {known.blob, lost}
    chat.pass_time(2 * DAY_MS / 1000)
    await sweeping.delete_orphans()
    assert names_in(tmp_path / "files") == {known.blob}
