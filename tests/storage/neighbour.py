"""A program of a later version: this one, with one more migration."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from hubbub.storage import nodes
from hubbub.storage import upgrade as upgrades
from hubbub.storage.upgrade import COMPATIBLE_FROM, HEAD, MIGRATIONS

LATER = f"{int(HEAD) + 1:04}"
EXPANDS = """
    op.add_column("rooms", sa.Column("colour", sa.Text))
    op.create_table("colours", sa.Column("name", sa.Text, primary_key=True))
"""
CONTRACTS = 'op.execute("ALTER TABLE guests RENAME TO strangers")'

Become = Callable[..., None]


@pytest.fixture
def become(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Become:
    """Makes this process one of the next version, with a migration that does ``deeds``.

    ``oldest``: the oldest schema whose programs can go on, if it is not its own.
    """
    folder = tmp_path / "migrations"

    def become(deeds: str, oldest: str | None = None) -> None:
        make_migration(folder, deeds, oldest)
        monkeypatch.setattr(upgrades, "MIGRATIONS", folder)
        for module in (upgrades, nodes):
            monkeypatch.setattr(module, "HEAD", LATER)

    return become


def make_migration(folder: Path, deeds: str, oldest: str | None) -> None:
    """All migrations in ``folder``, with one more."""
    if not folder.exists():
        shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    declared = "" if oldest is None else f'{COMPATIBLE_FROM} = "{oldest}"\n'
    (folder / "versions" / f"{LATER}_later.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f'revision, down_revision = "{LATER}", "{HEAD}"\n'
        f"{declared}"
        f"def upgrade():\n    {deeds.strip()}\n"
    )
