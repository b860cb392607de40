"""Files that people send, and that nobody should: made here, so that none is kept.

`HONEST` are pictures with much in them that nobody means to send; `HOSTILE` lie, end early, are
too large, or are two things at once.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

from PIL import Image, ImageCms, PngImagePlugin

SECRET = b"51.5007N-0.1246W"  # where ada lives: it stands in every place for such things
_WHERE = SECRET.decode()
_XMP = b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>"
ORIENTATION, MAKE, GPS = 0x0112, 0x010F, 0x8825


def picture(width: int = 60, height: int = 40, mode: str = "RGB") -> Image.Image:
    """One that looks otherwise when it is turned: red above, blue below, a white corner."""
    image = Image.new("RGB", (width, height), "red")
    image.paste((0, 0, 255), (0, height // 2, width, height))
    image.paste((255, 255, 255), (0, 0, width // 4, height // 4))
    return image.convert(mode)


def exif(orientation: int = 1) -> Image.Exif:
    told = Image.Exif()
    told[ORIENTATION] = orientation
    told[MAKE] = _WHERE
    told.get_ifd(GPS)[29] = _WHERE
    return told


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def jpeg(orientation: int = 1, **options: object) -> bytes:
    plain = saved(
        picture(), "JPEG", exif=exif(orientation), comment=SECRET, xmp=_XMP, quality=90, **options
    )
    iptc = b"\xff\xed" + struct.pack(">H", 2 + len(SECRET)) + SECRET
    return plain[:2] + iptc + plain[2:] + SECRET


def png(orientation: int = 1, **options: object) -> bytes:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", _WHERE)
    texts.add_text("Author", _WHERE, zip=True)
    texts.add_itxt("XML:com.adobe.xmp", _XMP.decode())
    return saved(picture(), "PNG", exif=exif(orientation), pnginfo=texts, **options) + SECRET


def webp(orientation: int = 1, **options: object) -> bytes:
    return saved(picture(), "WEBP", exif=exif(orientation), xmp=_XMP, **options) + SECRET


def avif() -> bytes:
    return saved(picture(64, 48), "AVIF", exif=exif(), xmp=_XMP)


def gif(**options: object) -> bytes:
    plain = saved(picture().convert("P"), "GIF", comment=SECRET, **options)
    xmp = b"!\xff\x0bXMP DataXMP" + bytes([len(_XMP)]) + _XMP + b"\0"
    return plain[:-1] + xmp + b";" + SECRET


def moving(kind: str) -> bytes:
    """Three pictures, one after the other, for ever."""
    frames = [picture(), picture().rotate(90), picture().rotate(180)]
    return saved(
        frames[0], kind, save_all=True, append_images=frames[1:], duration=100, loop=0, exif=exif()
    )


def box(name: bytes, inside: bytes) -> bytes:
    return struct.pack(">I", 8 + len(inside)) + name + inside


def video(brand: bytes = b"isom") -> bytes:
    """What a phone films, without the film."""
    told = box(b"udta", box(b"\xa9xyz", SECRET)) + box(b"meta", SECRET)
    track = box(b"trak", box(b"tkhd", bytes(84)) + told)
    movie = box(b"moov", box(b"mvhd", bytes(100)) + track + told)
    return box(b"ftyp", brand + bytes(4)) + movie + box(b"uuid", SECRET) + box(b"mdat", b"film")


def wide_colours() -> bytes:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    return saved(picture(), "JPEG", icc_profile=profile)


def chunk(name: bytes, inside: bytes) -> bytes:
    return (
        struct.pack(">I", len(inside))
        + name
        + inside
        + struct.pack(">I", zlib.crc32(name + inside))
    )


def png_of(width: int, height: int, pixels: bytes = b"", depth: int = 8, colour: int = 2) -> bytes:
    """A PNG that says that it has this size, whatever it has."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    data = zlib.compress(pixels)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


def gif_of(width: int, height: int) -> bytes:
    told = saved(picture().convert("P"), "GIF")
    return told[:6] + struct.pack("<HH", width, height) + told[10:]


def jpeg_of(width: int, height: int) -> bytes:
    told = saved(picture(), "JPEG")
    at = told.index(b"\xff\xc0") + 5
    return told[:at] + struct.pack(">HH", height, width) + told[at + 4 :]


HONEST: dict[str, tuple[str, Callable[[], bytes]]] = {
    "jpeg": ("image/jpeg", jpeg),
    "progressive jpeg": ("image/jpeg", lambda: jpeg(progressive=True)),
    "grey jpeg": ("image/jpeg", lambda: saved(picture(mode="L"), "JPEG", exif=exif())),
    "printed jpeg": ("image/jpeg", lambda: saved(picture(mode="CMYK"), "JPEG", exif=exif())),
    "jpeg of strange colours": ("image/jpeg", wide_colours),
    "png": ("image/png", png),
    "transparent png": ("image/png", lambda: saved(picture(mode="RGBA"), "PNG", exif=exif())),
    "deep png": ("image/png", lambda: saved(picture(mode="L").convert("I;16"), "PNG")),
    "black and white png": ("image/png", lambda: saved(picture(mode="1"), "PNG")),
    "palette png": ("image/png", lambda: saved(picture(mode="P"), "PNG", transparency=0)),
    "webp": ("image/webp", webp),
    "lossless webp": ("image/webp", lambda: webp(lossless=True)),
    "avif": ("image/avif", avif),
    "gif": ("image/gif", gif),
    "moving gif": ("image/gif", lambda: moving("GIF")),
    "moving png": ("image/png", lambda: moving("PNG")),
    "moving webp": ("image/webp", lambda: moving("WEBP")),
    "moving avif": ("image/avif", lambda: moving("AVIF")),
}

PLAIN: dict[str, tuple[str, bytes]] = {
    "words": ("text/plain", "Fünf Äpfel\n".encode()),
    "a page": (
        "application/octet-stream",
        b"\xef\xbb\xbf\n <!DOCTYPE html><script>1</script>",
    ),
    "a script": ("application/octet-stream", b"<script>alert(1)</script>"),
    "a comparison": ("text/plain", b"<3 and <abc> are no page"),
    "a drawing": (
        "application/octet-stream",
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    ),
    "a page as it is not read": ("application/octet-stream", b"\xff\xfe<\0h\0t\0m\0l\0>\0"),
    "nothing": ("application/octet-stream", b""),
    "zeros": ("application/octet-stream", bytes(100)),
    "a program": ("application/octet-stream", b"MZ\x90\0\x03\0\0\0"),
    "a document": ("application/pdf", b"%PDF-1.7\n"),
    "an archive": ("application/zip", b"PK\x03\x04" + bytes(60)),
    "music": ("audio/mpeg", b"ID3\x04\0\0\0\0\0\0" + bytes(60)),
    "music at once": ("audio/mpeg", b"\xff\xfb\x90\x64" + bytes(60)),
    "a voice": ("audio/ogg", b"OggS\0\x02" + bytes(21) + b"\x13OpusHead" + bytes(20)),
    "a wave": ("audio/wav", b"RIFF\x24\0\0\0WAVEfmt "),
    "a film of the web": ("video/webm", b"\x1aE\xdf\xa3\x93\x42\x82\x84webm"),
    "a bitmap": ("image/bmp", saved(picture(), "BMP")),
    "a scan": ("image/tiff", saved(picture(), "TIFF")),
}


def _cut(make: Callable[[], bytes], end: int | None) -> Callable[[], bytes]:
    return lambda: make()[: len(make()) // 2 if end is None else end]


HOSTILE: dict[str, Callable[[], bytes]] = {
    **{f"half a {name}": _cut(make, None) for name, (_, make) in HONEST.items()},
    **{f"the head of a {name}": _cut(make, 24) for name, (_, make) in HONEST.items()},
    "a png of a billion pixels": lambda: png_of(2**31 - 1, 2**31 - 1),
    "a png of too many pixels": lambda: png_of(10_000, 10_000, bytes(1000)),
    "a png of no width": lambda: png_of(0, 10),
    "a png with too little in it": lambda: png_of(100, 100, b"\0"),
    "a png of a depth that is none": lambda: png_of(1, 1, b"\0\0\0\0", depth=7),
    "a png that is packed too well": lambda: png_of(30_000, 30_000, bytes(50_000_000), 1, 0),
    "a png with a chunk without end": lambda: png_of(1, 1)[:33] + b"\xff\xff\xff\xffIDAT",
    "a png with a wrong check sum": lambda: png()[:29] + bytes(4) + png()[33:],
    "a jpeg of four billion pixels": lambda: jpeg_of(65_535, 65_535),
    "a jpeg of no height": lambda: jpeg_of(10, 0),
    "a jpeg of nothing": lambda: b"\xff\xd8\xff\xd9",
    "a jpeg that begins and begins": lambda: b"\xff\xd8" * 100_000,
    "a jpeg of filling": lambda: b"\xff\xd8" + b"\xff" * 1_000_000,
    "a gif of four billion pixels": lambda: gif_of(65_535, 65_535),
    "a gif of no pixels": lambda: gif_of(0, 0),
    "a gif without pictures": lambda: b"GIF89a\x01\0\x01\0\0\0\0;",
    "a webp of nothing": lambda: b"RIFF\x04\0\0\0WEBP",
    "a webp that is longer than it is": lambda: b"RIFF\xff\xff\xff\xffWEBPVP8L\xff\xff\xff\xff",
    "an avif of nothing": lambda: box(b"ftyp", b"avif" + bytes(4)),
    "an avif of boxes": lambda: box(b"ftyp", b"avif" + bytes(4)) + box(b"free", b"") * 200_000,
    "an avif of an endless box": lambda: box(b"ftyp", b"avif" + bytes(4)) + bytes(4) + b"meta",
    "a page that begins as a jpeg": lambda: b"\xff\xd8\xff<script>alert(1)</script>",
    "a page that begins as a png": lambda: b"\x89PNG\r\n\x1a\n<script>alert(1)</script>",
    "a page that begins as a gif": lambda: b"GIF89a/*<svg/onload=alert(1)>*/=1;",
}


def nested(depth: int) -> bytes:
    """A video of boxes in boxes."""
    inside = b""
    for _ in range(depth):
        inside = box(b"moov", inside)
    return box(b"ftyp", b"isom" + bytes(4)) + inside
