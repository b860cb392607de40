"""A program that keeps its state in a file may be killed at any moment, and goes on once."""

from __future__ import annotations

import asyncio
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hubbub import private
from hubbub.client import Chat, Happened, NameTaken, Resume, Said, connect
from hubbub.client.statefile import load
from hubbub.domain import commands as ask
from hubbub.domain.errors import BadMessage, NeedName
from hubbub.domain.replies import Ack
from tests.client import answering_bot
from tests.client.scripted import ScriptedServer
from tests.process import ServerProcess, clean_environment


def kept(path: Path) -> Resume:
    return load(path)


async def next_text(chat: Chat) -> tuple[str, bool]:
    async for update in chat:
        if isinstance(update, Happened) and isinstance(update.event, Said):
            return update.event.text, update.history
    raise AssertionError("the chat has ended")


class Killed(BaseException):
    """What ends a program without letting it say or write anything more."""


async def run(
    server: ScriptedServer, path: Path, monkeypatch: pytest.MonkeyPatch, work: Callable[..., object]
) -> None:
    """One run of a program, until it is killed."""
    with monkeypatch.context() as patch:
        patch.setattr(Chat, "close", _gone)
        with pytest.raises(Killed):
            async with connect(server.address, user="bot", state=path) as chat:
                await work(chat)  # type: ignore[misc]


async def _gone(chat: Chat, *, patience: float = 0) -> None:
    assert chat._life._task is not None
    chat._life._task.cancel()


async def test_who_was_killed_has_its_name_and_goes_on_behind_what_was_done(
    server: ScriptedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "deep" / "bot.state"

    async def first(chat: Chat) -> None:
        await chat.join("General")
        for text in ("one", "two", "three"):
            server.model.say("General", "ben", text)
        assert await next_text(chat) == ("one", False)
        assert await next_text(chat) == ("two", False)
        chat.keep_state(done=False)  # as it is every second
        server.cut()
        raise Killed

    await run(server, path, monkeypatch, first)
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(NameTaken):
        async with connect(server.address, user="bot"):
            raise AssertionError("never")
    async with connect(server.address, user="bot", state=path) as chat:
        assert await next_text(chat) == ("two", False), "it was at work with this one"
        assert await next_text(chat) == ("three", False)
    async with connect(server.address, user="bot", state=path) as chat:
        server.model.say("General", "ben", "four")
        assert await next_text(chat) == ("four", False), "a clean end: all that was taken is done"


async def test_the_token_is_kept_before_anything_else_happens(
    server: ScriptedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bot.state"

    async def first(chat: Chat) -> None:
        server.cut()
        raise Killed

    await run(server, path, monkeypatch, first)
    assert kept(path).token == server.model.guests["bot"]


@pytest.mark.parametrize("forgotten", [False, True], ids=["soon", "after the name's hold"])
@pytest.mark.parametrize("moment", ["before it is sent", "before the ack", "after the ack"])
async def test_an_answer_is_said_once_whenever_its_program_is_killed(
    server: ScriptedServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
    forgotten: bool,
) -> None:
    path = tmp_path / "bot.state"

    async def answer(chat: Chat) -> None:
        await chat.join("General")
        text, _ = await next_text(chat)
        assert text == "ready?"
        if moment == "before it is sent":
            server.deaf = True
        elif moment == "before the ack":
            server.on_reply = lambda reply: [] if isinstance(reply, Ack) else None
        line = chat.send("General", "yes!", nonce="answer-2")
        if moment == "after the ack":
            await line.saved()
        else:
            await server.until_it_got(ask.Say)
        server.cut()
        raise Killed

    async def begin(chat: Chat) -> None:
        await chat.join("General")
        chat.keep_state(done=False)
        server.model.say("General", "ben", "ready?")
        await answer(chat)

    await run(server, path, monkeypatch, begin)
    server.on_reply, server.deaf = (lambda _: None), False
    if forgotten:
        server.model.forget_guests()
    async with connect(server.address, user="bot", state=path) as chat:
        assert await next_text(chat) == ("ready?", False), "it is asked once more"
        ack = await chat.say("General", "yes, again!", nonce="answer-2")
        assert await next_text(chat) == ("yes!", False)
    assert server.model.texts() == ["ready?", "yes!"]
    event = server.model.room("General").events[ack.seq - 1]
    assert isinstance(event, Said)
    assert event.text == "yes!"


async def test_history_that_was_shown_in_part_is_no_news_next_time(
    server: ScriptedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bot.state"
    for text in ("one?", "two?"):
        server.model.say("General", "ben", text)

    async def first(chat: Chat) -> None:
        await chat.join("General")
        assert await next_text(chat) == ("one?", True)
        assert await next_text(chat) == ("two?", True)
        chat.keep_state(done=False)
        server.cut()
        raise Killed

    await run(server, path, monkeypatch, first)
    async with connect(server.address, user="bot", state=path) as chat:
        await chat.join("General")
        assert await next_text(chat) == ("one?", True)


async def test_a_bot_that_ends_itself_on_a_word_does_so_once(
    server: ScriptedServer, tmp_path: Path
) -> None:
    path = tmp_path / "bot.state"

    async def first() -> None:
        async with connect(server.address, user="bot", state=path) as chat:
            await chat.join("General")
            server.model.say("General", "ben", "!restart")
            assert await next_text(chat) == ("!restart", False)
            chat.keep_state(done=True)
            raise SystemExit

    with pytest.raises(SystemExit):
        await first()
    server.model.say("General", "ben", "hello")
    async with connect(server.address, user="bot", state=path) as chat:
        assert await next_text(chat) == ("hello", False)


async def test_what_raised_an_error_comes_again(server: ScriptedServer, tmp_path: Path) -> None:
    path = tmp_path / "bot.state"

    async def first() -> None:
        async with connect(server.address, user="bot", state=path) as chat:
            await chat.join("General")
            server.model.say("General", "ben", "1/0")
            assert await next_text(chat) == ("1/0", False)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await first()
    async with connect(server.address, user="bot", state=path) as chat:
        assert await next_text(chat) == ("1/0", False)


async def test_one_nonce_is_one_line(server: ScriptedServer) -> None:
    async with connect(server.address, user="bot") as chat:
        await chat.join("General")
        await chat.join("tea")
        first = chat.send("General", "hello", nonce="n")
        assert chat.send("General", "hello again", nonce="n") is first
        with pytest.raises(BadMessage):
            chat.send("tea", "hello", nonce="n")
        for wrong in ("", "x" * 65):
            with pytest.raises(BadMessage):
                chat.send("tea", "hello", nonce=wrong)
        ack = await first.saved()
        assert (await chat.say("General", "hello", nonce="n")).seq == ack.seq
        assert server.model.texts() == ["hello"]


async def test_a_file_that_is_no_state_is_refused_with_a_sentence(
    server: ScriptedServer, tmp_path: Path
) -> None:
    path = tmp_path / "bot.state"
    path.write_text("{")
    with pytest.raises(ValueError, match="is no state of a chat"):
        async with connect(server.address, user="bot", state=path):
            raise AssertionError("never")
    path.unlink()
    path.mkdir()
    with pytest.raises(OSError, match="directory"):
        async with connect(server.address, user="bot", state=path):
            raise AssertionError("never")
    with pytest.raises(ValueError, match="either"):
        async with connect(server.address, state=tmp_path / "x", resume=Resume()):
            raise AssertionError("never")


async def test_that_it_cannot_be_written_any_more_is_told_once(
    server: ScriptedServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    async with connect(server.address, user="bot", state=tmp_path / "bot.state") as chat:
        await chat.join("General")
        monkeypatch.setattr("hubbub.private.write", full)
        await chat.say("General", "one")
        await chat.say("General", "two")
    told = [record for record in caplog.records if "cannot be kept" in record.message]
    assert len(told) == 1


async def test_what_waits_for_a_name_that_nobody_says_is_refused(server: ScriptedServer) -> None:
    async with connect(server.address) as chat:
        for call in (
            chat.join("General"),
            chat.rooms(),
            chat.who("General"),
            chat.history("General"),
            chat.search("x"),
            chat.ping(),
        ):
            with pytest.raises(NeedName):
                await call
        await chat.hello("ada")
        await chat.join("General")


# A real bot


@pytest.fixture
def process(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path / "data", "--rate-limit", "0") as process:
        yield process


async def test_a_bot_that_is_killed_again_and_again_answers_each_question_once(
    process: ServerProcess, tmp_path: Path
) -> None:
    where = f"127.0.0.1:{process.port}"
    asked = 0
    answers: list[str] = []
    async with connect(where, user="ada") as ada:
        await ada.join("General")
        for turn in range(8):
            bot = await start(where, tmp_path)
            for _ in range(10):
                asked += 1
                await ada.say("General", f"question {asked}?")
            while len(answers) < asked - 10 + turn:  # each time a little later
                note(await anext(ada), answers)
            if turn == 4:
                process.restart()
            bot.kill()
            await bot.wait()
        bot = await start(where, tmp_path)
        while len(answers) < asked:
            note(await anext(ada), answers)
        bot.kill()
        await bot.wait()
        await ada.ping()
        while ada.has_updates:
            note(await anext(ada), answers)
    assert answers == [f"question {number}!" for number in range(1, asked + 1)]


async def start(where: str, folder: Path) -> asyncio.subprocess.Process:
    """The bot, when it is in the room."""
    bot = await asyncio.create_subprocess_exec(
        sys.executable,
        answering_bot.__file__,
        where,
        str(folder / "bot.state"),
        env=clean_environment(),
        stdout=asyncio.subprocess.PIPE,
    )
    assert bot.stdout is not None
    assert await bot.stdout.readline() == b"ready\n"
    return bot


def note(update: object, answers: list[str]) -> None:
    if isinstance(update, Happened) and isinstance(update.event, Said):
        assert update.event.by in ("ada", "Bot")
        if update.event.by == "Bot":
            answers.append(update.event.text)


async def test_lines_that_wait_are_written_once_each(
    server: ScriptedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bot.state"
    written = 0
    write = private.write

    def count(path: Path, data: bytes) -> None:
        nonlocal written
        written += len(data)
        write(path, data)

    monkeypatch.setattr(private, "write", count)

    async def say(chat: Chat) -> None:
        await chat.join("General")
        server.deaf = True
        for number in range(500):
            chat.send("General", f"line {number}", nonce=f"n{number}")
        assert [one.nonce for one in kept(path).unsent] == [f"n{number}" for number in range(500)]
        as_killed.append(path.read_bytes())
        server.cut()
        raise Killed

    as_killed: list[bytes] = []
    await run(server, path, monkeypatch, say)
    assert written < 5 * path.stat().st_size, "not all of it again for each line"
    path.write_bytes(as_killed[0][:-10])  # the kill came in the middle of the last one
    assert [one.nonce for one in kept(path).unsent] == [f"n{number}" for number in range(499)]
    server.deaf = False
    async with connect(server.address, user="bot", state=path) as chat:
        await chat.drain()
        assert len(server.model.texts("General")) == 499


async def test_a_line_that_is_saved_is_not_said_again_by_what_was_put_behind_it(
    server: ScriptedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bot.state"

    async def say(chat: Chat) -> None:
        await chat.join("General")
        for number in range(5):
            await chat.say("General", f"line {number}")
            chat.send("General", f"and {number}")
        await chat.drain()
        server.cut()
        raise Killed

    await run(server, path, monkeypatch, say)
    async with connect(server.address, user="bot", state=path) as chat:
        await chat.drain()
        assert len(server.model.texts("General")) == 10


async def test_a_file_is_for_one_program_at_a_time(server: ScriptedServer, tmp_path: Path) -> None:
    path = tmp_path / "bot.state"
    async with connect(server.address, user="bot", state=path):
        with pytest.raises(ValueError, match="is in use: another program that runs"):
            async with connect(server.address, user="bot", state=path):
                raise AssertionError("never")
    async with connect(server.address, user="bot", state=path) as chat:
        assert chat.user == "bot"
