"""The commands of the page: it reads them as the other clients do, and does all that there are."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

from hubbub.domain.orders import Order, Vocabulary, count
from hubbub.domain.slashes import SAY, Client
from hubbub.server.http.assets import FOLDER
from hubbub.server.http.commands import commands_of_the_page
from tools.page_tools import NODE

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "slashes.json").read_text("utf-8"))
DEEDS = json.loads((Path(__file__).parents[1] / "vectors" / "deeds.json").read_text("utf-8"))
ROWS = Vocabulary(Client.PAGE).rows

SCRIPT = """
import { Commands, count } from "MODULE";
const { told, texts, numbers } = JSON.parse(await new Response(process.stdin).text());
const commands = new Commands(JSON.parse(told));
const read = texts.map((text) => commands.read(text));
console.log(JSON.stringify({ read, counts: numbers.map(count) }));
"""


def run(texts: list[str], numbers: list[str]) -> Any:
    """What the page's module makes of texts, and of numbers, with what the server tells it."""
    module = (FOLDER / "text" / "commands.js").as_uri()
    done = subprocess.run(
        [NODE, "--input-type=module", "--eval", SCRIPT.replace("MODULE", module)],
        input=json.dumps({"told": commands_of_the_page(), "texts": texts, "numbers": numbers}),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_page_passes_the_vectors_of_commands() -> None:
    vectors = [vector for vector in VECTORS if "page" in vector["clients"]]
    read = run([vector["text"] for vector in vectors], [])["read"]
    for vector, one in zip(vectors, read, strict=True):
        assert one == vector["read"], vector["text"]


def test_the_page_counts_in_the_digits_of_all_scripts() -> None:
    numbers = ["1", "007", "٣٤", "१०", "𝟗𝟎", "𝟘", "0", "-1", "1e2", "²", "9" * 40, ""]
    assert run([], numbers)["counts"] == [count(number) for number in numbers]


def test_every_command_of_the_table_can_be_obeyed() -> None:
    source = (FOLDER / "view" / "orders.js").read_text("utf-8")
    done = re.findall(r'^    "?([\w-]+)"?: \(', source.partition("#does = {")[2], re.MULTILINE)
    assert set(done) == ROWS.keys() - {SAY}


def test_the_answer_to_each_command_that_can_be_typed_is_awaited() -> None:
    """One whose answer is not known would wait for it for ever."""
    source = (FOLDER / "net" / "requests.js").read_text("utf-8")
    awaited = set(
        re.findall(r'^  "?([\w-]+)"?: "', source.partition("ANSWERS = {")[2], re.MULTILINE)
    )
    vocabulary = Vocabulary(Client.PAGE)
    read = [(one, vocabulary.read(one["text"])) for one in DEEDS if "sends" in one]
    sent = {one["sends"]["type"] for one, order in read if isinstance(order, Order)}
    assert sent <= awaited
    assert len(sent) > 20


def test_the_choices_of_a_command_are_those_of_the_settings() -> None:
    source = (FOLDER / "keep" / "settings.js").read_text("utf-8")
    for name, constant in (("theme", "THEMES"), ("alerts", "NOTIFY")):
        listed = re.search(rf"const {constant} = (\[.*?\]);", source)
        assert listed
        assert sorted(json.loads(listed[1])) == sorted(ROWS[name].choices_in(Client.PAGE))
