"""What tasks give, as people read it in a terminal."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

import hubbub
from hubbub.cli.admin.asking import Where, ask
from hubbub.cli.failing import Failed

GAP = "  "  # between two columns

Row = Sequence[object]


def tell(where: Where, shown: Callable[[Any], None], task: str, /, **arguments: Any) -> None:
    """Has a task done, and shows what comes of it; or prints it as JSON."""
    answer = ask(where, task, **arguments)
    if where.json:
        print_json(answer)
    else:
        _show(shown, answer)


def tell_of(where: Where, shown: Callable[[Any], None], type: str, **fields: Any) -> None:
    """Does a command of the chat's protocol, and shows the reply."""
    given = {name: value for name, value in fields.items() if value is not None}
    answer = ask(where, "do", command={"type": type, **given})["reply"]
    if where.json:
        print_json(answer)
    else:
        _show(shown, answer)


def _show(shown: Callable[[Any], None], answer: Any) -> None:
    """A server that was started before an upgrade may answer otherwise than this version would."""
    try:
        shown(answer)
    except (LookupError, TypeError, AttributeError) as error:
        raise Failed(
            f"The answer is none that this version ({hubbub.__version__}) knows how to show "
            f"({type(error).__name__}: {error}). Does the server run another version? Then have it "
            "start anew; --json shows the answer as it is."
        ) from None


def print_json(answer: Any) -> None:
    """One line."""
    print(json_line(msgspec.json.encode(answer)))


def json_line(written: bytes) -> str:
    """JSON as it can be printed: escaped where the standard output could not take all of it."""
    text = written.decode()
    try:
        text.encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        return json.dumps(msgspec.json.decode(written), separators=(",", ":"))
    return text


def say(sentence: str) -> None:
    """A line for people: what may have come from anybody changes nothing on the screen."""
    print(plain(sentence))


def counted(number: int, what: str) -> str:
    """As in "1 room" or "2,000 rooms"."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def table(heads: Sequence[str], rows: Iterable[Row], *, none: str) -> None:
    """Rows under ``heads``, in columns; or the sentence ``none``."""
    cells = [[plain(str(cell)) for cell in row] for row in rows]
    if not cells:
        print(none)
        return
    every = [list(heads), *cells]
    widths = [max(map(_columns, column)) for column in zip(*every, strict=True)]
    for row in every:
        padded = (
            cell + " " * (width - _columns(cell)) for cell, width in zip(row, widths, strict=True)
        )
        print(GAP.join(padded).rstrip())


def _columns(text: str) -> int:
    """How many columns of a terminal it takes: letters of Asia take two, an accent none."""
    if text.isascii():
        return len(text)
    from wcwidth import wcswidth

    columns = wcswidth(text)
    return columns if columns >= 0 else len(text)


def facts(pairs: Iterable[tuple[str, object]]) -> None:
    """Names and values, one pair a line; what is empty is left out."""
    known = [(name, plain(str(value))) for name, value in pairs if value not in ("", None)]
    width = max((len(name) for name, _ in known), default=0)
    for name, value in known:
        print(f"{name.ljust(width)}{GAP}{value}")


def more(answer: dict[str, Any], shown: int, what: str) -> None:
    """Says how many there are beyond what was shown."""
    if answer.get("next"):
        print(f"… {answer['total'] - shown:,} more {what}: --limit, or words to look for.")


def when(ms: int | None) -> str:
    """A time, by the clock of this computer."""
    if ms is None:
        return ""
    try:
        at = datetime.fromtimestamp(ms / 1000, UTC).astimezone()
    except (ValueError, OverflowError, OSError):
        return "?"  # no calendar has it
    return at.strftime("%Y-%m-%d %H:%M")


def size(count: int | None) -> str:
    """Bytes, as people say them."""
    if count is None:
        return ""
    number, unit = float(count), "bytes"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if number < 1024:
            break
        number, unit = number / 1024, larger
    return f"{number:.0f} {unit}" if unit == "bytes" or number >= 100 else f"{number:.1f} {unit}"


def yes(true: object) -> str:
    """A mark in a table."""
    return "yes" if true else ""


def listed(names: Sequence[str]) -> str:
    """Names in one cell."""
    return ", ".join(names)


def plain(text: str) -> str:
    """``text`` on one line, without what would steer the terminal."""
    return "".join(" " if unicodedata.category(char) in _UNSEEN else char for char in text)


_UNSEEN = ("Cc", "Cf", "Zl", "Zp")


def confirm(question: str, *, yes: bool) -> None:
    """Asks whether it is meant; raises `Failed` if not. ``yes``: the command line says so."""
    if yes:
        return
    if sys.stdin is None or not sys.stdin.isatty():
        raise Failed(f"{question} Say that it is meant: --yes")
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Failed("Nothing was done.")
