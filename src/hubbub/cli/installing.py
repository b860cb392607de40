"""`hubbub --install-completion`: puts a completion script where the shell finds it at its start."""

from __future__ import annotations

import contextlib
import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from hubbub.cli.failing import Failed

if TYPE_CHECKING:
    from hubbub.cli.completing import Shell


def shell_in_use() -> Shell:
    """The shell that this was started from; raises `Failed`."""
    from cyclopts.completion.detect import ShellDetectionError, detect_shell

    with contextlib.suppress(ShellDetectionError):
        shell = detect_shell()
        if shell != "powershell":
            return shell
    raise Failed(
        "Which shell is yours? For example: hubbub --install-completion --shell bash "
        "(there are bash, zsh and fish)"
    )


def install(script: str, shell: Shell) -> None:
    """Writes ``script`` for ``shell``, and tells where. Raises `OSError`, `RuntimeError`.

    bash and zsh read it from their own start file; a line there says so, once.
    """
    path = _place(shell)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(script, encoding="utf-8")
    print(f"The completion is installed: {path}")
    if shell == "fish":
        print("It is there from the next start of fish on.")
        return
    start = _start_file(shell)
    added = _add_line(start, f"[ -f {shlex.quote(str(path))} ] && . {shlex.quote(str(path))}")
    how = "A line for it was added to" if added else "A line for it is in"
    print(f"{how} {start}. To have it in this {shell}, too: . {shlex.quote(str(start))}")


def _place(shell: Shell) -> Path:
    data = _folder("XDG_DATA_HOME", ".local/share")
    match shell:
        case "bash":
            return data / "bash-completion" / "completions" / "hubbub"
        case "zsh":
            return data / "zsh" / "site-functions" / "_cyclopts_hubbub"
        case "fish":
            config = _folder("XDG_CONFIG_HOME", ".config")
            return config / "fish" / "completions" / "hubbub.fish"


def _start_file(shell: Shell) -> Path:
    if shell == "zsh" and (folder := os.environ.get("ZDOTDIR")):
        return Path(folder) / ".zshrc"
    return Path.home() / f".{shell}rc"


def _folder(variable: str, usual: str) -> Path:
    given = Path(os.environ.get(variable, ""))
    # XDG Base Directory Specification: a relative path is invalid and is to be ignored.
    return given if given.is_absolute() else Path.home() / usual


def _add_line(file: Path, line: str) -> bool:
    """Adds ``line`` at the end of ``file``, whatever bytes are in it; False if it is there."""
    before = file.read_bytes() if file.exists() else b""
    wanted = os.fsencode(line)
    if wanted in before.splitlines():
        return False
    gap = b"" if before.endswith(b"\n") or not before else b"\n"
    with file.open("ab") as end:
        end.write(gap + b"# Completion of hubbub\n" + wanted + b"\n")
    return True
