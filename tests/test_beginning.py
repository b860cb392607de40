"""The first thing that a command does: it has its standard streams, and ends when it is told to."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.certificates import make_certificate
from tests.process import ROOT, Process, ServerProcess, clean_environment
from tests.test_cli import Ran, loaded_of
from tests.unprivileged import unprivileged

pytestmark = pytest.mark.skipif(os.name != "posix", reason="has neither those streams nor signals")

HUBBUB = f"{sys.executable} -m hubbub"


def shell(script: str, folder: Path, **environment: str | None) -> Ran:
    """Runs a line of shell; a variable that is None is unset."""
    given = {**clean_environment(), **environment}
    done = subprocess.run(
        ["/bin/sh", "-c", script],
        cwd=folder,
        env={name: value for name, value in given.items() if value is not None},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def python(code: str, folder: Path, closed: str = "") -> Ran:
    """Runs code in a Python of its own."""
    script = folder / "script.py"
    script.write_text(code)
    return shell(f"{sys.executable} {script} {closed}", folder)


# Standard streams

CLOSED = ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"]


@pytest.mark.parametrize("closed", CLOSED)
def test_no_file_takes_the_place_of_a_closed_stream(tmp_path: Path, closed: str) -> None:
    code = """
import json, os
from hubbub.cli.beginning import open_missing_streams
open_missing_streams()
file = os.open("found", os.O_CREAT | os.O_WRONLY)
os.write(file, json.dumps([file, os.path.exists("/dev/null")]).encode())
"""
    assert python(code, tmp_path, closed).code == 0
    number, _ = json.loads((tmp_path / "found").read_text())
    assert number > 2


@pytest.mark.parametrize("closed", CLOSED)
def test_a_server_serves_and_ends_without_any_of_them(tmp_path: Path, closed: str) -> None:
    code = f"""
import os, signal, sys, threading
from hubbub import cli
from hubbub.server import run
serve = run.serve

async def serve_and_tell(*arguments, announce, **named):
    def announce_and_stop(addresses):
        announce(addresses)
        os.kill(os.getpid(), signal.SIGTERM)
    await serve(*arguments, announce=announce_and_stop, **named)
    open("served", "w").close()

run.serve = serve_and_tell
cli.main(["serve", "--port", "0", "--data", {str(tmp_path / "data")!r}])
"""
    ran = python(code, tmp_path, closed)
    assert ran.code == 0, ran.err
    assert (tmp_path / "served").exists()


@pytest.mark.parametrize(
    "command, closed, said",
    [
        ("chat --plain", "<&-", "There is no standard input to read from"),
        ("chat", "<&-", "There is no standard input to read from"),
        ("chat --plain", ">&-", "There is no standard output to write to"),
        ("tail General", ">&-", "There is no standard output to write to"),
        ("--help", ">&-", "There is no standard output to write to"),
        ("completion bash", ">&-", "There is no standard output to write to"),
        ("send General", "<&-", "There is no standard input to read from"),
    ],
)
def test_a_command_that_lacks_a_stream_says_so(
    tmp_path: Path, command: str, closed: str, said: str
) -> None:
    ran = shell(f"{HUBBUB} {command} {closed}", tmp_path, HUBBUB_CACHE=str(tmp_path))
    assert ran.code == 1
    assert said in ran.err
    assert ran.err.count("\n") == 1
    silent = shell(f"{HUBBUB} {command} {closed} 2>&-", tmp_path, HUBBUB_CACHE=str(tmp_path))
    assert silent.code == 1


# Signals


def test_nothing_slow_is_imported_before_a_signal_is_heard() -> None:
    assert loaded_of(["asyncio", "cyclopts", "hubbub.config", "typing"], by="hubbub.cli") in (
        [],
        ["typing"],
    )


@pytest.mark.parametrize("command, code", [("serve", 0), ("tail", 128 + signal.SIGTERM)])
def test_a_signal_at_the_very_start_ends_the_command(
    tmp_path: Path, command: str, code: int
) -> None:
    program = f"""
import os, signal
from hubbub.cli.beginning import begin
begin([{command!r}])
os.kill(os.getpid(), signal.SIGUSR1)
os.kill(os.getpid(), signal.SIGUSR2)
os.kill(os.getpid(), signal.SIGTERM)
"""
    ran = python(program, tmp_path)
    assert (ran.code, ran.err) == (code, "")


def test_a_signal_while_the_log_is_opened_ends_the_server(tmp_path: Path) -> None:
    program = """
import os, signal
from hubbub import cli
from hubbub.storage import log
prepare = log._prepare

def prepare_and_signal(*arguments):
    prepare(*arguments)
    os.kill(os.getpid(), signal.SIGTERM)

log._prepare = prepare_and_signal
cli.main(["serve", "--port", "0", "--data", "data"])
"""
    ran = python(program, tmp_path)
    assert (ran.code, ran.err) == (0, "")


def test_a_server_ends_cleanly_when_its_terminal_is_closed(tmp_path: Path) -> None:
    with OnATerminal(tmp_path / "data") as server:
        process = server._process
        assert process is not None
        process.send_signal(signal.SIGUSR1)
        process.send_signal(signal.SIGUSR2)
        server.close_terminal()
        assert process.wait(60) == 0


def test_a_server_without_a_terminal_reads_its_certificate_anew_when_it_is_hung_up_on(
    tmp_path: Path,
) -> None:
    files = make_certificate(tmp_path)
    flags = ("--tls-cert", str(files.certificate), "--tls-key", str(files.key))
    with Service(tmp_path / "data", *flags) as server:
        process = server._process
        assert process is not None
        process.send_signal(signal.SIGHUP)
        server.tells("Read the certificate anew.")
        files.certificate.write_text("broken")
        process.send_signal(signal.SIGHUP)
        server.tells("The certificate stays the one that was read before.")


def test_a_server_without_terminal_and_certificate_goes_on_when_it_is_hung_up_on(
    tmp_path: Path,
) -> None:
    with Service(tmp_path / "data") as server:
        process = server._process
        assert process is not None
        process.send_signal(signal.SIGHUP)
        with socket.create_connection(server.address) as client:
            client.sendall(b"ada\n")
            assert client.recv(100).startswith(b"Available rooms:")


def test_a_server_outlives_its_terminal_if_it_is_asked_to(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with ServerProcess(tmp_path / "data") as server:
            process = server._process
            assert process is not None
            process.send_signal(signal.SIGHUP)
            process.send_signal(signal.SIGUSR1)
            caught = Path(f"/proc/{process.pid}/status").read_text()
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
    finally:
        signal.signal(signal.SIGHUP, before)
    (ignored,) = [line for line in caught.splitlines() if line.startswith("SigIgn:")]
    assert int(ignored.split()[1], 16) & 1 << signal.SIGHUP - 1


# No home folder, and folders that one may not enter

NOBODY = """
import pwd, sys
def nobody(_): raise KeyError("no such user")
pwd.getpwuid = nobody
from hubbub.config import settings
settings.default_data_folder.__defaults__ = (settings.Path("/"),)  # no source checkout
from hubbub import cli
cli.main(sys.argv[1:])
"""


@pytest.mark.parametrize(
    "words, code, said",
    [
        ("--help", 0, ""),
        ("serve --help", 0, ""),
        ("chat --help", 0, ""),
        (
            "serve",
            1,
            "hubbub: You have no home folder, so say where the data is to be kept: --data",
        ),
        (
            "serve --data ~/data",
            2,
            "hubbub: --data cannot be '~/data' (on the command line). You have no home",
        ),
        ("--install-completion --shell bash", 1, "hubbub: The completion cannot be installed"),
        ("tail General", 2, "hubbub: This computer does not say who you are"),
    ],
)
def test_who_has_no_home_folder_gets_a_sentence(
    tmp_path: Path, words: str, code: int, said: str
) -> None:
    (tmp_path / "script.py").write_text(NOBODY)
    missing = dict.fromkeys(
        ("HOME", "LOGNAME", "USER", "LNAME", "USERNAME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")
    )
    words = words.replace("~", "'~'")  # for Hubbub to understand, and not for the shell
    ran = shell(f"{sys.executable} script.py {words}", tmp_path, **missing)
    assert ran.code == code, ran.err
    assert ran.err.startswith(said)
    assert "Traceback" not in ran.err
    assert ran.err.count("\n") == (1 if said else 0)


@pytest.mark.parametrize(
    "before",
    [
        "mkdir -p here && chmod 700 here && cd here && chmod 000 .",
        "mkdir here && cd here && rmdir ../here",
    ],
    ids=["closed", "gone"],
)
def test_a_current_folder_that_cannot_be_used_is_told(tmp_path: Path, before: str) -> None:
    hubbub = " ".join(unprivileged(*HUBBUB.split()))
    script = f"{before}; exec {hubbub}"
    ran = shell(f"{script} serve --port 0 --data {tmp_path}/data", tmp_path)
    assert ran.code == 2
    assert ran.err.startswith("hubbub: Nobody can tell whether there is a hubbub.toml in the")
    assert ran.err.count("\n") == 1
    settings = tmp_path / "hubbub.toml"
    settings.write_text("port = 0")
    relative = shell(f"{script} serve --data data --config {settings}", tmp_path)
    assert relative.code == 2
    assert relative.err.startswith("hubbub: --data cannot be 'data' (on the command line).")
    helped = shell(f"{script} --help", tmp_path)
    assert helped.code == 0, helped.err


@pytest.mark.parametrize("how", ["--data", "--config", "HUBBUB_DATA", "HUBBUB_CONFIG"])
def test_a_folder_that_one_may_not_enter_is_told(tmp_path: Path, how: str) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0)
    hubbub = " ".join(unprivileged(*HUBBUB.split()))
    if how.startswith("--"):
        ran = shell(f"{hubbub} serve {how} closed/x", tmp_path)
    else:
        ran = shell(f"{hubbub} serve", tmp_path, **{how: "closed/x"})
    assert ran.code == 2
    assert ran.err.startswith(f"hubbub: {how} cannot be 'closed/x' (")
    assert "Nobody can look there: Permission denied." in ran.err
    assert ran.err.count("\n") == 1


# The log


def test_a_line_for_machines_is_json_whatever_the_locale(tmp_path: Path) -> None:
    data = tmp_path / "Café 字"
    code = f"""
import logging
from hubbub.server import logs
logs.set_up("info", "json")
logging.info("Listening", extra={{"data": {str(data)!r}, "half": "\\ud83d"}})
"""
    for encoding in ("latin-1", "ascii", "cp1252", "utf-16", "utf-8"):
        script = tmp_path / "script.py"
        script.write_text(code, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, str(script)],
            env={"PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": encoding},
            capture_output=True,
            check=True,
        )
        assert json.loads(done.stderr.decode("utf-8"))["data"] == str(data)


class Service(ServerProcess):
    """As whoever runs services starts it: without a terminal."""

    def _spawn(self, arguments: Sequence[str]) -> Process:
        return self.spawned([sys.executable, "-m", "hubbub", *arguments], subprocess.DEVNULL)

    def spawned(self, command: Sequence[str], stdin: int) -> Process:
        return subprocess.Popen(
            command,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.data.parent,
            env=clean_environment(),
            start_new_session=True,
        )


ON_ITS_INPUT = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, "-m", "hubbub", *sys.argv[1:]])
"""
"""Has the terminal that is its input control it, and starts the server."""


class OnATerminal(Service):
    """As a person starts it: in a terminal, which may be closed."""

    def _spawn(self, arguments: Sequence[str]) -> Process:
        self._terminal, slave = os.openpty()
        try:
            return self.spawned([sys.executable, "-c", ON_ITS_INPUT, *arguments], slave)
        finally:
            os.close(slave)

    def close_terminal(self) -> None:
        os.close(self._terminal)
