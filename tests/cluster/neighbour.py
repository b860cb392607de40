"""The next version of Hubbub, made of this one: new tables, frames, kinds, fields and settings.

There is no such version yet. What it has more than this one is what any version may have more.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from hubbub.storage.upgrade import HEAD
from tests.process import ROOT
from tests.storage.neighbour import EXPANDS, LATER, make_migration

VERSION = "9.9.9"
WAVES = "waves at all"
"""What is said there so is an event of a kind that this version does not know."""

MORE = {
    "__init__.py": f'__version__ = "{VERSION}"',
    "storage/upgrade.py": f'HEAD = "{LATER}"',
    "storage/schema.py": 'rooms.append_column(Column("colour", Text))',
    "hub/settings.py": """
_Before = HubSettings

@dataclass(frozen=True, kw_only=True)
class HubSettings(_Before):
    waves: Annotated[int, Setting(Group.LIMITS, Whole(0, 9), "Waves.")] = 1
""",
    "domain/events.py": """
class Waved(Event, frozen=True, gc=False, kw_only=True, tag="waved"):
    text: Text = ""
    shade: str = "red"

AnyEvent = AnyEvent | Waved
""",
    "domain/kinds.py": """
TRAITS[kinds.Waved] = Traits(line=True)
_LINES |= {kinds.Waved}
""",
    "domain/room.py": f"""
from hubbub.domain.events import Waved

_say = Room.say

def _say_or_wave(self, user, text, at, *more, **options):
    if text == {WAVES!r}:
        by_id = options.get("by_id")
        return Waved(UNSEQUENCED, at, user, text=text, shade="blue", by_id=by_id)
    return _say(self, user, text, at, *more, **options)

Room.say = _say_or_wave
""",
    "cluster/frames.py": """
from msgspec.msgpack import decode as _decode

_encode, _pack = encode, Frames.pack

def encode(*what):
    data = _encode(*what)
    return data and _encoder.encode(_decode(data) | {"shade": "blue"})

def _pack_more(self, messages):
    return _pack(self, [*messages, _encoder.encode({"type": "waving", "shade": "blue"})])

Frames.pack = _pack_more
""",
}
"""What the modules have at their end."""


def make_neighbour(folder: Path, *, breaks: bool = False) -> Path:
    """Its ``src`` in ``folder``. ``breaks``: older nodes cannot go on with its tables."""
    package = folder / "src" / "hubbub"
    compiled = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "src" / "hubbub", package, ignore=compiled)
    for name, more in MORE.items():
        with (package / name).open("a") as module:
            module.write(f"\n\n{more}\n")
    oldest = None if breaks else HEAD
    make_migration(package / "storage" / "migrations", EXPANDS, oldest)
    return package.parent
