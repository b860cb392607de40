"""The client library's protocol, fuzzed with whatever a server may say."""

from __future__ import annotations

from hubbub.client.line import Unsent
from hubbub.client.protocol import Protocol
from hubbub.client.updates import Entered, Happened, RoomReset, Update
from hubbub.domain.commands import Bye, Command
from hubbub.domain.errors import BadMessage
from hubbub.domain.names import UserName
from hubbub.domain.replies import Limits, Welcome
from hubbub.wire.json import decode_command, decode_reply, encode

LIMITS = Limits(text=4000, line=32768, rate=10, burst=50, rooms=50, history=200)
WELCOME = Welcome(user="ada", token="t", server="Hubbub", log="1", limits=LIMITS)


def protocol(data: bytes) -> None:
    """Any replies: no crash, commands that a server understands, events without hole or repeat."""
    chat = Protocol()
    chat.join("General")
    chat.join("Kitchen")
    seqs: dict[str, int] = {}
    now = 0.0
    for number, line in enumerate(data.split(b"\n")[:100]):
        now += len(line) / 10
        match line[:1]:
            case b"+":
                chat.hello(UserName.parse("ada"), "fuzz")
                _show(chat.connected(WELCOME, now), seqs)
            case b"-":
                chat.disconnected()
            case b"!":
                room = chat.rooms.get("General")
                if room is not None and room.leaving is None:
                    chat.send(Unsent(room="General", text="hello", nonce=str(number)))
            case b"~":
                chat.leave("Kitchen")
                chat.join("Kitchen")
            case _ if chat.online:
                try:
                    reply = decode_reply(line)
                except BadMessage:
                    continue
                _show(chat.receive(reply, now), seqs)
        _check(chat.commands(now))
        chat.due(now)
        assert len(chat._answers) <= 256
    kept = chat.resume()
    assert len(Protocol(kept).queue) == len(chat.queue)
    chat.goodbye()
    chat.commands(now)


def _check(commands: list[Command]) -> None:
    for command in commands:
        assert isinstance(command, Bye) or command.id is not None
        assert decode_command(encode(command)) == command


def _show(updates: list[Update], seqs: dict[str, int]) -> None:
    for update in updates:
        match update:
            case Entered(room=room, after=after, again=again):
                key = room.casefold()
                if not again or key not in seqs:
                    seqs[key] = after
            case Happened(room=room, event=event):
                key = room.casefold()
                assert event.seq == seqs.get(key, event.seq - 1) + 1, (update, seqs)
                seqs[key] = event.seq
            case RoomReset(room=room):
                seqs.pop(room.casefold(), None)
