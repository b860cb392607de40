"""What in a text is more than text: links, mentions of us, and what is searched for."""

from __future__ import annotations

import re

from hubbub.domain import mentions as domain
from hubbub.terminal.full.model.rows import Role, Run

_LINK = re.compile(r"\bhttps?://[^\s<>\"`\\^{}|]+", re.IGNORECASE)
_TRAILING = ".,;:!?'*_~…"
_PAIRS = {")": "(", "]": "["}


def marked(text: str, me: str | None) -> list[Run]:
    """A shown line of a message as runs: text, links, and ``me`` where we are spoken of."""
    runs: list[Run] = []
    place = 0
    if "://" in text:
        for found in _LINK.finditer(text):
            link = _trimmed(found[0])
            runs += _mentions(text[place : found.start()], me)
            runs.append(Run(link, Role.LINK, link))
            place = found.start() + len(link)
    runs += _mentions(text[place:], me)
    return runs


def mentions(text: str, me: str | None) -> bool:
    """Whether ``text`` speaks of ``me``."""
    return bool(me) and domain.mentions(text, me or "")


def highlighted(runs: list[Run], sought: str) -> list[Run]:
    """The runs with every ``sought`` (casefolded) marked, also where it goes over their ends."""
    plain = "".join([run.text for run in runs])
    found = places(plain, sought)
    if not found:
        return runs
    result: list[Run] = []
    start = 0
    for run in runs:
        place, end = start, start + len(run.text)
        for begin, stop in found:
            first, last = max(begin, place), min(stop, end)
            if first >= last:
                continue
            if first > place:
                result.append(run._replace(text=plain[place:first]))
            result.append(Run(plain[first:last], Role.MATCH, run.key))
            place = last
        if place < end:
            result.append(run._replace(text=plain[place:end]))
        start = end
    return result


def places(text: str, sought: str) -> list[tuple[int, int]]:
    """Where ``sought`` is in ``text``, whatever the case; from left to right."""
    if not sought:
        return []
    folded, at = _folded(text)
    found: list[tuple[int, int]] = []
    place = folded.find(sought)
    while place >= 0:
        after = place + len(sought)
        found.append((at[place], at[after - 1] + 1))
        place = folded.find(sought, after)
    return found


def _folded(text: str) -> tuple[str, range | list[int]]:
    """The casefolded text, and for each of its characters the place that it came from."""
    folded = text.casefold()
    if len(folded) == len(text):
        return folded, range(len(text))
    at = [place for place, char in enumerate(text) for _ in char.casefold()]
    return folded, at


def _mentions(text: str, me: str | None) -> list[Run]:
    if not text:
        return []
    if not me:
        return [Run(text, Role.TEXT)]
    runs: list[Run] = []
    place = 0
    for start, end in domain.mention_places(text, me):
        if start > place:
            runs.append(Run(text[place:start], Role.TEXT))
        runs.append(Run(text[start:end], Role.MENTION))
        place = end
    if place < len(text):
        runs.append(Run(text[place:], Role.TEXT))
    return runs


def _trimmed(link: str) -> str:
    """A link without the sentence around it."""
    while link:
        last = link[-1]
        if last in _TRAILING or (last in _PAIRS and link.count(last) > link.count(_PAIRS[last])):
            link = link[:-1]
        else:
            break
    return link
