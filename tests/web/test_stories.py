"""What people do at the page, in Chromium, Firefox and WebKit: half of them use the latter two."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.process import ServerProcess
from tests.web.browsing import Robot, Wire, until
from tests.web.engines import ENGINES, PlaywrightTab, Tab, WebKitTab, launch, missing

MANY = 400
OLD = 100

UNDO = "document.execCommand('undo')"  # no automated WebKit has keys for it


class Sitting:
    """Somebody at the page in one browser, in one tab or in two."""

    def __init__(self, tab: Tab, url: str) -> None:
        self.url = url
        self._tabs = [tab]
        self._handles = [tab.driver.current_window_handle] if isinstance(tab, WebKitTab) else []
        self._now = 0

    @property
    def tab(self) -> Tab:
        """The tab that is used now."""
        return self._tabs[self._now]

    def another_tab(self) -> None:
        """Opens a second one, and uses it."""
        tab = self.tab
        if isinstance(tab, WebKitTab):
            tab.driver.switch_to.new_window("window")  # a tab of WebKit's would not be seen
            self._handles.append(tab.driver.current_window_handle)
            self._tabs.append(tab)
        elif isinstance(tab, PlaywrightTab):
            self._tabs.append(PlaywrightTab(tab.page.context.new_page()))
        self._now = 1

    def use(self, number: int) -> None:
        """Goes on in a tab."""
        self._now = number
        tab = self.tab
        if isinstance(tab, WebKitTab):
            tab.driver.switch_to.window(self._handles[number])
        elif isinstance(tab, PlaywrightTab):
            tab.page.bring_to_front()

    def resize(self, width: int, height: int) -> None:
        """Makes the window as small as a phone's, or larger."""
        tab = self.tab
        if isinstance(tab, WebKitTab):
            tab.driver.set_window_size(width, height)
        elif isinstance(tab, PlaywrightTab):
            tab.page.set_viewport_size({"width": width, "height": height})

    def enter(self, name: str, room: str) -> None:
        """Gives a name, then a room, each with Enter."""
        self.tab.open(self.url)
        self.focused("name")
        self.tab.type("#name", name)
        self.tab.press("Enter")
        self.focused("room")
        self.tab.type("#room", room)
        self.tab.press("Enter")
        self.focused("message")
        self.tab.wait("/\\d here/.test(document.querySelector('.facts').textContent)")

    def focused(self, id: str) -> None:
        self.tab.wait(f"document.activeElement?.id === {json.dumps(id)}")

    def write(self, text: str) -> None:
        """Types into the empty field."""
        self.tab.run(
            "const field = document.querySelector('#message'); field.value = ''; field.focus();"
            "field.dispatchEvent(new Event('input', { bubbles: true }));"
        )
        self.tab.type("#message", text)

    def say(self, text: str) -> None:
        self.write(text)
        self.tab.press("Enter")

    def hears(self, text: str) -> None:
        """Waits until a text is there, saved, once."""
        self.tab.wait(
            "[...document.querySelectorAll('.said[data-seq] .text')]"
            f".filter((one) => one.innerText.trim() === {json.dumps(text)}).length === 1"
        )

    def written(self, value: str) -> None:
        self.tab.wait(f"document.querySelector('#message').value === {json.dumps(value)}")

    def lands(self, seq: int) -> None:
        """The message is marked, and in sight."""
        self.tab.wait(
            f"((at) => at?.dataset.seq === '{seq}' && at.getBoundingClientRect().top > 0 && "
            "at.getBoundingClientRect().bottom < innerHeight)(document.querySelector('.target'))"
        )

    def newest(self) -> None:
        self.tab.click(".newest")
        self.tab.wait("document.querySelector('.newest').hidden")

    def goes_by(self, name: str) -> None:
        self.tab.wait(
            f"document.querySelector('hub-sidebar .who bdi')?.textContent === {json.dumps(name)}"
        )


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[Any]:
    if lacking := missing(request.param):
        pytest.skip(lacking)
    with launch(request.param) as engine:
        yield engine


@pytest.mark.timeout(300)
def test_the_stories_of_the_page(engine: Any, own_server: ServerProcess) -> None:
    wire = Wire(own_server.port)
    ben = Robot(own_server.url, "Noah", "Room")
    ben.flood([f"line {number}" for number in range(MANY)], 1e6)
    ada = Sitting(engine.tab(), f"http://127.0.0.1:{wire.port}/")
    ada.resize(1270, 880)
    ada.enter("Ada", "Room")
    _writes(ada)
    _answers_and_follows_links(ada, ben)
    _searches(ada, ben)
    _misses_much(ada, ben)
    _is_offline_for_a_while(ada, wire)
    _has_two_tabs(ada)

    ada.resize(400, 700)
    ada.tab.click(".room-head [data-do=rooms]")
    ada.tab.wait("document.querySelector('hub-app').classList.contains('rooms-shown')")
    ada.tab.wait("document.documentElement.scrollWidth <= innerWidth")
    ben.close()
    wire.cut()


def _writes(ada: Sitting) -> None:
    ada.say("ok :smile: see you")
    ada.hears("ok 😄 see you")
    ada.write("so :tada:")
    ada.written("so 🎉")
    ada.tab.run(UNDO)
    ada.written("so :tada:")
    ada.tab.type("#message", " it is")
    ada.written("so :tada: it is")
    ada.say("I like no")
    ada.hears("I like no")
    ada.write("@no")
    ada.tab.wait("document.querySelectorAll('[role=option]').length === 1")
    ada.tab.press("Enter")
    ada.written("@Noah ")
    ada.say("// TODO")
    ada.hears("// TODO")
    ada.say("¯\\_(ツ)_/¯")
    ada.hears("¯\\_(ツ)_/¯")


def _answers_and_follows_links(ada: Sitting, ben: Robot) -> None:
    seq = ben.say(f"Shall we? {ada.url}#/Room/{OLD}")
    ada.hears(f"Shall we? {ada.url}#/Room/{OLD}")
    ada.tab.run("document.querySelector('hub-timeline').focus()")
    ada.tab.press("ArrowUp")
    ada.tab.press("r")
    ada.tab.wait("!document.querySelector('.reply-to').hidden")
    ada.say("We shall.")
    ada.hears("We shall.")
    assert ben.log()[-1]["reply_to"] == seq
    ada.tab.click(".text a")
    ada.lands(OLD)
    ada.newest()


def _searches(ada: Sitting, ben: Robot) -> None:
    query = '"line 77"'
    until(lambda: ben.ask(type="search", query=query)["results"], "it can be found")
    ada.tab.click(".room-head [data-do=search]")
    ada.focused("query")
    ada.tab.type("#query", query)
    ada.tab.press("Enter")
    for _ in range(2):  # the same result, twice
        ada.tab.click("hub-search li a")
        ada.lands(79)
        ada.newest()
    ada.tab.click("hub-search [data-do=search]")


def _misses_much(ada: Sitting, ben: Robot) -> None:
    """She is in another room meanwhile; then she is told, and led to what mentions her."""
    ada.tab.run("location.hash = '#/Elsewhere'")
    ada.tab.wait("document.querySelector('.room-head bdi').textContent === 'Elsewhere'")
    ben.say(*map(str, range(60)))
    seq = ben.say("@Ada, look")
    ben.say(*map(str, range(60)))
    total = "document.querySelector('hub-sidebar .total')"
    ada.tab.wait(f"{total}.textContent === '121 new, 1 mentions you'")
    ada.tab.run("location.hash = '#/Room'")
    ada.tab.click("hub-news-bar [data-do=mention]")
    ada.lands(seq)
    ada.tab.click("hub-news-bar [data-do=mark-read]")
    ada.tab.wait(f"!{total}.checkVisibility()")
    ada.tab.click(".room-head h1 button")
    ada.tab.wait("document.activeElement.matches('hub-menu [role=menuitem]')")
    ada.tab.press("Escape")
    ada.tab.wait("!document.querySelector('hub-menu')")
    ada.tab.wait("document.activeElement.matches('.room-head h1 button')")


def _is_offline_for_a_while(ada: Sitting, wire: Wire) -> None:
    wire.cut()
    ada.tab.wait("!document.querySelector('hub-banner').hidden")
    ada.say("kept for later")
    ada.tab.wait("document.querySelectorAll('.said.waiting').length === 1")
    wire.mend()
    ada.tab.run("dispatchEvent(new Event('online'))")
    ada.hears("kept for later")
    ada.tab.wait("document.querySelectorAll('.said.waiting').length === 0")


def _has_two_tabs(ada: Sitting) -> None:
    ada.another_tab()
    ada.tab.open(f"{ada.url}#/Room/{OLD}")
    ada.lands(OLD)
    ada.say("/nick Countess")
    for number in (1, 0):
        ada.use(number)
        ada.goes_by("Countess")
    ada.say("/nick Ada")
    for number in (0, 1):
        ada.use(number)
        ada.goes_by("Ada")
    ada.say("/quit")
    ada.use(0)
    ada.tab.wait("Boolean(document.querySelector('#name')?.checkVisibility())")
    ada.tab.run("document.querySelector('#name').value = ''")
    ada.tab.type("#name", "Eve")
    ada.tab.press("Enter")
    for number in (1, 0):
        ada.use(number)
        ada.goes_by("Eve")
