"""`hubbub top`: what it computes, how it fits screens of all sizes, and its keys."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

import pytest
from msgspec.structs import replace
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output.vt100 import Vt100_Output
from wcwidth import wcswidth

from hubbub.hub.snapshots import BusyClient, BusyRoom, Ranges
from hubbub.terminal.top import layout
from hubbub.terminal.top.model import History, Named, Order, Snapshot, Spoken, View
from hubbub.terminal.top.screen import Screen, Unanswered
from tests.patience import PATIENCE_SECONDS

FIRST = Snapshot(
    name="Tea room",
    version="0.1.0",
    now=1_800_000_000_000,
    started=1_799_990_000_000,
    healthy=True,
    counters=[
        Named(name, value)
        for name, value in {
            "sessions": 3,
            "users": 2,
            "rooms": 4,
            "clients": 1,
            "texts_waiting": 0,
            "events": 100,
            "deliveries": 1000,
            "refused": 5,
            "disk_free_bytes": 3 * 2**30,
            "database_bytes": 2**20,
            "wal_bytes": 2**19,
            "search_behind": 0,
        }.items()
    ],
    protocols=[Spoken("line", 2), Spoken("websocket", 1)],
    commits=Ranges((0.001, 0.01, 1.0), (50, 0, 0, 0), 0.05),
    lags=Ranges((0.01,), (10, 0), 0.01),
    lag=0.003,
    memory=90 * 2**20,
    processor=2.0,
    rooms=[BusyRoom("General", 2, 1.0), BusyRoom("Tea", 7, 0.0), BusyRoom("a", 1, 3.0)],
    clients=[
        BusyClient("192.0.2.1", 1, 0.25, ("ada", "ben")),
        BusyClient("2001:db8:1234::/48", 9, 0.0, ("eve",)),
    ],
)


def after(
    seconds: float, *, commits: tuple[int, ...] = (50, 0, 0, 0), **counted: float
) -> Snapshot:
    """The server so much later, when it has counted more of something."""
    counters = [Named(one.name, one.value + counted.get(one.name, 0)) for one in FIRST.counters]
    return replace(
        FIRST,
        now=FIRST.now + round(seconds * 1000),
        counters=counters,
        commits=Ranges(FIRST.commits.bounds, commits, 0.0),
        processor=FIRST.processor + seconds / 2,
    )


def view(*snapshots: Snapshot, order: Order = Order.BUSY) -> View:
    history = History()
    for snapshot in snapshots or (FIRST,):
        history.add(snapshot)
    found = history.view(order)
    assert found is not None
    return found


def drawn(
    width: int, height: int, shown: View | None, order: Order = Order.BUSY, **more: object
) -> list[str]:
    found = layout.lines(shown, width, height, order=order, **more)  # type: ignore[arg-type]
    return ["".join(text for _, text in line) for line in found]


def test_one_of_several_nodes_says_which_it_is_and_how_the_bus_is() -> None:
    def shown(bus: float) -> str:
        counters = [Named("nodes", 3), Named("bus_connected", bus)]
        return layout.text_of(view(replace(FIRST, node="hubbub-2", counters=counters)), 80)

    assert shown(1).startswith("Tea room hubbub-2 up ")
    assert "nodes 3  bus connected" in shown(1)
    assert "bus away" in shown(0)
    assert "disk free" not in shown(1)
    assert "nodes" not in layout.text_of(view(FIRST), 80)


# What is computed


def test_rates_are_of_the_last_second_and_commits_of_the_last_ten() -> None:
    snapshots = [after(place, events=place * 3) for place in range(12)]
    last = after(12, events=40, deliveries=800, commits=(50, 0, 98, 2))
    found = view(*snapshots, last)
    assert found.rates["events"] == 7.0
    assert found.rates["deliveries"] == 800.0
    assert found.processor == 0.5
    assert found.commits == 10.0, "a hundred of them in ten seconds"
    assert found.commit_p50 == pytest.approx(0.515, abs=0.01)
    assert found.commit_p99 == 1.0


def test_before_there_are_two_snapshots_there_are_no_rates() -> None:
    found = view()
    assert found.rates["events"] is None
    assert found.commits is None
    assert "events –" in drawn(80, 24, found)[2]


def test_after_a_restart_nothing_is_compared_with_what_was_before() -> None:
    again = replace(FIRST, now=FIRST.now + 60_000, started=FIRST.now + 59_000, processor=0.1)
    found = view(after(1, events=1000), again)
    assert found.rates["events"] is None
    assert found.processor is None


@pytest.mark.parametrize(
    "order, rooms, clients",
    [
        (Order.BUSY, ["a", "General", "Tea"], ["192.0.2.1", "2001:db8:1234::/48"]),
        (Order.PEOPLE, ["Tea", "General", "a"], ["2001:db8:1234::/48", "192.0.2.1"]),
        (Order.NAME, ["a", "General", "Tea"], ["192.0.2.1", "2001:db8:1234::/48"]),
    ],
)
def test_tables_can_be_sorted(order: Order, rooms: list[str], clients: list[str]) -> None:
    found = view(order=order)
    assert [row.name for row in found.rooms] == rooms
    assert [row.address for row in found.clients] == clients


# Where it is placed


def test_a_usual_terminal_has_everything() -> None:
    screen = "\n".join(drawn(80, 24, view(FIRST, after(1, events=12))))
    for part in (
        *("Tea room up 2 h 46 m", "saves", "sessions 3 (line 2, websocket 1)", "events 12.0/s"),
        *("processor 50%", "memory 90 MiB", "disk free 3.0 GiB", "database 1.5 MiB"),
        *("192.0.2.1              1  25.0%  ada, ben", "General     2       1.0"),
        "q quit   s sort   p pause (by busy)",
    ):
        assert part in screen, screen


@pytest.mark.parametrize("width", [1, 7, 20, 40, 80, 99, 100, 101, 200])
@pytest.mark.parametrize("height", [1, 2, 3, 6, 8, 12, 24, 60])
def test_nothing_is_wider_or_longer_than_the_screen(width: int, height: int) -> None:
    wide = [BusyRoom("お茶の部屋" * 9, 5, 1.0)] * 40
    many = [BusyClient(f"192.0.2.{place}", 3, 0.1, ("ada",) * 5) for place in range(40)]
    shown = view(FIRST, replace(after(1), rooms=wide, clients=many))
    found = drawn(width, height, shown, trouble="The server does not answer.")
    assert len(found) == height
    assert all(0 <= wcswidth(line) <= width for line in found), found
    if height > 1:
        assert found[-1].startswith("q quit"[:width])


def test_on_a_wide_screen_the_tables_are_side_by_side() -> None:
    (heads,) = [line for line in drawn(120, 24, view()) if line.startswith("CLIENT")]
    assert "ROOM" in heads


def test_a_table_leaves_the_other_one_the_room_that_it_does_not_need() -> None:
    many = [BusyRoom(f"room {place}", 1, 1.0) for place in range(40)]
    found = drawn(80, 24, view(replace(FIRST, rooms=many)))
    assert sum(line.startswith("room ") for line in found) == 12
    assert any(line.startswith("2001:db8") for line in found)


def test_names_obey_no_commands_to_the_terminal() -> None:
    evil = replace(FIRST, name="\x1b[2J", rooms=[BusyRoom("\x1b]0;x\x07", 1, 1.0)])
    assert not any("\x1b" in line or "\x07" in line for line in drawn(80, 24, view(evil)))
    assert "\x1b" not in layout.text_of(view(evil), 80)


def test_what_is_bad_stands_out() -> None:
    found = layout.lines(view(replace(FIRST, healthy=False, lag=0.7)), 80, 24)
    bad = [text for line in found for style, text in line if style == layout.BAD]
    assert bad == ["CANNOT SAVE", "700.0 ms"]


@pytest.mark.parametrize(
    "count, said",
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (15 * 2**30, "15 GiB"), (None, "–")],
)
def test_sizes_are_told_as_people_read_them(count: float | None, said: str) -> None:
    assert layout.size(count) == said


@pytest.mark.parametrize(
    "seconds, said", [(0, "0 s"), (61, "1 m 1 s"), (3600, "1 h 0 m"), (90_061, "1 d 1 h")]
)
def test_times_are_told_in_two_units(seconds: float, said: str) -> None:
    assert layout.lasting(seconds) == said


# The screen


class Terminal:
    """Takes what the screen writes. ``looks``: how often the server was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.written = ""
        self.looks = 0
        self.broken = False
        self.encoding = "utf-8"
        self.output = Vt100_Output(self, lambda: Size(24, 80), term="xterm-256color")  # type: ignore[arg-type]

    def write(self, data: str) -> None:
        self.written += data

    def flush(self) -> None:
        """All is written."""

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        raise OSError("this is no file")

    async def ask(self) -> Snapshot:
        self.looks += 1
        if self.broken:
            raise Unanswered("The server has gone.")
        return after(self.looks, events=self.looks * 5)

    async def shows(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not is_so():  # noqa: ASYNC110 - a terminal tells nobody
                await asyncio.sleep(0.002)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    return Terminal(monkeypatch)


async def test_keys_sort_pause_and_end_it(terminal: Terminal) -> None:
    with create_pipe_input() as keys:
        screen = Screen(terminal.ask, every=0.002, input=keys, output=terminal.output)
        running = asyncio.ensure_future(screen.run())
        await terminal.shows(lambda: "General" in terminal.written and terminal.looks > 2)
        keys.send_text("s")
        await terminal.shows(lambda: screen.order is Order.PEOPLE)
        keys.send_text("p")
        await terminal.shows(lambda: "paused" in terminal.written)
        looks = terminal.looks
        await asyncio.sleep(0.02)
        assert terminal.looks == looks
        keys.send_text("p")
        await terminal.shows(lambda: terminal.looks > looks)
        keys.send_text("q")
        await asyncio.wait_for(running, PATIENCE_SECONDS)


async def test_a_server_that_goes_is_told_of_and_may_come_back(terminal: Terminal) -> None:
    with create_pipe_input() as keys:
        screen = Screen(terminal.ask, every=0.002, input=keys, output=terminal.output)
        running = asyncio.ensure_future(screen.run())
        await terminal.shows(lambda: "General" in terminal.written)
        terminal.broken = True
        await terminal.shows(lambda: "The server has gone." in terminal.written)
        terminal.broken = False
        await terminal.shows(lambda: screen.trouble == "")
        keys.send_text("\x03")
        await asyncio.wait_for(running, PATIENCE_SECONDS)


@pytest.mark.parametrize("no_color", [True, False])
async def test_there_are_no_colours_for_who_wants_none(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, no_color: bool
) -> None:
    monkeypatch.setenv("NO_COLOR", "1" if no_color else "")
    with create_pipe_input() as keys:
        running = asyncio.ensure_future(
            Screen(terminal.ask, input=keys, output=terminal.output).run()
        )
        await terminal.shows(lambda: "General" in terminal.written)
        keys.send_text("q")
        await asyncio.wait_for(running, PATIENCE_SECONDS)
    codes = {
        code
        for found in re.findall(r"\x1b\[([0-9;]*)m", terminal.written)
        for code in found.split(";")
    }
    coloured = {code for code in codes if code.isdecimal() and 30 <= int(code) <= 107}
    assert bool(coloured) is not no_color
