"""Rooms with rights on the page: private rooms, roles, invitations, putting out, muting, bans."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.process import ServerProcess
from tests.web.browsing import Person, Robot, until
from tests.web.test_looks import PHONE, clean

Come = Callable[..., Person]

PASSWORD = "correct horse battery"

# What the browser keeps, as text: rooms and lines of the database, and all of the local storage.
KEPT = """() => new Promise((resolve) => {
  indexedDB.open("hubbub").onsuccess = ({ target: { result: database } }) => {
    const stores = ["rooms", "lines"];
    const transaction = database.transaction(stores);
    const asked = stores.map((store) => transaction.objectStore(store).getAll());
    transaction.oncomplete = () => {
      database.close();
      resolve(JSON.stringify([asked.map(({ result }) => result), { ...localStorage }]));
    };
  };
})"""


def register(person: Person) -> None:
    """Makes the person's name an account."""
    page = person.page
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name="Keep this name: choose a password").click()
    page.locator("#account-password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("hub-toast")).to_contain_text("is yours now")


def make(person: Person, room: str) -> None:
    """Makes a room, which the person owns."""
    page = person.page
    person.say(f"/join {room}")
    page.locator("button.make").click()
    person.inside()
    expect(page.locator("hub-members .tag, .room-head")).not_to_have_count(0)


@pytest.fixture
def owner(come: Come, room: str) -> Person:
    """Somebody with an account, in a room of their own."""
    ada = come("ada", bypass_csp=True)
    ada.enter(f"{room}-hall")
    register(ada)
    make(ada, room)
    return ada


def told(person: Person, words: str) -> None:
    expect(person.page.locator("hub-timeline")).to_contain_text(words)


def menu_of(page: Page, name: str) -> None:
    """Opens the menu of a member."""
    page.locator(f'hub-members button[value="{name}"]').click()


def do(page: Page, item: str) -> None:
    page.get_by_role("menuitem", name=item).click()


def test_a_room_is_made_private_and_somebody_invited(owner: Person, come: Come, room: str) -> None:
    page = owner.page
    page.locator("[data-do=room-menu]").click()
    do(page, "Settings of this room")
    page.locator("#access-members").check()
    page.get_by_role("button", name="Save").click()
    told(owner, "has made the room private.")
    expect(page.locator(".room-head h1")).to_contain_text("Private")
    expect(page.locator("hub-room-list [aria-current]")).to_contain_text("private")
    ben = come("ben", **PHONE)
    ben.open(f"#/{room}")
    ben.page.locator("#name").fill(ben.name)
    ben.page.keyboard.press("Enter")
    expect(ben.page.locator("hub-toast")).to_contain_text(f'There is no room "{room}" for you')
    expect(ben.page.locator("hub-lobby")).to_be_visible()
    page.locator("[data-do=room-menu]").click()
    do(page, "Invite people")
    page.locator("#invite-name").fill("nobody-like-that")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").first).to_contain_text("There is nobody called")
    clean(page)
    page.locator("#invite-name").fill(f"@{ben.name}")
    page.keyboard.press("Enter")
    expect(page.locator("dialog [role=status]")).to_contain_text("is invited")
    page.keyboard.press("Escape")
    ben.page.locator("hub-lobby [data-do=rooms]").click()
    invitation = ben.page.locator("hub-invitations")
    expect(invitation).to_contain_text(f"invited by {owner.name}")
    invitation.get_by_role("link").click()
    ben.inside()
    expect(invitation).to_be_hidden()
    told(owner, f"{ben.name} was invited by {owner.name}.")


def test_who_may_speak_set_the_topic_and_come_is_chosen_in_the_rules(
    owner: Person, come: Come, room: str
) -> None:
    page = owner.page
    page.locator("[data-do=room-menu]").click()
    do(page, "Settings of this room")
    page.locator("#topics-moderators").check()
    page.locator("#inside").check()
    page.locator("#most").fill("1")
    page.get_by_role("button", name="Save").click()
    told(owner, "has let only moderators set the topic, let only people who are in the room say")
    told(owner, "and let no more than 1 people into the room.")
    ben = come("ben")
    ben.open(f"#/{room}")
    ben.page.locator("#name").fill(ben.name)
    ben.page.keyboard.press("Enter")
    expect(ben.page.locator("hub-toast")).to_contain_text(f"{room} is full")
    owner.say("/most off")
    told(owner, "has let any number of people into the room.")
    owner.say("/exempt pal*")
    told(owner, "has exempted guests with names like pal* from the bans of the room.")
    owner.say("/bans")
    expect(page.locator("dialog")).to_contain_text("Guests with names like pal*: exempt from bans")
    clean(page)
    page.get_by_role("button", name="End that for pal*").click()
    told(owner, "has let the bans of the room hold for guests with names like pal* again.")


def test_an_invitation_is_counted_at_the_menu_of_a_phone(
    owner: Person, come: Come, room: str
) -> None:
    owner.say("/access private")
    ben = come("ben", **PHONE)
    ben.enter(f"{room}-hall")
    menu = ben.page.locator(".room-head [data-do=rooms]")
    expect(menu.locator(".badge")).to_be_hidden()
    owner.say(f"/invite {ben.name}")
    expect(menu.locator(".badge")).to_have_text("1")
    expect(menu).to_have_attribute("aria-description", "1 invitation")
    menu.click()
    ben.page.locator("hub-invitations").get_by_role("button", name="Not now").click()
    expect(menu.locator(".badge")).to_be_hidden()


def test_an_open_list_of_rooms_says_that_a_room_is_private_now(
    owner: Person, come: Come, room: str
) -> None:
    ben = come("ben")
    ben.enter(room)
    ben.page.locator("[data-do=lobby]").click()
    row = ben.page.locator(f'hub-lobby button[value="{room}"]')
    expect(row).to_contain_text("2 users")
    expect(row).not_to_contain_text("private")
    owner.say("/access private")
    # Sooner than by the list, which is asked for every half minute.
    expect(row).to_contain_text("private", timeout=25_000)


def test_who_leaves_a_private_room_is_asked_before(owner: Person, come: Come, room: str) -> None:
    ben = come("ben")
    ben.enter(room)
    owner.say("/access private")
    told(owner, "has made the room private.")
    page = ben.page
    expect(page.locator(".room-head h1")).to_contain_text("Private")
    page.locator("[data-do=room-menu]").click()
    do(page, "Leave this room")
    expect(page.get_by_role("dialog")).to_contain_text("you need to be invited again")
    clean(page)
    page.keyboard.press("Escape")
    ben.inside()
    ben.say("/leave")
    page.get_by_role("button", name="Leave for good").press("Enter")
    expect(page.locator("hub-toast")).to_contain_text("You have left")
    expect(page.locator("hub-toast button")).to_have_count(0)
    told(owner, f"{ben.name} left")


def test_an_owner_renames_the_room_by_a_command(owner: Person, room: str) -> None:
    owner.say(f"/rename-room {room}-new")
    told(owner, f"has renamed the room from {room} to {room}-new.")
    expect(owner.page.locator("hub-toast")).not_to_contain_text("whole server")


def test_an_invitation_can_wait(owner: Person, come: Come, room: str) -> None:
    owner.say("/access private")
    told(owner, "has made the room private.")
    ben = come("ben")
    ben.enter(f"{room}-hall")
    owner.say(f"/invite {ben.name}")
    invitation = ben.page.locator("hub-invitations")
    expect(invitation).to_contain_text(room)
    invitation.get_by_role("button", name="Not now").click()
    expect(invitation).to_be_hidden()
    ben.page.locator("[data-do=lobby]").click()
    row = ben.page.locator(f'hub-lobby button[value="{room}"]')
    expect(row).to_contain_text("you are invited")
    row.click()
    ben.inside()


def test_of_a_private_room_that_one_is_put_out_of_nothing_stays(
    owner: Person, come: Come, room: str
) -> None:
    ben = come("ben")
    ben.enter(room)
    owner.say("/access private")
    told(owner, "has made the room private.")
    owner.say("the secret of the room")
    ben.hears("the secret of the room")
    page = ben.page
    page.locator(".said").last.hover()
    page.locator("[data-do=reply]").click()
    page.locator("#message").fill("a draft of mine")
    until(lambda: "draft of mine" in page.evaluate(KEPT), "the draft is kept", page)
    until(lambda: "secret of the room" in page.evaluate(KEPT), "the room is kept", page)
    menu_of(owner.page, ben.name)
    do(owner.page, "Put out of the room")
    owner.page.locator("#deed-reason").fill("bye, bye")
    owner.page.keyboard.press("Enter")
    told(owner, f"{ben.name} was put out of the room by {owner.name}: bye, bye")
    expect(page.locator("hub-toast")).to_contain_text(f"You were put out of # {room}.")
    expect(page.locator("body")).not_to_contain_text("the secret of the room")

    def gone() -> bool:
        kept = page.evaluate(KEPT)
        return "secret of the room" not in kept and "draft of mine" not in kept

    until(gone, "nothing is kept", page)
    page.reload()
    expect(page.locator("hub-app")).to_be_visible()
    assert gone()
    ben.open(f"#/{room}")
    expect(page.locator("hub-toast")).to_contain_text("There is no room")


def test_what_one_may_not_read_any_more_goes_when_the_page_is_back(
    owner: Person, come: Come, room: str
) -> None:
    ben = come("ben")
    ben.enter(room)
    owner.say("the secret of the room")
    ben.hears("the secret of the room")
    page = ben.page
    until(lambda: "secret of the room" in page.evaluate(KEPT), "the room is kept", page)
    address = page.url
    page.goto("about:blank")
    owner.say(f"/ban {ben.name} 1d")
    told(owner, f"{ben.name} was banned by {owner.name} for 1 day.")
    page.goto(address)
    expect(page.locator("hub-toast")).to_contain_text(f"You are banned from {room}")
    until(lambda: "secret of the room" not in page.evaluate(KEPT), "nothing is kept", page)
    expect(page.locator("body")).not_to_contain_text("the secret of the room")


def test_a_ban_by_menu_is_listed_and_ended(owner: Person, come: Come, room: str) -> None:
    ben = come("ben")
    ben.enter(room)
    page = owner.page
    menu_of(page, ben.name)
    do(page, "Ban from the room")
    clean(page)
    page.locator("#deed-time").select_option("For 1 hour")
    page.locator("#deed-reason").fill("spam")
    page.keyboard.press("Enter")
    told(owner, f"{ben.name} was banned by {owner.name} for 1 hour: spam")
    expect(ben.page.locator("hub-toast")).to_contain_text("You were put out")
    owner.say("/bans")
    record = page.locator(".records li")
    expect(record).to_contain_text(f"{ben.name}: banned by {owner.name} for")
    clean(page)
    page.get_by_role("button", name=f"End the ban on {ben.name}").click()
    expect(record).to_contain_text("Ended")
    page.keyboard.press("Escape")
    told(owner, f"has lifted the ban on {ben.name}.")
    ben.page.evaluate("room => { location.hash = `#/${room}`; }", room)  # without a reload
    ben.inside()
    ben.say("back again")
    owner.hears("back again")
    owner.say("/audit")
    expect(record).to_have_count(2)
    expect(record.first).to_contain_text("has lifted the ban")
    clean(page)
    page.keyboard.press("Escape")
    ben.open(f"#/{room}")
    ben.inside()


def test_by_keys_alone_somebody_is_muted_and_reads_why_they_cannot_write(
    owner: Person, come: Come, room: str
) -> None:
    ben = come("ben", **PHONE)
    ben.enter(room)
    ben.say("is this too loud?")
    owner.hears("is this too loud?")
    page = owner.page
    keys = page.keyboard
    page.locator("hub-timeline").focus()
    keys.press("ArrowUp")
    keys.press("Tab")
    keys.press("Tab")
    expect(page.locator(":focus")).to_have_attribute("data-do", "author-menu")
    keys.press("Enter")
    expect(page.get_by_role("menu", name=ben.name)).to_be_visible()
    clean(page)
    keys.type("mm")
    keys.press("Enter")
    expect(page.get_by_role("dialog", name=f"Mute {ben.name}")).to_be_visible()
    keys.press("Tab")
    keys.type("very loud")
    keys.press("Enter")
    told(owner, f"{ben.name} was muted by {owner.name} for 10 minutes: very loud")
    bar = ben.page.locator("#barred")
    expect(bar).to_contain_text(f"You are muted in {room}")
    ben.say("hello?")
    expect(ben.page.locator("hub-toast")).to_contain_text("You are muted")
    expect(ben.page.locator("#message")).to_have_value("hello?")
    owner.say(f"/unmute {ben.name}")
    expect(bar).to_be_hidden()
    ben.page.locator("#message").press("Enter")
    owner.hears("hello?")


def test_slow_mode_counts_down_and_keeps_what_is_typed(
    owner: Person, come: Come, room: str
) -> None:
    ben = come("ben")
    ben.enter(room)
    owner.say("/slow 1h")
    bar = ben.page.locator("#barred")
    expect(bar).to_have_text("Slow mode: everybody sends one message in 1 hour.")
    ben.say("the first")
    owner.hears("the first")
    expect(bar).to_contain_text(
        re.compile("You can write again in (1 hour|60 minutes|\\d+ (minutes|seconds))")
    )
    ben.say("the second")
    expect(ben.page.locator("#message")).to_have_value("the second")
    ben.say("/join elsewhere-than-here")  # a command is no message
    expect(ben.page.locator("hub-lobby")).to_be_visible()
    owner.say("an owner need not wait")
    owner.say("at all")
    owner.hears("an owner need not wait", "at all")


def test_who_has_the_password_comes_in(owner: Person, come: Come, room: str) -> None:
    owner.say("/access password open sesame")
    told(owner, "has locked the room with a password.")
    owner.page.locator("#message").press("Control+ArrowUp")
    expect(owner.page.locator("#message")).not_to_have_value(re.compile("sesame"))
    ben = come("ben", bypass_csp=True)
    ben.enter(f"{room}-hall")
    page = ben.page
    page.locator("[data-do=lobby]").click()
    row = page.locator(f'hub-lobby button[value="{room}"]')
    expect(row).to_contain_text("with a password")
    row.click()
    password = page.locator("#room-password")
    password.fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="That is not the password")).to_be_visible()
    clean(page)
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.locator(".room-head h1")).to_contain_text(f"{room}-hall")
    ben.open(f"#/{room}")
    password.fill("open sesame")
    page.keyboard.press("Enter")
    ben.inside()
    expect(page.locator(".room-head h1")).to_contain_text("With a password")
    eve = come("eve")
    eve.enter(f"{room}-hall")
    eve.say(f"/join {room} open sesame")
    expect(eve.page.locator(".room-head h1")).to_contain_text(room)
    eve.inside()


def test_roles_are_shown_and_given_and_who_may_not_is_told_why(
    owner: Person, come: Come, room: str
) -> None:
    ben = come("ben")
    ben.enter(f"{room}-hall")
    register(ben)
    ben.open(f"#/{room}")
    ben.inside()
    page = owner.page
    expect(page.locator("hub-members li", has_text=owner.name)).to_contain_text("owner")
    ben.say(f"/kick {owner.name}")
    expect(ben.page.locator("hub-toast")).to_contain_text("may put somebody out")
    menu_of(ben.page, owner.name)
    expect(ben.page.get_by_role("menuitem", name="Put out of the room")).to_have_count(0)
    ben.page.keyboard.press("Escape")
    menu_of(page, ben.name)
    do(page, "Make a moderator")
    told(owner, f"has made {ben.name} a moderator.")
    expect(ben.page.locator("hub-members li", has_text=ben.name)).to_contain_text("moderator")
    menu_of(ben.page, owner.name)
    expect(ben.page.get_by_role("menuitem", name="Put out of the room")).to_have_count(0)
    ben.page.keyboard.press("Escape")
    ben.say("/rules")
    expect(ben.page.get_by_role("dialog")).to_contain_text("You are a moderator here.")
    expect(ben.page.get_by_role("button", name="Save")).to_have_count(0)


def test_a_renamed_room_and_a_closed_one(owner: Person, come: Come, room: str) -> None:
    ben = come("ben")
    ben.enter(room)
    page = owner.page
    page.locator("[data-do=room-menu]").click()
    do(page, "Settings of this room")
    clean(page)
    page.locator("#room-name").fill("no good name")
    page.get_by_role("button", name="Rename").click()
    expect(
        page.get_by_role("alert").filter(has_text="A room name cannot have a space")
    ).to_be_visible()
    page.locator("#room-name").fill(f"{room}-new")
    page.get_by_role("button", name="Rename").click()
    for person in (owner, ben):
        expect(person.page.locator(".room-head h1")).to_contain_text(f"{room}-new")
        expect(person.page).to_have_url(re.compile(f"#/{room}-new$"))
    ben.say("still here")
    owner.hears("still here")
    owner.say("/archive")
    expect(ben.page.locator(".room-head")).to_contain_text("closed")
    expect(ben.page.locator("#barred")).to_contain_text("is closed")


def test_who_is_away_stands_apart_in_a_private_room(
    owner: Person, server: ServerProcess, room: str
) -> None:
    ben = Robot(server.url, f"ben-{room}", room)
    ben.ask(type="register", password=PASSWORD)
    page = owner.page
    away = page.locator("hub-members li.away", has_text=ben.name)
    owner.say("/access private")
    told(owner, "has made the room private.")
    expect(page.locator("hub-members li", has_text=ben.name)).to_be_visible()
    ben.ask(type="leave", room=room, for_good=False)
    page.locator(".room-head [data-do=members]").click()
    page.locator(".room-head [data-do=members]").click()
    expect(away).to_be_visible()
    ben.close()


def test_an_administrator_bans_from_the_server(
    own_server: ServerProcess, come: Come, room: str
) -> None:
    ada = come("ada", own_server.port, bypass_csp=True)
    ada.enter(room)
    register(ada)
    page = ada.page
    page.get_by_role("button", name="Settings").click()
    expect(page.get_by_role("button", name="What was done on it")).to_have_count(0)
    page.keyboard.press("Escape")
    robot = Robot(own_server.url, f"root-{ada.name}", room)
    robot.ask(type="register", password=PASSWORD)
    own_server.tells("/own ")
    (code,) = re.findall(r"/own (\S+)", "\n".join(own_server.output))
    robot.ask(type="own", code=code)
    robot.ask(type="role", room="/server", user=ada.name, role="moderator")
    robot.close()
    page.reload()
    ada.inside()
    ben = come("ben", own_server.port)
    ben.enter(room)
    ben.say("spam")
    ada.hears("spam")
    menu_of(page, ben.name)
    do(page, "Ban from the server")
    page.locator("#deed-time").select_option("For good")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_have_count(0)
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name="Who is banned from it").click()
    expect(page.locator(".records li")).to_contain_text(f"{ben.name}: banned by {ada.name}")
    clean(page)
