"""Starts a program of this folder in its own environment, `.venv`, made on the first start.

This runs on whatever Python somebody has at hand, with nothing installed, at every start:

- An old Python must be able to read this file, and the scripts that import it, far enough to say
  that it is too old. So the syntax is that of Python 3.6, and in the scripts and in `__init__.py`,
  which sends away what is older still, that of Python 2.
- When all is set up, nothing is imported but `os` and `sys`, which every Python has loaded anyway.
  Whatever takes more is in `tools.environment`, loaded only when something is missing.
"""

import os
import sys

OLDEST_PYTHON = (3, 11)
NEWEST_PYTHON = (3, 14)  # of those that the check runs on; a newer one is used all the same
OLDEST_FREE_THREADED = (3, 14)  # msgspec, uvloop and MarkupSafe are not built for 3.13t

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
RUNTIME_LOCK = "requirements.lock"
DEV_LOCK = "requirements-dev.lock"

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8080

# These lead a Python away from the environment that it is started from, and from this folder.
MISLEADING_VARIABLES = (
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONSAFEPATH",
    "VIRTUAL_ENV",
    "__PYVENV_LAUNCHER__",
)


class Environment:
    """A folder in `root`, and the stamps in it that say what has been installed.

    The name is `.venv`, but for the other Pythons that the check runs the tests on.
    """

    def __init__(self, root: str = ROOT, name: str = ".venv") -> None:
        windows = os.name == "nt"
        self.root = root
        self.name = name
        self.folder = os.path.join(root, name)
        self.commands = os.path.join(self.folder, "Scripts" if windows else "bin")
        self.python = os.path.join(self.commands, "python.exe" if windows else "python")

    def is_ready(self, lock: str) -> bool:
        try:
            with open(self.stamp_path(lock), "rb") as file:
                stamped = file.read()
            # The Python that the environment was made from may have been removed since.
            return stamped == self.stamp(lock) and os.path.exists(self.python)
        except OSError:
            return False

    def stamp_path(self, lock: str) -> str:
        return os.path.join(self.folder, "installed-" + lock)

    def stamp(self, lock: str) -> bytes:
        """What is stamped once a lock file is installed: the `origin`, and the lock itself.

        The whole lock and not its hash: that is exact, and read sooner than hashlib is imported.
        """
        with open(os.path.join(self.root, lock), "rb") as file:
            return self.origin() + file.read()

    def origin(self) -> bytes:
        """The Python and the place: an environment works with one Python, and cannot be moved."""
        return os.fsencode(f"# {sys.implementation.cache_tag} {self.root}\n")


def start(command: str, host: str, port: int, arguments: "list[str]") -> None:
    """Become `hubbub COMMAND`, with the host and the port that stand in the script."""
    addressed = address_options(host, port, arguments)
    # -P: a file in somebody's current folder must not pass for one of Hubbub's modules.
    run(RUNTIME_LOCK, ["-P", "-m", "hubbub", command, *addressed, *arguments])


def check(arguments: "list[str]") -> None:
    os.chdir(ROOT)
    run(DEV_LOCK, ["-m", "tools.checks", *arguments])


def cluster(arguments: "list[str]") -> None:
    os.chdir(ROOT)
    run(DEV_LOCK, ["-m", "tools.cluster.demo", *arguments])


def address_options(host: str, port: int, arguments: "list[str]") -> "list[str]":
    """The options for an edited host and port.

    One left at its default is not passed on, or it would override the environment's HUBBUB_HOST
    and hubbub.toml. Neither is one that was given on the command line.
    """
    options = []
    for option, value, default in (
        ("--host", str(host), DEFAULT_HOST),
        ("--port", str(port), str(DEFAULT_PORT)),
    ):
        given = any(word == option or word.startswith(option + "=") for word in arguments)
        if value != default and not given:
            options += [option, value]
    return options


def run(lock: str, python_arguments: "list[str]") -> None:
    """Become the environment's Python, once everything in the lock file is installed there."""
    open_missing_streams()
    refuse_unfit_python()
    environment = environment_of(sys.prefix)
    if not environment.is_ready(lock):
        from tools.environment import set_up_or_exit

        set_up_or_exit(environment, lock)
    become([environment.python, *python_arguments], unmisled(dict(os.environ)))


def open_missing_streams() -> None:
    """Open the null device for each standard stream that is closed, as with `2>&-` in a shell.

    Otherwise the next file that is opened takes its number, and what is meant for the stream goes
    there. The program that we become finds the streams as they were: closed.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", closefd=False)


def environment_of(prefix: str) -> Environment:
    """`.venv`, or the check's own for another Python if a script is started from that one."""
    folder, name = os.path.split(prefix)
    return Environment(ROOT, name if folder == ROOT and name.startswith(".venv-") else ".venv")


def refuse_unfit_python() -> None:
    why = why_unfit(sys.version_info[:2], sys.implementation.name, is_free_threaded())
    if why:
        script = os.path.basename(sys.argv[0])
        sys.exit(
            f"{why} ({sys.executable}).\n"
            f"If another one is installed, start with that, for example: python3.13 {script}\n"
            "If not: https://www.python.org/downloads/"
        )


def why_unfit(version: "tuple[int, ...]", implementation: str, free_threaded: bool) -> str:
    """Why Hubbub is known not to run on such a Python, or an empty text."""
    this = "this is Python {}.{}".format(*version)
    if version < OLDEST_PYTHON:
        return "Hubbub needs Python {}.{} or newer, and {}".format(*OLDEST_PYTHON, this)
    if implementation != "cpython":
        # msgspec reaches into CPython's own objects: https://github.com/msgspec/msgspec/issues/22
        return f"Hubbub needs CPython, the Python of python.org, and this is {implementation}"
    if free_threaded and version < OLDEST_FREE_THREADED:
        return f"Hubbub needs a Python that is not free-threaded, and {this}t"
    return ""


def why_untested(version: "tuple[int, ...]", release_level: str, free_threaded: bool) -> str:
    """What is uncommon about a Python that Hubbub may well run on, or an empty text."""
    this = "This is Python {}.{}".format(*version)
    if version > NEWEST_PYTHON:
        return f"{this}: so new that Hubbub has not been tested on it"
    if free_threaded:
        return f"{this}t: Hubbub has not been tested on free-threaded builds"
    if release_level != "final":
        return f"{this} before its release: Hubbub has not been tested on it"
    return ""


def is_free_threaded() -> bool:
    return "free-threading" in sys.version


def unmisled(variables: "dict[str, str]") -> "dict[str, str]":
    return {name: value for name, value in variables.items() if name not in MISLEADING_VARIABLES}


def become(command: "list[str]", variables: "dict[str, str]") -> None:
    """Turn this process into another; it does not return."""
    if sys.platform == "win32":
        sys.exit(run_to_its_end(command, variables))
    os.execve(command[0], command, variables)


def run_to_its_end(command: "list[str]", variables: "dict[str, str]") -> int:
    """For Windows, where exec starts a second process and hands the prompt back at once."""
    import subprocess

    with subprocess.Popen(command, env=variables) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                # Ctrl-C reaches the program as well: it ends in its own way, and we after it.
                continue
