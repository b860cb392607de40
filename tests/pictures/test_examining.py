from __future__ import annotations

import asyncio
import contextlib
import io
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from hubbub.pictures import Examined, Examiner
from hubbub.pictures.answer import MAX_PIXELS, THUMBNAIL_EDGE, thumbnail_of
from hubbub.pictures.kinds import KINDS, PICTURES
from hubbub.pictures.looking import looks
from tests.patience import PATIENCE_SECONDS
from tests.pictures.corpus import (
    HONEST,
    HOSTILE,
    PLAIN,
    SECRET,
    jpeg,
    picture,
    png,
    png_of,
    saved,
    video,
    webp,
)

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked for in /proc")


@pytest.fixture
def examiner() -> Examiner:
    return Examiner()


async def eventually(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not is_so():  # noqa: ASYNC110 - of other processes nobody hears
            await asyncio.sleep(0.01)


def lookers(path: Path) -> list[int]:
    """The processes that look at it."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if entry.read_bytes().endswith(b"hubbub.pictures\0" + bytes(path) + b"\0"):
                found.append(int(entry.parent.name))
    return found


def environment(process: int) -> bytes:
    return Path(f"/proc/{process}/environ").read_bytes()


def put(folder: Path, data: bytes) -> Path:
    path = folder / "upload"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", HONEST)
async def test_a_picture_is_cleaned_and_has_a_small_one(
    examiner: Examiner, tmp_path: Path, name: str
) -> None:
    told, make = HONEST[name]
    path = put(tmp_path, make())
    seen = await examiner.examine(path, "holiday.exe")
    assert seen.type == told
    with Image.open(path) as image:
        assert (seen.width, seen.height) == image.size
    assert seen.animated == name.startswith("moving")
    assert SECRET not in (seen.cleaned or path).read_bytes()
    assert seen.thumbnail is not None
    with Image.open(seen.thumbnail) as small:
        assert small.format == "WEBP"
        assert not small.getexif()


@pytest.mark.parametrize("name", PLAIN)
async def test_any_other_file_stays_as_it_is(examiner: Examiner, tmp_path: Path, name: str) -> None:
    told, data = PLAIN[name]
    path = put(tmp_path, data)
    assert await examiner.examine(path, "photo.jpg") == Examined(told)
    assert path.read_bytes() == data
    assert os.listdir(tmp_path) == [path.name]  # noqa: PTH208 - it is as quick


@pytest.mark.parametrize("make", [jpeg, png, webp], ids=["jpeg", "png", "webp"])
@pytest.mark.parametrize("orientation", [3, 6])
async def test_a_picture_that_lies_is_turned(
    examiner: Examiner, tmp_path: Path, make: Callable[[int], bytes], orientation: int
) -> None:
    """And is the same in every program, whatever that knows of Exif."""
    seen = await examiner.examine(put(tmp_path, make(orientation)), "a")
    assert seen.cleaned is not None
    assert seen.thumbnail is not None
    for file in (seen.cleaned, seen.thumbnail):
        with Image.open(file) as image:
            assert not image.getexif()
            assert image.size == (seen.width, seen.height)
            assert image.size == ((60, 40) if orientation == 3 else (40, 60))
            corner = image.convert("RGB").getpixel(
                (image.width - 3, 2 if orientation == 6 else image.height - 3)
            )
            assert isinstance(corner, tuple)
            assert min(corner) > 200  # white: it was the upper left one
    assert SECRET not in seen.cleaned.read_bytes()


async def test_a_jpeg_that_lies_loses_hardly_anything(examiner: Examiner, tmp_path: Path) -> None:
    noise = Image.effect_noise((200, 100), 60).convert("RGB")
    told = Image.Exif()
    told[0x0112] = 3
    data = saved(noise, "JPEG", exif=told, quality=85)
    seen = await examiner.examine(put(tmp_path, data), "a.jpg")
    assert seen.cleaned is not None
    with Image.open(io.BytesIO(data)) as before, Image.open(seen.cleaned) as after:
        assert before.quantization == after.quantization  # type: ignore[attr-defined]
    assert seen.cleaned.stat().st_size < len(data) * 1.1


async def test_the_small_picture_is_small(examiner: Examiner, tmp_path: Path) -> None:
    seen = await examiner.examine(put(tmp_path, saved(picture(3000, 1000), "PNG")), "a.png")
    assert seen.thumbnail is not None
    with Image.open(seen.thumbnail) as small:
        assert small.size == (THUMBNAIL_EDGE, THUMBNAIL_EDGE // 3)


async def test_the_small_picture_has_the_colours_that_the_large_one_shows(
    examiner: Examiner, tmp_path: Path
) -> None:
    for name in ("printed jpeg", "deep png", "palette png"):
        seen = await examiner.examine(put(tmp_path, HONEST[name][1]()), "a")
        assert seen.thumbnail is not None
        with Image.open(seen.thumbnail) as small, Image.open(tmp_path / "upload") as large:
            colour = small.convert("RGB").getpixel((50, 5))
            assert isinstance(colour, tuple)
            if name == "printed jpeg":
                assert colour[0] > 150 > colour[2]
            elif name == "deep png":
                assert large.mode.startswith("I")
        seen.thumbnail.unlink()


async def test_a_picture_that_is_clean_is_not_written_again(
    examiner: Examiner, tmp_path: Path
) -> None:
    seen = await examiner.examine(put(tmp_path, saved(picture(), "PNG")), "a.png")
    assert seen.cleaned is None
    assert seen.thumbnail is not None


async def test_a_video_loses_where_it_was_taken(examiner: Examiner, tmp_path: Path) -> None:
    seen = await examiner.examine(put(tmp_path, video()), "a.mp4")
    assert seen.type == "video/mp4"
    assert seen.cleaned is not None
    assert SECRET not in seen.cleaned.read_bytes()


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_hostile_is_a_plain_file_or_a_whole_picture(tmp_path: Path, name: str) -> None:
    """In this process: what Pillow does with it is caught, and each answer can be true."""
    path = put(tmp_path, HOSTILE[name]())
    answers = list(looks(path))
    if answers[-1].type.startswith("image/"):
        # A GIF whose canvas is larger than it, say, and half a picture that moves: they are shown.
        assert answers[-1].width * answers[-1].height <= MAX_PIXELS  # type: ignore[operator]
        assert thumbnail_of(path).stat().st_size > 0
    else:
        assert not thumbnail_of(path).exists()
        assert not answers[-1].thumbnail


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_picture_that_was_changed_anywhere_is_one_or_a_plain_file(draw: st.DataObject) -> None:
    data = bytearray(draw.draw(st.sampled_from(list(HONEST.values())))[1]())
    places = st.tuples(st.integers(0, len(data) - 1), st.integers(0, 255))
    for at, byte in draw.draw(st.lists(places, min_size=1, max_size=8)):
        data[at] = byte
    with tempfile.TemporaryDirectory() as folder:
        path = put(Path(folder), bytes(data))
        seen = list(looks(path))[-1]
        assert seen.type in KINDS
        assert seen.thumbnail == thumbnail_of(path).exists() == (seen.type in PICTURES)


async def test_a_picture_of_too_many_pixels_is_a_plain_file_and_tells_nothing(
    examiner: Examiner, tmp_path: Path
) -> None:
    seen = await examiner.examine(put(tmp_path, png_of(10_000, 10_000) + SECRET), "a.png")
    assert seen.type == "application/octet-stream"
    assert seen.cleaned is not None
    assert SECRET not in seen.cleaned.read_bytes()
    assert seen.thumbnail is None


async def test_a_large_picture_fits_into_the_memory_that_there_is(
    examiner: Examiner, tmp_path: Path
) -> None:
    told = Image.Exif()
    told[0x0112] = 6
    path = put(tmp_path, saved(Image.new("RGB", (8000, 6000), "red"), "JPEG", exif=told))
    seen = await examiner.examine(path, "a.jpg")
    assert (seen.width, seen.height) == (6000, 8000)


@LINUX
@pytest.mark.parametrize(
    "greed, ends",
    [("bytearray(3 << 30)", 1), ("while True: pass", -signal.SIGKILL)],
    ids=["memory", "time"],
)
def test_greed_ends_the_process(greed: str, ends: int) -> None:
    code = (
        "from hubbub.pictures import limits\n"
        f"limits.MAX_CPU_SECONDS = 1\nlimits.confine(0)\n{greed}"
    )
    ended = subprocess.run([sys.executable, "-c", code], stderr=subprocess.DEVNULL, check=False)
    assert ended.returncode == ends


@LINUX
async def test_a_look_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    endless = tmp_path / "endless"
    os.mkfifo(endless)
    assert await Examiner(deadline=1).examine(endless, "a.jpg") == Examined(
        "application/octet-stream"
    )
    assert lookers(endless) == []


@LINUX
async def test_who_does_not_wait_for_it_ends_it(examiner: Examiner, tmp_path: Path) -> None:
    endless = tmp_path / "endless"
    os.mkfifo(endless)
    look = asyncio.create_task(examiner.examine(endless, "a.jpg"))
    await eventually(lambda: len(lookers(endless)) == 1)
    look.cancel()
    with pytest.raises(asyncio.CancelledError):
        await look
    assert lookers(endless) == []


@LINUX
async def test_no_more_than_a_few_look_at_once(tmp_path: Path) -> None:
    endless = tmp_path / "endless"
    os.mkfifo(endless)
    examiner = Examiner(at_once=2)
    looks = [asyncio.create_task(examiner.examine(endless, str(turn))) for turn in range(5)]
    await eventually(lambda: len(lookers(endless)) == 2)
    looks[0].cancel()
    with pytest.raises(asyncio.CancelledError):
        await looks[0]
    await eventually(lambda: len(lookers(endless)) == 2)
    for look in looks:
        look.cancel()
    await asyncio.gather(*looks, return_exceptions=True)


@LINUX
async def test_it_ends_with_its_server_also_if_that_is_killed(tmp_path: Path) -> None:
    endless = tmp_path / "endless"
    os.mkfifo(endless)
    code = (
        "import asyncio, pathlib, sys; from hubbub.pictures import Examiner\n"
        "async def look(): await Examiner().examine(pathlib.Path(sys.argv[1]), 'a')\n"
        "asyncio.run(look())"
    )
    server = await asyncio.create_subprocess_exec(sys.executable, "-c", code, str(endless))
    await eventually(lambda: len(lookers(endless)) == 1)
    server.kill()
    await server.wait()
    await eventually(lambda: lookers(endless) == [])


@LINUX
async def test_it_learns_nothing_of_what_the_server_was_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUBBUB_PASSWORD", "sesame")
    endless = tmp_path / "endless"
    os.mkfifo(endless)
    look = asyncio.create_task(Examiner().examine(endless, "a"))
    await eventually(lambda: len(lookers(endless)) == 1)
    assert b"sesame" not in environment(lookers(endless)[0])
    look.cancel()
    await asyncio.gather(look, return_exceptions=True)
