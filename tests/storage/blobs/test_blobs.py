"""Blobs in a folder and in a bucket: one suite for both."""

from __future__ import annotations

import os
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubbub.domain.errors import LogUnavailable
from hubbub.hub.fileports import Blobs, NoSuchBlob, thumbnail_of
from hubbub.storage.blobs.folder import FolderBlobs
from hubbub.storage.blobs.places import blobs_of
from hubbub.storage.blobs.s3 import S3Blobs
from tests.filing import names_in

BUCKET = "team-files"
KEY, OTHER = "c" * 64 + "-1a2b3c4d", "c" * 64 + "-00000000"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """An S3 on this computer."""
    from moto.server import ThreadedMotoServer

    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


@pytest.fixture(params=["folder", "s3"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Blobs:
    if request.param == "folder":
        return blobs_of("", tmp_path)
    server = request.getfixturevalue("server")
    for name, value in {
        "AWS_ENDPOINT_URL": server,
        "AWS_ACCESS_KEY_ID": "ada",
        "AWS_SECRET_ACCESS_KEY": "correct horse",
        "AWS_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    for method, path in (("POST", "/moto-api/reset"), ("PUT", f"/{BUCKET}")):
        urllib.request.urlopen(urllib.request.Request(server + path, method=method)).close()
    return blobs_of(f"s3://{BUCKET}/hubbub", tmp_path)


def put(folder: Path, data: bytes) -> Path:
    path = folder / "upload"
    path.unlink(missing_ok=True)  # a blob may be another name of it
    path.write_bytes(data)
    return path


async def read(blobs: Blobs, key: str, start: int, end: int) -> bytes:
    return b"".join([piece async for piece in blobs.read(key, start, end)])


async def keys(blobs: Blobs) -> set[str]:
    return {one.key async for some in blobs.stored() for one in some}


async def test_what_is_put_is_read_whole_and_in_parts(blobs: Blobs, tmp_path: Path) -> None:
    data = os.urandom(3_000_000)
    await blobs.prepare()
    await blobs.put(put(tmp_path, data), KEY)
    assert await read(blobs, KEY, 0, len(data)) == data
    assert await read(blobs, KEY, 1_000_000, 2_500_001) == data[1_000_000:2_500_001]
    assert await read(blobs, KEY, 5, 5) == b""


async def test_what_is_deleted_is_gone_with_its_small_picture(blobs: Blobs, tmp_path: Path) -> None:
    await blobs.prepare()
    for key in (KEY, thumbnail_of(KEY), OTHER):
        await blobs.put(put(tmp_path, key.encode()), key)
    assert await keys(blobs) == {KEY, OTHER}
    for _ in range(2):  # twice is harmless
        await blobs.delete(KEY)
    assert await keys(blobs) == {OTHER}
    for key in (KEY, thumbnail_of(KEY)):
        with pytest.raises(NoSuchBlob):
            await read(blobs, key, 0, 1)
    assert await read(blobs, OTHER, 0, len(OTHER)) == OTHER.encode()


async def test_it_is_told_since_when_a_blob_is_there(blobs: Blobs, tmp_path: Path) -> None:
    await blobs.prepare()
    assert await keys(blobs) == set()
    path = put(tmp_path, b"x")
    await blobs.put(path, KEY)
    (found,) = [one async for some in blobs.stored() for one in some]
    assert abs(found.at - path.stat().st_mtime * 1000) < 60_000


async def test_a_folder_has_whole_blobs_for_this_user_alone(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path / "files")
    await blobs.prepare()
    await blobs.put(put(tmp_path, b"cat"), KEY)
    path = blobs.path(KEY)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert names_in(tmp_path / "files") == {KEY}
    assert (tmp_path / "upload").exists()  # so that a crash before the commit loses nothing


async def test_a_disk_that_refuses_is_told_of_in_words(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("in the way")
    with pytest.raises(LogUnavailable, match="cannot store or read files"):
        await FolderBlobs(tmp_path / "files").prepare()


async def test_a_bucket_that_is_not_there_is_told_of_in_words(
    blobs: Blobs, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    if not isinstance(blobs, S3Blobs):
        pytest.skip("of S3")
    missing = S3Blobs("s3://nowhere")
    with pytest.raises(LogUnavailable, match=r"there is no bucket nowhere\."):
        await missing.prepare()
    with pytest.raises(LogUnavailable, match="cannot store or read files just now"):
        await missing.put(put(tmp_path, b"x"), KEY)
    assert "there is no bucket nowhere" in caplog.text
