from __future__ import annotations

import json
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hubbub.domain.commands import MAX_ID_CHARS, AnyCommand, Command, Hello, Ping, Say
from hubbub.domain.errors import BadMessage, ChatError, InvalidName
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.numbers import MAX_EXACT
from hubbub.wire.json import decode_command, encode
from hubbub.wire.json.envelope import envelope
from tests.wire.json.generate import COMMANDS, JSON, fields_of, instances

KINDS: list[type[Command]] = sorted(get_args(AnyCommand), key=lambda kind: kind.__name__)


def refusal(frame: bytes) -> BadMessage:
    with pytest.raises(BadMessage) as caught:
        decode_command(frame)
    caught.value.message.encode()
    assert caught.value.message.startswith("This is not a command of the protocol: ")
    return caught.value


# What goes out comes in


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=30, deadline=None)
def test_every_command_comes_in_as_it_went_out(kind: type[Command], data: st.DataObject) -> None:
    command = data.draw(instances(kind))
    again = decode_command(encode(command))
    assert again == command
    assert type(again) is kind


@given(COMMANDS)
@settings(max_examples=200, deadline=None)
def test_a_frame_is_one_object_in_utf_8_without_what_is_left_out(command: Command) -> None:
    frame = encode(command)
    assert json.loads(frame.decode()) == fields_of(command)
    assert b"\n" not in frame
    assert None not in fields_of(command).values()


@given(COMMANDS)
@settings(max_examples=200, deadline=None)
def test_the_id_of_a_command_is_the_one_that_is_told_of_a_bad_one(command: Command) -> None:
    assert envelope(encode(command)).id == command.id


def test_names_come_in_parsed() -> None:
    hello = decode_command(b'{"type":"hello","user":" ADA "}')
    assert isinstance(hello, Hello)
    assert isinstance(hello.user, UserName)
    assert (hello.user, hello.user.key) == ("ADA", "ada")
    say = decode_command(b'{"type":"say","room":"#Tea","text":"hi"}')
    assert isinstance(say, Say)
    assert isinstance(say.room, RoomName)
    assert say.room == "Tea"


def test_the_order_of_fields_and_space_between_them_mean_nothing() -> None:
    frame = b' {"text": "h\\u00e9\\ud83d\\ude00", "room": "Tea",\n"type" :"say" } '
    assert decode_command(frame) == Say(room=RoomName.parse("Tea"), text="hé😀")


# Strictness

PING = b'{"type":"ping",%b}'
SAY = b'{"type":"say","room":"Tea","text":"hi",%b}'


@pytest.mark.parametrize(
    "frame, sentence",
    [
        (b'{"type":"ping","x":1}', "Object contains unknown field `x`"),
        (b'{"type":"say","room":"Tea"}', "Object missing required field `text`"),
        (b'{"type":"say","text":"hi"}', "Object missing required field `room`"),
        (b'{"type":"join"}', "Object missing required field `room`"),
        (b'{"type":"hello"}', "Object missing required field `user`"),
        (b"{}", "Object missing required field `type`"),
        (b'{"type":"dance"}', "Invalid value 'dance' - at `$.type`"),
        (b'{"type":"welcome"}', "Invalid value 'welcome' - at `$.type`"),
        (b'{"type":"Ping"}', "Invalid value 'Ping' - at `$.type`"),
        (b'{"type":7}', "Expected `str` - at `$.type`"),
        (b'{"type":"ping","type":"rooms"}', "at `$.type`"),
        (b'{"type":"say","room":"Tea","text":7}', "Expected `str`, got `int` - at `$.text`"),
        (b'{"type":"say","room":"Tea","text":null}', "Expected `str`, got `null` - at `$.text`"),
        (b'{"type":"say","room":7,"text":"hi"}', "Expected a name, a string - at `$.room`"),
        (b'{"type":"hello","user":null}', "Expected a name, a string - at `$.user`"),
        (b'{"type":"hello","user":["ada"]}', "Expected a name, a string - at `$.user`"),
        (b'{"type":"hello","user":"ada","v":"1"}', "Expected `int`, got `str` - at `$.v`"),
        (b'{"type":"hello","user":"ada","v":1e3}', "Expected `int`, got `float` - at `$.v`"),
        (b'{"type":"hello","user":"ada","v":%b}' % (b"9" * 5000), "out of range - at `$.v`"),
        (b'{"type":"join","room":"Tea","after":-1}', "Expected `int` >= 0 - at `$.after`"),
        (b'{"type":"join","room":"Tea","after":1.5}', "got `float` - at `$.after`"),
        (b'{"type":"join","room":"Tea","after":true}', "got `bool` - at `$.after`"),
        (b'{"type":"join","room":"Tea","after":9007199254740993}', "`int` <= 9007199254740992"),
        (b'{"type":"history","room":"Tea","limit":201}', "Expected `int` <= 200 - at `$.limit`"),
        (b'{"type":"history","room":"Tea","limit":0}', "Expected `int` >= 1 - at `$.limit`"),
        (SAY % b'"nonce":""', "`str` of length >= 1 - at `$.nonce`"),
        (SAY % b'"nonce":"%b"' % (b"n" * 65), "`str` of length <= 64 - at `$.nonce`"),
        (SAY % b'"reply_to":0', "Expected `int` >= 1 - at `$.reply_to`"),
        (PING % b'"id":true', "Expected `int | str | null`, got `bool` - at `$.id`"),
        (PING % b'"id":1.5', "got `float` - at `$.id`"),
        (PING % b'"id":[1]', "got `array` - at `$.id`"),
        (PING % b'"id":"%b"' % (b"i" * 65), "`str` of length <= 64 - at `$.id`"),
        (PING % b'"id":9007199254740993', "Expected `int` <= 9007199254740992 - at `$.id`"),
        (PING % b'"id":%b' % (b"9" * 400), "at `$.id`"),
        (PING % b'"id":1e400', "Number out of range - at `$.id`"),
        (PING % b'"id":NaN', "JSON is malformed"),
        (PING % b'"id":Infinity', "JSON is malformed"),
        (PING % b'"id":01', "JSON is malformed"),
        (b'{"type":"ping"} {"type":"ping"}', "trailing characters"),
        (b'{"type":"ping",}', "JSON is malformed"),
        (b"{'type':'ping'}", "JSON is malformed"),
        (b'{"type":"ping"', "Input data was truncated"),
        (b"", "Input data was truncated"),
        (b"ping", "JSON is malformed"),
        (b"null", "Expected `object`, got `null`"),
        (b'"ping"', "Expected `object`, got `str`"),
        (b'[{"type":"ping"}]', "Expected `object`, got `array`"),
        (b'\xef\xbb\xbf{"type":"ping"}', "JSON is malformed: invalid character (byte 0)"),
        ('{"type":"ping"}'.encode("utf-16"), "JSON is malformed: invalid character (byte 0)"),
        (b'{"type":"say","room":"Tea","text":"\xff"}', "can't decode byte 0xff"),
        (b'{"type":"say","room":"Tea","text":"\xed\xa0\x80"}', "can't decode byte 0xed"),
        (b'{"type":"say","room":"Tea","text":"a\nb"}', "JSON is malformed"),
        (b'{"type":"say","room":"Tea","text":"\\ud83d and on"}', "surrogate pair"),
        (b'{"type":"say","room":"Tea","text":"\\udc00"}', "surrogate pair"),
        (b'{"type":"say","room":"Tea","text":"cut \\ud83d"}', "surrogate pair"),
        (b"[" * 100_000, "Expected `object`, got `array`"),
        (b'{"a":' * 100_000, "maximum recursion depth exceeded"),
        (b'{"a":%b}' % (b"[" * 100_000 + b"]" * 100_000), "maximum recursion depth exceeded"),
        (b'{"type":"ping","x":%b}' % (b"[" * 100_000), "Object contains unknown field `x`"),
    ],
    ids=lambda value: repr(value[:40]) if isinstance(value, bytes) else None,
)
def test_what_is_not_of_the_protocol_s_form_is_refused_with_the_reason(
    frame: bytes, sentence: str
) -> None:
    assert sentence in refusal(frame).message


@pytest.mark.parametrize(
    "frame, sentence, suggestion",
    [
        (b'{"type":"hello","user":"ada b"}', "cannot have a space", "ada-b"),
        (b'{"type":"hello","user":""}', "cannot be empty", None),
        (b'{"type":"hello","user":"%b"}' % (b"a" * 30_000), "this one has 30,000", "a" * 32),
        (b'{"type":"join","room":"a,b"}', "cannot have a comma", "a-b"),
        (b'{"type":"join","room":"a\\u0000b"}', "U+0000", "ab"),
        (b'{"type":"say","room":"%b","text":"hi"}' % (b"a" * 51), "this one has 51", "a" * 50),
    ],
)
def test_a_name_that_breaks_the_rules_is_refused_with_a_near_one(
    frame: bytes, sentence: str, suggestion: str | None
) -> None:
    with pytest.raises(InvalidName) as caught:
        decode_command(frame)
    assert sentence in caught.value.message
    assert caught.value.suggestion == suggestion


@given(COMMANDS, st.text(min_size=1, max_size=8), JSON)
@settings(max_examples=200, deadline=None)
def test_no_command_has_a_field_that_the_protocol_does_not_know(
    command: Command, field: str, value: Any
) -> None:
    fields = fields_of(command)
    if field in command.__struct_fields__ or field == "type":
        return
    refusal(msgspec.json.encode({**fields, field: value}, enc_hook=str))


@given(COMMANDS, st.data(), JSON)
@settings(max_examples=300, deadline=None)
def test_a_field_of_another_type_is_refused_or_means_what_it_says(
    command: Command, data: st.DataObject, value: Any
) -> None:
    field = data.draw(st.sampled_from(command.__struct_fields__))
    frame = msgspec.json.encode({**fields_of(command), field: value})
    try:
        read = getattr(decode_command(frame), field)
    except (BadMessage, InvalidName):
        return
    assert type(read) in (type(value), UserName, RoomName)
    assert read == value or isinstance(read, UserName | RoomName)


@given(COMMANDS, st.data())
@settings(max_examples=200, deadline=None)
def test_no_damaged_frame_does_any_harm(command: Command, data: st.DataObject) -> None:
    frame = bytearray(encode(command))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(frame)))
        frame[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    anything_is_understood_or_refused(bytes(frame))


@given(st.binary(max_size=60) | JSON.map(msgspec.json.Encoder().encode))
@example(b"\x00")
@example(b'{"type":{}}')
@settings(max_examples=300, deadline=None)
def test_garbage_is_refused(frame: bytes) -> None:
    anything_is_understood_or_refused(frame)


def anything_is_understood_or_refused(frame: bytes) -> None:
    envelope(frame)
    try:
        command = decode_command(frame)
    except ChatError as error:
        error.message.encode()
    else:
        assert decode_command(encode(command)) == command


# The id of a frame that is no command


@pytest.mark.parametrize(
    "frame, found",
    [
        (b'{"type":"dance","id":7}', 7),
        (b'{"id":"x"}', "x"),
        (b'{"id":"","type":null}', ""),
        (b'{"type":"hello","user":"a b","id":-3}', -3),
        (b'{"type":"ping","id":null}', None),
        (b'{"type":"ping"}', None),
        (b'{"type":"ping","id":true}', None),
        (b'{"type":"ping","id":1.0}', None),
        (b'{"type":"ping","id":{"x":1}}', None),
        (b'{"type":"ping","id":["x"]}', None),
        (b'{"id":%d}' % MAX_EXACT, MAX_EXACT),
        (b'{"id":%d}' % -MAX_EXACT, -MAX_EXACT),
        (b'{"id":%d}' % (MAX_EXACT + 1), None),
        (b'{"id":%b}' % (b"9" * 5000), None),
        (b'{"id":"%b"}' % (b"i" * MAX_ID_CHARS), "i" * MAX_ID_CHARS),
        (b'{"id":"%b"}' % (b"i" * (MAX_ID_CHARS + 1)), None),
        (b'{"id":"\\ud800"}', None),
        (b'{"id":"\xff"}', None),
        (b'{"id":NaN}', None),
        (b'{"id":1', None),
        (b'{"id":1,"x":%b}' % (b"[" * 100_000), 1),
        (b'{"x":%b,"id":1}' % (b"[" * 100_000), None),
        (b'{"type":"say","id":5,"text":"half \\ud83d"}', 5),
        (b'{"text":"half \\ud83d \\" \\\\","id":"a"}', "a"),
        (b'{"text":"\\ud83d","x":{"id":1},"y":["id",":",2],"id":3}', 3),
        (b'{"text":"\\ud83d","x":"{","id":3 }', 3),
        (b'{"text":"\\ud83d, \\"id\\":1,"}', None),
        (b'{"id":5,"text":"no end', 5),
        (b'{"id":5,}', 5),
        (b"{'id':5,}", None),
        (b'{"id":5 6,}', None),
        (b'["\\ud83d","id",":",1,]', None),
        (b'{"text":"\\ud83d"}{"id":1,}', None),
        (b'{"id":"%b","text":"\\ud83d"}' % (b"i" * (MAX_ID_CHARS + 1)), None),
        (b'{"id":%b' % (b'{"id":' * 100_000), None),
        (b"[1]", None),
        (b"7", None),
        (b"", None),
        (b"\xff", None),
    ],
    ids=lambda value: repr(value[:40]) if isinstance(value, bytes) else None,
)
def test_the_id_of_a_bad_frame_is_told_if_it_can_be(frame: bytes, found: str | int | None) -> None:
    assert envelope(frame).id == found
    assert type(envelope(frame).id) is type(found)


@pytest.mark.parametrize(
    "frame, nonce",
    [
        (b'{"type":"say","nonce":"n-1","text":7}', "n-1"),
        (b'{"type":"say","text":"\\ud83d","nonce":"n-1"}', "n-1"),
        (b'{"type":"say","text":"\\ud83d","nonce":1}', None),
        (b'{"type":"say","nonce":""}', None),
        (b'{"type":"say","nonce":"%b"}' % (b"n" * 65), None),
        (b'{"type":"say"', None),
    ],
)
def test_the_nonce_of_a_bad_frame_is_told_if_it_can_be(frame: bytes, nonce: str | None) -> None:
    assert envelope(frame).nonce == nonce


@pytest.mark.parametrize("half", ["\\ud83d", "\\uDFFF", "a\\ud83d\\u0041", "\\ud83d\\ud83d\\ude00"])
def test_half_of_an_emoji_is_called_that(half: str) -> None:
    frame = f'{{"type":"say","room":"General","text":"{half}"}}'.encode()
    assert "half of a surrogate pair" in refusal(frame).message


def test_of_two_ids_the_last_one_counts() -> None:
    assert decode_command(b'{"type":"ping","id":1,"id":2}') == Ping(id=2)
    assert envelope(b'{"type":"dance","id":1,"id":2}').id == 2
