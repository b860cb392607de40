"""AVIF and HEIF (ISO/IEC 23008-12), MP4, QuickTime (ISO/IEC 14496-12): boxes in boxes.

What is inside names its place by its distance from the beginning of the file. So nothing is left
out: what nobody meant to send is overwritten with zeros, where it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from hubbub.pictures.stripping.broken import Broken, number, part

MAX_BOXES = 10_000  # looked at in one file: it takes time
MAX_DEPTH = 8

# An Exif without anything in it (23008-12, A.2.1): programs refuse a picture whose Exif is none.
_NO_EXIF = b"\0\0\0\0II*\0\x08\0\0\0\0\0\0\0\0\0"

# Boxes of videos that have others inside in which something may be told of where it was taken,
_AROUND = {b"moov", b"trak", b"mdia", b"minf", b"moof", b"traf"}
# and those that tell it: QuickTime's user data (©xyz, loci), Apple's keys, anything else.
_TELL = {b"udta", b"meta", b"uuid", b"free", b"skip", b"XMP_"}
_ITEMS_THAT_TELL = {b"Exif", b"mime", b"uri "}


class _Change(NamedTuple):
    """What is written over a part of the file; zeros follow, up to the end of the part."""

    start: int
    end: int
    new: bytes = b""


class _Box(NamedTuple):
    name: bytes
    start: int
    inside: int  # where what it has begins
    end: int


class _Budget:
    """Counts what is looked at. Raises `Broken` beyond `MAX_BOXES`."""

    def __init__(self) -> None:
        self._left = MAX_BOXES

    def take(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise Broken("it has too many boxes")


def videos_without(data: memoryview) -> Iterator[bytes | memoryview]:
    """Blanks what tells where, when and with what a video was taken."""
    budget = _Budget()
    return _changed(data, _freed(_telling(data, 0, len(data), budget, MAX_DEPTH)))


def pictures_without(data: memoryview) -> Iterator[bytes | memoryview]:
    """Blanks Exif, XMP and what else describes a picture without being it."""
    return _changed(data, _changes_of_pictures(data, _Budget()))


def _changes_of_pictures(data: memoryview, budget: _Budget) -> Iterator[_Change]:
    boxes = list(_boxes(data, 0, len(data), budget))
    media = [box for box in boxes if box.name == b"mdat"]
    for box in boxes:
        if box.name == b"meta":
            yield from _items(data, box, media, budget)
        elif box.name in _TELL:
            yield from _freed([box])
        elif box.name in _AROUND:  # a sequence of pictures is a video
            yield from _freed(_telling(data, box.inside, box.end, budget, MAX_DEPTH))


def _freed(boxes: Iterable[_Box]) -> Iterator[_Change]:
    """Each is a ``free`` one then, with nothing in it."""
    for box in boxes:
        yield _Change(box.start + 4, box.start + 8, b"free")
        yield _Change(box.inside, box.end)


def _boxes(data: memoryview, at: int, end: int, budget: _Budget) -> Iterator[_Box]:
    while at < end:
        budget.take()
        size = number(data, at, 4)
        name = bytes(part(data, at + 4, 4))
        inside = at + 8
        if size == 1:
            size = number(data, at + 8, 8)
            inside += 8
        elif size == 0:  # up to the end
            size = end - at
        if size < inside - at or at + size > end:
            if not any(part(data, at, min(8, end - at))):
                return  # QuickTime ends lists with a zero
            raise Broken("a box is larger than what it is in")
        yield _Box(name, at, inside, at + size)
        at += size


def _telling(data: memoryview, at: int, end: int, budget: _Budget, depth: int) -> Iterator[_Box]:
    if depth == 0:
        raise Broken("it has boxes in boxes in boxes …")
    for box in _boxes(data, at, end, budget):
        if box.name in _TELL:
            yield box
        elif box.name in _AROUND:
            yield from _telling(data, box.inside, box.end, budget, depth - 1)


def _items(data: memoryview, meta: _Box, media: list[_Box], budget: _Budget) -> Iterator[_Change]:
    """What becomes of the items that tell of the picture, by the lists of a box ``meta``."""
    inner = {box.name: box for box in _boxes(data, meta.inside + 4, meta.end, budget)}
    if b"iinf" not in inner or b"iloc" not in inner:
        return
    telling = dict(_telling_items(data, inner[b"iinf"], budget))
    within = [inner[b"idat"]] if b"idat" in inner else []
    for item, inside_meta, at, length in _places(data, inner[b"iloc"], budget):
        if item not in telling:
            continue
        places = within if inside_meta else media
        start = at + within[0].inside if inside_meta and within else at
        if not any(box.inside <= start and start + length <= box.end for box in places):
            raise Broken("an item is nowhere where items can be")
        exif = telling[item] == b"Exif" and length >= len(_NO_EXIF)
        yield _Change(start, start + length, _NO_EXIF if exif else b"")


def _telling_items(data: memoryview, iinf: _Box, budget: _Budget) -> Iterator[tuple[int, bytes]]:
    wide = number(data, iinf.inside, 1) > 0
    for entry in _boxes(data, iinf.inside + (8 if wide else 6), iinf.end, budget):
        version = number(data, entry.inside, 1)
        if entry.name == b"infe" and version in {2, 3}:
            size = 2 if version == 2 else 4
            name = bytes(part(data, entry.inside + 4 + size + 2, 4))
            if name in _ITEMS_THAT_TELL:
                yield number(data, entry.inside + 4, size), name


def _places(data: memoryview, iloc: _Box, budget: _Budget) -> Iterator[tuple[int, bool, int, int]]:
    """Each extent: of which item, whether inside of the box ``meta``, where, and how long."""
    version = number(data, iloc.inside, 1)
    if version > 2:
        raise Broken("its list of places is of a kind that nobody knows")
    sizes = number(data, iloc.inside + 4, 2)
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version else 0
    at = iloc.inside + 6
    id_size = 4 if version == 2 else 2
    count = number(data, at, id_size)
    at += id_size
    for _ in range(count):
        budget.take()
        item = number(data, at, id_size)
        at += id_size
        inside_meta = False
        if version:
            inside_meta = number(data, at, 2) & 15 == 1
            at += 2
        base = number(data, at + 2, base_size)
        at += 2 + base_size
        extents = number(data, at, 2)
        at += 2
        for _ in range(extents):
            budget.take()
            offset = number(data, at + index_size, offset_size)
            length = number(data, at + index_size + offset_size, length_size)
            at += index_size + offset_size + length_size
            yield item, inside_meta, base + offset, length


def _changed(data: memoryview, changes: Iterable[_Change]) -> Iterator[bytes | memoryview]:
    """The file with the changes. Where they overlap, as those of no honest file do: the first."""
    done = 0
    for start, end, new in sorted(changes):
        begin = max(start, done)
        if end <= begin:
            continue
        yield data[done:begin]
        written = new[begin - start : end - start]
        yield written
        yield from _zeros(end - begin - len(written))
        done = end
    yield data[done:]


def _zeros(count: int) -> Iterator[bytes]:
    block = bytes(64 * 1024)
    while count > 0:
        yield block[:count]
        count -= len(block)
