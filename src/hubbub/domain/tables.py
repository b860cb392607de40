"""Warms up the lazily built tables of names, mentions and search."""

from __future__ import annotations

from hubbub.domain import mentions, names, words


def prepare() -> None:
    """Builds all of them. Takes some 200 ms: call it in a thread while the server starts."""
    names.UserName.recall("é")
    names.RoomName.recall("é")
    mentions.mention_places("é a", "a")
    words.prepare()
