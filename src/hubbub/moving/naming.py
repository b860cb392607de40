"""Names for people who are moved in: valid here, alike to those that they had, nobody else's.

"Anna Meier" becomes Anna.Meier: white space becomes a dot, and what no name can have is left out.
Where somebody else here has the name, or one that looks like it, a number follows: Anna.Meier2.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import sha256

from hubbub.domain.directory import is_directory
from hubbub.domain.errors import InvalidName
from hubbub.domain.ids import ID_BITS, UserId, user_id
from hubbub.domain.lookalikes import lookalike
from hubbub.domain.names import MAX_USER_CHARS, RoomName, UserName

MOST_TRIES = 10_000  # of numbers behind a name
NAMELESS = "member"  # of whose name nothing is left: an emoji, say
_SPACE = re.compile(r"[\s.]+")


def person_id(namespace: str, person: str) -> UserId:
    """The id here of ``person``, which is their id in the source; always the same."""
    return user_id(_number(f"person {namespace} {person}"))


def nonce(*what: object) -> str:
    """By what the log knows something again that was imported. It begins as no client's does."""
    digest = sha256("\0".join(map(str, what)).encode(errors="surrogatepass")).hexdigest()
    return f" import {digest[:32]}"


def user_name(wish: str) -> UserName:
    """A valid name that is similar to ``wish``."""
    dotted = _SPACE.sub(".", wish.strip()).strip(".")
    for text in (dotted, dotted[:MAX_USER_CHARS].rstrip(".")):
        try:
            return UserName.parse(text)
        except InvalidName as error:
            if error.suggestion:
                return UserName.parse(error.suggestion)
    return UserName.parse(NAMELESS)


def room_name(wish: str) -> RoomName:
    """A valid name that is similar to ``wish``: that of a room, and not the server's own log."""
    try:
        name = RoomName.parse(wish)
        return RoomName.parse(name.removeprefix("/")) if is_directory(name) else name
    except InvalidName as error:
        return RoomName.parse(error.suggestion or "room")


class Names:
    """Gives names; ``is_taken``: whether somebody but that id has it here."""

    def __init__(self, is_taken: Callable[[UserName, UserId], bool]) -> None:
        self._is_taken = is_taken
        self._given: dict[str, UserId] = {}

    def give(self, wish: str, id: UserId) -> UserName:
        """A name for ``id`` that is nobody else's, and looks like nobody else's."""
        name = user_name(wish)
        stem = str(name)
        for number in range(2, MOST_TRIES):
            if self._is_free(name, id):
                break
            tail = str(number)
            try:
                name = UserName.parse(stem[: MAX_USER_CHARS - len(tail)].rstrip(".") + tail)
            except InvalidName:  # no such digits behind letters that run from right to left
                stem = NAMELESS
        self.keep(name, id)
        return name

    def keep(self, name: UserName, id: UserId) -> None:
        """``id`` has that name already."""
        self._given[lookalike(name.key)] = id

    def _is_free(self, name: UserName, id: UserId) -> bool:
        return self._given.get(lookalike(name.key), id) == id and not self._is_taken(name, id)


def _number(text: str) -> int:
    digest = sha256(text.encode(errors="surrogatepass")).digest()
    return (int.from_bytes(digest[:8]) >> (64 - ID_BITS)) or 1
