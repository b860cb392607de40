"""What stands in a new room before the first event of the source: who reads it, and what holds.

Where Hubbub's own export begins with the first event of the room, that is all among the events.
"""

from __future__ import annotations

from collections.abc import Iterator

from hubbub.domain.events import (
    UNSEQUENCED,
    AnyEvent,
    Banned,
    DirectBegun,
    Exempted,
    Joined,
    RoleGiven,
    RulesSet,
    TopicSet,
)
from hubbub.domain.names import UserName
from hubbub.domain.rules import Role, RoomAccess
from hubbub.domain.text import MAX_TOPIC_CHARS
from hubbub.moving.choices import Operator
from hubbub.moving.planning import Author, Destination, Plan
from hubbub.moving.relating import Relations
from hubbub.moving.stream import Rules


def opening(
    plan: Plan, relations: Relations, place: Destination, operator: Operator
) -> list[AnyEvent]:
    """The events, at the time of the first one behind them."""
    at = 0 if place.first is None else place.first.at
    if place.room.rules is not None:
        if not place.base:
            return []
        return list(_as_at_the_end(plan, relations, place, place.room.rules, operator, at))
    people = [plan.authors[one] for one in place.room.members if one in plan.authors]
    people = [author for author in people if author.account]
    events: list[AnyEvent] = []
    if place.direct:
        events.append(_begun(people, place, at))
    elif place.room.private:
        events += _private(plan, people, place, operator, at)
    topic = topic_line(place.room.topic)
    if topic and not place.topics:
        owner = plan.authors.get(place.room.owner or "")
        if owner is None or not (owner.spoke or owner.known):
            events.append(TopicSet(UNSEQUENCED, at, operator.name, topic))
        else:
            events.append(TopicSet(UNSEQUENCED, at, owner.name, topic, by_id=owner.id))
    return events


def topic_line(topic: str) -> str:
    """What a room is about, as it is logged: on one line, and not too long."""
    return " ".join(topic.replace("\0", "").split())[:MAX_TOPIC_CHARS].rstrip()


def _begun(people: list[Author], place: Destination, at: int) -> DirectBegun:
    names = {author.id: str(author.name) for author in people}
    users = tuple(names.get(id, "") for id in place.direct)
    first = place.direct[0]
    return DirectBegun(UNSEQUENCED, at, users[0], users, place.direct, by_id=first)


def _private(
    plan: Plan, people: list[Author], place: Destination, operator: Operator, at: int
) -> Iterator[AnyEvent]:
    yield RulesSet(UNSEQUENCED, at, operator.name, access=RoomAccess.MEMBERS)
    owner = plan.authors.get(place.room.owner or "")
    for author in people:
        role = Role.OWNER if author is owner else None
        yield Joined(UNSEQUENCED, at, author.name, role=role, by_id=author.id)


def _as_at_the_end(
    plan: Plan,
    relations: Relations,
    place: Destination,
    rules: Rules,
    operator: Operator,
    at: int,
) -> Iterator[AnyEvent]:
    """What holds at the end of the export, as what came before its first event is not known."""
    by = operator.name
    if place.direct or rules.access is RoomAccess.DIRECT:
        people = [(one, plan.authors.get(one)) for one in place.room.members]
        known = {author.id: str(author.name) for _, author in people if author is not None}
        if known:
            ids = tuple(sorted(known))
            users = tuple(known[id] for id in ids)
            yield DirectBegun(UNSEQUENCED, at, users[0], users, ids, by_id=ids[0])
        return
    yield RulesSet(
        UNSEQUENCED,
        at,
        by,
        access=rules.access,
        speak=rules.speak,
        slow=rules.slow,
        guests=rules.guests,
        history=rules.history,
        newcomers=rules.newcomers,
        keep_days=rules.keep_days,
        topics=rules.topics,
        outside=rules.outside,
        most=rules.most,
        signals=rules.signals,
        labels={**rules.labels} or None,
    )
    if place.room.topic:
        yield TopicSet(UNSEQUENCED, at, by, place.room.topic)
    for member in place.room.members:
        author = plan.authors.get(member)
        if author is not None and author.account:
            yield Joined(UNSEQUENCED, at, author.name, by_id=author.id)
    for id, role in rules.roles.items():
        author = plan.authors.get(id)
        if author is not None and author.account:
            name = str(author.name)
            yield RoleGiven(UNSEQUENCED, at, by, name, author.id, role=role)
    for exempt in rules.exemptions:
        yield Exempted(
            UNSEQUENCED,
            at,
            by,
            relations.name(exempt.user, exempt.user_id),
            relations.id(exempt.user_id),
            of=exempt.of,
            pattern=exempt.pattern,
        )
    for ban in rules.bans:
        user = relations.name(ban.user, ban.user_id)
        yield Banned(
            UNSEQUENCED,
            at,
            by,
            str(UserName.recall(user)) if ban.user_id else ban.user,
            relations.id(ban.user_id),
            pattern=ban.pattern,
            until=ban.until,
            reason=ban.reason,
        )
