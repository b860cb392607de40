"""What was said before, as clients are shown it: as one batch, by its time, or as calm lines.

https://ircv3.net/specs/extensions/batch/chathistory
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from hubbub.domain.events import AnyEvent, Said
from hubbub.domain.kinds import is_message, messages_of
from hubbub.domain.names import RoomName
from hubbub.wire.irc import ctcp
from hubbub.wire.irc.capabilities import Cap
from hubbub.wire.irc.cutting import cut
from hubbub.wire.irc.labels import in_batch, with_tag
from hubbub.wire.irc.message import MAX_BYTES, parse, written
from hubbub.wire.irc.names import channel, is_channel, spelled
from hubbub.wire.irc.wire import IrcWire

HISTORY = "chathistory"
SHARED = "past"  # a batch that is the same for many clients, and ends as soon as it has begun
_TIMED = Cap.SERVER_TIME | Cap.BATCH
_FRAME = len(": PRIVMSG  :\r\n")


class Batch:
    """Lines that belong together, to clients that know batches; else just lines.

    ``say``: what writes them, if they are no part of an answer. ``id``: what it is called.
    """

    def __init__(
        self, wire: IrcWire, *words: str, say: Callable[[str], None] | None = None, id: str = ""
    ) -> None:
        self._server = wire.host.name
        self._say = say or wire.say
        self._id = (id or wire.new_batch()) if Cap.BATCH in wire.caps else ""
        if self._id:
            self._say(written("BATCH", f"+{self._id}", *words, source=self._server))

    def add(self, line: str) -> None:
        """One more line; one that is in a batch within this one already stays in it."""
        self._say(line if not self._id or in_batch(line) else with_tag(line, "batch", self._id))

    def close(self) -> None:
        """That was all."""
        if self._id:
            self._say(written("BATCH", f"-{self._id}", source=self._server))


class Past:
    """What was said before in one room, to a client that has not asked for it.

    With times and batches it is one batch of messages. With times alone it is the messages. Without
    them it is lines by the server that nobody takes for something said now, and between two people
    the messages, with the time before what they say. ``say``, ``id``: see `Batch`.
    """

    def __init__(
        self,
        wire: IrcWire,
        room: RoomName,
        say: Callable[[str], None] | None = None,
        id: str = "",
    ) -> None:
        self._wire = wire
        self._format = wire.format
        self._room = room
        self._say = say or wire.say
        self._id = id
        self._batch: Batch | None = None
        self.told = 0

    def add(self, events: Sequence[AnyEvent], most: int | None = None) -> None:
        """Shows the messages of ``events``, or the last ``most`` of them."""
        for message in newest(events, len(events) if most is None else most):
            self._add(message)

    def _add(self, message: Said) -> None:
        self.told += 1
        target = self.target_of(message)
        lines = self._format.said(self._room, target, message)
        if Cap.SERVER_TIME not in self._wire.caps:
            for line in lines:
                for calm in self._calm(message, target, line):
                    self._say(calm)
            return
        if _TIMED in self._wire.caps and self._batch is None:
            self._batch = Batch(self._wire, HISTORY, self.target, say=self._say, id=self._id)
        for line in lines:
            (self._batch.add if self._batch is not None else self._say)(line)

    def close(self) -> None:
        """That was all."""
        if self._batch is not None:
            self._batch.close()

    @property
    def target(self) -> str:
        """Where it was said: the channel, or the other one."""
        return self._format.addressee(self._room, self._wire.user_id)

    def target_of(self, message: Said) -> str:
        """To whom ``message`` was said."""
        return self._format.addressee(self._room, message.by_id)

    def _calm(self, message: Said, target: str, line: str) -> Iterator[str]:
        """A message with its time in words: ``line`` is how clients with times are shown it."""
        parsed = parse(line.removesuffix("\r\n"))
        if parsed is None or parsed.command == "BATCH":
            return
        text = parsed.params[-1]
        query = ctcp.message_in(text)
        deed = None if query is None else ctcp.deed_in(query)
        when = f"[{self._wire.host.local_time(message.at)}]"
        if is_channel(target):
            who = spelled(message.by)
            start = f"{when} <{who}> " if deed is None else f"{when} * {who} "
            yield from self._cut(self._wire.host.name, "NOTICE", target, start, deed or text)
        else:
            start = f"{when} " if deed is None else f"{when} * "
            yield from self._cut(parsed.source, parsed.command, target, start, deed or text)

    def _cut(self, source: str, verb: str, target: str, start: str, text: str) -> Iterator[str]:
        room = MAX_BYTES - _FRAME - len(f"{source}{target}{start}".encode())
        for piece in cut(text, room):
            yield f":{source} {verb} {target} :{start}{piece}\r\n"


def newest(events: Sequence[AnyEvent], most: int) -> list[Said]:
    """The last messages of ``events``, at most so many."""
    messages = messages_of(events)
    return messages[-most:] if most else []


def show_newest(wire: IrcWire, room: RoomName, events: Sequence[AnyEvent]) -> None:
    """Shows the newest messages of ``events`` to who comes into the room, as many others may."""
    messages, pasts = newest(events, wire.host.lines), wire.host.pasts
    if wire.label or not messages:
        past = Past(wire, room)
        past.add(messages)
        past.close()
        return
    text = pasts.get(room, wire.caps, messages)
    if text is None:
        lines: list[str] = []
        past = Past(wire, room, lines.append, SHARED)
        past.add(messages)
        past.close()
        text = "".join(lines)
        pasts.put(room, wire.caps, messages, text)
    wire.say(text)


def show_asked(wire: IrcWire, target: str, room: RoomName, events: Sequence[AnyEvent]) -> None:
    """Shows ``events``, which the client has asked for, as one batch."""
    batch = Batch(wire, HISTORY, target)
    to = channel(room) if is_channel(target) else None
    # Who is gone has no name any more by which the format would know them.
    gone = target if to is None and wire.host.directory.id_of(target) is None else None
    for event in events:
        own = is_message(event) and event.by_id == wire.user_id
        for line in wire.format.lines(room, gone if own and gone else to, event):
            batch.add(line)
    batch.close()
