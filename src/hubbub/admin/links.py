"""Links for a browser that administrators make: into a room, to an account, to a new password."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from hubbub.admin.tasks import Arguments, Call, Result
from hubbub.domain.commands import MakeTicket
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.names import RoomName
from hubbub.domain.replies import TicketGiven
from hubbub.domain.rules import Uses
from hubbub.domain.tickets import fragment

DAY_SECONDS = 86_400
MAX_DAYS = 3650


class Link(Result, frozen=True, kw_only=True):
    """A link, told only now. ``url``: at the address that the server knows of itself.

    ``code``: what is secret in it. ``fragment``: what stands behind whatever address leads here.
    ``until``: when it ends (ms).
    """

    url: str
    fragment: str
    code: str
    uses: int
    until: int | None = None


async def make_link(call: Call, ticket: MakeTicket) -> Link:
    """The link that a ticket gives. Raises a `ChatError`."""
    given = await call.ask(ticket)
    assert isinstance(given, TicketGiven)
    user = None if given.ticket.user is None else str(given.ticket.user)
    behind = fragment(str(given.room), given.code, user)
    return Link(
        url=f"{call.desk.url().rstrip('/')}/{behind}",
        fragment=behind,
        code=given.code,
        uses=given.ticket.uses,
        until=given.ticket.until,
    )


class Invite(Arguments, frozen=True, kw_only=True):
    """``room``: None for an account on the server. ``days``: None for a link without an end."""

    room: RoomName | None = None
    uses: Uses = 1
    days: Annotated[int, Meta(ge=1, le=MAX_DAYS)] | None = 7


async def invite(call: Call, asked: Invite) -> Link:
    """Makes an invitation."""
    seconds = None if asked.days is None else asked.days * DAY_SECONDS
    ticket = MakeTicket(room=asked.room or DIRECTORY, uses=asked.uses, seconds=seconds)
    return await make_link(call, ticket)
