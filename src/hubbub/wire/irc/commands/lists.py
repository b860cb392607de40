"""The lists of a room: who is banned, for whom bans do not hold, who needs no invitation.

``MODE #room +b`` and with a mask; so ``e`` and ``I``. A mute is a ban with ``m:`` before its mask.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from hubbub.domain.commands import Ban, Bans, Command, Exempt, Mute, Unban, Unmute
from hubbub.domain.errors import NotAllowed, TooMany
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import BanList
from hubbub.domain.rules import Exemption
from hubbub.wire.irc import numerics as num
from hubbub.wire.irc.asked import Wish
from hubbub.wire.irc.conversation import Conversation, Rejected
from hubbub.wire.irc.masks import MUTE, WILD, Mask, Meaningless, mask_of, parse, same, whom
from hubbub.wire.irc.message import Message
from hubbub.wire.irc.names import channel, spelled, user_of
from hubbub.wire.irc.wire import IrcWire

OF = {"e": Exemption.BANS, "I": Exemption.INVITATIONS}


class Entry(NamedTuple):
    """One mask of a list, who has set it and when, and what takes it away."""

    mask: str
    by: str
    at: int
    off: Command


class Numerics(Struct, frozen=True):
    """Those by which a list is told, and what it is called."""

    entry: str
    end: str
    what: str


NUMERICS = {
    "b": Numerics(num.RPL_BANLIST, num.RPL_ENDOFBANLIST, "ban"),
    "e": Numerics(num.RPL_EXCEPTLIST, num.RPL_ENDOFEXCEPTLIST, "exception"),
    "I": Numerics(num.RPL_INVEXLIST, num.RPL_ENDOFINVEXLIST, "invite exception"),
}


def entries(wire: IrcWire, room: RoomName, told: BanList, letter: str) -> Iterator[Entry]:
    """What is in the list that the letter means."""
    sources = wire.host
    if letter == "b":
        for ban in told.bans:
            network = ban.network is not None
            mask = mask_of(sources, ban.user, ban.user_id, pattern=ban.pattern, network=network)
            yield Entry(mask, ban.by, 0, Unban(room=room, ban=ban.seq))
        for user in told.muted:
            mask = MUTE + mask_of(sources, user, sources.directory.id_of(user), pattern=False)
            yield Entry(mask, "", 0, Unmute(room=room, user=UserName.recall(user)))
        return
    for one in told.exemptions:
        if one.of is not OF[letter]:
            continue
        mask = mask_of(sources, one.user, one.user_id, pattern=one.pattern)
        off = Exempt(
            room=room,
            user=None if one.pattern else UserName.recall(one.user),
            pattern=one.user if one.pattern else None,
            of=one.of,
            on=False,
        )
        yield Entry(mask, one.by, one.at, off)


def tell_list(wire: IrcWire, message: Message, room: RoomName, letter: str) -> Conversation:
    """Who is in the list."""
    target, numerics = channel(room), NUMERICS[letter]
    try:
        told = yield Bans(room=room)
    except Rejected as error:
        if error.refused.code != NotAllowed.code:
            wire.refuse(error.refused, message, target)
            return
        # Programs ask for it whenever they join, and wait for its end: irssi does for minutes.
        wire.numeric(numerics.end, target, error.refused.message)
        return
    assert isinstance(told, BanList)
    for entry in entries(wire, room, told, letter):
        when = (spelled(entry.by), str(entry.at // 1000)) if entry.at else ()
        wire.numeric(numerics.entry, target, entry.mask, *when)
    wire.numeric(numerics.end, target, f"End of channel {numerics.what} list.")


def change_list(
    wire: IrcWire, message: Message, room: RoomName, here: Sequence[str], wish: Wish
) -> Conversation:
    """Puts a mask into a list, or takes it out."""
    text = wish.param or ""
    mutes = wish.letter == "b" and text.startswith(MUTE)
    mask = parse(text.removeprefix(MUTE) if mutes else text)
    try:
        if wish.on:
            yield from _add(wire, room, here, wish.letter, mask, mutes=mutes)
            return
        told = yield Bans(room=room)
        assert isinstance(told, BanList)
        for entry in entries(wire, room, told, wish.letter):
            shown = entry.mask.removeprefix(MUTE)
            if mutes == entry.mask.startswith(MUTE) and _means(wire, mask, shown, here):
                yield entry.off
                return
    except Meaningless as error:
        param = text if text and " " not in text else "*"
        why = error.args[0]
        wire.numeric(num.ERR_INVALIDMODEPARAM, channel(room), wish.letter, param, why)
    except Rejected as error:
        if error.refused.code == TooMany.code:
            why = error.refused.message
            wire.numeric(num.ERR_BANLISTFULL, channel(room), text, why)
        else:
            wire.refuse(error.refused, message, channel(room))


def _add(
    wire: IrcWire, room: RoomName, here: Sequence[str], letter: str, mask: Mask, *, mutes: bool
) -> Conversation:
    """Puts ``mask`` into the list. A guest who is here is banned by any name that they will have,
    unless they are as much in the room as who bans: then guests of that name are.
    """
    command = _adding(wire, room, here, letter, mask, mutes=mutes)
    guest = _guest_of(wire, command.pattern) if isinstance(command, Ban) else None
    if isinstance(command, Ban) and guest is not None:
        with suppress(Rejected):
            yield replace(command, user=guest, pattern=None)
            return
    yield command


def _guest_of(wire: IrcWire, pattern: str | None) -> UserName | None:
    """Who is here now of those whom ``pattern`` means, if it means one name."""
    if pattern is None or not WILD.isdisjoint(pattern):
        return None
    return None if wire.host.directory.id_of(pattern) is None else user_of(pattern)


def _adding(
    wire: IrcWire, room: RoomName, here: Sequence[str], letter: str, mask: Mask, *, mutes: bool
) -> Command:
    """What puts ``mask`` into the list. Raises `Meaningless`."""
    about = whom(mask, wire.host, here)
    user = None if about.user is None else user_of(about.user)
    if mutes:
        return Mute(room=room, user=user_of(about.pattern or "") if user is None else user)
    if letter == "b":
        return Ban(room=room, user=user, pattern=about.pattern, network=about.network)
    return Exempt(room=room, user=user, pattern=about.pattern, of=OF[letter])


def _means(wire: IrcWire, mask: Mask, shown: str, here: Sequence[str]) -> bool:
    """Whether ``mask`` is in the list as what is ``shown``, or means the same account."""
    if same(mask, shown):
        return True
    try:
        about = whom(mask, wire.host, here).user
    except Meaningless:
        return False
    return about is not None and same(parse(shown), f"*!*@{wire.host.host(about, None)}")
