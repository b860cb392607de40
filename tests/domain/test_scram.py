"""SCRAM-SHA-256: the example of RFC 7677, and what is refused."""

from __future__ import annotations

from base64 import b64decode

import pytest

from hubbub.domain.errors import BadMessage
from hubbub.domain.scram import (
    Exchange,
    challenge,
    decoded,
    encoded,
    make,
    no_verifier,
    parse_first,
    prove,
)

SALT = b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
FIRST = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
NONCE = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
CHALLENGE = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
FINAL = (
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
    "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
)
LAST = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="


def begun(*, known: bool = True) -> Exchange:
    verifier = make("pencil", SALT, 4096)
    return challenge(parse_first(FIRST), NONCE, verifier, known=known)


def test_the_example_of_the_rfc_is_told_and_proved() -> None:
    exchange = begun()
    assert exchange.challenge == CHALLENGE
    assert prove(exchange, FINAL) == LAST


def test_a_verifier_is_kept_as_it_is() -> None:
    verifier = make("pencil", SALT, 4096)
    assert decoded(encoded(verifier)) == verifier
    assert "pencil" not in encoded(verifier)


@pytest.mark.parametrize(
    "final",
    [
        "",
        FINAL.replace("dHzb", "dHza"),
        FINAL.replace("c=biws", "c=eSws"),
        FINAL.replace("r=rOpr", "r=rOps"),
        FINAL.replace("%hvY", "%hvX"),
        FINAL.rpartition(",p=")[0],
        FINAL.rpartition(",p=")[0] + ",p=",
        FINAL.rpartition(",p=")[0] + ",p=é?",
        FINAL.rpartition(",p=")[0] + ",p=AAAA",
    ],
)
def test_anything_else_proves_nothing(final: str) -> None:
    assert prove(begun(), final) is None


def test_nothing_is_proved_of_who_has_no_verifier() -> None:
    assert prove(begun(known=False), FINAL) is None
    nobody = no_verifier(b"key", "ada")
    assert nobody == no_verifier(b"key", "ada"), "it does not tell that there is none"
    assert nobody.salt != no_verifier(b"key", "ben").salt
    exchange = challenge(parse_first(FIRST), NONCE, nobody, known=False)
    assert prove(exchange, FINAL) is None


def test_a_name_may_have_what_the_messages_part_their_fields_by() -> None:
    first = parse_first("y,a=a=2Cb=3Dc,n=a=2Cb=3Dc,r=x")
    assert (first.user, first.nonce, first.header) == ("a,b=c", "x", "y,a=a=2Cb=3Dc,")


@pytest.mark.parametrize(
    "message",
    [
        *("", "n", "n,,", "n,,n=ada", "n,,n=ada,r=", "n,,r=x,n=ada", "n,,m=x,n=ada,r=x"),
        *("p=tls-unique,,n=ada,r=x", "n,,n=a=b,r=x", "n,a=ben,n=ada,r=x"),
    ],
)
def test_what_is_no_first_message_is_refused(message: str) -> None:
    with pytest.raises(BadMessage):
        parse_first(message)
