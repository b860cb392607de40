"""Uploads: in pieces, broken off and gone on with, lying, too large, and by too many at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hubbub.domain.names import UserName
from hubbub.hub import uploading
from hubbub.hub.fileports import Examined
from hubbub.hub.session import User
from hubbub.hub.settings import HubSettings
from tests.filing import CLEANED, names_in
from tests.memorylog.log import MemoryLog
from tests.patience import PATIENCE_SECONDS
from tests.server.serving import Server, eventually
from tests.server.test_http_accounts import PASSWORD, Caller, registered
from tests.server.uploader import begun, create, filing, offset_of, patch, ready, say, upload


async def ended(server: Server, path: str) -> None:
    """The upload is a file, or has failed."""
    assert server.hub.uploading is not None
    upload = server.hub.uploading._open.get(path.rpartition("/")[2])
    if upload is not None:
        await upload.done.wait()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with filing(tmp_path) as server:
        yield server


async def test_a_file_comes_in_pieces_and_is_said(server: Server) -> None:
    ada = await registered(server, "ada", "General")
    path = await begun(ada, 10, "Übung.txt")
    assert await offset_of(ada, path) == 0
    first = await patch(ada, path, 0, b"01234")
    assert (first.status, first.headers["upload-offset"]) == (204, "5")
    state = (await ada.get(path)).json
    assert (state["state"], state["offset"], state["size"]) == ("receiving", 5, 10)
    assert (await patch(ada, path, 5, b"56789")).headers["upload-offset"] == "10"
    file = await ready(ada, path)
    assert file == {
        "id": path.rpartition("/")[2],
        "name": "Übung.txt",
        "size": 10,
        "type": "text/plain",
    }
    await say(ada, "General", file)
    (said,) = [
        one
        for one in (await ada.get("/api/rooms/General/timeline")).json["events"]
        if one["kind"] == "said"
    ]
    assert (said["text"], said["files"]) == ("", [file])


async def test_the_first_bytes_may_come_with_the_beginning(server: Server) -> None:
    ada = await registered(server, "ada")
    fields = {"Content-Type": "application/offset+octet-stream", "Content-Length": "5"}
    said = {"Upload-Length": "5", "Upload-Metadata": "filename YS50eHQ="}
    answer = await ada.send("POST", "/api/uploads", b"01234", fields | said)
    assert (answer.status, answer.headers["upload-offset"]) == (201, "5")
    assert (await ready(ada, answer.headers["location"]))["name"] == "a.txt"


async def test_an_empty_file_is_one(server: Server) -> None:
    ada = await registered(server, "ada")
    assert (await ready(ada, await begun(ada, 0, "empty.txt")))["size"] == 0
    assert (await upload(ada, b"", "none.txt"))["size"] == 0


async def test_what_is_served_is_what_was_cleaned(server: Server) -> None:
    ada = await registered(server, "ada")
    file = await upload(ada, b"picture")
    assert file["size"] == len(CLEANED + b"picture")
    assert (file["width"], file["height"], file["thumbnail"]) == (4, 3, True)


async def test_an_upload_that_broke_off_goes_on_where_it_was(
    server: Server, tmp_path: Path
) -> None:
    ada = await registered(server, "ada")
    path = await begun(ada, 200_000, "a.bin")
    _, writer = await asyncio.open_connection(*server.address)
    writer.write(
        f"PATCH {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {ada.token}\r\n"
        "Content-Type: application/offset+octet-stream\r\nUpload-Offset: 0\r\n"
        "Content-Length: 200000\r\n\r\n".encode()
        + b"x" * 100_000
    )
    part = tmp_path / "uploads" / path.rpartition("/")[2]
    await eventually(lambda: part.stat().st_size == 100_000)
    writer.transport.abort()
    assert await offset_of(ada, path) == 100_000
    assert (await patch(ada, path, 100_000, b"y" * 100_000)).status == 204
    assert (await ready(ada, path))["size"] == 200_000
    (blob,) = [one for one in (tmp_path / "files").rglob("*") if one.is_file()]
    assert blob.read_bytes() == b"x" * 100_000 + b"y" * 100_000


async def test_who_comes_later_goes_on_and_who_was_there_is_told(
    server: Server, tmp_path: Path
) -> None:
    """The connection of the first one may be lost, and the server not know it yet."""
    ada = await registered(server, "ada")
    path = await begun(ada, 10, "a.bin")
    client = await server.line(
        f"PATCH {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {ada.token}\r\n"
        "Content-Type: application/offset+octet-stream\r\nUpload-Offset: 0\r\n"
        "Content-Length: 10\r\n\r\n01234".encode()
    )
    part = tmp_path / "uploads" / path.rpartition("/")[2]
    await eventually(lambda: part.stat().st_size == 5)
    assert (await patch(ada, path, 5, b"56789")).status == 204
    assert b"409" in await client.until_bytes(b"\r\n")
    await ready(ada, path)


async def test_two_at_once_never_mix(server: Server, tmp_path: Path) -> None:
    ada = await registered(server, "ada")
    path = await begun(ada, 100_000, "a.bin")
    answers = await asyncio.gather(
        *(patch(ada, path, 0, letter * 100_000) for letter in (b"a", b"b", b"c"))
    )
    assert {one.status for one in answers} <= {204, 409}
    there = await offset_of(ada, path)
    if there < 100_000:  # each was ended by the next one
        assert (await patch(ada, path, there, b"d" * (100_000 - there))).status == 204
    await ready(ada, path)
    (blob,) = [one for one in (tmp_path / "files").rglob("*") if one.is_file()]
    assert len(blob.read_bytes()) == 100_000
    assert set(blob.read_bytes()) <= set(b"abcd")  # no hole is left between


@pytest.mark.parametrize(
    "offset, data, status, code",
    [
        (3, b"x", 409, "wrong-offset"),
        (0, b"x" * 11, 413, "content-too-large"),
    ],
)
async def test_bytes_that_do_not_fit_are_refused(
    server: Server, offset: int, data: bytes, status: int, code: str
) -> None:
    ada = await registered(server, "ada")
    path = await begun(ada, 10)
    answer = await patch(ada, path, offset, data)
    assert (answer.status, answer.error) == (status, code)
    assert await offset_of(ada, path) <= 10


async def test_what_is_too_large_is_not_even_begun(tmp_path: Path) -> None:
    async with filing(tmp_path, HubSettings(file_bytes=100_000, rate_limit=0)) as server:
        ada = await registered(server, "ada")
        answer = await create(ada, 100_001)
        assert (answer.status, answer.error) == (413, "content-too-large")
        whole = await ada.send("POST", "/api/files?name=a", b"x" * 100_001)
        assert (whole.status, whole.error) == (413, "content-too-large")
        # Who does not say how much it is, is believed until then.
        chunk = b"%x\r\n%s\r\n" % (60_000, b"x" * 60_000)
        client = await server.line(
            f"POST /api/files?name=a HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: Bearer {ada.token}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
            + 2 * chunk
        )
        assert b"413" in await client.until_bytes(b"\r\n")
        assert names_in(tmp_path / "uploads") == set()
        chunked = await server.line(
            f"POST /api/files?name=a.txt HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: Bearer {ada.token}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
            + chunk
            + b"0\r\n\r\n"
        )
        assert b"201" in await chunked.until_bytes(b"\r\n")


async def test_a_server_that_takes_no_files_says_so(tmp_path: Path) -> None:
    async with filing(tmp_path, HubSettings(file_bytes=0, rate_limit=0)) as server:
        ada = await registered(server, "ada")
        answer = await create(ada, 1)
        assert (answer.status, answer.error) == (400, "bad-message")


async def test_nobody_takes_more_than_their_share(tmp_path: Path) -> None:
    settings = HubSettings(file_bytes=1000, files_per_user_bytes=1500, rate_limit=0)
    async with filing(tmp_path, settings) as server:
        ada, ben = await registered(server, "ada"), await registered(server, "ben")
        first = await begun(ada, 1000, "a.bin")
        refused = await create(ada, 501, "b.bin")
        assert (refused.status, refused.error) == (409, "too-many")
        assert "1000 B of the 1.5 KiB" in refused.json["error"]["message"]
        await begun(ben, 1000)
        assert (await ada.send("DELETE", first)).status == 204
        assert (await ada.get(first)).status == 404
        await begun(ada, 1000, "b.bin")


async def test_all_together_take_no_more_than_there_is_for_them(tmp_path: Path) -> None:
    settings = HubSettings(file_bytes=1000, files_in_all_bytes=1500, rate_limit=0)
    async with filing(tmp_path, settings) as server:
        ada, ben = await registered(server, "ada"), await registered(server, "ben")
        await upload(ada, b"x" * 1000, "a.bin")
        answers = await asyncio.gather(*(create(ben, 300) for _ in range(5)))
        assert sorted(one.status for one in answers) == [201, 409, 409, 409, 409]


async def test_a_disk_without_room_takes_nothing_new(tmp_path: Path) -> None:
    settings = HubSettings(rate_limit=0, free_disk_bytes=1024**5)
    async with filing(tmp_path, settings) as server:
        ada = await registered(server, "ada")
        answer = await create(ada, 1000)
        assert (answer.status, answer.error) == (503, "log-unavailable")


async def test_an_upload_that_stands_still_gives_way_to_a_new_one(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of an upload whose answer was lost nobody knows that could cancel it."""
    ada, ben = await registered(server, "ada"), await registered(server, "ben")
    monkeypatch.setattr(uploading, "MOST_OPEN", 2)
    paths = [await begun(ada, 10), await begun(ada, 10)]
    refused = await create(ada, 10)
    assert (refused.status, refused.error) == (429, "rate-limited")
    monkeypatch.setattr(uploading, "STILL_SECONDS", 0.0)
    await patch(ada, paths[0], 0, b"01234")
    paths.append(await begun(ada, 10))
    assert [(await ada.get(path)).status for path in paths] == [200, 404, 200]
    monkeypatch.setattr(uploading, "MOST_OPEN_IN_ALL", 2)
    other = await begun(ben, 10)
    assert [(await ada.get(path)).status for path in paths] == [404, 404, 200]
    assert (await ben.get(other)).status == 200


async def test_nobody_keeps_room_by_announcing_what_does_not_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = HubSettings(
        file_bytes=1000, files_per_user_bytes=1000, files_in_all_bytes=1500, rate_limit=0
    )
    async with filing(tmp_path, settings) as server:
        ada, ben = await registered(server, "ada"), await registered(server, "ben")
        first = await begun(ada, 1000, "a.bin")
        await patch(ada, first, 0, b"x" * 100)
        assert (await create(ada, 500)).error == "too-many"
        assert (await create(ben, 1000)).error == "too-many"
        monkeypatch.setattr(uploading, "STILL_SECONDS", 0.0)
        assert (await create(ada, 901)).error == "too-many", "what has come counts"
        second = await begun(ada, 900, "b.bin")
        await begun(ben, 1000)
        await patch(ada, second, 0, b"x" * 900)
        await ready(ada, second)
        await patch(ada, first, 100, b"x" * 900)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await ended(server, first)
        state = (await ada.get(first)).json
        assert (state["state"], state["error"]["code"]) == ("failed", "too-many")


async def test_one_owner_has_one_file_looked_at_at_a_time(server: Server) -> None:
    """Nobody waits behind all the slow pictures of another."""
    ada, ben = await registered(server, "ada"), await registered(server, "ben")
    ours = server.hub.uploading
    assert ours is not None
    examine, go_on, looking = ours._examine, asyncio.Event(), 0

    async def slow(path: Path, name: str) -> Examined:
        nonlocal looking
        if name == "slow.txt":
            looking += 1
            await go_on.wait()
        return await examine(path, name)

    ours._examine = slow
    async with asyncio.TaskGroup() as group:
        for _ in range(5):
            group.create_task(upload(ada, b"x", "slow.txt"))
        await eventually(lambda: looking == 1)
        await upload(ben, b"x", "quick.txt")
        assert looking == 1
        go_on.set()


async def test_who_waits_to_go_on_with_what_is_cancelled_is_told(
    server: Server, tmp_path: Path
) -> None:
    ada, ours = await registered(server, "ada"), server.hub.uploading
    assert ours is not None
    id = (await begun(ada, 10)).rpartition("/")[2]
    one, never = ours._open[id], asyncio.Event()

    async def pieces(data: bytes = b"") -> AsyncIterator[bytes]:
        yield data
        if not data:
            await never.wait()

    hanging = asyncio.ensure_future(ours.append(one, 0, pieces()))
    await eventually(lambda: one.writing is not None)
    user = User(UserName("ada"), one.begun.owner, account=True)
    cancelled, late = await asyncio.gather(
        ours.cancel(user, id), ours.append(one, 0, pieces(b"01234")), return_exceptions=True
    )
    assert cancelled is None
    assert isinstance(late, uploading.WrongOffset)
    with pytest.raises(uploading.WrongOffset):
        await hanging
    await eventually(lambda: names_in(tmp_path / "uploads") == set())


@pytest.mark.parametrize("said", ["filename \xe9", "filename \xff", "filename //4=", "filename !"])
async def test_a_name_that_cannot_be_read_is_refused_in_words(server: Server, said: str) -> None:
    ada = await registered(server, "ada")
    answer = await create(ada, 1, **{"Upload-Metadata": said})
    assert (answer.status, answer.error) == (400, "bad-message")


async def test_an_upload_is_there_for_its_owner_alone(server: Server) -> None:
    ada, ben = await registered(server, "ada"), await registered(server, "ben")
    path = await begun(ada, 10)
    for answer in (
        await ben.get(path),
        await ben.send("DELETE", path),
        await patch(ben, path, 0, b"x"),
        await ben.get("/api/uploads/none"),
    ):
        assert (answer.status, answer.error) == (404, "no-such-file")
    nobody = await Caller(server).get(path)
    assert (nobody.status, nobody.error) == (401, "need-account")


async def test_nothing_is_left_of_what_who_closes_their_account_was_uploading(
    server: Server, tmp_path: Path
) -> None:
    ada, ben = await registered(server, "ada"), await registered(server, "ben")
    for caller in (ada, ben):
        await patch(caller, await begun(caller, 10), 0, b"01234")
    ours, go_on = server.hub.uploading, asyncio.Event()
    assert ours is not None
    examine = ours._examine

    async def slow(path: Path, name: str) -> Examined:
        await go_on.wait()
        return await examine(path, name)

    ours._examine = slow
    id = (await begun(ada, 0)).rpartition("/")[2]
    looked_at = ours._open[id]
    await ada.ask("close-account", password=PASSWORD)
    go_on.set()
    async with asyncio.timeout(PATIENCE_SECONDS):
        await looked_at.done.wait()
    await eventually(lambda: names_in(tmp_path / "files") == set())
    assert await server.hub.log.files([id]) == []
    await eventually(lambda: len(names_in(tmp_path / "uploads")) == 2)  # ben's


async def test_an_upload_goes_on_after_a_restart_of_the_server(tmp_path: Path) -> None:
    log = MemoryLog(auto=True)
    async with filing(tmp_path, log=log) as server:
        ada = await registered(server, "ada")
        path, whole = await begun(ada, 10, "a.bin"), await begun(ada, 4, "b.bin")
        await patch(ada, path, 0, b"01234")
    part = tmp_path / "uploads" / whole.rpartition("/")[2]
    part.write_bytes(b"whole"[:4])  # killed before it was looked at
    (tmp_path / "uploads" / "half").write_bytes(b"of nobody")
    async with filing(tmp_path, log=MemoryLog(auto=True, disk=log.disk)) as server:
        ada = Caller(server, ada.token)
        assert await offset_of(ada, path) == 5
        assert (await ready(ada, whole))["size"] == 4
        assert (await patch(ada, path, 5, b"56789")).status == 204
        await ready(ada, path)
        await eventually(lambda: names_in(tmp_path / "uploads") == set())


async def test_a_guest_uploads_with_the_token_of_their_name(server: Server) -> None:
    async with server.web() as web:
        from tests.server.serving import Chatter

        chatter = Chatter(web)
        welcome = await chatter.ask("welcome", type="hello", user="guest")
        await chatter.ask("joined", type="join", room="General")
        guest = Caller(server, welcome["token"])
        answer = await guest.send("POST", "/api/files?name=a.txt&user=guest", b"hello")
        assert answer.status == 201, answer.body
        ack = await chatter.ask(
            "ack", type="say", room="General", text="", files=[{"id": answer.json["id"]}]
        )
        assert ack["seq"]
        wrong = await Caller(server, "x" * 32).send("POST", "/api/files?user=guest", b"hello")
        assert (wrong.status, wrong.error) == (401, "wrong-token")


async def test_what_tus_there_is_can_be_asked(server: Server) -> None:
    answer = await Caller(server).send("OPTIONS", "/api/uploads")
    assert answer.status == 204
    assert answer.headers["tus-version"] == "1.0.0"
    assert answer.headers["tus-extension"] == "creation,creation-with-upload,expiration,termination"
    assert answer.headers["tus-max-size"] == str(25 * 1024 * 1024)
    ada = await registered(server, "ada")
    refused = await create(ada, 1, **{"Tus-Resumable": "0.2.2"})
    assert (refused.status, refused.error) == (412, "unknown-version")


async def test_a_defect_in_looking_at_a_file_fails_that_one_alone(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    ada = await registered(server, "ada")
    ours = server.hub.uploading
    assert ours is not None
    examine = ours._examine

    async def broken(path: Path, name: str) -> Examined:
        if name == "bad.txt":
            raise ZeroDivisionError
        return await examine(path, name)

    ours._examine = broken
    answer = await ada.send("POST", "/api/files?name=bad.txt", b"x")
    assert (answer.status, answer.error) == (500, "internal-error")
    assert "ZeroDivisionError" in caplog.text
    await upload(ada, b"x", "good.txt")


async def test_what_becomes_of_files_is_measured(tmp_path: Path) -> None:
    settings = HubSettings(file_bytes=1000, files_per_user_bytes=2500, rate_limit=0)
    async with filing(tmp_path, settings) as server:
        ada, hub = await registered(server, "ada", "General"), server.hub
        file = await upload(ada, b"x" * 900, "cat.png")
        await upload(ada, b"x" * 100, "cat.txt")
        assert (await create(ada, 1001)).status == 413
        assert (await create(ada, 600)).status == 409
        await begun(ada, 10, "half.bin")
        await say(ada, "General", file)
        assert hub.uploading is not None
        assert hub.sweeping is not None
        assert hub.stats()["uploads_open"] == 1
        hub.measures.files = await hub.log.counted_files()
        told = hub.labelled()
        assert told["uploads_refused"] == {"content-too-large": 1, "too-many": 1}
        assert told["examinations"] == {"cleaned": 1, "unchanged": 1}
        assert sum(hub.measures.examinations.counts) == 2
        assert told["files"] == {"said": 1, "unsaid": 1}
        assert told["file_bytes"]["unsaid"] == 100


async def test_files_are_counted_while_a_server_runs(tmp_path: Path) -> None:
    async with filing(tmp_path) as server:
        await eventually(lambda: server.hub.measures.files is not None)
        assert server.hub.labelled()["files"] == {"said": 0, "unsaid": 0}


@pytest.mark.parametrize("path", ["/api/files?name=a.bin", "/api/uploads"])
async def test_a_lost_connection_keeps_no_place_from_those_that_are_there(
    server: Server, tmp_path: Path, path: str
) -> None:
    """Its end is its end: nobody waits until the rest of the file would be too slow."""
    ada = await registered(server, "ada")
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {ada.token}\r\n"
        "Content-Type: application/offset+octet-stream\r\nUpload-Length: 10\r\n"
        "Content-Length: 10\r\n\r\n01234"
    )
    ours = server.hub.uploading
    assert ours is not None
    lost = [await server.line(head.encode()) for _ in range(uploading.RECEIVED_AT_ONCE)]
    await eventually(lambda: sum(one.offset for one in ours._open.values()) == 5 * len(lost))
    assert (await ada.send("POST", "/api/files?name=b", b"x")).status == 429
    for one in lost:
        one.close()
    await eventually(lambda: not ours._receiving)
    assert (await ada.send("POST", "/api/files?name=b", b"x")).status == 201
    kept = [one.offset for one in ours._open.values()]
    assert kept == ([] if path.startswith("/api/files") else [5] * len(lost))
