"""The page at ``/join``: how to join with other clients, at the address that one came by."""

from __future__ import annotations

from functools import cached_property
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from hubbub.domain.replies import RoomInfo, RoomList
from hubbub.hub.access import ANYBODY
from hubbub.server.http.assets import FOLDER, MEDIA_TYPES
from hubbub.server.http.reached import Reached, reached
from hubbub.server.http.view import HubView

MAX_ROOMS = 100  # on the page; the API has all

# Nothing but this server's own style sheet and icon: there is no script on this page.
CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)

NETCAT = Template("""\
<p>Nothing else is needed. Say your name, then the name of a room; <kbd>exit</kbd> leaves, and
<kbd>/help</kbd> says what else there is.</p>
<pre><code>nc $host $port</code></pre>""")

ENCRYPTED = Template("""\
<p>This server encrypts, so with what does that, too: ncat (of Nmap), or OpenSSL. Say your name,
then the name of a room; <kbd>exit</kbd> leaves, and <kbd>/help</kbd> says what else there is.</p>
<pre><code>ncat --ssl $host $port</code></pre>
<pre><code>openssl s_client -quiet -connect $netloc</code></pre>""")

NO_NETCAT = """\
<p>Not at this address: what answers here speaks HTTP, or encrypts, and netcat does neither. Whoever
runs the server knows whether its own port can be reached.</p>"""

IRC = Template("""\
<p>WeeChat, irssi, HexChat or any other: a room is a channel, as in <kbd>/join #General</kbd>. The
server is <strong>$host</strong>, the port <strong>$port</strong>, $tls TLS. So in irssi:</p>
<pre><code>/connect $option$host $port</code></pre>""")

IRC_ELSEWHERE = Template("""\
<p>Not with all of them at this address: what answers here speaks HTTP. Clients that run in a
browser reach the channels, as rooms are called there, by a WebSocket:</p>
<pre><code>$websocket</code></pre>""")


class JoinPage:
    """Fills in the page for each request."""

    def __init__(self, hub: HubView, folder: Path = FOLDER) -> None:
        self._hub = hub
        self._path = folder / "join.html"

    async def get(self, request: Request) -> Response:
        """Answers with the page."""
        at = reached(request)
        found = self._hub.room_list(ANYBODY, limit=MAX_ROOMS)
        text = self._template.substitute(
            name=escape(self._hub.server_name),
            address=escape(at.url("http").partition("://")[2]),
            client=escape(_for_clients(at)),
            netcat=_netcat(at),
            irc=_irc(at),
            websocket=escape(at.url("ws", "/ws")),
            rooms="\n".join(map(_row, found.rooms)),
            summary=_summary(found),
        )
        headers = {"Content-Security-Policy": CONTENT_POLICY, "Cache-Control": "no-store"}
        return Response(text, headers=headers, media_type=MEDIA_TYPES[self._path.suffix])

    @cached_property
    def _template(self) -> Template:
        return Template(self._path.read_text(encoding="utf-8"))


def _for_clients(at: Reached) -> str:
    """The address for our own clients. With a slash at its end a path is no room."""
    if at.prefix:
        return at.url("http", "/")
    return at.url("http") if at.secure else at.netloc


def _netcat(at: Reached) -> str:
    """How to join by lines, if one can."""
    if at.direct:
        return NETCAT.substitute(host=escape(at.host), port=at.port)
    if at.to_us:
        return ENCRYPTED.substitute(host=escape(at.host), port=at.port, netloc=escape(at.netloc))
    return NO_NETCAT


def _irc(at: Reached) -> str:
    """How to join with a client of IRC: as with netcat, or else by a WebSocket."""
    if not at.direct and not at.to_us:
        return IRC_ELSEWHERE.substitute(websocket=escape(at.url("ws", "/irc")))
    tls, option = ("without", "") if at.direct else ("with", "-tls ")
    return IRC.substitute(host=escape(at.host), port=at.port, tls=tls, option=option)


def _row(room: RoomInfo) -> str:
    name = escape(room.name)
    events = f"api/rooms/{quote(room.name, safe='')}/events"
    return (
        f'<tr><th scope="row"><a href="{events}"><bdi>{name}</bdi></a></th>'
        f"<td>{room.users}</td><td>{room.head}</td></tr>"
    )


def _summary(found: RoomList) -> str:
    rooms = _count(found.total or 0, "room")
    if found.next is not None:
        return f"{rooms}. These are the {MAX_ROOMS} with the most users."
    users = sum(room.users for room in found.rooms)
    return f"{rooms}, {_count(users, 'user')}."


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
