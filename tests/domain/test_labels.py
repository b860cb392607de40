"""What programs say by labels: what may be, and what changes make of it."""

from __future__ import annotations

import msgspec
import pytest

from hubbub.domain.commands import SetProfile
from hubbub.domain.errors import BadMessage, ChatError, TooMany
from hubbub.domain.labels import MAX_LABELS, MAX_VALUE_BYTES, check_labels, difference, labelled

FULL = {f"label-{number}": "" for number in range(MAX_LABELS)}


def test_a_change_takes_a_label_s_place_and_none_takes_it_away() -> None:
    before = {"avatar": "a", "color": "red"}
    now = labelled(before, {"color": None, "avatar": "b", "url": "c", "note": None})
    assert now == {"avatar": "b", "url": "c"}
    assert before == {"avatar": "a", "color": "red"}
    assert labelled(before, difference(before, now)) == now
    assert difference(now, now) == {}


def test_of_too_many_the_new_ones_are_left_out() -> None:
    assert labelled(FULL, {"one-more": "x"}) == FULL
    assert "one-more" in labelled(FULL, {"label-3": None, "one-more": "x"})


@pytest.mark.parametrize(
    "labels, changes, error",
    [
        ({}, {"avatar": "a" * MAX_VALUE_BYTES}, None),
        ({}, {"avatar": "ä" * MAX_VALUE_BYTES}, BadMessage),
        ({}, {"avatar": "a\nb"}, BadMessage),
        ({}, {"avatar": "a\x00b"}, BadMessage),
        ({}, {"avatar": "\N{WOMAN}\N{ZERO WIDTH JOINER}\N{PERSONAL COMPUTER}", "url": ""}, None),
        (FULL, {"one-more": "x"}, TooMany),
        (FULL, {"one-more": "x", "label-1": None}, None),
        (FULL, {"label-1": "x", "other": None}, None),
    ],
)
def test_what_may_be_said(
    labels: dict[str, str], changes: dict[str, str | None], error: type[ChatError] | None
) -> None:
    if error is None:
        check_labels(labels, changes)
    else:
        with pytest.raises(error):
            check_labels(labels, changes)


@pytest.mark.parametrize("label", ["Avatar", "1st", "", "a b", "a:b", "a" * 33, "__proto__", "ä"])
def test_other_names_are_none(label: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"type": "profile", "labels": {label: "x"}}, SetProfile)
