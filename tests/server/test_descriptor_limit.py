"""How many files a server may open: as many as its settings let connections in."""

from __future__ import annotations

import logging
import sys

import pytest

from hubbub.server.descriptor_limit import RESERVED_DESCRIPTORS, raise_descriptor_limit

resource = pytest.importorskip("resource", reason=f"{sys.platform} has no such limit")
FILES = resource.RLIMIT_NOFILE if resource else 0
UNLIMITED = resource.RLIM_INFINITY if resource else 0


class Limits:
    """The system's, so that this process keeps its own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, now: int, most: int) -> None:
        self.now = now
        monkeypatch.setattr(resource, "getrlimit", lambda _: (self.now, most))
        monkeypatch.setattr(resource, "setrlimit", self.set)

    def set(self, kind: int, limits: tuple[int, int]) -> None:
        assert kind == FILES
        self.now = limits[0]


@pytest.mark.parametrize(
    "now, most, sessions, then, served",
    [
        (1024, 20_000, 10_000, 10_000 + RESERVED_DESCRIPTORS, 10_000),
        (1024, 4096, 10_000, 4096, 4096 - RESERVED_DESCRIPTORS),
        (1024, UNLIMITED, 10_000, 10_000 + RESERVED_DESCRIPTORS, 10_000),
        (1024, 4096, 100, 1024, 100),
        (1024, 4096, 0, 4096, 4096 - RESERVED_DESCRIPTORS),
        (16, 16, 100, 16, 1),
        (UNLIMITED, UNLIMITED, 10_000, UNLIMITED, 10_000),
        (UNLIMITED, UNLIMITED, 0, UNLIMITED, 0),
    ],
)
def test_the_limit_is_raised_as_far_as_it_is_needed_and_allowed(
    now: int, most: int, sessions: int, then: int, served: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = Limits(monkeypatch, now, most)
    assert raise_descriptor_limit(sessions) == served
    assert limits.now == then


@pytest.mark.parametrize("most, warned", [(4096, True), (20_000, False)])
def test_whoever_keeps_a_server_is_told_that_its_limit_is_too_low(
    most: int, warned: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    Limits(monkeypatch, 1024, most)
    with caplog.at_level(logging.WARNING):
        raise_descriptor_limit(10_000)
    assert ("ulimit -n 10064" in caplog.text) == warned
