"""A browser for each module, a server for a worker; rooms and names are each test's own."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.process import ServerProcess
from tests.web.browsing import Netcat, Person, Robot, chromium, launch

_numbers = itertools.count(1)


# Playwright runs an event loop in this thread. It ends with each module, so that the asynchronous
# tests of others, which the same worker may run next, find none. (A folder without __init__.py is
# no package to pytest: that scope would be the session's.)
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if chromium() is None:
        pytest.skip("there is no Chromium here: sudo apt install chromium")
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    flags = ("--rate-limit", "0", "--sessions-per-address", "0")
    with ServerProcess(tmp_path_factory.mktemp("web") / "data", *flags) as server:
        yield server


@pytest.fixture
def server(shared_server: ServerProcess) -> ServerProcess:
    """One that many tests use; who kills it takes `own_server`."""
    return shared_server


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path / "data", "--rate-limit", "0") as server:
        yield server


@pytest.fixture
def room() -> str:
    """A room that is this test's own."""
    return f"room{next(_numbers)}"


@pytest.fixture
def come(browser: Browser, server: ServerProcess) -> Iterator[Callable[..., Person]]:
    """Brings somebody: ``come("ada")``. What went wrong in their pages fails the test."""
    people: list[Person] = []

    def come(name: str, port: int | None = None, **options: Any) -> Person:
        context = browser.new_context(**options)
        url = f"http://127.0.0.1:{port or server.port}/"
        person = Person(context, url, f"{name}-{next(_numbers)}")
        people.append(person)
        return person

    yield come
    for person in people:
        person.context.close()
    assert not [problem for person in people for problem in person.problems]


@pytest.fixture
def others(server: ServerProcess) -> Iterator[Callable[..., Any]]:
    """Brings somebody with another client: ``others(Netcat, "ben", room)``."""
    met: list[Netcat | Robot] = []

    def bring(kind: type[Netcat] | type[Robot], name: str, room: str) -> Netcat | Robot:
        name = f"{name}-{next(_numbers)}"
        one: Netcat | Robot
        if kind is Netcat:
            one = Netcat(server.address, name, room)
        else:
            one = Robot(server.url, name, room)
        met.append(one)
        return one

    yield bring
    for one in met:
        one.close()
