"""What a message tells of the files that belong to it."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from hubbub.domain.told import Count, Key, Name, Text, Words

MAX_FILES = 10  # of one message
MAX_ALT_CHARS = 500  # of what a picture shows, in words: a few sentences
MAX_FILE_NAME_CHARS = 200


class File(Struct, frozen=True, gc=False, omit_defaults=True):
    """A file that was said. The server serves it under its ``id``, to who may read the message.

    ``name``: as its owner's computer called it, without a path. ``size``: in bytes. ``type``: its
    media type (RFC 6838), told by its content and not by its name. ``alt``: what it shows, in
    words. ``width``, ``height``: of a picture, in pixels. ``animated``: it moves. ``thumbnail``:
    there is a small picture of it.
    """

    id: Key
    name: Name
    size: Count
    type: Words
    alt: Text | None = None
    width: Count | None = None
    height: Count | None = None
    animated: bool = False
    thumbnail: bool = False


class Attachment(Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True):
    """A file that a client has uploaded, and says now, with what it shows in words."""

    id: Annotated[str, Meta(min_length=1, max_length=64)]
    alt: Annotated[str, Meta(max_length=MAX_ALT_CHARS)] | None = None
