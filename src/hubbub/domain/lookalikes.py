"""Letters that stand for others: a Cyrillic а in a Latin word, small capitals, letters in circles.

A word of one script is what it is: the Russian сор is not "cop". Only where Latin letters and those
of another script that look like them are in one word, somebody hides what it says.
"""

from __future__ import annotations

import re

_CYRILLIC = "авеёзикмнорстухѕіїјһԁԛԝӏ"
_AS_CYRILLIC = "abee3nkmhopctyxsiijhdqwl"
_GREEK = "αβεηικμνορτυχωγζ"
_AS_GREEK = "abenikmvoptuxwyz"
_SMALL_CAPITALS = "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ"
_AS_SMALL_CAPITALS = "abcdefghijklmnopqrstuvwyz"
_FRAMED = (0x249C, 0x24B6, 0x24D0, 0x1F110, 0x1F130, 0x1F150, 0x1F170, 0x1F1E6)
"""Where alphabets in circles, squares and brackets begin, and those of flags."""

_OTHER_SCRIPTS = str.maketrans(_CYRILLIC + _GREEK, _AS_CYRILLIC + _AS_GREEK)
_OTHER_FORMS = str.maketrans(_SMALL_CAPITALS, _AS_SMALL_CAPITALS) | {
    first + place: chr(ord("a") + place) for first in _FRAMED for place in range(26)
}

_WORD = re.compile(r"[^\W_]+")
_LATIN = re.compile("[a-z]")
_OTHERS = re.compile(f"[{_CYRILLIC}{_GREEK}]")


def in_letters(text: str) -> str:
    """``text`` with plain letters for small capitals and letters in circles or squares."""
    return text.translate(_OTHER_FORMS)


def as_latin(text: str) -> str:
    """``text``, without case and accents, with Latin letters for all that look like them."""
    return text.translate(_OTHER_SCRIPTS)


def lookalike(key: str) -> str:
    """What the key of a name looks like in Latin letters; the key itself for nearly all."""
    return key if key.isascii() else as_latin(in_letters(key))


def keys_like(key: str) -> tuple[str, ...]:
    """The key of a name, and that of the one which it looks like, if it is another."""
    looks = lookalike(key)
    return (key,) if looks == key else (key, looks)


def undisguised(text: str) -> str:
    """The same, but only of words with both Latin letters and others that look like them."""
    return text if _OTHERS.search(text) is None else _WORD.sub(_plain, text)


def _plain(word: re.Match[str]) -> str:
    mixed = _LATIN.search(word[0]) is not None and _OTHERS.search(word[0]) is not None
    return as_latin(word[0]) if mixed else word[0]
