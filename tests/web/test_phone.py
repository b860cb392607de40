"""On a phone: menus and targets for a thumb, and nothing that lies on what one reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.web.browsing import Person, Robot

Come = Callable[..., Person]
Others = Callable[..., Any]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SMALL = """() => [...document.querySelectorAll("button, a, input, summary, [role=option]")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }))
  .filter((one) => !one.closest(".text p, .unseen"))
  .filter((one) => !one.matches(".skip, [type=radio], [type=checkbox]"))
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([, { width, height }]) => width && (width < 43.5 || height < 43.5))
  .map(([one, { width, height }]) => `${one.outerHTML.slice(0, 80)} ${width}x${height}`)"""


def menu(page: Page) -> None:
    page.locator("[data-do=rooms]:visible").tap()
    expect(page.locator("hub-sidebar")).to_be_visible()


def test_all_rooms_have_the_menu_and_a_press_beside_it_closes_it(come: Come, room: str) -> None:
    ada = come("ada", **PHONE)
    ada.enter(room)
    page = ada.page
    menu(page)
    page.get_by_role("button", name="All rooms").tap()
    expect(page.locator("hub-lobby")).to_be_visible()
    expect(page.locator("hub-sidebar")).to_be_hidden()
    menu(page)
    page.get_by_role("button", name="Help (?)").tap()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("button", name="Close").tap()
    # What lies under the scrim is not pressed by that.
    page.touchscreen.tap(370, 230)
    expect(page.locator("hub-sidebar")).to_be_hidden()
    expect(page.locator("hub-lobby")).to_be_visible()
    menu(page)
    page.locator("hub-sidebar a", has_text=room).tap()
    expect(page.locator("hub-room h1")).to_contain_text(room)
    page.get_by_role("button", name="Members").tap()
    expect(page.locator("hub-members")).to_be_visible()
    page.touchscreen.tap(40, 400)
    expect(page.locator("hub-members")).to_be_hidden()
    expect(page.locator("#message")).not_to_be_focused()  # a phone would bring its keyboard
    page.reload()
    expect(page.locator("hub-timeline")).to_be_focused()
    assert not page.locator("hub-timeline:focus-visible").count()  # no frame around what is read


def test_parts_of_a_dialog_that_open_are_seen_to(come: Come, room: str) -> None:
    ada = come("ada", **PHONE)
    ada.enter(room)
    ada.say("/register")
    page = ada.page
    expect(page.locator("#account-password")).to_be_focused()
    page.locator("#account-password").fill("correct horse battery")
    page.keyboard.press("Enter")
    expect(page.locator("hub-toast")).to_contain_text("is yours now")
    ada.say("/close-account")
    part = page.locator("summary", has_text="Close the account")
    expect(part).to_have_css("display", "list-item")  # with a triangle
    box = part.bounding_box()
    assert box
    assert box["height"] >= 44


def test_whatever_is_pressed_is_as_large_as_a_thumb(come: Come, others: Others, room: str) -> None:
    ben = others(Robot, "ben", room)
    ben.say("```\ncode\n```", reply_to=ben.say("hello"))
    ben.say("\n".join("abcdefghijklmnopqrstuvwxyz0123456789"))
    ada = come("ada", **PHONE)
    ada.open(f"#/{room}")
    assert ada.page.evaluate(SMALL) == []
    ada.page.locator("#name").fill(ada.name)
    ada.page.keyboard.press("Enter")
    ada.inside()
    page = ada.page
    page.locator(".said").last.tap()
    assert page.evaluate(SMALL) == []
    page.locator("#message").press_sequentially("@")
    expect(page.get_by_role("option")).to_have_count(1)
    assert page.evaluate(SMALL) == []
    page.locator("#message").fill("")
    page.locator("[data-do=search]:visible").tap()
    page.locator("#query").fill("hello")
    page.keyboard.press("Enter")
    expect(page.locator("hub-search li a").first).to_be_visible()
    assert page.evaluate(SMALL) == []
    page.locator("hub-search [data-do=search]").tap()
    menu(page)
    assert page.evaluate(SMALL) == []
    page.get_by_role("button", name="Settings").tap()
    assert page.evaluate(SMALL) == []
    page.get_by_role("button", name="Close").tap()


def test_the_button_that_copies_code_does_not_lie_on_it(
    come: Come, others: Others, room: str
) -> None:
    others(Robot, "ben", room).say("```\n" + "a long line " * 20 + "\n```", "```\nx\n```")
    ada = come("ada", **PHONE)
    ada.enter(room)
    for code in ada.page.locator(".code").all():
        text, button = code.locator("pre").bounding_box(), code.locator(".copy").bounding_box()
        assert text is not None
        assert button is not None
        assert text["x"] + text["width"] <= button["x"]
        assert button["x"] + button["width"] <= 390


def test_help_begins_with_what_a_thumb_can_do(come: Come, room: str) -> None:
    ada = come("ada", **PHONE)
    ada.enter(room)
    ada.say("/help")
    heads = ada.page.locator("dialog h3")
    expect(heads.first).to_have_text("By touch")
    expect(heads.last).to_have_text("With a keyboard")
    desk = come("ben")
    desk.enter(room)
    desk.say("/help")
    expect(desk.page.locator("dialog h3").first).to_have_text("Keys")


def test_a_keyboard_comes_when_one_wants_to_write_and_covers_nothing(
    come: Come, others: Others, room: str
) -> None:
    others(Robot, "ben", room).say("hello")
    ada = come("ada", **PHONE)
    ada.enter(room)
    page = ada.page
    focused = "() => document.activeElement.matches('textarea, input')"
    assert not page.evaluate(focused)  # one has come to read
    page.get_by_role("button", name="Search (Ctrl+Shift+F)").tap()
    expect(page.locator("#query")).to_be_focused()
    page.get_by_role("button", name="Close the search").tap()
    expect(page.get_by_role("button", name="Search (Ctrl+Shift+F)")).to_be_focused()
    page.locator("#message").tap()
    # Safari tells of its keyboard by the visual viewport alone.
    page.evaluate("""() => {
      Object.defineProperty(visualViewport, "height", { configurable: true, value: 400 });
      visualViewport.dispatchEvent(new Event("resize"));
    }""")
    field = page.locator("hub-composer").bounding_box()
    head = page.locator(".room-head").bounding_box()
    assert field is not None
    assert head is not None
    assert field["y"] + field["height"] <= 400
    assert head["y"] >= 0
    page.evaluate("""() => {
      delete visualViewport.height;
      visualViewport.dispatchEvent(new Event("resize"));
    }""")
    expect(page.locator("hub-composer")).to_be_in_viewport(ratio=1)
    field = page.locator("hub-composer").bounding_box()
    assert field is not None
    assert field["y"] > 400
