"""What a room's events add up to. `RoomState.apply` is the only place where they become state.

`RoomSummary` is the part of it that is small whatever the room is: the log's writer folds that, and
saves of it what cannot be told from the newest event.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from hubbub.domain.events import (
    FORMER_MEMBER,
    AccountClosed,
    AuthorForgotten,
    Banned,
    DirectBegun,
    Event,
    Exempted,
    FilterSet,
    InvitationEnded,
    Invited,
    Joined,
    Kicked,
    Left,
    Muted,
    PasswordSet,
    Pinned,
    ProfileSet,
    PutInQueue,
    Redacted,
    Registered,
    Renamed,
    RoleGiven,
    RoomRenamed,
    RulesSet,
    Settled,
    TicketEnded,
    TicketMade,
    TopicSet,
    Trimmed,
    Trusted,
    Unbanned,
    Unmuted,
)
from hubbub.domain.ids import UserId
from hubbub.domain.kinds import MESSAGES, is_message
from hubbub.domain.labels import Labels, labelled
from hubbub.domain.names import UserName
from hubbub.domain.rules import (
    MAX_FORMER,
    MAX_PINS,
    MAX_QUEUED,
    MAX_TRUSTED,
    CurrentBan,
    CurrentExemption,
    HistoryFor,
    Newcomers,
    Profile,
    Queued,
    QueueItem,
    Role,
    RoomAccess,
    Speakers,
    Ticket,
    Topics,
)


class MemberChange(NamedTuple):
    """After an event ``user``, whose id is ``by_id`` if it is known, is in the room, or is not."""

    user: UserName
    by_id: UserId | None
    present: bool


def member_changes(event: Event, *, directory: bool = False) -> Sequence[MemberChange]:
    """How ``event`` changes who is in the room, in this order.

    ``directory``: it is the server's own log, whose members are the accounts. Who is put out of the
    server, or banned from it, still has an account.
    """
    match event:
        case Kicked() | Banned() if directory:
            return ()
        case Joined() | Registered():
            return (MemberChange(UserName.recall(event.by), event.by_id, True),)
        case Left() | AccountClosed():
            return (MemberChange(UserName.recall(event.by), event.by_id, False),)
        case Kicked() | Banned(pattern=False):
            return (MemberChange(UserName.recall(event.user), event.user_id, False),)
        case ProfileSet():
            return (MemberChange(UserName.recall(event.by), event.by_id, True),)
        case Renamed(by=by, by_id=by_id, now=now):
            return (
                MemberChange(UserName.recall(by), by_id, False),
                MemberChange(UserName.recall(now), by_id, True),
            )
        case DirectBegun(users=users, ids=ids):
            return [
                MemberChange(UserName.recall(user), by_id, True)
                for user, by_id in zip(users, ids, strict=False)
            ]
    return ()


class RoomFacts(Struct, frozen=True, gc=False, omit_defaults=True):
    """What holds in a room until an event changes it; by itself, what holds in an empty log.

    It is saved beside the log whenever it has changed, as JSON: a later version may add a field,
    with the default that it has in a room where nothing has set it.

    ``silent``: nothing was said in the room yet, nor what it is about. ``slow``: seconds between
    two texts of one user. ``muted``: until when, in ms since the Unix epoch; None: until somebody
    allows it. ``muted_names``: the names of that time of those, who may not be here any more.
    ``invited``: who may become a member, with the names of that time. ``direct``: whose
    direct conversation it is. ``directory``: somebody has an account by this log, so that it is the
    server's own. ``filters``: patterns of what may not be said. ``trusted``: whose texts are no
    newcomer's any more, with the names of that time. ``queue``: in the queue of a room, what waits
    for its moderators. ``former``: the room's first name and its last ones before this, by which
    links and clients may still call it. ``tickets``: those that are good, or were until their time
    was over. ``keep_days``: days after which what happens here is gone; 0: never. ``floor``: up to
    this ``seq`` it is. ``pins``: the numbers of the messages that are pinned, the newest pin last.
    ``topics``: who may say what the room is about; ``topic_by``, ``topic_by_id`` and ``topic_at``
    (ms): who has, and when. ``outside``: who is not in the room may say something in it. ``most``:
    so many people may be in it; 0: no limit. ``signals``: programs may tell programs something that
    nobody is shown. ``exemptions``: for whom bans do not hold, or who needs no invitation.
    ``passing``: who of ``roles`` has theirs for as long as they are in the room. ``made``: when it
    was made (ms); 0: not known. ``labels``: what programs say of the room, see
    `hubbub.domain.labels`.
    """

    silent: bool = True
    access: RoomAccess = RoomAccess.OPEN
    topic: str = ""
    speak: Speakers = Speakers.ALL
    slow: int = 0
    guests: bool = True
    history: HistoryFor = HistoryFor.ALL
    archived: bool = False
    roles: dict[UserId, Role] = {}
    muted: dict[UserId, int | None] = {}
    muted_names: dict[UserId, str] = {}
    bans: tuple[CurrentBan, ...] = ()
    invited: dict[UserId, str] = {}
    direct: tuple[UserId, ...] = ()
    directory: bool = False
    former: tuple[str, ...] = ()
    tickets: tuple[Ticket, ...] = ()
    newcomers: Newcomers = Newcomers.FREE
    filters: tuple[str, ...] = ()
    trusted: dict[UserId, str] = {}
    queue: tuple[QueueItem, ...] = ()
    keep_days: int = 0
    floor: int = 0
    pins: tuple[int, ...] = ()
    topics: Topics = Topics.ALL
    topic_by: str = ""
    topic_by_id: UserId | None = None
    topic_at: int = 0
    outside: bool = True
    most: int = 0
    signals: bool = True
    exemptions: tuple[CurrentExemption, ...] = ()
    passing: tuple[UserId, ...] = ()
    made: int = 0
    labels: Labels = {}


NO_FACTS = RoomFacts()


RULES = (
    *("access", "speak", "slow", "guests", "history", "archived", "newcomers", "keep_days"),
    *("topics", "outside", "most", "signals"),
)
"""The facts that a `RulesSet` may set, by its fields of the same names. It changes the labels, too.
"""


def changed_facts(facts: RoomFacts, event: Event) -> dict[str, Any]:
    """What ``event`` says about ``facts``, which may be what they are already.

    Mutes and bans that are over go with the next one, so that those that hold have room.
    """
    match event:
        case TopicSet(by=by, at=at, by_id=by_id):
            by_whom = {"topic_by": str(by), "topic_by_id": by_id, "topic_at": at}
            return {"topic": event.topic, "silent": False, **by_whom}
        case RulesSet():
            named = {name: getattr(event, name) for name in RULES}
            rules = {name: value for name, value in named.items() if value is not None}
            said = event.labels
            return rules if said is None else {**rules, "labels": labelled(facts.labels, said)}
        case Trimmed(floor=floor):
            floor = max(floor, facts.floor)
            return {"floor": floor, "pins": tuple(pin for pin in facts.pins if pin > floor)}
        case Pinned(target=target, on=on):
            others = tuple(pin for pin in facts.pins if pin != target)
            return {"pins": (*others, target)[-MAX_PINS:] if on else others}
        case Redacted(target=target):
            return {"pins": tuple(pin for pin in facts.pins if pin != target)}
        case RoomRenamed(was=was):
            former = dict.fromkeys((*facts.former, was))
            return {"former": (*former,)[:1] + (*former,)[1:][-MAX_FORMER:]}
        case DirectBegun(ids=ids):
            return {"access": RoomAccess.DIRECT, "direct": ids}
        case Joined(by_id=str(by_id)):
            return _after_join(facts, event, by_id)
        case Left(now=None, by_id=str(by_id)) if by_id in facts.passing:
            return _with_role(facts, by_id, Role.MEMBER)
        case Invited(user_id=str(user_id), user=user, ticket=ticket):
            invited = {**facts.invited, user_id: user}
            return {"invited": invited, "tickets": _after_use(facts, ticket)}
        case InvitationEnded(user_id=str(user_id)):
            return {"invited": without(facts.invited, user_id)}
        case FilterSet(pattern=pattern, on=on):
            allowed = tuple(one for one in facts.filters if one != pattern)
            return {"filters": (*allowed, pattern) if on else allowed}
        case Trusted(user_id=str(user_id), user=user):
            trusted = {**without(facts.trusted, user_id), user_id: user}
            return {"trusted": dict((*trusted.items(),)[-MAX_TRUSTED:])}
        case PutInQueue():
            return {"queue": (*facts.queue, _queued(event))[-MAX_QUEUED:]}
        case Settled(queued=queued):
            return {"queue": tuple(item for item in facts.queue if item.seq != queued)}
        case RoleGiven(user_id=str(user_id), role=role):
            # Who made a link for a new password might not make one for who this is by now.
            tickets = _not_for(facts.tickets, user_id)
            return {**_with_role(facts, user_id, role, passing=event.passing), "tickets": tickets}
        case Muted(user_id=str(user_id), user=user, until=until):
            lasting = {
                other: end
                for other, end in facts.muted.items()
                if other != user_id and (end is None or end > event.at)
            }
            names = {other: name for other, name in facts.muted_names.items() if other in lasting}
            return {
                "muted": {**lasting, user_id: until},
                "muted_names": {**names, user_id: user},
            }
        case Unmuted(user_id=str(user_id)):
            return {
                "muted": without(facts.muted, user_id),
                "muted_names": without(facts.muted_names, user_id),
            }
        case Kicked(user_id=str(user_id)):
            invited = without(facts.invited, user_id)
            if facts.directory:  # who was put out of the server comes back as who they were
                return {"invited": invited}
            gone = _with_role(facts, user_id, Role.MEMBER) if user_id in facts.passing else {}
            return {"invited": invited, "tickets": _not_by(facts, user_id), **gone}
        case Banned():
            return _after_ban(facts, event)
        case Exempted():
            return {"exemptions": _after_exemption(facts, event)}
        case Unbanned(ban=number):
            return {"bans": tuple(ban for ban in facts.bans if ban.seq != number)}
        case Registered(ticket=ticket):
            return {"directory": True, "tickets": _after_use(facts, ticket)}
        case PasswordSet(by_id=by_id, ticket=ticket):  # no other link is needed any more
            return {"tickets": _not_for(_after_use(facts, ticket), by_id)}
        case TicketMade():
            return {"tickets": _with_ticket(facts, event)}
        case TicketEnded(ticket=ticket):
            return {"tickets": tuple(one for one in facts.tickets if one.id != ticket)}
        case AccountClosed(by_id=str(by_id)):
            tickets = _not_for(facts.tickets, by_id)
            return {**_with_role(facts, by_id, Role.MEMBER), "tickets": tickets}
        case AuthorForgotten(by_id=str(by_id), emptied=emptied):
            return _forgetting(facts, by_id, emptied=emptied)
    return {"silent": False} if facts.silent and is_message(event) else {}


def _after_ban(facts: RoomFacts, event: Banned) -> dict[str, Any]:
    """A ban ends role, invitation and links, and takes the place of an earlier one."""
    ban = CurrentBan(
        event.seq,
        event.by,
        event.user,
        event.user_id,
        event.pattern,
        event.network,
        event.until,
        event.reason,
        event.by_id,
    )
    others = (one for one in facts.bans if not one.is_over(event.at) and one.whom != ban.whom)
    return {
        "bans": (*others, ban),
        "invited": without(facts.invited, event.user_id),
        "tickets": _not_by(facts, event.user_id),
        **_with_role(facts, event.user_id, Role.MEMBER),
    }


def _with_role(
    facts: RoomFacts, user: UserId | None, role: Role, *, passing: bool = False
) -> dict[str, Any]:
    """Who is what when ``user`` is a ``role``. Nobody's roles pass but those of who has one."""
    roles = without(facts.roles, user)
    others = tuple(other for other in facts.passing if other != user)
    if user is None or role is Role.MEMBER:
        return {"roles": roles, "passing": others}
    return {"roles": {**roles, user: role}, "passing": (*others, user) if passing else others}


def _after_join(facts: RoomFacts, event: Joined, user: UserId) -> dict[str, Any]:
    """Who comes in needs no invitation any more, and has a role by making the room, or keeps it."""
    invited = without(facts.invited, user)
    changed: dict[str, Any] = {} if invited is facts.invited else {"invited": invited}
    if event.role is not None and event.seq == 1:  # of two who make it at once, the first
        changed |= _with_role(facts, user, event.role, passing=event.passing)
    elif (was := event.was_id) is not None and was in facts.passing and was != user:
        kept = facts.roles[was]
        rest = replace(facts, **_with_role(facts, was, Role.MEMBER))
        mine = user in rest.roles  # by their account, and for good
        changed |= _with_role(rest, user, rest.roles[user] if mine else kept, passing=not mine)
    return changed


def _after_exemption(facts: RoomFacts, event: Exempted) -> tuple[CurrentExemption, ...]:
    """A later one takes the place of an earlier one about the same."""
    exempt = CurrentExemption(
        event.seq,
        event.at,
        event.by,
        event.user,
        event.of,
        event.user_id,
        event.pattern,
        event.by_id,
    )
    others = tuple(one for one in facts.exemptions if one.whom != exempt.whom)
    return (*others, exempt) if event.on else others


def _forgetting(facts: RoomFacts, author: UserId, *, emptied: bool) -> dict[str, Any]:
    """``author`` has no account any more: nothing holds for them, and their name is nowhere."""

    def is_by(who: UserId | None) -> bool:
        return who == author

    topic_by = FORMER_MEMBER if facts.topic_by_id == author else facts.topic_by
    return {
        **_with_role(facts, author, Role.MEMBER),
        "topic_by": topic_by,
        "muted": without(facts.muted, author),
        "muted_names": without(facts.muted_names, author),
        "invited": without(facts.invited, author),
        "trusted": without(facts.trusted, author),
        "bans": tuple(
            replace(ban, by=FORMER_MEMBER) if is_by(ban.by_id) else ban
            for ban in facts.bans
            if not is_by(ban.user_id)
        ),
        "tickets": tuple(
            replace(ticket, by=FORMER_MEMBER) if is_by(ticket.by_id) else ticket
            for ticket in facts.tickets
            if not is_by(ticket.user_id)
        ),
        "exemptions": tuple(
            replace(one, by=FORMER_MEMBER) if is_by(one.by_id) else one
            for one in facts.exemptions
            if not is_by(one.user_id)
        ),
        "queue": _without_author(facts.queue, author, emptied=emptied),
    }


def _queued(event: PutInQueue) -> QueueItem:
    return QueueItem(
        event.seq,
        event.item,
        event.at,
        event.by,
        event.by_id,
        event.text,
        event.about,
        event.user,
        event.user_id,
        event.reply_to,
        event.reason,
    )


def _without_author(
    queue: tuple[QueueItem, ...], author: UserId, *, emptied: bool
) -> tuple[QueueItem, ...]:
    """What still waits when an account is closed: reports, without its name."""
    rest = (one for one in queue if one.by_id != author or one.kind is Queued.REPORT)
    unsigned = (replace(one, by=FORMER_MEMBER) if one.by_id == author else one for one in rest)
    return tuple(
        replace(one, user=FORMER_MEMBER, text="" if emptied else one.text)
        if one.user_id == author
        else one
        for one in unsigned
    )


def _not_by(facts: RoomFacts, user: UserId | None) -> tuple[Ticket, ...]:
    """The tickets that somebody else has made: one's own would be a way back."""
    return tuple(one for one in facts.tickets if user is None or one.by_id != user)


def _not_for(tickets: tuple[Ticket, ...], user: UserId | None) -> tuple[Ticket, ...]:
    """Those by which that user chooses no password."""
    return tuple(one for one in tickets if user is None or one.user_id != user)


def _with_ticket(facts: RoomFacts, event: TicketMade) -> tuple[Ticket, ...]:
    lasting = (one for one in facts.tickets if not one.is_over(event.at))
    ticket = Ticket(
        event.ticket,
        event.by,
        event.uses,
        event.by_id,
        event.until,
        event.user,
        event.user_id,
        event.factor,
    )
    return (*lasting, ticket)


def _after_use(facts: RoomFacts, ticket: str | None) -> tuple[Ticket, ...]:
    """What is left of the tickets when that one was used once."""
    if ticket is None:
        return facts.tickets
    left = (
        replace(one, uses=one.uses - 1) if one.id == ticket and one.uses > 1 else one
        for one in facts.tickets
        if one.id != ticket or one.uses > 1
    )
    return tuple(left)


_BY_TICKET = frozenset({Registered, Invited, PasswordSet})
_DEPOSING = frozenset({RoleGiven, AccountClosed, Banned})
ONLY_OWNER = "That would leave nobody who owns it. Make somebody else an owner first."
USED_UP = "This link was used already, or its time is over. Ask for another one."


OWNED_ALREADY = "This server has an owner already."
BEGUN_ALREADY = "This conversation was begun from the other side at the same moment."
QUEUE_FULL = "As much as may waits for the moderators already. Please try again later."
SETTLED_ALREADY = "Somebody has settled that already. To see what waits: /queue"
PINS_FULL = (
    f"So many messages are pinned here already as can be ({MAX_PINS}). Unpin one of them first."
)
PINNED_ALREADY = "That message is pinned already. To see all that are: /pins"
NOT_PINNED = "That message is not pinned. To see those that are: /pins"
NO_SUCH_MESSAGE = "There is no such message here, or it is gone."
TAKEN_BACK = "That message was taken back."
TRIMMED_ALREADY = "Another server has done that just now."
NEVER_SO_LONG = "There is another room by this name now, and it has not so many events."


def ticket_used(event: Event) -> str | None:
    """The id of the ticket by which ``event`` was allowed; None if it needed none."""
    return event.ticket if isinstance(event, Registered | Invited | PasswordSet) else None


def owners_of(facts: RoomFacts) -> list[UserId]:
    """Who owns the room for good.

    One who does for as long as they are there leaves it unowned, as it was before.
    """
    owners = (user for user, role in facts.roles.items() if role is Role.OWNER)
    return [user for user in owners if user not in facts.passing]


T = TypeVar("T")


def without(those: dict[UserId, T], user: UserId | None) -> dict[UserId, T]:
    """``those`` without ``user``; the same object if that one is not among them."""
    if user not in those:
        return those
    return {other: what for other, what in those.items() if other != user}


MAX_AHEAD_MS = 1000  # by which the times of a room are ahead of the clock, so that they grow


class RoomSummary(Struct):
    """A room after the event ``head``, which was at the time ``at`` (ms), without its members.

    By itself the summary of an empty log.
    """

    head: int = 0
    at: int | None = None
    facts: RoomFacts = NO_FACTS

    @property
    def silent(self) -> bool:
        """Whether the room has no message yet."""
        return self.facts.silent

    @property
    def access(self) -> RoomAccess:
        """Who may read it."""
        return self.facts.access

    @property
    def topic(self) -> str:
        """What the room is about; empty if nobody has said so."""
        return self.facts.topic

    def is_used_up(self, event: Event) -> bool:
        """Whether ``event`` uses a ticket that is not there any more: it is not to be taken."""
        if type(event) not in _BY_TICKET:
            return False
        used = ticket_used(event)
        return used is not None and all(
            ticket.id != used or ticket.is_over(event.at) for ticket in self.facts.tickets
        )

    def is_trimmed_too_far(self, event: Event) -> bool:
        """Whether ``event`` takes more than there is: it was meant for another room."""
        return type(event) is Trimmed and event.floor > self.head

    def is_trimmed_already(self, event: Event) -> bool:
        """Whether ``event`` takes no more than another server has taken by now."""
        return type(event) is Trimmed and event.floor <= self.facts.floor

    def is_owned_already(self, event: Event) -> bool:
        """Whether ``event`` gives the server a first owner, and it has one by now."""
        if not (isinstance(event, RoleGiven) and event.role is Role.OWNER and self.facts.directory):
            return False
        owners = {user for user, role in self.facts.roles.items() if role is Role.OWNER}
        return event.user_id == event.by_id and bool(owners) and event.by_id not in owners

    def is_begun_already(self, event: Event) -> bool:
        """Whether ``event`` begins a conversation that was begun by now."""
        return isinstance(event, DirectBegun) and self.head > 0

    def is_queue_full(self, event: Event) -> bool:
        """Whether ``event`` would push the oldest out of a queue."""
        return isinstance(event, PutInQueue) and len(self.facts.queue) >= MAX_QUEUED

    def is_settled_already(self, event: Event) -> bool:
        """Whether ``event`` settles what does not wait any more."""
        return isinstance(event, Settled) and all(
            item.seq != event.queued for item in self.facts.queue
        )

    def is_pinned_already(self, event: Event) -> bool:
        """Whether ``event`` pins what is pinned."""
        return isinstance(event, Pinned) and event.on and event.target in self.facts.pins

    def is_not_pinned(self, event: Event) -> bool:
        """Whether ``event`` unpins what is not pinned."""
        return isinstance(event, Pinned) and not event.on and event.target not in self.facts.pins

    def are_pins_full(self, event: Event) -> bool:
        """Whether ``event`` would push the oldest pin out."""
        return isinstance(event, Pinned) and event.on and len(self.facts.pins) >= MAX_PINS

    def is_last_owner_deposed(self, event: Event) -> bool:
        """Whether nobody would own the room after ``event``.

        Two owners depose each other, say, or close their accounts at the same time. A ban takes the
        role away, too: a room is then kept by the owners of the server, and a server by nobody.
        Who owns it while they are there owns it for nobody else: see `owners_of`.
        """
        if type(event) not in _DEPOSING:
            return False
        match event:
            case RoleGiven(role=Role.OWNER):
                return False
            case Banned() if not self.facts.directory:
                return False
            case (
                RoleGiven(user_id=str(gone))
                | AccountClosed(by_id=str(gone))
                | Banned(user_id=str(gone))
            ):
                return owners_of(self.facts) == [gone]
        return False

    def time_of(self, event: Event) -> int:
        """The time of the next event of the log: later than that of the one before.

        As long as that is no more than `MAX_AHEAD_MS` ahead of when it happened: not where the
        clock went back, or what was moved in is older.
        """
        at, last = event.at, self.at
        if last is None or at > last or at < last - MAX_AHEAD_MS:
            return at
        if is_message(event) and event.moved:
            return at
        return min(last + 1, at + MAX_AHEAD_MS)

    def apply(self, event: Event) -> None:
        """Takes the next event of the log. ``facts`` is another object if it has changed them."""
        self.head = event.seq
        self.at = event.at
        if type(event) not in MESSAGES or self.facts.silent:  # else it changes nothing more
            self._change(event)

    def _change(self, event: Event) -> None:
        said = changed_facts(self.facts, event)
        if event.seq == 1:
            said["made"] = event.at
        if any(getattr(self.facts, name) != value for name, value in said.items()):
            self.facts = replace(self.facts, **said)


class Member(Struct, frozen=True, gc=False, omit_defaults=True):
    """Somebody who is in a room. ``id`` is None where the log, or the server, does not tell it.

    ``since``: the ``seq`` with which they became a member; 0: not known. ``profile``: of an
    account, in the directory.
    """

    name: UserName
    id: UserId | None = None
    since: int = 0
    profile: Profile | None = None


class RoomState(RoomSummary):
    """A room after the event ``head``, with ``members`` by the keys of their names.

    They are by the log: a join that is not on disk yet is not here. By names, because a name is
    unique in a room at any moment, and an id is not: after a renaming a user is in the room under
    both names for as long as the former one has not left.
    """

    members: dict[str, Member] = {}

    def _change(self, event: Event) -> None:
        super()._change(event)
        change_members(self.members, event, directory=self.facts.directory)


def change_members(members: dict[str, Member], event: Event, *, directory: bool = False) -> None:
    """Takes the next event of the log into ``members``: see `RoomState`.

    Of them, no others matter than those whom `member_changes` names; but whoever is forgotten has
    left before, by an event that does not have the name any more.
    """
    if isinstance(event, AuthorForgotten):
        for key in [key for key, one in members.items() if event.by_id and one.id == event.by_id]:
            del members[key]
    gone: Member | None = None  # the same, in an event that changes the name
    for user, by_id, present in member_changes(event, directory=directory):
        if present:
            before = members.get(user.key) or gone
            members[user.key] = _entering(user, by_id, before, event)
        else:
            gone = members.pop(user.key, None)


def _entering(user: UserName, id: UserId | None, before: Member | None, event: Event) -> Member:
    """The member after ``event``. ``before``: what is known of somebody of that name."""
    if before is not None and before.id == id:
        return Member(user, id, before.since, _profile(before.profile, event))
    since = event.since if isinstance(event, Joined) else None
    return Member(user, id, event.seq if since is None else since, _profile(None, event))


def _profile(profile: Profile | None, event: Event) -> Profile | None:
    match event:
        case Registered(at=at):
            return Profile(at)
        case ProfileSet(profile=said):
            return replace(said, registered=0 if profile is None else profile.registered)
    return profile


def by_key(members: Iterable[Member]) -> dict[str, Member]:
    """``members`` as a `RoomState` has them."""
    return {member.name.key: member for member in members}
