"""The page of a server with ten thousand rooms: a page of them, more, and those one looks for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, WebSocket, expect

from tests.many_rooms import fill, names
from tests.process import ServerProcess
from tests.web.browsing import Person

Come = Callable[..., Person]


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("many") / "data"
    fill(folder, names())
    with ServerProcess(folder, "--rate-limit", "0") as server:
        yield server


@pytest.fixture
def ada(come: Come, many: ServerProcess) -> Person:
    """She has a name, and is asked for a room."""
    ada = come("ada", many.port)
    ada.open()
    ada.page.locator("#name").fill(ada.name)
    ada.page.keyboard.press("Enter")
    expect(rows(ada.page)).to_have_count(100)
    return ada


def rows(page: Page) -> Locator:
    return page.locator("hub-lobby li button:not(.make)")


def test_the_first_rooms_are_listed_and_more_when_one_asks(ada: Person) -> None:
    page = ada.page
    status = page.locator("hub-lobby [role=status]")
    expect(status).to_have_text("100 rooms of 10,000. Type to find any other.")
    before = rows(page).all_inner_texts()
    page.get_by_role("button", name="More rooms").click()
    expect(rows(page)).to_have_count(200)
    assert rows(page).all_inner_texts()[:100] == before
    expect(rows(page).nth(100)).to_be_focused()
    page.evaluate("() => document.querySelector('hub-lobby').show()")
    expect(rows(page)).to_have_count(100)


def test_any_room_is_found_by_a_part_of_its_name(ada: Person) -> None:
    page, wish = ada.page, ada.page.locator("#room")
    wish.press_sequentially("ANAD")
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("Xanadu")
    expect(page.get_by_role("button", name="More rooms")).to_be_hidden()
    alike = sum("99" in name for name in names())
    wish.fill("99 room")
    expect(page.locator("hub-lobby [role=status]")).to_have_text("100 rooms like that so far.")
    page.get_by_role("button", name="More rooms").click()
    expect(page.locator("hub-lobby [role=status]")).to_have_text("200 rooms like that so far.")
    page.get_by_role("button", name="More rooms").click()
    expect(page.locator("hub-lobby [role=status]")).to_have_text(f"{alike} rooms like that.")
    expect(rows(page)).to_have_count(alike)
    wish.fill("#room9997")
    expect(rows(page)).to_have_count(1)
    expect(page.locator("hub-lobby .primary")).to_have_text("Enter")
    wish.press("Enter")
    expect(page.locator("hub-room h1 bdi")).to_have_text("room9997")


def test_a_room_is_new_only_when_the_server_says_so(ada: Person) -> None:
    page, wish = ada.page, ada.page.locator("#room")
    page.clock.install(time=0)
    page.clock.pause_at(60_000)
    wish.fill("brandnew")
    expect(page.locator("hub-lobby .primary")).to_have_text("Enter")
    expect(page.locator("hub-lobby [role=status]")).to_have_text("Looking…")
    expect(page.locator("hub-lobby .make")).to_have_count(0)
    page.clock.run_for(1000)
    expect(page.locator("hub-lobby .make")).to_have_text("Create # brandnew")
    expect(page.locator("hub-lobby .none")).to_have_text("There is no room like that.")
    wish.fill("b" * 120)
    page.clock.run_for(1000)
    expect(page.locator("hub-lobby .make")).to_have_text("Create # " + "b" * 120)
    wish.fill("room")  # of very many like that, one may be called so
    page.clock.run_for(1000)
    expect(page.locator("hub-lobby .make")).to_have_text("Go to, or create, # room")


def test_a_room_to_join_is_completed_from_all_of_them(ada: Person) -> None:
    page = ada.page
    page.locator("#room").fill("General")
    page.keyboard.press("Enter")
    ada.inside()
    page.locator("#message").press_sequentially("/join xan")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Tab")
    expect(page.locator("#message")).to_have_value("/join Xanadu ")
    page.keyboard.press("Enter")
    expect(page.locator("hub-room h1 bdi")).to_have_text("Xanadu")
    ada.say("/rooms room9998")
    expect(page.locator("#room")).to_have_value("room9998")
    expect(page.locator("hub-lobby .none")).to_be_visible()


def test_no_more_than_a_page_is_asked_for_at_a_time(come: Come, many: ServerProcess) -> None:
    ada = come("ada", many.port)
    asked: list[dict[str, object]] = []
    told: list[int] = []

    def opened(socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: asked.append(json.loads(frame)))
        socket.on(
            "framereceived",
            lambda frame: told.append(len(json.loads(frame).get("rooms", ()))),
        )

    ada.page.on("websocket", opened)
    ada.enter("Xanadu")
    ada.page.keyboard.press("Control+K")
    expect(rows(ada.page)).to_have_count(100)
    lists = [one for one in asked if one["type"] == "rooms"]
    assert lists
    assert all(one["limit"] == 100 for one in lists)
    assert max(told) <= 101
