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
from typing import ClassVar, NamedTuple, Self, TypeVar

from hubbub.domain.errors import InvalidName

MAX_USER_CHARS = 32
MAX_ROOM_CHARS = 50
MAX_MARKS_IN_A_ROW = 8  # without a width: Burmese needs 5 on one letter, Tibetan 8, "zalgo" dozens

USER_PUNCTUATION = r"-_.[]\^{}|"
"""Allowed beside letters, marks and digits: what IRC allows in a nickname, and the dot."""

OWN_KEYS = "/"
"""What the keys of the server's own logs begin with, and no key of what people name."""

_WITHIN_WORDS = "\u0f0b"  # the tsheg, which is behind each syllable of Tibetan (RFC 5892, 2.6)

_PLAIN_USER = re.compile(r"[A-Za-z0-9\-_.\[\]\\^{}|]{1,32}")
_PLAIN_ROOM = re.compile(r"[A-Za-z0-9\-_.+!&]{1,50}")
_TOO_MANY_MARKS = re.compile(rf"^[mc]|m{{{MAX_MARKS_IN_A_ROW + 1}}}")

_MAX_COMPOSED = 4
"""The most code points that NFC composes to one: a Greek vowel and 3 marks."""

_MAX_WRITTEN_OUT = 2
"""The largest growth from a name to its key: NFKC expands ﷺ, one character, to 18 letters."""

MAX_KEPT = 512
"""Size of the cache of parsed and refused names, mostly of rooms: 1 MiB at most."""

# Letters, marks and symbols by their category, and yet nothing to see: fillers, blanks, joiners
# and variation selectors (most of them Default_Ignorable_Code_Point, Unicode 4.4 and 5.21).
UNSEEN = frozenset(
    map(
        chr,
        [
            *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180F),
            *(0x2800, 0x3164, 0xFFA0, 0x16FE4, 0x1D159),
            *range(0xFE00, 0xFE10),
            *range(0xE0100, 0xE01F0),
        ],
    )
)
# RFC 8264, 9.17 keeps out what has a compatibility form; Thai and Lao cannot do without these.
_SARA_AM = str.maketrans({"\u0e33": "\u0e4d\u0e32", "\u0eb3": "\u0ecd\u0eb2"})

# A hundred thousand letters that may be in names wherever they stand (RFC 8264, 9.1), and stay what
# they are (NFKC): those of the scripts that have many. To find it out anew takes 4 microseconds for
# each, and no cache has room for all of them. Unicode 14, which Python 3.11 has, has them all.
_SURELY_VALID = re.compile(
    "["
    "a-z0-9\u3041-\u3096\u30a1-\u30fa"  # Latin, Japanese
    "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002a6df\U0002a700-\U0002b738"  # Chinese
    "\U0002b740-\U0002b81d\U0002b820-\U0002cea1\U0002ceb0-\U0002ebe0\U00030000-\U0003134a"
    "\uac00-\ud7a3\ua000-\ua48c\u1401-\u166c"  # Korean, Yi, Canadian syllabics
    "\U00017000-\U000187f7\U00018800-\U00018cd5\U0001b170-\U0001b2fb"  # Tangut, Khitan, Nüshu
    "\U00012000-\U00012399\U00013000-\U0001342e\U00014400-\U00014646"  # cuneiform, hieroglyphs
    "]+"
)

_MISSING = "\ufffc\ufffd"  # what stands for something that is not there: broken bytes, say

N = TypeVar("N", bound="_Name")


class _Name(str):
    """A checked name. Two names are the same if their ``key`` is."""

    __slots__ = ("key",)

    key: str
    WHAT: ClassVar[str]
    MAX_CHARS: ClassVar[int]
    PLAIN: ClassVar[re.Pattern[str]]
    PROFILE: ClassVar[str]
    RESERVED: ClassVar[str | None] = None
    """A name against the rules, which is its own key, and which nobody can give to anything."""

    @classmethod
    def parse(cls, raw: str) -> Self:
        """The name in ``raw``; raises `InvalidName` with the reason and a near valid name.

        Names are parsed before any rate limit applies. So this takes some 100 microseconds at
        most, whatever ``raw`` is, and recent results are cached.
        """
        if type(raw) is cls:
            return raw
        text = cls.trim(raw)
        if text == cls.RESERVED:
            return cls.known(text, text)
        if len(text) > _MAX_COMPOSED * cls.MAX_CHARS:
            # However it is composed, this is too long; nobody looks at each character of a book.
            begin: Self | _Refusal = _parse(cls, text[: cls.MAX_CHARS])
            near = begin.near if isinstance(begin, _Refusal) else str(begin)
            raise InvalidName(_too_long(cls, text) + _hint(near), suggestion=near)
        parsed: Self | _Refusal = _parse(cls, text)
        if isinstance(parsed, _Refusal):
            raise InvalidName(parsed.message, suggestion=parsed.near)
        return parsed

    @classmethod
    def trim(cls, raw: str) -> str:
        """``raw`` without the decoration that may surround a name."""
        return raw.strip(" \t")

    @classmethod
    def allows(cls, char: str) -> bool:
        """Whether ``char`` is allowed in such a name."""
        raise NotImplementedError

    @classmethod
    def carries(cls, char: str) -> bool:
        """Whether a name may consist of ``char`` alone: it is more than punctuation."""
        return char.isalnum()

    @classmethod
    def recall(cls, text: str) -> Self:
        """A name from the log. It was valid when it was saved, so it is not checked again."""
        try:
            return cls.parse(text)
        except InvalidName:
            return cls.known(text, text.casefold())

    @classmethod
    def known(cls, text: str, key: str) -> Self:
        """A name with its saved key."""
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
        if char in USER_PUNCTUATION or char in _WITHIN_WORDS or char.isdecimal():
            return True
        return unicodedata.category(char)[0] in "LM" and char not in UNSEEN


class RoomName(_Name):
    """1 to 50 visible characters without spaces, commas and slashes; a leading # is dropped."""

    __slots__ = ()

    WHAT = "room name"
    MAX_CHARS = MAX_ROOM_CHARS
    PLAIN = _PLAIN_ROOM
    PROFILE = "NicknameCaseMapped"
    RESERVED = "/server"  # the directory's: see `hubbub.domain.directory`

    @classmethod
    def trim(cls, raw: str) -> str:
        return raw.strip(" \t").lstrip("#＃")

    @classmethod
    def allows(cls, char: str) -> bool:
        # Commas part lists in IRC, slashes part paths in URLs and begin commands.
        if char in ",/" or char in UNSEEN or char in _MISSING:
            return False
        return unicodedata.category(char)[0] in "LMNPS"

    @classmethod
    def carries(cls, char: str) -> bool:
        return unicodedata.category(char)[0] in "LNS"


class _Refusal(NamedTuple):
    """Why a text is not a valid name, and a similar name that is."""

    message: str
    near: str | None


@lru_cache(maxsize=MAX_KEPT)
def _parse(cls: type[N], text: str) -> N | _Refusal:
    name = _check(cls, text)
    if isinstance(name, cls):
        return name
    near = _near(cls, text)
    return _Refusal(f"{name}{_hint(near)}", near)


def _check(cls: type[N], text: str) -> N | str:
    """The name, or the sentence that says which rule ``text`` breaks."""
    if cls.PLAIN.fullmatch(text) and any(map(str.isalnum, text)):
        key = text.lower()
        return cls.known(text, text if key == text else key)  # one text for both, mostly
    # What is shown and measured is composed, so that the same letters are the same bytes.
    text = unicodedata.normalize("NFC", text)
    if not text:
        return f"A {cls.WHAT} cannot be empty."
    for place, char in enumerate(text[: cls.MAX_CHARS], 1):
        if not cls.allows(char):
            return f"A {cls.WHAT} cannot have {_describe(char)} (character {place})."
    if len(text) > cls.MAX_CHARS:
        return _too_long(cls, text)
    if _TOO_MANY_MARKS.search(_mark_pattern(text)):
        return (
            f"A {cls.WHAT} cannot begin with an accent or stack more than "
            f"{MAX_MARKS_IN_A_ROW} of them."
        )
    if not any(cls.carries(char) for char in text):
        return f"A {cls.WHAT} needs a letter or a digit."
    written_out = len(unicodedata.normalize("NFKC", text.casefold()))
    if written_out > _MAX_WRITTEN_OUT * cls.MAX_CHARS:
        return (
            f"A {cls.WHAT} has at most {_MAX_WRITTEN_OUT * cls.MAX_CHARS} characters when its "
            f"ligatures and abbreviations are written out; this one has {written_out:,}."
        )
    try:
        key = _key(cls, text)
    except UnicodeEncodeError as error:
        if error.reason.endswith("/bidi_rule"):
            return (
                f"A {cls.WHAT} written from right to left begins with such a letter, ends with one "
                "or with a digit, and has no letters that run the other way and only one kind of "
                "digits (RFC 5893)."
            )
        # The key's characters: in lower case and, for rooms, without what is only for looks.
        bad = error.object[error.start]
        return (
            f"A {cls.WHAT} cannot have {_describe(bad)} here "
            "(RFC 8264 forbids it: it is an old or another form of something else)."
        )
    if key.startswith(OWN_KEYS):  # of a wide slash, say
        return f"A {cls.WHAT} cannot begin with {_describe(text[0])}."
    return cls.known(text, key)


def _too_long(cls: type[_Name], text: str) -> str:
    return f"A {cls.WHAT} has at most {cls.MAX_CHARS} characters; this one has {len(text):,}."


def _hint(near: str | None) -> str:
    return f' "{near}" would do.' if near else ""


def _near(cls: type[_Name], text: str) -> str | None:
    """A valid name similar to ``text``, or None."""
    folded = unicodedata.normalize("NFKC", text[: 2 * cls.MAX_CHARS])
    dashed = re.sub(r"[\s,/]+", "-", folded[: 2 * cls.MAX_CHARS].strip())
    kept = "".join(char for char in dashed if cls.allows(char))
    while kept and unicodedata.category(kept[0])[0] == "M":
        kept = kept[1:]
    for chars in (kept, "".join(char for char in kept if char.isascii())):
        trimmed = unicodedata.normalize("NFC", cls.trim(chars.strip("-")))
        near = _check(cls, trimmed[: cls.MAX_CHARS].rstrip("-"))
        if isinstance(near, cls):
            return str(near)
    return None


def _key(cls: type[_Name], text: str) -> str:
    # Imported where it is needed: most names are ASCII, and a start should be quick.
    from precis_i18n import get_profile

    # As `enforce` does it, but that what is known of a character is not found out again: that is
    # nearly all of the work.
    profile = get_profile(cls.PROFILE)
    key: str = profile.idempotence_check(profile.apply_five_rules(text.translate(_SARA_AM)))
    if not all(_is_valid(cls.PROFILE, char) for char in _SURELY_VALID.sub("", key)):
        profile.base.enforce(key, profile.name)
    return key


@lru_cache(maxsize=8192)
def _is_valid(profile: str, char: str) -> bool:
    """Whether ``char`` may be in names, whatever is beside it (RFC 8264, 8)."""
    from precis_i18n import get_profile
    from precis_i18n.derived import FREE_PVAL, PVALID, derived_property

    valid = (PVALID, FREE_PVAL) if profile == RoomName.PROFILE else (PVALID,)
    return derived_property(ord(char), get_profile(profile).base.ucd)[0] in valid


def _mark_pattern(text: str) -> str:
    """``m`` for each mark that is stacked on a letter, ``c`` for one that has its own width."""
    kinds = {"Mn": "m", "Me": "m", "Mc": "c"}
    return "".join(kinds.get(unicodedata.category(char), ".") for char in text)


_DESCRIBED = {
    " ": "a space",
    ",": "a comma",
    "/": "a slash",
    "\t": "a tab",
    "\n": "a line end",
    "\r": "a line end",
    "\x1b": "an escape character",
    "\ufffd": "a broken character (it was not UTF-8)",
}


def _describe(char: str) -> str:
    if char in _DESCRIBED:
        return _DESCRIBED[char]
    code = f"U+{ord(char):04X}"
    kind = unicodedata.category(char)
    if kind[0] in "CZ" or char in UNSEEN:
        what = "a space" if kind[0] == "Z" else "a control or invisible character"
        return f"{what} ({code} {unicodedata.name(char, 'without a name')})"
    return f'"{char}" ({code})'


def suggest_free(name: UserName, taken: Container[str]) -> UserName | None:
    """A name near ``name`` whose key is not among ``taken``, or None if 99 near ones are.

    None, too, for a name that cannot end with such digits: one with digits of its own script
    that is written from right to left.
    """
    for number in range(2, 101):
        tail = str(number)
        try:
            near = UserName.parse(name[: MAX_USER_CHARS - len(tail)] + tail)
        except InvalidName:
            return None
        if near.key not in taken:
            return near
    return None
