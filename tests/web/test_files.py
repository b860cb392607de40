"""Files on the page: sent by choosing, dropping and pasting, shown, played, and opened."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.pictures.corpus import SECRET, jpeg, moving, picture, saved
from tests.process import ServerProcess
from tests.web.browsing import Person, until
from tests.web.test_changes import press_long
from tests.web.test_looks import clean
from tests.web.test_phone import PHONE

Come = Callable[..., Person]

PICTURE: FilePayload = {"name": "cup.jpg", "mimeType": "image/jpeg", "buffer": jpeg()}
WORDS: FilePayload = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"Buy tea."}


def choose(page: Page, *files: FilePayload) -> None:
    page.locator("hub-composer input[type=file]").set_input_files(list(files))


def give(page: Page, how: str, name: str, data: bytes, kind: str) -> None:
    """Drops or pastes a file, as a browser tells the page of it."""
    target = "hub-room" if how == "drop" else "#message"
    page.locator(target).evaluate(
        """(target, [how, name, bytes, type]) => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(bytes)], name, { type }));
            const init = { bubbles: true, cancelable: true };
            if (how === "paste") {
              target.dispatchEvent(new ClipboardEvent("paste", { ...init, clipboardData: data }));
            } else {
              for (const kind of ["dragenter", "dragover", "drop"]) {
                target.dispatchEvent(new DragEvent(kind, { ...init, dataTransfer: data }));
              }
            }
        }""",
        [how, name, list(data), kind],
    )


def ready(page: Page, count: int = 1) -> None:
    expect(page.locator(".upload[data-state=done]")).to_have_count(count)


def loaded(image: Locator) -> None:
    expect(image).to_be_visible()
    until(
        lambda: bool(image.evaluate("(one) => one.complete && one.naturalWidth > 0")), "a picture"
    )


def test_a_picture_and_words_for_it_reach_the_others(come: Come, room: str) -> None:
    ada, ben = come("ada"), come("ben")
    ada.enter(room)
    ben.enter(room)
    choose(ada.page, PICTURE)
    ready(ada.page)
    expect(ada.page.locator(".upload canvas")).to_be_visible()
    ada.page.get_by_label("What cup.jpg shows, in words").fill("A cup of tea")
    ada.say("Look!")
    ben.hears("Look!")
    shown = ben.page.get_by_role("img", name="A cup of tea")
    loaded(shown)
    assert shown.get_attribute("width") == "60"
    assert shown.get_attribute("height") == "40"
    expect(ada.page.locator(".upload")).to_have_count(0)
    expect(ada.page.locator(".said[data-seq] .picture")).to_have_count(1)
    address = shown.evaluate("(one) => one.src")
    assert SECRET not in ben.page.request.get(address.replace("thumbnail", "a")).body()


def test_a_file_alone_is_a_message_and_can_be_kept(come: Come, room: str) -> None:
    ada = come("ada")
    ada.enter(room)
    page = ada.page
    choose(page, WORDS)
    ready(page)
    page.locator("#message").press("Enter")
    link = page.locator(".said[data-seq] a.file")
    expect(link).to_contain_text("notes.txt")
    with page.expect_download() as waits:
        link.click()
    assert Path(waits.value.path()).read_bytes() == b"Buy tea."
    assert waits.value.suggested_filename == "notes.txt"


def test_a_picture_alone_has_its_mark_beside_it_and_is_pressed_long_for_its_menu(
    come: Come, room: str
) -> None:
    ada = come("ada", **PHONE)
    ada.enter(room)
    page = ada.page
    choose(page, PICTURE)
    ready(page)
    page.get_by_role("button", name="Send", exact=True).tap()
    shown = page.locator(".said[data-seq] .picture")
    loaded(shown.locator("img"))
    saved_mark = page.locator(".said[data-seq]").get_by_role("img", name="Saved on")
    here, there = saved_mark.bounding_box(), shown.bounding_box()
    assert here is not None
    assert there is not None
    assert 0 <= here["x"] - there["x"] - there["width"] <= 16
    press_long(page, shown)
    expect(page.get_by_role("menuitem", name="Reply")).to_be_visible()
    expect(page.locator("dialog.lightbox")).to_have_count(0)


@pytest.mark.parametrize("how", ["drop", "paste"])
def test_files_are_dropped_and_pasted(come: Come, room: str, how: str) -> None:
    ada = come("ada")
    ada.enter(room)
    give(ada.page, how, "image.png", saved(picture(), "PNG"), "image/png")
    ready(ada.page)
    name = ada.page.locator(".upload bdi")
    expect(name).to_have_text(re.compile("image.png" if how == "drop" else r"picture \d{4}-"))
    expect(ada.page.locator(".dropping")).to_have_count(0)
    ada.page.locator("#message").press("Enter")
    loaded(ada.page.locator(".said[data-seq] .picture img"))


def test_what_is_not_to_be_sent_is_taken_away_by_keyboard(come: Come, room: str) -> None:
    ada = come("ada")
    ada.enter(room)
    page = ada.page
    choose(page, PICTURE, WORDS)
    ready(page, 2)
    page.get_by_role("button", name="Do not send cup.jpg").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".upload")).to_have_count(1)
    expect(page.get_by_role("button", name="Do not send notes.txt")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("hub-tray")).to_be_hidden()
    expect(page.locator("#message")).to_be_focused()


def test_a_message_waits_for_its_files_across_a_lost_connection(come: Come, room: str) -> None:
    """It is sent while the upload is stopped, and said when that has gone on to its end."""
    ada = come("ada")
    ada.enter(room)
    page = ada.page
    page.route("**/api/uploads/**", lambda route: route.abort())
    choose(page, WORDS)
    ada.say("It comes")
    expect(page.locator(".parcel")).to_contain_text("Sent as soon as the files are there")
    expect(page.locator("#message")).to_have_value("")
    ada.say("This is quicker")
    ada.hears("This is quicker")
    page.unroute("**/api/uploads/**")
    ada.hears("It comes")
    expect(page.locator(".said[data-seq] a.file")).to_have_count(1)
    expect(page.locator(".parcel")).to_have_count(0)


def test_what_the_server_does_not_take_is_told_and_can_be_tried_again(
    come: Come, room: str
) -> None:
    ada = come("ada")
    ada.enter(room)
    page = ada.page
    body = '{"error": {"code": "too-many", "message": "Your files take all that they may."}}'
    page.route("**/api/uploads*", lambda route: route.fulfill(status=400, body=body))
    choose(page, WORDS)
    expect(page.locator(".upload .problem")).to_have_text("Your files take all that they may.")
    ada.say("Later")
    expect(page.locator(".parcel")).to_contain_text("Not sent: a file could not be uploaded.")
    page.unroute("**/api/uploads*")
    page.get_by_role("button", name="Try again: notes.txt").click()
    ada.hears("Later")


def test_a_message_that_waits_can_be_written_on(come: Come, room: str) -> None:
    ada = come("ada")
    ada.enter(room)
    page = ada.page
    page.route("**/api/uploads/**", lambda route: route.abort())
    choose(page, WORDS)
    ada.say("Not so")
    page.get_by_role("button", name="Write on").click()
    expect(page.locator("#message")).to_have_value("Not so")
    page.get_by_role("button", name="Do not send notes.txt").click()
    page.locator("#message").press("Enter")
    ada.hears("Not so")


def send_pictures(person: Person, *names: str) -> None:
    files: list[FilePayload] = [
        {"name": name, "mimeType": "image/png", "buffer": saved(picture(600 + place, 400), "PNG")}
        for place, name in enumerate(names)
    ]
    choose(person.page, *files)
    ready(person.page, len(names))
    person.page.locator("#message").press("Enter")
    expect(person.page.locator(".said[data-seq] .picture")).to_have_count(len(names))


@pytest.mark.parametrize("screen", [{}, PHONE], ids=["desktop", "phone"])
def test_pictures_open_over_the_page_and_the_arrows_lead_on(
    come: Come, room: str, screen: dict[str, Any]
) -> None:
    ada = come("ada", **screen)
    ada.enter(room)
    page = ada.page
    send_pictures(ada, "a.png", "b.png")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Open: a.png").focus()
    page.keyboard.press("Enter")
    box = page.locator(".lightbox")
    loaded(box.locator("img"))
    expect(box).to_contain_text("a.png")
    expect(box).to_contain_text("1 of 2")
    expect(box.locator("img")).to_be_in_viewport(ratio=0.99)
    page.keyboard.press("ArrowRight")
    expect(box).to_contain_text("b.png")
    expect(box.locator(".later")).to_be_hidden()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    expect(box).to_contain_text("a.png")
    page.keyboard.press("Escape")
    expect(box).to_have_count(0)
    expect(page.get_by_role("button", name="Open: a.png")).to_be_focused()


def test_what_moves_stands_still_until_it_is_asked(come: Come, room: str) -> None:
    ada = come("ada")
    ada.enter(room)
    page = ada.page
    choose(page, {"name": "dance.gif", "mimeType": "image/gif", "buffer": moving("GIF")})
    ready(page)
    page.locator("#message").press("Enter")
    dance = page.get_by_role("button", name="Play: dance.gif")
    image = dance.locator("img")
    loaded(image)
    assert "thumbnail" in image.evaluate("(one) => one.src")
    dance.press("Enter")
    expect(dance).to_have_attribute("aria-pressed", "true")
    assert "dance.gif" in image.evaluate("(one) => one.src")
    loaded(image)
    dance.press("Escape")
    expect(dance).to_have_attribute("aria-pressed", "false")


def test_sound_and_videos_have_controls_and_load_nothing_before(come: Come, room: str) -> None:
    ada = come("ada")
    ada.enter(room)
    page = ada.page
    sound = b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0" + bytes(20)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    choose(
        page,
        {"name": "song.wav", "mimeType": "audio/wav", "buffer": sound},
        {
            "name": "film.webm",
            "mimeType": "video/webm",
            "buffer": b"\x1aE\xdf\xa3\x93\x42\x82\x84webm",
        },
    )
    ready(page, 2)
    page.locator("#message").press("Enter")
    expect(page.locator(".said[data-seq] audio")).to_have_attribute("controls", "")
    expect(page.locator(".said[data-seq] video")).to_be_visible()
    assert not [
        url for url in asked if url.endswith(("song.wav", "film.webm")) or "/song.wav" in url
    ]


def test_nothing_jumps_when_pictures_come(come: Come, room: str) -> None:
    ada = come("ada")
    ada.enter(room)
    send_pictures(ada, "a.png")
    ben = come("ben")
    waiting: list[Any] = []

    def keep(route: Any) -> None:
        waiting.append(route)

    ben.page.route("**/api/files/*/thumbnail*", keep)
    ben.enter(room)
    image = ben.page.locator(".picture img")
    expect(image).to_be_visible()
    before = image.bounding_box()
    assert before is not None
    until(lambda: bool(waiting), "the picture is asked for", ben.page)
    for route in waiting:
        route.continue_()
    loaded(image)
    assert image.bounding_box() == before


def test_a_picture_is_there_again_when_its_address_was_too_old(come: Come, room: str) -> None:
    ada = come("ada")
    ada.enter(room)
    send_pictures(ada, "a.png")
    ben = come("ben")
    refused: list[str] = []

    def once(route: Any) -> None:
        if refused:
            route.continue_()
        else:
            refused.append(route.request.url)
            route.fulfill(status=401, body="{}")

    ben.page.route("**/api/files/*/thumbnail*", once)
    ben.enter(room)
    image = ben.page.locator(".picture img")
    expect(image).to_be_visible()
    shown = "(one) => one.complete && one.naturalWidth > 0"
    until(lambda: bool(image.evaluate(shown)), "the picture", ben.page)
    assert refused


def test_the_page_offers_no_files_where_none_are_taken(
    come: Come, tmp_path: Path, room: str
) -> None:
    with ServerProcess(tmp_path / "data", "--file-bytes", "0") as server:
        ada = come("ada", server.port)
        ada.enter(room)
        expect(ada.page.get_by_role("button", name="Attach files")).to_be_hidden()
        give(ada.page, "drop", "a.png", b"x", "image/png")
        expect(ada.page.locator("hub-toast")).to_contain_text("takes no files")


def test_a_page_among_the_files_is_never_a_page(come: Come, room: str) -> None:
    """Not even if its address is opened: it is offered to be kept, or shown as its letters."""
    ada = come("ada")
    ada.enter(room)
    page = ada.page
    evil = b"<script>document.title = 'taken'</script>"
    choose(page, {"name": "evil.html", "mimeType": "text/html", "buffer": evil})
    ready(page)
    page.locator("#message").press("Enter")
    href = page.locator(".said[data-seq] a.file").evaluate("(one) => one.href")
    answer = page.request.get(href)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "html" not in answer.headers["content-type"]
    assert "sandbox" in answer.headers["content-security-policy"]


def test_a_lying_picture_is_a_file(come: Come, room: str) -> None:
    ada = come("ada")
    ada.enter(room)
    page = ada.page
    half = io.BytesIO(jpeg()).read(200)
    choose(page, {"name": "half.jpg", "mimeType": "image/jpeg", "buffer": half})
    ready(page)
    page.locator("#message").press("Enter")
    expect(page.locator(".said[data-seq] a.file")).to_contain_text("half.jpg")
    expect(page.locator(".said[data-seq] .picture")).to_have_count(0)


@pytest.mark.parametrize("screen", [{}, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing_among_files(come: Come, room: str, screen: dict[str, Any]) -> None:
    ada = come("ada", bypass_csp=True, **screen)
    ada.enter(room)
    page = ada.page
    send_pictures(ada, "a.png", "b.png")
    page.route("**/api/uploads*", lambda route: route.fulfill(status=400, body="{}"))
    choose(page, PICTURE, WORDS)
    expect(page.locator(".upload.failed")).to_have_count(2)
    clean(page)
    page.get_by_role("button", name="Open: a.png").click()
    loaded(page.locator(".lightbox img"))
    clean(page)


def test_who_does_not_look_is_told_of_a_file_by_its_name(come: Come, room: str) -> None:
    """In the words that a screen reader gets, as there are no others."""
    ada, ben = come("ada"), come("ben")
    ada.enter(room)
    ben.enter(room)
    choose(ada.page, WORDS)
    ready(ada.page)
    ada.page.locator("#message").press("Enter")
    expect(ben.page.locator("hub-announcer")).to_contain_text("📎 notes.txt")


def test_whoever_leaves_the_page_with_files_to_send_is_asked(come: Come, room: str) -> None:
    ada = come("ada")
    ada.enter(room)
    page = ada.page
    choose(page, WORDS)
    ready(page)
    asked: list[str] = []

    def answer(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", answer)
    page.reload()
    ada.inside()
    assert asked == ["beforeunload"]
