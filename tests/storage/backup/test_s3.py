"""Backups on S3: a server that speaks its protocol, on this computer."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hubbub.storage import bucket
from hubbub.storage.backup import back_up, backups, restore, s3, verify
from hubbub.storage.backup.errors import PlaceUnusable
from hubbub.storage.backup.s3 import S3Place
from hubbub.storage.log import SqlLog
from tests.storage.backup.folders import names, put
from tests.storage.talk import GENERAL, NOON, Talk, texts

BUCKET = "team-chat"
PLACE = f"s3://{BUCKET}/home/hubbub"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Its address."""
    from moto.server import ThreadedMotoServer

    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


@pytest.fixture(autouse=True)
def _environment(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_ENDPOINT_URL": server,
        "AWS_ACCESS_KEY_ID": "ada",
        "AWS_SECRET_ACCESS_KEY": "correct horse",
        "AWS_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    request(server, "POST", "/moto-api/reset")
    request(server, "PUT", f"/{BUCKET}")


def request(server: str, method: str, path: str, data: bytes | None = None) -> bytes:
    headers = {"Content-Type": "text/plain"}
    asked = urllib.request.Request(server + path, method=method, data=data, headers=headers)
    with urllib.request.urlopen(asked) as answer:
        found: bytes = answer.read()
        return found


async def test_a_backup_goes_there_and_back(talk: Talk, data: Path, tmp_path: Path) -> None:
    made = await back_up(data, PLACE, at=NOON)
    assert made.where == f"{PLACE}/{made.name}"
    (stored,) = await backups(PLACE)
    assert (stored.name, stored.bytes, stored.at) == (made.name, made.bytes, NOON)
    assert stored.log == talk.log.id[:8]
    assert (await verify(stored.where)).sha256 == made.sha256
    restored = await restore(stored.where, tmp_path / "elsewhere")
    assert restored.manifest == made.manifest
    log = await SqlLog.open(restored.folder)
    assert texts(await log.read(GENERAL.key, 0, 100)) == [f"text {n}" for n in range(10)]
    await log.close()
    assert not names(data) & {"backup.tmp"}


async def test_a_large_one_goes_in_parts(
    talk: Talk, data: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "PART_BYTES", s3.PART_BYTES * 5 // 8)  # the smallest of S3
    put(data / "files" / "film", "x" * 12_000_000)
    told: list[int] = []

    def progress(what: str, done: int, total: int) -> None:
        if what == "putting":
            told.append(done)

    made = await back_up(data, PLACE, at=NOON, progress=progress)
    assert told[-1] == made.bytes > 12_000_000
    assert (await verify(made.where)).sha256 == made.sha256
    assert b'-3"</ETag>' in request(server, "GET", f"/{BUCKET}?list-type=2"), "three parts"


async def test_objects_of_others_are_let_be(talk: Talk, data: Path, tmp_path: Path) -> None:
    made = await back_up(data, PLACE, at=NOON)
    place = S3Place(PLACE)
    other = put(tmp_path / "other")
    place.put(other, "notes.txt", lambda _: None)
    S3Place(f"{PLACE}/deeper").put(other, made.name, lambda _: None)
    assert [one.where for one in place.stored()] == [made.where]
    place.delete("nothing")
    place.delete(made.name)
    assert place.stored() == []


async def test_who_ends_it_in_the_middle_leaves_nothing(
    talk: Talk, data: Path, tmp_path: Path, server: str
) -> None:
    large = put(tmp_path / "large", "x" * (s3.PART_BYTES * 2 + 1))

    def told(done: int) -> None:
        if done >= s3.PART_BYTES:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        S3Place(PLACE).put(large, "large", told)
    assert b"<Key>" not in request(server, "GET", f"/{BUCKET}?list-type=2")
    assert b"<Upload>" not in request(server, "GET", f"/{BUCKET}?uploads")


async def test_a_bucket_that_is_not_there_is_named(talk: Talk, data: Path) -> None:
    with pytest.raises(PlaceUnusable, match="there is no bucket attic"):
        await back_up(data, "s3://attic/hubbub", at=NOON)


async def test_a_backup_that_is_not_there_is_named() -> None:
    with pytest.raises(PlaceUnusable, match=r"has no hubbub-x\.backup that can be read"):
        await verify(f"{PLACE}/hubbub-x.backup")


@contextmanager
def refusing(server: str) -> Iterator[None]:
    """The server looks at credentials, and knows none."""
    request(server, "POST", "/moto-api/reset-auth", b"0")
    yield
    request(server, "POST", "/moto-api/reset-auth", b"inf")


async def test_credentials_that_are_refused_are_not_shown(
    talk: Talk, data: Path, server: str
) -> None:
    with refusing(server), pytest.raises(PlaceUnusable) as refused:
        await back_up(data, PLACE, at=NOON)
    told = str(refused.value)
    assert "credentials in the environment are not accepted (InvalidAccessKeyId)" in told
    assert "ada" not in told
    assert "horse" not in told


async def test_a_server_that_does_not_answer_is_told_in_words(
    talk: Talk, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setattr(bucket, "RETRIES", 0)
    with pytest.raises(PlaceUnusable, match="does not answer"):
        await backups(PLACE)


@pytest.mark.parametrize("address", ["s3.example.org", "ftp://s3.example.org", "http://"])
async def test_an_address_that_is_none_is_told_in_words(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", address)
    with pytest.raises(PlaceUnusable, match="AWS_ENDPOINT_URL has to be an address"):
        await backups(PLACE)


@pytest.mark.parametrize("missing", [bucket.KEYS, bucket.KEYS[:1], bucket.KEYS[1:]])
async def test_credentials_that_are_not_there_are_told_in_words(
    monkeypatch: pytest.MonkeyPatch, missing: tuple[str, ...]
) -> None:
    for name in missing:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setattr(bucket, "METADATA", "127.0.0.1:1")
    monkeypatch.setattr(bucket, "RETRIES", 0)
    with pytest.raises(PlaceUnusable, match="there are no credentials in the environment"):
        await backups(PLACE)
