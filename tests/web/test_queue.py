"""What waits for who moderates a room, and what may not be said in it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.web.browsing import LINES, Person
from tests.web.test_looks import clean
from tests.web.test_phone import SMALL
from tests.web.test_room_rights import do, make, menu_of, register, told

Come = Callable[..., Person]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def owner(come: Come, room: str) -> Person:
    """Somebody with an account, in a room of their own."""
    ada = come("ada", bypass_csp=True)
    ada.enter(f"{room}-hall")
    register(ada)
    make(ada, room)
    return ada


def message(person: Person, text: str) -> Locator:
    return person.page.locator(".said", has_text=text)


def queue(page: Page) -> Locator:
    """The dialog, opened by the room's menu."""
    page.locator("[data-do=room-menu]").click()
    do(page, "Waiting for a moderator")
    return page.get_by_role("dialog", name=re.compile("Waiting for a moderator"))


def waiting(person: Person, count: int) -> None:
    """How much waits is told beside the room's name."""
    expect(person.page.locator(".waiting-count")).to_have_text(f"{count} waiting")


def test_a_message_is_reported_and_dealt_with(owner: Person, come: Come, room: str) -> None:
    ben, eve = come("ben", bypass_csp=True), come("eve")
    ben.enter(room)
    eve.enter(room)
    eve.say("buy cheap watches")
    ben.hears("buy cheap watches")
    message(ben, "cheap watches").hover()
    message(ben, "cheap watches").locator("button[data-do=author-menu]").click()
    do(ben.page, "Report it")
    expect(ben.page.locator("#told-words")).to_be_focused()
    clean(ben.page)
    ben.page.keyboard.type("an advertisement")
    ben.page.keyboard.press("Enter")
    expect(ben.page.locator("hub-toast")).to_have_text("The moderators are told.")
    expect(ben.page.locator(".waiting-count")).to_be_hidden()
    waiting(owner, 1)
    expect(owner.page.locator("hub-room-list [aria-current]")).to_contain_text("1 waiting")
    page = owner.page
    dialog = queue(page)
    expect(dialog).to_contain_text(
        f"{ben.name} finds a message of {eve.name} bad: an advertisement"
    )
    expect(dialog.locator("blockquote")).to_have_text("buy cheap watches")
    clean(page)
    dialog.get_by_role("button", name="Go to the message").click()
    expect(page.locator(".said.target .text")).to_have_text("buy cheap watches")
    dialog = queue(page)
    dialog.get_by_role("button", name="Mute…").click()
    page.get_by_role("dialog", name=f"Mute {eve.name}").get_by_role("button", name="Mute").click()
    told(owner, f"{eve.name} was muted by {owner.name}")
    dialog.get_by_role("button", name="Done").click()
    expect(dialog.get_by_role("status")).to_have_text("Nothing waits.")
    expect(page.locator(".waiting-count")).to_be_hidden()
    page.keyboard.press("Escape")
    menu_of(page, eve.name)
    expect(page.get_by_role("menuitem", name="Mute…")).to_have_count(0)
    do(page, "Let speak again")
    told(owner, f"{eve.name} was allowed to speak again")


def test_the_queue_is_live_and_goes_by_keyboard_alone(owner: Person, come: Come, room: str) -> None:
    owner.say("/newcomers held")
    told(owner, "has let newcomers' messages wait for a moderator.")
    eve = come("eve")
    eve.enter(room)
    owner.say("/queue")
    page = owner.page
    dialog = page.get_by_role("dialog", name=re.compile("Waiting for a moderator"))
    expect(dialog.get_by_role("status")).to_have_text("Nothing waits.")
    eve.say("hello, may I ask something?")
    expect(dialog).to_contain_text(f"{eve.name}, who is new here, wants to say:")
    expect(dialog.locator("blockquote")).to_have_text("hello, may I ask something?")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(dialog.get_by_role("button", name="Let it through")).to_be_focused()
    page.keyboard.press("Enter")
    owner.hears("hello, may I ask something?")
    expect(dialog.get_by_role("status")).to_have_text("Nothing waits.")
    expect(dialog.get_by_role("group", name="Queue")).to_be_focused()
    page.keyboard.press("Escape")
    eve.hears("hello, may I ask something?")
    expect(eve.page.locator(".said.held")).to_have_count(0)
    eve.say("this one is said at once")
    owner.hears("this one is said at once")


def test_a_held_message_waits_and_is_never_sent_again(owner: Person, come: Come, room: str) -> None:
    owner.say("/newcomers held")
    told(owner, "has let newcomers' messages wait for a moderator.")
    eve = come("eve", bypass_csp=True)
    eve.enter(room)
    eve.say("hello")
    held = eve.page.locator(".said.held")
    expect(held).to_contain_text("Waits until a moderator has looked at it")
    expect(held.get_by_role("button")).to_have_text(["Hide it"])
    clean(eve.page)
    waiting(owner, 1)
    eve.page.reload()
    eve.inside()
    expect(held).to_contain_text("Waits until a moderator has looked at it")
    waiting(owner, 1)
    owner.say("/refuse 1")
    expect(owner.page.locator(".waiting-count")).to_be_hidden()
    held.get_by_role("button", name="Hide it").click()
    expect(held).to_have_count(0)
    eve.page.wait_for_function(f"async () => (await ({LINES})()) === 0")


def test_a_message_that_is_let_through_while_its_page_is_closed_is_there_once(
    owner: Person, come: Come, room: str
) -> None:
    owner.say("/newcomers held")
    told(owner, "has let newcomers' messages wait for a moderator.")
    eve = come("eve")
    eve.enter(room)
    register(eve)
    eve.say("hello")
    expect(eve.page.locator(".said.held")).to_have_count(1)
    eve.page.close()
    dialog = queue(owner.page)
    dialog.get_by_role("button", name="Let it through").click()
    owner.hears("hello")
    eve.page = eve.tab()
    eve.open(f"#/{room}")
    eve.inside()
    eve.hears("hello")
    expect(eve.page.locator(".said.held")).to_have_count(0)


def test_a_word_that_may_not_be_said_goes_back_into_the_field(
    owner: Person, come: Come, room: str
) -> None:
    page = owner.page
    page.locator("[data-do=room-menu]").click()
    do(page, "Settings of this room")
    page.get_by_role("button", name="Words that may not be said").click()
    dialog = page.get_by_role("dialog", name=re.compile("Words that may not be said"))
    page.keyboard.type("casino*")
    expect(dialog.locator("#filter-fits")).to_have_text("Fits each word that begins with “casino”.")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("listitem")).to_contain_text("casino*")
    page.keyboard.type("!")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).not_to_be_empty()
    clean(page)
    page.keyboard.press("Escape")
    told(owner, "has added to the words that may not be said here.")
    ben = come("ben")
    ben.enter(room)
    ben.say("come to the casinos")
    expect(ben.page.locator("hub-toast")).to_contain_text(
        "There is a word in it that may not be said"
    )
    expect(ben.page.locator("#message")).to_have_value("come to the casinos")
    expect(ben.page.locator(".said")).to_have_count(0)
    owner.say("/filter")
    dialog.get_by_role("button", name="Allow casino* again").click()
    expect(dialog).to_contain_text("Everything may be said.")
    page.keyboard.press("Escape")
    told(owner, "has allowed a word again.")
    ben.page.locator("#message").press("Enter")
    owner.hears("come to the casinos")


def test_somebody_knocks_and_is_let_in(owner: Person, come: Come, room: str) -> None:
    owner.say("/access private")
    told(owner, "has made the room private.")
    ben = come("ben", bypass_csp=True, **PHONE)
    ben.enter(f"{room}-hall")
    ben.page.locator("hub-room [data-do=rooms]").click()
    register(ben)
    ben.page.goto(f"{ben.url}#/{room}")
    ben.page.locator("hub-toast").get_by_role("button", name="Ask to be let in").click()
    clean(ben.page)
    ben.page.keyboard.type("I am in the choir")
    ben.page.keyboard.press("Enter")
    expect(ben.page.locator("hub-toast")).to_contain_text("its moderators are asked now")
    waiting(owner, 1)
    dialog = queue(owner.page)
    expect(dialog).to_contain_text(f"{ben.name} wants to come in:")
    expect(dialog.locator("blockquote")).to_have_text("I am in the choir")
    dialog.get_by_role("button", name="Let in").click()
    expect(dialog.get_by_role("status")).to_have_text("Nothing waits.")
    invitation = ben.page.locator("hub-invitations")
    expect(invitation).to_contain_text(room)


def test_an_invitation_that_waits_is_taken_back(owner: Person, come: Come, room: str) -> None:
    owner.say("/access private")
    told(owner, "has made the room private.")
    ben = come("ben")
    ben.enter(f"{room}-hall")
    owner.say(f"/invite {ben.name}")
    told(owner, f"{ben.name} was invited by {owner.name}.")
    page = owner.page
    page.locator("[data-do=room-menu]").click()
    do(page, "Settings of this room")
    page.get_by_role("button", name="Who is invited").click()
    page.get_by_role("button", name=f"Take back the invitation of {ben.name}").click()
    expect(page.get_by_role("dialog")).to_contain_text("Nobody is invited who has not come yet.")
    clean(page)
    page.keyboard.press("Escape")
    told(owner, f"has taken back the invitation of {ben.name}.")


def test_what_newcomers_read_and_write_is_chosen_in_the_settings(owner: Person) -> None:
    page = owner.page
    page.locator("[data-do=room-menu]").click()
    do(page, "Settings of this room")
    page.get_by_label("What is said since they came").check()
    page.get_by_label("They write slowly, and without links").check()
    clean(page)
    page.get_by_role("button", name="Save").click()
    told(owner, "has hidden older messages from newcomers and limited what newcomers write.")
    owner.say("/rules")
    expect(page.get_by_role("dialog")).to_contain_text("Newcomers write slowly, and without links.")
    expect(page.locator("#history-since")).to_be_checked()


def test_a_long_press_on_a_phone_opens_the_menu_of_a_message(
    owner: Person, come: Come, room: str
) -> None:
    owner.say("please behave")
    eve = come("eve", bypass_csp=True, **PHONE)
    eve.enter(room)
    eve.hears("please behave")
    page = eve.page
    box = message(eve, "please behave").locator(".text").bounding_box()
    assert box
    finger = page.context.new_cdp_session(page)
    points = [{"x": box["x"] + 20, "y": box["y"] + 8}]
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": points})
    page.wait_for_timeout(700)  # a long press is one that takes long
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    item = page.get_by_role("menuitem", name="Report it")
    expect(item).to_be_visible()
    clean(page)
    item.tap()
    page.locator("#told-words").fill("not kind")
    page.get_by_role("button", name="Report it").tap()
    expect(page.locator("hub-toast")).to_have_text("The moderators are told.")
    waiting(owner, 1)


def test_a_moderator_on_a_phone_has_the_queue_under_the_thumb(come: Come, room: str) -> None:
    ada = come("ada", bypass_csp=True, **PHONE)
    ada.enter(f"{room}-hall")
    page = ada.page
    page.locator("hub-room [data-do=rooms]").tap()
    register(ada)
    page.keyboard.press("Escape")
    make(ada, room)
    ada.say("/newcomers held")
    told(ada, "has let newcomers' messages wait for a moderator.")
    eve = come("eve")
    eve.enter(room)
    eve.say("hello")
    waiting(ada, 1)
    assert page.evaluate(SMALL) == []
    page.locator(".waiting-count").tap()
    dialog = page.get_by_role("dialog", name=re.compile("Waiting for a moderator"))
    expect(dialog.locator("blockquote")).to_have_text("hello")
    assert page.evaluate(SMALL) == []
    clean(page)
    dialog.get_by_role("button", name="Let it through").tap()
    expect(dialog.get_by_role("status")).to_have_text("Nothing waits.")
    dialog.get_by_role("button", name="Close").tap()
    ada.hears("hello")
