"""Events, rooms and search results as lines of text, in the reader's time zone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

from hubbub.client import Event
from hubbub.domain.filenames import file_path, spoken_size
from hubbub.domain.files import File
from hubbub.domain.kinds import is_message
from hubbub.domain.replies import Found, RoomInfo, RoomList
from hubbub.domain.sentences import TAKEN_AWAY, is_told, marks_of, sentences, shown_text
from hubbub.terminal.safe import safe, safe_lines
from hubbub.wire.line.shown import is_listed, room_line

MOST_LINES = 1000  # of one text: five times what servers accept

LocalTime = Callable[[float], time.struct_time]


def event_lines(event: Event, local: LocalTime = time.localtime, site: str = "") -> list[str]:
    """The lines of an event; none for a kind that this version does not know.

    ``site``: where the server's web page is, for links to files.

    Each line of a text begins with its author, so that nobody can forge another's line.
    """
    when = f"[{stamp(event.at, local)}]"
    if not is_message(event):
        told = sentences(event) if is_told(event) else []
        return _at_most([f"{when} {safe(str(what))}" for what in told])
    text, quote = shown_text(event), event.quote
    lines = _at_most(safe_lines(text)) if text else []
    files = [safe(_file(file, site)) for file in event.files]
    lines = [*lines, *files]
    if marks := marks_of(event):
        lines[max(len(lines) - len(files), 1) - 1] += safe(marks)
    if quote is not None:
        lines = [safe(f"> {quote.by}: {quote.text or TAKEN_AWAY}"), *lines]
    return [f"{when} {safe(event.by)}: {line}" for line in lines]


def _file(file: File, site: str) -> str:
    link = f" {site}{file_path(file)[1:]}" if site else ""
    return f"{file.name} ({spoken_size(file.size)}){link}"


def _at_most(lines: list[str]) -> list[str]:
    if len(lines) > MOST_LINES:
        lines[MOST_LINES:] = [f"({len(lines) - MOST_LINES:,} more lines)"]
    return lines


def direct_lines(
    event: Event,
    people: Sequence[str],
    *,
    mine: bool,
    local: LocalTime = time.localtime,
    site: str = "",
) -> list[str]:
    """The lines of an event of a direct conversation with ``people``; ``mine``: it is our own.

    To whom it is said stands before what is said, so that nobody takes it for a room's.
    """
    others = [name for name in people if mine or name != event.by]
    to = ", ".join(others if mine else ["you", *others])
    begin = f"[{stamp(event.at, local)}] {safe(event.by)}"
    return [
        line.replace(begin, f"{begin} (to {safe(to)})", 1)
        for line in event_lines(event, local, site)
    ]


def stamp(at: int, local: LocalTime = time.localtime) -> str:
    """``at`` (ms since the epoch) as ``2023-07-30 15:00:05``."""
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S", local(at / 1000))
    except (OverflowError, ValueError, OSError):  # out of the calendar's range
        return "????-??-?? ??:??:??"


def room_lines(rooms: Iterable[RoomInfo]) -> list[str]:
    """A list of rooms with their numbers of users, and what they are about; of direct
    conversations those in which there is somebody else.
    """
    lines = [safe(room_line(room)) for room in rooms if is_listed(room)]
    return ["Available rooms:", *lines] if lines else ["There are no rooms yet."]


def about(room: str, topic: str) -> str:
    """What a room is about."""
    if not topic:
        return f"{room} has no topic. To set one, type /topic TEXT"
    return f"The topic of {room}: {safe(topic)}"


def listed_lines(found: RoomList, *, anew: bool) -> list[str]:
    """A page of the list of rooms, and how to see more. ``anew``: the first page of all rooms."""
    if not found.rooms and found.next is None and not anew:
        return ["There is no other room like that."]
    lines = room_lines(found.rooms) if found.rooms or anew else ["There is no such room so far."]
    if found.next is not None:
        total = "" if found.total is None else f" There are {found.total:,} rooms."
        lines.append(f"More rooms: /rooms more. By a part of the name: /rooms WORD.{total}")
    return lines


def found_lines(
    found: Found, people: Callable[[str], Sequence[str]], local: LocalTime = time.localtime
) -> list[str]:
    """The results of a search, each with its room and number. ``people``: whose direct
    conversation a room is.
    """
    lines = [
        f"{safe(_place(one.room, people(one.room)))} #{one.seq} [{stamp(one.at, local)}] "
        + safe(f"{one.by}: {''.join(one.excerpt)}")
        for one in found.results
    ]
    if found.behind:
        lines.insert(0, f"{found.behind:,} new messages cannot be found yet: the index is behind.")
    if found.next is not None:
        return [*(lines or ["Nothing was found so far."]), "More: /search more"]
    return (
        [*lines, "There are no more results."] if found.results else [*lines, "Nothing was found."]
    )


def _place(room: str, people: Sequence[str]) -> str:
    """The name of a room; that of a direct conversation is for machines alone."""
    return f"with {', '.join(people) or 'nobody else'}" if room.startswith("@") else room
