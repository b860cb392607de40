"""What to type is told as it is typed in clients of IRC, which have commands of their own."""

from __future__ import annotations

import re

_HERE: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"/rename NAME\b"), "/msg NickServ RENAME NAME"),
    (re.compile(r"/register\b"), "/msg NickServ REGISTER PASSWORD"),
    (re.compile(r"/password$"), "/msg NickServ PASSWD OLD NEW"),
    (re.compile(r"/join (.+) PASSWORD$"), r"/join #\1 PASSWORD"),
    (re.compile(r"/bans$"), "/mode #ROOM +b"),
    (re.compile(r"/leave$"), "/part"),
)
"""What the sentences of the hub name, which are those of all other clients; and what it is here."""


def in_irc(sentence: str) -> str:
    """The sentence, with the commands that it names as they are here."""
    if "/" in sentence:
        for elsewhere, here in _HERE:
            sentence = elsewhere.sub(here, sentence)
    return sentence
