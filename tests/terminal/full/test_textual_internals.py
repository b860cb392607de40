"""What Textual keeps private, and is used all the same: each test fails when Textual changes it."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import enum
import inspect
import pathlib
import re
import sys
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from textual import _ansi_sequences, events
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input, Label, TextArea

import hubbub.terminal.full
from hubbub.terminal.full import textual_internals
from hubbub.terminal.full.textual_internals import (
    SequenceParser,
    add_key,
    bound_action,
    end_at_once,
    report_errors,
    set_output,
    write,
)
from tests.patience import PATIENCE_SECONDS

SOURCES = pathlib.Path(hubbub.terminal.full.__file__).parent


class Small(App[int]):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+y", "fail", "Fails")]

    def compose(self) -> ComposeResult:
        yield Label("small")

    def action_fail(self) -> None:
        raise KeyError("fails")


class Written:
    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> None:
        self.text += text

    def flush(self) -> None:
        pass

    def fileno(self) -> int:
        return 1

    def isatty(self) -> bool:
        return True


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has another driver")
async def test_a_driver_writes_to_the_output_that_it_was_given() -> None:
    output = Written()
    driver = LinuxDriver(Small())
    set_output(driver, output)
    assert vars(driver)["_file"] is output
    assert sys.__stderr__ not in vars(driver).values()
    assert "WriterThread(self._file)" in inspect.getsource(LinuxDriver.start_application_mode)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has another driver")
def test_the_thread_that_reads_keys_runs_the_method_that_is_overridden() -> None:
    assert "self.run_input_thread()" in inspect.getsource(LinuxDriver._run_input_thread)


async def test_sequences_are_written_to_the_terminal_of_a_running_app() -> None:
    app = Small()
    write(app, "\x1b[5m")  # there is no terminal yet
    async with app.run_test():
        written: list[str] = []
        driver: Any = app._driver
        driver.write = written.append
        write(app, "\x1b[6m")
        assert written == ["\x1b[6m"]


def keys(found: list[Message]) -> list[str]:
    return [event.key for event in found if isinstance(event, events.Key)]


def test_a_parser_reads_keys_and_holds_back_what_is_unfinished() -> None:
    parser = SequenceParser()
    assert keys(parser.feed("a\x1b[A")) == ["a", "up"]
    assert keys(parser.feed("\x1b[")) == []
    assert keys(parser.feed("B")) == ["down"]


@pytest.mark.parametrize("keep", [True, False])
def test_a_parser_that_restarts_forgets_what_is_unfinished_and_may_keep_the_size(
    keep: bool,
) -> None:
    """In pixels the mouse is where the size says that it is, in cells."""
    parser = SequenceParser()
    parser.feed("\x1b[?1016;1$y")  # the mouse is reported in pixels from now on
    parser.feed("\x1b[48;24;80;480;800t")
    parser.feed("\x1b[")
    parser.restart(keep_size=keep)
    assert keys(parser.feed("A")) == ["A"]
    [mouse] = [one for one in parser.feed("\x1b[<0;101;41M") if isinstance(one, events.MouseDown)]
    assert (mouse.x, mouse.y) == ((10, 2) if keep else (100, 40))


class Extra(enum.Enum):
    ONE = "alt+extra"


@pytest.mark.parametrize("sequence", ["\x1bz", "\x1b1"])
def test_a_key_can_be_added_and_replaced(sequence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    table: Any = _ansi_sequences.ANSI_SEQUENCES_KEYS
    monkeypatch.setitem(table, sequence, ())  # as it was, after the test
    add_key(sequence, Extra.ONE)
    assert keys(SequenceParser().feed(sequence)) == ["alt+extra"]


async def test_a_binding_is_found_on_the_node_itself_only() -> None:
    app = Small()
    async with app.run_test():
        assert bound_action(app, "ctrl+y") == "fail"
        assert bound_action(app, "f8") is None
        assert bound_action(app.query_one(Label), "ctrl+y") is None


async def run_and_end(app: Small, *errors: BaseException) -> None:
    async with app.run_test():
        for error in errors:
            end_at_once(app, error)


async def test_errors_in_handlers_are_reported() -> None:
    app, reported = Small(), list[BaseException]()

    def report(error: Exception) -> None:
        reported.append(error)
        end_at_once(app, error)

    report_errors(app, report)
    with contextlib.suppress(KeyError):
        async with app.run_test() as pilot:
            app.call_later(app.action_fail)
            await pilot.pause()
    assert [type(error) for error in reported] == [KeyError]


async def test_an_app_ends_at_once_and_a_test_hears_of_the_error() -> None:
    app = Small()
    with pytest.raises(KeyError, match="the first"):
        await run_and_end(app, KeyError("the first"), KeyError("the second"))
    assert app._exception_event.is_set()


async def test_what_is_no_exception_ends_an_app_as_one() -> None:
    with pytest.raises(RuntimeError, match="SystemExit"):
        await run_and_end(Small(), SystemExit(3))


async def test_an_app_that_ends_at_once_takes_no_more_messages() -> None:
    app = Small()
    async with asyncio.timeout(PATIENCE_SECONDS):
        with contextlib.suppress(KeyError):
            async with app.run_test():
                end_at_once(app, KeyError("end"))
                while app.is_running:  # noqa: ASYNC110  # nothing tells of it
                    await asyncio.sleep(0)


def private_names(base: type) -> set[str]:
    """The names with an underscore that Textual's classes define, assign or use on themselves."""
    names: set[str] = set()
    for one in base.__mro__:
        if one.__module__.startswith("textual"):
            names |= set(re.findall(r"self\.(_[a-z]\w*)", inspect.getsource(one)))
            names |= {name for name in vars(one) if re.match("_[a-z]", name)}
    return names


def private_uses(source: str, private: set[str]) -> set[str]:
    """The private names that a module uses, defines or imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(value=ast.Name(id="os")):
                pass
            case ast.Attribute(attr=name) if name in private:
                found.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if name in private:
                found.add(name)
            case ast.ImportFrom(module=str(module), names=names) if module.startswith("textual"):
                parts = [*module.split("."), *(one.name for one in names)]
                found |= {part for part in parts if part.startswith("_")}
    return found


def test_no_other_module_uses_or_redefines_a_private_name() -> None:
    """A name of our own that Textual uses, too, is as bad: one would overwrite the other."""
    bases: tuple[Callable[..., object], ...] = (App, ModalScreen, TextArea, Input, LinuxDriver)
    private = set[str]().union(*(private_names(base) for base in bases))  # type: ignore[arg-type]
    own = pathlib.Path(textual_internals.__file__)
    assert {"_file", "_driver", "_xterm_parser"} <= private_uses(own.read_text(), private)
    modules = [path for path in SOURCES.rglob("*.py") if "\nfrom textual" in path.read_text()]
    assert len(modules) > 25
    uses = {path.name: private_uses(path.read_text(), private) for path in modules if path != own}
    assert {name: found for name, found in uses.items() if found} == {}
