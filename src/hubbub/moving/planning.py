"""The plan of an import: all of its files are read, and nothing is changed.

So what is broken in them is found before anything of it is on the server, and what would be made
can be told beforehand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from msgspec import Struct

from hubbub.domain.errors import InvalidName
from hubbub.domain.events import AnyEvent, DirectBegun, Said
from hubbub.domain.ids import UserId
from hubbub.domain.kinds import is_message
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.projection import target_of
from hubbub.domain.rules import KEEPS_MEMBERS, MAX_IN_DIRECT, READ_BY_ALL, RoomAccess
from hubbub.domain.state import Member
from hubbub.domain.unfinished import is_unfinished, unfinished
from hubbub.hub.directs import room_of
from hubbub.hub.ports import RoomRecord
from hubbub.moving.bringing import NOT_BESIDE
from hubbub.moving.choices import Choices, Source
from hubbub.moving.errors import CannotImport
from hubbub.moving.naming import Names, nonce, person_id, room_name
from hubbub.moving.ports import Server
from hubbub.moving.report import (
    ImportedPerson,
    ImportedRoom,
    ImportReport,
    Outcome,
    Progress,
    Told,
    tell_nobody,
)
from hubbub.moving.slices import slices
from hubbub.moving.stream import Item, Logged, Message, Person, Room, Skipped, Topic

SLICE = 500  # items that are looked at between two steps of the loop: some milliseconds
MAX_PEOPLE = 200_000  # of one import: they are kept in memory, as are
MAX_ROOMS = 20_000
DAY_MS = 86_400_000  # by which clocks may differ
LAST_AT = 253_370_764_800_000  # the year 9999 begins: no calendar of a client has a later one


class Author(Struct):
    """Who somebody is here. ``known``: the account is here already. ``spoke``: in what is taken."""

    person: Person
    id: UserId
    name: UserName
    account: bool
    known: bool = False
    spoke: bool = False


class First(Struct, frozen=True):
    """The first thing in a room that has an author: by its nonce the room is found again."""

    by: str
    nonce: str
    at: int


class Destination(Struct):
    """What becomes of a room. ``log``: where its events are written.

    ``answered``: hashes of the ids of messages that others answer, or change. ``base``: in Hubbub's
    own export, the ``seq`` before its first event. ``members``: who reads it, if not everybody.
    ``last``: the time of the last event; ``disorder``: events that are older than one before them.
    ``topics``: how often it is said among them what the room is about. ``fresh``: nothing was said
    before in the room that the texts go into. ``stale``: what an import that stopped has begun, and
    is not gone on with. ``files``: those of its messages that there are.
    """

    room: Room
    report: ImportedRoom
    name: RoomName
    log: RoomName
    first: First | None = None
    base: int | None = None
    answered: set[int] = set()
    last: int = 0
    disorder: int = 0
    direct: tuple[UserId, ...] = ()
    fresh: bool = False
    stale: RoomName | None = None
    topics: int = 0
    files: int = 0

    @property
    def taken(self) -> bool:
        """Whether anything of it is imported."""
        return self.report.outcome is not Outcome.SKIPPED

    @property
    def new(self) -> bool:
        """Whether the room is made by this, or by an import that stopped."""
        return self.report.outcome in (Outcome.NEW, Outcome.CONTINUED)


class Plan(Struct):
    """What is done: by whom things were said, and where to they go."""

    source: Source
    report: ImportReport
    authors: dict[str, Author]
    rooms: dict[str, Destination]
    names: Names
    is_taken: Callable[[UserName, UserId], bool]


def room_key(source: Source, room: str) -> str:
    """What a room of the source is called among all that are imported."""
    return f"{source.namespace} {room}"


def nonce_of(source: Source, item: Message | Topic, piece: int = 0) -> str:
    """By what the log knows a message again; ``piece``: of a long one."""
    return nonce(source.namespace, item.room, item.id, piece)


def nonce_logged(source: Source, room: str, event: AnyEvent) -> str:
    """By what the log knows an event of Hubbub's own export again."""
    return nonce(source.namespace, room, event.seq, event.at)


async def plan(
    server: Server, source: Source, choices: Choices, *, dry: bool, told: Told = tell_nobody
) -> Plan:
    """Reads all of it. Raises `hubbub.moving.errors.MovingError`, `LogUnavailable`."""
    report = ImportReport(source.format, dry, [], [], {}, [])
    made = Plan(source, report, {}, {}, Names(server.is_taken), server.is_taken)
    survey = _Survey(made, choices)
    async for items in slices(source.items(), SLICE):
        for item in items:
            survey.take(item)
        told(Progress("reading", survey.events))
    if days := server.keep_days():
        report.notes.append(
            f"This server deletes what is older than {days} days, also of what is imported."
        )
    await _name_people(server, made, choices)
    await _place_rooms(server, made, choices)
    _tell(made, survey, server.clock())
    return made


class _Survey:
    """Counts what there is, and remembers what is needed to write it."""

    def __init__(self, plan: Plan, choices: Choices) -> None:
        self._plan = plan
        self._choices = choices
        self._only = None if choices.only is None else set(choices.only)
        self._found: set[str] = set()
        self.skipped: Counter[str] = Counter()
        self.events = 0

    def take(self, item: Item) -> None:
        """The next item."""
        match item:
            case Message() | Topic():
                self._message(item)
            case Logged():
                self._logged(item)
            case Person():
                if len(self._plan.authors) >= MAX_PEOPLE:
                    raise CannotImport(f"There are more than {MAX_PEOPLE:,} people in it.")
                author = Author(item, UserId(""), UserName.recall(item.name), item.account)
                self._plan.authors.setdefault(item.id, author)
            case Room():
                self._room(item)
            case Skipped(why=why, count=count):
                self.skipped[why] += count

    def _room(self, room: Room) -> None:
        rooms, choices = self._plan.rooms, self._choices
        if room.id in rooms:
            return
        if len(rooms) >= MAX_ROOMS:
            raise CannotImport(f"There are more than {MAX_ROOMS:,} rooms in it.")
        self._found |= {room.name, room.id}
        report = ImportedRoom(room.name, room.name, Outcome.NEW)
        wished = choices.rooms.get(room.id) or choices.rooms.get(room.name, room.name)
        name = room_name(wished)
        log = unfinished(room_key(self._plan.source, room.id))
        rooms[room.id] = Destination(room, report, name, log, answered=set())
        if self._only is not None and not self._only & {room.name, room.id}:
            _skip(rooms[room.id], "it was not asked for")
        elif (room.private or room.direct) and not choices.private:
            _skip(rooms[room.id], "only some people read it; to import it, ask for private rooms")

    def _message(self, item: Message | Topic) -> None:
        place = self._plan.rooms[item.room]
        self._count(place, item.at)
        if place.first is None:
            place.first = First(item.by, nonce_of(self._plan.source, item), item.at)
        place.topics += isinstance(item, Topic)
        if place.taken:
            self._plan.authors[item.by].spoke = True
        if isinstance(item, Message) and item.reply_to is not None and place.taken:
            place.answered.add(hash(item.reply_to))

    def _logged(self, item: Logged) -> None:
        place, event = self._plan.rooms[item.room], item.event
        if isinstance(event, Said) and event.files and place.taken:
            there = sum(copy is not None for copy in item.files)
            place.files += there
            if self._plan.report.dry and there < len(event.files):
                self.skipped[NOT_BESIDE] += len(event.files) - there
        self._count(place, event.at)
        if place.base is None:
            place.base = event.seq - 1
        target = target_of(event)
        if place.first is None and event.by_id is not None and not hasattr(event, "target"):
            known = nonce_logged(self._plan.source, item.room, event)
            place.first = First(event.by_id, known, event.at)
        if isinstance(event, DirectBegun):
            place.direct = event.ids
        if is_message(event) and event.reply_to is not None:
            place.answered.add(event.reply_to)
        elif target is not None:
            place.answered.add(target)
        for author in self._speakers(event) if place.taken else ():
            author.spoke = True

    def _speakers(self, event: AnyEvent) -> Iterator[Author]:
        ids = [event.by_id]
        if not isinstance(event, Said):
            ids += [getattr(event, "user_id", None), *getattr(event, "ids", ())]
        for id in ids:
            author = None if id is None else self._plan.authors.get(id)
            if author is not None:
                yield author

    def _count(self, place: Destination, at: int) -> None:
        if not 0 <= at <= LAST_AT:
            raise CannotImport(
                f"Something in {place.room.name} has a time that it cannot have ({at} ms since "
                "1970). Was the file changed, or a clock wrong? Correct the time there."
            )
        self.events += 1
        place.report.events += 1
        place.disorder += at < place.last
        place.last = max(place.last, at)

    def check(self) -> None:
        """Raises `CannotImport` if a room was asked for that is not there."""
        choices = self._choices
        asked = {*choices.rooms, *choices.into, *(choices.only or ())}
        missing = sorted(asked - self._found)
        if missing:
            there = ", ".join(sorted(place.room.name for place in self._plan.rooms.values())[:20])
            raise CannotImport(f"There is no room {missing[0]!r} in it. There are: {there}.")


def _skip(place: Destination, why: str) -> None:
    place.report.outcome, place.report.why = Outcome.SKIPPED, why


# People


async def _name_people(server: Server, plan: Plan, choices: Choices) -> None:
    """Says who everybody is here: by what the operator says, by their account, or a new one."""
    accounts = {one.id: one for one in server.accounts() if one.id is not None}
    by_key = {one.name.key: one for one in accounts.values()}
    _note_members(plan)
    chosen = dict(choices.map)
    with_account = plan.source.accounts if choices.accounts is None else choices.accounts
    for author in plan.authors.values():
        person = author.person
        author.id = person.id_here or person_id(plan.source.namespace, person.id)
        wished = chosen.pop(person.id, None) or chosen.pop(person.name, None)
        here = accounts.get(author.id) if wished is None else _account(by_key, wished)
        author.account = here is not None or (with_account and person.account)
        if here is not None and here.id is not None:
            author.id, author.name, author.known = here.id, here.name, True
            plan.names.keep(author.name, author.id)
    if chosen:
        raise CannotImport(f"Nobody in it is called {next(iter(chosen))!r}, who is to be mapped.")
    for author in plan.authors.values():
        if not author.known and author.spoke:
            author.name = plan.names.give(author.person.name, author.id)


def _account(by_key: dict[str, Member], wished: str) -> Member:
    try:
        found = by_key.get(UserName.parse(wished).key)
    except InvalidName as error:
        raise CannotImport(error.message) from None
    if found is None:
        raise CannotImport(f'There is no account "{wished}" here to be mapped to.')
    return found


def _note_members(plan: Plan) -> None:
    """Who belongs to a room that only its members read has an account, spoken or not."""
    for place in plan.rooms.values():
        if place.taken and (place.room.private or place.room.direct):
            for member in place.room.members:
                author = plan.authors.get(member)
                if author is not None:
                    author.spoke = True


# Rooms


async def _place_rooms(server: Server, plan: Plan, choices: Choices) -> None:
    """Says where each room goes to. Raises `CannotImport` if one stands in the way."""
    here = {one.name.key: one for one in await server.log.rooms()}
    given: dict[str, Room] = {}
    for place in plan.rooms.values():
        if not place.taken:
            continue
        if place.first is None and place.report.events == 0:
            _skip(place, "nothing was said in it")
            continue
        into = choices.into.get(place.room.name) or choices.into.get(place.room.id)
        if into is not None:
            target = here.get(room_name(into).key)
            if target is None:
                raise CannotImport(f'There is no room "{into}" here that texts could go into.')
            if target.state.access in KEEPS_MEMBERS and not choices.private:
                raise CannotImport(
                    f"Only members read {into}. To import into it all the same: --private"
                )
            await _go_into(server, place, target)
            continue
        if place.room.direct and not _conversation(plan, place):
            continue
        found = await _found(server, plan, place)
        if found is not None and not is_unfinished(found.key):
            place.name = place.log = found
            place.report.outcome = Outcome.KNOWN
        elif found is not None or await server.log.head(place.log.key):
            place.report.outcome = Outcome.CONTINUED
        if not place.new:
            continue
        there = here.get(place.name.key)
        if there is not None and _takes_all(place, there):
            await _go_into(server, place, there)
            place.fresh = True
        elif there is not None:
            raise CannotImport(
                f'There is a room "{place.name}" here already. To add the texts to it: --into '
                f'"{place.room.name}={place.name}". To have a room of their own for them: --rename '
                f'"{place.room.name}=OTHER"'
            )
        if place.name.key in given:
            one, other = given[place.name.key], place.room
            raise CannotImport(
                f'"{one.name}" (its id there is {one.id}) and "{other.name}" ({other.id}) would '
                f"both be called {place.name} here. Give one of them another name, by its id: "
                f'--rename "{other.id}=OTHER"'
            )
        given[place.name.key] = place.room


async def _go_into(server: Server, place: Destination, there: RoomRecord) -> None:
    if await server.log.head(place.log.key):
        place.stale = place.log
    place.name = place.log = there.name
    place.report.outcome = Outcome.INTO


def _takes_all(place: Destination, there: RoomRecord) -> bool:
    """Whether everybody may read both, and nothing was said in the one that is here.

    As in the room with which a server begins, which is called as one in many other places.
    """
    everybodys = not place.room.private and there.state.access in READ_BY_ALL
    return everybodys and there.state.silent and place.room.rules is None


async def _found(server: Server, plan: Plan, place: Destination) -> RoomName | None:
    """Where the room's first message is, if it was imported before."""
    first = place.first
    if first is None:
        return None
    author = plan.authors.get(first.by)
    chosen = UserId(first.by) if author is None else author.id
    found = await server.log.room_of(chosen, first.nonce)
    if found is None and author is not None:
        person = author.person
        other = person.id_here or person_id(plan.source.namespace, person.id)
        if other != chosen and await server.log.room_of(other, first.nonce) is not None:
            raise CannotImport(
                f"{place.room.name} was imported before, when {person.name} was not mapped to "
                f"{author.name}. Import it in the same way again."
            )
    return found


def _conversation(plan: Plan, place: Destination) -> bool:
    """Names a direct conversation after its people; or leaves it out, if they have no accounts."""
    if place.direct:
        ids = [_id_here(plan, id) for id in place.direct]
    else:
        people = [plan.authors.get(one) for one in place.room.members]
        if not people:
            _skip(place, "it does not say between whom it was")
            return False
        if any(one is None or not one.account for one in people):
            _skip(place, "not all of its people have an account here")
            return False
        ids = [one.id for one in people if one is not None]
    place.direct = tuple(sorted(set(ids)))
    if not 2 <= len(place.direct) <= MAX_IN_DIRECT:
        _skip(place, f"a direct conversation is one of 2 to {MAX_IN_DIRECT} people")
        return False
    place.name = room_of(list(place.direct))
    return True


def _id_here(plan: Plan, id: UserId) -> UserId:
    author = plan.authors.get(id)
    return id if author is None else author.id


# The report


def _tell(plan: Plan, survey: _Survey, now: int) -> None:
    survey.check()
    report = plan.report
    for place in plan.rooms.values():
        place.report.name = str(place.name)
        report.rooms.append(place.report)
        if place.taken and place.disorder:
            report.notes.append(
                f"In {place.room.name}, {place.disorder:,} texts are older than one before them. "
                "They stay in the order of the file."
            )
        if place.taken and place.last > now + DAY_MS:
            report.notes.append(
                f"In {place.room.name}, something has a time that is yet to come. It is not "
                "deleted for its age before what is said there after it."
            )
        rules = place.room.rules
        if place.new and rules is not None and rules.access is RoomAccess.LOCKED:
            report.notes.append(f"{place.name} has no password here yet: set one.")
    report.people += [
        ImportedPerson(
            author.person.name,
            str(author.name),
            author.id,
            author.account,
            new=author.account and not author.known,
        )
        for author in plan.authors.values()
        if author.spoke
    ]
    report.skipped = dict(survey.skipped.most_common())
