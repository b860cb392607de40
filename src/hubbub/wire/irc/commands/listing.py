"""LIST: which rooms there are, with the conditions of ELIST.

https://modern.ircdocs.horse/#elist-parameter
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from hubbub.domain.commands import Rooms
from hubbub.domain.names import RoomName
from hubbub.domain.patterns import compiled
from hubbub.domain.replies import RoomInfo, RoomList
from hubbub.domain.rules import RoomAccess
from hubbub.domain.state import RoomFacts
from hubbub.wire.irc import numerics as num
from hubbub.wire.irc.conversation import Conversation, Row
from hubbub.wire.irc.message import Message
from hubbub.wire.irc.names import channel
from hubbub.wire.irc.wire import IrcWire

MOST_LISTED = 5000  # rooms in one answer: half a megabyte
MOST_CONDITIONS = 20  # each is asked of each room
MINUTE_MS = 60_000

Fits = Callable[[RoomInfo, RoomFacts, int], bool]
"""Whether a room is asked for; with the time (ms)."""

_COMPARISON = re.compile(r"([CT]?)([<>])(\d{1,9})", re.ASCII)


def list_rooms(wire: IrcWire, message: Message) -> Conversation:
    """LIST."""
    conditions = [part for part in message[0].split(",") if part][:MOST_CONDITIONS]
    masks = [part for part in conditions if not _COMPARISON.fullmatch(part)]
    fits = [_compared(found) for found in map(_COMPARISON.fullmatch, conditions) if found]
    if masks:
        fits.append(_named(masks))
    directory = wire.host.directory
    wire.numeric(num.RPL_LISTSTART, "Channel", "Users  Name")
    place, told = None, 0
    while told < MOST_LISTED:
        page = yield Rooms(after=place)
        assert isinstance(page, RoomList)
        for info in page.rooms:
            facts = directory.facts(RoomName.recall(info.name))
            if info.access is not RoomAccess.DIRECT and all(
                fit(info, facts, directory.now()) for fit in fits
            ):
                wire.numeric(num.RPL_LIST, channel(info.name), str(info.users), info.topic or "")
                told += 1
        place = page.next
        if place is None:
            break
    else:
        wire.numeric(num.ERR_TOOMANYMATCHES, "LIST", "There are more: LIST *WORD* finds some.")
    wire.numeric(num.RPL_LISTEND, "End of /LIST")


def _compared(found: re.Match[str]) -> Fits:
    """``>3``: more than 3 people; ``C<60``: made less than an hour ago; ``T``: its topic set."""
    what, sign, digits = found.groups()
    number = int(digits)

    def fits(info: RoomInfo, facts: RoomFacts, now: int) -> bool:
        if not what:
            return info.users > number if sign == ">" else info.users < number
        at = facts.made if what == "C" else facts.topic_at
        since = now - at
        limit = number * MINUTE_MS
        return bool(at) and (since > limit if sign == ">" else since < limit)

    return fits


def _named(masks: list[str]) -> Fits:
    """One of the masks, and none of those with a ``!``."""
    wanted = list(_expressions(mask for mask in masks if not mask.startswith("!")))
    unwanted = list(_expressions(mask[1:] for mask in masks if mask.startswith("!")))

    def fits(info: RoomInfo, facts: RoomFacts, now: int) -> bool:
        name = channel(info.name).lower()
        if any(mask.fullmatch(name) for mask in unwanted):
            return False
        return not wanted or any(mask.fullmatch(name) for mask in wanted)

    return fits


def _expressions(masks: Iterator[str]) -> Iterator[re.Pattern[str]]:
    return (compiled(re.sub(r"\*+", "*", mask.lower())) for mask in masks)


ROWS = {"LIST": Row(list_rooms)}
