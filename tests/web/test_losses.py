"""Lost connections, killed servers, reloads: what was written is said, once, and shown."""

from __future__ import annotations

import re
import shutil
import threading
from collections import Counter
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.conftest import LONG
from tests.process import ServerProcess
from tests.web.browsing import LINES, Person, Robot, Wire, until

Come = Callable[..., Person]
KILLS = 12 if LONG else 1

WAITING = "() => document.querySelectorAll('.said.waiting').length"


KEPT = """() => new Promise((resolve) => {
  indexedDB.open("hubbub").onsuccess = ({ target: { result: database } }) => {
    database.transaction("rooms").objectStore("rooms").getAll().onsuccess = (event) => {
      const texts = event.target.result.flatMap(({ events }) => events.filter(({ text }) => text));
      database.close();
      resolve(texts.length);
    };
  };
})"""


def write(page: Page, texts: list[str]) -> None:
    for text in texts:
        page.locator("#message").fill(text)
        page.locator("#message").press("Enter")


def told_exactly(server: ServerProcess, room: str, person: Person) -> list[str]:
    """Compares the whole log with what the page shows of it; gives the texts."""
    reader = Robot(server.url, "reader", room)
    log = reader.log()
    reader.close()
    assert [event["seq"] for event in log] == list(range(1, len(log) + 1))
    said = {event["seq"]: event["text"] for event in log if event["kind"] == "said"}
    rows = person.page.locator(".said[data-seq]").evaluate_all(
        "rows => rows.map(row => [Number(row.dataset.seq), "
        "row.querySelector('.text').innerText.trim()])"
    )
    assert rows == sorted(map(list, said.items()))
    return list(said.values())


def test_nothing_is_lost_or_doubled_when_the_server_is_killed_while_both_type(
    come: Come, own_server: ServerProcess, room: str
) -> None:
    ada, ben = come("ada", own_server.port), come("ben", own_server.port)
    ada.enter(room)
    ben.enter(room)
    number = 0
    for _ in range(KILLS):
        killed = threading.Thread(target=own_server.restart)
        for turn in range(6):
            number += 1
            write(ada.page, [f"ada {number}"])
            write(ben.page, [f"ben {number}"])
            if turn == 2:
                killed.start()
        killed.join()
    for person in (ada, ben):
        until(lambda page=person.page: page.evaluate(WAITING) == 0, "all is saved")  # type: ignore[misc]
        expect(person.page.locator(".said[data-seq]")).to_have_count(2 * number)
    texts = told_exactly(own_server, room, ada)
    assert texts == told_exactly(own_server, room, ben)
    assert Counter(texts) == Counter(
        f"{name} {turn + 1}" for turn in range(number) for name in ("ada", "ben")
    )
    for name in ("ada", "ben"):
        own = [text for text in texts if text.startswith(name)]
        assert own == [f"{name} {turn + 1}" for turn in range(number)]


def test_without_a_connection_one_writes_on_and_is_told_calmly(
    come: Come, server: ServerProcess, room: str
) -> None:
    wire = Wire(server.port)
    ada = come("ada", wire.port)
    ada.enter(room)
    ben = Robot(server.url, "ben-offline", room)
    wire.cut()
    expect(ada.page.locator("hub-banner")).to_contain_text("What you write is kept")
    write(ada.page, ["first", "second"])
    expect(ada.page.locator(".said.waiting")).to_have_count(2)
    ben.say("meanwhile")
    ada.page.get_by_role("button", name="Try now").click()  # there is still nobody
    wire.mend()
    ada.page.evaluate("() => dispatchEvent(new Event('online'))")  # as the computer would tell
    expect(ada.page.locator("hub-banner")).to_be_hidden()
    ada.hears("meanwhile", "first", "second")
    assert told_exactly(server, room, ada) == ["meanwhile", "first", "second"]
    ben.close()


def keeping(come: Come, wire: Wire, room: str) -> Person:
    """Ada, whose browser has kept the page and "while it was good"."""
    ada = come("ada", wire.port)
    ada.enter(room)
    ada.say("while it was good")
    ada.hears("while it was good")
    ada.page.evaluate("() => navigator.serviceWorker.ready")
    until(lambda: ada.page.evaluate(KEPT) > 0, "the history is kept")
    return ada


def test_a_reload_and_even_a_closed_tab_lose_nothing_that_waits(
    come: Come, server: ServerProcess, room: str
) -> None:
    """The page opens without the server, too: from the service worker."""
    wire = Wire(server.port)
    ada = keeping(come, wire, room)
    wire.cut()
    write(ada.page, ["one", "two"])
    ada.page.locator("#message").fill("three, not sent ye")
    ada.page.locator("#message").press("t")
    ada.page.reload()
    expect(ada.page.locator(".said.waiting")).to_have_count(2)
    expect(ada.page.locator(".said[data-seq]", has_text="while it was good")).to_have_count(1)
    expect(ada.page.locator("#message")).to_have_value("three, not sent yet")
    write(ada.page, ["three"])
    until(lambda: ada.page.evaluate(LINES) == 3, "the lines are kept")
    place = ada.page.url
    ada.page.close()
    ada.page = ada.tab()
    ada.page.goto(place)
    expect(ada.page.locator(".said.waiting")).to_have_count(3)
    wire.mend()
    ada.page.evaluate("() => dispatchEvent(new Event('online'))")
    ada.hears("one", "two", "three")
    until(lambda: ada.page.evaluate(WAITING) == 0)
    assert told_exactly(server, room, ada) == ["while it was good", "one", "two", "three"]


SAY_AND_GO = """(text) => {
  const field = document.querySelector("#message");
  field.value = text;
  const enter = { key: "Enter", bubbles: true, cancelable: true };
  field.dispatchEvent(new KeyboardEvent("keydown", enter));
  location.reload();
}"""


def test_a_line_is_kept_when_the_page_goes_the_moment_it_was_written(
    come: Come, server: ServerProcess, room: str
) -> None:
    wire = Wire(server.port)
    ada = keeping(come, wire, room)
    wire.cut()
    texts = [f"line {number}" for number in range(8)]
    for count, text in enumerate(texts, 1):
        with ada.page.expect_navigation(wait_until="load"):
            ada.page.evaluate(SAY_AND_GO, text)
        expect(ada.page.locator(".said.waiting")).to_have_count(count)
    wire.mend()
    ada.page.evaluate("() => dispatchEvent(new Event('online'))")
    ada.hears(texts[-1])
    assert told_exactly(server, room, ada) == ["while it was good", *texts]


def test_a_query_longer_than_a_frame_fails_alone(come: Callable[..., Person], room: str) -> None:
    ada = come("ada")
    opened: list[str] = []
    ada.page.on("websocket", lambda socket: opened.append(socket.url))
    ada.enter(room)
    before = len(opened)
    ada.page.keyboard.press("Control+Shift+F")
    ada.page.locator("#query").fill("wort " * 7000)
    ada.page.locator("#query").press("Enter")
    expect(ada.page.locator("hub-search")).to_contain_text("Please shorten it")
    ada.say("still here")
    ada.hears("still here")
    assert len(opened) == before


def test_a_proxy_whose_server_is_away_is_asked_again_later(
    come: Come, server: ServerProcess, room: str
) -> None:
    """Its 502 is not taken for the page: that comes from the service worker, with its history."""
    wire = Wire(server.port)
    ada = keeping(come, wire, room)
    wire.fail()
    ada.page.reload()
    ada.hears("while it was good")
    expect(ada.page.locator("hub-banner")).to_contain_text("What you write is kept")
    write(ada.page, ["meanwhile"])
    expect(ada.page.locator(".said.waiting")).to_have_count(1)
    wire.cut()
    wire.mend()
    ada.page.evaluate("() => dispatchEvent(new Event('online'))")
    ada.hears("meanwhile")
    assert told_exactly(server, room, ada) == ["while it was good", "meanwhile"]


def test_lines_whose_nonces_were_forgotten_are_looked_up_and_not_said_again(
    come: Come, server: ServerProcess, room: str
) -> None:
    """The answers are lost on the way, and the name was freed meanwhile: a new guest comes back."""
    ada = come("ada")
    deaf = threading.Event()

    def pass_on(socket: WebSocketRoute) -> None:
        there = socket.connect_to_server()
        there.on_message(
            lambda frame: (
                None
                if deaf.is_set() and re.search(r'"type":"(ack|events)"', str(frame))
                else socket.send(frame)
            )
        )
        sockets.append(there)

    sockets: list[WebSocketRoute] = []
    ada.page.route_web_socket(re.compile("/ws$"), pass_on)
    ada.enter(room)
    deaf.set()
    write(ada.page, ["said, and not heard of", "said twice", "said twice"])
    ben = Robot(server.url, "ben-doubt", room)
    until(lambda: len([one for one in ben.log() if one["kind"] == "said"]) == 3, "", ada.page)
    deaf.clear()
    # The server is told that ada is done: it frees the name, and forgets the guest's nonces.
    sockets[-1].send('{"type":"bye"}')
    until(lambda: len(sockets) > 1, "a new connection", ada.page)
    until(lambda: bool(ada.page.evaluate(WAITING) == 0), "all is settled", ada.page)
    ada.say("and now")
    ada.hears("and now")
    texts = told_exactly(server, room, ada)
    assert texts == ["said, and not heard of", "said twice", "said twice", "and now"]
    ben.close()


def test_a_line_that_the_server_refuses_says_why_and_goes_again(
    come: Come, server: ServerProcess, room: str
) -> None:
    ada = come("ada")
    ada.enter(room)
    ada.say("a zero-width only:")
    ada.page.locator("#message").fill("\u200b")
    ada.page.locator("#message").press("Enter")
    failed = ada.page.locator(".said.failed")
    expect(failed.locator(".why")).to_contain_text("There is nothing to see in this message")
    failed.get_by_role("button", name="Try again").click()
    expect(failed).to_have_count(1)
    failed.get_by_role("button", name="Edit").click()
    expect(failed).to_have_count(0)
    ada.page.keyboard.type("now there is\n")
    ada.hears("now there is")


def test_another_log_begins_afresh(come: Come, own_server: ServerProcess, room: str) -> None:
    ada = come("ada", own_server.port)
    ada.enter(room)
    ada.say("in the old log")
    ada.hears("in the old log")
    own_server.kill()
    shutil.rmtree(own_server.data)
    own_server.start()
    ada.say("in the new one")
    ada.hears("in the new one")
    assert told_exactly(own_server, room, ada) == ["in the new one"]


@pytest.mark.skipif(not LONG, reason="takes a minute; python check.py --long")
def test_many_lines_that_wait_are_sent_in_order_at_the_servers_pace(
    come: Come, tmp_path_factory: pytest.TempPathFactory, room: str
) -> None:
    """The server refuses who is too fast; the page is not."""
    folder = tmp_path_factory.mktemp("paced")
    with ServerProcess(folder / "data", "--rate-limit", "5", "--rate-burst", "10") as server:
        ada = come("ada", server.port)
        ada.enter(room)
        texts = [f"line {number}" for number in range(60)]
        write(ada.page, texts)
        until(lambda: ada.page.evaluate(WAITING) == 0)
        assert told_exactly(server, room, ada) == texts
