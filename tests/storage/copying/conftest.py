from __future__ import annotations

from pathlib import Path

import pytest

from tests.storage.copying.servers import everything


@pytest.fixture
async def data(tmp_path: Path) -> Path:
    """The data folder of a server that has stopped, with everything in it."""
    return await everything(tmp_path / "data")
