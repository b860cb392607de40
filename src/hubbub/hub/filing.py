"""Files of messages: they are said with a text, and given to who may read it, and nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from hubbub.domain import commands as ask
from hubbub.domain.errors import BadMessage, ChatError, EmptyText, NotAllowed
from hubbub.domain.files import File
from hubbub.domain.rights import Action
from hubbub.domain.text import parse_text
from hubbub.hub import screening
from hubbub.hub.access import Viewer, named
from hubbub.hub.fairqueue import to_its_end
from hubbub.hub.ports import FileRecord, SayFiles
from hubbub.hub.replying import Which
from hubbub.hub.room import HubRoom
from hubbub.hub.session import Session
from hubbub.hub.uploading import NoSuchFile, file_of

if TYPE_CHECKING:
    from hubbub.hub.services import Services

GONE = (
    "A file that was to be sent is not there: it was not uploaded whole, was sent already, or has "
    "waited for more than a day. This was not sent: please upload it again."
)
ALT_LINES = 20


def parse_said(command: ask.Say, most_chars: int) -> str:
    """The text of ``command``, which may be "" with files; raises as `parse_text`."""
    try:
        return parse_text(command.text, most_chars)
    except EmptyText:
        if not command.files:
            raise
        return ""


def say(
    hub: Services, session: Session, known: HubRoom | None, command: ask.Say, text: str
) -> None:
    """Says a checked ``text`` with files, as soon as these are looked up.

    ``known``: the room; None for one that is to be made first.
    """
    session.busy = True  # so that the texts behind this one stay behind it
    hub.spawn(_say_later(hub, session, known, command, text), session.share)


async def _say_later(
    hub: Services, session: Session, known: HubRoom | None, command: ask.Say, text: str
) -> None:
    try:
        files = await _files_of(hub, session, command)
        which = Which.of(command)
        answered = None
        if known is not None and which != Which():
            answered = await which.find(hub, session, known)
        if not session.ended:  # else its client sends the text again when it is back
            _say(hub, session, known, command, text, files, answered)
    except ChatError as error:
        await hub.refuse_unless_done(session, command, error)
    hub.done(session)


async def _files_of(hub: Services, session: Session, command: ask.Say) -> tuple[File, ...]:
    """What the message tells of its files; raises `BadMessage` if one is not to be said."""
    ids = [one.id for one in command.files]
    records = {one.id: one for one in await hub.log.files(ids)}
    found = []
    for one in command.files:
        record, user = records.pop(one.id, None), named(session)
        if record is None or record.owner != user.id or record.seq is not None:
            raise BadMessage(GONE)
        alt = (one.alt or "").strip()
        found.append(file_of(record, parse_text(alt, len(alt), ALT_LINES) if alt else None))
    return tuple(found)


def _say(
    hub: Services,
    session: Session,
    known: HubRoom | None,
    command: ask.Say,
    text: str,
    files: tuple[File, ...],
    answered: object,
) -> None:
    user = named(session)
    words = "\n".join(filter(None, (word for one in files for word in (one.name, one.alt))))
    if known is None:
        hub.filters.check_everywhere(hub.access, user, words)
    else:
        hub.access.check_still(user, Action.SPEAK, known)
        if known.watched or hub.filters.everywhere is not None:
            hub.filters.check(hub.access, user, known, words)
            if screening.check(hub, user, known, text):
                raise NotAllowed(
                    f"You are new in {known.name}: you can send files there when a moderator has "
                    "let a message of yours through."
                )
    name = command.room if known is None else known.name
    taken = (text, words, user.name, command.nonce, command.nonce and name, *command.tags)
    hub.take_disk(session, command, *taken, *command.tags.values())
    room = known or hub.open_room(name, session, Action.SPEAK)
    said = room.state.say(
        user.name,
        text,
        hub.clock(),
        answered,  # type: ignore[arg-type]
        outside=command.outside,
        by_id=user.id,
        notice=command.notice,
        tags=command.tags,
    )
    assert user.id is not None
    also = (SayFiles(user.id, tuple(one.id for one in files)),)
    hub.journal.submit(session, room, command, replace(said, files=files), also)


async def find(hub: Services, viewer: Viewer, id: str, client: str) -> FileRecord:
    """The file with that ``id``, for who may read its message, or has uploaded it.

    For others it is not there, which takes as long: raises `NoSuchFile`. And `NeedAccount` for
    somebody without a name where guests are not let in, `LogUnavailable`, `RateLimited`.
    """
    hub.access.check_reader(viewer)
    async with hub.pages.turn(hub.asker(client)):
        found = await to_its_end(hub.log.files([id]))
    for file in found:
        if file.seq is None:
            if viewer is not None and viewer.id == file.owner:
                return file
        elif await _may_read(hub, viewer, file):
            return file
    raise NoSuchFile


async def _may_read(hub: Services, viewer: Viewer, file: FileRecord) -> bool:
    assert file.seq is not None
    room = hub.rooms.with_id(file.room_id)
    if room is None and hub.whereabouts is not None and file.room_id is not None:
        known = await hub.log.room(file.room_id)  # another server has just made it
        room = None if known is None else await hub.whereabouts.know(known.name)
    if room is None or room.gone or hub.access.refusal(viewer, Action.READ, room) is not None:
        return False
    return file.seq > hub.access.floor(viewer, room)
