"""A picture is decoded, with Pillow: is it one, how large is it, what does it look like small."""

from __future__ import annotations

import io
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageCms, ImageOps
from PIL.JpegImagePlugin import get_sampling

from hubbub.pictures.answer import MAX_PIXELS, THUMBNAIL_EDGE
from hubbub.pictures.kinds import PICTURES

_ORIENTATION = 0x0112  # Exif 2.32, 4.6.4: where the first row of pixels belongs
_QUALITY = 80  # of a thumbnail
_EXACT_QUALITY = 92  # of a picture that has to be compressed again
_FOUR_TWO_TWO = 1  # half the colours in a row, all in a column
_DEEP = {"I", "I;16", "I;16B", "I;16L", "F"}


class Seen(NamedTuple):
    """A picture that could be decoded: its size in pixels as it is shown, and whether it moves."""

    width: int
    height: int
    animated: bool


def turn(original: Path, kind: str, upright: Path) -> bool:
    """Writes the picture to ``upright`` as it is shown, if its Exif says that it lies otherwise.

    What is compressed with a loss is compressed again, by the same tables. Returns whether it did.
    Raises whatever Pillow raises.
    """
    if kind in {"image/avif", "image/gif"}:  # AVIF says it outside of Exif, and it stays there
        return False
    with _opened(original, kind) as image:
        if image.getexif().get(_ORIENTATION, 1) in {0, 1} or _moves(image):
            return False
        turned = ImageOps.exif_transpose(image)
        profile = image.info.get("icc_profile")
        if kind == "image/jpeg":
            sampling = get_sampling(image)
            turned.save(
                upright,
                "JPEG",
                qtables=image.quantization,  # type: ignore[attr-defined]
                subsampling=0 if sampling == _FOUR_TWO_TWO else sampling,
                progressive="progressive" in image.info,
                icc_profile=profile,
                exif=b"",
                comment=b"",
            )
        elif kind == "image/png":
            turned.save(upright, "PNG", icc_profile=profile, exif=b"")
        else:
            lossless = b"VP8L" in original.open("rb").read(64)
            turned.save(
                upright,
                "WEBP",
                lossless=lossless,
                quality=_EXACT_QUALITY,
                icc_profile=profile,
                exif=b"",
            )
    return True


def look(path: Path, kind: str, thumbnail: Path) -> Seen:
    """Decodes the picture, the first one if it moves, and writes a small one. Raises as Pillow."""
    with _opened(path, kind) as image:
        moves = _moves(image)
        width, height = image.size
        if image.getexif().get(_ORIENTATION, 1) in {5, 6, 7, 8}:
            width, height = height, width
        small = _small(image)
        small.save(thumbnail, "WEBP", quality=_QUALITY, method=4, exif=b"", icc_profile=None)
    return Seen(width, height, moves)


def _opened(path: Path, kind: str) -> Image.Image:
    """Its size is known then, and nothing is decoded yet."""
    image = Image.open(path, formats=[PICTURES[kind]])
    if not 0 < image.width * image.height <= MAX_PIXELS:
        image.close()
        raise ValueError("it has too many pixels, or none")
    return image


def _moves(image: Image.Image) -> bool:
    return bool(getattr(image, "is_animated", False))


def _small(image: Image.Image) -> Image.Image:
    """At most `THUMBNAIL_EDGE`, as it is shown, in sRGB."""
    profile = image.info.get("icc_profile")
    if image.format != "JPEG":  # which is decoded at a smaller scale at once
        image = _plain(image)
    image.thumbnail((THUMBNAIL_EDGE, THUMBNAIL_EDGE))
    small = ImageOps.exif_transpose(image)
    small = _in_srgb(small, profile) if profile else small
    return small if small.mode in {"RGB", "RGBA"} else small.convert("RGB")


def _plain(image: Image.Image) -> Image.Image:
    """As colours of eight bits, not numbers of them."""
    if image.mode in _DEEP:
        return image.convert("I").point(lambda value: value / 256).convert("L")
    transparent = "transparency" in image.info or image.mode in {"LA", "PA", "RGBA", "RGBa"}
    if image.mode not in {"RGB", "RGBA", "L"} or transparent:
        return image.convert("RGBA" if transparent else "RGB")
    image.load()
    return image


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        found = ImageCms.profileToProfile(
            image,
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            outputMode=mode,
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image  # a profile that does not fit: as if there was none
    return found or image
