"""Files are served to who may read their message, whole or in parts, and never as a page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from hubbub.hub.filepasses import HOUR_MS
from hubbub.server.http.files import disposition
from tests.filing import CLEANED, THUMBNAIL, names_in
from tests.server.serving import Server, eventually
from tests.server.test_http_accounts import Caller, hideout, registered
from tests.server.uploader import filing, say, upload


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with filing(tmp_path) as server:
        yield server


async def said(
    server: Server, data: bytes = b"0123456789", name: str = "a.txt"
) -> tuple[Caller, Any]:
    """Ada, who has said a file in General, and that."""
    ada = await registered(server, "ada", "General")
    file = await upload(ada, data, name)
    await say(ada, "General", file)
    return ada, file


async def test_a_file_is_served_with_what_keeps_it_from_being_a_page(server: Server) -> None:
    _, file = await said(server)
    answer = await Caller(server).get(f"/api/files/{file['id']}/a.txt")
    assert (answer.status, answer.body) == (200, b"0123456789")
    expected = {
        "content-type": "text/plain; charset=utf-8",
        "content-length": "10",
        "content-disposition": 'inline; filename="a.txt"',
        "content-security-policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; "
        "frame-ancestors 'none'",
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "private, max-age=3600",
        "accept-ranges": "bytes",
        "referrer-policy": "no-referrer",
    }
    assert {name: answer.headers[name] for name in expected} == expected


@pytest.mark.parametrize("name", ["page.html", "drawing.svg", "program.exe"])
async def test_what_could_run_is_only_to_be_saved(server: Server, name: str) -> None:
    _, file = await said(server, b"<script>alert(1)</script>", name)
    answer = await Caller(server).get(f"/api/files/{file['id']}/{name}")
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_picture_is_shown_or_saved_as_one_likes(server: Server) -> None:
    ada, file = await said(server, b"cat", "cat.png")
    path = f"/api/files/{file['id']}"
    shown = await ada.get(f"{path}/cat.png")
    assert (shown.body, shown.headers["content-type"]) == (CLEANED + b"cat", "image/png")
    assert shown.headers["content-disposition"].startswith("inline")
    saved = await ada.get(f"{path}/cat.png?download=true")
    assert saved.headers["content-disposition"].startswith("attachment")
    small = await ada.get(f"{path}/thumbnail")
    assert (small.body, small.headers["content-type"]) == (THUMBNAIL + b"cat", "image/webp")
    assert (await ada.get(path)).body == CLEANED + b"cat"


async def test_what_has_no_small_picture_has_none(server: Server) -> None:
    ada, file = await said(server)
    answer = await ada.get(f"/api/files/{file['id']}/thumbnail")
    assert (answer.status, answer.error) == (404, "no-such-file")


@pytest.mark.parametrize(
    "wanted, part, body",
    [
        ("bytes=0-3", "bytes 0-3/10", b"0123"),
        ("bytes=4-", "bytes 4-9/10", b"456789"),
        ("bytes=-3", "bytes 7-9/10", b"789"),
        ("bytes=-99", "bytes 0-9/10", b"0123456789"),
        ("bytes=8-99", "bytes 8-9/10", b"89"),
    ],
)
async def test_a_part_is_served_alone(server: Server, wanted: str, part: str, body: bytes) -> None:
    ada, file = await said(server)
    answer = await ada.send("GET", f"/api/files/{file['id']}/a.txt", headers={"Range": wanted})
    assert (answer.status, answer.body) == (206, body)
    assert answer.headers["content-range"] == part
    assert answer.headers["content-length"] == str(len(body))


@pytest.mark.parametrize("wanted", ["bytes=0-1,4-5", "bytes=-", "lines=1-2", "bytes=3-1", "x"])
async def test_what_is_no_range_is_answered_with_all(server: Server, wanted: str) -> None:
    ada, file = await said(server)
    answer = await ada.send("GET", f"/api/files/{file['id']}/a.txt", headers={"Range": wanted})
    assert (answer.status, answer.body) == (200, b"0123456789")


@pytest.mark.parametrize("wanted", ["bytes=10-", "bytes=11-12", "bytes=-0"])
async def test_a_part_that_is_not_there_is_refused(server: Server, wanted: str) -> None:
    ada, file = await said(server)
    answer = await ada.send("GET", f"/api/files/{file['id']}/a.txt", headers={"Range": wanted})
    assert (answer.status, answer.error) == (416, "no-such-range")
    assert answer.headers["content-range"] == "bytes */10"


async def test_who_has_it_already_is_told_that_it_is_the_same(server: Server) -> None:
    ada, file = await said(server)
    path = f"/api/files/{file['id']}/a.txt"
    tag = (await ada.get(path)).headers["etag"]
    again = await ada.send("GET", path, headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status, again.body) == (304, b"")
    part = {"Range": "bytes=0-3"}
    same = await ada.send("GET", path, headers=part | {"If-Range": tag})
    other = await ada.send("GET", path, headers=part | {"If-Range": '"other"'})
    assert (same.status, other.status) == (206, 200)


async def test_nobody_sees_in_its_tag_whether_others_have_the_same_file(server: Server) -> None:
    ada, ben = await registered(server, "ada"), await registered(server, "ben")

    async def tag(caller: Caller, small: str = "") -> str:
        file = await upload(caller, b"the great plan", "plan.png")
        answer = await caller.get(f"/api/files/{file['id']}{small}")
        tags.append(file["id"])
        return answer.headers["etag"]

    tags: list[str] = []
    found = [await tag(ada), await tag(ben), await tag(ben, "/thumbnail")]
    assert len(set(found)) == 3
    assert all(id in one for id, one in zip(tags, found, strict=True)), "of the file, nothing else"
    (record,) = await server.hub.log.files([tags[0]])
    hashed, _, number = record.blob.partition("-")
    assert not any(hashed in one or number in one for one in found)


async def test_who_hangs_up_after_the_last_byte_is_no_error(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    ada, file = await said(server, b"", "empty.txt")
    for _ in range(20):
        assert (await ada.get(f"/api/files/{file['id']}/empty.txt")).status == 200
    assert "Exception" not in caplog.text


async def test_head_tells_all_but_the_file(server: Server) -> None:
    ada, file = await said(server)
    answer = await ada.send("HEAD", f"/api/files/{file['id']}/a.txt")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-length"] == "10"


async def test_a_large_file_is_served_in_pieces(server: Server) -> None:
    data = bytes(range(256)) * 4000
    ada, file = await said(server, data, "large.bin")
    assert (await ada.get(f"/api/files/{file['id']}/large.bin")).body == data


@pytest.mark.parametrize(
    "name, header",
    [
        ("a.txt", 'inline; filename="a.txt"'),
        (
            "Übung €.txt",
            "inline; filename=\"_bung _.txt\"; filename*=UTF-8''%C3%9Cbung%20%E2%82%AC.txt",
        ),
        ('a"b%41.txt', "inline; filename=\"a_b_41.txt\"; filename*=UTF-8''a%22b%2541.txt"),
    ],
)
def test_a_name_is_told_as_it_is_and_in_ascii(name: str, header: str) -> None:
    assert disposition(name, inline=True) == header


async def test_a_file_of_a_room_is_there_for_its_members_alone(server: Server) -> None:
    ada, ben = await hideout(server)
    file = await upload(ada, b"the great plan", "a.txt")
    path = f"/api/files/{file['id']}/a.txt"
    anybody = Caller(server)
    for other in (ben, anybody):  # not said yet
        assert (await other.get(path)).error == "no-such-file"
    assert (await ada.get(path)).body == b"the great plan"
    await say(ada, "Hideout", file)
    refused = [await other.get(path) for other in (ben, anybody)]
    missing = [await other.get("/api/files/none/a.txt") for other in (ben, anybody)]
    assert [one.body for one in refused] == [one.body for one in missing]
    assert {one.status for one in refused + missing} == {404}
    assert (await ada.get(path)).body == b"the great plan"
    await ada.ask("invite", room="Hideout", user="ben")
    assert (await ben.get(path)).status == 404
    async with server.web() as web:
        from tests.server.serving import Chatter

        chatter = Chatter(web)
        await chatter.ask("welcome", type="hello", user="ben", token=ben.token)
        await chatter.ask("joined", type="join", room="Hideout")
        assert (await ben.get(path)).body == b"the great plan"


async def test_who_came_later_where_the_past_is_hidden_does_not_get_its_files(
    server: Server,
) -> None:
    ada, ben = await registered(server, "ada", "Hideout"), await registered(server, "ben")
    await ada.ask("rules", room="Hideout", history="since")
    old = await upload(ada, b"old", "old.txt")
    await say(ada, "Hideout", old)
    assert (await ben.get(f"/api/files/{old['id']}/a.txt")).error == "no-such-file"
    assert (await ada.get(f"/api/files/{old['id']}/a.txt")).body == b"old"


async def test_a_pass_stands_for_a_token_in_an_address(server: Server) -> None:
    ada, _ = await hideout(server)
    file = await upload(ada, b"the great plan", "a.txt")
    await say(ada, "Hideout", file)
    told = (await ada.get("/api/files/pass")).json
    again = (await ada.get("/api/files/pass")).json
    assert told == again
    path = f"/api/files/{file['id']}/a.txt"
    anybody = Caller(server)
    assert (await anybody.get(f"{path}?pass={told['word']}")).body == b"the great plan"
    id, until, name, mac = told["word"].split(".")
    later = f"{id}.{int(until) + HOUR_MS}.{name}.{mac}"
    for word in ("nonsense", "", later, f"{id}..{name}.{mac}", "é.1..x"):
        from urllib.parse import quote

        answer = await anybody.get(f"{path}?pass={quote(word)}")
        assert (answer.status, answer.error) == (401, "wrong-token"), word
    refused = await anybody.get(f"/api/rooms/Hideout/events?pass={told['word']}")
    assert refused.status == 400


async def test_what_was_taken_back_is_served_to_nobody_and_gone(
    server: Server, tmp_path: Path
) -> None:
    ada, file = await said(server)
    copy = await upload(ada, b"0123456789", "copy.txt")
    await say(ada, "General", copy)
    await eventually(lambda: len(names_in(tmp_path / "files")) == 1)
    seqs = [
        one["seq"]
        for one in (await ada.get("/api/rooms/General/timeline")).json["events"]
        if one["kind"] == "said"
    ]
    await ada.ask("redact", room="General", target=seqs[0])
    assert (await ada.get(f"/api/files/{file['id']}/a.txt")).error == "no-such-file"
    assert (await ada.get(f"/api/files/{copy['id']}/a.txt")).status == 200
    await ada.ask("redact", room="General", target=seqs[1])
    assert (await ada.get(f"/api/files/{copy['id']}/a.txt")).error == "no-such-file"
    await eventually(lambda: names_in(tmp_path / "files") == set())


@pytest.mark.parametrize("site", ["", "https://chat.example.org"])
async def test_a_line_client_is_given_a_link_live_and_later(tmp_path: Path, site: str) -> None:
    async with filing(tmp_path) as server:
        server.context.site = site  # of the setting, or found out at the start
        ben = await server.enter("ben")
        _, file = await said(server, name="Übung 1.txt")
        link = f"ada: Übung 1.txt (10 B) {site}/api/files/{file['id']}/%C3%9Cbung%201.txt"
        await ben.until(link)
        eve = await server.enter("eve")
        ben.say("/history")
        await ben.until(link)
        eve.close()
