"""The newest events of one room in memory, each in its present form.

What amends a message changes it here as soon as it is shown, so that whoever reads from memory is
told nothing that was taken back. Reactions are the exception: of a message to which many react at
once they are gathered, and put into it when somebody reads it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce

from msgspec.structs import replace

from hubbub.domain.events import AnyEvent, AuthorForgotten, Reacted, Said
from hubbub.domain.forms import Form
from hubbub.domain.kinds import is_message, messages_of, traits_of
from hubbub.domain.projection import (
    apply,
    forgetting,
    requoted,
    reworded,
    target_of,
    without_past,
)
from hubbub.domain.projection import quoted_by as quoted
from hubbub.domain.quotes import quote_of_said
from hubbub.hub.tails import footprint

TAIL_EVENTS = 256  # newest events kept in memory: the usual history on join, and short lags
TAIL_BYTES = 256 * 1024  # of memory for them; a room of long messages keeps fewer
MOST_FORMS = 5000  # messages that are amended just now, and reactions to them: a megabyte
FORM_BYTES = 250  # of memory for one of these, about


class Tail:
    """The newest events, without a hole; all that is shown in the room has to come by here.

    ``size``: the bytes of memory that it takes, about.
    """

    __slots__ = ("_bytes", "_events", "_forms", "_late", "_weight")

    def __init__(self) -> None:
        """``_late``: messages here that lack something of what their forms have."""
        self._events: list[AnyEvent] = []
        self._bytes = 0
        self._forms: dict[int, Form] | None = None  # most rooms have none
        self._late: set[int] | None = None
        self._weight = 0

    def __len__(self) -> int:
        return len(self._events)

    @property
    def size(self) -> int:
        return self._bytes + FORM_BYTES * self._weight

    # Reading

    @property
    def first(self) -> int | None:
        """The ``seq`` of the oldest event here; None if there is none."""
        return self._events[0].seq if self._events else None

    def recent(self, after: int, upto: int) -> list[AnyEvent] | None:
        """The events ``after < seq <= upto`` when all of them are here."""
        if after >= upto:
            return []
        events = self._events
        if not events or events[0].seq > after + 1:
            return None
        if self._late:
            self._catch_up()
        first = events[0].seq
        return events[after + 1 - first : upto + 1 - first]

    def peek(self, seq: int) -> AnyEvent | None:
        """The event ``seq`` if it is here; as it is now, but for reactions and what they change."""
        place = self._place(seq)
        return None if place is None else self._events[place]

    def message(self, seq: int) -> AnyEvent | None:
        """As `peek`; also one that is not here any more, and is being amended."""
        event = self.peek(seq)
        form = self._form(seq) if event is None else None
        return event if form is None else form.worded()

    def backwards(self, after: int) -> Iterator[AnyEvent]:
        """The events behind ``after``, the newest first, as `peek` has them."""
        for event in reversed(self._events):
            if event.seq <= after:
                return
            yield event

    def replies(self, after: int) -> Mapping[int, int]:
        """How many messages behind ``after`` that were not taken back answer which ones."""
        found: dict[int, int] = {}
        place = self._place(after + 1)
        for said in messages_of(self._events[place or 0 :]):
            if said.seq > after and said.reply_to is not None and said.redacted is None:
                found[said.reply_to] = found.get(said.reply_to, 0) + 1
        return found

    def form_of(self, said: Said) -> Form:
        """The form of ``said``, which is the message as it is now, up to what was shown."""
        form = self._form(said.seq)
        if form is None or (said.rev or 0) > form.rev:
            form = self._keep(said.seq, Form(said))
            self._lighten()
        return form

    # What is new

    def take(self, events: Sequence[AnyEvent]) -> list[AnyEvent]:
        """New ``events`` as they are shown, in order: with quotes and counts of this moment.

        `remember` has to follow.
        """
        shown = list(events)
        for place, event in enumerate(shown):
            if getattr(event, "quote", None) is not None:
                shown[place] = self._with_quote(event, shown, place)
            target = target_of(event)
            if target is not None:
                shown[place] = self._amend(shown[place], target, shown)
        return shown

    def remember(self, events: Sequence[AnyEvent], *, amending: bool) -> None:
        """Keeps events that continue what is here; ``amending``: some of them amend messages."""
        if self._events and events[0].seq != self._events[-1].seq + 1:
            self.forget()
        self._events.extend(events)
        self._bytes += sum(map(footprint, events))
        if amending:
            for event in events:
                if traits_of(event).rewords:
                    self._reword(event)
            self._lighten()
        # Trimmed in strides: a list loses its front in one move, not once an event.
        if len(self._events) > 2 * TAIL_EVENTS:
            self._trim(len(self._events) - TAIL_EVENTS)
        while self._bytes > TAIL_BYTES and len(self._events) > 1:
            self._trim((len(self._events) + 1) // 2)

    def forget(self) -> None:
        """Drops all of it."""
        self._events = []
        self._bytes = self._weight = 0
        self._forms = self._late = None

    def empty(self, seq: int) -> None:
        """The event ``seq`` has no text any more."""
        event = self.peek(seq)
        if event is not None:
            self._replace(seq - self._events[0].seq, replace(event, text=""))

    def forget_authors(self, forgotten: Sequence[AuthorForgotten]) -> None:
        """What is here is as it is on the disk."""
        self._drop_forms()
        for place, event in enumerate(self._events):
            self._replace(place, reduce(forgetting, forgotten, event))

    def lose_past(self, floor: int) -> None:
        """What is gone from the log is not here either."""
        self._drop_forms()
        events = self._events
        if events and events[0].seq <= floor:
            self._trim(min(len(events), floor + 1 - events[0].seq))
        for place, event in enumerate(events):
            self._replace(place, without_past(floor, event))

    def _with_quote(self, event: AnyEvent, batch: Sequence[AnyEvent], place: int) -> AnyEvent:
        """``event`` with a quote that has all amendments which are shown before it.

        It was written before it was saved, and the message may have been amended meanwhile.
        """
        target = quoted(event) or 0
        form = self._form(target)
        if form is not None:
            if form.edited_at is None and form.redacted is None:
                return event
            return replace(event, quote=quote_of_said(form.worded()))
        known = self.peek(target)
        if is_message(known):
            if known.rev is None:
                return event
            return replace(event, quote=quote_of_said(known))
        new = (one for one in batch[:place] if traits_of(one).rewords)
        old = (one for one in self._events if traits_of(one).rewords)
        return reduce(requoted, (*old, *new), event)

    def _amend(self, event: AnyEvent, target: int, batch: Sequence[AnyEvent]) -> AnyEvent:
        """Changes the form of the message; returns ``event`` as it is shown."""
        form = self._form(target)
        if form is None:
            said = self.peek(target)
            if said is None and 0 <= target - batch[0].seq < len(batch):
                said = batch[target - batch[0].seq]
            if not is_message(said):
                return event
            form = self._keep(target, Form(said))
        before = form.weight
        apply(form, event)
        self._weight += form.weight - before
        if self._late is None:
            self._late = set()
        self._late.add(target)
        if isinstance(event, Reacted):
            return replace(event, count=len(form.reactions.get(event.emoji, ())))
        return event

    def _reword(self, amendment: AnyEvent) -> None:
        """All that is here tells of the message what it says now."""
        target = target_of(amendment)
        assert target is not None
        self._catch_up(target)
        for place, event in enumerate(self._events):
            self._replace(place, reworded(event, amendment))

    # Forms

    def _form(self, seq: int) -> Form | None:
        return None if self._forms is None else self._forms.get(seq)

    def _keep(self, seq: int, form: Form) -> Form:
        """Keeps the form of the message ``seq`` up to date from now on."""
        if self._forms is None:
            self._forms = {}
        known = self._forms.pop(seq, None)
        if known is not None:
            self._weight -= known.weight
        self._forms[seq] = form
        self._weight += form.weight
        return form

    def _lighten(self) -> None:
        """Keeps no more forms than `MOST_FORMS` allows: the oldest go first."""
        while self._weight > MOST_FORMS and self._forms is not None and len(self._forms) > 1:
            seq = next(iter(self._forms))
            self._catch_up(seq)
            self._weight -= self._forms.pop(seq).weight

    def _catch_up(self, only: int | None = None) -> None:
        """Messages, or the one with that number, get what their forms have."""
        if not self._late:
            return
        for seq in tuple(self._late) if only is None else (only,):
            form, said = self._form(seq), self.peek(seq)
            if form is not None and is_message(said) and form.rev > (said.rev or 0):
                now = form.said()
                if now.quote != said.quote:  # what it answers was amended since
                    now = replace(now, quote=said.quote)
                self._replace(seq - self._events[0].seq, now)
            self._late.discard(seq)

    def _drop_forms(self) -> None:
        self._catch_up()
        self._forms = self._late = None
        self._weight = 0

    # Events

    def _place(self, seq: int) -> int | None:
        events = self._events
        if not events or not events[0].seq <= seq <= events[-1].seq:
            return None
        return seq - events[0].seq

    def _replace(self, place: int, event: AnyEvent) -> None:
        """``event`` instead of the one at that place, which has the same ``seq``."""
        old = self._events[place]
        if old is not event:
            self._bytes += footprint(event) - footprint(old)
            self._events[place] = event

    def _trim(self, count: int) -> None:
        gone = self._events[:count]
        self._bytes -= sum(map(footprint, gone))
        del self._events[:count]
