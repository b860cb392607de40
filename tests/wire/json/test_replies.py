from __future__ import annotations

import json
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.domain.errors import BadMessage
from hubbub.domain.events import Event, Joined, Said
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.numbers import MAX_EXACT
from hubbub.domain.replies import AnyReply, Events, Members, Page, Pong, Refused, Reply, RoomJoined
from hubbub.wire.json import decode_reply, encode
from tests.wire.json.generate import REPLIES, fields_of, instances

KINDS: list[type[Reply]] = sorted(get_args(AnyReply), key=lambda kind: kind.__name__)
SAID = {"kind": "said", "seq": 7, "at": 5, "by": "ada", "text": "hi"}
DANCED = {"kind": "danced", "seq": 8, "at": 6, "by": "ben", "steps": [1, {"x": None}]}


def frame_of(**fields: Any) -> bytes:
    return msgspec.json.encode(fields)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=30, deadline=None)
def test_every_reply_comes_in_as_it_went_out(kind: type[Reply], data: st.DataObject) -> None:
    reply = data.draw(instances(kind))
    frame = encode(reply)
    again = decode_reply(frame)
    assert again == reply
    assert type(again) is kind
    assert decode_reply(frame.decode()) == reply


@given(REPLIES)
@settings(max_examples=200, deadline=None)
def test_a_frame_is_one_object_in_utf_8(reply: Reply) -> None:
    frame = encode(reply)
    assert json.loads(frame.decode()) == fields_of(reply)
    assert b"\n" not in frame


def test_names_go_out_as_strings() -> None:
    room, ada = RoomName.parse("Tea"), UserName.parse("ada")
    assert encode(Members(room=room, users=[ada])) == b'{"type":"who","room":"Tea","users":["ada"]}'
    assert encode(Refused(code="x", message="X.", room=room)).endswith(b'"room":"Tea"}')
    events = Events(room=room, events=[Joined(1, 5, ada)])
    assert decode_reply(encode(events)) == events
    joined = RoomJoined(room=room, users=[ada], head=1, after=0)
    assert decode_reply(encode(joined)) == joined


def test_only_a_text_that_was_changed_tells_the_number_of_its_last_change() -> None:
    assert fields_of(Events(room="Tea", events=[Said(7, 5, "ada", "hi")]))["events"] == [SAID]
    changed = Events(room="Tea", events=[Said(7, 5, "ada", "hi", rev=9)])
    assert fields_of(changed)["events"] == [{**SAID, "rev": 9}]
    assert decode_reply(encode(changed)) == changed


def test_a_client_reads_over_fields_that_it_does_not_know() -> None:
    assert decode_reply(b'{"type":"pong","re":4,"mood":["good"]}') == Pong(re=4)
    events = frame_of(type="events", room="Tea", events=[{**SAID, "mood": 1}], mood={})
    assert decode_reply(events) == Events(room="Tea", events=[Said(7, 5, "ada", "hi")])


# Kinds of events that come later


def test_an_event_of_an_unknown_kind_keeps_its_place() -> None:
    events = [SAID, DANCED, {**SAID, "seq": 9}]
    assert decode_reply(frame_of(type="events", room="Tea", events=events)) == Events(
        room="Tea",
        events=[Said(7, 5, "ada", "hi"), Event(8, 6, "ben"), Said(9, 5, "ada", "hi")],  # type: ignore[list-item]
    )


def test_a_page_with_an_unknown_kind_is_the_answer_that_was_asked_for() -> None:
    page = decode_reply(frame_of(type="history", re="x", room="Tea", events=[DANCED], head=8))
    assert page == Page(re="x", room="Tea", events=[Event(8, 6, "ben")], head=8)  # type: ignore[list-item]


@given(instances(Said), st.text(max_size=8), st.dictionaries(st.text(max_size=5), st.integers()))
@settings(max_examples=200, deadline=None)
def test_whatever_a_new_kind_is_called_its_number_stays(
    said: Said, kind: str, others: dict[str, int]
) -> None:
    event = {**others, "kind": f"new {kind}", "seq": said.seq, "at": said.at, "by": said.by}
    frame = json.dumps({"type": "events", "room": "Tea", "events": [event]}, ensure_ascii=False)
    reply = decode_reply(frame)
    assert isinstance(reply, Events)
    assert list(reply.events) == [Event(said.seq, said.at, said.by)]


# What is no reply

BROKEN_EVENTS: list[Any] = [
    *(5, "x", None, True, [1], [], {}),
    {"kind": "danced"},
    {**DANCED, "seq": "8"},
    {**DANCED, "seq": 1.5},
    {**DANCED, "seq": -1},
    {**DANCED, "seq": MAX_EXACT + 1},
    {**DANCED, "at": None},
    {**DANCED, "by": 7},
]


@pytest.mark.parametrize("event", BROKEN_EVENTS, ids=repr)
@pytest.mark.parametrize("before", [[], [SAID], [DANCED]])
def test_an_event_without_a_place_in_the_log_is_refused(event: object, before: list[Any]) -> None:
    for other in ({"type": "events"}, {"type": "history", "head": 9}):
        with pytest.raises(BadMessage, match="not a reply of the protocol"):
            decode_reply(frame_of(**other, room="Tea", events=[*before, event]))


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"type":"dance"}',
        b'{"type":"ping"}',
        b'{"type":"pong","re":true}',
        b'{"type":"pong"',
        b'{"type":"who","room":"Tea","users":"ada"}',
        b'{"type":"ack","room":"Tea","seq":"1","at":1}',
        b'{"type":"joined","room":"Tea","users":[],"head":1,"after":-1}',
        b'{"type":"joined","room":"Tea","users":[],"head":%d,"after":0}' % (MAX_EXACT + 1),
        b'{"type":"events","room":"Tea","events":{}}',
        b'{"type":"events","room":"Tea","events":[%b]}' % (b"[" * 100_000),
        b'{"type":"events","room":"Tea","events":[{"kind":"danced","x":%b' % (b"[" * 100_000),
        b'{"type":"error","code":"x","message":"\xff"}',
        b'{"type":"error","code":"x","message":"\\ud800"}',
        b"\xff\xfe",
    ],
    ids=lambda frame: repr(frame[:40]),
)
def test_what_is_no_reply_is_refused_with_the_reason(frame: bytes) -> None:
    with pytest.raises(BadMessage, match=r"This is not a reply of the protocol: .") as caught:
        decode_reply(frame)
    caught.value.message.encode()


@given(REPLIES, st.data())
@settings(max_examples=300, deadline=None)
def test_no_damaged_frame_does_any_harm(reply: Reply, data: st.DataObject) -> None:
    frame = bytearray(encode(reply))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(frame)))
        frame[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    try:
        again = decode_reply(bytes(frame))
    except BadMessage:
        return
    encode(again)
