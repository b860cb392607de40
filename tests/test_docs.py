"""The documents tell all there is, and what they tell works."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import get_args

import pytest

from hubbub.domain.commands import AnyCommand, Command
from hubbub.domain.errors import ChatError
from hubbub.domain.events import AnyEvent
from hubbub.domain.names import USER_PUNCTUATION
from hubbub.domain.replies import AnyReply
from hubbub.wire.line.codec import COMMANDS, GREETING

ROOT = Path(__file__).parents[1]
PROTOCOL = (ROOT / "docs" / "protocol.md").read_text()
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


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


def test_every_line_that_is_a_command_is_documented() -> None:
    shown = set(re.findall(r"`(/[a-z]+)", PROTOCOL)) | {"/exit"}
    assert set(COMMANDS) <= shown
    assert f"`{GREETING}`" in PROTOCOL
    assert USER_PUNCTUATION in PROTOCOL


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text()):
        if "://" not in target:
            assert (document.parent / target).exists(), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_programs_in_documents_are_programs(document: Path) -> None:
    for program in re.findall(r"```python\n(.*?)```", document.read_text(), re.DOTALL):
        compile(program, document.name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
