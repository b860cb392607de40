"""`hubbub tail`: prints the last events of a room, and new ones as they happen."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Sequence

from msgspec.json import Encoder

from hubbub.client import (
    Address,
    Chat,
    Connected,
    Disconnected,
    Entered,
    Event,
    Happened,
    LoggedOut,
    NameRefused,
    RoomLost,
    RoomReset,
    Update,
)
from hubbub.client.errors import UNTRUSTED
from hubbub.client.segment import Segment
from hubbub.client.trust import Trust
from hubbub.domain.errors import BadCursor
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Page
from hubbub.domain.sentences import is_told_later
from hubbub.terminal.hangup import until_gone
from hubbub.terminal.plain.lines import event_lines
from hubbub.terminal.plain.pipe import Writer
from hubbub.terminal.plain.teller import past_of
from hubbub.terminal.running import FAILED, complain, run
from hubbub.terminal.script import Failure, Place, Who, be_another, chat_as, place_of, remark
from hubbub.terminal.signalled import HUNG_UP

ANSWER_SECONDS = 30.0  # for one page of history, lost connections included
BATCH = 500  # events in one write, at most
ENDING = "-tail"  # of the name, if somebody else has it

UNKNOWN = b'{"kind":"Event",'  # as an event is encoded whose kind this version does not know
# Characters beside those below U+0020 that terminals obey: JSON need not escape them, we do.
_OBEYED = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069]")

NOTHING = range(0)

_encoder = Encoder(enc_hook=str)

Show = Callable[[str, Event, range], Iterable[str]]
"""The lines that show an event of a room. The range: the numbers of those that are not new."""


def main(
    address: Address,
    who: Who,
    place: Place,
    *,
    last: int,
    after: int | None,
    after_at: int | None,
    follow: bool,
    as_json: bool,
    trust: Trust | None = None,
) -> int:
    """Prints the ``last`` events of the room, or all with ``seq > after``; the exit code.

    ``after_at`` is the time of the event ``after``, if known. ``follow``: also prints new events,
    until the output is closed.
    """
    asked = (place, last, after, after_at)
    show = show_json if as_json else show_text
    return run(_main(address, who, asked, follow=follow, show=show, trust=trust))


def show_text(room: str, event: Event, past: range = NOTHING) -> Iterable[str]:
    """The event for people; no line for a kind that this version does not know, and none for what
    has changed a message of the ``past``, which is shown as it is by now.
    """
    if event.seq in past and not is_told_later(event, past):
        return []
    return event_lines(event)


def show_json(room: str, event: Event, past: range = NOTHING) -> Iterable[str]:
    """One JSON object: the event as in the JSON protocol, and its room.

    A kind that this version does not know is written as ``unknown``.
    """
    body = _encoder.encode(event)
    if body.startswith(UNKNOWN):
        body = b'{"kind":"unknown",' + body[len(UNKNOWN) :]
    line = b'{"room":' + _encoder.encode(room) + b"," + body[1:]
    return (_OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", line.decode()),)


class Wanted:
    """The events to print: the ``last`` ones of a room, or those after the event ``after``."""

    def __init__(
        self, room: RoomName, last: int, after: int | None, after_at: int | None = None
    ) -> None:
        self.room = room
        self._last = last
        self._after = after
        self._after_at = after_at

    async def pages(self, chat: Chat) -> AsyncIterator[tuple[str, Sequence[Event], range]]:
        """The events up to the present head, without entering the room; with the room, and the
        numbers of all of them.

        Raises `NoSuchRoom`, `BadCursor`, `Failure`.
        """
        newest = await self._page(chat, limit=1)
        after = await self._begin(chat, newest)
        most = chat.limits.history if chat.limits else 1
        all_of_them = range(after + 1, newest.head + 1)
        while after < newest.head:
            page = await self._page(chat, after=after, limit=min(most, newest.head - after))
            covered = Segment.of(page).behind(after)
            if covered.empty:
                return  # the log was replaced by a shorter one
            yield page.room, covered.events, all_of_them
            after = covered.last

    async def join(self, chat: Chat) -> None:
        """Enters the room, so that these events and new ones come as updates. Raises as `pages`."""
        newest = await self._page(chat, limit=1)
        after = await self._begin(chat, newest)
        await chat.join(self.room, after=after, after_at=self._after_at)

    async def _begin(self, chat: Chat, newest: Page) -> int:
        if self._after is None:
            return max(0, newest.head - self._last)
        if self._after > newest.head:
            events = "1 event" if newest.head == 1 else f"{newest.head:,} events"
            raise BadCursor(
                f"{newest.room} has {events}, so none comes after {self._after:,}: "
                "this is another log than the one you know."
            )
        if self._after_at is not None and self._after > 0:
            known = await self._page(chat, after=self._after - 1, limit=1)
            if [event.at for event in known.events] != [self._after_at]:
                raise BadCursor(
                    f"Event {self._after:,} of {newest.room} is not the one you know: a backup was "
                    "restored, or the room was made anew. Begin anew, too, without --after."
                )
        return self._after

    async def _page(self, chat: Chat, *, after: int | None = None, limit: int) -> Page:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await chat.history(self.room, after=after, limit=limit)
        except TimeoutError:
            raise Failure("The server does not answer.") from None


class Following:
    """Prints updates, across lost connections."""

    def __init__(self, chat: Chat, who: Who, show: Show, out: Output) -> None:
        self._chat = chat
        self._who = who
        self._show = show
        self._out = out
        self._lost = False
        self._past = NOTHING

    async def run(self) -> None:
        """Raises `Failure` when we are put out of the room."""
        lines: list[str] = []
        async for update in self._chat:
            if isinstance(update, Happened):
                lines += self._show(update.room, update.event, self._past)
            else:
                await self._react(update)
            if len(lines) >= BATCH or not self._chat.has_updates:
                await self._out.write(lines)
                lines = []

    async def _react(self, update: Update) -> None:
        match update:
            case Entered():
                self._past = past_of(update)
            case Disconnected(code=code, reason=reason) if code in UNTRUSTED:
                raise Failure(reason)
            case Disconnected(reason=reason, planned=False) if not self._lost:
                self._lost = True
                remark(f"{reason} What is missed comes when the connection is back.")
            case Connected(again=again):
                if self._lost and again:
                    remark("Back online.")
                self._lost = False
            case NameRefused(error=error):
                remark(error.message)
                await be_another(self._chat, self._who, ENDING, error)
            case RoomReset(room=room):
                complain(f"The server has another log of {room} than before. Numbers begin anew.")
            case RoomLost(error=error) | LoggedOut(error=error):
                raise Failure(error.message)


class Output:
    """Standard output, a batch at a time."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._writer = Writer(fd)

    async def write(self, lines: Sequence[str]) -> None:
        """Raises `OSError`, such as `BrokenPipeError` when the reader has ended."""
        if lines:
            await self._writer.write("".join(f"{line}\n" for line in lines))


async def _main(
    address: Address,
    who: Who,
    asked: tuple[Place, int, int | None, int | None],
    *,
    follow: bool,
    show: Show,
    trust: Trust | None,
) -> int:
    if sys.stdout is None:
        complain("There is no standard output to write to.")
        return FAILED
    out = Output(sys.stdout.fileno())
    on_terminal = sys.stdout.isatty()
    try:
        with until_gone(sys.stdout.fileno()) as gone:
            async with chat_as(who, address, ending=ENDING, trust=trust) as chat:
                place, last, after, after_at = asked
                wanted = Wanted(await place_of(chat, place), last, after, after_at)
                if follow:
                    await wanted.join(chat)
                    await Following(chat, who, show, out).run()
                else:
                    async for room, events, past in wanted.pages(chat):
                        lines = [line for event in events for line in show(room, event, past)]
                        await out.write(lines)
    except Failure as failure:
        complain(str(failure))
        return FAILED
    except BrokenPipeError:
        return 0  # the reader has read enough
    except OSError as error:
        if on_terminal:  # it was closed, and `until_gone` has not noticed yet
            return HUNG_UP
        complain(f"What is read cannot be written: {error.strerror or error}.")
        return FAILED
    return HUNG_UP if gone() and on_terminal else 0
