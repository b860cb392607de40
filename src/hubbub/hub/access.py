"""Who may do what: the only place that answers it, whichever protocol the question comes by.

A room that a viewer may not read does not exist for them: those who look for it hear what they hear
of a room that nobody has made.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from hubbub.domain.directory import DIRECTORY, is_directory
from hubbub.domain.durations import left
from hubbub.domain.errors import (
    ChatError,
    Forbidden,
    NeedAccount,
    NeedName,
    NeedPassword,
    NoSuchRoom,
    NotAllowed,
    NotInRoom,
    RoomFull,
)
from hubbub.domain.events import AnyEvent
from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.rights import RIGHTS, Action, why_not
from hubbub.domain.rules import (
    READ_BY_ALL,
    CurrentBan,
    Exemption,
    Profile,
    Role,
    RoomAccess,
    Speakers,
    Topics,
)
from hubbub.domain.state import Member, RoomFacts, member_changes
from hubbub.hub.guests import Guests
from hubbub.hub.lent import Lent
from hubbub.hub.networks import Networks
from hubbub.hub.operating import Operator
from hubbub.hub.ports import Clock
from hubbub.hub.room import HubRoom
from hubbub.hub.rooms import Rooms
from hubbub.hub.session import Session, User

Viewer = User | None
"""Who asks. None has said no name: a request of HTTP, or a connection before its hello."""

NO_PROFILE = Profile()
ANYBODY: Viewer = None
"""Somebody without a name, who may do what everybody may."""

_TALK = re.compile("@[0-9a-z]{15,20}")
"""Names like those that `hubbub.hub.directs` gives, and nobody else may."""

# A tuple is searched by identity; a look-up by hash costs an enumeration four times as much.
_BY_EVERYBODY = tuple(
    sorted(
        (
            action
            for action, right in RIGHTS.items()
            if right.least is Role.MEMBER and not right.needs_account
        ),
        key=lambda action: action is not Action.SPEAK,
    )
)
"""What everybody may do in a room without rules; first what is done most."""

_BY_ADMINISTRATORS = frozenset({Action.READ, Action.AUDIT, Action.BAN, Action.KICK, Action.INVITE})
"""What the server's administrators may do in the directory."""
_BY_OWNERS = frozenset({Action.ROLE, Action.RULES})
"""What its owners may do there, too: give roles, and say how long all rooms keep what is said."""


def named(session: Session) -> User:
    """Whose session it is; raises `NeedName`."""
    if session.user is None:
        raise NeedName("Say hello first: the server does not know your name yet.")
    return session.user


class Access:
    """Answers by the rooms' states and the directory's, at the time of ``clock``."""

    def __init__(self, rooms: Rooms, clock: Clock, networks: Networks, *, guests: bool) -> None:
        """``guests``: whether people come in without an account."""
        self._networks = networks
        self._rooms = rooms
        self._clock = clock
        self._guests = guests
        self._accounts: dict[UserId, Member] = {}
        self.said_by_guests = Guests()
        self.lent = Lent()

    @property
    def directory(self) -> HubRoom:
        """The server's own log: who has an account, who administers it, who is banned."""
        return self._rooms[DIRECTORY.key]

    def account(self, name: UserName) -> Member | None:
        """The account that has that name; None if nobody has registered it."""
        return self.directory.state.members.get(name.key)

    def account_of(self, id: UserId) -> Member | None:
        """The account ``id``, by whatever name it has now."""
        return self._accounts.get(id)

    def profile_of(self, id: UserId | None) -> Profile:
        """What the account ``id`` says of itself, or a guest who is connected."""
        account = None if id is None else self._accounts.get(id)
        if account is None:
            return (id and self.said_by_guests.profile_of(id)) or NO_PROFILE
        return account.profile or NO_PROFILE

    def know_accounts(self) -> None:
        """Takes the accounts of the directory, at the start."""
        for member in self.directory.state.members.values():
            if member.id is not None:
                self._accounts[member.id] = member

    def shown(self, event: AnyEvent) -> None:
        """``event`` is in the directory, and shown."""
        for change in member_changes(event, directory=True):
            if change.by_id is None:
                continue
            if change.present:
                now = self.directory.state.members.get(change.user.key)
                known = now is not None and now.id == change.by_id  # else a later one has come, too
                self._accounts[change.by_id] = (
                    now if now is not None and known else Member(change.user, change.by_id)
                )
            else:
                self._accounts.pop(change.by_id, None)

    def check_reader(self, viewer: Viewer) -> None:
        """Raises `NeedAccount` for somebody without a name where guests are not let in."""
        if viewer is None and not self._guests:
            raise NeedAccount("This server is for people with an account. Please log in first.")

    def check_not_banned(self, viewer: User) -> None:
        """Raises `Forbidden` for who is banned from the whole server."""
        ban = self.ban_of(viewer, self.directory)
        if ban is not None:
            raise banned(ban, "from this server", self._clock())

    # What somebody is

    def server_role(self, viewer: Viewer) -> Role:
        """What ``viewer`` is on the whole server, by themselves or by rights that are lent."""
        if isinstance(viewer, Operator):
            return Role.OWNER
        if viewer is None or viewer.id is None:
            return Role.MEMBER
        roles = self.directory.state.facts.roles
        own = roles.get(viewer.id, Role.MEMBER) if viewer.account else Role.MEMBER
        lent = [roles.get(id, Role.MEMBER) for id in self.lent.to(viewer)]
        return max((own, *lent), key=lambda role: role.rank) if lent else own

    def role(self, viewer: Viewer, room: HubRoom) -> Role:
        """What ``viewer`` is in ``room``. Who administers the server is an owner of open rooms."""
        if isinstance(viewer, Operator):
            return Role.OWNER
        if viewer is None or viewer.id is None:
            return Role.MEMBER
        if room is self.directory:
            return self.server_role(viewer)
        facts = room.state.facts
        own = facts.roles.get(viewer.id, Role.MEMBER)
        if facts.access is RoomAccess.DIRECT or self.server_role(viewer).rank < Role.MODERATOR.rank:
            return own
        return own if room.keeps_members and not room.has_member(viewer.id) else Role.OWNER

    def floor(self, viewer: Viewer, room: HubRoom) -> int:
        """Up to this ``seq``, ``viewer`` is shown nothing of ``room``, which they may read.

        0: they read all of it. Where newcomers read what was said since they came, that is who
        moderates, and whose coming is not known any more; others who are not in the room read
        nothing of what there is. What is gone nobody reads.
        """
        if not room.hides_past or self.role(viewer, room).rank >= Role.MODERATOR.rank:
            return room.floor
        member = None if viewer is None else room.state.members.get(viewer.name.key)
        if member is None or viewer is None or member.id != viewer.id:
            return room.head
        return max(room.floor, member.since - 1)

    def may(self, viewer: Viewer, action: Action, room: HubRoom) -> bool:
        """Whether ``viewer`` may do ``action`` in ``room``."""
        return self.refusal(viewer, action, room) is None

    def refusal(
        self, viewer: Viewer, action: Action, room: HubRoom, called: RoomName | None = None
    ) -> ChatError | None:
        """Why ``viewer`` may not do ``action`` in ``room``, as it is told; None if they may.

        ``called``: the name by which it was asked for, which may be a former one. Who may not come
        in is not told how the room is called.
        """
        if action is Action.LEAVE:
            return None
        if room.plain and action in _BY_EVERYBODY:  # nearly always, and for each text
            return self._refusal_if_full(viewer, room) if action is Action.ENTER else None
        if room is self.directory:
            return self._refusal_in_directory(viewer, action, room)
        name = called or room.name
        if not room.listable:
            return no_such_room(name)  # a queue, which `hubbub.hub.queues` alone reads
        if isinstance(viewer, Operator):
            return self._refusal_of_operator(viewer, action, room, name)
        hidden = self._is_hidden(viewer, action, room, name)
        if isinstance(hidden, NoSuchRoom):
            return hidden
        facts = room.state.facts
        ban = self.ban_of(viewer, room)
        if ban is not None and action is not Action.LIST:
            return banned(ban, f"from {name}", self._clock())
        guest = viewer is None or not viewer.account
        if guest and not facts.guests and action is not Action.LIST:
            return NeedAccount(f"{name} is not for guests. To make an account: /register")
        return (
            hidden
            or self._refusal_by_role(viewer, action, room, name)
            or self._refusal_in_talk(viewer, action, room)
            or self._refusal_from_outside(viewer, action, room, name)
            or (self._refusal_if_full(viewer, room) if action is Action.ENTER else None)
        )

    def _refusal_of_operator(
        self, viewer: Operator, action: Action, room: HubRoom, name: RoomName
    ) -> ChatError | None:
        """All rooms are there for the operator, who may do there what their owners may.

        What some people say to each other alone is read by nobody else. It can be deleted.
        """
        if room.state.facts.access is RoomAccess.DIRECT:
            if action in (Action.LIST, Action.DELETE):
                return None
            return NotAllowed("A direct conversation is for its people alone. It can be deleted.")
        return self._refusal_by_role(viewer, action, room, name)

    def is_muted(self, id: UserId | None, room: HubRoom) -> bool:
        """Whether the user ``id`` may say nothing in ``room`` for now."""
        if id is None or id not in room.state.facts.muted:
            return False
        until = room.state.facts.muted[id]
        return until is None or until > self._clock()

    def check_may_be_invited(self, viewer: User, room: HubRoom) -> None:
        """Raises why an invitation would not let ``viewer`` into ``room``."""
        ban = self.ban_of(viewer, room)
        if ban is not None:
            raise banned(ban, f"from {room.name}", self._clock())
        if not viewer.account and not room.state.facts.guests:
            raise NeedAccount(f"{room.name} is not for guests. To make an account: /register")

    def _is_hidden(
        self, viewer: Viewer, action: Action, room: HubRoom, name: RoomName
    ) -> ChatError | None:
        """What who is not a member is told, where only members read."""
        if not room.keeps_members or (viewer is not None and room.has_member(viewer.id)):
            return None
        facts, from_outside = room.state.facts, action in (Action.LIST, Action.ENTER)
        if from_outside and self.may_come(viewer, room):
            return None
        if facts.access is RoomAccess.LOCKED:
            if action is Action.LIST:
                return None
            return NeedPassword(f"{name} asks for a password: /join {name} PASSWORD")
        return no_such_room(name)

    def _refusal_by_role(
        self, viewer: Viewer, action: Action, room: HubRoom, name: RoomName
    ) -> ChatError | None:
        muted, until = False, None
        if viewer is not None and viewer.id in room.state.facts.muted:
            until = room.state.facts.muted[viewer.id]
            muted = self.is_muted(viewer.id, room)
        stands = Stands(room, self.role(viewer, room), muted)
        account = viewer is not None and viewer.account
        refused = why_not(action, stands, name, account=account)
        if refused is None or until is None or not (muted and RIGHTS[action].is_said):
            return refused
        return NotAllowed(f"You are muted in {name}{left(until, self._clock())}.")

    def _refusal_from_outside(
        self, viewer: Viewer, action: Action, room: HubRoom, name: RoomName
    ) -> ChatError | None:
        if room.state.facts.outside or not RIGHTS[action].is_said or is_inside(viewer, room):
            return None
        return NotAllowed(f"Only who is in {name} may say something there. Join it first.")

    def _refusal_if_full(self, viewer: Viewer, room: HubRoom) -> ChatError | None:
        """Who moderates finds a place always. Who is on the way in at another server, does, too.

        So does who was invited where nobody needs that to come in: it is for nothing else there.
        """
        facts, most = room.state.facts, room.state.facts.most
        if not most or len(room.state.members) + room.coming < most or is_inside(viewer, room):
            return None
        if self.role(viewer, room).rank >= Role.MODERATOR.rank:
            return None
        if viewer is not None and viewer.id in facts.invited and facts.access in READ_BY_ALL:
            return None
        return RoomFull(f"{room.name} is full: {most} people may be in it, and not more.")

    def _refusal_in_talk(self, viewer: Viewer, action: Action, room: HubRoom) -> ChatError | None:
        """In a conversation of two, neither says anything when one has blocked the other."""
        people = room.state.facts.direct
        if len(people) != 2 or viewer is None or not RIGHTS[action].is_said:
            return None
        others = [one for one in room.state.members.values() if one.id != viewer.id]
        return self.blocked(viewer, others[0].id, others[0].name) if others else None

    def blocked(self, viewer: User, id: UserId | None, name: UserName) -> ChatError | None:
        """Why ``viewer`` may not write to the user ``id``, called ``name``, alone."""
        if (closed := self.closed_to(viewer, id, name)) is not None:
            return closed
        if self.has_blocked(id, viewer.id):
            return NotAllowed(f"{name} does not take messages from you alone.")
        if self.has_blocked(viewer.id, id):
            return NotAllowed(f"You have blocked {name}. To write to them: /unblock {name}")
        return None

    def closed_to(self, viewer: User, id: UserId | None, name: UserName) -> NeedAccount | None:
        """Why ``viewer`` may not begin to write to the user ``id``, who may take messages of
        accounts only.
        """
        profile = self.profile_of(id)
        if viewer.account or not profile.accounts_only or viewer.id in profile.accepted:
            return None
        return NeedAccount(
            f"{name} takes messages from people with an account alone, until they write to you. "
            "To make an account: /register"
        )

    def has_blocked(self, id: UserId | None, other: UserId | None) -> bool:
        """Whether the user ``id`` lets ``other`` not write to them alone."""
        return other in self.profile_of(id).blocked

    def _refusal_in_directory(
        self, viewer: Viewer, action: Action, room: HubRoom
    ) -> ChatError | None:
        role = self.server_role(viewer)
        if role is Role.OWNER and action in _BY_OWNERS:
            return None
        if role.rank >= Role.MODERATOR.rank and action in _BY_ADMINISTRATORS:
            return None
        if role.rank >= Role.MODERATOR.rank:
            return NotAllowed(
                "That cannot be done with the whole server."
                if role is Role.OWNER
                else "Only the owner of this server may do that."
            )
        return no_such_room(room.name)

    # Bans

    def ban_of(self, viewer: Viewer, room: HubRoom) -> CurrentBan | None:
        """The ban that keeps ``viewer`` out of ``room``, or of the server; None if none does."""
        bans = room.state.facts.bans
        if not bans or viewer is None:
            return None
        now = self._clock()
        hits = (ban for ban in bans if not ban.is_over(now) and self._hits(ban, viewer, room))
        ban = next(hits, None)
        return None if ban is None or self.is_exempt(viewer, Exemption.BANS, room) else ban

    def is_exempt(self, viewer: User, of: Exemption, room: HubRoom) -> bool:
        """Whether bans do not hold for ``viewer`` in ``room``, or they need no invitation."""
        return any(
            one.of is of
            and (
                one.user_id == viewer.id
                if one.user_id is not None
                else not viewer.account and room.is_about(one, viewer.name.key)
            )
            for one in room.state.facts.exemptions
        )

    def may_come(self, viewer: Viewer, room: HubRoom) -> bool:
        """Whether ``viewer`` may become a member where only members read."""
        if viewer is None or viewer.id is None:
            return False
        facts = room.state.facts
        if may_come(viewer.id, facts):
            return True
        asks = facts.access is RoomAccess.MEMBERS
        return asks and self.is_exempt(viewer, Exemption.INVITATIONS, room)

    def _hits(self, ban: CurrentBan, viewer: User, room: HubRoom) -> bool:
        if ban.user_id is not None and ban.user_id == viewer.id:
            return True
        if viewer.account:
            return False  # patterns and networks are for those who can take another name
        if room.is_about(ban, viewer.name.key):  # an id was forgotten meanwhile, say
            return True
        return ban.network is not None and ban.network == self._networks.of(viewer.client)

    # The rooms that a command names

    def room_named(self, viewer: Viewer, action: Action, name: RoomName) -> HubRoom:
        """The room of that name; raises `NoSuchRoom`, or why ``action`` may not be done there."""
        room = self._rooms.get(name.key)
        if room is None:
            raise no_such_room(name)
        # Who has to delete what they may not read still has to find it.
        seen = action if isinstance(viewer, Operator) else Action.READ
        refused = self.refusal(viewer, seen, room, name) or self.refusal(viewer, action, room, name)
        if refused is not None:
            raise refused
        return room

    def check_still(self, viewer: Viewer, action: Action, room: HubRoom) -> None:
        """Raises why ``action`` may not be done any more, after something was waited for."""
        refused = no_such_room(room.name) if room.gone else self.refusal(viewer, action, room)
        if refused is not None:
            raise refused

    def own_room(self, session: Session, action: Action, name: RoomName) -> HubRoom:
        """The room of that name, which the session is in; raises `NotInRoom`, or why not."""
        if session.apart:
            return self.room_named(session.user, action, name)
        room = self._rooms.get(name.key)
        if room is None or room not in session.rooms:
            raise NotInRoom(f"You are not in {name}. Join it first.")
        refused = self.refusal(session.user, action, room)
        if refused is not None:
            raise refused
        return room

    def room_to_make(self, viewer: Viewer, action: Action, name: RoomName) -> HubRoom | None:
        """The room of that name; None: it is to be made. Raises why ``action`` may not be done.

        That a name is taken is all that can be learned of a room that one may not read; of a direct
        conversation, whose name can be told from who is in it, not even that.
        """
        room = self._rooms.get(name.key)
        refused = None if room is None else self.refusal(viewer, action, room, name)
        if isinstance(refused, NoSuchRoom) or (room is None and _TALK.fullmatch(name.key)):
            raise NoSuchRoom(
                f'There is no room "{name}" for you, and none can be made of that name.'
            )
        if refused is not None:
            raise refused
        return room


def may_come(user: UserId, facts: RoomFacts) -> bool:
    """Whether that is a user who may become a member where only members read.

    They are invited, or own the room, which cannot be left for good without a way back.
    `Access.may_come` knows, too, who needs no invitation.
    """
    return user in facts.invited or (facts.roles.get(user) is Role.OWNER and not facts.direct)


def is_inside(viewer: Viewer, room: HubRoom) -> bool:
    """Whether ``viewer`` is in ``room`` by the log, under this name or the one before."""
    if viewer is None or viewer.id is None:
        return False
    member = room.state.members.get(viewer.name.key)
    if member is not None and member.id == viewer.id:
        return True
    return viewer.was is not None and room.name.key in viewer.was.rooms


def no_such_room(name: RoomName) -> NoSuchRoom:
    """What is told of a room that is not there, and of one that somebody may not read."""
    if is_directory(name):
        return NoSuchRoom("Only who administers this server may do that.")
    return NoSuchRoom(f'There is no room "{name}". Joining it would make it.')


def banned(ban: CurrentBan, where: str, now: int) -> Forbidden:
    """What somebody is told whom ``ban`` keeps out; ``where``: "from Kitchen", say."""
    reason = f": {ban.reason}" if ban.reason else "."
    return Forbidden(f"You are banned {where}{left(ban.until, now)}, by {ban.by}{reason}")


class Stands(NamedTuple):
    """What holds in a room, and what somebody is there, for `hubbub.domain.rights.why_not`."""

    room: HubRoom
    role: Role
    muted: bool

    @property
    def access(self) -> RoomAccess:
        """Who may read it."""
        return self.room.state.facts.access

    @property
    def speak(self) -> Speakers:
        """Who may say something."""
        return self.room.state.facts.speak

    @property
    def topics(self) -> Topics:
        """Who may say what it is about."""
        return self.room.state.facts.topics

    @property
    def archived(self) -> bool:
        """Whether nothing more is said."""
        return self.room.state.facts.archived

    @property
    def owned(self) -> bool:
        """Whether somebody has a role."""
        return bool(self.room.state.facts.roles)

    @property
    def roles(self) -> dict[str, Role]:
        """Of those in the room who have one."""
        return roles_in(self.room)


def roles_in(room: HubRoom) -> dict[str, Role]:
    """The roles of those in the room who have one, by their names."""
    roles = room.state.facts.roles
    if not roles:
        return {}
    return {
        str(member.name): roles[member.id]
        for member in room.state.members.values()
        if member.id in roles
    }
