"""Setting filters: see `hubbub.hub.filters`."""

from __future__ import annotations

from hubbub.domain import commands as ask
from hubbub.domain.errors import BadMessage
from hubbub.domain.events import UNSEQUENCED, FilterSet
from hubbub.hub.filters import check_together, parse_filter
from hubbub.hub.room import HubRoom
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User


def set_filter(
    hub: Services, session: Session, command: ask.SetFilter, user: User, room: HubRoom
) -> None:
    """Adds a filter, or takes it away."""
    filters = room.state.facts.filters
    pattern = " ".join(command.pattern.split())
    known = next((one for one in filters if one.casefold() == pattern.casefold()), None)
    if known is None and not command.on:
        raise BadMessage(f"There is no such pattern in {room.called}. To see all of them: /filter")
    if known is None:
        pattern = parse_filter(pattern)
        check_together((*filters, pattern), f"of {room.called}")
    hub.take_disk(session, command, pattern, user.name, command.nonce)
    now, on = hub.clock(), command.on
    event = FilterSet(UNSEQUENCED, now, user.name, pattern=known or pattern, on=on, by_id=user.id)
    hub.journal.submit(session, room, command, event)
