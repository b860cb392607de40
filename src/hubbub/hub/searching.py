"""Searches: what was typed becomes a query over the rooms that the searcher may read."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from msgspec.structs import replace

from hubbub.domain.commands import MAX_RESULTS, Search
from hubbub.domain.errors import BadMessage, NoSuchRoom, SearchUnavailable
from hubbub.domain.replies import Found, Result
from hubbub.domain.rights import Action
from hubbub.domain.search import parse_query
from hubbub.hub.access import Viewer
from hubbub.hub.answering import answer_later
from hubbub.hub.fairqueue import always, to_its_end
from hubbub.hub.ports import MOST_FRESH, Find
from hubbub.hub.room import HubRoom
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User

AT_ONCE = 2  # searches at the same time: Python would not run more of them


def search(hub: Services, session: Session, command: Search, user: User) -> None:
    """Answers with what is found; meanwhile the session's other commands wait."""
    work = partial(
        find,
        hub,
        user,
        command.query,
        command.before,
        command.limit,
        client=hub.reader(session),
        wanted=lambda: not session.ended,
    )
    answer_later(hub, session, command, work)


async def find(
    hub: Services,
    viewer: Viewer,
    raw: str,
    before: str | None,
    limit: int,
    *,
    client: str,
    wanted: Callable[[], bool] = always,
) -> Found:
    """What ``viewer`` finds, when it is the turn of ``client``.

    ``client`` is whose share of the server this is. What is not ``wanted`` any more when its turn
    comes is not done. Raises `BadMessage`, `InvalidName`, `NoSuchRoom`, `SearchUnavailable`,
    `RateLimited`.
    """
    if hub.search is None:
        raise SearchUnavailable("This server has no search: it is switched off.")
    if not 1 <= limit <= MAX_RESULTS:
        raise BadMessage(f"The limit of a search is 1 to {MAX_RESULTS} results.")
    query = parse_query(raw)
    place = None if before is None else hub.search_cursors.place(before)
    hub.access.check_reader(viewer)
    rooms = None
    if query.room is not None:
        room = hub.rooms.get(query.room.key)
        if room is None or not hub.access.may(viewer, Action.READ, room):
            raise NoSuchRoom(f'There is no room "{query.room}" to search in.')
        query = replace(query, room=room.name)  # the log knows no former names
        if room.hides_past or room.floor:
            rooms = {room.name.key: hub.access.floor(viewer, room)}
    elif not hub.rooms.all_plain:
        rooms = {
            one.name.key: floor
            for one in hub.rooms
            if _may_find(hub, viewer, one)
            and ((floor := hub.access.floor(viewer, one)) < one.head or not floor)
        }
    hub.counts.searches += 1
    async with hub.searches.turn(client, wanted):
        finds = await to_its_end(hub.search.find(query, before=place, limit=limit, rooms=rooms))
    behind = hub.search.behind
    return Found(
        results=[_result(one) for one in finds.finds if _is_still_read(hub, viewer, one)],
        next=None if finds.next is None else hub.search_cursors.shown(finds.next),
        behind=behind - MOST_FRESH if behind > MOST_FRESH else None,
    )


def _may_find(hub: Services, viewer: Viewer, room: HubRoom) -> bool:
    """Whether ``viewer`` may read ``room``, and know of it, too: a result names it."""
    if room.plain:
        return True
    known = room.listed or room.has_member(None if viewer is None else viewer.id)
    if viewer is not None and not known:  # who has been there, or is invited
        known = viewer.place(room.name.key) is not None or viewer.id in room.state.facts.invited
    return known and hub.access.may(viewer, Action.READ, room)


def _is_still_read(hub: Services, viewer: Viewer, found: Find) -> bool:
    room = hub.rooms.named(found.room.key)
    if room is None or not hub.access.may(viewer, Action.READ, room):
        return False
    return found.event.seq > hub.access.floor(viewer, room)


def _result(found: Find) -> Result:
    event = found.event
    return Result(
        room=str(found.room),
        seq=event.seq,
        at=event.at,
        by=event.by,
        excerpt=found.excerpt,
        reply_to=event.reply_to,
        by_id=event.by_id,
    )
