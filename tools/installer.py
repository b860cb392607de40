"""Installs with what Python brings along: `venv` makes the environment, `pip` fills it."""

import importlib.util
import os
import subprocess
import sys
import sysconfig
from collections import deque
from collections.abc import Callable
from pathlib import Path

from tools.bootstrap import Environment, unmisled
from tools.pip_settings import LISTING, reaching, without_any
from tools.progress import Display, PipProgress
from tools.turn import Turn

LAST_LINES = 12  # of a failed command's output: enough to see its reason

# Between them, these import all of Hubbub's packages that are compiled for one system.
PROOF = "import hubbub.cli.program, hubbub.cli.serving, hubbub.server.run, hubbub.storage.log"


class SetUpFailed(Exception):
    """Says what went wrong and what to do about it.

    It is `harmless` when the environment is as it was before, and need not be made again.
    """

    def __init__(self, message: str, *, harmless: bool = False) -> None:
        super().__init__(message)
        self.harmless = harmless


class CommandFailed(Exception):
    """Holds the command's last lines."""


def base_python() -> str:
    """The Python that environments are made of: the one running may be in one, even in ours."""
    return getattr(sys, "_base_executable", sys.executable)


class Pip:
    def __init__(self, environment: Environment, display: Display, turn: Turn) -> None:
        self._environment = environment
        self._display = display
        self._turn = turn
        self._variables = unmisled(dict(os.environ))

    def create(self) -> None:
        if importlib.util.find_spec("ensurepip") is None:
            raise SetUpFailed(
                "This Python comes without the part that makes environments. Install it:\n"
                "  sudo apt install python3-venv        (on Debian and Ubuntu)\n"
                "Then start again.",
                harmless=True,
            )
        name = self._environment.name
        self._display.status(f"Making an environment for it in {name}…")
        try:
            self._run([base_python(), "-I", "-m", "venv", "--clear", self._environment.folder])
        except CommandFailed as failure:
            raise SetUpFailed(
                f"{failure}\n\n"
                f"The environment {name} could not be made; the last lines above say why.\n"
                f"Delete the folder {name}, if there is one, and start again."
            ) from failure

    def install(self, lock: str) -> None:
        lock_path = Path(self._environment.root, lock)
        progress = PipProgress(lock_path.read_text(encoding="utf-8"))

        def show(line: str) -> None:
            if news := progress.read(line):
                self._display.status(news)

        pip = [self._environment.python, "-I", "-m", "pip"]
        # What is built runs programs while it is, and fetches more of them: none of that is in the
        # lock file, with a hash.
        options = ("--require-hashes", "--only-binary=:all:", "--no-input", "--progress-bar=off")
        try:
            variables = self._pips_variables(pip)
            self._run([*pip, "install", *options, "-r", str(lock_path)], show, variables)
        except CommandFailed as failure:
            raise SetUpFailed(
                f"{failure}\n\n{advice(progress)}", harmless=not progress.installing
            ) from None

    def prove(self) -> None:
        """See that what was installed is there, and fits this computer."""
        try:
            self._run([self._environment.python, "-P", "-c", PROOF])
        except CommandFailed as failure:
            raise SetUpFailed(
                f"{failure}\n\n"
                "pip has installed Hubbub's packages, but they cannot be used; the last lines "
                f"above say why.\nDelete the folder {self._environment.name} and start again."
            ) from None

    def _pips_variables(self, pip: list[str]) -> dict[str, str]:
        """The environment for pip, with those of its settings that say how to reach packages."""
        listed: list[str] = []
        listing = {**self._variables, **LISTING, "PIP_PYTHON": self._environment.python}
        self._run([*pip, "config", "list"], listed.append, listing)
        return {
            **without_any(self._variables),
            **reaching(listed),
            "PIP_CONFIG_FILE": os.devnull,  # has pip read no settings file
        }

    def _run(
        self,
        command: list[str],
        on_line: Callable[[str], None] = lambda line: None,
        variables: dict[str, str] | None = None,
    ) -> None:
        """Run a command to its end, or end it with this process. Raises CommandFailed."""
        last_lines: deque[str] = deque(maxlen=LAST_LINES)
        with subprocess.Popen(
            command,
            cwd=self._environment.root,  # the current folder may be gone, or not to be entered
            env=variables or self._variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            pass_fds=self._turn.inherited,
        ) as process:
            try:
                for line in process.stdout or ():
                    last_lines.append(line.rstrip())
                    on_line(line)
            except BaseException:
                process.terminate()
                process.wait()
                raise
        if process.returncode:
            raise CommandFailed("\n".join(last_lines))


def advice(progress: PipProgress) -> str:
    """What to do when pip has failed."""
    if progress.unanswered:
        return (
            "The package index did not answer. Is this computer connected to the internet?\n"
            "Behind a proxy, set HTTPS_PROXY. Then start again."
        )
    if progress.not_to_be_had is not None:
        return (
            f"There is no ready-made package {progress.not_to_be_had} for this computer\n"
            f"({system()}), and Hubbub builds none itself: what is built is not checked.\n"
            "There are some for Linux, macOS and Windows on 64-bit processors (x86 and ARM) and "
            "CPython 3.11 to 3.14.\nIf this is one of those, the package index that pip is set to "
            "may lack it."
        )
    return (
        "pip could not install Hubbub's packages; its last lines above say why.\n"
        "When that is mended, start again."
    )


def system() -> str:
    """What packages are made for: the system, the processor, the Python."""
    implementation = sys.implementation.name
    version = "{}.{}".format(*sys.version_info[:2])
    return f"{sysconfig.get_platform()}, {implementation} {version}"
