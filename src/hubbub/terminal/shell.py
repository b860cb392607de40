"""Room names for the shell's completion: from the server if it is quick, else from the cache."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterable
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlencode

import msgspec

from hubbub.client.address import ENDPOINT, Address
from hubbub.client.certificate import fingerprint, unverified
from hubbub.client.folder import default_folder
from hubbub.client.knownservers import FILE_NAME, KnownServers
from hubbub.domain.commands import MAX_NAME_QUERY_CHARS
from hubbub.domain.errors import InvalidName
from hubbub.domain.names import RoomName
from hubbub.domain.replies import RoomInfo

SERVER_SECONDS = 0.3  # for the server's answer after Tab is pressed
MOST_BYTES = 4 * 1024 * 1024  # of that answer: a page has at most 500 rooms


_QUOTING = re.compile(r"""[\\'"]""")  # a word may be typed as Tea\&Cake: the server gets its parts


class _Rooms(msgspec.Struct):
    rooms: list[RoomInfo]


def room_names(address: Address, typed: str = "") -> list[tuple[str, str]]:
    """Pairs of room and description, those with the most users first.

    If there are very many rooms, only those with ``typed`` in their names; the shell uses those
    that begin with it.
    """
    rooms = _from_server(address, typed)
    if rooms is None:
        return [(name, "") for name in _typeable(_cached(address))]
    users = {room.name: room.users for room in rooms}
    return [(name, _users(users[name])) for name in _typeable(users)]


def _from_server(address: Address, typed: str) -> list[RoomInfo] | None:
    """The rooms; None if that takes too long. Over HTTP the list needs no user name."""
    rooms: list[RoomInfo] = []
    failed = threading.Event()

    def ask() -> None:
        try:
            rooms.extend(_ask(address, typed))
        except Exception:  # noqa: BLE001  # the cache is used instead
            failed.set()

    # In a thread: the host name may take long to resolve, and no timeout applies to that.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(SERVER_SECONDS)
    return None if asking.is_alive() or failed.is_set() else rooms


def _ask(address: Address, typed: str) -> list[RoomInfo]:
    connection = _connected(address)
    path = address.endpoint.removesuffix(ENDPOINT) + "/api/rooms"
    if typed:
        path += "?" + urlencode({"q": _QUOTING.sub(" ", typed)[:MAX_NAME_QUERY_CHARS]})
    with contextlib.closing(connection):
        connection.request("GET", path)
        answer = connection.getresponse()
        if answer.status != 200:
            raise HTTPException(answer.status)
        return msgspec.json.decode(answer.read(MOST_BYTES), type=_Rooms).rooms


def _connected(address: Address) -> HTTPConnection:
    """A connection to the server, if its key is accepted. Nobody can be asked here."""
    known = KnownServers(default_folder() / FILE_NAME)
    server = str(address)
    if not address.secure and server not in known:
        return HTTPConnection(address.host, address.port, timeout=SERVER_SECONDS)
    wanted = known.fingerprint(server)
    tls = None if wanted is None else unverified()
    connection = HTTPSConnection(address.host, address.port, timeout=SERVER_SECONDS, context=tls)
    if wanted is not None:
        connection.connect()
        shown = connection.sock.getpeercert(binary_form=True)
        if shown is None or fingerprint(shown) != wanted:
            connection.close()
            raise HTTPException("It is another server.")
    return connection


def _cached(address: Address) -> list[str]:
    # Imported here: loading it takes longer than the answer of a server nearby.
    from hubbub.client.cache import Cache, place

    file = default_folder() / f"{place.file_name(address)}.db"
    if not file.exists():  # `Cache.open` would make it
        return []
    with Cache.open(address) as cache:
        return cache.rooms()


def _typeable(names: Iterable[str]) -> Iterable[str]:
    """The valid names that a shell does not take for options."""
    for name in names:
        with contextlib.suppress(InvalidName):
            if RoomName.parse(name) == name and not name.startswith("-"):
                yield name


def _users(count: int) -> str:
    return f"{count} {'user' if count == 1 else 'users'}"
