"""Filters: patterns of what may not be said, in one room or on the whole server.

A pattern is words, in which ``*`` stands for any characters of a word; they are compared as a
search compares words (`hubbub.domain.words`), so that case, accents, width and characters that are
not seen do not matter. Or it is a regular expression between two slashes. RE2 looks for them, in
time that is linear in the text, and what an expression may cost is bounded. A text in which letters
look like others is looked at a second time, as what it looks like.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, cached_property, lru_cache
from typing import Any

import re2

from hubbub.domain.errors import BadMessage, Filtered, InvalidName, TooMany
from hubbub.domain.lookalikes import as_latin, in_letters, undisguised
from hubbub.domain.marks import normalize
from hubbub.domain.rules import MAX_FILTERS, Role
from hubbub.domain.state import RoomFacts
from hubbub.domain.words import without_marks, words
from hubbub.hub.access import Access, Viewer
from hubbub.hub.room import HubRoom
from hubbub.hub.session import User

MAX_STEPS = 300  # instructions of RE2 for one expression: a text of 4,000 characters takes 8 ms
MAX_STEPS_IN_ALL = 1000  # of one room's expressions, or the server's
MIN_LITERAL_CHARS = 2  # beside a *, or the pattern would fit nearly everything
KEPT = 128  # sets of filters that are compiled at the same time; the least used are compiled again
MEMORY_BYTES = 2 << 20  # for the words of one set, or its expressions; what needs more is slower

# Marks that fit on any letter, and that no language needs: search leaves them where they are.
_STACKED = (
    *(0x0488, 0x0489),
    *range(0x1AB0, 0x1B00),
    *range(0x1DC0, 0x1E00),
    *range(0x20D0, 0x20E3),
    *range(0xFE20, 0xFE30),
)
_WITHIN = "-'’._"  # signs that part words, and may stand in a pattern as in a text


class Matcher:
    """Some filters, compiled."""

    def __init__(self, filters: tuple[str, ...]) -> None:
        """Raises `BadMessage` if they are too long together."""
        self._words = [one for one in filters if not _is_expression(one)]
        written = [f"(?:{one[1:-1]})" for one in filters if _is_expression(one)]
        self._spoken = _compile_words(map(_words_of, self._words))
        self._written = _compile("|".join(written)) if written else None
        self.steps: int = 0 if self._written is None else self._written.programsize

    def fits(self, text: str) -> bool:
        """Whether one of them fits ``text``."""
        if text.isascii():
            return _finds(self._spoken, _spoken(text)) or _finds(self._written, text)
        seen = _seen(text)
        if _finds(self._spoken, _spoken(seen)):
            return True
        letters = in_letters(seen)
        bare = without_marks(letters)
        plain = undisguised(bare)
        if (letters != seen or plain != bare) and _finds(self._likened, _spoken(plain)):
            return True
        forms = {normalize("NFKC", seen), bare, plain}
        return any(_finds(self._written, form) for form in forms)

    @cached_property
    def _likened(self) -> Any:
        """The words, as they are found in what is said with letters that look like theirs."""
        return _compile_words(_words_of(as_latin(without_marks(_seen(one)))) for one in self._words)


@lru_cache(maxsize=KEPT)
def matcher(filters: tuple[str, ...]) -> Matcher:
    """The filters of a room, compiled once."""
    return Matcher(filters)


class Filters:
    """Who may not say what. ``everywhere``: the filters of the whole server; None if it has none.

    They hold in all rooms but direct conversations, which are nobody else's. Who administers the
    server may say anything, and who moderates a room what only the room's own filters forbid.
    """

    def __init__(self) -> None:
        self.everywhere: Matcher | None = None

    def changed(self, facts: RoomFacts) -> None:
        """These are the facts of the directory."""
        self.everywhere = matcher(facts.filters) if facts.filters else None

    def check(self, access: Access, user: User, room: HubRoom, text: str) -> None:
        """Raises `Filtered` if ``user`` may not say ``text`` in ``room``."""
        filters = room.state.facts.filters
        exempt = not filters or access.role(user, room).rank >= Role.MODERATOR.rank
        if not exempt and matcher(filters).fits(text):
            raise Filtered(
                f"There is a word in it that may not be said in {room.name}. It was not sent."
            )
        if not room.state.facts.direct:
            self.check_everywhere(access, user, text)

    def check_everywhere(self, access: Access, user: User, text: str) -> None:
        """Raises `Filtered` if ``user`` may say ``text`` in no room of the server."""
        exempt = self.everywhere is None or access.server_role(user).rank >= Role.MODERATOR.rank
        if not exempt and self.everywhere is not None and self.everywhere.fits(text):
            raise Filtered(
                "There is a word in it that may not be said on this server. It was not sent."
            )

    def check_name(self, access: Access, viewer: Viewer, name: str) -> None:
        """Raises `InvalidName` if ``viewer`` may give nobody, and no room, that name."""
        exempt = self.everywhere is None or access.server_role(viewer).rank >= Role.MODERATOR.rank
        if not exempt and self.everywhere is not None and self.everywhere.fits(name):
            raise InvalidName(
                f'There is a word in the name "{name}" that may not be said on this server.'
            )


def check_together(filters: tuple[str, ...], where: str) -> None:
    """Raises `TooMany` if there are more parsed ``filters`` than may be ``where``."""
    if len(filters) > MAX_FILTERS:
        raise TooMany(f"There are {MAX_FILTERS} patterns {where}, as many as may be.")
    try:
        together = Matcher(filters)
    except BadMessage:
        together = None
    if together is None or together.steps > MAX_STEPS_IN_ALL:
        raise TooMany(
            f"The patterns {where} would take too long together. Take some away, or write words "
            "instead of expressions, with * for any characters."
        )


def parse_filter(raw: str) -> str:
    """The pattern as it is logged; raises `BadMessage`, which says what to do instead."""
    pattern = " ".join(raw.split())
    if _is_expression(pattern):
        _check_expression(pattern[1:-1])
    else:
        _check_words(pattern)
    return pattern


def _check_expression(expression: str) -> None:
    if "\\Q" in expression:  # it would reach into the next one
        raise BadMessage(r"\Q cannot be used here. Write a \ before each sign instead.")
    compiled = _compile(expression)
    if compiled.programsize > MAX_STEPS:
        raise BadMessage(
            "This expression would take too long for each message. Make it shorter, or repeat less "
            "in it: {1,100} counts a hundred times."
        )
    if compiled.search("") is not None:
        raise BadMessage("This expression fits every message, so that nobody could say anything.")


def _check_words(pattern: str) -> None:
    odd = next((char for char in pattern if not _may_be_in_words(char)), None)
    if odd is not None:
        raise BadMessage(
            f'A pattern is of words, and "{odd}" is in none. For signs, write an expression '
            r"between two slashes, as in /\$\$\$/"
        )
    literal = [word for piece in pattern.split("*") for word in words(_seen(piece))]
    chars = sum(len(word.folded) for word in literal)
    if not literal or ("*" in pattern and chars < MIN_LITERAL_CHARS and not literal[0].run):
        raise BadMessage(
            "This pattern would fit nearly every message. Give it a word, or at least "
            f"{MIN_LITERAL_CHARS} letters of one beside the *, as in: spam*"
        )


def _may_be_in_words(char: str) -> bool:
    if char in "* " or char in _WITHIN or unicodedata.category(char) == "Cf":
        return True
    return unicodedata.category(char)[0] in "LMN" or next(words(char), None) is not None


# Comparing


def _is_expression(pattern: str) -> bool:
    return len(pattern) > 2 and pattern[0] == pattern[-1] == "/"


def _words_of(pattern: str) -> str:
    """The expression that finds the words of ``pattern`` in what `_spoken` returns."""
    return "[^ ]*".join(
        re2.escape(" ".join(_folded(_seen(piece)))).replace("\\ ", " ")
        for piece in pattern.split("*")
    )


def _spoken(text: str) -> str:
    """The words of ``text``, each with a space on both sides."""
    return f" {' '.join(_folded(text))} "


def _folded(text: str) -> Iterator[str]:
    """Words, folded; each character of scripts that are written without spaces is one."""
    for word in words(text):
        if word.run:
            yield from word.folded
        else:
            yield word.folded


def _seen(text: str) -> str:
    return text.translate(_unseen())


def _finds(pattern: Any, text: str) -> bool:
    return pattern is not None and pattern.search(text) is not None


@cache
def _unseen() -> dict[int, None]:
    """The translation table that drops characters which are not seen, within words or elsewhere."""
    odd = (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, *range(0xE0000, 0xE0080))
    formats = (code for code in range(0x20000) if unicodedata.category(chr(code)) == "Cf")
    return dict.fromkeys((*formats, *odd, *_STACKED))


def _compile_words(words: Iterable[str]) -> Any:
    """None if there are no words. Raises `BadMessage`."""
    together = "|".join(words)
    return _compile(f" (?:{together}) ") if together else None


def _compile(expression: str) -> Any:
    """Raises `BadMessage`."""
    options = re2.Options()
    options.case_sensitive = False
    options.never_capture = True
    options.log_errors = False
    options.max_mem = MEMORY_BYTES
    try:
        return re2.compile(expression, options)
    except re2.error as error:
        reason = error.args[0]
        raise BadMessage(
            "This expression cannot be used "
            f"({reason.decode(errors='replace') if isinstance(reason, bytes) else reason}). How "
            "they are written: https://github.com/google/re2/wiki/Syntax"
        ) from None
