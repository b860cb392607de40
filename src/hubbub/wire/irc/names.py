"""Names of people and rooms as IRC spells them, and who somebody is by a mask."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from hubbub.domain.errors import InvalidName
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.patterns import compiled

CHANNEL_PREFIX = "#"
DIRECT_PREFIX = "@"  # of the names of direct conversations, which are no channels
ACCOUNT_HOST = "user/"
GUEST_HOST = "guest/"
_CLOAK_BYTES = 5
SPACE = "\u00a0"  # stands for a space in names that are nobody's, as "former member"


def channel(room: str) -> str:
    """The channel that the room is."""
    return CHANNEL_PREFIX + room


def is_channel(target: str) -> bool:
    """Whether ``target`` is meant as a channel."""
    return target.startswith(CHANNEL_PREFIX)


def room_of(target: str) -> RoomName:
    """The room that a channel is. Raises `InvalidName`."""
    if not is_channel(target):
        raise InvalidName("The name of a channel begins with #.")
    return RoomName.parse(target.removeprefix(CHANNEL_PREFIX))


def is_doubled(target: str) -> bool:
    """Whether ``target`` begins with more than one #, of which rooms here have none: it is another
    channel to a client than that which it comes to.
    """
    return target.startswith(CHANNEL_PREFIX * 2)


def user_of(nick: str) -> UserName:
    """Whose nickname it is. Raises `hubbub.domain.errors.InvalidName`."""
    return UserName.parse(nick)


def spelled(name: str) -> str:
    """A name that is shown only, as a nickname: without spaces."""
    return name.replace(" ", SPACE) if " " in name else name


def account_host(account: str) -> str:
    """The host that is shown of who has an account: never an address."""
    return f"{ACCOUNT_HOST}{account}"


@lru_cache(maxsize=256)  # asked for with each text: of who speaks now, not of all who are here
def guest_host(key: bytes, whose: str) -> str:
    """The host that is shown of a guest, by a keyed hash of their id, or name."""
    digest = hashlib.blake2s(whose.encode(), digest_size=_CLOAK_BYTES, key=key).hexdigest()
    return f"{GUEST_HOST}{digest}"


def msgid(room: RoomName, seq: int) -> str:
    """What identifies a message of the room for good: the name's key, a slash, its number."""
    return f"{room.key}/{seq}"


def parse_msgid(text: str) -> tuple[str, int] | None:
    """The key of the room's name and the number; None if that is no id of a message."""
    key, _, seq = text.rpartition("/")
    return (key, int(seq)) if key and seq.isascii() and seq.isdecimal() else None


_compiled = lru_cache(maxsize=64)(compiled)


def fits(text: str, mask: str) -> bool:
    """Whether ``mask``, in which * stands for any characters and ? for one, fits; case is one."""
    return _compiled(mask.lower()).fullmatch(text.lower()) is not None
