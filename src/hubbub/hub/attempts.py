"""How often a password may be tried: guessing is slow, and nobody is locked out by it.

A client (see `hubbub.hub.clients.client_key`) that has logged in to an account before is *familiar*
to it, all others are *strangers*, as with OWASP's device cookies
(https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies).

- A familiar client answers for its own wrong tries against this account alone, whatever others do:
  after `Limits.free` of them it waits 1, 2, 4 … seconds, at most `Limits.longest_familiar`.
- A stranger answers for its wrong tries against all accounts, so that it cannot try one password
  with many names: it waits likewise, at most `Limits.longest`. Of strangers with IPv6, all of a
  site are one, which may have 65,536 networks to come from.
- Strangers share what an account bears: `Limits.early` for those that have hardly tried anything
  yet, `Limits.late` for the others. So however many clients there are, few passwords are tried; and
  a person at a new address is not held up by those who have been trying for long. Only a flood from
  more new addresses than `Limits.early` has place for makes strangers wait, and only them.

A try counts as wrong from its beginning, as many may be under way at once. When it was right, what
this client did wrong against this account is taken back, and no more: who has an account cannot log
in to it again and again to be free to guess another one's. A try that is refused counts nothing.

Names without an account are accounts here, so that they look the same. Several servers on one log
tell each other of wrong tries (`hubbub.hub.ports.Tried`). Nothing is saved: after a restart
everyone is a stranger, unless `Attempts.remember` tells of the devices that are known.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from itertools import islice
from typing import Protocol, TypeVar

from msgspec import Struct

from hubbub.domain.errors import RateLimited
from hubbub.hub.clients import site_key
from hubbub.hub.limits import spoken
from hubbub.hub.ports import Turn
from hubbub.hub.rate import DAY_SECONDS, FULL, Budget, take_token

logger = logging.getLogger(__name__)

MOST = 20_000  # accounts, strangers and pairs of both, of each; some 300 bytes for one
MOST_FAMILIAR = 10  # clients of an account; who has one cannot push out those of others
LOOKED_AT = 8  # of the oldest entries: the one of them that matters least is forgotten
FORGET_SECONDS = 3600.0  # since a client's last try; then its wrong ones are forgotten
TELL_SECONDS = 60.0  # between two lines of the log: a stranger must not fill the disk
_DOUBLINGS = 20  # of a delay; it is at its longest long before


class Limits(Struct, frozen=True):
    """How many wrong tries there may be, and how long one waits for the next."""

    early: Budget
    late: Budget
    free: int = 3  # people mistype
    longest: float = 900.0  # seconds; a client alone has 16 tries an hour
    longest_familiar: float = 30.0  # seconds; the owner waits no longer for who shares the address


PASSWORDS = Limits(
    early=Budget("early tries", rate=3600 / DAY_SECONDS, burst=3600),
    late=Budget("late tries", rate=1 / 60, burst=10),
)
"""Of one account, strangers try at most 3,820 passwords in an hour, and 8,650 in a day.

A crowd of 1,000 addresses has 3,000 early tries, and leaves some to the owner at a new address.
"""

CODES = Limits(
    early=Budget("early codes", rate=60 / DAY_SECONDS, burst=60),
    late=Budget("late codes", rate=10 / DAY_SECONDS, burst=10),
    longest_familiar=300.0,
)
"""For a second factor: who tries codes knows the password. Of the million that there are, three of
which are right at a time, strangers try at most 140 in a day, and a familiar client some 290.
"""


TOKENS = Limits(early=PASSWORDS.early, late=PASSWORDS.late, longest=30.0)
"""For tokens, which nobody guesses: a program with an old one does not keep the server busy, and
others at its address wait half a minute at most. They are checked, and never begun.
"""


class Attempts:
    """The wrong tries of all clients against all accounts. Times are seconds that never go back."""

    def __init__(self, limits: Limits = PASSWORDS) -> None:
        self._limits = limits
        self._accounts: OrderedDict[str, _Account] = OrderedDict()
        self._strangers: OrderedDict[str, _Wrong] = OrderedDict()
        self._pairs: OrderedDict[tuple[str, str], _Wrong] = OrderedDict()
        self._familiar: OrderedDict[str, OrderedDict[str, None]] = OrderedDict()
        self._told_at = -TELL_SECONDS
        self._untold = 0

    def begin(self, account: str, client: str, now: float) -> Turn:
        """Counts a try that may be made now, as a wrong one until `succeeded` is called.

        Returns whose turn at hashing it takes. That of a stranger is the account's: so those who
        guess at one account do not hold up people who log in to others. Raises `RateLimited` for a
        try that has to wait. ``account`` is the key of a name.
        """
        who, familiar = self._who(account, client)
        if familiar:
            wait = self._wait(self._pairs, (account, who), self._limits.longest_familiar, now)
        else:
            wait = self._wait(self._strangers, who, self._limits.longest, now)
            wait = wait or self._take(account, who, now)
        if wait:
            raise self._refused(client, wait, now)
        _entry(self._pairs, (account, who), _Wrong).add(now)
        if familiar:
            return Turn(client, known=True)
        _entry(self._strangers, who, _Wrong).add(now)
        return Turn(account)

    def check(self, account: str, client: str, now: float) -> None:
        """Raises `RateLimited` for a client that has to wait; counts nothing.

        For what cannot be guessed, and may be asked many times at once: see `failed`.
        """
        who, familiar = self._who(account, client)
        if familiar:
            wait = self._wait(self._pairs, (account, who), self._limits.longest_familiar, now)
        else:
            wait = self._wait(self._strangers, who, self._limits.longest, now)
        if wait:
            raise self._refused(client, wait, now)

    def failed(self, account: str, client: str, now: float) -> None:
        """A try that was checked was wrong."""
        who, familiar = self._who(account, client)
        _entry(self._pairs, (account, who), _Wrong).add(now)
        if not familiar:
            _entry(self._strangers, who, _Wrong).add(now)

    def failed_elsewhere(self, account: str, client: str, now: float) -> None:
        """A try was wrong at another server: who goes from one to the next has no more of them."""
        who, familiar = self._who(account, client)
        if not familiar:
            self._take(account, who, now)
        self.failed(account, client, now)

    def succeeded(self, account: str, client: str) -> None:
        """The try was right: the client is familiar, and its wrong tries here are forgiven."""
        who, familiar = self._who(account, client)
        pair = self._pairs.pop((account, who), None)
        if pair is not None and not familiar:
            self._forgive(who, pair.count)
        self.remember(account, client)

    def untried(self, account: str, client: str) -> None:
        """The try was not made after all: the server had too much to do, for example."""
        who, familiar = self._who(account, client)
        pair = self._pairs.get((account, who))
        if pair is not None and pair.count:
            pair.count -= 1
        if not familiar:
            self._forgive(who, 1)

    def remember(self, account: str, client: str) -> None:
        """The client is familiar to the account: a device that is logged in has come from it."""
        clients = self._familiar.setdefault(account, OrderedDict())
        self._familiar.move_to_end(account)
        clients[client] = None
        clients.move_to_end(client)
        if len(clients) > MOST_FAMILIAR:
            clients.popitem(last=False)
        if len(self._familiar) > MOST:
            self._familiar.popitem(last=False)

    def _refused(self, client: str, wait: float, now: float) -> RateLimited:
        """What to raise for a try that has to wait. The log is told of it, but not of each.

        Not of the account either: who mistypes may have typed a password in place of a name.
        """
        self._untold += 1
        if now - self._told_at >= TELL_SECONDS:
            logger.info(
                "Logins are refused, as too many were wrong: %d of late, the last from %s",
                self._untold,
                client,
                extra={"client": client},
            )
            self._told_at, self._untold = now, 0
        return RateLimited(
            f"There were too many wrong tries. Try again in {spoken(wait)}.",
            retry_after=round(wait + 0.001, 3),
        )

    def _who(self, account: str, client: str) -> tuple[str, bool]:
        """Whose wrong tries these are, and whether that is a familiar client."""
        if client in self._familiar.get(account, ()):
            return client, True
        return site_key(client), False

    def _wait(self, entries: OrderedDict[K, _Wrong], key: K, longest: float, now: float) -> float:
        wrong = entries.get(key)
        return 0.0 if wrong is None else wrong.wait(self._limits.free, longest, now)

    def _take(self, account: str, stranger: str, now: float) -> float:
        """Takes a try from what the account bears; the seconds until there is one."""
        borne = _entry(self._accounts, account, _Account)
        wrong = self._strangers.get(stranger)
        if wrong is None or wrong.count < self._limits.free:
            early = self._limits.early
            borne.early, wait = take_token(borne.early, early.rate, early.burst, now)
        else:
            late = self._limits.late
            borne.late, wait = take_token(borne.late, late.rate, late.burst, now)
        return wait

    def _forgive(self, stranger: str, count: int) -> None:
        wrong = self._strangers.get(stranger)
        if wrong is not None:
            wrong.count -= count
            if wrong.count <= 0:
                del self._strangers[stranger]


class _Wrong(Struct, gc=False):
    """Wrong tries of one client, and when the last of them began."""

    count: int = 0
    last: float = 0.0

    def add(self, now: float) -> None:
        self._age(now)
        self.count += 1
        self.last = now

    def wait(self, free: int, longest: float, now: float) -> float:
        """Seconds until the next one."""
        self._age(now)
        if self.count < free:
            return 0.0
        delay = min(longest, 2.0 ** min(self.count - free, _DOUBLINGS))
        return max(0.0, self.last + delay - now)

    def _age(self, now: float) -> None:
        if now - self.last >= FORGET_SECONDS:
            self.count = 0

    @property
    def weight(self) -> float:
        return self.count


class _Account(Struct, gc=False):
    """What strangers have used of what an account bears; see `hubbub.hub.rate.take_token`."""

    early: float = FULL
    late: float = FULL

    @property
    def weight(self) -> float:
        return self.early


class _Entry(Protocol):
    @property
    def weight(self) -> float:
        """What is lost when it is forgotten."""
        ...


K = TypeVar("K")
E = TypeVar("E", bound=_Entry)


def _entry(entries: OrderedDict[K, E], key: K, kind: type[E]) -> E:
    """The entry, which is now the newest; when there are too many, a light one of the oldest goes.

    Who comes with very many names or addresses pushes out the entries of such, and not that of the
    account which was tried most.
    """
    entry = entries.get(key)
    if entry is None:
        if len(entries) >= MOST:
            oldest = list(islice(entries.items(), LOOKED_AT))
            del entries[min(oldest, key=lambda item: item[1].weight)[0]]
        entry = entries[key] = kind()
    entries.move_to_end(key)
    return entry
