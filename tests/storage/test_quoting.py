"""Replies get their quotes when they are read, and a chain of them costs no more than its texts."""

from __future__ import annotations

from collections.abc import Sequence

from hubbub.domain.events import AnyEvent, Said
from hubbub.domain.quotes import QUOTE_CHARS
from hubbub.storage.quoting import Texts, with_quotes


def test_a_chain_of_replies_is_read_with_one_question_and_quotes_hold_no_quotes() -> None:
    asked: list[Sequence[int]] = []

    def find(seqs: Sequence[int]) -> Texts:
        asked.append(seqs)
        return [(seq, "eve", "x" * 4000, None) for seq in seqs]

    chain: list[AnyEvent] = [
        Said(seq, 0, "eve", f"{seq} " + "y" * 4000, reply_to=seq - 1) for seq in range(11, 211)
    ]
    read = with_quotes(chain, find)
    assert asked == [[10]]
    for event in read:
        assert isinstance(event, Said)
        assert event.quote is not None
        assert len(event.quote.text) <= QUOTE_CHARS
