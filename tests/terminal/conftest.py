"""Clients that wait for their servers on a busy machine, too."""

from __future__ import annotations

import pytest

from tests.patience import be_patient


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    be_patient(monkeypatch, plain=True)
