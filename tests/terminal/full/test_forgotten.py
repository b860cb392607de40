"""Who closes the account is a former member in what is loaded, too."""

from __future__ import annotations

from hubbub.domain.events import FORMER_MEMBER, AuthorForgotten, Event, Quote, Said
from hubbub.domain.ids import user_id
from hubbub.terminal.full.model.window import Window

ADA, BEN = user_id(1), user_id(2)


def test_a_window_has_neither_the_name_nor_the_text_any_more() -> None:
    window = Window()
    said: list[Event] = [
        Said(1, 1, "ada", "a secret " * 100, by_id=ADA),
        Said(2, 2, "ben", "why?", 1, Quote("ada", "a secret", ADA), by_id=BEN),
    ]
    window.add(said)
    heavy = window.weight
    late = Said(3, 3, "ada", "more secrets", by_id=ADA)
    added = window.add([late, AuthorForgotten(4, 4, FORMER_MEMBER, emptied=True, by_id=ADA)])
    assert added == [Said(3, 3, FORMER_MEMBER, "", rev=4, by_id=ADA)]
    assert window.events == [
        Said(1, 1, FORMER_MEMBER, "", rev=4, by_id=ADA),
        Said(2, 2, "ben", "why?", 1, Quote(FORMER_MEMBER, "", ADA), by_id=BEN),
        *added,
    ]
    assert (window.head, window.last) == (4, 4)
    assert window.weight < heavy
