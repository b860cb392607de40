"""Servers whose data is moved, and what is in a database, whichever kind it is."""

from __future__ import annotations

import gzip
import sqlite3
from contextlib import closing
from pathlib import Path

from hubbub import private
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.events import Edited, Pinned, Reacted, Redacted, Registered
from hubbub.domain.names import RoomName
from hubbub.domain.unfinished import unfinished
from hubbub.hub.ports import (
    Draft,
    FileRecord,
    ForgetRoom,
    KeepFile,
    KeepReaders,
    ReaderMarker,
    SayFiles,
)
from hubbub.storage.backup.pacing import Teller
from hubbub.storage.backup.stopping import Stop
from hubbub.storage.copying.contents import TABLES
from hubbub.storage.copying.migrating import Migrated, migrate
from hubbub.storage.copying.opening import Place, opened
from hubbub.storage.copying.side import names
from hubbub.storage.log import DATABASE, SqlLog
from hubbub.storage.schema import meta
from tests.storage.talk import BEN, EVE, GENERAL, IDS, KITCHEN, NOON, Talk, said

RELEASED = Path(__file__).parents[1] / "released"
"""Databases of older versions. The newest is of a server that has accounts, guests, devices,
secrets, identities, markers, a renamed room, one that was trimmed and a direct conversation.
"""

STRANGE = [
    "two\nlines, a\ttab, a \\ and \\N, and 'quotes' \"of\" all kinds",
    "\\.",
    "日本語 한국어 🇩🇪👩‍👩‍👧 e\u0301",
    "\x01\x7f\x1b[0m",
    "\ufdd0 \uffff \U0010ffff",
    "x" * 30_000,
]
"""Texts that one or the other way of copying could mistake for something else."""


def released(folder: Path, schema: str) -> Path:
    """The data folder of a server of that schema."""
    private.make_folder(folder)
    path = folder / DATABASE
    path.write_bytes(gzip.decompress((RELEASED / f"{schema}.db.gz").read_bytes()))
    path.chmod(0o600)
    return folder


async def everything(folder: Path) -> Path:
    """A data folder with rows of each kind in it, and events enough to stop in between."""
    released(folder, "0008")
    log = await SqlLog.open(folder, durability="process")
    talk = Talk(log)
    parlour = RoomName.parse("Parlour")
    await talk.settle(*(said(text, nonce=f"strange {text[:40]}") for text in STRANGE))
    await talk.settle(
        *(
            said(f"text {number}", by, room, nonce=f"{room} {number}")
            for number in range(40)
            for room, by in ((KITCHEN, BEN), (GENERAL, EVE), (parlour, BEN))
        )
    )
    await talk.settle(
        *(
            Draft(parlour, event)
            for event in (
                Edited(0, NOON, BEN, 3, "text that was first edited", by_id=IDS[BEN]),
                Edited(0, NOON, BEN, 3, "hello again", by_id=IDS[BEN]),
                Redacted(0, NOON, EVE, 4, author=BEN, author_id=IDS[BEN], by_id=IDS[EVE]),
                Reacted(0, NOON, EVE, 3, emoji="👩‍👩‍👧", by_id=IDS[EVE]),
                Pinned(0, NOON, EVE, target=3, by_id=IDS[EVE]),
            )
        ),
        said("text of an answer", room=parlour, reply_to=3),
    )
    await talk.settle(said("a dish", room=unfinished("an export")))
    await talk.settle(said("without a nonce", room=RoomName.parse("Forgotten")))
    await talk.settle(ForgetRoom(RoomName.parse("Forgotten")))
    cat = FileRecord(
        "cat", IDS[BEN], "cät.png", 9, "image/png", NOON, f"{'c' * 64}-1", 3, 4, 5, True
    )
    copy = FileRecord("copy", IDS[EVE], "copy.png", 9, "image/png", NOON, f"{'c' * 64}-2")
    await talk.settle(KeepFile(cat, 100), KeepFile(copy, 100))
    read = ReaderMarker(IDS[BEN], "phöne", GENERAL, 3, NOON)
    account = Draft(DIRECTORY, Registered(0, NOON, BEN, by_id=IDS[BEN]))
    await talk.settle(account, KeepReaders((read,)))
    with_file = said("look", BEN)
    await talk.settle(Draft(with_file.room, with_file.event, also=(SayFiles(IDS[BEN], ("cat",)),)))
    await log.close()
    return folder


def moved(source: Place, target: Place) -> Migrated:
    """Moves what is in ``source``."""
    with opened(source, new=False) as one, opened(target, new=True) as other:
        return migrate(one, other, Stop(), Teller(None))


def rows(place: Place) -> dict[str, set[tuple[object, ...]]]:
    """All that is to be the same, by tables."""
    with opened(place, new=False) as side:
        found: dict[str, set[tuple[object, ...]]] = {}
        for table in (*TABLES, meta):
            columns = [column.name for column in table.columns if column.name != "head"]
            query = f"SELECT {names(columns)} FROM {table.name}"
            found[str(table.name)] = {tuple(row) for row in side.execute(query)}
        found["meta"] = {row for row in found["meta"] if row[0] not in ("moved", "migrating")}
        return found


def change(folder: Path, *statements: str) -> None:
    """As somebody with the sqlite3 shell."""
    with closing(sqlite3.connect(folder / DATABASE)) as connection, connection:
        for statement in statements:
            connection.execute(statement)
