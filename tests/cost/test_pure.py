"""What the domain does with a text, a query or a name takes time in proportion to its length.

Some of it runs in threads, where a moment's work must be one; some for every text that is shown.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, given, settings, target
from hypothesis import strategies as st

from hubbub.domain.errors import ChatError
from hubbub.domain.links import has_link
from hubbub.domain.mentions import mention_places, mentions
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.passwords import MAX_CHARS, check_password
from hubbub.domain.quotes import quote_of
from hubbub.domain.search import MAX_QUERY_CHARS, MAX_TERMS, excerpt, fits, parse_query
from hubbub.domain.text import parse_text
from hubbub.hub.filters import Matcher, parse_filter
from hubbub.storage.search.terms import expression, terms_of
from hubbub.wire.line.format import text_lines
from tests.conftest import LONG
from tests.cost.inputs import QUERY, ROOM, TEXT_CHARS, USER, WORST, long
from tests.cost.world import forget

AGAIN = 10  # the least of them counts: other programs leave cold caches behind


def search(query: str, text: str) -> None:
    parsed = parse_query(query)
    spots = fits(parsed, at=0, by="ada", text=text)
    excerpt(text, spots or [])
    expression(parsed, 1)


def repeated(most: int) -> Callable[[str], str]:
    return lambda atom: (atom * most)[:most]


def words_of(atom: str) -> str:
    """A query of the most words: the atom once, twice …"""
    return " ".join(atom * times for times in range(1, MAX_TERMS + 1))[:MAX_QUERY_CHARS]


TEXT = long(TEXT_CHARS)
SPOKEN = Matcher(tuple(f"{word}{n}*" for n in range(25) for word in ("spam", "a*b", "い", "é")))
WRITTEN = Matcher(("/(a|b)*a(a|b){60}c/", "/((a{0,10}){0,10})c/", "/(é.{0,9}é){3}/", "/い+う/"))
Repeated = Callable[[str], str]
WORK: dict[
    str,
    tuple[Callable[..., object], float, tuple[Repeated, ...], tuple[st.SearchStrategy[str], ...]],
] = {
    "parse a user's name": (UserName.parse, 1.0, (repeated(32),), (USER,)),
    "parse a room's name": (RoomName.parse, 1.0, (repeated(50),), (ROOM,)),
    "check a password": (
        lambda text: check_password(text, name="ada"),
        30.0,
        (repeated(MAX_CHARS),),
        (long(MAX_CHARS),),
    ),
    "parse a text": (lambda text: parse_text(text, TEXT_CHARS), 5.0, (repeated(4000),), (TEXT,)),
    "look for words": (SPOKEN.fits, 60.0, (repeated(4000),), (TEXT,)),
    "look for expressions": (WRITTEN.fits, 60.0, (repeated(4000),), (TEXT,)),
    "parse words to look for": (parse_filter, 10.0, (repeated(200),), (long(200),)),
    "parse an expression": (
        lambda text: parse_filter(f"/{text}/"),
        20.0,
        (repeated(198),),
        (long(198),),
    ),
    "look for a link": (has_link, 25.0, (repeated(4000),), (TEXT,)),
    "quote a text": (lambda text: quote_of("ada", text), 5.0, (repeated(4000),), (TEXT,)),
    "show a text in lines": (text_lines, 10.0, (repeated(4000),), (TEXT,)),
    "parse a query": (parse_query, 10.0, (repeated(500),), (QUERY,)),
    "search a text": (search, 40.0, (words_of, repeated(4000)), (QUERY, TEXT)),
    "index a text": (lambda text: terms_of(1, "ada", text), 40.0, (repeated(4000),), (TEXT,)),
    "look for a name": (mentions, 25.0, (repeated(4000), repeated(1)), (TEXT, long(32))),
    "mark a name": (mention_places, 40.0, (repeated(4000), repeated(3)), (TEXT, long(32))),
}
"""What is done, in how many milliseconds at most (ten times what is usual, for a slow machine);
with a text that repeats what has cost the most somewhere once; and with which texts besides."""


@pytest.mark.parametrize("what", WORK)
def test_no_text_costs_much_more_than_others(what: str) -> None:
    work, most, usual, inputs = WORK[what]

    def cost(given: tuple[str, ...]) -> float:
        forget()
        began = time.thread_time()
        with contextlib.suppress(ChatError):
            work(*given)
        return (time.thread_time() - began) * 1000

    def check(given: tuple[str, ...]) -> float:
        took = cost(given)
        if took > most:
            least = min(cost(given) for _ in range(AGAIN))
            shown = [f"{text[:60]!a} ({len(text)})" for text in given]
            assert least <= most, f"{least:.1f} ms to {what}: {shown}"
        return took

    @settings(
        max_examples=2000 if LONG else 40,
        deadline=None,
        phases=(Phase.explicit, Phase.generate, Phase.target),
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    @given(st.tuples(*inputs))
    def look(given: tuple[str, ...]) -> None:
        target(check(given))

    cost(("é",) * len(inputs))  # the tables are made
    for atom in WORST:
        check(tuple(one(atom) for one in usual))
    look()
