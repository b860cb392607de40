"""The doctor finds what was planted, and nothing where all is well."""

from __future__ import annotations

import asyncio
import json
import shlex
import shutil
import sqlite3
import sys
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from hubbub.admin.doctor import files, sent, told
from hubbub.admin.doctor.examining import examine
from hubbub.admin.doctor.findings import Finding, Level
from hubbub.admin.doctor.patient import Patient, Running, TimeUp
from hubbub.admin.running import Administration
from hubbub.admin.tasks import Desk
from hubbub.cli.assembling import assembled
from hubbub.config import Settings
from hubbub.credentials.tls.kept import FOLDER as KEYS
from hubbub.domain.events import UNSEQUENCED, Said
from hubbub.domain.names import RoomName
from hubbub.hub.ports import Draft
from hubbub.storage.backup import back_up
from hubbub.storage.backup.stopping import Stop
from hubbub.storage.blobs.s3 import S3Blobs
from hubbub.storage.log import DATABASE
from hubbub.storage.search.sqlite import INDEX
from tests.certificates import make_certificate
from tests.unprivileged import give_away, is_root

LAB = RoomName.parse("Lab")
TEXTS = 20
NOW = 4_000_000_000_000  # later than all that is saved


async def live(folder: Path) -> None:
    """People come, speak, are put out and go, in a new folder."""
    settings = Settings(data=folder)
    async with assembled(settings, folder) as hub:
        await hub.start()
        desk = Desk(hub, settings, folder=folder, url=lambda: "http://x/", serving=False)
        tasks = Administration(desk)

        async def ask(task: str, **arguments: Any) -> None:
            await tasks.at_hand(task, json.dumps(arguments).encode())

        for name in ("ada", "ben", "eve"):
            await ask("add-user", user=name, role="owner" if name == "ada" else "member")
        await ask("make-room", room="Lab", owner="ada", topic="Tea")
        eve = hub.access.directory.state.members["eve"].id
        for number in range(TEXTS):
            said = Said(UNSEQUENCED, hub.clock(), "eve", f"text {number}", by_id=eve)
            await hub.outcome(partial(Draft, LAB, said))
        for type, fields in (
            ("role", {"user": "ben", "role": "moderator"}),
            ("ban", {"user": "eve", "reason": "noise"}),
            ("mute", {"user": "eve"}),
            ("rules", {"access": "members", "slow": 3}),
            ("rename-room", {"name": "Den"}),
        ):
            await ask("do", command={"type": type, "room": "Lab", **fields})
        await ask("invite", room="Den")
        await ask("close-user", user="eve", empty=True)
        await asyncio.wait(tuple(hub.tasks))
        await hub.close()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lived") / "data"
    asyncio.run(live(folder))
    return folder


@pytest.fixture
def data(template: Path, tmp_path: Path) -> Path:
    return shutil.copytree(template, tmp_path / "data")


def found(
    data: Path,
    *,
    now: int = NOW,
    running: Running | None = None,
    hashes: bool = False,
    **changes: Any,
) -> dict[str, list[Finding]]:
    """What is not well, by what it is about."""
    settings = Settings(data=data, backup_to=str(data.parent / "backups"), **changes)
    findings = asyncio.run(examine(data, settings, now=now, running=running, hashes=hashes))
    bad: dict[str, list[Finding]] = {}
    for one in findings:
        if one.level in (Level.WARNING, Level.ERROR) and one.about != "backups":
            bad.setdefault(one.about, []).append(one)
    return bad


def change(path: Path, *statements: str) -> None:
    with sqlite3.connect(path) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def test_where_all_is_well_nothing_is_found(data: Path) -> None:
    assert found(data) == {}


def test_an_event_that_is_missing_is_found(data: Path) -> None:
    change(data / DATABASE, "DELETE FROM events WHERE text IS NOT NULL AND seq = 7")
    (hole,) = [one for one in found(data)["logs"] if "missing" in one.said]
    assert hole.level is Level.ERROR
    assert hole.said == "In the log of Den an event is missing, at number 7."
    assert "restore" in hole.cure


def test_a_state_that_is_not_what_the_log_says_is_found(data: Path) -> None:
    change(
        data / DATABASE,
        "UPDATE room_state SET state = json_set(state, '$.access', 'open') "
        "WHERE room_id = (SELECT id FROM rooms WHERE key = 'den')",
    )
    (finding,) = found(data)["logs"]
    assert "What holds in Den (access) is not what its log says." in finding.said


def test_words_that_were_taken_back_and_are_there_yet_are_found(data: Path) -> None:
    into = (
        'INSERT INTO events (room_id, seq, at, kind, "by", text, amends) SELECT room_id, max(seq)'
    )
    where = "FROM events WHERE room_id = (SELECT id FROM rooms WHERE key = 'den')"
    change(
        data / DATABASE,
        f"{into} + 1, max(at), 'said', 'ada', 'unutterable', NULL {where}",
        f"{into} + 1, max(at), 'redacted', 'ada', NULL, max(seq) {where}",
    )
    (finding,) = found(data)["logs"]
    assert finding.level is Level.ERROR
    assert "Of 1 messages or edits that were taken back the words are there yet" in finding.said


def test_a_member_whom_no_log_knows_is_found(data: Path) -> None:
    change(
        data / DATABASE,
        "INSERT INTO members (room_id, user_key, name) "
        "SELECT id, 'mallory', 'mallory' FROM rooms WHERE key = 'den'",
    )
    (finding,) = found(data)["logs"]
    assert "(members)" in finding.said


def test_a_state_that_cannot_be_read_is_found(data: Path) -> None:
    change(data / DATABASE, "UPDATE room_state SET state = '{' WHERE room_id > 0")
    assert any("cannot be read" in one.said for one in found(data)["logs"])


def test_a_row_that_speaks_of_none_is_found(data: Path) -> None:
    change(
        data / DATABASE,
        "INSERT INTO members (room_id, user_key, name) VALUES (999, 'mallory', 'mallory')",
    )
    (finding,) = found(data)["database"]
    assert "speaks of one of rooms that is not there" in finding.said


def test_a_damaged_database_is_found_though_no_server_could_open_it(data: Path) -> None:
    file = data / DATABASE
    content = bytearray(file.read_bytes())
    content[4096 : 8 * 4096] = bytes(7 * 4096)
    file.write_bytes(content)
    assert found(data)["database"][0].level is Level.ERROR
    file.write_bytes(b"nothing" * 1000)
    assert found(data)["database"][0].level is Level.ERROR
    file.unlink()
    assert "There is no" in found(data)["database"][0].said


def test_a_broken_index_is_found(data: Path) -> None:
    (data / INDEX).write_bytes(b"nothing" * 1000)
    (finding,) = found(data)["search"]
    assert "damaged" in finding.said


def test_what_others_may_read_is_found(data: Path) -> None:
    (data / DATABASE).chmod(0o644)
    data.chmod(0o755)
    folder, file, *_ = found(data)["files"]  # what SQLite makes beside it is as open
    assert (folder.level, folder.cure) == (Level.WARNING, f"chmod 700 {data}")
    assert (file.level, file.cure) == (Level.ERROR, f"chmod 600 {data / DATABASE}")
    data.chmod(0o777)
    assert found(data)["files"][0].level is Level.ERROR


def test_what_is_to_be_typed_is_one_word_of_a_shell_whatever_the_folder_is_called(
    data: Path, tmp_path: Path
) -> None:
    odd = data.rename(tmp_path / "my data; reboot $(id)'")
    (odd / DATABASE).chmod(0o644)
    odd.chmod(0o755)
    for finding in found(odd)["files"]:
        command, _, path = shlex.split(finding.cure)
        assert command == "chmod"
        assert Path(path).exists()


def test_keys_that_others_may_read_are_found(data: Path) -> None:
    key = data / KEYS / "server.pem"
    key.parent.mkdir(mode=0o700)
    key.touch(0o600)
    assert "files" not in found(data)
    key.chmod(0o604)
    (file,) = found(data)["files"]
    assert (file.level, file.cure) == (Level.ERROR, f"chmod 600 {key}")
    assert "pretend to be the server" in file.said


@pytest.mark.skipif(not is_root(), reason="only root can give files away")
def test_a_file_of_somebody_else_is_found(data: Path) -> None:
    give_away(data / DATABASE)
    finding, *_ = found(data)["files"]
    assert "belongs to" in finding.said
    assert "chown" in finding.cure


def test_events_of_the_future_are_found(data: Path) -> None:
    (finding,) = found(data, now=1_000_000_000_000)["clock"]
    assert "in the future" in finding.said


def test_a_full_disk_is_found(data: Path) -> None:
    much = 1 << 60
    (finding,) = found(data, free_disk_bytes=much)["disk"]
    assert "nothing is saved" in finding.said
    (finding,) = found(data, disk_warning_bytes=much)["disk"]
    assert finding.level is Level.WARNING


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"host": ("0.0.0.0",)}, "nothing is encrypted"),
        ({"host": ("0.0.0.0",), "sessions_per_address": 0}, "trusted-proxies"),
        ({"disk_warning_bytes": 1, "free_disk_bytes": 1}, "disk-warning-bytes"),
    ],
)
def test_settings_that_do_not_go_together_are_found(
    data: Path, changes: dict[str, Any], said: str
) -> None:
    assert any(said in one.said for one in found(data, **changes)["settings"])


def test_nobody_who_owns_the_server_is_found(data: Path) -> None:
    change(
        data / DATABASE,
        "UPDATE room_state SET state = json_remove(state, '$.roles') "
        "WHERE room_id = (SELECT id FROM rooms WHERE key = '/server')",
    )
    (finding,) = found(data)["owner"]
    assert finding.cure == "hubbub admin owner NAME"


def test_what_only_the_server_knows_is_told(data: Path) -> None:
    running = Running(healthy=False, ends=NOW + 3 * 86_400_000)
    bad = found(data, running=running)
    assert bad["server"][0].level is Level.ERROR
    assert bad["certificate"][0].said == "It ends in 3 days."
    assert found(data, running=Running(ends=NOW - 1))["certificate"][0].level is Level.ERROR


def test_whether_other_nodes_are_heard_at_once_is_told(data: Path) -> None:
    def levels(running: Running | None, bus: str) -> list[Level]:
        return [one.level for one in told.bus(patient_of(data, running, bus=bus))]

    away = Running(bus="The bus (NATS) is away.")
    assert levels(away, "nats://127.0.0.1") == [Level.WARNING]
    assert levels(Running(), "nats://127.0.0.1") == [Level.OK]
    assert levels(None, "nats://127.0.0.1") == levels(Running(), "") == []


def patient_of(data: Path, running: Running | None = None, **changes: Any) -> Patient:
    settings = replace(Settings(data=data), **changes)
    return Patient(data, settings, now=NOW, stop=Stop(), rest=lambda: None, running=running)


def test_links_that_others_could_not_open_are_found(data: Path) -> None:
    behind = patient_of(data, trusted_proxies=("127.0.0.1",), allowed_hosts=("chat.example.org",))
    (finding,) = told.settings(behind)
    assert finding.cure == "public-url = https://chat.example.org"


def test_missing_and_failing_backups_are_found(data: Path, tmp_path: Path) -> None:
    def levels(patient: Patient) -> list[Level]:
        return [one.level for one in told.backups(patient)]

    assert levels(patient_of(data)) == [Level.WARNING]
    assert levels(patient_of(data, backup_to=str(tmp_path))) == [Level.WARNING]
    failing = Running(backups="The daily backup failed: the disk is full.")
    assert levels(patient_of(data, failing, backup_to=str(tmp_path))) == [Level.ERROR]


def test_the_kind_of_a_disk_is_that_of_the_nearest_mount(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(
        f"/dev/sda / ext4 rw 0 0\nserver:/x {tmp_path}/far\\040away nfs4 rw 0 0\nproc /proc\n"
    )
    far = tmp_path / "far away" / "data"
    assert files.kind_of_disk(far, mounts) == "nfs4"
    assert files.kind_of_disk(tmp_path, mounts) == "ext4"
    assert files.kind_of_disk(tmp_path, tmp_path / "none") == ""


def test_what_takes_too_long_is_left_and_told(data: Path) -> None:
    settings = Settings(data=data)
    findings = asyncio.run(examine(data, settings, now=NOW, seconds=-1.0))
    left = [one.about for one in findings if "the time was over" in one.said]
    assert "logs" in left
    assert {"settings", "files", "disk"} <= {one.about for one in findings} - set(left)


def test_an_examination_that_is_cancelled_ends_at_once(data: Path) -> None:
    async def cancelled() -> None:
        looking = asyncio.ensure_future(examine(data, Settings(data=data), now=NOW))
        await asyncio.sleep(0)
        looking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await looking

    asyncio.run(cancelled())


def test_each_check_is_looked_at(data: Path) -> None:
    settings = Settings(data=data)
    told_of: list[str] = []

    async def look() -> None:
        await examine(data, settings, now=NOW, progress=lambda what, done, of: told_of.append(what))
        await asyncio.sleep(0)

    asyncio.run(look())
    assert told_of
    assert all(one.startswith("looking at ") for one in told_of)


def test_a_certificate_in_a_file_is_looked_at_without_a_server(data: Path, tmp_path: Path) -> None:
    files = make_certificate(tmp_path, "chat.example.org")

    def certificates(now: datetime, **changes: Any) -> list[tuple[Level, str]]:
        settings = replace(Settings(data=data), tls_cert=files.certificate, **changes)
        at = int(now.timestamp() * 1000)
        patient = Patient(data, settings, now=at, stop=Stop(), rest=lambda: None, running=None)
        return [(one.level, one.said) for one in told.certificate(patient)]

    today = datetime.now(UTC)
    ((level, said),) = certificates(today)
    assert (level, said[:16]) == (Level.OK, "It is good until")
    ((level, said),) = certificates(today, tls_domain=("other.example.org",))
    assert level is Level.WARNING
    assert "not for other.example.org" in said
    ((level, said),) = certificates(today + timedelta(days=4000))
    assert level is Level.ERROR
    assert "is over since" in said
    assert certificates(today, tls="off") == []
    files.certificate.write_text("no certificate")
    assert certificates(today)[0][0] is Level.ERROR


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")
def test_backups_that_others_may_read_or_exchange_are_told(data: Path, tmp_path: Path) -> None:
    place = tmp_path / "kept"
    made = Path(asyncio.run(back_up(data, str(place), at=NOW)).where)
    patient = patient_of(data, backup_to=str(place))
    assert levels_of(files.files(patient)) == [Level.OK]
    place.chmod(0o755)
    assert levels_of(files.files(patient)) == [Level.OK]
    made.chmod(0o644)
    (told_of,) = files.files(patient)
    assert (told_of.level, told_of.cure) == (Level.ERROR, f"chmod 600 {place}/*")
    made.chmod(0o600)
    place.chmod(0o777)
    (told_of,) = files.files(patient)
    assert (told_of.level, told_of.cure) == (Level.ERROR, f"chmod 700 {place}")


def levels_of(found: Iterable[Finding]) -> list[Level]:
    return [one.level for one in found]


def test_a_sent_file_that_is_missing_or_cut_off_is_found(data: Path) -> None:
    blobs = [f"{letter * 64}-0000000{letter}" for letter in "ab"]
    change(
        data / "hubbub.db",
        *(
            "INSERT INTO files (id, owner, name, size, type, at, blob, thumbnail_size)"
            f" VALUES ('{blob[0]}', 1, 'cat.png', 3, 'image/png', 0, '{blob}', 5)"
            for blob in blobs
        ),
    )
    for blob in blobs:
        (data / "files" / blob[:2]).mkdir(parents=True, mode=0o700)
        (data / "files" / blob[:2] / blob).write_bytes(b"cat")
        (data / "files" / blob[:2] / f"{blob}.thumbnail").write_bytes(b"small")
    assert found(data) == {}
    (data / "files" / "aa" / blobs[0]).write_bytes(b"ca")
    (data / "files" / "bb" / f"{blobs[1]}.thumbnail").unlink()
    (finding,) = found(data)["sent files"]
    assert f"aa/{blobs[0]}, bb/{blobs[1]}.thumbnail." in finding.said
    assert "backup" in finding.cure


KEYS_SENT = {
    text: f"{sha256(text.encode()).hexdigest()}-00000000" for text in ("cat", "dog", "cow")
}


def rows_sent() -> list[str]:
    return [
        "INSERT INTO files (id, owner, name, size, type, at, blob, thumbnail_size)"
        f" VALUES ('{text}', 1, 'a.png', 3, 'image/png', 0, '{key}', 0)"
        for text, key in KEYS_SENT.items()
    ]


def put_sent(folder: Path) -> dict[str, Path]:
    """What was sent, in a folder of files; by what it holds."""
    places = {text: folder / key[:2] / key for text, key in KEYS_SENT.items()}
    for text, place in places.items():
        place.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
        place.write_bytes(text.encode())
    return places


def test_a_sent_file_that_holds_something_else_is_found_when_all_are_read(data: Path) -> None:
    change(data / "hubbub.db", *rows_sent())
    places = put_sent(data / "files")
    assert found(data, hashes=True) == {}
    places["cat"].write_bytes(b"car")
    assert found(data) == {}
    (changed,) = found(data, hashes=True)["sent files"]
    assert f"something else than what was stored: {KEYS_SENT['cat'][:2]}" in changed.said
    places["dog"].write_bytes(b"do")
    places["cow"].unlink()
    missing, changed = found(data, hashes=True)["sent files"]
    assert all(KEYS_SENT[one] in missing.said for one in ("dog", "cow"))
    assert KEYS_SENT["cat"] not in missing.said
    assert KEYS_SENT["cat"] in changed.said


def test_reading_what_was_sent_ends_when_the_time_is_over(data: Path) -> None:
    change(data / "hubbub.db", *rows_sent())
    put_sent(data / "files")
    patient = patient_of(data)
    patient.hashes, rests = True, iter(range(3))

    def rest() -> None:
        if next(rests, None) is None:
            raise TimeUp

    patient.rest = rest
    with pytest.raises(TimeUp):
        list(sent.sent(patient))


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket of an S3 on this computer."""
    from moto.server import ThreadedMotoServer

    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "ada",
        "AWS_SECRET_ACCESS_KEY": "correct horse",
        "AWS_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    made = urllib.request.Request(f"http://{host}:{port}/team-files", method="PUT")
    urllib.request.urlopen(made).close()
    yield "s3://team-files/hubbub"
    moto.stop()


def test_what_was_sent_is_read_from_a_bucket_too(data: Path, bucket: str) -> None:
    change(data / "hubbub.db", *rows_sent())
    places = put_sent(data / "elsewhere")
    blobs = S3Blobs(bucket)

    def told(**changes: Any) -> list[tuple[Level, str]]:
        patient = patient_of(data, files=bucket, **changes)
        patient.hashes = True
        return [(one.level, one.said) for one in sent.sent(patient)]

    for text, place in places.items():
        asyncio.run(blobs.put(place, KEYS_SENT[text]))
    assert told() == [(Level.OK, "All 3 are there, hold what was stored, and take 9 B.")]
    places["cat"].write_bytes(b"car")
    asyncio.run(blobs.put(places["cat"], KEYS_SENT["cat"]))
    asyncio.run(blobs.delete(KEYS_SENT["cow"]))
    (first, missing), (second, changed) = told()
    assert (first, second) == (Level.ERROR, Level.ERROR)
    assert KEYS_SENT["cow"] in missing
    assert KEYS_SENT["cat"] in changed
    assert "dog" not in missing + changed
    (finding,) = sent.sent(patient_of(data, files=bucket))
    assert (finding.level, "--files" in finding.cure) == (Level.NOTE, True)
