"""Who is told when somebody comes or goes, whatever rooms they are in.

A session watches people by name. They are found by the keys of their names, so that who comes or
goes costs as much as there are who watch them; and what each of these was told last is kept, so
that nothing is told twice, and nothing at all of who does not want to be seen.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Sequence

from msgspec.structs import replace

from hubbub.domain.names import UserName
from hubbub.domain.replies import PeopleHere, PersonHere
from hubbub.hub.session import Session, User


class Watchers:
    """Who watches whom.

    ``person`` tells what a user may know of who has a name; ``moved`` is told of the key of each
    user who comes or goes, and whether they are here, where there are other servers.
    """

    def __init__(
        self,
        person: Callable[[User, UserName], PersonHere],
        moved: Callable[[str, bool], None] | None = None,
    ) -> None:
        self._person = person
        self._moved = moved
        self._watchers: dict[str, dict[Session, PersonHere]] = {}  # each with what it was told last
        self._watched: dict[Session, dict[str, UserName]] = {}

    def watched_by(self, session: Session) -> Container[str]:
        """The keys of the names that ``session`` watches."""
        return self._watched.get(session, {})

    def of(self, key: str) -> Collection[Session]:
        """Who watches the name with that key."""
        return self._watchers.get(key, {}).keys()

    def count(self, session: Session) -> int:
        """How many names ``session`` watches."""
        return len(self._watched.get(session, {}))

    def add(self, session: Session, name: UserName, told: PersonHere) -> None:
        """``session`` watches who has that name, of whom it is ``told`` this."""
        self._watched.setdefault(session, {})[name.key] = name
        self._watchers.setdefault(name.key, {})[session] = told

    def drop(self, session: Session, names: Sequence[UserName] = ()) -> None:
        """``session`` does not watch who has these ``names`` any more; without any, nobody."""
        watched = self._watched.get(session, {})
        for key in [name.key for name in names] or list(watched):
            if watched.pop(key, None) is not None:
                watchers = self._watchers[key]
                del watchers[session]
                if not watchers:
                    del self._watchers[key]
        if not watched:
            self._watched.pop(session, None)

    def came(self, user: User) -> None:
        """``user`` is connected here, or is not any more."""
        if self._moved is not None:
            self._moved(user.name.key, user.connected)
        self.changed(user.name.key)

    def moved(self, before: Container[str], now: Container[str]) -> None:
        """At another server those are connected ``now`` who have these keys, not ``before``."""
        for key in [key for key in self._watchers if (key in before) != (key in now)]:
            self.changed(key)

    def changed(self, key: str) -> None:
        """Who has the name with that key may have come or gone, or appears otherwise."""
        for session in list(self._watchers.get(key, ())):
            if not session.stalled:
                self._tell(session, key)

    def catch_up(self, session: Session) -> None:
        """``session`` takes more again: it is told of all that has changed meanwhile."""
        for key in list(self._watched.get(session, ())):
            self._tell(session, key)

    def _tell(self, session: Session, key: str) -> None:
        user, told = session.user, self._watchers[key]
        if session.ended or user is None:
            return
        before, now = told[session], self._person(user, self._watched[session][key])
        told[session] = now
        # Of a guest at another server there is no more than the name, unless it was looked up.
        if replace(before, user=now.user, user_id=now.user_id) != now:
            session.outlet.reply(PeopleHere(people=(now,)))
