"""The end of one chat: what it could not save stays with the name that said it, and is told."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

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


def unsent_words(count: int) -> list[str]:
    """What to say at the end about lines that could not be sent yet."""
    if not count:
        return []
    what = "One line is" if count == 1 else f"{count:,} lines are"
    return [f"{what} not sent yet, and kept for the next start."]


def lost_words(texts: Sequence[str]) -> list[str]:
    """The same when it is not known whether they are kept."""
    if not texts:
        return []
    return [
        "These lines may not be sent, nor kept for the next start:",
        *(f"(not sent) {part}" for text in texts for part in safe_lines(text)),
    ]
