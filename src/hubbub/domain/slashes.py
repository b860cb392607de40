"""Commands that people type behind a slash: the names that other chats have for them, and typos.

Each client has its own table of commands. This is what they share, so that somebody who comes from
IRC, Slack or WeeChat is understood, or told what to do instead.
"""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

_SAME = (
    ("join", "j", "channel", "enter", "goto"),
    ("leave", "part", "close"),
    ("rooms", "list", "channels", "ls"),
    ("who", "names", "members", "users", "nicks"),
    ("nick", "name", "rename"),
    ("reply", "answer", "re"),
    ("search", "find", "grep", "lastlog"),
    ("history", "scrollback", "log"),
    ("me", "action", "describe"),
    ("clear", "cls"),
    ("theme", "color", "colors", "colour", "colours"),
    ("ignore", "block"),
    ("unignore", "unblock"),
    ("help", "commands", "keys", "?"),
    ("quit", "exit", "bye", "disconnect", "signoff"),
)
"""Words for one thing in each line; a client mostly has one of them in its table."""

_NOBODY_ELSE = (
    "There are no private messages here: everybody in a room can read what is said in it. "
    "To answer somebody, type /reply NAME TEXT"
)
_NO_RANKS = "Nobody here can do that to others: all people in a room have the same rights."
_MUTED = (
    "To hide what somebody says, use the web page or the full-screen client (python client.py): "
    "type /ignore NAME there."
)
_INSTEAD = {
    **dict.fromkeys(("msg", "query", "dm", "pm", "whisper", "w", "tell", "notice"), _NOBODY_ELSE),
    **dict.fromkeys(("kick", "ban", "unban", "op", "deop", "voice", "mode"), _NO_RANKS),
    "topic": "Rooms have no topic here. Say it in the room.",
    "invite": "Everybody may come in. Tell them the name of the room: they type /join ROOM",
    "whois": "All that is known of people is who is in the room: /who lists them.",
    **dict.fromkeys(
        ("away", "back", "afk"), "You cannot be marked as away here. Say it in the room."
    ),
    "me": "Write it between asterisks, with your name, as in: *ada waves*",
    "leave": "Here you are in one room at a time. /join ROOM goes to another one, exit ends.",
    "nick": "Your name stays as long as you are connected. Type exit, and come back with another.",
    "clear": "Your terminal does that: in most of them, press Ctrl+L.",
    "ignore": _MUTED,
    "unignore": _MUTED,
    "mute": _MUTED,
}
"""What to do instead, for those who have no such command."""

_LONGEST = 20  # characters of a word that may be a typo: longer ones are no command
_LIKE = 0.7  # of 1: "jion" for "join" is 0.75, "foo" for "who" 0.33


def meant(word: str, known: Collection[str]) -> str | None:
    """Which of the ``known`` commands goes by ``word``, in lower case, too; None if none does."""
    if word in known:
        return word
    return next((one for one in _same_as(word) if one in known), None)


def advice(word: str, known: Collection[str]) -> str | None:
    """A hint for somebody who typed ``word``, which is none of the ``known`` commands.

    It is what to do instead, or which command may have been meant; None if nobody knows.
    """
    instead = next((_INSTEAD[one] for one in (word, *_same_as(word)) if one in _INSTEAD), None)
    if instead is not None:
        return instead
    near = _near(word, known)
    return None if near is None else f"Did you mean /{near}?"


def _same_as(word: str) -> tuple[str, ...]:
    return next((words for words in _SAME if word in words), ())


def _near(word: str, known: Collection[str]) -> str | None:
    if len(word) > _LONGEST:
        return None
    words = {one: one for one in known}
    for same in _SAME:
        ours = next((one for one in same if one in known), None)
        if ours is not None:
            words.update(dict.fromkeys(same, ours))
    found = get_close_matches(word, words, n=1, cutoff=_LIKE)
    return words[found[0]] if found else None
