"""Single sign-on on the page: by keyboard, on a phone, when it fails; and linking an account."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from starlette.responses import PlainTextResponse

from tests.oidc_provider import OidcProvider, signing_on
from tests.process import ServerProcess
from tests.web.browsing import Person
from tests.web.test_accounts import KEPT, PASSWORD, account, log_in, register
from tests.web.test_looks import clean
from tests.web.test_phone import PHONE, SMALL

Come = Callable[..., Person]
BUTTON = "Log in with Tea & Biscuits"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ServerProcess, OidcProvider]]:
    with signing_on(tmp_path_factory.mktemp("sign-on") / "data", "--rate-limit", "0") as world:
        yield world


@pytest.fixture
def server(world: tuple[ServerProcess, OidcProvider]) -> ServerProcess:
    """In the place of the one of all tests."""
    return world[0]


@pytest.fixture
def provider(world: tuple[ServerProcess, OidcProvider]) -> OidcProvider:
    """With somebody whom no other test knows."""
    world[1].broken.clear()
    return world[1]


def by_keyboard(page: Page) -> None:
    expect(page.locator("#name")).to_be_focused()
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.textContent") == BUTTON:
            break
    page.keyboard.press("Enter")


def test_a_person_signs_on_by_keyboard_and_is_back_in_the_room(
    come: Come, provider: OidcProvider, room: str
) -> None:
    provider.person = {"sub": "keyboard", "preferred_username": "ada"}
    ada = come("ada", bypass_csp=True)
    ada.open(f"#/{room}")
    clean(ada.page)
    by_keyboard(ada.page)
    ada.inside()
    expect(ada.page).to_have_url(f"{ada.url}#/{room}")
    ada.say("by single sign-on")
    ada.hears("by single sign-on")
    account(ada.page)
    expect(ada.page.locator(".account strong")).to_have_text("ada")
    expect(ada.page.get_by_text("You log in with Tea & Biscuits, too.")).to_be_visible()
    clean(ada.page)
    ada.page.keyboard.press("Escape")
    ada.page.keyboard.press("Escape")
    ada.page.reload()
    ada.inside()
    names = [cookie["name"] for cookie in ada.context.cookies()]
    assert not [name for name in names if name.startswith("hubbub")]


def test_on_a_phone_the_button_is_large_enough(
    come: Come, provider: OidcProvider, room: str
) -> None:
    provider.person = {"sub": "phone", "preferred_username": "ben"}
    ben = come("ben", bypass_csp=True, **PHONE)
    ben.open(f"#/{room}")
    button = ben.page.get_by_role("button", name=BUTTON)
    expect(button).to_be_visible()
    assert not [one for one in ben.page.evaluate(SMALL) if "sign-on" in one]
    clean(ben.page)
    button.tap()
    ben.inside()


def test_what_went_wrong_at_the_provider_is_told_on_a_page_from_which_one_goes_on(
    come: Come, provider: OidcProvider, room: str
) -> None:
    provider.person = {"sub": "broken", "preferred_username": "eve"}
    provider.broken["/token"] = PlainTextResponse("tea", 500)
    eve = come("eve", bypass_csp=True)
    eve.open(f"#/{room}")
    eve.page.get_by_role("button", name=BUTTON).click()
    expect(eve.page.get_by_role("alert")).to_contain_text("cannot be reached")
    clean(eve.page)
    provider.broken.clear()
    eve.page.get_by_role("link", name="Begin again").click()
    eve.inside()
    expect(eve.page).to_have_url(f"{eve.url}#/{room}")


def test_an_account_with_a_password_is_linked_and_unlinked(
    come: Come, provider: OidcProvider, room: str
) -> None:
    provider.person = {"sub": "linked", "preferred_username": "somebody"}
    ada = come("ada", bypass_csp=True)
    ada.enter(room)
    register(ada)
    page = ada.page
    account(page)
    page.locator("#link-password").fill("not that one")
    page.keyboard.press("Enter")
    expect(page.locator("#link-problem")).to_contain_text("password")
    clean(page)
    page.locator("#link-password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="That works now")).to_be_visible()
    expect(page.locator("strong")).to_have_text(ada.name)
    clean(page)
    page.get_by_role("link", name="To the chat").click()
    ada.inside()

    other = come("other")
    other.open(f"#/{room}")
    other.page.get_by_role("button", name=BUTTON).click()
    other.inside()
    account(other.page)
    expect(other.page.locator(".account strong")).to_have_text(ada.name)
    other.page.locator("#unlink-password").fill(PASSWORD)
    other.page.keyboard.press("Enter")
    expect(other.page.locator("hub-toast")).to_contain_text("by your password alone now")
    expect(other.page.locator("#link-password")).to_be_visible()


def test_the_page_with_a_code_is_for_other_clients(come: Come, provider: OidcProvider) -> None:
    provider.person = {"sub": "code", "preferred_username": "cleo"}
    cleo = come("cleo", bypass_csp=True)
    cleo.page.goto(f"{cleo.url}sign-on")
    expect(cleo.page.locator("pre").first).to_have_text("/login cleo")
    code = cleo.page.locator("#code").inner_text()
    clean(cleo.page)
    cleo.open()
    log_in(cleo.page, "cleo", code)
    expect(cleo.page.locator("hub-lobby")).to_be_visible()
    assert code not in cleo.page.evaluate(KEPT)
