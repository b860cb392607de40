"""When a certificate is asked for, and what is done with the answer; the clock is the test's."""

from __future__ import annotations

import contextlib
import logging
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hubbub.credentials.tls import acmeclient, acmestate, acmewords
from hubbub.credentials.tls.acmeclient import HTTP, TLS_ALPN, Give, Refused, Wanted
from hubbub.credentials.tls.acmestate import State, next_attempt, pause_after, renewal
from hubbub.credentials.tls.authority import Signed, fingerprint, new_key
from hubbub.credentials.tls.challenges import Challenges
from hubbub.credentials.tls.facts import read_facts
from hubbub.credentials.tls.hosts import Hosts
from hubbub.credentials.tls.ordered import OrderedCertificates, Wish
from hubbub.credentials.tls.own import OwnCertificates
from hubbub.server.tls.contexts import ACME, server_context

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
DIRECTORY = "https://acme.example.org/directory"
UNREACHABLE = "No certificate for chat.example.org: the ACME server cannot connect."


class AcmeServer:
    """Stands for `acmeclient.obtain`: gives certificates of ninety days, or refuses."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.key = new_key()
        self.refusals: list[Exception] = []
        self.asked: list[str] = []
        self.wanted: list[Wanted] = []
        self.suggested: datetime | None = None

    def obtain(self, wanted: Wanted, kind: str, give: Give) -> bytes:
        self.asked.append(kind)
        self.wanted.append(wanted)
        for domain in wanted.domains:
            give(domain, f"token of {domain}", f"authorization of {domain}")
        if self.refusals:
            raise self.refusals.pop(0)
        return self._signed(wanted).certificate_pem

    def suggested_renewal(self, wanted: Wanted, certificate: bytes) -> datetime | None:
        return self.suggested

    def _signed(self, wanted: Wanted) -> Signed:
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "The world")])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([]))
            .issuer_name(issuer)
            .public_key(wanted.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.life.now)
            .not_valid_after(self.life.now + 90 * DAY)
            .add_extension(
                x509.SubjectAlternativeName([x509.DNSName(name) for name in wanted.domains]),
                critical=False,
            )
            .sign(self.key, hashes.SHA256())
        )
        return Signed(self.key, certificate)


class Life:
    """A server over its runs."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.now = datetime(2026, 5, 1, tzinfo=UTC)
        self.domains: tuple[str, ...] = ("chat.example.org",)
        self.port = 443
        self.server = DIRECTORY
        self.acme = AcmeServer(self)

    def start(self) -> OrderedCertificates:
        own = OwnCertificates(
            self.data,
            hosts=lambda: Hosts(["chat", "localhost"], ["127.0.0.1"]),
            clock=lambda: self.now,
            make_context=server_context,
        )
        own.open()
        made = OrderedCertificates(
            self.data,
            Wish(server=self.server, email="", domains=self.domains, port=self.port),
            own,
            clock=lambda: self.now,
            make_context=server_context,
            make_challenge=lambda file: server_context(file, file, alpn=ACME),
            is_trusted=lambda _: True,
        )
        made.open()
        return made

    async def turns(self, certificates: OrderedCertificates) -> int:
        """Does what is due now; how often it was asked for."""
        before = len(self.acme.asked)
        if certificates.is_due():
            await certificates.attempt()
        return len(self.acme.asked) - before

    @property
    def file(self) -> Path:
        return self.data / "tls" / "acme.pem"


@pytest.fixture
def life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Life:
    made = Life(tmp_path)
    monkeypatch.setattr(acmeclient, "obtain", made.acme.obtain)
    monkeypatch.setattr(acmeclient, "suggested_renewal", made.acme.suggested_renewal)
    return made


async def test_until_there_is_one_the_server_uses_its_own(life: Life) -> None:
    certificates = life.start()
    before = certificates.context()
    assert (certificates.trusted, certificates.authority is None) == (False, False)
    assert await life.turns(certificates) == 1
    assert certificates.context() is not before
    assert (certificates.trusted, certificates.authority is None) == (True, True)
    assert read_facts(life.file).names == ["chat.example.org"]


async def test_it_is_for_the_key_that_people_have_compared(life: Life) -> None:
    certificates = life.start()
    before = certificates.fingerprint
    await life.turns(certificates)
    assert read_facts(life.file).fingerprint == before
    life.now += 61 * DAY + 36 * HOUR
    assert await life.turns(certificates) == 1
    assert read_facts(life.file).fingerprint == before == life.start().fingerprint


async def test_it_is_renewed_when_two_thirds_of_its_time_are_over(life: Life) -> None:
    certificates = life.start()
    await life.turns(certificates)
    life.now += 59 * DAY
    assert await life.turns(certificates) == 0
    assert await life.turns(life.start()) == 0, "nor by another start"
    life.now += 3 * DAY
    assert await life.turns(certificates) == 1
    assert read_facts(life.file).ends == life.now + 90 * DAY
    assert await life.turns(certificates) == 0


async def test_the_acme_server_may_suggest_to_renew_earlier(life: Life) -> None:
    certificates = life.start()
    await life.turns(certificates)
    life.acme.suggested = life.now + 10 * DAY
    await certificates._ask_for_suggestion()
    life.now += 9 * DAY
    assert await life.turns(certificates) == 0
    life.now += 2 * DAY
    assert await life.turns(certificates) == 1


async def test_other_names_are_asked_for_at_once(life: Life) -> None:
    await life.turns(life.start())
    life.domains = ("chat.example.org", "irc.example.org")
    certificates = life.start()
    assert await life.turns(certificates) == 1
    assert set(life.domains) == set(read_facts(life.file).names)
    life.server = "https://other.example.org/directory"
    assert await life.turns(life.start()) == 1


async def test_the_other_kind_of_challenge_is_tried_where_the_first_finds_nobody(
    life: Life,
) -> None:
    life.acme.refusals = [Refused(UNREACHABLE, unproved=True)]
    certificates = life.start()
    assert await life.turns(certificates) == 2
    assert life.acme.asked == [TLS_ALPN, HTTP]
    life.now += 62 * DAY
    await life.turns(certificates)
    assert life.acme.asked[2:] == [HTTP], "what has led to one before comes first"


async def test_on_port_80_the_challenge_over_http_comes_first(life: Life) -> None:
    life.port = 80
    await life.turns(life.start())
    assert life.acme.asked == [HTTP]


async def test_failures_are_told_and_the_pauses_become_longer(
    life: Life, caplog: pytest.LogCaptureFixture
) -> None:
    certificates = life.start()
    context = certificates.context()
    pauses: list[timedelta] = []
    for _ in range(12):
        life.acme.refusals = [Refused(UNREACHABLE)]
        assert await life.turns(certificates) == 1
        failed = life.now
        while not certificates.is_due():
            life.now += MINUTE / 4
        pauses.append(life.now - failed)
    assert pauses[0] < 2 * MINUTE
    assert pauses[4] > 4 * pauses[0]
    assert 4 * HOUR < pauses[-1] < 8 * HOUR
    assert UNREACHABLE in caplog.text
    assert "The next attempt is at 2026-05-01" in caplog.text
    assert certificates.trouble == UNREACHABLE
    assert certificates.context() is context
    assert await life.turns(certificates) == 1
    assert certificates.trouble == ""


async def test_a_server_that_is_started_again_and_again_does_not_ask_each_time(life: Life) -> None:
    for _ in range(8):
        life.acme.refusals = [Refused(UNREACHABLE)]
        await life.turns(life.start())
        life.now += 5 * timedelta(seconds=1)
    assert len(life.acme.asked) == 1
    # A person has mended something meanwhile.
    life.now += 2 * MINUTE
    assert await life.turns(life.start()) == 1


async def test_a_server_that_is_killed_while_it_asks_waits_a_moment_with_the_next_start(
    life: Life,
) -> None:
    class Killed(BaseException):
        pass

    for _ in range(5):
        life.acme.refusals = [Killed()]  # type: ignore[list-item]
        with contextlib.suppress(Killed):
            await life.turns(life.start())
    assert len(life.acme.asked) == 1
    life.now += 2 * MINUTE
    life.acme.refusals = []
    certificates = life.start()
    assert await life.turns(certificates) == 1
    assert certificates.trusted


async def test_a_limit_of_the_acme_server_holds_for_the_next_start_too(life: Life) -> None:
    until = life.now + 3 * HOUR
    life.acme.refusals = [Refused("The ACME server was asked too often.", not_before=until)]
    await life.turns(life.start())
    life.now = until - MINUTE
    certificates = life.start()
    certificates.reload()
    assert not certificates.is_due()
    life.now = until + MINUTE
    assert life.start().is_due()


async def test_a_defect_in_asking_is_no_end_of_the_server(
    life: Life, caplog: pytest.LogCaptureFixture
) -> None:
    life.acme.refusals = [ZeroDivisionError()]
    certificates = life.start()
    await life.turns(certificates)
    assert "ZeroDivisionError" in certificates.trouble
    assert any(record.levelno == logging.ERROR for record in caplog.records)


async def test_the_end_of_one_that_could_not_be_renewed_is_told_each_day(
    life: Life, caplog: pytest.LogCaptureFixture
) -> None:
    certificates = life.start()
    await life.turns(certificates)
    life.now += 70 * DAY
    life.acme.refusals = [Refused(UNREACHABLE)]
    await life.turns(certificates)
    for _ in range(48):
        certificates._remind()
        life.now += HOUR
    told = [one for one in caplog.records if "could not be renewed" in one.getMessage()]
    assert len(told) == 2
    assert "ends on 30 July 2026" in told[0].getMessage()


@pytest.mark.parametrize("content", [b"", b"tea", b'{"failures": "many"}'])
async def test_files_that_cannot_be_read_are_made_anew(life: Life, content: bytes) -> None:
    await life.turns(life.start())
    for name in ("acme.pem", "acme.json", "acme-account.pem"):
        (life.data / "tls" / name).write_bytes(content)
    certificates = life.start()
    assert await life.turns(certificates) == 1
    assert certificates.trusted


async def test_what_a_killed_run_has_left_is_removed(life: Life) -> None:
    left = life.data / "tls" / "challenge-chat.example.org.pem"
    left.parent.mkdir()
    left.write_text("a key")
    life.start()
    assert not left.exists()


async def test_the_account_is_the_same_in_each_run(life: Life) -> None:
    await life.turns(life.start())
    life.domains = ("other.example.org",)
    await life.turns(life.start())
    first, second = [one.account.private_numbers() for one in life.acme.wanted]
    assert first == second
    assert isinstance(life.acme.wanted[0].account, ec.EllipticCurvePrivateKey)


# Challenges


def shaken(context: ssl.SSLContext, name: str) -> tuple[str | None, x509.Certificate]:
    """Which protocol, and which certificate, a client gets that asks for ``acme-tls/1``."""
    asking = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    asking.check_hostname, asking.verify_mode = False, ssl.CERT_NONE
    asking.set_alpn_protocols([ACME])
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = context.wrap_bio(to_server, to_client, server_side=True)
    peer = asking.wrap_bio(to_client, to_server, server_hostname=name)
    sides: list[Callable[[], None]] = [peer.do_handshake, server.do_handshake]
    for do_handshake in sides * 3:
        try:
            do_handshake()
        except ssl.SSLWantReadError:
            continue
    shown = peer.getpeercert(binary_form=True)
    assert shown is not None
    return peer.selected_alpn_protocol(), x509.load_der_x509_certificate(shown)


def test_each_name_is_shown_its_own_answer(tmp_path: Path) -> None:
    challenges = Challenges(tmp_path, lambda file: server_context(file, file, alpn=ACME))
    assert challenges.context() is None
    now = datetime.now(UTC)
    for name in ("a.example", "b.example"):
        challenges.give(name, f"token-{name}", f"authorization-{name}", now)
    assert list(tmp_path.iterdir()) == []
    context = challenges.context()
    assert context is not None
    for name in ("a.example", "B.example"):
        protocol, certificate = shaken(context, name)
        assert protocol == ACME
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert names.get_values_for_type(x509.DNSName) == [name.lower()]
        digest = hashes.Hash(hashes.SHA256())
        digest.update(f"authorization-{name.lower()}".encode())
        said = certificate.extensions.get_extension_for_oid(
            x509.ObjectIdentifier("1.3.6.1.5.5.7.1.31")
        )
        assert said.critical
        assert said.value.public_bytes() == b"\x04\x20" + digest.finalize()
    with pytest.raises(ssl.SSLError):
        shaken(context, "c.example")
    assert challenges.answer("token-a.example") == "authorization-a.example"
    assert challenges.answer("token-c.example") is None
    challenges.end()
    assert challenges.context() is None
    assert challenges.answer("token-a.example") is None


# Times and words


def test_the_pause_is_spread_so_that_many_servers_do_not_ask_at_once() -> None:
    assert pause_after(1, lambda: 0.0) == 45 * timedelta(seconds=1)
    assert pause_after(1, lambda: 1.0) == 75 * timedelta(seconds=1)
    assert pause_after(10_000, lambda: 0.5) == 6 * HOUR


def test_a_renewal_is_spread_too() -> None:
    begins = datetime(2026, 1, 1, tzinfo=UTC)
    assert renewal(begins, begins + 90 * DAY, lambda: 0.0) == begins + 60 * DAY
    assert renewal(begins, begins + 90 * DAY, lambda: 1.0) == begins + 61.5 * DAY
    assert renewal(begins, begins + 6 * DAY, lambda: 0.0) == begins + 4 * DAY


def test_nothing_was_tried_so_nothing_is_waited_for() -> None:
    assert next_attempt(State(), pause_after(1), started=False) is None


@pytest.mark.parametrize(
    "code, says",
    [
        ("dns", "leads nowhere. It needs an A or AAAA record"),
        ("connection", "Its port 443 (or 80) must lead to this server's port 8080"),
        ("unauthorized", "does not find this server at chat.example.org"),
        ("rateLimited", "asked too often"),
        ("caa", "CAA"),
        ("newestOfAll", "refuses it (newestOfAll): I say so."),
    ],
)
def test_what_is_wrong_is_told_in_words_with_what_to_do(code: str, says: str) -> None:
    told = acmewords.advice(code, "chat.example.org", 8080, "I say\x1b[2J so"[:5] + " so")
    assert told.startswith("No certificate for chat.example.org: ")
    assert says in told
    assert "I say" in told


def test_what_an_acme_server_says_commands_no_terminal() -> None:
    told = acmewords.advice("dns", "a.example", 443, "\x1b[2J" + "x" * 9999)
    assert told.isprintable()
    assert len(told) < 600


def test_state_survives_the_end_of_the_process(tmp_path: Path) -> None:
    state = State(server="s", failures=3, tried=datetime(2026, 1, 1, tzinfo=UTC), trouble="t")
    acmestate.save(tmp_path / "deep" / "state", state)
    assert acmestate.load(tmp_path / "deep" / "state") == state


def test_a_fingerprint_is_that_of_the_key() -> None:
    """Whatever the certificate says."""
    key = new_key()
    wanted = Wanted("", "", ("a.example",), key, key, 443)
    life = Life(Path())
    one, two = (AcmeServer(life)._signed(wanted).certificate for _ in range(2))
    assert one != two
    assert fingerprint(one) == fingerprint(two)
