"""Messages of a room that belong together: those that are pinned, a conversation, former versions.

Each is read from the log in a turn of who asks, and shown with what has amended it meanwhile.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from hubbub.domain import commands as ask
from hubbub.domain.commands import MAX_HISTORY
from hubbub.domain.errors import BadMessage, NotAllowed
from hubbub.domain.events import AnyEvent, Edited
from hubbub.domain.kinds import is_message
from hubbub.domain.projection import up_to_date
from hubbub.domain.replies import Messages, Version, VersionList
from hubbub.domain.rights import Action
from hubbub.domain.state import TAKEN_BACK
from hubbub.domain.told import MAX_ROWS
from hubbub.hub.access import Viewer, named
from hubbub.hub.amending import check_is_there, is_own
from hubbub.hub.answering import answer_later
from hubbub.hub.fairqueue import always, to_its_end
from hubbub.hub.pages import first_piece, last_piece
from hubbub.hub.past import shown_behind
from hubbub.hub.replying import Which
from hubbub.hub.room import HubRoom
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User

Wanted = Callable[[], bool]
"""Whether somebody still waits for the answer."""


def pins(hub: Services, session: Session, command: ask.Pins, user: User, room: HubRoom) -> None:
    """Answers with what is pinned."""
    asker, wanted = hub.reader(session), partial(_is_here, session)
    answer_later(hub, session, command, partial(pinned, hub, user, room, asker, wanted))


def conversation(
    hub: Services, session: Session, command: ask.Conversation, user: User, room: HubRoom
) -> None:
    """Answers with the conversation around a message."""
    room.state.check_there(command.target, hub.access.floor(user, room))
    asker, wanted = hub.reader(session), partial(_is_here, session)
    work = partial(joined_with, hub, user, room, command.target, asker, wanted)
    answer_later(hub, session, command, work)


def versions(
    hub: Services, session: Session, command: ask.Versions, user: User, room: HubRoom
) -> None:
    """Answers with what a message said before it was edited."""
    which = Which(command.target)
    room.state.check_there(command.target, hub.access.floor(user, room))

    async def work() -> VersionList:
        said = check_is_there(await which.find(hub, session, room))
        hub.access.check_still(named(session), Action.READ, room)
        if not is_own(named(session), said) and not hub.access.may(user, Action.REDACT, room):
            raise NotAllowed(
                "What a message said before it was changed is for who has said it, and for who "
                "moderates the room."
            )
        with room.reading() as meanwhile:
            async with hub.pages.turn(hub.reader(session), partial(_is_here, session)):
                found = await to_its_end(hub.log.versions(room.which, said.seq))
            hub.access.check_still(named(session), Action.READ, room)
            room.state.check_there(said.seq, hub.access.floor(named(session), room))
            # Taken back meanwhile, here or on another server, it has none any more.
            (now,) = up_to_date([said], meanwhile)
            check_is_there(now)
        if not found or not any(_texts(found)):
            raise BadMessage(TAKEN_BACK)
        kept = last_piece(found)[-MAX_ROWS:]
        told = [Version(one.at, text) for one, text in zip(kept, _texts(kept), strict=True)]
        return VersionList(room=room.name, target=said.seq, versions=told)

    answer_later(hub, session, command, work)


def _texts(events: Sequence[AnyEvent]) -> list[str]:
    return [one.text if is_message(one) or isinstance(one, Edited) else "" for one in events]


async def pinned(
    hub: Services, viewer: Viewer, room: HubRoom, asker: str, wanted: Wanted = always
) -> Messages:
    """What of the pins of ``room`` the viewer may read, the newest pin first.

    Raises `NoSuchRoom`, `LogUnavailable`, `RateLimited`.
    """

    async def look() -> tuple[list[AnyEvent], bool]:
        return await hub.log.messages(room.which, room.state.facts.pins), False

    found, _ = await _read(hub, viewer, room, look, asker, wanted)
    by_seq = {event.seq: event for event in found}
    # Those that are pinned now: another one may have been unpinned, or taken back, meanwhile.
    shown = [by_seq[seq] for seq in reversed(room.state.facts.pins) if seq in by_seq]
    kept = first_piece(shown)
    return Messages(room=room.name, events=kept, head=room.head, more=len(kept) < len(shown))


async def joined_with(
    hub: Services,
    viewer: Viewer,
    room: HubRoom,
    target: int,
    asker: str,
    wanted: Wanted = always,
) -> Messages:
    """The messages that are joined with ``target`` by replies, as far as the viewer reads them.

    Raises `BadMessage` if it is no message, and as `pinned`.
    """

    async def look() -> tuple[list[AnyEvent], bool]:
        return await hub.log.conversation(room.which, target, MAX_HISTORY)

    found, more = await _read(hub, viewer, room, look, asker, wanted)
    if not found:
        raise BadMessage(f"Event {target} of {room.name} is not a message.")
    kept = last_piece(found)
    return Messages(
        room=room.name, events=kept, head=room.head, more=more or len(kept) < len(found)
    )


async def _read(
    hub: Services,
    viewer: Viewer,
    room: HubRoom,
    look: Callable[[], Awaitable[tuple[list[AnyEvent], bool]]],
    asker: str,
    wanted: Wanted,
) -> tuple[Sequence[AnyEvent], bool]:
    """What ``look`` finds, as it is now and as the viewer may read it."""
    with room.reading() as meanwhile:
        async with hub.pages.turn(asker, wanted):
            found, more = await to_its_end(look())
        hub.access.check_still(viewer, Action.READ, room)
        shown = up_to_date(found, meanwhile)
    return shown_behind(max(room.floor, hub.access.floor(viewer, room)), shown), more


def _is_here(session: Session) -> bool:
    return not session.ended
