"""Guests' names where several servers are on one log: the log decides whose a name is.

A server knows the guests who are connected to it, or were a while ago. Who says hello with another
name claims it in the log; somebody may have it at another server, or it is their own, which a token
proves that was given to them there.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Collection
from functools import partial

from hubbub.domain import commands as ask
from hubbub.domain.errors import ChatError, LogUnavailable, NameTaken
from hubbub.domain.ids import UserId
from hubbub.domain.names import UserName, suggest_free
from hubbub.domain.replies import Pong
from hubbub.hub.becoming import become, kept_id
from hubbub.hub.directory import work
from hubbub.hub.logouts import hang_up
from hubbub.hub.ports import ClaimName, Done, FreeName, Guest, Settled, TakenOver
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User
from hubbub.hub.users import TOKEN_BYTES, hash_token
from hubbub.hub.welcoming import welcome

LOG_IN = "Please log in to the account, or choose another name."
MOST_SUGGESTED = 5  # names that are looked up, until one is found that is free at all servers
RETRY_SECONDS = 1.0  # before a name that the log did not free is freed again


class Claims:
    """The names of the guests at ``node``. ``freed`` is told of who has no name anywhere."""

    def __init__(self, hub: Services, node: str, freed: Callable[[User], None]) -> None:
        self._hub = hub
        self._node = node
        self._freed = freed
        self._coming: dict[str, list[tuple[Session, ask.Hello]]] = {}
        """Who waits until it is known whose a name is, by its key: two tabs of one guest, say."""
        self._no: set[str] = set()  # names that were just looked up, and are nobody's
        self._retries: list[tuple[float, User]] = []
        self._freeing: set[tuple[str, UserId]] = set()
        """The keys of names that are given up, each with whose it was, until the log knows it."""

    def claim(self, session: Session, command: ask.Hello) -> None:
        """Gives the session its name, with a token for who can keep one."""
        hub, name = self._hub, command.user
        session.busy = True
        waiting = self._coming.get(name.key)
        if waiting is not None:
            waiting.append((session, command))
            return
        hub.users.drop_unproven(name, command.token)
        if name.key in hub.users.names:
            self._claim_here(session, command)
            return
        self._coming[name.key] = []
        if command.token is None:
            self._ask(session, command, None)
        else:
            hub.spawn(self._look_up(session, command, command.token), session.share)

    def _claim_here(self, session: Session, command: ask.Hello) -> None:
        """The name is that of somebody who is here, or was: a token tells whether they are it."""
        hub, name, token = self._hub, command.user, command.token
        try:
            proven = None if token is None else hub.users.proven(name, token)
            self._check(session, name, None if proven is None else proven.id)
            user, token, _ = hub.users.claim(name, token, session, hub.monotonic())
        except ChatError as error:
            self._refuse(session, command, error)
        else:
            self._welcome(session, command, user, token)

    async def _look_up(self, session: Session, command: ask.Hello, token: str) -> None:
        """Whether somebody has come back who was at another server."""
        try:
            guest = await _guest(self._hub, command.user, token)
        except ChatError as error:
            self._over(command.user)
            self._refuse(session, command, error)
            return
        if not session.ended and command.user.key in self._hub.users.names:
            self._over(command.user)  # what a dead node has left was taken over meanwhile
            self._claim_here(session, command)
        else:
            self._ask(session, command, guest)

    def _ask(self, session: Session, command: ask.Hello, guest: Guest | None) -> None:
        """Claims the name in the log, for ``guest`` or somebody new."""
        hub, name = self._hub, command.user
        try:
            self._check(session, name, None if guest is None else guest.id)
            hub.users.check_free(name, hub.monotonic())
        except ChatError as error:
            self._over(name)
            self._refuse(session, command, error)
            return
        token, kept = command.token, guest
        if guest is None:
            token = secrets.token_urlsafe(TOKEN_BYTES) if session.outlet.resumable else None
            id = kept_id(session) or hub.users.new_id()
            kept = None if token is None else Guest(id, name, hash_token(token))
        else:
            id = guest.id
        user = User(name, id, None if kept is None else kept.token_hash)
        if user.comeback is not None and guest is not None:
            user.comeback.token_told = True
        hub.users.reserve(name)
        done = partial(self._answered, session, command, user, token)
        new = kept if guest is None else None
        # Who takes another name is kept under the former one, unless they have an account by now.
        mine = session.user.guest if session.user is not None and kept_id(session) else None
        kept_as = mine if guest is None else guest
        known = None if kept_as is None else kept_as.name
        hub.log.append(ClaimName(self._node, name, id, new, known, done))

    def _answered(
        self, session: Session, command: ask.Hello, user: User, token: str | None, outcome: Settled
    ) -> None:
        hub, name = self._hub, command.user
        hub.users.unreserve(name)
        if outcome.error is None and self._has_account(user):  # since it was saved
            self.free(user)
            self._refuse(session, command, NameTaken(f'"{name}" is no guest any more. {LOG_IN}'))
        elif outcome.error is None and self._is_an_accounts(user):  # which has another one by now
            self.free(user)
            error = NameTaken(f'The name "{name}" was an account\'s until just now.')
            hub.spawn(self._suggest(session, command, error), session.share)
        elif outcome.error is None and session.ended:
            came_back = user.comeback is not None and user.comeback.token_told
            if came_back and user.guest is not None:  # and has lost the connection once more
                hub.users.load([user.guest], hub.monotonic())
            else:
                self.free(user)
        elif outcome.error is None:
            user = hub.users.settle(user, session, hub.monotonic())
            self._welcome(session, command, user, token)
        elif isinstance(outcome.error, NameTaken):
            hub.spawn(self._suggest(session, command, outcome.error), session.share)
        else:
            self._refuse(session, command, outcome.error)
        self._over(name)

    def _welcome(self, session: Session, command: ask.Hello, user: User, token: str | None) -> None:
        become(self._hub, session, user)
        if user.comeback is not None and user.comeback.places is None and command.token is not None:
            self._hub.spawn(self._welcome_back(session, command, user, token), session.share)
        else:
            welcome(self._hub, session, command, token)
            self._hub.done(session)

    async def _welcome_back(
        self, session: Session, command: ask.Hello, user: User, token: str | None
    ) -> None:
        """They may have read something at another server."""
        hub = self._hub
        try:
            markers = await hub.log.markers(user.id)
        except ChatError:
            markers = []  # then all counts as read
        if user.comeback is not None and user.comeback.places is None:
            hub.reading.load([user], markers, hub.heads())
        if not session.ended:
            welcome(hub, session, command, token)
        hub.done(session)

    def _over(self, name: UserName) -> None:
        """It is known whose the name is: who has waited for that goes on."""
        for session, command in self._coming.pop(name.key):
            if not session.ended:
                self.claim(session, command)

    def _refuse(self, session: Session, command: ask.Hello, error: ChatError) -> None:
        if not session.ended:
            self._hub.refuse(session, command, error)
        self._hub.done(session)

    async def _suggest(self, session: Session, command: ask.Hello, error: NameTaken) -> None:
        self._refuse(session, command, await _suggesting(self._hub, command.user, error))

    def _check(self, session: Session, name: UserName, id: UserId | None) -> None:
        """Raises why nobody may come in under that name, or the guest ``id`` whose it is."""
        hub, coming = self._hub, User(name, id)
        coming.client = session.client.key
        hub.access.check_not_banned(coming)
        if id is None:
            hub.filters.check_name(hub.access, coming, name)

    # Names that are given up

    def free(self, user: User) -> None:
        """``user``, a guest, has no connection here any more, and the name is not held."""
        if user.id is not None:
            self._freeing.add((user.name.key, user.id))
            done = partial(self._done, user)
            self._hub.log.append(FreeName(self._node, user.name, user.id, done))

    def only_of(self, claimed: Collection[tuple[str, UserId | None]]) -> None:
        """The log has these names as claimed at this node and no others: a failover has lost them.

        They are keys, each with whose it is.
        """
        for user in list(self._hub.users):
            if user.id is not None and not user.account and (user.name.key, user.id) not in claimed:
                self._hub.spawn(self._claim_again(user, user.id))

    async def _claim_again(self, user: User, id: UserId) -> None:
        hub, name = self._hub, user.name
        outcome = await self._outcome(partial(ClaimName, self._node, name, id, user.guest, None))
        if isinstance(outcome.error, NameTaken) and self._is_here(user):
            message = f'The name "{name}" is somebody else\'s by now. Please choose another one.'
            for session in user.sessions:
                hang_up(hub, session, "name-taken", message)
            hub.users.free(name)
        elif outcome.error is None and not self._is_here(user):
            self.free(user)

    async def _outcome(self, claim: Callable[[Done], ClaimName]) -> Settled:
        outcome = await self._hub.outcome(claim)
        while type(outcome.error) is LogUnavailable:  # nobody knows whether it was saved
            await asyncio.sleep(RETRY_SECONDS)
            outcome = await self._hub.outcome(claim)
        return outcome

    def gives_up(self, left: TakenOver) -> bool:
        """Whether it is a name that this node had itself, and does not have any more."""
        return (left.name.key, left.id) in self._freeing

    def tick(self, now: float) -> None:
        """Tries again what the log has refused."""
        due = [user for when, user in self._retries if when <= now]
        self._retries = [one for one in self._retries if one[0] > now]
        for user in due:
            if self._is_here(user):
                self._freeing.discard((user.name.key, user.id or ""))
            else:
                self.free(user)

    def _is_here(self, user: User) -> bool:
        known = self._hub.users.get(user.name.key)
        return known is not None and known.id == user.id

    def _has_account(self, user: User) -> bool:
        return user.id is not None and self._hub.access.account_of(user.id) is not None

    def _is_an_accounts(self, user: User) -> bool:
        """Whether the name is somebody else's account's as far as is known here, or kept for it.

        By the log, which is ahead then, that account has another name, or is closed.
        """
        account = self._hub.access.account(user.name)
        owner = self._hub.users.had_by(user.name) if account is None else account.id
        return owner not in (None, user.id)

    def _done(self, user: User, outcome: Settled) -> None:
        if outcome.error is not None:
            self._retries.append((self._hub.monotonic() + RETRY_SECONDS, user))
            return
        self._freeing.discard((user.name.key, user.id or ""))
        if not outcome.more and not self._is_here(user):
            self._freed(user)

    # Guests at other servers

    def looks_up(self, session: Session, command: ask.Command, again: Callable[[], None]) -> bool:
        """Whether it is first looked up who at other servers ``command`` is about.

        Then ``again`` is called after that.
        """
        hub = self._hub
        if session.user is None:  # who has no name is told so, whoever it is about
            return False
        known = (hub.users.names, hub.users.looked_up, hub.access.directory.state.members, self._no)
        unknown = [
            name.key for name in _about(command) if not any(name.key in names for names in known)
        ]
        if unknown:
            session.busy = True
            hub.spawn(self._look_for(session, command, again, unknown), session.share)
        return bool(unknown)

    async def _look_for(
        self, session: Session, command: ask.Command, again: Callable[[], None], keys: list[str]
    ) -> None:
        hub = self._hub
        try:
            found = await hub.log.claimed(keys)
        except ChatError as error:
            if not session.ended:
                hub.refuse(session, command, error)
            hub.done(session)
            return
        hub.users.looked_up |= {key: User(one.name, one.id) for key, one in found.items()}
        self._no = set(keys) - found.keys()
        hub.go_on(session, command, again)
        self._no = set()

    # Names that guests had before

    def formerly(self, session: Session, command: ask.Formerly, user: User) -> None:
        """Takes notice of a new name, if the former one was theirs, at whichever server."""
        work(self._hub, session, command, self._formerly(session, command, user))

    async def _formerly(self, session: Session, command: ask.Formerly, user: User) -> None:
        hub, former = self._hub, await self._proven(command.user, command.token)
        if former is not None and former is not user and not session.ended:
            hub.presence.renamed(former, user, hub.rooms)  # they may have been there elsewhere
            banned = hub.access.ban_of(former, hub.access.directory) is not None
            if not session.rooms and not banned and hub.users.can_be_same(user, former):
                await self._become(user, former)
        if not session.ended:
            session.outlet.reply(Pong(re=command.id, user_id=user.id))

    async def _become(self, user: User, former: User) -> None:
        """Makes ``user`` the same as ``former``, unless they are at another server already."""
        hub, guest = self._hub, user.guest
        if guest is None or former.id is None:
            return
        again = Guest(former.id, user.name, guest.token_hash)
        claim = partial(ClaimName, self._node, user.name, former.id, again, former.name)
        outcome = await self._outcome(claim)
        same = outcome.error is None and self._is_here(user) and not self._has_account(former)
        if outcome.error is None and not (same and hub.users.same(user, former)):
            self.free(User(user.name, former.id))
            if self._is_here(user):
                await hub.outcome(partial(ClaimName, self._node, user.name, guest.id, guest))

    async def _proven(self, name: UserName, token: str) -> User | None:
        """The guest of that name, wherever they are or were, if ``token`` is theirs."""
        hub = self._hub
        if name.key in hub.users.names:
            return hub.users.proven(name, token)
        guest = await _guest(hub, name, token)
        if guest is None:
            return None
        user = User(name, guest.id, guest.token_hash)
        hub.reading.load([user], await hub.log.markers(guest.id), hub.heads())
        return user


_ABOUT = (
    ask.Accept,
    ask.Ban,
    ask.Block,
    ask.GiveRole,
    ask.Invite,
    ask.Kick,
    ask.Mute,
    ask.Unmute,
    ask.Whois,
)
"""Commands about somebody by name."""


def _about(command: ask.Command) -> Collection[UserName]:
    """The names of those whom a command is about."""
    if isinstance(command, ask.Direct | ask.Here | ask.Watch):
        return command.users
    if isinstance(command, _ABOUT) and command.user is not None:
        return (command.user,)
    return ()


async def _guest(hub: Services, name: UserName, token: str) -> Guest | None:
    """The guest of that name in the log, if the token is theirs."""
    guest = await hub.log.guest(name.key)
    if guest is None or not secrets.compare_digest(hash_token(token), guest.token_hash):
        return None
    return guest


async def _suggesting(hub: Services, name: UserName, error: NameTaken) -> NameTaken:
    """``error`` with a name near that one which is free at all servers."""
    taken: set[str] = set()
    for _ in range(MOST_SUGGESTED):
        near = suggest_free(name, _Taken(hub, taken))
        if near is None:
            break
        try:
            elsewhere = await hub.log.claimed([near.key])
        except ChatError:
            break
        if not elsewhere:
            return NameTaken(f'{error.message} "{near}" is free now.', suggestion=near)
        taken |= elsewhere.keys()
    return NameTaken(f"{error.message} Please choose another one.")


class _Taken:
    """The keys of names that are not to be suggested."""

    def __init__(self, hub: Services, elsewhere: set[str]) -> None:
        self._users = hub.users
        self._elsewhere = elsewhere

    def __contains__(self, key: object) -> bool:
        return key in self._elsewhere or key in self._users
