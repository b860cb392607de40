"""How a setting is declared: with the field that holds it, once for flags, variables and files.

The hub and the server declare theirs in dataclasses of their own::

    rooms: Annotated[int, Setting(Group.ROOMS, Whole(0, 1_000_000), "Rooms in all.")] = 10_000

`hubbub.config.Settings` inherits from these, and makes the flag ``--rooms``, the variable
``HUBBUB_ROOMS``, the key ``rooms`` of the settings file and the row in docs/configuration.md of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from hubbub.setting.kinds import Kind


class Group(Enum):
    """The headings of the help and of the documentation, in their order."""

    LISTENING = "Listening"
    STORAGE = "Storage"
    PEOPLE = "People"
    ROOMS = "Rooms and history"
    LIMITS = "Limits"
    SAFETY = "Safety"
    LOGS = "Logs"


@dataclass(frozen=True)
class Setting:
    """What is known of a setting beside its name, type and default.

    ``kind`` parses and shows its values and knows its bounds; ``help`` is one or more sentences.
    """

    group: Group
    kind: Kind[Any]
    help: str
