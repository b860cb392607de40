"""What holds in a room after somebody in it was forgotten."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from hubbub.domain.events import (
    FORMER_MEMBER,
    AuthorForgotten,
    Banned,
    DirectBegun,
    Event,
    Invited,
    Joined,
    Left,
    Muted,
    PutInQueue,
    RoleGiven,
    TicketMade,
    Trusted,
)
from hubbub.domain.ids import user_id
from hubbub.domain.projection import forgetting
from hubbub.domain.rules import Queued, Role
from hubbub.domain.state import RoomState

REPORT = Queued.REPORT
ADA, BEN, EVE = user_id(1), user_id(2), user_id(3)


def state_of(*events: Event) -> RoomState:
    state = RoomState()
    for seq, event in enumerate(events, 1):
        state.apply(replace(event, seq=seq))
    return state


@pytest.mark.parametrize("emptied", [True, False])
def test_nothing_holds_for_who_is_forgotten_and_their_name_is_nowhere(emptied: bool) -> None:
    state = state_of(
        RoleGiven(0, 1, "ben", "ada", ADA, role=Role.VOICE, by_id=BEN),
        Muted(0, 1, "ben", "ada", ADA, until=9, by_id=BEN),
        Trusted(0, 1, "ben", "ada", ADA, by_id=BEN),
        Banned(0, 1, "ben", "ada", ADA, by_id=BEN),
        Banned(0, 1, "ada", "eve", EVE, by_id=ADA),
        Invited(0, 1, "ben", "ada", ADA, by_id=BEN),
        TicketMade(0, 1, "ada", ticket="t", by_id=ADA),
        PutInQueue(0, 1, "ada", item=Queued.HELD, text="held", by_id=ADA),
        PutInQueue(0, 1, "ada", item=REPORT, text="of ben", user="ben", user_id=BEN, by_id=ADA),
        PutInQueue(0, 1, "ben", item=REPORT, text="of ada", user="ada", user_id=ADA, by_id=BEN),
    )
    state.apply(AuthorForgotten(11, 1, FORMER_MEMBER, emptied, by_id=ADA))
    facts = state.facts
    assert "ada" not in repr(facts).replace("of ada", "")
    assert (facts.roles, facts.muted, facts.trusted) == ({}, {}, {})
    assert [(ban.by, ban.user) for ban in facts.bans] == [(FORMER_MEMBER, "eve")]
    assert [ticket.by for ticket in facts.tickets] == [FORMER_MEMBER]
    by_ada, about_ada = facts.queue
    assert (by_ada.by, by_ada.user) == (FORMER_MEMBER, "ben")
    assert (about_ada.by, about_ada.user) == ("ben", FORMER_MEMBER)
    assert by_ada.text == "of ben"
    assert about_ada.text == ("" if emptied else "of ada")


def test_the_names_of_who_is_forgotten_go_from_all_that_tells_of_them() -> None:
    forgotten = AuthorForgotten(9, 9, FORMER_MEMBER, by_id=ADA)
    for event, expected in (
        (
            Joined(1, 1, "ada", "lovelace", by_id=ADA),
            Joined(1, 1, FORMER_MEMBER, FORMER_MEMBER, by_id=ADA),
        ),
        (
            Left(2, 1, "ada", "lovelace", by_id=ADA),
            Left(2, 1, FORMER_MEMBER, FORMER_MEMBER, by_id=ADA),
        ),
        (
            Muted(3, 1, "ben", "ada", ADA, by_id=BEN),
            Muted(3, 1, "ben", FORMER_MEMBER, ADA, by_id=BEN),
        ),
        (
            DirectBegun(4, 1, "ben", ["ada", "ben"], (ADA, BEN), by_id=BEN),
            DirectBegun(4, 1, "ben", [FORMER_MEMBER, "ben"], (ADA, BEN), by_id=BEN),
        ),
    ):
        assert forgetting(event, forgotten) == expected
        assert forgetting(expected, forgotten) is expected
    late = Muted(10, 1, "ben", "ada", ADA, by_id=BEN)
    assert forgetting(late, forgotten) is late
