"""What can be wrong with the store: sentences for the operator, and for users who write."""

from __future__ import annotations

from pathlib import Path

from hubbub.domain.errors import BadMessage, ChatError, LogUnavailable


class StorageError(Exception):
    """The store cannot be opened. The text is for the person who starts the server."""


class FolderUnusable(StorageError):
    """The data folder cannot be made, written or locked."""


class FolderInUse(StorageError):
    """Another server has the data folder."""


class NotADatabase(StorageError):
    """The file is no database, or that of another program."""


class NewerDatabase(StorageError):
    """The database was written by a version of Hubbub that is newer than this one."""


class OlderNodes(StorageError):
    """Servers use the database that could not go on after its upgrade."""


class DamagedDatabase(StorageError):
    """The database is corrupt."""


class DatabaseUnusable(StorageError):
    """The database cannot be opened, read or written."""


def opening_error(error: Exception, path: Path) -> StorageError:
    """What ``error`` at the opening of the database file ``path`` means."""
    if is_damage(error):
        return damaged(path)
    match _sqlite_name(error):
        case "SQLITE_NOTADB":
            return NotADatabase(
                f"{path} is not a database. If it is not Hubbub's, choose another data folder; "
                "if it was, restore it from a backup."
            )
        case "SQLITE_BUSY":
            return DatabaseUnusable(
                f"Another program is writing to the database {path}. Close it, then start again."
            )
        case "SQLITE_FULL":
            return DatabaseUnusable(
                f"The disk with the database {path} is full. Make room, then start again."
            )
    if _extended_name(error) in NO_SHARED_FILES:
        return DatabaseUnusable(
            f"The database {path} cannot be used: its file system has no memory that is shared "
            "with files, or no locks, as on some network drives. Choose a folder on a disk of this "
            "computer with --data."
        )
    return DatabaseUnusable(
        f"The database {path} cannot be used: {getattr(error, 'orig', None) or error}. "
        "Check the disk and who may write in this folder."
    )


NO_SHARED_FILES = (
    "SQLITE_IOERR_SHMMAP",
    "SQLITE_IOERR_SHMOPEN",
    "SQLITE_IOERR_SHMSIZE",
    "SQLITE_IOERR_SHMLOCK",
    "SQLITE_IOERR_LOCK",
    "SQLITE_PROTOCOL",
)
"""What SQLite meets where it cannot have its write-ahead log, whose index processes share as memory
(https://www.sqlite.org/wal.html)."""


class DamagedRows(Exception):
    """Rows are missing from the middle of a room: SQLite has not noticed that it is damaged."""


def is_damage(error: BaseException) -> bool:
    """Whether ``error`` says that the database is corrupt. SQLite takes EIO on a read for that."""
    return (
        isinstance(error, DamagedRows)
        or _sqlite_name(error) == "SQLITE_CORRUPT"
        or _sqlstate(error) in ("XX001", "XX002")
        or "Could not decode to UTF-8" in str(error)  # what sqlite3 finds by itself has no code
    )


def damaged(path: Path) -> DamagedDatabase:
    return DamagedDatabase(
        f"The database {path} is damaged. Restore it from a backup, or recover what can be read, "
        "as docs/reliability.md tells."
    )


def is_refused(error: BaseException) -> bool:
    """Whether the system did not let us open or write a file of the database."""
    return _sqlite_name(error) in (
        "SQLITE_READONLY",
        "SQLITE_CANTOPEN",
        "SQLITE_PERM",
    ) or isinstance(error, PermissionError)


def is_locked(error: BaseException) -> bool:
    """Whether nothing was done because another program is writing to the database."""
    return _sqlite_name(error) == "SQLITE_BUSY" or _sqlstate(error) in TRY_AGAIN


TRY_AGAIN = ("40001", "40P01")
"""PostgreSQL's serialization_failure and deadlock_detected."""

UNUSABLE = ("25", "42", "53", "58", "XX")
"""Classes of PostgreSQL's errors that lie with the database: a standby that takes no writes, tables
that are missing or not ours, no resources, its disk, damage.
"""


def is_connection_lost(error: BaseException) -> bool:
    """Whether a database on another computer does not answer any more, or says that it ends."""
    state = _sqlstate(error)
    if state is not None:
        return state[:2] == "08" or state[:4] == "57P0"
    return "OperationalError" in [kind.__name__ for kind in type(error).__mro__]


def is_unreachable(error: BaseException) -> bool:
    """Whether a database that is a server cannot be reached, in whatever way."""
    return _is_of_server(error) and is_connection_lost(error)


def _is_of_server(error: BaseException) -> bool:
    """Whether it comes from a database that is a server, and not a file here."""
    return type(getattr(error, "orig", None) or error).__module__.startswith("psycopg")


def is_storage_failure(error: BaseException) -> bool:
    """Whether ``error`` lies with the store as a whole, and not with what was to be saved."""
    names = [kind.__name__ for kind in type(error).__mro__]  # all drivers': PEP 249 has the names
    return (
        isinstance(error, OSError)
        or "OperationalError" in names
        or "InternalError" in names
        or (_sqlstate(error) or "")[:2] in UNUSABLE
        or names[0] == "DatabaseError"  # what sqlite3 calls a damaged file
    )


def may_be_whole(error: BaseException) -> bool:
    """Whether what failed may stand in the log file all the same: see `hubbub.storage.wal`."""
    return _sqlite_name(error) == "SQLITE_IOERR"


def refusal(error: BaseException) -> ChatError:
    """The refusal of entries that could not be saved because of ``error``."""
    if "NUL (0x00)" in str(error):  # PostgreSQL's texts have none; to send it again changes nothing
        return BadMessage("This holds a NUL character, which cannot be saved.")
    if _sqlite_name(error) == "SQLITE_FULL" or _sqlstate(error) == "53100":
        return LogUnavailable(
            "The server's disk is full, so this was not saved and nobody has seen it. "
            "Please try again later."
        )
    if is_damage(error):
        return LogUnavailable(
            "The server's database is damaged, so this was not saved and nobody has seen it. "
            "Whoever runs the server has to mend it first."
        )
    if is_storage_failure(error):
        where = "database" if _is_of_server(error) else "disk"
        return LogUnavailable(
            f"The server cannot write to its {where} just now, so this was not saved and nobody "
            "has seen it. Please try again in a moment."
        )
    return LogUnavailable(
        "The server could not save this, so nobody has seen it. Its own log says why."
    )


def reason(error: Exception) -> str:
    """What went wrong, for the operator: without statements, and without what people said."""
    if is_damage(error):
        # Not what sqlite3 says: it shows the text that it could not read.
        return (
            "it is damaged, or the disk is. Stop the server, then restore a backup, or recover "
            "what can be read, as docs/reliability.md tells"
        )
    # In further lines PostgreSQL has advice, and rows.
    said, _, _ = str(getattr(error, "orig", None) or error).partition("\n")
    return f"{type(error).__name__}: {said}"


def unreadable(error: BaseException | None = None) -> LogUnavailable:
    """The refusal of reads while the store cannot be read, because of ``error``."""
    if error is not None and is_damage(error):
        return LogUnavailable(
            "This part of the server's database is damaged and cannot be read. "
            "Whoever runs the server has to mend it first."
        )
    return LogUnavailable("The server cannot read its log just now. Please try again in a moment.")


def _sqlite_name(error: BaseException) -> str:
    """SQLite's name for what happened (its primary result code), or ""."""
    return "_".join(_extended_name(error).split("_")[:2])  # SQLITE_IOERR_WRITE is a SQLITE_IOERR


def _extended_name(error: BaseException) -> str:
    """The same with all that SQLite knows, or ""."""
    cause = getattr(error, "orig", None) or error
    name: str = getattr(cause, "sqlite_errorname", "")
    return name


def _sqlstate(error: BaseException) -> str | None:
    """PostgreSQL's code for what happened; None if it has said none."""
    found: str | None = getattr(getattr(error, "orig", None) or error, "sqlstate", None)
    return found
