"""Kinds of values that a setting may have: how each is written, what is allowed, how it is shown.

Every source gives a setting as text. ``parse`` returns its value or raises `ValueError`, with a
message for the user if ``allowed`` does not say already what is wrong.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB

T = TypeVar("T")


class Kind(Generic[T]):
    """Base of all kinds. ``metavar`` is the placeholder for the value in the help."""

    metavar: str = "TEXT"

    @property
    def allowed(self) -> str:
        """The allowed values, in words that end a sentence."""
        raise NotImplementedError

    def parse(self, raw: str) -> T:
        """The value of ``raw``. Raises `ValueError`."""
        raise NotImplementedError

    def show(self, value: T) -> str:
        """``value`` as a user would write it: the inverse of `parse`."""
        return str(value)


class Whole(Kind[int]):
    """A whole number. ``words``: names for some numbers; ``zero``: what 0 means."""

    def __init__(
        self,
        low: int,
        high: int,
        *,
        zero: str = "",
        words: dict[str, int] | None = None,
        metavar: str = "N",
    ) -> None:
        self.low = low
        self.high = high
        self.zero = zero
        self.words = words or {}
        self.metavar = "|".join([metavar, *self.words])

    @property
    def allowed(self) -> str:
        words = "".join(f", or {word}" for word in self.words)
        zero = f" (0: {self.zero})" if self.zero else ""
        return f"a whole number from {self.low:,} to {self.high:,}{zero}{words}"

    def parse(self, raw: str) -> int:
        text = raw.strip()
        if text.lower() in self.words:
            return self.words[text.lower()]
        if not re.fullmatch(r"[+-]?[0-9]{1,20}", text):
            raise ValueError
        value = int(text)
        if not self.low <= value <= self.high:
            raise ValueError
        return value

    def show(self, value: int) -> str:
        named = [word for word, number in self.words.items() if number == value]
        return named[0] if named else str(value)


class EventPlace(Kind[str]):
    """The ``seq`` of an event, optionally followed by @ and its time in ms."""

    metavar = "SEQ[@TIME]"
    allowed = "the number of an event, as 12, or its number and its time, as 12@1690729205000"

    def parse(self, raw: str) -> str:
        text = raw.strip()
        if not re.fullmatch(r"[0-9]{1,15}(@-?[0-9]{1,15})?", text):
            raise ValueError
        return text


class Number(Kind[float]):
    """A number that may have a fraction; ``unit`` as in "seconds"."""

    def __init__(
        self, low: float, high: float, *, unit: str = "", zero: str = "", metavar: str = "N"
    ) -> None:
        self.low = low
        self.high = high
        self.unit = unit
        self.zero = zero
        self.metavar = metavar

    @property
    def allowed(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        zero = f" (0: {self.zero})" if self.zero else ""
        return f"a number from {self.low:,g} to {self.high:,g}{unit}{zero}"

    def parse(self, raw: str) -> float:
        try:
            value = float(raw)
        except ValueError:
            raise ValueError from None
        # A NaN compares as neither below nor above, and would pass for a limit.
        if not math.isfinite(value) or not self.low <= value <= self.high:
            raise ValueError
        return value

    def show(self, value: float) -> str:
        return f"{value:g}"


class Seconds(Number):
    """A duration."""

    def __init__(self, low: float, high: float, *, zero: str = "") -> None:
        super().__init__(low, high, unit="seconds", zero=zero, metavar="SECONDS")


class Size(Kind[int]):
    """A number of bytes; ``256 KiB`` and ``1MiB`` are understood."""

    metavar = "BYTES"

    UNITS: ClassVar[dict[str, int]] = {"": 1, "b": 1, "kib": KIB, "mib": MIB, "gib": GIB}

    def __init__(self, low: int, high: int, *, zero: str | None = None) -> None:
        """``zero`` is what 0 means, which is then allowed beside the range."""
        self.low = low
        self.high = high
        self.zero = zero

    @property
    def allowed(self) -> str:
        zero = "" if self.zero is None else f" (0: {self.zero})"
        return f"a size from {self.show(self.low)} to {self.show(self.high)}{zero}"

    def parse(self, raw: str) -> int:
        match = re.fullmatch(r"([0-9]{1,15})\s*([a-z]*)", raw.strip().lower())
        if match is None or match[2] not in self.UNITS:
            raise ValueError
        value = int(match[1]) * self.UNITS[match[2]]
        if not self.low <= value <= self.high and (value or self.zero is None):
            raise ValueError
        return value

    def show(self, value: int) -> str:
        for unit, size in (("GiB", GIB), ("MiB", MIB), ("KiB", KIB)):
            if value and value % size == 0:
                return f"{value // size} {unit}"
        return str(value)


class Choice(Kind[str]):
    """One of a few words."""

    def __init__(self, *words: str) -> None:
        self.words = words
        self.metavar = "|".join(words)

    @property
    def allowed(self) -> str:
        return " or ".join((", ".join(self.words[:-1]), self.words[-1]))

    def parse(self, raw: str) -> str:
        word = raw.strip().lower()
        if word not in self.words:
            raise ValueError
        return word


class Text(Kind[str]):
    """A line of visible text."""

    def __init__(self, max_chars: int) -> None:
        self.max_chars = max_chars

    @property
    def allowed(self) -> str:
        return f"1 to {self.max_chars} characters that can be seen"

    def parse(self, raw: str) -> str:
        text = raw.strip()
        if not 1 <= len(text) <= self.max_chars or not text.isprintable():
            raise ValueError
        return text


class Checked(Kind[str]):
    """A text that ``check`` accepts: it returns the normalised text, or raises `ValueError`.

    ``nothing``: what an empty text means; without it, an empty text is refused.
    """

    def __init__(
        self, check: Callable[[str], str], allowed: str, *, nothing: str = "", metavar: str = "NAME"
    ) -> None:
        self.check = check
        self.nothing = nothing
        self.metavar = metavar
        self._allowed = allowed

    @property
    def allowed(self) -> str:
        return self._allowed + (f', or "" for {self.nothing}' if self.nothing else "")

    def parse(self, raw: str) -> str:
        text = raw.strip()
        if not text and self.nothing:
            return ""
        return self.check(text)


class Listed(Kind[tuple[str, ...]]):
    """Any number of `Checked` texts with commas between them; none, too, if it may be ``empty``."""

    def __init__(self, each: Checked, *, empty: bool = True) -> None:
        self.each = each
        self.empty = empty
        self.metavar = f"{each.metavar},…"

    @property
    def allowed(self) -> str:
        return f"{self.each.allowed}; several with commas between"

    def parse(self, raw: str) -> tuple[str, ...]:
        parts = [part for part in raw.split(",") if part.strip()]
        if not parts and not self.empty:
            raise ValueError
        return tuple(dict.fromkeys(map(self.each.parse, parts)))

    def show(self, value: tuple[str, ...]) -> str:
        return ",".join(value)


class Place(Kind[Path]):
    """A place in the file system; ``~`` is the home folder."""

    def __init__(self, *, folder: bool) -> None:
        self.folder = folder
        self.metavar = "DIR" if folder else "FILE"

    @property
    def allowed(self) -> str:
        return "a folder; one that is not there is made" if self.folder else "a file that is there"

    def parse(self, raw: str) -> Path:
        if not raw.strip() or "\0" in raw:
            raise ValueError
        try:
            path = Path(raw).expanduser()
        except RuntimeError:
            own = raw.partition("/")[0] == "~"
            why = "You have no home folder." if own else "There is no such user."
            raise ValueError(why) from None
        try:
            if self.folder and path.exists() and not path.is_dir():
                raise ValueError("That is a file.")
            if not self.folder and not path.is_file():
                raise ValueError("There is no such file.")
            if not path.is_absolute():
                Path.cwd()
        except FileNotFoundError:
            raise ValueError("The current folder is gone; go to another one (cd).") from None
        except OSError as error:  # a folder on the way that one may not enter, say
            why = os.strerror(error.errno or 0)
            raise ValueError(f"Nobody can look there: {why}.") from None
        return path
