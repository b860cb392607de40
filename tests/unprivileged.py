"""Commands as an ordinary user has them, who is held by the modes of files: also when root tests.

Root without these capabilities is held by them as everybody is, and still owns its files.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence

import pytest

CAPABILITIES = ("chown", "dac_override", "dac_read_search", "fowner", "linux_immutable")

STRANGER = 12_345
"""A user's number that nobody has."""


def is_root() -> bool:
    """Whether modes of files do not hold us."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def unprivileged(*command: str) -> Sequence[str]:
    """The command line for that; skips the test where there is none."""
    if os.name != "posix":
        pytest.skip("files have no such modes there")
    if not is_root():
        return command
    if shutil.which("setpriv") is None:
        pytest.skip("root needs setpriv, to do without its rights")
    without = ",".join(f"-{capability}" for capability in CAPABILITIES)
    return ("setpriv", f"--bounding-set={without}", f"--inh-caps={without}", *command)


def give_away(path: str | os.PathLike[str]) -> None:
    """The file belongs to a `STRANGER` then; skips the test if we may not do that."""
    if not is_root():
        pytest.skip("only root can give files away")
    os.chown(path, STRANGER, STRANGER, follow_symlinks=False)
