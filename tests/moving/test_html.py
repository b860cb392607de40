"""The export that a browser opens from a folder."""

from __future__ import annotations

import re
import stat
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.domain.events import Edited, RulesSet, Said
from hubbub.domain.files import File
from hubbub.domain.kinds import is_line, is_message
from hubbub.domain.reactions import Reaction, Redaction
from hubbub.domain.rules import RoomAccess
from hubbub.domain.sentences import TAKEN_AWAY, sentence
from hubbub.moving.errors import CannotWrite
from hubbub.moving.html.exporting import PAGE_LINES, export_pages
from hubbub.moving.html.frame import POLICY, STYLE, page
from hubbub.moving.html.lines import line_html
from hubbub.moving.html.marked import name_html, text_html
from hubbub.moving.selecting import Selection
from tests.moving.everything import fill
from tests.moving.servers import ADA, BEN, IDS, NOON, Place, in_memory, said

EVIL = "<script>alert(1)</script> \"'&\x1b[2J\u202e javascript:alert(1) <img src=x onerror=y>"


class Read(HTMLParser):
    """The elements of a page, with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "br", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.text += data

    def all(self, tag: str, attribute: str) -> list[str]:
        return [
            value for name, found in self.elements if name == tag if (value := found.get(attribute))
        ]


async def pages(place: Place, path: Path, *, private: bool = True) -> dict[str, Read]:
    await export_pages(place.server, path, Selection(private=private))
    return read_pages(path)


def read_pages(path: Path) -> dict[str, Read]:
    return {
        file.relative_to(path).as_posix(): Read(file.read_text())
        for file in sorted(path.rglob("*.html"))
    }


def modes(path: Path) -> set[int]:
    return {stat.S_IMODE(one.stat().st_mode) for one in path.rglob("*")}


async def test_every_line_is_on_a_page_and_every_link_leads_somewhere(tmp_path: Path) -> None:
    async with in_memory() as place:
        await fill(place)
        found = await pages(place, tmp_path / "out")
        kitchen = [
            one
            for one in await place.events("Kitchen")
            if is_message(one) or (is_line(one) and sentence(one) is not None)
        ]
    assert list(found) == [
        "1-kitchen/1.html",
        "2-secret/1.html",
        "3-locked/1.html",
        "4-ada-eve/1.html",
        "index.html",
    ]
    ids = {
        name: set(page.all("article", "id") + page.all("p", "id")) for name, page in found.items()
    }
    assert len(ids["1-kitchen/1.html"]) == len(kitchen)
    for name, read in found.items():
        for href in read.all("a", "href"):
            if href.startswith("https://example.org"):
                continue
            file, _, anchor = href.partition("#")
            to = (Path(name).parent / file).as_posix() if file else name
            to = "index.html" if to.endswith("../index.html") else to
            assert to in found, href
            assert not anchor or anchor in ids[to], href
        assert read.open == []
    assert TAKEN_AWAY in found["1-kitchen/1.html"].text
    assert "ada has set the topic: tea" in found["1-kitchen/1.html"].text
    assert "forget me" not in found["1-kitchen/1.html"].text


async def test_quotes_link_to_what_they_answer_on_earlier_pages_too(tmp_path: Path) -> None:
    async with in_memory() as place:
        await place.register(ADA, BEN)
        many = [said(f"text {at}", at=NOON + at) for at in range(PAGE_LINES + 2)]
        await place.write(
            "Long", *many, said("yes", BEN, reply_to=3), said("no", BEN, reply_to=502)
        )
        found = await pages(place, tmp_path / "out")
    assert list(found) == ["1-long/1.html", "1-long/2.html", "index.html"]
    links = found["1-long/2.html"].all("a", "href")
    assert "1.html#e3" in links
    assert links.count("#e502") == 2  # of its own time, too
    assert "2.html" in found["1-long/1.html"].all("a", "href")


async def test_nothing_that_people_write_is_obeyed(tmp_path: Path) -> None:
    async with in_memory() as place:
        evil = Said(0, NOON, EVIL, EVIL, by_id=IDS[ADA])
        answer = Said(0, NOON, EVIL, f"```\n{EVIL}\n```\n> {EVIL}\n*{EVIL}*", 1, by_id=IDS[ADA])
        await place.write('"><script>', evil, answer)
        found = await pages(place, tmp_path / "out")
    for read in found.values():
        allowed = {"html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "nav"}
        allowed |= {"a", "p", "main", "article", "b", "bdi", "time", "pre", "code", "blockquote"}
        allowed |= {"footer", "ul", "li", "span", "br", "i", "s"}
        assert {tag for tag, _ in read.elements} <= allowed
        for _, attributes in read.elements:
            assert not [name for name in attributes if name.startswith("on") or name == "style"]
            href = attributes.get("href") or ""
            assert not href.lower().startswith("javascript:")
        assert "\x1b" not in read.text
        assert "\u202e" not in read.text
    assert "<script>alert(1)</script>" in found["1-script/1.html"].text


async def test_private_rooms_are_not_in_it_unless_that_is_asked_for(tmp_path: Path) -> None:
    async with in_memory() as place:
        await fill(place)
        found = await pages(place, tmp_path / "out", private=False)
        assert list(found) == ["1-kitchen/1.html", "index.html"]
    assert "Secret" not in found["index.html"].text
    assert modes(tmp_path) == {0o600, 0o700}


async def test_an_empty_room_has_a_page(tmp_path: Path) -> None:
    async with in_memory() as place:
        await place.write("Quiet", RulesSet(0, NOON, "ada", by_id=IDS[ADA], access=RoomAccess.OPEN))
        found = await pages(place, tmp_path / "out")
        assert "0 texts" in found["index.html"].text


async def test_what_is_there_is_not_overwritten(tmp_path: Path) -> None:
    async with in_memory() as place:
        await fill(place)
        await pages(place, tmp_path / "out")
        with pytest.raises(CannotWrite, match="is there already"):
            await pages(place, tmp_path / "out")
        (tmp_path / "file").touch()
        with pytest.raises(CannotWrite, match="cannot be written: Not a directory"):
            await pages(place, tmp_path / "file" / "out")


def test_the_policy_lets_in_the_one_style_and_pictures_and_nothing_else() -> None:
    read = Read(page("title", "").decode())
    assert POLICY in read.all("meta", "content")
    assert "default-src 'none'" in POLICY
    assert "</" not in STYLE
    assert "img-src 'self' file:;" in POLICY
    assert re.search(r"script-src|https?:|data:|'unsafe-", POLICY) is None


@given(st.text())
def test_whatever_is_written_only_known_elements_come_of_it(text: str) -> None:
    read = Read(f"<div>{text_html(text)}{name_html(text)}</div>")
    assert {tag for tag, _ in read.elements} <= {
        *("div", "p", "br", "pre", "code", "blockquote", "b", "i", "s", "a", "bdi"),
    }
    assert not read.open


def test_a_message_tells_which_files_it_had() -> None:
    file = File("x", "c<a>t.png", 12_345, "image/png", "a red cat")
    shown = line_html(Said(1, 0, "ada", "", files=(file,)), lambda seq: None)
    assert "c&lt;a&gt;t.png (12 KiB): a red cat" in shown
    assert "gone" not in shown


def test_a_message_shows_what_became_of_it() -> None:
    def text_of(said: Said) -> str:
        return " ".join(Read(line_html(said, lambda seq: None)).text.split())

    likes = (Reaction("\N{PARTY POPPER}", ["ben"], [IDS[BEN]]),)
    edited = Said(3, NOON, "ada", "tea", rev=9, edited_at=NOON, reactions=likes)
    assert text_of(edited).endswith("tea(edited) [\N{PARTY POPPER} 1]")
    assert text_of(Said(3, NOON, "ada", "", rev=9, redacted=Redaction(NOON, "b<en"))).endswith(
        "(taken back by b<en)"
    )
    assert line_html(Edited(9, NOON, "ada", 3, "tea"), lambda seq: None) == ""
