"""What servers tell each other in bytes, and what they make of other bytes."""

from __future__ import annotations

from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.cluster.frames import CODE_BYTES, MAX_BYTES, VERSION, Frames, encode
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.events import AnyEvent, Joined, Quote, RoomRenamed, Said
from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.rules import Role, Status
from hubbub.hub.ports import (
    Announces,
    Attending,
    Came,
    Ephemeral,
    GuestSays,
    GuestsSay,
    HasRead,
    Message,
    Missed,
    Signalling,
    Tried,
    Typed,
    Wake,
)

KEY = bytes(range(32))
GENERAL, ADA = RoomName.parse("General"), UserName.parse("ada")
A = UserId("a")
EVENTS: list[AnyEvent] = [
    Joined(7, 1, ADA, role=Role.OWNER, by_id=A),
    Said(8, 2, ADA, "hello ✓\n\0", reply_to=3, quote=Quote("ben", "hi"), by_id=A),
    RoomRenamed(9, 3, ADA, "Kitchen", "General", by_id=A),
]
MESSAGES: list[Wake | Ephemeral] = [
    Wake(GENERAL, 9, EVENTS, 2**40),
    Wake(DIRECTORY, 2**53 - 1),
    Wake(GENERAL, 9, EVENTS, 7, "0123456789ab"),
    Typed("general", "ada", A),
    Typed("general", "ada"),
    Signalling("general", "ada", A, {"+x": "1"}, "VERSION", True),
    Signalling("general", "ada"),
    HasRead("ada", A, "general", 9),
    Attending("node", "lab", ["ada", "ben"], 2),
    Tried("ada", "192.0.2.1", code=True),
    Came("node", ["ada"], ["ben", "eve"]),
    GuestsSay("node", [GuestSays(A, "ada", Status.AWAY, "tea ✓")], 1),
    Announces("root", "We close at noon."),
]


def told(frames: Frames, data: bytes) -> list[Message]:
    return list(frames.unpack(data))


def one_and_other() -> tuple[Frames, Frames]:
    return Frames("one", KEY), Frames("other", KEY)


def pack(frames: Frames, *messages: Wake | Ephemeral) -> bytes:
    encoded = [encode(message) for message in messages]
    return frames.pack([data for data in encoded if data is not None])


def test_what_is_told_is_heard() -> None:
    one, other = one_and_other()
    heard = told(other, pack(one, *MESSAGES))
    assert heard == MESSAGES
    assert [getattr(one, "room", None) for one in heard][:2] == [GENERAL, DIRECTORY]
    assert isinstance(heard[0], Wake)
    assert heard[0].room.key == "general"


def test_the_bytes_are_those_of_version_1() -> None:
    """A change of them needs another version, or servers of two versions do not hear each other."""
    data = pack(Frames("n", KEY), Wake(GENERAL, 5, [Said(5, 1, ADA, "hi", by_id=A)], 7))
    assert data[0] == VERSION == 1
    assert msgspec.msgpack.decode(data[1 + CODE_BYTES :]) == [
        "n",
        1,
        [
            {
                "type": "wake",
                "room": "General",
                "upto": 5,
                "events": [
                    {"kind": "said", "seq": 5, "at": 1, "by": "ada", "text": "hi", "by_id": "a"}
                ],
                "id": 7,
            }
        ],
    ]
    assert data[1 : 1 + CODE_BYTES].hex() == "1e867d247f210a7c9b14a056385eea21"


def test_nobody_hears_themselves() -> None:
    one, _ = one_and_other()
    assert told(one, pack(one, *MESSAGES)) == []
    assert one.refused == one.unknown == 0


def test_who_has_another_key_is_not_believed() -> None:
    one, other = Frames("one", bytes(32)), Frames("other", KEY)
    assert told(other, pack(one, *MESSAGES)) == []
    assert other.refused == 1


@given(st.binary(max_size=200))
def test_garbage_is_nothing(data: bytes) -> None:
    other = Frames("other", KEY)
    assert told(other, data) == []
    assert other.refused + other.unknown == 1


def test_a_frame_with_a_byte_changed_or_cut_off_is_nothing() -> None:
    one, other = one_and_other()
    data = pack(one, *MESSAGES)
    for place in range(len(data)):
        assert told(other, data[:place]) == []
        assert told(other, data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]) == []
    assert told(other, data) == MESSAGES


def test_a_name_that_is_no_text_is_nothing() -> None:
    one, other = one_and_other()
    body = msgspec.msgpack.encode({"type": "typed", "room": "general", "user": "ada"})
    assert told(other, one.pack([body.replace(b"ada", b"\xff\xfe\xfd")])) == []
    assert other.unknown == 1


def test_garbage_by_who_has_the_key_is_nothing() -> None:
    dice = Random(1)
    one, other = one_and_other()
    for _ in range(300):
        data = one.pack([dice.randbytes(dice.randrange(60)) for _ in range(3)])
        assert all(isinstance(message, Missed) for message in told(other, data))
    for body in (b"", b"\x90", msgspec.msgpack.encode({"node": "one"}), b"\x93\xa1n\xa1x\x90"):
        assert told(other, bytes([VERSION]) + one._code(body) + body) == []
    assert other.refused == 304, "all of a frame is read at once"


def test_what_a_newer_server_says_is_left_alone_and_the_rest_is_heard() -> None:
    one, other = one_and_other()
    newer = msgspec.msgpack.encode({"type": "dance", "room": "general"})
    more = msgspec.msgpack.encode({"type": "typed", "room": "x", "user": "ada", "mood": 1})
    wake = encode(MESSAGES[0])
    assert wake is not None
    assert told(other, one.pack([newer, more, wake])) == [Typed("x", "ada"), MESSAGES[0]]
    assert other.unknown == 1
    data = pack(one, *MESSAGES)
    assert told(other, bytes([VERSION + 1]) + data[1:]) == []
    assert other.unknown == 2


def test_of_events_that_are_not_known_the_number_counts() -> None:
    one, other = one_and_other()
    for events in ([{"kind": "danced", "seq": 9}], [{"kind": "said", "seq": 9}], "x", 3, None):
        wake = {"type": "wake", "room": "General", "upto": 9, "events": events}
        heard = told(other, one.pack([msgspec.msgpack.encode(wake)]))
        assert heard == [Wake(GENERAL, 9)], events


@pytest.mark.parametrize("seqs", [[7, 9], [8, 8, 9], [9, 8], [1, 2], [10], [9, 10]])
def test_events_with_holes_are_left_out(seqs: list[int]) -> None:
    one, other = one_and_other()
    events = [Said(seq, 1, ADA, "hi") for seq in seqs]
    assert told(other, pack(one, Wake(GENERAL, 9, events))) == [Wake(GENERAL, 9)]


def test_a_lost_frame_is_told_of() -> None:
    one, other = one_and_other()
    frames = [pack(one, Wake(GENERAL, number)) for number in range(1, 6)]
    assert told(other, frames[1]) == [Wake(GENERAL, 2)], "who is heard for the first time"
    assert told(other, frames[4]) == [Missed(), Wake(GENERAL, 5)]
    assert other.missed == 2
    assert told(other, frames[2]) == [Wake(GENERAL, 3)]
    assert told(Frames("third", KEY), frames[0]) == [Wake(GENERAL, 1)]


def test_what_does_not_last_is_not_heard_late_or_twice() -> None:
    one, other = one_and_other()
    first, second = pack(one, *MESSAGES), pack(one, *MESSAGES[:1])
    assert told(other, second) == MESSAGES[:1]
    for data in (first, second, second):
        assert all(isinstance(message, Wake) for message in told(other, data))


def test_a_wake_up_that_is_too_large_goes_without_its_events() -> None:
    one, other = one_and_other()
    many = [Said(seq, 1, ADA, "x" * 20_000) for seq in range(1, 61)]
    wake = Wake(GENERAL, 60, many)
    data = encode(wake)
    assert data is not None
    assert len(data) < 100
    assert told(other, one.pack([data])) == [Wake(GENERAL, 60)]
    assert encode(Attending("n", "lab", ["x" * 1000] * 2000)) is None
    fits = encode(Wake(GENERAL, 51, many[:51]))
    assert fits is not None
    assert 1_000_000 < len(fits) <= MAX_BYTES
