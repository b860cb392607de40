"""Highlights search matches in a line of runs."""

from __future__ import annotations

from hubbub.terminal.full.model.rows import Role, Run


def highlighted(runs: list[Run], *sought: str) -> list[Run]:
    """The runs with each match of ``sought`` (casefolded) marked, across runs as well."""
    plain = "".join([run.text for run in runs])
    found = _apart([place for one in sought for place in places(plain, one)])
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
            result.append(run._replace(text=plain[first:last], role=Role.MATCH))
            place = last
        if place < end:
            result.append(run._replace(text=plain[place:end]))
        start = end
    return result


def places(text: str, sought: str) -> list[tuple[int, int]]:
    """The matches of ``sought`` in ``text`` without regard to case, from left to right."""
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


def _apart(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The places from left to right, with overlapping ones merged."""
    apart: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if apart and start < apart[-1][1]:
            apart[-1] = apart[-1][0], max(end, apart[-1][1])
        else:
            apart.append((start, end))
    return apart


def _folded(text: str) -> tuple[str, range | list[int]]:
    """The casefolded text, and for each of its characters its place in ``text``."""
    folded = text.casefold()
    if len(folded) == len(text):
        return folded, range(len(text))
    at = [place for place, char in enumerate(text) for _ in char.casefold()]
    return folded, at
