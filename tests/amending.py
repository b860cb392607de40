"""A kind of event that amends another one, as only the tests know it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import pytest
from msgspec.structs import replace

from hubbub.domain.events import AnyEvent, Event, Said
from hubbub.domain.kinds import TRAITS, Traits
from hubbub.domain.numbers import Seq
from hubbub.domain.told import Text
from hubbub.storage import rows


class Edited(Event, frozen=True, gc=False, tag="edited"):
    """Event ``target`` of the room says ``text`` from now on."""

    target: Seq
    text: Text


def _amend(said: Said, edit: Edited) -> Said:
    return replace(said, text=edit.text)


@contextmanager
def an_amending_kind() -> Iterator[None]:
    """`Edited` has its row in the tables meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(TRAITS, cast("type[Event]", Edited), Traits(amends="target", amend=_amend))
        kind = rows.Kind(Edited)
        patch.setitem(rows.KINDS, cast("type[AnyEvent]", Edited), kind)
        patch.setitem(rows.BY_TAG, kind.tag, kind)
        yield


def edited(target: int, text: str, by: str = "Ada", at: int = 0, seq: int = 0) -> AnyEvent:
    return cast("AnyEvent", Edited(seq, at, by, target, text))
