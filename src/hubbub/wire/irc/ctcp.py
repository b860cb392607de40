"""Messages in messages (https://modern.ircdocs.horse/ctcp): what somebody does, and queries.

What somebody does is a text that everybody sees: ``*ada waves*``, as programs of other protocols
write it. All others are told by programs to programs.
"""

from __future__ import annotations

DELIMITER = "\x01"
_ACTION = "ACTION"
_IMPORTED = "/me "  # what texts begin with that were moved in from elsewhere
_HARMLESS = {0x01: "\N{SYMBOL FOR START OF HEADING}"}


def message_in(text: str) -> str | None:
    """The message in ``text``, without its delimiters; None if it is a text like any other."""
    if not text.startswith(DELIMITER):
        return None
    return text[1:].partition(DELIMITER)[0]


def written(message: str) -> str:
    """``message`` between its delimiters."""
    return f"{DELIMITER}{message}{DELIMITER}"


def deed_in(message: str) -> str | None:
    """What somebody does, if the message in a text tells that."""
    verb, _, deed = message.partition(" ")
    return deed.strip() if verb.upper() == _ACTION else None


def text_of_deed(by: str, deed: str) -> str:
    """The text that says what ``by`` does."""
    return f"*{by} {deed}*"


def deed_of(by: str, text: str) -> str | None:
    """What ``by`` does, if that is what ``text``, by them, says; None if it is another text."""
    if text.startswith(_IMPORTED) and "\n" not in text:
        return text.removeprefix(_IMPORTED)
    begin = f"*{by} "
    if not text.startswith(begin) or not text.endswith("*") or "\n" in text:
        return None
    deed = text[len(begin) : -1]
    return deed if deed.strip() == deed and deed else None


def written_deed(deed: str) -> str:
    """What somebody does, as it is told."""
    return written(f"{_ACTION} {deed}")


DEED_BYTES = len(written_deed(""))


def harmless(text: str) -> str:
    """``text`` without what would be taken for such a message."""
    return text.translate(_HARMLESS) if DELIMITER in text else text
