"""Reads transcripts of Campfire, as its API gave them: JSON with messages, users and rooms.

https://github.com/basecamp/campfire-api describes them. The newer ONCE Campfire has no documented
export; what is there is its database.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from hubbub.moving.errors import BadFile
from hubbub.moving.jsonstream import Found, typed, values
from hubbub.moving.stream import Files, Item, Message, Person, Room, Skipped, Topic
from hubbub.moving.times import parsed_time

FORMAT = "campfire"
KEYS = frozenset({"messages", "rooms", "room", "users", "user"})
"""What such a file has at the top, one of these alone."""

COMINGS = "lines of who came and left"
OWN_LINES = "lines of Campfire's own: times, sounds, advertisements, guests"
_COMINGS = {"EnterMessage", "LeaveMessage", "KickMessage"}
_TEXTS = {"TextMessage", "PasteMessage", "TweetMessage", "UploadMessage"}


class _User(Struct):
    id: int
    name: str
    type: str = "Member"


class _Room(Struct):
    id: int
    name: str
    topic: str | None = None
    users: list[_User] = []


class _Message(Struct):
    id: int
    room_id: int
    created_at: str
    type: str
    body: str | None = None
    user_id: int | None = None


class _Transcript(Struct):
    file: str
    room: int
    first: int


class CampfireExport:
    """A `hubbub.moving.choices.Source`. Raises `BadFile`."""

    format = FORMAT
    accounts = True
    namespace = FORMAT

    def __init__(self, files: Files) -> None:
        self._files = files
        self._users: dict[int, _User] = {}
        self._rooms: dict[int, _Room] = {}
        found = [self._look(name) for name in files.names() if name.endswith(".json")]
        transcripts = [one for one in found if one is not None]
        self._transcripts = sorted(transcripts, key=lambda one: (one.room, one.first))

    def items(self) -> Iterator[Item]:
        for user in self._users.values():
            yield Person(str(user.id), user.name, account=user.type == "Member")
        people, rooms = set(self._users), set[int]()
        for transcript in self._transcripts:
            file, number = transcript.file, transcript.room
            if number not in rooms:
                rooms.add(number)
                room = self._rooms.get(number) or _Room(number, f"campfire-{number}")
                yield Room(str(number), room.name, room.topic or "")
            for found in values(self._files, file, file, within="messages"):
                if found.key == "messages":
                    yield from _message(found, file, number, people)

    def _look(self, name: str) -> _Transcript | None:
        """Notes the users and rooms of a file; of a transcript whose it is, if it has messages."""
        for found in values(self._files, name, name, within="messages"):
            if found.key == "messages":
                message = typed(found, _Message, name)
                return _Transcript(name, message.room_id, message.id)
            if found.key not in KEYS:
                raise BadFile(name, found.line, f'A file of Campfire\'s has no "{found.key}".')
            rows = found.value if isinstance(found.value, list) else [found.value]
            for row in (Found(found.key, found.line, row) for row in rows):
                if found.key in ("user", "users"):
                    users = [typed(row, _User, name)]
                else:
                    room = typed(row, _Room, name)
                    self._rooms[room.id], users = room, room.users
                self._users |= {user.id: user for user in users}
        return None


def _message(found: Found, file: str, room: int, people: set[int]) -> Iterator[Item]:
    message = typed(found, _Message, file)
    if message.room_id != room:
        raise BadFile(file, found.line, "This message is of another room than the first one.")
    if message.type in _COMINGS:
        yield Skipped(COMINGS)
        return
    if message.user_id is None or not message.body:
        yield Skipped(OWN_LINES)
        return
    at = parsed_time(message.created_at)
    if at is None:
        raise BadFile(file, found.line, f"This is no time: {message.created_at[:40]!r}.")
    by, id = str(message.user_id), str(message.id)
    if message.user_id not in people:
        people.add(message.user_id)
        yield Person(by, f"campfire-{by}", account=False)
    if message.type == "TopicChangeMessage":
        yield Topic(str(room), id, by, at, message.body)
    elif message.type in _TEXTS:
        code = message.type == "PasteMessage"
        text = f"```\n{message.body}\n```" if code else message.body
        yield Message(str(room), id, by, at, (text,))
    else:
        yield Skipped(OWN_LINES)
