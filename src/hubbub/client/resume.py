"""The state that a program stores at its end, so that its next run continues exactly there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from hubbub.client.line import Unsent
from hubbub.domain.ids import UserId


class Mark(Struct, frozen=True, omit_defaults=True):
    """A read marker: the ``seq`` of the last event that was read, and its time in ms, if known."""

    seq: int
    at: int | None = None


class Resume(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The state at the end of a run; `msgspec.json` can write and read it.

    ``token`` proves to the server that we are ``user`` again: keep it secret. ``user_id`` is that
    user's id; None from a server without ids. ``account``: they have one. ``log`` is the id of the
    database that the cursors belong to. ``cursors``: for each room we were in, the ``seq`` of the
    newest event that the program has taken; ``stamps``: that event's time in ms, if known, by which
    the server detects that the history was replaced. ``unsent``: lines that were not saved.
    ``marks``: read markers, including those of rooms that we have left. ``opened``: the rooms that
    everybody could read, which are made anew if they are gone; None: not known.
    """

    user: str | None = None
    user_id: UserId | None = None
    account: bool = False
    token: str | None = None
    log: str | None = None
    cursors: Mapping[str, int] = {}
    stamps: Mapping[str, int] = {}
    unsent: Sequence[Unsent] = ()
    marks: Mapping[str, Mark] = {}
    opened: Sequence[str] | None = None
