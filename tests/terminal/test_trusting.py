"""Trust on first use: who is asked, and who is refused, over TLS."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hubbub.client import Address
from hubbub.client.knownservers import KnownServers
from hubbub.client.trust import Trust
from hubbub.domain import fingerprints
from hubbub.terminal import trusting
from hubbub.terminal.shell import room_names
from tests.certificates import Files, make_certificate
from tests.patience import PATIENCE_SECONDS
from tests.process import ROOT, ServerProcess
from tests.terminal.scripting import Commands

ADDRESS = Address(host="chat.test", secure=True)
SHOWN = bytes(range(32))
WRONG = "00" * 32


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, files: Files) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("server")
    tls = ("--tls-cert", str(files.certificate), "--tls-key", str(files.key))
    flags = ("--rate-limit", "0", "--hold-seconds", "0", "--sessions-per-address", "0")
    with ServerProcess(folder / "data", *flags, *tls) as server:
        yield server


@pytest.fixture(scope="module")
def printed(files: Files) -> str:
    """The fingerprint of the server's key."""
    key = x509.load_pem_x509_certificate(files.certificate.read_bytes()).public_key()
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return fingerprints.shown(hashlib.sha256(spki).digest())


@pytest.fixture
def commands(server: ServerProcess, tmp_path: Path) -> Commands:
    return Commands(server, tmp_path / "cache")


def url(server: ServerProcess) -> str:
    return f"https://127.0.0.1:{server.port}"


# Scripts


@pytest.mark.parametrize("words", [("send", "General", "hi"), ("tail", "General", "--follow")])
def test_a_script_is_asked_nothing_and_ends_at_once(
    commands: Commands, server: ServerProcess, printed: str, words: tuple[str, ...]
) -> None:
    command, *rest = words
    ran = commands.run(command, "--server", url(server), *rest)
    assert ran.code == 1
    assert printed in ran.err
    assert f"--fingerprint {printed.replace(' ', '')}" in ran.err
    assert "hubbub chat" in ran.err


def test_a_fingerprint_is_given_once(
    commands: Commands, server: ServerProcess, printed: str
) -> None:
    given = commands.run("send", "--server", url(server), "Once", "a", HUBBUB_FINGERPRINT=printed)
    assert given.code == 0
    later = commands.run("send", "--server", url(server), "Once", "b")
    assert (later.code, later.err) == (0, "")


def test_another_fingerprint_refuses_the_server(
    commands: Commands, server: ServerProcess, printed: str
) -> None:
    ran = commands.run("tail", "--server", url(server), "Wrong", "--fingerprint", WRONG)
    assert ran.code == 1
    assert "not the server that you want" in ran.err
    assert printed in ran.err


def test_a_key_that_has_changed_stops_a_script_at_once(
    commands: Commands, server: ServerProcess, tmp_path: Path
) -> None:
    known = KnownServers(tmp_path / "cache" / "known-servers")
    known.remember(f"127.0.0.1:{server.port}", bytes.fromhex(WRONG))
    ran = commands.run("send", "--server", f"127.0.0.1:{server.port}", "Changed", "a")
    assert ran.code == 1
    assert "WARNING" in ran.err
    assert str(known.path) in ran.err


def test_what_is_no_fingerprint_is_wrong_usage(commands: Commands, server: ServerProcess) -> None:
    ran = commands.run("send", "--server", url(server), "General", "a", "--fingerprint", "tea")
    assert ran.code == 2
    assert "--fingerprint: A fingerprint has 64 digits" in ran.err


def test_a_pipe_is_asked_nothing(commands: Commands, server: ServerProcess, printed: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hubbub", "chat", url(server)],
        env=commands.environment,
        input=b"ada\nGeneral\nhi\n",
        capture_output=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 1
    assert printed in done.stderr.decode()
    assert done.stdout == b""


# Completion


def test_completion_asks_a_known_server_only(
    commands: Commands,
    server: ServerProcess,
    printed: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HUBBUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("hubbub.terminal.shell.SERVER_SECONDS", PATIENCE_SECONDS)
    address = Address.parse(url(server))
    assert room_names(address) == []
    given = commands.run("send", "--server", url(server), "Listed", "a", "--fingerprint", printed)
    assert given.code == 0
    assert "Listed" in dict(room_names(address))
    KnownServers(tmp_path / "cache" / "known-servers").remember(str(address), bytes(32))
    assert room_names(address) == []


# People


class Person:
    """Answers questions on a terminal."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, question: str) -> str:
        self.asked.append(question)
        if not self.answers:
            raise EOFError
        return self.answers.pop(0)


@pytest.mark.parametrize(
    "answers, accepted",
    [
        (["yes"], True),
        (["Y"], True),
        (["no"], False),
        (["", "what?", "yes"], True),
        ([fingerprints.shown(SHOWN).upper()], True),
        ([WRONG], False),
        ([], False),
    ],
)
def test_the_answer_decides(
    answers: list[str], accepted: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    trust = Trust()
    person = Person(*answers)
    assert trusting._accepts(ADDRESS, trust, SHOWN, person) is accepted
    assert trust.known.fingerprint(str(ADDRESS)) == (SHOWN if accepted else None)
    assert len(person.asked) == max(1, len(answers))
    first = " ".join(person.asked[0].split())
    assert fingerprints.shown(SHOWN) in first
    assert "chat.test:8080" in first
    if not accepted:
        assert "Nothing was sent" in capsys.readouterr().err


def test_a_long_warning_keeps_each_fingerprint_in_one_line() -> None:
    shown = fingerprints.shown(SHOWN)
    words = "somebody may be between you and the server " * 3
    lines = trusting._wrapped(f"WARNING: {words} now {shown}; before, it was {shown}. Ask.")
    assert [line.rstrip(".;") for line in lines].count(shown) == 2
    assert max(map(len, lines)) <= 80
    assert lines[-1] == "Ask."


def test_a_server_that_is_away_is_for_the_client_to_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    away = Address(host="127.0.0.1", port=1, secure=True)
    assert trusting.makes_sure(away, Trust(), Person())


if sys.platform != "win32":
    import pexpect

    class Terminal:
        """`hubbub chat` in a terminal of its own."""

        def __init__(self, commands: Commands, *words: str) -> None:
            self.child = pexpect.spawn(
                sys.executable,
                ["-m", "hubbub", "chat", *words],
                env={**os.environ, **commands.environment, "TERM": "xterm-256color"},
                cwd=str(ROOT),
                encoding="utf-8",
                timeout=PATIENCE_SECONDS,
                dimensions=(30, 100),
            )
            self.child.delaybeforesend = None

        def ends(self) -> int | None:
            self.child.expect(pexpect.EOF)
            self.child.close()
            code: int | None = self.child.exitstatus
            return code

    @pytest.mark.parametrize(
        "mode, in_chat", [(["--plain"], "Room"), ([], r"\x1b\[\?1049h[\s\S]*Eve")]
    )
    def test_a_person_is_asked_once(
        commands: Commands, server: ServerProcess, printed: str, mode: list[str], in_chat: str
    ) -> None:
        where = f"Eve@127.0.0.1:{server.port}"
        asking = Terminal(commands, f"https://{where}", *mode)
        first, second = printed[:39], printed[40:]
        asking.child.expect_exact("no known authority has signed")
        asking.child.expect_exact(first)
        asking.child.expect_exact(second)
        asking.child.expect_exact("no, or the fingerprint")
        asking.child.sendline("yes")
        asking.child.expect(in_chat)
        asking.child.close(force=True)
        # By an address that does not ask for TLS, too: it is remembered.
        again = Terminal(commands, where, *mode)
        found = again.child.expect([in_chat, "fingerprint"])
        assert found == 0
        again.child.close(force=True)

    def test_who_says_no_is_not_connected(commands: Commands, server: ServerProcess) -> None:
        asking = Terminal(commands, url(server))
        asking.child.expect_exact("no, or the fingerprint")
        asking.child.sendline("no")
        asking.child.expect_exact("Nothing was sent to 127.0.0.1")
        assert asking.ends() == 1

    @pytest.mark.parametrize("mode", [["--plain"], []])
    def test_a_person_is_warned_of_another_key(
        commands: Commands, server: ServerProcess, tmp_path: Path, mode: list[str]
    ) -> None:
        known = KnownServers(tmp_path / "cache" / "known-servers")
        known.remember(f"127.0.0.1:{server.port}", bytes.fromhex(WRONG))
        warned = Terminal(commands, f"127.0.0.1:{server.port}", *mode)
        warned.child.expect_exact("WARNING: 127.0.0.1")
        warned.child.expect_exact("Nothing was sent")
        assert warned.ends() == 1
