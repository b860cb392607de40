from __future__ import annotations

import contextlib
import io
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageSequence

from hubbub.pictures.kinds import HEAD_BYTES, kind
from hubbub.pictures.stripping import STRIPPED, Broken
from tests.pictures.corpus import HONEST, HOSTILE, PLAIN, SECRET, nested, video

each = pytest.mark.parametrize("name", HONEST)


def stripped(data: bytes) -> bytes:
    return b"".join(STRIPPED[kind(data[:HEAD_BYTES])](memoryview(data)))


def shown(data: bytes) -> list[Image.Image]:
    with Image.open(io.BytesIO(data)) as image:
        return [frame.convert("RGBA") for frame in ImageSequence.Iterator(image)]


@each
def test_a_picture_is_told_by_its_content(name: str) -> None:
    told, make = HONEST[name]
    assert kind(make()[:HEAD_BYTES]) == told


@pytest.mark.parametrize("name", PLAIN)
def test_any_other_file_is_told_by_its_content(name: str) -> None:
    told, data = PLAIN[name]
    assert kind(data[:HEAD_BYTES]) == told


@each
def test_nothing_but_the_picture_stays(name: str) -> None:
    data = HONEST[name][1]()
    clean = stripped(data)
    assert SECRET not in clean
    with Image.open(io.BytesIO(clean)) as image:
        assert not image.getexif()
        assert not any(image.info.get("xmp", b""))  # AVIF: its place is there, with zeros in it
        assert not {"XML:com.adobe.xmp", "comment"} & set(image.info)


@each
def test_what_is_shown_stays_to_the_bit(name: str) -> None:
    data = HONEST[name][1]()
    before, after = shown(data), shown(stripped(data))
    assert len(before) == len(after)
    for one, other in zip(before, after, strict=True):
        assert ImageChops.difference(one, other).getbbox(alpha_only=False) is None


@each
def test_what_is_clean_stays_as_it_is(name: str) -> None:
    clean = stripped(HONEST[name][1]())
    assert stripped(clean) == clean


def test_colours_stay() -> None:
    data = HONEST["jpeg of strange colours"][1]()
    with Image.open(io.BytesIO(stripped(data))) as image:
        assert image.info["icc_profile"]


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP", "AVIF"])
def test_what_moves_goes_on_for_ever(form: str) -> None:
    data = HONEST[f"moving {form.lower()}"][1]()
    with Image.open(io.BytesIO(stripped(data))) as image:
        assert image.is_animated  # type: ignore[attr-defined]
        assert image.info.get("loop", 0) == 0


@pytest.mark.parametrize("brand", [b"isom", b"qt  ", b"3gp4"])
def test_videos_lose_where_they_were_taken_and_nothing_moves(brand: bytes) -> None:
    data = video(brand)
    assert SECRET in data
    clean = stripped(data)
    assert SECRET not in clean
    assert len(clean) == len(data)
    assert clean.endswith(b"mdatfilm")


def test_boxes_in_boxes_end_somewhere() -> None:
    with pytest.raises(Broken):
        stripped(nested(1000))


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_hostile_is_broken_or_a_picture(name: str) -> None:
    """It ends, and in one of two ways; what comes out is not larger than what came in."""
    data = HOSTILE[name]()
    with contextlib.suppress(Broken, KeyError):  # KeyError: it does not even look like a picture
        assert len(stripped(data)) <= len(data) + 64


def test_cut_anywhere_it_is_broken_or_a_picture() -> None:
    for _, make in HONEST.values():
        data = make()
        for end in range(16, len(data), max(1, len(data) // 200)):
            if kind(data[:end]) in STRIPPED:
                try:
                    clean = stripped(data[:end])
                except Broken:
                    continue
                assert SECRET not in clean


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_changed_anywhere_it_is_broken_or_a_picture(draw: st.DataObject) -> None:
    data = bytearray(draw.draw(st.sampled_from(list(HONEST.values())))[1]())
    for at, byte in draw.draw(
        st.lists(st.tuples(st.integers(0, len(data) - 1), st.integers(0, 255)), max_size=8)
    ):
        data[at] = byte
    if kind(bytes(data[:HEAD_BYTES])) in STRIPPED:
        try:
            clean = stripped(bytes(data))
        except Broken:
            return
        assert len(clean) <= len(data) + 64


def test_who_has_files_looked_at_does_not_load_what_decodes_them() -> None:
    loaded = "import hubbub.pictures, sys; print('PIL' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", loaded], capture_output=True, check=True)
    assert told.stdout.strip() == b"False"
