"""This server as one of several on one log: its lease, its guests' names, and what others leave."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import groupby

import hubbub
from hubbub.domain import commands as ask
from hubbub.domain.errors import ChatError
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Goodbye
from hubbub.domain.state import Member
from hubbub.hub.claiming import Claims
from hubbub.hub.lease import Lease
from hubbub.hub.ports import Guest, NodeKept, NodeRecord, TakenOver
from hubbub.hub.room import HubRoom
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User

logger = logging.getLogger(__name__)

RETRY_SECONDS = 1.0  # before the log is asked again for a room that a dead node has left
COME_BACK_SECONDS = (0.2, 3.0)
"""When clients of a server that has lost its lease are to connect to another one: not all at once.
"""


class Node:
    """Made by a hub with other servers on its log. ``id`` is new at each start.

    ``returning`` tells who a member of a room is that was present at a dead node; ``alone`` is
    called when this server has begun and there is no other one, so that no guest is elsewhere.
    ``parting`` makes the last words to a client that is to come back after so many seconds.
    ``died`` is told of nodes that are dead.
    """

    def __init__(
        self,
        hub: Services,
        id: str,
        *,
        returning: Callable[[Member, float], User],
        alone: Callable[[], None],
        parting: Callable[[float], Goodbye],
        died: Callable[[Sequence[str]], None],
    ) -> None:
        self.id = id
        self._hub = hub
        self._returning = returning
        self._alone = alone
        self._parting = parting
        self._died = died
        self._claims = Claims(hub, id, self._freed)
        self.ahead = 0
        settings = hub.settings
        self.lease = Lease(
            hub.log,
            NodeRecord(id, settings.node_name, hubbub.__version__, hub.clock()),
            settings.lease_seconds,
            hub.monotonic,
            kept=self._kept,
            lost=self._lost,
            has_people=lambda: any(one.user is not None for one in hub.sessions),
        )

    @property
    def others(self) -> int:
        """How many more servers there are."""
        return self.lease.others

    def is_dead(self) -> bool:
        """Whether the others have taken this one for dead, when something looks like it."""
        return self.lease.doubted()

    def tick(self, now: float) -> None:
        """Renews the lease, and tries again what the log has refused."""
        self.lease.tick(now)
        self._hub.users.looked_up.clear()
        self._claims.tick(now)

    def claim(self, session: Session, command: ask.Hello) -> None:
        """Gives the session its name: see `hubbub.hub.claiming`."""
        self._claims.claim(session, command)

    def formerly(self, session: Session, command: ask.Formerly, user: User) -> None:
        """Takes notice of a new name, if the former one was theirs, at whichever server."""
        self._claims.formerly(session, command, user)

    def looks_up(self, session: Session, command: ask.Command, again: Callable[[], None]) -> bool:
        """Whether it is first looked up who at other servers ``command`` is about."""
        return self._claims.looks_up(session, command, again)

    def free(self, user: User) -> None:
        """The guest ``user`` is not here any more."""
        self._claims.free(user)

    def _freed(self, user: User) -> None:
        """The guest ``user`` has no name at any server any more."""
        hub = self._hub
        if user.id is not None and hub.access.account_of(user.id) is None:
            hub.reading.forget(user.id)
            for room in hub.belonging.of(user.id):
                hub.presence.leave_for_good(room, User(user.name, user.id))

    # Other nodes

    def _kept(self, outcome: NodeKept, first: bool) -> None:
        """The lease was renewed, and maybe what dead nodes have left is this one's from now on.

        If this is the ``first`` one, and there is no other server, their people were told nothing
        yet: they have time to come back, as after a restart.
        """
        self.ahead = self._hub.clock() - outcome.now if outcome.now else 0
        self._died(outcome.dead)
        if outcome.whole:
            places = {(one.room, one.name.key) for one in outcome.left if one.room is not None}
            self._hub.presence.only_at(places)
            self._claims.only_of({(one.name.key, one.id) for one in outcome.left if not one.room})
        self._take_names([one for one in outcome.left if one.room is None])
        alone = first and not outcome.others
        attended = [one for one in outcome.left if one.room is not None]
        if attended or alone:
            self._hub.spawn(self._take_over(attended, alone=alone))

    def _take_names(self, left: Sequence[TakenOver]) -> None:
        """Keeps those of guests who may come back, but what is given up just now.

        Done at once: later they may have been given up meanwhile.
        """
        users, left = self._hub.users, [one for one in left if not self._claims.gives_up(one)]
        guests = (_guest(one) for one in left)
        users.load([one for one in guests if one is not None], self._hub.monotonic())
        for one in left:  # who keeps no token, and whose name is an account's as far as is known
            known = users.get(one.name.key)
            if known is None or (known.account and known.id != one.id):
                self.free(User(one.name, one.id))

    async def _take_over(self, left: Sequence[TakenOver], *, alone: bool) -> None:
        """Who was in a room at a dead node, and is not back by now, has left."""
        hub, now = self._hub, self._hub.monotonic()
        heads = await self._heads() if left else {}
        for id, there in groupby(left, _room):
            while (room := await self._know(id)) is not None:
                # What was saved before is shown by then: it has not dropped what is left.
                if id in heads:
                    hub.journal.advance(room, heads[id][1])
                await hub.journal.caught_up_with(room)
                if not room.gone:  # else it is deleted just now, which the log may refuse
                    break
            if room is not None:
                for one in there:
                    user = self._returning(Member(one.name, one.id), now)
                    hub.presence.take_over(room, user, now, grace=alone)
        if alone:
            self._alone()

    async def _heads(self) -> Mapping[int, tuple[str, int]]:
        """See `Heads.heads`; nothing of it once others have taken over from this node."""
        while not self.lease.lost:
            with suppress(ChatError):  # the log cannot be read just now
                return (await self._hub.log.heads()).heads
            await asyncio.sleep(RETRY_SECONDS)
        return {}

    async def _know(self, id: int) -> HubRoom | None:
        """The room with that id, of which this node may not have heard yet; None if it is gone."""
        hub = self._hub
        while (room := hub.rooms.with_id(id)) is None and not self.lease.lost:
            with suppress(ChatError):  # the log cannot be read just now
                key = (await hub.log.keys()).get(id)
                if key is None:
                    return None
                assert hub.whereabouts is not None
                await hub.whereabouts.know(RoomName.known(key, key))
            if hub.rooms.with_id(id) is None:
                await asyncio.sleep(RETRY_SECONDS)
        return room

    def go_back(self) -> None:
        """The log is not the one any more that clients were shown: they begin anew, and so does it.

        Others do the same, each when it notices.
        """
        if self.lease.give_up():
            logger.error(
                "The log went back to where it was before, or to another one: this server begins "
                "anew, and so do its clients"
            )
            self._part()

    def _lost(self) -> None:
        """Other servers have taken over from this one."""
        logger.error(
            "The other servers have taken this one for dead, as it did not renew its lease in "
            "time: it begins anew"
        )
        self._part()

    def _part(self) -> None:
        """Nobody is here any more."""
        hub = self._hub
        hub.closing = True
        for session in list(hub.sessions):
            session.outlet.reply(self._parting(round(random.uniform(*COME_BACK_SECONDS), 3)))  # noqa: S311 - no secret
            hub.forget(session)
            session.outlet.close()
        hub.lost.set()


def _room(left: TakenOver) -> int:
    return left.room or 0


def _guest(left: TakenOver) -> Guest | None:
    """The guest whose name that is, if they can come back."""
    if left.id is None or left.token_hash is None:
        return None
    return Guest(left.id, left.name, left.token_hash)
