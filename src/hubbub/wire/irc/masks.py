"""Masks of people, as bans have them: ``nick!user@host``, with ``*`` and ``?``.

A mask means somebody by their account (``*!*@user/NAME``) or their network (``*!*@guest/HASH``), or
guests by a pattern of their names (``spam*!*@*``). User names are what a client says of itself, and
addresses are shown to nobody: nobody is kept out by them.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from hubbub.domain.names import UserName
from hubbub.wire.irc.directory import Sources
from hubbub.wire.irc.names import ACCOUNT_HOST, GUEST_HOST, SPACE, account_host, spelled

WILD = frozenset("*?")
MUTE = "m:"  # an extended ban: https://defs.ircdocs.horse/defs/extbans#mute
ACCOUNT = "a:"
"""An account by its name, whoever else is called like it.

https://ircv3.net/specs/extensions/account-extban
"""

NOT_KNOWN = "People are known here by their names: nick!*@*, *!*@user/NAME or *!*@guest/HASH."
NOT_THERE = "Nobody with that host is in the channel."
NO_ACCOUNT = "There is no account of that name here."


class Mask(Struct, frozen=True):
    """The three parts of a mask."""

    nick: str = "*"
    username: str = "*"
    host: str = "*"

    def __str__(self) -> str:
        return f"{self.nick}!{self.username}@{self.host}"


class Whom(Struct, frozen=True):
    """Whom a mask means: ``user``, or guests whose names fit ``pattern``.

    ``network``: guests from where the user is, too.
    """

    user: str | None = None
    pattern: str | None = None
    network: bool = False


class Meaningless(Exception):
    """Nobody is meant by such a mask here. ``args[0]`` says why."""


def parse(text: str) -> Mask:
    """The mask that ``text`` stands for: a nickname alone is one, and so is a host alone."""
    if text.startswith(ACCOUNT):
        return Mask(host=account_host(text.removeprefix(ACCOUNT)))
    nick, bang, rest = text.partition("!")
    if bang:
        username, _, host = rest.partition("@")
        return Mask(nick or "*", username or "*", host or "*")
    username, at, host = text.partition("@")
    if at:
        return Mask("*", username or "*", host or "*")
    return Mask(text or "*")


def whom(mask: Mask, sources: Sources, here: Iterable[str]) -> Whom:
    """Whom ``mask`` means. ``here``: who is in the room. Raises `Meaningless`."""
    known = mask.host.startswith((ACCOUNT_HOST, GUEST_HOST))  # whoever says what as a user name
    if mask.username.lstrip("~") != "*" and not known:
        raise Meaningless(NOT_KNOWN)
    if mask.host == "*":
        directory = sources.directory
        wild = not WILD.isdisjoint(mask.nick)
        account = None if wild else directory.account_of(directory.id_of(mask.nick))
        return Whom(pattern=mask.nick) if account is None else Whom(user=mask.nick)
    if mask.host.startswith(ACCOUNT_HOST):
        name = mask.host.removeprefix(ACCOUNT_HOST)
        if not WILD.isdisjoint(name):
            raise Meaningless(NOT_KNOWN)
        if sources.directory.account_of(sources.directory.id_of(name)) is None:
            raise Meaningless(NO_ACCOUNT)  # but maybe a guest, who is not meant
        return Whom(user=name)
    if mask.host.startswith(GUEST_HOST):
        for name in here:
            if sources.host(name, None) == mask.host:
                return Whom(user=name, network=True)
        raise Meaningless(NOT_THERE)
    raise Meaningless(NOT_KNOWN)


def mask_of(
    sources: Sources, user: str, user_id: str | None, *, pattern: bool, network: bool = False
) -> str:
    """The mask that is shown of who is meant: a `CurrentBan`, say, or an event."""
    if pattern:
        return str(Mask(spelled(user)))
    if network or sources.directory.account_of(user_id) is not None:
        return str(Mask(host=sources.host(user, user_id)))
    return str(Mask(spelled(user)))


def same(mask: Mask, shown: str) -> bool:
    """Whether ``mask`` is what is ``shown`` of somebody, whatever its case."""
    other = parse(shown)
    return _key(mask.nick) == _key(other.nick) and mask.host.lower() == other.host.lower()


def _key(nick: str) -> str:
    return UserName.recall(nick.replace(SPACE, " ")).key
