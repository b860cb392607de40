"""Names: which are in use, guests' tokens, and names held for guests who lost the connection."""

from __future__ import annotations

import hashlib
import math
import secrets
from collections import Counter, OrderedDict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

from hubbub.domain.errors import NameTaken
from hubbub.domain.ids import UserId, user_id
from hubbub.domain.lookalikes import lookalike
from hubbub.domain.names import UserName, suggest_free
from hubbub.domain.state import Member
from hubbub.hub.clients import SITE_TIMES, site_key
from hubbub.hub.ports import Guest
from hubbub.hub.session import Comeback, Session, User

MOST_FORMER = 5  # names that are kept for one account at a time: renaming takes them from others
FREED = 500  # names in one tick: after a restart thousands of holds end at the same time
TOKEN_BYTES = 24  # 192 bits: not to be guessed


class Freed(Protocol):
    """Is told that a guest's name is free again."""

    def __call__(self, guest: Guest, *, last: bool) -> None: ...


class Users:
    """All names in use or held.

    ``freed`` is told of guests whose name is free again, and whether it was their last one.
    ``ids`` gives random numbers of `hubbub.domain.ids.ID_BITS`.
    """

    def __init__(
        self,
        *,
        hold_seconds: float,
        held_per_client: int,
        ids: Callable[[], int],
        freed: Freed,
        accounts: Callable[[], Mapping[str, Member]] = dict,
        released: Callable[[User], None] | None = None,
        kept_back: Iterable[UserName] = (),
    ) -> None:
        """``released``: is told instead of ``freed``, of all guests, where there are more servers.

        They may have the name there yet. ``kept_back``: names that nobody can take.
        """
        self._users: dict[str, User] = {}
        self._names: dict[UserId, int] = {}  # how many, of those who have more than one
        self._held: OrderedDict[User, float] = OrderedDict()  # by deadline
        self._held_by: dict[str, list[User]] = {}
        self._hold_seconds = hold_seconds
        self._held_per_client = held_per_client
        self._ids = ids
        self._freed = freed
        self._accounts = accounts
        self._released = released
        self.looked_up: dict[str, User] = {}
        """Guests at other servers, by the keys of their names, as far as just looked up."""
        self._reserved: set[str] = set()
        self._kept_back = frozenset(name.key for name in kept_back)
        self._unproven: set[User] = set()  # of the log, and nobody has come back as them yet
        self._former: OrderedDict[str, tuple[UserId, float]] = OrderedDict()  # by deadline
        self._former_of: dict[UserId, dict[str, None]] = {}  # the same, the oldest first
        self.sessions = 0
        """How many sessions have a name."""

    def __len__(self) -> int:
        return len(self._users)

    def load(self, guests: Iterable[Guest], now: float) -> None:
        """Takes the guests of the log: their connections were lost when the server stopped.

        Who is back by now, or is known already, is left alone.
        """
        for guest in guests:
            if guest.name.key in self._users:
                continue
            user = self._users[guest.name.key] = User(guest.name, guest.id, guest.token_hash)
            if user.comeback is not None:
                user.comeback.token_told = True
            self._hold(user, now)
            self._unproven.add(user)
        for id, names in Counter(user.id for user in self._users.values()).items():
            if id is not None and names > 1:
                self._names[id] = names

    def has_been_here(self, user: User) -> None:
        """``user`` of the log was in a room, so that the token was told."""
        self._unproven.discard(user)

    def __iter__(self) -> Iterator[User]:
        return iter(self._users.values())

    @property
    def connected(self) -> int:
        """How many users have a session."""
        return max(len(self._users) - len(self._held), 0)

    @property
    def names(self) -> Container[str]:
        """The keys of the names of users who are here."""
        return self._users

    def get(self, key: str) -> User | None:
        """The user with that name's key."""
        return self._users.get(key)

    def anywhere(self, key: str) -> User | None:
        """The user with that name's key, here or at another server."""
        return self._users.get(key) or self.looked_up.get(key)

    def proven(self, name: UserName, token: str) -> User | None:
        """The guest of that name, if ``token`` is theirs."""
        user = self._users.get(name.key)
        return user if user is not None and _owns(user, token) else None

    def drop_unproven(self, name: UserName, token: str | None) -> None:
        """Frees a name of the log's if nobody may know its token, and this is not it.

        The server may have been killed before it could tell the token. Who is in no room loses
        nothing by it if it was told.
        """
        user = self._users.get(name.key)
        if user in self._unproven and not user.places and not _owns(user, token):
            self._free(user)

    def claim(
        self,
        name: UserName,
        token: str | None,
        session: Session,
        now: float,
        id: UserId | None = None,
    ) -> tuple[User, str | None, bool]:
        """Gives ``session`` the name: the user, the token to tell, whether the guest is new.

        ``id``: that a new one has, who has it under another name so far. Raises `NameTaken` when
        someone else has it; a valid ``token`` makes it one's own.
        """
        self.drop_unproven(name, token)
        user = self._users.get(name.key)
        new = user is None
        if user is None and not self.is_taken(name, None):
            token = secrets.token_urlsafe(TOKEN_BYTES) if session.outlet.resumable else None
            token_hash = None if token is None else hash_token(token)
            user = self._users[name.key] = User(name, id or self.new_id(), token_hash)
            if id is not None and user.resumable:
                self._names[id] = self._names.get(id, 1) + 1
        elif user is None or not _owns(user, token):
            raise self._taken(name, user, now)
        self._come(user, session, now)
        return user, token if user.resumable else None, new and user.resumable

    def check_free(self, name: UserName, now: float) -> None:
        """Raises `NameTaken` for a name that is an account's, or kept for one, or is in use."""
        if self.is_taken(name, None) or name.key in self:
            raise self._taken(name, self._users.get(name.key), now)

    def settle(self, user: User, session: Session, now: float) -> User:
        """Takes a guest who has the name by the log, and is here now.

        That may be somebody whom a dead node has left to this one meanwhile, and who is in rooms.
        """
        known = self._users.get(user.name.key)
        if known is not None and known.id == user.id:
            user = known
        else:
            if known is not None:
                self._unhold(known)
            self._users[user.name.key] = user
        self._come(user, session, now)
        return user

    def _taken(self, name: UserName, user: User | None, now: float) -> NameTaken:
        near = suggest_free(name, self)
        hint = f' "{near}" is free now.' if near else ""
        return NameTaken(self._why_taken(name, user, now) + hint, suggestion=near)

    def _come(self, user: User, session: Session, now: float) -> None:
        """``session`` is of ``user``, whose name is not only held any more."""
        self._unhold(user)
        user.client = session.client.key
        if user.comeback is not None and not user.sessions:
            user.comeback.used = now - user.comeback.used
        user.sessions += (session,)
        self.sessions += 1

    def log_in(self, name: UserName, id: UserId, session: Session) -> User:
        """Gives ``session``, which proved to be its own, the account ``id`` of that name."""
        user = self._users.get(name.key)
        if user is None or user.id != id:
            user = self._users[name.key] = User(name, id, account=True)
        self._unhold(user)
        user.client = session.client.key
        user.sessions += (session,)
        self.sessions += 1
        return user

    def new_id(self) -> UserId:
        """An id for somebody new."""
        return user_id(self._ids())

    def __contains__(self, key: object) -> bool:
        """Whether a newcomer cannot have a name with that key."""
        return self.has(str(key))

    def has(self, key: str) -> bool:
        """Whether a name with that key is somebody's, or nobody's ever."""
        taken = key in self._users or key in self._accounts() or self.is_kept_back(key)
        return taken or key in self._reserved or key in self._former

    def is_kept_back(self, key: str) -> bool:
        """Whether nobody can have a name with that key, or one that looks like it."""
        return key in self._kept_back or lookalike(key) in self._kept_back

    def is_taken(self, name: UserName, id: UserId | None) -> bool:
        """Whether somebody else than ``id`` is here under that name, or it is kept for one."""
        user, former = self._users.get(name.key), self._former.get(name.key)
        if (user is not None and user.id != id) or name.key in self._reserved:
            return True
        if user is None and self.is_kept_back(name.key):
            return True
        if self._looks_taken(name, id):
            return True
        return former is not None and former[0] != id

    def _looks_taken(self, name: UserName, id: UserId | None) -> bool:
        """Whether the name looks like that of another account, as with a Cyrillic а in ada."""
        looks = lookalike(name.key)
        account = None if looks == name.key else self._accounts().get(looks)
        return account is not None and account.id != id

    @contextmanager
    def reserved(self, name: UserName) -> Iterator[None]:
        """Nobody takes that name meanwhile: an account is about to have it."""
        self.reserve(name)
        try:
            yield
        finally:
            self.unreserve(name)

    def reserve(self, name: UserName) -> None:
        """Nobody takes that name until `unreserve`."""
        self._reserved.add(name.key)

    def unreserve(self, name: UserName) -> None:
        """The name is as free as it is."""
        self._reserved.discard(name.key)

    def keep_former(self, name: UserName, id: UserId, now: float) -> None:
        """Keeps the name that the account ``id`` had for a while, so that nobody poses as it."""
        self._drop_former(name.key)
        if self._hold_seconds > 0:
            self._former[name.key] = id, now + self._hold_seconds
            kept = self._former_of.setdefault(id, {})
            kept[name.key] = None
            if len(kept) > MOST_FORMER:
                self._drop_former(next(iter(kept)))

    def _drop_former(self, key: str) -> None:
        """The name with that key is kept for nobody any more."""
        if key in self._former:
            id, _ = self._former.pop(key)
            del self._former_of[id][key]
            if not self._former_of[id]:
                del self._former_of[id]

    def had_by(self, name: UserName) -> UserId | None:
        """The account that had the name until a while ago."""
        former = self._former.get(name.key)
        return None if former is None else former[0]

    def free(self, name: UserName) -> None:
        """The name is nobody's, if no session has it."""
        user = self._users.get(name.key)
        if user is not None and not user.sessions:
            self._free(user)

    def register(self, user: User) -> None:
        """``user``, a guest, has an account from now on: the name is held for nobody else."""
        user.account = True
        user.comeback = user.comeback or Comeback()
        user.comeback.token_hash, user.comeback.token_told = None, False
        if user.id is not None:
            self._names.pop(user.id, None)

    def rename(self, user: User, name: UserName, now: float) -> User:
        """The account ``user`` is called ``name``: another `User` with all that it has."""
        renamed = User(name, user.id, account=True)
        renamed.client = user.client
        if renamed.comeback is not None and user.comeback is not None:
            renamed.comeback.places = user.comeback.places
        renamed.sessions, user.sessions = user.sessions, ()
        for session in renamed.sessions:
            session.user = renamed
        self._unhold(user)
        del self._users[user.name.key]
        self._drop_former(name.key)
        self._users[name.key] = renamed
        if not renamed.sessions:
            self._hold(renamed, now)
        return renamed

    def hold(self, user: User, now: float) -> None:
        """Keeps an account in memory that is a member of rooms, while nobody is logged in."""
        known = self._users.setdefault(user.name.key, user)
        if not known.sessions:
            self._hold(known, now)

    def can_be_same(self, user: User, former: User) -> bool:
        """Whether ``user``, who is new, can be the same user as ``former``.

        Not if the new name has been in rooms before, or is an account's: then it is a user of its
        own already.
        """
        mine, theirs = user.comeback, former.comeback
        if mine is None or theirs is None or mine.places or len(user.sessions) > 1:
            return False
        return not (user.account or former.id is None or former.id == user.id)

    def same(self, user: User, former: User) -> bool:
        """Makes ``user`` the same as ``former``; returns whether it can be: see `can_be_same`."""
        mine, theirs = user.comeback, former.comeback
        if not self.can_be_same(user, former) or mine is None or theirs is None or not former.id:
            return False
        user.id = former.id
        mine.places = theirs.places = theirs.places if theirs.places is not None else {}
        self._names[former.id] = self._names.get(former.id, 1) + 1
        return True

    def _why_taken(self, name: UserName, user: User | None, now: float) -> str:
        """The sentence that says who has a name, maybe the same person, and when it is free."""
        if user is None and self.is_kept_back(name.key):
            return f'The name "{name}" is one that nobody can have here.'
        if user is None and self._looks_taken(name, None):
            return f'The name "{name}" looks like that of somebody who has an account.'
        if user is None:
            return f'The name "{name}" belongs to somebody who has an account.'
        deadline = self._held.get(user)
        if deadline is None:
            return (
                f'The name "{user.name}" is in use, maybe by you on another device. '
                "It will be free after signing out there."
            )
        minutes = math.ceil(max(deadline - now, 1) / 60)
        wait = "1 minute" if minutes == 1 else f"{minutes} minutes"
        return (
            f'The name "{user.name}" is kept for somebody who lost the connection, maybe you on '
            f"another device. It will be free in {wait}."
        )

    def end(self, session: Session, *, deliberate: bool, now: float) -> None:
        """``session`` is over. The last one of a guest who was cut off leaves the name held."""
        user = session.user
        if user is None:
            return
        self.sessions -= session in user.sessions
        user.sessions = tuple(other for other in user.sessions if other is not session)
        if user.sessions:
            return
        comeback = user.comeback
        if comeback is not None:
            comeback.used = now - comeback.used
        kept = comeback is not None and (comeback.token_told or user.account)
        if deliberate or not kept or self._hold_seconds <= 0:
            self._free(user)
        else:
            self._hold(user, now)

    def tick(self, now: float) -> None:
        """Frees the names whose time of being held is over."""
        while self._former and next(iter(self._former.values()))[1] <= now:
            self._drop_former(next(iter(self._former)))
        for _ in range(min(FREED, len(self._held))):
            user, deadline = next(iter(self._held.items()))
            if deadline > now:
                return
            self._free(user)

    def _hold(self, user: User, now: float) -> None:
        self._held[user] = now + self._hold_seconds
        if user.client and not user.account:  # an account's name is nobody else's in any case
            # No client can take all names away by connecting and dropping, and nobody's name by
            # pushing it out with names that were in use for a moment only.
            for holder in self._holders(user):
                self._held_by.setdefault(holder, []).append(user)
            for holder, most in self._holders(user).items():
                if len(theirs := self._held_by.get(holder, [])) > most:
                    self._free(min(reversed(theirs), key=_used))

    def _unhold(self, user: User) -> None:
        self._unproven.discard(user)
        if self._held.pop(user, None) is None:
            return
        for holder in self._holders(user):
            theirs = self._held_by.get(holder)
            if theirs and user in theirs:
                theirs.remove(user)
                if not theirs:
                    del self._held_by[holder]

    def _holders(self, user: User) -> dict[str, int]:
        """For whom the user's name is held, and how many may be: the client, and its site."""
        most = self._held_per_client
        return {site_key(user.client): SITE_TIMES * most, user.client: most}

    def _free(self, user: User) -> None:
        self._unhold(user)
        del self._users[user.name.key]
        user.was = None  # or each of a hundred names would keep the one before
        guest = user.guest
        if self._released is not None:
            if not user.account:
                self._released(user)  # and the log knows what other names they have
        elif guest is not None:
            names = self._names.pop(guest.id, 1) - 1
            if names > 1:
                self._names[guest.id] = names
            self._freed(guest, last=names == 0)


def hash_token(token: str) -> bytes:
    """The SHA-256 that is kept of a token, which is random: a fast hash will do."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()


def _owns(user: User, token: str | None) -> bool:
    token_hash = None if user.comeback is None else user.comeback.token_hash
    return (
        token is not None
        and token_hash is not None
        and secrets.compare_digest(hash_token(token), token_hash)
    )


def _used(user: User) -> float:
    return 0.0 if user.comeback is None else user.comeback.used
