"""What each command does: the functions, and the table of them at the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from msgspec.structs import replace

from hubbub.domain import commands as ask
from hubbub.domain.errors import LogUnavailable, NotInRoom
from hubbub.domain.replies import (
    Members,
    Page,
    Pong,
    RoomList,
    SomeoneTyping,
)
from hubbub.domain.rights import Action
from hubbub.domain.tags import check_tags
from hubbub.domain.text import parse_topic
from hubbub.hub import (
    accepting,
    accounts,
    amending,
    announcing,
    becoming,
    certificates,
    deleting,
    devices,
    directs,
    exempting,
    factors,
    filing,
    filtering,
    invitations,
    joining,
    knocking,
    lending,
    logins,
    moderating,
    parting,
    passages,
    profiles,
    queues,
    reporting,
    roomnames,
    scram,
    screening,
    searching,
    settling,
    signalling,
    tickets,
    watching,
    waysin,
)
from hubbub.hub.access import named, roles_in
from hubbub.hub.answering import answer_later
from hubbub.hub.cursors import when_it_fits
from hubbub.hub.door import for_anybody, for_named, in_any_room, in_own_room
from hubbub.hub.fairqueue import to_its_end
from hubbub.hub.history import Span, read_in_turn
from hubbub.hub.letters import when_shown
from hubbub.hub.listing import Listing, look
from hubbub.hub.past import page_behind
from hubbub.hub.ports import KeepGuest, Settled, Typed
from hubbub.hub.reading import read_up_to
from hubbub.hub.replying import reply
from hubbub.hub.room import HubRoom
from hubbub.hub.services import Handler, Services
from hubbub.hub.session import Session, User
from hubbub.hub.standing import origins_of, standing_of
from hubbub.hub.timeline import LineSpan
from hubbub.hub.times import first_in_memory, placed, time_asked
from hubbub.hub.welcoming import welcome


def hello(hub: Services, session: Session, command: ask.Hello) -> None:
    """Gives the session its user. A new guest is on disk before the token is told."""
    account = hub.access.account(command.user)
    if account is None and (former := hub.users.had_by(command.user)) is not None:
        account = hub.access.account_of(former)  # a device that does not know the new name yet
    proves = command.password is not None or (account is not None and command.token is not None)
    whose = logins.account_asked(account) if proves else None
    becoming.check_may_become(session, command, whose)
    if command.password is None and becoming.spelled_otherwise(session, command):
        welcome(hub, session, command, None)
        return
    session.program = command.client or session.program
    if account is not None or command.password is not None:
        id = None if account is None else account.id
        logins.log_in(hub, session, command, id, command.user if account is None else account.name)
        return
    accounts.no_guests(hub)
    if hub.node is not None:
        hub.node.claim(session, command)
        return
    proven = None if command.token is None else hub.users.proven(command.user, command.token)
    id = becoming.kept_id(session) if proven is None else proven.id
    coming = User(command.user, id)
    coming.client = session.client.key
    hub.access.check_not_banned(coming)
    if proven is None:
        hub.filters.check_name(hub.access, coming, command.user)
    user, token, new = hub.users.claim(command.user, command.token, session, hub.monotonic(), id)
    becoming.become(hub, session, user)
    guest = user.guest if new else None
    if guest is not None and not hub.disk.takes_nothing:
        session.busy = True
        hub.log.append(KeepGuest(guest, done=partial(_kept, hub, session, command, token)))
    else:
        welcome(hub, session, command, token)


def _kept(
    hub: Services, session: Session, command: ask.Hello, token: str | None, outcome: Settled
) -> None:
    """The guest is on disk; or not, on a full one: then the token lasts until a restart."""
    if not session.ended:
        welcome(hub, session, command, token)
        hub.done(session)


def formerly(hub: Services, session: Session, command: ask.Formerly, user: User) -> None:
    """Takes notice of a new name, if the former one was theirs: they stay who they were."""
    if hub.node is not None:
        hub.node.formerly(session, command, user)
        return
    former = hub.users.proven(command.user, command.token)
    if former is not None and former is not user:
        hub.presence.renamed(former, user, filter(None, map(hub.rooms.get, former.places)))
        banned = hub.access.ban_of(former, hub.access.directory) is not None
        same = not session.rooms and not banned and hub.users.same(user, former)
        if same and user.guest is not None and not hub.disk.takes_nothing:
            hub.log.append(KeepGuest(user.guest))
    session.outlet.reply(Pong(re=command.id, user_id=user.id))


def rooms(hub: Services, session: Session, command: ask.Rooms) -> None:
    """Lists the rooms."""
    user = session.user
    page = look(
        hub.rooms,
        hub.access,
        hub.belonging,
        user,
        query=command.query,
        after=command.after,
        limit=command.limit,
        inside=session.rooms,
    )

    def answer() -> None:
        session.outlet.reply(replace(page.shown(user), re=command.id))

    if user is not None:
        for room in page.rooms:
            if room.has_member(user.id) and page.reads(user, room):
                hub.reading.belong(user, room)
    if user is None or not user.places:
        answer()
        return
    counted = [room for room in page.rooms if user.place(room.name.key) and page.reads(user, room)]
    if command.reader is None or not user.account:
        _when_counted(hub, session, user, counted, answer)
        return
    work = partial(_with_reader, hub, user, command.reader, page, counted)
    answer_later(hub, session, command, work)


async def _with_reader(
    hub: Services, user: User, reader: str, page: Listing, counted: Sequence[HubRoom]
) -> RoomList:
    """The page, and how far the program of the user has read its rooms."""
    if not hub.reading.count_at_once(user, counted):
        await hub.reading.count(user, counted)
    read = await hub.readers.all_read_by(user, reader)
    shown = page.shown(user)
    infos = [
        replace(info, reader=read.get(room.name.key))
        for room, info in zip(page.rooms, shown.rooms, strict=True)
    ]
    return replace(shown, rooms=infos)


def _when_counted(
    hub: Services,
    session: Session,
    user: User,
    rooms: Sequence[HubRoom],
    answer: Callable[[], None],
) -> None:
    """Calls ``answer`` when it is known how much is unread in ``rooms``; mostly at once."""

    async def later() -> None:
        await hub.reading.count(user, rooms)
        if not session.ended:
            answer()
        hub.done(session)

    if hub.reading.count_at_once(user, rooms):
        answer()
    else:
        session.busy = True
        hub.spawn(later(), session.share)


def _room_to_speak_in(
    hub: Services, session: Session, command: ask.Say, user: User
) -> HubRoom | None:
    """The room; None for one that is to be made first.

    Raises `NotInRoom`, and `NoSuchRoom` for an answer where nothing was said.
    """
    if not command.outside:
        return hub.access.own_room(session, Action.SPEAK, command.room)
    if command.reply_to is not None:
        return hub.access.room_named(user, Action.SPEAK, command.room)
    return hub.access.room_to_make(user, Action.SPEAK, command.room)


def say(hub: Services, session: Session, command: ask.Say, user: User) -> None:
    """Sends a text on its way to the log."""
    known = _room_to_speak_in(hub, session, command, user)
    if known is not None and known.state.facts.direct:
        accepting.writes(hub, session, command, user, known)
    text = filing.parse_said(command, hub.settings.text_chars)
    if command.tags:
        check_tags(command.tags)
    if command.files:
        if known is None:
            hub.filters.check_everywhere(hub.access, user, text)
        filing.say(hub, session, known, command, text)
        return
    waits = False
    if known is None:
        hub.filters.check_everywhere(hub.access, user, text)
    elif known.watched or hub.filters.everywhere is not None:
        waits = screening.check(hub, user, known, text)
    name = command.room if known is None else known.name
    words = (text, user.name, command.nonce, command.nonce and name, *command.tags)
    hub.take_disk(session, command, *words, *command.tags.values())
    if known is not None and waits:
        screening.hold(hub, session, known, command, text)
        return
    room = known or hub.open_room(name, session, Action.SPEAK)
    try:
        if command.reply_to is None and not isinstance(command, ask.SayTo):
            now = hub.clock()
            said = room.state.say(
                user.name,
                text,
                now,
                outside=command.outside,
                by_id=user.id,
                notice=command.notice,
                tags=command.tags,
            )
            hub.journal.submit(session, room, command, said)
        else:
            reply(hub, session, room, command, text)
    except NotInRoom:
        # The log recorded a leave that it had reported as refused; a new join is being written.
        raise LogUnavailable(
            f"Your place in {room.name} is being saved again. This was not said; try again in a "
            "moment.",
            retry_after=1.0,
        ) from None


def set_topic(
    hub: Services, session: Session, command: ask.SetTopic, user: User, room: HubRoom
) -> None:
    """Sends a topic on its way to the log."""
    topic = parse_topic(command.topic)
    screening.check_topic(hub, user, room, topic)
    hub.take_disk(session, command, topic, user.name, command.nonce, command.nonce and room.name)
    event = room.state.set_topic(user.name, topic, hub.clock(), by_id=user.id)
    hub.journal.submit(session, room, command, event)


def history(
    hub: Services, session: Session, command: ask.History, user: User, room: HubRoom
) -> None:
    """Answers with a page of a room's log."""
    _page(hub, session, command, room, Span)


def timeline(
    hub: Services, session: Session, command: ask.Timeline, user: User, room: HubRoom
) -> None:
    """Answers with a page of a room's timeline."""
    time = time_asked(command)
    if time is None:
        _page(hub, session, command, room, LineSpan)
    elif (seq := first_in_memory(room, time)) is not None:
        _page(hub, session, placed(command, seq), room, LineSpan)
    else:
        answer_later(hub, session, command, partial(_page_at, hub, session, command, room, time))


async def _page_at(
    hub: Services, session: Session, command: ask.Timeline, room: HubRoom, time: int
) -> Page:
    """The page of a timeline whose place the log has to find."""
    wanted, head = partial(_is_here, session), room.head
    floor = hub.access.floor(session.user, room)
    async with hub.pages.turn(hub.reader(session), wanted):
        seq = await to_its_end(hub.log.first_at(room.which, time, room.floor, head))
    found = placed(command, seq)
    span = LineSpan(
        room.head,
        before=found.before,
        after=found.after,
        around=found.around,
        limit=command.limit,
        floor=floor,
    )
    page = await read_in_turn(hub.pages, hub.reader(session), hub.log, room, span, wanted)
    hub.access.check_still(named(session), Action.READ, room)
    return page_behind(hub.access.floor(session.user, room), page)


def _page(
    hub: Services,
    session: Session,
    command: ask.History | ask.Timeline,
    room: HubRoom,
    kind: type[Span | LineSpan],
) -> None:
    before, after, around = command.before, command.after, command.around
    floor = hub.access.floor(session.user, room)
    span = kind(
        room.head, before=before, after=after, around=around, limit=command.limit, floor=floor
    )
    page = span.in_memory(room)
    if page is not None:
        session.outlet.reply(replace(page_behind(floor, page), re=command.id))
        return
    wanted = partial(_is_here, session)

    async def work() -> Page:
        found = await read_in_turn(hub.pages, hub.reader(session), hub.log, room, span, wanted)
        hub.access.check_still(named(session), Action.READ, room)
        return page_behind(hub.access.floor(session.user, room), found)

    answer_later(hub, session, command, work)


def _is_here(session: Session) -> bool:
    return not session.ended


def who(hub: Services, session: Session, command: ask.Who, user: User, room: HubRoom) -> None:
    """Lists who is in a room."""
    session.outlet.reply(
        Members(
            re=command.id,
            room=room.name,
            users=room.names(),
            topic=room.state.topic or None,
            **origins_of(room),
            standing=standing_of(hub, user, room),
            roles=roles_in(room),
            away=hub.presence.away(room),
            status=profiles.statuses(hub, room),
        )
    )


def read(hub: Services, session: Session, command: ask.Read, user: User, room: HubRoom) -> None:
    """Moves the user's marker, and tells the user's other sessions.

    Where there is none, one begins for a client that knows the event: it was here, as a guest whom
    the server has forgotten.
    """
    if user.place(room.name.key) is None and command.at is None:
        raise NotInRoom(f"You have not been in {room.name}. Join it first.")
    if command.at is None:
        _read(hub, session, command, user, room)
    else:
        go = partial(_read, hub, session, command, user, room)
        when_it_fits(hub, session, command, command.seq, command.at, go)


def _read(hub: Services, session: Session, command: ask.Read, user: User, room: HubRoom) -> None:
    if command.reader is not None:
        if user.place(room.name.key) is not None:  # so that there are no more of them than rooms
            hub.readers.move(user, command.reader, room, command.seq)
        session.outlet.reply(replace(read_up_to(user, room), re=command.id))
        return
    if user.place(room.name.key) is None:
        hub.take_disk(session, command, room.name)  # another marker
    moved = hub.reading.move(user, room, command.seq)
    if moved:
        hub.tell_read(user, room, command.seq)

    def answer() -> None:
        now = read_up_to(user, room)
        session.outlet.reply(replace(now, re=command.id))
        if moved:
            for other in user.sessions:
                if other is not session and not other.stalled:
                    other.outlet.reply(now)

    _when_counted(hub, session, user, (room,), answer)


def typing(hub: Services, session: Session, command: ask.Typing, user: User, room: HubRoom) -> None:
    """Tells the others in the room that the user is writing."""
    if room.may_tell_typing(hub.monotonic()):
        with hub.gate:
            room.tell(SomeoneTyping(room=room.name, by=user.name), but=user.sessions)
        if hub.tell_others is not None:
            hub.tell_others(Typed(room.name.key, str(user.name), user.id))


def ping(hub: Services, session: Session, command: ask.Ping) -> None:
    """Answers; all that went before is saved and delivered by now, or is waited for.

    So is what others have said before, to this user alone and in the rooms of the session.
    """

    def answer() -> None:
        if not session.ended:
            session.outlet.reply(Pong(re=command.id))
            hub.done(session)

    def when_gone() -> None:
        if left and session.user is not None and not session.ended:
            hub.presence.when_gone(session.user, left, answer, hub.monotonic())
        else:
            answer()

    left, session.left = session.left, ()
    if when_shown(hub.letters, hub.journal, session, when_gone):
        session.busy = True
    elif left and session.user is not None:
        session.busy = True
        when_gone()
    else:
        session.outlet.reply(Pong(re=command.id))


HANDLERS: dict[type[ask.Command], Handler] = {
    ask.Hello: for_anybody(hello),
    ask.HelloByCertificate: for_anybody(certificates.log_in),
    ask.HelloByProof: for_anybody(scram.log_in),
    ask.WaysIn: for_named(waysin.tell),
    ask.SetWayIn: for_named(waysin.set_way),
    ask.Formerly: for_named(formerly),
    ask.Register: for_anybody(accounts.register),
    ask.ChangePassword: for_named(devices.change_password),
    ask.Devices: for_named(devices.devices),
    ask.Revoke: for_named(devices.revoke),
    ask.Rename: for_named(accounts.rename),
    ask.CloseAccount: for_named(accounts.close_account),
    ask.Own: for_named(accounts.own),
    ask.BeginFactor: for_named(factors.begin),
    ask.ConfirmFactor: for_named(factors.confirm),
    ask.EndFactor: for_named(factors.end),
    ask.ResetPassword: for_anybody(tickets.reset),
    ask.MakeTicket: in_any_room(Action.INVITE, tickets.make),
    ask.Tickets: in_any_room(Action.INVITE, tickets.list_them),
    ask.EndTicket: in_any_room(Action.INVITE, tickets.end),
    ask.SetRules: in_any_room(Action.RULES, moderating.set_rules),
    ask.RenameRoom: in_any_room(Action.RENAME, roomnames.rename_room),
    ask.Invite: in_any_room(Action.INVITE, invitations.invite),
    ask.GiveRole: in_any_room(Action.ROLE, moderating.give_role),
    ask.Kick: in_any_room(Action.KICK, moderating.kick),
    ask.Mute: in_any_room(Action.MUTE, moderating.mute),
    ask.Unmute: in_any_room(Action.MUTE, moderating.unmute),
    ask.Ban: in_any_room(Action.BAN, moderating.ban),
    ask.Unban: in_any_room(Action.BAN, moderating.unban),
    ask.Exempt: in_any_room(Action.BAN, exempting.exempt),
    ask.SetFilter: in_any_room(Action.BAN, filtering.set_filter),
    ask.EndInvitation: in_any_room(Action.INVITE, invitations.end),
    ask.Knock: for_named(knocking.knock),
    ask.Report: in_any_room(Action.READ, reporting.report),
    ask.Queue: in_any_room(Action.AUDIT, queues.list_them),
    ask.Settle: in_any_room(Action.AUDIT, settling.settle),
    ask.Bans: in_any_room(Action.AUDIT, moderating.bans),
    ask.Audit: in_any_room(Action.AUDIT, moderating.audit),
    ask.Direct: for_named(directs.direct),
    ask.SetProfile: for_named(profiles.set_profile),
    ask.Block: for_named(profiles.block),
    ask.Accept: for_named(accepting.accept),
    ask.Whois: for_named(profiles.whois),
    ask.Watch: for_named(watching.watch),
    ask.Here: for_named(watching.here),
    ask.Operate: for_named(lending.operate),
    ask.Announce: for_named(announcing.announce),
    ask.Rooms: for_anybody(rooms),
    ask.Join: for_named(joining.join),
    ask.Leave: in_own_room(Action.LEAVE, parting.leave, free=True),
    ask.Delete: in_any_room(Action.DELETE, deleting.delete),
    ask.Say: for_named(say),
    ask.SayTo: for_named(say),
    ask.Edit: in_any_room(Action.SPEAK, amending.edit),
    ask.Redact: in_any_room(Action.READ, amending.redact),
    ask.React: in_any_room(Action.SPEAK, amending.react),
    ask.Pin: in_any_room(Action.PIN, amending.pin),
    ask.Pins: in_any_room(Action.READ, passages.pins),
    ask.Versions: in_any_room(Action.READ, passages.versions),
    ask.Conversation: in_any_room(Action.READ, passages.conversation),
    ask.SetTopic: in_own_room(Action.TOPIC, set_topic),
    ask.History: in_any_room(Action.READ, history),
    ask.Timeline: in_any_room(Action.READ, timeline),
    ask.Who: in_any_room(Action.READ, who),
    ask.Read: in_any_room(Action.READ, read),
    ask.Search: for_named(searching.search),
    ask.Typing: in_own_room(Action.SPEAK, typing),
    ask.Signal: in_own_room(Action.SPEAK, signalling.signal),
    ask.Ping: for_anybody(ping, free=True),
    ask.Bye: for_anybody(parting.bye, free=True),
}
"""What each command needs, and does. No rate limit holds back what costs little, or ends things."""
