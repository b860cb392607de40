"""What is beside the room: notifications, the clipboard, storage that is refused, installing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.process import ROOT, ServerProcess
from tests.web.browsing import LINES, Person, Robot, Wire, until

Come = Callable[..., Person]
Others = Callable[..., Any]

TOLD = """
window.told = [];
window.Notification = class {
  static permission = "default";
  static async requestPermission() { return (Notification.permission = "granted"); }
  constructor(title, { body, tag }) { Object.assign(this, { title, body, tag }); told.push(this); }
  close() { this.closed = true; }
};"""
NO_LOCKS = "Object.defineProperty(Navigator.prototype, 'locks', { value: undefined });"
MARKS = "() => Object.keys(localStorage).filter((key) => key.startsWith('hubbub-tab-')).length"
NO_STORAGE = """
const refuse = () => { throw new DOMException("No storage for this page.", "SecurityError"); };
Object.defineProperty(window, "localStorage", { get: refuse });
Object.defineProperty(window, "indexedDB", { get: refuse });
LockManager.prototype.query = LockManager.prototype.request = async () => refuse();"""
FULL_STORAGE = """
const full = () => { throw new DOMException("The disk is full.", "QuotaExceededError"); };
Storage.prototype.setItem = full;
IDBObjectStore.prototype.put = full;"""


def told(page: Page) -> list[tuple[str, str]]:
    """The notifications: titles and bodies."""
    found = page.evaluate("() => told.map(({ title, body }) => [title, body])")
    return [(title, body) for title, body in found]


def test_one_is_notified_of_what_one_asked_for_and_does_not_see(
    come: Come, others: Others, room: str
) -> None:
    ben = others(Robot, "ben", room)
    eve = others(Robot, "eve", f"{room}-all")
    ada = come("ada")
    ada.context.add_init_script(TOLD)
    ada.enter(room)
    page = ada.page
    ada.say("/notify mentions")
    expect(page.locator("hub-toast")).to_contain_text("mentions")
    ben.say(f"{ada.name}, you see this")
    ada.hears("you see this")
    ada.say(f"/join {room}-all")
    ada.say("/notify all")
    expect(page.locator("hub-toast")).to_contain_text("every message")
    ada.open(f"#/{room}-elsewhere")
    expect(page.locator("hub-room h1")).to_contain_text("elsewhere")
    ben.say("nobody in particular")
    seq = ben.say(f"but you, {ada.name}")
    until(lambda: len(told(page)) == 1, "a notification", page)
    eve.say("to all")
    until(lambda: len(told(page)) == 2, "another one", page)
    (by_ben, body), (by_eve, _) = told(page)
    assert "ben" in by_ben
    assert room in by_ben
    assert body == f"but you, {ada.name}"
    assert "eve" in by_eve
    # A second tab in which one reads it makes the first one keep quiet.
    other = ada.tab()
    other.goto(f"{ada.url}#/{room}")
    expect(other.locator(".said", has_text="but you")).to_be_visible()
    ben.say(f"{ada.name}, you read this there")
    expect(other.locator(".said", has_text="you read this there")).to_be_visible()
    eve.say("a barrier")
    until(lambda: told(page)[-1][1] == "a barrier", "the one after it", page)
    assert len(told(page)) == 3
    other.close()
    page.evaluate("() => told[0].onclick()")
    expect(page.locator(".target")).to_have_attribute("data-seq", str(seq))
    assert page.evaluate("() => told[0].closed")


def test_code_and_links_are_copied_with_and_without_a_clipboard(
    come: Come, others: Others, room: str
) -> None:
    """Pages without TLS from another computer have none, and copy the old way."""
    ada = come("ada", permissions=["clipboard-read", "clipboard-write"])
    ada.enter(room)
    seq = others(Robot, "ben", room).say("see:\n```\n  first line\n\tsecond *line*\n```")
    page = ada.page
    clipboard = "() => navigator.clipboard.readText()"
    page.locator(".code").hover()
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.locator("hub-toast")).to_have_text("Copied.")
    assert page.evaluate(clipboard) == "  first line\n\tsecond *line*"
    page.evaluate("() => { Clipboard.prototype.writeText = async () => { throw Error(); }; }")
    page.locator(f"[data-seq='{seq}']").focus()
    page.keyboard.press("l")
    expect(page.locator("hub-toast")).to_contain_text("is copied")
    assert page.evaluate(clipboard) == f"{ada.url}#/{room}/{seq}"
    expect(page.locator(f"[data-seq='{seq}']")).to_be_focused()


def test_without_web_locks_a_closed_tabs_lines_are_sent_by_another(
    come: Come, server: ServerProcess, room: str
) -> None:
    wire = Wire(server.port)
    ada = come("ada", wire.port)
    ada.context.add_init_script(NO_LOCKS)
    ada.enter(room)
    assert ada.page.evaluate(MARKS) == 1
    wire.cut()
    ada.say("what a closed tab could not send")
    until(lambda: ada.page.evaluate(LINES) == 1, "the line is kept", ada.page)
    ada.page.close()
    wire.mend()
    ada.page = ada.tab()
    ada.open(f"#/{room}")
    ada.hears("what a closed tab could not send")
    assert ada.page.evaluate(MARKS) == 1


def test_a_browser_that_keeps_nothing_can_chat(come: Come, others: Others, room: str) -> None:
    ben = others(Robot, "ben", room)
    for name, script in (("ada", NO_STORAGE), ("eve", FULL_STORAGE)):
        person = come(name)
        person.context.add_init_script(script)
        person.enter(room)
        ben.say(f"hello {person.name}")
        person.hears(f"hello {person.name}")
        person.say(f"{name} can write")
        person.hears(f"{name} can write")


def test_the_page_can_be_installed(come: Come, room: str) -> None:
    ada = come("ada")
    ada.enter(room)
    page = ada.page
    page.evaluate("() => navigator.serviceWorker.ready")
    tools = ada.context.new_cdp_session(page)
    manifest = tools.send("Page.getAppManifest")
    assert manifest["errors"] == []
    # A profile of its own is a private window to Chromium; that alone may stand in the way.
    errors = tools.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert {error["errorId"] for error in errors} <= {"in-incognito"}
    icons = page.evaluate("""async () => {
      const link = document.querySelector("link[rel=manifest]").href;
      const { icons } = await (await fetch(link)).json();
      return Promise.all(icons.map(async ({ src: path, sizes, type }) => {
        const src = new URL(path, link).href;
        const answer = await fetch(src);
        const image = new Image();
        image.src = src;
        await image.decode();
        const size = `${image.naturalWidth}x${image.naturalHeight}`;
        return [answer.headers.get("content-type") === type, sizes === "any" || sizes === size];
      }));
    }""")
    assert len(icons) >= 3
    assert all(right and fits for right, fits in icons)


def test_an_upgraded_server_has_its_new_page_shown_at_once(
    come: Come, tmp_path: Path, room: str
) -> None:
    """And the one that is kept for times without the server is the new one, too."""
    newer = tmp_path / "newer"
    shutil.copytree(ROOT / "src", newer, ignore=shutil.ignore_patterns("__pycache__"))
    with (newer / "hubbub/page/main.js").open("a") as script:
        script.write('document.documentElement.dataset.page = "newer";\n')
    with ServerProcess(tmp_path / "data", "--rate-limit", "0") as server:
        ada = come("ada", server.port)
        ada.enter(room)
        page, html = ada.page, ada.page.locator("html")
        page.evaluate("() => navigator.serviceWorker.ready")
        (old,) = page.evaluate("() => caches.keys()")
        server.kill()
        server.environment["PYTHONPATH"] = f"{newer}:{ROOT}"
        server.start()
        page.get_by_role("button", name="Reload").click()
        expect(html).to_have_attribute("data-page", "newer")
        ada.inside()
        kept = "() => caches.keys()"
        until(lambda: page.evaluate(kept) not in ([old], []), "the new one is kept", page)
        until(lambda: len(page.evaluate(kept)) == 1, "the old one is gone", page)
        assert page.evaluate(kept) != [old]
        server.kill()
        page.reload()
        expect(html).to_have_attribute("data-page", "newer")
        expect(page.locator("hub-banner")).to_be_visible()


def test_messages_that_tell_one_nothing_do_not_ask_the_browser_for_its_permission(
    come: Come, others: Others, room: str
) -> None:
    ben = others(Robot, "ben", room)
    ada = come("ada")
    ada.context.add_init_script("""
      window.asked = 0;
      Object.defineProperty(Notification, "permission", {
        get() { window.asked += 1; return "default"; },
      });
    """)
    ada.enter(room)
    before = ada.page.evaluate("() => window.asked")
    for number in range(5):
        ben.say(f"to nobody {number}")
    ada.hears("to nobody 4")
    assert ada.page.evaluate("() => window.asked") == before
    ben.say(f"but to you, {ada.name}")
    expect(ada.page.locator("hub-ask")).to_contain_text("when somebody mentions you?")
    assert ada.page.evaluate("() => window.asked") > before
