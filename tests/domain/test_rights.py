from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hubbub.domain.replies import Standing
from hubbub.domain.rights import RIGHTS, Action, may, why_not
from hubbub.domain.rules import Role, RoomAccess, Speakers
from tools.rights_table import table

TESTS = Path(__file__).parents[1]
VECTORS = json.loads((TESTS / "vectors" / "rights.json").read_text("utf-8"))
DOCUMENT = TESTS.parent / "docs" / "rights.md"


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["action"])
def test_who_may_what_and_why_not(vector: dict[str, Any]) -> None:
    refused = why_not(
        Action(vector["action"]),
        msgspec.convert(vector["standing"], Standing),
        "Tea",
        account=vector["account"],
        to=Role(vector.get("to", "member")),
    )
    told: dict[str, str | None] = {"code": None, "why": None}
    if refused is not None:
        told = {"code": refused.code, "why": refused.message}
    assert told == {"code": vector["code"], "why": vector["why"]}


def test_every_action_has_a_row_and_vectors_of_both_outcomes() -> None:
    assert set(RIGHTS) == set(Action)
    told = {(vector["action"], vector["why"] is None) for vector in VECTORS}
    always = {"list", "read", "enter", "leave"}
    for action in Action:
        assert (action.value, True) in told
        assert ((action.value, False) in told) is (action.value not in always)


STANDINGS = st.builds(
    Standing,
    access=st.sampled_from(RoomAccess),
    role=st.sampled_from(Role),
    speak=st.sampled_from(Speakers),
    archived=st.booleans(),
    owned=st.booleans(),
    muted=st.booleans(),
    roles=st.dictionaries(st.sampled_from(["ada", "ben", "eve"]), st.sampled_from(Role)),
)


@given(st.sampled_from(Action), STANDINGS, st.booleans())
def test_who_has_a_higher_role_may_no_less(
    action: Action, standing: Standing, account: bool
) -> None:
    by_role = [may(action, replace(standing, role=role), account=account) for role in Role]
    assert by_role == sorted(by_role)


@given(st.sampled_from(Action), STANDINGS, st.sampled_from(Role))
def test_who_has_an_account_may_no_less(action: Action, standing: Standing, to: Role) -> None:
    guest, account = (may(action, standing, account=one, to=to) for one in (False, True))
    assert guest <= account


@given(STANDINGS, st.booleans())
def test_everybody_may_go(standing: Standing, account: bool) -> None:
    assert may(Action.LEAVE, standing, account=account)


def test_the_document_has_the_table() -> None:
    assert table() in DOCUMENT.read_text(encoding="utf-8"), (
        "docs/rights.md is not what the rights are: put the output of "
        "`python -m tools.rights_table` into it"
    )
