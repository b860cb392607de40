"""What the doctor is told of a server's certificate."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hubbub.credentials.tls import acmestate
from hubbub.credentials.tls.acmestate import State
from hubbub.credentials.tls.examined import doubts, examined
from hubbub.credentials.tls.hosts import Hosts
from hubbub.credentials.tls.own import OwnCertificates
from hubbub.server.tls.contexts import server_context
from tests.certificates import make_certificate

NOW = datetime.now(UTC)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    OwnCertificates(
        tmp_path,
        hosts=lambda: Hosts(["chat", "localhost"], ["127.0.0.1"]),
        clock=lambda: NOW,
        make_context=server_context,
    ).open()
    return tmp_path


def test_the_server_s_own_one_is_fine(data: Path) -> None:
    found = examined(data)
    assert found is not None
    assert found.own
    assert doubts(found, NOW, names=["chat"]) == []
    (over,) = doubts(found, NOW + timedelta(days=91))
    assert "is it running" in over


def test_without_a_certificate_there_is_nothing_to_say(tmp_path: Path) -> None:
    assert examined(tmp_path) is None


def test_one_that_was_given_is_examined_instead(data: Path) -> None:
    given = make_certificate(data, "*.example.org", ends=timedelta(days=3)).certificate
    found = examined(data, given=given)
    assert found is not None
    assert not found.own
    soon, missing = doubts(found, NOW, names=["chat.example.org", "example.org"])
    assert "has to renew it" in soon
    assert missing.endswith("is not for example.org.")
    assert "Is this computer's clock right" in doubts(found, NOW - timedelta(days=9))[0]


def test_why_there_is_none_by_acme_is_told(data: Path) -> None:
    acmestate.save(data / "tls" / "acme.json", State(trouble="No certificate: no network."))
    found = examined(data, domains=["chat.example.org"])
    assert found is not None
    assert doubts(found, NOW) == ["No certificate: no network."]
    ordered = make_certificate(data / "tls", "chat.example.org", ends=timedelta(days=1)).certificate
    ordered.rename(data / "tls" / "acme.pem")
    found = examined(data, domains=["chat.example.org"])
    assert found is not None
    assert [*found.facts.names] == ["chat.example.org"]
    soon, trouble = doubts(found, NOW, names=["chat.example.org"])
    assert "as is said below" in soon
    assert trouble == "No certificate: no network."


def test_a_file_that_is_none_is_an_error_in_words(data: Path) -> None:
    (data / "tls" / "server.pem").write_text("tea")
    with pytest.raises(ValueError, match=r"PEM|certificate"):
        examined(data)
