"""The lease of this server among others on one log: it is renewed, or lost.

Each start of a server is a node. Its lease is a row in the log, which ends by the log's clock, and
not by any server's. A node whose lease is over is dead to the others: one of them takes over who is
present there by the log, and which names are in use. From then on nothing is saved for the dead one
(fencing), so that a process that was stopped and goes on cannot speak for anybody any more.
"""

from __future__ import annotations

from collections.abc import Callable

from hubbub.hub.ports import KeepNode, LeaseLost, LeaveNode, Log, Monotonic, NodeKept, NodeRecord

RENEWALS = 3  # in the time of a lease: one may be late, and one may be lost


class Lease:
    """Renews the lease of ``node`` for ``seconds`` at a time.

    ``kept`` is told of each renewal, and whether it was the first one; ``lost`` when others have
    taken over. ``has_people``: whether anybody has a name at this node.
    """

    def __init__(
        self,
        log: Log,
        node: NodeRecord,
        seconds: float,
        monotonic: Monotonic,
        *,
        kept: Callable[[NodeKept, bool], None],
        lost: Callable[[], None],
        has_people: Callable[[], bool],
    ) -> None:
        self.node = node
        self.others = 0
        """How many more nodes there were at the last renewal."""
        self.lost = False
        self._log = log
        self._seconds = seconds
        self._monotonic = monotonic
        self._kept = kept
        self._told_lost = lost
        self._has_people = has_people
        self._asked_at = 0.0
        self._asking = self._known = self._left = self._unsure = False
        self._renewed_at: float | None = None
        self._steady_since: float | None = None
        self._others_since: float | None = None  # have they saved something while this one cannot

    @property
    def age(self) -> float:
        """The seconds since the last renewal that is known to be saved was asked for."""
        return 0.0 if self._renewed_at is None else self._monotonic() - self._renewed_at

    @property
    def may_be_over(self) -> bool:
        """Whether it was not renewed in time by this server's own clock: the log does not answer,
        or others have taken over.
        """
        return self.age > self._seconds

    def doubted(self) -> bool:
        """Whether others have taken over, when something looks like it: by this server's own clock
        they may have. Then it is lost, before the log has said so.
        """
        if self.may_be_over:
            self.lose()
        return self.lost

    def heard_of_others(self) -> None:
        """Another node has saved something, as the bus tells."""
        if self._others_since is None and self.may_be_over:
            self._others_since = self._monotonic()

    def doubt(self) -> None:
        """The log may have lost something of this node: it is asked for all that it has of it."""
        self._unsure = True

    def begin(self) -> None:
        """The log is told that there is this node; nothing is saved before."""
        self._log.fence(self.node.id)
        self._ask(first=True)

    def tick(self, now: float) -> None:
        """Renews the lease when it is time.

        While nobody can save, it is kept. If others can, and this node could not for one more lease
        since it heard of that, it is cut off from the log, and its people are better off elsewhere.
        """
        if self._others_since is not None:
            if not self.may_be_over:
                self._others_since = None
            elif now - self._others_since >= self._seconds:
                self.lose()
        due = now - self._asked_at >= self._seconds / RENEWALS
        if due and not (self._asking or self._left or self.lost):
            # People were saved for it: the log had it, and if it has it no more, others have them.
            self._ask(first=not self._known and not self._has_people())

    def leave(self, seconds: float) -> None:
        """The server stops: its users may come back to others within so many seconds."""
        if not (self._left or self.lost):
            self._left = True
            self._log.append(LeaveNode(self.node.id, seconds))

    def lose(self) -> None:
        """Others have taken over from this node; if the log knew of it before."""
        if self._known and self.give_up():
            self._told_lost()

    def give_up(self) -> bool:
        """It is not renewed any more; whether that is new."""
        lost, self.lost = self.lost, True
        return not lost

    def _ask(self, *, first: bool) -> None:
        now = self._asked_at = self._monotonic()
        self._asking = True

        def done(outcome: object) -> None:
            self._asking = False
            self._answered(outcome, first, now)

        over = self._may_take_over(now, first)
        entry = KeepNode(self.node, self._seconds, first, over, self._unsure, done)
        self._log.append(entry)

    def _may_take_over(self, now: float, first: bool) -> bool:
        """Not before the others had the time to renew theirs, if nobody could for a while."""
        steady = self._steady_since
        return first or (steady is not None and now - steady >= self._seconds)

    def _answered(self, outcome: object, first: bool, asked_at: float) -> None:
        if isinstance(outcome, NodeKept):
            late = self._renewed_at is None or asked_at - self._renewed_at > self._seconds
            if late or self._steady_since is None:
                self._steady_since = asked_at
            self._known, self._renewed_at, self.others = True, asked_at, outcome.others
            if outcome.whole:
                self._unsure = False
            self._kept(outcome, first)
        elif isinstance(getattr(outcome, "error", None), LeaseLost):
            if self.give_up():
                self._told_lost()
        else:  # the log cannot be written to; maybe nobody can, or only the answer was lost
            self._steady_since = None
            self._unsure = True
            self._asked_at = asked_at - self._seconds / RENEWALS + RETRY_SECONDS


RETRY_SECONDS = 1.0
"""Until the lease is renewed again after the log has refused it."""
