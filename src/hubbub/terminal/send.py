"""`hubbub send`: sends lines to a room for a script; the exit code tells whether all are saved."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from hubbub.client import (
    Address,
    Chat,
    ChatError,
    Connected,
    Disconnected,
    Filtered,
    Held,
    InDoubt,
    Line,
    LoggedOut,
    NameRefused,
    TextHeld,
    Update,
)
from hubbub.client.trust import Trust
from hubbub.domain.alike import alike
from hubbub.domain.names import RoomName
from hubbub.terminal.filing import upload_all
from hubbub.terminal.plain.pipe import LineReader
from hubbub.terminal.running import FAILED, complain, run
from hubbub.terminal.script import Failure, Place, Who, chat_as, meanwhile, place_of, remark

LINES_AHEAD = 500  # unsaved lines, before reading pauses (back-pressure for pipes of any length)
MOST_CHARS = 1_000_000  # of one message: more than any server accepts; the rest is not read
MOST_REASONS = 20  # that are printed; more would hide the first ones
ROOMS_SECONDS = 2.0  # for the names of similar rooms, when a room is new
ENDING = "-send"  # of the name, if somebody else has it

STDIN = "-"
NO_ANSWER = "The server did not answer in time."
NOTHING = "not saved: There was nothing to say: the standard input was empty."
INTERRUPTED = "This was interrupted."

WAITS = 3
"""The exit code when all is saved or waits for a moderator, and is not to be sent again."""
FILTERED = 4
"""The exit code when all else is saved, or waits, and a text has a word that may not be said."""


def main(
    address: Address,
    who: Who,
    place: Place,
    words: Sequence[str],
    patience: float,
    *,
    whole: bool = False,
    trust: Trust | None = None,
    files: Sequence[Path] = (),
) -> int:
    """Sends ``words``, or each line of the standard input, or all of it if ``whole``.

    With ``files`` it is one message: what there is of words, or all of the standard input if that
    is asked for.

    The exit code is 0 if all is saved, else 1, `WAITS` or `FILTERED`; stderr tells which lines are
    missing. It gives up after ``patience`` seconds in which no line was saved.
    """
    text = None if not words or list(words) == [STDIN] else " ".join(words)
    if files:
        whole = whole or list(words) == [STDIN]
        text = text if whole else text or ""
    sending = _main(
        address, who, place, text, patience, whole=whole, trust=trust, files=tuple(files)
    )
    return run(sending)


class Source(Protocol):
    """Where lines come from."""

    async def read(self) -> str | None:
        """The next one; None at the end."""
        ...


class Once:
    """A `Source` of one text."""

    def __init__(self, text: str) -> None:
        self._text: str | None = text

    async def read(self) -> str | None:
        text, self._text = self._text, None
        return text


class Whole:
    """A `Source` of one text: all lines of another source, unless they are blank."""

    def __init__(self, lines: Source) -> None:
        self._lines = lines

    async def read(self) -> str | None:
        lines: list[str] = []
        chars = 0
        while chars <= MOST_CHARS and (line := await self._lines.read()) is not None:
            lines.append(line)
            chars += len(line) + 1
        text = "\n".join(lines)
        return text if text.strip() else None


class Report:
    """The lines that are not saved, with reasons. Lines are numbered from 1."""

    def __init__(self) -> None:
        self._parts: list[tuple[int, int | None, str]] = []
        self._codes: set[int] = set()

    @property
    def code(self) -> int:
        """The exit code: what may have to be sent again counts most."""
        return next((code for code in (FAILED, FILTERED, WAITS) if code in self._codes), 0)

    @property
    def open_ended(self) -> bool:
        """Whether everything after some line is reported as missing."""
        return any(last is None for _, last, _ in self._parts)

    def add(self, first: int, last: int | None, why: str, code: int = FAILED) -> None:
        """Adds the lines from ``first`` to ``last``; None: to the end of the input."""
        self._codes.add(code)
        if self._parts and self._parts[-1][1:] == (first - 1, why):
            first = self._parts.pop()[0]
        self._parts.append((first, last, why))

    def sentences(self, *, counted: bool) -> list[str]:
        """The report; ``counted``: with line numbers."""
        sentences = [
            f"{_lines(first, last)} {why}" if counted else why
            for first, last, why in self._parts[:MOST_REASONS]
        ]
        more = len(self._parts) - len(sentences)
        return [*sentences, f"and so on, {more:,} times more"] if more else sentences


class Sending:
    """Sends all lines of ``source`` over a connected chat, and adds the failures to ``report``."""

    def __init__(
        self,
        chat: Chat,
        room: RoomName,
        source: Source,
        patience: float,
        report: Report,
        files: Sequence[str] = (),
    ) -> None:
        """``files``: the ids of what was uploaded, for each line; there is one."""
        self._files = files
        self._chat = chat
        self._room = room
        self._source = source
        self._patience = patience
        self._report = report
        self._lines: asyncio.Queue[tuple[int, Line | ChatError] | None] = asyncio.Queue(LINES_AHEAD)
        self._count = 0
        self._said = False
        self._all_read = False
        self._trouble = NO_ANSWER

    @property
    def said_nothing(self) -> bool:
        """Whether the whole input was read, and was blank."""
        return self._all_read and not self._said

    async def run(self) -> None:
        """Sends everything."""
        try:
            async with meanwhile(self._watch()):
                await self._run()
        except asyncio.CancelledError:
            raise
        except BaseException:
            if not self._all_read and not self._report.open_ended:
                self._report.add(self._count + 1, None, f"not saved: {INTERRUPTED}")
            raise

    async def _run(self) -> None:
        async with meanwhile(self._say_all()):
            await self._confirm_all()

    async def _say_all(self) -> None:
        while (text := await self._source.read()) is not None:
            self._count += 1
            # Blank lines separate paragraphs in a file; the server would refuse them.
            if text.strip() or isinstance(self._source, Once):
                self._said = True
                await self._lines.put((self._count, self._say(text)))
        self._all_read = True
        await self._lines.put(None)

    def _say(self, text: str) -> Line | ChatError:
        try:
            return self._chat.send(self._room, text, outside=True, files=self._files)
        except ChatError as refusal:
            return refusal

    async def _confirm_all(self) -> None:
        """Waits for each line in turn, until one is not saved within the patience."""
        while (said := await self._lines.get()) is not None:
            number, line = said
            try:
                if isinstance(line, ChatError):
                    raise line
                async with asyncio.timeout(self._patience):
                    ack = await line.saved()
                if ack.new:
                    await self._tell_made(ack.room)
            except InDoubt as error:
                self._report.add(number, number, f"may not be saved: {error}")
            except TextHeld as error:
                self._report.add(number, number, f"held: {error}", WAITS)
            except Filtered as error:
                self._report.add(number, number, f"not saved: {error}", FILTERED)
            except ChatError as error:
                self._report.add(number, number, f"not saved: {error}")
            except TimeoutError:
                self._give_up(number, line, self._trouble)
                return
            except BaseException:
                self._give_up(number, line, INTERRUPTED)
                raise

    async def _tell_made(self, room: str) -> None:
        """Tells that the room is new, and names similar rooms: its name may be mistyped."""
        names: Sequence[str] = ()
        with contextlib.suppress(ChatError, TimeoutError):
            async with asyncio.timeout(ROOMS_SECONDS):
                names = [info.name for info in await self._chat.rooms() if info.name != room]
        near = " or ".join(alike(room, names))
        hint = f" Did you mean {near}?" if near else ""
        complain(f"Made the room # {room}: there was none by that name.{hint}")

    def _give_up(self, number: int, line: Line | ChatError, why: str) -> None:
        """Reports the remaining lines: those that were sent may be saved, all others are not."""
        waiting = [(number, line)]
        while not self._lines.empty():
            if said := self._lines.get_nowait():
                waiting.append(said)
        sent = [at for at, one in waiting if isinstance(one, Line) and one.sent_as is not None]
        if sent:
            self._report.add(sent[0], sent[-1], f"may not be saved: {why}")
            number = sent[-1] + 1
        if not self._all_read:
            self._report.add(number, None, f"not saved: {why}")
        elif number <= self._count:
            self._report.add(number, self._count, f"not saved: {why}")

    async def _watch(self) -> None:
        """Notes the reason why lines are not saved, for the report."""
        async for update in self._chat:
            trouble = _trouble(update)
            if trouble is not None and self._trouble == NO_ANSWER:
                remark(trouble)
            if isinstance(update, Connected):
                self._trouble = NO_ANSWER
            self._trouble = trouble or self._trouble


def _trouble(update: Update) -> str | None:
    match update:
        case Disconnected(planned=True):
            return None
        case Disconnected(reason=reason) | Held(reason=reason):
            return reason
        case NameRefused(error=error) | LoggedOut(error=error):
            return error.message
    return None


def _lines(first: int, last: int | None) -> str:
    if last is None:
        return f"line {first:,} and all behind it"
    return f"line {first:,}" if first == last else f"lines {first:,} to {last:,}"


async def _main(
    address: Address,
    who: Who,
    place: Place,
    text: str | None,
    patience: float,
    *,
    whole: bool,
    trust: Trust | None,
    files: Sequence[Path] = (),
) -> int:
    report = Report()
    if text is None and sys.stdin is None:
        complain("not saved: There is no standard input to read from.")
        return FAILED
    source: Source = LineReader(sys.stdin.fileno()) if text is None else Once(text)
    if whole:
        source = Whole(source)
    try:
        async with chat_as(who, address, ending=ENDING, patience=patience, trust=trust) as chat:
            room = await place_of(chat, place)
            ids = await upload_all(chat, address, files, patience, trust)
            sending = Sending(chat, room, source, patience, report, ids)
            await sending.run()
            if sending.said_nothing:
                complain(NOTHING)
                return FAILED
    except Failure as failure:
        complain(f"not saved: {failure}")
        return FAILED
    finally:
        complain(*report.sentences(counted=text is None and not whole))
    return report.code
