"""The form that a message has got by what amends it; each kind of amendment changes a part."""

from __future__ import annotations

from msgspec.structs import replace

from hubbub.domain.errors import BadMessage, ChatError, TooMany
from hubbub.domain.events import Edited, Reacted, Redacted, Said
from hubbub.domain.ids import UserId
from hubbub.domain.reactions import MAX_KINDS, MAX_REACTIONS, Reaction, Redaction
from hubbub.domain.told import Tags

NO_ID = UserId("")
MAX_AMENDMENTS = 10_000  # of a message: whoever reads it reads all of them, a tenth of a second
CHANGED_TOO_OFTEN = (
    f"Changes of that message, and reactions to it, are {MAX_AMENDMENTS:,} by now, as many as may "
    "be. Say it anew."
)
REACTED_ALREADY = "You react with that to that message already. To react no more: /unreact"
NOT_REACTED = "You do not react with that to that message."
KINDS_FULL = (
    f"There are {MAX_KINDS} emoji under that message, as many as may be. Take one of these."
)
REACTIONS_FULL = f"{MAX_REACTIONS:,} reactions are under that message, as many as may be."


class Form:
    """A message while amendments are applied to it, in the order of the log.

    Its parts can be changed, so that a message with a thousand reactions takes a thousand steps,
    and not a thousand copies of all that were there before.
    """

    __slots__ = ("_reactions", "_said", "edited_at", "files", "redacted", "rev", "text")

    def __init__(self, said: Said) -> None:
        self._said = said
        self._reactions: dict[str, dict[str, tuple[str, UserId]]] | None = None
        self.text = said.text
        self.files = said.files
        self.edited_at = said.edited_at
        self.redacted = said.redacted
        self.rev = said.rev or 0

    @property
    def tags(self) -> Tags:
        """What programs tell along with it; nothing if it was taken back."""
        return self._said.tags if self.redacted is None else {}

    @property
    def reactions(self) -> dict[str, dict[str, tuple[str, UserId]]]:
        """Who reacts, by emoji and by the id, or where there is none, the name."""
        if self._reactions is None:
            self._reactions = {
                reaction.emoji: {
                    id or user: (user, id)
                    for user, id in zip(reaction.users, reaction.ids, strict=False)
                }
                for reaction in self._said.reactions
            }
        return self._reactions

    @reactions.setter
    def reactions(self, reactions: dict[str, dict[str, tuple[str, UserId]]]) -> None:
        self._reactions = reactions

    @property
    def weight(self) -> int:
        """How much there is of it: the message, and each reaction."""
        return 1 + sum(map(len, self.reactions.values()))

    def worded(self) -> Said:
        """The message with what it says, and without who reacts to it."""
        said = self._said
        if (self.edited_at, self.redacted) == (said.edited_at, said.redacted):
            return said
        return replace(
            said,
            text=self.text,
            files=self.files,
            edited_at=self.edited_at,
            redacted=self.redacted,
            tags=self.tags,
        )

    def said(self) -> Said:
        """The message in this form."""
        said = self._said
        if self.rev == (said.rev or 0):
            return said
        reactions = said.reactions
        if self._reactions is not None:
            reactions = tuple(
                Reaction(emoji, *map(list, zip(*users.values(), strict=True)))
                for emoji, users in self._reactions.items()
            )
        return replace(
            said,
            text=self.text,
            files=self.files,
            edited_at=self.edited_at,
            redacted=self.redacted,
            tags=self.tags,
            reactions=reactions,
            rev=self.rev,
        )


def edit(form: Form, event: Edited) -> None:
    """The text is another one. What was taken back stays so: two may do both at once."""
    if form.redacted is None:
        form.text = event.text
        form.edited_at = event.at


def redact(form: Form, event: Redacted) -> None:
    """Nothing is left but whose it was, and who took it back first."""
    if form.redacted is None:
        form.redacted = Redaction(event.at, event.by, event.by_id)
        form.text, form.files, form.edited_at, form.reactions = "", (), None, {}


def react(form: Form, event: Reacted) -> None:
    """``by`` reacts with one more emoji, or with one less; twice is once."""
    if form.redacted is not None:
        return
    who = event.by_id or event.by
    users = form.reactions.get(event.emoji)
    if event.on:
        if users is None:
            if len(form.reactions) >= MAX_KINDS:  # two at once: all count alike which came first
                return
            users = form.reactions[event.emoji] = {}
        users.setdefault(who, (event.by, event.by_id or NO_ID))
    elif users is not None and users.pop(who, None) is not None and not users:
        del form.reactions[event.emoji]


def reaction_refused(form: Form, event: Reacted) -> ChatError | None:
    """Why a reaction is not taken: it changes nothing, or there are as many as may be.

    A refusal and no first answer, as for pins: who reacts by typing learns that it was done
    before, and what is not there has no first answer. What is sent again is known by its nonce.
    """
    users = form.reactions.get(event.emoji, {})
    if event.on is ((event.by_id or event.by) in users):
        return BadMessage(REACTED_ALREADY if event.on else NOT_REACTED)
    if event.on and not users and len(form.reactions) >= MAX_KINDS:
        return TooMany(KINDS_FULL)
    if event.on and form.weight > MAX_REACTIONS:
        return TooMany(REACTIONS_FULL)
    return None


def adds_to(event: object) -> bool:
    """Whether `MAX_AMENDMENTS` holds for ``event``. What is taken back, or off, always may be."""
    return isinstance(event, Edited) or (isinstance(event, Reacted) and event.on)
