from __future__ import annotations

from itertools import pairwise

import pytest

from hubbub.domain.errors import BadMessage
from hubbub.hub.searchcursors import SearchCursors
from tests.hub.chat import Chat, chatting


async def test_a_cursor_leads_back_to_its_place_also_after_a_restart(chat: Chat) -> None:
    places = (0, 1, 2, 1000, 2**43)
    cursors = [chat.hub.search_cursors.shown(place) for place in places]
    chat.commit()
    async with chatting(disk=chat.log.disk) as after:
        assert [after.hub.search_cursors.place(cursor) for cursor in cursors] == list(places)


async def test_cursors_tell_nobody_how_far_apart_they_are(chat: Chat) -> None:
    cursors = [int(chat.hub.search_cursors.shown(place), 16) for place in range(1000)]
    steps = {after - before for before, after in pairwise(cursors)}
    assert len(set(cursors)) == 1000
    assert len(steps) == 999
    assert cursors != sorted(cursors)


async def test_another_server_has_other_cursors(chat: Chat) -> None:
    async with chatting() as other:
        assert other.hub.search_cursors.shown(7) != chat.hub.search_cursors.shown(7)


@pytest.mark.parametrize(
    "cursor", ["", "7", "0" * 16, "f" * 16, "x" * 16, "é" * 16, "0x" + "0" * 14]
)
async def test_what_was_made_up_is_no_cursor(cursor: str, chat: Chat) -> None:
    with pytest.raises(BadMessage, match="the answer before"):
        chat.hub.search_cursors.place(cursor)


async def test_most_of_what_is_close_to_a_cursor_is_none(chat: Chat) -> None:
    cursors: SearchCursors = chat.hub.search_cursors
    near = int(cursors.shown(7), 16)
    for step in range(1, 100):
        with pytest.raises(BadMessage):
            cursors.place(f"{(near + step) % 2**64:016x}")
