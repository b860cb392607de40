"""Shortens names that are too long for a list, so that no two of them look the same."""

from __future__ import annotations

from collections.abc import Sequence

from hubbub.terminal.full.model.display import char_width, width

DOTS = "…"
LEAST_HEAD = 3  # characters at the beginning of a name, which are always shown


def shortened(names: Sequence[str], cells: int) -> dict[str, str]:
    """Each name in at most ``cells`` cells, usually with its middle left out. Of names that begin
    alike, as those of a team do, the words in which they differ are shown.
    """
    ordered = sorted(set(names))
    short: dict[str, str] = {}
    for before, name, after in zip(["", *ordered], ordered, [*ordered[1:], ""], strict=False):
        alike = max(_in_common((before, name)), _in_common((name, after)))
        word = next((at for at in range(alike, 0, -1) if not name[at - 1].isalnum()), 0)
        if width(name) <= cells or word <= LEAST_HEAD:
            short[name] = _middle(name, cells)
        else:
            short[name] = _from(name, word, cells)
    _part(ordered, short, cells)
    return short


def _part(names: Sequence[str], short: dict[str, str], cells: int) -> None:
    """Changes those entries of ``short`` that are equal for different names."""
    alike: dict[str, list[str]] = {}
    for name in names:
        alike.setdefault(short[name], []).append(name)
    for group in alike.values():
        if len(group) < 2:
            continue
        common = _in_common(group)
        for name in group:
            short[name] = _from(name, common, cells)
        if len({short[name] for name in group}) > 1:  # else the list is too narrow
            _part(group, short, cells)


def _in_common(names: Sequence[str]) -> int:
    """The length of the common prefix."""
    first, last = min(names), max(names)
    pairs = zip(first, last, strict=False)
    return next((place for place, (one, other) in enumerate(pairs) if one != other), len(first))


def _middle(name: str, cells: int) -> str:
    """A name with its middle left out."""
    if width(name) <= cells:
        return name
    room = max(0, cells - 1)
    head = _head(name, room - room // 2)
    return head + DOTS + _tail(name, room - width(head))


def _from(name: str, place: int, cells: int) -> str:
    """The beginning of a name, and its part from ``place`` on."""
    part = name[place:]
    head = _head(name, min(place, max(LEAST_HEAD, cells - 1 - width(part))))
    room = cells - width(head) - 1
    if width(part) > room:
        part = _head(part, max(1, room - 1)) + DOTS
    return head + DOTS + part


def _head(text: str, cells: int) -> str:
    for place, char in enumerate(text):
        cells -= char_width(char)
        if cells < 0:
            return text[:place]
    return text


def _tail(text: str, cells: int) -> str:
    for place in range(len(text) - 1, -1, -1):
        cells -= char_width(text[place])
        if cells < 0:
            return text[place + 1 :]
    return text
