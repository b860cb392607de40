"""Which account is whose by a single sign-on, in every log."""

from __future__ import annotations

from hubbub.domain.directory import DIRECTORY
from hubbub.domain.errors import BadMessage, NameTaken
from hubbub.domain.events import AccountClosed, Registered, SignOnSet
from hubbub.domain.names import UserName
from hubbub.hub.ports import (
    CERTIFICATES,
    Draft,
    ForgetCertificates,
    ForgetIdentities,
    KeepGuest,
    Row,
    TakeIdentity,
    TakeName,
)
from tests.storage.talk import ADA, BEN, IDS, NOON, Talk, guest

ISSUER, ELSEWHERE = "https://id.example.org/team", "https://id.example.com"


def registered(user: UserName, *also: Row) -> Draft:
    names = TakeName(IDS[user], user)
    return Draft(DIRECTORY, Registered(0, NOON, user, by_id=IDS[user]), also=(names, *also))


def switched(user: UserName, on: bool, *also: Row) -> Draft:
    return Draft(DIRECTORY, SignOnSet(0, NOON, user, on, by_id=IDS[user]), also=also)


def is_at(user: UserName, subject: str = "7", issuer: str = ISSUER) -> TakeIdentity:
    return TakeIdentity(IDS[user], issuer, subject)


async def test_an_account_is_found_by_issuer_and_subject_alone(talk: Talk) -> None:
    await talk.settle(registered(ADA, is_at(ADA)), registered(BEN, is_at(BEN, "7", ELSEWHERE)))
    log = talk.log
    assert await log.identity(ISSUER, "7") == IDS[ADA]
    assert await log.identity(ELSEWHERE, "7") == IDS[BEN]
    assert await log.identity(ISSUER, "8") is None
    assert await log.identity(ISSUER.upper(), "7") is None
    assert await log.has_identity(IDS[ADA])


async def test_nobody_takes_the_identity_of_another_account(talk: Talk) -> None:
    await talk.settle(registered(ADA, is_at(ADA)))
    (refused,) = await talk.settle(registered(BEN, is_at(BEN)))
    assert isinstance(refused.error, NameTaken)
    assert [one.name for one in await talk.log.rooms()] == [DIRECTORY]
    assert [one.member.name for one in await talk.log.members()] == [ADA]
    assert await talk.log.identity(ISSUER, "7") == IDS[ADA]
    assert not await talk.log.has_identity(IDS[BEN])
    (done,) = await talk.settle(registered(BEN, is_at(BEN, "8")))
    assert done.event is not None
    assert done.event.seq == 2


async def test_two_at_once_are_one_account(talk: Talk) -> None:
    first, second = await talk.settle(registered(ADA, is_at(ADA)), registered(BEN, is_at(BEN)))
    assert first.error is None
    assert isinstance(second.error, NameTaken)


async def test_a_guest_who_registers_at_two_servers_at_once_has_one_account(talk: Talk) -> None:
    """Also under another name, which a guest may have, too."""
    other = Registered(0, NOON, BEN, by_id=IDS[ADA])
    first, second, third = await talk.settle(
        registered(ADA), registered(ADA), Draft(DIRECTORY, other, also=(TakeName(IDS[ADA], BEN),))
    )
    assert first.error is None
    assert isinstance(second.error, BadMessage)
    assert isinstance(third.error, BadMessage)
    (late,) = await talk.settle(registered(ADA))
    assert isinstance(late.error, BadMessage)
    assert [one.member.name for one in await talk.log.members()] == [ADA]
    closed = AccountClosed(0, NOON, ADA, by_id=IDS[ADA])
    _, again = await talk.settle(Draft(DIRECTORY, closed), registered(ADA))
    assert again.error is None


async def test_a_closed_account_leaves_its_identity_to_another(talk: Talk) -> None:
    await talk.settle(registered(ADA, is_at(ADA)), switched(ADA, True, is_at(ADA, "8")))
    closed = AccountClosed(0, NOON, ADA, by_id=IDS[ADA])
    await talk.settle(Draft(DIRECTORY, closed, also=(ForgetIdentities(IDS[ADA]),)))
    assert not await talk.log.has_identity(IDS[ADA])
    await talk.settle(registered(BEN, is_at(BEN)))
    assert await talk.log.identity(ISSUER, "7") == IDS[BEN]
    assert await talk.log.identity(ISSUER, "8") is None


async def test_what_comes_again_takes_nothing(talk: Talk) -> None:
    await talk.settle(registered(ADA, is_at(ADA)))
    again, *_ = await talk.settle(switched(ADA, True, is_at(ADA)))
    assert again.error is None
    await talk.settle(switched(ADA, False, ForgetIdentities(IDS[ADA])), KeepGuest(guest(BEN)))
    assert await talk.log.identity(ISSUER, "7") is None


# Certificates of clients


def shows(user: UserName, print: str) -> TakeIdentity:
    return TakeIdentity(IDS[user], CERTIFICATES, print)


async def test_certificates_are_no_single_sign_on_and_are_forgotten_apart(talk: Talk) -> None:
    mine = (is_at(ADA), *(shows(ADA, print) for print in ("c1", "c2", "c3")))
    await talk.settle(registered(ADA, *mine), registered(BEN, shows(BEN, "d1")))
    log, id = talk.log, IDS[ADA]
    assert await log.certificates(id) == ["c1", "c2", "c3"]
    assert await log.identity(CERTIFICATES, "c2") == id
    assert not await log.has_identity(IDS[BEN])
    await talk.settle(switched(ADA, False, ForgetIdentities(id)))
    assert not await log.has_identity(id)
    await talk.settle(switched(ADA, False, ForgetCertificates(id, only="d1")))
    await talk.settle(switched(ADA, False, ForgetCertificates(id, only="c1")))
    assert await log.certificates(id) == ["c2", "c3"]
    await talk.settle(switched(ADA, False, ForgetCertificates(id, but="c3")))
    assert await log.certificates(id) == ["c3"]
    await talk.settle(switched(ADA, False, ForgetCertificates(id)))
    assert await log.certificates(id) == []
    assert await log.certificates(IDS[BEN]) == ["d1"], "nobody takes another one's"
