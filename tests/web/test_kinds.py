"""What the page knows of events is what the server and the terminal client know of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from hubbub.domain.kinds import TRAITS
from tests.process import ServerProcess

VECTORS = Path(__file__).parents[1] / "vectors"
ALWAYS = {"head", "at", "silent", "topic", "members"}  # the vectors have the rest if it changes


@pytest.fixture
def page(browser: Browser, server: ServerProcess) -> Iterator[Page]:
    page = browser.new_page()
    page.goto(f"http://127.0.0.1:{server.port}/")
    yield page
    page.close()


def run(page: Page, module: str, script: str, argument: Any = None) -> Any:
    """Runs ``script``, a function of a module of the page and of an argument."""
    load = f"async (argument) => ({script})(await import('/static/{module}'), argument)"
    return page.evaluate(load, argument)


def test_the_page_has_the_same_kinds_with_the_same_traits(page: Page) -> None:
    rows = run(page, "text/kinds.js", "({ TRAITS }) => Object.fromEntries(TRAITS)")
    assert rows == {
        kind.__struct_config__.tag: {
            "line": traits.line,
            "message": traits.message,
            "membership": traits.membership,
            "amends": traits.amends is not None,
            "rewords": traits.rewords,
        }
        for kind, traits in TRAITS.items()
    }


def test_the_page_makes_the_same_state_of_events(page: Page) -> None:
    vectors = json.loads((VECTORS / "fold.json").read_text("utf-8"))
    script = """({ RoomState }, vectors) => {
      const plain = (state) => {
        const members = [...state.members.keys()].sort().map((key) => state.members.get(key));
        const asObject = (key, value) => (value instanceof Map ? Object.fromEntries(value) : value);
        return JSON.parse(JSON.stringify({ ...state, members }, asObject));
      };
      return [[], ...vectors.map(({ events }) => events)].map((events) => {
        const state = new RoomState();
        for (const event of events) state.apply(event);
        return plain(state);
      });
    }"""
    fresh, *states = run(page, "chat/state.js", script, vectors)
    for vector, state in zip(vectors, states, strict=True):
        told = {key: value for key, value in state.items() if key in ALWAYS or value != fresh[key]}
        wanted = {one["name"]: one for one in vector["state"]["members"]}
        told["members"] = [  # of each member, what the example tells
            {key: value for key, value in one.items() if key in wanted.get(one["name"], one)}
            for one in told["members"]
        ]
        assert told == vector["state"], vector["about"]
