"""How texts and queries become PostgreSQL's ``tsvector`` and ``tsquery``.

Its own parsers know no Chinese word, and what they make of a text depends on its settings, so the
words come from `hubbub.domain.words`. The first letter of a term says what it is: ``w`` a word,
``p`` two neighbours in a run, ``c`` a single character of a run, ``r`` the room's id, ``b`` the key
of the name by whom it was said, ``l`` that there is a link, ``v`` the version of all that. Where
words stand is not kept: a phrase is asked for by its words, and who compares the text with the
query finds whether it is one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from hubbub.domain.names import UserName
from hubbub.domain.search import Query, Term, has_link
from hubbub.domain.words import UNICODE, Word, plain_words, words
from hubbub.storage.rows import MESSAGES

TERMS = 1
"""The version of what is made of a text; to be raised when that changes."""

VERSION = 1000 * TERMS + UNICODE
"""Of the terms that are made here: boundaries of words and names depend on Python's Unicode, too.

Servers of several versions may write to one database, so each text has it among its terms.
"""

OTHER_VERSIONS = tuple(
    1000 * terms + unicode
    for terms in range(1, TERMS + 2)
    for unicode in range(13, UNICODE + 5)  # from that of Python 3.9 on to those of the next years
    if 1000 * terms + unicode != VERSION
)
"""Those of servers before this one, and of some that may yet come."""

MAX_TERMS = 6000
"""Of a text: each has 164 bytes at most, and PostgreSQL takes a vector of a megabyte. A text with
more is found as if it had all of them.
"""

MAX_PARTS = 8  # of one term that are asked for: what has these is compared with all of it

_WORD, _PAIR, _CHAR, _ROOM, _BY, _LINK, _ALL, _OF = "w", "p", "c", "r", "b", "l", "*", "v"


def terms_of_row(room: int, kind: str, by: str, text: str | None) -> str | None:
    """The column ``terms`` of an event, as text; None where there is nothing to find."""
    return terms_of(room, by, text) if text and kind in MESSAGES else None


def terms_of(room: int, by: str, text: str) -> str:
    """The terms of a text that was said in the room with that id, as a ``tsvector`` is written."""
    facts = [_version(VERSION), f"'{_ROOM}{room}'", _quoted(author_of(by))]
    if has_link(text):
        facts.append(f"'{_LINK}'")
    found = _plain(text) if text.isascii() else _of_any_script(text)
    if len(found) > MAX_TERMS:
        return " ".join([*facts, f"'{_ALL}'"])
    # Words and characters are all that is in the quotes: no quote can be among them.
    return " ".join([*facts, *found])


def _plain(text: str) -> set[str]:
    return {f"'{_WORD}{word}'" for word in plain_words(text)}


def _of_any_script(text: str) -> set[str]:
    return {f"'{lexeme}'" for word in words(text) for lexeme in _lexemes(word)}


def author_of(by: str) -> str:
    """The term of a text that this one said."""
    return _BY + UserName.recall(by).key


def by_another(by: str) -> str:
    """SQL of the terms of texts that this one is the author of now. ``by`` is no user's word."""
    return (
        "CASE WHEN terms IS NOT NULL THEN array_to_tsvector(array_append(ARRAY(SELECT term"  # noqa: S608
        f" FROM unnest(tsvector_to_array(terms)) AS term WHERE left(term, 1) <> '{_BY}'),"
        f" '{author_of(by)}')) END"
    )


def of_versions(versions: Collection[int]) -> str:
    """The ``tsquery`` for texts whose terms are of one of these versions."""
    return " | ".join(map(_version, versions))


def condition(
    query: Query,
    room: int | None,
    rooms: Collection[int] | None = None,
    *,
    prefixes: bool = True,
    others: Collection[int] = (),
) -> str | None:
    """The ``tsquery`` of a query: all that fits is among what it finds. None for everything.

    ``room``: the id of ``query.room``. ``rooms``: the ids of those of which it is one.
    ``prefixes``: whether what is sought by its beginning is in it, too. ``others``: the versions
    of other terms that there are; whether a text with these fits only the text tells.
    """
    parts = dict.fromkeys(part for term in query.terms for part in _parts(term))
    if not prefixes:
        parts = {part: None for part in parts if not part.endswith(":*")}
    wanted = [f"({' & '.join(parts)} | '{_ALL}')"] if parts else []
    if query.by is not None:
        wanted.append(_quoted(_BY + query.by.key))
    if query.link:
        wanted.append(f"'{_LINK}'")
    if wanted and others:
        wanted = [f"({' & '.join(wanted)} | {of_versions(others)})"]
    if room is not None:
        wanted.append(f"'{_ROOM}{room}'")
    if wanted and rooms:
        wanted.append("(" + " | ".join([f"'{_ROOM}{one}'" for one in rooms]) + ")")
    return " & ".join(wanted) or None


def _version(version: int) -> str:
    return f"'{_OF}{version}'"


def _lexemes(word: Word) -> Iterator[str]:
    if not word.run:
        yield _WORD + word.folded
        return
    run = word.folded
    for place in range(len(run) - 1):
        yield _PAIR + run[place : place + 2]
    for char in run:
        yield _CHAR + char


def _parts(term: Term) -> Iterator[str]:
    for word in term.words[:MAX_PARTS]:
        if not word.run:
            prefix = term.prefix and word is term.words[-1]
            yield _quoted(_WORD + word.folded) + (":*" if prefix else "")
        elif len(word.folded) == 1:
            yield _quoted(_CHAR + word.folded)
        else:
            run = word.folded[: MAX_PARTS + 1]
            for place in range(len(run) - 1):
                yield _quoted(_PAIR + run[place : place + 2])


def _quoted(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"
