"""All that is fuzzed: a name, a function of bytes, what it is begun with, and its words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct

from tests.fuzz import codecs, files, irc, library, served
from tests.pictures.corpus import HONEST, video
from tests.simulation.people import HANDSHAKE, frame

FOUND = Path(__file__).parent / "found"
"""Inputs that broke something once, a folder for each target; they are tried at every check."""

COMMANDS = (
    b'{"type":"hello","user":"ada"}',
    b'{"type":"join","room":"General","id":1}',
    b'{"type":"join","room":"General","after":1}',
    b'{"type":"say","room":"General","text":"hi","nonce":"1","reply_to":1}',
    b'{"type":"history","room":"General","around":1,"limit":3,"id":"x"}',
    b'{"type":"who","room":"General"}',
    b'{"type":"typing","room":"General"}',
    b'{"type":"leave","room":"General"}',
    b'{"type":"rooms"}',
    b'{"type":"ping"}',
    b'{"type":"bye"}',
)
REPLIES = (
    b'{"type":"welcome","user":"ada","token":"t","server":"H","log":"1","limits":{"text":1,'
    b'"line":1,"rate":1,"burst":1,"rooms":1,"history":1},"features":[]}',
    b'{"type":"joined","re":1,"room":"General","users":["ada"],"head":3,"after":1}',
    b'{"type":"joined","re":2,"room":"Kitchen","users":[],"head":0,"after":0}',
    b'{"type":"events","room":"General","events":[{"kind":"said","seq":2,"at":1,"by":"ben",'
    b'"text":"hi","reply_to":1},{"kind":"new","seq":3,"at":2,"by":"eve","x":[]}]}',
    b'{"type":"ack","re":3,"room":"General","seq":4,"at":3,"nonce":"5"}',
    b'{"type":"error","re":1,"code":"bad-cursor","message":"m","suggestion":"s","retry_after":1.5}',
    b'{"type":"error","re":3,"code":"log-unavailable","message":"m","nonce":"5"}',
    b'{"type":"history","re":4,"room":"General","events":[],"head":4}',
    b'{"type":"rooms","rooms":[{"name":"General","users":1,"head":2,"at":3}]}',
    b'{"type":"left","re":5,"room":"Kitchen"}',
    b'{"type":"pong"}',
    b'{"type":"bye","reason":"bye","message":"m"}',
)
GET = b"GET /a HTTP/1.1\r\nHost: h\r\n"
WORDS = (
    *(b'"type"', b'"id"', b'"re"', b'"seq":', b"null", b"\\u0000", b"\\ud800", b"1e999", b"-0"),
    *(b"\r\n", b"\n", b"\xff\xfb\x01", b"\xff\xfa", b"\xff\xf0", b"/join Tea", b"/history 5"),
    *(b"Content-Length: ", b"Transfer-Encoding: chunked", b"0\r\n\r\n", b"Connection: close"),
    *(b"HTTP/1.1", b"Expect: 100-continue", b"Upgrade: websocket", b"\x81\x85", b"\x88\x82"),
    *("\u202e".encode(), "\ufb01".encode(), "é".encode(), b"e\xcc\x81", b"\xed\xa0\x80"),
)


class Target(Struct, frozen=True):
    """``run`` takes any bytes and raises when a promise is broken."""

    run: Callable[[bytes], None]
    seeds: Sequence[bytes]


TARGETS = {
    "line": Target(
        codecs.line,
        (
            b"ada\nGeneral\nhello\n/who\n/history 3\nexit\n",
            b"ada\r\nfull\r\nTea\r\n/join General\r\n/help\r\n/say exit\r\n",
            b"\xff\xfb\x1f\xff\xfa\x01\n\xff\xf0taken\nada\n" + b"x" * 70 + b"\n\x1b[2J\n",
        ),
    ),
    "irc": Target(
        irc.conversation,
        (
            b"a\r\nJOIN #a\r\n@label=1 PRIVMSG #General,ben :hi\nPART #a :x\nQUIT\r",
            b"@label=x BATCH +1 draft/multiline #General\n@batch=1 PRIVMSG #General :a\n"
            b"@batch=1;draft/multiline-concat PRIVMSG #General :b\nBATCH -1\n",
            b"@+draft/react=\xf0\x9f\x91\x8d;+draft/reply=general/1 TAGMSG #General\n"
            b"REDACT ben @talk/2\n",
            b"mPRIVMSG ada :\x01VERSION\x01\nNOTICE #General :\x01ACTION w\x01\n"
            b"PRIVMSG #x :\x02b\n",
            b"MODE #General +b *!*@*\nKICK #General ben :x\nTOPIC #General :x\nWHO x\nNICK eve\n",
        ),
    ),
    "irc-texts": Target(
        irc.shown,
        (
            b"*ben waves*",
            b"a *b* _c_ `d`\n```\ne\n```\n" + b"word " * 120,
            b"\x02a\x1db\x0f\x0304,5c\x1fd\x16\x11e\x11\x1e",
            "\u202e漢字👩\u200d👧".encode() * 40,
        ),
    ),
    "command": Target(codecs.command, COMMANDS),
    "reply": Target(codecs.reply, REPLIES),
    "first-bytes": Target(
        codecs.first_bytes,
        (b"GET /ws?x HTTP/1.1\r\n", b"NICK ada\r\n", b"SSH-2.0-x\r\n", b"\x16\x03\x01\x02\0\x01"),
    ),
    "proxy": Target(
        codecs.proxy,
        (
            b"PROXY TCP4 198.51.100.7 203.0.113.1 56324 443\r\nada\n",
            b"PROXY TCP6 2001:db8::7 2001:db8::1 1 2\r\n",
            b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x14" + bytes(12) + b"\x20\0\5\1\0\0\0\0",
            b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0",
        ),
    ),
    "names": Target(
        codecs.names,
        (b"ada", "#Ελένη".encode(), "ﬁ①Ａ".encode(), "עברית1".encode(), b"e\xcc\x81_[]"),
    ),
    "text": Target(
        codecs.text, (b"hi", b"a\r\nb\x1b[2J", "\u202e\u2028é\u0085".encode(), b" \xff")
    ),
    "websocket": Target(
        served.websocket,
        (
            b"0" + b"\n".join(COMMANDS),
            b"@" + b"".join(frame(1, command) for command in COMMANDS),
            b"@" + frame(9, b"x") + frame(10, b"y") + frame(8, b"\x03\xe8"),
            b"\x80" + HANDSHAKE.partition(b"\r\n")[2] + frame(1, COMMANDS[0]),
        ),
    ),
    "http": Target(
        served.http,
        (
            GET + b"\r\n" + GET + b"Connection: close\r\n\r\n",
            b"POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi" + GET + b"\r\n",
            b"POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"2\r\nhi\r\n0\r\n\r\n",
            b"GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nx",
            GET + b"X-Unfinished: ",
        ),
    ),
    "pictures": Target(files.stripping, [*(make() for _, make in HONEST.values()), video()]),
    "client": Target(
        library.protocol,
        (
            b"+\n!\n" + b"\n".join(REPLIES) + b"\n-\n+\n",
            b"+\n" + REPLIES[1] + b"\n!\n" + REPLIES[3] + b"\n" + REPLIES[4] + b"\n~\n-\n!\n+",
        ),
    ),
}


def found(name: str) -> list[Path]:
    """The kept inputs of one target."""
    return sorted((FOUND / name).glob("*"))
