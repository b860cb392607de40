"""Accounts over IRC, from socket to socket: SASL, PASS, NickServ, ChanServ, and making accounts."""

from __future__ import annotations

import base64
import logging
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyotp import TOTP

from hubbub.credentials.totp import Totp
from hubbub.hub.settings import HubSettings
from hubbub.server.tls.files import FileCertificates
from tests.certificates import make_certificate
from tests.hub.scram_client import ScramClient
from tests.passwords import CheapPasswords
from tests.server.irc_client import IrcClient, plain
from tests.server.serving import Chatter, Server, serving

PASSWORD, OTHER = "correct horse battery", "a quite different one"


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving(passwords=CheapPasswords(), http=True) as server:
        yield server


async def register(server: Server, name: str, password: str = PASSWORD) -> None:
    """Somebody makes an account, and goes."""
    client = await IrcClient.come(server, name)
    lines = await client.asks(f'NS REGISTER "{password}"')
    assert any(f" 900 {name} " in line for line in lines), lines
    client.says("QUIT")
    await client.until("ERROR")
    client.close()


async def stranger(server: Server) -> IrcClient:
    """A client that negotiates, and has said nothing of itself yet."""
    client = await IrcClient.connect(server)
    client.says("CAP REQ :sasl")
    await client.until("ACK")
    return client


def has(lines: list[str], *words: str) -> bool:
    """Whether one of the lines has all these words."""
    return any(all(word in line for word in words) for line in lines)


# SASL


async def test_who_logs_in_by_sasl_before_a_nick_is_that_account(server: Server) -> None:
    await register(server, "ada")
    client = await stranger(server)
    assert has(await client.log_in("ada", PASSWORD), " 900 * *!*@user/ada ada ")
    await client.until(" 903 ")
    lines = await client.asks("NICK somebody", "USER a 0 * :A", "CAP END")
    assert has(lines, " 001 ada "), "the name of an account is its nickname"


async def test_a_wrong_password_is_refused_and_another_try_is_possible(server: Server) -> None:
    await register(server, "ada")
    client = await stranger(server)
    assert has(await client.log_in("ada", OTHER), " 904 * ", "no account")
    await client.log_in("ada", PASSWORD)
    await client.until(" 903 ")


async def test_a_guest_who_logs_in_is_in_the_same_rooms_as_the_account(server: Server) -> None:
    await register(server, "ada")
    ben = await IrcClient.come(server, "ben", "account-notify")
    eve = await IrcClient.come(server, "eve", "chghost")
    await ben.asks("JOIN #tea")
    await eve.asks("JOIN #tea")
    await ben.hears()
    await eve.log_in("ada", PASSWORD)
    lines = await eve.hears()
    assert has(lines, ":eve!~eve@guest/", " NICK ada")
    assert has(lines, ":ada!~eve@guest/", " CHGHOST ~eve user/ada")
    assert not has(lines, " JOIN ")
    told = await ben.hears()
    assert [line.split(" ", 1)[1] for line in told] == ["NICK :ada", "ACCOUNT ada"]
    await eve.asks("PRIVMSG #tea :here I am")
    assert has(await ben.hears(), ":ada!~eve@user/ada PRIVMSG #tea", "here I am")


async def test_who_logs_in_where_the_account_is_already_sees_one_of_them_with_its_role(
    server: Server,
) -> None:
    await register(server, "ada")
    ada = await stranger(server)
    await ada.log_in("ada", PASSWORD)
    await ada.asks("NICK ada", "USER a 0 * :A", "CAP END", "JOIN #tea")
    eve = await IrcClient.come(server, "eve")
    await eve.asks("JOIN #tea", "JOIN #cake")
    await eve.log_in("ada", PASSWORD)
    lines = await eve.hears()
    told = [line.split(" ", 1) for line in lines if re.match(r":\S+ (PART|NICK|MODE) ", line)]
    assert told[0] == [":ada!~a@user/ada", "PART #tea :You are called so from now on."]
    assert [what for _, what in told[1:3]] == ["NICK ada", "MODE #tea +o ada"]
    assert not [what for _, what in told[3:] if "#tea +" in what]


async def test_sasl_says_what_is_wrong_by_its_numerics(server: Server) -> None:
    client = await stranger(server)
    lines = await client.asks("AUTHENTICATE MAGIC")
    assert has(lines, " 908 * PLAIN,SCRAM-SHA-256 ")
    assert has(lines, " 904 * ")
    assert has(await client.asks("AUTHENTICATE PLAIN", "AUTHENTICATE *"), " 906 * ")
    assert has(await client.asks("AUTHENTICATE PLAIN", "AUTHENTICATE " + "A" * 401), " 905 * ")
    long = ["AUTHENTICATE " + "A" * 400] * 11
    assert has(await client.asks("AUTHENTICATE PLAIN", *long), " 905 * ")
    assert has(await client.asks("AUTHENTICATE PLAIN", "AUTHENTICATE ???"), " 904 * ")
    for_another = plain("ada", PASSWORD, "ben")
    lines = await client.asks("AUTHENTICATE PLAIN", f"AUTHENTICATE {for_another}")
    assert has(lines, " 904 * ", "as yourself alone")


async def test_who_has_logged_in_does_not_log_in_as_the_same_again(server: Server) -> None:
    await register(server, "ada")
    client = await stranger(server)
    await client.log_in("ada", PASSWORD)
    await client.until(" 903 ")
    assert has(await client.log_in("ada", PASSWORD), " 907 * ", "You are ada")
    await client.asks("NICK ada", "USER a 0 * :A", "CAP END")
    assert has(await client.log_in("ada", PASSWORD), " 907 ada ", "You are ada")


async def test_who_has_logged_in_may_log_in_as_another_before_a_nick(server: Server) -> None:
    for name in ("ada", "countess"):
        await register(server, name)
    client = await stranger(server)
    for name in ("ada", "countess"):
        assert has(await client.log_in(name, PASSWORD), f" 900 * *!*@user/{name} {name} ")
        await client.until(" 903 ")
    assert has(await client.asks("NICK a", "USER a 0 * :A", "CAP END"), " 001 countess ")


@pytest.mark.parametrize("by", ["SASL", "NickServ"])
async def test_who_logs_in_to_another_account_is_that_one_in_the_same_rooms(
    server: Server, by: str
) -> None:
    for name in ("ada", "countess"):
        await register(server, name)
    ben = await IrcClient.come(server, "ben", "extended-join extended-monitor")
    await ben.asks("JOIN #tea", "MONITOR + ada,countess")
    client = await stranger(server)
    await client.log_in("ada", PASSWORD)
    await client.asks("NICK ada", "USER a 0 * :A", "CAP END", "JOIN #tea")
    await ben.hears()
    if by == "SASL":
        await client.log_in("countess", PASSWORD)
        lines = await client.hears()
    else:
        lines = await client.asks(f"NS IDENTIFY countess {PASSWORD}")
    own = [line for line in lines if re.match(r":\S+ (PART|NICK|JOIN|QUIT) ", line)]
    assert own == [
        ":ada!~a@user/ada PART #tea :You are somebody else from now on.",
        ":ada!~a@user/ada NICK countess",
        ":countess!~a@user/countess JOIN #tea",
    ]
    assert has(lines, " 353 countess ", "#tea :", "ben", "countess")
    told = await ben.hears()
    assert has(told, ":ada!~a@user/ada QUIT")
    assert has(told, ":countess!~a@user/countess JOIN #tea countess")
    assert has(told, " 731 ben ", "ada")
    assert has(told, " 730 ben ", "countess")
    await client.asks("PRIVMSG #tea :here I am")
    assert has(await ben.hears(), ":countess!~a@user/countess PRIVMSG #tea", "here I am")


@pytest.mark.parametrize("chars", [300, 301])
async def test_a_long_password_comes_in_pieces(server: Server, chars: int) -> None:
    """Of 400 characters; and one more, which is empty, if it ends with such a piece."""
    password, program = ("xyzzy plugh " * 30)[:230], f"ada/{'x' * 54}"
    password += "y" * (chars - len(f"\0{program}\0{password}"))
    await register(server, "ada", password)
    said = plain(program, password)
    assert (len(said) == 400) is (chars == 300)
    client = await stranger(server)
    pieces = [f"AUTHENTICATE {said[:400]}", f"AUTHENTICATE {said[400:] or '+'}"]
    client.says("AUTHENTICATE PLAIN", *pieces)
    await client.until(" 903 ")


@pytest.mark.parametrize("name", ["ada/laptop", "ada@laptop"])
async def test_a_program_may_say_which_of_several_it_is(server: Server, name: str) -> None:
    await register(server, "ada")
    client = await stranger(server)
    assert has(await client.log_in(name, PASSWORD), " 900 * *!*@user/ada ada ")


async def test_the_code_of_a_second_factor_stands_behind_the_password(server: Server) -> None:
    server.hub.factor = Totp()
    async with server.web() as socket:
        ada = Chatter(socket)
        await ada.enter("ada")
        await ada.ask("welcome", type="register", password=PASSWORD)
        secret = (await ada.ask("factor", type="factor", password=PASSWORD))["secret"]
        codes = TOTP(secret)
        confirmed = await ada.ask("recovery-codes", type="confirm-factor", code=codes.now())
    recovery = confirmed["codes"]
    client = await stranger(server)
    lines = await client.log_in("ada", PASSWORD)
    assert has(lines, " 904 ", "second factor", "a space, and the code")
    await client.log_in("ada", f"{PASSWORD} {recovery[0]}")
    await client.until(" 903 ")
    other = await IrcClient.come(server, "somebody")
    lines = await other.asks(f"PRIVMSG NickServ :IDENTIFY ada {PASSWORD} {recovery[1]}")
    assert has(lines, " NICK ada")
    last = await IrcClient.connect(server)
    last.says(f"PASS :ada:{PASSWORD} {recovery[2]}", "NICK ada", "USER a 0 * :A")
    await last.until(" 001 ada ")


async def test_a_password_may_end_like_a_code(server: Server) -> None:
    await register(server, "ada", "correct horse 123456")
    client = await stranger(server)
    await client.log_in("ada", "correct horse 123456")
    await client.until(" 903 ")


async def test_a_password_is_proved_by_scram_when_it_was_turned_on(server: Server) -> None:
    await register(server, "ada")

    async def scram(client: IrcClient) -> list[str]:
        prover = ScramClient("ada", PASSWORD)
        client.says("AUTHENTICATE SCRAM-SHA-256")
        await client.until("AUTHENTICATE +")
        client.says(f"AUTHENTICATE {_told(prover.first())}")
        challenge = (await client.until("AUTHENTICATE "))[-1].split()[-1]
        client.says(f"AUTHENTICATE {_told(prover.final(_heard(challenge)))}")
        last = await client.line()
        if " 904 " in last:
            return [last]
        prover.check(_heard(last.split()[-1]))
        client.says("AUTHENTICATE +")
        return await client.until(" 903 ")

    client = await stranger(server)
    assert has(await scram(client), " 904 ", "SCRAM")
    await client.log_in("ada", PASSWORD)
    await client.asks("NICK ada", "USER a 0 * :A", "CAP END")
    lines = await client.asks(f"NS SET SCRAM ON {PASSWORD}")
    assert has(lines, "SCRAM is on")
    assert has(await scram(await stranger(server)), " 900 * ", " ada ")
    guest = await IrcClient.come(server, "guest", "sasl")
    assert has(await scram(guest), " 900 guest ", " ada ")
    assert has(await guest.hears(), " NICK ada")


def _told(message: str) -> str:
    return base64.b64encode(message.encode()).decode()


def _heard(word: str) -> str:
    return base64.b64decode(word).decode()


async def test_an_account_logs_in_by_the_certificate_of_its_client(tmp_path: Path) -> None:
    for name in ("server", "client"):
        (tmp_path / name).mkdir()
    files, mine = make_certificate(tmp_path / "server"), make_certificate(tmp_path / "client")
    certificates = FileCertificates(files.certificate, files.key, lambda: datetime.now(UTC))
    context = files.client()
    context.load_cert_chain(mine.certificate, mine.key)
    async with serving(
        passwords=CheapPasswords(), certificates=certificates, tls=files.client()
    ) as server:
        ada = await IrcClient.connect(server, context)
        ada.says("CAP LS 302")
        if "EXTERNAL" not in (await ada.until("CAP "))[-1]:
            pytest.skip("this Python does not let its OpenSSL be called")
        ada.says("NICK ada", "USER a 0 * :A", "CAP END")
        await ada.until(" 422 ")
        await ada.asks(f'NS REGISTER "{PASSWORD}"')
        assert has(await ada.asks("NS CERT LIST"), "by no certificate")
        assert has(await ada.asks(f"NS CERT ADD {OTHER}"), "not your password")
        assert has(await ada.asks(f"NS CERT ADD {PASSWORD}"), "(this connection's)")

        other = await IrcClient.connect(server, context)
        other.says("CAP REQ :sasl", "AUTHENTICATE EXTERNAL", "AUTHENTICATE +")
        assert has(await other.until(" 90"), " 900 * *!*@user/ada ada ")
        other.says("NICK whoever", "USER a 0 * :A", "CAP END")
        await other.until(" 001 ada ")

        wrong = await IrcClient.connect(server, context)
        wrong.says("AUTHENTICATE EXTERNAL", f"AUTHENTICATE {_told('ben')}")
        assert has(await wrong.until(" 904 "), "not that of ben")
        bare = await IrcClient.connect(server, files.client())
        bare.says("AUTHENTICATE EXTERNAL", "AUTHENTICATE +")
        assert has(await bare.until(" 904 "), "no certificate")

        assert has(await ada.asks("NS CERT DEL"), "by no certificate")
        late = await IrcClient.connect(server, context)
        late.says("AUTHENTICATE EXTERNAL", "AUTHENTICATE +")
        assert has(await late.until(" 904 "), "No account here")


# PASS, and names of accounts


@pytest.mark.parametrize(
    "given", [f"ada:{PASSWORD}", f"ada/laptop:{PASSWORD}", PASSWORD], ids=["name", "program", "own"]
)
async def test_a_password_may_come_before_the_nick(server: Server, given: str) -> None:
    await register(server, "ada")
    client = await IrcClient.connect(server)
    client.says(f"PASS :{given}", "NICK ada", "USER a 0 * :A")
    await client.until(" 001 ada ")
    assert has(await client.asks("NS INFO"), "ada has an account")


async def test_a_wrong_password_ends_the_connection(server: Server) -> None:
    await register(server, "ada")
    client = await IrcClient.connect(server)
    client.says(f"PASS :{OTHER}", "NICK ada", "USER a 0 * :A")
    await client.until(" 464 ")
    await client.until("ERROR")


async def test_a_password_that_nobody_needs_is_not_minded(server: Server) -> None:
    client = await IrcClient.connect(server)
    client.says("PASS :what others want", "NICK ada", "USER a 0 * :A")
    await client.until(" 001 ada ")


async def test_who_takes_the_name_of_an_account_is_told_what_to_do(server: Server) -> None:
    await register(server, "ada")
    client = await IrcClient.connect(server)
    client.says("NICK ada", "USER a 0 * :A")
    await client.until(" 433 * ada ")
    assert "PASS ada:password" in await client.line()
    client.says("NICK ada_")
    await client.until(" 001 ada_ ")
    assert has(await client.asks("NICK ada"), " 433 ada_ ada ")


async def test_where_guests_are_not_let_in_one_is_told_that_and_the_connection_ends() -> None:
    settings = HubSettings(rate_limit=0, guests="off")
    async with serving(settings=settings, passwords=CheapPasswords()) as server:
        client = await IrcClient.connect(server)
        client.says("NICK ada", "USER a 0 * :A")
        await client.until("FAIL * ACCOUNT_REQUIRED ")
        await client.until("ERROR")


# REGISTER


async def test_an_account_is_made_before_registration_or_after_it(server: Server) -> None:
    client = await IrcClient.connect(server)
    client.says("CAP LS 302")
    assert "draft/account-registration=before-connect" in (await client.until("CAP "))[-1]
    client.says("REGISTER * * :" + PASSWORD)
    await client.until("FAIL REGISTER NEED_NICK * ")
    client.says("NICK ada", "REGISTER * * :" + PASSWORD)
    await client.until("REGISTER SUCCESS ada ")
    client.says("USER a 0 * :A", "CAP END")
    await client.until(" 001 ada ")

    ben, eve = (
        await IrcClient.come(server, "ben", "chghost"),
        await IrcClient.come(server, "eve", "account-notify chghost"),
    )
    for person in (ben, eve):
        await person.asks("JOIN #tea")
    lines = await ben.asks("REGISTER ben ben@example.org :" + PASSWORD)
    assert has(lines, "REGISTER SUCCESS ben ")
    assert has(lines, " 900 ben ben!~ben@user/ben ben ")
    assert has(lines, ":ben!~ben@guest/", " CHGHOST ~ben user/ben")
    told = await eve.hears()
    assert ":ben!~ben@user/ben ACCOUNT ben" in told
    assert has(told, ":ben!~ben@guest/", " CHGHOST ~ben user/ben")
    lines = await ben.asks("REGISTER * * :" + PASSWORD)
    assert has(lines, "FAIL REGISTER ALREADY_AUTHENTICATED * ")


async def test_an_account_that_is_made_in_another_client_is_told_of_in_irc(server: Server) -> None:
    eve = await IrcClient.come(server, "eve", "account-notify chghost")
    await eve.asks("JOIN #tea")
    async with server.web() as socket:
        ben = Chatter(socket)
        await ben.enter("ben", "tea")
        await eve.hears()
        await ben.ask("welcome", type="register", password=PASSWORD)
    told = await eve.hears()
    assert ":ben!~u@user/ben ACCOUNT ben" in told
    assert has(told, ":ben!~u@guest/", " CHGHOST ~u user/ben")


@pytest.mark.parametrize(
    "line, code",
    [
        ("REGISTER eve * :correct horse battery", "ACCOUNT_NAME_MUST_BE_NICK eve"),
        ("REGISTER * * password", "WEAK_PASSWORD ben"),
        ("REGISTER two#words * :correct horse battery", "BAD_ACCOUNT_NAME"),
        ("VERIFY ben 1234", "INVALID_CODE ben"),
    ],
)
async def test_an_account_that_cannot_be_made_is_refused(
    server: Server, line: str, code: str
) -> None:
    ben = await IrcClient.come(server, "ben")
    assert has(await ben.asks(line), f"FAIL {line.split(maxsplit=1)[0]} {code} ")


async def test_no_account_is_made_of_a_name_that_is_somebodys(server: Server) -> None:
    await register(server, "ada")
    await IrcClient.come(server, "ben")
    client = await IrcClient.connect(server)
    client.says("NICK ada", "REGISTER * * :" + PASSWORD)
    await client.until("FAIL REGISTER ACCOUNT_EXISTS ada ")
    client.says("NICK ben", "REGISTER * * :" + PASSWORD)
    await client.until("FAIL REGISTER USERNAME_EXISTS ben ")


async def test_where_one_needs_an_invitation_it_stands_in_place_of_the_address() -> None:
    settings = HubSettings(rate_limit=0, registration="invite")
    async with serving(settings=settings, passwords=CheapPasswords()) as server:
        code = server.hub.owner_code
        assert code is not None
        ben = await IrcClient.come(server, "ben")
        lines = await ben.asks(f"REGISTER * * :{PASSWORD}")
        assert has(lines, "FAIL REGISTER DISALLOWED ben ", "invitation")
        assert has(await ben.asks(f'NS REGISTER "{PASSWORD}"'), "NOTICE ben", "invitation")
        assert has(await ben.asks(f"REGISTER * {code} :{PASSWORD}"), "REGISTER SUCCESS ben ")


# NickServ and ChanServ


async def test_nickserv_makes_a_guest_an_account_and_lets_them_in(server: Server) -> None:
    await register(server, "ada")
    client = await IrcClient.come(server, "somebody")
    source = ":NickServ!services@hubbub.chat NOTICE somebody "
    assert has(await client.asks("PRIVMSG nickserv :identify"), source, "IDENTIFY name password")
    wrong = await client.asks(f"NICKSERV :IDENTIFY ada {OTHER}")
    assert has(wrong, source, "no account")
    lines = await client.asks(f"NS IDENTIFY ada {PASSWORD}")
    assert has(lines, " 900 somebody ", " ada ")
    assert has(lines, ":somebody!", " NICK ada")
    assert has(lines, "NOTICE ada", "Welcome back")
    assert has(await client.asks(f"NS IDENTIFY ada {PASSWORD}"), "You are ada already")


async def test_nickserv_changes_passwords_and_names(server: Server) -> None:
    await register(server, "ada")
    client = await stranger(server)
    await client.log_in("ada", PASSWORD)
    await client.asks("NICK ada", "USER a 0 * :A", "CAP END")
    lines = await client.asks(f'NS PASSWD "{PASSWORD}" "{OTHER}"')
    assert has(lines, "Your password is changed")
    lines = await client.asks(f'NS SET PASSWORD "{OTHER}" "ada lovelace 1"')
    assert has(lines, "Your password is changed")
    lines = await client.asks("NS RENAME adele")
    assert [line for line in lines if " NICK " in line] == [":ada!~a@user/ada NICK adele"]
    other = await stranger(server)
    await other.log_in("adele", "ada lovelace 1")
    await other.until(" 903 ")


async def test_an_account_that_is_renamed_elsewhere_hears_of_it_in_no_room_too(
    server: Server,
) -> None:
    await register(server, "ada")
    client = await stranger(server)
    await client.log_in("ada", PASSWORD)
    await client.asks("NICK ada", "USER a 0 * :A", "CAP END")
    async with server.web() as socket:
        page = Chatter(socket)
        await page.ask("welcome", type="hello", user="ada", password=PASSWORD)
        await page.ask("done", type="rename", user="adele")
    lines = await client.asks("JOIN #tea")
    assert [line.split(" ", 1)[1] for line in lines][:1] == ["NICK adele"]
    assert has(lines, ":adele!~a@user/adele JOIN #tea")
    assert sum(" NICK " in line for line in lines) == 1


async def test_who_serves_is_somebody_to_whois(server: Server) -> None:
    client = await IrcClient.come(server, "ada")
    lines = await client.asks("WHOIS NickServ")
    assert [line.split()[1] for line in lines] == ["311", "312", "335", "318"]


@pytest.mark.parametrize("word", ["LOGOUT", "GHOST", "REGAIN", "GROUP", "DROP", "HELP", "HELP SET"])
async def test_what_nobody_needs_is_answered_in_words(server: Server, word: str) -> None:
    client = await IrcClient.come(server, "ada")
    lines = await client.asks(f"NS {word}")
    assert lines
    assert all(":NickServ!services@hubbub.chat NOTICE ada :" in line for line in lines)
    assert has(await client.asks("NS WHATEVER"), "do not know that word")


@pytest.mark.parametrize("name", ["NickServ", "chanserv", "HISTSERV", "N\u0456ckServ"])
async def test_nobody_can_be_called_like_those_who_serve(server: Server, name: str) -> None:
    client = await IrcClient.connect(server)
    client.says(f"NICK {name}", "USER a 0 * :A")
    await client.until(" 433 ")
    async with server.web() as socket:
        refused = await Chatter(socket).ask("error", type="hello", user=name)
        assert refused["code"] == "name-taken"
        await Chatter(socket).ask("error", type="register", user=name, password=PASSWORD)


async def test_notices_to_services_are_not_answered(server: Server) -> None:
    client = await IrcClient.come(server, "ada")
    assert await client.asks("NOTICE NickServ :HELP", "TAGMSG NickServ") == []


async def test_who_comes_back_is_told_that_they_are_away_yet(server: Server) -> None:
    await register(server, "ada")
    first = await stranger(server)
    await first.log_in("ada", PASSWORD)
    told = await first.asks("NICK ada", "USER a 0 * :A", "CAP END", "AWAY :at lunch")
    assert [line.split()[1] for line in told if " 30" in line] == ["306"]
    first.close()
    again = await stranger(server)
    await again.log_in("ada", PASSWORD)
    told = await again.asks("NICK ada", "USER a 0 * :A", "CAP END", "AWAY", "NICK ada")
    assert [line.split()[1] for line in told if " 30" in line] == ["306", "305"]


async def test_chanserv_does_what_modes_do(server: Server) -> None:
    await register(server, "ada")
    ada = await stranger(server)
    await ada.log_in("ada", PASSWORD)
    await ada.asks("NICK ada", "USER a 0 * :A", "CAP END", "JOIN #tea")
    ben = await IrcClient.come(server, "ben")
    await ben.asks("JOIN #tea")
    lines = await ada.asks("PRIVMSG ChanServ :REGISTER #tea")
    assert has(lines, ":ChanServ!services@hubbub.chat MODE #tea +o ada")
    await ada.asks("CS VOICE #tea ben", "CS TOPIC #tea :what we drink")
    lines = await ben.hears()
    assert has(lines, "MODE #tea +v ben")
    assert has(lines, "TOPIC #tea :what we drink")
    assert has(await ben.asks("CS INFO #tea"), "#tea is owned by ada. 2 are in it.")
    assert has(await ben.asks("CS REGISTER #tea"), "To make one: NickServ REGISTER")
    assert has(await ben.asks("CS OP #tea"), " 482 ben #tea ")
    assert has(await ben.asks("CS OP tea"), "CHANSERV OP #room".replace("CHANSERV", "ChanServ"))
    await ada.asks("CS KICK #tea ben :enough of it")
    assert has(await ben.hears(), "KICK #tea ben :enough of it")


# The log


async def test_no_password_is_in_the_servers_log(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await register(server, "ada")
    client = await stranger(server)
    await client.log_in("ada", OTHER)
    await client.log_in("ada", PASSWORD)
    await client.asks("NICK ada", "USER a 0 * :A", "CAP END")
    await client.asks(f"NS SET SCRAM ON {PASSWORD}", f'NS PASSWD "{PASSWORD}" "{OTHER}"')
    await client.asks(f"NS NOT-A-WORD {PASSWORD}", f"PRIVMSG NickServ {PASSWORD}")
    said = "\n".join(record.getMessage() for record in caplog.records)
    assert not re.search(f"{PASSWORD}|{OTHER}|{plain('ada', PASSWORD)}", said)


# Messages of accounts only


async def test_who_takes_messages_of_accounts_only_hears_guests_whom_they_let_write(
    server: Server,
) -> None:
    await register(server, "ada")
    await register(server, "ben")
    ada = await stranger(server)
    await ada.log_in("ada", PASSWORD)
    ada.says("NICK ada", "USER ada 0 * :Ada", "CAP END")
    await ada.until(" 422 ")
    assert has(await ada.asks("MODE ada +R"), "MODE ada +R")
    eve = await IrcClient.come(server, "eve")
    assert has(await eve.asks("PRIVMSG ada :psst"), " 477 eve ada ", "/msg NickServ REGISTER")
    assert has(await eve.asks("NOTICE ada :psst", "PRIVMSG ada :\x01VERSION\x01"), " 477 eve ")
    ben = await stranger(server)
    await ben.log_in("ben", PASSWORD)
    ben.says("NICK ben", "USER ben 0 * :Ben", "CAP END", "PRIVMSG ada :hello")
    await ada.until(":hello")
    assert not has(await ada.asks("ACCEPT eve"), " 401 ")
    eve.says("PRIVMSG ada :me again")
    await ada.until(":me again")
    assert has(await ada.asks("ACCEPT *"), " 281 ada eve")
    await ada.asks("ACCEPT -eve")
    assert has(await eve.asks("PRIVMSG ada :and again"), " 477 eve ada ")
    ada.says("PRIVMSG eve :what is it?")
    await eve.until("what is it?")
    eve.says("PRIVMSG ada :nothing")
    await ada.until(":nothing")
    assert not has(ada.read, "psst")


async def test_the_account_s_mode_is_that_of_all_its_connections_and_clients(
    server: Server,
) -> None:
    await register(server, "ada")
    first, second = await stranger(server), await stranger(server)
    for client in (first, second):
        await client.log_in("ada", PASSWORD)
        client.says("NICK ada", "USER ada 0 * :Ada", "CAP END")
        await client.until(" 422 ")
    first.says("MODE ada +R")
    await second.until("MODE ada +R")
    third = await stranger(server)
    await third.log_in("ada", PASSWORD)
    third.says("NICK ada", "USER ada 0 * :Ada", "CAP END")
    await third.until(" 422 ")
    assert has(await third.asks("MODE ada"), " 221 ada +Rwx")
