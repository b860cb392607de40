"""Which call raises what: the tables of docs/client.md, tried one by one and held to the code."""

from __future__ import annotations

import ast
import asyncio
import builtins
import itertools
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import assert_type

import pytest

import hubbub.client
from hubbub.client import (
    Ack,
    Change,
    Chat,
    ChatClosed,
    ChatError,
    Does,
    Entered,
    Found,
    Limits,
    Line,
    LineState,
    LogUnavailable,
    Mark,
    Page,
    RateLimited,
    Resume,
    RoomInfo,
    RoomList,
    ShuttingDown,
    TooManyRooms,
    connect,
)
from hubbub.domain import errors
from hubbub.domain.replies import Refused, Reply, RoomJoined, Welcome
from tests.client.scripted import ScriptedServer
from tests.patience import PATIENCE_SECONDS
from tests.process import ServerProcess

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "client.md").read_text()
ERRORS = PAGE.partition("\n## Errors\n")[2].partition("\n## ")[0]
PASSING = (RateLimited, LogUnavailable, ShuttingDown)

Call = Callable[["Place"], Awaitable[object]]


def _rows() -> Iterator[list[str]]:
    for line in ERRORS.splitlines():
        if line.startswith("| ") and not line.startswith("| ---"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def _errors(cell: str) -> set[str]:
    return set(re.findall(r"`([A-Z]\w+)`", cell))


CALLS = {row[0]: row[1:] for row in _rows() if len(row) == 3 and row[0] != "call"}
KINDS = {row[0].strip("`") for row in _rows() if len(row) == 2 and row[0] != "error"}


def called(row: str) -> list[str]:
    """The calls of a row, without what is no function."""
    return re.findall(r"`(\w+)`", row)


class Place:
    """Where a case is tried: a real server, and ada in General there."""

    def __init__(self, process: ServerProcess, ada: Chat) -> None:
        self.address = f"127.0.0.1:{process.port}"
        self.ada = ada

    async def connect(self, address: str | None = None, **options: object) -> None:
        async with connect(address or self.address, **options):  # type: ignore[arg-type]
            raise AssertionError("that was not refused")

    async def hello(self, user: str, password: str | None = None) -> None:
        async with connect(self.address) as chat:
            await chat.hello(user, password=password)

    async def of_an_account(self, password: str | None, *, in_hello: bool = False) -> None:
        name = f"account{next(NUMBERS)}"
        async with connect(self.address, user=name) as chat:
            await chat.account.register(SECRET)
        # Who has logged in before answers for wrong passwords of this account alone: the server
        # would make us wait after those of all other cases.
        async with connect(self.address, user=name, password=SECRET):
            pass
        if in_hello:
            await self.hello(name, password)
        else:
            await self.connect(user=name, password=password)

    async def nameless(self, call: Callable[[Chat], Awaitable[object]]) -> None:
        async with connect(self.address) as chat:
            await call(chat)

    async def join_many(self) -> None:
        for number in range(3):
            await self.ada.join(f"room{number}")

    async def fill(self) -> None:
        async with connect(self.address, user="filler", max_unsent=1) as chat:
            await chat.join("General")
            for _ in range(2):
                chat.send("General", "one more")

    async def delete_after_a_text(self) -> None:
        await self.ada.say("Said", "hi", outside=True)
        await self.ada.delete("Said")

    async def on_a_text_of_ben(self, call: Callable[[int], Awaitable[object]]) -> None:
        async with connect(self.address, user=f"ben{next(NUMBERS)}") as ben:
            await ben.join("General")
            await call((await ben.say("General", "hi")).seq)

    async def pin_nothing(self) -> None:
        """In a room of one's own, whose first event is no message."""
        name = f"account{next(NUMBERS)}"
        async with connect(self.address, user=name) as chat:
            await chat.account.register(SECRET)
            await chat.join(f"Own{name}")
            await chat.pin(f"Own{name}", 1)

    async def delete_under_ben(self) -> None:
        async with connect(self.address, user="ben") as ben:
            await ben.join("Used")
            await self.ada.delete("Used")


async def at_once(call: Callable[[], object]) -> None:
    """A call that is not awaited."""
    call()


NUMBERS = itertools.count()
SECRET = "correct horse battery"
HALF = "\ud83d"
LONG = "x" * 40_000
CHANGE = Change(does=Does.REDACT, target=1)

CASES: dict[tuple[str, str], Call] = {
    ("connect", "BadAddress"): lambda at: at.connect("a b"),
    ("connect", "InvalidName"): lambda at: at.connect(user="a b"),
    ("connect", "BadMessage"): lambda at: at.connect(resume=Resume(user="a", token=HALF)),
    ("connect", "ValueError"): lambda at: at.connect(state="x", resume=Resume()),
    ("connect", "Unreachable"): lambda at: at.connect("127.0.0.1:1", user="ben"),
    ("connect", "NameTaken"): lambda at: at.connect(user=str(at.ada.user).upper()),
    ("connect", "NeedPassword"): lambda at: at.of_an_account(None),
    ("connect", "WrongPassword"): lambda at: at.of_an_account("wrong"),
    ("direct", "InvalidName"): lambda at: at.ada.direct("a b"),
    ("direct", "BadMessage"): lambda at: at.ada.direct(),
    ("direct", "NoSuchUser"): lambda at: at.ada.direct("nobody"),
    ("hello", "InvalidName"): lambda at: at.hello("a b"),
    ("hello", "BadMessage"): lambda at: at.hello("ben", HALF),
    ("hello", "NeedPassword"): lambda at: at.of_an_account(None, in_hello=True),
    ("hello", "WrongPassword"): lambda at: at.of_an_account("wrong", in_hello=True),
    ("hello", "NameTaken"): lambda at: at.hello(str(at.ada.user).upper()),
    ("hello", "AlreadyNamed"): lambda at: at.ada.hello("ben"),
    ("formerly", "InvalidName"): lambda at: at.ada.formerly("a b", "token"),
    ("formerly", "BadMessage"): lambda at: at.ada.formerly("ben", HALF),
    ("formerly", "NeedName"): lambda at: at.nameless(lambda chat: chat.formerly("ben", "token")),
    ("recall", "InvalidName"): lambda at: at_once(lambda: at.ada.recall({"a b": Mark(1, 1)})),
    ("recall", "BadMessage"): lambda at: at_once(lambda: at.ada.recall({"Tea": Mark(-1, 1)})),
    ("recall", "NeedName"): lambda at: at.nameless(lambda chat: at_once(lambda: chat.recall({}))),
    ("rooms", "BadMessage"): lambda at: at.ada.rooms("x" * 101),
    ("list_rooms", "BadMessage"): lambda at: at.ada.list_rooms(after="nonsense"),
    ("join", "InvalidName"): lambda at: at.ada.join("a b"),
    ("join", "BadMessage"): lambda at: at.ada.join("Tea", after=-1),
    ("join", "TooManyRooms"): lambda at: at.join_many(),
    ("delete", "InvalidName"): lambda at: at.ada.delete("a b"),
    ("delete", "NoSuchRoom"): lambda at: at.ada.delete("Nowhere"),
    ("delete", "RoomHasTexts"): lambda at: at.delete_after_a_text(),
    ("delete", "RoomInUse"): lambda at: at.delete_under_ben(),
    ("delete", "RoomStays"): lambda at: at.ada.delete("General"),
    ("say", "NotInRoom"): lambda at: at.ada.say("Tea", "hi"),
    ("say", "EmptyText"): lambda at: at.ada.say("General", " "),
    ("say", "TextTooLong"): lambda at: at.ada.say("General", LONG),
    ("say", "BadMessage"): lambda at: at.ada.say("General", "hi", reply_to=99_999),
    ("say", "QueueFull"): lambda at: at.fill(),
    ("send", "NotInRoom"): lambda at: at_once(lambda: at.ada.send("Tea", "hi")),
    ("send", "EmptyText"): lambda at: at_once(lambda: at.ada.send("General", "")),
    ("send", "TextTooLong"): lambda at: at_once(lambda: at.ada.send("General", "x\n" * 300)),
    ("send", "BadMessage"): lambda at: at_once(lambda: at.ada.send("General", HALF)),
    ("send", "QueueFull"): lambda at: at.fill(),
    ("history", "InvalidName"): lambda at: at.ada.history("a b"),
    ("history", "NoSuchRoom"): lambda at: at.ada.history("Nowhere"),
    ("history", "BadMessage"): lambda at: at.ada.history("General", before=1, after=1),
    ("set_topic", "InvalidName"): lambda at: at.ada.set_topic("a b", "Verse"),
    ("set_topic", "NotInRoom"): lambda at: at.ada.set_topic("Tea", "Verse"),
    ("set_topic", "TextTooLong"): lambda at: at.ada.set_topic("General", "x" * 301),
    ("set_topic", "BadMessage"): lambda at: at.ada.set_topic("General", HALF),
    ("set_topic", "LineTooLong"): lambda at: at.ada.set_topic("General", LONG),
    ("set_topic", "NeedName"): lambda at: at.nameless(lambda chat: chat.set_topic("General", "")),
    ("timeline", "InvalidName"): lambda at: at.ada.timeline("a b"),
    ("timeline", "NoSuchRoom"): lambda at: at.ada.timeline("Nowhere"),
    ("timeline", "BadMessage"): lambda at: at.ada.timeline("General", before=1, after=1),
    ("who", "InvalidName"): lambda at: at.ada.who("a b"),
    ("who", "NoSuchRoom"): lambda at: at.ada.who("Nowhere"),
    ("attendance", "InvalidName"): lambda at: at.ada.attendance("a b"),
    ("attendance", "NoSuchRoom"): lambda at: at.ada.attendance("Nowhere"),
    ("attendance", "NeedName"): lambda at: at.nameless(lambda chat: chat.attendance("General")),
    ("search", "BadMessage"): lambda at: at.ada.search("?"),
    ("search", "LineTooLong"): lambda at: at.ada.search(LONG),
    ("search", "NoSuchRoom"): lambda at: at.ada.search("tea in:Nowhere"),
    ("search", "SearchUnavailable"): lambda at: at.ada.search("tea"),
    ("read", "InvalidName"): lambda at: at_once(lambda: at.ada.read("a b", 1)),
    ("read", "BadMessage"): lambda at: at_once(lambda: at.ada.read("General", -1)),
    ("typing", "InvalidName"): lambda at: at_once(lambda: at.ada.typing("a b")),
    ("rooms", "NeedName"): lambda at: at.nameless(lambda chat: chat.rooms()),
    ("list_rooms", "NeedName"): lambda at: at.nameless(lambda chat: chat.list_rooms()),
    ("join", "NeedName"): lambda at: at.nameless(lambda chat: chat.join("General")),
    ("history", "NeedName"): lambda at: at.nameless(lambda chat: chat.history("General")),
    ("timeline", "NeedName"): lambda at: at.nameless(lambda chat: chat.timeline("General")),
    ("who", "NeedName"): lambda at: at.nameless(lambda chat: chat.who("General")),
    ("search", "NeedName"): lambda at: at.nameless(lambda chat: chat.search("tea")),
    ("ping", "NeedName"): lambda at: at.nameless(lambda chat: chat.ping()),
    ("drain", "ValueError"): lambda at: at.ada.drain(0),
    ("edit", "NotInRoom"): lambda at: at.ada.edit("Tea", 1, "hi"),
    ("redact", "NotInRoom"): lambda at: at.ada.redact("Tea", 1),
    ("react", "NotInRoom"): lambda at: at.ada.react("Tea", 1, "👍"),
    ("pin", "NotInRoom"): lambda at: at.ada.pin("Tea", 1),
    ("send_change", "NotInRoom"): lambda at: at_once(lambda: at.ada.send_change("Tea", CHANGE)),
    ("edit", "BadMessage"): lambda at: at.ada.edit("General", 1, "hi"),
    ("redact", "BadMessage"): lambda at: at.ada.redact("General", 1),
    ("react", "BadMessage"): lambda at: at.ada.react("General", 1, "no emoji"),
    ("pin", "BadMessage"): lambda at: at.pin_nothing(),
    ("send_change", "BadMessage"): lambda at: at_once(
        lambda: at.ada.send_change("General", CHANGE, nonce="")
    ),
    ("edit", "TextTooLong"): lambda at: at.ada.edit("General", 1, LONG),
    ("send_change", "TextTooLong"): lambda at: at_once(
        lambda: at.ada.send_change("General", Change(does=Does.EDIT, target=1, text=LONG))
    ),
    ("edit", "NotAllowed"): lambda at: at.on_a_text_of_ben(
        lambda seq: at.ada.edit("General", seq, "hi")
    ),
    ("redact", "NotAllowed"): lambda at: at.on_a_text_of_ben(
        lambda seq: at.ada.redact("General", seq)
    ),
    ("pin", "NotAllowed"): lambda at: at.on_a_text_of_ben(lambda seq: at.ada.pin("General", seq)),
    ("versions", "NotAllowed"): lambda at: at.on_a_text_of_ben(
        lambda seq: at.ada.versions("General", seq)
    ),
    ("pins", "InvalidName"): lambda at: at.ada.pins("a b"),
    ("versions", "InvalidName"): lambda at: at.ada.versions("a b", 1),
    ("conversation", "InvalidName"): lambda at: at.ada.conversation("a b", 1),
    ("pins", "NeedName"): lambda at: at.nameless(lambda chat: chat.pins("General")),
    ("versions", "NeedName"): lambda at: at.nameless(lambda chat: chat.versions("General", 1)),
    ("conversation", "NeedName"): lambda at: at.nameless(
        lambda chat: chat.conversation("General", 1)
    ),
    ("pins", "NoSuchRoom"): lambda at: at.ada.pins("Nowhere"),
    ("versions", "NoSuchRoom"): lambda at: at.ada.versions("Nowhere", 1),
    ("conversation", "NoSuchRoom"): lambda at: at.ada.conversation("Nowhere", 1),
    ("versions", "BadMessage"): lambda at: at.ada.versions("General", 1),
    ("conversation", "BadMessage"): lambda at: at.ada.conversation("General", 1),
}
"""Each pair of the first table that a real server can be brought to, and how."""

ELSEWHERE = {
    ("hello", "Unreachable"): "test_hello_without_a_server_is_unreachable",
    ("join", "NotInRoom"): "test_a_join_that_is_taken_back_is_not_in_the_room",
    ("close", "ChatFailed"): "tests/client/test_failures.py",
    ("", "ChatFailed"): "tests/client/test_failures.py",
}
"""What takes more than a call, and where it is tried."""


_names = itertools.count()  # one may be held for somebody whose goodbye was lost


@asynccontextmanager
async def place(process: ServerProcess) -> AsyncIterator[Place]:
    async with connect(f"127.0.0.1:{process.port}", user=f"ada{next(_names)}") as ada:
        await ada.join("General")
        yield Place(process, ada)


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    flags = ("--rate-limit", "0", "--rooms-per-session", "2")
    with ServerProcess(tmp_path_factory.mktemp("errors") / "data", *flags) as process:
        yield process


@pytest.fixture(scope="module")
def unsearched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    data = tmp_path_factory.mktemp("unsearched") / "data"
    with ServerProcess(data, "--search", "off") as process:
        yield process


@pytest.mark.parametrize("call, error", CASES, ids=lambda part: part)
async def test_a_call_raises_what_the_table_says(
    call: str, error: str, process: ServerProcess, unsearched: ServerProcess
) -> None:
    server = unsearched if error == "SearchUnavailable" else process
    kind = getattr(hubbub.client, error, None) or getattr(builtins, error)
    async with place(server) as at:
        with pytest.raises(kind) as raised:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await CASES[call, error](at)
    assert type(raised.value) is kind
    assert str(raised.value)


def test_every_pair_of_the_table_is_tried_and_nothing_else_is_raised() -> None:
    pairs: set[tuple[str, str]] = set()
    for row, cells in CALLS.items():
        for call in called(row) or [""]:
            if call in ("async", "with"):
                continue
            found = _errors(" ".join(cells))
            pairs |= {(call, error) for error in found}
    pairs |= {("send", error) for error in _errors(CALLS["`say`"][0])}
    from_server = {("say", error) for error in _errors(CALLS["`say`"][1])}
    assert pairs - from_server == (set(CASES) | set(ELSEWHERE)) - from_server


def test_every_public_call_has_a_row() -> None:
    public = {name for name in dir(Chat) if not name.startswith("_")}
    quiet = {
        "account",
        "address",
        "attachments",
        "closed",
        "do",
        "has_updates",
        "is_in",
        "limits",
        "may",
        "members",
        "moderation",
        "online",
        "people",
        "resume",
        "standing",
        "start",
        "topic",
        "unsent",
        "why_not",
    }
    rows = {call for row in CALLS for call in called(row)}
    assert public - quiet - {"me", "user"} <= rows
    assert "connect" in rows


# What the code can raise


def _raised(path: Path) -> set[str]:
    """The names of what is raised in a file."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Raise) and node.exc is not None:
            named = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            if isinstance(named, ast.Name) and named.id[0].isupper():
                found.add(named.id)
    return found


NEVER_RAISED = {
    "BadCursor",
    "ConnectionLost",
    "InternalError",
    "NoSuchTask",
    "SignOnFailed",
    "TooManySessions",
    "WrongToken",
}
EXPORTED_AS = {"Held": "TextHeld"}
"""There is an update of the same name."""

INTERNAL = {
    *("LetOut", "Lost", "NotWelcome", "UnreadableCertificate", "_NotAccepted"),
    *("AttributeError", "NotImplementedError"),
}


def test_whatever_the_code_can_raise_is_in_the_tables_and_can_be_imported() -> None:
    source = ROOT / "src" / "hubbub"
    files = [*(source / "client").glob("*.py"), source / "domain" / "text.py"]
    files += [source / "domain" / "names.py", source / "wire" / "json" / "codec.py"]
    raised = set().union(*map(_raised, files)) - INTERNAL - set(vars(builtins))
    kinds = [name for name, kind in vars(errors).items() if isinstance(kind, type)]
    refused = {EXPORTED_AS.get(name, name) for name in kinds}
    ours = raised | refused - {"ChatError"}
    assert ours <= KINDS | {kind.__name__ for kind in PASSING} | NEVER_RAISED
    assert not KINDS & NEVER_RAISED
    for name in ours | KINDS:
        assert name in hubbub.client.__all__, name
        assert f"`{name}`" in ERRORS, name


def test_whatever_the_server_may_refuse_can_be_imported() -> None:
    for name, kind in vars(errors).items():
        if isinstance(kind, type) and issubclass(kind, ChatError):
            assert getattr(hubbub.client, EXPORTED_AS.get(name, name)) is kind


ASKING: dict[str, Callable[[Chat], Awaitable[object]]] = {
    "formerly": lambda chat: chat.formerly("ben", "token"),
    "rooms": lambda chat: chat.rooms(),
    "list_rooms": lambda chat: chat.list_rooms(),
    "history": lambda chat: chat.history("General"),
    "timeline": lambda chat: chat.timeline("General"),
    "pins": lambda chat: chat.pins("General"),
    "versions": lambda chat: chat.versions("General", 1),
    "conversation": lambda chat: chat.conversation("General", 1),
    "set_topic": lambda chat: chat.set_topic("General", "Verse"),
    "who": lambda chat: chat.who("General"),
    "attendance": lambda chat: chat.attendance("General"),
    "search": lambda chat: chat.search("tea"),
    "delete": lambda chat: chat.delete("Tea"),
    "direct": lambda chat: chat.direct("ben"),
    "ping": lambda chat: chat.ping(),
}


def refusing(error: ChatError, *, times: int = 1000) -> Callable[[Reply], list[Reply] | None]:
    """Answers so many commands with ``error``."""
    left = [times]

    def refuse(reply: Reply) -> list[Reply] | None:
        if (reply.re is None and not isinstance(reply, Welcome)) or not left[0]:
            return None
        left[0] -= 1
        return [Refused.of(error, reply.re)]

    return refuse


@pytest.mark.parametrize("kind", PASSING)
async def test_a_passing_refusal_is_raised_by_the_calls_that_say_so(
    kind: type[ChatError], server: ScriptedServer
) -> None:
    passing = {
        call for row, cells in CALLS.items() for call in called(row) if "passing" in cells[1]
    }
    assert passing == {"connect", "hello", *ASKING}
    refuse = refusing(kind("Not now.", retry_after=7.5))
    async with connect(server.address, user="ada") as ada:
        server.on_reply = refuse
        for call in ASKING.values():
            with pytest.raises(kind) as raised:
                await call(ada)
            assert raised.value.retry_after == 7.5
        with pytest.raises(kind):
            async with connect(server.address, user="ben"):
                raise AssertionError("that was not refused")
        async with connect(server.address) as chat:
            with pytest.raises(kind):
                await chat.hello("eve")
        server.on_reply = lambda _: None


@pytest.mark.parametrize("kind", PASSING)
async def test_join_and_lines_wait_out_a_passing_refusal(
    kind: type[ChatError], server: ScriptedServer
) -> None:
    async with connect(server.address, user="ada") as ada:
        server.on_reply = refusing(kind("Not now.", retry_after=0.0), times=1)
        await ada.join("General")
        server.on_reply = refusing(kind("Not now.", retry_after=0.0), times=1)
        await ada.say("General", "hi")
    assert server.model.texts() == ["hi"]


@pytest.mark.parametrize("name", sorted(_errors(CALLS["`say`"][1])))
async def test_a_line_fails_with_what_the_server_refuses_it_for(
    name: str, server: ScriptedServer
) -> None:
    kind: type[ChatError] = getattr(hubbub.client, name)
    async with connect(server.address, user="ada") as ada:
        await ada.join("General")
        server.on_reply = refusing(kind("Not this."))
        line = ada.send("General", "hi")
        with pytest.raises(kind):
            await line.saved()
        assert isinstance(line.error, kind)
        assert line.state is LineState.FAILED
        server.on_reply = lambda _: None


# What takes more than one call


async def test_hello_without_a_server_is_unreachable() -> None:
    server = ScriptedServer()
    await server.start()
    async with connect(server.address) as chat:
        await server.stop()
        with pytest.raises(hubbub.client.Unreachable):
            await chat.hello("ada")


async def test_a_join_that_is_taken_back_is_not_in_the_room(server: ScriptedServer) -> None:
    async with connect(server.address, user="ada") as ada:
        server.deaf = True
        joining = asyncio.ensure_future(ada.join("Tea"))
        await server.until_it_got(hubbub.domain.commands.Join)
        leaving = asyncio.ensure_future(ada.leave("Tea"))
        await asyncio.sleep(0)
        server.cut()
        with pytest.raises(hubbub.client.NotInRoom):
            await joining
        await leaving


async def test_leaving_a_room_that_is_refused_meanwhile_is_done(server: ScriptedServer) -> None:
    """Whoever wants to be out of a room does not care that it would have been full."""
    full = [False]

    def refuse(reply: Reply) -> list[Reply] | None:
        if full[0] and isinstance(reply, RoomJoined):
            return [Refused.of(TooManyRooms("There are too many."), reply.re)]
        return None

    server.on_reply = refuse
    async with connect(server.address, user="ada") as ada:
        await ada.join("Tea")
        line = ada.send("Tea", "bye")
        await line.saved()
        full[0] = True
        server.deaf = True
        waiting = ada.send("Tea", "one more")  # so that the room is joined again before it is left
        leaving = asyncio.ensure_future(ada.leave("Tea"))
        await asyncio.sleep(0)
        server.cut()
        server.deaf = False
        await leaving
        assert isinstance(waiting.error, TooManyRooms)


@pytest.mark.parametrize("name", ["rooms", "join", "say", "history", "who", "search", "ping"])
async def test_every_call_of_a_closed_chat_says_that_it_is_closed(
    name: str, server: ScriptedServer
) -> None:
    words = {"join": ["Tea"], "say": ["Tea", "hi"], "history": ["Tea"], "who": ["Tea"]}
    async with connect(server.address, user="ada") as ada:
        pass
    with pytest.raises(ChatClosed):
        await getattr(ada, name)(*words.get(name, ["tea"] if name == "search" else []))


# What a caller's type checker sees


async def test_what_is_returned_has_types_that_can_be_imported(server: ScriptedServer) -> None:
    async with connect(server.address, user="ada") as chat:
        entered = assert_type(await chat.join("General"), Entered)
        ack = assert_type(await chat.say("General", "hi"), Ack)
        line = assert_type(chat.send("General", "ho"), Line)
        assert_type(await line.saved(), Ack)
        page = assert_type(await chat.history("General"), Page)
        listed = assert_type(await chat.list_rooms(), RoomList)
        found = assert_type(await chat.search("hi"), Found)
        limits = assert_type(chat.limits, Limits | None)
        assert all(isinstance(room, RoomInfo) for room in listed.rooms)
        assert (entered.room, ack.room, page.room) == ("General",) * 3
        assert isinstance(found, Found)
        assert isinstance(limits, Limits)


PROGRAMS = {
    f"{path.name}-{number}": program
    for path in (ROOT / "README.md", ROOT / "docs" / "client.md")
    for number, program in enumerate(
        re.findall(r"```python\n(.*?)```", path.read_text(), re.DOTALL)
    )
    if "asyncio.run(" in program
}


@pytest.mark.slow
def test_the_programs_of_the_documents_pass_a_strict_type_checker(tmp_path: Path) -> None:
    assert len(PROGRAMS) >= 2
    for number, program in enumerate(PROGRAMS.values()):
        (tmp_path / f"program_{number}.py").write_text(program)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), "."],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT / "src"), "MYPYPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
