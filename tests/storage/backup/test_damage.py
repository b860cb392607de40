"""Files that are no backups, or not what was written: refused in words, and nothing is restored."""

from __future__ import annotations

import asyncio
import gzip
import io
import sqlite3
import tarfile
import zlib
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from hubbub.storage.backup import BackupFailed, BackupMade, archive, back_up, restore, verify
from hubbub.storage.backup.archive import Reader
from hubbub.storage.backup.errors import DamagedBackup, NewerBackup, NoRoom, NotABackup
from hubbub.storage.backup.manifest import Contents, FileContents, Manifest
from hubbub.storage.log import DATABASE, SqlLog
from tests.storage.backup.folders import content, names, put
from tests.storage.talk import NOON, Talk, said

Change = Callable[[Manifest], Manifest]


def as_is(manifest: Manifest) -> Manifest:
    return manifest


def entry(name: str, data: bytes, **changes: object) -> bytes:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for field, value in changes.items():
        setattr(info, field, value)
    return info.tobuf(tarfile.GNU_FORMAT) + data + bytes(-len(data) % 512)


class Forged:
    """A backup that somebody has made by hand, with checksums that are right."""

    def __init__(self, made: BackupMade) -> None:
        self.manifest = made.manifest
        with tarfile.open(made.where) as whole:
            packed = whole.extractfile(archive.DATABASE)
            assert packed is not None
            self.database = gzip.decompress(packed.read())
        self.packed: bytes | None = None
        self.files: list[bytes] = []
        self.end = archive.END

    def write(self, path: Path) -> str:
        packed = self.packed or gzip.compress(self.database)
        body = (
            entry("manifest.json", msgspec.json.encode(self.manifest))
            + entry(archive.DATABASE, packed)
            + b"".join(self.files)
        )
        path.write_bytes(
            body + entry("sha256", f"{sha256(body).hexdigest()}\n".encode()) + self.end
        )
        return str(path)

    def use(self, database: bytes) -> None:
        """Another database, and a manifest that has its checksum."""
        self.database = database
        contents = Contents(len(database), sha256(database).hexdigest())
        self.manifest = replace(self.manifest, database=contents)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> BackupMade:
    """One for all of these tests: none of them changes it."""
    data, place = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("place")

    async def make() -> BackupMade:
        log = await SqlLog.open(data, durability="process")
        await Talk(log).settle(*(said(f"text {number}") for number in range(10)))
        await log.close()
        return await back_up(data, str(place), at=NOON)

    return asyncio.run(make())


@pytest.fixture
def forged(made: BackupMade) -> Forged:
    return Forged(made)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "forged.backup"


async def is_refused(where: str, folder: Path, error: type[BackupFailed], words: str) -> None:
    """`restore` refuses it, with these words, and leaves nothing behind."""
    with pytest.raises(error, match=words):
        await restore(where, folder)
    assert names(folder) == {"hubbub.lock"}


async def is_refused_by_both(
    where: str, folder: Path, error: type[BackupFailed], words: str
) -> None:
    with pytest.raises(error, match=words):
        await verify(where)
    await is_refused(where, folder, error, words)


async def test_a_forged_one_that_is_right_is_restored(
    forged: Forged, path: Path, tmp_path: Path
) -> None:
    """Or the tests below would prove nothing."""
    await restore(forged.write(path), tmp_path / "there")


@pytest.mark.parametrize("raw", [b"", b"hello", bytes(2048), b"SQLite format 3\0" * 100])
async def test_a_file_of_another_kind(raw: bytes, path: Path, tmp_path: Path) -> None:
    put(path, raw)
    await is_refused_by_both(str(path), tmp_path / "there", NotABackup, "no backup of Hubbub")


async def test_the_archive_of_another_program(path: Path, tmp_path: Path) -> None:
    put(path, entry("README", b"hello") + archive.END)
    await is_refused_by_both(str(path), tmp_path / "there", NotABackup, "no backup of Hubbub")


async def test_one_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BackupFailed, match="No such file"):
        await verify(str(tmp_path / "nothing.backup"))


async def test_one_that_was_cut_off_anywhere(made: BackupMade, path: Path) -> None:
    whole = content(made.where)
    for size in [*range(512, len(whole), 512), len(whole) - 1]:
        put(path, whole[:size])
        with pytest.raises(DamagedBackup, match="damaged"):
            await verify(str(path))


async def test_one_with_something_behind_it(made: BackupMade, path: Path) -> None:
    put(path, content(made.where) + b"x")
    with pytest.raises(DamagedBackup, match="behind its end"):
        await verify(str(path))


def read_all(data: bytes) -> None:
    reader = Reader(io.BytesIO(data), lambda: None)
    for _ in reader.database():
        pass
    for _, chunks in reader.files():
        for _ in chunks:
            pass
    reader.finish()


async def test_each_bit_that_was_flipped_is_noticed(made: BackupMade) -> None:
    whole = content(made.where)
    read_all(whole)

    @settings(max_examples=300, suppress_health_check=list(HealthCheck), database=None)
    @given(place=st.integers(0, len(whole) * 8 - 1))
    def flip(place: int) -> None:
        data = bytearray(whole)
        data[place // 8] ^= 1 << place % 8
        with pytest.raises(BackupFailed):
            read_all(bytes(data))

    flip()


async def test_no_garbage_does_anything_else(made: BackupMade) -> None:
    whole = content(made.where)

    @settings(max_examples=200, suppress_health_check=list(HealthCheck), database=None)
    @given(
        place=st.integers(0, len(whole) - 1),
        data=st.binary(min_size=1, max_size=600),
    )
    def overwrite(place: int, data: bytes) -> None:
        changed = whole[:place] + data + whole[place + len(data) :]
        if changed != whole:
            with pytest.raises(BackupFailed):
                read_all(changed)

    overwrite()


async def test_one_that_a_newer_version_made_is_refused_before_anything_is_read(
    forged: Forged, path: Path, tmp_path: Path
) -> None:
    forged.manifest = replace(forged.manifest, schema="9999", hubbub="47.1")
    words = r"made by a newer Hubbub \('47.1'; its schema is '9999'"
    await is_refused_by_both(forged.write(path), tmp_path / "there", NewerBackup, words)


async def test_a_newer_format_is_refused(forged: Forged, path: Path, tmp_path: Path) -> None:
    forged.manifest = replace(forged.manifest, format=2)
    words = "its format is 2"
    await is_refused_by_both(forged.write(path), tmp_path / "there", NewerBackup, words)


@pytest.mark.parametrize(
    "name",
    [
        "../escaped",
        "tls/../../escaped",
        "/tmp/escaped",
        "tls//escaped",
        "tls/./escaped",
        "tls",
        "tls/",
        "hubbub.db",
        "tls\\..\\escaped",
        "tls/a\nb",
        "tls/.hidden",
        "files/" + "x/" * 10 + "deep",
        "tls/" + "x" * 300,
    ],
)
async def test_a_file_that_has_no_place_there(
    forged: Forged, path: Path, tmp_path: Path, name: str
) -> None:
    data = b"gotcha"
    file = FileContents(len(data), sha256(data).hexdigest(), name)
    forged.manifest = replace(forged.manifest, files=[file])
    forged.files = [entry("escaped", data)]
    words = "Do not trust where it comes from"
    await is_refused_by_both(forged.write(path), tmp_path / "there", DamagedBackup, words)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE])
async def test_a_link_or_a_folder_in_place_of_a_file(
    forged: Forged, path: Path, tmp_path: Path, kind: bytes
) -> None:
    file = FileContents(0, sha256(b"").hexdigest(), "tls/ca.key")
    forged.manifest = replace(forged.manifest, files=[file])
    forged.files = [entry("tls/ca.key", b"", type=kind, linkname="/etc/passwd")]
    where = forged.write(path)
    await is_refused_by_both(where, tmp_path / "there", DamagedBackup, "there should be tls/ca.key")


async def test_two_files_of_one_name(forged: Forged, path: Path, tmp_path: Path) -> None:
    file = FileContents(0, sha256(b"").hexdigest(), "tls/ca.key")
    forged.manifest = replace(forged.manifest, files=[file, file])
    forged.files = [entry("tls/ca.key", b"")] * 2
    words = "makes no sense"
    await is_refused_by_both(forged.write(path), tmp_path / "there", DamagedBackup, words)


async def test_what_unpacks_to_more_than_it_should_is_not_unpacked(
    forged: Forged, path: Path, tmp_path: Path
) -> None:
    """100 MiB of nothing in 0.1 MiB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, archive.GZIP)
    nothing = bytes(1 << 20)
    forged.packed = b"".join(packer.compress(nothing) for _ in range(100)) + packer.flush()
    words = "larger than it should be"
    await is_refused_by_both(forged.write(path), tmp_path / "there", DamagedBackup, words)


async def test_what_says_itself_that_it_has_no_room_here(
    forged: Forged, path: Path, tmp_path: Path
) -> None:
    forged.manifest = replace(
        forged.manifest, database=Contents(1 << 60, forged.manifest.database.sha256)
    )
    await is_refused(forged.write(path), tmp_path / "there", NoRoom, "and there are")


async def test_a_manifest_without_end(path: Path, tmp_path: Path) -> None:
    put(path, entry("manifest.json", b"{}", size=1 << 40) + archive.END)
    await is_refused_by_both(str(path), tmp_path / "there", DamagedBackup, "too long")


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{}", b'{"format": 1}', b'{"format": "x"}', b"\xff", b"[" * 10_000]
)
async def test_a_manifest_that_is_none(raw: bytes, path: Path) -> None:
    put(path, entry("manifest.json", raw) + archive.END)
    with pytest.raises(DamagedBackup, match="This backup is damaged"):
        await verify(str(path))


@pytest.mark.parametrize("raw", [b"no database at all", b"", b"SQLite format 3\0" + bytes(5000)])
async def test_a_database_that_is_none(
    forged: Forged, path: Path, tmp_path: Path, raw: bytes
) -> None:
    forged.use(raw)
    where = forged.write(path)
    await verify(where)
    await is_refused(where, tmp_path / "there", DamagedBackup, "cannot be used")


@pytest.mark.parametrize(
    "statement, words",
    [
        ("DROP TABLE meta", "it is not Hubbub's"),
        ("DELETE FROM alembic_version", "it is not Hubbub's"),
        ("UPDATE alembic_version SET version_num = '0001'", "not the one that the backup says"),
        ("UPDATE events SET text = 'never said' WHERE seq = 3", "not the one that the backup says"),
        ("UPDATE events SET text = text || char(0) || 'x'", "not the one that the backup says"),
        ("DELETE FROM events WHERE seq = 10", "not the one that the backup says"),
        ("DELETE FROM meta WHERE key = 'log_id'", "it is not Hubbub's"),
        ("UPDATE meta SET value = 'x' WHERE key = 'log_id'", "not the one that the backup says"),
        ("INSERT INTO users VALUES (7, 'eve', NULL)", "not the one that the backup says"),
        ("INSERT INTO markers VALUES (7, 7, 7)", "refers to one that is not there"),
        (
            "CREATE TRIGGER t AFTER INSERT ON events BEGIN DELETE FROM secrets; END",
            "it has a trigger of its own",
        ),
        ("CREATE VIEW v AS SELECT 1", "it has a view of its own"),
        ("CREATE VIRTUAL TABLE t USING fts5(x)", "it has a table of its own"),
    ],
)
async def test_a_database_that_is_another_one(
    forged: Forged, path: Path, tmp_path: Path, statement: str, words: str
) -> None:
    changed = tmp_path / "changed.db"
    changed.write_bytes(forged.database)
    with closing(sqlite3.connect(changed, isolation_level=None)) as connection:
        connection.execute(statement)
    forged.use(changed.read_bytes())
    await is_refused(forged.write(path), tmp_path / "there", DamagedBackup, words)


async def test_a_database_that_is_damaged(forged: Forged, path: Path, tmp_path: Path) -> None:
    pages = bytearray(forged.database)
    pages[8192:12288] = bytes(range(256)) * 16
    forged.use(bytes(pages))
    await is_refused(forged.write(path), tmp_path / "there", DamagedBackup, "it is damaged")


async def test_a_damaged_database_is_not_backed_up_as_if_it_were_whole(
    forged: Forged, tmp_path: Path
) -> None:
    pages = bytearray(forged.database)
    pages[8192:12288] = bytes(range(256)) * 16
    put(tmp_path / "broken" / DATABASE, bytes(pages))
    with pytest.raises(Exception, match="damaged"):
        await back_up(tmp_path / "broken", str(tmp_path / "place"), at=0)
    assert names(tmp_path / "place") == set()
