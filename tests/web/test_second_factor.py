"""The second factor on the page: turned on by a code, asked for at the door, turned off."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.web.browsing import Person
from tests.web.test_accounts import PASSWORD, account, log_in, register
from tests.web.test_looks import clean

Come = Callable[..., Person]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def turn_on(page: Page) -> tuple[pyotp.TOTP, list[str]]:
    """By the keyboard alone; gives the app, and the recovery codes."""
    page.locator("summary", has_text="Second factor").focus()
    page.keyboard.press("Enter")
    page.locator("#factor-password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#factor-code")).to_be_focused()
    secret = page.locator(".secret").inner_text().replace(" ", "")
    app = pyotp.TOTP(secret)
    page.keyboard.type(app.now())
    page.keyboard.press("Enter")
    expect(page.locator(".factor h4")).to_be_focused()
    return app, page.locator(".codes code").all_inner_texts()


@pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
def test_a_second_factor_is_turned_on_and_asked_for_and_turned_off(
    come: Come, room: str, size: dict[str, object], tmp_path: Path
) -> None:
    ada = come("ada", bypass_csp=True, **size)
    ada.enter(room)
    page = ada.page
    if size:
        page.get_by_role("button", name="Rooms", exact=True).tap()
    register(ada)
    account(page)
    page.locator("summary", has_text="Second factor").click()
    page.locator("#factor-password").fill("not that one")
    page.keyboard.press("Enter")
    expect(page.locator("#factor-problem")).to_contain_text("not your password")
    page.locator("#factor-password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("img", name="QR code of the secret")).to_be_visible()
    address = page.get_by_role("link", name="Open it in an app").get_attribute("href") or ""
    secret = page.locator(".secret").inner_text().replace(" ", "")
    assert address.startswith("otpauth://totp/")
    assert f"secret={secret}" in address
    clean(page)
    page.locator("#factor-code").fill("000000")
    page.keyboard.press("Enter")
    expect(page.locator("#confirm-problem")).to_contain_text("That is not the code")
    page.locator("#factor-code").fill(pyotp.TOTP(secret).now())
    page.keyboard.press("Enter")
    expect(page.locator(".factor h4")).to_be_focused()
    codes = page.locator(".codes code").all_inner_texts()
    assert len(codes) == 10
    clean(page)
    with page.expect_download() as saving:
        page.get_by_role("link", name="Save as a file").click()
    saving.value.save_as(tmp_path / "codes")
    assert all(code in (tmp_path / "codes").read_text() for code in codes)
    page.get_by_role("button", name="I have kept them").click()
    expect(page.locator("summary", has_text="Second factor")).to_be_focused()

    other = come("other")
    other.open(f"#/{room}")
    log_in(other.page, ada.name)
    expect(other.page.locator("#login-code")).to_be_focused()
    other.page.keyboard.type("000000")
    other.page.keyboard.press("Enter")
    expect(other.page.locator("#name-problem")).to_contain_text("not the code")
    other.page.locator("#login-code").fill(codes[0])
    other.page.keyboard.press("Enter")
    other.inside()

    page.keyboard.press("Enter")
    page.locator("#factor-password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("It is on: each log-in asks")).to_be_visible()
    clean(page)
    page.get_by_role("button", name="Turn it off").click()
    expect(page.locator("hub-toast")).to_contain_text("the password is enough")
    third = come("third")
    third.open(f"#/{room}")
    log_in(third.page, ada.name)
    third.inside()


def test_who_was_logged_out_here_is_asked_for_the_code_too(come: Come, room: str) -> None:
    ada = come("ada")
    ada.enter(room)
    register(ada)
    account(ada.page)
    _, codes = turn_on(ada.page)
    other = come("other")
    other.open(f"#/{room}")
    log_in(other.page, ada.name)
    other.page.locator("#login-code").fill(codes[0])
    other.page.keyboard.press("Enter")
    other.inside()
    ada.page.get_by_role("button", name="I have kept them").click()
    ada.page.keyboard.press("Escape")
    account(ada.page)
    ada.page.get_by_role("button", name="Log out everywhere else").click()
    expect(other.page.locator("#login-password")).to_be_focused()
    other.page.keyboard.type(PASSWORD)
    other.page.keyboard.press("Enter")
    expect(other.page.locator("#login-code")).to_be_focused()
    other.page.keyboard.type(codes[1])
    other.page.keyboard.press("Enter")
    other.inside()
