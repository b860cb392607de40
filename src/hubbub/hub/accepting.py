"""Guests who may write to an account that takes messages of accounts only: see `Profile`.

Whom the account writes to may answer. Guests come and go, so that the oldest ones are forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import partial

from msgspec.structs import replace

from hubbub.domain import commands as ask
from hubbub.domain.errors import BadMessage, ChatError, NoSuchUser
from hubbub.domain.events import UNSEQUENCED, ProfileSet
from hubbub.domain.ids import UserId
from hubbub.domain.names import UserName
from hubbub.domain.rules import MAX_ACCEPTED, Profile
from hubbub.hub.directory import append, name_now
from hubbub.hub.moderating import target
from hubbub.hub.profiles import change_profile, without, words_of
from hubbub.hub.room import HubRoom
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User


def accept(hub: Services, session: Session, command: ask.Accept, user: User) -> None:
    """Lets somebody write to the account, or does so no more."""
    change = _accepting if command.on else _forgetting
    change_profile(hub, session, command, user, partial(change, hub, command.user))


def _accepting(hub: Services, name: UserName, profile: Profile) -> Profile:
    about = target(hub, hub.access.directory, name).user
    if about.id is None:
        raise NoSuchUser(f'There is nobody called "{name}" here.')
    if about.account:
        return profile  # they may write anyway
    if about.id in profile.blocked:
        raise BadMessage(f"You have blocked {about.name}. To let them write: /unblock {about.name}")
    return _with(profile, {about.id: about.name})


def _forgetting(hub: Services, name: UserName, profile: Profile) -> Profile:
    """By the name that they have now, or had when they were accepted."""
    guest = hub.users.anywhere(name.key)
    ids = () if guest is None else (guest.id,)
    return replace(profile, accepted=without(profile.accepted, name, ids))


def _with(profile: Profile, others: Mapping[UserId, UserName]) -> Profile:
    """``profile`` with ``others`` as the newest ones who are accepted."""
    known = profile.accepted.keys() | profile.blocked.keys()
    new = {id: str(name) for id, name in others.items() if id not in known}
    accepted = list({**profile.accepted, **new}.items())
    return replace(profile, accepted=dict(accepted[-MAX_ACCEPTED:]))


def unaccepted(
    hub: Services, user: User, others: Mapping[UserId, UserName]
) -> dict[UserId, UserName]:
    """Those of ``others`` who may not answer ``user`` yet, who writes to them."""
    profile = hub.access.profile_of(user.id)
    if not user.account or not profile.accounts_only:
        return {}
    return {
        id: name
        for id, name in others.items()
        if id not in profile.accepted
        and id not in profile.blocked
        and hub.access.account_of(id) is None
    }


def take_disk(
    hub: Services,
    session: Session,
    command: ask.Command,
    user: User,
    others: Mapping[UserId, UserName],
) -> None:
    """Takes what it needs of the disk that ``others`` may answer: a profile is saved whole."""
    if others:
        profile = _with(hub.access.profile_of(user.id), others)
        hub.take_disk(session, command, user.name, *words_of(profile))


async def let_answer(
    hub: Services, session: Session, id: UserId, others: Mapping[UserId, UserName]
) -> None:
    """Saves that ``others`` may write to the account ``id`` of the session."""
    if not others:
        return
    async with hub.locks.of(id):
        name, before = name_now(hub, session, id), hub.access.profile_of(id)
        now = _with(before, others)
        if now != before:
            await append(hub, ProfileSet(UNSEQUENCED, hub.clock(), name, now, by_id=id))


def writes(hub: Services, session: Session, command: ask.Say, user: User, room: HubRoom) -> None:
    """``user`` says something in a direct conversation, whose guests may answer from then on."""
    if user.id is None:
        return
    people = room.state.members.values()
    others = {one.id: one.name for one in people if one.id is not None and one.id != user.id}
    guests = unaccepted(hub, user, others)
    if guests:
        take_disk(hub, session, command, user, guests)
        hub.spawn(_let_answer_if_possible(hub, session, user.id, guests), session.share)


async def _let_answer_if_possible(
    hub: Services, session: Session, id: UserId, others: Mapping[UserId, UserName]
) -> None:
    """Nobody waits for it: the next text does it again."""
    with suppress(ChatError):
        await let_answer(hub, session, id, others)
