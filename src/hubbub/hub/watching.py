"""Who is connected: asked once, or told whenever it changes (`hubbub.hub.watchers`)."""

from __future__ import annotations

from hubbub.domain import commands as ask
from hubbub.domain.errors import TooMany
from hubbub.domain.names import UserName
from hubbub.domain.replies import PeopleHere, PersonHere
from hubbub.hub.profiles import meet
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User


def watch(hub: Services, session: Session, command: ask.Watch, user: User) -> None:
    """Begins or ends to tell the session of some people; ends all of it if none are named."""
    watchers = hub.watchers
    if command.on:
        watched = watchers.watched_by(session)
        new = {name.key for name in command.users if name.key not in watched}
        if len(new) + watchers.count(session) > ask.MAX_WATCHED:
            raise TooMany(f"You can watch {ask.MAX_WATCHED} people. Stop watching others first.")
    people = [person_here(hub, user, name) for name in command.users]
    if command.on:
        for name, person in zip(command.users, people, strict=True):
            watchers.add(session, name, person)
    else:
        watchers.drop(session, command.users)
    session.outlet.reply(PeopleHere(re=command.id, people=people))


def here(hub: Services, session: Session, command: ask.Here, user: User) -> None:
    """Tells which of some people are connected."""
    people = [person_here(hub, user, name) for name in command.users]
    session.outlet.reply(PeopleHere(re=command.id, people=people))


def person_here(hub: Services, asker: User, name: UserName) -> PersonHere:
    """Whether who has that name is connected; if they do not want that told, only if they meet."""
    account, user = hub.access.account(name), hub.users.anywhere(name.key)
    if account is not None:
        who = User(account.name, account.id, account=True)
        if user is not None and user.id == account.id:
            who = user
    else:
        who = user or User(name, hub.access.said_by_guests.id_of(name.key))
    profile = hub.access.profile_of(who.id)
    here = hub.is_connected(who)
    if not here or (profile.hides_seen and not meet(hub, asker, who.name)):
        return PersonHere(user=who.name, here=False, account=account is not None)
    return PersonHere(
        user=who.name,
        here=True,
        user_id=who.id,
        account=account is not None,
        role=hub.access.server_role(who),
        status=profile.status,
        note=profile.note,
    )
