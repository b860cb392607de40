"""The end of one chat: what it could not save stays with the name that said it, and is told."""

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
    """Closes ``chat``; its lines get ``patience`` seconds. Returns those that were not saved."""
    lines = {line.nonce: line for line in chat.unsent}
    unsent = chat.resume().unsent  # those that are refused only now are told of the next time
    with suppress(ChatFailed):  # whoever takes its updates has heard of it
        await chat.close(patience=patience)
    return [
        # Some were sent only now; the next run has to know under which name.
        replace(one, sent_as=lines[one.nonce].sent_as)
        for one in unsent
        if lines[one.nonce].state is not LineState.SAVED
    ]


class Left(NamedTuple):
    """What a conversation leaves behind: ``texts`` that are not saved, what is half written in
    rooms, and, if none of it is kept on this computer, why.
    """

    texts: Sequence[str] = ()
    drafts: Mapping[str, str] = {}
    problem: str | None = None


def last_words(left: Left) -> list[str]:
    """What to say at the end."""
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
    """The same when none of it is kept, or nobody knows whether it is."""
    words = []
    if left.texts:
        words = ["These messages may not be sent, and are not kept for the next start:"]
        words += [f"(not sent) {part}" for text in left.texts for part in safe_lines(text)]
    for room, draft in left.drafts.items():
        words.append(f"You were writing in {room}:")
        words += [f"(not sent) {part}" for part in safe_lines(draft)]
    return words
