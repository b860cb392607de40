"""How the first start makes the environment, and what it makes of the remains of one."""

import importlib.util
import io
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.patience import PATIENCE_SECONDS
from tools.bootstrap import DEV_LOCK, ROOT, RUNTIME_LOCK, Environment
from tools.environment import set_up, set_up_or_exit, site_packages
from tools.installer import Pip, SetUpFailed
from tools.progress import Display
from tools.turn import take_turn


class RecordingInstaller:
    """Makes what the real one makes, as far as anyone looks, and notes what it was asked for."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self.steps: list[str] = []
        self.fails_with: BaseException | None = None
        self.proof_fails_with: BaseException | None = None

    def create(self) -> None:
        self.steps.append("create")
        (site_packages(self._environment) / "pip").mkdir(parents=True, exist_ok=True)
        Path(self._environment.commands).mkdir(parents=True, exist_ok=True)
        Path(self._environment.python).touch()

    def install(self, lock: str) -> None:
        self.steps.append(f"install {lock}")
        if self.fails_with is not None:
            raise self.fails_with

    def prove(self) -> None:
        if self.proof_fails_with is not None:
            raise self.proof_fails_with


class Start:
    """One start of a program, in a folder with two lock files."""

    def __init__(self, root: Path, name: str = ".venv") -> None:
        self.environment = Environment(str(root), name)
        self.installer = RecordingInstaller(self.environment)
        self._stream = io.StringIO()

    def set_up(self, lock: str = RUNTIME_LOCK) -> list[str]:
        """What was done, in order."""
        set_up(self.environment, lock, Display(self._stream), self.installer)
        return self.installer.steps

    @property
    def said(self) -> str:
        return self._stream.getvalue()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / RUNTIME_LOCK).write_text("h11==0.16.0\n")
    (tmp_path / DEV_LOCK).write_text("h11==0.16.0\npytest==9.2.0\n")
    return tmp_path


@pytest.fixture
def no_installing(monkeypatch: pytest.MonkeyPatch) -> None:
    def install(pip: Pip, lock: str) -> None:
        raise AssertionError("nothing is to be installed")

    monkeypatch.setattr(Pip, "install", install)


def without(monkeypatch: pytest.MonkeyPatch, *modules: str) -> None:
    """A Python that was built without these."""
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name: None if name in modules else find_spec(name)
    )


# ── The first start, and the next ─────────────────────────────────────────────────────────────────


def test_the_first_start_sets_up_once(root: Path) -> None:
    assert Start(root).set_up() == ["create", f"install {RUNTIME_LOCK}"]
    assert Start(root).set_up() == []


def test_a_set_up_begins_by_saying_what_it_is(root: Path) -> None:
    first = Start(root)
    first.set_up()
    assert first.said.startswith("Setting up Hubbub, once")


def test_the_source_is_on_the_environments_path(root: Path) -> None:
    start = Start(root)
    start.set_up()
    packages = site_packages(start.environment)
    line = (packages / "hubbub.pth").read_text().strip()
    assert (packages / line).resolve() == root / "src"


@pytest.mark.skipif(sys.platform == "win32", reason="runs the launcher of the other systems")
def test_the_environment_has_a_command_named_hubbub(root: Path) -> None:
    start = Start(root)
    start.set_up()
    python = Path(start.environment.python)
    python.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    python.chmod(0o755)
    command = [f"{start.environment.commands}/hubbub", "serve", "two words"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.splitlines() == ["-P", "-m", "hubbub", "serve", "two words"]


# ── A lock file changes ───────────────────────────────────────────────────────────────────────────


def test_a_changed_lock_file_is_installed_into_the_same_environment(root: Path) -> None:
    Start(root).set_up()
    (root / RUNTIME_LOCK).write_text("h11==0.17.0\n")
    assert Start(root).set_up() == [f"install {RUNTIME_LOCK}"]


def test_the_checks_add_to_the_environment_of_the_server(root: Path) -> None:
    Start(root).set_up(RUNTIME_LOCK)
    assert Start(root).set_up(DEV_LOCK) == [f"install {DEV_LOCK}"]


def test_what_the_checks_installed_is_all_that_the_server_needs(root: Path) -> None:
    Start(root).set_up(DEV_LOCK)
    assert Start(root).set_up(RUNTIME_LOCK) == []


def test_a_lock_file_that_changes_during_the_set_up_counts_next_time(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = Start(root)
    create = start.installer.create

    def create_while_someone_pulls() -> None:
        create()
        (root / RUNTIME_LOCK).write_text("h11==0.17.0\n")

    monkeypatch.setattr(start.installer, "create", create_while_someone_pulls)
    start.set_up()
    assert not start.environment.is_ready(RUNTIME_LOCK)


# ── Something is there already ────────────────────────────────────────────────────────────────────


def test_an_environment_made_by_hand_is_used(root: Path) -> None:
    RecordingInstaller(Environment(str(root))).create()
    assert Start(root).set_up() == [f"install {RUNTIME_LOCK}"]


def test_an_environment_of_another_python_is_made_again(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Start(root).set_up()
    monkeypatch.setattr(sys.implementation, "cache_tag", "cpython-399")
    assert Start(root).set_up() == ["create", f"install {RUNTIME_LOCK}"]


def test_an_environment_whose_python_is_gone_is_made_again(root: Path) -> None:
    first = Start(root)
    first.set_up()
    Path(first.environment.python).unlink()
    assert Start(root).set_up() == ["create", f"install {RUNTIME_LOCK}"]


# ── A set-up fails, or is killed ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("lock", [RUNTIME_LOCK, DEV_LOCK])
def test_an_interrupted_set_up_is_made_again_from_the_start(root: Path, lock: str) -> None:
    Start(root).set_up()
    (root / lock).write_text("h11==0.17.0\n")
    interrupted = Start(root)
    interrupted.installer.fails_with = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        interrupted.set_up(lock)
    assert not interrupted.environment.is_ready(RUNTIME_LOCK)
    again = Start(root)
    assert again.set_up() == ["create", f"install {RUNTIME_LOCK}"]
    assert "interrupted" in again.said
    assert Start(root).set_up() == []


def test_a_failure_before_anything_was_changed_leaves_the_environment(root: Path) -> None:
    Start(root).set_up()
    (root / RUNTIME_LOCK).write_text("h11==0.17.0\n")
    offline = Start(root)
    offline.installer.fails_with = SetUpFailed("no answer", harmless=True)
    with pytest.raises(SetUpFailed):
        offline.set_up()
    assert Start(root).set_up() == [f"install {RUNTIME_LOCK}"]


def test_a_failure_half_way_through_installing_does_not(root: Path) -> None:
    Start(root).set_up()
    (root / RUNTIME_LOCK).write_text("h11==0.17.0\n")
    full_disk = Start(root)
    full_disk.installer.fails_with = SetUpFailed("no space left")
    with pytest.raises(SetUpFailed):
        full_disk.set_up()
    assert Start(root).set_up() == ["create", f"install {RUNTIME_LOCK}"]


def test_ctrl_c_ends_a_start_with_a_word_and_no_traceback(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(pip: Pip) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Pip, "create", interrupt)
    with pytest.raises(SystemExit) as ended:
        set_up_or_exit(Environment(str(root)), RUNTIME_LOCK)
    assert ended.value.code == 130
    assert capsys.readouterr().err.endswith("Stopped. The next start sets Hubbub up again.\n")


@pytest.mark.usefixtures("no_installing")
def test_a_python_without_venv_is_told_how_to_get_it(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    without(monkeypatch, "ensurepip")
    with pytest.raises(SystemExit) as ended:
        set_up_or_exit(Environment(str(root)), RUNTIME_LOCK)
    assert ended.value.code == 1
    assert "sudo apt install python3-venv" in capsys.readouterr().err


def test_a_python_that_lacks_a_part_is_told_which_and_nothing_is_changed(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        without(patched, "_sqlite3", "zlib")
        incomplete = Start(root)
        with pytest.raises(SetUpFailed, match="was built without _sqlite3 and zlib, which"):
            incomplete.set_up()
    assert incomplete.installer.steps == []
    again = Start(root)
    again.set_up()
    assert "interrupted" not in again.said


def test_an_untested_python_is_remarked_on_once(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.bootstrap.NEWEST_PYTHON", (3, 10))
    first = Start(root)
    first.set_up()
    remark, what_it_is = first.said.splitlines()[:2]
    assert remark.endswith(
        "so new that Hubbub has not been tested on it. "
        "Should anything fail, use Python 3.11 to 3.14."
    )
    assert what_it_is.startswith("Setting up Hubbub, once")
    second = Start(root)
    second.set_up()
    assert second.said == ""


def test_a_folder_that_cannot_be_written_is_named(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / ".venv.lock").mkdir()  # as good as a read-only disk, for root too
    with pytest.raises(SystemExit) as ended:
        set_up_or_exit(Environment(str(root)), RUNTIME_LOCK)
    assert ended.value.code == 1
    assert f"Its folder, {root}, has to be complete and writable" in capsys.readouterr().err


def test_pips_last_lines_are_shown_when_it_fails(root: Path) -> None:
    start = Start(root)
    start.installer.create()
    python = Path(start.environment.python)
    python.write_text("#!/bin/sh\necho 'ERROR: THESE PACKAGES DO NOT MATCH THE HASHES'\nexit 1\n")
    python.chmod(0o755)
    with (
        take_turn(root / ".venv.lock", lambda: None) as turn,
        pytest.raises(SetUpFailed, match="THESE PACKAGES DO NOT MATCH") as failed,
    ):
        Pip(start.environment, Display(io.StringIO()), turn).install(RUNTIME_LOCK)
    assert failed.value.harmless


def test_environments_of_several_pythons_do_not_meddle(root: Path) -> None:
    interrupted = Start(root, ".venv-3.13.0")
    interrupted.installer.fails_with = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        interrupted.set_up()
    usual = Start(root)
    assert usual.set_up() == ["create", f"install {RUNTIME_LOCK}"]
    assert "interrupted" not in usual.said
    again = Start(root, ".venv-3.13.0")
    assert again.set_up() == ["create", f"install {RUNTIME_LOCK}"]
    assert "interrupted" in again.said


# ── Two starts at once ────────────────────────────────────────────────────────────────────────────


def test_of_two_first_starts_one_sets_up_and_the_other_waits(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, client = Start(root), Start(root)
    server_is_installing, client_is_waiting = threading.Event(), threading.Event()
    install = server.installer.install

    def install_until_the_client_waits(lock: str) -> None:
        server_is_installing.set()
        assert client_is_waiting.wait(timeout=PATIENCE_SECONDS)
        install(lock)

    def note_waiting(display: Display, text: str) -> None:
        said.append(text)
        if "waiting" in text:
            client_is_waiting.set()

    said: list[str] = []
    monkeypatch.setattr(server.installer, "install", install_until_the_client_waits)
    monkeypatch.setattr(Display, "line", note_waiting)
    thread = threading.Thread(target=server.set_up)
    thread.start()
    assert server_is_installing.wait(timeout=PATIENCE_SECONDS)
    assert client.set_up() == []
    thread.join(timeout=PATIENCE_SECONDS)
    assert server.installer.steps == ["create", f"install {RUNTIME_LOCK}"]
    assert said.count("Another start is setting Hubbub up; waiting for it…") == 1


def test_a_killed_set_up_holds_no_one_up_and_is_noticed(root: Path) -> None:
    path = root / ".venv.lock"
    program = f"""
import sys
from pathlib import Path
sys.path.insert(0, {ROOT!r})
from tools.turn import take_turn
with take_turn(Path({str(path)!r}), lambda: None) as turn:
    turn.begin()
    print("begun", flush=True)
    sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        process.kill()
    with take_turn(path, pytest.fail) as turn:
        assert turn.found_unfinished
