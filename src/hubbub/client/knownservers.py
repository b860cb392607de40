"""The servers whose keys are known, in a file that people can read and edit, as ssh has one.

A line has a server's host and port, and the fingerprint of its key, or ``authority`` for a server
whose certificate is signed by an authority that this computer knows.
"""

from __future__ import annotations

import errno
import logging
import os
import stat
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path

from hubbub import private
from hubbub.domain import fingerprints

FILE_NAME = "known-servers"
AUTHORITY = "authority"
MAX_BYTES = 1024 * 1024  # some ten thousand servers
LOCK_SECONDS = 5.0  # for another client to write its line

HEAD = """\
# Servers that Hubbub's clients have reached by TLS, and the fingerprints of their keys.
# They are not reached without TLS any more. Delete a line to forget that server.
"""

log = logging.getLogger("hubbub.client")

Known = bytes | None
"""A fingerprint; None: an authority has signed the certificate."""

UNREADABLE = b"?"
"""The fingerprint in a line that is damaged: no key has it. The server is known all the same."""

_OPEN = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)  # a FIFO there would be waited for without end


class KnownServers:
    """What is known of each server, by ``host:port``. ``path``: None keeps it in memory only.

    ``trouble``: why the file that is there cannot be read, so that a server may be in it that seems
    to be unknown; None if all is well.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.trouble: str | None = None
        self._known: dict[str, Known] = {}
        self._read()

    def __contains__(self, server: str) -> bool:
        return _key(server) in self._known

    def fingerprint(self, server: str) -> Known:
        """Of its key; None if only an authority vouches for it, or nothing is known of it."""
        return self._known.get(_key(server))

    def remember(self, server: str, known: Known) -> None:
        """Keeps it for later runs, too; that it cannot be written is logged."""
        server = _key(server)
        if server in self._known and self._known[server] == known:
            return
        self._known[server] = known
        if self.path is not None:
            try:
                self._write(self.path, server, known)
            except OSError as error:
                log.warning("The key of %s cannot be kept in %s: %s", server, self.path, error)

    def _read(self) -> None:
        for line in self._lines():
            server, known = _parsed(line)
            if server is not None:
                self._known[server] = known

    def _lines(self) -> list[str]:
        if self.path is None:
            return []
        try:
            return _contents(self.path).decode(errors="replace").splitlines()
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            self.trouble = error.strerror or str(error)
            log.warning("The keys of known servers cannot be read in %s: %s", self.path, error)
            return []

    def _write(self, path: Path, server: str, known: Known) -> None:
        from filelock import FileLock, Timeout

        private.make_folder(path.absolute().parent)
        lock = FileLock(path.with_name(f"{path.name}.lock"), timeout=LOCK_SECONDS, mode=0o600)
        try:
            with lock:
                kept = self._lines() or HEAD.splitlines()
                if self.trouble is not None:
                    raise OSError(None, self.trouble)  # what is in it would be lost
                kept = [line for line in kept if _parsed(line)[0] != server]
                kept.append(f"{server} {AUTHORITY if known is None else known.hex()}")
                private.write(path, "".join(f"{line}\n" for line in kept).encode())
        except Timeout:
            raise TimeoutError("another client writes it") from None


def _contents(path: Path) -> bytes:
    """All of the file, as half of it would be half of the servers. Raises `OSError`."""
    with os.fdopen(os.open(path, _OPEN), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is no plain file", str(path))
        found = file.read(MAX_BYTES + 1)
    if len(found) > MAX_BYTES:
        raise OSError(errno.EFBIG, f"it has more than {MAX_BYTES >> 20} MiB", str(path))
    return found


def _parsed(line: str) -> tuple[str | None, Known]:
    """The server of a line, and what is known of it; no server for any other line."""
    server, _, said = line.strip().partition(" ")
    if not server or server.startswith("#"):
        return None, None
    if said.strip() == AUTHORITY:
        return _key(server), None
    try:
        return _key(server), fingerprints.parse(said)
    except ValueError:
        # A damaged line must not let somebody else be the server.
        is_server = server.rpartition(":")[2].isdecimal()
        return (_key(server), UNREADABLE) if is_server else (None, None)


def _key(server: str) -> str:
    """``host:port`` in the one way in which the server is known, however somebody types it.

    Otherwise whoever is in between could hope for a dot at the end, at which the server would be
    met for the first time again.
    """
    host, colon, port = server.lower().rpartition(":")
    if not colon or not port.isdecimal():
        return server.lower()
    if host.startswith("["):
        address, sign, zone = host.strip("[]").partition("%")
        try:
            return f"[{ip_address(address)}{sign}{zone}]:{port}"
        except ValueError:
            return server.lower()
    host = host.removesuffix(".")
    with suppress(UnicodeError):  # nobody is called so
        host = host.encode("idna").decode()
    return f"{host}:{port}"
