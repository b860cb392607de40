"""What a page of somebody else can make a browser send never becomes a name, a room or a text."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hubbub.wire.detect import Protocol, detect, hidden
from hubbub.wire.requests import METHODS
from tests.wire.line.talk import Talk

TOKEN = st.text("abyzABYZ09!#$%&'*+-.^_`|~", min_size=1, max_size=40)
METHOD = st.sampled_from([method.decode() for method in METHODS]) | TOKEN
PATH = st.sampled_from(
    ["/", "/ada", "/General", "/ws", "/ws?x", "/x/ada%0AGeneral", "/" + "a" * 9000]
)
LINE = st.sampled_from(["ada", "General", "hello there", "/say hi", "ada: hi", "x=ada", "exit"])
BODY = st.lists(LINE, max_size=5).map("\n".join)


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    body = draw(BODY)
    lines = [
        f"{draw(METHOD)} {draw(PATH)} HTTP/1.1",
        "Host: 127.0.0.1:8080",
        "Connection: keep-alive",
        f"Content-Length: {len(body)}",
        "Content-Type: text/plain;charset=UTF-8",
        f"X-Mine: {draw(LINE)}",
    ]
    return "\r\n".join([*lines, "", body]).encode()


class Visit:
    """Plays the listener and a line's connection for bytes, pauses between them, and their end."""

    def __init__(self) -> None:
        self.begun = b""
        self.talk: Talk | None = None
        self.served: Protocol | None = None

    def send(self, piece: bytes) -> None:
        if self.talk is not None:
            self.talk.send(piece)
        elif self.served is None:
            self.begun += piece
            self._serve(detect(self.begun))

    def pause(self) -> None:
        if self.talk is None and self.served is None and self.begun:
            self._serve(hidden(self.begun) or Protocol.LINE)
        if self.talk is not None:
            self.talk.pause()

    def end(self) -> None:
        if self.talk is None and self.served is None and self.begun:
            self._serve(hidden(self.begun) or Protocol.LINE)
        if self.talk is not None:
            self.talk.end()

    @property
    def harm(self) -> list[str]:
        done = self.talk.commands if self.talk is not None else []
        return [command for command in done if command.startswith(("join", "say", "reply"))]

    def _serve(self, protocol: Protocol | None) -> None:
        if protocol is Protocol.LINE:
            self.talk = Talk.of(self.begun)
        elif protocol is not None:
            self.served = protocol


@given(requests(), st.lists(st.integers(0, 300), max_size=12), st.data())
@example(b"POST /x HTTP/1.1\r\nHost: x\r\n\r\nada\nGeneral\nhi\n", [2, 4], None)
@settings(max_examples=400, deadline=None)
def test_a_request_in_any_pieces_with_any_pauses_never_joins(
    request: bytes, cuts: list[int], data: st.DataObject | None
) -> None:
    method = request.partition(b" ")[0]
    # No browser sends a method in pieces; of one that nobody knows, a half is as good as a name.
    first = 0 if method in METHODS else len(method)
    places = sorted({0, len(request), *(cut for cut in cuts if first <= cut < len(request))})
    visit = Visit()
    for start, stop in pairwise(places):
        visit.send(request[start:stop])
        if data is None or data.draw(st.booleans()):
            visit.pause()
    if data is None or data.draw(st.booleans()):
        visit.end()
    assert visit.harm == []


@pytest.mark.parametrize("method", METHODS)
def test_every_two_pauses_in_the_first_words_of_a_request_never_join(method: bytes) -> None:
    request = method + b" /General HTTP/1.1\r\nHost: x\r\n\r\nada\nGeneral\nhi\n"
    for first in range(1, 30):
        for second in range(first, 30):
            visit = Visit()
            for piece in (request[:first], request[first:second], request[second:]):
                visit.send(piece)
                visit.pause()
            visit.end()
            assert visit.harm == [], (first, second)


@pytest.mark.parametrize(
    "line",
    [
        *("Host: 127.0.0.1:8080", "user-agent: Mozilla/5.0", "Content-Type: text/plain"),
        *("Sec-Fetch-Site: cross-site", "Accept: */*", "accept-language: de", "Origin: null"),
        *("GET / HTTP/1.1", "patch /x HTTP/1.1", "x y HTTP/1.0"),
    ],
)
@pytest.mark.parametrize("before", [b"", b"ada\n", b"\n\n", b"a b\n"])
def test_a_line_of_a_request_ends_the_conversation_with_a_word(line: str, before: bytes) -> None:
    talk = Talk.of(before + line.encode() + b"\r\nben\nGeneral\nhi\n")
    assert talk.wire.over
    assert "looks like a request of a browser" in talk.lines[-1]
    talk.send(b"eve\nGeneral\n").pause().end()
    assert not any(command.startswith(("join", "say")) for command in talk.commands)


@pytest.mark.parametrize("line", ["Host: x", "GET / HTTP/1.1", "Accept: no", "Origin: Berlin"])
def test_in_a_room_such_a_line_is_a_text_like_any_other(line: str) -> None:
    talk = Talk.of(f"ada\nGeneral\n{line}\n".encode())
    assert talk.commands[-1] == f"say General: {line}"


@pytest.mark.parametrize(
    "data, done",
    [
        ("GET\nPOST\n", ["hello GET", "rooms", "join POST"]),
        ("GET lost\nada\n", ["hello ada", "rooms"]),
        ("ada\nHost:8080\n", ["hello ada", "rooms", "join Host:8080"]),
        ("ada\nteam: a\nC:\n", ["hello ada", "rooms", "join C:"]),
        ("Ada Lovelace\nada\n/rooms\n", ["hello ada", "rooms", "rooms"]),
    ],
)
def test_people_may_be_called_as_they_like(data: str, done: list[str]) -> None:
    assert Talk.of(data.encode()).commands == done


@pytest.mark.parametrize(
    "pieces, done",
    [
        (["GET", "General", "hi"], ["hello GET", "rooms", "join General", "say General: hi"]),
        (["PO", "STUDENTS"], ["hello PO", "rooms", "join STUDENTS"]),
        (["Alice", "General"], ["hello Alice", "rooms", "join General"]),
        (["Alice ", "General"], ["hello Alice", "rooms", "join General"]),
        (["Alice", "General", "/who"], ["hello Alice", "rooms", "join General", "who General"]),
    ],
)
def test_who_ends_no_line_chats_as_ever(pieces: list[str], done: list[str]) -> None:
    visit = Visit()
    for piece in pieces:
        visit.send(piece.encode())
        visit.pause()
    assert visit.talk is not None
    assert visit.talk.commands == done
