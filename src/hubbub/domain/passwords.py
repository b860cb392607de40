"""Passwords: one form of each for hashing, and which are too easy to guess to be chosen."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from hubbub.domain.errors import WeakPassword

MIN_CHARS = 8  # NIST SP 800-63B, 5.1.1.2, for what a person chooses
MAX_CHARS = 250  # far beyond a passphrase; RFC 8265 looks at each pair of some: 5 ms for so many
MAX_PLAIN_CHARS = 500  # of ASCII, which cost nothing: some programs make passwords of 300
MIN_WORD_CHARS = 4  # of a room's password
MIN_DIFFERENT = 4  # characters: "aaaaaaaa" and "abababab" are tried first
MIN_NAME = 3  # characters; a shorter name is in very many words
MIN_RUN = 3  # neighbours on a keyboard that are a run: of two, as "as" and "er", words are made

INSTEAD = "Or open {} in a browser, and give the code that it shows as the password."
"""What is said where a password is asked for and a single sign-on will do; with the address."""

_PLAIN = re.compile(r"[ -~]+")

_ROWS = (
    *("1234567890", "abcdefghijklmnopqrstuvwxyz"),
    *("qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm"),
    *("1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm"),
    *("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"),
)
RUNS = (*_ROWS, *(row[::-1] for row in _ROWS), "01234567890", "qwaszx", "147258369")
"""Keys beside each other, in both directions, and other orders in which digits are known."""


def prepare(password: str) -> str:
    """The form of a password that is hashed: the same for all ways to type the same characters.

    That is OpaqueString of RFC 8265: all kinds of spaces are spaces, and letters are composed
    (NFC), but neither case nor width is folded. Raises `WeakPassword` for what has no such form.
    """
    if not password:
        raise WeakPassword("A password cannot be empty.")
    plain = _PLAIN.fullmatch(password) is not None
    most = MAX_PLAIN_CHARS if plain else MAX_CHARS
    if len(password) > most:
        raise WeakPassword(
            f"A password has at most {most:,} characters; this one has {len(password):,}."
        )
    if plain:
        return password
    from precis_i18n import get_profile  # most passwords are ASCII, and a start should be quick

    try:
        prepared: str = get_profile("OpaqueString").enforce(password)
    except UnicodeEncodeError as error:
        # Which one is not said by showing it: others may see the screen.
        raise WeakPassword(
            f"A password cannot have the character U+{ord(error.object[error.start]):04X} "
            f"(character {error.start + 1}): it is invisible, or Unicode has not defined it."
        ) from None
    return prepared


def check_password(password: str, *, name: str) -> str:
    """The `prepare`d password for the user called ``name``, if it may be chosen.

    Raises `WeakPassword` with the reason: too short, too easily guessed.
    """
    prepared = prepare(password)
    if len(prepared) < MIN_CHARS:
        raise WeakPassword(
            f"A password needs {MIN_CHARS} characters or more; this one has {len(prepared)}. "
            "A few words with spaces between them are easy to remember."
        )
    folded = _fold(prepared)
    if len(set(folded)) < MIN_DIFFERENT:
        raise WeakPassword(
            "This password repeats the same characters. "
            f"Choose one with at least {MIN_DIFFERENT} different ones."
        )
    if _is_run(folded):
        raise WeakPassword(
            "This password follows the order of keys or letters, which is tried first. "
            "Choose something less regular."
        )
    if _leans_on(folded, _fold(name)):
        raise WeakPassword(
            f"Without your name in it, fewer than {MIN_CHARS} characters of this password are left."
            " Choose one that does not lean on your name."
        )
    if _is_common(folded):
        raise WeakPassword(
            "This password is one of the most common ones, which are tried first. Choose another."
        )
    return prepared


def check_word(word: str, *, name: str) -> str:
    """The `prepare`d password for the room called ``name``: a word that many people know.

    It need not keep anybody out who has all the time in the world, as one of an account: attempts
    are limited. Raises `WeakPassword`.
    """
    prepared = prepare(word)
    if len(prepared) < MIN_WORD_CHARS:
        raise WeakPassword(
            f"A room's password needs {MIN_WORD_CHARS} characters or more; this one has "
            f"{len(prepared)}."
        )
    if _fold(prepared) == _fold(name):
        raise WeakPassword("That is the room's name, which is tried first. Choose another word.")
    return prepared


def _fold(text: str) -> str:
    """For comparing: who guesses tries capitals and full-width letters, too."""
    return unicodedata.normalize("NFKC", text).casefold()


def _leans_on(folded: str, name: str) -> bool:
    """Whether it is short without the name; "canada lake" is not refused to ada."""
    return len(name) >= MIN_NAME and name in folded and len(folded.replace(name, "")) < MIN_CHARS


def _is_common(folded: str) -> bool:
    # Imported where it is needed: some 300 KB as a set.
    from hubbub.domain.commonpasswords import COMMON

    word = len(folded)
    while word and not folded[word - 1].isalpha():
        word -= 1
    return folded in COMMON or folded[:word] in COMMON  # "sunshine2026!" is no better


def _is_run(folded: str) -> bool:
    """Whether nothing is left of it without runs."""
    return all(len(run) >= MIN_RUN for run in _runs(folded))


def _runs(folded: str) -> Iterator[str]:
    """``folded`` in pieces, each of them as many neighbours as there are from where it begins."""
    place = 0
    while place < len(folded):
        end = place + 1
        while end < len(folded) and any(folded[place : end + 1] in row for row in RUNS):
            end += 1
        yield folded[place:end]
        place = end
