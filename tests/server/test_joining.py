"""Modules joined to one: it does what they do."""

from __future__ import annotations

import re

import pytest

from hubbub.server.http import assets
from hubbub.server.http.joining import join_modules, join_styles


def test_each_module_is_there_once_behind_those_that_it_imports() -> None:
    joined = join_modules(
        {
            "main.js": 'import { a } from "./x/a.js";\nimport "./b.js";\na();\n',
            "x/a.js": 'import {\n  B as C,\n  d,\n} from "../b.js";\nexport function a() {\n}\n',
            "b.js": "export class B {}\nexport const d = 1;\nexport async function e() {}\n",
            "unused.js": "export const f = 1;\n",
        },
        "main.js",
    )
    assert joined == (
        "const m0 = (() => {\nclass B {}\nconst d = 1;\nasync function e() {}\n"
        "return { B, d, e };\n})();\n"
        "const m1 = (() => {\nconst {\nB: C,\nd,\n} = m0;\nfunction a() {\n}\n"
        "return { a };\n})();\n"
        "const { a } = m1;\na();\n"
    )


def test_a_module_knows_its_own_address() -> None:
    joined = join_modules({"text/a.js": 'new URL("b.txt", import.meta.url);\n'}, "text/a.js")
    assert joined == 'new URL("b.txt", new URL("./text/a.js", import.meta.url).href);\n'


@pytest.mark.parametrize(
    "line",
    [
        "export default class {}",
        "export let changes = 1;",
        "export { a };",
        'export * from "./b.js";',
        'import * as b from "./b.js";',
        'import b from "./b.js";',
        'import { b } from "elsewhere";',
    ],
)
def test_what_cannot_be_joined_is_named(line: str) -> None:
    why = f"main.js cannot be joined with others: {line}"
    with pytest.raises(ValueError, match=re.escape(why)):
        join_modules({"main.js": f"{line}\n", "b.js": ""}, "main.js")


def test_comments_and_indents_are_left_out() -> None:
    text = (
        "/**\n * One.\n * @type {1}\n */\nconst a = 1; // Two.\n  // Three.\n\n"
        "/** Four. */\nif (a) {\n  a(/b\\//);\n}\n"
    )
    assert join_modules({"main.js": text}, "main.js") == "const a = 1;\nif (a) {\na(/b\\//);\n}\n"


def test_modules_that_import_each_other_are_named() -> None:
    modules = {
        "main.js": 'import "./x/a.js";\n',
        "x/a.js": 'import "../b.js";\n',
        "b.js": 'import "./x/a.js";\n',
    }
    with pytest.raises(ValueError, match=re.escape("x/a.js imports b.js imports x/a.js")):
        join_modules(modules, "main.js")


def test_style_sheets_are_in_order() -> None:
    assert join_styles({"b": "2\n", "a": "1\n"}, ["a", "b"]) == "1\n2\n"


def test_style_sheets_are_without_comments_and_indents() -> None:
    text = "/* One. */\na {\n  top: 0; /* two\n  lines */\n}\n\nb > c {}\n"
    assert join_styles({"a": text}, ["a"]) == "a {\ntop: 0; \n}\nb > c {}\n"


def test_what_the_first_module_exports_is_exported() -> None:
    joined = join_modules({"a.js": "export const one = 1;\n"}, "a.js")
    assert joined == "const one = 1;\nexport { one };\n"


def test_all_modules_of_the_page_are_in_the_joined_ones() -> None:
    texts = {
        path.relative_to(assets.FOLDER).as_posix(): path.read_text(encoding="utf-8")
        for path in assets.FOLDER.rglob("*.js")
    }
    joined = "".join(join_modules(texts, first) for first in assets.BUNDLES.values())
    for name, text in texts.items():
        says = re.search(
            r"^(?:export )?(?:async )?((?:class|function|const) \w+)", text, re.MULTILINE
        )
        assert says, name
        assert (says[1] in joined) == (name != "worker.js"), name
