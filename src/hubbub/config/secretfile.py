"""A secret in a file of its own: settings are shown, and flags can be seen by everybody here."""

from __future__ import annotations

import os
import shlex
import stat
from pathlib import Path

from hubbub import private

MAX_BYTES = 4096


class SecretRefused(Exception):
    """The file is not as it must be. The text is for the user, and has nothing of the secret."""


def read_secret(path: Path) -> str:
    """The one line in the file at ``path``. Raises `SecretRefused`."""
    try:
        with path.open("rb") as file:
            found = os.fstat(file.fileno())
            _check(path, found)
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise SecretRefused(f"The secret in {path} cannot be read: {why}.") from None
    try:
        secret = data.decode().strip()
    except UnicodeDecodeError:
        secret = ""
    if not secret or not secret.isprintable() or len(data) > MAX_BYTES:
        raise SecretRefused(f"{path} must have the secret in it, in one line, and nothing else.")
    return secret


def _check(path: Path, found: os.stat_result) -> None:
    if not private.is_ours(found):
        raise SecretRefused(
            f"{path} belongs to {private.owner(found)}, who could read and change the secret."
        )
    if os.name == "posix" and private.others_may(found, private.OTHERS):
        raise SecretRefused(
            f"Others on this computer can read the secret in {path} "
            f"(mode {stat.S_IMODE(found.st_mode):o}). To mend that: "
            f"chmod 600 {shlex.quote(str(path))}"
        )
