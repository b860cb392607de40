"""Backups: made while the server runs, each one file; proved, kept in a place, and restored."""

from hubbub.storage.backup.errors import BackupBusy, BackupFailed, RestoreRefused
from hubbub.storage.backup.listing import backups
from hubbub.storage.backup.making import BackupMade, back_up, sweep
from hubbub.storage.backup.manifest import Manifest, RoomLog
from hubbub.storage.backup.place import Stored
from hubbub.storage.backup.restoring import Restored, Verified, restore, verify

__all__ = [
    "BackupBusy",
    "BackupFailed",
    "BackupMade",
    "Manifest",
    "RestoreRefused",
    "Restored",
    "RoomLog",
    "Stored",
    "Verified",
    "back_up",
    "backups",
    "restore",
    "sweep",
    "verify",
]
