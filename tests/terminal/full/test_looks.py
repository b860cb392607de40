"""Colours that can be read, notifications that carry no orders, preferences that survive."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.color import Color

from hubbub.terminal.full.model import clock, names
from hubbub.terminal.full.notify import notification
from hubbub.terminal.full.preferences import Preferences, load, save
from hubbub.terminal.full.theme import (
    DARK_BACKGROUND,
    DARK_COLOURS,
    LIGHT_BACKGROUND,
    LIGHT_COLOURS,
    PALETTES,
    THEMES,
    fitting,
)

READABLE = 4.5  # WCAG 2.2, contrast (minimum) for text


def luminance(colour: str) -> float:
    parts = [part / 255 for part in Color.parse(colour).rgb]
    linear = [
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    "name, background, colours",
    [
        ("dark", DARK_BACKGROUND, [*names.DARK, *DARK_COLOURS.values()]),
        ("light", LIGHT_BACKGROUND, [*names.LIGHT, *LIGHT_COLOURS.values()]),
    ],
)
def test_every_colour_can_be_read_on_its_theme(
    name: str, background: str, colours: list[str]
) -> None:
    theme = next(theme for theme in THEMES if theme.name == name)
    surfaces = [background, theme.surface or background, theme.panel or background]
    for colour in colours:
        if colour.startswith("#"):
            assert all(contrast(colour, one) >= READABLE for one in surfaces), colour


def test_a_name_has_one_colour_in_each_theme_whatever_its_letters_case() -> None:
    assert len(names.DARK) == len(names.LIGHT) == names.BUCKETS
    assert names.bucket("Alice") == names.bucket("ALICE")
    assert len({names.bucket(f"user{number}") for number in range(200)}) == names.BUCKETS
    assert set(PALETTES) == {theme.name for theme in THEMES}


@pytest.mark.parametrize(
    "environment, theme",
    [
        ({"NO_COLOR": "1", "TERM": "xterm-256color"}, "mono"),
        ({"TERM": "linux"}, "ansi"),
        ({"TERM": "xterm-256color"}, "dark"),
        ({"TERM": "xterm", "COLORTERM": "truecolor", "COLORFGBG": "0;15"}, "light"),
        ({"TERM": "rxvt-256color", "COLORFGBG": "15;0"}, "dark"),
    ],
)
def test_the_first_theme_is_what_the_terminal_can_show(
    environment: dict[str, str], theme: str
) -> None:
    assert fitting(environment) == theme


@pytest.mark.parametrize(
    "how, environment, written",
    [
        ("off", {}, ""),
        ("bell", {}, "\a"),
        ("osc9", {}, "\a\x1b]9;ben in General: hi␛]0;x␇\x1b\\"),
        ("osc777", {}, "\a\x1b]777;notify;ben in General;hi␛]0;x␇\x1b\\"),
        ("auto", {"TERM": "xterm-256color"}, "\a"),
        ("auto", {"TERM": "xterm-kitty", "TMUX": "x"}, "\a"),
        ("auto", {"VTE_VERSION": "7000"}, "\a\x1b]777;notify;ben in General;hi␛]0;x␇\x1b\\"),
    ],
)
def test_a_notification_carries_no_orders_of_others(
    how: str, environment: dict[str, str], written: str
) -> None:
    assert notification(how, "ben in General", "hi\x1b]0;x\a", environment) == written


def test_preferences_survive_and_a_broken_file_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "new" / "terminal.json"
    assert load(path) == Preferences()
    save(path, Preferences(theme="light", times="full"))
    assert load(path) == Preferences(theme="light", times="full")
    path.write_text('{"theme": "pink"}')
    assert load(path) == Preferences()


def test_times_that_cannot_be_are_no_crash() -> None:
    assert clock.stamp(10**18) == "????-??-?? ??:??:??"
    assert clock.short(-(10**18)) == "??:??"
    assert clock.ago(None, 0) == ""
    assert [clock.ago(1_000_000, 1000 + after) for after in (5, 120, 7200, 90_000, 900_000)] == [
        "just now",
        "2 min ago",
        "2 h ago",
        "yesterday",
        "10 days ago",
    ]
