"""Tables and imports that names, mentions and search need once, made before anybody waits."""

from __future__ import annotations

from hubbub.domain import mentions, names, words


def prepare() -> None:
    """Makes all of them, in some 200 ms: for a thread, while the server begins to serve."""
    names.UserName.recall("é")
    names.RoomName.recall("é")
    mentions.mention_places("é a", "a")
    words.prepare()
