"""The emoji that the page's picker offers are all that the server takes."""

from __future__ import annotations

import json

import emoji

from hubbub.domain.emoji import parse_emoji
from hubbub.domain.reactions import MAX_EMOJI_CHARS
from tools.page_emoji import PICKER, expanded


def test_the_picker_has_all_emoji_of_unicode_and_the_server_takes_each_as_it_is() -> None:
    groups = json.loads(PICKER.read_text("utf-8"))
    offered = {one for _, rows in groups for row in rows for one in expanded(row)}
    qualified = emoji.STATUS["fully_qualified"]
    assert offered == {one for one, row in emoji.EMOJI_DATA.items() if row["status"] == qualified}
    for one in offered:
        assert parse_emoji(one) == one
        assert len(one) <= MAX_EMOJI_CHARS
