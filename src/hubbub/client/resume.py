"""What a program keeps when it ends, so that its next run goes on exactly there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from hubbub.client.line import Unsent
from hubbub.domain.ids import UserId


class Mark(Struct, frozen=True, omit_defaults=True):
    """How far a room was read: the ``seq`` of an event, and its time in ms, if that is known."""

    seq: int
    at: int | None = None


class Resume(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a run of a program ended; `msgspec.json` can write and read it.

    ``token`` proves to the server that we are ``user`` again: keep it secret. ``user_id`` is who
    that is, whatever the name; None when the server does not tell. ``log`` is the id of the
    database that the cursors belong to. ``cursors``: for each room we were in, the ``seq`` of the
    newest event that the program has taken; ``stamps``: the time of that event in ms, as far as it
    is known, by which the server finds out that its history is another one now. ``unsent``: lines
    that were not saved. ``marks``: how far rooms were read, those included that we were in before.
    """

    user: str | None = None
    user_id: UserId | None = None
    token: str | None = None
    log: str | None = None
    cursors: Mapping[str, int] = {}
    stamps: Mapping[str, int] = {}
    unsent: Sequence[Unsent] = ()
    marks: Mapping[str, Mark] = {}
