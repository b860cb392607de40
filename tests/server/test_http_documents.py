"""The published schemas hold: for validators, for names, for a server that is asked at random."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks as openapi_checks

from hubbub.domain.commands import AnyCommand
from hubbub.domain.errors import InvalidName
from hubbub.domain.names import RoomName, UserName
from hubbub.server.http import documents
from hubbub.server.http.uploads import BYTES
from hubbub.wire.json import encode
from tests.filing import file_ports
from tests.passwords import CheapPasswords
from tests.patience import PATIENCE_SECONDS
from tests.server.serving import Chatter, serving
from tests.wire.json.generate import COMMANDS

PASSWORD = "correct horse battery"
EXAMPLES = 20  # requests of each path, in each of the two modes


def test_the_openapi_document_is_valid() -> None:
    validate(documents.make_openapi())


def test_the_schema_of_the_protocol_is_valid() -> None:
    formats = Draft202012Validator.FORMAT_CHECKER
    Draft202012Validator.check_schema(documents.make_schema(), format_checker=formats)


def _patterns(part: Any) -> set[str]:
    if isinstance(part, list):
        return set().union(*map(_patterns, part))
    if not isinstance(part, dict):
        return set()
    own = {part["pattern"]} if isinstance(part.get("pattern"), str) else set()
    return own.union(*map(_patterns, part.values()))


@pytest.mark.parametrize("document", [documents.make_openapi(), documents.make_schema()])
def test_patterns_keep_to_what_every_validator_understands(document: Any) -> None:
    """JSON Schema Core, 6.4: no classes of letters, no looking ahead or behind."""
    found = _patterns(document)
    assert found
    for pattern in found:
        assert "\\" not in pattern
        assert "(?" not in pattern


@pytest.mark.parametrize("kind", [UserName, RoomName])
@given(
    text=st.text(st.characters(codec="utf-8"), min_size=1, max_size=20) | st.text("aé_-.[]^{}|\\#")
)
@settings(max_examples=300, deadline=None)
def test_no_name_is_refused_by_its_schema(kind: type[UserName | RoomName], text: str) -> None:
    try:
        name = str(kind.parse(text))
    except InvalidName:
        return
    assert Draft202012Validator(documents.NAMES[kind]).is_valid(name)


COMMAND = Draft202012Validator(
    {**documents.make_schema(), "anyOf": [{"$ref": "#/$defs/Command"}]},
)


@given(command=COMMANDS)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_command_that_the_codec_writes_fits_the_schema(command: AnyCommand) -> None:
    assert isinstance(command, get_args(AnyCommand))
    COMMAND.validate(msgspec.json.decode(encode(command)))


def no_defect(
    context: schemathesis.CheckContext,
    response: schemathesis.Response,
    case: schemathesis.Case[Any],
) -> None:
    """503 is no defect: this server has no search."""
    assert response.status_code in (503, *range(500))


schemathesis.serializer.alias(BYTES, "application/octet-stream")

CHECKS = [
    no_defect,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.response_schema_conformance,
    openapi_checks.negative_data_rejection,
]


def ask_everything(port: int, token: str) -> int:
    """Asks each path of the document at random, as anybody and with ``token`` in turn.

    Returns how many requests there were.
    """
    asked = 0
    url = f"http://127.0.0.1:{port}/openapi.json"
    schema = schemathesis.openapi.from_url(url, timeout=PATIENCE_SECONDS)
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        for mode in schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE:
            cases = operation.as_strategy(generation_mode=mode)

            @given(case=cases)
            @settings(
                max_examples=EXAMPLES,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
            )
            def ask(case: schemathesis.Case[Any]) -> None:
                nonlocal asked
                asked += 1
                if asked % 2:
                    case.headers["Authorization"] = f"Bearer {token}"
                case.call_and_validate(checks=CHECKS, timeout=PATIENCE_SECONDS)

            with suppress(Unsatisfiable):  # nothing can be wrong where nothing can be said
                ask()
    return asked


async def test_a_server_that_is_asked_at_random_answers_as_its_document_says(
    tmp_path: Path,
) -> None:
    files = file_ports(tmp_path)
    async with serving(http=True, passwords=CheapPasswords(), files=files) as server:
        async with server.web() as web:
            ben = Chatter(web)
            await ben.enter("ben")
            await ben.ask("ack", type="say", room="General", text="tea at four")
            token = (await ben.ask("welcome", type="register", password=PASSWORD))["token"]
        async with asyncio.timeout(2 * PATIENCE_SECONDS):
            assert await asyncio.to_thread(ask_everything, server.port, token) > EXAMPLES
