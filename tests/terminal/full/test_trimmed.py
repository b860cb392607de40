"""What is too old is gone from what is loaded, too."""

from __future__ import annotations

from hubbub.domain.events import THE_SERVER, Event, Quote, Said, Trimmed
from hubbub.terminal.full.model.timeline import Timeline
from hubbub.terminal.full.model.window import Window


def story() -> list[Event]:
    return [
        Said(1, 1, "ben", "old " * 100),
        Said(2, 2, "ben", "older"),
        Said(3, 3, "ada", "why?", 1, Quote("ben", "old")),
        Said(4, 4, "ada", "so", 3, Quote("ada", "why?")),
    ]


def test_a_window_begins_behind_it() -> None:
    window = Window()
    window.add(story())
    assert window.add([Trimmed(5, 5, THE_SERVER, 2), Said(6, 6, "ben", "hm", 2, Quote("ben", "o"))])
    assert window.events == [
        Said(3, 3, "ada", "why?", 1),
        Said(4, 4, "ada", "so", 3, Quote("ada", "why?")),
        Said(6, 6, "ben", "hm", 2),
    ]
    assert (window.first, window.last, window.head) == (3, 6, 6)
    assert window.at_beginning
    assert window.attached
    assert window.weight == 3


def test_a_window_that_has_nothing_else_is_empty_and_goes_on() -> None:
    window = Window()
    window.add(story())
    window.add([Trimmed(5, 5, THE_SERVER, 4)])
    assert window.events == []
    window.add([Said(6, 6, "ben", "hello")])
    assert [event.seq for event in window.events] == [6]
    assert window.first == 5


def test_a_detached_window_loses_it_too() -> None:
    window = Window(most=2)
    window.add(story())
    window.trim_back()
    assert not window.attached
    window.add([Trimmed(5, 5, THE_SERVER, 1)])
    assert all(event.seq > 1 for event in window.events)


def test_the_rows_are_those_of_what_is_left() -> None:
    timeline = Timeline()
    timeline.resize(40, 20)
    timeline.add(story())
    timeline.add([Trimmed(5, 5, THE_SERVER, 2)])
    text = timeline.copy(None, None)
    assert "old" not in text
    assert "why?" in text
