"""One room as the client knows it: who is there, what happens in it, what we are saying."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import cast

from hubbub.client.change import Change
from hubbub.client.line import Line, LineState
from hubbub.client.me import Me
from hubbub.client.segment import Segment
from hubbub.domain.events import (
    FORMER_MEMBER,
    AuthorForgotten,
    Edited,
    Event,
    Quote,
    Redacted,
    Said,
)
from hubbub.domain.kinds import is_message, is_news
from hubbub.domain.mentions import mentions
from hubbub.domain.projection import forgetting
from hubbub.domain.quotes import quote_of_said
from hubbub.domain.replies import Standing
from hubbub.domain.rules import RoomAccess, Status
from hubbub.terminal.full.model.lines import is_held, own_rows
from hubbub.terminal.full.model.rows import Row
from hubbub.terminal.full.model.timeline import Timeline
from hubbub.terminal.full.model.unread import Unread

TYPING_SECONDS = 6.0  # a client that goes on typing says so more often
A_TALK = "a conversation"  # a direct one, of people of whom nothing is known
NOBODY_LEFT = (FORMER_MEMBER,)  # of a direct conversation
MOST_TYPING = 100  # people; servers tell of 5 a second, and a line has no place for more


class Room:
    """``shown`` is the last event that the timeline has been given, of the time ``shown_at``.
    ``unread`` knows how far the room was read.

    ``made``: we have made it, and nobody has told us so yet. ``catching_up`` is the event up to
    which we are told what was missed while we were away. ``draft`` is what is written in the input
    and not sent yet, and ``answers`` what it answers. ``edits``: the message of ours that it will
    change, instead; then ``aside`` is what was written before. ``standing`` is what holds in it,
    and what we are there; ``away`` are the members who are not here now, and ``statuses`` are of
    those who want to be seen otherwise than as here. ``people``: whose direct conversation it is,
    without us. ``shut``: why we are not in it any more. ``private``: only its members read it, as
    was known before the server has said so. ``of_another``: another user of this computer was in
    it, who had our name.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.timeline = Timeline()
        self.members: Sequence[str] = ()
        self.topic = ""
        self.standing = Standing()
        self.away: frozenset[str] = frozenset()
        self.statuses: dict[str, Status] = {}
        self.people: Sequence[str] = ()
        self.shut = ""
        self.private = False
        self.of_another = False
        self.inside = False
        self.welcomed = False
        self.made = False
        self.catching_up = 0
        self.shown = 0
        self.shown_at: int | None = None
        self.unread = Unread()
        self.draft = ""
        self.answers: Said | None = None
        self.edits: Said | None = None
        self.aside = ""
        self.own: list[Line] = []
        self._typing: dict[str, float] = {}

    @property
    def is_direct(self) -> bool:
        """Whether it is a direct conversation, whose name is for machines only."""
        return self.standing.access is RoomAccess.DIRECT or self.name.startswith("@")

    @property
    def label(self) -> str:
        """What people call it."""
        if not self.is_direct:
            return self.name
        # A guest who is gone for good is known by what they have said.
        said = (one.by for one in self.timeline.window.events if not self.timeline.look.me.did(one))
        return ", ".join(self.people or dict.fromkeys(said)) or A_TALK

    # Who is in it

    def has(self, members: Sequence[str]) -> None:
        """These are its members now."""
        self.members = members
        if self.statuses:
            there = set(members)
            self.statuses = {name: one for name, one in self.statuses.items() if name in there}

    def attended(self, away: Iterable[str], statuses: Mapping[str, Status]) -> None:
        """The server has said who is not here, and who wants to be seen otherwise."""
        there = set(self.members)
        self.away = frozenset(away)
        self.statuses = {name: one for name, one in statuses.items() if name in there}

    def seen_as(self, name: str, status: Status, *, here: bool) -> None:
        """A member is here or not from now on, and wants to be seen so."""
        if name not in self.members:
            return  # so that a server cannot fill the memory
        self.away = self.away - {name} if here else self.away | {name}
        if self.statuses.get(name, Status.HERE) is not status:
            self.statuses = {**self.statuses, name: status}  # another object: it is drawn again

    # What happens in it

    def take(self, events: Sequence[Event], me: Me, *, known: int, looking: bool) -> Said | None:
        """Live events; those up to ``known`` are no news. ``looking``: the person looks at it.

        Who looks at the newest and has read all before it reads these, too. Returns the last one
        that speaks of us.
        """
        unread = self.unread
        reads = looking and self.timeline.following and not (unread.texts or self.catching_up)
        before = self._reworded(events)
        self.timeline.add(events)
        if events[-1].seq > self.shown:
            self.shown, self.shown_at = events[-1].seq, events[-1].at
        spoken: Said | None = None
        for event in events:
            self._typing.pop(event.by, None)
            if isinstance(event, Edited | Redacted) and event.seq > max(known, unread.upto):
                text = event.text if isinstance(event, Edited) else ""
                if (said := before.get(event.target)) is not None:
                    unread.reword(said, text, self.timeline.look)
            if self.own and is_message(event) and me.did(event):
                self._let_through(event)
            is_new = event.seq > max(known, unread.upto)
            if not is_news(event) or me.did(event) or not is_new:
                continue
            if self.timeline.look.hides(event):
                continue
            named = self._speaks_to(event, me)
            spoken = event if named else spoken
            if reads:
                continue
            unread.add(named=named)
            if self.catching_up and event.seq <= self.catching_up and looking:
                self.timeline.mark(unread.read)
                self.catching_up = 0
        if self.shown >= self.catching_up:
            self.catching_up = 0
        if looking and not (unread.texts or self.catching_up):
            unread.all_read(self.shown)
        self.settle_own(me.name)
        return spoken

    def _reworded(self, events: Sequence[Event]) -> dict[int, Said]:
        """The messages that are reworded by ``events``, as they were before, as far as known."""
        targets = {event.target for event in events if isinstance(event, Edited | Redacted)}
        found = {seq: self.timeline.window.get(seq) for seq in targets}
        found |= {event.seq: event for event in events if event.seq in targets}
        return {seq: said for seq, said in found.items() if is_message(said)}

    def show_kept(self, page: Segment, me: Me, read: int | None) -> None:
        """The last events that are known here, read up to ``read``; or all of them, if None."""
        self.timeline.show(page)
        self.shown = page.last
        self.shown_at = next((one.at for one in page.events if one.seq == page.last), None)
        self.unread.guess(self.shown if read is None else min(read, self.shown))
        for event in page.events:
            if not is_news(event) or me.did(event) or event.seq <= self.unread.read:
                continue
            if not self.timeline.look.hides(event):
                self.unread.add(named=self._speaks_to(event, me))

    def _speaks_to(self, said: Said, me: Me) -> bool:
        """Whether a text mentions us; in a direct conversation each one counts as such."""
        return self.is_direct or (bool(me.name) and mentions(said.text, me.name or ""))

    def time_of(self, seq: int) -> int | None:
        """When an event was, in ms, as far as that is known here."""
        event = self.timeline.window.get(seq)
        return event.at if event is not None else self.shown_at if seq == self.shown else None

    def typing(self, by: str, now: float) -> None:
        """``by`` is writing."""
        self._typing.pop(by, None)
        self._typing[by] = now + TYPING_SECONDS
        if len(self._typing) > MOST_TYPING:
            del self._typing[next(iter(self._typing))]

    def who_types(self, now: float) -> list[str]:
        """Who is writing now."""
        return sorted(by for by, until in self._typing.items() if until > now)

    def reset(self) -> None:
        """Its log is another one now."""
        self.timeline.reset()
        self.answers = None
        self.edit_no_more()
        self.shown = 0
        self.unread = Unread()
        self.welcomed = False

    @property
    def is_silent(self) -> bool:
        """Whether nothing was ever said in it, as far as is known here."""
        window = self.timeline.window
        said = any(is_message(event) for event in window.events)
        return self.inside and window.at_beginning and not (said or self.own)

    # Reading it

    def recount(self, events: Sequence[Event]) -> None:
        """``events`` are all behind the last one that was read."""
        before = self.unread.texts
        self.unread.recount(events, self.timeline.look)
        if before and not self.unread.texts:
            self.timeline.mark(None)

    def open(self) -> None:
        """It comes on the screen: a line shows from where on it is new."""
        self.timeline.mark(self.unread.read if self.unread.texts else None)

    def see(self) -> bool:
        """What is on the screen is read, unless something unread is above it; whether that is more
        than before.
        """
        view = self.timeline.seen()
        if not self.unread.texts or view is None:
            return False
        at_end = self.timeline.top == self.timeline.lowest_top and self.timeline.window.attached
        first, last = view
        last = self.shown if at_end else last
        return self.unread.see(self.timeline.window, first, last, self.timeline.look)

    def mark_read(self) -> None:
        """All of it is read: the person says so."""
        self.unread.all_read(max(self.shown, self.unread.counted))
        self.timeline.mark(None)

    # Our own lines

    def say(self, line: Line, me: str | None) -> None:
        """A line of ours is on its way."""
        self.own.append(line)
        if not self.unread.texts:
            self.timeline.mark(None)
        self.settle_own(me)

    def settle_own(self, me: str | None) -> None:
        """Shows the lines that are not in the timeline yet; one that has come there goes.

        What is on its way to change a message shows in that.
        """
        self.own = [line for line in self.own if not self._is_shown(line)]
        look = self.timeline.look
        rows: list[Row] = []
        waiting: dict[int, list[Change]] = {}
        for line in self.own:
            if self._is_seen(line):
                continue
            if line.change is not None:
                waiting.setdefault(line.change.target, []).append(line.change)
            else:
                rows += own_rows(line, look, me or "", self._answered(line))
        self.timeline.set_waiting(waiting)
        self.timeline.set_tail(rows)

    # Changing a message

    def edit(self, said: Said) -> None:
        """What is written from now on is to change ``said``."""
        if self.edits is None:
            self.aside = self.draft
        self.edits, self.answers, self.draft = said, None, said.text

    def edit_no_more(self) -> None:
        """What was written before that is written again."""
        if self.edits is not None:
            self.edits, self.draft, self.aside = None, self.aside, ""

    @property
    def written(self) -> str:
        """What is to be kept of the draft: a change of a message is not, as it might be said."""
        return self.draft if self.edits is None else self.aside

    def amended(self, targets: Collection[int]) -> bool:
        """These messages are other ones now; whether that ends a change of one.

        What was taken back is answered and changed no more.
        """
        for seq in targets:
            if self.answers is not None and self.answers.seq == seq:
                self.answers = self._still(self.answers)
            if self.edits is not None and self.edits.seq == seq and not self._still(self.edits):
                self.edit_no_more()
                return True
        return False

    def _still(self, said: Said) -> Said | None:
        """A message as it is by now; None if it was taken back."""
        now = self.timeline.window.get(said.seq)
        if not is_message(now):
            return said
        return now if now.redacted is None else None

    def forget(self, forgotten: AuthorForgotten) -> None:
        """The account of an author is closed: what is answered is shown as the timeline has it."""
        if self.answers is not None:
            self.answers = cast("Said", forgetting(self.answers, forgotten))
        if self.edits is not None and self.edits.by_id == forgotten.by_id:
            self.edit_no_more()

    def lost_somebody(self, me: str | None) -> None:
        """An account was closed: a direct conversation with nobody else is called by no name."""
        if self.is_direct and not any(name != me for name in self.members):
            self.people = NOBODY_LEFT

    def failed(self) -> list[Line]:
        """The lines that were not sent, in order."""
        return [
            one
            for one in self.own
            if one.state is LineState.FAILED and not is_held(one) and one.change is None
        ]

    def held(self) -> list[Line]:
        """The lines that wait for a moderator."""
        return [line for line in self.own if is_held(line)]

    def _let_through(self, said: Said) -> None:
        """A moderator may have let a line of ours through, which nothing else tells of."""
        for line in self.held():
            if line.text == said.text and line.reply_to == said.reply_to:
                self.own.remove(line)
                return

    def waiting(self) -> int:
        """How many lines are not saved yet."""
        return sum(line.state is LineState.WAITING for line in self.own)

    def drop(self, lines: Sequence[Line], me: str | None) -> None:
        """Forgets lines."""
        self.own = [line for line in self.own if line not in lines]
        self.settle_own(me)

    def take_back(self, line: Line, me: str | None) -> None:
        """A line was refused: it goes before what is written, to be changed, and what it answers
        is answered again.
        """
        self.drop([line], me)
        self.edit_no_more()
        self.draft = f"{line.text}\n{self.draft}" if self.draft else line.text
        said = self.timeline.window.get(line.reply_to) if line.reply_to else None
        if is_message(said) and self.answers is None:
            self.answers = said

    def _answered(self, line: Line) -> Quote | None:
        """What a line answers, if that is loaded."""
        said = self.timeline.window.get(line.reply_to) if line.reply_to else None
        return quote_of_said(said) if is_message(said) else None

    def _is_shown(self, line: Line) -> bool:
        return line.ack is not None and line.ack.seq <= self.shown

    def _is_seen(self, line: Line) -> bool:
        """Whether the event it became is shown, though its ack is still to come."""
        return line.seen is not None and line.seen.seq <= self.shown
