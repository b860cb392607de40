"""`hubbub admin`, with a server that runs and with one that does not: the same comes of it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import socket
import stat
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hubbub import cli
from hubbub.admin.questions import NAME
from hubbub.storage.lock import lock_folder
from hubbub.storage.log import DATABASE
from tests.patience import PATIENCE_SECONDS
from tests.process import ROOT, ServerProcess
from tests.unprivileged import STRANGER, is_root

pytestmark = pytest.mark.skipif(os.name != "posix", reason="there are no Unix sockets")


class Shell:
    """Who types `hubbub admin`."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys

    def run(self, *words: str) -> tuple[int, str, str]:
        """The exit code, and what was written."""
        with pytest.raises(SystemExit) as exit:
            cli.main(["admin", *words, "--data", str(self.folder)])
        written = self._capsys.readouterr()
        return int(exit.value.code or 0), written.out, written.err

    def says(self, *words: str) -> str:
        code, out, err = self.run(*words)
        assert code == 0, err
        return out

    def json(self, *words: str) -> Any:
        return json.loads(self.says(*words, "--json"))

    def fails(self, *words: str) -> str:
        code, out, err = self.run(*words)
        assert (code, out) == (1, "")
        assert err.startswith("hubbub: ")
        assert err.count("\n") == 1
        return err.removeprefix("hubbub: ").strip()


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings but those of the test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def shell(data: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(data, capsys)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server for tests that change nothing in it."""
    folder = tmp_path_factory.mktemp("served") / "data"
    with ServerProcess(folder) as server:
        wait_for(folder / NAME)
        yield server


@pytest.fixture(params=["running", "stopped"])
def either(request: pytest.FixtureRequest, shell: Shell) -> Iterator[Shell]:
    """A shell beside a server that runs, and one beside a folder that no server uses."""
    if request.param == "running":
        with ServerProcess(shell.folder):
            wait_for(shell.folder / NAME)
            yield shell
    else:
        shell.says("add-user", "eve")
        shell.says("close-user", "eve", "--yes")
        yield shell


def wait_for(path: Path) -> None:
    """The socket is there a moment after the port."""
    patient = "import os, sys, time\nwhile not os.path.exists(sys.argv[1]): time.sleep(0.01)"
    subprocess.run([sys.executable, "-c", patient, str(path)], timeout=PATIENCE_SECONDS, check=True)


def test_people_and_rooms_are_kept_in_order(either: Shell) -> None:
    """One life of a server: what each command says, and what comes of it."""
    assert "Nobody owns this server yet" in either.says("owner")
    assert "ben has no account here. To make one" in either.fails("owner", "ben")
    added = either.json("add-user", "ada", "--owner")
    assert added["link"]["fragment"].startswith("#?user=ada&reset=")
    assert "To choose its password, open this link, once, until" in either.says("add-user", "ben")
    assert either.fails("add-user", "ADA") == "ADA has an account already."
    assert either.says("owner") == "ada owns this server.\n"
    assert [one["name"] for one in either.json("users")["users"]] == ["ada", "ben"]
    assert either.says("users", "ad").splitlines()[1].split()[:2] == ["ada", "owner"]

    made = "make-room", "Lab", "--owner", "ada", "--access", "members", "--topic", "Tea"
    assert either.says(*made) == "The room Lab is there.\n"
    assert either.says("role", "ben", "moderator", "--room", "Lab") == "ben is moderator of Lab.\n"
    assert either.json("room", "lab")["roles"] == {"ada": "owner", "ben": "moderator"}
    assert either.says("rules", "Lab", "--slow", "5", "--guests", "off").endswith("in Lab now.\n")
    assert "slow mode  5 s" in either.says("rules", "Lab")
    assert either.says("rename-room", "Lab", "Den") == "Lab is called Den now.\n"
    link = either.says("invite", "--room", "Den", "--uses", "3").splitlines()
    assert link[0].startswith("This link leads into Den, 3 times, until ")
    assert "/#?room=Den&invite=" in link[1]
    assert link[2].startswith("Only this computer can open that address.")

    assert either.says("ban", "ben", "--room", "Den", "--for", "2h", "--reason", "noise")
    (ban,) = either.json("bans", "--room", "Den")["bans"]
    assert (ban["user"], ban["by"], ban["reason"]) == ("ben", "the operator", "noise")
    assert either.says("unban", "ben", "--room", "Den")
    assert either.says("bans", "--room", "Den") == "Nobody is banned from Den.\n"
    assert either.says("ban", "spam*")
    audit = either.says("audit", "--room", "Den")
    assert "ben was banned by the operator for 2 hours: noise" in audit
    assert "the operator has made ben a moderator" in audit

    assert either.says("kick", "ben") == "ben was put out of this server.\n"
    assert "ben was put out of the server by the operator" in either.says("audit")

    assert "/#?user=ben&reset=" in either.says("reset", "ben")
    assert either.says("devices", "ben") == "ben is logged in nowhere.\n"
    assert either.says("revoke", "ben") == "ben is logged out on 0 devices.\n"
    assert "Say that it is meant: --yes" in either.fails("close-user", "ben")
    assert either.says("close-user", "ben", "--yes") == "The account ben is closed.\n"
    assert either.says("delete-room", "Den", "--yes") == "Den is deleted.\n"
    assert [one["name"] for one in either.json("rooms")["rooms"]] == ["General"]
    assert [one["name"] for one in either.json("users")["users"]] == ["ada"]
    asked = '{"type": "bans", "room": "/server"}'
    assert json.loads(either.says("do", asked))["bans"][0]["user"] == "spam*"
    status = either.json("status")
    assert (status["owners"], status["accounts"], status["rooms"]) == (["ada"], 1, 1)
    assert "owners        ada\n" in either.says("status")


def test_what_was_done_without_a_server_is_there_when_one_runs(shell: Shell) -> None:
    shell.says("add-user", "ada", "--owner")
    with ServerProcess(shell.folder) as server:
        wait_for(shell.folder / NAME)
        assert shell.says("owner") == "ada owns this server.\n"
        assert not any("Nobody owns" in line for line in server.output)


def test_a_start_says_how_to_become_the_owner(running: ServerProcess) -> None:
    running.tells("hubbub admin owner NAME")


def test_a_number_that_may_not_be_is_told_without_the_words_of_json(shell: Shell) -> None:
    shell.says("make-room", "Tea")
    assert shell.fails("rules", "Tea", "--slow", "-5") == "slow cannot be less than 0."
    assert shell.fails("rules", "Tea", "--keep-days", "9999") == (
        "keep-days cannot be more than 3,650."
    )
    assert shell.fails("invite", "--uses", "0") == "uses cannot be less than 1."
    assert "cannot have more than" in shell.fails("make-room", "Den", "--topic", "x" * 9999)


def test_hints_are_for_the_command_line(shell: Shell) -> None:
    shell.says("make-room", "Tea")
    assert shell.fails("room", "Tee").endswith("To make it: hubbub admin make-room NAME")
    assert shell.fails("unban", "eve").endswith("To see all of them: hubbub admin bans")


def test_who_has_an_account_already_is_made_an_owner_by_another_command(shell: Shell) -> None:
    shell.says("add-user", "ada")
    assert shell.fails("add-user", "ada", "--owner") == (
        "ada has an account already. To make it an owner: hubbub admin owner ada"
    )


def test_wrong_usage_has_the_exit_code_2(shell: Shell) -> None:
    for words in (("user",), ("role", "ada", "king"), ("users", "--limt", "3"), ("dance",)):
        code, out, err = shell.run(*words)
        assert (code, out, err.count("\n")) == (2, "", 1)


def test_a_folder_without_data_is_not_made_by_asking(shell: Shell) -> None:
    assert "There is no server's data in" in shell.fails("status")
    assert not shell.folder.exists()


def test_a_server_that_does_not_answer_is_told_of(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hubbub.cli.admin.asking.WAIT_SECONDS", 0.0)
    shell.says("add-user", "ada")
    lock = lock_folder(shell.folder)
    try:
        assert shell.fails("users").endswith("It takes no questions from hubbub admin.")
    finally:
        lock.release()


def test_a_socket_that_a_killed_server_left_is_nobody(shell: Shell, data: Path) -> None:
    with ServerProcess(data) as server:
        wait_for(data / NAME)
        server.kill()
        assert (data / NAME).exists()
        assert [one["name"] for one in shell.json("rooms")["rooms"]] == ["General"]
        server.start()
        server.tells("To chat")
        wait_for(data / NAME)
        assert shell.json("status")["serving"]
        assert server.stop() == 0
        assert not (data / NAME).exists()


def test_a_folder_with_a_long_path_has_a_socket_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux has a shorter way")
    folder = tmp_path.joinpath(*["a-folder-with-a-long-name"] * 5)
    with ServerProcess(_made(folder)):
        wait_for(folder / NAME)
        assert Shell(folder, capsys).json("status")["serving"]


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, mode=0o700)
    return folder


def test_shells_complete_the_names_of_people_and_rooms(running: ServerProcess) -> None:
    words = "admin", "room", "--data", str(running.data), "G"
    completed = subprocess.run(
        [sys.executable, "-m", "hubbub", "__complete", *words],
        env={"PYTHONPATH": str(ROOT / "src"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=True,
    )
    assert "General" in completed.stdout.split()


# Who may


def test_the_socket_is_for_the_servers_user_alone(running: ServerProcess) -> None:
    assert stat.S_IMODE(running.data.stat().st_mode) == 0o700
    assert stat.S_IMODE((running.data / NAME).stat().st_mode) == 0o600


ASK = """
import socket, sys
with socket.socket(socket.AF_UNIX) as asking:
    try:
        asking.connect(sys.argv[1])
        asking.sendall(b'{"task": "status"}\\n')
        print("answer", len(asking.recv(100)))
    except OSError as error:
        print(type(error).__name__)
"""


@pytest.mark.skipif(not is_root(), reason="only root can be somebody else")
def test_another_user_is_not_answered_even_where_the_modes_let_them(
    running: ServerProcess,
) -> None:
    data = running.data
    python = shutil.which("python3", path="/usr/bin:/bin")
    if python is None:
        pytest.skip("others may not run the Python of this environment, and there is no other")
    command = ["setpriv", f"--reuid={STRANGER}", f"--regid={STRANGER}", "--clear-groups"]
    command += [python, "-c", ASK, str(data / NAME)]

    def asked() -> str:
        ran = subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=True, cwd="/"
        )
        return ran.stdout.strip()

    assert asked() == "PermissionError"
    _let_others_enter(data)
    (data / NAME).chmod(0o666)
    try:
        assert asked() in ("answer 0", "ConnectionResetError", "BrokenPipeError")
    finally:
        (data / NAME).chmod(0o600)
        data.chmod(0o700)


@pytest.mark.skipif(not is_root(), reason="only root is in danger of it")
def test_root_leaves_no_files_of_its_own_in_the_servers_folder(data: Path, tmp_path: Path) -> None:
    made = _admin("add-user", "ada", data=data, cwd=tmp_path)
    assert made.returncode == 0
    for path in (data, *data.iterdir()):
        os.chown(path, STRANGER, STRANGER)
    _let_others_enter(tmp_path)
    assert _admin("add-user", "ben", data=data, cwd=Path("/")).returncode == 0
    assert {path.stat().st_uid for path in data.iterdir()} == {STRANGER}


def _let_others_enter(folder: Path) -> None:
    for path in (folder, *folder.parents):
        if not path.stat().st_mode & stat.S_IXOTH:
            path.chmod(0o755)


def _admin(*words: str, data: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hubbub", "admin", *words, "--data", str(data)],
        cwd=cwd,
        env={"PYTHONPATH": str(ROOT / "src"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def test_a_folder_of_somebody_else_is_told_to_be_theirs(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.says("add-user", "ada")

    def exists(path: Path) -> bool:
        if path.name == DATABASE:
            raise PermissionError
        return path.is_file()

    monkeypatch.setattr(Path, "exists", exists)
    assert "belongs to" in shell.fails("status")
    assert (shell.folder / DATABASE).is_file()


# What is sent on the socket


@pytest.mark.parametrize(
    "sent, code",
    [
        (b"nonsense\n", "bad-message"),
        (b'{"task": "dance"}\n', "no-such-task"),
        (b'{"task": "user", "arguments": 7}\n', "bad-message"),
        (b'{"task": "user"}\n', "bad-message"),
    ],
)
def test_nonsense_is_refused_in_words(sent: bytes, code: str, running: ServerProcess) -> None:
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(PATIENCE_SECONDS)
        asking.connect(str(running.data / NAME))
        asking.sendall(sent)
        with asking.makefile() as answer:
            assert json.loads(answer.read())["error"]["code"] == code


EVIL = "\x1b]0;owned\x07\x1b[31m\x9b2J\u202e"


def answering(folder: Path, answer: bytes) -> threading.Thread:
    """Something that is no server of this version listens in the folder, and answers once."""
    folder.mkdir(mode=0o700)
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(folder / NAME))
    listening.listen(1)

    def answer_once() -> None:
        with listening, listening.accept()[0] as connection:
            connection.recv(65536)
            with contextlib.suppress(ConnectionError):
                connection.sendall(answer)

    thread = threading.Thread(target=answer_once)
    thread.start()
    return thread


@pytest.mark.parametrize(
    "answer, said",
    [
        ({"error": {"code": "failed", "message": f"No {EVIL} is\nthere."}}, "No "),
        ({"result": {"users": EVIL}}, "none that this version"),
        ({"result": {"people": []}}, "none that this version"),
        ({"result": None}, "none that this version"),
        ({"outcome": 1, "result": 2, "error": 3}, "none that this version knows"),
        (b"\x1b[31mgarbage", "none that this version knows"),
        (b"[" * 100_000, "none that this version knows"),
        (b'{"result":' + b"[" * 100_000, "none that this version"),
    ],
)
def test_whatever_a_server_answers_is_told_in_words_that_steer_no_terminal(
    shell: Shell, data: Path, answer: Any, said: str
) -> None:
    raw = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    thread = answering(data, raw + b"\n")
    code, out, err = shell.run("users")
    thread.join()
    assert (code, out) == (1, "")
    assert err.startswith("hubbub: ")
    assert said in err
    assert err.replace("\n", "").isprintable()


def test_names_in_a_file_that_is_moved_in_steer_no_terminal(
    shell: Shell, running: ServerProcess, tmp_path: Path
) -> None:
    archive = tmp_path / "slack.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for name in ("users.json", "channels.json"):
            file.writestr(name, "[]")
        file.writestr(f"{EVIL}/2025-06-03.json", "{")
        file.writestr(f"general{EVIL}.json", "{")
    with_name = tmp_path / f"dis{EVIL}cord.json"
    with_name.write_text("{")
    for path in (archive, with_name):
        _, out, err = shell.run("import", str(path), "--from", "discord")
        assert "cord" in err or "json" in err
        assert (out + err).replace("\n", "").isprintable(), (out, err)


def test_top_prints_once_where_nobody_looks(
    running: ServerProcess, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hubbub.cli.topping.BETWEEN_SECONDS", 0.3)
    found = []
    for words in ([], ["--json"]):
        with pytest.raises(SystemExit) as exit:
            cli.main(["top", *words, "--data", str(running.data)])
        assert not exit.value.code
        found.append(capsys.readouterr().out)
    assert re.search(r"^General +\d+ +0\.0$", found[0], re.MULTILINE), found[0]
    assert "\x1b" not in found[0]
    assert json.loads(found[1])["healthy"] is True


def test_top_says_where_no_server_runs(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit:
        cli.main(["top", "--once", "--data", str(shell.folder)])
    assert exit.value.code == 1
    assert f"No server runs on {shell.folder}." in capsys.readouterr().err


# Files


def test_a_backup_is_made_read_and_restored(
    shell: Shell, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.says("add-user", "ada", "--owner")
    place = tmp_path / "backups"
    made = shell.json("backup", str(place))["backup"]
    assert [one["name"] for one in shell.json("backups", str(place))["backups"]] == [made["name"]]
    assert " is sound: " in shell.says("verify", made["where"])
    assert "overwrites nothing" in shell.fails("restore", made["where"])
    elsewhere = Shell(tmp_path / "elsewhere", capsys)
    assert "all proved" in elsewhere.says("restore", made["where"])
    assert elsewhere.says("owner") == "ada owns this server.\n"
    assert "There is no file" in elsewhere.fails("restore", str(tmp_path / "x"))


def test_rooms_are_moved_to_another_server(
    shell: Shell, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.says("add-user", "ada")
    shell.says("make-room", "Lab", "--topic", "Tea", "--owner", "ada")
    file = tmp_path / "rooms.jsonl"
    assert "1 room, 2 events" in shell.says("export", "Lab", "--to", str(file))
    code, _, err = shell.run("export", "--to", str(file))
    assert (code, err) == (2, "hubbub: Which rooms? Name them, or say --all.\n")
    other = Shell(tmp_path / "other", capsys)
    assert "would be added" in other.says("import", str(file), "--dry-run")
    assert other.says("import", str(file))
    assert other.json("room", "Lab")["room"]["topic"] == "Tea"
    pages = tmp_path / "pages"
    assert "2 rooms" in shell.says("export", "--all", "--html", "--to", str(pages))
    assert "Lab" in (pages / "index.html").read_text()
    code, _, err = other.run("import", str(file), "--zone", "Mars")
    assert (code, err[:34]) == (1, "hubbub: There is no time zone 'Mar")


def test_how_long_messages_stay_is_set(shell: Shell) -> None:
    shell.says("add-user", "ada")
    assert shell.says("retention") == "Messages stay for good in this server.\n"
    assert shell.says("retention", "30") == (
        "Messages stay for 30 days in this server. What is older goes within an hour, while the "
        "server runs.\n"
    )
    assert shell.says("retention", "-r", "General") == "Messages stay for 30 days in General.\n"
    assert shell.says("retention", "5", "-r", "General").startswith(
        "Messages stay for 5 days in General."
    )


# The doctor


def test_the_doctor_looks_at_a_server_that_runs_and_at_one_that_does_not(either: Shell) -> None:
    either.says("add-user", "ada", "--owner")
    answer = either.json("doctor")
    assert answer["errors"] == 0
    assert {"database", "logs", "files", "disk"} <= {one["about"] for one in answer["findings"]}
    text = either.says("doctor", "--quiet")
    assert "WARNING  backups: No backup is made each day." in text
    assert "ok  " not in text


def test_the_doctor_looks_at_what_no_server_can_open(shell: Shell, data: Path) -> None:
    shell.says("add-user", "ada")
    (data / DATABASE).write_bytes(b"nothing" * 1000)
    assert "is not a database" in shell.fails("status")
    code, out, _ = shell.run("doctor")
    assert code == 1
    assert "ERROR    database: " in out
