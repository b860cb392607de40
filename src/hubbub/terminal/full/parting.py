"""The end of one chat: what it could not save stays with the name that said it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from hubbub.client.line import LineState, Unsent
from hubbub.terminal.full.ports import ChatPort


async def part(chat: ChatPort, patience: float) -> Sequence[Unsent]:
    """Closes ``chat``; its lines get ``patience`` seconds. Returns those that were not saved."""
    lines = {line.nonce: line for line in chat.unsent}
    unsent = chat.resume().unsent  # a chat that is closed has none
    await chat.close(patience=patience)
    return [
        # Some were sent only now; the next run has to know under which name.
        replace(one, sent_as=lines[one.nonce].sent_as)
        for one in unsent
        if lines[one.nonce].state is not LineState.SAVED
    ]
