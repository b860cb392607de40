"""What can be in the way of a move to another database: sentences for the operator."""

from __future__ import annotations

from hubbub.storage.errors import StorageError

GOES_ON = "The same command goes on from there."


class MoveRefused(StorageError):
    """Nothing was copied: something is in the way. The text says what to do about it."""


class MoveFailed(StorageError):
    """It stopped in the middle. What was copied stays, and the same command goes on."""
