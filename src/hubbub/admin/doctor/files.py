"""The data folder: whose it is, who may read it, and how much room its disk has."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from shlex import quote

from hubbub import private
from hubbub.admin.doctor.findings import Finding, Level
from hubbub.admin.doctor.patient import Patient
from hubbub.credentials.tls.kept import FOLDER as KEYS
from hubbub.storage.backup import naming
from hubbub.storage.backup.places import S3
from hubbub.storage.guard import files_of

MIB = 1024 * 1024
NETWORKED = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "sshfs", "fuse.sshfs", "afs"})
"""Kinds of file systems on which SQLite's locks and shared memory do not hold, or not always."""
MOUNTS = Path("/proc/self/mounts")


def files(patient: Patient) -> Iterator[Finding]:
    """Modes and owners."""
    if sys.platform == "win32":
        return
    bad = list(_bad(patient))
    yield from bad
    if not bad:
        yield _found(Level.OK, "The folder and its files are closed to others.")


def _bad(patient: Patient) -> Iterator[Finding]:
    folder = patient.folder
    owner = folder.stat().st_uid
    mode = folder.stat()
    if private.others_may(mode, private.OTHERS):
        writes = private.others_may(mode, private.OTHERS_WRITE)
        may = "change what is in" if writes else "look into"
        yield _found(
            Level.ERROR if writes else Level.WARNING,
            f"Others on this computer may {may} {folder} (mode {stat.S_IMODE(mode.st_mode):o}).",
            f"chmod 700 {quote(str(folder))}",
        )
    yield from _backups(patient.settings.backup_to)
    for path, what in _secret(patient):
        try:
            found = path.lstat()
        except FileNotFoundError:
            continue
        if stat.S_ISLNK(found.st_mode):
            yield _found(Level.ERROR, f"{path} is a symbolic link.", "Put the file itself there.")
            continue
        if private.others_may(found, private.OTHERS):
            yield _found(
                Level.ERROR,
                f"Others on this computer may read {path} "
                f"(mode {stat.S_IMODE(found.st_mode):o}): {what}.",
                f"chmod 600 {quote(str(path))}",
            )
        if found.st_uid != owner:
            yield _found(
                Level.ERROR,
                f"{path} belongs to {private.owner(found)}, and the folder to "
                f"{private.name_of(owner)}, who may not be able to write it.",
                f"chown {private.name_of(owner)} {quote(str(path))}",
            )
        elif not found.st_mode & stat.S_IWUSR:
            cure = f"chmod u+rw {quote(str(path))}"
            yield _found(Level.ERROR, f"{path} cannot be written by its owner.", cure)


def _backups(place: str) -> Iterator[Finding]:
    """Whether others may read or exchange what is in the folder of backups, if it is one."""
    if not place or place.startswith(S3):
        return
    folder = Path(place).expanduser()
    try:
        found = folder.stat()
        files = [path for path in sorted(folder.iterdir()) if naming.parse(path.name)]
        open_to_all = [path for path in files if private.others_may(path.stat(), private.OTHERS)]
    except OSError:
        return  # `told.backups` says so
    if private.others_may(found, private.OTHERS_WRITE):
        yield _found(
            Level.ERROR,
            f"Others on this computer may change which backups are in {folder} "
            f"(mode {stat.S_IMODE(found.st_mode):o}).",
            f"chmod 700 {quote(str(folder))}",
        )
    # In a folder that they may not enter, it does not matter.
    if open_to_all and private.others_may(found, private.OTHERS):
        yield _found(
            Level.ERROR,
            "Others on this computer may read backups, all that was said and the keys, as "
            f"{open_to_all[-1]} (mode {stat.S_IMODE(open_to_all[-1].stat().st_mode):o}).",
            f"chmod 600 {quote(str(folder))}/*",
        )


def _secret(patient: Patient) -> Iterator[tuple[Path, str]]:
    """Files that nobody else may read, and what that would tell them."""
    for path in (*files_of(patient.database), *files_of(patient.index)):
        yield path, "all that was said"
    try:
        keys = sorted((patient.folder / KEYS).iterdir())
    except OSError:  # there are none, as without TLS
        return
    for path in keys:
        yield path, "with its keys they can pretend to be the server"


def disk(patient: Patient) -> Iterator[Finding]:
    """How full it is, and of which kind."""
    try:
        free = shutil.disk_usage(patient.folder).free
    except OSError as error:
        yield _of_disk(Level.ERROR, f"It cannot be asked how full it is: {error.strerror}.")
        return
    settings = patient.settings
    room = (
        "Make room; hubbub admin retention DAYS lets old messages go, and export keeps them "
        "elsewhere."
    )
    if free < settings.free_disk_bytes:
        said = f"It has {free // MIB:,} MiB left, less than free-disk-bytes: nothing is saved."
        yield _of_disk(Level.ERROR, said, room)
    elif free < settings.disk_warning_bytes:
        yield _of_disk(Level.WARNING, f"It has {free // MIB:,} MiB left.", room)
    else:
        yield _of_disk(Level.OK, f"It has {free // MIB:,} MiB left.")
    kind = kind_of_disk(patient.folder)
    if kind in NETWORKED:
        yield _of_disk(
            Level.WARNING,
            f"It is a network drive ({kind}), on which databases are damaged sooner or later.",
            "Keep the data on a disk of this computer: --data",
        )
    if sys.platform != "win32" and os.statvfs(patient.folder).f_flag & os.ST_RDONLY:
        yield _of_disk(Level.ERROR, "It is mounted for reading only.", "Mount it for writing.")


def kind_of_disk(folder: Path, mounts: Path = MOUNTS) -> str:
    """The kind of file system that ``folder`` is on; "" where that is not known."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    kind, longest = "", -1
    path = folder.resolve()
    for line in lines:
        fields = line.split()
        if len(fields) < 3:
            continue
        point = Path(fields[1].replace("\\040", " "))
        if path.is_relative_to(point) and len(str(point)) >= longest:
            kind, longest = fields[2], len(str(point))
    return kind


def _found(level: Level, said: str, cure: str = "") -> Finding:
    return Finding(level=level, about="files", said=said, cure=cure)


def _of_disk(level: Level, said: str, cure: str = "") -> Finding:
    return Finding(level=level, about="disk", said=said, cure=cure)
