"""How texts and queries become terms of the full-text index.

SQLite's own tokenizers know no Chinese word and drop no accent of a decomposed letter, so the
words come from `hubbub.domain.words`, and the index only parts them at spaces. It has three
columns. ``words``: words, and of each run every two characters that stand side by side, so that
two or more of them are found at once. ``chars``: the single characters of runs. ``facts``: the
room, the speaker, and whether there is a link; in characters that nobody can type.
"""

from __future__ import annotations

from hashlib import blake2s

from hubbub.domain.names import UserName
from hubbub.domain.search import Query, Term, has_link
from hubbub.domain.words import Word, words

MAX_PARTS = 8
"""Words of a phrase, and pairs of a run, that the index is asked for. What has these is compared
with all of the term: a phrase of 200 common words would keep the index busy for a second."""

_ROOM, _BY, _LINK = "\ue000", "\ue001", "\ue002"


def terms_of(room: int, by: str, text: str) -> tuple[str, str, str]:
    """The three columns of a text that was said in the room with that id."""
    found: list[str] = []
    chars: dict[str, None] = {}
    for word in words(text):
        if word.run:
            found += _pairs(word.folded)
            chars.update(dict.fromkeys(word.folded))
        else:
            found.append(word.folded)
    facts = [_room(room), _by(UserName.recall(by).key)]
    if has_link(text):
        facts.append(_LINK)
    return " ".join(found), " ".join(chars), " ".join(facts)


def expression(query: Query, room: int | None) -> str | None:
    """What the index is asked for: all that fits is among what it finds. None for everything.

    ``room``: the id of ``query.room``.
    """
    # Each once: "い い い" is asked for as "い".
    wanted = list(dict.fromkeys(part for term in query.terms for part in _parts(term)))
    if room is not None:
        wanted.append(f'facts : "{_room(room)}"')
    if query.by is not None:
        wanted.append(f'facts : "{_by(query.by.key)}"')
    if query.link:
        wanted.append(f'facts : "{_LINK}"')
    return " AND ".join(wanted) or None


def _parts(term: Term) -> list[str]:
    # Words and characters are all that is in the quotes: no quote can be among them.
    if not any(word.run for word in term.words):
        phrase = " ".join([word.folded for word in term.words[:MAX_PARTS]])
        whole = len(term.words) <= MAX_PARTS
        return [f'words : "{phrase}"' + (" *" if term.prefix and whole else "")]
    last = term.words[-1]
    return [_part(word, prefix=term.prefix and word is last) for word in term.words[:MAX_PARTS]]


def _part(word: Word, *, prefix: bool) -> str:
    if not word.run:
        return f'words : "{word.folded}"' + (" *" if prefix else "")
    if len(word.folded) == 1:
        return f'chars : "{word.folded}"'
    return f'words : "{" ".join(_pairs(word.folded[: MAX_PARTS + 1]))}"'


def _pairs(run: str) -> list[str]:
    return [run[place : place + 2] for place in range(len(run) - 1)]


def _room(id: int) -> str:
    return f"{_ROOM}{id}"


def _by(key: str) -> str:
    return _BY + blake2s(key.encode(errors="replace"), digest_size=8).hexdigest()
