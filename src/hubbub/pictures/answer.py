"""What the process that looks at a file answers, and where it writes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

from hubbub.pictures.kinds import UNKNOWN

MAX_PIXELS = 50_000_000  # of a picture that is shown: 200 MB while it is looked at
THUMBNAIL_EDGE = 480  # pixels, at most
MAX_ANSWER_BYTES = 4096

_Edge = Annotated[int, Meta(ge=1, le=MAX_PIXELS)]


class Answer(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a file is. The process answers twice: what it knows before it has decoded anything, and
    what it knows then. Who asks takes the last answer, also of a process that has died.
    """

    type: str = UNKNOWN
    width: _Edge | None = None
    height: _Edge | None = None
    animated: bool = False
    cleaned: bool = False
    thumbnail: bool = False


def cleaned_of(path: Path) -> Path:
    """Where what is served instead of the file is written."""
    return path.with_name(f"{path.name}-cleaned")


def thumbnail_of(path: Path) -> Path:
    """Where the small picture is written."""
    return path.with_name(f"{path.name}-thumbnail")


def written_of(path: Path) -> list[Path]:
    """All that a look may write, or may have left if it was killed."""
    return [cleaned_of(path), thumbnail_of(path), upright_of(path)]


def upright_of(path: Path) -> Path:
    """Where the picture is written as it is shown, until it is whole."""
    return path.with_name(f"{path.name}-upright")
