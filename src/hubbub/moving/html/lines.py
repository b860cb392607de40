"""One line of a room as HTML: a text with who has said it and what it answers, or a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from hubbub.domain.events import AnyEvent, Said
from hubbub.domain.filenames import spoken_size
from hubbub.domain.files import File
from hubbub.domain.kinds import is_line, is_message
from hubbub.domain.sentences import TAKEN_AWAY, marks_of, sentence, shown_text
from hubbub.moving.copying import PICTURES, Copied
from hubbub.moving.html.marked import name_html, safe, text_html

Href = Callable[[int], str | None]
"""Where the event with that ``seq`` is found; None if it is on no page."""

NOTHING: Mapping[str, Copied] = MappingProxyType({})

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def moment(at: int) -> datetime:
    """The time ``at`` (ms) in UTC; the nearest there is, for one that no calendar has."""
    try:
        return _EPOCH + timedelta(milliseconds=at)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC) if at > 0 else datetime.min.replace(tzinfo=UTC)


def day_of(at: int) -> str:
    """The day of a line, for a heading."""
    day = moment(at)
    return f"{_WEEKDAYS[day.weekday()]}, {day:%Y-%m-%d}"


def line_html(event: AnyEvent, href: Href, copied: Mapping[str, Copied] = NOTHING) -> str:
    """The line of ``event``; "" for what has none.

    ``copied``: where the copies of its files are, by their ids, beside the folder of the page.
    """
    if is_message(event):
        return _text(event, href, copied)
    told = sentence(event) if is_line(event) else None
    if told is None:
        return ""
    what = f"{name_html(told.who)} {safe(told.what)}"
    return f'<p class="event" id="e{event.seq}">{_time(event)} {what}</p>\n'


def _text(event: Said, href: Href, copied: Mapping[str, Copied]) -> str:
    answered = "" if event.reply_to is None else _answered(event, href)
    said = text_html(event.text) if event.text else _gone(event)
    said += "".join(_file(file, copied.get(file.id)) for file in event.files)
    marks = f'<p class="marks">{safe(marks.strip())}</p>' if (marks := marks_of(event)) else ""
    return (
        f'<article id="e{event.seq}"><header><b>{name_html(event.by)}</b> {_time(event)}</header>\n'
        f"{answered}{said}{marks}</article>\n"
    )


def _file(file: File, copy: Copied | None) -> str:
    """What is told of a file, with a link to its copy; without one it is on the server alone."""
    alt = f": {safe(file.alt)}" if file.alt else ""
    name, size = safe(file.name), spoken_size(file.size)
    if copy is None:
        return f'<p class="file" dir="auto">{name} ({size}){alt}</p>\n'
    to = f"../{safe(copy.path)}"
    told = f'<p class="file" dir="auto"><a href="{to}">{name}</a> ({size}){alt}</p>\n'
    shown = copy.thumbnail or (copy.path if file.type in PICTURES else None)
    if shown is None:
        return told
    words = safe(file.alt or file.name)
    image = f'<img src="../{safe(shown)}" alt="{words}" loading="lazy">'
    return f'<p class="picture"><a href="{to}">{image}</a></p>\n{told}'


def _gone(event: Said) -> str:
    why = shown_text(event)
    return f'<p class="gone">{safe(why)}</p>' if why else ""


def _answered(event: Said, href: Href) -> str:
    quote, to = event.quote, href(event.reply_to or 0)
    if quote is None:
        what = "a message"
    else:
        what = f"{name_html(quote.by)}: <span>{safe(quote.text) or TAKEN_AWAY}</span>"
    inside = what if to is None else f'<a href="{safe(to)}">{what}</a>'
    return f'<p class="answered" dir="auto">{inside}</p>\n'


def _time(event: AnyEvent) -> str:
    at = moment(event.at)
    return f'<a href="#e{event.seq}"><time datetime="{at:%Y-%m-%dT%H:%M:%SZ}">{at:%H:%M}</time></a>'
