"""What somebody looks for in what was said: the query, whether a text fits it, what to show of it.

hello world     texts with both words; whatever their case and accents
hel*            words that begin so
"hello world"   the words one behind the other
from:NAME  in:ROOM  before:2026-01-31  after:2026-01-31  has:link
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime

from msgspec import Struct

from hubbub.domain.errors import BadMessage
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.words import Word, words

MAX_QUERY_CHARS = 500
MAX_TERMS = 16  # words and phrases: more do not make a query narrower, only slower
EXCERPT_CHARS = 200
BEFORE_CHARS = 60  # of an excerpt, before the first find

_LINK = re.compile(r"https?://[^\s]", re.IGNORECASE)
_PARTS = re.compile(r'"([^"]*)"?|(\S+)')
_FILTER = re.compile(r"(from|in|before|after|has):(.*)", re.IGNORECASE | re.DOTALL)
_DAY_MS = 86_400_000


class Term(Struct, frozen=True):
    """Words and runs that follow one another. ``prefix``: the last may go on."""

    words: tuple[Word, ...]
    prefix: bool = False


class Query(Struct, frozen=True, kw_only=True):
    """All of it has to fit. ``since`` and ``until`` are ms since the Unix epoch, UTC; an event at
    ``until`` is too late.
    """

    terms: tuple[Term, ...] = ()
    by: UserName | None = None
    room: RoomName | None = None
    since: int | None = None
    until: int | None = None
    link: bool = False


class Spot(Struct, frozen=True):
    """Where a term was found in a text: from and up to which characters."""

    start: int
    end: int


def parse_query(raw: str) -> Query:
    """The query in what somebody typed; raises `BadMessage` or `InvalidName` with what is wrong."""
    if len(raw) > MAX_QUERY_CHARS:
        raise BadMessage(
            f"This search has {len(raw):,} characters; {MAX_QUERY_CHARS} are allowed. "
            "A few words are enough."
        )
    terms: list[Term] = []
    filters: dict[str, str] = {}
    for part in _PARTS.finditer(raw):
        phrase, word = part.groups()
        filter = _FILTER.fullmatch(word) if word else None
        if filter is not None:
            name, value = filter[1].lower(), filter[2]
            if name in filters:
                raise BadMessage(f"There is more than one {name}: in this search. Keep one.")
            filters[name] = value
            continue
        found = tuple(words(phrase if word is None else word))
        if found:
            terms.append(Term(found, prefix=bool(word) and word.endswith("*")))
    if len(terms) > MAX_TERMS:
        raise BadMessage(f"At most {MAX_TERMS} words and phrases can be searched for at once.")
    if not terms and not filters:
        raise BadMessage(
            "What shall be searched for? Give words, or a filter such as from:NAME, in:ROOM, "
            "before:2026-01-31, after:2026-01-31 or has:link."
        )
    return _filtered(tuple(terms), filters)


def _filtered(terms: tuple[Term, ...], filters: dict[str, str]) -> Query:
    for name, value in filters.items():
        if not value:
            raise BadMessage(f"There is nothing behind {name}: in this search.")
    if filters.get("has", "link").lower() != "link":
        raise BadMessage(f'"has:{filters["has"]}" is unknown. There is has:link.')
    return Query(
        terms=terms,
        by=UserName.parse(filters["from"]) if "from" in filters else None,
        room=RoomName.parse(filters["in"]) if "in" in filters else None,
        since=_day(filters["after"], "after") if "after" in filters else None,
        until=_day(filters["before"], "before") if "before" in filters else None,
        link="has" in filters,
    )


def _day(value: str, name: str) -> int:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise BadMessage(
            f'"{name}:{value}" is no day. Write it as year-month-day: {name}:2026-01-31'
        ) from None
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return int(midnight.timestamp()) * 1000


def day_of(at: int) -> int:
    """The number of the UTC day of a time in ms."""
    return at // _DAY_MS


def has_link(text: str) -> bool:
    """Whether there is a link in ``text``."""
    return "://" in text and _LINK.search(text) is not None


def fits(query: Query, *, at: int, by: str, text: str) -> list[Spot] | None:
    """Where ``text`` has what ``query`` looks for, in order; None when it does not fit.

    The room is not looked at.
    """
    if query.since is not None and at < query.since:
        return None
    if query.until is not None and at >= query.until:
        return None
    if query.by is not None and UserName.recall(by).key != query.by.key:
        return None
    if query.link and not has_link(text):
        return None
    spots: list[Spot] = []
    if query.terms:
        here = list(words(text))
        for term in query.terms:
            found = _find(term, here)
            if not found:
                return None
            spots += found
    return _merged(spots)


def excerpt(text: str, spots: Sequence[Spot]) -> list[str]:
    """A piece of ``text`` around the first spot: plain and marked parts in turn, a plain one first.

    White space becomes a space; ``…`` stands where something is left out.
    """
    first = spots[0].start if spots else 0
    begin = first - BEFORE_CHARS if first > BEFORE_CHARS else 0
    end = min(len(text), begin + EXCERPT_CHARS)
    begin = max(0, min(begin, end - EXCERPT_CHARS))
    parts = ["…" if begin else ""]
    place = begin
    for spot in spots:
        if spot.start >= end:
            break
        stop = min(spot.end, end)
        parts[-1] += _in_line(text[place : spot.start])
        parts += [_in_line(text[spot.start : stop]), ""]
        place = stop
    parts[-1] += _in_line(text[place:end]) + ("…" if end < len(text) else "")
    return parts


def _in_line(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _find(term: Term, here: Sequence[Word]) -> list[Spot]:
    """Every place of ``term`` among the words of a text."""
    size = len(term.words)
    if size == 1:
        (sought,) = term.words
        if sought.run:
            return [spot for word in here if word.run for spot in _within(sought.folded, word)]
        return [
            Spot(word.start, word.end)
            for word in here
            if not word.run and _is(sought.folded, word.folded, term.prefix)
        ]
    spots = []
    for start in range(len(here) - size + 1):
        candidate = here[start : start + size]
        if all(
            _follows(term, place, sought, word)
            for place, (sought, word) in enumerate(zip(term.words, candidate, strict=True))
        ):
            spots.append(
                Spot(_begin(term.words[0], candidate[0]), _end(term.words[-1], candidate[-1]))
            )
    return spots


def _follows(term: Term, place: int, sought: Word, word: Word) -> bool:
    """Whether ``word`` can be that one of a phrase; runs at its ends may be parts of others."""
    if sought.run != word.run:
        return False
    first, last = place == 0, place == len(term.words) - 1
    if sought.run and first:
        return word.folded.endswith(sought.folded)
    if sought.run and last:
        return word.folded.startswith(sought.folded)
    return _is(sought.folded, word.folded, term.prefix and last)


def _begin(sought: Word, word: Word) -> int:
    """Where a phrase begins whose first is ``sought``: within a run, only its end belongs to it."""
    return word.end - len(sought.folded) if sought.run and _exact(word) else word.start


def _end(sought: Word, word: Word) -> int:
    return word.start + len(sought.folded) if sought.run and _exact(word) else word.end


def _exact(run: Word) -> bool:
    """Whether each character of a run is one of the text, too."""
    return len(run.folded) == run.end - run.start


def _is(sought: str, word: str, prefix: bool) -> bool:
    return word.startswith(sought) if prefix else word == sought


def _within(sought: str, run: Word) -> list[Spot]:
    """Where ``sought`` is in a run."""
    spots = []
    place = run.folded.find(sought)
    while place >= 0:
        if not _exact(run):  # folding has made it longer or shorter: the whole of it is marked
            return [Spot(run.start, run.end)]
        spots.append(Spot(run.start + place, run.start + place + len(sought)))
        place = run.folded.find(sought, place + len(sought))
    return spots


def _merged(spots: list[Spot]) -> list[Spot]:
    """``spots`` in order, those that overlap made one."""
    merged: list[Spot] = []
    for spot in sorted(spots, key=lambda spot: (spot.start, spot.end)):
        if merged and spot.start < merged[-1].end:
            merged[-1] = Spot(merged[-1].start, max(spot.end, merged[-1].end))
        else:
            merged.append(spot)
    return merged
