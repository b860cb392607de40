"""Pictures for terminals: by which way, how large, and that nothing of a picture gets through."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Mapping

import pytest
from PIL import Image

from hubbub.domain.errors import BadMessage
from hubbub.terminal.attaching import drawn
from hubbub.terminal.draw import way
from tests.pictures.corpus import picture, saved

WAYS: list[tuple[Mapping[str, str], str]] = [
    ({"TERM": "xterm-256color"}, "blocks"),
    ({"TERM": "xterm-kitty"}, "kitty"),
    ({"TERM": "xterm-256color", "TERM_PROGRAM": "ghostty"}, "kitty"),
    ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, "iterm"),
    ({"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2"}, "iterm"),
    ({"TERM": "foot"}, "sixel"),
    ({"WT_SESSION": "1"}, "sixel"),
    ({"TERM": "xterm-kitty", "TMUX": "/tmp/x"}, "blocks"),
    ({"TERM": "screen", "KITTY_WINDOW_ID": "1"}, "blocks"),
    ({"TERM": "xterm", "HUBBUB_PICTURES": "sixel"}, "sixel"),
    ({"TERM": "xterm", "HUBBUB_PICTURES": "fax"}, "blocks"),
    ({}, "blocks"),
]


@pytest.mark.parametrize("environment, how", WAYS)
def test_a_terminal_gets_pictures_in_its_own_way(environment: Mapping[str, str], how: str) -> None:
    assert way(environment) == how


async def test_half_blocks_are_drawn_in_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUBBUB_PICTURES", "blocks")
    made = await drawn(saved(picture(400, 200), "WEBP", lossless=True), 40, 20)
    assert (made.columns, made.rows) == (40, 10)
    assert made.sequence.count("▀") == 400
    assert "38;2;255;255;255" in made.sequence.splitlines()[0]
    assert "38;2;0;0;255" in made.sequence.splitlines()[-1]
    assert set(re.findall(r"\x1b\[[\d;]*(.)", made.sequence)) == {"m"}


async def test_kitty_and_iterm_get_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    for how, begins in (("kitty", "\x1b_G"), ("iterm", "\x1b]1337;File=")):
        monkeypatch.setenv("HUBBUB_PICTURES", how)
        made = await drawn(saved(picture(400, 200), "WEBP"), 80, 24)
        assert made.how == how
        assert made.columns <= 80
        assert made.rows <= 24
        assert made.sequence.startswith(begins)
        data = "".join(re.findall(r"[;:]([A-Za-z0-9+/=]+)(?:\x1b\\|\a)", made.sequence))
        with Image.open(io.BytesIO(base64.b64decode(data))) as image:
            assert (image.format, image.size) == ("PNG", (400, 200))


async def test_sixel_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUBBUB_PICTURES", "sixel")
    made = await drawn(saved(picture(400, 200), "WEBP"), 20, 24)
    assert "\x1bP" in made.sequence
    assert made.columns <= 20


@pytest.mark.parametrize("size", [(1, 1), (1, 480), (480, 1)])
async def test_any_size_fits(monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]) -> None:
    monkeypatch.setenv("HUBBUB_PICTURES", "blocks")
    made = await drawn(saved(picture(*size), "WEBP"), 10, 5)
    assert 1 <= made.columns <= 10
    assert 1 <= made.rows <= 5


@pytest.mark.parametrize(
    "data",
    [b"", b"\x1b[2J", saved(picture(), "PNG"), saved(picture(), "WEBP")[:60]],
    ids=["nothing", "sequences", "another kind", "half"],
)
async def test_what_is_no_small_picture_is_told_and_not_shown(data: bytes) -> None:
    with pytest.raises(BadMessage, match="no picture"):
        await drawn(data, 40, 20)
