"""What is typed: commands, completion, what was sent before, emoji."""

from __future__ import annotations

from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.domain.emoji import NAMES
from hubbub.domain.slashes import SAY
from hubbub.terminal.full.model.commands import VOCABULARY
from hubbub.terminal.full.model.completion import Known, offer
from hubbub.terminal.full.model.display import shown, width
from hubbub.terminal.full.model.emoji import just_typed
from hubbub.terminal.full.model.typed import Typed
from hubbub.terminal.full.orders import Orders

KNOWN = Known(names=["ben", "Benedict", "eve"], rooms=["General", "Random"])


def test_every_command_of_the_table_can_be_obeyed() -> None:
    orders = Orders(Mock(), Mock(), Mock(), Mock(), Mock())
    assert orders._table.keys() == VOCABULARY.rows.keys() - {SAY}


@pytest.mark.parametrize(
    "before, texts",
    [
        ("b", ["ben: ", "Benedict: "]),
        ("hi B", ["ben ", "Benedict "]),
        ("@ev", ["eve: "]),
        ("/jo", ["/join "]),
        ("/join r", ["Random"]),
        ("/j r", ["Random"]),
        ("/part r", ["Random"]),
        ("/delete r", ["Random"]),
        ("/read a", ["all"]),
        ("/theme d", ["dark"]),
        (":tad", ["🎉"]),
        ("at 10:30", None),
        ("x ", None),
        ("/who e", ["eve "]),
    ],
)
def test_completion_offers_what_fits(before: str, texts: list[str] | None) -> None:
    found = offer(before, KNOWN)
    assert ([one.text for one in found.candidates] if found else None) == texts


def test_emoji_are_one_character_of_two_cells() -> None:
    """Or one that is an emoji by a variation selector, which is shown without it, in one cell."""
    assert len(NAMES) >= 150
    for name, emoji in NAMES.items():
        selected = emoji.endswith("\ufe0f")
        cells = 1 if selected else 2
        assert (len(emoji) - selected, width(shown(emoji))) == (1, cells), name


def test_an_emoji_is_known_by_its_closing_colon() -> None:
    assert just_typed("well :tada:") == (6, "🎉")
    assert just_typed("at 10:30:") is None
    assert just_typed("a:tada:") is None
    assert just_typed("😄:tada:") == (6, "🎉")
    assert just_typed("好(:tada:") is None
    assert just_typed("(:tada:") == (6, "🎉")
    assert just_typed("a[:tada:") is None
    assert just_typed("std::tada:") is None


def test_in_code_the_name_of_an_emoji_is_what_it_is() -> None:
    assert just_typed("`x :tada:") is None
    assert just_typed("`x` :tada:") == (6, "🎉")
    assert just_typed("```\nx :tada:") is None
    assert just_typed("```\nx\n```\n:tada:") == (6, "🎉")
    assert offer("`:tad", KNOWN) is None


@given(st.lists(st.tuples(st.sampled_from("ud"), st.text(max_size=3)), max_size=30))
def test_no_edit_is_lost_while_one_looks_through_what_was_sent(
    moves: list[tuple[str, str]],
) -> None:
    typed = Typed()
    sent = ["one", "two", "three"]
    for text in sent:
        typed.sent(text)
    pages = {0: "one", 1: "two", 2: "three", 3: ""}
    place = 3
    now = ""
    for way, edit in moves:
        now = pages[place] = now + edit
        found = typed.older(now) if way == "u" else typed.newer(now)
        target = place + (-1 if way == "u" else 1)
        if target not in pages:
            assert found is None
        else:
            assert found == pages[target]
            place, now = target, pages[target]
