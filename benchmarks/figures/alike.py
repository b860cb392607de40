"""The same load on every server that can take it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from benchmarks.bench import Bench
from benchmarks.contest import Attempt
from benchmarks.contestants import HUBBUB, LIMIT, NGIRCD, WEBSOCKET
from benchmarks.load.generator import Load
from benchmarks.samples import Measures
from benchmarks.servers.ngircd import BATCH


def alike(bench: Bench, load: Load, *, websocket: bool = False) -> Mapping[str, Attempt]:
    """Attempts for all contestants; Hubbub over WebSocket among them if that is of interest."""
    attempts: dict[str, Attempt] = {HUBBUB: lambda: on_hubbub(bench, load)}
    if websocket:
        attempts[WEBSOCKET] = lambda: on_hubbub(bench, load, websocket=True)
    attempts[LIMIT] = lambda: on_limit(bench, load)
    attempts[NGIRCD] = lambda: on_ngircd(bench, load)
    return attempts


def on_hubbub(bench: Bench, load: Load, *flags: str, websocket: bool = False) -> Measures:
    """On a new server with default durability, unless ``flags`` say otherwise."""
    with bench.hubbub(*flags) as server:
        return bench.load(server, load, websocket=websocket).measures()


def on_limit(bench: Bench, load: Load, *options: str) -> Measures:
    """On the bare loop in C."""
    with bench.limit(*options) as server:
        return bench.load(server, load).measures()


def on_bare(bench: Bench, load: Load, durability: str = "full") -> Measures:
    """On the bare room in Python."""
    with bench.bare(durability) as server:
        return bench.load(server, load).measures()


def on_ngircd(bench: Bench, load: Load) -> Measures:
    """On ngircd, which loses connections when too many come at once."""
    with bench.ngircd() as server:
        return bench.load(server, replace(load, batch=BATCH)).measures()
