"""A certificate in two files: what is refused, and how another one comes into use."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hubbub.server.tls import files as watching
from hubbub.server.tls.certificate import CertificateRefused, load
from hubbub.server.tls.files import FileCertificates
from tests.certificates import Files, make_certificate
from tests.server.serving import eventually, serving


def now() -> datetime:
    return datetime.now(UTC)


def watched(files: Files) -> FileCertificates:
    return FileCertificates(files.certificate, files.key, now)


def refusal(files: Files) -> str:
    with pytest.raises(CertificateRefused) as refused:
        load(files.certificate, files.key)
    return str(refused.value)


def test_what_a_certificate_says_is_read(tmp_path: Path) -> None:
    files = make_certificate(tmp_path, "chat.example.org", "192.0.2.1")
    found = load(files.certificate, files.key)
    assert found.names == ("chat.example.org", "192.0.2.1")
    assert found.doubt(now(), now() + timedelta(days=7)) is None
    assert not found.trusted  # nobody's list of authorities has it


def test_one_that_the_authorities_of_this_computer_stand_for_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(files.certificate))
    assert load(files.certificate, files.key).trusted


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    files = make_certificate(tmp_path)
    files.key.chmod(0o644)
    assert f"chmod 600 {files.key}" in refusal(files)


@pytest.mark.parametrize(
    "owner, mode, fine",
    [
        (0, 0o640, True),  # Debian's group ssl-cert
        (0, 0o440, True),  # systemd's LoadCredential=
        (0, 0o660, False),
        (0, 0o644, False),
        (None, 0o640, False),
        (None, 0o400, True),
    ],
)
def test_of_a_key_of_roots_its_group_may_read_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: int | None, mode: int, fine: bool
) -> None:
    files = make_certificate(tmp_path)
    found = files.key.stat()
    fields = [*found][:10]
    fields[0], fields[5] = stat.S_IFREG | mode, 54321
    fields[4] = os.geteuid() + 7 if owner is None else owner
    monkeypatch.setattr(os, "geteuid", lambda: fields[4] or 1000)
    seen = os.stat_result(fields)
    is_key = files.key.__eq__
    before = Path.stat
    monkeypatch.setattr(
        Path, "stat", lambda path, **more: seen if is_key(path) else before(path, **more)
    )
    if fine:
        load(files.certificate, files.key)
    else:
        assert "Others on this computer can" in refusal(files)


def test_a_chain_in_the_wrong_order_is_told_as_that(tmp_path: Path) -> None:
    files = make_certificate(tmp_path)
    (tmp_path / "authority").mkdir()
    authority = make_certificate(tmp_path / "authority")
    own = files.certificate.read_bytes()
    files.certificate.write_bytes(own + authority.certificate.read_bytes())
    load(files.certificate, files.key)
    files.certificate.write_bytes(authority.certificate.read_bytes() + own)
    assert "must be the first one in" in refusal(files)


def test_a_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    files = make_certificate(tmp_path)
    (tmp_path / "other").mkdir()
    other = make_certificate(tmp_path / "other")
    assert "is not that of the certificate in" in refusal(Files(files.certificate, other.key))


def test_a_key_with_a_pass_phrase_is_refused_and_nobody_is_asked(tmp_path: Path) -> None:
    files = make_certificate(tmp_path)
    files.key.write_bytes(
        b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n"
    )
    assert "has a pass phrase" in refusal(files)


@pytest.mark.parametrize("content", [b"", b"no certificate", b"\0" * 100])
@pytest.mark.parametrize("which", ["certificate", "key"])
def test_files_without_what_should_be_in_them_are_refused(
    tmp_path: Path, which: str, content: bytes
) -> None:
    files = make_certificate(tmp_path)
    getattr(files, which).write_bytes(content)
    assert "must have a certificate in it" in refusal(files)


@pytest.mark.parametrize("which", ["certificate", "key"])
def test_files_that_are_not_there_are_told_by_name(tmp_path: Path, which: str) -> None:
    files = make_certificate(tmp_path)
    path: Path = getattr(files, which)
    path.unlink()
    assert refusal(files) == f"{path} cannot be read: No such file or directory."


@pytest.mark.parametrize(
    "begins, ends, says",
    [
        (-30, -1, "has expired"),
        (3, 30, "is not valid before"),
        (-30, 3, "Please renew it."),
        (-30, 30, None),
    ],
)
def test_one_that_clients_do_not_take_is_told_of_once_a_day(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, begins: int, ends: int, says: str | None
) -> None:
    files = make_certificate(tmp_path, begins=timedelta(days=begins), ends=timedelta(days=ends))
    later = timedelta()
    found = FileCertificates(files.certificate, files.key, lambda: now() + later)
    found.remind()
    assert [says in record.message for record in caplog.records if says] == [True] * bool(says)
    later = timedelta(days=1)
    found.remind()
    assert len(caplog.records) == 2 * bool(says)


async def test_another_certificate_comes_into_use_when_its_files_stay_as_they_are(
    tmp_path: Path,
) -> None:
    found = watched(make_certificate(tmp_path, "old.example.org"))
    before = found.context()
    make_certificate(tmp_path, "new.example.org")
    await found.look()
    assert found.context() is before, "the files may be in the middle of a change"
    await found.look()
    assert found.loaded.names == ("new.example.org",)
    assert found.context() is not before
    again = found.context()
    await found.look()
    assert found.context() is again, "nothing has changed"


async def test_a_broken_file_leaves_the_certificate_as_it_was_and_is_told_of_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    files = make_certificate(tmp_path)
    found = watched(files)
    before = found.context()
    files.certificate.write_text("broken")
    for _ in range(4):
        await found.look()
    assert found.context() is before
    (record,) = caplog.records
    assert "stays the one that was read before" in record.message
    make_certificate(tmp_path)
    for _ in range(2):
        await found.look()
    assert found.context() is not before


async def test_a_mode_that_was_mended_is_noticed(tmp_path: Path) -> None:
    """Whoever does what the message says should not have to write the file again."""
    found = watched(make_certificate(tmp_path))
    before = found.context()
    new = make_certificate(tmp_path)
    new.key.chmod(0o644)
    for _ in range(3):
        await found.look()
    assert found.context() is before
    new.key.chmod(0o600)
    for _ in range(2):
        await found.look()
    assert found.context() is not before


async def test_when_asked_the_files_are_read_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "LOOK_SECONDS", 3600.0)
    files = make_certificate(tmp_path)
    found = watched(files)
    async with serving(certificates=found, tls=files.client()) as server:
        await server.enter("ada")
        server.tls = make_certificate(tmp_path).client()
        before = found.context()
        found.reload()
        await eventually(lambda: found.context() is not before)
        ben = await server.enter("ben")  # and ada's connection goes on
        server.clients[0].say("still here")
        await ben.until("ada: still here")


async def test_changed_files_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "LOOK_SECONDS", 0.01)
    found = watched(make_certificate(tmp_path))
    async with serving(certificates=found):
        before = found.context()
        (tmp_path / "new").mkdir()
        new = make_certificate(tmp_path / "new")
        for path in (new.certificate, new.key):
            path.replace(tmp_path / path.name)
        await eventually(lambda: found.context() is not before)
