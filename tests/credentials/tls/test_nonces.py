"""An ACME server may refuse a nonce at any time (RFC 8555, 6.5): then it is asked with another."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests
from acme import client, messages
from cryptography.hazmat.primitives.asymmetric import ec

from hubbub.credentials.tls import acmeclient
from hubbub.credentials.tls.acmeclient import NONCE_TRIES, Wanted

Post = Callable[[str], requests.Response]


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[requests.Response | messages.Error]:
    """What the ACME server answers, one after the other."""
    answers: list[requests.Response | messages.Error] = []

    def posted(*_: object, **__: object) -> requests.Response:
        answer = answers.pop(0)
        if isinstance(answer, messages.Error):
            raise answer
        return answer

    monkeypatch.setattr(client.ClientNetwork, "_post_once", posted)
    return answers


@pytest.fixture
def post() -> Post:
    key = ec.generate_private_key(ec.SECP256R1())
    network = acmeclient._network(Wanted("https://ca.example", "", (), key, key, 443))
    return lambda path: network.post(f"https://ca.example{path}", messages.NewOrder())


def refused(code: str) -> messages.Error:
    return messages.Error.with_code(code)


def test_a_nonce_that_is_refused_again_and_again_is_replaced(
    answers: list[requests.Response | messages.Error], post: Post
) -> None:
    made = requests.Response()
    answers += [*(refused("badNonce") for _ in range(NONCE_TRIES - 1)), made]
    assert post("/order") is made
    assert answers == []


def test_a_server_that_takes_no_nonce_at_all_is_not_asked_for_ever(
    answers: list[requests.Response | messages.Error], post: Post
) -> None:
    answers += [refused("badNonce") for _ in range(NONCE_TRIES + 2)]
    with pytest.raises(messages.Error, match="nonce"):
        post("/order")
    assert len(answers) == 2


def test_what_is_refused_otherwise_is_asked_once(
    answers: list[requests.Response | messages.Error], post: Post
) -> None:
    answers += [refused("rateLimited"), refused("malformed")]
    with pytest.raises(messages.Error) as error:
        post("/order")
    assert error.value.code == "rateLimited"
    assert len(answers) == 1
