"""The program `hubbub`: its commands, and how it ends."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from cyclopts import App, CycloptsError

import hubbub
from hubbub.cli.admin.app import make_admin_app
from hubbub.cli.chatting import chat
from hubbub.cli.completing import LOAD, Shell, completed
from hubbub.cli.failing import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_WRONG_USAGE, Failed
from hubbub.cli.migrating import MIGRATE_EXAMPLE, MIGRATE_USAGE, migrate
from hubbub.cli.scripting import SEND_EXAMPLE, SEND_USAGE, TAIL_EXAMPLE, send, tail, with_hyphens
from hubbub.cli.serving import ABOUT_SETTINGS, serve
from hubbub.cli.streams import complain, finish, is_of_stdout, not_written
from hubbub.cli.topping import top
from hubbub.config import FromEnvironment, FromFile

WRITE_NOTHING = (["serve"], ["send"])
"""The commands that write nothing to the standard output."""


def run(words: list[str]) -> NoReturn:
    """Runs the command that ``words`` name, and exits; see `hubbub.cli.main`."""
    sys.exit(finish(_run(words)))  # type: ignore[arg-type]  # what it was given


def _run(words: list[str]) -> object:
    """Runs the command. Returns the exit code, or a value from which `sys.exit` makes one."""
    try:
        if sys.stdout is None and words[:1] not in WRITE_NOTHING:
            raise Failed("There is no standard output to write to: it is closed.")
        return make_app()(with_hyphens(words))
    except CycloptsError as error:
        complain(str(error))
        return EXIT_WRONG_USAGE
    except Failed as error:
        complain(str(error))
        return EXIT_FAILED
    except OSError as error:
        if not is_of_stdout(error):
            raise
        return not_written(error)
    except SystemExit as end:
        return end.code
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


def make_app() -> App:
    """The cyclopts app with all commands."""
    app = App(
        name="hubbub",
        help=hubbub.__doc__,
        help_epilogue="To begin: hubbub serve, and in another terminal: hubbub chat",
        help_format="plaintext",
        version=versions,
        result_action="return_value",
        exit_on_error=False,
        print_error=False,
    )
    sources = (FromEnvironment(os.environ), FromFile())
    app.command(
        App(name="serve", default_command=serve, config=sources, help_epilogue=ABOUT_SETTINGS)
    )
    usage = "Usage: hubbub chat [OPTIONS] [[USER@]HOST[:PORT][/ROOM]]"
    example = "For example: hubbub chat ada@chat.example.org/General"
    app.command(App(name="chat", default_command=chat, usage=usage, help_epilogue=example))
    app.command(
        App(name="send", default_command=send, usage=SEND_USAGE, help_epilogue=SEND_EXAMPLE)
    )
    app.command(App(name="tail", default_command=tail, help_epilogue=TAIL_EXAMPLE))
    app.command(make_admin_app())
    app.command(App(name="top", default_command=top, help_epilogue=""))
    app.command(
        App(
            name="migrate",
            default_command=migrate,
            usage=MIGRATE_USAGE,
            help_epilogue=MIGRATE_EXAMPLE,
        )
    )
    app.command(App(name="completion", default_command=completion, help_epilogue=""))
    app.command(
        App(name="--install-completion", default_command=install_completion, help_epilogue="")
    )
    return app


def versions() -> str:
    """What `hubbub --version` tells: all that a report of a fault has to say."""
    import platform

    from hubbub.storage.upgrade import HEAD

    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"hubbub {hubbub.__version__} ({python}, schema {HEAD})"


def completion(shell: Shell, /) -> None:
    """Print what makes a shell complete commands, options and rooms."""
    sys.stdout.write(_script_for(shell))


def _script_for(shell: Shell) -> str:
    return completed(make_app().generate_completion(shell=shell), shell)


def install_completion(*, shell: Shell | None = None) -> None:
    """Let the shell complete commands, options and rooms from its next start on."""
    from hubbub.cli.installing import install, shell_in_use

    shell = shell or shell_in_use()
    try:
        install(_script_for(shell), shell)
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        raise Failed(
            f"The completion cannot be installed: {error.strerror or error}{where}. "
            f"To have it in this shell only: {LOAD[shell]}"
        ) from None
    except RuntimeError as error:  # there is no home folder
        raise Failed(f"The completion cannot be installed: {error}") from None
