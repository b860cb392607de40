"""Installs with what Python brings along: `venv` makes the environment, `pip` fills it."""

import importlib.util
import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path

from tools.bootstrap import Environment, unmisled
from tools.progress import Display, PipProgress
from tools.turn import Turn

LAST_LINES = 12  # of a failed command's output: enough to see its reason

# Somebody's settings for pip that would have it install elsewhere.
PIP_ELSEWHERE = ("PIP_PREFIX", "PIP_PYTHON", "PIP_ROOT", "PIP_TARGET")


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
        self._variables = {
            **unmisled(dict(os.environ)),
            "PIP_USER": "0",  # a setting of some systems that no environment accepts
        }
        for name in PIP_ELSEWHERE:
            self._variables.pop(name, None)

    def create(self) -> None:
        if importlib.util.find_spec("ensurepip") is None:
            raise SetUpFailed(
                "This Python comes without the part that makes environments. Install it:\n"
                "  sudo apt install python3-venv        (on Debian and Ubuntu)\n"
                "Then start again.",
                harmless=True,
            )
        self._display.status("Making an environment for it in .venv…")
        try:
            self._run([base_python(), "-I", "-m", "venv", "--clear", self._environment.folder])
        except CommandFailed as failure:
            raise SetUpFailed(
                f"{failure}\n\n"
                "The environment .venv could not be made; the last lines above say why.\n"
                "Delete the folder .venv, if there is one, and start again."
            ) from failure

    def install(self, lock: str) -> None:
        lock_path = Path(self._environment.root, lock)
        progress = PipProgress(lock_path.read_text(encoding="utf-8"))

        def show(line: str) -> None:
            if news := progress.read(line):
                self._display.status(news)

        python = self._environment.python
        command = [python, "-I", "-m", "pip", "install", "--require-hashes", "-r", str(lock_path)]
        try:
            self._run([*command, "--no-input", "--progress-bar=off"], show)
        except CommandFailed as failure:
            advice = (
                "The package index did not answer. Is this computer connected to the internet?\n"
                "Behind a proxy, set HTTPS_PROXY. Then start again."
                if progress.unanswered
                else "pip could not install Hubbub's packages; its last lines above say why.\n"
                "When that is mended, start again."
            )
            raise SetUpFailed(f"{failure}\n\n{advice}", harmless=not progress.installing) from None

    def _run(self, command: list[str], on_line: Callable[[str], None] = lambda line: None) -> None:
        """Run a command to its end, or end it with this process. Raises CommandFailed."""
        last_lines: deque[str] = deque(maxlen=LAST_LINES)
        with subprocess.Popen(
            command,
            env=self._variables,
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
