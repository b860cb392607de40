"""Takes the pictures of the web page in docs/images: `python -m tools.page_screens`.

From the real page, on a real server, in Chromium: a conversation in light and dark, on a desktop
and on a phone, and the states that one meets. Emoji need a font: on Debian, fonts-noto-color-emoji.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, FilePayload, Page, expect, sync_playwright

from tests.process import ServerProcess
from tests.web.browsing import Person, Robot, Wire, chromium, launch
from tests.web.test_accounts import PASSWORD, log_in
from tests.web.test_tickets import Owner

IMAGES = Path(__file__).parents[1] / "docs" / "images"
DESKTOP = {"width": 1200, "height": 760}
PHONE = {"width": 390, "height": 780}

SKY = ((72, 255), (98, 196), (160, 140))  # of red, green and blue, from above down

BUILD = """Morning! Build 214 is up: https://example.org/builds/214
```
$ make check
214 passed in 31 s
```"""


class Talk:
    """A little conversation of ben and eve, before ada comes."""

    def __init__(self, url: str) -> None:
        self.ben = Robot(url, "Ben", "General")
        self.eve = Robot(url, "Eve", "General")
        self.gardening = Robot(url, "Flora", "Gardening")
        self.gardening.say("The tomatoes are out. *All* of them.")
        self.random = Robot(url, "Mallory", "Random")
        self.random.say("Who took the good chair?")
        build = self.ben.say(BUILD)
        self.react(self.eve, build, "🎉")
        self.react(self.random, build, "🎉", "👀")
        asked = self.eve.say("Nice! Who looks at the release notes?")
        can = self.ben.say("I can.", reply_to=asked)
        self.ben.ask(type="edit", room="General", target=can, text="I can, _after lunch_.")
        self.react(self.eve, can, "👍")
        self.eve.say("> Sent means saved.", "That line stays. ~Or do we need a longer one?~")
        self.ben.say("It stays. `kill -9` agrees.")

    def react(self, robot: Robot, target: int, *emoji: str) -> None:
        """One of them reacts to a message in General."""
        for one in emoji:
            robot.ask(type="react", room="General", target=target, emoji=one)

    def close(self) -> None:
        """All of them go."""
        for one in (self.ben, self.eve, self.gardening, self.random):
            one.close()


def shoot(page: Page, name: str) -> None:
    """Saves what is in the window, when it has come to rest."""
    page.mouse.move(0, 0)
    page.wait_for_timeout(400)
    path = IMAGES / f"page-{name}.png"
    page.screenshot(path=path, animations="disabled", caret="hide")
    print(f"{path} {path.stat().st_size / 1024:.0f} KiB")


def morning() -> bytes:
    """A picture: the sun over hills, as a PNG."""
    sky = Image.linear_gradient("L").resize((960, 540))
    made = Image.merge(
        "RGB", [sky.point(lambda v, a=a, b=b: a + (b - a) * v // 255) for a, b in SKY]
    )
    draw = ImageDraw.Draw(made)
    draw.ellipse((600, 200, 760, 360), fill="#ffe9a8")
    draw.ellipse((-300, 330, 620, 900), fill="#3f6b5c")
    draw.ellipse((330, 380, 1300, 1000), fill="#2d4f48")
    data = io.BytesIO()
    made.save(data, "PNG")
    return data.getvalue()


def send_picture(person: Person, text: str, words: str) -> None:
    """Somebody chooses a picture, says what it shows, and sends it with a text."""
    page = person.page
    file: FilePayload = {"name": "morning.png", "mimeType": "image/png", "buffer": morning()}
    page.locator("hub-composer input[type=file]").set_input_files([file])
    expect(page.locator(".upload[data-state=done]")).to_have_count(1)
    page.get_by_label("What morning.png shows, in words").fill(words)
    person.say(text)
    expect(page.locator(".said[data-seq] .picture img")).to_be_visible()


def answer(page: Page) -> None:
    """Answers the question whether one wants to be told of mentions, which is asked once."""
    page.locator("hub-ask").get_by_role("button", name="No", exact=True).click()


def come(browser: Browser, port: int, name: str, **options: Any) -> Person:
    """Somebody with a browser of their own."""
    context = browser.new_context(locale="en-GB", **options)
    return Person(context, f"http://127.0.0.1:{port}/", name)


def record_desktop(browser: Browser, server: ServerProcess, talk: Talk) -> None:
    """What ada sees, from the first question on."""
    wire = Wire(server.port)
    ada = come(browser, wire.port, "Ada", viewport=DESKTOP)
    page = ada.page
    ada.open()
    page.locator("#name").fill("Ada")
    shoot(page, "name")
    page.keyboard.press("Enter")
    expect(page.locator("hub-lobby li")).to_have_count(3)
    shoot(page, "rooms")
    for room in ("Gardening", "Random", "General"):
        page.goto(f"{ada.url}#/{room}")
        ada.inside()
    ada.hears("It stays.")
    ada.say("Good morning! I read them now.")
    ada.hears("I read them now")
    answer(page)
    send_picture(ada, "This is how the day began here:", "The sun rises over green hills")
    newest = page.locator(".said[data-seq]").last.get_attribute("data-seq")
    talk.react(talk.ben, int(newest or 0), "❤️", "🌅")
    talk.react(talk.eve, int(newest or 0), "❤️")
    expect(page.locator(".reaction:not(.add)").last).to_contain_text("🌅")
    talk.eve.say("Thank you, Ada!")
    ada.hears("Thank you")
    talk.gardening.say("Ada, would you like some?")
    talk.random.say("It was me.", "I bring it back.")
    expect(page.locator("hub-sidebar .badge")).to_have_count(2)
    shoot(page, "room")
    page.locator("#message").press_sequentially("/")
    expect(page.get_by_role("option").first).to_be_visible()
    shoot(page, "completion")
    page.keyboard.press("Escape")
    page.locator("#message").fill("")
    page.locator("hub-timeline").focus()
    page.keyboard.press("?")
    shoot(page, "help")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Shift+F")
    page.keyboard.type("stays from:Eve")
    page.keyboard.press("Enter")
    expect(page.locator("hub-search li")).to_have_count(1)
    shoot(page, "search")
    page.keyboard.press("Escape")
    page.emulate_media(color_scheme="dark")
    wire.cut()
    expect(page.locator("hub-banner")).to_be_visible()
    ada.say("The train is in a tunnel, I write on.")
    expect(page.locator(".said.waiting")).to_have_count(1)
    shoot(page, "offline-dark")
    wire.mend()
    ada.hears("The train is in a tunnel")
    talk.eve.say("See you on the other side, Ada.")
    ada.hears("other side")
    shoot(page, "room-dark")
    ada.context.close()


def record_phone(browser: Browser, server: ServerProcess, talk: Talk) -> None:
    """What noor sees on the way."""
    noor = come(browser, server.port, "Noor", viewport=PHONE, has_touch=True, device_scale_factor=1)
    page = noor.page
    noor.enter("General")
    noor.hears("other side")
    page.goto(f"{noor.url}#/Random")
    noor.inside()
    page.goto(f"{noor.url}#/General")
    noor.inside()
    noor.say("مرحبا!")
    noor.hears("مرحبا")
    answer(page)
    noor.say("I am on the tram.")
    noor.hears("on the tram")
    shoot(page, "phone")
    talk.random.say("Noor, are you there?")
    expect(page.locator("hub-sidebar .badge")).to_have_count(1)
    page.emulate_media(color_scheme="dark")
    page.get_by_role("button", name="Rooms", exact=True).tap()
    shoot(page, "phone-rooms-dark")
    page.keyboard.press("Escape")
    shoot(page, "phone-dark")
    noor.context.close()


def record_server(browser: Browser, server: ServerProcess) -> None:
    """What Olga, who owns the server, sees of it."""
    owner = Owner(server, "General")
    for name in ("Paul", "Quinn"):
        other = Robot(server.url, name, "General")
        other.ask(type="register", password=PASSWORD)
        other.close()
    owner.ask(type="role", room="/server", user="Paul", role="moderator")
    olga = come(browser, server.port, "olga", viewport=DESKTOP)
    olga.open("#?server")
    log_in(olga.page, "olga")
    expect(olga.page.locator("hub-server dl")).to_contain_text("Backups")
    shoot(olga.page, "server")
    olga.context.close()
    owner.close()


def main() -> int:
    """Takes all pictures."""
    if chromium() is None:
        print("There is no Chromium here: sudo apt install chromium")
        return 1
    IMAGES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        ServerProcess(Path(folder, "data"), "--rate-limit", "0") as server,
    ):
        browser = launch(playwright)
        talk = Talk(server.url)
        record_desktop(browser, server, talk)
        record_phone(browser, server, talk)
        record_server(browser, server)
        talk.close()
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
