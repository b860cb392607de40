"""Each codec is fuzzed for a few seconds; what once broke it is tried at every check."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.wire.json.envelope import Envelope
from hubbub.wire.proxy import Header
from tests.fuzz.codecs import in_pieces
from tests.fuzz.targets import TARGETS, WORDS, Target, found

ROOT = Path(__file__).parents[2]
LONG = bool(os.environ.get("HUBBUB_LONG"))
SECONDS = 120 if LONG else 1
SEED = 0 if LONG else 1  # a check tries the same each time; what is new is looked for in a long run

each = pytest.mark.parametrize("name", TARGETS)


@each
def test_what_is_begun_with_is_sound(name: str) -> None:
    for seed in TARGETS[name].seeds:
        TARGETS[name].run(seed)


@each
def test_what_broke_it_once_does_not_break_it_again(name: str) -> None:
    for path in found(name):
        TARGETS[name].run(path.read_bytes())


@each
def test_random_bytes_and_words_break_nothing(name: str) -> None:
    """Where there is no atheris this is all the fuzzing there is."""
    target = TARGETS[name]
    words = st.sampled_from([*WORDS, *target.seeds])
    inputs = st.lists(words | st.binary(max_size=8), max_size=12).map(b"".join)

    @given(inputs)
    @settings(max_examples=10_000 if LONG else 40)
    def try_it(data: bytes) -> None:
        target.run(data)

    try_it()


@pytest.mark.slow
@pytest.mark.timeout(len(TARGETS) * SECONDS + 120)
@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris is not here")
def test_fuzzing_led_by_coverage_breaks_nothing() -> None:
    """All in one go: instrumenting the code takes longer than a short run."""
    fuzzing = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "--seconds", str(SECONDS), "--seed", str(SEED)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": "src"},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    # What broke is told on stdout; stderr is the long way there.
    assert fuzzing.returncode == 0, fuzzing.stdout + fuzzing.stderr[-1000:]
    assert fuzzing.stderr.count("stat::number_of_executed_units") == len(TARGETS)


@pytest.mark.parametrize("size", [0, 1, 2, 100])
def test_pieces_make_up_the_whole(size: int) -> None:
    data = bytes(range(size))
    assert b"".join(in_pieces(data)) == data


@each
def test_a_target_can_fail(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is given a defect that it has to find."""
    target, defect = TARGETS[name], DEFECTS[name]
    module, attribute, wrong = defect
    monkeypatch.setattr(f"{module}.{attribute}", wrong)
    with pytest.raises(AssertionError):
        _try_all(target)


def _try_all(target: Target) -> None:
    for seed in target.seeds:
        target.run(seed)


def _shout(*_: object) -> str:
    return "\x1b[2J"


DEFECTS = {
    "line": ("hubbub.wire.line.codec", "harmless", _shout),
    "irc": ("hubbub.wire.irc.wire", "written", lambda *_, **__: "a\nb\r\n"),
    "irc-texts": ("hubbub.wire.irc.saying", "cut_formatted", lambda text, _: [text]),
    "command": ("tests.fuzz.codecs", "envelope", lambda _: Envelope("another")),
    "reply": ("tests.fuzz.codecs", "encode", lambda _, count=[0]: _numbered(count)),
    "first-bytes": ("tests.fuzz.codecs", "detect", len),
    "proxy": ("tests.fuzz.codecs", "read", lambda data: Header(len(data))),
    "names": ("tests.fuzz.codecs", "OBEYED", frozenset("ada")),
    "text": ("tests.fuzz.codecs", "harmless", _shout),
    "websocket": ("tests.fuzz.served", "_frames", lambda _, count=[0]: [_numbered(count)]),
    "http": ("hubbub.server.http.protocol.HttpProtocol", "_mind_deadline", lambda _: None),
    "pictures": ("tests.fuzz.files", "kind", lambda _, count=[0]: _another(count)),
    "client": ("hubbub.client.cursor.Cursor", "take", lambda _, events: (list(events)[1:], False)),
}


def _numbered(count: list[int]) -> str:
    count[0] += 1
    return f'{{"type":"pong","re":{count[0]}}}'


def _another(count: list[int]) -> str:
    count[0] += 1
    return ("image/jpeg", "image/png")[count[0] % 2]
