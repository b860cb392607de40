"""One line of a room as HTML: a text with who has said it and what it answers, or a sentence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from hubbub.domain.events import AnyEvent, Said
from hubbub.domain.kinds import is_message
from hubbub.domain.sentences import TAKEN_AWAY, sentence
from hubbub.moving.html.marked import name_html, safe, text_html

Href = Callable[[int], str | None]
"""Where the event with that ``seq`` is found; None if it is on no page."""

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


def line_html(event: AnyEvent, href: Href) -> str:
    """The line of ``event``; "" for what has none."""
    if is_message(event):
        return _text(event, href)
    told = sentence(event)
    if told is None:
        return ""
    what = f"{name_html(told.who)} {safe(told.what)}"
    return f'<p class="event" id="e{event.seq}">{_time(event)} {what}</p>\n'


def _text(event: Said, href: Href) -> str:
    answered = "" if event.reply_to is None else _answered(event, href)
    said = text_html(event.text) if event.text else f'<p class="gone">{TAKEN_AWAY}</p>'
    return (
        f'<article id="e{event.seq}"><header><b>{name_html(event.by)}</b> {_time(event)}</header>\n'
        f"{answered}{said}</article>\n"
    )


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
