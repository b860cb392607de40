"""The end of a chat: its unsaved lines and drafts, and what the person is told about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from msgspec.structs import replace

from hubbub.client.errors import ChatFailed
from hubbub.client.line import LineState, Unsent
from hubbub.terminal.full.ports import ChatPort
from hubbub.terminal.safe import safe_lines


async def part(chat: ChatPort, patience: float) -> Sequence[Unsent]:
    """Closes ``chat``; its lines get ``patience`` seconds. Returns the unsaved ones."""
    lines = {line.nonce: line for line in chat.unsent}
    unsent = chat.resume().unsent  # a line that is refused only now is reported by the next run
    with suppress(ChatFailed):  # the task that takes its updates has reported it
        await chat.close(patience=patience)
    return [
        # A line may have been sent only now; the next run has to know under which name.
        replace(one, sent_as=lines[one.nonce].sent_as)
        for one in unsent
        if lines[one.nonce].state is not LineState.SAVED
    ]


class Left(NamedTuple):
    """What a conversation leaves: the texts that are not saved, the drafts by room, and, if they
    are not kept on this computer, the ``problem``.
    """

    texts: Sequence[str] = ()
    drafts: Mapping[str, str] = {}
    problem: str | None = None


def last_words(left: Left) -> list[str]:
    """The lines to print at the end."""
    if left.problem is not None:
        lost = lost_words(left)
        return [left.problem, *lost] if lost else []
    words = []
    if count := len(left.texts):
        what = "One message is" if count == 1 else f"{count:,} messages are"
        words = [f"{what} not sent yet, and kept for the next start."]
    if left.drafts:
        words.append(f"What you were writing in {', '.join(left.drafts)} is kept, too.")
    return words


def lost_words(left: Left) -> list[str]:
    """The same, if nothing is kept, or if that is unknown."""
    words = []
    if left.texts:
        words = ["These messages may not be sent, and are not kept for the next start:"]
        words += [f"(not sent) {part}" for text in left.texts for part in safe_lines(text)]
    for room, draft in left.drafts.items():
        words.append(f"You were writing in {room}:")
        words += [f"(not sent) {part}" for part in safe_lines(draft)]
    return words
