"""Who is in a room, as NAMES tells it: made once for a crowd that comes, and not for each of it.

https://modern.ircdocs.horse/#rplnamreply-353
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct

from hubbub.domain.rules import Role, RoomAccess
from hubbub.wire.irc import numerics as num
from hubbub.wire.irc.message import MAX_BYTES
from hubbub.wire.irc.modes import prefix, symbol
from hubbub.wire.irc.names import spelled

MOST = 16  # lists that are kept: of the rooms into which many come at one time
USUAL_NICK_BYTES = 16  # who has a longer name has lists of their own, with shorter lines
_NICK = "\0"  # stands for the name of who is told: no name has it


class People(Struct, frozen=True):
    """``users``: who is in the room. ``roles``: of those who have one."""

    users: Sequence[str]
    roles: Mapping[str, Role]
    access: RoomAccess

    def __hash__(self) -> int:
        """The names' own hashes are known; to keep who was told in memory would cost more."""
        return hash((tuple(self.users), frozenset(self.roles.items()), self.access))


class NameLists:
    """The lists that were told last. One is right for as long as the room's people are the same."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, bool, int], tuple[int, str]] = {}
        self.made = 0

    def lines(
        self,
        server: str,
        nick: str,
        target: str,
        people: People,
        *,
        many: bool,
        source: Callable[[str], str] | None = None,
    ) -> str:
        """All lines 353. ``many``: with all prefixes of somebody. ``source``: what is told of each,
        if it is more than a name; then the list is not kept, as that may change by itself.
        """
        width = max(len(nick.encode()), USUAL_NICK_BYTES)
        if source is not None:
            return self._made(server, target, people, width, many, source).replace(_NICK, nick)
        key = (server, target, many, width)
        whose, text = self._kept.pop(key, (0, ""))
        if whose != (now := hash(people)) or not text:
            text = self._made(server, target, people, width, many, spelled)
        self._kept[key] = now, text
        if len(self._kept) > MOST:
            del self._kept[next(iter(self._kept))]
        return text.replace(_NICK, nick)

    def _made(
        self,
        server: str,
        target: str,
        people: People,
        width: int,
        many: bool,
        told: Callable[[str], str],
    ) -> str:
        self.made += 1
        start = f":{server} {num.RPL_NAMREPLY} {_NICK} {symbol(people.access)} {target} :"
        most = MAX_BYTES - len(f"{start}\r\n".encode()) + len(_NICK) - width
        words = " ".join(_words(people, many, told))
        return "".join(f"{start}{line}\r\n" for line in in_lines(words, most))


def _words(people: People, many: bool, told: Callable[[str], str]) -> list[str]:
    roles = people.roles
    if not roles:
        return list(map(told, people.users))
    held = {role: prefix(role, all_of_them=many) for role in set(roles.values())}
    return [(held[roles[user]] if user in roles else "") + told(user) for user in people.users]


def in_lines(words: str, most: int) -> Iterator[str]:
    """Words with spaces between them, in lines of at most so many bytes. No word is longer.

    They are not looked at one by one: rooms have thousands of people.
    """
    data, start = words.encode(), 0
    while len(data) - start > most:
        end = data.rfind(b" ", start, start + most + 1)
        if end < 0:
            break
        yield data[start:end].decode()
        start = end + 1
    if start < len(data):
        yield data[start:].decode()
