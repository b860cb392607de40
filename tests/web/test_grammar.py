"""What the page does as the terminal client does: the grammar, mentions, emoji and commands."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, Page

from hubbub.domain.emoji import NAMES
from hubbub.domain.markup import parse
from hubbub.server.http.assets import FOLDER
from tests.process import ServerProcess
from tests.web.tasks import tasks

PIECES = [
    *"**__~~ab1 `.,:;!?()[]{}<>\"'/\\-+=@#$%^&|\n",
    "é",
    "日",
    "，",
    "。",
    "“",
    "”",
    "«",
    "👍🏽",
]
PIECES += ["🎉", "¯", "—", "…", "\u200f", "\u00a0", "https://a.example/", "mailto:a", "> ", "```"]
VECTORS = Path(__file__).parents[1] / "vectors"


@pytest.fixture
def page(browser: Browser, server: ServerProcess) -> Iterator[Page]:
    page = browser.new_page()
    page.goto(f"http://127.0.0.1:{server.port}/")
    yield page
    page.close()


def run(page: Page, module: str, script: str, argument: Any) -> Any:
    """Runs ``script``, a function of a module of the page and of an argument."""
    load = f"async (argument) => ({script})(await import('/static/text/{module}'), argument)"
    return page.evaluate(load, argument)


def test_the_page_passes_the_vectors_of_the_grammar(page: Page) -> None:
    vectors = json.loads((VECTORS / "markup.json").read_text())
    texts = [vector["text"] for vector in vectors]
    trees = run(page, "markup.js", "({ parse }, texts) => texts.map(parse)", texts)
    for vector, tree in zip(vectors, trees, strict=True):
        assert tree == vector["tree"], vector["text"]


def test_the_page_reads_a_text_of_any_kind_as_the_terminal_client_does(page: Page) -> None:
    chance = random.Random(7)
    texts = ["".join(chance.choices(PIECES, k=chance.randrange(1, 12))) for _ in range(4000)]
    trees = run(page, "markup.js", "({ parse }, texts) => texts.map(parse)", texts)
    for text, tree in zip(texts, trees, strict=True):
        assert tree == json.loads(msgspec.json.encode(parse(text))), text


def test_the_page_passes_the_vectors_of_mentions(page: Page) -> None:
    vectors = json.loads((VECTORS / "mentions.json").read_text())
    script = """({ mentionsOf, mentions }, vectors) => vectors.map(({ name, text }) => {
      const pieces = [];
      let place = 0;
      for (const [start, end] of mentionsOf(name, text)) {
        pieces.push(text.slice(place, start), text.slice(start, end));
        place = end;
      }
      pieces.push(text.slice(place));
      return [pieces, mentions(name, text)];
    })"""
    for vector, (pieces, named) in zip(
        vectors, run(page, "mentions.js", script, vectors), strict=True
    ):
        assert pieces == vector["pieces"], vector["text"]
        assert named == (len(pieces) > 1)


def test_the_page_passes_the_vectors_of_rooms_that_may_have_been_meant(page: Page) -> None:
    vectors = json.loads((VECTORS / "alike.json").read_text("utf-8"))
    script = "({ alike }, vectors) => vectors.map(({ typed, names }) => alike(typed, names))"
    assert run(page, "alike.js", script, vectors) == [vector["alike"] for vector in vectors]


def test_a_word_of_any_living_script_is_shown_whole_and_endless_marks_are_not(page: Page) -> None:
    words = list(json.loads((VECTORS / "words.json").read_text("utf-8")).values())
    zalgo = "Z" + "\u0310\u0322" * 60 + "algo"
    *shown, cut = run(page, "safe.js", "({ safe }, texts) => texts.map(safe)", [*words, zalgo])
    assert shown == words
    assert cut == "Z" + "\u0310\u0322" * 4 + "algo"


def test_a_long_text_takes_no_longer_than_its_length(page: Page) -> None:
    script = """({ parse }, texts) => texts.forEach(
      (text) => parse(text.repeat(40000).slice(0, 40000)))"""
    texts = [
        "*",
        "*a ",
        "*a* ",
        "_*~",
        "*_",
        "https://a，",
        "`",
        "(http://x",
        "http://",
        "> ",
        "```\n",
        "*_~`a`~_* ",
    ]
    with tasks(page) as took:
        run(page, "markup.js", script, texts)
    assert 0 < max(took) < 2000


def test_a_name_is_looked_for_in_no_longer_than_the_length_of_the_text(page: Page) -> None:
    script = """({ mentions }, cases) => cases.forEach(
      ([text, name]) => mentions(name, text.repeat(40000).slice(0, 40000) + "b"))"""
    cases = [["a", "a" * 32], ["a ab ", "a"], [".", "." * 31 + "a"], ["い", "い" * 31 + "a"]]
    cases += [["\u0301\u0316", "a"], ["\ufdfa", "ص"]]
    with tasks(page) as took:
        run(page, "mentions.js", script, cases)
    assert 0 < max(took) < 2000


def test_the_page_has_the_emoji_of_the_terminal_client() -> None:
    lines = (FOLDER / "text" / "emoji.txt").read_text().splitlines()
    assert dict(line.split(" ") for line in lines) == NAMES
