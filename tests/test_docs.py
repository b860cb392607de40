"""The documents tell all there is, and what they tell works."""

from __future__ import annotations

import ast
import importlib.util
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from hubbub.cli.invitation import invitation
from hubbub.cli.program import make_app
from hubbub.cli.scripting import with_hyphens
from hubbub.domain.commands import AnyCommand, Command
from hubbub.domain.errors import ChatError
from hubbub.domain.events import AnyEvent
from hubbub.domain.names import USER_PUNCTUATION
from hubbub.domain.orders import Vocabulary
from hubbub.domain.replies import AnyReply
from hubbub.domain.slashes import TABLE, Client
from hubbub.server.http import metric_table
from hubbub.wire.irc import masks, modes
from hubbub.wire.line.codec import GREETING

ROOT = Path(__file__).parents[1]
PROTOCOL = (ROOT / "docs" / "protocol.md").read_text()
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
COMMANDS = ("serve", "chat", "send", "tail", "admin", "top", "migrate", "completion")
EACH_DOCUMENT = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)


def _tag(kind: type) -> str:
    return str(kind.__struct_config__.tag)  # type: ignore[attr-defined]


def _rows(title: str) -> dict[str, str]:
    """The first cells and the rest of each row of the table under a heading."""
    _, _, rest = PROTOCOL.partition(f"### {title}\n")
    rows = re.findall(r"^\| `([^`]+)` \|(.*)$", rest.partition("\n#")[0], re.MULTILINE)
    assert rows, title
    return dict(rows)


def _fields(kind: type, base: type) -> set[str]:
    return set(kind.__struct_fields__) - set(base.__struct_fields__)  # type: ignore[attr-defined]


def test_every_command_is_documented_with_its_fields() -> None:
    rows = _rows("Commands")
    assert set(rows) == {_tag(kind) for kind in get_args(AnyCommand)}
    for kind in get_args(AnyCommand):
        for field in _fields(kind, Command):
            assert f"`{field}" in rows[_tag(kind)], (_tag(kind), field)


def test_every_reply_is_documented() -> None:
    assert set(_rows("Replies")) == {_tag(kind) for kind in get_args(AnyReply)}


def test_every_kind_of_event_is_documented() -> None:
    assert set(_rows("Events")) == {_tag(kind) for kind in get_args(AnyEvent)}


def test_every_error_code_is_documented() -> None:
    ours = [kind for kind in ChatError.__subclasses__() if kind.__module__ == ChatError.__module__]
    assert set(_rows("Errors")) == {kind.code for kind in ours}


def _commands_in(document: str, heading: str) -> str:
    """The part of a document below the heading, up to the next one like it."""
    text = (ROOT / "docs" / document).read_text()
    return re.split(r"^##? ", text.partition(f"{heading}\n")[2], flags=re.MULTILINE)[0]


@pytest.mark.parametrize(
    "document, heading, client",
    [
        ("protocol.md", "## The plain line protocol", Client.LINE),
        ("terminal.md", "## Commands", Client.FULL),
        ("page.md", "## Commands", Client.PAGE),
    ],
)
def test_documents_tell_of_the_commands_of_the_table(
    document: str, heading: str, client: Client
) -> None:
    text = _commands_in(document, heading)
    cells = "".join(re.findall(r"^\| (`.*?`) \|", text, re.MULTILINE))
    told = re.findall(r"`(/[a-z][^`]*|exit)`", cells)
    assert sorted(told) == sorted(usage for usage, _ in Vocabulary(client).help())
    for slash in TABLE:
        for choice in slash.choices_in(client):
            assert f"`{choice}`" in text or choice in slash.argument, (slash.name, choice)


def test_the_terminal_s_document_says_what_is_not_in_the_plain_client() -> None:
    (sentence,) = re.findall(
        r"`--plain` has all of these but (.*?)\.\s",
        _commands_in("terminal.md", "## Commands"),
        re.DOTALL,
    )
    missing = [
        one.word for one in TABLE if one.clients & Client.FULL and not one.clients & Client.PLAIN
    ]
    assert re.findall(r"`([^`]+)`", sentence) == missing


def test_the_line_protocol_is_documented_to_the_letter() -> None:
    assert f"`{GREETING}`" in PROTOCOL
    assert USER_PUNCTUATION in PROTOCOL


def test_every_metric_is_documented() -> None:
    told = (ROOT / "docs" / "http.md").read_text()
    rows = re.findall(r"^\| `(hubbub_\w+)(?:\{(\w+)\})?` \|", told, re.MULTILINE)
    parts = {f"hubbub_{name}_{part}" for name in metric_table.HISTOGRAMS for part in PARTS}
    of_code = {name: labels for name, labels in metric_table.names().items() if name not in parts}
    of_code |= {f"hubbub_{name}": frozenset[str]() for name in metric_table.HISTOGRAMS}
    del of_code["hubbub_info"]  # whose label is told in its sentence
    of_docs = {name: frozenset(filter(None, [label])) for name, label in rows}
    assert of_docs.pop("hubbub_info") == frozenset()
    assert of_docs == of_code


PARTS = ("bucket", "sum", "count")


def _anchors(document: Path) -> set[str]:
    """What can be linked to in a document, as GitHub makes it of headings."""
    headings = re.findall(r"^#+ (.*)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings}


@EACH_DOCUMENT
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)#]*)(?:#([^)]*))?\)", document.read_text()):
        if "://" not in target:
            there = (document.parent / target) if target else document
            assert there.exists(), target
            assert not anchor or anchor in _anchors(there), (target, anchor)


def test_every_document_is_linked_from_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    for document in DOCUMENTS:
        name = document.relative_to(ROOT).as_posix()
        assert name == "README.md" or f"]({name})" in readme, name


def test_pictures_are_small() -> None:
    for picture in (ROOT / "docs" / "images").iterdir():
        assert picture.stat().st_size < 150 * 1024, picture.name


# Commands

_COMMAND = re.compile(
    r"(?:^|[`|;] ?|\$ |bin/|[A-Z_]+=\S* )(?:sudo )?"
    r"(?:(?:/usr/bin/)?python3? (?:\S*/)?(?P<script>server|client)\.py|hubbub)"
    r"(?P<rest> [^`\n]*)?(?=`|$)",
    re.MULTILINE,
)
_SCRIPTS = {"server": "serve", "client": "chat"}
_NO_WORDS = re.compile(r"^(?:[|<>&;]|[0-9]?>)")


def _commands(document: Path) -> Iterator[list[str]]:
    """The words of each command of ours in a document that is meant to work."""
    text = document.read_text()
    for found in _COMMAND.finditer(text):
        rest = found["rest"] or ""
        if text[found.end() :].startswith("\nhubbub: ") or "[" in rest or "…" in rest:
            continue  # it shows what is refused, or how a command is written
        words = [] if found["script"] is None else [_SCRIPTS[found["script"]]]
        for word in shlex.split(re.sub(r"\$\w+", "1", rest), comments=True):
            if _NO_WORDS.match(word):
                break
            words.append(word)
        if words not in ([], ["send"], ["tail"], ["admin"]):  # those alone only name the commands
            yield words


@pytest.mark.parametrize(
    "document",
    [path for path in DOCUMENTS if path.name != "CHANGELOG.md"],  # that one names what once was
    ids=lambda path: path.name,
)
def test_commands_in_documents_are_understood(
    document: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    app = make_app()
    for words in _commands(document):
        if words[-1] in ("--help", "--version") or words[0] == "--install-completion":
            continue
        assert words[0] in COMMANDS, words
        app.parse_args(with_hyphens(words), exit_on_error=False, print_error=False)


def test_the_commands_of_the_readme_are_among_those_that_are_looked_at() -> None:
    found = list(_commands(ROOT / "README.md"))
    assert ["serve"] in found
    assert ["serve", "--host", "0.0.0.0", "--tls", "auto"] in found
    assert ["chat", "https://192.168.1.20:8080"] in found
    assert ["send", "General", "Hello."] in found


@EACH_DOCUMENT
def test_modules_and_tests_that_documents_speak_of_are_there(document: Path) -> None:
    text = document.read_text()
    for module in re.findall(r"python3? -m ([a-z_.]+)", text):
        assert importlib.util.find_spec(module) is not None, module
    for path in re.findall(r"`((?:src|tests|tools|benchmarks|docs)/[\w./-]+)`", text):
        assert (ROOT / path).exists(), path
    tests = {path.name for path in (ROOT / "tests").rglob("test_*.py")}
    assert set(re.findall(r"`(test_\w+\.py)`", text)) <= tests


def test_the_files_and_folders_of_the_architecture_are_there() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    files = re.findall(r"`([a-z_]+/[\w/]+\.(?:py|js))`", page)
    folders = re.findall(r"^  ([a-z_]+(?:/|\.py)) ", page, re.MULTILINE)
    assert len(files) >= 5
    assert len(folders) >= 9
    for name in (*files, *folders):
        folder = ROOT if name.startswith("tests/") else ROOT / "src" / "hubbub"
        assert (folder / name).exists(), name
    package = {path.name for path in (ROOT / "src" / "hubbub").iterdir() if path.is_dir()}
    assert {f"{name}/" for name in package - {"__pycache__"}} <= set(folders)


def test_the_readme_shows_what_a_start_says() -> None:
    (sentence,) = invitation([("127.0.0.1", 8080)], client="python3 client.py")
    readme = (ROOT / "README.md").read_text()
    assert f"   Listening on 127.0.0.1:8080\n   {sentence}\n" in readme


@EACH_DOCUMENT
def test_programs_in_documents_are_programs(document: Path) -> None:
    for program in re.findall(r"```python\n(.*?)```", document.read_text(), re.DOTALL):
        compile(program, document.name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


# docs/irc.md


def _irc_rows(header: str) -> list[list[str]]:
    """The rows of a table of docs/irc.md, by its header."""
    text = (ROOT / "docs" / "irc.md").read_text()
    _, found, rest = text.partition(f"| {header} |\n")
    assert found, header
    rows = rest.partition("\n\n")[0].splitlines()[1:]
    return [[cell.strip(" `") for cell in row.strip("|").split("|")] for row in rows]


def test_modes_of_people_are_told_with_their_prefixes_and_roles() -> None:
    rows = {row[0]: row for row in _irc_rows("mode | prefix | is")}
    assert {letter: row[1] for letter, row in rows.items()} == modes.PREFIXES
    for letter, role in modes.ROLES.items():
        assert re.match(rf"an? {role.value}\b", rows[letter][2])
    shown = [row[0] for row in rows.values() if "shown as" not in row[2]]
    assert sorted(shown) == sorted(modes.LETTERS.values())


def test_modes_of_rooms_are_told_with_their_rules_in_their_order() -> None:
    rows = [(row[0], row[1]) for row in _irc_rows("mode | rule | is")]
    rules = [(letter, rule.field) for rule in modes.RULES for letter in rule.modes]
    assert rows == [*rules, (modes.LIMIT, "most")]


def test_lists_of_rooms_are_told() -> None:
    assert sorted(row[0] for row in _irc_rows("list | is")) == sorted(modes.LISTS)


def test_masks_are_told_as_they_are_taken() -> None:
    examples = [row[0].removeprefix("m:") for row in _irc_rows("mask | means")]
    assert [str(masks.parse(example)) for example in examples] == examples
    assert f"`{masks.MUTE}ben!*@*`" in (ROOT / "docs" / "irc.md").read_text()
