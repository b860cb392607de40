"""Cuts the power at each sync of a trace, and looks at what a disk might hold then."""

from __future__ import annotations

import math
import random
import shutil
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from hubbub.domain.events import AnyEvent
from hubbub.hub.ports import Trim
from hubbub.hub.users import hash_token
from hubbub.storage.errors import StorageError
from hubbub.storage.log import DATABASE, SqlLog
from tests.conftest import LONG
from tests.faults.disk.platter import Cut, Platter
from tests.faults.disk.trace import Kind, Record, read_trace
from tests.faults.disk.witness import Witness
from tests.storage.talk import Talk, seqs

SYNCS = (Kind.SYNC, Kind.FAILED_SYNC)


class Lost(AssertionError):
    """Something that left the server is not there."""


class Loss(NamedTuple):
    """Before which record of the trace, what became of what was not synced, what was found."""

    record: int
    cut: Cut
    error: Exception


Look = Callable[[Path, Witness], Awaitable[None]]
"""Opens the folder as a server does; raises AssertionError or StorageError if something is amiss
that the witness knows of.
"""


class Replayed(NamedTuple):
    """What was lost; how many cuts were looked at; and what was heard by the end."""

    losses: list[Loss]
    cuts: int
    witness: Witness


async def replay(
    trace: Path,
    data: Path,
    into: Path,
    seed: int,
    look: Look,
    *,
    most: float = math.inf,
    encrypted: bool = False,
) -> Replayed:
    """Cuts the trace of what was done to ``data`` at its syncs, at ``most`` of them or so."""
    dice = random.Random(seed)
    platter, witness = Platter(data, keeps=_counts), Witness(encrypted=encrypted)
    syncs = sum(record.kind in SYNCS for record in read_trace(trace))
    losses: list[Loss] = []
    cuts = 0
    for number, record in enumerate([*read_trace(trace), None]):
        for cut in _cuts_before(record, dice, min(1.0, most / syncs)):
            cuts += 1
            folder = into / str(cuts)
            platter.restore(folder, cut, dice)
            try:
                if folder.exists():
                    await look(folder, witness)
                else:
                    _lost(bool(witness.shown), "the folder is not there")
            except (AssertionError, StorageError) as error:
                losses.append(Loss(number, cut, error))
            finally:
                shutil.rmtree(folder, ignore_errors=True)
        if record is not None and record.kind is Kind.SEND:
            witness.hear(record.data)
        elif record is not None:
            platter.apply(record)
    return Replayed(losses, cuts, witness)


def _counts(name: str) -> bool:
    return name.startswith(DATABASE) and not name.endswith("-shm")  # which is only memory


def _cuts_before(record: Record | None, dice: random.Random, share: float) -> Sequence[Cut]:
    """What is surely there changes at a sync, so right before it most has been shown.

    Of the syncs in the middle, that ``share`` is looked at.
    """
    if record is None or record.kind in SYNCS:
        if record is not None and dice.random() > share:
            return []
        if LONG:
            return [*Cut] * 4
        return [Cut.NOTHING, dice.choice([Cut.ALL, Cut.SECTORS, Cut.PAGES])]
    return [dice.choice([*Cut])] if dice.random() < (0.5 if LONG else 0.01) * share else []


async def look(folder: Path, witness: Witness) -> None:
    """Opens what is left as a server does, and compares it with what was shown.

    Of what is gone by the log, the rest is deleted then.
    """
    log = await SqlLog.open(folder, durability="process", on_error=_raise)
    try:
        talk = Talk(log)
        events: dict[tuple[str, int], AnyEvent] = {}
        floors: dict[str, int] = {}
        for room in await log.rooms():
            name, head, floor = str(room.name), room.state.head, room.state.facts.floor
            found = await log.read(room.name.key, floor, head)
            assert seqs(found) == list(range(floor + 1, head + 1)), f"{name} has holes"
            events |= {(name, event.seq): event for event in found}
            floors[name] = floor
            while floor and (await talk.settle(Trim(room.name, floor, 50)))[0].more:
                pass
            assert seqs(await log.read(room.name.key, 0, head)) == seqs(found), "gone, and shown"
        for room_name, floor in witness.floors.items():
            _lost(floors[room_name] < floor, f"{room_name} is back that was gone up to {floor}")
        for place, event in witness.shown.items():
            if place[1] > floors.get(place[0], 0):
                _lost(place not in events, f"{place} was shown, and is not there")
                assert getattr(events[place], "text", None) == event.get("text"), place
        for nonce, place in witness.acked.items():
            gone = place[1] <= floors.get(place[0], 0)
            _lost(not gone and place not in events, f"{nonce} was acknowledged as {place}")
        hashes = {str(guest.name): guest.token_hash for guest in await log.guests()}
        for user, token in witness.tokens.items():
            _lost(hashes.get(user) != hash_token(token), f"the token of {user} is not there")
        outcome = await talk.say("The power is back.")
        assert outcome.error is None, outcome.error
    finally:
        await log.close()
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
    assert verdict == "ok", verdict


def _lost(is_so: bool, what: str) -> None:
    if is_so:
        raise Lost(what)


def _raise(error: Exception) -> None:
    raise AssertionError(error)
