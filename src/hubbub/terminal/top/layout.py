"""Places what `hubbub top` shows on a screen of any size: lines of pieces, each with a style."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from wcwidth import wcswidth, wcwidth

from hubbub.terminal.safe import safe
from hubbub.terminal.top.model import Order, View

Piece = tuple[str, str]
"""A style, as prompt_toolkit names it, and a text."""
Line = list[Piece]

PLAIN, DIM, HEAD, GOOD, BAD = "", "class:dim", "class:head", "class:good", "class:bad"

SIDE_BY_SIDE = 100  # columns from which on both tables have room beside each other
GAP = 2  # columns between them
LEAST_ROWS = 3  # of a table, with its heading; with less room it is left out
SLOW_SECONDS = 0.2  # of a commit, or of the loop's lag: people notice it
KEYS = "q quit   s sort   p pause"

_SIZES = ("B", "KiB", "MiB", "GiB", "TiB")


def lines(
    view: View | None,
    width: int,
    height: int,
    *,
    order: Order = Order.BUSY,
    paused: bool = False,
    trouble: str = "",
) -> list[Line]:
    """``height`` lines, none of which is wider than ``width``. ``trouble``: why there is nothing
    new.
    """
    if width < 1 or height < 1:
        return []
    if view is None:
        shown = [[(BAD if trouble else DIM, trouble or "Asking the server …")]]
    else:
        shown = _summary(view)
        room_left = height - len(shown) - 1
        if room_left > 0:
            shown += _tables(view, width, room_left, order)
    shown = shown[: height - 1] if height > 1 else shown[:1]
    shown += [[] for _ in range(height - 1 - len(shown))]
    if height > 1:
        shown.append(_foot(order, paused, trouble if view is not None else ""))
    return [_cut(line, width) for line in shown]


def text_of(view: View, width: int) -> str:
    """All of it as plain text, for a script or a pipe."""
    rows = len(view.clients) + len(view.rooms) + 12
    found = _summary(view) + _tables(view, min(width, SIDE_BY_SIDE - 1), rows, Order.BUSY)
    return "\n".join("".join(text for _, text in line).rstrip() for line in found)


def _summary(view: View) -> list[Line]:
    counters, rates = view.counters, view.rates
    clock = datetime.fromtimestamp(view.now / 1000).astimezone()
    state = (GOOD, "saves") if view.healthy else (BAD, "CANNOT SAVE")
    spoken = ", ".join(f"{name} {count}" for name, count in view.protocols.items())
    return [
        [
            (HEAD, f"{safe(view.name)} "),
            *([(HEAD, f"{safe(view.node)} ")] if view.node else []),
            (PLAIN, f"up {lasting(view.up)}, {clock:%H:%M:%S}  "),
            state,
            (DIM, f"  hubbub {view.version}"),
        ],
        _facts(
            ("sessions", f"{_count(counters, 'sessions')}{f' ({spoken})' if spoken else ''}"),
            ("users", _count(counters, "users")),
            ("rooms", _count(counters, "rooms")),
            ("clients", _count(counters, "clients")),
        ),
        _facts(
            ("events", _rate(rates["events"])),
            ("deliveries", _rate(rates["deliveries"])),
            ("refused", _rate(rates["refused"])),
            ("waiting", _count(counters, "texts_waiting")),
        ),
        [
            *_fact("commits p50", _time(view.commit_p50)),
            *_fact("p99", _time(view.commit_p99), bad=_is_slow(view.commit_p99)),
            *_fact("loop lag", _time(view.lag), bad=_is_slow(view.lag)),
            *_fact("p99", _time(view.lag_p99), bad=_is_slow(view.lag_p99)),
        ],
        _facts(
            ("processor", "–" if view.processor is None else f"{view.processor:.0%}"),
            ("memory", size(view.memory)),
            *_store(counters),
            *(
                [("behind", _count(counters, "search_behind"))]
                if counters.get("search_behind")
                else []
            ),
        ),
        [],
    ]


def _tables(view: View, width: int, height: int, order: Order) -> list[Line]:
    beside = width >= SIDE_BY_SIDE
    half = (width - GAP) // 2 if beside else width
    clients = _table(
        ("CLIENT", "CONN", "BUSY", "WHO"),
        [
            (
                safe(row.address),
                f"{row.connections}",
                f"{row.busy:.1%}",
                safe(", ".join(row.people)),
            )
            for row in view.clients
        ],
        half,
        sorted_by={Order.BUSY: 2, Order.PEOPLE: 1, Order.NAME: 0}[order],
        flexible=3,
    )
    rooms = _table(
        ("ROOM", "HERE", "EVENTS/S"),
        [(safe(row.name), f"{row.here}", f"{row.events:.1f}") for row in view.rooms],
        half,
        sorted_by={Order.BUSY: 2, Order.PEOPLE: 1, Order.NAME: 0}[order],
        flexible=0,
    )
    if beside:
        both = []
        for place in range(min(height, max(len(clients), len(rooms)))):
            left = clients[place] if place < len(clients) else []
            right = rooms[place] if place < len(rooms) else []
            pad = half - _width(left) + GAP
            both.append([*left, (PLAIN, " " * pad), *right])
        return both
    if height < 2 * LEAST_ROWS + 1:
        return clients[:height]
    # Each has half of what there is, and what the other one does not need.
    upper = max((height - 1) // 2, height - 1 - len(rooms))
    upper = min(upper, len(clients))
    return [*clients[:upper], [], *rooms[: height - upper - 1]]


def _table(
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    width: int,
    *,
    sorted_by: int,
    flexible: int,
) -> list[Line]:
    """A heading and rows. The ``flexible`` column has what the others leave."""
    wide = [
        max(map(wcswidth, (head, *(row[place] for row in rows))))
        for place, head in enumerate(heads)
    ]
    if flexible == 3:  # addresses may be long, too
        wide[0] = min(wide[0], max(9, width // 3))
    others = sum(wide) - wide[flexible] + 2 * (len(heads) - 1)
    wide[flexible] = max(4, min(wide[flexible], width - others))

    def line(cells: Sequence[str], style: str) -> Line:
        pieces: Line = []
        for place, cell in enumerate(cells):
            fitted = _fit(cell, wide[place], right=0 < place < 3)
            marked = "class:sorted" if style == HEAD and place == sorted_by else style
            pieces += [(marked, fitted), (style, "  ")]
        return _cut(pieces[:-1], width)

    return [line(heads, HEAD), *(line(row, PLAIN) for row in rows)]


def _foot(order: Order, paused: bool, trouble: str) -> Line:
    line: Line = [(DIM, f"{KEYS} (by {order.value})")]
    if paused:
        line.append((HEAD, "   paused"))
    if trouble:
        line.append((BAD, f"   {safe(trouble)}"))
    return line


def _store(counters: Mapping[str, float]) -> list[tuple[str, str]]:
    """The disk; of one of several nodes, which has none of it, the others and the bus."""
    if "nodes" in counters:
        connected = counters.get("bus_connected")
        bus = "none" if connected is None else "connected" if connected else "away"
        return [("nodes", _count(counters, "nodes")), ("bus", bus)]
    return [
        ("disk free", size(counters.get("disk_free_bytes"))),
        ("database", size(_sum(counters, "database_bytes", "wal_bytes"))),
        ("search", size(counters.get("search_bytes"))),
    ]


def _facts(*facts: tuple[str, str]) -> Line:
    return [piece for name, value in facts for piece in _fact(name, value)]


def _fact(name: str, value: str, *, bad: bool = False) -> Line:
    return [(DIM, f"{name} "), (BAD if bad else PLAIN, value), (PLAIN, "  ")]


def _count(counters: Mapping[str, float], name: str) -> str:
    return f"{counters.get(name, 0):,.0f}"


def _sum(counters: Mapping[str, float], *names: str) -> float | None:
    found = [counters[name] for name in names if name in counters]
    return sum(found) if found else None


def _rate(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}/s" if value >= 100 else f"{value:.1f}/s"


def _time(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"


def _is_slow(seconds: float | None) -> bool:
    return seconds is not None and seconds >= SLOW_SECONDS


def size(count: float | None) -> str:
    """Bytes, as people read them."""
    if count is None:
        return "–"
    power = min(len(_SIZES) - 1, int(math.log(count, 1024))) if count >= 1 else 0
    value = count / 1024**power
    return (
        f"{value:.0f} {_SIZES[power]}"
        if value >= 10 or not power
        else f"{value:.1f} {_SIZES[power]}"
    )


def lasting(seconds: float) -> str:
    """A time in its two largest units."""
    left = max(0, int(seconds))
    units = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))
    parts: list[str] = []
    for unit, length in units:
        count, left = divmod(left, length)
        if count or parts or unit == "s":
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2])


def _width(line: Iterable[Piece]) -> int:
    return sum(wcswidth(text) for _, text in line)


def _fit(text: str, width: int, *, right: bool = False) -> str:
    """``text`` in exactly ``width`` columns."""
    if wcswidth(text) > width:
        text = _front(text, width - 1) + "…" if width > 0 else ""
    pad = " " * (width - wcswidth(text))
    return pad + text if right else text + pad


def _front(text: str, width: int) -> str:
    taken = 0
    for place, char in enumerate(text):
        taken += max(0, wcwidth(char))
        if taken > width:
            return text[:place]
    return text


def _cut(line: Line, width: int) -> Line:
    """What fits of ``line``."""
    kept: Line = []
    left = width
    for style, text in line:
        if left <= 0:
            break
        piece = text if wcswidth(text) <= left else _front(text, left)
        kept.append((style, piece))
        left -= wcswidth(piece)
        if piece != text:
            break
    return kept
