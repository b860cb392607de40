from __future__ import annotations

import tracemalloc

from hubbub.domain.events import Said
from hubbub.domain.names import RoomName, UserName
from hubbub.hub.room import HubRoom
from hubbub.hub.rooms import Rooms
from hubbub.hub.tail import TAIL_BYTES
from hubbub.hub.tails import Tails
from tests.hub.chat import SPELLING

ADA = UserName.parse("ada")


def say(room: HubRoom, text: str, times: int = 1) -> None:
    for _ in range(times):
        room.publish([Said(room.head + 1, 0, ADA, text=text)])


def in_memory(room: HubRoom) -> int:
    events = room.recent(max(0, room.head - 1), room.head)
    return 0 if events is None else len(events)


def test_the_rooms_used_least_recently_forget_first() -> None:
    tails = Tails(102_000)
    rooms = [Rooms(tails).make(RoomName.parse(f"room{number}")) for number in range(10)]
    for room in rooms:
        say(room, "x" * 1000, 20)
    assert tails.total <= 102_000
    assert [in_memory(room) for room in rooms] == [0] * 6 + [1] * 4
    say(rooms[6], "again")
    say(rooms[0], "x" * 1000, 20)
    assert [in_memory(room) for room in rooms] == [1] + [0] * 5 + [1, 0, 1, 1]


def test_what_is_counted_is_what_is_used() -> None:
    tails = Tails(1 << 30)
    rooms = Rooms(tails)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        made = [rooms.make(RoomName.parse(f"room{number}")) for number in range(20)]
        for room in made:
            for number in range(50):
                say(room, f"{number:04}" + "い" * 500)
            SPELLING.events(room.name, room.recent(0, room.head) or [])  # a text keeps its UTF-8
        used = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert 0.7 * used < tails.total < 1.3 * used


def test_one_room_keeps_no_more_than_a_room_may() -> None:
    tails = Tails(1 << 30)
    room = Rooms(tails).make(RoomName.parse("General"))
    say(room, "い" * 4000, 500)
    assert tails.total <= TAIL_BYTES
    room.forget()
    assert tails.total == 0
    assert len(tails) == 0
