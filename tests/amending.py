"""Drafts of events that amend others."""

from __future__ import annotations

from hubbub.domain.events import AnyEvent, Edited


def edited(target: int, text: str, by: str = "Ada", at: int = 0, seq: int = 0) -> AnyEvent:
    """Event ``target`` says ``text`` from now on."""
    return Edited(seq, at, by, target, text)
