from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hubbub.wire.detect import Protocol, could_be_other, detect, hidden
from hubbub.wire.requests import MAX_FIRST_BYTES


def client_hello(length: int, minor: int = 1) -> bytes:
    """RFC 8446, 5.1: type handshake(22), version 3.x, length; then client_hello(1)."""
    return b"\x16\x03" + bytes([minor]) + length.to_bytes(2) + b"\x01" + bytes(length - 1)


FIRSTS: list[tuple[Protocol, bytes]] = [
    (Protocol.HTTP, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    (Protocol.HTTP, b"GET / HTTP/1.0\n\n"),
    (Protocol.HTTP, b"HEAD /healthz HTTP/1.1\r\n\r\n"),
    (Protocol.HTTP, b"POST /api/rooms/General/events?after=3 HTTP/1.1\r\n\r\n"),
    (Protocol.HTTP, b"OPTIONS * HTTP/1.1\r\n\r\n"),
    (Protocol.HTTP, b"CONNECT example.org:443 HTTP/1.1\r\n\r\n"),
    (Protocol.HTTP, b"GET http://localhost:8080/ws HTTP/1.1\r\n\r\n"),
    (Protocol.HTTP, b"PROPFIND /x HTTP/1.1\r\n\r\n"),
    (Protocol.HTTP, b"M-SEARCH * HTTP/1.1\r\n\r\n"),
    (Protocol.HTTP, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    (Protocol.HTTP, b"GET /wsx HTTP/1.1\r\n\r\n"),
    (Protocol.HTTP, b"GET /" + b"x" * (MAX_FIRST_BYTES - 16) + b" HTTP/1.1\r\n\r\n"),
    (Protocol.WEBSOCKET, b"GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"),
    (Protocol.WEBSOCKET, b"GET /ws?room=General HTTP/1.1\r\n\r\n"),
    (Protocol.IRC, b"NICK ada\r\nUSER ada 0 * :Ada\r\n"),
    (Protocol.IRC, b"CAP LS 302\r\n"),
    (Protocol.IRC, b"PASS secret\r\n"),
    (Protocol.IRC, b"USER ada 0 * :Ada\n"),
    (Protocol.IRC, b"AUTHENTICATE PLAIN\r\n"),
    (Protocol.IRC, b"QUIT :chkport\r\n"),
    (Protocol.IRC, b"PING :hello\r\n"),
    (Protocol.LINE, b"QUIT\r\n"),
    (Protocol.IRC, b"nick ada\r\n"),
    (Protocol.IRC, b"PASS /secret\r\n"),
    (Protocol.IRC, b"NICK ada HTTP/1.1\r\n"),
    (Protocol.IRC, b"\r\nNICK ada\r\n"),
    (Protocol.IRC, b"\r\n\r\n\r\nCAP LS 302\r\n"),
    (Protocol.LINE, b"\r\n\r\n\r\nNick\r\n"),
    (Protocol.IRC, b"NICK * HTTP/1.1\r\n"),
    (Protocol.IRC, b"USER http://x 0 * :x\r\n"),
    (Protocol.HTTP, b"NICK / HTTP/1.1\r\n"),
    (Protocol.HTTP, b"PASS /secret HTTP/1.1\r\n"),
    (Protocol.HTTP, b"get / HTTP/1.1\n"),
    (Protocol.HTTP, b"patch /x HTTP/1.1\r\n"),
    (Protocol.HTTP, b"a-b! /x HTTP/1.1\r\n"),
    (Protocol.HTTP, b"Ada /ws HTTP/1.1\r\n"),
    (Protocol.HTTP, b"x" * 4000 + b" /x HTTP/1.1\r\n"),
    (Protocol.HTTP, b"GET / HTTP/1.1 please\n"),
    (Protocol.HTTP, b"GET / FTP/1.1\n"),
    (Protocol.HTTP, b"GET  HTTP/1.1\n"),
    (Protocol.HTTP, b"G / HTTP/1.1\n"),
    (Protocol.HTTP, b"ada b HTTP/1.1\n"),
    (Protocol.HTTP, b"ada b HTTP/2\r\n"),
    (Protocol.HTTP, b"OPTIONS rtsp://localhost/ RTSP/1.0\r\n"),
    (Protocol.HTTP, b"REGISTER sip:localhost SIP/2.0\r\n"),
    (Protocol.HTTP, b"GET /" + b"x" * MAX_FIRST_BYTES + b" HTTP/1.1\r\n\r\n"),
    (Protocol.HTTP, b"GET /" + b"x" * (MAX_FIRST_BYTES - 15) + b" HTTP/1.1\r\n\r\n"),
    (Protocol.HTTP, b"POST /ws" + b"x" * MAX_FIRST_BYTES),
    (Protocol.TLS, client_hello(512)),
    (Protocol.TLS, client_hello(512, minor=3)),
    (Protocol.TLS, client_hello(0x020A)),
    (Protocol.TLS, client_hello(0x0A0A)),
    (Protocol.SSH, b"SSH-2.0-OpenSSH_9.6\r\n"),
    (Protocol.LINE, b"ada\n"),
    (Protocol.LINE, b"ada\r\nGeneral\r\nhello\r\n"),
    (Protocol.LINE, "Ελένη\n".encode()),
    (Protocol.LINE, b"\n"),
    (Protocol.LINE, b"\r\nada\r\n"),
    (Protocol.LINE, b"\xff\xfb\x1f\xff\xfd\x01ada\r\n"),
    (Protocol.LINE, b"\xff\xfa\x1f\x00\x0a\x00\x18\xff\xf0ada\r\n"),
    (Protocol.LINE, b"ada\r\0General\r\0"),
    (Protocol.LINE, b"\xef\xbb\xbfada\n"),
    (Protocol.LINE, b"\r\n\r\nada\n"),
    (Protocol.LINE, b"ada lovelace\n"),
    (Protocol.LINE, b"GET lost\n"),
    (Protocol.LINE, b"/help /join\n"),
    (Protocol.BINARY, b"\x00\x01\x02\n"),
    # RFC 8489, 5: a STUN message, which WebRTC sends; RFC 4571: with its length before it
    (Protocol.BINARY, b"\x00\x01\x00\x2c\x21\x12\xa4\x42" + b"ada\nGeneral\nhi\n"),
    (Protocol.BINARY, b"\x01\x20\x00\x01\x01\x0c\x21\x12\xa4\x42" + b"ada\nGeneral\n"),
    (Protocol.BINARY, b"\x03\x00\x00\x13\x0e\xe0\x00\x00"),
    (Protocol.PROXY, b"PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\nGET / HTTP/1.1\r\n"),
    (Protocol.PROXY, b"PROXY UNKNOWN\r\n"),
    (Protocol.PROXY, b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c"),
    (Protocol.LINE, b"\x16ada\n"),
    (Protocol.TLS, b"\x16\x03\x09ada\n"),
    (Protocol.SSH, b"SSH-1.5-old\n"),
    (Protocol.ENDLESS, b"x" * (MAX_FIRST_BYTES + 1)),
    (Protocol.ENDLESS, b"x" * (MAX_FIRST_BYTES + 1) + b" / HTTP/1.1\r\n"),
]


def name_of(value: object) -> str | None:
    return repr(value[:24]) if isinstance(value, bytes) else None


def first_answer(data: bytes, cuts: range) -> Protocol | None:
    return next((found for end in cuts if (found := detect(data[:end]))), None)


@pytest.mark.parametrize("protocol, data", FIRSTS, ids=name_of)
def test_a_protocol_is_told_from_its_first_bytes(protocol: Protocol, data: bytes) -> None:
    assert detect(data) is protocol


@pytest.mark.parametrize("protocol, data", FIRSTS, ids=name_of)
def test_no_cut_makes_it_another_protocol(protocol: Protocol, data: bytes) -> None:
    answers = {detect(data[:end]) for end in range(len(data) + 1)}
    assert answers == {None, protocol}


@pytest.mark.parametrize("protocol, data", FIRSTS, ids=name_of)
def test_what_follows_does_not_change_the_answer(protocol: Protocol, data: bytes) -> None:
    assert detect(data + b"\x16\x03\x01\x02\x00\x01GET / HTTP/1.1\r\n") is protocol


@pytest.mark.parametrize(
    "name",
    [
        *("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE"),
        *("CAP", "NICK", "USER", "PASS", "QUIT", "PING", "SSH", "SSH-2.0", "HTTP", "nick", "Ada"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", " \n", " \r\n"])
def test_a_user_may_be_called_like_a_word_of_another_protocol(name: str, end: str) -> None:
    data = (name + end).encode()
    assert {detect(data[:cut]) for cut in range(len(data))} == {None}
    assert detect(data) is Protocol.LINE


@pytest.mark.parametrize(
    "data, least",
    [
        *(
            (data, 0)
            for protocol, data in FIRSTS
            if protocol in (Protocol.WEBSOCKET, Protocol.IRC, Protocol.TLS, Protocol.SSH)
            and not data.startswith((b"nick", b"SSH-1", b"\r"))
        ),
        (b"PROPFIND /x HTTP/1.1\r\n", 10),
        (b"M-SEARCH * HTTP/1.1\r\n", 10),
        (b"PRI * HTTP/2.0\r\n", 5),
    ],
    ids=name_of,
)
def test_what_may_become_another_protocol_is_given_time(data: bytes, least: int) -> None:
    """Silence makes a user's name of an unfinished line; half a request line is none."""
    cuts = range(least, len(data))
    unfinished = [data[:end] for end in cuts if detect(data[:end]) is None]
    assert [part for part in unfinished if not could_be_other(part)] == []


REQUESTS = [data for protocol, data in FIRSTS if protocol in (Protocol.HTTP, Protocol.WEBSOCKET)]


@pytest.mark.parametrize("data", [data for data in REQUESTS if b" /" in data], ids=name_of)
def test_a_request_is_known_for_good_where_its_path_begins(data: bytes) -> None:
    begun = data[: data.index(b" /") + 2]
    assert hidden(begun) is Protocol.HTTP
    assert detect(begun) in (None, Protocol.HTTP)


@pytest.mark.parametrize("name", [b"Alice", b"ada", b"Bob", b"Gerd", b"POSTMAN", "Ελένη".encode()])
def test_most_names_are_nothing_but_names(name: bytes) -> None:
    assert detect(name) is None
    assert not could_be_other(name)


SNIPPETS = st.sampled_from(
    [
        *(
            b"GET ",
            b"POST",
            b" ",
            b"/",
            b"/ws",
            b"?",
            b"HTTP/1.1",
            b"\r",
            b"\n",
            b"\r\n",
            b"x" * 99,
        ),
        *(
            b"NICK",
            b"cap ",
            b"USER ",
            b"SSH-",
            b"2.0-",
            b"\x16",
            b"\x03",
            b"\x01",
            b"\x00",
            b"\x0a",
        ),
    ]
)


@given(st.lists(SNIPPETS | st.binary(max_size=4), max_size=12).map(b"".join))
@example(b"\x16\x03\x01\x00\x0a\x01")
@settings(max_examples=400, deadline=None)
def test_whole_or_in_pieces_random_bytes_are_the_same_protocol(data: bytes) -> None:
    assert first_answer(data, range(len(data) + 1)) is detect(data)
    for end in range(len(data) + 1):
        could_be_other(data[:end])


@given(st.sampled_from([b"GET /", b"NICK", b"ada"]), st.integers(-40, 40), st.binary(max_size=30))
@settings(max_examples=200, deadline=None)
def test_the_cap_is_at_the_same_byte_however_the_data_comes(
    start: bytes, over: int, tail: bytes
) -> None:
    data = start.ljust(MAX_FIRST_BYTES + over, b"x") + tail + b" HTTP/1.1\r\n"
    near = range(MAX_FIRST_BYTES - 60, len(data) + 1)
    assert first_answer(data, near) is detect(data)
    assert detect(data[: MAX_FIRST_BYTES + 1]) is not None
