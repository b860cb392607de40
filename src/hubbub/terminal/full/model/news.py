"""Unread counts in words: the longest wording that fits."""

from __future__ import annotations

from collections.abc import Iterable

from hubbub.domain.replies import MOST_UNREAD
from hubbub.terminal.full.model.display import width
from hubbub.terminal.full.model.rooms import News
from hubbub.terminal.full.model.unread import Unread
from hubbub.terminal.mentioning import mentioning

MOST_WAITING = 99  # a server that says more is not believed


def counted(texts: int) -> str:
    """A count of texts; the server stops counting at `MOST_UNREAD`."""
    return f"{texts:,}" if texts < MOST_UNREAD else f"{MOST_UNREAD - 1:,}+"


def badge(news: News | Unread) -> str:
    """In a list: ``12 @``."""
    return counted(news.texts) * bool(news.texts) + " @" * bool(news.mentions)


def waiting(count: int) -> str:
    """How much waits for who moderates, in a list: ``!3``."""
    return f"!{min(count, MOST_WAITING)}" if count else ""


def about(news: News | Unread) -> str:
    """``94 new, 2 mention you``."""
    return f"{counted(news.texts)} new{mentioning(news.texts, news.mentions)}"


def about_briefly(news: News) -> str:
    """At the edge of a list: ``12 new @``."""
    return f"{counted(news.texts)} new" + " @" * bool(news.mentions)


def fitting(cells: int, *wordings: str) -> str:
    """The first wording that is not too wide; the last one, if all are."""
    return next((one for one in wordings if width(one) <= cells), wordings[-1])


def here(unread: Unread, cells: int) -> str:
    """Unread texts in the current room, with the keys to reach them."""
    what = about(unread)
    named = bool(unread.mentions)
    long = [("Alt+U", "first new"), *[("Alt+M", "next mention")] * named, ("Esc", "all read")]
    return fitting(
        cells,
        f"{what} · " + _keys(long, ": "),
        f"{what} · Alt+U first" + " · Alt+M mention" * named + " · Esc all read",
        f"{what}  Alt+U" + " Alt+M" * named + " Esc",
        f"{what}  Alt+U",
        f"{badge(unread)}  Alt+U",
    )


def elsewhere(news: News, cells: int) -> str:
    """Unread texts in the other rooms; empty if there are none."""
    if not news.rooms:
        return ""
    rooms = "another room" if news.rooms == 1 else f"{news.rooms:,} other rooms"
    what = about(news)
    return fitting(
        cells,
        f"{what} in {rooms} · Alt+A: next",
        f"{what} elsewhere · Alt+A",
        f"{badge(news)} · Alt+A",
    )


def _keys(keys: Iterable[tuple[str, str]], between: str) -> str:
    return " · ".join(f"{key}{between}{does}" for key, does in keys)
