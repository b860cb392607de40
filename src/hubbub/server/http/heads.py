"""The headers of a request that has come and is not read yet."""

from __future__ import annotations

from hubbub.server.http.strict import MAX_FIELDS
from hubbub.server.origin_policy import Fields

HEAD_END = b"\r\n\r\n"


def fields_of(data: bytes) -> Fields | None:
    """The headers, None while they are not complete.

    Nothing is checked: a request that other programs could read otherwise is refused when it is
    read (`hubbub.server.http.strict`).
    """
    end = data.find(HEAD_END)
    if end < 0:
        return None
    found: dict[str, list[str]] = {}
    lines = data[:end].split(b"\r\n", MAX_FIELDS + 2)[1:]
    if len(lines) > MAX_FIELDS:
        return lambda name: ()  # it is refused for that
    for line in map(_text, lines):
        name, _, value = line.partition(":")
        found.setdefault(name.lower(), []).append(value.strip())
    return lambda name: found.get(name, [])


def _text(line: bytes) -> str:
    return line.decode("latin-1")
