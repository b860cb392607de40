"""Mistakes with texts that change which the caches of other clients were known for, tried here.

Each names the reports it comes from; see also the file of this name in tests/hub.
"""

from __future__ import annotations

from hubbub.client import Said
from hubbub.domain.events import Edited, Event, Reacted
from hubbub.domain.ids import UserId, user_id
from tests.client.cache.conftest import Open
from tests.client.cache.talk import START, said

ADA, BEN = user_id(1), user_id(2)


def reacted(seq: int, by: str, by_id: UserId, *, on: bool = True) -> Reacted:
    return Reacted(seq=seq, at=START, by=by, target=1, emoji="👍", on=on, by_id=by_id)


def shown(open_cache: Open) -> list[tuple[str, list[int]]]:
    """What a client that starts now shows: texts, and how many react with each emoji."""
    page = open_cache().page("General", limit=10)
    return [
        (event.text, [len(one.ids) for one in event.reactions])
        for event in page.events
        if isinstance(event, Said)
    ]


def test_what_was_changed_is_so_after_a_restart(open_cache: Open) -> None:
    """ulyssa/iamb#431, dino/dino#1470, decent-chat/decent#75: the first text was there again."""
    cache = open_cache()
    cache.log = "log-1"
    cache.add("General", said(1, 2))
    for seq, text in ((3, "tee"), (4, "tea")):
        cache.add("General", [Edited(seq, START, "ada", 1, text, by_id=ADA)])
    cache.close()
    assert shown(open_cache) == [("tea", []), ("line 2", [])]


def test_a_reaction_that_comes_twice_after_a_lost_connection_counts_once(open_cache: Open) -> None:
    """element-hq/element-web#19295: one person reacted twice with the same."""
    cache = open_cache()
    cache.log = "log-1"
    events: list[Event] = [
        *said(1),
        reacted(2, "ada", ADA),
        reacted(3, "Ada", ADA),  # under another name
        reacted(4, "ben", BEN),
    ]
    cache.add("General", events)
    for part in (events[1:], events[:2], events):
        cache.add("General", part)
    assert shown(open_cache) == [("line 1", [2])]
    cache.add("General", [reacted(5, "ada", ADA, on=False)])
    cache.add("General", events)
    assert shown(open_cache) == [("line 1", [1])]
