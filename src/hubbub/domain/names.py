"""Users' and rooms' names: parsed once, shown as given, unique by their ``key``.

The key is the name under PRECIS (RFC 8264): ``UsernameCaseMapped`` of RFC 8265 for users, the
``Nickname`` profile of RFC 8266 with its letters in lower case for rooms. Both fold case and
width, so that "Alice", "ALICE" and full-width letters are one name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from functools import lru_cache
from typing import ClassVar, Self, TypeVar

from hubbub.domain.errors import InvalidName

MAX_USER_CHARS = 32
MAX_ROOM_CHARS = 50
MAX_MARKS_IN_A_ROW = 4  # Hebrew and Thai need up to 3 on one letter; "zalgo" uses dozens

USER_PUNCTUATION = r"-_.[]\^{}|"
"""Beside letters, marks and digits: what IRC allows in a nickname, and the dot."""

_PLAIN_USER = re.compile(r"[A-Za-z0-9\-_.\[\]\\^{}|]{1,32}")
_PLAIN_ROOM = re.compile(r"[A-Za-z0-9\-_.+!&]{1,50}")
_TOO_MANY_MARKS = re.compile(rf"^m|m{{{MAX_MARKS_IN_A_ROW + 1}}}")

N = TypeVar("N", bound="_Name")


class _Name(str):
    """A checked name; ``key`` is what it is compared by."""

    __slots__ = ("key",)

    key: str
    WHAT: ClassVar[str]
    MAX_CHARS: ClassVar[int]
    PLAIN: ClassVar[re.Pattern[str]]
    PROFILE: ClassVar[str]

    @classmethod
    def parse(cls, raw: str) -> Self:
        """The name in ``raw``; raises `InvalidName` with the reason and a near valid name."""
        name: Self = _parse(cls, raw)
        return name

    @classmethod
    def allows(cls, char: str) -> bool:
        """Whether ``char`` may be in such a name."""
        raise NotImplementedError

    @classmethod
    def carries(cls, char: str) -> bool:
        """Whether ``char`` is enough to make a name of: not mere punctuation."""
        return char.isalnum()

    @classmethod
    def _make(cls, text: str, key: str) -> Self:
        name = super().__new__(cls, text)
        name.key = key
        return name


class UserName(_Name):
    """1 to 32 letters and digits of any script, and ``-_.[]\\^{}|``."""

    __slots__ = ()

    WHAT = "name"
    MAX_CHARS = MAX_USER_CHARS
    PLAIN = _PLAIN_USER
    PROFILE = "UsernameCaseMapped"

    @classmethod
    def allows(cls, char: str) -> bool:
        # Marks: without them no name in Devanagari, Thai or Tamil could be written.
        return char in USER_PUNCTUATION or unicodedata.category(char)[0] in "LM" or char.isdecimal()


class RoomName(_Name):
    """1 to 50 visible characters without spaces, commas and slashes; a leading # is dropped."""

    __slots__ = ()

    WHAT = "room name"
    MAX_CHARS = MAX_ROOM_CHARS
    PLAIN = _PLAIN_ROOM
    PROFILE = "NicknameCaseMapped"

    @classmethod
    def allows(cls, char: str) -> bool:
        # Commas part lists in IRC, slashes part paths in URLs and begin commands.
        return char not in ",/" and unicodedata.category(char)[0] in "LMNPS"

    @classmethod
    def carries(cls, char: str) -> bool:
        return unicodedata.category(char)[0] in "LNS"


@lru_cache(maxsize=8192)
def _parse(cls: type[N], raw: str) -> N:
    text = raw.strip(" \t").lstrip("#") if cls is RoomName else raw.strip(" \t")
    if cls.PLAIN.fullmatch(text) and any(map(str.isalnum, text)):
        return cls._make(text, text.lower())
    problem = _problem(cls, text)
    if problem:
        near = _near(cls, text)
        hint = f' "{near}" would do.' if near else ""
        raise InvalidName(f"{problem}{hint}", suggestion=near)
    # What is shown is composed (NFC), so that the same letters are the same bytes everywhere.
    return cls._make(unicodedata.normalize("NFC", text), _key(cls, text))


def _problem(cls: type[_Name], text: str) -> str | None:
    """The sentence that says which rule ``text`` breaks, or None."""
    if not text:
        return f"A {cls.WHAT} cannot be empty."
    for place, char in enumerate(text, 1):
        if not cls.allows(char):
            return f"A {cls.WHAT} cannot have {_describe(char)} (character {place})."
    if len(text) > cls.MAX_CHARS:
        return f"A {cls.WHAT} has at most {cls.MAX_CHARS} characters; this one has {len(text)}."
    if _TOO_MANY_MARKS.search(_mark_pattern(text)):
        return (
            f"A {cls.WHAT} cannot begin with an accent or stack more than "
            f"{MAX_MARKS_IN_A_ROW} of them."
        )
    if not any(cls.carries(char) for char in text):
        return f"A {cls.WHAT} needs a letter or a digit."
    try:
        _key(cls, text)
    except UnicodeEncodeError as error:
        bad = text[error.start] if error.start < len(text) else text
        return (
            f"A {cls.WHAT} cannot have {_describe(bad[:1])} here "
            "(RFC 8265 forbids it: it looks like something else or changes the direction)."
        )
    return None


def _near(cls: type[_Name], text: str) -> str | None:
    """A valid name near ``text``, or None."""
    folded = unicodedata.normalize("NFKC", text[: cls.MAX_CHARS * 4])
    dashed = re.sub(r"[\s,/]+", "-", folded.strip())
    kept = "".join(char for char in dashed if cls.allows(char))
    while kept and unicodedata.category(kept[0])[0] == "M":
        kept = kept[1:]
    near = kept[: cls.MAX_CHARS].strip("-")
    if near and _problem(cls, near) is None:
        return near
    plain = "".join(char for char in near if char.isascii()).strip("-")
    return plain if plain and _problem(cls, plain) is None else None


def _key(cls: type[_Name], text: str) -> str:
    # Imported where it is needed: most names are ASCII, and a start should be quick.
    from precis_i18n import get_profile

    key: str = get_profile(cls.PROFILE).enforce(text)
    return key


def _mark_pattern(text: str) -> str:
    return "".join("m" if unicodedata.category(char)[0] == "M" else "." for char in text)


_DESCRIBED = {
    " ": "a space",
    ",": "a comma",
    "/": "a slash",
    "\t": "a tab",
    "\n": "a line end",
    "\r": "a line end",
    "\x1b": "an escape character",
}


def _describe(char: str) -> str:
    if char in _DESCRIBED:
        return _DESCRIBED[char]
    code = f"U+{ord(char):04X}"
    kind = unicodedata.category(char)
    if kind in ("Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"):
        what = "a space" if kind[0] == "Z" else "a control or invisible character"
        return f"{what} ({code} {unicodedata.name(char, 'without a name')})"
    return f'"{char}" ({code})'


def suggest_free(name: UserName, taken: Container[str]) -> UserName | None:
    """A name near ``name`` whose key is not among ``taken``, or None if 99 near ones are."""
    for number in range(2, 101):
        tail = str(number)
        near = UserName.parse(name[: MAX_USER_CHARS - len(tail)] + tail)
        if near.key not in taken:
            return near
    return None
