"""Who came, went and took another name, in one line."""

from __future__ import annotations

import pytest

from hubbub.domain.events import Event, Joined, Left
from hubbub.terminal.comings import folded

TIME = 1_690_729_205_000


def came(by: str, was: str | None = None) -> Event:
    return Joined(seq=1, at=TIME, by=by, was=was)


def went(by: str, now: str | None = None) -> Event:
    return Left(seq=1, at=TIME, by=by, now=now)


def renamed(was: str, now: str) -> list[Event]:
    return [came(now, was=was), went(was, now=now)]


@pytest.mark.parametrize(
    "events, told",
    [
        ([came("ada"), came("ben"), came("eve")], "ada, ben and eve joined"),
        ([went("ada"), came("ada"), came("ben")], "ben joined · ada left and joined"),
        ([came("eve"), *renamed("anna", "anna-maria")], "anna is now anna-maria · eve joined"),
        ([came("anna"), *renamed("anna", "anna-maria")], "anna-maria joined"),
        ([came("anna"), *renamed("anna", "Anna")], "Anna joined"),
        ([came("anna"), *renamed("anna", "bo"), went("bo")], "bo joined and left"),
        ([*renamed("anna", "bo"), *renamed("bo", "cy")], "anna is now cy"),
        ([*renamed("anna", "bo"), went("bo")], "anna is now bo · bo left"),
        (
            [event for number in range(5) for event in renamed(f"a{number}", f"b{number}")],
            "5 people have new names",
        ),
    ],
)
def test_what_happened_is_told_for_each_person(events: list[Event], told: str) -> None:
    assert " · ".join(happened.words() for happened in folded(events)) == told
