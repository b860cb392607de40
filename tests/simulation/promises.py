"""What is promised, looked at whenever anything happens: the log, each view of it, each ack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from hubbub.domain.events import AnyEvent, Event, Joined, Left, Said, Trimmed
from hubbub.domain.kinds import floor_of, is_message
from hubbub.domain.names import RoomName
from hubbub.domain.projection import amended, present, target_of
from hubbub.domain.replies import Ack
from tests.memorylog.log import Disk

DAY_MS = 86_400_000


class Broken(AssertionError):
    """A promise was broken."""


def promise(holds: bool, otherwise: str, *details: object) -> None:
    """Raises `Broken` unless it ``holds``."""
    if not holds:
        raise Broken(": ".join([otherwise, *map(repr, details)]))


class Books:
    """What was said, and what the disk has of it."""

    def __init__(self, disk: Disk) -> None:
        self.disk = disk
        self.forgetful = False
        """Whether the disk has ever saved what it reported as refused."""
        self.reorders = False
        """Whether texts of one user may be saved in another order than they were said in."""
        self.went_back = False
        """Whether a backup was restored ever: what came after it is gone, acknowledged or not."""
        self.trims = False
        """Whether what is too old goes: a text that is gone may be said again."""
        self.amends = False
        """Whether messages are edited, taken back and reacted to."""
        self._said: dict[str, tuple[str, str, int]] = {}
        self._checked: dict[str, int] = {}
        self._found: set[str] = set()
        self._last: dict[tuple[str, str], int] = {}
        self._inside: dict[str, set[str]] = {}

    def restored(self) -> None:
        """The disk is as it was at the last backup."""
        self.went_back = True
        self._checked.clear()
        self._found.clear()
        self._last.clear()
        self._inside.clear()

    def said(self, by: str, room: str, text: str) -> None:
        """Someone says a text that nobody has said before."""
        self._said[text] = (by, room, len(self._said))

    def log(self, room: str) -> list[Event]:
        """The room's events on disk."""
        return list(self.disk.events.get(RoomName.parse(room).key, []))

    def head(self, room: str) -> int:
        """The number of the room's newest event on disk."""
        return len(self.disk.events.get(RoomName.parse(room).key, ()))

    def event(self, room: str, seq: int) -> Event | None:
        """An event on disk."""
        events = self.disk.events.get(RoomName.parse(room).key, [])
        return events[seq - 1] if 0 < seq <= len(events) else None

    def floor(self, room: str) -> int:
        """Up to where the room is gone, by the log on disk."""
        return floor_of(self.disk.events.get(RoomName.parse(room).key, ()))

    def check_log(self) -> None:
        """What is new on disk: each text once, by who said it, in the order of the saying."""
        for room in self.disk.events:
            begin = self._checked.get(room, 0)
            for seq, event in enumerate(self.disk.events[room][begin:], begin + 1):
                promise(event.seq == seq, "a hole in the log", room, seq, event)
                self._check_event(room, event)
            self._checked[room] = len(self.disk.events[room])

    def _check_event(self, room: str, event: Event) -> None:
        inside = self._inside.setdefault(room, set())
        match event:
            case Said(by=by, text="") if self.amends:
                promise(self.forgetful or by in inside, "spoke from outside", room, event)
            case Said(by=by, text=text):
                twice = text in self._found
                promise(self.forgetful or self.trims or not twice, "in the log twice", event)
                promise(text in self._said, "nobody said this", event)
                self._found.add(text)
                name, place, number = self._said[text]
                promise((by, room) == (name, place.lower()), "said by another", event, name)
                before = self._last.get((room, by), -1)
                promise(self.reorders or before < number, "texts changed places", room, event)
                self._last[room, by] = number
                promise(self.forgetful or by in inside, "spoke from outside", room, event)
            case Joined(by=by):
                promise(self.forgetful or by not in inside, "joined twice", room, event)
                inside.add(by)
            case Left(by=by):
                promise(self.forgetful or by in inside, "left twice", room, event)
                inside.discard(by)
            case Trimmed(floor=floor):
                gone = self.disk.events[room][:floor]
                young = [one for one in gone if one.at > event.at - DAY_MS]
                promise(floor < event.seq, "more is gone than was there", room, event)
                promise(not young, "gone before its time", room, event, young)

    def check_ack(self, by: str, text: str, ack: Ack) -> None:
        """A text was acknowledged: it is on disk, where the ack says."""
        event = self.event(ack.room, ack.seq)
        texts = (text, "") if self.amends else (text,)
        promise(
            isinstance(event, Said) and event.by == by and event.text in texts,
            "acknowledged, and something else is there",
            (by, text),
            ack,
            event,
        )

    def is_on_disk(self, room: str, event: Event) -> bool:
        """Whether what is shown is what was saved; messages in whatever form they have by now."""
        saved = self.event(room, event.seq)
        if not self.amends or saved is None or type(saved) is not type(event):
            return event == saved
        return _bare(event) == _bare(saved)

    def check_page(self, room: str, page: Sequence[Event]) -> None:
        """What is shown of messages is what the log adds up to."""
        now = {one.seq: one for one in self.now(room)}
        for said in page:
            if is_message(said):
                fresh = now.get(said.seq)
                same = is_message(fresh) and _form(said) == _form(fresh)
                promise(same, "not as the log has it", room, said, fresh)

    def now(self, room: str) -> list[Event]:
        """The room's messages as a fresh read shows them."""
        log = cast("list[AnyEvent]", self.log(room))
        return [event for event in present(log, log) if is_message(event)]


def _bare(event: Event) -> tuple[object, ...]:
    """What no amendment changes."""
    kept = (event.seq, event.at, event.by, event.by_id)
    named = ("reply_to", "target", "emoji", "on", "topic")
    return (*kept, *(getattr(event, name, None) for name in named))


class View:
    """What one person was shown of a room."""

    def __init__(self, books: Books, who: str, room: str, after: int) -> None:
        self._books = books
        self._who = who
        self._shown: list[Event] = []
        self.room = room
        self.seq = after
        self.gone = 0
        """Up to where it was told to be gone."""
        self.messages: dict[int, Said] = {}
        """What a client has that applies what it was shown, in the order in which it came."""

    def look(self, page: Sequence[Event]) -> None:
        """A page came, which may have been overtaken by what was shown, or be ahead of it."""
        for event in page:
            if is_message(event) and event.seq > self.gone:
                self._keep(event)

    def _keep(self, said: Said) -> None:
        known = self.messages.get(said.seq)
        if known is None or (said.rev or 0) > (known.rev or 0):
            self.messages[said.seq] = said

    def _apply(self, event: Event) -> None:
        target = target_of(event)
        if is_message(event):
            self._keep(event)
        elif target in self.messages:
            now = amended(self.messages[target], event)
            assert is_message(now)
            self.messages[target] = now

    def show(self, event: Event) -> None:
        """The next event is shown."""
        promise(event.seq == self.seq + 1, "a hole or a repeat", self._who, self.room, event)
        saved = self._books.event(self.room, event.seq)
        there = self._books.is_on_disk(self.room, event)
        promise(there, "shown, and not on disk", self._who, self.room, event, saved)
        self.seq = event.seq
        self._shown.append(event)
        self.gone = max(self.gone, floor_of((event,)))
        self._apply(event)

    def check(self) -> None:
        """All that was shown is in the log, still; and a fresh read shows the same."""
        for event in self._shown:
            saved = self._books.event(self.room, event.seq)
            there = self._books.is_on_disk(self.room, event)
            promise(there, "shown, and no more there", self._who, self.room, event, saved)
        floor = self._books.floor(self.room)
        now = {one.seq: one for one in self._books.now(self.room) if one.seq > floor}
        for seq, said in self.messages.items():
            fresh = now.get(seq)
            if is_message(fresh):
                same = _form(said) == _form(fresh)
                promise(same, "another view of a message", self._who, self.room, said, fresh)


def _form(said: Said) -> tuple[object, ...]:
    reactions = [(one.emoji, [*one.users]) for one in said.reactions]
    return said.text, said.edited_at, said.redacted, reactions
