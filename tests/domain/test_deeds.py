"""What typed commands ask the server for. The page passes the same vectors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.domain.commands import AnyCommand
from hubbub.domain.deeds import DEEDS, ON_THE_SERVER, deed, people_and_text
from hubbub.domain.errors import ChatError
from hubbub.domain.names import RoomName
from hubbub.domain.orders import Mistake, Order, Vocabulary
from hubbub.domain.slashes import TABLE, Client, Slash

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "deeds.json").read_text("utf-8"))
LAB = RoomName.parse("Lab")
VOCABULARY = Vocabulary(Client.LINE)


def asked(typed: str) -> dict[str, Any]:
    """What a typed line asks for, as the vectors write it."""
    order = VOCABULARY.read(typed)
    if isinstance(order, Mistake):
        return {"mistake": order.why}
    assert isinstance(order, Order)
    try:
        command = deed(VOCABULARY, order, LAB)
    except ChatError as error:
        return {"mistake": error.message}
    says = {"says": people_and_text(order.argument)[1]} if order.name == "msg" else {}
    return {"sends": json.loads(msgspec.json.encode(command, enc_hook=str)), **says}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: repr(vector["text"]))
def test_a_line_asks_for_a_command_of_the_protocol(vector: dict[str, Any]) -> None:
    assert asked(vector["text"]) == {key: vector[key] for key in vector if key != "text"}
    if "sends" in vector:
        msgspec.convert(vector["sends"], AnyCommand, dec_hook=lambda kind, text: kind.parse(text))


def test_every_command_has_a_vector() -> None:
    tried = {VOCABULARY.read(vector["text"]) for vector in VECTORS}
    assert {one.name for one in tried if isinstance(one, Order)} == {*DEEDS, "server"}


def test_the_help_of_server_tells_what_may_follow_it() -> None:
    (row,) = [row for row in TABLE if row.name == "server"]
    for name in ON_THE_SERVER - {"ban-network"}:
        assert name in row.asks


@pytest.mark.parametrize("row", [row for row in TABLE if row.name in DEEDS], ids=lambda r: r.name)
@given(rest=st.text(max_size=40))
def test_whatever_is_typed_is_a_command_or_told_why_not(row: Slash, rest: str) -> None:
    order = VOCABULARY.read(f"/{row.name} {rest}")
    if isinstance(order, Order):
        told = asked(f"/{row.name} {rest}")
        assert told.get("mistake") or told.get("sends")
