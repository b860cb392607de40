"""Slow mode: in some rooms everybody waits between two texts, so that many can follow; in some only
newcomers do.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from hubbub.domain.durations import in_words
from hubbub.domain.errors import RateLimited
from hubbub.domain.events import AnyEvent
from hubbub.domain.ids import UserId
from hubbub.domain.kinds import is_news
from hubbub.domain.rules import Role
from hubbub.hub.room import HubRoom
from hubbub.hub.session import User

MOST_REMEMBERED = 50_000  # speakers of all slow rooms; the longest silent are forgotten first


class SlowMode:
    """Remembers when who spoke last, where it matters."""

    def __init__(self) -> None:
        self._spoke: OrderedDict[tuple[str, UserId], float] = OrderedDict()

    def check(self, user: User, room: HubRoom, role: Role, seconds: int, now: float) -> None:
        """Notes that ``user`` speaks; raises `RateLimited` within ``seconds`` of the last time.

        Who has a role need not wait.
        """
        if role is not Role.MEMBER or user.id is None:
            return
        key = (room.first_key, user.id)  # which a new name leaves alone
        before = self._spoke.get(key)
        wait = 0.0 if before is None else before + seconds - now
        if wait > 0:
            why = (
                f"{room.name} is in slow mode: everybody waits"
                if seconds == room.state.facts.slow
                else f"You are new in {room.name}: newcomers wait"
            )
            raise RateLimited(
                f"{why} {in_words(seconds)} between two messages. You can write again in "
                f"{in_words(wait)}.",
                retry_after=round(wait + 0.001, 3),
            )
        self._note(key, now)

    def heard(self, room: HubRoom, events: Iterable[AnyEvent], now: float) -> None:
        """Notes that authors of ``events``, which are new in ``room``, have spoken elsewhere."""
        for event in events:
            if is_news(event) and event.by_id is not None and event.seq > room.head:
                self._note((room.first_key, event.by_id), now)

    def _note(self, key: tuple[str, UserId], now: float) -> None:
        self._spoke[key] = now
        self._spoke.move_to_end(key)
        if len(self._spoke) > MOST_REMEMBERED:
            self._spoke.popitem(last=False)
