"""Inputs within the limits, among which hypothesis looks for those that cost the most.

A command, a line command or a route without inputs here fails the check.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st

from hubbub.admin.table import TASKS
from hubbub.domain import commands as ask
from hubbub.domain.names import MAX_ROOM_CHARS, MAX_USER_CHARS
from hubbub.domain.search import MAX_QUERY_CHARS
from tests.cost.world import ODD, PLAIN

LINE_BYTES = 32 * 1024
TEXT_CHARS = 4000

# What has cost the most somewhere once: expansion, sorting of marks, look-ups that begin anew.
WORST = [
    *"aA1 .@#*_~`\"'-/>:,$€\n\t\x1b\x00éい각漢ﷺ㌀ΐςİ①½⭐א١۱・·",
    *("\u0301", "\u0316", "\u0345", "\u0f73", "a\u0301\u0316", "ｶﾞ", "\u200d", "\u1100"),
    *("\u202e", "\ufffd", "\U000e0061", "\U0001fabf", "👩\u200d👩\u200d👧", "1\ufe0f\u20e3"),
    *("ab", "http://a", "mailto:", "```\n", "> ", "in:", "from:", "한글", "คำ", "क्षि"),
]
ATOMS = st.sampled_from(WORST)
PIECES = ATOMS | st.lists(ATOMS | st.characters(codec="utf-8"), min_size=1, max_size=3).map("".join)


def long(most: int, pieces: st.SearchStrategy[str] = PIECES) -> st.SearchStrategy[str]:
    """Texts of up to ``most`` characters: a few pieces, repeated."""

    def build(head: str, body: str, tail: str, size: int) -> str:
        text = head + body * (size // len(body) + 1)
        return text[: max(0, size - len(tail))] + tail

    sizes = st.sampled_from([most, most, most // 2, 20, 3])
    tails = st.just("") | pieces
    return st.builds(build, tails, pieces, tails, sizes).map(lambda text: text[:most])


def one_of(*usual: str, names: int) -> st.SearchStrategy[str]:
    """Names: those that are there, and such as cost the most."""
    return st.sampled_from(usual) | long(names) | long(4 * names) | long(4000)


ROOM = one_of(ODD, PLAIN, "room7", "/server", names=MAX_ROOM_CHARS)
OTHER_ROOM = one_of("room8", "room9", names=MAX_ROOM_CHARS)
"""For what would make another world of the one in which all is measured."""
USER = one_of("ben", "a", "い", names=MAX_USER_CHARS)
LABEL = st.integers(0, 99).map("label-{}".format)
SEQ = st.sampled_from([0, 1, 5, 60, 132, 300, 2**53 - 1])
QUERY = (
    long(MAX_QUERY_CHARS)
    | long(7000)
    | st.lists(long(40) | ATOMS, max_size=16).map(" ".join)
    | st.lists(long(40) | ATOMS, max_size=100).map(lambda words: f'"{" ".join(words)}"')
)
ANY = long(7000)
RIGHT = "correct horse battery"
PASSWORD = long(250) | long(1000)


def one_line(text: str) -> str:
    return text.replace("\n", " ")


def fields(**of: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Some fields, and now and then one that does not belong there."""
    return st.fixed_dictionaries(of, optional={"odd": ANY})


TAGS = st.dictionaries(long(64), long(512), max_size=8)

JSON: dict[type[ask.Command], st.SearchStrategy[dict[str, Any]]] = {
    ask.Hello: fields(
        user=USER, token=long(128), client=long(100), password=PASSWORD, code=long(64)
    ),
    ask.Register: fields(password=PASSWORD),
    ask.ChangePassword: fields(old=PASSWORD, new=PASSWORD),
    ask.Devices: fields(),
    ask.Revoke: fields(device=long(64)),
    ask.Rename: fields(user=USER),
    ask.CloseAccount: fields(password=PASSWORD),
    ask.Own: fields(code=long(64)),
    ask.BeginFactor: fields(password=PASSWORD | st.just(RIGHT)),
    ask.ConfirmFactor: fields(code=long(64)),
    ask.EndFactor: fields(password=PASSWORD | st.just(RIGHT)),
    ask.ResetPassword: fields(user=USER, code=long(64), password=PASSWORD),
    ask.MakeTicket: fields(room=ROOM, uses=st.sampled_from([1, 1000]), seconds=SEQ),
    ask.Tickets: fields(room=ROOM),
    ask.EndTicket: fields(room=ROOM, ticket=long(64)),
    ask.SetRules: fields(
        room=OTHER_ROOM,
        access=st.sampled_from(["members", "locked"]),
        slow=SEQ,
        labels=st.dictionaries(LABEL, long(300), max_size=10),
    ),
    ask.RenameRoom: fields(room=OTHER_ROOM, name=ROOM),
    ask.Invite: fields(room=ROOM, user=USER),
    ask.GiveRole: fields(room=ROOM, user=USER, role=st.sampled_from(["owner", "member"])),
    ask.Kick: fields(room=ROOM, user=USER, reason=long(TEXT_CHARS)),
    ask.Mute: fields(room=ROOM, user=USER, seconds=SEQ, reason=long(300)),
    ask.Unmute: fields(room=ROOM, user=USER),
    ask.Ban: fields(room=OTHER_ROOM, pattern=long(64), seconds=SEQ, reason=long(300)),
    ask.Unban: fields(room=ROOM, user=long(64)),
    ask.Exempt: fields(room=ROOM, pattern=long(64)),
    ask.Bans: fields(room=ROOM),
    ask.EndInvitation: fields(room=ROOM, user=USER),
    ask.SetFilter: fields(
        room=OTHER_ROOM,
        pattern=long(200) | long(198).map(lambda text: f"/{text}/"),
        on=st.booleans(),
    ),
    ask.Knock: fields(room=ROOM, text=long(300) | long(TEXT_CHARS)),
    ask.Report: fields(room=ROOM, user=USER, reason=long(300)),
    ask.Queue: fields(room=ROOM),
    ask.Settle: fields(room=ROOM, item=SEQ, approve=st.booleans()),
    ask.Audit: fields(room=ROOM, before=SEQ, limit=st.sampled_from([1, 50, 200])),
    ask.SetProfile: fields(
        about=long(200),
        status=st.just("away"),
        note=long(100),
        labels=st.dictionaries(LABEL, long(300), max_size=10),
    ),
    ask.Block: fields(user=USER),
    ask.Accept: fields(user=USER),
    ask.Whois: fields(user=USER),
    ask.Watch: fields(users=st.lists(USER, max_size=200), on=st.booleans()),
    ask.Here: fields(users=st.lists(USER, max_size=200)),
    ask.Operate: fields(user=USER, password=long(1000), code=long(64)),
    ask.Announce: fields(text=long(1000) | long(TEXT_CHARS)),
    ask.Direct: fields(users=st.lists(USER, min_size=1, max_size=8)),
    ask.Formerly: fields(user=USER, token=long(128)),
    ask.Rooms: fields(),
    ask.Join: fields(room=ROOM),
    ask.Leave: fields(room=ROOM),
    ask.Delete: fields(room=OTHER_ROOM),
    ask.Say: fields(
        room=st.just(str(ODD)), text=long(TEXT_CHARS) | long(10_000), nonce=long(64), tags=TAGS
    ),
    ask.Edit: fields(room=ROOM, target=SEQ, text=long(TEXT_CHARS) | long(10_000), nonce=long(64)),
    ask.Redact: fields(room=OTHER_ROOM, user=USER),
    ask.React: fields(room=ROOM, target=SEQ, emoji=long(40) | st.just("👍"), on=st.booleans()),
    ask.Pin: fields(room=OTHER_ROOM, user=USER, on=st.booleans()),
    ask.Pins: fields(room=ROOM),
    ask.Versions: fields(room=ROOM, target=SEQ),
    ask.Conversation: fields(room=ROOM, target=SEQ),
    ask.SetTopic: fields(room=ROOM, topic=long(300) | long(TEXT_CHARS), nonce=long(64)),
    ask.History: st.sampled_from(["before", "after", "around"]).flatmap(
        lambda place: fields(room=ROOM, limit=st.sampled_from([1, 50, 200]), **{place: SEQ})
    ),
    ask.Timeline: st.sampled_from(["before", "after", "around"]).flatmap(
        lambda place: fields(room=ROOM, limit=st.sampled_from([1, 50, 200]), **{place: SEQ})
    ),
    ask.Who: fields(room=ROOM),
    ask.Read: fields(room=st.sampled_from([str(ODD), str(PLAIN)]), seq=SEQ),
    ask.Search: fields(query=QUERY, limit=st.sampled_from([1, 20, 50])),
    ask.Typing: fields(room=ROOM),
    ask.Signal: fields(room=ROOM, text=long(500), tags=TAGS),
    ask.Ping: fields(),
    ask.Bye: fields(),
}
"""By command; what says no reply (`typing`) is behind a ping."""

COMMANDS = st.one_of(
    [
        some.map(lambda found, kind=kind: {"type": tag_of(kind), **found})  # type: ignore[misc]
        for kind, some in JSON.items()
    ]
)


def tag_of(kind: type[ask.Command]) -> str:
    """What JSON calls a command."""
    return str(kind.__struct_config__.tag)


LINES: dict[str, st.SearchStrategy[str]] = {
    "": long(TEXT_CHARS) | long(2 * LINE_BYTES),
    "/help": st.just(""),
    "/rooms": ANY,
    "/who": ANY,
    "/join": ROOM,
    "/delete": ROOM,
    "/history": long(10) | st.sampled_from(["1", "200", "9" * 1000]),
    "/topic": long(TEXT_CHARS) | st.just("-"),
    "/reply": st.tuples(USER, long(TEXT_CHARS)).map(" ".join),
    "/search": QUERY | st.just("more"),
    "/say": long(TEXT_CHARS),
    **dict.fromkeys(
        ("/leave", "/nick", "/login", "/invite", "/unmute", "/ban-network"), USER | ANY
    ),
    **dict.fromkeys(("/register", "/password", "/own", "/logout", "/close-account"), PASSWORD),
    **dict.fromkeys(("/reset", "/factor", "/unlink", "/filter", "/unfilter"), PASSWORD),
    **dict.fromkeys(("/devices", "/rules", "/bans", "/archive", "/audit", "/links"), ANY),
    **dict.fromkeys(("/queue", "/approve", "/refuse", "/link", "/back", "/seen"), ANY),
    "/strangers": ANY,
    **dict.fromkeys(("/access", "/speak", "/slow", "/guests", "/rename-room", "/unban"), ANY),
    **dict.fromkeys(("/topics", "/outside", "/most"), ANY),
    "/edit": long(TEXT_CHARS),
    **dict.fromkeys(("/exempt", "/unexempt"), USER | ANY),
    **dict.fromkeys(("/undo", "/pin", "/unpin", "/pins"), USER | ANY),
    **dict.fromkeys(("/react", "/unreact"), ANY | st.tuples(USER, ANY).map(" ".join)),
    **dict.fromkeys(("/past", "/newcomers", "/keep", "/about", "/away", "/busy"), ANY),
    **dict.fromkeys(("/whois", "/block", "/unblock", "/uninvite", "/reset-link"), USER | ANY),
    **dict.fromkeys(
        ("/msg", "/role", "/kick", "/ban", "/mute", "/report"),
        st.tuples(USER, ANY).map(" ".join),
    ),
    "/knock": st.tuples(ROOM, ANY).map(" ".join),
    "/server": st.tuples(st.sampled_from(["ban", "kick", "audit"]), USER | ANY).map(" ".join),
    "/quit": st.just(""),
    "exit": st.just(""),
}
"""By command of the line protocol; "" is a text."""

LINES = {word: texts.map(one_line) for word, texts in LINES.items()}

STAGES: dict[str, st.SearchStrategy[str]] = {
    "NAME": (USER | ANY).map(one_line),
    "ROOM": (ROOM | ANY).map(one_line),
}
"""What is said at the beginning of a conversation in lines."""


def url(text: str) -> str:
    """Within what is one request line."""
    return quote(text, safe="", errors="replace")[:6000].removesuffix("%")


NUMBERS = st.sampled_from(["1", "50", "200", "9" * 4000, "-1"]) | long(50).map(url)
QUERIES = long(2000).map(url)
PATHS: dict[str, st.SearchStrategy[str]] = {
    "/": QUERIES.map("/?{}".format),
    "/worker.js": st.just("/worker.js"),
    "/version.json": st.just("/version.json"),
    "/join": QUERIES.map("/join?{}".format),
    "/static/{name:path}": st.sampled_from(["main.js", "text/emoji.txt"]).map("/static/{}".format)
    | long(1000).map(url).map("/static/{}".format)
    | st.integers(1, 3000).map(lambda deep: "/static/" + "../" * deep),
    "/healthz": st.just("/healthz"),
    "/doors.json": QUERIES.map("/doors.json?origin={}".format),
    "/metrics": st.just("/metrics"),
    "/api/rooms": QUERIES.map("/api/rooms?{}".format),
    "/api/rooms/{room}/events": st.tuples(
        ROOM, st.sampled_from(["before", "after", "around", "limit"]), NUMBERS
    ).map(lambda given: f"/api/rooms/{url(given[0][:1000])}/events?{given[1]}={given[2]}"),
    "/api/rooms/{room}/timeline": st.tuples(
        ROOM, st.sampled_from(["before", "after", "around", "limit"]), NUMBERS
    ).map(lambda given: f"/api/rooms/{url(given[0][:1000])}/timeline?{given[1]}={given[2]}"),
    "/api/search": QUERY.map(lambda query: f"/api/search?limit=50&q={url(query[:1000])}"),
    "/api/me": QUERIES.map("/api/me?{}".format),
    "/api/login": QUERIES.map("/api/login?{}".format),
    "/api/commands": QUERIES.map("/api/commands?{}".format),
    "/api/rooms/{room}/messages": ROOM.map(lambda room: f"/api/rooms/{url(room[:1000])}/messages"),
    **{
        path: st.tuples(ROOM, NUMBERS, long(50)).map(
            lambda given, path=path: (
                path.replace("{room}", url(given[0][:1000]))  # type: ignore[misc]
                .replace("{seq}", given[1])
                .replace("{emoji}", url(given[2]) or "x")
            )
        )
        for path in (
            "/api/rooms/{room}/messages/{seq}",
            "/api/rooms/{room}/messages/{seq}/reactions/{emoji}",
            "/api/rooms/{room}/messages/{seq}/versions",
            "/api/rooms/{room}/messages/{seq}/conversation",
            "/api/rooms/{room}/pins",
            "/api/rooms/{room}/pins/{seq}",
        )
    },
    "/api/files": long(1000).map(url).map("/api/files?name={}".format),
    "/api/files/pass": QUERIES.map("/api/files/pass?{}".format),
    "/api/files/{id}": long(1000).map(url).map("/api/files/{}".format),
    "/api/files/{id}/thumbnail": long(500).map(url).map("/api/files/x/thumbnail?pass={}".format),
    "/api/files/{id}/{name}": long(1000).map(url).map("/api/files/x/{}".format),
    "/api/uploads": QUERIES.map("/api/uploads?{}".format),
    "/api/uploads/{id}": long(1000).map(url).map("/api/uploads/{}".format),
    "/api/admin/{task}": long(1000).map(url).map("/api/admin/{}".format)
    | st.sampled_from(sorted(task.name for task in TASKS)).map("/api/admin/{}".format),
    "/sign-on": QUERIES.map("/sign-on?here=1&room={}".format),
    "/sign-on/callback": QUERIES.map("/sign-on/callback?state={}".format),
    "/sign-on/code": QUERIES.map("/sign-on/code?{}".format),
    "/sign-on/link": QUERIES.map("/sign-on/link?{}".format),
    "/sign-on/unlink": QUERIES.map("/sign-on/unlink?{}".format),
    "/openapi.json": st.just("/openapi.json"),
    "/schema.json": st.just("/schema.json"),
    "/ws": QUERIES.map("/ws?{}".format),
    "/irc": QUERIES.map("/irc?{}".format),
}
"""By route."""

BODIES: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "/api/login": fields(user=USER, password=PASSWORD, code=long(64), client=long(100)),
    "/api/commands": COMMANDS,
    "/api/rooms/{room}/messages": fields(text=long(TEXT_CHARS), nonce=long(64)),
    "/api/admin/{task}": fields(query=long(100), user=USER, room=ROOM, limit=NUMBERS),
    "/sign-on/code": fields(),
    "/sign-on/unlink": fields(password=PASSWORD),
}
"""By route that takes one; the others are asked with GET."""
