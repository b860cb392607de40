"""Turns the entries of a group into rows: gives the numbers, finds what was sent twice. No SQL."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from hubbub.domain.directory import is_directory
from hubbub.domain.errors import BadMessage, BadTicket, ChatError, NoSuchUser, TooMany
from hubbub.domain.events import (
    UNSEQUENCED,
    AccountClosed,
    AnyEvent,
    AuthorForgotten,
    Edited,
    Joined,
    Left,
    Pinned,
    ProfileSet,
    Reacted,
    Redacted,
    Renamed,
    RoleGiven,
    Said,
)
from hubbub.domain.events import Settled as QueueSettled
from hubbub.domain.forms import CHANGED_TOO_OFTEN, Form, adds_to, react, reaction_refused
from hubbub.domain.ids import UserId, number_of
from hubbub.domain.kinds import TRAITS, changes_members, is_message
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.projection import target_of
from hubbub.domain.state import (
    BEGUN_ALREADY,
    NEVER_SO_LONG,
    NO_SUCH_MESSAGE,
    NOT_PINNED,
    ONLY_OWNER,
    OWNED_ALREADY,
    PINNED_ALREADY,
    PINS_FULL,
    QUEUE_FULL,
    SETTLED_ALREADY,
    TAKEN_BACK,
    TRIMMED_ALREADY,
    USED_UP,
    Member,
    RoomSummary,
    change_members,
    member_changes,
)
from hubbub.domain.unfinished import is_unfinished
from hubbub.hub.ports import (
    Attend,
    Depart,
    Draft,
    Entry,
    Outdated,
    RoomMovedOn,
    Row,
    Settled,
    Unneeded,
)
from hubbub.storage.people import StagedPeople
from hubbub.storage.projection import as_quoted
from hubbub.storage.rows import KINDS, MESSAGES, member_row, state_of

CALLED_OTHERWISE = "This account is closed, or its name has changed just now. Please try again."
FORGOTTEN = " "
"""What the key of a room begins with whose name is free again, before its id. No name's does."""


def is_forgotten(key: str) -> bool:
    """Whether a room with that key has no name any more."""
    return key.startswith(FORGOTTEN)


Nonce = tuple[UserId, str]
"""A user's id, and what the user called this text."""


def nonce_of(draft: Draft) -> Nonce | None:
    """By what the log knows a draft again; None for one that it need not know again."""
    by_id = draft.event.by_id
    return None if by_id is None or draft.nonce is None else (by_id, draft.nonce)


_NOBODY: Mapping[str, Member] = {}

Target = tuple[int, int]
"""A room's id, and the number of a message in it."""

Place = tuple[int, str]
"""A room's id, and the key of a user's name."""


class Attending(Struct, frozen=True):
    """The user ``id`` is present at a place. ``grace``: they have lost the connection."""

    id: int | None
    grace: bool = False


class StagedRoom(Struct):
    """A room's id, and what the events add up to that its log has, or will have."""

    id: int
    summary: RoomSummary


class Staged:
    """What a group changes: rows for `hubbub.storage.transaction` to write.

    ``rooms``: those that the group may name, by their keys. ``known``: what the log already has of
    the nonces in the group, as far as it was looked up. ``there``: which of those are members whom
    the group's events are about, by the rooms' ids and the keys of their names. ``amends``: that
    column of the rows in ``events``, by their places, where it is not NULL. ``forgotten``: whose
    names go, each with the room's id. ``edited``: the new texts of messages. ``redacted``: those
    that are taken back, each with its room. ``decided``: what waits no more in queues. ``empties``:
    something is not to be on the disk any more that was there before.

    What `hubbub.storage.room_rows.stands_apart` is none of these.
    """

    def __init__(
        self,
        rooms: dict[str, StagedRoom],
        known: dict[Nonce, AnyEvent],
        there: dict[int, dict[str, Member]],
        attending: dict[Place, dict[str, Attending]] | None = None,
        targets: dict[Target, bool] | None = None,
        reactions: dict[Target, Form] | None = None,
        full: Collection[Target] = (),
    ) -> None:
        """``attending``: who is present where of those whom the group's events are about, by node.

        None: nobody is told of, as there is one server. ``targets``: the messages of before that
        the group's events are about, each with whether it was taken back. ``reactions``: who
        reacts to those of them that the group's reactions are about. ``full``: those of which
        there are as many amendments as may be.
        """
        self._before = rooms
        self.attending = attending
        self._known = known
        self._there = there
        self._targets = targets or {}
        self._reactions = {} if reactions is None else reactions
        self._full = full
        self.rooms: dict[str, StagedRoom] = {}
        self.states: dict[int, tuple[object, ...]] = {}
        self.events: list[tuple[object, ...]] = []
        self.amends: dict[int, int] = {}
        self.members: dict[tuple[int, str], tuple[object, ...] | None] = {}
        self.forgotten: list[tuple[int, AuthorForgotten]] = []
        self.edited: dict[Target, str] = {}
        self.redacted: dict[Target, RoomName] = {}
        self.decided: list[Target] = []
        self.empties = False
        self.people: StagedPeople | None = None
        self.settled: list[Settled] = []

    def take(self, group: Iterable[Entry]) -> None:
        """Adds what the entries change, and their outcomes, in order."""
        for entry in group:
            if type(entry) is Draft:
                settled = self._draft(entry)
                self.settled.append(settled)
                if entry.also and settled.event is not None and not settled.duplicate:
                    for row in entry.also:
                        if not isinstance(row, Attend | Depart):
                            self._people().take(row)
            elif type(entry) is Attend:
                self._note(entry)
                self.settled.append(Settled(entry))
            elif type(entry) is Depart:
                self._depart(self._before.get(entry.room.key), entry)
                self.settled.append(Settled(entry))
            else:
                self._people().take(entry)
                self.settled.append(Settled(entry))

    def _draft(self, draft: Draft) -> Settled:
        nonce = nonce_of(draft)
        if nonce is not None:
            first = self._known.get(nonce)
            if first is not None:
                for row in draft.also:
                    self._attendance(draft, row)
                return Settled(draft, as_quoted(first, draft.event), duplicate=True)
        key = draft.room.key
        room = self.rooms.get(key)
        if room is None:  # a copy: the group may yet fail
            before = self._before.get(key)
            if before is None:  # it was to be there
                return Settled(draft, error=RoomMovedOn())
            room = self.rooms[key] = StagedRoom(before.id, replace(before.summary))
        if draft.room_id is not None and draft.room_id != room.id:
            return Settled(draft, error=RoomMovedOn())
        for row in draft.also:
            if not self._attendance(draft, row):
                return Unneeded(draft, head=room.summary.head)
        if draft.also or draft.by_server:
            known = self._there.get(room.id, _NOBODY).get
            if draft.by_server and is_told_already(draft.event, known):
                return Unneeded(draft, head=room.summary.head)
            if (stranger := stranger_to(draft, known)) is not None:
                self._draft(Draft(draft.room, stranger))
        summary, facts = room.summary, room.summary.facts
        message = is_message(draft.event)  # nearly all are, and none of the rest is about them
        if not message and (refused := refusal(summary, draft)) is not None:
            return Settled(draft, error=refused)
        if not message and is_directory(draft.room) and self._is_called_otherwise(room.id, draft):
            return Settled(draft, error=Outdated(CALLED_OTHERWISE))
        there = self._there.get(room.id, _NOBODY).get
        if not message and (refused := role_refused(draft.event, there)) is not None:
            return Settled(draft, error=refused)
        if not message and (refused := self._target_refused(room, draft)) is not None:
            return Settled(draft, error=refused)
        event = replace(draft.event, seq=summary.head + 1, at=time_of(draft, summary))
        summary.apply(event)
        if summary.facts is not facts:
            self.states[room.id] = (room.id, event.seq, state_of(summary.facts))
        kind, text, extra, amends = KINDS[type(event)].content(event)
        if amends is not None:
            self.amends[len(self.events)] = amends
        author = None if event.by_id is None else number_of(event.by_id)
        self.events.append(
            (
                room.id,
                event.seq,
                event.at,
                kind,
                author,
                str(event.by),
                text,
                extra,
                None if nonce is None else draft.nonce,
            )
        )
        if nonce is not None:
            self._known[nonce] = event
        if not message:
            self._note_lost(room.id, draft.room, event)
            if isinstance(event, Reacted):
                react(self._form(room.id, event.target), event)
        if not message and changes_members(event):
            self._change_members(room.id, draft.room, event)
        for row in draft.also:
            if type(row) is Attend:
                self._attend(room, row)
        return Settled(draft, event, room_id=room.id)

    def _is_called_otherwise(self, room_id: int, draft: Draft) -> bool:
        """Whether the account that changes something of itself has another name by now, or none."""
        there = self._there.get(room_id, {})
        return is_called_otherwise(draft.event, there.get)

    def _target_refused(self, room: StagedRoom, draft: Draft) -> ChatError | None:
        """Why a message cannot be amended or pinned, if the event does that."""
        seq = message_needed(draft.event)
        if seq is None:
            return None
        taken_back = self._targets.get((room.id, seq))
        if taken_back is None and not self._is_said_now(room.id, seq):
            return BadMessage(NO_SUCH_MESSAGE)
        if taken_back:
            return BadMessage(TAKEN_BACK)
        if seq <= room.summary.facts.floor:
            return BadMessage(NO_SUCH_MESSAGE)
        if is_unfinished(draft.room.key):  # what is moved in is as it was
            return None
        if (room.id, seq) in self._full and adds_to(draft.event):
            return TooMany(CHANGED_TOO_OFTEN)
        if isinstance(draft.event, Reacted):
            return reaction_refused(self._form(room.id, seq), draft.event)
        return None

    def _form(self, room: int, seq: int) -> Form:
        """The reactions to a message, which may be one of this group."""
        form = self._reactions.get((room, seq))
        if form is None:
            form = self._reactions[room, seq] = unreacted(seq)
        return form

    def _is_said_now(self, room: int, seq: int) -> bool:
        """Whether it is a message of this group."""
        return any(row[0] == room and row[1] == seq and row[3] in MESSAGES for row in self.events)

    def _note_lost(self, room: int, name: RoomName, event: AnyEvent) -> None:
        """What is another one by ``event`` of what is on the disk already."""
        match event:
            case AuthorForgotten():
                self.forgotten.append((room, event))
            case Edited():
                self.edited[room, event.target] = event.text
            case Redacted():
                self._targets[room, event.target] = True
                self.redacted[room, event.target] = name
            case QueueSettled():
                self.empties = True  # the state of the queue had what waited in it
                self.decided.append((room, event.queued))

    # Who is present where

    def _attendance(self, draft: Draft, row: Row) -> bool:
        """Notes who is present, or not any more; whether the event is needed for it."""
        room = self.rooms.get(draft.room.key) or self._before.get(draft.room.key)
        if type(row) is Attend:
            member = None if room is None else self._member(room, row)
            if room is not None and member is not None and member.id == row.id:
                self._attend(room, row)
                return False
        elif type(row) is Depart:
            member = None if room is None else self._member(room, row)
            is_member = member is not None and member.id == row.id
            return self._depart(room, row) and is_member
        return True

    def _member(self, room: StagedRoom, row: Attend | Depart) -> Member | None:
        return self._there.get(room.id, {}).get(row.user.key)

    def _attend(self, room: StagedRoom, row: Attend) -> None:
        """They are present, if they are a member by now."""
        member = self._member(room, row)
        if self.attending is not None and member is not None and member.id == row.id:
            place = self.attending.setdefault((room.id, row.user.key), {})
            place[row.node] = Attending(_number(row.id))

    def _note(self, row: Attend) -> None:
        """Whether somebody who is present has lost the connection, or has come back."""
        room = self._before.get(row.room.key)
        if self.attending is None or room is None:
            return
        place = self.attending.get((room.id, row.user.key), {})
        found = place.get(row.node)
        if found is not None and found.id == _number(row.id):
            place[row.node] = replace(found, grace=row.grace)
        elif not row.grace:
            self._attend(room, row)

    def _depart(self, room: StagedRoom | None, row: Depart) -> bool:
        """Whether they are not present anywhere any more."""
        if self.attending is None or room is None:
            return True
        place, id = self.attending.get((room.id, row.user.key), {}), _number(row.id)
        for node, one in list(place.items()):
            mine = node == row.node or row.everywhere or (row.deliberate and one.grace)
            if one.id == id and mine:
                del place[node]
                present = node != row.node and not one.grace
                if row.everywhere and row.now is not None and present:
                    self.attending.setdefault((room.id, row.now.key), {}).setdefault(node, one)
        return not place

    def _change_members(self, room_id: int, room: RoomName, event: AnyEvent) -> None:
        directory = is_directory(room)
        there = self._there.setdefault(room_id, {})
        change_members(there, event, directory=directory)
        for user, by_id, present in member_changes(event, directory=directory):
            now = there.get(user.key)
            row = None if now is None else (room_id, user.key, *member_row(now))
            self.members[room_id, user.key] = row
            if now is None and self.attending is not None:
                self.attending[room_id, user.key] = {}
            member = None if by_id is None else number_of(by_id)
            if member is None:
                continue
            if present:
                registered = event.at if directory else None
                self._people().enter(member, user, registered=registered)
            elif directory and isinstance(event, AccountClosed):
                self._people().close(member, emptied=event.emptied)

    def _people(self) -> StagedPeople:
        if self.people is None:
            self.people = StagedPeople()
        return self.people


def is_called_otherwise(event: AnyEvent, known: Callable[[str], Member | None]) -> bool:
    """Whether ``event`` changes the account of a name that is not its author's in the directory.

    ``known``: who has a name, by its key.
    """
    if not isinstance(event, Renamed | ProfileSet | AccountClosed):
        return False
    member = known(UserName.recall(event.by).key)
    return member is None or member.id != event.by_id


def is_told_already(event: AnyEvent, known: Callable[[str], Member | None]) -> bool:
    """Whether the room knows what ``event`` would tell of a renaming or a leave, or more by now.

    Each server tells rooms of them, as far as it knows them. ``known``: who is a member of the
    room, by the key of the name.
    """
    if isinstance(event, Joined) and event.was is not None:
        was, by = UserName.recall(event.was).key, UserName.recall(event.by).key
        before, now = known(was), known(by)
        there = now is not None and now.id == event.by_id
        return was != by and (there or before is None or before.id != event.by_id)
    if isinstance(event, Left):
        member = known(UserName.recall(event.by).key)
        return member is None or member.id != event.by_id
    return False


def stranger_to(draft: Draft, known: Callable[[str], Member | None]) -> Left | None:
    """The leave of somebody else who has had the name with which ``draft`` makes a member.

    Only where servers say who is there: what is moved in is as it was. ``known``: as in
    `is_told_already`.
    """
    event = draft.event
    told = draft.by_server or any(type(row) is Attend for row in draft.also)
    if not (told and isinstance(event, Joined)):
        return None
    there = known(UserName.recall(event.by).key)
    if there is None or there.id == event.by_id:
        return None
    return Left(UNSEQUENCED, event.at, there.name, by_id=there.id)


def role_refused(event: AnyEvent, known: Callable[[str], Member | None]) -> ChatError | None:
    """Why ``event`` gives no role that passes: who is to have it is gone by now.

    ``known``: as in `is_told_already`.
    """
    if not isinstance(event, RoleGiven) or not event.passing:
        return None
    there = known(UserName.recall(event.user).key)
    if there is not None and there.id == event.user_id:
        return None
    return NoSuchUser(f"{event.user} is not in the room any more.")


def unreacted(seq: int) -> Form:
    """The form of the message ``seq`` as far as reactions go, when nobody reacts to it."""
    return Form(Said(seq, 0, "", ""))


def reactions_of(reactions: Iterable[AnyEvent]) -> Form:
    """What ``reactions``, all to one message and in any order, add up to."""
    found = sorted((one for one in reactions if isinstance(one, Reacted)), key=lambda one: one.seq)
    form = unreacted(found[0].target if found else 0)
    for event in found:
        react(form, event)
    return form


ABOUT_MESSAGES = frozenset(
    {Pinned, *(kind for kind, traits in TRAITS.items() if traits.amends is not None)}
)
"""Kinds of events that are about a message, and refused by what has become of that."""

DECIDED = ABOUT_MESSAGES | {
    RoleGiven,
    *(kind for kind, traits in TRAITS.items() if traits.membership),
}
"""Kinds of events that the log takes or not by who is in the room, or by what was said there."""


def message_needed(event: AnyEvent) -> int | None:
    """The ``seq`` of the message that has to be there, and not taken back, for ``event``."""
    if isinstance(event, Pinned):
        return event.target if event.on else None
    return target_of(event)


def _number(id: UserId | None) -> int | None:
    return None if id is None else number_of(id)


def time_of(draft: Draft, summary: RoomSummary) -> int:
    """The time of the event, if the room is that: those of a room that people are in grow.

    The server's own logs have theirs as they were told, and what is moved in has those of before.
    """
    return draft.event.at if draft.room.key.startswith("/") else summary.time_of(draft.event)


def refusal(summary: RoomSummary, draft: Draft) -> ChatError | None:
    """Why the room's state does not take the event any more, which was right when it was made."""
    if summary.is_used_up(draft.event):
        return BadTicket(USED_UP)
    if summary.is_last_owner_deposed(draft.event) and not draft.by_server:
        return BadMessage(ONLY_OWNER)
    if summary.is_trimmed_too_far(draft.event):
        return BadMessage(NEVER_SO_LONG)
    if summary.is_trimmed_already(draft.event):
        return BadMessage(TRIMMED_ALREADY)
    if summary.is_owned_already(draft.event):
        return BadMessage(OWNED_ALREADY)
    if summary.is_begun_already(draft.event):
        return BadMessage(BEGUN_ALREADY)
    if summary.is_queue_full(draft.event):
        return TooMany(QUEUE_FULL)
    if summary.is_settled_already(draft.event):
        return BadMessage(SETTLED_ALREADY)
    if summary.is_pinned_already(draft.event):
        return BadMessage(PINNED_ALREADY)
    if summary.is_not_pinned(draft.event):
        return BadMessage(NOT_PINNED)
    if summary.are_pins_full(draft.event):
        return TooMany(PINS_FULL)
    return None
