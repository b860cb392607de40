"""Logging in at a NATS server with a file."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hubbub.cluster.creds import CredsRefused, read_creds
from tests.cluster.nkeys import ACCOUNT, OPERATOR, USER, Key, creds, operated
from tests.cluster.test_nats import Node, running, until
from tests.nats import nats_server

BOSS, ROOM, NODE, STRANGER = Key(OPERATOR, 1), Key(ACCOUNT, 2), Key(USER, 3), Key(ACCOUNT, 4)
WHOLE = creds(ROOM, NODE)


async def test_who_has_the_file_of_a_user_logs_in(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    right, wrong = tmp_path / "right.creds", tmp_path / "wrong.creds"
    right.write_text(WHOLE)
    wrong.write_text(creds(STRANGER, NODE))
    async with nats_server(tmp_path, operated(BOSS, ROOM)) as server:
        one, other = (Node(f"{server.url}?creds={right}", name) for name in ("one", "other"))
        stranger, nobody = Node(f"{server.url}?creds={wrong}", "three"), Node(server.url, "four")
        async with running(one, other, stranger, nobody):
            await one.is_up()
            await other.is_up()
            one.wake(1)
            await until(lambda: other.wakes == [1])
            await until(lambda: caplog.text.count("Authorization Violation") == 2)
            assert not stranger.connected
            assert not nobody.connected
    assert "eyJ" not in caplog.text
    assert NODE.seed not in caplog.text


def test_the_file_has_who_one_is_and_signs(tmp_path: Path) -> None:
    path = tmp_path / "bus.creds"
    path.write_text(WHOLE)
    found = read_creds(path)
    public = Ed25519PrivateKey.from_private_bytes(bytes([3]) * 32).public_key()
    public.verify(base64.b64decode(found.sign("nonce")), b"nonce")
    assert repr(found) == "<Creds>"


@pytest.mark.parametrize(
    "text", ["", "x", WHOLE.replace(NODE.seed, "AAAA"), WHOLE.replace("S", "1"), WHOLE[:60]]
)
def test_another_file_is_refused_in_words(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bus.creds"
    path.write_text(text)
    with pytest.raises(CredsRefused, match="is no file with which one logs in"):
        read_creds(path)
    with pytest.raises(CredsRefused, match="cannot be read: No such file"):
        read_creds(tmp_path / "missing")
