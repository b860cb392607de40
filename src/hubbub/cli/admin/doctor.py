"""`hubbub admin doctor`: looks whether all is well, also where no server can start any more."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from cyclopts import Parameter

from hubbub.cli.admin.asking import HERE, Where, ask_running, teller
from hubbub.cli.admin.owning import become_owner
from hubbub.cli.admin.showing import print_json, say
from hubbub.cli.failing import EXIT_FAILED, Failed

MARKS = {"ok": "ok      ", "note": "note    ", "warning": "WARNING ", "error": "ERROR   "}


def doctor(
    *,
    quiet: Annotated[
        bool,
        Parameter(help="Do not tell what is well.", negative=(), show_default=False),
    ] = False,
    files: Annotated[
        bool,
        Parameter(
            help="Read all files that people have sent, to see whether they are what was stored. "
            "It may take long.",
            negative=(),
            show_default=False,
        ),
    ] = False,
    where: Where = HERE,
) -> int:
    """Look whether all is well: data, disk, clock, settings. The exit code is 1 for an error."""
    answer = ask_running(where, "doctor", **({"files": True} if files else {}))
    if answer is None:
        answer = _look_ourselves(where, files=files)
    if where.json:
        print_json(answer)
    else:
        _show(answer, quiet=quiet)
    return EXIT_FAILED if answer["errors"] else 0


def _look_ourselves(where: Where, *, files: bool) -> Any:
    """Nobody has the data open, and it may be such that nobody can open it."""
    import asyncio
    import time

    from hubbub.admin.doctor.examining import examine
    from hubbub.admin.examinations import examined
    from hubbub.admin.questions import Progress

    folder, settings, told = where.folder(), where.settings(), teller()
    if not folder.is_dir():
        raise Failed(f"There is no folder {folder}. Which one is it? --data FOLDER.")
    become_owner(folder)

    def tell(what: str, done: int, of: int) -> None:
        told(Progress(what, done, of))

    now = time.time_ns() // 1_000_000
    found = asyncio.run(examine(folder, settings, now=now, hashes=files, progress=tell))
    return msgspec.to_builtins(examined(found))


def _show(answer: Any, *, quiet: bool) -> None:
    for one in answer["findings"]:
        if quiet and one["level"] == "ok":
            continue
        say(f"{MARKS[one['level']]} {one['about']}: {one['said']}")
        if one["cure"]:
            say(f"          {one['cure']}")
    errors, warnings = answer["errors"], answer["warnings"]
    if errors or warnings:
        say(f"{_counted(errors, 'error')}, {_counted(warnings, 'warning')}.")
    else:
        say("All is well.")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
