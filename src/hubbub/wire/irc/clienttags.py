"""Tags that clients send to clients, and those among them that mean something here.

https://ircv3.net/specs/extensions/message-tags#client-only-tags
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from hubbub.domain.emoji import parse_emoji
from hubbub.domain.errors import ChatError
from hubbub.domain.told import MAX_KEY_CHARS, MAX_TAGS

REPLY = "+draft/reply"
REACT = "+draft/react"
UNREACT = "+draft/unreact"
TYPING = "+typing"
CONCAT = "draft/multiline-concat"
"""Kept with a text: where its author's client has cut its lines, as numbers of characters."""
SIGNAL_ID = "msgid"
"""Told with a signal: what identifies it, which nobody keeps."""

_KEY = re.compile(r"\+(?:[A-Za-z0-9.-]+/)?[A-Za-z0-9-]+")
_SIGNAL_ID = re.compile(r"[A-Za-z0-9-]{1,40}")


def client_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Those of ``tags`` that clients tell clients."""
    if not tags:
        return {}
    found = {
        key: value
        for key, value in tags.items()
        if key.startswith("+")
        and len(key) <= MAX_KEY_CHARS
        and _KEY.fullmatch(key)
        and "\0" not in value
    }
    return dict(list(found.items())[:MAX_TAGS])


def shown_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Those of ``tags`` that are told to clients: programs of other protocols may send any."""
    return {key: value for key, value in tags.items() if _KEY.fullmatch(key)}


def id_of_signal(tags: Mapping[str, str]) -> str:
    """What identifies a signal; "" if that is not told. It is never that of a message."""
    found = tags.get(SIGNAL_ID, "")
    return found if _SIGNAL_ID.fullmatch(found) else ""


def reaction_in(tags: Mapping[str, str]) -> tuple[str, bool] | None:
    """The emoji with which somebody reacts, or with False reacts no more; None if it is none."""
    for key, on in ((REACT, True), (UNREACT, False)):
        if key in tags:
            try:
                return parse_emoji(tags[key]), on
            except ChatError:
                return None
    return None
