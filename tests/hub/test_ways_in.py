"""How an account logs in without telling its password: certificates of clients, and SCRAM."""

from __future__ import annotations

from collections.abc import Sequence

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.names import UserName
from hubbub.domain.rules import WayIn
from hubbub.domain.scram import MIN_ITERATIONS, encoded, make, no_verifier
from hubbub.hub.ports import SecretKind
from hubbub.hub.waysin import MAX_CERTIFICATES
from tests.hub.chat import Chat, Person, chatting
from tests.hub.members import ELSEWHERE, OTHER, PASSWORD, id_of, log_in, register, settle
from tests.hub.scram_client import ScramClient
from tests.hub.test_factors import with_factor

ADA, BEN = UserName.parse("ada"), UserName.parse("ben")
HERS, HIS = "a1" * 32, "b2" * 32


async def asks(chat: Chat, person: Person, *commands: ask.Command) -> Sequence[told.Reply]:
    """What somebody is answered who asks for something that no other wire has."""
    answers: list[told.Reply] = []
    person.reply = answers.append  # type: ignore[method-assign,assignment]  # JSON has no words for these
    try:
        person.send(*commands)
        await settle(chat)
    finally:
        del person.reply
    return answers


def codes(answers: Sequence[told.Reply]) -> list[str]:
    return [one.code for one in answers if isinstance(one, told.Refused)]


def ways(answers: Sequence[told.Reply]) -> told.WaysInTold:
    (answer,) = answers
    assert isinstance(answer, told.WaysInTold), answer
    return answer


def adds(print: str | None = None, password: str | None = PASSWORD) -> ask.SetWayIn:
    return ask.SetWayIn(way=WayIn.CERTIFICATE, certificate=print, password=password)


def drops(print: str | None = None) -> ask.SetWayIn:
    return ask.SetWayIn(way=WayIn.CERTIFICATE, certificate=print, on=False)


def scram(*, on: bool = True) -> ask.SetWayIn:
    return ask.SetWayIn(way=WayIn.SCRAM, on=on, password=PASSWORD if on else None)


def by_certificate(user: UserName = ADA, *, named: bool = True) -> ask.HelloByCertificate:
    return ask.HelloByCertificate(user=user, named=named)


def client_with(chat: Chat, print: str | None) -> Person:
    person = chat.connect("192.0.2.1", line=True)
    person.certificate = print
    return person


# Certificates


async def test_who_shows_the_certificate_of_an_account_comes_in() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        ada.certificate = HERS
        assert ways(await asks(chat, ada, adds())) == told.WaysInTold(
            certificates=[HERS], here=HERS
        )
        assert chat.story(DIRECTORY)[-1] == "2 ada logs in by one certificate more."
        client = client_with(chat, HERS)
        client.send(by_certificate())
        await settle(chat)
        assert client.last(told.Welcome).user == "ada"
        assert id_of(client) == id_of(ada)


async def test_whose_certificate_it_is_need_not_be_said() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        await asks(chat, ada, adds(HERS.upper()))
        client = client_with(chat, HERS)
        client.send(by_certificate(BEN))
        await settle(chat)
        assert client.news() == ["error wrong-token"]
        client.send(by_certificate(BEN, named=False))
        await settle(chat)
        assert client.last(told.Welcome).user == "ada"


async def test_no_other_certificate_lets_anybody_in() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        await asks(chat, ada, adds(HERS))
        for print, error in ((HIS, "error wrong-token"), (None, "error bad-message")):
            client = client_with(chat, print)
            client.send(by_certificate())
            await settle(chat)
            assert client.news() == [error]


async def test_a_certificate_is_one_accounts_alone() -> None:
    async with chatting() as chat:
        ada, ben = await register(chat, "ada"), await register(chat, "ben")
        await asks(chat, ada, adds(HERS))
        assert codes(await asks(chat, ben, adds(HERS))) == ["name-taken"]
        assert ways(await asks(chat, ada, adds(HERS))).certificates == [HERS], "once is enough"


async def test_nobody_lets_a_certificate_in_without_the_password() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        assert codes(await asks(chat, ada, adds(HERS, None))) == ["need-password"]
        assert codes(await asks(chat, ada, adds(HERS, OTHER))) == ["wrong-password"]
        assert codes(await asks(chat, ada, adds("no fingerprint"))) == ["bad-message"]
        assert codes(await asks(chat, ada, adds())) == ["bad-message"], "it has shown none"
        guest = chat.enter("guest")
        assert codes(await asks(chat, guest, adds(HERS))) == ["need-account"]


async def test_an_account_has_so_many_certificates_and_no_more() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        prints = [f"{number:064x}" for number in range(MAX_CERTIFICATES + 1)]
        *first, last = prints
        for print in first:
            await asks(chat, ada, adds(print))
        assert codes(await asks(chat, ada, adds(last))) == ["too-many"]
        assert ways(await asks(chat, ada, drops(first[0]))).certificates == first[1:]
        assert chat.story(DIRECTORY)[-1].endswith("ada logs in by one certificate less.")
        assert ways(await asks(chat, ada, adds(last))).certificates == prints[1:]
        assert codes(await asks(chat, ada, drops(first[0]))) == ["bad-message"]


async def test_a_new_password_ends_all_certificates_but_this_connections() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        ada.certificate = HERS
        await asks(chat, ada, adds())
        await asks(chat, ada, adds(HIS))
        ada.send(ask.ChangePassword(old=PASSWORD, new=OTHER))
        await settle(chat)
        assert ways(await asks(chat, ada, ask.WaysIn())).certificates == [HERS]


async def test_a_closed_account_leaves_its_certificate_to_another() -> None:
    async with chatting() as chat:
        ada, ben = await register(chat, "ada"), await register(chat, "ben")
        await asks(chat, ada, adds(HERS))
        ada.send(ask.CloseAccount(password=PASSWORD))
        await settle(chat)
        assert ways(await asks(chat, ben, adds(HERS))).certificates == [HERS]


async def test_a_guest_becomes_the_account_whose_certificate_they_have_shown() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        await asks(chat, ada, adds(HERS))
        guest = chat.enter("guest")
        guest.certificate = HERS
        guest.send(ask.HelloByCertificate(user=ADA, again=True))
        await settle(chat)
        assert guest.last(told.Welcome).user == "ada"
        guest.news()
        guest.send(ask.HelloByCertificate(user=ADA, again=True))
        await settle(chat)
        assert guest.news() == ["error already-named"]


# SCRAM


async def proves(
    chat: Chat, client: Person, password: str = PASSWORD, user: str = "ada"
) -> Sequence[told.Reply]:
    """What a client hears at the end that proves a password."""
    prover = ScramClient(user, password)
    hello = ask.HelloByProof(user=ADA, message=prover.first())
    (first,) = await asks(chat, client, hello)
    assert isinstance(first, told.Challenge)
    answers = await asks(
        chat, client, ask.HelloByProof(user=ADA, message=prover.final(first.message))
    )
    if isinstance(answers[0], told.Challenge):
        prover.check(answers[0].message)
    return answers


async def test_who_proves_the_password_comes_in_if_the_account_wants_that() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        assert codes(await proves(chat, chat.connect("192.0.2.1"))) == ["wrong-password"]
        assert ways(await asks(chat, ada, scram())).scram
        _, welcome = await proves(chat, chat.connect("192.0.2.1"))
        assert isinstance(welcome, told.Welcome)
        assert welcome.user == "ada"
        assert not ways(await asks(chat, ada, scram(on=False))).scram
        assert codes(await proves(chat, chat.connect("192.0.2.1"))) == ["wrong-password"]
        assert [line.split(" ", 1)[1] for line in chat.story(DIRECTORY)[-2:]] == [
            "ada logs in by SCRAM, too.",
            "ada logs in by SCRAM no more.",
        ]


async def test_a_program_of_an_account_proves_its_password_under_a_name_of_its_own() -> None:
    async with chatting() as chat:
        ada, _ = await register(chat, "ada"), await register(chat, "ben")
        await asks(chat, ada, scram())
        _, welcome = await proves(chat, chat.connect("192.0.2.1"), user="ada/laptop")
        assert isinstance(welcome, told.Welcome)
        assert welcome.user == "ada"


async def test_nobody_comes_in_as_another_one_in_the_middle_of_a_proof() -> None:
    async with chatting() as chat:
        ada, ben = await register(chat, "ada"), await register(chat, "ben")
        for person in (ada, ben):
            await asks(chat, person, scram())
        prover, client = ScramClient("ada", PASSWORD), chat.connect("192.0.2.1")
        hello = ask.HelloByProof(user=ADA, message=prover.first())
        (first,) = await asks(chat, client, hello)
        assert isinstance(first, told.Challenge)
        bens = encoded(make(PASSWORD, b"another salt", MIN_ITERATIONS))
        chat.log.disk.secrets[SecretKind.SCRAM, id_of(ben)] = bens
        final = ask.HelloByProof(user=BEN, message=prover.final(first.message))
        assert codes(await asks(chat, client, final)) == ["wrong-password"]


async def test_wrong_proofs_are_counted_as_wrong_passwords() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        await asks(chat, ada, scram())
        for _ in range(3):
            client = chat.connect(ELSEWHERE)
            assert codes(await proves(chat, client, OTHER)) == ["wrong-password"]
        assert codes(await proves(chat, chat.connect(ELSEWHERE), OTHER)) == ["rate-limited"]
        late = await log_in(chat, "ada", address=ELSEWHERE)
        assert late.news() == ["error rate-limited"]


async def test_a_new_password_is_proved_from_then_on_and_the_old_one_no_more() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        await asks(chat, ada, scram())
        ada.send(ask.ChangePassword(old=PASSWORD, new=OTHER))
        await settle(chat)
        assert codes(await proves(chat, chat.connect("192.0.2.1"))) == ["wrong-password"]
        _, welcome = await proves(chat, chat.connect("192.0.2.1"), OTHER)
        assert isinstance(welcome, told.Welcome)


async def test_a_proof_is_of_the_challenge_that_was_given_and_of_no_other() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        await asks(chat, ada, scram())
        prover, client = ScramClient("ada", PASSWORD), chat.connect("192.0.2.1")
        hello = ask.HelloByProof(user=ADA, message=prover.first())
        (first,) = await asks(chat, client, hello)
        assert isinstance(first, told.Challenge)
        final = ask.HelloByProof(user=ADA, message=prover.final(first.message))
        other = chat.connect("192.0.2.1")
        await asks(chat, other, hello)
        assert codes(await asks(chat, other, final)) == ["wrong-password"]
        assert codes(await asks(chat, other, final)) == ["bad-message"], "it has begun nothing"
        assert not codes(await asks(chat, client, final))


async def test_nobody_can_tell_by_the_challenge_who_has_turned_it_on() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        await asks(chat, ada, scram())
        salts = []
        for name in (ADA, BEN, BEN):
            hello = ask.HelloByProof(user=name, message=ScramClient(name, PASSWORD).first())
            (first,) = await asks(chat, chat.connect("192.0.2.1"), hello)
            assert isinstance(first, told.Challenge)
            salts.append(first.message.split(",")[1].removeprefix("s="))
        _, bens, again = salts
        assert bens == again
        known_to_all = no_verifier(chat.log.id.encode(), BEN.key).salt
        assert bens != known_to_all, "each client is told what the log is called"


async def test_an_account_with_a_second_factor_does_not_come_in_by_a_proof() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        await asks(chat, ada, scram())
        await with_factor(chat, ada)
        assert codes(await proves(chat, chat.connect("192.0.2.1"))) == ["need-code"]


async def test_what_is_kept_for_proofs_goes_with_the_account() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        await asks(chat, ada, scram())
        assert (SecretKind.SCRAM, id_of(ada)) in chat.log.disk.secrets
        id = id_of(ada)
        ada.send(ask.CloseAccount(password=PASSWORD))
        await settle(chat)
        assert (SecretKind.SCRAM, id) not in chat.log.disk.secrets


async def test_a_single_sign_on_is_set_in_a_browser_alone() -> None:
    async with chatting() as chat:
        ada = await register(chat, "ada")
        command = ask.SetWayIn(way=WayIn.PROVIDER, password=PASSWORD)
        assert codes(await asks(chat, ada, command)) == ["bad-message"]
