"""Import: what `hubbub.moving.planning` has planned is written, so that it can stop anywhere.

What is in the log already is known by its nonce, and not written again. A new room is written
under a name that nobody sees, and gets its own when all rooms are whole.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from msgspec.structs import replace

from hubbub.domain.errors import ChatError, NameTaken
from hubbub.domain.events import (
    UNSEQUENCED,
    AnyEvent,
    Pinned,
    Said,
    TopicSet,
)
from hubbub.domain.ids import UserId
from hubbub.domain.kinds import is_message
from hubbub.domain.names import RoomName
from hubbub.domain.projection import target_of
from hubbub.hub.ports import (
    Draft,
    Entry,
    ForgetRoom,
    KeepMarkers,
    Marker,
    NameRoom,
    Row,
    Settled,
)
from hubbub.moving.batches import Batches, stopped
from hubbub.moving.bringing import Bringing
from hubbub.moving.choices import Choices, Operator, Source
from hubbub.moving.errors import MovingError, Stopped
from hubbub.moving.opening import opening, topic_line
from hubbub.moving.planning import (
    SLICE,
    Destination,
    Plan,
    nonce_logged,
    nonce_of,
    plan,
)
from hubbub.moving.ports import Server
from hubbub.moving.registering import register_people
from hubbub.moving.relating import Numbers, Relations
from hubbub.moving.report import ImportReport, Outcome, Progress, Told, tell_nobody
from hubbub.moving.slices import slices
from hubbub.moving.stream import Item, Logged, Mention, Message, Topic
from hubbub.moving.texts import pieces, written

MARKERS = 500  # that are saved together
NOTHING_TO_SEE = "messages with nothing to see in them"
NO_AUTHOR = "texts without an author's id, for a room that is here already"
NO_TEXTS = "events that are no texts, for a room that is here already"
TAKEN_BACK = "texts that were taken back"
ABOUT_NOTHING = "changes of, and reactions to, texts that are not there"


async def import_rooms(
    server: Server,
    source: Source,
    choices: Choices,
    operator: Operator,
    *,
    dry: bool = False,
    told: Told = tell_nobody,
) -> ImportReport:
    """Imports ``source``, and returns what was done; with ``dry`` what would be done.

    Raises `hubbub.moving.errors.MovingError`: before anything was changed, but for
    `hubbub.moving.errors.Stopped`; and `hubbub.domain.errors.LogUnavailable`.
    """
    made = await plan(server, source, choices, dry=dry, told=told)
    if dry:
        for place in made.rooms.values():
            place.report.added = place.report.events if place.new else 0
            made.report.files += place.files if place.new else 0
        return made.report
    try:
        server.check_disk()
    except ChatError as error:
        raise stopped(error) from None
    await _Import(server, made, operator, told).run()
    return made.report


class _Written:
    """A room, as far as it is written.

    ``here``: the events that its log had when this began. ``seqs``: where messages are that others
    answer, or change, by the hashes of their ids. ``waiting``: those of them that are on their way.
    """

    def __init__(self, place: Destination, here: int) -> None:
        self.place = place
        self.here = here
        self.seqs: dict[int, int] = {}
        self.waiting: set[int] = set()
        self.numbers = Numbers(0)

    def settled(self, outcome: Settled) -> None:
        """Counts what has become of one event."""
        if outcome.duplicate:
            self.place.report.again += 1
        else:
            self.place.report.added += 1

    def answered(self, key: int, outcome: Settled) -> None:
        """The message with that key is in the log."""
        self.settled(outcome)
        self.waiting.discard(key)
        if outcome.event is not None:
            self.seqs[key] = outcome.event.seq


class _Import:
    def __init__(self, server: Server, plan: Plan, operator: Operator, told: Told) -> None:
        self._server = server
        self._plan = plan
        self._source = plan.source
        self._operator = operator
        self._told = told
        self._batches = Batches(server)
        self._relations = Relations(plan)
        self._bringing = Bringing(server, self._skip)
        self._rooms: dict[str, _Written] = {}
        self._done = 0
        self._total = sum(place.report.events for place in plan.rooms.values() if place.taken)

    async def run(self) -> None:
        await register_people(self._server, self._plan, self._told)
        try:
            async for items in slices(self._source.items(), SLICE):
                for item in items:
                    await self._take(item)
        except Stopped:
            raise
        except MovingError as error:
            raise Stopped(f"The import has stopped, as the files have changed: {error}") from None
        await self._batches.flush()
        self._plan.report.files = self._bringing.brought
        for room in self._rooms.values():
            await self._end(room.place)
        await self._batches.flush()
        await self._finish([room for room in self._rooms.values() if room.place.new])

    # Rooms

    async def _take(self, item: Item) -> None:
        if not isinstance(item, Message | Topic | Logged):
            return
        place = self._plan.rooms[item.room]
        if not place.taken:
            return
        room = self._rooms.get(item.room) or await self._begin(item.room, place)
        if isinstance(item, Logged):
            await self._logged(room, item)
        elif isinstance(item, Message):
            await self._message(room, item)
        else:
            await self._topic(room, item.topic, item.by, item.at, nonce_of(self._source, item))
        self._done += 1
        if self._done % SLICE == 0:
            self._told(Progress(room.place.room.name, self._done, self._total))

    async def _begin(self, id: str, place: Destination) -> _Written:
        here = await self._server.log.head(place.log.key) if place.new else 0
        if here and place.base:  # what stands before the first event may be other than it was
            await self._server.settle([partial(_made, ForgetRoom(place.log))])
            here = 0
        if place.stale is not None:
            await self._server.settle([partial(_made, ForgetRoom(place.stale))])
        room = self._rooms[id] = _Written(place, here)
        if place.new:
            before = opening(self._plan, self._relations, place, self._operator)
            room.numbers = Numbers(len(before))
            for event in before[here:]:
                await self._batches.add(Draft(place.log, event), _forget)
        return room

    async def _message(self, room: _Written, item: Message) -> None:
        author = self._plan.authors[item.by]
        text = written(item.text, self._name_of, action=item.action)
        if not text:
            self._skip(NOTHING_TO_SEE)
            return
        reply_to = None if item.reply_to is None else await self._seq(room, hash(item.reply_to))
        key, moved = hash(item.id), not (room.place.new or room.place.fresh)
        for number, piece in enumerate(pieces(text)):
            first = number == 0
            answers = reply_to if first else None
            event = Said(
                UNSEQUENCED, item.at, author.name, piece, answers, moved=moved, by_id=author.id
            )
            draft = Draft(room.place.log, event, nonce=nonce_of(self._source, item, number))
            await self._say(room, draft, key if first else None)

    async def _logged(self, room: _Written, item: Logged) -> None:
        event = item.event
        known = nonce_logged(self._source, room.place.room.id, event)
        if not room.place.new:
            await self._behind(room, item, known)
            return
        target = getattr(event, "target", None)
        if target is not None and room.numbers.of(target) is None:
            self._skip(ABOUT_NOTHING)  # it was deleted for its age, and the log would refuse it
            return
        number = room.numbers.take(event.seq)
        moved = self._relations.event(event, room.numbers)  # which remembers the tickets of all
        if number <= room.here:
            room.place.report.again += 1
            return
        also: tuple[Row, ...] = ()
        if isinstance(event, Said) and isinstance(moved, Said) and event.files:
            moved, also = await self._bringing.with_files(moved, event.files, item.files, known)
        draft = Draft(room.place.log, moved, nonce=known, also=also)

        def check(outcome: Settled) -> None:
            room.settled(outcome)
            if outcome.event is None or outcome.event.seq != number:
                raise Stopped(
                    f"{room.place.room.name} was begun to be imported from another file. Import "
                    "that one first."
                )

        await self._batches.add(draft, check)

    async def _behind(self, room: _Written, item: Logged, known: str) -> None:
        """An event of Hubbub's own export for a room that is here already."""
        event = item.event
        if isinstance(event, Pinned) or not (is_message(event) or target_of(event)):
            self._skip(NO_TEXTS)
        elif event.by_id is None:
            # The log would not know it again. Only very old texts have no author's id.
            self._skip(NO_AUTHOR)
        elif isinstance(event, Said):
            also: tuple[Row, ...] = ()
            by = self._relations.id(event.by_id)
            here = (event.redacted or event.files) and by and await self._is_here(by, known)
            if event.redacted and not here:
                self._skip(TAKEN_BACK)
                return
            reply_to = None if event.reply_to is None else await self._seq(room, event.reply_to)
            said = replace(self._relations.message(event, reply_to), moved=True)
            if event.files and not here:
                said, also = await self._bringing.with_files(said, event.files, item.files, known)
            draft = Draft(room.place.log, said, nonce=known, also=also)
            await self._say(room, draft, event.seq)
        else:
            await self._amend(room, event, known)

    async def _is_here(self, by: UserId, known: str) -> bool:
        return await self._server.log.room_of(by, known) is not None

    async def _amend(self, room: _Written, event: AnyEvent, known: str) -> None:
        """Changes a message that is behind what was here."""
        seq = await self._seq(room, target_of(event) or 0)
        if seq is None:
            self._skip(ABOUT_NOTHING)
            return

        def then(outcome: Settled) -> None:
            if outcome.error is None:
                room.settled(outcome)
            else:  # it was taken back here
                self._skip(ABOUT_NOTHING)

        draft = Draft(room.place.log, self._relations.amendment(event, seq), nonce=known)
        await self._batches.add(draft, then, may_fail=True)

    async def _say(self, room: _Written, draft: Draft, key: int | None) -> None:
        if key is None or key not in room.place.answered:
            await self._batches.add(draft, room.settled)
        else:
            room.waiting.add(key)
            await self._batches.add(draft, partial(room.answered, key))

    async def _seq(self, room: _Written, key: int) -> int | None:
        """The ``seq`` of the message with that key; None if there is none before this."""
        if key in room.waiting:
            await self._batches.flush()
        return room.seqs.get(key)

    async def _topic(self, room: _Written, topic: str, by: str, at: int, known: str) -> None:
        author = self._plan.authors[by]
        if room.place.new or room.place.fresh:
            event = TopicSet(UNSEQUENCED, at, author.name, topic_line(topic), by_id=author.id)
            await self._batches.add(Draft(room.place.log, event, nonce=known), room.settled)
        else:
            self._skip(NO_TEXTS)

    def _skip(self, why: str) -> None:
        skipped = self._plan.report.skipped
        skipped[why] = skipped.get(why, 0) + 1

    def _name_of(self, mention: Mention) -> str:
        author = self._plan.authors.get(mention.person)
        if author is None:
            return f"@{mention.name or mention.person}"
        return f"@{author.name if author.spoke or author.known else mention.name or author.name}"

    async def _end(self, place: Destination) -> None:
        """Says what a room is about that was here, and silent, and whose texts do not say it."""
        if place.fresh and (topic := topic_line(place.room.topic)) and not place.topics:
            event = TopicSet(UNSEQUENCED, place.last, self._operator.name, topic)
            await self._batches.add(Draft(place.log, event), _forget)

    async def _finish(self, rooms: list[_Written]) -> None:
        """Gives the new rooms their names: from now on they are seen."""
        whole: list[RoomName] = []
        try:
            for room in rooms:
                whole += await self._named(room.place)
        finally:
            if whole:
                await self._server.adopt(whole)

    async def _named(self, place: Destination) -> list[RoomName]:
        """Gives a new room its name, and returns it; nothing if another one has it by now."""
        head = await self._server.log.head(place.log.key)
        markers = [Marker(id, place.log, head) for id in self._members(place)]
        entries: list[Entry] = [
            KeepMarkers(tuple(markers[at : at + MARKERS])) for at in range(0, len(markers), MARKERS)
        ]
        entries.append(NameRoom(place.log, place.name))
        for outcome in await self._server.settle([partial(_made, entry) for entry in entries]):
            if isinstance(outcome.error, NameTaken):
                place.report.outcome = Outcome.SKIPPED
                place.report.why = (
                    f"a room {place.name} was made meanwhile; import it again, with another name"
                )
                return []
            if outcome.error is not None:
                raise stopped(outcome.error)
        return [place.name]

    def _members(self, place: Destination) -> list[UserId]:
        """Who belongs to the room: what was said before is not unread for them."""
        if place.direct:
            return list(place.direct)
        if not place.room.private:
            return []
        people = (self._plan.authors.get(id) for id in place.room.members)
        return [one.id for one in people if one is not None and one.account]


def _made(entry: Entry, done: Callable[[Settled], None]) -> Entry:
    return replace(entry, done=done)


def _forget(outcome: Settled) -> None:
    """What opens a room is counted by nobody."""
