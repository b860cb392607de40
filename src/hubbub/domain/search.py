"""Search queries: how they are parsed, whether a text matches, and which excerpt is shown.

hello world     texts with both words, whatever their case and accents; the last of them, being
                perhaps unfinished, by its beginning (worlds)
hel*            words that begin so
"hello world"   the words one behind the other
from:NAME  in:ROOM  before:2026-01-31  after:2026-01-31  has:link
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import islice

from msgspec import Struct

from hubbub.domain.errors import BadMessage
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.words import Word, words

MAX_QUERY_CHARS = 500
MAX_TERMS = 16  # words and phrases: more do not make a query narrower, only slower
FEWEST_CHARS = 3  # of a last word that is found by its beginning: "go" is not after "good"
MAX_SPOTS = 200  # of a term in one text; an excerpt has no place for more
EXCERPT_CHARS = 200
BEFORE_CHARS = 60  # of an excerpt, before the first find

_LINK = re.compile(r"https?://[^\s]", re.IGNORECASE)
_PARTS = re.compile(r'"([^"]*)"?|(\S+)')
_FILTER = re.compile(r"(from|in|before|after|has):(.*)", re.IGNORECASE | re.DOTALL)
_DAY_MS = 86_400_000


class Term(Struct, frozen=True):
    """Consecutive words and runs. ``prefix``: the last one may be a prefix of a word."""

    words: tuple[Word, ...]
    prefix: bool = False


class Query(Struct, frozen=True, kw_only=True):
    """A parsed query. A text has to match every part of it.

    ``since`` (inclusive) and ``until`` (exclusive) are ms since the Unix epoch, UTC.
    """

    terms: tuple[Term, ...] = ()
    by: UserName | None = None
    room: RoomName | None = None
    since: int | None = None
    until: int | None = None
    link: bool = False


class Spot(Struct, frozen=True):
    """The range of characters of a text in which a term was found."""

    start: int
    end: int


def parse_query(raw: str) -> Query:
    """Parses what a user typed. Raises `BadMessage` or `InvalidName` with the reason."""
    if len(raw) > MAX_QUERY_CHARS:
        raise BadMessage(
            f"This search has {len(raw):,} characters; {MAX_QUERY_CHARS} are allowed. "
            "A few words are enough."
        )
    terms: list[Term] = []
    open = False  # whether the last term is a word that may go on
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
        sought = phrase if word is None else word
        found = tuple(words(sought))
        if found:
            terms.append(Term(found, prefix=bool(word) and word.endswith("*")))
            open = bool(word) and not found[-1].run and len(found[-1].folded) >= FEWEST_CHARS
        elif sought.strip():
            raise BadMessage(
                f'"{_short(sought)}" cannot be searched for: it has no letter, digit or emoji. '
                "Leave it out."
            )
        if len(terms) > MAX_TERMS:
            raise BadMessage(f"At most {MAX_TERMS} words and phrases can be searched for at once.")
    if not terms and not filters:
        raise BadMessage(
            "What shall be searched for? Give words, or a filter such as from:NAME, in:ROOM, "
            "before:2026-01-31, after:2026-01-31 or has:link."
        )
    if open:
        terms[-1] = Term(terms[-1].words, prefix=True)
    return _filtered(tuple(dict.fromkeys(terms)), filters)


def _short(sought: str) -> str:
    return sought if len(sought) <= 20 else f"{sought[:20]}…"


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
    """The places in ``text`` that match ``query``, in order; None if it does not match.

    Only places that an `excerpt` could show are returned. ``query.room`` is ignored. The time is
    linear in the lengths of text and query.
    """
    if query.since is not None and at < query.since:
        return None
    if query.until is not None and at >= query.until:
        return None
    if query.by is not None and UserName.recall(by).key != query.by.key:
        return None
    if query.link and not has_link(text):
        return None
    if not query.terms:
        return []
    here = _Words(text)
    found = [here.spots(term) for term in query.terms]
    spots: list[Spot] = []
    for places in found:
        first = next(places, None)
        if first is None:
            return None
        spots.append(first)
    end = min([spot.start for spot in spots]) + EXCERPT_CHARS
    for places in found:
        for spot in islice(places, MAX_SPOTS):
            if spot.start >= end:
                break
            spots.append(spot)
    return _merged(spots)


def excerpt(text: str, spots: Sequence[Spot]) -> list[str]:
    """An excerpt around the first spot: plain and highlighted parts alternate, a plain one first.

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


_WORD, _RUN, _END = "\0", "\1", "\2"  # none of them is in a word


class _Words:
    """The words of a text joined to one string, so that any term is found with `str.find`.

    Each word stands between `_WORD` and `_END`, each run between `_RUN` and `_END`.
    """

    def __init__(self, text: str) -> None:
        self._words = list(words(text))
        shown = [f"{_RUN if one.run else _WORD}{one.folded}{_END}" for one in self._words]
        self._joined = "".join(shown)
        self._places: list[int] = []
        place = 0
        for one in shown:
            self._places.append(place)
            place += len(one)

    def spots(self, term: Term) -> Iterator[Spot]:
        """The matches of ``term``, in order. A run at either end may match within a longer run."""
        first, last = term.words[0], term.words[-1]
        shown = "".join([f"{_RUN if one.run else _WORD}{one.folded}{_END}" for one in term.words])
        begin = 1 if first.run else 0
        sought = shown[begin : len(shown) - (1 if last.run or term.prefix else 0)]
        alone = len(term.words) == 1
        place = self._joined.find(sought)
        while place >= 0:
            at = bisect_right(self._places, place) - 1
            word = self._words[at]
            if word.run != first.run:  # ① in a run may look like the 1 of a word
                place = self._joined.find(sought, self._after(at))
                continue
            ending = self._words[at + len(term.words) - 1]
            offset = place - self._places[at] - 1
            yield Spot(
                word.start + offset if first.run and _exact(word) else word.start,
                (ending.start + (offset if alone else 0) + len(last.folded))
                if last.run and _exact(ending)
                else ending.end,
            )
            whole = alone and first.run and not _exact(word)  # it is marked as a whole
            place = self._joined.find(sought, self._after(at) if whole else place + len(sought))

    def _after(self, at: int) -> int:
        """The place in the string of the word after number ``at``."""
        return self._places[at + 1] if at + 1 < len(self._places) else len(self._joined)


def _exact(run: Word) -> bool:
    """Whether each folded character of a run corresponds to one of the text."""
    return len(run.folded) == run.end - run.start


def _merged(spots: list[Spot]) -> list[Spot]:
    """``spots`` in order, with overlapping ones merged."""
    merged: list[Spot] = []
    for spot in sorted(spots, key=lambda spot: (spot.start, spot.end)):
        if merged and spot.start < merged[-1].end:
            merged[-1] = Spot(merged[-1].start, max(spot.end, merged[-1].end))
        else:
            merged.append(spot)
    return merged
