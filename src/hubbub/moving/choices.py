"""What the operator says about an import."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from hubbub.domain.ids import UserId
from hubbub.domain.names import UserName
from hubbub.moving.stream import Item


class Operator(Struct, frozen=True):
    """In whose name stands what nobody in the source has done: that a room is private, say.

    Such events have no author's id, whatever ``id`` is: see `hubbub.domain.directory.OPERATOR`.
    """

    name: UserName
    id: UserId | None = None


class Choices(Struct, frozen=True):
    """``map``: who of the source (by name, or id) is which account here; their texts are theirs.

    ``rooms``: other names for rooms, by those of the source, or ids. ``into``: of rooms whose texts
    go into one that is here, its name. ``only``: these rooms of the source; None: all. ``private``:
    also private rooms and direct conversations. ``accounts``: whether people get accounts; None:
    as it is usual for the format (for IRC not).
    """

    map: Mapping[str, str] = {}
    rooms: Mapping[str, str] = {}
    into: Mapping[str, str] = {}
    only: Sequence[str] | None = None
    private: bool = False
    accounts: bool | None = None


class Source(Protocol):
    """Something to be imported."""

    @property
    def format(self) -> str:
        """Of what: "slack"."""
        ...

    @property
    def namespace(self) -> str:
        """Where ids are unique: the same for each export of the same workspace, say."""
        ...

    @property
    def accounts(self) -> bool:
        """Whether people get accounts, unless the operator says otherwise."""
        ...

    def items(self) -> Iterator[Item]:
        """All that is in it, from the beginning each time. Raises `BadFile`, `CannotRead`."""
        ...
