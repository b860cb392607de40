"""Accounts for the people of an import, that nobody can log in to before they are claimed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from msgspec.structs import replace

from hubbub.domain.directory import DIRECTORY
from hubbub.domain.errors import NameTaken
from hubbub.domain.events import UNSEQUENCED, AnyEvent, ProfileSet, Registered
from hubbub.domain.rules import Profile
from hubbub.hub.ports import Draft, Row, Settled, TakeName
from hubbub.moving.batches import stopped
from hubbub.moving.naming import nonce
from hubbub.moving.planning import Author, Plan
from hubbub.moving.ports import Server
from hubbub.moving.report import Progress, Told

AT_ONCE = 100  # accounts in one transaction: some milliseconds


async def register_people(server: Server, plan: Plan, told: Told) -> None:
    """Makes the accounts that are not here. Raises `hubbub.moving.errors.Stopped`."""
    reported = {person.id: person for person in plan.report.people}
    new = [one for one in plan.authors.values() if one.spoke and one.account and not one.known]
    for start in range(0, len(new), AT_ONCE):
        waiting: Sequence[Author] = new[start : start + AT_ONCE]
        while waiting:
            drafts = [_account(server, plan, author) for author in waiting]
            outcomes = await server.settle([partial(_done, draft) for draft in drafts])
            refused = []
            made = []
            for author, outcome in zip(waiting, outcomes, strict=True):
                if isinstance(outcome.error, NameTaken):  # by somebody who has come meanwhile
                    author.name = plan.names.give(author.person.name, author.id)
                    refused.append(author)
                elif outcome.error is not None:
                    raise stopped(outcome.error)
                else:
                    person = reported[author.id]
                    person.name, person.new = str(author.name), not outcome.duplicate
                    made += [] if outcome.duplicate else [author]
            await _introduce(server, plan, made)
            waiting = refused
        told(Progress("people", min(start + AT_ONCE, len(new)), len(new)))


def _account(server: Server, plan: Plan, author: Author) -> Draft:
    at = author.person.registered or server.clock()
    event = Registered(UNSEQUENCED, at, author.name, by_id=author.id)
    return _draft(plan, author, "account", event, TakeName(author.id, author.name))


async def _introduce(server: Server, plan: Plan, made: Sequence[Author]) -> None:
    """Says what people have said of themselves."""
    drafts = []
    for author in made:
        if author.person.about:
            profile = Profile(author.person.registered or 0, author.person.about)
            event = ProfileSet(UNSEQUENCED, server.clock(), author.name, profile, by_id=author.id)
            drafts.append(_draft(plan, author, "about", event))
    await server.settle([partial(_done, draft) for draft in drafts])


def _draft(plan: Plan, author: Author, what: str, event: AnyEvent, *also: Row) -> Draft:
    known = nonce(what, plan.source.namespace, author.person.id)
    return Draft(DIRECTORY, event, nonce=known, also=also)


def _done(draft: Draft, done: Callable[[Settled], None]) -> Draft:
    return replace(draft, done=done)
