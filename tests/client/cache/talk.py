"""The server of these tests, and what is said there."""

from __future__ import annotations

from collections.abc import Iterable

from hubbub.client import Address, Said, Unsent
from hubbub.client.segment import Segment
from hubbub.domain.events import Event

SERVER = Address(host="chat.example", port=8080)

START = 1_690_729_200_000  # 2023-07-30 15:00:00 UTC, in ms


def said(*seqs: int, by: str = "ada") -> list[Event]:
    return [Said(seq, START + 1000 * seq, by, f"line {seq}") for seq in seqs]


def page(*seqs: int, first: int | None = None, last: int | None = None) -> Segment:
    """A page with these events; it covers what is between them, or as far as is given."""
    begin = first if first is not None else seqs[0]
    return Segment(begin, last if last is not None else seqs[-1], said(*seqs))


def unsent(*nonces: str, room: str = "General") -> list[Unsent]:
    return [Unsent(room=room, text=f"text {nonce}", nonce=nonce) for nonce in nonces]


def nonces(lines: Iterable[Unsent]) -> list[str]:
    return [line.nonce for line in lines]


def seqs(events: Iterable[Event]) -> list[int]:
    return [event.seq for event in events]
