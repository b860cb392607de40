"""Three browsers, driven alike: Debian's Chromium, Firefox and WebKit (what Safari is made of).

``with launch("webkit") as engine: tab = engine.tab(); tab.open(url)``. Playwright drives the first
two (Firefox by WebDriver BiDi, which it speaks itself), Selenium drives WebKit's MiniBrowser on a
screen in memory. Whoever needs more of Playwright finds its page as ``tab.page``, and the driver of
WebKit as ``tab.driver``.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.patience import PATIENCE_SECONDS
from tests.web.browsing import FLAGS, PATIENCE_MS, chromium
from tests.xvfb import screen

SCRIPT_SECONDS = 120.0  # for a whole script of many steps

ENGINES = ("chromium", "firefox", "webkit")

MINI_BROWSERS = ("webkit2gtk-4.1", "webkit2gtk-4.0", "webkitgtk-6.0")
LIBRARIES = ("/usr/lib", f"/usr/lib/{os.uname().machine}-linux-gnu", "/usr/libexec", "/usr/lib64")

# An asynchronous function's body becomes what both drivers run, and its value comes as JSON.
_WRAPPED = "(async (...given) => {{ {body} }})(...{given})"


class Tab(Protocol):
    """One page, in a browser profile of its own."""

    def open(self, url: str) -> None:
        """Goes there, and waits until it is loaded."""
        ...

    def run(self, body: str, *given: Any) -> Any:
        """The value of an asynchronous function with this body; ``given`` are its arguments."""
        ...

    def wait(self, condition: str) -> None:
        """Waits until an expression is true."""
        ...

    def click(self, css: str) -> None:
        """Clicks on an element."""
        ...

    def type(self, css: str, text: str) -> None:
        """Types into an element, key by key."""
        ...

    def press(self, key: str) -> None:
        """Presses a key by the name that `KeyboardEvent.key` has for it."""
        ...

    @property
    def url(self) -> str:
        """Where it is."""
        ...


class Engine(Protocol):
    """A browser that runs."""

    name: str

    def tab(self) -> Tab:
        """A page in a new profile."""
        ...


def missing(name: str) -> str | None:
    """What has to be installed for an engine; None if nothing."""
    found: Mapping[str, Sequence[str | Path | None]] = {
        "chromium": (chromium(),),
        "firefox": (_firefox(),),
        "webkit": (shutil.which("WebKitWebDriver"), shutil.which("Xvfb"), _mini_browser()),
    }
    packages = {
        "chromium": "chromium",
        "firefox": "firefox-esr",
        "webkit": "webkit2gtk-driver xvfb",
    }
    if all(found[name]):
        return None
    return f"there is no {name} here: sudo apt install {packages[name]}"


@contextmanager
def launch(name: str, *, names_of_this_computer: Sequence[str] = ()) -> Iterator[Engine]:
    """Starts an engine. ``names_of_this_computer``: hosts that it takes for 127.0.0.1."""
    if name == "webkit":
        with WebKit.running() as webkit:
            yield webkit
        return
    with sync_playwright() as playwright:
        start = _start_firefox if name == "firefox" else _start_chromium
        browser = start(playwright, names_of_this_computer)
        try:
            yield Playwrights(name, browser)
        finally:
            browser.close()


def _start_chromium(playwright: Playwright, names: Sequence[str]) -> Browser:
    rules = ", ".join(f"MAP {name} 127.0.0.1" for name in names)
    flags = [*FLAGS, f"--host-resolver-rules={rules}"]
    return playwright.chromium.launch(executable_path=chromium(), args=flags)


def _start_firefox(playwright: Playwright, names: Sequence[str]) -> Browser:
    return playwright.firefox.launch(
        channel="moz-firefox",
        executable_path=_firefox(),
        firefox_user_prefs={"network.dns.localDomains": ",".join(names)},
    )


class Playwrights:
    """Chromium, or Firefox."""

    def __init__(self, name: str, browser: Browser) -> None:
        self.name = name
        self.browser = browser

    def tab(self) -> PlaywrightTab:
        """A page in a new profile."""
        return PlaywrightTab(self.browser.new_context().new_page())


class PlaywrightTab:
    """A `Tab` of Playwright's."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.set_default_timeout(PATIENCE_MS)

    def open(self, url: str) -> None:
        self.page.goto(url)

    def run(self, body: str, *given: Any) -> Any:
        return self.page.evaluate(_WRAPPED.format(body=body, given=json.dumps(given)))

    def wait(self, condition: str) -> None:
        # Not `wait_for_function`: it makes code of a string, which the page's policy forbids.
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.page.evaluate(f"() => Boolean({condition})"):
            assert time.monotonic() < deadline, f"this never came: {condition}"
            self.page.wait_for_timeout(50)

    def click(self, css: str) -> None:
        self.page.locator(css).click()

    def type(self, css: str, text: str) -> None:
        self.page.locator(css).press_sequentially(text)

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    @property
    def url(self) -> str:
        return self.page.url


class WebKit:
    """WebKitGTK's MiniBrowser: each profile is a process of its own."""

    name = "webkit"

    def __init__(self, display: str, home: Path, stack: ExitStack) -> None:
        self._environment = {**os.environ, "DISPLAY": display, "HOME": str(home)}
        self._stack = stack

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[WebKit]:
        """With a screen in memory."""
        with ExitStack() as stack:
            home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            display = stack.enter_context(screen())
            yield cls(display, home, stack)

    def tab(self) -> WebKitTab:
        """A page in a new profile."""
        from selenium.webdriver import WebKitGTK, WebKitGTKOptions
        from selenium.webdriver.webkitgtk.service import Service

        options = WebKitGTKOptions()
        options.binary_location = str(_mini_browser())
        options.add_argument("--automation")
        service = Service(shutil.which("WebKitWebDriver"), env=self._environment)
        with warnings.catch_warnings():  # of Selenium's, about itself
            warnings.simplefilter("ignore", DeprecationWarning)
            driver = WebKitGTK(options=options, service=service)
        self._stack.callback(driver.quit)
        return WebKitTab(driver)


class WebKitTab:
    """A `Tab` of Selenium's."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver
        driver.set_script_timeout(SCRIPT_SECONDS)
        driver.set_page_load_timeout(PATIENCE_SECONDS)

    def open(self, url: str) -> None:
        self.driver.get(url)

    def run(self, body: str, *given: Any) -> Any:
        wrapped = _WRAPPED.format(body=body, given=json.dumps(given))
        value, error = self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            f"{wrapped}.then((value) => done([value ?? null, null]),"
            "(error) => done([null, String(error)]));"
        )
        assert error is None, error
        return value

    def wait(self, condition: str) -> None:
        from selenium.webdriver.support.wait import WebDriverWait

        WebDriverWait(self.driver, PATIENCE_SECONDS).until(
            lambda driver: driver.execute_script(f"return Boolean({condition});")
        )

    def click(self, css: str) -> None:
        self._element(css).click()

    def type(self, css: str, text: str) -> None:
        self._element(css).send_keys(text)

    def press(self, key: str) -> None:
        from selenium.webdriver import ActionChains, Keys

        names = {"Enter": Keys.ENTER, "Escape": Keys.ESCAPE, "Tab": Keys.TAB}
        code = names.get(key) or str(getattr(Keys, key.removeprefix("Arrow").upper(), key))
        ActionChains(self.driver).send_keys(code).perform()

    @property
    def url(self) -> str:
        url: str = self.driver.current_url
        return url

    def _element(self, css: str) -> Any:
        self.wait(f"document.querySelector({json.dumps(css)})?.checkVisibility()")
        return self.driver.find_element("css selector", css)


def _firefox() -> str | None:
    return shutil.which("firefox-esr") or shutil.which("firefox")


def _mini_browser() -> Path | None:
    places = [Path(folder, name, "MiniBrowser") for folder in LIBRARIES for name in MINI_BROWSERS]
    return next((place for place in places if place.is_file()), None)
