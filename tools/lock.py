"""Writes the lock files anew: `.venv/bin/python -m tools.lock [--upgrade]`.

requirements.lock is what Hubbub runs with; requirements-dev.lock is the same, in the same versions,
and what checking it takes besides. Without options every pin stays that still fits pyproject.toml;
`--upgrade` raises all of them, `--upgrade-package NAME` one.
"""

import subprocess
import sys

from tools.bootstrap import DEV_LOCK, OLDEST_PYTHON, ROOT, RUNTIME_LOCK


def compile_lock(output: str, *options: str) -> None:
    """One universal lock: every platform, every Python from the oldest on, every file's hash."""
    oldest = "{}.{}".format(*OLDEST_PYTHON)
    command = [
        *(sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "--output-file", output),
        *("--universal", "--python-version", oldest, "--generate-hashes"),
        # What is locked must not depend on whose machine it was locked on.
        *("--no-config", "--custom-compile-command", "python -m tools.lock", "--quiet"),
        *options,
    ]
    subprocess.run(command, cwd=ROOT, check=True)


def main(options: list[str]) -> int:
    try:
        compile_lock(RUNTIME_LOCK, *options)
        compile_lock(DEV_LOCK, "--group", "dev", "--constraints", RUNTIME_LOCK, *options)
    except subprocess.CalledProcessError as error:
        print("Not locked. If uv is missing: `python check.py` installs it.", file=sys.stderr)
        return error.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
