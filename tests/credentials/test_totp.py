from __future__ import annotations

from base64 import b32encode
from urllib.parse import parse_qs, urlsplit

import pytest
import segno
from pyotp import TOTP

from hubbub.credentials.qr import BORDER, HALVES
from hubbub.credentials.totp import Totp
from hubbub.hub.ports import SecondFactor

NOW = 1_700_000_010_000  # ten seconds into a step
STEP = NOW // 30_000
RFC = b32encode(b"12345678901234567890").decode()


@pytest.fixture
def factor() -> SecondFactor:
    return Totp()


@pytest.mark.parametrize(
    "seconds, code",
    [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ],
)
def test_codes_are_those_of_the_rfc(factor: SecondFactor, seconds: int, code: str) -> None:
    """RFC 6238, appendix B, the last 6 digits."""
    assert factor.verify(RFC, code, now=seconds * 1000, last=-1) == seconds // 30


def test_a_code_of_the_step_before_or_behind_is_right(factor: SecondFactor) -> None:
    secret = factor.secret()
    for off in range(-3, 4):
        code = TOTP(secret).generate_otp(STEP + off)
        right = STEP + off if abs(off) <= 1 else None
        assert factor.verify(secret, code, now=NOW, last=-1) == right


def test_a_code_is_good_once(factor: SecondFactor) -> None:
    secret = factor.secret()
    before, now, behind = (TOTP(secret).generate_otp(STEP + off) for off in (-1, 0, 1))
    last = factor.verify(secret, now, now=NOW, last=-1)
    assert last == STEP
    assert factor.verify(secret, now, now=NOW, last=last) is None
    assert factor.verify(secret, before, now=NOW, last=last) is None
    assert factor.verify(secret, behind, now=NOW, last=last) == STEP + 1


@pytest.mark.parametrize("typed", ["287 082", " 287082\n", "٢٨٧٠٨٢", "２８７０８２"])
def test_a_code_may_be_typed_as_people_do(factor: SecondFactor, typed: str) -> None:
    assert factor.verify(RFC, typed, now=59_000, last=-1) == 1


@pytest.mark.parametrize(
    "typed", ["", "28708", "2870820", "28708x", "tea", "-287082", "287082" * 99, "²87082", "\ud800"]
)
def test_what_is_no_code_is_a_wrong_one(factor: SecondFactor, typed: str) -> None:
    assert factor.verify(RFC, typed, now=59_000, last=-1) is None


def test_secrets_are_random_and_as_long_as_the_rfc_advises(factor: SecondFactor) -> None:
    made = {factor.secret() for _ in range(20)}
    assert len(made) == 20
    assert {len(secret) for secret in made} == {160 // 5}


def test_the_address_for_apps_names_account_and_server(factor: SecondFactor) -> None:
    uri = urlsplit(factor.uri(RFC, name="ädä", issuer="Hubbub at home: 2"))
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert uri.path == "/Hubbub%20at%20home%3A%202:%C3%A4d%C3%A4"
    assert parse_qs(uri.query) == {"secret": [RFC], "issuer": ["Hubbub at home: 2"]}


def test_the_picture_is_the_qr_code_of_the_address(factor: SecondFactor) -> None:
    uri = factor.uri(RFC, name="ada", issuer="Hubbub (chat.example.org)")
    drawn = factor.picture(uri)
    assert len(drawn) <= 23  # a terminal has 24 lines, and says what this is
    assert len({len(line) for line in drawn}) == 1
    halves = {sign: pair for pair, sign in HALVES.items()}
    modules = [[halves[sign][half] for sign in line] for line in drawn for half in (0, 1)]
    code = segno.make(uri, error="l", micro=False)
    expected = [[bool(module) for module in row] for row in code.matrix_iter(border=BORDER)]
    assert modules[: len(expected)] == expected
    assert all(all(row) for row in modules[len(expected) :])


def test_recovery_codes_are_ten_with_80_random_bits() -> None:
    asked: list[int] = []

    def random(size: int) -> bytes:
        asked.append(size)
        return bytes([len(asked)] * size)

    codes = Totp(random).recovery_codes()
    assert asked == [10] * 10
    assert len(set(codes)) == 10
    assert codes[0] == "aeaq-caib-aeaq-caib"


def test_a_recovery_code_is_found_however_it_is_typed(factor: SecondFactor) -> None:
    kept = {factor.recovery_hash(code): code for code in factor.recovery_codes()}
    assert len(kept) == 10
    for code in kept.values():
        for typed in (code, code.upper(), code.replace("-", ""), f" {code.replace('-', ' ')}\n"):
            assert kept[factor.recovery_hash(typed)] == code


def test_digits_that_no_recovery_code_has_are_letters_that_look_like_them(
    factor: SecondFactor,
) -> None:
    assert factor.recovery_hash("lobo-lobo-lobo-lobo") == factor.recovery_hash("1O80 " * 4)


@pytest.mark.parametrize("typed", ["", "123456", "tea", "\ud800", "x" * 10_000])
def test_what_is_no_recovery_code_is_not_found(factor: SecondFactor, typed: str) -> None:
    kept = {factor.recovery_hash(code) for code in factor.recovery_codes()}
    assert factor.recovery_hash(typed) not in kept


def test_the_hash_of_a_recovery_code_does_not_tell_it(factor: SecondFactor) -> None:
    (code, *_) = factor.recovery_codes()
    assert len(factor.recovery_hash(code)) == 32
    assert code.replace("-", "").encode() not in factor.recovery_hash(code)
