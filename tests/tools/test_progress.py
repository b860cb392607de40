"""What somebody sees while pip works."""

import io

import pytest

from tools.progress import Display, PipProgress

LOCK = """\
# Written by a tool
anyio==4.16.0 \\
    --hash=sha256:aa
    # via starlette
colorama==0.4.6 ; sys_platform == 'win32' \\
    --hash=sha256:bb
psycopg[binary]==3.3.1 \\
    --hash=sha256:cc
"""


@pytest.fixture
def progress() -> PipProgress:
    return PipProgress(LOCK)


@pytest.mark.parametrize(
    "line, shown",
    [
        ("Collecting anyio==4.16.0 (from -r requirements.lock (line 2))", "[1/3] anyio 4.16.0"),
        ("Collecting anyio==4.16.0", "[1/3] anyio 4.16.0"),
        ("Processing /a b-1/anyio-4.16.0-py3-none-any.whl (from -r x.lock)", "[1/3] anyio 4.16.0"),
        (r"Processing c:\a b\Anyio-4.16.0-1-py3-none-any.whl", "[1/3] anyio 4.16.0"),
        ("Collecting Psycopg[binary]==3.3.1", "[3/3] psycopg 3.3.1"),
        (
            "Requirement already satisfied: psycopg[binary]==3.3.1 in /a (from -r x (line 7))",
            "[3/3] psycopg 3.3.1",
        ),
        ("Installing collected packages: anyio, psycopg", "Installing the packages…"),
        ("WARNING: Retrying (Retry(total=4))", "No answer from the package index, trying again…"),
        ("  Downloading anyio-4.16.0-py3-none-any.whl (134 kB)", None),
        ("Collecting pip", None),
    ],
)
def test_a_line_of_pip_becomes_a_short_one(
    progress: PipProgress, line: str, shown: str | None
) -> None:
    assert progress.read(line) == shown


def test_it_is_known_when_pip_begins_to_change_the_environment(progress: PipProgress) -> None:
    progress.read("Collecting anyio==4.16.0 (from -r requirements.lock (line 2))")
    assert not progress.installing
    progress.read("Installing collected packages: anyio")
    assert progress.installing


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_a_status_takes_the_place_of_the_last_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    display = Display(terminal)
    display.status("[1/2] anyio 4.16.0")
    display.status("[2/2] h11 0.16")
    display.line("Ready.")
    blanks = " " * len("[1/2] anyio 4.16.0"), " " * len("[2/2] h11 0.16")
    assert terminal.getvalue() == (
        f"[1/2] anyio 4.16.0\r{blanks[0]}\r[2/2] h11 0.16\r{blanks[1]}\rReady.\n"
    )


def test_a_status_never_wraps_into_a_second_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    Display(terminal).status("x" * 500)
    assert len(terminal.getvalue()) < 80


def test_in_a_pipe_every_status_is_a_plain_line() -> None:
    pipe = io.StringIO()
    display = Display(pipe)
    display.status("[1/2] anyio 4.16.0")
    display.status("[2/2] h11 0.16")
    assert pipe.getvalue() == "[1/2] anyio 4.16.0\n[2/2] h11 0.16\n"


def test_a_status_is_not_repeated() -> None:
    pipe = io.StringIO()
    display = Display(pipe)
    display.status("No answer from the package index, trying again…")
    display.status("No answer from the package index, trying again…")
    assert pipe.getvalue().count("\n") == 1
