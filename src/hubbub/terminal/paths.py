"""Paths of files as people type them behind a command: quoted, with `~`; and what Tab offers."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

MOST = 50  # that are offered
SPECIAL = re.compile(r"[\s\"'\\]")


class Begun(NamedTuple):
    """The word at the end of what is typed: where it begins, and which path it means so far."""

    start: int
    path: str


def split(typed: str) -> list[str]:
    """The words of ``typed``: quotes, of either kind, and a backslash keep what separates words.

    On Windows a backslash is part of a path. A quote that is not closed ends with the text.
    """
    return [word for _, word in _words(typed)]


def paths(typed: str) -> list[Path]:
    """The paths that ``typed`` names; ``~`` is the folder of the user."""
    return [_expanded(word) for word in split(typed)]


def begun(typed: str) -> Begun:
    """The word that Tab completes."""
    found = list(_words(typed))
    if not found or (typed[-1:].isspace() and _reads_on(typed)):
        return Begun(len(typed), "")
    return Begun(*found[-1])


def candidates(path: str) -> list[str]:
    """What the path may become, as it is typed: with quotes where it needs them.

    A folder ends with a slash, and its quotes are open. Hidden files are for who asks for them.
    """
    folder, _, prefix = path.replace(os.sep, "/").rpartition("/")
    within = f"{folder}/" if "/" in path.replace(os.sep, "/") else ""
    try:
        entries = sorted(os.scandir(_expanded(within or ".")), key=lambda one: one.name.casefold())
    except (OSError, RuntimeError, ValueError):
        return []
    found: list[str] = []
    for entry in entries:
        hidden = entry.name.startswith(".") and not prefix.startswith(".")
        if hidden or not entry.name.casefold().startswith(prefix.casefold()):
            continue
        if not entry.name.isprintable():
            continue  # what is shown must not be something else than what is sent
        found.append(_typed(f"{within}{entry.name}", folder=_is_folder(entry)))
        if len(found) == MOST:
            break
    return found


def _words(typed: str) -> Sequence[tuple[int, str]]:
    """The words, each with the place where it begins."""
    words: list[tuple[int, str]] = []
    word, start, quote, at = "", -1, "", 0
    while at < len(typed):
        letter = typed[at]
        escapes = letter == "\\" and sys.platform != "win32" and quote != "'"
        if escapes and at + 1 < len(typed):
            start = at if start < 0 else start
            at += 1
            word += typed[at]
        elif quote:
            if letter == quote:
                quote = ""
            else:
                word += letter
        elif letter in "\"'":
            start = at if start < 0 else start
            quote = letter
        elif letter.isspace():
            if start >= 0:
                words.append((start, word))
            word, start = "", -1
        else:
            start = at if start < 0 else start
            word += letter
        at += 1
    if start >= 0:
        words.append((start, word))
    return words


def _reads_on(typed: str) -> bool:
    """Whether the space at the end of ``typed`` ends a word, and is not in quotes."""
    return _words(f"{typed}x")[-1][1] == "x"


def _typed(path: str, *, folder: bool) -> str:
    if SPECIAL.search(path):
        quote = "'" if '"' in path or "\\" in path else '"'
        return f"{quote}{path}/" if folder else f"{quote}{path}{quote} "
    return f"{path}/" if folder else f"{path} "


def _expanded(word: str) -> Path:
    try:
        return Path(word).expanduser()
    except RuntimeError:  # there is no such user
        return Path(word)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
