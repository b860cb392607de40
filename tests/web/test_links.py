"""Links to messages lead there: for who is new and who returns, again and again, and offline."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.process import ServerProcess
from tests.web.browsing import Netcat, Person, Robot, Wire, until
from tests.web.test_beside import TOLD
from tests.web.test_losses import KEPT

Come = Callable[..., Person]
Others = Callable[..., Any]

OLD = 100
EVENTS = 600


@pytest.fixture(scope="session")
def long_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server whose rooms "long" and "other" have many events."""
    data = tmp_path_factory.mktemp("long") / "data"
    with ServerProcess(data, "--rate-limit", "0") as server:
        server.stop()
        for room in ("long", "other"):
            fill(server, room, 1, EVENTS)
        server.start()
        yield server


def fill(server: ServerProcess, name: str, first: int, last: int) -> None:
    """Puts events into a room of a server that does not run."""
    with sqlite3.connect(next(server.data.glob("hubbub*.db"))) as database:
        database.execute("INSERT OR IGNORE INTO rooms (key, name) VALUES (?, ?)", (name, name))
        (room,) = database.execute("SELECT id FROM rooms WHERE key = ?", (name,)).fetchone()
        database.executemany(
            'INSERT INTO events (room_id, seq, at, kind, "by", text) VALUES (?, ?, ?, ?, ?, ?)',
            (
                (room, seq, 1_690_729_200_000 + seq * 60_000, "said", "ben", f"line {seq} of it")
                for seq in range(first, last + 1)
            ),
        )
    database.close()


def lands(page: Page, seq: int = OLD) -> None:
    """The message is marked and in sight, and stays there."""
    target = page.locator(".target")
    expect(target).to_have_attribute("data-seq", str(seq))
    expect(target).to_be_in_viewport()
    page.wait_for_timeout(300)  # whatever else is on its way must not push it out
    expect(target).to_be_in_viewport()


def returning(come: Come, server: ServerProcess, room: str = "long") -> Person:
    """Ada, who has been in the room in this browser."""
    ada = come("ada", server.port)
    ada.enter(room)
    ada.hears(f"line {EVENTS} of it")
    until(lambda: bool(ada.page.evaluate(KEPT)), "the history is kept", ada.page)
    return ada


def test_a_link_leads_who_returns_to_the_message_in_a_new_tab_and_on_a_reload(
    come: Come, long_server: ServerProcess
) -> None:
    ada = returning(come, long_server)
    tab = ada.tab()
    tab.goto(f"{ada.url}#/long/{OLD}")
    lands(tab)
    expect(tab.locator(".target")).to_be_focused()
    tab.reload()
    lands(tab)
    tab.get_by_role("button", name="Newest").click()
    expect(tab.locator(".said", has_text=f"line {EVENTS} of it")).to_be_in_viewport()


def test_a_link_in_a_text_leads_there_in_the_same_tab_as_often_as_it_is_clicked(
    come: Come, long_server: ServerProcess
) -> None:
    ada = returning(come, long_server, "other")
    ben = Robot(long_server.url, f"ben-of-{ada.name}", "other")
    ben.say(f"look at {ada.url}#/long/{OLD}")
    ada.hears("look at")
    link = ada.page.locator(".text a", has_text=f"long/{OLD}")
    for _ in range(2):
        link.click()
        lands(ada.page)
        assert len(ada.context.pages) == 1
        expect(ada.page.locator("hub-room h1 bdi")).to_have_text("long")
        ada.page.go_back()
        expect(ada.page.locator("hub-room h1 bdi")).to_have_text("other")
    ben.close()


def test_the_same_result_of_a_search_leads_there_again(
    come: Come, long_server: ServerProcess
) -> None:
    ada = returning(come, long_server)
    seeker = Robot(long_server.url, f"seeker-of-{ada.name}", "long")
    query = f'in:long "line {OLD} of it"'
    until(lambda: seeker.ask(type="search", query=query)["results"], "it can be found", ada.page)
    seeker.close()
    ada.page.keyboard.press("Control+Shift+F")
    ada.page.locator("#query").fill(query)
    ada.page.locator("#query").press("Enter")
    result = ada.page.locator("hub-search li a")
    for _ in range(3):
        result.click()
        lands(ada.page)
        ada.page.get_by_role("button", name="Newest").click()
        expect(ada.page.locator(".said", has_text=f"line {EVENTS} of it")).to_be_in_viewport()


def test_a_click_on_a_notification_leads_to_the_message_each_time(
    come: Come, long_server: ServerProcess
) -> None:
    ada = come("ada", long_server.port)
    ada.context.add_init_script(TOLD)
    ada.enter("long")
    ada.say("/notify all")
    ada.open("#/elsewhere")
    expect(ada.page.locator("hub-room h1 bdi")).to_have_text("elsewhere")
    ben = Netcat(long_server.address, f"ben-of-{ada.name}", "long")
    ben.says("ring ring")
    until(lambda: ada.page.evaluate("told.length") == 1, "a notification", ada.page)
    seq = Robot(long_server.url, f"log-of-{ada.name}", "long")
    rung = next(event["seq"] for event in seq.log() if event.get("text") == "ring ring")
    for _ in range(2):
        ada.page.evaluate("() => told[0].onclick()")
        lands(ada.page, rung)
        ada.page.locator("hub-timeline").focus()
        ada.page.keyboard.press("Home")
        expect(ada.page.locator(".begin")).to_be_in_viewport()
    # What the service worker of a phone tells the page does the same.
    ada.page.evaluate(
        """(place) => navigator.serviceWorker.dispatchEvent(
          new MessageEvent("message", { data: { place } }))""",
        f"#/long/{OLD}",
    )
    lands(ada.page)
    seq.close()
    ben.close()


def test_a_link_that_is_opened_offline_leads_there_when_there_is_a_connection(
    come: Come, long_server: ServerProcess
) -> None:
    wire = Wire(long_server.port)
    ada = come("ada", wire.port)
    ada.enter("long")
    ada.hears(f"line {EVENTS} of it")
    ada.page.evaluate("() => navigator.serviceWorker.ready")
    until(lambda: bool(ada.page.evaluate(KEPT)), "the history is kept", ada.page)
    wire.cut()
    expect(ada.page.locator("hub-banner")).to_be_visible()
    ada.page.evaluate(f"() => {{ location.hash = '#/long/{OLD}'; }}")
    expect(ada.page.locator("hub-toast")).to_contain_text("shown when there is")
    field = ada.page.locator("#message")
    field.press_sequentially("meanwhile")
    wire.mend()
    ada.page.evaluate("() => dispatchEvent(new Event('online'))")
    lands(ada.page)
    expect(field).to_be_focused()
    expect(field).to_have_value("meanwhile")
    tab = ada.tab()
    wire.cut()
    tab.goto(f"{ada.url}#/long/{OLD}")
    expect(tab.locator("hub-banner")).to_be_visible()
    wire.mend()
    tab.evaluate("() => dispatchEvent(new Event('online'))")
    lands(tab)
    wire.cut()


def test_a_link_to_what_is_kept_here_holds_when_the_room_has_gone_far_on(
    come: Come, own_server: ServerProcess
) -> None:
    """So much was missed that what is kept is dropped when the room is entered."""
    own_server.stop()
    fill(own_server, "long", 1, EVENTS)
    own_server.start()
    ada = returning(come, own_server)
    ada.page.goto("about:blank")
    own_server.stop()
    with sqlite3.connect(next(own_server.data.glob("hubbub*.db"))) as database:
        (head,) = database.execute("SELECT max(seq) FROM events").fetchone()
    database.close()
    fill(own_server, "long", head + 1, head + 2000)
    own_server.start()
    ada.open(f"#/long/{EVENTS - 20}")
    ada.inside()
    lands(ada.page, EVENTS - 20)


def test_a_link_to_a_message_that_is_not_there_says_so(
    come: Come, long_server: ServerProcess
) -> None:
    ada = returning(come, long_server)
    ada.open("#/long/98765")
    expect(ada.page.locator("hub-toast")).to_contain_text("There is no message 98,765 in long.")
    expect(ada.page.locator(".said", has_text=f"line {EVENTS} of it")).to_be_in_viewport()
