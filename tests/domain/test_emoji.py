"""Emoji: those of the newest Unicode, and the names that people type for them."""

from __future__ import annotations

import emoji
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.domain.emoji import MAX_TYPED, NAMES, parse_emoji
from hubbub.domain.errors import BadMessage
from hubbub.domain.reactions import MAX_EMOJI_CHARS
from tools.emoji_table import PAGE, TABLE, module, names

STATUS = emoji.STATUS
EMOJI = emoji.EMOJI_DATA
QUALIFIED = [one for one, row in EMOJI.items() if row["status"] == STATUS["fully_qualified"]]


def test_the_table_is_what_the_tool_makes() -> None:
    run_it = "run `python -m tools.emoji_table`"
    assert TABLE.read_text("utf-8") == module(), run_it
    assert PAGE.read_text("utf-8") == names(), run_it


def test_every_emoji_of_unicode_is_one() -> None:
    assert len(QUALIFIED) > 3900
    assert [one for one in QUALIFIED if parse_emoji(one) != one] == []
    assert max(map(len, QUALIFIED)) < MAX_EMOJI_CHARS


def test_an_emoji_without_its_variation_selectors_is_completed() -> None:
    bare = [
        one
        for one, row in EMOJI.items()
        if row["status"] in (STATUS["minimally_qualified"], STATUS["unqualified"])
    ]
    assert bare
    assert {parse_emoji(one) for one in bare} <= set(QUALIFIED)
    assert parse_emoji("\u2764") == parse_emoji("\u2764\ufe0e") == "\u2764\ufe0f"
    assert parse_emoji("1\u20e3") == "1\ufe0f\u20e3"


@pytest.mark.parametrize("typed", [":thumbsup:", "thumbsup", "+1", ":+1:", " 👍 ", ":ThumbsUp:"])
def test_an_emoji_has_names(typed: str) -> None:
    assert parse_emoji(typed) == "👍"


POPULAR = """
heart ❤️ thumbsup 👍 +1 👍 thumbsdown 👎 -1 👎 joy 😂 tada 🎉 rocket 🚀 eyes 👀 smile 😄 fire 🔥
laughing 😆 pray 🙏 clap 👏 ok_hand 👌 white_check_mark ✅ 100 💯 raised_hands 🙌 wave 👋 sob 😭
heart_eyes 😍 thinking 🤔 sweat 😓 sweat_smile 😅 point_up ☝️ sparkling_heart 💖 x ❌
"""


def test_a_name_means_what_it_means_elsewhere() -> None:
    words = POPULAR.split()
    named = dict(zip(words[::2], words[1::2], strict=True))
    assert {name: parse_emoji(f":{name}:") for name in named} == named


def test_every_name_is_that_of_an_emoji() -> None:
    assert [name for name in NAMES if parse_emoji(f":{name}:") not in QUALIFIED] == []


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        ":",
        "::",
        "1",
        "#",
        "a",
        "yes",
        ":nothing:",
        "👍👍",
        "👍 👎",
        "\U0001f3fd",  # a skin tone alone
        "\u200d",
        "\ufe0f",
        "🇩",  # half a flag
        "👨\u200d👍",  # joined, and no emoji of Unicode
        "👍" * 1000,
        "a" * 100_000,
        "\x1b[31m",
    ],
)
def test_anything_else_is_none(typed: str) -> None:
    with pytest.raises(BadMessage, match="no emoji"):
        parse_emoji(typed)


@given(st.text(st.sampled_from("👍🏻🏽\u200d\ufe0f❤🧑🤝1#:+a🇩🇪"), max_size=12))
def test_what_is_taken_is_an_emoji_of_unicode_and_is_taken_again(typed: str) -> None:
    try:
        found = parse_emoji(typed)
    except BadMessage:
        return
    assert found in QUALIFIED
    assert parse_emoji(found) == found


def test_a_long_text_is_not_looked_at() -> None:
    with pytest.raises(BadMessage):
        parse_emoji(" " * MAX_TYPED + "  👍")
