"""Random cuts, losses, repeats and forgetting: each line is saved once, each event shown once.

And what became of each message is shown as the server has it, whatever page was asked for when.
"""

from __future__ import annotations

from collections import deque

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from hubbub.client.change import Change, Does
from hubbub.client.line import Line, LineState, Unsent
from hubbub.client.protocol import Protocol
from hubbub.client.requests import Request
from hubbub.client.resume import Resume
from hubbub.client.updates import Happened, RoomReset, Update
from hubbub.domain.commands import Command, Timeline
from hubbub.domain.events import AnyEvent, Edited, Reacted, Redacted, Said
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.projection import amended, target_of
from hubbub.domain.replies import Events, Page, Welcome
from tests.client.model import ModelServer, Peer

ROOMS = ["General", "tea"]


class Network:
    """Ada's protocol, the model server, and between them a network that does its worst."""

    def __init__(self) -> None:
        self.server = ModelServer(rate=5, burst=8)
        self.protocol = Protocol()
        self.up: deque[Command] = deque()
        self.peer: Peer | None = None
        self.said: dict[str, list[Line]] = {room: [] for room in ROOMS}
        self.shown: dict[str, list[int]] = {room: [] for room in ROOMS}
        self.changes: dict[str, list[Line]] = {room: [] for room in ROOMS}
        self.messages: dict[str, dict[int, AnyEvent]] = {room: {} for room in ROOMS}
        self.page: Request | None = None
        self.join()
        for room in (0, 1, 0, 1):
            self.ada_says(room)
        self.all_goes_well(0)
        self.all_goes_well(0)

    def join(self) -> None:
        for room in ROOMS:
            self.protocol.join(room)

    # What may happen; n is a small number

    def ada_says(self, n: int) -> None:
        lines = self.said[ROOMS[n % 2]]
        # Now and then the same words again: these are two lines.
        text = lines[-1].text if lines and n % 3 == 0 else str(len(lines))
        nonce = f"{n % 2}-{len(lines)}"
        lines.append(self.protocol.send(Unsent(room=ROOMS[n % 2], text=text, nonce=nonce)))

    def ada_changes_something(self, n: int) -> None:
        room = ROOMS[n % 2]
        mine = [line.ack.seq for line in self.said[room] if line.ack is not None]
        if not mine:
            return
        changes, target = self.changes[room], mine[n % len(mine)]
        number = len(changes)
        match n:
            case 7:
                change = Change(does=Does.REDACT, target=target)
            case 1 | 2 | 3 | 4 | 5:
                change = Change(does=Does.EDIT, target=target, text=f"edit {number}")
            case _:
                on = number % 3 > 0
                change = Change(does=Does.REACT, target=target, emoji=f"e{number % 2}", on=on)
        unsent = Unsent(room=room, nonce=f"change-{n % 2}-{number}", change=change)
        changes.append(self.protocol.send(unsent))

    def ben_changes_something(self, n: int) -> None:
        room = ROOMS[n % 2]
        hers = [event.seq for event in self.hers(room)]
        if hers:
            target = hers[-1 - n % len(hers)]
            draft = Reacted(0, 0, "ben", target, emoji="e9", on=n % 3 > 0)
            self.server.change(room, Redacted(0, 0, "ben", target) if n % 5 == 0 else draft)

    def ada_looks_back(self, n: int) -> None:
        if self.page is None or self.page.answer.done:
            self.take_page()
            self.page = self.protocol.ask(Timeline(room=RoomName.parse(ROOMS[n % 2]), limit=200))

    def take_page(self) -> None:
        """What has come is seen at once, before anything else that comes."""
        page = self.page.answer.value if self.page is not None else None
        if isinstance(page, Page):
            self.messages[page.room].update((event.seq, event) for event in page.events)
        if self.page is not None and self.page.answer.done:
            self.page = None

    def ben_says(self, n: int) -> None:
        self.server.say(ROOMS[n % 2], "ben", "0")

    def ada_comes(self, _: int) -> None:
        if self.peer is None:
            self.peer = self.server.connect()
            self.server.receive(self.peer, self.protocol.hello(UserName.parse("ada"), "test"))
            welcome = self.peer.out.popleft()
            assert isinstance(welcome, Welcome)
            self.show(self.protocol.connected(welcome, self.server.now))

    def commands_go(self, n: int) -> None:
        if self.peer is not None:
            self.up.extend(self.protocol.commands(self.server.now))
            for _ in range(min(n, len(self.up))):
                self.server.receive(self.peer, self.up.popleft())

    def all_is_answered(self) -> None:
        while self.peer is not None and self.up:
            self.server.receive(self.peer, self.up.popleft())
        self.replies_come(1000)

    def replies_come(self, n: int) -> None:
        if self.peer is not None:
            for _ in range(min(n, len(self.peer.out))):
                self.show(self.protocol.receive(self.peer.out.popleft(), self.server.now))
                self.take_page()

    def all_goes_well(self, _: int) -> None:
        self.ada_comes(0)
        self.commands_go(1000)
        self.replies_come(1000)

    def the_line_is_cut(self, _: int) -> None:
        if self.peer is not None:
            self.server.lose(self.peer)
            self.peer = None
            self.up.clear()
            self.protocol.disconnected()

    def the_answers_are_cut_off(self, n: int) -> None:
        self.commands_go(n)
        self.the_line_is_cut(0)

    def the_last_answer_is_cut_off(self, _: int) -> None:
        self.commands_go(1000)
        if self.peer is not None:
            self.replies_come(len(self.peer.out) - 1)
        self.the_line_is_cut(0)

    def events_get_lost(self, n: int) -> None:
        if self.peer is not None:
            frames = [frame for frame in self.peer.out if isinstance(frame, Events)]
            if frames:
                self.peer.out.remove(frames[n % len(frames)])

    def a_frame_comes_twice(self, n: int) -> None:
        if self.peer is not None and self.peer.out:
            place = n % len(self.peer.out)
            self.peer.out.insert(place, self.peer.out[place])

    def a_page_is_overtaken(self, n: int) -> None:
        """It was made at one moment, and goes out at a later one."""
        pages = [reply for reply in self.peer.out if isinstance(reply, Page)] if self.peer else []
        if self.peer is not None and pages:
            self.peer.out.remove(pages[0])
            self.ben_changes_something(n)
            self.peer.out.append(pages[0])

    def there_is_no_space_for_events(self, _: int) -> None:
        if self.peer is not None:
            for frame in [frame for frame in self.peer.out if isinstance(frame, Events)]:
                self.protocol.rooms.shed(frame)
                self.peer.out.remove(frame)

    def there_is_space_again(self, _: int) -> None:
        self.protocol.rooms.catch_up()

    def the_server_forgets_ada(self, _: int) -> None:
        self.the_line_is_cut(0)
        self.server.forget_guests()

    def time_passes(self, n: int) -> None:
        self.server.now += n / 4

    def the_disk_is_full_or_not(self, _: int) -> None:
        # If half of a pipeline were refused, the order would be for the server to keep.
        self.all_is_answered()
        self.server.log_is_full = not self.server.log_is_full

    def the_program_starts_again(self, _: int) -> None:
        self.the_line_is_cut(0)
        kept = self.protocol.resume()
        self.protocol = Protocol(
            Resume(
                user=kept.user,
                token=kept.token,
                log=kept.log,
                cursors={room: seqs[-1] for room, seqs in self.shown.items() if seqs},
                unsent=kept.unsent,
            )
        )
        self.page = None
        self.join()
        for lines in (*self.said.values(), *self.changes.values()):
            lines[:] = [self.protocol.queue.find(line.nonce) or line for line in lines]

    # What must be true

    def show(self, updates: list[Update]) -> None:
        for update in updates:
            assert not isinstance(update, RoomReset)
            if isinstance(update, Happened):
                seqs = self.shown[update.room]
                if seqs:
                    assert update.event.seq == seqs[-1] + 1, "shown twice, or one is missing"
                seqs.append(update.event.seq)
                known, event = self.messages[update.room], update.event
                target = target_of(event)
                if target in known:
                    known[target] = amended(known[target], event)
                elif isinstance(event, Said) and event.seq not in known:
                    known[event.seq] = event

    def hers(self, room: str) -> list[Said]:
        events = self.server.room(room).events
        return [event for event in events if isinstance(event, Said) and event.by == "ada"]

    def check(self) -> None:
        assert self.server.too_fast == 0
        for room, lines in self.said.items():
            saved = [event.text for event in self.hers(room)]
            assert saved == [line.text for line in lines][: len(saved)], "not once, in order"

    def settle(self) -> None:
        """The network is well again: all that was said is saved, all that happened is shown."""
        self.all_is_answered()
        self.server.log_is_full = False
        self.there_is_space_again(0)
        self.let_all_go_well()
        # A frame that got lost with nothing behind it is missed when the next event comes.
        for room in ROOMS:
            self.server.say(room, "ben", "good night")
        self.let_all_go_well()
        self.check()
        for room, lines in self.said.items():
            assert self.shown[room][-1] == len(self.server.room(room).events)
            assert [line.state for line in lines] == [LineState.SAVED] * len(lines)
            acks = [line.ack.seq for line in lines if line.ack]
            assert acks == [event.seq for event in self.hers(room)]
            self.check_changes(room)

    def check_changes(self, room: str) -> None:
        """Each change is done once, or was refused; and each message is shown as it is."""
        lines, events = self.changes[room], self.server.room(room).events
        assert all(line.state is not LineState.WAITING for line in lines)
        done = [line.ack.seq for line in lines if line.ack]
        amendments = {e.seq: e for e in events if target_of(e) is not None and e.by == "ada"}
        assert len(set(done)) == len(done)
        for line in lines:
            if line.ack is not None and line.change is not None:
                assert line.change.became(amendments[line.ack.seq])
        edits = [event.text for event in amendments.values() if isinstance(event, Edited)]
        assert len(set(edits)) == len(edits), "an edit was made twice"
        for event in self.server.room(room).present:
            if isinstance(event, Said):
                assert self.messages[room][event.seq] == event

    def let_all_go_well(self) -> None:
        due: float | None = self.server.now
        while due is not None:
            self.server.now = max(self.server.now, due)
            self.all_goes_well(0)
            due = self.protocol.due(self.server.now)


OFTEN = [
    Network.ada_says,
    Network.ada_changes_something,
    Network.commands_go,
    Network.replies_come,
    Network.time_passes,
]
AT_TIMES = [
    Network.ben_says,
    Network.ben_changes_something,
    Network.ada_looks_back,
    Network.ada_comes,
    Network.all_goes_well,
]
SELDOM = [
    Network.the_line_is_cut,
    Network.the_answers_are_cut_off,
    Network.the_last_answer_is_cut_off,
    Network.events_get_lost,
    Network.a_frame_comes_twice,
    Network.a_page_is_overtaken,
    Network.there_is_no_space_for_events,
    Network.there_is_space_again,
    Network.the_server_forgets_ada,
    Network.the_disk_is_full_or_not,
    Network.the_program_starts_again,
]
HAPPENINGS = st.tuples(st.sampled_from(OFTEN * 4 + AT_TIMES * 3 + SELDOM), st.integers(0, 12))


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(HAPPENINGS, min_size=40, max_size=160))
def test_each_line_is_saved_once_and_each_event_shown_once(
    happenings: list[tuple[object, int]],
) -> None:
    network = Network()
    for happening, n in happenings:
        note(f"{getattr(happening, '__name__', '')}({n})")
        assert callable(happening)
        happening(network, n)
        network.check()
    network.settle()
