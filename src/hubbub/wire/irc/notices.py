"""What is told to many that is not logged: who is away, who is typing."""

from __future__ import annotations

import re

from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Presence, Reply, Signalled, SomeoneTyping
from hubbub.domain.rules import Status
from hubbub.wire.irc import ctcp
from hubbub.wire.irc.capabilities import Cap
from hubbub.wire.irc.clienttags import SIGNAL_ID, TYPING, id_of_signal, shown_tags
from hubbub.wire.irc.cutting import cut
from hubbub.wire.irc.directory import Sources
from hubbub.wire.irc.message import MAX_BYTES, written, written_tags
from hubbub.wire.irc.times import time_of
from hubbub.wire.irc.writing import Writing


def noticed(format: Writing, host: Sources, notice: Reply) -> bytes:
    """The bytes of one notice; b"" for one that these clients are not told."""
    match notice:
        case Presence(user=user, status=status, note=note) if Cap.AWAY_NOTIFY in format.caps:
            away = () if status is Status.HERE else (note or status.value,)
            line = written("AWAY", *away, source=host.source(user, None))
            return line.encode(errors="replace")
        case SomeoneTyping(room=room, by=by):
            typing = Signalled(
                room=room, by=by, by_id=UserId(host.directory.id_of(by) or ""), tags=_TYPING
            )
            return signal_line(format, typing).encode(errors="replace")
        case Signalled():
            return signal_line(format, notice).encode(errors="replace")
    return b""


_TYPING = {TYPING: "active"}


def signal_line(format: Writing, told: Signalled, target: str = "") -> str:
    """What a program tells programs; "" where they do not understand it.

    ``target``: to whom, if that is not to be found by the room.
    """
    caps = format.caps
    shown = shown_tags(told.tags) if Cap.MESSAGE_TAGS in caps else {}
    if not told.text and not shown:
        return ""
    target = target or format.addressee(RoomName.recall(told.room), told.by_id)
    tags: dict[str, str] = {}
    if Cap.SERVER_TIME in caps:
        tags["time"] = time_of(format.directory.now())
    if Cap.ACCOUNT_TAG in caps:
        account = format.directory.account_of(told.by_id)
        if account is not None:
            tags["account"] = account
    id = id_of_signal(told.tags)
    if id and Cap.MESSAGE_TAGS in caps:
        tags[SIGNAL_ID] = id
    start, source = written_tags(tags | shown), format.source_of(told.by, told.by_id)
    if not told.text:
        return f"{start}:{source} TAGMSG {target}\r\n"
    words = f":{source} {'NOTICE' if told.notice else 'PRIVMSG'} {target} :"
    most = MAX_BYTES - len(f"{words}{ctcp.written('')}\r\n".encode(errors="replace"))
    query = ctcp.written(cut(_ENDS.sub(" ", told.text), most)[0])
    return f"{start}{words}{query}\r\n"


_ENDS = re.compile(r"[\0\r\n\x01]")  # no part of a line, nor of a message in it
