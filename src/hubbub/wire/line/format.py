"""Formats events as lines of plain text, for people without a client program."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from hubbub.domain.events import AnyEvent, Event, Left, Said
from hubbub.domain.filenames import spoken_size
from hubbub.domain.files import File
from hubbub.domain.kinds import are_lines, is_message
from hubbub.domain.names import RoomName
from hubbub.domain.projection import quoted_by, target_of
from hubbub.domain.replies import Presence, Reply, Result
from hubbub.domain.rules import Status
from hubbub.domain.sentences import (
    TAKEN_AWAY,
    is_told,
    is_told_later,
    marks_of,
    sentences,
    shown_text,
)
from hubbub.domain.state import Member
from hubbub.wire.line.told import status_line

LocalTime = Callable[[int], str]
"""Milliseconds since the epoch to "2023-07-30 15:00:05", in the reader's zone."""

Picture = Callable[[str], list[str]]
"""A text as a QR code, in lines."""

Link = Callable[[File], str]
"""Where a file is found; "" if that is not known."""

People = Callable[[RoomName], Collection[Member]]
"""Whose direct conversation a room is; nobody's if it is none."""

# Characters that a terminal would interpret. C0 controls become their pictures (U+2400 and on);
# C1 controls, Unicode line ends and bidirectional controls become U+FFFD.
_HARMLESS = (
    {code: 0x2400 + code for code in range(0x20) if code != 0x09}
    | {0x7F: 0x2421}
    | dict.fromkeys([*range(0x80, 0xA0), *range(0x2028, 0x202F), *range(0x2066, 0x206A)], 0xFFFD)
)


def harmless(text: str) -> str:
    """``text`` with the characters that a terminal would interpret replaced by visible ones."""
    return text if text.isprintable() else text.translate(_HARMLESS)


def text_lines(text: str) -> list[str]:
    """The lines of a message. Each is shown with the author's name, so that none can be forged."""
    return [text] if text.isprintable() else [harmless(line) for line in text.splitlines()]


HERE = (Status.HERE, "")
MOST_AWAY = 1000  # people in rooms of whom it was told that they are away or busy
MIN_REMEMBERED = 32  # events of a past: who was behind by a few is no crowd of newcomers
MAX_RECENT = 1024  # events of which the lines are kept: the last hundred of ten busy rooms
MAX_RECENT_BYTES = 1024  # of an event's lines; longer ones are made anew: a megabyte in all


def _nobody(room: RoomName) -> Collection[Member]:
    return ()


def _unpictured(text: str) -> list[str]:
    return []


def _unlinked(file: File) -> str:
    return ""


class LineFormat:
    """Events as lines. Shared by all sessions with the same line end."""

    __slots__ = ("_away", "_link", "_people", "_recent", "local_time", "newline", "picture")

    echoes = True

    def __init__(
        self,
        local_time: LocalTime,
        newline: str = "\n",
        people: People = _nobody,
        picture: Picture = _unpictured,
        link: Link = _unlinked,
    ) -> None:
        self.local_time = local_time
        self.newline = newline
        self.picture = picture
        self._people = people
        self._link = link
        self._recent: dict[int, tuple[Event, bytes]] = {}
        self._away: dict[tuple[str, str], tuple[Status, str]] = {}

    def events(self, room: RoomName, events: Sequence[AnyEvent], *, past: bool = False) -> bytes:
        """The lines of ``events``. Those of a direct conversation say whose it is: they are shown
        wherever one is. ``past``: they are not new, so that messages are in their present form,
        and most of what amends them says nothing that they do not say themselves.
        """
        if past and not are_lines(events):
            messages = {event.seq for event in events if is_message(event)}
            events = [event for event in events if is_told_later(event, messages)]
        if room.startswith("@") and (people := self._people(room)):
            lines = [line for event in events for line in _private(event, people, self)]
            return "".join(line + self.newline for line in lines).encode(errors="replace")
        if past and len(events) >= MIN_REMEMBERED:
            return b"".join(map(self._remembered, events))
        return self._encode(events)

    def _remembered(self, event: Event) -> bytes:
        """The lines of one event. A crowd that enters a room is shown the same ones."""
        recent = self._recent
        known = recent.get(id(event))
        if known is not None and known[0] is event:
            return known[1]
        data = self._encode((event,))
        if len(data) <= MAX_RECENT_BYTES:
            if len(recent) >= MAX_RECENT:
                recent.clear()  # to find the oldest one takes longer than to encode some again
            recent[id(event)] = event, data
        return data

    def _encode(self, events: Sequence[Event]) -> bytes:
        newline = self.newline
        lines = [line + newline for event in events for line in self.lines(event)]
        return "".join(lines).encode(errors="replace")

    def differ(self, events: Sequence[AnyEvent]) -> None:
        """All are shown the same."""
        return

    def notice(self, notice: Reply) -> bytes:
        """Who of a room is away or busy, and is back; not who merely comes and goes.

        Nothing of other notices: a line such as "ada is typing" would stay on the screen for ever.
        """
        if not isinstance(notice, Presence) or not notice.here or notice.room.startswith("@"):
            return b""
        who = notice.room, notice.user
        how = (notice.status, notice.note) if notice.status is not Status.HERE else HERE
        before = self._away.pop(who, HERE)
        if how is not HERE:
            self._away[who] = how
            if len(self._away) > MOST_AWAY:
                del self._away[next(iter(self._away))]
        if how == before:
            return b""
        line = harmless(status_line(notice.user, *how))
        return f"{line}{self.newline}".encode(errors="replace")

    def lines(self, event: Event, to: str = "", among: str = "") -> list[str]:
        """The lines that show one event; none for a kind that has no line.

        ``to``: what stands behind the author of a text: to whom it is. ``among``: behind who has
        done anything else.
        """
        when = self.local_time(event.at)
        if not is_message(event):
            told = sentences(event) if is_told(event) else []
            return [harmless(f"[{when}] {who}{among} {what}") for who, what in told]
        prefix = f"[{when}] {event.by}{to}"
        text = event.text
        bare = event.quote is None and event.rev is None and not event.files
        if bare and text and text.isprintable():  # nearly always
            return [f"{prefix}: {text}"]
        return [f"{prefix}: {line}" for line in self._parts(event)]

    def _parts(self, said: Said) -> list[str]:
        """What is shown of a message: what it answers, its text, what became of it, its files."""
        text = shown_text(said)
        parts = text_lines(text) if text else []
        parts += [harmless(self._file(file)) for file in said.files]
        last = max(len(parts) - len(said.files), 1) - 1  # of the text, if there is one
        parts[last] += marks_of(said)
        quote = said.quote
        if quote is not None:
            parts.insert(0, harmless(f"> {quote.by}: {quote.text or TAKEN_AWAY}"))
        return parts

    def _file(self, file: File) -> str:
        return f"{file.name} ({spoken_size(file.size)}) {self._link(file)}".rstrip()

    def result(self, result: Result) -> str:
        """The line for a search result: its room, its ``seq`` and an excerpt."""
        excerpt = "".join(result.excerpt)
        when = self.local_time(result.at)
        room = "(private)" if result.room.startswith("@") else result.room
        return f"{room} #{result.seq} [{when}] {result.by}: {excerpt}"


def _private(event: Event, people: Collection[Member], format: LineFormat) -> list[str]:
    """The lines of an event of the direct conversation of ``people``; of most kinds none."""
    others = ", ".join(
        str(one.name)
        for one in sorted(people, key=_by_name)
        if (one.name != event.by if event.by_id is None else one.id != event.by_id)
    )
    if is_message(event):
        return format.lines(event, f" to {others} (private)")
    if target_of(event) is not None or quoted_by(event) is not None:
        return format.lines(event, among=f" (private with {others})")
    if isinstance(event, Left) and event.now is None:
        when, why = format.local_time(event.at), f": {event.reason}" if event.reason else "."
        left = f"{event.by} has left the private conversation with {others}{why}"
        return [harmless(f"[{when}] {left}")]
    return []


def _by_name(member: Member) -> str:
    return member.name.key
