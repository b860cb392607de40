"""A server with everything in it: every kind of event that a room's log may have."""

from __future__ import annotations

from hubbub.domain.events import (
    UNSEQUENCED,
    AnyEvent,
    AuthorForgotten,
    Banned,
    DirectBegun,
    Edited,
    Exempted,
    FilterSet,
    InvitationEnded,
    Invited,
    Joined,
    Kicked,
    Left,
    Muted,
    Pinned,
    Reacted,
    Redacted,
    RoleGiven,
    RoomRenamed,
    RulesSet,
    Said,
    TicketEnded,
    TicketMade,
    TopicSet,
    Trusted,
    Unbanned,
    Unmuted,
)
from hubbub.domain.ids import user_id
from hubbub.domain.rules import Exemption, HistoryFor, Newcomers, Role, RoomAccess, Speakers, Topics
from hubbub.hub.directs import room_of
from tests.moving.servers import ADA, BEN, EVE, IDS, NOON, Place, said

GUEST = user_id(12345)
GONE = user_id(54321)
ADAS, BENS, EVES = IDS[ADA], IDS[BEN], IDS[EVE]
U = UNSEQUENCED


def of_a_room() -> list[AnyEvent]:
    """Each kind at least once, in an order that might be."""
    at = iter(range(NOON, NOON + 1_000_000, 1000))
    return [
        Joined(U, next(at), "ada", role=Role.OWNER, by_id=ADAS),
        said("hello *all*\nof <you> & https://example.org/ 👋"),
        Said(U, next(at), "old", "by nobody in particular", notice=True, tags={"+x": "y"}),
        Joined(U, next(at), "guest", by_id=GUEST),
        Said(U, next(at), "guest", "hi ada", 2, by_id=GUEST),
        Joined(U, next(at), "visitor", was="guest", since=4, by_id=GUEST),
        Left(U, next(at), "guest", now="visitor", by_id=GUEST),
        TopicSet(U, next(at), "ada", "tea", by_id=ADAS),
        RulesSet(
            U,
            next(at),
            "ada",
            speak=Speakers.ALL,
            slow=3,
            guests=True,
            history=HistoryFor.ALL,
            newcomers=Newcomers.CAREFUL,
            by_id=ADAS,
        ),
        RoomRenamed(U, next(at), "ada", "Kitchen", "cellar", by_id=ADAS),
        Joined(U, next(at), "ben", by_id=BENS),
        RoleGiven(U, next(at), "ada", "ben", BENS, role=Role.MODERATOR, by_id=ADAS),
        Muted(U, next(at), "ben", "visitor", GUEST, until=NOON + 5, reason="loud", by_id=BENS),
        Unmuted(U, next(at), "ben", "visitor", GUEST, by_id=BENS),
        Kicked(U, next(at), "ben", "visitor", GUEST, "bye", by_id=BENS),
        Banned(U, next(at), "ben", "visitor", GUEST, reason="again", by_id=BENS),
        Banned(U, next(at), "ben", "vis*", pattern=True, by_id=BENS),
        Unbanned(U, next(at), "ben", "visitor", GUEST, ban=16, by_id=BENS),
        TicketMade(U, next(at), "ada", "t1", 2, by_id=ADAS),
        TicketMade(U, next(at), "ada", "t2", 1, by_id=ADAS),
        TicketEnded(U, next(at), "ada", "t2", by_id=ADAS),
        Invited(U, next(at), "ada", "eve", EVES, "t1", by_id=ADAS),
        InvitationEnded(U, next(at), "ada", "eve", EVES, by_id=ADAS),
        FilterSet(U, next(at), "ada", pattern="spam*", by_id=ADAS),
        FilterSet(U, next(at), "ada", pattern="spam*", on=False, by_id=ADAS),
        Trusted(U, next(at), "ben", "eve", EVES, by_id=BENS),
        Joined(U, next(at), "gone", by_id=GONE),
        Said(U, next(at), "gone", "forget me", by_id=GONE),
        Left(U, next(at), "gone", gone=True, reason="tea", by_id=GONE),
        AuthorForgotten(U, next(at), "former member", True, by_id=GONE),
        Said(U, next(at), "ben", "an answer to what is gone", 28, by_id=BENS),
        Edited(U, next(at), "ben", 31, "an answer to what is gone by now", by_id=BENS),
        Edited(U, next(at), "ben", 31, "an answer to what is gone", by_id=BENS),
        Reacted(U, next(at), "ada", 31, emoji="\N{PARTY POPPER}", by_id=ADAS),
        Reacted(U, next(at), "eve", 31, emoji="\N{PARTY POPPER}", by_id=EVES),
        Reacted(U, next(at), "eve", 31, emoji="\N{PARTY POPPER}", on=False, by_id=EVES),
        Pinned(U, next(at), "ada", target=31, by_id=ADAS),
        Pinned(U, next(at), "ada", target=2, by_id=ADAS),
        Pinned(U, next(at), "ada", target=2, on=False, by_id=ADAS),
        Said(U, next(at), "ben", "not meant", by_id=BENS),
        Redacted(U, next(at), "ada", 40, author="ben", author_id=BENS, by_id=ADAS),
        Exempted(U, next(at), "ben", "eve", EVES, of=Exemption.INVITATIONS, by_id=BENS),
        Exempted(U, next(at), "ben", "pal*", of=Exemption.BANS, pattern=True, by_id=BENS),
        RulesSet(U, next(at), "ada", topics=Topics.MODERATORS, outside=False, by_id=ADAS),
        RulesSet(U, next(at), "ada", most=20, signals=False, by_id=ADAS),
        RulesSet(U, next(at), "ada", archived=True, by_id=ADAS),
    ]


async def fill(place: Place) -> None:
    """An open room with everything, a private one, a locked one and a direct conversation."""
    await place.register(ADA, BEN, EVE)
    await place.own(ADA)
    await place.write("Kitchen", *of_a_room())
    await place.write(
        "Secret",
        Joined(U, NOON, "ada", role=Role.OWNER, by_id=ADAS),
        RulesSet(U, NOON, "ada", access=RoomAccess.MEMBERS, by_id=ADAS),
        Invited(U, NOON, "ada", "ben", BENS, by_id=ADAS),
        Joined(U, NOON, "ben", by_id=BENS),
        said("between us", BEN),
    )
    await place.write(
        "Locked",
        Joined(U, NOON, "ada", role=Role.OWNER, by_id=ADAS),
        RulesSet(U, NOON, "ada", access=RoomAccess.LOCKED, password=True, by_id=ADAS),
        said("with a password"),
    )
    people = sorted([ADAS, EVES])
    names = ["ada" if id == ADAS else "eve" for id in people]
    await place.write(
        room_of(people),
        DirectBegun(U, NOON, "ada", names, tuple(people), by_id=ADAS),
        said("just you"),
        said("and me", EVE, reply_to=2),
    )
