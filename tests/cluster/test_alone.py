"""One server on the database in its folder loads nothing of what several servers need."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
NEEDED_BY_SEVERAL = (
    "hubbub.cluster",
    "hubbub.hub.elsewhere",
    "hubbub.hub.node",
    "hubbub.storage.postgresql",
    "nats",
    "psycopg",
)
CODE = f"""
import asyncio, json, sys
from pathlib import Path
from hubbub.cli.assembling import assembled
from hubbub.config import Settings

async def start():
    async with assembled(Settings(), Path(sys.argv[1])) as hub:
        await hub.start()

asyncio.run(start())
print(json.dumps([name for name in {NEEDED_BY_SEVERAL} if name in sys.modules]))
"""


def test_it_loads_neither_nats_nor_postgresql(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(tmp_path / "data")],
        env={"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout.splitlines()[-1]) == []
